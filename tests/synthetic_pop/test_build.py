"""Samples and the full list are the same people; weights are exact; builds repeat."""

from __future__ import annotations

import numpy as np
import pytest

import synthetic_pop as sp
from microsim.ground.errors import InputError
from microsim.ground.schema import FLAG, PERSON_COLUMNS, STATES, STRATA
from synthetic_pop.builder import Model
from synthetic_pop.describe import People, effective_sample_size
from synthetic_pop.files import validate
from synthetic_pop.inputs import population_parameters


def same(a, b) -> bool:
    return all(np.array_equal(a[c.name], b[c.name]) for c in PERSON_COLUMNS)


def test_columns_and_dtypes(people):
    assert list(people) == [c.name for c in PERSON_COLUMNS]
    assert all(people[c.name].dtype == c.dtype for c in PERSON_COLUMNS)
    validate(people)
    assert sum(people[c.name].itemsize for c in PERSON_COLUMNS) <= 60


def test_same_seed_same_bytes_on_any_threads(model, people):
    assert same(people, sp.build(60_000, seed=7, threads=1, model=model))


def test_other_seed_other_people(model, people):
    assert not np.array_equal(people["birth_month"], sp.build(60_000, seed=8, model=model)["birth_month"])


def test_sample_is_part_of_the_full_list(model):
    everyone = sp.build(None, seed=7, states=["WY"], model=model)
    sample = sp.build(4_000, seed=7, states=["WY"], model=model)
    assert (everyone["weight"] == 1000).all()
    rows = np.searchsorted(everyone["person_id"], sample["person_id"])
    for column in PERSON_COLUMNS:
        if column.name != "weight":
            assert np.array_equal(everyone[column.name][rows], sample[column.name]), column.name


def test_a_person_does_not_depend_on_the_states_asked(model):
    one = sp.build(3_000, seed=7, states=["VT"], model=model)
    two = next(sp.iterate_shards(7, ["VT", "WY"], shard=10**6, model=model))
    rows = np.searchsorted(two["person_id"], one["person_id"])
    assert np.array_equal(two["wage"][rows], one["wage"])


def test_shards_join_to_the_whole(model):
    small = list(sp.iterate_shards(7, ["WY"], shard=100_000, model=model))
    large = list(sp.iterate_shards(7, ["WY"], shard=10**9, model=model))
    assert len(small) > 1 and len(large) == 1
    assert same({k: np.concatenate([s[k] for s in small]) for k in large[0]}, large[0])


def test_weights_meet_states_and_strata_exactly(model, people):
    total = people["weight"].sum(dtype=np.int64)
    assert total == 1000 * model.cells.total()
    for state in range(len(STATES)):
        mask = people["state"] == state
        count = model.cells.count[state].reshape(-1)
        by_stratum = np.bincount(model.stratum.reshape(-1), count, len(STRATA))
        got = np.bincount(people["stratum"][mask], people["weight"][mask], len(STRATA)) / 1000
        assert np.allclose(got, by_stratum, atol=0.02)


@pytest.mark.parametrize("persons", [600, 2_000])
def test_a_small_sample_has_every_record_and_all_people(model, persons):
    weight = sp.build(persons, model=model)["weight"].astype(np.int64)
    assert weight.size == persons and weight.min() >= 1
    assert weight.sum() == 1000 * model.cells.total()


def test_order_by_state_then_id(people):
    assert (np.diff(people["person_id"]) > 0).all()
    assert (np.diff(people["state"].astype(int)) >= 0).all()


def test_precision_within_strata(people):
    # Children apart, whose rates differ most; rates by age, cover and state cost the others some.
    for stratum in range(1, len(STRATA)):
        w = people["weight"][people["stratum"] == stratum].astype(float)
        assert effective_sample_size(w) > 0.4 * w.size, STRATA[stratum]


def idle_gap_and_stock(strength: float) -> tuple[float, float]:
    """How much more often Medicaid adults with opioid use disorder do not work, and the stock."""
    made = Model(population_parameters().replaced({"population.sud.work_correlation": strength}))
    columns = sp.build(40_000, seed=3, model=made)
    view = People(columns)
    idle, group = columns["work_class"] == 2, view.working_age & view.medicaid

    def share(mask):
        return view.w[mask & idle].sum() / view.w[mask].sum()

    return share(group & view.oud) - share(group & ~view.sud), view.w[view.oud].sum()


def test_sud_work_settings_change_only_the_link():
    (none, stock), (strong, same_stock) = idle_gap_and_stock(0.0), idle_gap_and_stock(2.0)
    assert strong > none + 0.05
    assert same_stock == pytest.approx(stock, rel=0.01)


@pytest.mark.parametrize(
    "bad",
    [{"persons": 0}, {"persons": -5}, {"persons": 20}, {"states": ["OX"]}, {"seed": -1}, {"threads": 0}],
)
def test_bad_input_is_one_clear_line(model, bad):
    with pytest.raises(InputError) as error:
        sp.build(**{"persons": 1000, "model": model, **bad})
    assert "expected" in str(error.value) and "\n" not in str(error.value)


def test_attributes_the_rule_reads_are_present(people):
    view = People(people)
    adults = view.cover == 4
    for name in FLAG:
        assert view.flag(name).any(), name

    def share(name):
        return view.w[adults & view.flag(name)].sum() / view.w[adults].sum()

    assert 0.25 < share("snap") < 0.45
    assert 0.40 < share("working") < 0.60
    assert share("snap_subject") < share("snap")
    nobody = adults & (view.flag("inmate") | view.flag("medicare_young"))
    assert not nobody.any()


def test_work_classes_of_medicaid_adults_without_disability(people):
    view = People(people)
    mask = view.working_age & view.medicaid & ~view.flag("disabled")
    shares = [view.w[mask & (people["work_class"] == c)].sum() / view.w[mask].sum() for c in range(3)]
    assert shares == pytest.approx([0.34, 0.28, 0.38], abs=0.03)


def test_time_on_medication_is_spread(people):
    on = people["opioid"] == 3
    months = people["treatment_months"][on]
    assert months.min() == 1 and months.max() <= 250
    assert 0.08 < (months <= 2).mean() < 0.18
