"""What all tests share: one small finished run, one population file, and the command as users call it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import hypothesis
import pytest
from support import PERSONS, Command, environment

hypothesis.settings.register_profile("microsim", deadline=None, print_blob=True)
hypothesis.settings.load_profile("microsim")


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
    args = [
        "run",
        "--policy",
        "budget2025",
        "--persons",
        str(PERSONS),
        "--draws",
        "1",
        "--out",
        str(folder),
        "--quiet",
    ]
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
