"""What a long run has finished, kept beside its results: tallies of a state, and which pieces they hold.

Both stand in one file, which is replaced whole. A run that is killed at any moment finds every piece either
counted or not, never half, and never twice.
"""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from microsim.engine.tallies import MONTHLY, QUARTERLY, YEARLY, Tallies
from microsim.ground.errors import InputError
from microsim.ground.files import write_whole
from microsim.ground.schema import STATES

_DTYPES = {"monthly": MONTHLY, "quarterly": QUARTERLY, "yearly": YEARLY}
_LOCK = "lock"


class Checkpoint:
    """A folder of a run's finished pieces. One process at a time may hold it.

    Raises InputError when the folder cannot be written or another process holds it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock: Any = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = (folder / _LOCK).open("a")
        except OSError as error:
            raise unwritable(folder, error) from None
        _hold(self._lock, folder)
        for left in folder.glob("*.part"):
            left.unlink(missing_ok=True)

    def kept(self, stage: str, state: int) -> tuple[set[tuple[int, int]], Tallies] | None:
        """Finished pieces (low, high) of a state in a stage and their tallies (slots, time), or None.

        A file that does not hold what was written, as after a failure of the disk, is done again.
        """
        try:
            with np.load(self._file(stage, state), allow_pickle=False) as held:
                arrays = (_shaped(held[n], held[f"{n}_shape"], dtype) for n, dtype in _DTYPES.items())
                return {(int(low), int(high)) for low, high in held["done"]}, Tallies(*arrays)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None

    def keep(self, stage: str, state: int, done: Sequence[tuple[int, int]], tallies: Tallies) -> None:
        """Replace what is kept of a state in a stage. Raises InputError when it cannot be written."""
        body = io.BytesIO()
        arrays: dict[str, np.ndarray] = {"done": np.array(sorted(done), np.int64)}
        for name, array in zip(_DTYPES, tallies, strict=True):
            arrays[name] = np.ascontiguousarray(array).view(np.int64).reshape(-1)
            arrays[f"{name}_shape"] = np.array(array.shape)
        np.savez(body, allow_pickle=False, **arrays)
        try:
            write_whole(self._file(stage, state), body.getbuffer())
        except OSError as error:
            raise unwritable(self.folder, error) from None

    def close(self) -> None:
        """Let other processes have the folder."""
        self._lock.close()

    def remove(self) -> None:
        """Forget everything: the run is finished and written."""
        self.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _file(self, stage: str, state: int) -> Path:
        return self.folder / f"{stage}-{STATES[state]}.npz"


def unwritable(folder: Path, error: OSError) -> InputError:
    """What is said when a folder does not take a file."""
    return InputError("--out", None, str(folder), f"a folder that can be written ({error.strerror or error})")


def folder_of(out: Path, run: str) -> Path:
    """The hidden sibling of the results' folder in which a run is kept until it is written."""
    return out.parent / f".{out.name}-unfinished-{run}"


def _hold(lock: Any, folder: Path) -> None:
    try:
        import fcntl
    except ImportError:  # not on Windows: there the user keeps two processes apart
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        expected = "no other process at work on the same run and folder"
        fix = "wait for it, or choose another --out"
        raise InputError("--out", None, str(folder), expected, fix=fix) from None


def _shaped(values: np.ndarray, shape: np.ndarray, dtype: np.dtype) -> np.ndarray:
    return np.ascontiguousarray(values).view(dtype).reshape(tuple(shape))
