"""A policy and its baseline, priced over the window and over all that was lived."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from microsim.engine.environment import build_environment
from microsim.engine.finance import Money, price
from microsim.engine.measures import series, window_value
from microsim.engine.tallies import EXPECTED_UNIT, THOUSANDTHS, Tallies
from microsim.ground.calendar import MONTHS_A_YEAR, fiscal_year_of, year_of
from microsim.ground.parameters import Parameters
from microsim.ground.schema import POPULATION_MONTH, STATES

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


class Case(NamedTuple):
    """Money and people of a policy beside its baseline."""

    baseline: Money
    """The window"""
    policy: Money
    change: Money
    """Policy less baseline over the window, exact"""
    lived_baseline: Money
    """From January 2024 to the end of the window: for fiscal years, which start in October"""
    lived_policy: Money
    lived_change: Money
    baseline_people: Tallies
    policy_people: Tallies
    baseline_parameters: Parameters
    parameters: Parameters
    outlays: tuple[Floats, Floats]
    """Federal outlays of public-health lines of both arms, USD, (51, months lived)"""
    first: int
    last: int
    states: tuple[str, ...] = ()
    """The states that were lived, none for all; others hold no money"""

    @property
    def together(self) -> str:
        """Name of the last row of a table by state."""
        return "all" if self.states else "US"

    @property
    def lived(self) -> NDArray[np.int64]:
        """Positions of the states that were lived."""
        return np.array([STATES.index(state) for state in self.states or STATES])


def case_of(
    baseline: Tallies,
    policy: Tallies,
    baseline_parameters: Parameters,
    parameters: Parameters,
    first: int,
    last: int,
    states: tuple[str, ...] = (),
) -> Case:
    """Price both arms; months since January 2015, both included. Runs nobody again."""
    outlays = (outlays_of(baseline_parameters, last), outlays_of(parameters, last))
    return _priced(baseline, policy, baseline_parameters, parameters, outlays, first, last, states)


def outlays_of(p: Parameters, last: int) -> Floats:
    """Federal outlays of public-health lines from January 2024 to month `last`, USD, (51, months)."""
    return np.asarray(build_environment(p, POPULATION_MONTH, last).outlays)


def priced_arm(
    people: Tallies,
    p: Parameters,
    outlays: Floats,
    first: int,
    last: int,
    reference: Tallies,
    states: tuple[str, ...] = (),
) -> Money:
    """Money of one arm over a window, without that of states that were not lived."""
    money = price(people, p, outlays[:, first - POPULATION_MONTH :], first, last, reference=reference)
    if not states:
        return money
    lived = np.isin(STATES, states)
    return money._replace(
        amounts=money.amounts * lived[:, None], contained=money.contained * lived[:, None]
    )


def repriced(case: Case, changes: Mapping[str, object]) -> Case:
    """The same people at other prices: both trees with the parameters of `changes` replaced."""
    values = dict(changes)
    return _priced(
        case.baseline_people, case.policy_people, case.baseline_parameters.replaced(values),
        case.parameters.replaced(values), case.outlays, case.first, case.last, case.states,
    )  # fmt: skip


def _priced(
    baseline: Tallies,
    policy: Tallies,
    baseline_parameters: Parameters,
    parameters: Parameters,
    outlays: tuple[Floats, Floats],
    first: int,
    last: int,
    states: tuple[str, ...],
) -> Case:
    lived, window = [], []
    for people, p, money in (
        (baseline, baseline_parameters, outlays[0]),
        (policy, parameters, outlays[1]),
    ):
        lived.append(priced_arm(people, p, money, POPULATION_MONTH, last, baseline, states))
        window.append(priced_arm(people, p, money, first, last, baseline, states))
    return Case(
        window[0], window[1], window[1].minus(window[0]), lived[0], lived[1], lived[1].minus(lived[0]),
        baseline, policy, baseline_parameters, parameters, outlays, first, last, states,
    )  # fmt: skip


def calendar_years(money: Money) -> np.ndarray:
    """Calendar year of each priced quarter."""
    return np.array([year_of(int(month)) for month in money.quarters])


def fiscal_years(money: Money) -> np.ndarray:
    """Federal fiscal year of each priced quarter."""
    return np.array([fiscal_year_of(int(month)) for month in money.quarters])


def whole_years(money: Money, years: np.ndarray) -> list[int]:
    """Years of which all twelve months were priced."""
    return [int(y) for y in np.unique(years) if money.lengths[years == y].sum() == MONTHS_A_YEAR]


def discounted(money: Money, p: Parameters) -> Money:
    """Amounts in value of the base month, whole dollars by cell so that sums still add up."""
    middle = money.quarters + money.lengths / 2.0
    years = (middle - p.number("finance.discount.base_month")) / MONTHS_A_YEAR
    factor = (1.0 + p.number("finance.discount.rate")) ** -years
    return money._replace(
        amounts=np.rint(money.amounts * factor).astype(np.int64),
        contained=np.rint(money.contained * factor).astype(np.int64),
    )


def discounted_change(policy: Money, baseline: Money, p: Parameters) -> Money:
    """The difference of two discounted arms: discounting a difference would round it otherwise."""
    return discounted(policy, p).minus(discounted(baseline, p))


PEOPLE = {
    "medicaid_persons_ever_lost": THOUSANDTHS,
    "medicaid_losses": THOUSANDTHS,
    "uninsured_person_months": THOUSANDTHS,
    "treatment_exits_coverage": THOUSANDTHS,
    "overdose_deaths": EXPECTED_UNIT,
    "deaths_other": EXPECTED_UNIT,
}


def people_changes(case: Case) -> dict[str, Integers]:
    """Policy less baseline over the window by state, (51,) integers in units of `PEOPLE`."""
    start, stop = case.first - POPULATION_MONTH, case.last - POPULATION_MONTH
    ours, theirs = series(case.baseline_people), series(case.policy_people)
    return {
        name: window_value(name, theirs[name], start, stop) - window_value(name, ours[name], start, stop)
        for name in PEOPLE
    }
