"""Kill -9 at random moments: what is left never loads as a result that is not whole.

`python tests/kill_moments.py 50` kills a run in memory, a run in pieces, a loop of draws and a build of a
population at random moments, 50 in all, and then lets each finish. It prints a row of CSV for each moment,
and on standard error a line for each job; docs/scale.md holds the last record.
"""

from __future__ import annotations

import csv
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
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


JOBS = 4


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


def values(result: Result) -> tuple[str, bytes, bytes]:
    """All numbers of a result, for comparison."""
    document = {name: value for name, value in result.document.items() if name != "run"}
    return json.dumps(document, sort_keys=True), packed(result.annual_arrow), packed(result.monthly_arrow)


def packed(table: pa.Table) -> bytes:
    """A table as bytes that differ when a value does."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as out:
        out.write_table(table.combine_chunks())
    return sink.getvalue().to_pybytes()


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


class Moment(NamedTuple):
    """What a kill met and what it left."""

    at_work: bool
    whole: int
    """Results or populations that load, each of them whole"""


def killed(job: Job, folder: Path, after: float) -> Moment:
    """Start the job, kill it after so many seconds, check what is left."""
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
    return Moment(alive, job.check(folder))


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
    policy = ["--policy", "budget2025", "--force", "--quiet", "--threads", "2"]
    two = ["--persons", "20000", "--states", "OH,WV"]
    memory = command("run", *policy, *two, "--draws", "1", "--out", "memory")
    small = ["--states", "VT,WY", "--persons", "8000000", "--draws", "1"]
    pieces = [sys.executable, "-c", IN_PIECES, "run", *policy, *small, "--out", "pieces"]
    draws = command("run", *policy, *two, "--draws", "4", "--out", "draws")
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
    record = csv.writer(sys.stdout)
    record.writerow(("job", "seconds", "at_work", "whole_left"))
    with tempfile.TemporaryDirectory() as top:
        references = Path(top) / "right"
        references.mkdir()
        for number, job in enumerate(jobs(references)):
            folder = Path(top) / str(number)
            folder.mkdir()
            usual = finished(job, references / f"of-{job.name}")
            found = []
            for _ in range(number, moments, JOBS):
                after = draw.uniform(0, usual)
                found.append(killed(job, folder, after))
                record.writerow((job.name, f"{after:.2f}", int(found[-1].at_work), found[-1].whole))
                sys.stdout.flush()
            last = finished(job, folder)
            at_work = sum(one.at_work for one in found)
            print(
                f"{job.name}: {len(found)} moments, {at_work} at work, then {last:.1f} s to the end "
                f"({usual:.1f} s alone)",
                file=sys.stderr,
                flush=True,
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
