"""The loop of treatment and cover is measured by living the failed check again on medication."""

from __future__ import annotations

import pytest

from microsim.experiments.compare import setup
from microsim.experiments.exemption_loop import Loop, exemption_loop

PERSONS = 100_000
POLICY = ["work-requirements", "six-month-renewals"]


def loop(*settings: str) -> Loop:
    return exemption_loop(setup(POLICY, persons=PERSONS, settings=settings))


@pytest.fixture(scope="module")
def usual() -> Loop:
    return loop()


def test_each_step_of_the_loop_is_a_part_of_the_one_before(usual: Loop) -> None:
    assert usual.returned + usual.asked < usual.stops
    assert 0 < usual.wanting < usual.failed < usual.asked
    assert 0 < usual.wanting_error < usual.wanting


def test_treatment_that_neither_shows_nor_excludes_costs_nothing() -> None:
    found = loop("medicaid.community_engagement.exclusions_apply[all]=false")
    assert found.failed > 0
    assert found.wanting == 0


def test_the_better_treatment_shows_the_more_its_loss_costs(usual: Loop) -> None:
    seen = loop("medicaid.verification.moud_cleared=0.95")
    assert seen.wanting > usual.wanting
