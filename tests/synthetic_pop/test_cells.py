"""The list of all residents: whole numbers that meet the published margins."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from microsim.ground.parameters import load_parameters
from microsim.ground.schema import STATES
from synthetic_pop import grid
from synthetic_pop.aggregate_survey import counts, merge_small
from synthetic_pop.inputs import Tables, population_parameters
from synthetic_pop.margins import GROUP_BAND, INMATE, MEDICAID, WORKING, C, largest_remainder, raked
from synthetic_pop.substance import ON_DRUG, OUD

P = population_parameters()


def level(name: str) -> np.ndarray:
    return P.array(f"population.state.{name}", "state")


def test_residents_are_exact(model):
    published = P.array("population.residents", "state", "age_band", "sex")
    by_group = model.cells.count.sum((3, 4))
    for band in range(7):
        got = by_group[:, band == GROUP_BAND].sum(1)
        assert (got == published[:, band]).all()
    assert model.cells.total() == published.sum()
    assert model.cells.count.min() >= 0


def test_ids_partition_the_population(model):
    cells = model.cells
    assert cells.start[0] == 0
    assert (np.diff(cells.start) == cells.count.reshape(-1)).all()


def test_adult_group_and_waivers(model):
    by_kind = model.cells.count.sum((1, 2, 4))
    assert np.abs(by_kind[:, C["adult_group"]] - level("adult_group")).max() < 10
    assert np.abs(by_kind[:, C["waiver_adult"]] - level("waiver_adults")).max() < 10
    assert by_kind[:, C["adult_group"]].sum() == pytest.approx(22_045_484, abs=100)


def test_uninsured_share(model):
    work = model.cells.count[:, WORKING].sum((1, 2, 4))
    share = work[:, C["uninsured"]] / work.sum(1)
    assert np.allclose(share, level("uninsured"), rtol=1e-3)


def test_disorders_by_state(model):
    count = model.cells.count
    adults = count[:, 2:].sum((1, 2, 3, 4))
    oud = count[..., OUD].sum((1, 2, 3, 4))
    pattern = level("oud_pattern") * adults
    assert np.allclose(oud, pattern * P.number("population.oud.stock") / pattern.sum(), rtol=2e-3)
    some = oud + count[..., [1, 9]].sum((1, 2, 3, 4))
    assert np.allclose(some / adults, level("sud"), rtol=2e-3)


def test_one_in_five_on_medicaid(model):
    grown = model.cells.count[:, 2:][..., list(MEDICAID), :].sum((0, 1, 2, 3))
    some = grown[1:8].sum() + grown[9]
    assert 0.19 < some / grown.sum() < 0.23


def test_medication_stocks_and_payers(model):
    count = model.cells.count
    for drug, people in enumerate(P.array("population.oud.on_drug", "drug")):
        assert count[..., 4 + drug].sum() == pytest.approx(people, rel=1e-3)
    on = count[:, WORKING, ..., ON_DRUG].sum((0, 1, 2, 4))
    on[INMATE] = 0
    assert on[list(MEDICAID)].sum() / on.sum() == pytest.approx(0.56, abs=0.002)


def test_no_disorder_before_18_and_no_child_cover_for_adults(model):
    assert model.cells.count[:, :2, :, :, 1:].sum() == 0
    assert model.cells.count[:, 3:, :, C["child"]].sum() == 0


def test_stocks_agree_with_the_model_of_use():
    shipped = load_parameters()
    assert shipped.number("sud.opioid.stock_target") == P.number("population.oud.stock")
    assert shipped.number("sud.opioid.remission_stock") == P.number("population.oud.remission")


def test_small_cells_are_merged_or_left_out():
    frame = pd.DataFrame({"klass": 1, "a": [0] * 30 + [1] * 9, "weight": 2.0})
    kept = counts(frame, ["a"])
    assert kept["a"].tolist() == [0] and kept["w"].tolist() == [60]
    far, near = (grid.type_code(e, 0, 0, 0, 3, 4) for e in (0, 3))
    lone = grid.type_code(2, 0, 0, 0, 3, 4)
    cells = pd.DataFrame({"klass": 1, "type": [far, near, lone], "w": [100.0, 50.0, 7.0], "n": [20, 15, 3]})
    merged = merge_small(cells, ["klass"]).set_index("type")["w"]
    assert merged.to_dict() == {far: 100.0, near: 57.0}


def test_shipped_tables_hold_no_single_people():
    for name in ("types", "race_state", "age_state", "youngest", "cover_state"):
        assert Tables()[name]["w"].min() >= 10


@settings(max_examples=60, deadline=None)
@given(arrays(np.float64, st.integers(1, 40), elements=st.floats(0, 1e6)), st.integers(0, 10**6))
def test_largest_remainder_sums(values, total):
    if values.sum() <= 0:
        return
    whole = largest_remainder(values, total)
    assert whole.sum() == total and whole.min() >= 0
    assert np.abs(whole - values * total / values.sum()).max() < 1 + 1e-6


@settings(max_examples=40, deadline=None)
@given(
    arrays(np.float64, (4, 5), elements=st.floats(0.1, 10)), arrays(np.float64, 4, elements=st.floats(1, 100))
)
def test_raking_meets_margins_and_keeps_odds(seed, rows):
    columns = np.arange(1.0, 6.0)
    table = raked(seed, rows, columns)
    assert np.allclose(table.sum(1), rows, rtol=1e-4)
    assert np.allclose(table.sum(0), columns * rows.sum() / columns.sum(), rtol=1e-4)

    def odds(t):
        return t[0, 0] * t[1, 1] / (t[0, 1] * t[1, 0])

    assert odds(table) == pytest.approx(odds(seed), rel=1e-6)


def test_every_state_has_each_margin(model):
    assert (model.margins.covers >= 0).all()
    assert model.margins.covers.shape[0] == len(STATES)
