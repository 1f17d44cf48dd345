"""Helpers that several folders of tests import."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq

import microsim

PERSONS = 20_000
"""Records of the runs that tests live; the machine code and the population are shared through the caches."""

Command = Callable[..., subprocess.CompletedProcess[str]]
"""`microsim ARGS` in a process of its own."""


def environment() -> dict[str, str]:
    """Variables for a process that imports the same copy of microsim as this one."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MICROSIM_DEBUG")}
    return {**kept, "PYTHONPATH": str(Path(microsim.__file__).parents[1]), "COLUMNS": "80", "TERM": "dumb"}


def population_metadata(path: Path) -> dict[str, str]:
    """What a population file says of itself: seed, inputs, source of an import."""
    raw = pq.read_schema(path).metadata or {}
    return {key.decode(): value.decode() for key, value in raw.items() if key != b"ARROW:schema"}
