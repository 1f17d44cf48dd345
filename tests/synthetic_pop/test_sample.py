"""A sample has the records asked for, stands for everybody, and draws more where it is told to."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import synthetic_pop as sp
from microsim.ground.draws import ONE, TRAIT_TOLERANCE, resident_word
from microsim.ground.schema import AGE_BANDS, POPULATION_MONTH, STATES, STRATA
from synthetic_pop.builder import Model, seed_key
from synthetic_pop.inputs import population_parameters
from synthetic_pop.sample import LARGEST, Thinning, least_of_cell, rate_of_cell, sample_sizes, sample_state

PEOPLE = population_parameters()


@settings(max_examples=25, deadline=None)
@given(
    persons=st.integers(700, 20_000),
    states=st.sets(st.sampled_from(range(len(STATES))), min_size=1, max_size=6),
    seed=st.integers(0, 2**64 - 1),
)
def test_any_size_has_every_record_once_and_all_people(model, persons, states, seed):
    wanted, stratum, rate = sample_sizes(PEOPLE, model.cells, sorted(states), persons)
    assert wanted.sum() == persons
    for state in sorted(states):
        ids, _, weight = sample_state(model.cells, state, stratum, rate, wanted[state], seed_key(seed))
        assert len(ids) == wanted[state].sum() and (np.diff(ids) > 0).all()
        assert weight.min() >= 1 and weight.max() <= LARGEST
        assert weight.sum() == 1000 * model.cells.count[state].sum()


def test_the_mean_over_starts_is_that_of_everybody(model):
    state = STATES.index("VT")
    first, last = model.cells.state_range(state)
    random = np.random.default_rng(3)
    age = random.integers(7, 18, last - first)
    starts = model.cells.start[state * rate_of_cell(PEOPLE).size :]
    cell = np.searchsorted(starts, np.arange(first, last), side="right") - 1
    # Marks go with what rates go with, so that a weight which forgot one would show.
    rates = rate_of_cell(PEOPLE).reshape(-1)[cell]
    mark = random.lognormal(0.0, 0.5, last - first) + np.sqrt(rates) + np.where(age < 13, 0.0, 5.0)
    tolerance = np.array([resident_word(int(number), TRAIT_TOLERANCE) for number in range(first, last)])
    mark += np.where(tolerance < 0.05 * ONE, 4.0, 0.0)
    wanted, stratum, rate = sample_sizes(PEOPLE, model.cells, [state], 6_000)
    thinning = Thinning(least_of_cell(PEOPLE), 6.0, lambda ids, _: age[ids - first], 13, 0.25)
    found = []
    for seed in range(80):
        ids, _, weight = sample_state(
            model.cells, state, stratum, rate, wanted[state], seed_key(seed), thinning
        )
        found.append((weight / 1000 * mark[ids - first]).sum())
    error = np.std(found, ddof=1) / np.sqrt(len(found))
    assert np.mean(found) == pytest.approx(mark.sum(), abs=4 * error)
    assert error < 0.003 * mark.sum()


def test_younger_children_are_thinned_and_stand_for_all_of_their_age(model):
    made = sp.build(40_000, seed=9, states=["OH", "MI"], model=model)
    age = (POPULATION_MONTH - made["birth_month"].astype(np.int64)) // 12
    below = int(PEOPLE.number("population.sample.thinned_below"))
    young, older = (age >= 7) & (age < below), (age >= below) & (age < 18) & (made["stratum"] == 0)
    per_person = [mask.sum() / made["weight"][mask].sum() for mask in (young, older)]
    thin = PEOPLE.number("population.sample.thinned_rate")
    assert per_person[0] / per_person[1] == pytest.approx(thin, rel=0.05)
    full = sp.build(40_000, seed=9, states=["OH", "MI"], model=Model(PEOPLE.replaced({
        "population.sample.thinned_rate": 1.0})))  # fmt: skip
    ages = (POPULATION_MONTH - full["birth_month"].astype(np.int64)) // 12
    whole = full["weight"][(ages >= 7) & (ages < below)].sum()
    assert made["weight"][young].sum() == pytest.approx(whole, rel=0.06)


def test_records_follow_the_rates_within_a_stratum(model):
    state, kept = STATES.index("OH"), STRATA.index("adult_other")
    wanted, stratum, rate = sample_sizes(PEOPLE, model.cells, [state], 60_000)
    _, cells, _ = sample_state(model.cells, state, stratum, rate, wanted[state], seed_key(4))
    inside = stratum.reshape(-1) == kept
    people, drawn = model.cells.count[state].reshape(-1), np.bincount(cells, minlength=inside.size)
    rates = rate.reshape(-1)
    share = [drawn[inside & (rates == r)].sum() / people[inside & (rates == r)].sum() / r
             for r in np.unique(rates[inside])]  # fmt: skip
    assert len(share) > 2
    assert share == pytest.approx([np.mean(share)] * len(share), rel=0.03)


def test_a_stratum_told_twice_the_rate_gets_more_records_in_every_state(model):
    table = PEOPLE.array("population.sample.records", "stratum", "age_band").copy()
    oud = STRATA.index("oud")
    chosen = list(range(len(STATES)))
    before, *_ = sample_sizes(PEOPLE, model.cells, chosen, 200_000)
    assert table.shape == (len(STRATA), len(AGE_BANDS))
    table[oud] *= 2
    more = PEOPLE.replaced({"population.sample.records": table})
    after, *_ = sample_sizes(more, model.cells, chosen, 200_000)
    assert (after[:, oud] > 1.5 * before[:, oud]).all()
    assert after.sum() == before.sum() == 200_000


def test_states_where_opioids_kill_more_have_more_records_for_their_people(model):
    wanted, stratum, _ = sample_sizes(PEOPLE, model.cells, list(range(len(STATES))), 1_000_000)
    oud = stratum == STRATA.index("oud")
    fraction = wanted[:, STRATA.index("oud")] / model.cells.count[:, oud].sum(1)
    for high, low in (("WA", "IN"), ("IN", "IA"), ("NM", "NE"), ("OH", "FL")):
        assert fraction[STATES.index(high)] > fraction[STATES.index(low)], (high, low)


def test_the_least_tolerant_are_sampled_more_often_and_stand_for_their_share(model):
    made = sp.build(60_000, seed=4, states=["OH", "MI", "PA"], model=model)
    tolerance = np.array([resident_word(int(number), TRAIT_TOLERANCE) for number in made["person_id"]]) / ONE
    age = (POPULATION_MONTH - made["birth_month"].astype(np.int64)) // 12
    of_cell = PEOPLE.array("population.sample.least_tolerance", "age_band")
    for band, (low, high) in {1: (19, 26), 2: (26, 35), 3: (35, 45)}.items():
        others = np.isin(made["stratum"], [STRATA.index("adult_other"), STRATA.index("expansion")])
        here = others & (age >= low) & (age < high) & (made["opioid"] == 0)
        often = here & (tolerance < of_cell[band])
        share = made["weight"][often].sum() / made["weight"][here].sum()
        assert share == pytest.approx(of_cell[band], rel=0.1)
        assert often.sum() / here.sum() > 2 * of_cell[band]
