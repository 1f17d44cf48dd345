"""How long people stay on medication: classes of time as a life reads them, and what they were fitted to."""

from __future__ import annotations

import pytest

from microsim.ground.parameters import load_parameters
from microsim.ground.schema import DRUGS
from microsim.life.readings import tenure_class


def still_on_it(drug: str, months: int) -> float:
    """Share still on a medication so many months after the month of the start; nobody stops in that month."""
    stop = load_parameters().array("sud.treatment.stop_probability", "drug", "tenure")[DRUGS.index(drug)]
    share = 1.0
    for since in range(1, months + 1):
        share *= 1 - stop[tenure_class.py_func(since)]
    return share


def test_each_class_of_time_lasts_as_long_as_its_name_says():
    lived = [tenure_class.py_func(since) for since in range(1, 37)]
    assert [lived.count(row) for row in range(4)] == [2, 4, 18, 12]


@pytest.mark.parametrize(
    ("drug", "months", "evidence"),
    # Review of retention: 0.45 at 6 months and 0.33 at 12 (Burns 2022); methadone 0.28 at 24 months.
    [("buprenorphine", 6, 0.45), ("buprenorphine", 12, 0.33), ("methadone", 24, 0.28)],
)
def test_retention_is_the_one_the_hazards_were_fitted_to(drug: str, months: int, evidence: float):
    assert still_on_it(drug, months) == pytest.approx(evidence, abs=0.01)
