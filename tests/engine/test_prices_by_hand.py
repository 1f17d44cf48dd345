"""Benefits and care by hand: made-up prices and people, and the dollars that pencil and paper give.

Most cases price one quarter, January to March 2026: its middle is 133.5 months after January 2015.
"""

from __future__ import annotations

import numpy as np
import pytest
from money_cases import CHILD, DISABLED, OHIO, OLD, OUD, YOUNG, count, money, nobody, overdose, put, steady

from microsim.engine.finance import COMPONENTS, Money, price
from microsim.engine.tallies import COST_CLASSES, Tallies
from microsim.ground.calendar import month_index
from microsim.ground.parameters import Parameters, load_parameters
from microsim.ground.schema import COVERS, POPULATION_MONTH, STATES

FIRST, LAST = month_index("2026-01"), month_index("2026-03")
NOW = FIRST - POPULATION_MONTH
"""Position of January 2026 in tallies."""
DECADE = 132
"""Months from January 2024 to December 2034."""
REGULAR = {"default": 0.55, "OH": 0.6}
STILL = {"finance.benefits.growth": 0.0, "finance.health_growth": 0.0}
PRICES = {
    # 500 and 400 USD a month at prices of October 2023, the others per person counted in a year.
    "finance.benefits.adult_group": {"default": 900.0, "OH": 6_000.0},
    "finance.benefits.waiver_adult": 4_800.0,
    "finance.benefits.other_adult": {"default": 900.0, "OH": 2_400.0},
    "finance.benefits.disabled": {"default": 900.0, "OH": 12_000.0},
    "finance.benefits.child": {"default": 900.0, "OH": 1_200.0},
    "finance.benefits.aged": {"default": 900.0, "OH": 9_600.0},
    "finance.benefits.people_per_person_year": 1.25,
    "finance.benefits.adult_group_year": 0.0,
    "finance.benefits.adult_group_base_month": "2023-10",
    "finance.benefits.base_month": "2023-04",
    "finance.benefits.growth": 0.10,
    "finance.benefits.basis": "budget",
    "finance.benefits.managed_care_lag": 0.0,
    "finance.benefits.factor_age_0_18": 0.5,
    "finance.benefits.factor_age_19_44": 1.0,
    "finance.benefits.factor_age_45_64": 1.5,
    "finance.benefits.factor_age_65_up": 1.75,
    "finance.benefits.factor_disabled": 3.0,
    "finance.benefits.factor_other_sud": 1.25,
    "finance.benefits.factor_oud": 2.0,
    "finance.benefits.retroactive_share": 0.05,
    "finance.benefits.retroactive_reference": 3.0,
    "finance.match.regular": REGULAR,
    "finance.match.adult_group": 0.9,
    "finance.health_growth": 0.20,
    # 40 of 100 nonfatal overdoses are seen.
    "sud.overdose.treated_share": 0.5,
    "finance.acute.visit_share": 0.8,
    "finance.acute.visit": 4_000.0,
    "finance.acute.base_month": "2023-02",
    "finance.acute.other_federal_share": 0.25,
    "finance.uncompensated.per_person_year": 2_400.0,
    "finance.uncompensated.base_month": "2030-01",
    "finance.uncompensated.government_share": 0.7,
    "finance.uncompensated.federal_part": 0.6,
}


@pytest.fixture(scope="module")
def tree() -> Parameters:
    return load_parameters().replaced(PRICES)


def quarter(tallies: Tallies, p: Parameters, **extra: Tallies) -> Money:
    return money(tallies, p, FIRST, LAST, **extra)


def split(result: Money, component: str, state: int = OHIO, at: int = 0) -> list[int]:
    """Federal, state and others' USD of a component in one state and quarter."""
    return result.component(component)[:, state, at].tolist()


def shares(usd: float, *parts: float) -> object:
    """What each payer pays, to the dollar that rounding can move."""
    return pytest.approx([usd * part for part in parts], abs=1.01)


def nothing_else(result: Money, *components: str) -> bool:
    """Whether no other component, and in those named no other state, holds a dollar."""
    rest = result.amounts.copy()
    rest[[COMPONENTS.index(name) for name in components], :, OHIO] = 0
    return not rest.any()


