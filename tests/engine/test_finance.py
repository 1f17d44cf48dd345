"""Money: exact sums, published averages kept, who pays, and nothing counted twice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from money_cases import (
    DISABLED,
    MONTHS,
    OHIO,
    OLD,
    OUD,
    YOUNG,
    count,
    crowd,
    money,
    nobody,
    overdose,
    paid,
    put,
    steady,
)

from microsim.engine.environment import build_environment
from microsim.engine.finance import COMPONENTS, PAYERS, price
from microsim.engine.finance.ledger import Ledger
from microsim.engine.finance.spending import yearly_averages
from microsim.ground.calendar import month_index
from microsim.ground.errors import InputError
from microsim.ground.parameters import Parameters, load_parameters
from microsim.ground.policies import apply_policies
from microsim.ground.schema import POPULATION_MONTH, STATES


@pytest.fixture(scope="module")
def tree() -> Parameters:
    return load_parameters()


def test_totals_add_up_to_the_dollar(tree: Parameters) -> None:
    result = money(crowd(MONTHS), tree)
    assert result.federal.sum() + result.state.sum() == result.total.sum()
    by_component = sum(int(result.component(name)[:2].sum()) for name in COMPONENTS)
    assert by_component == int(result.total.sum()) == sum(int(row.sum()) for row in result.total)
    assert np.array_equal(result.federal, np.rint(result.federal))


def test_every_dollar_is_positive_but_what_takes_money_away(tree: Parameters) -> None:
    result = money(crowd(MONTHS), apply_policies(tree, ["medicaid-law-2025"]))
    for name in COMPONENTS:
        if name not in ("grants_to_states", "retroactive_cover", "cost_sharing"):
            assert (result.component(name) >= 0).all(), name


@pytest.mark.parametrize("state", ["OH", "CA", "KY", "NC"])
def test_first_quarter_costs_the_published_average(tree: Parameters, state: str) -> None:
    mix = {("adult_group", YOUNG): 60_000, ("adult_group", DISABLED): 9_000, ("adult_group", OUD): 7_000}
    tallies = steady(mix, state=state)
    for month in range(MONTHS):
        overdose(tallies, month, state, "adult_group", 100)
    result = money(tallies, tree, last=POPULATION_MONTH + 2)
    spent = paid(result, "benefits_adult_group") + paid(result, "overdose_medicaid")
    years = (POPULATION_MONTH + 1.5 - month_index("2023-10")) / 12
    index = (1 + tree.number("finance.benefits.growth")) ** years
    published = tree.array("finance.benefits.adult_group", "state")[STATES.index(state)]
    assert spent == pytest.approx(76_000 * published / 4 * index, abs=2)


def two_years(tree: Parameters, name: str) -> np.ndarray:
    return np.stack([tree.array(f"finance.check.adult_group_{name}_{y}", "state") for y in (2023, 2024)])


def test_published_averages_are_spending_over_people_of_two_years(tree: Parameters) -> None:
    spent, years = two_years(tree, "spending").sum(axis=0), two_years(tree, "person_years").sum(axis=0)
    each = tree.array("finance.benefits.adult_group", "state")
    own = years > 0
    assert each[own] == pytest.approx(spent[own] / years[own], abs=0.01)
    assert each[~own] == pytest.approx(spent.sum() / years.sum(), abs=0.01)


def test_a_price_that_leans_to_a_year_lies_between_the_two(tree: Parameters) -> None:
    spent, years = two_years(tree, "spending"), two_years(tree, "person_years")
    g, swing = tree.number("finance.benefits.growth"), tree.array("finance.benefits.adult_group_swing", "state")
    late = [STATES.index("NC"), STATES.index("SD")]
    own = np.setdiff1d(np.flatnonzero(years[0] > 0), late)
    each = spent[:, own] / years[:, own]
    assert swing[own] == pytest.approx(each[1] / each[0], abs=1e-4)
    usual, early, recent = (
        yearly_averages(tree.replaced({"finance.benefits.adult_group_year": lean}))["adult_group"]
        for lean in (0.0, -0.5, 0.5)
    )
    assert usual == pytest.approx(tree.array("finance.benefits.adult_group", "state"))
    assert recent / early == pytest.approx(swing / (1 + g))
    utah, washington = STATES.index("UT"), STATES.index("WA")
    assert recent[utah] > usual[utah] and recent[washington] < usual[washington]
    people = years.sum(axis=0)
    nation = [(prices * people).sum() / (usual * people).sum() for prices in (early, recent)]
    assert 0.95 < nation[0] < 1 < nation[1] < 1.05


def test_a_visit_costs_what_its_source_says_a_visit_costs(tree: Parameters) -> None:
    assert tree.number("finance.acute.visit") == pytest.approx(1.94e9 / 430_000, rel=0.01)


def test_people_of_a_cheap_class_save_less_than_the_average(tree: Parameters) -> None:
    before = steady({("adult_group", YOUNG): 5_000, ("adult_group", OUD): 1_000})
    after = steady({("adult_group", YOUNG): 4_000, ("adult_group", OUD): 1_000})
    healthy = money(after, tree, reference=before)
    after = steady({("adult_group", YOUNG): 5_000})
    ill = money(after, tree, reference=before)
    base = money(before, tree)
    saved = [paid(base, "benefits_adult_group") - paid(x, "benefits_adult_group") for x in (healthy, ill)]
    assert saved[1] / saved[0] == pytest.approx(tree.number("finance.benefits.factor_oud"), rel=1e-4)
    assert saved[0] < paid(base, "benefits_adult_group") / 6


def test_matching_rates(tree: Parameters) -> None:
    result = money(steady({("adult_group", YOUNG): 1_000, ("other_adult", YOUNG): 1_000}), tree)
    group, others = result.component("benefits_adult_group"), result.component("benefits_other_adult")
    assert group[0, OHIO] / group[:2, OHIO].sum(axis=0) == pytest.approx(0.9, abs=1e-6)
    quarters = {int(month): q for q, month in enumerate(result.quarters)}
    for month, rate in (("2024-04", 0.6430), ("2024-10", 0.6460), ("2025-10", 0.6485), ("2026-10", 0.6512)):
        q = quarters[month_index(month)]
        assert others[0, OHIO, q] / others[:2, OHIO, q].sum() == pytest.approx(rate, abs=1e-6)


def test_matching_rates_are_legal(tree: Parameters) -> None:
    for month in ("2024-01", "2025-01", "2026-01", "2027-01", "2034-12"):
        rates = tree.array("finance.match.regular", "state", month=month_index(month))
        assert ((rates >= 0.5) & (rates <= 0.83)).all()


def test_a_window_is_the_sum_of_its_parts(tree: Parameters) -> None:
    tallies = crowd(MONTHS)
    whole = money(tallies, tree)
    cut = POPULATION_MONTH + 12
    parts = [money(tallies, tree, last=cut - 1), money(tallies, tree, first=cut)]
    assert sum(part.total.sum() for part in parts) == whole.total.sum()
    assert np.array_equal(np.concatenate([part.amounts for part in parts], axis=3), whole.amounts)


def test_a_cut_quarter_counts_its_own_months(tree: Parameters) -> None:
    tallies = steady({("adult_group", YOUNG): 900})
    result = money(tallies, tree, first=POPULATION_MONTH + 1, last=POPULATION_MONTH + 4)
    assert result.lengths.tolist() == [2, 2]
    assert result.quantities["months_adult_group"][OHIO].tolist() == [1_800_000, 1_800_000]
    assert result.by_month(result.federal).shape == (51, 4)
    assert result.by_month(result.federal).sum() == pytest.approx(result.federal.sum())


def test_one_state_leaves_the_others_alone(tree: Parameters) -> None:
    tallies = crowd(MONTHS)
    before = money(tallies, tree)
    put(tallies, 5, "OH", "adult_group", YOUNG, 10_000)
    change = money(tallies, tree).minus(before)
    assert change.total[OHIO].sum() > 0
    assert not np.delete(change.amounts, OHIO, axis=2).any()


def test_equal_arms_differ_by_nothing(tree: Parameters) -> None:
    change = money(crowd(MONTHS), tree).minus(money(crowd(MONTHS), tree))
    assert not change.amounts.any() and not change.contained.any()


def test_overdose_care_by_who_pays(tree: Parameters) -> None:
    for cover, component, payers in (
        ("adult_group", "overdose_medicaid", {"federal", "state"}),
        ("medicare", "overdose_medicare", {"federal"}),
        ("dual", "overdose_medicare", {"federal"}),
        ("employer", "overdose_insured", {"other"}),
        ("uninsured", "overdose_uninsured", {"federal", "state", "other"}),
    ):
        tallies = nobody(MONTHS)
        overdose(tallies, 6, "OH", cover, events=1_000, fatal=100)
        result = money(tallies, tree)
        assert {name for name in PAYERS if paid(result, component, name)} == payers
        share = tree.number("sud.overdose.treated_share") * tree.number("finance.acute.visit_share")
        years = (POPULATION_MONTH + 7.5 - month_index("2018-04")) / 12
        expected = 900 * share * 4_500 * (1 + tree.number("finance.health_growth")) ** years
        assert paid(result, component) == pytest.approx(expected, abs=3)


def test_treatment_is_inside_benefits_and_in_no_total(tree: Parameters) -> None:
    dearer = tree.scaled({"finance.treatment.price": 2.0})
    tallies = crowd(MONTHS)
    tallies.monthly["cell"][:, :, 4, 4] = 0
    tallies.monthly["cell"][:, :, 4, 4, 0] = 50_000
    one, other = money(tallies, tree), money(tallies, dearer)
    assert np.array_equal(one.amounts, other.amounts)
    assert other.contained.sum() == pytest.approx(2 * one.contained.sum(), rel=1e-6)
    assert one.contained.sum() > 0


def test_care_without_insurance_is_borne_by_three(tree: Parameters) -> None:
    result = money(steady({("uninsured", YOUNG): 12_000}), tree)
    federal, state, other = (paid(result, "uncompensated_care", name) for name in PAYERS)
    assert federal / (federal + state) == pytest.approx(0.6, abs=1e-4)
    early = result.component("uncompensated_care")[:, OHIO, 0]
    assert early[:2].sum() / early.sum() == pytest.approx(0.65, abs=1e-3)
    assert 0.35 < other / (federal + state + other) < 0.40


def test_administration_by_hand(tree: Parameters) -> None:
    tallies = nobody(MONTHS)
    for name, events in (("checks", 1_000), ("cleared_from_data", 600), ("notices", 400)):
        count(tallies, 12, "OH", name, events)
    still = tree.replaced({"finance.administration.growth": 0.0})
    result = money(tallies, still)
    assert paid(result, "checks") == 400 * 40 + 600 * 3
    assert paid(result, "checks", "federal") == round(0.75 * paid(result, "checks"))
    assert paid(result, "notices", "state") == 400 * 3 // 2


def test_law_brings_systems_and_grants_once(tree: Parameters) -> None:
    law = apply_policies(tree, ["medicaid-law-2025"])
    last = month_index("2028-12")
    months = last - POPULATION_MONTH + 1
    before, after = (money(nobody(months), p, last=last) for p in (tree, law))
    assert paid(before, "systems") == paid(before, "grants_to_states") == paid(before, "federal_agency") == 0
    assert paid(after, "systems") == pytest.approx(1_520e6, abs=200)
    assert paid(after, "systems", "federal") == pytest.approx(0.9 * 1_520e6, abs=200)
    assert paid(after, "grants_to_states", "federal") == pytest.approx(200e6, abs=200)
    assert paid(after, "grants_to_states") == 0
    assert paid(after, "federal_agency") == pytest.approx(275e6, abs=200)
    assert not after.component("systems")[:, STATES.index("TX")].any()


def test_shorter_retroactive_cover_saves(tree: Parameters) -> None:
    tallies = steady({("adult_group", YOUNG): 1_000}, months=48)
    count(tallies, 40, "OH", "entered", 300)
    last = POPULATION_MONTH + 47
    law = apply_policies(tree, ["retroactive-cover"])
    assert paid(money(tallies, tree, last=last), "retroactive_cover") == 0
    result = money(tallies, law, last=last)
    mean = result.component("benefits_adult_group")[:, OHIO, 13].sum() / 3_000
    assert paid(result, "retroactive_cover") == pytest.approx(-2 * 300 * 0.05 * mean, abs=1)


def test_managed_care_lag_pays_the_old_average(tree: Parameters) -> None:
    tallies = nobody(24)
    for month in range(24):
        put(tallies, month, "OH", "adult_group", OUD, 1_000)
        put(tallies, month, "OH", "adult_group", YOUNG, 1_000 if month < 12 else 500)
    last = POPULATION_MONTH + 23
    lagged = tree.replaced(
        {"finance.benefits.managed_care_lag": 6.0, "finance.benefits.managed_care_share": 1.0}
    )
    at_once = money(tallies, tree, last=last).component("benefits_adult_group")[:, OHIO].sum(axis=0)
    later = money(tallies, lagged, last=last).component("benefits_adult_group")[:, OHIO].sum(axis=0)
    assert (later[4:6] < at_once[4:6]).all()
    assert later[[0, 1, 2, 3, 6, 7]] == pytest.approx(at_once[[0, 1, 2, 3, 6, 7]], abs=1)


def test_marginal_cost_is_a_choice(tree: Parameters) -> None:
    tallies = steady({("adult_group", YOUNG): 1_000, ("child", 0): 1_000})
    other = tree.replaced({"finance.benefits.basis": "marginal"})
    full, marginal = money(tallies, tree), money(tallies, other)
    assert paid(marginal, "benefits_adult_group") == pytest.approx(
        tree.number("finance.benefits.marginal_share") * paid(full, "benefits_adult_group"), rel=1e-6
    )
    assert paid(marginal, "benefits_child") == paid(full, "benefits_child")


def test_people_with_both_programmes_are_priced_by_age(tree: Parameters) -> None:
    result = money(steady({("dual", OLD): 1_000, ("dual", YOUNG): 1_000}), tree)
    aged, disabled = (tree.array(f"finance.benefits.{name}", "state")[OHIO] for name in ("aged", "disabled"))
    shown = paid(result, "benefits_dual_aged") / paid(result, "benefits_dual_younger")
    assert shown == pytest.approx(aged / disabled, rel=1e-6)


def test_public_health_outlays_and_backfill(tree: Parameters) -> None:
    cut = apply_policies(tree, ["cdc-overdose"])
    first = month_index("2026-01")
    last = month_index("2026-12")
    outlays = [build_environment(p, first, last).outlays for p in (tree, cut)]
    before, after = (
        price(nobody(MONTHS), p, money_, first, last) for p, money_ in zip((tree, cut), outlays, strict=True)
    )
    change = after.minus(before).component("public_health")
    assert change[0].sum() == pytest.approx((outlays[1] - outlays[0]).sum(), abs=500)
    replaced = tree.number("programs.backfill") * tree.number("finance.public_health.state_backfill")
    assert change[1].sum() == pytest.approx(-replaced * change[0].sum(), rel=1e-5)


def test_bad_shapes_and_months_are_named(tree: Parameters) -> None:
    tallies = nobody(12)
    with pytest.raises(InputError, match="environment_outlays"):
        price(tallies, tree, np.zeros((51, 5)), POPULATION_MONTH, POPULATION_MONTH + 11)
    with pytest.raises(InputError, match="months"):
        money(tallies, tree, last=POPULATION_MONTH + 12)
    with pytest.raises(InputError, match="component"):
        money(tallies, tree, last=POPULATION_MONTH + 11).component("gold")


@settings(max_examples=12)
@given(seed=st.integers(0, 10_000), share=st.floats(0.1, 1.0))
def test_any_crowd_adds_up(seed: int, share: float) -> None:
    tree = load_parameters()
    baseline, policy = crowd(9, seed), crowd(9, seed, share)
    last = POPULATION_MONTH + 8
    ours, theirs = (money(x, tree, last=last, reference=baseline) for x in (baseline, policy))
    change = theirs.minus(ours)
    assert change.federal.sum() + change.state.sum() == theirs.total.sum() - ours.total.sum()
    assert not change.amounts[..., 0].any()
    assert paid(change, "benefits_adult_group") <= 0 <= paid(change, "uncompensated_care")


SHARING = {
    "share_above_poverty": 0.3, "share_subject": 0.5, "charge_share": 0.1, "care_avoided": 0.5,
}  # fmt: skip


def test_cost_sharing_moves_money_to_patients_from_october_2028(tree: Parameters) -> None:
    law = apply_policies(tree, ["cost-sharing"])
    law = law.replaced({f"finance.cost_sharing.{name}": value for name, value in SHARING.items()})
    first = month_index("2028-07")
    mix = steady({("adult_group", YOUNG): 60_000, ("other_adult", YOUNG): 9_000}, months=60)
    result = money(mix, law, first, first + 5, reference=mix)
    benefits = result.component("benefits_adult_group")[:, OHIO].sum(axis=0)
    charged = result.component("cost_sharing")[:, OHIO]
    assert not charged[:, 0].any()
    subject = benefits[1] * 0.3 * 0.5
    avoided, paid_by_patients = subject * 0.05, subject * 0.95 * 0.1
    assert charged[:2, 1].sum() == pytest.approx(-(avoided + paid_by_patients), abs=2)
    assert charged[2, 1] == pytest.approx(paid_by_patients, abs=1)
    assert charged[0, 1] == pytest.approx(0.9 * charged[:2, 1].sum(), abs=1)
    assert paid(money(mix, tree, first, first + 5), "cost_sharing") == 0


def test_financing_sections_enter_their_published_size(tree: Parameters) -> None:
    law = apply_policies(tree, ["financing-sections"])
    first, last = month_index("2024-10"), month_index("2034-09")
    result = money(nobody(132), law, first, last)
    sections = ("provider_taxes", "directed_payments", "uniformity_waivers", "emergency_match",
                "alien_eligibility")  # fmt: skip
    published = sum(tree.number(f"finance.score.{name}_musd") for name in sections) * 1e6
    amounts = result.component("financing_sections")
    assert -amounts[0].sum() == pytest.approx(published, rel=1e-6)
    assert amounts.sum() == pytest.approx(0, abs=amounts.shape[1] * amounts.shape[2] * len(sections) * 2)
    assert (amounts[1] >= 0).all() and (amounts[2] >= 0).all()
    assert not result.component("cost_sharing").any()


@pytest.mark.parametrize("usd", [1.1e13, -1.1e13, float("inf"), float("nan")])
def test_money_beyond_whole_numbers_is_refused(usd: float) -> None:
    ledger = Ledger(1, 1)
    with pytest.raises(InputError, match=r"^checks: .*: expected at most 10,000,000,000,000 dollars in a state"):
        ledger.shared("checks", np.array([[usd]]), 0.5)
    assert not ledger.amounts.any()
