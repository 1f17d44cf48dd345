"""People followed one by one: deaths by education and of beneficiaries are parts of the same deaths."""

from __future__ import annotations

import numpy as np
import pytest

from microsim.engine.people import people_of
from microsim.experiments.compare import SEED, load_people, silent
from microsim.experiments.targets import load_targets
from microsim.experiments.targets.cohort import Cohort, cohort_of
from microsim.experiments.uncertainty.sample import everybody
from microsim.ground.parameters import load_parameters
from microsim.ground.policies import apply_policies
from microsim.ground.schema import AGE_BANDS, EDUCATIONS

PERSONS = 100_000


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    tree = apply_policies(load_parameters(), ["baseline"])
    columns, _ = load_people(None, PERSONS, 2, silent)
    return cohort_of(everybody(people_of(columns, tree)), tree, 12, SEED)


def test_deaths_by_education_add_up_to_all_deaths(cohort: Cohort) -> None:
    every, beneficiaries = cohort.drug_deaths[0]
    assert cohort.deaths_by_education[0].sum() == pytest.approx(every, rel=1e-12)
    assert 0 < beneficiaries < every


def test_deaths_follow_education_as_on_death_certificates(cohort: Cohort) -> None:
    grown = cohort.deaths_by_education[0][AGE_BANDS.index("26_34") :]
    shares = 100 * grown.sum(axis=0) / grown.sum()
    published = {target.id: target for target in load_targets("validate")}
    low, high = published["bachelor-2024"].interval or (0, 0)
    # The sample has few people with the disorder, so the published range is widened by one more point.
    assert low - 1 < shares[EDUCATIONS.index("bachelor")] < high + 1
    assert np.argmin(shares) == EDUCATIONS.index("bachelor")