@pytest.mark.parametrize(
    ("group", "cover", "cost_class", "monthly", "months_since", "federal"),
    [
        ("adult_group", "adult_group", YOUNG, 500, 28.5, 0.9),
        ("waiver_adult", "waiver_adult", YOUNG, 400, 28.5, 0.6),
        ("other_adult", "other_adult", YOUNG, 200 * 1.25, 34.5, 0.6),
        ("disabled", "disabled", DISABLED, 1_000 * 1.25, 34.5, 0.6),
        ("child", "child", CHILD, 100 * 1.25, 34.5, 0.6),
        ("dual_aged", "dual", OLD, 800 * 1.25, 34.5, 0.6),
        ("dual_younger", "dual", DISABLED, 1_000 * 1.25, 34.5, 0.6),
    ],
)
def test_benefits_of_a_group(
    tree: Parameters, group: str, cover: str, cost_class: int, monthly: float, months_since: float, federal: float
) -> None:
    result = quarter(steady({(cover, cost_class): 200}, 27), tree)
    usd = 200 * 3 * monthly * 1.10 ** (months_since / 12)
    assert split(result, "benefits_" + group) == shares(usd, federal, 1 - federal, 0)
    assert nothing_else(result, "benefits_" + group)


def test_a_costlier_mix_is_priced_against_the_first_quarter_of_2024(tree: Parameters) -> None:
    tallies = nobody(27)
    put(tallies, 0, "OH", "adult_group", YOUNG, 300)
    put(tallies, 0, "OH", "adult_group", OUD, 100)
    put(tallies, NOW, "OH", "adult_group", YOUNG, 300)
    put(tallies, NOW, "OH", "adult_group", DISABLED, 100)
    # Then (300 x 1 + 100 x 2) / 400 = 1.25; now 300 x 1 + 100 x 1.5 x 3 = 750, or 600 average people.
    usd = 750 / 1.25 * 500 * 1.10 ** (28.5 / 12)
    assert split(quarter(tallies, tree), "benefits_adult_group") == shares(usd, 0.9, 0.1, 0)


def test_relative_cost_of_every_class(tree: Parameters) -> None:
    age = {"0_18": 0.5, "19_44": 1.0, "45_64": 1.5, "65_up": 1.75}
    health = {"not_disabled": 1.0, "disabled": 3.0}
    use = {"none": 1.0, "other_sud": 1.25, "oud": 2.0}
    tallies = nobody(27)
    for state, name in zip(STATES, COST_CLASSES, strict=False):
        put(tallies, 0, state, "waiver_adult", YOUNG, 100)
        put(tallies, NOW, state, "waiver_adult", COST_CLASSES.index(name), 100)
    spent = quarter(tallies, tree.replaced(STILL)).component("benefits_waiver_adult").sum(axis=0)[:, 0]
    for state, name in enumerate(COST_CLASSES):
        one, other, third = name.split("/")
        assert spent[state] == pytest.approx(100 * 400 * age[one] * health[other] * use[third], abs=1), name


def test_a_lagged_plan_is_paid_for_the_people_of_two_quarters_before(tree: Parameters) -> None:
    lagged = tree.replaced(
        {**STILL, "finance.benefits.managed_care_lag": 4.0, "finance.benefits.managed_care_share": 0.75}
    )
    tallies = nobody(12)
    for cover in ("adult_group", "disabled"):
        for at in range(4):
            put(tallies, 3 * at, "OH", cover, YOUNG, 100)
            if at:
                put(tallies, 3 * at, "OH", cover, OUD, 100)
    result = money(tallies, lagged, last=POPULATION_MONTH + 11)
    spent = [sum(split(result, "benefits_adult_group", at=at)) for at in range(4)]
    # 200 people of mean cost 1.5; three quarters of them at the mean of 1.0 until the lag is over.
    early = 0.75 * 200 * 1.0 + 0.25 * 200 * 1.5
    assert spent == pytest.approx([500 * people for people in (100, early, early, 200 * 1.5)], abs=1)
    at_once = [sum(split(result, "benefits_disabled", at=at)) for at in range(4)]
    assert at_once == pytest.approx([1_250 * people for people in (100, 300, 300, 300)], abs=1)


@pytest.mark.parametrize(
    ("component", "cover", "monthly", "growth", "months_since"),
    [
        ("benefits_adult_group", "adult_group", 500, 1.10, 28.5),
        ("benefits_waiver_adult", "waiver_adult", 400, 1.10, 28.5),
        ("benefits_other_adult", "other_adult", 250, 1.10, 34.5),
        ("benefits_disabled", "disabled", 1_250, 1.10, 34.5),
        ("benefits_child", "child", 125, 1.10, 34.5),
        ("uncompensated_care", "uninsured", 200, 1.20, 133.5 - 180),
    ],
)
def test_overdose_care_is_taken_out_of_the_average_that_holds_it(
    tree: Parameters, component: str, cover: str, monthly: float, growth: float, months_since: float
) -> None:
    tallies = steady({(cover, YOUNG): 1_000}, 27)
    overdose(tallies, 1, "OH", cover, events=30, fatal=5)
    # 25 nonfatal, 10 seen, in 3,000 person-months whose middle is 12.5 months after prices of visits.
    held = 10 * 4_000 * 1.20 ** (12.5 / 12) / 3_000
    # The part grows with the average that holds it, by two years from the first quarter of 2024.
    usd = 3_000 * (monthly * growth ** (months_since / 12) - held * growth**2)
    assert sum(split(quarter(tallies, tree), component)) == pytest.approx(usd, abs=1)


