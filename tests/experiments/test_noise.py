"""Simulation noise: whose records it is that of, and which numbers the run itself gives; made-up lives."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from microsim.engine import tallies
from microsim.engine.people import RECORD, People
from microsim.engine.tallies import Tallies, empty, of_arm
from microsim.experiments import uncertainty
from microsim.experiments.uncertainty import noise
from microsim.experiments.uncertainty.outcomes import MEASURES, PRICED, ROW, TALLIED, Window
from microsim.experiments.uncertainty.sample import Sample
from microsim.experiments.uncertainty.spread import Bench
from microsim.ground.schema import RANDOM_GROUPS, STATES

SEED = 5
HERE = STATES.index("OH")
WHOLE = Window(12, 35, 36)
PARTLY = Window(18, 41, 48)
STEPS = 9
WEIGHT = 4_000
OF_LUCK = "medicaid_enrollees_end"
"""A measure that the run does not keep by group."""


def _bench(sample: Sample, window: Window = WHOLE) -> Bench:
    return Bench(lambda _: [], sample, window, SEED, np.zeros(2), money=False)


def _sample(each: int) -> Sample:
    """So many records in every state, each standing for `STEPS` of weight `WEIGHT`."""
    records = np.zeros(each * len(STATES), RECORD)
    records["state"] = np.repeat(np.arange(len(STATES)), each)
    records["weight"] = WEIGHT
    ones = np.ones(len(records), np.int64)
    people = People(records, ones)
    return Sample(people, STEPS * WEIGHT * ones, STEPS * ones, np.arange(len(records)) % 2)


@pytest.fixture
def lucky(monkeypatch: pytest.MonkeyPatch) -> Sample:
    """A sample in which each life changes every measure by its weight times a normal luck of its own."""
    sample = _sample(400)
    luck = np.random.default_rng(SEED).normal(size=len(sample.weights))
    sample.people.poor[:] = np.arange(len(luck))

    def change(part: Sample, arm: int, window: Window) -> np.ndarray:
        assert arm == 1
        mine = part.weights * luck[part.people.poor]
        by_state = np.bincount(part.people.records["state"], mine, len(STATES))
        return np.broadcast_to(by_state[:, None], (len(TALLIED), len(STATES), len(window.spans)))

    monkeypatch.setattr(noise, "tables_of", lambda arms, months: None)
    monkeypatch.setattr(noise, "lived", lambda part, tables, seed: part)
    monkeypatch.setattr(noise, "slot_change", change)
    return sample


def _none(months: int = 36) -> list[Tallies]:
    return [of_arm(empty(1, months), 0) for _ in range(2)]


def _mean_error(sample: Sample, records: np.ndarray | None) -> float:
    found = noise.standard_errors(_bench(sample), [], _none(), 1, records)[ROW[OF_LUCK], :, 0]
    return float(np.sqrt(np.mean(found**2)))


def test_noise_of_a_run_in_memory_is_that_of_all_its_records(lucky: Sample) -> None:
    # 400 x 9 records a state, each of weight 4,000 and of luck with variance one.
    assert _mean_error(lucky, None) == pytest.approx(WEIGHT * np.sqrt(400 * STEPS), rel=0.08)


def test_noise_of_a_run_in_pieces_is_that_of_the_records_it_lived(lucky: Sample) -> None:
    total = 400 * STEPS * WEIGHT
    for records in (360_000, 100):
        found = _mean_error(lucky, np.full(len(STATES), records))
        assert found == pytest.approx(total / records * np.sqrt(records), rel=0.08)
    same = np.full(len(STATES), 400 * STEPS)
    assert np.array_equal(noise.carrying(lucky, same), noise.carrying(lucky, None))


def test_each_state_has_the_records_of_its_own(lucky: Sample) -> None:
    records = np.full(len(STATES), 400 * STEPS)
    records[HERE] *= 100
    weights = noise.carrying(lucky, records)
    there = lucky.people.records["state"] == HERE
    assert set(weights[there]) == {WEIGHT * 3 // 10}
    assert set(weights[~there]) == {WEIGHT * 3}


def test_records_of_unlike_weight_stand_for_unlike_numbers_of_residents() -> None:
    sample = _sample(2)
    weights = np.tile([10_000, 90_000], len(STATES))
    # Ten residents and ninety, each with luck of its own.
    found = noise.carrying(sample._replace(weights=weights), np.full(len(STATES), 100))
    assert found[:2].tolist() == [round(1_000 * np.sqrt(10)), round(1_000 * np.sqrt(90))]


def test_noise_of_money_is_that_of_what_its_people_cost(lucky: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    def spend(tree: float, part: Sample, window: Window, reference: Any) -> np.ndarray:
        assert reference is full[int(tree == 7.0)]
        people = tree * noise.slot_change(part, 1, window)[: len(PRICED)]
        return np.asarray(1e9 + people)

    full, arms = _none(), [SimpleNamespace(tree=4.0), SimpleNamespace(tree=7.0)]
    monkeypatch.setattr(noise, "priced", spend)
    monkeypatch.setattr(noise, "tallies", SimpleNamespace(of_arm=lambda total, row: total))
    bench: Any = _bench(lucky)._replace(money=True)
    found = noise.standard_errors(bench, arms, full, 1)  # type: ignore[arg-type]
    assert found[ROW["federal_outlays_usd"]] == pytest.approx(3.0 * found[ROW[OF_LUCK]])
    assert found[ROW[OF_LUCK]].all()
    assert not noise.standard_errors(_bench(lucky), [], full, 1)[ROW["federal_outlays_usd"]].any()


def _full(column: int, by_year: dict[int, int], months: int) -> list[Tallies]:
    """Arms of which the second has so many thousandths more in every even random group of one stratum."""
    arms = _none(months)
    for year, size in by_year.items():
        arms[1].yearly["error"][HERE, year, 2, ::2, column] = size
    return arms


def test_twenty_groups_of_the_run_give_its_error_by_hand() -> None:
    full = _full(tallies.Y_UNINSURED, {1: 2_000, 2: 6_000}, 36)
    found = noise._from_run(_bench(_sample(1)), full)["uninsured_person_months"]
    # Groups lie one to either side of their mean in the first year: variance 20 / 19 of each of twenty.
    one = np.sqrt(RANDOM_GROUPS * RANDOM_GROUPS / (RANDOM_GROUPS - 1))
    assert found[HERE] == pytest.approx([4.0 * one, one, 3.0 * one])
    assert not np.delete(found, HERE, axis=0).any()


@pytest.mark.parametrize(("window", "own"), [(WHOLE, [0, 1, 2]), (PARTLY, [2])])
def test_the_run_gives_the_error_of_whole_years_alone(
    window: Window, own: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def sampled(*_: Any) -> np.ndarray:
        return np.full((len(MEASURES), len(STATES), len(window.spans)), 7.0)

    monkeypatch.setattr(noise, "_from_sample", sampled)
    full = _full(tallies.Y_UNINSURED, {1: 2_000, 2: 6_000, 3: 4_000}, 48)
    found = noise.standard_errors(_bench(_sample(1), window), [], full)
    run = noise._from_run(_bench(_sample(1), window), full)["uninsured_person_months"]
    for position in range(len(window.spans)):
        expected = run[:, position] if position in own else np.full(len(STATES), 7.0)
        assert found[ROW["uninsured_person_months"], :, position] == pytest.approx(expected)
    assert (found[ROW[OF_LUCK]] == 7.0).all()


class _Asked(Exception):
    """Stops a run where its noise is asked for."""


@pytest.mark.parametrize("drawn", [None, np.arange(51)])
def test_a_run_in_pieces_says_how_many_records_it_lived(
    drawn: np.ndarray | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def errors(*given: Any) -> None:
        asked.append(given[-1])
        raise _Asked

    for name in ("bench_for", "spread_of", "cells_of", "relative_moves"):
        monkeypatch.setattr(uncertainty, name, lambda *_: None)
    monkeypatch.setattr(uncertainty, "standard_errors", errors)
    whom = None if drawn is None else SimpleNamespace(drawn=lambda: drawn)
    ready: Any = SimpleNamespace(draws=2, full_draws=False, arms=(), residents=whom, seed=SEED)
    lived: Any = SimpleNamespace(arms=[], crowding=[])
    result: Any = None
    with pytest.raises(_Asked):
        uncertainty.with_intervals(result, ready, lived)
    assert asked[0] is drawn
