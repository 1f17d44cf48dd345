"""Losing cover can cost the exemption that would have kept it: who stops treatment leaves no claim behind."""

from __future__ import annotations

import numpy as np
import pytest
from twin_cases import slice_of_population

from microsim.engine.simulate import simulate
from microsim.engine.tables import build_tables
from microsim.engine.tallies import COUNT, THOUSANDTHS, of_arm
from microsim.ground.calendar import month_index
from microsim.ground.parameters import load_parameters
from microsim.ground.policies import apply_policies, apply_settings
from microsim.ground.schema import POPULATION_MONTH

SEEDS = 20
MONTHS = month_index("2031-12") - POPULATION_MONTH + 1
ONE_SIDED_99 = 2.539
"""Quantile of Student's distribution with SEEDS - 1 degrees of freedom."""


@pytest.fixture(scope="module")
def unseen() -> np.ndarray:
    """Losses for want of a claim that names the disorder, by seed: few stop for lost cover, most do."""
    law = apply_policies(load_parameters(), ["baseline", "budget2025"])
    stop = "sud.treatment.coverage_stop_probability"
    tables = build_tables([apply_settings(law, [f"{stop}={share}"]) for share in (0.001, 0.95)], MONTHS)
    people = slice_of_population(40_000, 8_000, seed=7)
    found = np.zeros((SEEDS, 2))
    for seed in range(SEEDS):
        total = simulate(people, tables, seed)
        for arm in range(2):
            count = of_arm(total, arm).monthly["count"]
            found[seed, arm] = count[..., COUNT["leak_undiagnosed"]].sum() / THOUSANDTHS
    return found


def test_stopping_treatment_for_lost_cover_costs_exemptions(unseen: np.ndarray) -> None:
    more = unseen[:, 1] - unseen[:, 0]
    bound = more.mean() - ONE_SIDED_99 * more.std(ddof=1) / np.sqrt(SEEDS)
    assert bound > 0, f"{more.mean():.0f} losses more, bound {bound:.0f}"
