"""`microsim reproduce`: the same values again, or what is not the same and why."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from support import PERSONS

import microsim
from microsim.cli.main import main
from microsim.experiments import reproduce as reproducing
from microsim.experiments.compare import setup
from microsim.experiments.reproduce import read_manifest, reproduce
from microsim.ground.errors import InputError

RUNNER = CliRunner(env={"COLUMNS": "80", "TERM": "dumb"})
WINDOW = {"start": "2027-01", "end": "2027-03"}


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of two states with one setting, not to be changed."""
    folder = tmp_path_factory.mktemp("reproduce") / "run"
    settings = ["sud.naloxone.kit_life=20"]
    result = microsim.run(
        "work-requirements", persons=PERSONS, states=["OH", "WV"], settings=settings, **WINDOW
    )
    return result.save(folder)


@pytest.fixture
def copy(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "copy"))


def change(file: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    content = json.loads(file.read_text())
    edit(content)
    file.write_text(json.dumps(content))


def called(*args: str | Path) -> Result:
    return RUNNER.invoke(main, ["reproduce", "--quiet", *map(str, args)])


def test_a_run_repeats_in_every_value(original: Path) -> None:
    found = reproduce(original / "manifest.json", threads=1)
    assert found.identical
    assert (found.different, found.cells, found.circumstances, found.largest) == (0, (), (), 0.0)
    monthly = pq.read_table(original / "monthly.parquet")
    assert found.values > monthly.num_rows > 500


def test_the_trees_of_a_manifest_are_those_of_the_run(original: Path) -> None:
    recorded = read_manifest(original)
    manifest = json.loads((original / "manifest.json").read_text())
    assert [tree.digest() for tree in recorded.arms] == list(manifest["digests"].values())
    assert recorded.arms[0].digest() != recorded.arms[1].digest()
    assert recorded.arms[0].number("sud.naloxone.kit_life") == 20
    assert recorded.states == ("OH", "WV")


def test_the_command_says_identical(original: Path) -> None:
    result = called(original / "manifest.json")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "identical in all" in result.stdout and len(result.stdout.splitlines()) == 1


def test_a_run_of_many_draws_repeats_with_its_intervals(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("patches:\n  - {parameter: sud.naloxone.kit_life, value: 10}\n")
    folder = microsim.run(
        mine, persons=2_000, states=["WV"], draws=2, start="2024-01", end="2024-06"
    ).save(tmp_path / "run")  # fmt: skip
    document = json.loads((folder / "summary.json").read_text())["measures"]["opioid_overdose_deaths"]
    assert document["low"] < document["high"]

    def wider(content: dict[str, Any]) -> None:
        content["measures"]["opioid_overdose_deaths"]["high"] += 1

    ready = setup(mine, persons=2_000, states=["WV"], draws=2, start="2024-01", end="2024-06")
    assert ready._replace(full_draws=True).run != ready.run

    change(folder / "summary.json", wider)
    found = reproduce(folder)
    assert [cell.place for cell in found.cells] == ["summary measures.opioid_overdose_deaths.high"]
    assert found.circumstances == ()


def test_other_values_are_named_with_their_cells(copy: Path) -> None:
    def more_deaths(content: dict[str, Any]) -> None:
        content["measures"]["overdose_deaths"]["policy"] += 1
        del content["by_state"]["WV"]["naloxone_kits"]

    change(copy / "summary.json", more_deaths)
    table = pq.read_table(copy / "monthly.parquet")
    values = table["value"].to_numpy().copy()
    values[7] *= 2
    table = table.set_column(table.column_names.index("value"), "value", pa.array(values))
    pq.write_table(table.slice(0, table.num_rows - 1), copy / "monthly.parquet")

    result = called(copy / "manifest.json")
    assert result.exit_code == 1, result.stderr
    assert "summary measures.overdose_deaths.policy: " in result.stdout
    assert "summary by_state.WV.naloxone_kits.baseline: absent then" in result.stdout
    assert "monthly baseline 2027-01 " in result.stdout
    found = json.loads(called(copy / "manifest.json", "--json").stdout)
    absent = 5
    assert not found["identical"]
    assert 3 + 3 <= found["different"] <= 3 + absent
    assert found["largest_relative_difference"] == 1.0


def test_other_code_is_named_beside_identical_values(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reproducing, "code_digest", lambda: "another")
    monkeypatch.setattr(reproducing, "version", lambda: "9.9")
    found = reproduce(copy)
    assert found.identical
    assert [line.split(":")[0] for line in found.circumstances] == ["version", "code"]
    assert found.circumstances[1].endswith("then, another now")


def test_other_shipped_parameters_are_named_and_not_used(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    today = microsim.experiments.reproduce.load_parameters().scaled({"sud.overdose.base_rate": 2.0})
    monkeypatch.setattr(reproducing, "load_parameters", lambda: today)
    found = reproduce(copy)
    assert found.identical
    assert len(found.circumstances) == 2
    assert "sud.overdose.base_rate" in found.circumstances[0]


def _scaled_value(content: dict[str, Any]) -> None:
    record = content["parameters"]["policy"]["parameters"]["sud.overdose.base_rate"]
    record["value"] *= 1.001


TAMPERED: dict[str, Callable[[dict[str, Any]], object]] = {
    "digests.policy": _scaled_value,
    "digests.baseline": lambda c: c["digests"].update(baseline="0" * 64),
    "run": lambda c: c.update(seed=c["seed"] + 1),
    "records": lambda c: c.update(records="many"),
    "draws": lambda c: c.update(draws=0),
    "full_draws": lambda c: c.update(full_draws="yes"),
    "schema": lambda c: c.update(schema=2),
    "window": lambda c: c.update(window=["2027-01"]),
    "2027-99": lambda c: c.update(window=["2027-01", "2027-99"]),
    "ZZ": lambda c: c.update(states=["ZZ"]),
    "parameters": lambda c: c.pop("parameters"),
    "parameters.baseline": lambda c: c["parameters"].pop("baseline"),
    "identity": lambda c: c.update(population="default-1-2-3"),
}


@pytest.mark.parametrize("names", TAMPERED)
def test_a_changed_manifest_is_refused_in_one_line(copy: Path, names: str) -> None:
    change(copy / "manifest.json", TAMPERED[names])
    before = sorted(file.name for file in copy.iterdir())
    result = called(copy / "manifest.json")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert names in result.stderr
    assert "Traceback" not in result.stderr
    assert sorted(file.name for file in copy.iterdir()) == before


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '{"schema": 1}', "\ufeff{}", "[" * 100_000])
def test_what_is_no_manifest_is_refused_in_one_line(copy: Path, body: str) -> None:
    (copy / "manifest.json").write_text(body)
    result = called(copy / "manifest.json")
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)


