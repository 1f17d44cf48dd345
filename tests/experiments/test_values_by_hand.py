"""Present values, years, ratios and values of health by hand, on money and people made up for them."""

from __future__ import annotations

import numpy as np
import pytest
from money_cases import OHIO, YOUNG, nobody, overdose, put, steady

from microsim.engine.finance import COMPONENTS, PAYERS, Money
from microsim.engine.tallies import Tallies
from microsim.experiments.budget import Case, Table, budget_tables, case_of, check_2024, health_values
from microsim.experiments.budget.by_hand import state_tables
from microsim.experiments.budget.cases import (
    calendar_years,
    discounted,
    discounted_change,
    fiscal_years,
    repriced,
    whole_years,
)
from microsim.experiments.budget.pieces import pieces_table
from microsim.ground.calendar import month_index
from microsim.ground.parameters import Parameters, load_parameters
from microsim.ground.schema import POPULATION_MONTH, STATES

MONTHS = 36
LAST = POPULATION_MONTH + MONTHS - 1
PRICES = {
    "finance.discount.rate": 0.10,
    "finance.discount.base_month": "2025-01",
    "finance.value.statistical_life": 10.0,
    "finance.value.qaly": 100_000.0,
    "finance.value.years_lost": 20.0,
    "finance.value.quality_treated": 0.75,
    "finance.value.quality_untreated": 0.5,
    "finance.benefits.growth": 0.0,
    "finance.benefits.waiver_adult": 4_800.0,
    "finance.match.regular": 0.6,
    "finance.health_growth": 0.0,
    "finance.uncompensated.per_person_year": 2_400.0,
    "finance.uncompensated.government_share": 0.7,
    "finance.uncompensated.federal_part": 0.6,
}


@pytest.fixture(scope="module")
def tree() -> Parameters:
    return load_parameters().replaced(PRICES)


def made_up(quarters: dict[str, int], usd: int) -> Money:
    """The same amount of federal money in Ohio in each quarter, from its first month and length."""
    starts = np.array([month_index(name) for name in quarters])
    shape = (len(PAYERS), len(STATES), len(starts))
    amounts = np.zeros((len(COMPONENTS), *shape), np.int64)
    amounts[COMPONENTS.index("notices"), 0, OHIO] = usd
    contained = np.zeros(shape, np.int64)
    contained[1, OHIO] = usd // 2
    return Money(amounts, contained, {}, starts, np.array(list(quarters.values())))


def test_discounting_from_before_the_base_month_to_after_it(tree: Parameters) -> None:
    # Middles 10.5 months before the base month, at it, and 13.5 and 121.5 months after it.
    money = made_up({"2024-01": 3, "2024-12": 2, "2026-01": 3, "2035-01": 3}, 1_000_000)
    present = discounted(money, tree)
    # Money before the base month is worth more, money after it less.
    factors = [1.10 ** (10.5 / 12), 1.0, 1 / 1.10 ** (13.5 / 12), 1 / 1.10 ** (121.5 / 12)]
    found = present.amounts[COMPONENTS.index("notices"), 0, OHIO]
    assert found.tolist() == [round(1_000_000 * factor) for factor in factors]
    assert present.contained[1, OHIO].tolist() == [round(500_000 * factor) for factor in factors]
    assert present.amounts.sum() == found.sum()
    again = discounted(money, tree.replaced({"finance.discount.rate": 0.0}))
    assert np.array_equal(again.amounts, money.amounts)


def test_a_discounted_change_is_of_two_discounted_arms(tree: Parameters) -> None:
    quarters = {"2026-01": 3, "2026-04": 3}
    ours, theirs = made_up(quarters, 1_000_003), made_up(quarters, 1_000_001)
    change = discounted_change(ours, theirs, tree).amounts[COMPONENTS.index("notices"), 0, OHIO]
    factors = [1.10 ** (-13.5 / 12), 1.10 ** (-16.5 / 12)]
    assert change.tolist() == [round(1_000_003 * f) - round(1_000_001 * f) for f in factors]


