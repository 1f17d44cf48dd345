"""Queries by medication, answered by following people one by one; see `queries` for the rules."""

from __future__ import annotations

from microsim.experiments.targets.cohort import LATER, LEFT_FIRST, SETTLED, YEAR_MONTHS
from microsim.experiments.targets.model import Query
from microsim.experiments.targets.pairs import Pair
from microsim.experiments.targets.queries import Answer, ask, query
from microsim.ground.calendar import first_month_of
from microsim.ground.schema import AGE_BANDS, DRUGS, EDUCATIONS, POPULATION_MONTH


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


@query
def beneficiaries_share_of_deaths(pair: Pair, year: int) -> Answer:
    """Drug overdose deaths of people on Medicaid in any month of the year up to death, over all, per cent."""
    row = _year(year)
    every, beneficiaries = pair.cohort.drug_deaths[row]
    in_month = ask(pair, Query.of("medicaid_share_of_deaths", year=year))
    parts = {"by cover in the month of death": in_month.value, **in_month.parts}
    return Answer(100 * float(beneficiaries / every), parts)


@query
def education_share_of_deaths(pair: Pair, year: int, educations: list[str], ages: list[str]) -> float:
    """Drug overdose deaths of people of some schooling over all of these age bands, per cent."""
    table = pair.cohort.deaths_by_education[_year(year)][[AGE_BANDS.index(one) for one in ages]]
    return 100 * float(table[:, [EDUCATIONS.index(one) for one in educations]].sum() / table.sum())


def _year(year: int) -> int:
    return (first_month_of(year) - POPULATION_MONTH) // YEAR_MONTHS
