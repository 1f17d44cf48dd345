"""What all tests share: one small finished run, one population file, and the command as users call it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest

import microsim

hypothesis.settings.register_profile("microsim", deadline=None, print_blob=True)
hypothesis.settings.load_profile("microsim")

PERSONS = 20_000
"""Records of the runs that tests live; the machine code and the population are shared through the caches."""

Command = Callable[..., subprocess.CompletedProcess[str]]


def environment() -> dict[str, str]:
    """Variables for a process that imports the same copy of microsim as this one."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MICROSIM_DEBUG")}
    return {**kept, "PYTHONPATH": str(Path(microsim.__file__).parents[1]), "COLUMNS": "80", "TERM": "dumb"}


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """`microsim ARGS` in a process of its own, in an empty folder."""

    def call(*args: str, cwd: Path = tmp_path) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "microsim", *args]
        return subprocess.run(line, cwd=cwd, env=environment(), capture_output=True, text=True, timeout=600)

    return call


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run of budget2025 with PERSONS records, not to be changed."""
    from click.testing import CliRunner

    from microsim.cli.main import main

    folder = tmp_path_factory.mktemp("finished") / "budget2025"
    args = ["run", "--policy", "budget2025", "--persons", str(PERSONS), "--out", str(folder), "--quiet"]
    result = CliRunner().invoke(main, args)
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture(scope="session")
def population_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A population file of PERSONS records, not to be changed."""
    from synthetic_pop.default import default_population
    from synthetic_pop.files import write

    path = tmp_path_factory.mktemp("population") / "people.parquet"
    write(path, [default_population(PERSONS)])
    return path
