"""Files and folders that are replaced whole."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from microsim.ground.errors import InputError

_READABLE = 0o644


def write_whole(file: Path, body: bytes | memoryview) -> None:
    """Write a file that is there whole or not at all, with the mode of the one it replaces. Raises OSError."""
    mode = stat.S_IMODE(file.stat().st_mode) if file.exists() else _READABLE
    handle, name = tempfile.mkstemp(suffix=".part", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(body)
            out.flush()
            os.fsync(out.fileno())
        os.chmod(name, mode)
        os.replace(name, file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def check_replaceable(folder: Path) -> None:
    """Raise InputError for a folder that cannot be renamed, or not without harm to who stands in it."""
    place, here = folder.resolve(), Path.cwd()
    if place == here or place in here.parents:
        what = "the current folder" if place == here else "one that holds the current folder"
    elif os.path.ismount(place):
        what = "a mount point"
    elif folder.name in ("", ".."):
        what = "a path that ends in .."
    else:
        return
    raise InputError("--out", None, str(folder), f"a folder inside another, not {what}", fix="results replace it whole")
