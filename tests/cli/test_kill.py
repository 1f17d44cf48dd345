"""Kill -9 at random moments of a run in pieces: nothing half-written loads, and the next run ends right."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

from kill_moments import IN_PIECES, Job, finished, killed, whole_results
from support import environment


def test_killed_runs_leave_nothing_half_written(tmp_path: Path) -> None:
    # tests/kill_moments.py does the same at any number of moments, for draws and populations as well.
    line = [sys.executable, "-c", IN_PIECES, "run", "--policy", "budget2025", "--quiet"]
    line += ["--states", "WY", "--persons", "200000", "--end", "2026-12", "--out", "pieces"]
    reference, folder = tmp_path / "right", tmp_path / "killed"
    reference.mkdir()
    folder.mkdir()
    subprocess.run(line, cwd=reference, env=environment(), check=True, capture_output=True, timeout=600)
    job = Job("pieces", line, whole_results(reference / "pieces"))
    draw = random.Random(3)
    killed(job, folder, draw.uniform(0.5, 3.0))
    finished(job, folder)
    assert [path.name for path in folder.iterdir() if "unfinished" in path.name] == []
