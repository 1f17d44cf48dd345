"""Draws, Shapley values, offsets and intervals, on made-up numbers where lives are not needed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from microsim.engine.people import People, people_of
from microsim.experiments.blocks import BLOCKS, only, parts_of
from microsim.experiments.offset import Against, Offset, Surface
from microsim.experiments.sampling import EDGE, TIES, draw_at, draws_of, sampled_records
from microsim.experiments.shapley import coalitions, interaction, shapley
from microsim.experiments.uncertainty.arms import deaths_of_2024, drawn_arms, of_policies
from microsim.experiments.uncertainty.intervals import signal
from microsim.experiments.uncertainty.outcomes import ROW, Window
from microsim.experiments.uncertainty.people import CELLS, OUD_GROUP, factors_of
from microsim.experiments.uncertainty.sample import Sample, subsample
from microsim.experiments.uncertainty.spread import bench_of, changes, levels, spread_of
from microsim.ground.parameters import load_parameters
from microsim.ground.policies import apply_policies, compose
from synthetic_pop.default import default_population

SEED = 5
SHORT = Window(36, 47, 48)


@pytest.fixture(scope="module")
def people() -> People:
    from support import PERSONS

    return people_of(default_population(PERSONS), load_parameters())


@pytest.fixture(scope="module")
def small(people: People) -> Sample:
    chosen = np.arange(len(people)) % 10 == 0
    return subsample(people).part(chosen[: len(subsample(people).weights)])


@given(st.integers(2, 5), st.data())
def test_shapley_values_add_up_and_treat_equals_alike(players: int, data: st.DataObject) -> None:
    numbers = st.lists(st.integers(-(10**6), 10**6), min_size=2**players, max_size=2**players)
    values = np.array(data.draw(numbers), float)
    parts = shapley(values, players)
    assert parts.sum() == pytest.approx(values[-1] - values[0], abs=1e-6)
    sizes = np.array([float(len(subset)) for subset in coalitions(players)])
    assert shapley(sizes, players) == pytest.approx(np.ones(players))
    assert interaction(sizes, players) == pytest.approx(0.0)


def test_a_player_that_never_matters_gets_nothing() -> None:
    values = np.array([3.0 if 0 in subset and 1 in subset else 0.0 for subset in coalitions(3)])
    assert shapley(values, 3) == pytest.approx([1.5, 1.5, 0.0])


def test_draws_lie_at_the_ends_of_the_intervals_and_keep_the_ties() -> None:
    p = load_parameters()
    records = [one for one in sampled_records(p) if one.interval is not None and not one.dated]
    for end, place in ((-EDGE, 0), (EDGE, 1)):
        draw = draw_at(p, records, np.full(len(records), end))
        for record in records:
            if (
                record.distribution != "uniform"
                and record.interval[0] <= p.number(record.id) <= record.interval[1]
            ):
                assert draw.values[record.id] == pytest.approx(record.interval[place], rel=1e-6), record.id
    drawn = draws_of(p, 64, SEED)
    for first, second, strength in TIES:
        pair = [[one.values.get(id_, one.factors.get(id_)) for one in drawn] for id_ in (first, second)]
        found = np.corrcoef(np.log(np.array(pair, float)))[0, 1]
        assert np.sign(found) == np.sign(p.number(strength)) and abs(found) > 0.4


def test_a_dated_parameter_keeps_its_steps_when_drawn() -> None:
    p = load_parameters()
    dated = [one for one in sampled_records(p) if one.interval is not None and one.dated]
    assert dated
    tree = draw_at(p, dated, np.full(len(dated), 1.0)).applied(p)
    for record in dated:
        assert np.ptp(tree.record(record.id).steps) > 0


def test_the_luck_of_the_subsample_is_told_from_the_parameters() -> None:
    rng = np.random.default_rng(SEED)
    truth = rng.normal(0.0, 1.0, (4000, 1))
    found, wobble = signal(truth[:, None] + rng.normal(0.0, 2.0, (4000, 2, 1)))
    assert found.std() == pytest.approx(1.0, rel=0.1)
    assert wobble[0] == pytest.approx(2.0, rel=0.1)


def _against(harms: list[float], gains: list[float]) -> Against:
    made = np.array(harms), np.array(gains)
    return Against("control", 10.0, 5.0, 5.0, *made, made[0] - made[1])


def test_a_draw_without_gain_is_counted_and_never_divided_by() -> None:
    row = _against([10.0, 10.0, 10.0, 10.0], [5.0, 0.0, -1.0, 20.0])
    assert row.no_gain == 0.5
    assert row.probability == 0.75
    quantiles = row.quantiles()
    assert quantiles["0.025"] == 0.5 and quantiles["0.975"] is None
    assert Against("control", 10.0, 0.0, 10.0, *[np.zeros(0)] * 3).ratio is None
    found = Offset("package", "run", ("2025-01", "2034-12"), 4, 9, 100.0, (row,), None)
    assert "75 of every 100" in found.sentence() and "no gain at all" in found.sentence()
    none = found._replace(rows=(Against("control", 10.0, -2.0, 12.0, *[np.zeros(0)] * 3),))
    assert "avoids no opioid overdose deaths" in none.sentence()


def test_break_even_lies_where_gain_meets_harm() -> None:
    surface = Surface((-0.1,), (2.0, 10.0), ("none", "middle"), 6.0, np.array([[[4.0, 8.0]], [[1.0, 2.0]]]))
    found = surface.break_even()
    assert found[0]["half_life_months"] == pytest.approx(6.0)
    assert found[1]["half_life_months"] is None


def test_blocks_take_a_package_apart_without_loss() -> None:
    whole = sum(len(provision.patches) for provision in compose(["budget2025"]).provisions)
    split = [only(["budget2025"], [name]) for name in BLOCKS]
    assert sum(len(provision.patches) for one in split for provision in one.provisions) == whole
    assert all(parts_of(["budget2025"])[name] for name in BLOCKS)
    p = load_parameters()
    joined = apply_policies(p, [only(["budget2025"], BLOCKS)])
    assert joined.digest() == apply_policies(p, ["budget2025"]).digest()


def test_reweighting_keeps_the_adult_group_as_counted() -> None:
    weight = np.arange(1.0, len(CELLS) + 1)
    factors = factors_of(weight, 32, SEED)
    group = [1, 2, OUD_GROUP]
    assert (factors[:, group] * weight[group]).sum(axis=1) == pytest.approx(weight[group].sum())
    assert factors[:, OUD_GROUP].std() > 0.05


def test_a_draw_keeps_the_deaths_of_2024_and_a_policy_without_effect_changes_nothing(small: Sample) -> None:
    build = of_policies("baseline", [[], ["redeterminations"]])
    bench = bench_of(build, small, SHORT, SEED, 1, money=False)
    arms = drawn_arms(build, draws_of(load_parameters(), 2, SEED)[1], small, SEED, bench.anchor)
    assert deaths_of_2024(arms[0].tree, small, SEED) == pytest.approx(bench.anchor, rel=0.03)
    found = changes(bench, arms)
    assert not found[0].any()
    assert found[1].any()
    apart = levels(bench, arms)
    row = ROW["opioid_overdose_deaths"]
    assert apart[2, :, row] - apart[0, :, row] == pytest.approx(found[1, :, row].sum(axis=1), abs=1e-6)


def test_draws_are_the_same_on_any_number_of_threads(small: Sample) -> None:
    bench = bench_of(of_policies("baseline", [["budget2025"]]), small, SHORT, SEED, 1, money=False)
    one, two = (spread_of(bench, 3, threads).draws for threads in (1, 2))
    assert np.array_equal(one, two)
