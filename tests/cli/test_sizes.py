"""`microsim sizes` as a user calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support import PERSONS

from microsim.cli.main import main
from microsim.engine.results import load_result
from microsim.ground.parameters import load_parameters
from microsim.ground.schema import LOSS_REASONS, STATES


def call(*args: str) -> Result:
    return CliRunner().invoke(main, ["sizes", *args])


@pytest.mark.parametrize("by", ["reason", "year", "state"])
def test_a_finished_run_by_reason_year_and_state(finished: Path, by: str) -> None:
    result = call("--result", str(finished), "--by", by)
    assert result.exit_code == 0, result.output
    assert max(map(len, result.stdout.splitlines())) <= 80
    rows = json.loads(call("--result", str(finished), "--by", by, "--json").stdout)["rows"]
    kept = [row[by] for row in rows]
    assert set(kept) <= {"reason": {*LOSS_REASONS[1:]}, "year": {*range(2025, 2035)}, "state": {*STATES}}[by]
    document = json.loads((finished / "summary.json").read_text())["measures"]
    losses = document["medicaid_losses"]["policy"] + document["medicaid_exits_ordinary"]["policy"]
    assert sum(row["gross_exits"] for row in rows) == pytest.approx(losses, rel=1e-9)
    assert all(0 <= row["by_the_rule"] <= row["gross_exits"] for row in rows)


def test_both_ways_of_answering_stand_beside_published_figures() -> None:
    result = call("--persons", str(PERSONS), "--quiet")
    assert result.exit_code == 0, result.output
    assert max(map(len, result.stdout.splitlines())) <= 80
    words = ("CMS", "CBO", "Urban", "federal planning", "renewal like", "deterred", "Treatment and cover")
    for word in words:
        assert word in " ".join(result.stdout.split())


def test_a_folder_without_a_result_is_one_line(tmp_path: Path) -> None:
    result = call("--result", str(tmp_path))
    assert result.exit_code == 2
    assert len(result.output.strip().splitlines()) == 1


def test_other_causes_are_asked_for_apart_and_leave_overdoses_out(finished: Path) -> None:
    plain = json.loads(call("--result", str(finished), "--json").stdout)
    asked = json.loads(call("--result", str(finished), "--other-causes", "--json").stdout)
    found = asked.pop("other_causes")
    assert asked == plain
    assert found["low"] == 0 < found["deaths"] < found["high"]
    result = load_result(finished)
    p = load_parameters()
    risk = p.array("life.death_probability_band", "sex", "age_band") * (
        1 - p.array("life.overdose_share_removed", "age_band")
    )
    more = (found["deaths"] + found["by_treatment"]) / (p.number("life.uninsured_death_factor") - 1)
    # Between the risks of the safest and the most dangerous group below Medicare.
    grown = risk[:, 1:-1]
    assert found["uninsured_years"] * grown.min() < more < found["uninsured_years"] * grown.max()
    measures = result.document["measures"]
    assert found["by_treatment"] == measures["deaths_other"]["difference"]
    months = measures["uninsured_person_months"]["difference"]
    assert found["uninsured_years"] == pytest.approx(months / 12, rel=0.02)
    assert "in no total" in " ".join(call("--result", str(finished), "--other-causes").stdout.split())


def test_other_causes_need_a_finished_run() -> None:
    result = call("--other-causes")
    assert result.exit_code == 2
    assert "--result" in result.output
