"""Where results go: checks of a folder before any work, and what it holds."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path

from microsim.ground.errors import InputError

OPTION = "--out"
_SUMMARY = "summary.json"
_ODD = re.compile(r"[^\w.+-]+", re.ASCII)


def check_writable(folder: Path, *, replacing: bool) -> None:
    """Raise InputError when results cannot be written to `folder`, or it holds things that are no result.

    Nothing is left behind. `replacing` allows a folder with other things in it.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(OPTION, None, str(folder), "a folder, not a file")
    # A result is written beside its folder and renamed, so the parent must take files as well.
    above = folder.absolute().parent
    while not above.exists():
        above = above.parent
    for place in (above, folder):
        if place.exists():
            _try(place, folder)
    if folder.name != "results" and folder.is_dir() and any(folder.iterdir()) and not replacing and holds(folder) is None:
        raise InputError(OPTION, None, str(folder), "an empty or new folder", fix="--force replaces what is in it")


def _try(place: Path, folder: Path) -> None:
    try:
        with tempfile.TemporaryDirectory(prefix=".microsim-", dir=place):
            pass
    except OSError as error:
        raise InputError(OPTION, None, str(folder), f"a folder that can be written ({error.strerror})") from None


def holds(folder: Path) -> str | None:
    """Identity of the run whose result lies in `folder`, or None."""
    try:
        document = json.loads((folder / _SUMMARY).read_text(encoding="utf-8"))
        return str(document["run"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def default_folder(policy: str, run: str) -> Path:
    """`results/POLICY-RUN` under the working folder."""
    return Path("results") / f"{_ODD.sub('-', policy)}-{run}"