def test_years_of_quarters() -> None:
    money = made_up({"2024-07": 3, "2024-10": 3, "2025-01": 3, "2025-04": 3, "2025-07": 3, "2025-10": 2}, 1)
    assert calendar_years(money).tolist() == [2024, 2024, 2025, 2025, 2025, 2025]
    assert fiscal_years(money).tolist() == [2024, 2025, 2025, 2025, 2025, 2026]
    assert whole_years(money, fiscal_years(money)) == [2025]
    assert whole_years(money, calendar_years(money)) == []


def people(waiver: int, uninsured: int, deaths: int, medicated: int) -> Tallies:
    """People of one quarter of 2026, the same in its three months."""
    tallies = nobody(MONTHS)
    for month in (24, 25, 26):
        put(tallies, month, "OH", "waiver_adult", YOUNG, waiver)
        put(tallies, month, "OH", "uninsured", YOUNG, uninsured)
        put(tallies, month, "OH", "employer", YOUNG, medicated, "oud_medication")
        overdose(tallies, month, "OH", "employer", deaths, fatal=deaths)
    # Before the window: in no table of it.
    put(tallies, 11, "OH", "employer", YOUNG, 9 * medicated, "oud_medication")
    overdose(tallies, 11, "OH", "employer", 9 * deaths, fatal=9 * deaths)
    return tallies


@pytest.fixture(scope="module")
def case(tree: Parameters) -> Case:
    # 4 x 3 more deaths, and 40 x 3 person-months less on medication: ten years.
    before, after = people(1_000, 100, 1, 100), people(600, 400, 5, 60)
    return case_of(before, after, tree, tree, month_index("2025-01"), LAST)


def rows(table: Table) -> dict[object, dict[str, object]]:
    return {row[0]: dict(zip(table.columns, row, strict=True)) for row in table.rows}


def test_values_of_health(case: Case) -> None:
    values = {name: row["value"] for name, row in rows(health_values(case)).items()}
    assert values == {
        "overdose_deaths": pytest.approx(12),
        "value_of_lives": pytest.approx(12 * 10e6),
        "quality_years_lost_by_deaths": pytest.approx(12 * 20),
        "medication_years": pytest.approx(-10),
        # A year on medication is better by a quarter: years off it are lost, as those of the dead are.
        "quality_years_lost_off_medication": pytest.approx(2.5),
        "value_of_quality_years": pytest.approx(242.5 * 100_000),
    }


def test_a_change_by_payer_year_and_person(case: Case) -> None:
    tables = {table.name: table for table in budget_tables(case, long=False)}
    # 1,200 person-months less at 400 USD, and 900 more without insurance at 200 USD.
    federal = -0.6 * 480_000 + 0.42 * 180_000
    state = -0.4 * 480_000 + 0.28 * 180_000
    others = 0.3 * 180_000
    expected = [pytest.approx(usd, abs=4) for usd in (federal, state, federal + state, others)]
    names = ("federal_usd", "state_usd", "total_usd", "others_usd")
    year = rows(tables["by_year"])
    assert [year[2026][name] for name in names] == expected
    assert [year[2025][name] for name in names] == [0, 0, 0, 0]
    later = 1.10 ** (-13.5 / 12)
    assert year[2026]["federal_usd_discounted"] == pytest.approx(federal * later, abs=4)
    assert year[2026]["state_usd_discounted"] == pytest.approx(state * later, abs=4)
    assert [rows(tables["by_fiscal_year"])[2026][name] for name in names] == expected
    assert [rows(tables["by_state"])["OH"][name] for name in names] == expected
    ratios = rows(tables["ratios"])
    # 100 person-years on Medicaid less, 75 more without insurance, 12 deaths more.
    for name, number in (("person_year_lost", 100), ("uninsured_person_year", 75), ("excess_overdose_death", 12)):
        assert ratios[name]["number"] == pytest.approx(number)
        assert ratios[name]["medicaid_benefits_saved_usd"] == pytest.approx(480_000 / number, abs=1)
        assert ratios[name]["federal_saved_usd"] == pytest.approx(-federal / number, abs=1)
        assert ratios[name]["state_saved_usd"] == pytest.approx(-state / number, abs=1)
        assert ratios[name]["total_saved_usd"] == pytest.approx(-(federal + state) / number, abs=1)
        assert ratios[name]["cost_to_others_usd"] == pytest.approx(others / number, abs=1)


