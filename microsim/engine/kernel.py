"""The machine: every person of a shard through every month of every arm.

Months that all arms share are lived once, in a common trunk, and tallied once; at the first month
in which any record of the person's place differs the arms part, each from its own copy of the
trunk's state, on the same keyed draws.
"""

from __future__ import annotations

from numpy import int64

from microsim.engine.tallies import (
    C_APPLICATION_CHECKS,
    C_APPLICATION_CLEARED,
    C_APPLICATIONS,
    C_BIRTHS,
    C_CHECKS,
    C_CLEARED,
    C_ENTERED,
    C_EVER_LOST,
    C_EX_PARTE,
    C_EXITS,
    C_EXITS_COVERAGE,
    C_NONOPIOID_DEATHS,
    C_NOTICES,
    C_OPIOID_DEATHS,
    C_OTHER_DEATHS,
    C_OVERDOSES,
    C_RENEWALS,
    C_STARTS,
    C_TREATED,
    CELL_NONOPIOID,
    CELL_OPIOID,
    CELL_OTHER,
    CELL_OVERDOSES,
    CELL_PERSONS,
    LEAK_FIRST,
    LOSS_FIRST,
    Y_ADULT_GROUP,
    Y_EXITS,
    Y_LOSSES,
    Y_MEDICAID,
    Y_MOUD,
    Y_NONOPIOID,
    Y_OPIOID,
    Y_OTHER,
    Y_OUD,
    Y_OVERDOSES,
    Y_PERSON,
    Y_UNINSURED,
)
from microsim.ground import draws
from microsim.ground.compiled import compiled
from microsim.ground.schema import POPULATION_MONTH, RANDOM_GROUPS
from microsim.life import coverage, readings
from microsim.life.month import live_month
from microsim.life.origin import first_life, person_of
from microsim.life.state import ADULT_GROUP, UNINSURED
from microsim.life.opioid import on_medication

WORD_MASK = (1 << 32) - 1
COST_SUD_COUNT = 3


@compiled
def run_shard(people, poor, weights, rates, places, fork, months, key0, key1, monthly, quarterly, yearly):
    """Live a shard.

    people: records (n,) of the population; poor (n,) and weights (n,) int64; rates (arms,) and
    places (arms, 51, months) records of microsim.life.tables; fork (51,) first month index at which
    any arm differs; monthly, quarterly, yearly: the arrays of tallies.Tallies, added to in place.
    """
    arms = rates.shape[0]
    for i in range(people.shape[0]):
        record = people[i]
        number = int64(record.person_id)
        key = (number & WORD_MASK, number >> 32, key0, key1)
        person = person_of(record, key, poor[i])
        life = first_life(record)
        group = draws.word(key, draws.LASTING, draws.TRAIT_GROUP) % RANDOM_GROUPS
        stratum = int64(record.stratum)
        place = person.state
        parting = fork[place]
        life, alive = live_span(
            life, 0, parting, person, key, group, stratum, weights[i], rates[0], places[0, place],
            monthly[arms, place], quarterly[arms, place], yearly[arms, place],
        )  # fmt: skip
        if alive and parting < months:
            for arm in range(arms):
                live_span(
                    life, parting, months, person, key, group, stratum, weights[i], rates[arm],
                    places[arm, place], monthly[arm, place], quarterly[arm, place], yearly[arm, place],
                )  # fmt: skip


