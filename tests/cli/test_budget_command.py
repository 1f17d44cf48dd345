"""`microsim budget`: sums to the dollar from a saved result, pieces to multiply by hand, and plain errors."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result
from support import environment

import microsim
from microsim.cli.main import main

RUNNER = CliRunner(env={"COLUMNS": "100", "TERM": "dumb"})


def called(*args: str | Path) -> Result:
    return RUNNER.invoke(main, ["budget", *map(str, args)])


def tables_of(*args: str | Path) -> dict[str, list[dict[str, Any]]]:
    result = called(*args, "--json")
    assert result.exit_code == 0, result.output
    tables = json.loads(result.stdout)["tables"]
    return {
        name: [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]
        for name, table in tables.items()
    }


@pytest.fixture(scope="module")
def tables(finished: Path) -> dict[str, list[dict[str, Any]]]:
    return tables_of(finished)


@pytest.mark.parametrize("name", ["by_year", "by_fiscal_year", "by_state"])
def test_rows_add_up_and_payers_make_the_total(
    tables: dict[str, list[dict[str, Any]]], name: str
) -> None:
    *rows, last = tables[name]
    for payer in ("federal_usd", "state_usd", "total_usd", "total_usd_discounted"):
        assert sum(row[payer] for row in rows) == last[payer]
    assert all(row["federal_usd"] + row["state_usd"] == row["total_usd"] for row in tables[name])


def test_the_budget_is_that_of_the_summary(finished: Path, tables: dict[str, list[dict[str, Any]]]) -> None:
    document = json.loads((finished / "summary.json").read_text())
    nation = tables["by_state"][-1]
    for payer, measure in (("federal_usd", "federal_outlays_usd"), ("state_usd", "state_outlays_usd")):
        assert nation[payer] == pytest.approx(document["measures"][measure]["difference"], rel=1e-9, abs=1)
    for row in tables["by_state"][:-1]:
        told = document["by_state"][row["state"]]["federal_outlays_usd"]["difference"]
        assert row["federal_usd"] == pytest.approx(told, rel=1e-9, abs=1)


def test_scores_stand_beside_with_a_gap_that_adds_up(tables: dict[str, list[dict[str, Any]]]) -> None:
    (row,) = tables["scores"]
    assert row["ratio"] == pytest.approx(row["model_federal_medicaid_saving_musd"] / row["score_saving_musd"])
    parts = sum(row[f"gap_from_{part}_musd"] for part in ("people", "months", "cost"))
    assert parts == pytest.approx(row["gap_musd"])
    assert "health_values" not in tables


def test_a_states_line_can_be_multiplied_by_hand(finished: Path) -> None:
    tables = tables_of(finished, "--state", "oh", "--year", "2030")
    benefits = tables["state_benefits"]
    assert {row["group"] for row in benefits} >= {"adult_group", "other_adult", "disabled", "child"}
    for row in benefits:
        price = row["average_usd_a_month"] * row["growth_index"] - row["overdose_care_taken_out_usd"]
        assert row["months"] * row["mix"] * price == pytest.approx(row["budget_usd"], rel=1e-9, abs=2)
        assert row["federal_usd"] + row["state_usd"] == row["budget_usd"]
    line = {row["component"]: row for row in tables["state_line"]}
    for arm in ("baseline", "policy"):
        quarters = [r["budget_usd"] for r in benefits if (r["arm"], r["group"]) == (arm, "adult_group")]
        assert sum(quarters) == line["benefits_adult_group"][f"{arm}_usd"]
    *pieces, whole = tables["state_line"]
    assert sum(row["difference_usd"] for row in pieces) == whole["difference_usd"]
    shown = called(finished, "--state", "OH", "--year", "2030").stdout
    assert "months x" in shown and f"{benefits[0]['budget_usd']:,}" in shown


def test_other_prices_run_nobody(finished: Path, tables: dict[str, list[dict[str, Any]]]) -> None:
    setting = "finance.benefits.growth=0.09"
    dear = tables_of(finished, "--set", setting)
    assert dear["by_state"][-1]["federal_usd"] < tables["by_state"][-1]["federal_usd"]
    body = (
        "import sys; from microsim.cli.main import main; "
        f"main(['budget', {str(finished)!r}, '--set', {setting!r}], standalone_mode=False); "
        "assert 'numba' not in sys.modules and 'pandas' not in sys.modules"
    )
    found = subprocess.run([sys.executable, "-c", body], env=environment(), capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
    for title in ("by federal fiscal year", "by state", "Savings per person", "Congressional Budget Office",
                  "Adult group in fiscal year 2024"):  # fmt: skip
        assert title in found.stdout


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of two provisions in one state, not to be changed."""
    folder = tmp_path_factory.mktemp("small") / "run"
    return microsim.run(["redeterminations", "cost-sharing"], persons=2_000, states=["WV"]).save(folder)


