"""Readings agree with the summary where both speak, and are exactly zero where nothing differs."""

from __future__ import annotations

from pathlib import Path

import pytest

from microsim.engine.results import Result, load_result
from microsim.experiments import readings


@pytest.fixture(scope="module")
def result(finished: Path) -> Result:
    return load_result(finished)


def test_a_state_by_year_adds_up_to_its_window(result: Result) -> None:
    held = result.document["by_state"]["OH"]
    years = readings.by_year(result, "OH")
    assert list(years) == [str(year) for year in range(2025, 2035)]
    for measure in years["2030"]:
        for arm in ("baseline", "policy", "difference"):
            values = [year[measure][arm] for year in years.values()]
            total = values[-1] if measure.endswith("_end") else sum(values)
            assert total == pytest.approx(held[measure][arm], rel=1e-9, abs=1e-6), measure


def test_the_nation_by_year_is_the_summary(result: Result) -> None:
    assert readings.by_year(result) == result.document["by_year"]


@pytest.mark.parametrize("dimension", ["age_band", "sex", "race"])
def test_people_add_up_to_the_nation(result: Result, dimension: str) -> None:
    groups = readings.by_people(result, dimension)
    deaths = sum(values["opioid_overdose_deaths"].difference for values in groups.values())
    # The table is rounded to thousandths of a death in each of many cells.
    assert deaths == pytest.approx(
        result.document["measures"]["opioid_overdose_deaths"]["difference"], abs=2.0
    )
    uninsured = sum(values["uninsured"].policy for values in groups.values())
    months = result.document["measures"]["uninsured_person_months"]["policy"]
    assert uninsured * 120 == pytest.approx(months, rel=1e-6)


def test_substance_groups_hold_everybody_once(result: Result) -> None:
    groups = readings.by_substance_class(result)
    entry = result.document["measures"]["medicaid_losses"]
    assert sum(values["losses"].difference for values in groups.values()) == pytest.approx(
        entry["difference"]
    )
    assert groups["oud"]["losses"].difference == pytest.approx(
        result.document["measures"]["oud_medicaid_losses"]["difference"]
    )


def test_people_whom_nothing_touches_differ_by_exactly_zero(result: Result) -> None:
    aged = readings.by_people(result, "age_band", "WY")["0_18"]
    assert aged["losses"].difference == 0.0 and aged["uninsured"].difference == 0.0


def test_noise_is_told_from_a_visible_difference() -> None:
    def years(difference: float) -> dict[str, dict[str, dict[str, float]]]:
        return {str(y): {"m": {"baseline": 100.0 + 10 * y, "difference": difference}} for y in range(3)}

    assert readings.lost_in_the_noise(years(9.0), "m")
    assert not readings.lost_in_the_noise(years(11.0), "m")
