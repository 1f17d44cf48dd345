"""Halves of the people, what each costs, and the change of a full run; made-up people and prices."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from money_cases import nobody, put

from microsim.engine.people import RECORD, People
from microsim.experiments import uncertainty
from microsim.experiments.uncertainty import spread
from microsim.experiments.uncertainty.outcomes import MEASURES, PRICED, ROW, TALLIED, Window
from microsim.experiments.uncertainty.sample import MILLION, THINNING, Sample, subsample
from microsim.experiments.uncertainty.spread import Bench, changes, levels
from microsim.ground.schema import POPULATION_MONTH, STATES, STRATA

HERE = STATES.index("OH")
WINDOW = Window(12, 23, 24)
USD = ROW["federal_outlays_usd"]
FIXED = {"baseline": 1_000.0, "policy": 1_600.0}
"""What an arm costs whoever is in it."""
EACH = {"baseline": 10.0, "policy": 13.0}
"""What an arm costs a unit of weight."""


def _people(counts: dict[str, int]) -> People:
    stratum = np.repeat([STRATA.index(name) for name in counts], list(counts.values()))
    records = np.zeros(len(stratum), RECORD)
    # Strata lie among each other, as in a population sorted by state.
    records["stratum"] = np.random.default_rng(5).permutation(stratum)
    records["weight"] = 300 + np.arange(len(stratum)) % 7
    return People(records, np.arange(len(stratum)))


def test_one_in_so_many_of_each_stratum_is_taken_and_goes_to_either_half_in_turn() -> None:
    people = _people({"expansion": 900, "oud": 900})
    # One in 6.5 and 7.6, so 6 and 7: with an even step every second rank would be one half alone.
    larger = len(people) * THINNING["expansion"] / MILLION / 6.5
    found = subsample(people, larger)
    for name, step in (("expansion", 6), ("oud", 7)):
        code = STRATA.index(name)
        rows = np.flatnonzero(people.records["stratum"] == code)[::step]
        mine = found.people.records["stratum"] == code
        assert found.people.poor[mine].tolist() == rows.tolist()
        assert found.weights[mine].tolist() == (step * people.records["weight"][rows].astype(int)).tolist()
        assert found.steps[mine].tolist() == [step] * len(rows)
        assert found.half[mine].tolist() == [place % 2 for place in range(len(rows))]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A world whose tallies are the weights of its people, and whose money is a fixed sum and a price a weight."""
    people = _people({"expansion": 2})
    sample = Sample(people, np.array([30, 50]), np.array([1, 1]), np.array([0, 1]))

    def spend(tree: Any, total: Any, window: Window, reference: Any = None) -> np.ndarray:
        # At the mix of other people than the whole, all would cost ten times as much.
        dear = 1.0 if (total if reference is None else reference) == 80.0 else 10.0
        out = np.zeros((len(PRICED), len(STATES), len(window.spans)))
        out[:, HERE] = FIXED[tree] + dear * EACH[tree] * total
        return out

    def rows(total: Any, *_: Any) -> np.ndarray:
        out = np.zeros((len(TALLIED), len(STATES), len(WINDOW.spans)))
        out[:, HERE] = total
        return out

    tables = SimpleNamespace(places=np.zeros((2, 0, 24)), rates=())
    monkeypatch.setattr(spread, "tables_of", lambda arms, months: tables)
    monkeypatch.setattr(spread, "_room", lambda half, tables: None)
    monkeypatch.setattr(spread, "lived", lambda part, *_: float(part.weights.sum()))
    monkeypatch.setattr(spread, "slot_change", rows)
    monkeypatch.setattr(spread, "tallied", rows)
    monkeypatch.setattr(spread, "arms_of", lambda parts, arms: [sum(parts)] * arms)
    monkeypatch.setattr(spread, "both", lambda one, other: one + other)
    monkeypatch.setattr(spread, "priced", spend)
    return Bench(lambda _: [], sample, WINDOW, 5, np.zeros(2))


def _arms() -> list[Any]:
    return [SimpleNamespace(tree=name, channels={}) for name in ("baseline", "policy")]


def test_a_half_costs_twice_its_own_people_and_once_what_hangs_on_nobody(bench: Bench) -> None:
    found = levels(bench, _arms())
    assert found[:, :, USD, 0].tolist() == [
        [1_000 + 10 * 2 * 30, 1_000 + 10 * 2 * 50],
        [1_600 + 13 * 2 * 30, 1_600 + 13 * 2 * 50],
    ]
    assert found[:, :, ROW["uninsured_end"], 0].tolist() == [[60.0, 100.0]] * 2
    assert found.shape == (2, 2, len(MEASURES), 2)
    assert found[:, :, USD].mean(axis=1)[:, 0].tolist() == [1_000 + 10 * 80, 1_600 + 13 * 80]


def test_the_change_in_money_of_a_half_is_that_of_its_own_people(bench: Bench) -> None:
    found = changes(bench, _arms())
    assert found[0, :, USD, HERE, 0].tolist() == [600 + 3 * 2 * 30, 600 + 3 * 2 * 50]
    assert found[0, :, ROW["uninsured_end"], HERE, 0].tolist() == [2 * 30, 2 * 50]
    apart = levels(bench, _arms())
    assert found[0].sum(axis=2)[:, USD] == pytest.approx((apart[1] - apart[0])[:, USD])


def test_without_prices_money_is_nothing(bench: Bench) -> None:
    free = bench._replace(money=False)
    assert not levels(free, _arms())[:, :, USD].any()
    assert not changes(free, _arms())[:, :, USD].any()
    assert changes(free, _arms()).shape == changes(bench, _arms()).shape


def test_the_exact_change_is_the_policy_less_the_baseline(monkeypatch: pytest.MonkeyPatch) -> None:
    arms = [nobody(24), nobody(24)]
    for month in range(24):
        put(arms[0], month, "OH", "uninsured", 0, 100)
        put(arms[1], month, "OH", "uninsured", 0, 100 + month)

    def spend(tree: str, arm: Any, window: Window) -> np.ndarray:
        assert arm is arms[("baseline", "policy").index(tree)]
        return np.full((len(PRICED), len(STATES), len(window.spans)), FIXED[tree])

    monkeypatch.setattr(uncertainty, "priced", spend)
    ready: Any = SimpleNamespace(
        first=POPULATION_MONTH + 6, last=POPULATION_MONTH + 17, months=24, arms=("baseline", "policy")
    )
    found = uncertainty.exact_change(ready, SimpleNamespace(arms=arms))  # type: ignore[arg-type]
    months = ROW["uninsured_person_months"]
    assert found[months, HERE].tolist() == [sum(range(6, 18)), sum(range(6, 12)), sum(range(12, 18))]
    assert found[ROW["uninsured_end"], HERE].tolist() == [17.0, 11.0, 17.0]
    assert not np.delete(found[months], HERE, axis=0).any()
    assert (found[USD] == 600.0).all()
