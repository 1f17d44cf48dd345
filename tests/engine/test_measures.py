"""Named measures: reasons partition losses, years and states add up, sums are taken in integers."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twin_cases import random_people, random_tables

from microsim.engine import tallies
from microsim.engine.measures import BY_NAME, LOSSES, MEASURES, scaled, series, window_value
from microsim.engine.simulate import simulate
from microsim.engine.summary import Extra, summary_of, years_of
from microsim.engine.tallies import Tallies, of_arm
from microsim.ground.schema import STATES

MONTHS = 36
STOCKS = [measure.name for measure in MEASURES if measure.stock]
FLOWS = [measure.name for measure in MEASURES if not measure.stock]
ABOUT = {"run": "0", "policy": "policy", "baseline": "baseline", "window": ["2024-01", "2026-12"]}


@cache
def filled(seed: int) -> Tallies:
    """Tallies of one arm with random integers in every cell."""
    rng = np.random.default_rng(seed)
    full = of_arm(tallies.empty(1, MONTHS), 0)
    for array in full:
        for name in array.dtype.names:
            array[name] = rng.integers(0, 1 << 40, array[name].shape)
    return full


@cache
def found_in(seed: int) -> dict[str, np.ndarray]:
    return series(filled(seed))


@pytest.fixture(scope="module")
def arms() -> tuple[Tallies, Tallies]:
    """Two arms that really lived."""
    total = simulate(random_people(4_000, seed=46), random_tables(2, MONTHS, seed=46), 1)
    return of_arm(total, 0), of_arm(total, 1)


def test_every_measure_is_counted_over_states_and_months() -> None:
    found = series(filled(0))
    assert list(found) == [measure.name for measure in MEASURES]
    for name, values in found.items():
        assert values.shape == (len(STATES), MONTHS), name
        assert values.dtype == np.int64 and values.any(), name
        assert name.endswith("_end") == BY_NAME[name].stock


@pytest.mark.parametrize("lived", [True, False])
def test_reasons_partition_losses(arms: tuple[Tallies, Tallies], lived: bool) -> None:
    for arm in arms if lived else (filled(1), filled(2)):
        found = series(arm)
        parts = [found[f"medicaid_losses_{reason}"] for reason in LOSSES]
        assert (sum(parts) == found["medicaid_losses"]).all()
        # Random tables may keep a rule from ever deciding.
        assert sum(part.sum() > 0 for part in parts) >= (2 if lived else len(parts))
        assert found["medicaid_losses"].sum() > 0


def test_smaller_groups_lie_within_larger_ones(arms: tuple[Tallies, Tallies]) -> None:
    for arm in arms:
        found = series(arm)
        for small, large in (
            ("oud_medicaid_losses", "sud_medicaid_losses"), ("sud_medicaid_losses", "medicaid_losses"),
            ("moud_end", "treatment_end"), ("expansion_enrollees_end", "medicaid_enrollees_end"),
            ("opioid_overdose_deaths", "overdose_deaths"), ("medicaid_persons_ever_lost", "medicaid_losses"),
        ):  # fmt: skip
            assert (found[small] <= found[large]).all(), (small, large)
            assert found[small].sum() > 0
        leaks = sum(values for name, values in found.items() if name.startswith("sud_excluded_losses_"))
        assert (leaks <= found["medicaid_losses"]).all() and leaks.sum() > 0


def test_cover_counts_come_from_one_partition_of_people() -> None:
    tallied = filled(3)
    found = series(tallied)
    persons = tallied.monthly["cell"][..., 0].sum(axis=(2, 3))
    assert (found["medicaid_enrollees_end"] + found["uninsured_end"] < persons).all()
    assert (found["uninsured_end"] == found["uninsured_person_months"]).all()


@settings(max_examples=40)
@given(first=st.integers(0, MONTHS - 1), length=st.integers(1, MONTHS), seed=st.integers(0, 5))
def test_years_and_states_add_up_in_any_window(first: int, length: int, seed: int) -> None:
    last = min(first + length, MONTHS) - 1
    found = found_in(seed)
    years = list(years_of(first, last))
    assert years[0][1] == first and years[-1][2] == last
    assert all(stop + 1 == start for (_, _, stop), (_, start, _) in pairwise(years))
    for name, values in found.items():
        whole = window_value(name, values, first, last)
        assert whole.shape == (len(STATES),)
        parts = [window_value(name, values, start, stop) for _, start, stop in years]
        assert (whole == (parts[-1] if name in STOCKS else sum(parts))).all()


def test_the_summary_takes_differences_of_integers(arms: tuple[Tallies, Tallies]) -> None:
    ours, theirs = map(series, arms)
    kits = np.arange(len(STATES) * MONTHS, dtype=float).reshape(-1, MONTHS)
    document = summary_of(ours, theirs, {"kits": Extra("kits", kits, kits + 1)}, 5, 30, ABOUT, [])
    assert document["schema"] == 1 and list(document["by_year"]) == ["2024", "2025", "2026"]
    for name in FLOWS:
        cells = [window_value(name, side[name], 5, 30) for side in (ours, theirs)]
        entry = document["measures"][name]
        assert entry["baseline"] == scaled(name, cells[0].sum())
        assert entry["difference"] == scaled(name, (cells[1] - cells[0]).sum())
        assert (entry["low"], entry["high"]) == (None, None)
        for state, code in enumerate(STATES):
            assert document["by_state"][code][name]["policy"] == scaled(name, cells[1][state])
    assert document["measures"]["kits"]["difference"] == len(STATES) * 26
    assert document["by_state"]["WY"]["kits"]["difference"] == 26


def test_a_summary_of_some_states_holds_those_alone(arms: tuple[Tallies, Tallies]) -> None:
    ours, theirs = map(series, arms)
    chosen = [STATES.index("OH"), STATES.index("TX")]
    document = summary_of(ours, theirs, {}, 0, 11, ABOUT, chosen)
    assert list(document["by_state"]) == ["OH", "TX"]
    for name in (*FLOWS, *STOCKS):
        parts = [values[name]["policy"] for values in document["by_state"].values()]
        assert document["measures"][name]["policy"] == pytest.approx(sum(parts), rel=1e-12)