def test_pieces_of_a_line_and_their_published_average(case: Case) -> None:
    grown = {
        "finance.benefits.growth": 0.10,
        "finance.benefits.adult_group_base_month": "2023-10",
        "finance.benefits.base_month": "2023-04",
        "finance.health_growth": 0.20,
        "finance.uncompensated.base_month": "2030-01",
    }
    table = pieces_table(repriced(case, grown), "OH", 2026)
    pieces = {row[2]: dict(zip(table.columns, row, strict=True)) for row in table.rows}
    # Middles of the four quarters of 2026; prices of October 2023 and of January 2030.
    middles = (133.5, 136.5, 139.5, 142.5)
    benefits = [400 * 1.10 ** ((middle - 105) / 12) for middle in middles]
    unpaid = [200 * 1.20 ** ((middle - 180) / 12) for middle in middles]
    for component, quantity, averages, ours, theirs in (
        ("benefits_waiver_adult", "months_waiver_adult", benefits, 3_000, 1_800),
        ("uncompensated_care", "months_uninsured", unpaid, 300, 1_200),
    ):
        piece = pieces[component]
        assert piece["quantity"] == quantity
        assert piece["average_usd_each"] == pytest.approx(sum(averages) / 4)
        # All people are in the first quarter.
        for arm, number in (("baseline", ours), ("policy", theirs)):
            assert piece[f"{arm}_quantity"] == number
            assert piece[f"{arm}_usd_each"] == pytest.approx(averages[0], abs=0.01)
            assert piece[f"{arm}_usd"] == pytest.approx(number * averages[0], abs=1)


def test_a_state_by_hand_and_its_check_of_2024(tree: Parameters) -> None:
    p = tree.replaced(
        {
            "finance.benefits.adult_group": 6_000.0,
            "finance.benefits.adult_group_year": 0.0,
            "finance.benefits.basis": "budget",
            "sud.overdose.treated_share": 0.5,
            "finance.acute.visit_share": 0.8,
            "finance.acute.visit": 4_000.0,
            "finance.check.adult_group_spending_2024": {"default": 0.0, "OH": 5e9},
            "finance.check.adult_group_person_years_2024": {"default": 0.0, "OH": 1e6},
        }
    )
    everybody = steady({("adult_group", YOUNG): 1_000})
    for month in range(9):
        overdose(everybody, month, "OH", "adult_group", 25)
    case = case_of(everybody, everybody, p, p, month_index("2025-01"), LAST)
    benefits = state_tables(case, "OH", 2026)[1]
    quarter = dict(zip(benefits.columns, benefits.rows[0], strict=True))
    # Of 75 overdoses in the first quarter 30 were seen, 120,000 USD in 3,000 months at 500 USD each.
    assert quarter["average_usd_a_month"] == pytest.approx(500)
    assert quarter["overdose_care_taken_out_usd"] == pytest.approx(40)
    assert quarter["product_usd"] == pytest.approx(3_000 * 460)
    assert quarter["budget_usd"] == 3_000 * 460
    # Care that is taken out is added again: 6,000 USD a person-year in the model, 5,000 published.
    checked = rows(check_2024(case))["OH"]
    assert checked["usd_per_person_year_model"] == pytest.approx(6_000)
    assert checked["usd_per_person_year_fy2024"] == pytest.approx(5_000)
    assert checked["miss"] == pytest.approx(0.2)
    assert checked["person_years_model"] == pytest.approx(1_000)