def test_averages_of_people_with_both_programmes_hold_no_overdose_care(tree: Parameters) -> None:
    tallies = steady({("dual", OLD): 1_000}, 27)
    overdose(tallies, 1, "OH", "dual", events=25)
    usd = 3_000 * 1_000 * 1.10 ** (34.5 / 12)
    assert sum(split(quarter(tallies, tree), "benefits_dual_aged")) == pytest.approx(usd, abs=1)


def test_an_average_of_less_than_its_overdose_care_is_nothing(tree: Parameters) -> None:
    tallies = steady({("child", CHILD): 10}, 27)
    overdose(tallies, 1, "OH", "child", events=100)
    assert split(quarter(tallies, tree), "benefits_child") == [0, 0, 0]


@pytest.mark.parametrize(
    ("cover", "component", "visits", "payers"),
    [
        ("adult_group", "overdose_medicaid", "medicaid", (0.9, 0.1, 0)),
        ("waiver_adult", "overdose_medicaid", "medicaid", (0.6, 0.4, 0)),
        ("other_adult", "overdose_medicaid", "medicaid", (0.6, 0.4, 0)),
        ("disabled", "overdose_medicaid", "medicaid", (0.6, 0.4, 0)),
        ("child", "overdose_medicaid", "medicaid", (0.6, 0.4, 0)),
        ("medicare", "overdose_medicare", "medicare", (1, 0, 0)),
        ("dual", "overdose_medicare", "medicare", (1, 0, 0)),
        # Governments bear 0.7, of which 0.6 is federal.
        ("uninsured", "overdose_uninsured", "uninsured", (0.42, 0.28, 0.3)),
        ("employer", "overdose_insured", "insured", (0, 0, 1)),
        ("marketplace", "overdose_insured", "insured", (0, 0, 1)),
        ("marketplace_full_price", "overdose_insured", "insured", (0, 0, 1)),
        ("other_cover", "overdose_insured", "insured", (0.25, 0, 0.75)),
    ],
)
def test_who_pays_for_an_overdose(
    tree: Parameters, cover: str, component: str, visits: str, payers: tuple[float, float, float]
) -> None:
    tallies = nobody(27)
    overdose(tallies, NOW + 2, "OH", cover, events=110, fatal=10)
    result = quarter(tallies, tree)
    usd = 40 * 4_000 * 1.20 ** ((133.5 - 97) / 12)
    assert split(result, component) == shares(usd, *payers)
    assert nothing_else(result, component)
    seen = {name: int(values.sum()) for name, values in result.quantities.items() if values.any()}
    # Thousandths of a visit, as all quantities.
    assert seen == {"visits_" + visits: 40_000}


def test_every_cover_has_a_payer_of_its_overdoses(tree: Parameters) -> None:
    tallies = nobody(27)
    for cover in COVERS:
        overdose(tallies, NOW, "OH", cover, events=100)
    usd = len(COVERS) * 40 * 4_000 * 1.20 ** ((133.5 - 97) / 12)
    result = quarter(tallies, tree)
    assert int(result.amounts.sum()) == pytest.approx(usd, abs=len(COVERS))
    assert sum(int(v.sum()) for name, v in result.quantities.items() if name.startswith("visits_")) == 480_000


def test_care_without_insurance(tree: Parameters) -> None:
    tallies = nobody(27)
    put(tallies, 0, "OH", "uninsured", YOUNG, 100)
    put(tallies, NOW, "OH", "uninsured", YOUNG, 100)
    put(tallies, NOW, "OH", "uninsured", OUD, 50)
    result = quarter(tallies, tree)
    # 200 USD a month at prices of January 2030, 46.5 months later; a person with the disorder costs two.
    usd = (100 + 2 * 50) * 200 * 1.20 ** (-46.5 / 12)
    assert split(result, "uncompensated_care") == shares(usd, 0.42, 0.28, 0.3)
    assert nothing_else(result, "uncompensated_care")


