"""What a month leaves in memory for a later check of the work requirement."""

from __future__ import annotations

from microsim.ground import draws
from microsim.ground.compiled import compiled
from microsim.life import coverage
from microsim.life import work as working_life
from microsim.life.check_month import SEASONAL, county_hardship, own_hardship, situation
from microsim.life.state import Work
from microsim.rules.month_status import month_standing
from microsim.rules.statuses import applied_by_state, month_counts


@compiled
def remember(month, age_months, person, work, home, use, opioid, kind, key, rates, place, options):
    """`work` with whether this month met the rule, and its income where a seasonal average may be read.

    `kind` is the cover held before the month changed it.
    """
    if settled_by_hours(person, work, home, rates, options):
        return remember_hours(work, key, place, options)
    incomes = work.incomes
    county = county_hardship(key, place, options)
    hours = working_life.hours_worked(work.working, home.inmate, person.short_hours, rates.full_hours)
    met, automatic = 1, 1 if county else 0
    short = hours < options.hours_required
    responded = 1 if short and not home.inmate and responds(kind, key, rates, options) else 0
    if person.job == SEASONAL or not responded:
        truth = situation(month, age_months, person, work, home, use, opioid, kind, key, rates, county)
        standing = month_standing(truth, options)
        if not month_counts(standing):
            own = own_hardship(month, home, key, rates)
            if own:
                truth = situation(month, age_months, person, work, home, use, opioid, kind, key, rates, own)
                standing = month_standing(truth, options)
        met = month_counts(standing) or responded
        automatic = automatic or applied_by_state(standing)
        incomes = working_life.remember_income(incomes, truth.household_income)
    history = working_life.remember_month(work.history, met, automatic)
    return Work(work.work_class, work.working, work.spouse_works, history, incomes)


@compiled
def settled_by_hours(person, work, home, rates, options):
    """Whether enough hours settle the month, so that the whole situation need not be looked at."""
    hours = working_life.hours_worked(work.working, home.inmate, person.short_hours, rates.full_hours)
    return hours >= options.hours_required and person.job != SEASONAL


@compiled
def remember_hours(work, key, place, options):
    """`work` with a month that enough hours settled."""
    automatic = 1 if county_hardship(key, place, options) else 0
    history = working_life.remember_month(work.history, 1, automatic)
    return Work(work.work_class, work.working, work.spouse_works, history, work.incomes)


@compiled
def responds(kind, key, rates, options):
    """Whether the rule moves a person whom it reaches to enough hours: a lasting answer, of nobody by default."""
    if rates.rule_response == 0 or not options.in_force or not coverage.subject_group(kind):
        return False
    return draws.word(key, draws.LASTING, draws.TRAIT_RESPONDS) < rates.rule_response