@compiled
def live_span(
    life, start, stop, person, key, group, stratum, weight, rates, places, monthly, quarterly, yearly
):
    """Live months `start` to `stop` - 1 (counted from January 2024) and tally them.

    Returns (life, alive).
    """
    for t in range(start, stop):
        month = POPULATION_MONTH + t
        age_months = month - person.birth_month
        if age_months < rates.working_age[0]:
            tally_child(
                age_months, person, life, group, stratum, weight, rates,
                monthly[t], quarterly[t // 3], yearly[t // 12],
            )  # fmt: skip
            continue
        health_words = draws.block(key, month, draws.SCREEN_HEALTH)
        life_words = (0, 0, 0, 0)
        if age_months <= rates.working_age[1]:
            life_words = draws.block(key, month, draws.SCREEN_LIFE)
        before = life
        life, events = live_month(
            month, age_months, person, life, key, health_words, life_words, rates, places[t]
        )
        tally_month(
            age_months, person, before, life, events, group, stratum, weight, rates,
            monthly[t], quarterly[t // 3], yearly[t // 12],
        )  # fmt: skip
        if events.died_other or events.died_opioid or events.died_nonopioid:
            return life, False
    return life, True


@compiled
def cost_class(age_months, disabled, sud):
    """Position in tallies.COST_CLASSES."""
    years = age_months // 12
    age = 0 if years < 19 else (1 if years < 45 else (2 if years < 65 else 3))
    use = 2 if 2 <= sud <= 4 else (1 if sud == 1 else 0)
    return (age * 2 + disabled) * COST_SUD_COUNT + use


@compiled
def tally_child(age_months, person, life, group, stratum, weight, rates, monthly, quarterly, yearly):
    """Count a month of a child, who has no dynamics before 18."""
    kind = life.cover.kind
    monthly.cell[kind, 0, CELL_PERSONS] += weight
    quarterly.money[kind, cost_class(age_months, life.home.disabled, 0)] += weight
    row = yearly.people[rates.band[age_months // 12], person.sex, person.race]
    err = yearly.error[stratum, group]
    row[Y_PERSON] += weight
    err[Y_PERSON] += weight
    if coverage.is_medicaid(kind):
        row[Y_MEDICAID] += weight
        err[Y_MEDICAID] += weight
    elif kind == UNINSURED:
        row[Y_UNINSURED] += weight
        err[Y_UNINSURED] += weight


@compiled
def tally_month(
    age_months, person, before, life, events, group, stratum, weight, rates, monthly, quarterly, yearly
):
    """Count a month: the cover held in it, the substance class reached in it, and its events."""
    kind = before.cover.kind
    sud = readings.sud_class(life.use, life.opioid)
    overdoses = weight * events.expected_overdose >> 16
    opioid = weight * events.expected_opioid_death >> 16
    nonopioid = weight * events.expected_nonopioid_death >> 16
    other = weight * events.expected_other_death >> 16
    cell = monthly.cell[kind, sud]
    cell[CELL_PERSONS] += weight
    cell[CELL_OVERDOSES] += overdoses
    cell[CELL_OPIOID] += opioid
    cell[CELL_NONOPIOID] += nonopioid
    cell[CELL_OTHER] += other
    quarterly.money[kind, cost_class(age_months, life.home.disabled, sud)] += weight
    tally_events(events, weight, monthly.count[sud])
    row = yearly.people[rates.band[age_months // 12], person.sex, person.race]
    tally_year(kind, sud, life, events, weight, overdoses, opioid, nonopioid, other, row)
    tally_year(kind, sud, life, events, weight, overdoses, opioid, nonopioid, other, yearly.error[stratum, group])


@compiled
def tally_year(kind, sud, life, events, weight, overdoses, opioid, nonopioid, other, row):
    """Add a month to one row of a yearly tally."""
    row[Y_PERSON] += weight
    if coverage.is_medicaid(kind):
        row[Y_MEDICAID] += weight
        if kind == ADULT_GROUP:
            row[Y_ADULT_GROUP] += weight
    elif kind == UNINSURED:
        row[Y_UNINSURED] += weight
    if 2 <= sud <= 4:
        row[Y_OUD] += weight
        if on_medication(life.opioid.state):
            row[Y_MOUD] += weight
    if coverage.NONCOMPLIANT <= events.loss <= coverage.RENEWAL_PROCEDURAL:
        row[Y_LOSSES] += weight
    if events.treatment_exit == 2:
        row[Y_EXITS] += weight
    row[Y_OVERDOSES] += overdoses
    row[Y_OPIOID] += opioid
    row[Y_NONOPIOID] += nonopioid
    row[Y_OTHER] += other


@compiled
def tally_events(events, weight, count):
    """Add realised events of a month to a row of counts."""
    if events.loss:
        count[LOSS_FIRST + events.loss] += weight
        if events.leak:
            count[LEAK_FIRST + events.leak] += weight
        if events.first_loss:
            count[C_EVER_LOST] += weight
    if events.entered:
        count[C_ENTERED] += weight
    if events.renewed:
        count[C_RENEWALS] += weight
        if events.ex_parte:
            count[C_EX_PARTE] += weight
    if events.checked:
        count[C_CHECKS] += weight
        if events.cleared:
            count[C_CLEARED] += weight
        if events.noticed:
            count[C_NOTICES] += weight
        if events.applied:
            count[C_APPLICATION_CHECKS] += weight
            if events.cleared:
                count[C_APPLICATION_CLEARED] += weight
    if events.applied:
        count[C_APPLICATIONS] += weight
    if events.treatment_start:
        count[C_STARTS] += weight
    if events.treatment_exit:
        count[C_EXITS] += weight
        if events.treatment_exit == 2:
            count[C_EXITS_COVERAGE] += weight
    if events.birth:
        count[C_BIRTHS] += weight
    if events.overdose:
        count[C_OVERDOSES] += weight
        if events.overdose_treated:
            count[C_TREATED] += weight
    if events.died_opioid:
        count[C_OPIOID_DEATHS] += weight
    elif events.died_nonopioid:
        count[C_NONOPIOID_DEATHS] += weight
    elif events.died_other:
        count[C_OTHER_DEATHS] += weight
