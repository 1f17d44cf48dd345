"""Compliance of a month by activity or income: SSA 1902(xx)(2), 42 CFR 435.552."""

from __future__ import annotations

from microsim.ground.compiled import compiled
from microsim.rules.options import Options
from microsim.rules.situation import Situation
from microsim.rules.statuses import COMPLIANCES

WORK = COMPLIANCES.index("work")
COMMUNITY_SERVICE = COMPLIANCES.index("community_service")
WORK_PROGRAMME = COMPLIANCES.index("work_programme")
EDUCATION = COMPLIANCES.index("education")
COMBINATION = COMPLIANCES.index("combination")
INCOME = COMPLIANCES.index("income")
SEASONAL_INCOME = COMPLIANCES.index("seasonal_income")
INCOME_AS_HOURS = COMPLIANCES.index("income_as_hours")

_CENTS = 100


@compiled
def credit_hours(credits: int, options: Options) -> int:
    """Hundredths of hours a month that `credits` credit hours are worth below half time.

    42 CFR 435.552: credit hours times three times 4.33 weeks.
    """
    return credits * options.study_hundredths_per_credit


@compiled
def compliance_path(situation: Situation, options: Options) -> int:
    """COMPLIANCES code of the first path by which the month complies, 0 for none.

    SSA 1902(xx)(2)(A)-(G); 42 CFR 435.552(a)-(e): work, community service, a work programme, study at
    least half time, a combination, household income of the hours at the federal minimum wage, the
    six-month average of a seasonal worker; last, where the state elects it, income turned into hours
    and combined, 435.552(e)(2).
    """
    required = options.hours_required
    if situation.hours >= required:
        return WORK
    if situation.volunteer_hours >= required:
        return COMMUNITY_SERVICE
    if situation.programme_hours >= required:
        return WORK_PROGRAMME
    if situation.half_time_student != 0:
        return EDUCATION
    beside = situation.volunteer_hours + situation.programme_hours + situation.study_hours
    if situation.hours + beside >= required:
        return COMBINATION
    if situation.household_income >= options.income_required:
        return INCOME
    if situation.seasonal != 0 and situation.seasonal_average >= options.income_required:
        return SEASONAL_INCOME
    if options.income_hours_credit != 0:
        # Compared in cents, so that no part of an hour is lost.
        worth = situation.household_income * _CENTS + beside * options.income_hourly_cents
        if worth >= required * options.income_hourly_cents:
            return INCOME_AS_HOURS
    return 0
