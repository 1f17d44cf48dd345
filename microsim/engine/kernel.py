"""The machine: every person of a shard through every month of every arm.

Months that all arms share are lived once, in a common trunk, and tallied once; at the first month
in which any record of the person's place differs the arms part, each from its own copy of the
trunk's state, on the same keyed draws.

The two screening blocks of all months are drawn ahead, once for all arms, in a loop the compiler
turns to vector code; yearly and quarterly tallies are gathered on the stack and written when their
row ends. Both leave every number as it would be month by month.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
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
from microsim.ground.philox import fill_months
from microsim.ground.schema import POPULATION_MONTH, RANDOM_GROUPS
from microsim.life import coverage, readings
from microsim.life.month import live_month
from microsim.life.origin import first_life, person_of
from microsim.life.state import ADULT_GROUP, UNINSURED
from microsim.life.opioid import on_medication

WORD_MASK = (1 << 32) - 1
COST_SUD_COUNT = 3


class Year(NamedTuple):
    """What one person adds to a row of a yearly tally: the columns of tallies.YEAR."""

    person: int
    medicaid: int
    adult_group: int
    uninsured: int
    oud: int
    moud: int
    losses: int
    exits: int
    overdoses: int
    opioid: int
    nonopioid: int
    other: int


NO_MONTHS = Year(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


@compiled
def run_shard(people, poor, weights, rates, places, fork, months, key0, key1, monthly, quarterly, yearly):
    """Live a shard.

    people: records (n,) of the population; poor (n,) and weights (n,) int64; rates (arms,) and
    places (arms, 51, months) records of microsim.life.tables; fork (51,) first month index at which
    any arm differs; monthly, quarterly, yearly: the arrays of tallies.Tallies, added to in place.
    """
    arms = rates.shape[0]
    health, living = np.empty((4, months), np.int64), np.empty((4, months), np.int64)
    youngest, oldest = rates[0].working_age
    for arm in range(1, arms):
        youngest, oldest = min(youngest, rates[arm].working_age[0]), max(oldest, rates[arm].working_age[1])
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
        age_months = POPULATION_MONTH - person.birth_month
        if age_months + months > youngest:
            fill_months(key[0], key[1], POPULATION_MONTH, draws.SCREEN_HEALTH, key0, key1, health)
            if age_months <= oldest:
                fill_months(key[0], key[1], POPULATION_MONTH, draws.SCREEN_LIFE, key0, key1, living)
        # The common trunk, then each arm from its end: one place of call, so the month is compiled once.
        for lane in range(arms + 1):
            arm, slot, start, stop = lane - 1, lane - 1, parting, months
            if lane == 0:
                arm, slot, start, stop = 0, arms, 0, parting
            after, alive = live_span(
                life, start, stop, person, key, health, living, group, stratum, weights[i], rates[arm],
                places[arm, place], monthly[slot, place], quarterly[slot, place], yearly[slot, place],
            )  # fmt: skip
            if lane == 0:
                life = after
                if not alive or parting >= months:
                    break


@compiled
def live_span(
    life, start, stop, person, key, health, living, group, stratum, weight, rates, places,
    monthly, quarterly, yearly,
):  # fmt: skip
    """Live months `start` to `stop` - 1 (counted from January 2024) and tally them.

    `health` and `living`, int64 (4, months), are the screening words. Returns (life, alive).
    """
    alive = True
    year = NO_MONTHS
    band, cell, held = int64(0), (int64(0), int64(0)), int64(0)
    for t in range(start, stop):
        month = POPULATION_MONTH + t
        age_months = month - person.birth_month
        if t % 12 == 0 or band != rates.band[age_months // 12]:
            if year.person:
                past = yearly[(t - 1) // 12]
                write_year(year, past.people[band, person.sex, person.race])
                write_year(year, past.error[stratum, group])
            year = NO_MONTHS
            band = rates.band[age_months // 12]
        if age_months < rates.working_age[0]:
            kind, sud = life.cover.kind, int64(0)
            monthly[t].cell[kind, 0, CELL_PERSONS] += weight
            year = with_cover(year, kind, 0, weight)
        else:
            before = life
            health_words = (health[0, t], health[1, t], health[2, t], health[3, t])
            life_words = (int64(0), int64(0), int64(0), int64(0))
            if age_months <= rates.working_age[1]:
                life_words = (living[0, t], living[1, t], living[2, t], living[3, t])
            life, events = live_month(
                month, age_months, person, life, key, health_words, life_words, rates, places[t]
            )
            kind, sud = before.cover.kind, readings.sud_class(life.use, life.opioid)
            year = with_cover(year, kind, 1, weight)
            year = tally_month(kind, sud, life, events, weight, monthly[t], year)
            alive = not (events.died_other or events.died_opioid or events.died_nonopioid)
        now = (kind, cost_class(age_months, life.home.disabled, sud))
        if t % 3 == 0 or now[0] != cell[0] or now[1] != cell[1]:
            if held:
                quarterly[(t - 1) // 3].money[cell[0], cell[1]] += held
            held, cell = int64(0), now
        held += weight
        if not alive or t == stop - 1:
            quarterly[t // 3].money[cell[0], cell[1]] += held
            write_year(year, yearly[t // 12].people[band, person.sex, person.race])
            write_year(year, yearly[t // 12].error[stratum, group])
            return life, alive
    return life, alive


@compiled
def cost_class(age_months, disabled, sud):
    """Position in tallies.COST_CLASSES."""
    years = age_months // 12
    age = 0 if years < 19 else (1 if years < 45 else (2 if years < 65 else 3))
    use = 2 if 2 <= sud <= 4 else (1 if sud == 1 else 0)
    return (age * 2 + disabled) * COST_SUD_COUNT + use


@compiled
def with_cover(year, kind, adult, weight):
    """`year` with a month under a cover; only adults count as the adult group."""
    medicaid = weight if coverage.is_medicaid(kind) else 0
    adult_group = weight if adult and kind == ADULT_GROUP else 0
    uninsured = weight if kind == UNINSURED else 0
    return Year(
        year.person + weight, year.medicaid + medicaid, year.adult_group + adult_group,
        year.uninsured + uninsured, year.oud, year.moud, year.losses, year.exits, year.overdoses,
        year.opioid, year.nonopioid, year.other,
    )  # fmt: skip


@compiled
def tally_month(kind, sud, life, events, weight, monthly, year):
    """Count a month: the cover held in it, the substance class reached in it, and its events."""
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
    tally_events(events, weight, monthly.count[sud])
    disorder = weight if 2 <= sud <= 4 else 0
    medicated = weight if 2 <= sud <= 4 and on_medication(life.opioid.state) else 0
    lost = weight if coverage.NONCOMPLIANT <= events.loss <= coverage.RENEWAL_PROCEDURAL else 0
    stopped = weight if events.treatment_exit == 2 else 0
    return Year(
        year.person, year.medicaid, year.adult_group, year.uninsured, year.oud + disorder,
        year.moud + medicated, year.losses + lost, year.exits + stopped, year.overdoses + overdoses,
        year.opioid + opioid, year.nonopioid + nonopioid, year.other + other,
    )  # fmt: skip


@compiled(forceinline=False)
def write_year(year, row):
    """Add what was gathered to one row of a yearly tally."""
    row[Y_PERSON] += year.person
    row[Y_MEDICAID] += year.medicaid
    row[Y_ADULT_GROUP] += year.adult_group
    row[Y_UNINSURED] += year.uninsured
    row[Y_OVERDOSES] += year.overdoses
    row[Y_OPIOID] += year.opioid
    row[Y_NONOPIOID] += year.nonopioid
    row[Y_OTHER] += year.other
    if year.oud:
        row[Y_OUD] += year.oud
        row[Y_MOUD] += year.moud
    if year.losses:
        row[Y_LOSSES] += year.losses
    if year.exits:
        row[Y_EXITS] += year.exits


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
