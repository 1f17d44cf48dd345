"""Programme money, naloxone and channels: conservation, lags, neutrality, separation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microsim.engine.environment import Environment, build_environment, naloxone, programmes, supply
from microsim.ground.calendar import month_index
from microsim.ground.errors import InputError
from microsim.ground.parameters import Parameters, load_parameters
from microsim.ground.schema import STATES

CUT = month_index("2025-10")
FIRST, LAST = month_index("2024-01"), month_index("2030-12")
MONEY_CHANNELS = {
    "naloxone": {"naloxone", "kits"},
    "slots": {"access"},
    "linkage": {"linkage"},
    "surveillance": {"lethality"},
    "prevention": {"onset"},
    "supply": set(),
}


@pytest.fixture(scope="module")
def tree() -> Parameters:
    return load_parameters()


def cut(
    tree: Parameters, lines: tuple[str, ...], factor: float = 0.0, state: str | None = None
) -> Parameters:
    """Funding of lines multiplied from October 2025 on, for all states or one."""
    changed = []
    for line in lines:
        record = tree.record(f"programs.{line}.funding")
        if state is not None:
            record = record.with_dimensions(("state",))
        now = np.array(record.at(CUT))
        now = (
            np.where(np.arange(len(STATES)) == STATES.index(state), now * factor, now)
            if state
            else now * factor
        )
        months = (*(month for month in record.months if month < CUT), CUT)
        changed.append(record.with_steps(months, np.array([*record.steps[: len(months) - 1], now])))
    return tree.with_records(changed)


def request(tree: Parameters) -> Parameters:
    """All lines at the request for fiscal year 2026."""
    changed = []
    for line in programmes.line_names(tree):
        record = tree.record(f"programs.{line}.funding")
        now = tree.number(f"programs.{line}.request_2026")
        months = (*(month for month in record.months if month < CUT), CUT)
        changed.append(record.with_steps(months, np.array([*record.steps[: len(months) - 1], now])))
    return tree.with_records(changed)


def assert_same(one: Environment, two: Environment, but: frozenset[str] | set[str] = frozenset()) -> None:
    for name in Environment._fields:
        if name not in but:
            assert np.array_equal(getattr(one, name), getattr(two, name)), name


def test_tables_have_the_shape_and_kind_that_the_engine_reads(tree: Parameters) -> None:
    environment = build_environment(tree, FIRST, LAST)
    for table in environment:
        assert table.shape == (51, LAST - FIRST + 1)
        assert table.dtype == np.float64
        assert np.all(np.isfinite(table)) and np.all(table >= 0)


def test_a_window_is_a_part_of_a_longer_one(tree: Parameters) -> None:
    whole, part = build_environment(tree, 0, 239), build_environment(tree, 100, 130)
    for long, short in zip(whole, part, strict=True):
        np.testing.assert_array_equal(long[:, 100:131], short)


def test_baseline_factors_are_exactly_one(tree: Parameters) -> None:
    environment = build_environment(tree, 0, 239)
    for name in ("access", "linkage", "onset", "reversal"):
        assert np.all(getattr(environment, name) == 1.0), name
    for line in programmes.line_names(tree):
        funding, reference = (
            tree.monthly(f"programs.{line}.{kind}", 0, 239) for kind in ("funding", "reference")
        )
        assert np.array_equal(funding, reference), line


def test_outlays_of_a_steady_budget_equal_its_appropriations(tree: Parameters) -> None:
    first = month_index("2027-01")
    year = programmes.outlays(tree, first, first + 11).sum()
    money = sum(tree.number(f"programs.{line}.funding", first) for line in programmes.line_names(tree))
    assert year == pytest.approx(money * 1e6)


def test_a_cut_is_felt_over_three_fiscal_years(tree: Parameters) -> None:
    spent = programmes.line_outlays(cut(tree, ("sor",)), "sor", CUT, CUT + 35).sum(axis=0)
    before = programmes.line_outlays(tree, "sor", CUT, CUT + 35).sum(axis=0)
    np.testing.assert_allclose(
        (spent / before)[[0, 11, 12, 23, 24, 35]], [0.65, 0.65, 0.25, 0.25, 0, 0], atol=1e-12
    )


def test_backfill_softens_cuts_and_not_rises(tree: Parameters) -> None:
    money = ("matpdoa",)
    alone = tree.replaced({"programs.backfill": 0.0})
    whole = tree.replaced({"programs.backfill": 1.0})
    late = CUT + 40

    def ratio(base: Parameters, factor: float) -> float:
        return float(programmes.bought(cut(base, money, factor), programmes.SLOTS, late, late).ratio().mean())

    assert ratio(whole, 0.0) == 1.0
    assert ratio(alone, 0.0) < ratio(tree, 0.0) < 1.0
    assert ratio(alone, 2.0) == ratio(tree, 2.0) == ratio(whole, 2.0) > 1.0


def test_no_line_is_counted_twice(tree: Parameters) -> None:
    def level(*lines: str) -> float:
        return sum(tree.number(f"programs.{line}.enacted_2026") for line in lines)

    assert level("od2a", "cdc_opioid_other") == pytest.approx(505.6)
    portfolio = ("frcara", "pdo", "iaot", "matpdoa", "bcor", "drugcourt", "otp", "csat_other")
    assert level(*portfolio) == pytest.approx(564)
    for line in programmes.line_names(tree):
        shares = [f"programs.{line}.{what}" for what in programmes.SHARES]
        assert sum(tree.number(id_) for id_ in shares if id_ in tree) <= 1.0, line
        assert {f"programs.{line}.{kind}" for kind in ("reference", "request_2026", "enacted_2026")} <= set(
            tree
        )


def test_the_request_adds_up_to_its_published_parts(tree: Parameters) -> None:
    def change(*lines: str) -> float:
        return sum(
            tree.number(f"programs.{line}.request_2026") - tree.number(f"programs.{line}.reference", CUT)
            for line in lines
        )

    merged = ("sor", "suptrs", "mhbg")
    assert sum(tree.number(f"programs.{line}.request_2026") for line in merged) == pytest.approx(
        4000, abs=0.5
    )
    portfolio = ("frcara", "pdo", "iaot", "matpdoa", "bcor", "drugcourt", "csat_other", "csap_prns")
    assert change(*portfolio) == pytest.approx(-800, rel=0.03)
    relevant = change("sor", "suptrs", *portfolio, "od2a", "cdc_opioid_other", "dfc")
    assert relevant == pytest.approx(-1800, rel=0.02)


def test_allocations_add_up(tree: Parameters) -> None:
    for name in ("sor", "formula"):
        assert tree.array(f"programs.allocation.{name}", "state").sum() == pytest.approx(1, abs=1e-3)


def test_assumed_effects_name_their_channel(tree: Parameters) -> None:
    for id_ in tree.ids("programs."):
        if id_.endswith(("_share", "_per_musd")) or ".effect." in id_:
            assert tree.record(id_).channel is not None, id_


def test_the_request_weakens_every_channel(tree: Parameters) -> None:
    before, after = build_environment(tree, FIRST, LAST), build_environment(request(tree), FIRST, LAST)
    early, late = slice(0, CUT - FIRST), slice(CUT - FIRST, None)
    for name in ("naloxone", "kits", "access", "linkage", "outlays"):
        assert np.array_equal(getattr(after, name)[:, early], getattr(before, name)[:, early]), name
        assert np.all(getattr(after, name)[:, late] < getattr(before, name)[:, late]), name
    assert np.all(after.onset[:, late] > 1.0)
    assert_same(
        before, after, {"naloxone", "kits", "access", "linkage", "onset", "outlays"}
    )


@pytest.mark.parametrize("channel", list(MONEY_CHANNELS))
def test_a_channel_moves_its_own_tables_only(tree: Parameters, channel: str) -> None:
    effects = tree.replaced({"programs.effect.surveillance": -0.05})
    policy = request(effects)
    before = build_environment(effects, FIRST, LAST)
    after = build_environment(effects, FIRST, LAST, {channel: policy})
    assert_same(before, after, MONEY_CHANNELS[channel])
    for name in MONEY_CHANNELS[channel]:
        assert not np.array_equal(getattr(before, name), getattr(after, name)), name


def test_all_channels_of_a_policy_are_the_policy(tree: Parameters) -> None:
    policy = request(tree).replaced({"sud.supply.shock_log_depth": -0.12})
    swapped = build_environment(tree, FIRST, LAST, dict.fromkeys(MONEY_CHANNELS, policy))
    assert_same(build_environment(policy, FIRST, LAST), swapped, {"outlays"})


def test_money_for_one_state_leaves_all_others(tree: Parameters) -> None:
    before = build_environment(tree, FIRST, LAST)
    after = build_environment(cut(tree, ("sor", "suptrs", "od2a"), 0.0, "OH"), FIRST, LAST)
    others = np.arange(51) != STATES.index("OH")
    for name in Environment._fields:
        assert np.array_equal(getattr(before, name)[others], getattr(after, name)[others]), name
    assert np.all(after.kits[~others, -1] < before.kits[~others, -1])


def test_naloxone_meets_its_anchor(tree: Parameters) -> None:
    weights = tree.array("sud.supply.synthetic_deaths_2023", "state")
    given_ = naloxone.probability(tree, 120).policy[:, FIRST : FIRST + 12].mean(axis=1)
    assert weights @ given_ / weights.sum() == pytest.approx(0.58, abs=1e-9)
    assert 0.4 < given_.min() < given_.max() < 0.80
    with pytest.raises(InputError, match=r"sud\.naloxone\.anchor"):
        naloxone.probability(tree.replaced({"sud.naloxone.anchor": 0.9}), 120)


def test_kits_are_a_stock_that_wears_out() -> None:
    flow = np.full((51, 200), 10.0)
    np.testing.assert_allclose(naloxone.stock(flow, 15.5), 155.0)
    flow[:, 100:] = 0.0
    np.testing.assert_allclose(naloxone.stock(flow, 15.5)[:, 110], 155.0 * (1 - 1 / 15.5) ** 11)


def test_purchase_buys_the_kits_that_it_names(tree: Parameters) -> None:
    record = tree.record("programs.naloxone_purchase.funding")
    policy = tree.with_records([record.with_steps((0, CUT), np.array([0.0, 100.0]))])
    late = CUT + 36
    more = (
        naloxone.kits(policy, late, late + 11)[0].policy.sum()
        - naloxone.kits(tree, late, late + 11)[0].policy.sum()
    )
    assert more == pytest.approx(2.08e6, rel=0.01)


def test_response_to_kits_lies_within_the_evidence(tree: Parameters) -> None:
    """Deaths when 1.79 times the kits are handed out, against the trial's 0.91 (0.76 to 1.09)."""
    late = np.s_[:, -1:]
    tables = build_environment(tree, FIRST, LAST)
    highest = tree.number("sud.naloxone.highest")
    more = highest * (1 - (1 - tables.naloxone[late] / highest) ** 1.79)
    fatality = [
        supply.relative_fatality(tree, given_, tables.lethality[late])
        for given_ in (tables.naloxone[late], more)
    ]
    assert 0.76 < fatality[1].sum() / fatality[0].sum() < 1.0


