"""Administration by hand: events, systems before and after their start, and federal money in its year."""

from __future__ import annotations

import numpy as np
import pytest
from money_cases import OHIO, count, money, nobody

from microsim.engine.finance import COMPONENTS, Money
from microsim.ground.calendar import month_index
from microsim.ground.parameters import Parameters, load_parameters
from microsim.ground.parameters.record import ALWAYS
from microsim.ground.schema import POPULATION_MONTH, STATES

LAST = month_index("2028-12")
MONTHS = LAST - POPULATION_MONTH + 1
PRICES = {
    "finance.match.systems": 0.9,
    "finance.match.operations": 0.75,
    "finance.match.administration": 0.5,
    "finance.administration.growth": 0.10,
    "finance.administration.base_month": "2025-02",
    "finance.administration.check_manual": 40.0,
    "finance.administration.check_cleared": 4.0,
    "finance.administration.renewal_form": 60.0,
    "finance.administration.renewal_data": 5.0,
    "finance.administration.notice": 3.0,
    "finance.administration.application": 200.0,
    # Two states with people: a fifth of the fixed half to each, and the rest as 3 to 1.
    "finance.administration.systems": 100.0,
    "finance.administration.caseload": {"default": 0.0, "OH": 300.0, "CA": 100.0},
    "finance.administration.systems_equal_share": 0.4,
    "finance.administration.systems_months": 12.0,
    "finance.administration.systems_running": 0.24,
    "finance.administration.grants": 510.0,
    "finance.administration.grants_equal_share": 0.2,
    "finance.administration.grants_start": "2025-10",
    "finance.administration.federal_engagement": 80.0,
    "finance.administration.federal_renewals": 40.0,
    "medicaid.community_engagement.start_month": "2027-02",
    "medicaid.state_options.good_faith_months": 0.0,
}
OHIO_SYSTEMS = 65e6
"""100 million x (0.4 / 2 + 0.6 x 3 / 4)."""
IN_FORCE = "medicaid.community_engagement.in_force"
SIX_MONTHS = "medicaid.renewal.six_month_in_force"


@pytest.fixture(scope="module")
def before() -> Parameters:
    return load_parameters().replaced({**PRICES, IN_FORCE: False, SIX_MONTHS: False})


@pytest.fixture(scope="module")
def law(before: Parameters) -> Parameters:
    return before.replaced({IN_FORCE: True})


def by_quarter(result: Money, component: str, state: str = "OH") -> dict[str, list[int]]:
    """Federal, state and others' USD of each quarter that holds money, named by its year and number."""
    amounts = result.component(component)[:, STATES.index(state)]
    names = [f"{2015 + month // 12}Q{month % 12 // 3 + 1}" for month in result.quarters.tolist()]
    return {name: amounts[:, at].tolist() for at, name in enumerate(names) if amounts[:, at].any()}


def nobodys(p: Parameters) -> Money:
    """Money that follows no person."""
    return money(nobody(MONTHS), p, last=LAST)


