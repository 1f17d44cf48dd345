"""The baseline stands on the facts it was calibrated to, and excluded groups do not fade without a policy.

On 300,000 records of the built-in population; the intercepts were fitted on a million.
"""

from __future__ import annotations

import numpy as np
import pytest

from microsim.engine.people import People, people_of
from microsim.engine.simulate import simulate
from microsim.engine.tables import build_tables
from microsim.engine.tallies import (
    CELL_NONOPIOID,
    CELL_OPIOID,
    CELL_PERSONS,
    EXPECTED_UNIT,
    THOUSANDTHS,
    Tallies,
    of_arm,
)
from microsim.experiments.compare import SEED
from microsim.experiments.steadiness import ATTRIBUTES, shares, table
from microsim.ground.calendar import month_index
from microsim.ground.parameters import Parameters, load_parameters
from microsim.ground.schema import COVERS, POPULATION_MONTH, STATES
from synthetic_pop import default_population

RECORDS = 300_000
YEARS = 11
BOUND = 0.12
"""Change of a share of adults from 19 to 64, January 2024 to December 2034: a tenth, and what 300,000 records blur."""
RARE = ("tanf", "foster_youth", "released_within_3_months", "veteran_total", "aian")
"""Shares of a few in a thousand, which so few records hold within a quarter only; and that of American Indians, an
eighth larger among those who come of age."""
RARE_BOUND = 0.25
HELD = ("disabled", "smi", "complex_condition", "student", "caregiver", "snap", "child_under_14", "aian")
"""Excluded shares of the adult group that few records do not blur; docs/size.md says which others move, and why."""


@pytest.fixture(scope="module")
def p() -> Parameters:
    return load_parameters()


@pytest.fixture(scope="module")
def people(p: Parameters) -> People:
    return people_of(default_population(RECORDS), p)


@pytest.fixture(scope="module")
def lived(p: Parameters, people: People) -> Tallies:
    return of_arm(simulate(people, build_tables([p], 24), SEED), 0)


def test_targets_are_the_final_totals(p: Parameters) -> None:
    assert p.array("sud.target.deaths_all_2024", "state").sum() == pytest.approx(79_384, abs=1)
    assert p.array("sud.target.deaths_opioid_2024", "state").sum() == pytest.approx(54_045, abs=1)


def test_expected_deaths_of_2024_are_the_final_totals(lived: Tallies) -> None:
    deaths = lived.monthly["cell"][:, :12].sum(axis=(1, 2, 3)) / EXPECTED_UNIT
    opioid = deaths[:, CELL_OPIOID]
    assert opioid.sum() == pytest.approx(54_045, rel=0.015)
    assert (opioid + deaths[:, CELL_NONOPIOID]).sum() == pytest.approx(79_384, rel=0.015)


def test_expected_deaths_follow_the_states(p: Parameters, lived: Tallies) -> None:
    deaths = lived.monthly["cell"][:, :12].sum(axis=(1, 2, 3)) / EXPECTED_UNIT
    for target, values in (
        ("sud.target.deaths_opioid_2024", deaths[:, CELL_OPIOID]),
        ("sud.target.deaths_all_2024", deaths[:, CELL_OPIOID] + deaths[:, CELL_NONOPIOID]),
    ):
        published = p.array(target, "state")
        large = published > 1000
        assert large.sum() > 12
        error = values[large] / published[large] - 1
        # A third of the records carries sampling error in a state's people at risk.
        assert np.abs(error).max() < 0.15, dict(zip(np.array(STATES)[large], error.round(3), strict=True))


@pytest.mark.parametrize("month", ["2024-06", "2024-12", "2025-03"])
def test_the_adult_group_follows_its_series(p: Parameters, lived: Tallies, month: str) -> None:
    at = month_index(month)
    persons = lived.monthly["cell"][:, at - POPULATION_MONTH, COVERS.index("adult_group"), :, CELL_PERSONS]
    published = p.array("flows.adult_group_path", "state", month=at).sum()
    assert persons.sum() / THOUSANDTHS == pytest.approx(published, rel=0.03)


@pytest.fixture(scope="module")
def found(p: Parameters, people: People) -> dict[str, np.ndarray]:
    return shares(people, build_tables([p], YEARS * 12), SEED)


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_no_excluded_group_fades(found: dict[str, np.ndarray], name: str) -> None:
    values = found[f"adults.{name}"]
    # Means of a year: what decides is the level, not one month.
    change = values[-12:].mean() / values[:12].mean() - 1
    assert abs(change) < (RARE_BOUND if name in RARE else BOUND), table(found, "adults")


@pytest.mark.parametrize("name", HELD)
def test_the_adult_group_keeps_its_excluded_shares(found: dict[str, np.ndarray], name: str) -> None:
    values = found[f"adult_group.{name}"]
    assert abs(values[-24:].mean() / values[:12].mean() - 1) < BOUND, table(found, "adult_group")


def test_people_released_from_custody_stay_in_the_adult_group(found: dict[str, np.ndarray]) -> None:
    values = found["adult_group.released_within_3_months"]
    assert abs(values[-60:].mean() / values[:12].mean() - 1) < RARE_BOUND, table(found, "adult_group")
