"""Spending per person-month by group, state, cost class and quarter.

Factors of cost classes say how people of a group differ; they are scaled so that the mix of the
first quarter of 2024 costs the published average of the state. Overdose care is priced apart, so
the part that the average contains is taken out first.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from microsim.engine.finance.bases import QUARTER, Bases, Group, months_of
from microsim.engine.tallies import COST_CLASSES, EXPECTED_UNIT, THOUSANDTHS
from microsim.ground.calendar import MONTHS_A_YEAR
from microsim.ground.parameters import Parameters
from microsim.ground.schema import STATES

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

FACTOR_ONE = 1 << 16
"""Class factors are integers in this unit, so weighted person-months are exact."""
LAGGED = ("adult_group", "waiver_adult", "other_adult")
_FACTOR = "finance.benefits.factor_"
_TWO_YEARS = ("adult_group", "waiver_adult")


def class_factors(p: Parameters) -> Integers:
    """Relative cost of tallies.COST_CLASSES in `FACTOR_ONE`, int64."""
    out = []
    for name in COST_CLASSES:
        age, health, use = name.split("/")
        factor = p.number(f"{_FACTOR}age_{age}")
        if health == "disabled":
            factor *= p.number(_FACTOR + "disabled")
        if use != "none":
            factor *= p.number(_FACTOR + use)
        out.append(round(factor * FACTOR_ONE))
    return np.array(out, np.int64)


class Timed(Protocol):
    """Anything by quarter: the first priced month of each, and the months priced."""

    @property
    def quarters(self) -> Integers: ...

    @property
    def lengths(self) -> Integers: ...


def growth(p: Parameters, rate: str, base: str, bases: Timed) -> Floats:
    """Index of prices at the middle of each quarter, 1 at the month of the parameter `base`, shape (Q,)."""
    middle = bases.quarters + bases.lengths / 2.0
    return np.asarray((1.0 + p.number(rate)) ** ((middle - p.number(base)) / MONTHS_A_YEAR))


def visit_cost(p: Parameters, bases: Bases) -> Floats:
    """Cost of an overdose seen in an emergency department, admitted or not, USD, shape (Q,)."""
    index = growth(p, "finance.health_growth", "finance.acute.base_month", bases)
    return p.number("finance.acute.visit") * index


def visits(p: Parameters, bases: Bases) -> Floats:
    """Overdoses seen in an emergency department, shape (51, Q, covers)."""
    share = p.number("sud.overdose.treated_share") * p.number("finance.acute.visit_share")
    return np.asarray(bases.overdoses / EXPECTED_UNIT * share)


def yearly_averages(p: Parameters) -> dict[str, Floats]:
    """Published spending of a person-year by group and state, USD at the prices of `base_of` the group, (51,)."""
    counted = p.number("finance.benefits.people_per_person_year")
    group = p.array("finance.benefits.adult_group", "state") * _lean(p)
    if p.choice("finance.benefits.basis") == "marginal":
        group = group * p.number("finance.benefits.marginal_share")
    aged = counted * p.array("finance.benefits.aged", "state")
    disabled = counted * p.array("finance.benefits.disabled", "state")
    return {
        "adult_group": group,
        "waiver_adult": np.full(len(STATES), p.number("finance.benefits.waiver_adult")),
        "other_adult": counted * p.array("finance.benefits.other_adult", "state"),
        "disabled": disabled,
        "child": counted * p.array("finance.benefits.child", "state"),
        "dual_aged": aged,
        "dual_younger": disabled,
    }


def _lean(p: Parameters) -> Floats:
    """Factor that takes the average of two years towards one of them, at constant prices, (51,)."""
    swing = p.array("finance.benefits.adult_group_swing", "state") / (1.0 + p.number("finance.benefits.growth"))
    return np.asarray(swing ** p.number("finance.benefits.adult_group_year"))


def base_of(group: str) -> str:
    """Id of the month to whose prices `yearly_averages` of a group belong."""
    return "finance.benefits." + ("adult_group_base_month" if group in _TWO_YEARS else "base_month")


def group_spending(
    p: Parameters,
    bases: Bases,
    reference: Bases,
    group: Group,
    yearly: Floats,
    *,
    rate: str,
    base: str,
    holds_overdoses: bool,
    lag: int = 0,
) -> Floats:
    """Spending of a group in USD, shape (51, Q).

    `yearly` (51,) is the average of a person-year at the prices of the parameter `base`; prices grow
    at the parameter `rate`. `holds_overdoses`: the average contains overdose care, which is priced
    apart. With a `lag` in months, the part of managed care is paid at the average of that long ago.
    """
    factors = class_factors(p)
    months, weighted = months_of(bases, group), _weighted(bases, group, factors)
    standard = _mean(_weighted(reference, group, factors), months_of(reference, group))[:, 0]
    monthly = np.asarray(yearly)[:, None] / MONTHS_A_YEAR * growth(p, rate, base, bases)
    if holds_overdoses:
        scale = growth(p, rate, base, bases) / growth(p, rate, base, reference)[0]
        monthly = np.maximum(monthly - _contained(p, reference, group)[:, None] * scale, 0.0)
    units = weighted / FACTOR_ONE
    if lag and group.name in LAGGED:
        share = p.number("finance.benefits.managed_care_share")
        units = share * months * _lagged(_mean(weighted, months), lag) + (1.0 - share) * units
    return np.asarray(units / THOUSANDTHS / standard[:, None] * monthly)


def _weighted(bases: Bases, group: Group, factors: Integers) -> Integers:
    mine = bases.months[:, :, group.cover, group.classes]
    return np.asarray((mine * factors[group.classes]).sum(axis=2))


def _mean(weighted: Integers, months: Integers) -> Floats:
    """Mean factor by state and quarter; 1 where the state has nobody, so that no other state moves it."""
    return np.asarray(np.divide(weighted / FACTOR_ONE, months, out=np.ones(months.shape), where=months > 0))


def _lagged(mean: Floats, lag: int) -> Floats:
    """Means of `lag` months before; the first quarter stands for what came before the window."""
    back = -(-lag // QUARTER)
    index = np.maximum(np.arange(mean.shape[1]) - back, 0)
    return mean[:, index]


def _contained(p: Parameters, reference: Bases, group: Group) -> Floats:
    """Overdose care in an average person-month of the reference quarter, USD of that quarter, shape (51,)."""
    cost = (visits(p, reference)[:, 0, group.cover]) * visit_cost(p, reference)[0]
    people = reference.months[:, 0, group.cover].sum(axis=1) / THOUSANDTHS
    return np.asarray(np.divide(cost, people, out=np.zeros(len(STATES)), where=people > 0))
