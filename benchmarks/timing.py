"""Interleaved rounds, ratios and whole processes: how things are timed on a noisy machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
MB = 1024
"""Kilobytes, in which the system reports memory, of a megabyte."""
LAUNCH = """
import json, resource, subprocess, sys, time
start, out = time.perf_counter(), subprocess.DEVNULL
code = subprocess.run([sys.executable, "-m", "microsim", *sys.argv[1:]], stdout=out, stderr=out).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([code, time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss]))
"""
"""A small process between: the system counts what the parent holds as the child's largest memory."""


class Process(NamedTuple):
    """A whole process: seconds on the wall, seconds of processor, largest memory in MB."""

    seconds: float
    cpu: float
    memory: float


def rounds(
    work: Mapping[str, Callable[[], object]], count: int, clock: Callable[[], float] = time.perf_counter
) -> dict[str, list[float]]:
    """Seconds of each piece of work in `count` rounds, one after the other within a round."""
    spent: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(count):
        for name, piece in work.items():
            start = clock()
            piece()
            spent[name].append(clock() - start)
    return spent


def ratio(over: Sequence[float], under: Sequence[float]) -> float:
    """Median of the ratios of rounds."""
    return median(a / b for a, b in zip(over, under, strict=True))


def process(args: Sequence[str], folder: Path, variables: Mapping[str, str] | None = None) -> Process:
    """Run `microsim ARGS` in a process of its own; raises RuntimeError when it fails."""
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in paths if path), **(variables or {})}
    # Users of a warm program have its bytecode.
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    told = subprocess.run(
        [sys.executable, "-c", LAUNCH, *args], cwd=folder, env=env, check=True, capture_output=True, text=True
    ).stdout
    code, seconds, cpu, memory = json.loads(told)
    if code != 0:
        raise RuntimeError(f"microsim {' '.join(args)} ended with exit code {code}")
    return Process(seconds, cpu, memory / MB)
