"""People may answer the work rule by working; by default nobody does."""

from __future__ import annotations

import numpy as np

from microsim.engine import tallies
from microsim.engine.simulate import simulate
from microsim.engine.tables import build_tables
from microsim.experiments.compare import live, setup
from microsim.ground.schema import LOSS_REASONS, STATES

RESPONSE = "work.response_to_rule"


def losses(ready, arm: int) -> dict[str, int]:
    """Losses by reason of one arm of a run, outside Georgia, whose own rule stands in the baseline."""
    counts = np.delete(live(ready).arms[arm].monthly["count"], STATES.index("GA"), axis=0)
    named = [reason for reason in LOSS_REASONS if reason != "none"]
    return {reason: int(counts[..., tallies.COUNTS.index(f"loss_{reason}")].sum()) for reason in named}


def test_response_spares_those_who_did_not_meet_the_rule_and_touches_no_baseline() -> None:
    asked = {"persons": 20_000, "end": "2028-12", "draws": 1}
    still = setup("work-requirements", **asked)
    moved = setup("work-requirements", settings=(f"{RESPONSE}=0.4",), **asked)
    before, after = losses(still, 1), losses(moved, 1)
    assert losses(still, 0) == losses(moved, 0)
    assert 0 < after["noncompliant"] < 0.85 * before["noncompliant"]


def test_arms_lived_together_are_arms_lived_alone_when_people_respond() -> None:
    ready = setup("work-requirements", settings=(f"{RESPONSE}=0.4",), persons=10_000, end="2028-12", draws=1)
    both = simulate(ready.people, build_tables(ready.arms, ready.months), ready.seed)
    for row, arm in enumerate(ready.arms):
        alone = simulate(ready.people, build_tables([arm], ready.months), ready.seed)
        mine, theirs = tallies.of_arm(both, row), tallies.of_arm(alone, 0)
        for name in ("monthly", "quarterly", "yearly"):
            assert np.array_equal(getattr(mine, name), getattr(theirs, name))
