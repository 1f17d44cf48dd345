"""Queries by medication, answered by following people one by one; see `queries` for the rules."""

from __future__ import annotations

from microsim.experiments.targets.cohort import LATER, LEFT_FIRST, SETTLED
from microsim.experiments.targets.pairs import Pair
from microsim.experiments.targets.queries import query
from microsim.ground.schema import DRUGS


@query
def drug_stock(pair: Pair, drug: str, month: str) -> float:
    """People on one medication in a month of the baseline."""
    return float(pair.cohort.stocks[pair.position(month), DRUGS.index(drug)])


@query
def lived_retention(pair: Pair, drug: str, months: int) -> float:
    """Starters of 2024 still on a medication after 6, 12 or 24 months, whatever ended it, per cent."""
    row = DRUGS.index(drug)
    return 100 * float(pair.cohort.kept[row, LATER.index(months)] / pair.cohort.starts[row])


@query
def lived_exit_ratio(pair: Pair) -> float:
    """Opioid deaths a month in the first month after leaving medication over months settled on it."""
    rates = pair.cohort.deaths / pair.cohort.person_months
    return float(rates[LEFT_FIRST] / rates[SETTLED])