def test_naloxone_held_back_costs_lives(tree: Parameters) -> None:
    held = tree.replaced({"sud.naloxone.path": "held"})
    now, then = build_environment(tree, FIRST, LAST), build_environment(held, FIRST, LAST)
    assert np.all(then.naloxone < now.naloxone)
    assert_same(now, then, {"naloxone"})


def test_surveillance_delay_raises_fatality_at_most_by_its_elasticity(tree: Parameters) -> None:
    effects = tree.replaced({"programs.effect.surveillance": -0.05, "programs.backfill": 0.0})
    lines = tuple(
        line for line in programmes.line_names(tree) if f"programs.{line}.surveillance_share" in tree
    )
    ratio = (
        build_environment(cut(effects, lines), LAST, LAST).lethality
        / build_environment(effects, LAST, LAST).lethality
    )
    np.testing.assert_allclose(ratio, 1.05)


@pytest.mark.parametrize(("first", "last"), [(-1, 10), (10, 9)])
def test_impossible_months_are_refused(tree: Parameters, first: int, last: int) -> None:
    with pytest.raises(InputError, match="months"):
        build_environment(tree, first, last)


def test_unknown_channel_is_refused_with_the_nearest(tree: Parameters) -> None:
    with pytest.raises(InputError, match="nearest is 'naloxone'"):
        build_environment(tree, 100, 110, {"naloxon": tree})


@settings(max_examples=20, deadline=None)
@given(
    factor=st.floats(0.0, 3.0), life=st.floats(2.0, 40.0), own=st.floats(0.0, 1.0),
    anchor=st.floats(0.1, 0.8), backfill=st.floats(0.0, 1.0),
)  # fmt: skip
def test_more_money_never_means_less(
    factor: float, life: float, own: float, anchor: float, backfill: float
) -> None:
    tree = load_parameters().replaced({
        "sud.naloxone.kit_life": life, "sud.naloxone.state_weight": own, "sud.naloxone.anchor": anchor,
        "programs.backfill": backfill,
    })  # fmt: skip
    lines = programmes.line_names(tree)
    before, after = (
        build_environment(tree, CUT, CUT + 60),
        build_environment(cut(tree, lines, factor), CUT, CUT + 60),
    )
    sign = np.sign(factor - 1.0)
    for name in ("naloxone", "kits", "access", "linkage"):
        assert np.all((getattr(after, name) - getattr(before, name)) * sign >= -1e-9), name
    assert np.all((after.naloxone > 0) & (after.naloxone < tree.number("sud.naloxone.highest")))
    assert np.array_equal(before.lethality, after.lethality)