@pytest.mark.parametrize(
    ("events", "component", "usd", "federal"),
    [
        ({"checks": 1_000, "cleared_from_data": 600}, "checks", 400 * 40 + 600 * 4, 0.75),
        ({"renewals": 1_000, "renewed_ex_parte": 700}, "renewals", 300 * 60 + 700 * 5, 0.75),
        ({"notices": 1_000}, "notices", 1_000 * 3, 0.5),
        ({"applications": 1_000}, "applications", 1_000 * 200, 0.75),
    ],
)
def test_events_at_their_price(
    before: Parameters, events: dict[str, int], component: str, usd: float, federal: float
) -> None:
    tallies = nobody(MONTHS)
    for name, number in events.items():
        # In two months of one quarter, whose middle is 24.5 months after prices of February 2025.
        count(tallies, month_index("2027-01") - POPULATION_MONTH, "OH", name, number // 4)
        count(tallies, month_index("2027-03") - POPULATION_MONTH, "OH", name, number - number // 4)
    result = money(tallies, before, last=LAST)
    grown = usd * 1.10 ** (24.5 / 12)
    expected = [grown * federal, grown * (1 - federal), 0]
    assert by_quarter(result, component) == {"2027Q1": pytest.approx(expected, abs=1.01)}
    assert not result.amounts[[i for i, name in enumerate(COMPONENTS) if name != component]].any()


@pytest.mark.parametrize(
    ("delay", "quarters"),
    [
        # Twelve months up to before the start: February 2026 to January 2027, or half a year later.
        (0, {"2026Q1": 2, "2026Q2": 3, "2026Q3": 3, "2026Q4": 3, "2027Q1": 1}),
        (6, {"2026Q3": 2, "2026Q4": 3, "2027Q1": 3, "2027Q2": 3, "2027Q3": 1}),
    ],
)
def test_systems_are_built_in_the_year_before_the_start(
    law: Parameters, delay: int, quarters: dict[str, int]
) -> None:
    delayed = {"default": 0.0, "OH": float(delay)}
    result = nobodys(law.replaced({"medicaid.state_options.good_faith_months": delayed}))
    a_month = OHIO_SYSTEMS / 12
    assert by_quarter(result, "systems") == {
        name: pytest.approx([0.9 * months * a_month, 0.1 * months * a_month, 0], abs=1.01)
        for name, months in quarters.items()
    }
    # The other state is not delayed, and holds what is left.
    assert sum(map(sum, by_quarter(result, "systems", "CA").values())) == pytest.approx(35e6, abs=5)
    assert next(iter(by_quarter(result, "systems", "CA"))) == "2026Q1"
    assert by_quarter(result, "systems", "TX") == {}


@pytest.mark.parametrize(("delay", "first"), [(0, "2027Q1"), (6, "2027Q3")])
def test_systems_run_from_the_start_on(law: Parameters, delay: int, first: str) -> None:
    delayed = {"default": 0.0, "OH": float(delay)}
    result = nobodys(law.replaced({"medicaid.state_options.good_faith_months": delayed}))
    # 0.24 of 65 million a year is 1.3 million a month, at prices of February 2025.
    grown = {
        "2027Q1": 24.5, "2027Q2": 27.5, "2027Q3": 30.5, "2027Q4": 33.5,
        "2028Q1": 36.5, "2028Q2": 39.5, "2028Q3": 42.5, "2028Q4": 45.5,
    }  # fmt: skip
    expected = {}
    for name, since in grown.items():
        if name >= first:
            usd = 1.3e6 * (2 if name == first else 3) * 1.10 ** (since / 12)
            expected[name] = pytest.approx([0.75 * usd, 0.25 * usd, 0], abs=1.01)
    assert by_quarter(result, "systems_running") == expected
    assert by_quarter(result, "systems_running", "TX") == {}


def dated(p: Parameters, id_: str, before: float, month: str, after: float) -> Parameters:
    """One value in all states up to a month, and another from it on."""
    record = p.record(id_)
    steps = np.array([np.full(len(STATES), before), np.full(len(STATES), after)])
    return p.with_records([record.with_steps((ALWAYS, month_index(month)), steps)])


@pytest.mark.parametrize("end", ["2026-12", "2027-11", "2027-12", "2028-12"])
@pytest.mark.parametrize(
    ("name", "early", "month", "late", "start"),
    [
        # As in the handbook: a delay that is granted the month before the requirement would have acted.
        ("medicaid.state_options.good_faith_months", 0, "2027-01", 18, "2028-08"),
        # A delay that lapses has been, though the window runs on; or ends before it would have.
        ("medicaid.state_options.good_faith_months", 9, "2028-01", 0, "2027-11"),
        ("medicaid.state_options.good_faith_months", 24, "2028-01", 0, "2028-01"),
        # A law that comes after the month from which it would have acted.
        (IN_FORCE, False, "2027-06", True, "2027-06"),
    ],
)
def test_the_end_of_the_window_moves_no_start(
    law: Parameters, name: str, early: float, month: str, late: float, start: str, end: str
) -> None:
    result = money(nobody(MONTHS), dated(law, name, early, month, late), last=month_index(end))
    first, last = month_index(start), month_index(end)
    built = max(0, min(last + 1, first) - (first - 12))
    assert result.component("systems")[:, OHIO].sum() == pytest.approx(built * OHIO_SYSTEMS / 12, abs=5)
    assert bool(result.component("systems_running")[:, OHIO].any()) == (last >= first)


def test_grants_lie_in_the_fiscal_year_of_the_law(law: Parameters) -> None:
    result = nobodys(law)
    # A fifth of 510 million in 51 equal parts, and the rest as 3 to 1; a quarter of it in each quarter.
    expected = {"OH": (2e6 + 0.75 * 408e6) / 4, "CA": (2e6 + 0.25 * 408e6) / 4, "TX": 2e6 / 4}
    for state, usd in expected.items():
        assert by_quarter(result, "grants_to_states", state) == {
            name: pytest.approx([usd, -usd, 0], abs=1.01) for name in ("2025Q4", "2026Q1", "2026Q2", "2026Q3")
        }


@pytest.mark.parametrize(
    ("engagement", "renewals", "musd"), [(True, False, 80), (False, True, 40), (True, True, 120), (False, False, 0)]
)
def test_money_of_the_agency_by_section(before: Parameters, engagement: bool, renewals: bool, musd: int) -> None:
    result = nobodys(before.replaced({IN_FORCE: engagement, SIX_MONTHS: renewals}))
    quarters = ("2025Q4", "2026Q1", "2026Q2", "2026Q3") if musd else ()
    for state, share in (("OH", 0.75), ("CA", 0.25)):
        assert by_quarter(result, "federal_agency", state) == {
            name: pytest.approx([musd * 1e6 * share / 4, 0, 0], abs=1.01) for name in quarters
        }


def test_without_the_requirement_there_are_no_systems_and_no_grants(law: Parameters) -> None:
    result = nobodys(law.replaced({IN_FORCE: {"default": True, "OH": False}}))
    for component in ("systems", "systems_running", "grants_to_states", "federal_agency"):
        amounts = result.component(component)
        assert not amounts[:, OHIO].any(), component
        assert amounts[0, STATES.index("CA")].any(), component