def test_the_share_of_governments_stays_at_the_ends_of_its_table(tree: Parameters) -> None:
    # The table runs from January 2025 to January 2034 along a line.
    path = load_parameters().record("finance.uncompensated.government_share")
    assert path.months == (month_index("2025-01"), month_index("2034-01")) and path.interpolate
    p = load_parameters().replaced(
        {**PRICES, **STILL, "finance.uncompensated.government_share": np.array([0.8, 0.4])}
    )
    tallies = nobody(DECADE)
    expected = {"2024-01": 0.8, "2024-10": 0.8, "2029-07": 0.6, "2034-01": 0.4, "2034-10": 0.4}
    for month in expected:
        put(tallies, month_index(month) - POPULATION_MONTH, "OH", "uninsured", YOUNG, 1_000)
    result = money(tallies, p, last=month_index("2034-12"))
    for month, share in expected.items():
        at = (month_index(month) - POPULATION_MONTH) // 3
        parts = (share * 0.6, share * 0.4, 1 - share)
        assert split(result, "uncompensated_care", at=at) == shares(1_000 * 200, *parts), month


def test_matching_rates_stay_at_the_ends_of_their_table(tree: Parameters) -> None:
    table = load_parameters().record("finance.match.regular")
    assert table.months[0] <= POPULATION_MONTH and table.months[-1] == month_index("2026-10")
    rates = np.full(table.steps.shape, 0.5)
    rates[:, OHIO] = [0.61, 0.62, 0.63, 0.64]
    p = load_parameters().replaced({**PRICES, **STILL, "finance.match.regular": rates})
    result = money(steady({("disabled", YOUNG): 1_000}, DECADE), p, last=month_index("2034-12"))
    federal, everybody = (result.component("benefits_disabled")[payers, OHIO] for payers in (0, slice(None)))
    found = federal / everybody.sum(axis=0)
    # Three quarters of 2024, four of each fiscal year, and the last rate ever after.
    assert found == pytest.approx([0.61] * 3 + [0.62] * 4 + [0.63] * 4 + [0.64] * 33, abs=1e-6)


def test_months_before_an_entry_by_group(tree: Parameters) -> None:
    law = tree.replaced(
        {
            "medicaid.renewal.retroactive_months_adult_group": 1.0,
            "medicaid.renewal.retroactive_months_other": 2.0,
        }
    )
    people = {("adult_group", YOUNG): 1_000, ("waiver_adult", YOUNG): 500, ("other_adult", YOUNG): 1_500}
    # Children and disabled people are no part of the adults that entries are divided among.
    tallies = steady({**people, ("child", CHILD): 4_000, ("disabled", DISABLED): 2_000}, 27)
    count(tallies, NOW + 1, "OH", "entered", 600)
    result = quarter(tallies, law)
    # 600 x 0.05 = 30 claim months: 10 in the adult group, two months less; 15 others, one month less.
    group = 10 * 2 * 500 * 1.10 ** (28.5 / 12)
    other = 15 * 1 * 250 * 1.10 ** (34.5 / 12)
    federal, state = -(0.9 * group + 0.6 * other), -(0.1 * group + 0.4 * other)
    assert split(result, "retroactive_cover") == pytest.approx([federal, state, 0], abs=2.01)
    assert result.component("retroactive_cover").sum() == result.component("retroactive_cover")[:, OHIO].sum()


def test_credits_after_and_before_their_table(tree: Parameters) -> None:
    table = load_parameters().record("finance.credit.per_month")
    assert table.months == (month_index("2025-01"), month_index("2026-01"))
    credits = np.full(table.steps.shape, 50.0)
    credits[:, OHIO] = [400.0, 500.0]
    p = tree.replaced({"finance.credit.per_month": credits, "finance.credit.last_month": "2026-01"})
    tallies = nobody(DECADE)
    # A year's premiums hold from January to December, and grow by the year after the table's last.
    expected = {"2024-10": 400, "2025-10": 400, "2026-10": 500, "2027-01": 600, "2027-10": 600,
                "2029-10": 500 * 1.2**3, "2034-10": 500 * 1.2**8}  # fmt: skip
    for month in expected:
        put(tallies, month_index(month) - POPULATION_MONTH, "OH", "marketplace", YOUNG, 1_000)
        put(tallies, month_index(month) - POPULATION_MONTH, "OH", "marketplace_full_price", YOUNG, 700)
    result = money(tallies, p, last=month_index("2034-12"))
    for month, usd in expected.items():
        at = (month_index(month) - POPULATION_MONTH) // 3
        assert split(result, "premium_tax_credits", at=at) == shares(1_000 * usd, 1, 0, 0), month
    assert nothing_else(result, "premium_tax_credits")


