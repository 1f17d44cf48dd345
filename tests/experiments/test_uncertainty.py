"""Draws, Shapley values, offsets and intervals, on made-up numbers where lives are not needed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from microsim.engine import measures
from microsim.engine.people import People, people_of
from microsim.engine.tallies import of_arm
from microsim.experiments.blocks import BLOCKS, only, parts_of
from microsim.experiments.offset import Against, Offset, Surface
from microsim.experiments.sampling import (
    BELOW,
    EDGE,
    PRODUCTS,
    TABLES_ALONE,
    TIES,
    draw_at,
    draws_of,
    sampled_records,
    scores_of,
)
from microsim.experiments.shapley import coalitions, interaction, shapley
from microsim.experiments.uncertainty.arms import crowded, deaths_of_2024, drawn_arms, of_policies
from microsim.experiments.uncertainty.intervals import signal
from microsim.experiments.uncertainty.movers import movers
from microsim.experiments.uncertainty.noise import KEPT, group_error
from microsim.experiments.uncertainty.outcomes import ROW, TALLIED, Window, less, slot_change, tallied
from microsim.experiments.uncertainty.people import CELLS, OUD_GROUP, factors_of
from microsim.experiments.uncertainty.sample import Sample, lived, subsample, tables_of
from microsim.experiments.uncertainty.spread import bench_of, changes, deaths, levels, spread_of
from microsim.ground.parameters import load_parameters
from microsim.ground.policies import apply_policies, compose
from microsim.ground.schema import POPULATION_MONTH
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
    together = {id_ for product in PRODUCTS for id_ in product}
    records = [one for one in sampled_records(p) if one.interval is not None and not one.dated]
    records = [one for one in records if one.id not in together]
    for end, place in ((-EDGE, 0), (EDGE, 1)):
        draw = draw_at(p, records, np.full(len(records), end))
        for record in records:
            if record.interval[0] <= p.number(record.id) <= record.interval[1]:
                within = 0.025 * np.ptp(record.interval) * -np.sign(end) if record.distribution == "uniform" else 0.0
                expected = record.interval[place] + within
                assert draw.values[record.id] == pytest.approx(expected, rel=1e-6), record.id
    drawn = draws_of(p, 64, SEED)
    for first, second, strength in TIES:
        pair = [[one.values.get(id_, one.factors.get(id_)) for one in drawn] for id_ in (first, second)]
        found = np.corrcoef(np.log(np.array(pair, float)))[0, 1]
        assert np.sign(found) == np.sign(p.number(strength)) and abs(found) > 0.4


def test_half_of_all_draws_of_a_record_lie_on_either_side_of_its_value() -> None:
    p = load_parameters()
    records = sampled_records(p)
    assert {record.distribution for record in records} >= {"uniform", "lognormal", "triangular"}
    centre = draw_at(p, records, np.zeros(len(records)))
    for id_, value in centre.values.items():
        assert value == pytest.approx(p.number(id_, month=POPULATION_MONTH), abs=1e-12), id_
    assert list(centre.factors.values()) == pytest.approx(np.ones(len(centre.factors)))
    assert not any(record.id.startswith(TABLES_ALONE) for record in records)


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
    found, wobble, left = signal(truth[:, None] + rng.normal(0.0, 2.0, (4000, 2, 1)))
    assert found.std() == pytest.approx(1.0, rel=0.1)
    assert wobble[0] == pytest.approx(2.0, rel=0.1)
    assert 0.0 <= left[0] < 0.1
    few, _, more = signal(truth[:40, None] + rng.normal(0.0, 2.0, (40, 2, 1)))
    assert few.var(ddof=1) > more[0] > left[0]


def test_parameters_that_have_nothing_to_do_with_each_other_do_not_move_together() -> None:
    p = load_parameters()
    records, scores = scores_of(p, 64, SEED)
    tied = {id_ for pair in TIES for id_ in pair[:2]}
    free = [place for place, record in enumerate(records) if record.id not in tied]
    apart = np.abs(np.corrcoef(scores[:, free].T)[np.triu_indices(len(free), 1)])
    assert apart.max() < 0.65


def test_a_product_of_draws_stays_within_the_further_of_its_intervals() -> None:
    p = load_parameters()
    records = [p.record(id_) for id_ in PRODUCTS[0]]
    centre = np.prod([p.number(record.id) for record in records])
    far = draw_at(p, records, [3.0, 3.0])
    highest = max(record.interval[1] / p.number(record.id) for record in records if record.interval)
    assert np.prod([far.values[record.id] for record in records]) == pytest.approx(centre * highest)
    near = draw_at(p, records, [0.5, 0.5])
    assert np.prod([near.values[record.id] for record in records]) < centre * highest


@pytest.mark.parametrize(("lower", "upper"), BELOW)
def test_a_record_that_another_bounds_stays_below_it_in_the_furthest_draw(lower: str, upper: str) -> None:
    p = load_parameters()
    draw = draw_at(p, [p.record(lower), p.record(upper)], [4.7, -4.7])
    assert 0 < draw.values[lower] < draw.values[upper]
    alone = draw_at(p, [p.record(lower)], [EDGE])
    assert alone.values[lower] == pytest.approx(p.record(lower).interval[1])
    assert draw_at(p, [p.record(lower)], [4.7]).values[lower] < p.number(upper)


def test_movers_name_what_moves_the_draws_and_nothing_else() -> None:
    records, scores = scores_of(load_parameters(), 128, SEED)
    found = movers(records, scores, scores[:, 3] - 0.7 * scores[:, 40] + 0.1 * scores[:, 7])
    assert [row["id"] for row in found[:2]] == [records[3].id, records[40].id]
    assert found[0]["rank_correlation"] > 0 > found[1]["rank_correlation"]
    luck = np.random.default_rng(SEED).normal(size=128)
    assert len(movers(records, scores, luck)) <= 1
    assert movers(records, scores, np.zeros(128)) == []


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
    assert "75 of every 100" in found.sentence() and "without an upper end" in found.sentence()
    none = found._replace(rows=(Against("control", 10.0, -2.0, 12.0, *[np.zeros(0)] * 3),))
    assert "avoids none" in none.sentence()
    fall = Against("supply-share-of-fall", 10.0, 200.0, -190.0, *[np.zeros(0)] * 3)
    assert "that is 5.0%" in found._replace(rows=(row, fall)).sentence()


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
    drawn = [drawn_arms(build, draw, small, SEED, bench.anchor) for draw in draws_of(load_parameters(), 8, SEED)]
    off = np.stack([deaths_of_2024(arms[0].tree, small, SEED) for arms in drawn]) / bench.anchor - 1.0
    # In so few lives one event that a draw brings or spares moves a year's deaths by more.
    assert (np.median(np.abs(off), axis=0) < 0.03).all()
    arms = drawn[1]
    found = changes(bench, arms)
    assert not found[0].any()
    assert found[1].any()
    apart = levels(bench, arms)
    row = ROW["opioid_overdose_deaths"]
    assert apart[2, :, row] - apart[0, :, row] == pytest.approx(found[1, :, row].sum(axis=1), abs=1e-6)
    assert deaths(bench, arms) == pytest.approx(apart[:, :, row, 0])


def test_months_are_added_up_as_measures_say_and_crowding_follows_the_draw(small: Sample) -> None:
    window = Window(6, 20, 24)
    access = np.full((51, 24), 0.5)
    build = crowded(of_policies("baseline", [["budget2025"]]), [None, access])
    arms = build(load_parameters())
    tables = tables_of(arms, window.months)
    total = lived(small, tables, SEED)
    change = less(of_arm(total, 1), of_arm(total, 0))
    assert np.array_equal(tallied(change, window), slot_change(total, 1, window))
    series = measures.series(change)
    for place, name in enumerate(TALLIED):
        spans = [measures.window_value(name, series[name], a, b) for a, b in window.spans]
        assert np.array_equal(
            tallied(change, window)[place], np.stack(spans, 1) / measures.BY_NAME[name].divisor
        )
    free = tables_of([arm._replace(access=None) for arm in arms], window.months)
    assert (tables.places["start"][1] < free.places["start"][1]).any()
    more = [arm._replace(tree=arm.tree.replaced({"sud.treatment.grant_funded_share_uninsured": 0.6})) for arm in arms]
    assert (tables_of(more, window.months).places["start"][1] < tables.places["start"][1]).any()


def test_the_error_of_random_groups_is_that_of_many_samples() -> None:
    rng = np.random.default_rng(SEED)
    strata, people, groups, samples = 6, 4_000, 20, 300
    spread = np.array([0.1, 0.2, 0.5, 1.0, 2.0, 5.0])
    errors, totals = [], []
    for _ in range(samples):
        tallied_by = np.zeros((strata, groups))
        for stratum in range(strata):
            values = rng.normal(0.0, spread[stratum], people)
            tallied_by[stratum] = np.bincount(rng.integers(groups, size=people), values, groups)
        errors.append(group_error(tallied_by))
        totals.append(tallied_by.sum())
    truth = np.sqrt(people * (spread**2).sum())
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(truth, rel=0.03)
    assert np.std(totals, ddof=1) == pytest.approx(truth, rel=0.1)


def test_what_the_run_keeps_by_group_adds_up_to_its_measures(small: Sample) -> None:
    bench = bench_of(of_policies("baseline", [["budget2025"]]), small, SHORT, SEED, 1, money=False)
    total = lived(small, tables_of(bench.build(load_parameters()), SHORT.months), SEED)
    block = slot_change(total, 1, SHORT)
    ours, theirs = (of_arm(total, arm).yearly["error"] for arm in (0, 1))
    years = slice(SHORT.first // 12, SHORT.last // 12 + 1)
    for name, (columns, unit) in KEPT.items():
        change = sum(sign * (theirs - ours)[..., column] for column, sign in columns.items())
        whole = change[:, years].sum(axis=(1, 2, 3)) / unit
        assert whole == pytest.approx(block[ROW[name], :, 0], abs=1e-2 + 1e-6 * np.abs(whole).max()), name
    assert block[ROW["overdoses_nonfatal"]].any()


def test_draws_are_the_same_on_any_number_of_threads(small: Sample) -> None:
    bench = bench_of(of_policies("baseline", [["budget2025"]]), small, SHORT, SEED, 1, money=False)
    one, two = (spread_of(bench, 3, threads).draws for threads in (1, 2))
    assert np.array_equal(one, two)
