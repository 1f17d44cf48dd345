"""`microsim run`, end to end on a small population: files, repeatability, folders, output."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from support import PERSONS, Command

import microsim
from microsim.cli.main import main
from microsim.ground.schema import STATES

RUNNER = CliRunner(env={"COLUMNS": "80", "TERM": "dumb"})
FILES = {"summary.json", "monthly.parquet", "annual.csv", "manifest.json", "tables.npz", "tallies.arrow"}
WINDOW = ("--start", "2027-01", "--end", "2028-12")


def run(*args: str | Path, policy: str = "budget2025") -> Result:
    line = ["run", "--policy", policy, "--persons", str(PERSONS), "--draws", "1", *map(str, args)]
    return RUNNER.invoke(main, line)


def document(folder: Path) -> dict[str, object]:
    return json.loads((folder / "summary.json").read_text())


def test_a_run_writes_all_its_files_and_nothing_beside_them(finished: Path) -> None:
    assert FILES | {"brief.html", "validation.json"} == {file.name for file in finished.iterdir()}
    assert all(file.stat().st_size > 100 for file in finished.iterdir())
    assert [one.name for one in finished.parent.iterdir()] == [finished.name]


def test_the_summary_holds_every_state_year_and_measure(finished: Path) -> None:
    found = document(finished)
    assert found["schema"] == 1
    assert len(found["by_state"]) == 51
    assert list(found["by_year"]) == [str(year) for year in range(2025, 2035)]
    for entry in found["measures"].values():
        assert set(entry) == {"unit", "baseline", "policy", "difference", "low", "high"}
        assert entry["difference"] == pytest.approx(entry["policy"] - entry["baseline"], rel=1e-6, abs=1e-3)


def test_a_loaded_result_equals_what_was_written(finished: Path, tmp_path: Path) -> None:
    result = microsim.load_result(finished)
    assert result.document == document(finished)
    assert result.monthly_arrow.equals(pq.read_table(finished / "monthly.parquet"))
    again = microsim.load_result(result.save(tmp_path / "again"))
    assert again.document == result.document
    assert again.manifest == result.manifest
    assert again.monthly_arrow.equals(result.monthly_arrow)
    assert again.annual_arrow.equals(result.annual_arrow)
    assert result.by("state").loc[("OH", "overdose_deaths"), "baseline"] > 0


def test_the_same_run_again_and_on_other_threads_has_the_same_values(tmp_path: Path) -> None:
    tables, runs = [], []
    for name, threads in (("one", 1), ("again", 1), ("two", 2)):
        assert run(*WINDOW, "--threads", threads, "--out", tmp_path / name).exit_code == 0
        tables.append(pq.read_table(tmp_path / name / "monthly.parquet"))
        runs.append(document(tmp_path / name))
    assert tables[0].num_rows > 1000
    assert tables[0].equals(tables[1])
    assert tables[0].equals(tables[2])
    assert runs[0] == runs[1] == runs[2]


def test_the_table_is_all_of_standard_output_and_fits_80_columns(tmp_path: Path) -> None:
    result = run(*WINDOW, "--out", tmp_path / "out")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].split() == ["measure", "baseline", "policy", "difference", "95%", "interval"]
    assert "one draw" in result.stdout
    found = document(tmp_path / "out")
    assert found["run"] in result.stderr
    assert "2027-01 to 2028-12" in result.stderr
    assert str(tmp_path / "out") in result.stderr


def test_json_is_the_summary_alone_and_idle_patches_are_named(tmp_path: Path) -> None:
    args = ("--start", "2025-01", "--end", "2025-12", "--json", "--out", tmp_path / "out")
    result = run(*args, policy="redeterminations")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert found == document(tmp_path / "out")
    assert "without effect in this run" in result.stderr
    assert "starts after the run ends in 2025-12" in result.stderr
    assert any(entry["baseline"] > 0 for entry in found["measures"].values())
    # Money to prepare for the provision is spent before it starts.
    moved = {name for name, entry in found["measures"].items() if entry["difference"] != 0}
    assert moved <= {"federal_outlays_usd", "state_outlays_usd"}


def test_quiet_says_nothing_but_the_table(tmp_path: Path) -> None:
    result = run("--start", "2027-01", "--end", "2028-12", "--quiet", "--out", tmp_path / "out")
    assert result.exit_code == 0
    assert not result.stderr


def test_states_and_settings_reach_the_result(tmp_path: Path) -> None:
    args = (*WINDOW, "--states", "oh, WV", "--set", "sud.naloxone.kit_life=12", "--quiet")
    assert run(*args, "--out", tmp_path / "out").exit_code == 0
    assert list(document(tmp_path / "out")["by_state"]) == ["OH", "WV"]
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["settings"] == ["sud.naloxone.kit_life=12"]


def test_a_folder_takes_the_same_run_again_and_refuses_another(finished: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    shutil.copytree(finished, folder)
    before = document(folder)
    refused = run("--seed", "7", "--out", folder)
    assert refused.exit_code == 2
    assert before["run"] in refused.stderr
    assert not refused.stdout
    assert document(folder) == before
    assert run("--out", folder).exit_code == 0
    assert document(folder) == before
    assert run("--seed", "7", "--out", folder, "--force").exit_code == 0
    assert document(folder)["run"] != before["run"]
    assert [one.name for one in tmp_path.iterdir()] == ["out"]


def test_resume_keeps_a_finished_run(finished: Path) -> None:
    file = finished / "summary.json"
    before = file.stat().st_mtime_ns
    result = run("--resume", "--json", "--out", finished)
    assert result.exit_code == 0
    assert json.loads(result.stdout) == document(finished)
    assert file.stat().st_mtime_ns == before


def test_the_folder_of_a_run_is_named_by_policy_and_identity(command: Command, tmp_path: Path) -> None:
    done = command(
        "run",
        "--policy",
        "budget2025",
        "--persons",
        str(PERSONS),
        "--draws",
        "1",
        *WINDOW,
        "--json",
        "--quiet",
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [one.name for one in (tmp_path / "results").iterdir()] == [f"budget2025-{found['run']}"]


def test_a_policy_of_one_state_leaves_the_others_as_they_were(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(
        "label: The work rule in Ohio alone\npatches:\n"
        "  - {parameter: medicaid.community_engagement.in_force, from: '2027-01', value: true,"
        " states: [OH]}\n"
    )
    assert run(*WINDOW, "--quiet", "--out", tmp_path / "out", policy=str(file)).exit_code == 0
    table = microsim.load_result(tmp_path / "out").difference
    assert set(table.loc[table["difference"] != 0, "state"]) == {"OH"}
    assert np.isfinite(table["difference"]).all()


def test_a_file_of_one_state_is_told_and_counts_that_state_alone(
    population_file: Path, tmp_path: Path
) -> None:
    from synthetic_pop.files import load, write

    columns = load(population_file)
    ohio = columns["state"] == STATES.index("OH")
    path = tmp_path / "ohio.parquet"
    write(path, [{name: column[ohio] for name, column in columns.items()}])
    line = ["run", "--policy", "enacted", "--draws", "1", "--no-brief", *WINDOW, "--population", str(path)]
    done = RUNNER.invoke(main, [*line, "--out", str(tmp_path / "alone")])
    asked = RUNNER.invoke(main, [*line, "--states", "OH", "--out", str(tmp_path / "asked")])
    assert "states run: OH; the population file holds nobody elsewhere\n" in done.stderr
    assert asked.exit_code == 0 and "states run" not in asked.stderr
    assert document(tmp_path / "alone")["measures"] == document(tmp_path / "asked")["measures"]


def test_a_policy_that_adds_nothing_is_told(tmp_path: Path) -> None:
    done = run("--no-brief", "--out", tmp_path / "run", *WINDOW, policy="baseline")
    assert done.exit_code == 0
    assert done.stderr.count("both arms are equal: baseline on top of baseline changes no parameter") == 1
