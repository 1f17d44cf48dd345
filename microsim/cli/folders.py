"""Where results go: checks of a folder before any work, and what it holds."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any

from microsim.ground.errors import InputError
from microsim.ground.files import check_replaceable

OPTION = "--out"
RESULTS = Path("results")
_FORCE = "--force replaces what is in it"
_SUMMARY = "summary.json"
_ODD = re.compile(r"[^\w.+-]+", re.ASCII)


def check_writable(folder: Path) -> None:
    """Raise InputError when results cannot be written to `folder` or replace it, or it holds things that are no result.

    Nothing is left behind. A folder of other things is never replaced, not even with --force.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(OPTION, None, str(folder), "a folder, not a file")
    check_replaceable(folder)
    # A result is written beside its folder and renamed, so the parent must take files as well.
    above = folder.absolute().parent
    while not above.exists():
        above = above.parent
    for place in (above, folder):
        if place.exists():
            _try(place, folder)
    if folder.is_dir() and any(folder.iterdir()) and held(folder) is None:
        raise InputError(OPTION, None, str(folder), "a new or empty folder, or one that holds a run")


def check_same(folder: Path, policy: str, baseline: str, window: list[str]) -> None:
    """Raise InputError when `folder` holds a run of another policy, baseline or window.

    Its identity is known only once people are loaded; this much can be said before.
    """
    document = held(folder)
    if document is None:
        return
    asked = {"policy": policy, "baseline": baseline, "window": window}
    for key, value in asked.items():
        if document.get(key) != value:
            there = f"it holds {document['run']}, whose {key} is {_plain(document.get(key))}"
            expected = f"a folder without another run ({there})"
            raise InputError(OPTION, None, str(folder), expected, fix=_FORCE)


def _plain(value: Any) -> str:
    return f"{value[0]} to {value[1]}" if isinstance(value, list) and len(value) == 2 else str(value)


def _try(place: Path, folder: Path) -> None:
    try:
        with tempfile.TemporaryDirectory(prefix=".microsim-", dir=place):
            pass
    except OSError as error:
        expected = f"a folder that can be written ({error.strerror})"
        raise InputError(OPTION, None, str(folder), expected) from None


def held(folder: Path) -> dict[str, Any] | None:
    """The summary of the run whose result lies in `folder`, or None."""
    try:
        document = json.loads((folder / _SUMMARY).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) and "run" in document else None


def default_folder(policy: str, run: str) -> Path:
    """`RESULTS/POLICY-RUN` under the working folder."""
    return RESULTS / f"{_ODD.sub('-', policy)}-{run}"