@pytest.mark.parametrize(
    ("cover", "payers"),
    [
        ("adult_group", (0.9, 0.1, 0)),
        ("waiver_adult", (0.6, 0.4, 0)),
        ("other_adult", (0.6, 0.4, 0)),
        ("disabled", (0.6, 0.4, 0)),
        ("child", (0.6, 0.4, 0)),
        ("dual", (0, 0, 0)),
        ("uninsured", (0, 0, 0)),
        ("employer", (0, 0, 0)),
    ],
)
def test_medication_inside_benefits(tree: Parameters, cover: str, payers: tuple[float, float, float]) -> None:
    p = tree.replaced(
        {
            "finance.treatment.price": {"buprenorphine": 4_000.0, "methadone": 8_000.0, "xr_naltrexone": 20_000.0},
            "finance.treatment.stock": {"buprenorphine": 0.5, "methadone": 0.3, "xr_naltrexone": 0.2},
            "finance.treatment.base_month": "2024-07",
        }
    )
    tallies = nobody(27)
    put(tallies, NOW, "OH", cover, OUD, 60, "oud_medication")
    put(tallies, NOW, "OH", cover, OUD, 900)
    result = quarter(tallies, p)
    # 4,000 x 0.5 + 8,000 x 0.3 + 20,000 x 0.2 = 8,400 a year; prices of July 2024 are 19.5 months old.
    usd = 60 * 700 * 1.20 ** (19.5 / 12)
    assert result.contained[:, OHIO, 0].tolist() == shares(usd, *payers)
    assert int(result.quantities["months_medication_medicaid"].sum()) == (60_000 if any(payers) else 0)


def test_sections_on_financing_by_payer(tree: Parameters) -> None:
    # USD million a year, and what states put in its place of every dollar.
    sections = {"provider_taxes": (1_200, 0.25), "directed_payments": (600, 0.1), "uniformity_waivers": (240, 0.5),
                "emergency_match": (120, 1.0), "alien_eligibility": (60, 0.2)}  # fmt: skip
    values: dict[str, object] = {"finance.check.medicaid_net_2024": {"default": 0.0, "OH": 1e9, "CA": 3e9}}
    for name, (musd, share) in sections.items():
        values |= {f"finance.financing.{name}": musd, f"finance.financing.{name}_state_share": share}
    # Two months of the quarter: a sixth of a year, a quarter of it in Ohio.
    result = money(nobody(27), tree.replaced(values), FIRST, FIRST + 1)
    musd = np.array([yearly for yearly, _ in sections.values()]) / 6 / 4
    replaced = musd @ [share for _, share in sections.values()]
    expected = [-1e6 * musd.sum(), 1e6 * replaced, 1e6 * (musd.sum() - replaced)]
    assert split(result, "financing_sections") == pytest.approx(expected, abs=6)
    assert split(result, "financing_sections", STATES.index("CA")) == pytest.approx(
        [3 * usd for usd in expected], abs=6
    )
    assert split(result, "financing_sections", STATES.index("TX")) == [0, 0, 0]


def test_outlays_of_public_health_are_federal_in_their_own_quarter(tree: Parameters) -> None:
    outlays = np.zeros((len(STATES), 6))
    outlays[OHIO] = [1e6, 2e6, 4e6, 0, 0, 5e5]
    result = price(nobody(30), tree, outlays, FIRST, FIRST + 5)
    assert split(result, "public_health") == [7_000_000, 0, 0]
    assert split(result, "public_health", at=1) == [500_000, 0, 0]
    assert nothing_else(result, "public_health")


def test_states_put_a_share_in_place_of_cuts_and_none_in_place_of_more(tree: Parameters) -> None:
    only_ohio = {"default": 0.0, "OH": 1.0}
    p = tree.replaced(
        {
            "programs.allocation.formula": only_ohio,
            "programs.allocation.sor": only_ohio,
            "programs.sor.reference": 120.0,
            "programs.sor.funding": 60.0,
            # More money for one line is not set off against less for another.
            "programs.suptrs.reference": 120.0,
            "programs.suptrs.funding": 240.0,
            "programs.backfill": 0.4,
            "finance.public_health.state_backfill": 0.5,
        }
    )
    result = quarter(nobody(27), p)
    # 60 million a year less is 15 a quarter, of which 0.4 is replaced and half of that by states.
    assert split(result, "public_health") == [0, 3_000_000, 0]
    assert nothing_else(result, "public_health")
