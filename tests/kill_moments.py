"""Kill -9 at random moments: what is left never loads as a result that is not whole.

`python tests/kill_moments.py 50` kills a run in memory, a run in pieces, a loop of draws and a build of a
population at random moments, 50 in all, and then lets each finish.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from support import environment

from microsim.engine.results import Result, load_result
from microsim.ground.errors import InputError
from synthetic_pop.files import Columns, load

IN_PIECES = (
    "import sys\n"
    "from microsim.experiments import compare\n"
    "from microsim.experiments.scale import running\n"
    "compare.IN_MEMORY, running.PIECE = 1_000, 2_000\n"
    "from microsim.cli.main import main\n"
    "main(sys.argv[1:])\n"
)
"""The command with a run of many small pieces."""


class Job(NamedTuple):
    """Something that is killed again and again, and in the end left alone."""

    name: str
    line: list[str]
    check: Callable[[Path], int]
    """Raises AssertionError when a folder holds what is not whole; else how many whole results it holds."""


def command(*args: str) -> list[str]:
    """`microsim ARGS` in this interpreter."""
    return [sys.executable, "-m", "microsim", *args]


def whole_results(reference: Path) -> Callable[[Path], int]:
    """A check that every folder that loads as a result holds the values of `reference`."""
    right = values(load_result(reference))

    def check(folder: Path) -> int:
        found = 0
        for place in (path for path in folder.iterdir() if path.is_dir()):
            try:
                result = load_result(place)
            except InputError:
                continue
            assert values(result) == right, place
            found += 1
        return found

    return check


def values(result: Result) -> tuple[str, list[str]]:
    """All numbers of a result, for comparison."""
    document = {name: value for name, value in result.document.items() if name != "run"}
    tables = [repr(table.to_pydict()) for table in (result.annual_arrow, result.monthly_arrow)]
    return json.dumps(document, sort_keys=True), tables


def whole_populations(reference: Path) -> Callable[[Path], int]:
    """A check that every population file holds the people of `reference`."""
    right = load(reference)

    def check(folder: Path) -> int:
        files = [path for path in folder.iterdir() if path.suffix == ".parquet"]
        for path in files:
            assert equal(load(path), right), path
        return len(files)

    return check


def equal(one: Columns, other: Columns) -> bool:
    """Whether two populations are the same to the byte."""
    return all(one[name].tobytes() == other[name].tobytes() for name in other)


def killed(job: Job, folder: Path, after: float) -> bool:
    """Start the job, kill it after so many seconds, check what is left; whether it was still at work."""
    process = subprocess.Popen(
        job.line, cwd=folder, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        process.wait(after)
        alive = False
    except subprocess.TimeoutExpired:
        alive = True
    process.kill()
    _, said = process.communicate()
    assert alive or process.returncode == 0, said
    job.check(folder)
    return alive


def finished(job: Job, folder: Path) -> float:
    """Let the job finish and check it; seconds it took."""
    began = time.monotonic()
    done = subprocess.run(
        job.line, cwd=folder, env=environment(), capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    assert job.check(folder) >= 1
    return time.monotonic() - began


def jobs(references: Path) -> list[Job]:
    """All jobs, whose right answers are made in `references` first."""
    policy = ["--policy", "budget2025", "--force", "--quiet"]
    memory = command("run", *policy, "--persons", "20000", "--out", "memory")
    small = ["--states", "VT,WY", "--persons", "8000000"]
    pieces = [sys.executable, "-c", IN_PIECES, "run", *policy, *small, "--out", "pieces"]
    draws = command(
        "run", *policy, "--persons", "20000", "--states", "OH,WV", "--draws", "4", "--out", "draws"
    )
    wyoming = ["--persons", "all", "--states", "WY"]
    build = command("population", "build", *wyoming, "--quiet", "--out", "wy.parquet", "--force")
    named = {"memory": memory, "pieces": pieces, "draws": draws, "wy.parquet": build}
    out = []
    for name, line in named.items():
        folder = references / f"of-{name}"
        folder.mkdir()
        subprocess.run(line, cwd=folder, env=environment(), check=True, capture_output=True, timeout=600)
        kind = whole_populations if name.endswith(".parquet") else whole_results
        out.append(Job(name, line, kind(folder / name)))
    return out


def main(moments: int) -> None:
    """Kill every job at its share of the moments and say what happened."""
    draw = random.Random(20251123)
    with tempfile.TemporaryDirectory() as top:
        references = Path(top) / "right"
        references.mkdir()
        every = jobs(references)
        for number, job in enumerate(every):
            folder = Path(top) / str(number)
            folder.mkdir()
            usual = finished(job, references / f"of-{job.name}")
            times = len(range(number, moments, len(every)))
            alive = sum(killed(job, folder, draw.uniform(0, usual)) for _ in range(times))
            last = finished(job, folder)
            after = f"then {last:.1f} s to the end ({usual:.1f} s alone)"
            print(f"{job.name}: {times} moments, {alive} at work, {after}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