def test_files_hold_every_table(small: Path, tmp_path: Path) -> None:
    result = called(small, "--csv", tmp_path / "csv", "--excel", tmp_path / "b.xlsx", "--value")
    assert result.exit_code == 0, result.output
    assert result.stdout.rstrip().endswith("other deaths are left out.")
    names = {path.stem for path in (tmp_path / "csv").iterdir()}
    assert names >= {"by_state", "pieces", "unit_costs", "check_fy2024", "price_bases", "health_values"}
    book = openpyxl.load_workbook(tmp_path / "b.xlsx", read_only=True)
    assert book.sheetnames[0] == "notes" and set(book.sheetnames[1:]) == names


def test_parts_of_provisions_add_up_and_other_states_hold_no_money(small: Path) -> None:
    tables = tables_of(small, "--by-provision", "--quiet", "--set", "finance.benefits.growth=0.03")
    *parts, whole = tables["by_provision"]
    assert [row["provision"] for row in parts] == ["six-month-renewals", "cost-sharing"]
    for payer in ("federal_usd", "state_usd", "total_usd", "others_usd"):
        change = tables["by_component"][-1][f"difference_{payer}"]
        assert sum(row[payer] for row in parts) == whole[payer] == change
    assert all(row["total_usd"] for row in parts)
    assert [row["state"] for row in tables["by_state"]] == ["WV", "all"]
    assert "scores" not in tables


def test_a_policy_that_is_run_has_the_money_of_the_saved_one(small: Path) -> None:
    policies = ("--policy", "redeterminations", "--policy", "cost-sharing")
    run = tables_of(*policies, "--states", "WV", "--persons", "2000", "--quiet")
    assert run["by_component"] == tables_of(small)["by_component"]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ((), "DIR: 'nothing'"),
        (("DIR", "--policy", "enacted"), "DIR: 'both'"),
        (("DIR", "--states", "OH"), "--states"),
        (("DIR", "--year", "2030"), "--state beside it"),
        (("DIR", "--state", "ZZ"), "a state that was lived"),
        (("DIR", "--state", "OH", "--year", "2050"), "a year of the window"),
        (("DIR", "--set", "sud.naloxone.kit_life=3"), "others change lives"),
        (("DIR", "--set", "finance.benefits.growht=0.1"), "nearest is 'finance.benefits.growth'"),
        (("DIR", "--table", "by_sate"), "nearest is 'by_state'"),
        (("nowhere",), "the folder of a finished run"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(finished: Path, args: tuple[str, ...], said: str) -> None:
    result = called(*(str(finished) if one == "DIR" else one for one in args))
    assert (result.exit_code, result.stdout) == (2, "")
    assert len(result.stderr.splitlines()) == 1 and said in result.stderr


@pytest.mark.parametrize("body", [b"", b"ARROW1"])
def test_damaged_tallies_are_refused(small: Path, tmp_path: Path, body: bytes) -> None:
    (tmp_path / "manifest.json").write_bytes((small / "manifest.json").read_bytes())
    (tmp_path / "tallies.arrow").write_bytes(body)
    result = called(tmp_path)
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    assert "tallies.arrow" in result.stderr
