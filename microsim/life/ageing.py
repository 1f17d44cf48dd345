"""What age brings: a spouse, a degree, a total disability rating, better pay, a home of one's own.

The record holds what was true in January 2024. Shares by age of the adults of that month say how many of those
without a spouse, a degree or a rating have one at a later age; a lasting draw decides who. A child of January 2024
comes of age with nobody else in the household and with the pay of a young adult. So the adults of every later year
look like those of the first, age by age.
"""

from __future__ import annotations

from microsim.ground.compiled import compiled
from microsim.ground.schema import EDUCATIONS, POPULATION_MONTH, WORK_CLASSES
from microsim.life.state import NEVER, Person
from microsim.life.tables import MAX_HOUSEHOLD

SOME_COLLEGE = EDUCATIONS.index("some_college")
NOT_WORKING = WORK_CLASSES.index("not_working")
MONTHS_A_YEAR = 12
SHARE_BITS = 16
SHARE_ONE = 1 << SHARE_BITS
ANSWER_STEP = 4
STEP_SHIFT = 28
"""A word's four highest bits choose one of sixteen steps of pay."""


@compiled
def arrived(before, later, word):
    """Whether something absent at one age is there at a later one (0 or 1), 1.0 = 65536.

    `before` and `later` are the shares with it at the two ages; the chance is that part of those without it at
    first which makes up the difference.
    """
    return 1 if word * (SHARE_ONE - before) < (later - before) << 32 else 0


@compiled
def household_size(person, home, month, grown, married, rates):
    """People in the MAGI household; `grown` is 1 for an adult of January 2024."""
    size = person.household_size if grown else 1
    if married and not (person.has_spouse and grown):
        size += 1
    if home.child_birth >= POPULATION_MONTH:
        size += 1
    elif home.child_birth > NEVER and month - home.child_birth >= rates.dependent_months:
        size = min(size, 1 + married)
    return min(size, MAX_HOUSEHOLD)


@compiled
def usually_poor(person, work, limit, rates):
    """1 when the usual income of the household is within `limit`, else 0."""
    own = person.wage
    if work.work_class == NOT_WORKING:
        own = own * person.short_hours // rates.full_hours
    if work.spouse_works:
        own += person.spouse_wage
    return 1 if own + person.other_income <= limit else 0


@compiled
def present(month, age_months, person, home, work, rates, place):
    """`person` as age has made them this month; every other trait stays."""
    years = age_months // MONTHS_A_YEAR
    age_then = POPULATION_MONTH - person.birth_month
    grown = 1 if age_then >= rates.child_cover_to else 0
    first = min(max(age_then, rates.working_age[0]) // MONTHS_A_YEAR, years)
    education = person.education
    if education == SOME_COLLEGE:
        education += arrived(rates.degree[first], rates.degree[years], person.trait_degree)
    married, spouse_wage = person.has_spouse, person.spouse_wage
    if not married:
        married = arrived(rates.married[first], rates.married[years], person.trait_spouse)
        if married:
            spouse_wage = rates.spouse_pay[education, person.trait_spouse_pay >> STEP_SHIFT]
    veteran = person.veteran_total
    if not veteran:
        rated = rates.rated[person.sex]
        veteran = arrived(rated[first], rated[years], person.trait_veteran)
    wage = person.wage * rates.pay[education, years] // rates.pay[person.education, first]
    size = household_size(person, home, month, grown, married, rates)
    older = Person(
        person.state, person.birth_month, person.sex, person.race, education, size, wage, spouse_wage,
        person.other_income, person.short_hours, person.job, person.injects, married, veteran, person.aian,
        person.citizen, person.answer_class + ANSWER_STEP * (education - person.education), person.poor,
        person.trait_response, person.trait_visibility, person.trait_diagnosed, person.trait_deterred,
        person.trait_programme, person.volunteers, person.trait_spouse, person.trait_spouse_pay,
        person.trait_degree, person.trait_veteran, person.tolerance,
    )  # fmt: skip
    return with_means(older, usually_poor(older, work, place.income_limit[size], rates))


@compiled
def with_means(person, poor):
    """`person` with the usual household income below (1) or above (0) the limit."""
    return Person(
        person.state, person.birth_month, person.sex, person.race, person.education, person.household_size,
        person.wage, person.spouse_wage, person.other_income, person.short_hours, person.job, person.injects,
        person.has_spouse, person.veteran_total, person.aian, person.citizen, person.answer_class, poor,
        person.trait_response, person.trait_visibility, person.trait_diagnosed, person.trait_deterred,
        person.trait_programme, person.volunteers, person.trait_spouse, person.trait_spouse_pay,
        person.trait_degree, person.trait_veteran, person.tolerance,
    )  # fmt: skip
