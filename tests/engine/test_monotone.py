"""More kits, longer treatment and a weaker supply never cost a life: event by event, and over whole runs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twin_cases import ONE, slice_of_population

from microsim.engine.simulate import simulate
from microsim.engine.tables import build_tables
from microsim.engine.tallies import CELL_OPIOID, EXPECTED_UNIT, of_arm
from microsim.ground.calendar import month_index
from microsim.ground.parameters import load_parameters
from microsim.ground.policies import apply_policies
from microsim.ground.schema import POPULATION_MONTH
from microsim.life import opioid as opioid_use
from microsim.life import overdose
from microsim.life.state import (
    ACTIVE,
    BUPRENORPHINE,
    LEFT_MEDICATION,
    LEFT_ORDINARY,
    METHADONE,
    XR_NALTREXONE,
    Opioid,
)

WORDS = st.integers(0, ONE - 1)
LATER = 100
SEEDS = 20
MONTHS = month_index("2027-12") - POPULATION_MONTH + 1
ONE_SIDED_99 = 2.539
"""Quantile of Student's distribution with SEEDS - 1 degrees of freedom."""

trees = st.tuples(WORDS, WORDS, WORDS, st.tuples(WORDS, WORDS, WORDS).map(sorted)).map(
    lambda one: overdose.Tree(*one[:3], *one[3])
)
"""Trees in which help never makes death likelier, as the tables have them."""


def assert_no_deadlier(helped: int, alone: int, fate: int) -> None:
    """Whom the smaller threshold kills the larger one kills too, and it leaves those who survive both farther off."""
    assert helped <= alone
    if fate >= alone:
        left = [overdose.survived.py_func(fate, threshold) for threshold in (helped, alone)]
        assert left[0] >= left[1]
        assert 0 <= left[1] < ONE


@given(tree=trees, more=WORDS, words=st.tuples(WORDS, WORDS, WORDS), fate=WORDS)
def test_more_naloxone_kills_nobody(tree: overdose.Tree, more: int, words: tuple[int, ...], fate: int) -> None:
    reached = tree._replace(naloxone=max(tree.naloxone, more))
    assert_no_deadlier(overdose.fatality.py_func(reached, *words), overdose.fatality.py_func(tree, *words), fate)


@given(tree=trees, weaker=st.floats(0, 1), words=st.tuples(WORDS, WORDS, WORDS), fate=WORDS)
def test_a_weaker_supply_kills_nobody(
    tree: overdose.Tree, weaker: float, words: tuple[int, ...], fate: int
) -> None:
    milder = tree._replace(
        fatal_alone=int(tree.fatal_alone * weaker), fatal_ambulance=int(tree.fatal_ambulance * weaker)
    )
    assert_no_deadlier(overdose.fatality.py_func(milder, *words), overdose.fatality.py_func(tree, *words), fate)


@given(
    drug=st.sampled_from([BUPRENORPHINE, METHADONE, XR_NALTREXONE]),
    stops=st.tuples(WORDS, WORDS).map(sorted),
    lost=st.tuples(WORDS, WORDS).map(sorted),
    words=st.tuples(WORDS, WORDS),
)
def test_whom_frequent_stops_leave_on_medication_rare_stops_leave_too(
    drug: int, stops: list[int], lost: list[int], words: tuple[int, int]
) -> None:
    def after(at: int) -> Any:
        rates = opioid_use.OpioidRates(0, 0, 0, 0, 0, 0, stops[at], lost[at], 3, 0, ONE, 0)
        return opioid_use.changes.py_func(Opioid(drug, LATER - 3, 0, 0), LATER, rates, *words)

    if after(1) != LEFT_MEDICATION:
        assert after(0) != LEFT_MEDICATION


def test_staying_on_an_agonist_is_never_the_riskier_state() -> None:
    overdoses = build_tables([load_parameters()], 1).rates[0]["overdose"]

    def risk(state: int, since: int) -> Any:
        return overdoses[overdose.risk_class.py_func(Opioid(state, since, LEFT_ORDINARY, 0), LATER, 0)]

    for drug in (BUPRENORPHINE, METHADONE):
        stays = risk(drug, LATER - 3)
        for state, since in ((LEFT_MEDICATION, LATER), (LEFT_MEDICATION, LATER - 1), (ACTIVE, 0)):
            assert (stays <= risk(state, since)).all()


@pytest.fixture(scope="module")
def deaths() -> np.ndarray:
    """Expected opioid deaths by seed and arm: baseline, more kits, longer treatment, a weaker supply."""
    root = load_parameters()
    baseline = apply_policies(root, ["baseline"])
    tables = build_tables(
        [
            baseline,
            apply_policies(root, ["baseline", "naloxone-plus"]),
            baseline.scaled({"sud.treatment.stop_probability": 0.7}),
            apply_policies(root, ["baseline", "supply-crackdown-structural"]),
        ],
        MONTHS,
    )
    people = slice_of_population(40_000, 8_000, seed=7)
    found = np.zeros((SEEDS, len(tables.rates)))
    for seed in range(SEEDS):
        total = simulate(people, tables, seed)
        for arm in range(len(tables.rates)):
            cell = of_arm(total, arm).monthly["cell"][..., CELL_OPIOID]
            found[seed, arm] = cell.sum() / EXPECTED_UNIT
    return found


@pytest.mark.parametrize(
    ("arm", "change"), [(1, "more kits"), (2, "longer treatment"), (3, "a weaker supply")]
)
def test_expected_deaths_fall_over_whole_runs(deaths: np.ndarray, arm: int, change: str) -> None:
    """The one-sided bound of 99 per cent of the mean difference over seeds lies below zero."""
    fewer = deaths[:, arm] - deaths[:, 0]
    bound = fewer.mean() + ONE_SIDED_99 * fewer.std(ddof=1) / np.sqrt(SEEDS)
    assert bound < 0, f"{change}: {fewer.mean():.1f} deaths, bound {bound:.1f}"
