"""Files that outgrow what the system lets a process write: one clear line, and nothing half-written."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from support import environment

from microsim.cli.errors import told_plainly
from microsim.engine import tallies
from microsim.engine.results import load_result
from microsim.experiments.calibrate import FLOWS_FILE, SUD_FILE, write
from microsim.experiments.scale.checkpoint import Checkpoint
from microsim.ground.errors import InputError
from microsim.ground.parameters import data_root, load_parameters
from microsim.ground.schema import STATES

LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
sys.argv[1:] = sys.argv[2:]
"""
"""Python that may write files of so many bytes; the kernel refuses the rest, as it does on a full disk."""
SAVE = """
import sys
from microsim.cli.errors import told_plainly
from microsim.engine.results import load_result
with told_plainly():
    load_result(sys.argv[1]).save(sys.argv[2])
"""
BUILD = "from microsim.cli.main import main; main(sys.argv[1:])"


def limited(size: int, code: str, *args: object) -> subprocess.CompletedProcess[str]:
    """Python code in a process that may write files of `size` bytes."""
    line = [sys.executable, "-c", LIMITED + code, str(size), *map(str, args)]
    return subprocess.run(line, env=environment(), capture_output=True, text=True, timeout=300)


def said_once(done: subprocess.CompletedProcess[str]) -> None:
    """Exit code 2 and one line."""
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "File too large" in done.stderr


@pytest.mark.parametrize("size", [0, 4_000, 100_000])
def test_a_result_is_written_whole_or_not_at_all(size: int, finished: Path, tmp_path: Path) -> None:
    said_once(limited(size, SAVE, finished, tmp_path / "out"))
    assert not list(tmp_path.iterdir())


def test_a_result_that_is_there_stays(finished: Path, tmp_path: Path) -> None:
    there = shutil.copytree(finished, tmp_path / "out")
    before = {path.name: path.read_bytes() for path in there.iterdir()}
    said_once(limited(100_000, SAVE, finished, there))
    assert {path.name: path.read_bytes() for path in there.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_population_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "people.parquet"
    said_once(limited(50_000, BUILD, "population", "build", "--persons", 5_000, "--quiet", "--out", file))
    assert not list(tmp_path.iterdir())


def test_a_cache_that_cannot_grow_is_one_line_too(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped, told_plainly():
        raise OSError(errno.ENOSPC, "No space left on device", "machine-code")
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1 and "machine-code: No space left" in said


def test_a_checkpoint_keeps_what_it_had(tmp_path: Path) -> None:
    import resource

    checkpoint = Checkpoint(tmp_path)
    one = tallies.empty(1, 12)
    mine = tallies.Tallies(*(array[:, 0] for array in one))
    checkpoint.keep("first", 0, [(0, 10)], mine)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, hard))
    try:
        with pytest.raises(InputError, match="File too large"):
            checkpoint.keep("first", 0, [(0, 10), (10, 20)], mine)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    kept = checkpoint.kept("first", 0)
    assert kept is not None and kept[0] == {(0, 10)}
    assert all(np.array_equal(a, b) for a, b in zip(kept[1], mine, strict=True))
    assert not list(tmp_path.glob("*.part"))


def test_a_second_renaming_that_fails_puts_the_old_result_back(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = shutil.copytree(finished, tmp_path / "out")
    (there / "mark").touch()
    rename, calls = os.rename, []

    def failing(source: Path, target: Path) -> None:
        calls.append(target)
        if len(calls) == 2:
            raise OSError(errno.EBUSY, "Device or resource busy")
        rename(source, target)

    result = load_result(finished)
    monkeypatch.setattr("os.rename", failing)
    with pytest.raises(InputError, match="Device or resource busy"):
        result.save(there)
    assert len(calls) == 3 and (there / "mark").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    # Where it cannot be put back either, it is kept beside.
    calls.clear()
    monkeypatch.setattr("os.rename", lambda *paths: failing(*paths) if len(calls) < 2 else paths[99])
    with pytest.raises(IndexError):
        result.save(there)
    assert len(list(tmp_path.glob(".out-old-*/out/mark"))) == 1
    with pytest.raises(InputError, match="the current folder"):
        result.save(".")


def test_intercepts_are_replaced_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [tmp_path / file for file in (SUD_FILE, FLOWS_FILE)]
    for file in files:
        file.parent.mkdir()
        shutil.copy(data_root() / file.relative_to(tmp_path), file)
        file.chmod(0o664)
    before = [file.read_bytes() for file in files]
    p = load_parameters()
    write(p, tmp_path)
    assert [file.read_bytes() for file in files] == before
    assert all(file.stat().st_mode & 0o777 == 0o664 for file in files)
    half = {state: 0.5 for state in STATES}

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(InputError) as caught:
        write(p.replaced({"sud.intercept.opioid": half}), tmp_path)
    assert str(caught.value) == f"{files[0]}: 'No space left on device': expected a table that can be written"
    assert [file.read_bytes() for file in files] == before
    assert not list(tmp_path.rglob("*.part"))
