"""Three sizes of the loss, each of its own kind, from one finished run."""

from __future__ import annotations

from pathlib import Path

import pytest

from microsim.engine.results import Result, load_result
from microsim.experiments.coverage_sizes import (
    POLICIES,
    PUBLISHED,
    RESPONSES,
    beside,
    enrolment_fall,
    gross_exits,
    more_uninsured,
    sizes_of,
)
from microsim.ground.parameters import load_parameters
from microsim.ground.policies import apply_settings, load_policy
from microsim.ground.schema import LOSS_REASONS


@pytest.fixture(scope="module")
def result(finished: Path) -> Result:
    return load_result(finished)


def test_reasons_partition_all_losses(result: Result) -> None:
    exits = gross_exits(result)
    assert set(exits["reason"]) <= set(LOSS_REASONS[1:])
    sums = exits.groupby("reason")["policy"].sum()
    measures = result.document["measures"]
    gross = ("noncompliant", "compliant_unverified", "excluded_unverified", "renewal_procedural",
             "denied_at_application", "deterred")  # fmt: skip
    assert sums.reindex(gross).sum() == pytest.approx(measures["medicaid_losses"]["policy"], rel=1e-9)
    ordinary = ("renewal_ineligible", "income_or_other_cover", "aged_out")
    assert sums.reindex(ordinary).sum() == pytest.approx(
        measures["medicaid_exits_ordinary"]["policy"], rel=1e-9
    )


def test_stocks_are_averages_of_months(result: Result) -> None:
    uninsured = more_uninsured(result)
    total = uninsured[["baseline", "policy"]].sum() * 12
    months = result.document["measures"]["uninsured_person_months"]
    assert total["baseline"] == pytest.approx(months["baseline"], rel=1e-9)
    assert total["policy"] == pytest.approx(months["policy"], rel=1e-9)
    fall = enrolment_fall(result)
    national = fall.groupby("year")["difference"].sum()
    assert abs(national[2025]) < 0.01 * abs(national[2034])
    assert national[2034] < national[2027] < 0


def test_published_figures_stand_beside_their_own_kind(result: Result) -> None:
    table = beside(sizes_of(result, "work_and_six_month", "renewal_like"))
    assert set(table["source"]) == {"Urban Institute", "CBO"}
    assert set(table.loc[table["source"] == "CBO", "kind"]) == {"more uninsured"}
    assert set(table.loc[table["source"] != "CBO", "kind"]) == {"fall of enrollment"}
    inside = (table["model"] >= table["published_low"]) & (table["model"] <= table["published_high"])
    assert ((table["miss"] == 0) == inside).all()


def test_every_named_alternative_can_be_asked_for() -> None:
    p = load_parameters()
    for settings in RESPONSES.values():
        apply_settings(p, settings)
    for names in POLICIES.values():
        for name in names:
            load_policy(name)
    for figure in PUBLISHED:
        low, high = figure.ends()
        assert 0 < low <= high
