"""Who belongs to which group of people, and what other sizes of the groups add: made-up groups, moves by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from microsim.engine.people import RECORD, People
from microsim.engine.tallies import CELL, CELL_NONOPIOID, CELL_OPIOID, EXPECTED_UNIT
from microsim.experiments.uncertainty import people as reweighting
from microsim.experiments.uncertainty.outcomes import MEASURES, PRICED, ROW, TALLIED, Window
from microsim.experiments.uncertainty.people import CELLS, Cells, cell_of, cells_of, relative_moves
from microsim.experiments.uncertainty.sample import Sample
from microsim.experiments.uncertainty.spread import Bench
from microsim.ground.schema import COVERS, STATES, STRATA, WORK_CLASSES

OPIOID, EVERY = ROW["opioid_overdose_deaths"], ROW["overdose_deaths"]
NONFATAL, UNINSURED = ROW["overdoses_nonfatal"], ROW["uninsured_end"]
USD = ROW["federal_outlays_usd"]
WHO = (
    ("adult_other", "employer", "steady", "other_people"),
    ("adult_other", "uninsured", "not_working", "other_people"),
    ("expansion", "adult_group", "steady", "adult_group_working"),
    ("expansion", "adult_group", "moving", "adult_group_working"),
    ("expansion", "adult_group", "not_working", "adult_group_not_working"),
    ("other_sud", "uninsured", "steady", "other_substance"),
    ("oud_expansion", "adult_group", "not_working", "oud_adult_group"),
    ("oud", "waiver_adult", "steady", "oud_other_medicaid"),
    ("oud", "other_adult", "steady", "oud_other_medicaid"),
    ("oud", "disabled", "not_working", "oud_other_medicaid"),
    ("oud", "child", "steady", "oud_other_medicaid"),
    ("oud", "dual", "steady", "oud_other_medicaid"),
    ("oud", "uninsured", "steady", "oud_uninsured"),
    ("oud", "employer", "steady", "oud_other"),
    ("oud", "medicare", "not_working", "oud_other"),
)  # fmt: skip
"""Stratum, cover and class of work of a record, and the group that it belongs to."""


@pytest.fixture
def sample() -> Sample:
    records = np.zeros(len(WHO), RECORD)
    for row, (stratum, cover, work, _) in enumerate(WHO):
        records[row]["stratum"] = STRATA.index(stratum)
        records[row]["cover"] = COVERS.index(cover)
        records[row]["work_class"] = WORK_CLASSES.index(work)
        records[row]["state"] = row
    ones = np.ones(len(WHO), np.int64)
    return Sample(People(records, ones), 2 ** np.arange(len(WHO)), ones, ones * 0)


def test_every_record_belongs_to_the_group_it_should(sample: Sample) -> None:
    assert [CELLS[cell] for cell in cell_of(sample)] == [group for *_, group in WHO]
    assert set(cell_of(sample)) == set(range(len(CELLS)))


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> None:
    """A world whose tallies are its people: each changes every measure by the weight, and dies by it in 2024."""

    def change(part: Sample, arm: int, window: Window) -> np.ndarray:
        assert arm == 1
        by_state = np.bincount(part.people.records["state"], part.weights, len(STATES))
        return np.broadcast_to(by_state[:, None], (len(TALLIED), len(STATES), len(window.spans)))

    def arm_of(part: Sample, arm: int) -> Any:
        cell = np.zeros((1, 24, 1, 1, len(CELL)))
        cell[0, :, 0, 0, CELL_OPIOID] = part.weights.sum() * EXPECTED_UNIT / 12
        cell[0, :, 0, 0, CELL_NONOPIOID] = len(part.weights) * EXPECTED_UNIT / 12
        return SimpleNamespace(monthly={"cell": cell}, weight=float(part.weights.sum()))

    monkeypatch.setattr(reweighting, "tables_of", lambda arms, months: None)
    monkeypatch.setattr(reweighting, "lived", lambda part, tables, seed: part)
    monkeypatch.setattr(reweighting, "slot_change", change)
    monkeypatch.setattr(reweighting.tallies, "of_arm", arm_of)


BY_GROUP = [sum(2**row for row, who in enumerate(WHO) if who[-1] == name) for name in CELLS]


@pytest.mark.usefixtures("world")
def test_groups_lived_apart_add_up_to_all_people(sample: Sample) -> None:
    bench = Bench(lambda _: [], sample, Window(12, 23, 24), 5, np.zeros(2), money=False)
    found = cells_of(bench, [])
    assert found.weight.tolist() == BY_GROUP
    assert found.change[:, UNINSURED, 0].tolist() == BY_GROUP
    assert found.deaths[:, 0].tolist() == pytest.approx(BY_GROUP)
    assert found.deaths[:, 1].tolist() == pytest.approx([sum(who[-1] == name for who in WHO) for name in CELLS])
    assert not found.change[:, USD].any()


@pytest.mark.usefixtures("world")
def test_money_of_a_group_is_what_its_people_cost_at_the_mix_of_the_full_run(
    sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spend(tree: float, arm: Any, window: Window, reference: Any) -> np.ndarray:
        assert reference == {10.0: "first", 13.0: "second"}[tree]
        out = np.zeros((len(PRICED), len(STATES), len(window.spans)))
        out[:, 0] = 100.0 * tree + tree * arm.weight
        return out

    monkeypatch.setattr(reweighting, "priced", spend)
    bench = Bench(lambda _: [], sample, Window(12, 23, 24), 5, np.zeros(2))
    arms: list[Any] = [SimpleNamespace(tree=10.0), SimpleNamespace(tree=13.0)]
    full: list[Any] = ["first", "second"]
    found = cells_of(bench, arms, full)
    assert found.change[:, USD, 0].tolist() == pytest.approx([3.0 * weight for weight in BY_GROUP])


def _cells() -> Cells:
    """Each group changes cover by its number plus one; opioid deaths fall on two groups, others on a third."""
    change = np.zeros((len(CELLS), len(MEASURES), 1))
    change[:, UNINSURED, 0] = np.arange(1.0, len(CELLS) + 1)
    change[4:6, OPIOID, 0] = 30.0, 10.0
    change[4:6, NONFATAL, 0] = 300.0, 100.0
    change[:, EVERY, 0] = change[:, OPIOID, 0]
    change[3, EVERY, 0] = 8.0
    deaths = np.zeros((len(CELLS), 2))
    deaths[4:6, 0], deaths[3, 1], deaths[4, 1] = (600.0, 400.0), 50.0, 50.0
    return Cells(change, deaths, np.ones(len(CELLS)))


def test_more_of_a_group_moves_a_change_by_its_part_and_keeps_the_deaths_of_2024(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    factors = np.ones((3, len(CELLS)))
    factors[1, 4], factors[2, 6] = 2.0, 1.5
    monkeypatch.setattr(reweighting, "factors_of", lambda weight, count, seed: factors[:count])
    found = relative_moves(_cells(), 3, 5)[:, :, 0]
    assert not found[0].any()
    # The groups add up to 36: doubling the fifth adds 5, half of the seventh again 3.5.
    assert found[1:, UNINSURED].tolist() == pytest.approx([5 / 36, 3.5 / 36])
    # 30 become 60, and 1,600 deaths of 2024 are put back on 1,000: 70 opioid deaths become 43.75 where 40 were.
    assert found[1, OPIOID] == pytest.approx(43.75 / 40 - 1)
    assert found[1, NONFATAL] == pytest.approx(437.5 / 400 - 1)
    # The 8 of other drugs go with their own deaths, 150 back on 100.
    assert found[1, EVERY] == pytest.approx((43.75 + 8 * 100 / 150) / 48 - 1)
    # Nobody of the seventh group dies, and a change of nothing has no relative move.
    assert found[2, OPIOID] == found[2, EVERY] == 0.0
    assert not found[:, ROW["treatment_end"]].any()
