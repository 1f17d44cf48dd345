"""Kill -9 amid a run in pieces: nothing half-written loads, and the same run goes on and ends right."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from kill_moments import IN_PIECES, whole_results
from support import environment

TOLD = """
import os, signal, sys
move, moves = os.replace, int(os.environ["MOVES"])
def replace(part, file):
    global moves
    if str(part).endswith(".part"):
        if moves == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        moves -= 1
        print(file, file=sys.stderr)
    move(part, file)
os.replace = replace
"""
"""Tells of each finished piece on standard error, and dies while it writes the one after `MOVES` of them."""
LINE = ["run", "--policy", "budget2025", "--quiet", "--states", "WY", "--persons", "20000", "--end", "2024-12",
        "--start", "2024-01", "--out", "pieces"]  # fmt: skip


def pieces(folder: Path, moves: int, *more: str) -> tuple[int, int]:
    """Exit code of a run in `folder` and how many pieces it finished; it is killed in the next one."""
    line = [sys.executable, "-c", TOLD + IN_PIECES, *LINE, *more]
    done = subprocess.run(
        line, cwd=folder, env=environment() | {"MOVES": str(moves)}, capture_output=True, text=True, timeout=600
    )
    return done.returncode, sum(told.endswith(".npz") for told in done.stderr.splitlines())


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9")
def test_a_killed_run_leaves_nothing_half_written_and_goes_on(tmp_path: Path) -> None:
    # tests/kill_moments.py kills at any number of moments, draws and populations as well.
    reference, folder = tmp_path / "right", tmp_path / "killed"
    reference.mkdir()
    folder.mkdir()
    code, all_pieces = pieces(reference, -1)
    assert code == 0
    check = whole_results(reference / "pieces")
    half = all_pieces // 2
    assert pieces(folder, half) == (-signal.SIGKILL, half)
    assert check(folder) == 0
    assert len(list(folder.glob(".pieces-unfinished-*/*.part"))) == 1
    assert pieces(folder, -1, "--resume") == (0, all_pieces - half)
    assert check(folder) == 1
    assert [path.name for path in folder.iterdir() if "unfinished" in path.name] == []
