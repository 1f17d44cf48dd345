"""What a user may get wrong in a run: one clear line each, exit code 2, no traceback, nothing written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from support import Command

from microsim.cli.main import main

RUNNER = CliRunner()


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def run(*args: str | Path) -> Result:
    return RUNNER.invoke(main, ["run", *map(str, args)])


def refused(result: Result, *said: str, lines: int = 1) -> None:
    assert result.exit_code == 2, result.output
    assert not result.stdout
    assert "Traceback" not in result.stderr
    assert len(result.stderr.splitlines()) == lines
    assert result.stderr.startswith("error: ")
    for words in said:
        assert words in result.stderr


OPTIONS: list[tuple[list[str], list[str]]] = [
    (["--policy", "budget2052"], ["--policy: 'budget2052'", "nearest is 'budget2025'"]),
    (["--policy", "nowhere.yaml"], ["nowhere.yaml", "a file that exists"]),
    (["--policy", "budget2025", "--baseline", "baselin"], ["'baselin'", "nearest is 'baseline'"]),
    (["--policy", "budget2025", "--states", "OH,OI"], ["--states: 'OI'", "postal codes"]),
    (["--policy", "budget2025", "--states", ""], ["--states"]),
    (["--policy", "budget2025", "--persons", "-5"], ["--persons: '-5'", "1 or more"]),
    (["--policy", "budget2025", "--persons", "0"], ["--persons: '0'"]),
    (["--policy", "budget2025", "--persons", "many"], ["--persons: 'many'"]),
    (["--policy", "budget2025", "--start", "2030-01", "--end", "2029-12"], ["--end: '2029-12'", "2030-01"]),
    (["--policy", "budget2025", "--start", "2023-12"], ["--start: '2023-12'", "2024-01"]),
    (["--policy", "budget2025", "--start", "2030-1"], ["--start: '2030-1'", "write '2030-01'"]),
    (["--policy", "budget2025", "--end", "2055-12"], ["--end: '2055-12'"]),
    (["--policy", "budget2025", "--seed", "-1"], ["--seed: '-1'", "0 or more"]),
    (["--policy", "budget2025", "--threads", "0"], ["--threads: '0'"]),
    (["--policy", "budget2025", "--draws", "0"], ["--draws: '0'"]),
    (["--policy", "budget2025", "--draws", "1", "--full-draws"], ["--full-draws"]),
    (["--policy", "budget2025", "--set", "sud.naloxone.kit_lif=4"], ["nearest is 'sud.naloxone.kit_life'"]),
    (["--policy", "budget2025", "--set", "sud.naloxone.kit_life=-4"], ["sud.naloxone.kit_life: -4"]),
    (["--policy", "budget2025", "--set", "sud.naloxone.kit_life"], ["ID=VALUE"]),
    (["--policy", "budget2025", "--set", "sud.naloxone.kit_life=soon"], ["'soon'"]),
    (["--policy", "budget2025", "--population", "nowhere.parquet"], ["nowhere.parquet", "an existing"]),
    (["--policy", "budget2025", "--out", "/dev/null/here"], ["--out: '/dev/null/here'", "can be written"]),
    (["--policy", "budget2025", "--out", "/dev/null"], ["--out: '/dev/null'", "a folder"]),
]


@pytest.mark.parametrize(("args", "said"), OPTIONS, ids=[" ".join(args[2:] or args) for args, _ in OPTIONS])
def test_options(args: list[str], said: list[str], empty: Path) -> None:
    refused(run(*args), *said)
    assert not list(empty.iterdir())


def test_all_wrong_options_are_said_in_one_pass(empty: Path) -> None:
    result = run("--policy", "budget2025", "--persons", "-5", "--seed", "x", "--threads", "0")
    refused(result, "--persons", "--seed", "--threads", "3 problems", lines=4)


def test_a_folder_of_other_things_is_never_replaced(tmp_path: Path) -> None:
    letter = tmp_path / "out" / "letter.txt"
    letter.parent.mkdir()
    letter.write_text("dear")
    for extra in ([], ["--force"]):
        refused(run("--policy", "budget2025", "--out", letter.parent, *extra), "new or empty folder")
    assert letter.read_text() == "dear"


def test_a_folder_of_another_policy_is_refused_before_any_work(
    finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import microsim.experiments.compare as module

    monkeypatch.setattr(module, "setup", None)
    refused(run("--policy", "enacted", "--out", finished), "whose policy is budget2025")
    refused(run("--policy", "budget2025", "--end", "2030-12", "--out", finished), "whose window is 2025-01 to 2034-12)")


def test_a_folder_without_permission_to_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import microsim.cli.folders as module

    def denied(*args: object, **options: object) -> None:
        raise PermissionError(13, "Permission denied")

    # Root may write anywhere, so the refusal of the system is played.
    monkeypatch.setattr(module.tempfile, "TemporaryDirectory", denied)
    refused(run("--policy", "budget2025", "--out", tmp_path / "out"), "Permission denied")


def cut_in_half(file: Path) -> None:
    body = file.read_bytes()
    file.write_bytes(body[: len(body) // 2])


def scrambled(file: Path) -> None:
    body = bytearray(file.read_bytes())
    body[4 : len(body) // 2] = bytes(len(body) // 2 - 4)
    file.write_bytes(bytes(body))


def without_a_column(file: Path) -> None:
    pq.write_table(pq.read_table(file).drop_columns(["wage"]), file)


def with_a_state_out_of_range(file: Path) -> None:
    table = pq.read_table(file)
    states = table["state"].to_pylist()
    column = pa.array([77, *states[1:]], pa.uint8())
    pq.write_table(table.set_column(table.schema.get_field_index("state"), "state", column), file)


def with_a_constant_column(file: Path) -> None:
    table = pq.read_table(file)
    column = pa.array([0] * table.num_rows, pa.uint16())
    pq.write_table(table.set_column(table.schema.get_field_index("wage"), "wage", column), file)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (cut_in_half, "magic bytes not found in footer': expected a whole Parquet file"),
        (scrambled, "people.parquet"),
        (without_a_column, "wage: 'missing'"),
        (with_a_state_out_of_range, "state: 77"),
        (with_a_constant_column, "wage: 0: expected more than one value"),
    ],
)
def test_population_files(
    damage: Callable[[Path], None], said: str, population_file: Path, empty: Path, tmp_path: Path
) -> None:
    file = tmp_path / "people.parquet"
    file.write_bytes(population_file.read_bytes())
    damage(file)
    refused(run("--policy", "budget2025", "--population", file, "--quiet"), said)
    assert not list(empty.iterdir())


def test_a_sample_of_a_population_file_is_refused(population_file: Path, empty: Path) -> None:
    result = run("--policy", "budget2025", "--population", population_file, "--persons", "10", "--quiet")
    refused(result, "--persons")


def test_from_the_shell(command: Command, tmp_path: Path) -> None:
    done = command("run", "--policy", "budget2052", "--json")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_replaced_is_refused_before_any_work(
    empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for out in (".", "..", empty, "/"):
        refused(run("--policy", "enacted", "--out", out), "--out: ", "current folder; results replace it whole")
    refused(run("--policy", "enacted", "--out", empty.parent / "other" / ".."), "holds the current folder")
    assert not list(empty.iterdir()) and [path.name for path in empty.parent.iterdir()] == ["work"]
    (empty / "disk").mkdir()
    monkeypatch.setattr("os.path.ismount", lambda path: Path(path).name == "disk")
    refused(run("--policy", "enacted", "--out", "disk"), "--out: 'disk': expected", "not a mount point")
