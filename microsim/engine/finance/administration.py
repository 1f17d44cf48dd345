"""Administration: systems, running cost per event, and federal money for implementation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from microsim.engine.finance.bases import Bases
from microsim.engine.finance.ledger import Ledger
from microsim.engine.finance.spending import growth
from microsim.engine.tallies import THOUSANDTHS
from microsim.ground.calendar import MONTHS_A_YEAR
from microsim.ground.parameters import Parameters
from microsim.ground.schema import POPULATION_MONTH, STATES
from microsim.rules.options_table import started

Floats = NDArray[np.float64]

USD_A_MUSD = 1e6
_OWN = "finance.administration."
_RULE = "medicaid.community_engagement."
_SHORT = "medicaid.renewal.six_month_in_force"


def enter(p: Parameters, bases: Bases, ledger: Ledger) -> None:
    """Enter all administration of the priced months."""
    operations = p.number("finance.match.operations")
    general = p.number("finance.match.administration")
    checks = _events(p, bases, ("checks", "check_manual"), ("cleared_from_data", "check_cleared"))
    renewals = _events(p, bases, ("renewals", "renewal_form"), ("renewed_ex_parte", "renewal_data"))
    ledger.shared("checks", checks, operations)
    ledger.shared("notices", _events(p, bases, ("notices", "notice")), general)
    ledger.shared("renewals", renewals, operations)
    ledger.shared("applications", _events(p, bases, ("applications", "application")), operations)
    start = start_months(p, bases)
    building = _systems(p)
    ledger.shared("systems", _building(p, bases, start, building), p.number("finance.match.systems"))
    ledger.shared("systems_running", _running(p, bases, start, building), operations)
    _federal_money(p, bases, ledger)


def start_months(p: Parameters, bases: Bases) -> NDArray[np.int64]:
    """Month from which the work requirement acts, good-faith delay included, (51,); far off when never.

    The first month in which people live under it, seen as far past the window as systems are built ahead.
    """
    last = int(bases.quarters[-1] + bases.lengths[-1] - 1) + round(p.number(_OWN + "systems_months"))
    law = p.monthly(_RULE + "in_force", POPULATION_MONTH, last, "state") > 0
    acts = law & started(p, POPULATION_MONTH, last)
    return np.where(acts.any(axis=0), POPULATION_MONTH + acts.argmax(axis=0), np.iinfo(np.int32).max)


def _events(
    p: Parameters, bases: Bases, every: tuple[str, str], cheap: tuple[str, str] | None = None
) -> Floats:
    """Cost of events: all at one unit cost, except those that cost another."""
    number = bases.events(every[0])
    usd = number / THOUSANDTHS * p.number(_OWN + every[1])
    if cheap is not None:
        fewer = bases.events(cheap[0]) / THOUSANDTHS
        usd = usd + fewer * (p.number(_OWN + cheap[1]) - p.number(_OWN + every[1]))
    return np.asarray(usd * growth(p, _OWN + "growth", _OWN + "base_month", bases))


def _systems(p: Parameters) -> Floats:
    """One-time cost of the systems of each state in USD, (51,): equal parts and parts by caseload."""
    caseload = p.array(_OWN + "caseload", "state")
    equal = p.number(_OWN + "systems_equal_share")
    return p.number(_OWN + "systems") * USD_A_MUSD * _divided(caseload, equal)


def _divided(caseload: Floats, equal: float, everywhere: bool = False) -> Floats:
    """Shares of states: a part equally, the rest by caseload; equal parts only where there is a caseload."""
    has = np.ones(len(STATES), bool) if everywhere else caseload > 0
    return np.asarray(equal * has / has.sum() + (1.0 - equal) * caseload / caseload.sum())


def _overlap(bases: Bases, start: NDArray[np.int64] | int, stop: NDArray[np.int64] | int) -> Floats:
    """Months of each quarter from `start` up to before `stop`, by state, (51, Q)."""
    low = np.maximum(bases.quarters, np.asarray(start).reshape(-1, 1))
    high = np.minimum(bases.quarters + bases.lengths, np.asarray(stop).reshape(-1, 1))
    return np.broadcast_to(np.maximum(high - low, 0).astype(np.float64), (len(STATES), len(bases.quarters)))


def _building(p: Parameters, bases: Bases, start: NDArray[np.int64], usd: Floats) -> Floats:
    months = round(p.number(_OWN + "systems_months"))
    return _overlap(bases, start - months, start) / months * usd[:, None]


def _running(p: Parameters, bases: Bases, start: NDArray[np.int64], usd: Floats) -> Floats:
    a_month = p.number(_OWN + "systems_running") * usd[:, None] / MONTHS_A_YEAR
    never = np.iinfo(np.int32).max
    return _overlap(bases, start, never) * a_month * growth(p, _OWN + "growth", _OWN + "base_month", bases)


def _federal_money(p: Parameters, bases: Bases, ledger: Ledger) -> None:
    """Grants and the agency's own money, in the fiscal year that the law names, where the law is in force."""
    begin = int(p.number(_OWN + "grants_start"))
    year = _overlap(bases, begin, begin + MONTHS_A_YEAR) / MONTHS_A_YEAR
    end = begin + MONTHS_A_YEAR - 1
    caseload = p.array(_OWN + "caseload", "state")
    active = p.array(_RULE + "in_force", "state", month=end) > 0
    shares = _divided(caseload, p.number(_OWN + "grants_equal_share"), everywhere=True) * active
    ledger.transfer("grants_to_states", p.number(_OWN + "grants") * USD_A_MUSD * shares[:, None] * year)
    own = p.number(_OWN + "federal_engagement") * active
    own = own + p.number(_OWN + "federal_renewals") * _renewals_law(p, end)
    spread = own * caseload / caseload.sum()
    ledger.shared("federal_agency", USD_A_MUSD * spread[:, None] * year, 1.0)


def _renewals_law(p: Parameters, month: int) -> NDArray[np.bool_]:
    """States with six-month renewals in force within two years, (51,): their money comes before them."""
    coming = p.monthly(_SHORT, month, month + 2 * MONTHS_A_YEAR, "state")
    return np.asarray((coming > 0).any(axis=0))
