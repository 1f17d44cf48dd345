"""Compile kernels, with an on-disk cache that notices an edit in any kernel source.

Numba's own cache watches only the file that holds the function, so an edit to a helper in another file would
silently return old machine code. Here the cache folder carries a digest of every kernel source.
"""

from __future__ import annotations

import atexit
import hashlib
import importlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast, overload

import numba
import numpy as np
import platformdirs

Kernel: Any
try:
    from microsim.ground.parts import Kernel
except ImportError:  # another numba, with other insides
    Kernel = None

KEPT = 3
"""Other source states whose machine code is kept in any case."""
UNUSED_DAYS = 2
"""Days without use after which machine code beyond those is removed."""
KERNEL_FLOORS = ("ground", "rules", "life", "engine")
_PACKAGE = Path(__file__).resolve().parents[1]
_CONFIG: Any = numba.config  # its attributes are made at run time
PLAIN_PYTHON = bool(_CONFIG.DISABLE_JIT)
"""Whether NUMBA_DISABLE_JIT=1: kernels then run as plain Python."""

int64 = cast(Callable[[Any], int], np.int64)
"""A whole number of 64 bits, which compiled code takes for any other."""

_F = TypeVar("_F", bound=Callable[..., Any])


def source_digest(package: Path = _PACKAGE) -> str:
    """Hexadecimal digest of the numba version and of all kernel sources (relative names and bytes)."""
    digest = hashlib.sha256(numba.__version__.encode())
    for floor in KERNEL_FLOORS:
        for path in sorted((package / floor).rglob("*.py")):
            body = path.read_bytes()
            digest.update(f"\n{path.relative_to(package).as_posix()} {len(body)}\n".encode())
            digest.update(body)
    return digest.hexdigest()[:20]


def _usable(folder: Path) -> bool:
    """Whether `folder` exists, or can be made, and takes files."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _prune(used: Path) -> None:
    """Mark `used` as used today, and remove machine code that nobody has used for long.

    A folder in use is never old, so processes side by side do not take each other's.
    """
    try:
        os.utime(used)
        others = sorted(
            (path.stat().st_mtime, path) for path in used.parent.iterdir() if path.is_dir() and path != used
        )
    except OSError:
        return
    unused_since = time.time() - UNUSED_DAYS * 86400
    for last, path in others[: max(len(others) - KEPT, 0)]:
        if last < unused_since:
            shutil.rmtree(path, ignore_errors=True)


@cache
def cache_folder() -> Path:
    """Folder of this source state's machine code: in the user's cache, or temporary where that is unwritable.

    A folder given by NUMBA_CACHE_DIR takes the place of the user's cache. Processes may share the folder:
    numba replaces its files atomically.
    """
    root = os.environ.get("NUMBA_CACHE_DIR") or platformdirs.user_cache_dir("microsim", appauthor=False)
    folder = Path(root) / "kernels" / source_digest()
    if _usable(folder):
        _prune(folder)
        return folder
    # A fresh private folder: machine code is never loaded from a guessable place others can write to.
    private = tempfile.mkdtemp(prefix="microsim-kernels-")
    atexit.register(shutil.rmtree, private, ignore_errors=True)
    return Path(private)


def load_numba() -> None:
    """Load what numba needs before its first call, without the linear algebra of scipy that no kernel uses.

    Numba loads that only to see whether it is there, which takes longer than the first months of a small run.
    It is looked for again by whatever uses it.
    """
    if "numba.np.arraymath" in sys.modules:
        return
    try:
        linalg: Any = importlib.import_module("numba.np.linalg")
        look = linalg.ensure_blas
    except (ImportError, AttributeError):  # another numba, which loads as it likes
        return
    linalg.ensure_blas = lambda: None
    try:
        arraymath: Any = importlib.import_module("numba.np.arraymath")
        arraymath.ensure_blas = look
    finally:
        linalg.ensure_blas = look


@overload
def compiled(function: _F) -> _F: ...
@overload
def compiled(**options: Any) -> Callable[[_F], _F]: ...
def compiled(function: _F | None = None, **options: Any) -> _F | Callable[[_F], _F]:
    """`numba.njit(cache=True, nogil=True)` with the cache above; further options go to `numba.njit`.

    With NUMBA_DISABLE_JIT=1 the function is returned as it is.
    """
    if function is None:
        return lambda inner: _compile(inner, options)
    return _compile(function, options)


def _compile(function: _F, options: dict[str, Any]) -> _F:
    if PLAIN_PYTHON:
        return function
    # Numba reads CACHE_DIR while decorating; other users of numba in the process keep their own setting.
    before = _CONFIG.CACHE_DIR
    _CONFIG.CACHE_DIR = str(cache_folder())
    try:
        given = {"nogil": True, "forceinline": True, "no_cfunc_wrapper": True, **options}
        if Kernel is None:
            return numba.njit(cache=True, **given)(function)
        made: Any = Kernel(function, targetoptions={"nopython": True, "boundscheck": None, **given})
        made.enable_caching()
        return made
    finally:
        _CONFIG.CACHE_DIR = before
