"""No loss before the law can cause one, the first ones months after the start, a second step with documents."""

from __future__ import annotations

import numpy as np
import pytest

from microsim.engine.people import people_of
from microsim.engine.simulate import simulate
from microsim.engine.tables import build_tables
from microsim.engine.tallies import COUNT, Tallies, of_arm
from microsim.experiments.compare import SEED
from microsim.experiments.coverage_sizes import RULE_REASONS
from microsim.ground.calendar import month_index
from microsim.ground.parameters import load_parameters
from microsim.ground.policies import apply_policies
from microsim.ground.schema import POPULATION_MONTH, STATES
from synthetic_pop import default_population

MONTHS = 60
EARLY = ("NE", "MT", "IA", "GA")
"""States that start before 2027, and one with a rule of its own."""


def at(month: str) -> int:
    return month_index(month) - POPULATION_MONTH


@pytest.fixture(scope="module")
def arms() -> tuple[Tallies, Tallies, Tallies]:
    """Baseline, the requirement, and the requirement with statements accepted after 2027 as before."""
    p = load_parameters()
    law = apply_policies(p, ["work-requirements"])
    statements = law.replaced({
        "medicaid.verification.document_acceptance": 0.85,
        "medicaid.verification.frailty_document_acceptance": 0.85,
    })  # fmt: skip
    papers = law.replaced({"medicaid.verification.frailty_document_acceptance": 0.85})
    people = people_of(default_population(60_000), p)
    total = simulate(people, build_tables([p, papers, statements], MONTHS), SEED)
    return tuple(of_arm(total, row) for row in range(3))


def losses(tallies: Tallies, *reasons: str) -> np.ndarray:
    """Losses by state and month, (51, MONTHS)."""
    counted = tallies.monthly["count"].sum(axis=2)
    return sum(counted[..., COUNT[f"loss_{reason}"]] for reason in reasons)


def test_nobody_loses_cover_before_the_law_reaches_a_renewal(arms) -> None:
    baseline, law, _ = arms
    late = [STATES.index(state) for state in STATES if state not in EARLY]
    assert losses(law, *RULE_REASONS)[late, : at("2027-01")].sum() == 0
    # A renewal begun in January is decided in March, and its notice runs to the end of April or later.
    ended = losses(law, "noncompliant", "compliant_unverified", "excluded_unverified")[late]
    assert ended[:, : at("2027-04")].sum() == 0
    national = ended.sum(axis=0)
    assert at("2027-04") <= int(np.argmax(national > 0)) <= at("2027-07")
    assert losses(baseline, *RULE_REASONS)[late].sum() == 0


def test_applications_are_turned_away_from_the_first_month(arms) -> None:
    _, law, _ = arms
    late = [STATES.index(state) for state in STATES if state not in EARLY]
    refused = losses(law, "denied_at_application")[late].sum(axis=0)
    assert refused[: at("2027-01")].sum() == 0
    assert refused[at("2027-01") : at("2027-04")].sum() > 0


def test_a_second_step_comes_with_documents(arms) -> None:
    _, papers, statements = arms
    every = ("noncompliant", "compliant_unverified", "excluded_unverified", "denied_at_application")
    before = slice(0, at("2028-01"))
    assert (losses(papers, *every)[:, before] == losses(statements, *every)[:, before]).all()
    after = slice(at("2028-01"), MONTHS)
    proof = ("compliant_unverified", "excluded_unverified")
    assert losses(papers, *proof)[:, after].sum() > 1.03 * losses(statements, *proof)[:, after].sum()
