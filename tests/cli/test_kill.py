"""Kill -9 amid a run in pieces: nothing half-written loads, and the next run goes on and ends right."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

from kill_moments import IN_PIECES, Job, finished, whole_results
from support import environment


def test_a_killed_run_leaves_nothing_half_written(tmp_path: Path) -> None:
    # tests/kill_moments.py does the same at any number of moments, for draws and populations as well.
    line = [sys.executable, "-c", IN_PIECES, "run", "--policy", "budget2025", "--quiet"]
    line += ["--states", "WY", "--persons", "200000", "--end", "2026-12", "--out", "pieces"]
    reference, folder = tmp_path / "right", tmp_path / "killed"
    reference.mkdir()
    folder.mkdir()
    subprocess.run(line, cwd=reference, env=environment(), check=True, capture_output=True, timeout=600)
    job = Job("pieces", line, whole_results(reference / "pieces"))
    process = subprocess.Popen(line, cwd=folder, env=environment(), stderr=subprocess.DEVNULL)
    while not any(folder.glob(".pieces-unfinished-*/*")):
        assert process.poll() is None
        time.sleep(0.02)
    time.sleep(random.Random(3).uniform(0.0, 0.5))
    assert process.poll() is None
    process.kill()
    process.wait()
    assert job.check(folder) == 0
    assert any(folder.glob(".pieces-unfinished-*/*"))
    finished(job, folder)
    assert [path.name for path in folder.iterdir() if "unfinished" in path.name] == []