def test_missing_or_damaged_tables_are_refused(copy: Path, tmp_path: Path) -> None:
    assert called(tmp_path / "nothing.json").exit_code == 2
    (copy / "monthly.parquet").write_bytes(b"PAR1")
    assert called(copy / "manifest.json").exit_code == 2
    (copy / "monthly.parquet").unlink()
    result = called(copy / "manifest.json")
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    assert "monthly.parquet" in result.stderr


def test_the_summary_of_another_run_is_refused(copy: Path) -> None:
    change(copy / "summary.json", lambda c: c.update(run="0123456789abcdef"))
    with pytest.raises(InputError, match="run"):
        reproduce(copy)


def test_a_run_of_a_file_needs_that_file(population_file: Path, tmp_path: Path) -> None:
    result = microsim.run("baseline", population=population_file, states=["VT"], **WINDOW)
    folder = result.save(tmp_path / "run")
    with pytest.raises(InputError, match="--population"):
        reproduce(folder)
    assert reproduce(folder, population_file).identical
    other = tmp_path / "other.parquet"
    pq.write_table(pq.read_table(population_file).slice(1), other)
    with pytest.raises(InputError, match="this one is file-"):
        reproduce(folder, other)


def test_the_built_in_population_takes_no_file(copy: Path, population_file: Path) -> None:
    with pytest.raises(InputError, match="built-in"):
        reproduce(copy, population_file)
