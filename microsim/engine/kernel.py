"""The machine: every person of a shard through every month of every arm.

People outside, years inside. Arms that hold equal lives are lived as one, and tallied once in a slot
common to all; a month that may have read something in which their records differ
(microsim.engine.pairing) parts them, each from its own copy of the life, on the same keyed draws. At the
end of a year arms whose lives are equal again are joined.

The two screening blocks of a year are drawn ahead, once for all arms, in a loop the compiler turns to vector
code. People and expected deaths from other causes, which stay the same through most months, are kept as
changes and summed when a state is finished; yearly tallies are gathered and written when their row ends.
Every number is what living and counting each arm month by month gives.
"""

from __future__ import annotations

import numpy as np
from numpy import int64

from microsim.engine.pairing import (
    FATALITY,
    FATALITY_BESIDE,
    GROUPS,
    LIVE_BESIDE,
    MEMORY,
    ONSET_BESIDE,
    parts,
    working_years,
)
from microsim.engine.rows import FIELDS, HISTORY, INCOMES, all_equal, keep, life_in, part
from microsim.engine.tallying import (
    YEAR_MONTHS,
    enter,
    leave,
    settle,
    stock_of,
    tally_child,
    tally_events,
    tally_year,
    write_year,
)
from microsim.ground import draws
from microsim.ground.compiled import compiled
from microsim.ground.philox import fill_months
from microsim.ground.schema import POPULATION_MONTH, RANDOM_GROUPS
from microsim.life import readings
from microsim.life.ageing import present
from microsim.life.check_month import options_of
from microsim.life.memory import remember
from microsim.life.month import live_month
from microsim.life.origin import first_life, person_of
from microsim.life.state import Work

WORD_MASK = (1 << 32) - 1


@compiled
def run_shard(
    people, poor, weights, rates, places, differs, key0, key1, marks, stocks, monthly, quarterly, yearly
):
    """Live a shard.

    people: records (n,) of the population, best sorted by state; poor (n,) and weights (n,) int64; rates
    (arms,) and places (arms, 51, months) records of microsim.life.tables; differs of pairing.differences,
    int64 (arms, 51, months, 4); marks: zeros MARK (arms + 1,); stocks: zeros CHANGE (arms + 1, STOCKS, months + 2),
    zero again afterwards; monthly, quarterly, yearly: the arrays of tallies.Tallies, added to in place.
    """
    arms, months = places.shape[0], places.shape[2]
    health, living = np.empty((4, months), np.int64), np.empty((4, months), np.int64)
    lives = np.empty((arms, FIELDS), np.int64)
    alive, last = np.empty(arms, np.int64), np.empty(FIELDS, np.int64)
    youngest, oldest = rates[0].working_age[0], rates[0].working_age[1]
    for arm in range(1, arms):
        youngest, oldest = min(youngest, rates[arm].working_age[0]), max(oldest, rates[arm].working_age[1])
    here = int64(-1)
    for i in range(people.shape[0]):
        record = people[i]
        number = int64(record.person_id)
        key = (number & WORD_MASK, number >> 32, key0, key1)
        person = person_of(record, key, poor[i])
        group = draws.word(key, draws.LASTING, draws.TRAIT_GROUP) % RANDOM_GROUPS
        stratum = int64(record.stratum)
        place = person.state
        if place != here:
            if here >= 0:
                settle(stocks, monthly[:, here], quarterly[:, here])
            here = place
        age_months = POPULATION_MONTH - person.birth_month
        if age_months + months > youngest:
            fill_months(key[0], key[1], POPULATION_MONTH, draws.SCREEN_HEALTH, key0, key1, health)
            if age_months <= oldest:
                fill_months(key[0], key[1], POPULATION_MONTH, draws.SCREEN_LIFE, key0, key1, living)
        keep(first_life(record), lives[0])
        for arm in range(arms):
            alive[arm] = 1
            marks[arm].history, marks[arm].incomes = lives[0, HISTORY], lives[0, INCOMES]
        for slot in range(arms + 1):
            marks[slot].stock = -1
        together, left = True, arms
        for begin in range(0, months, YEAR_MONTHS):
            end = min(begin + YEAR_MONTHS, months)
            parting = begin
            if together:
                # Whoever parts this year lives it again from its start.
                parting = end
                for arm in range(1, arms):
                    part(lives[0], lives[arm], marks[arm])
            for arm in range(arms):
                if not alive[arm] or (arm > 0 and parting == end):
                    continue
                together_still = together and arm == 0
                slot, others = (arms, arms) if together_still else (arm, 1)
                life, lives_on, apart = live_span(
                    life_in(lives[arm]), begin, end, 0 if together_still else parting, arm, slot, others,
                    person, key, health, living, group, stratum, weights[i], rates[arm], places[arm, place],
                    places[:, place], differs[:, place], marks, stocks,
                    monthly[:, place], yearly[:, place, begin // YEAR_MONTHS],
                )  # fmt: skip
                if together_still:
                    parting = apart
                    keep(life, last)
                else:
                    keep(life, lives[arm])
                if not lives_on:
                    alive[arm] = 0
                    left -= arms if together_still and parting == end else 1
            if together:
                for at in range(FIELDS):
                    lives[0, at] = last[at]
                together = parting == end
            if left == 0:
                break
            if not together and left == arms and all_equal(lives):
                together = True
                for arm in range(arms):
                    marks[arm].history, marks[arm].incomes = lives[arm, HISTORY], lives[arm, INCOMES]
                    leave(marks[arm], stocks[arm, marks[arm].stock, end], weights[i])
    if here >= 0:
        settle(stocks, monthly[:, here], quarterly[:, here])


@compiled
def live_span(
    life, start, stop, counted, arm, slot, others, person, key, health, living, group, stratum, weight, rates,
    own, places, differs, marks, stocks, monthly, yearly,
):  # fmt: skip
    """Live months `start` to `stop` - 1 of one calendar year, tallied from `counted` on.

    Months count from January 2024; `own` are the arm's records of the place, `places` those of all arms.
    With `others` above 1 the arms up to that number live along, until a month that may part them; from
    that month on only arm 0 is tallied, in its own slot. `health` and `living` are the screening words,
    int64 (4, months). Returns the life, whether the person is alive, and the month of parting, else `stop`.
    """
    born, sex, race = person.birth_month, person.sex, person.race
    band = rates.band[(POPULATION_MONTH + start - born) // YEAR_MONTHS]
    parting, alive = stop, True
    for t in range(start, stop):
        month = POPULATION_MONTH + t
        age_months = month - born
        if rates.band[age_months // YEAR_MONTHS] != band:
            write_year(marks, band, sex, race, stratum, group, slot, yearly)
            band = rates.band[age_months // YEAR_MONTHS]
        kind = life.cover.kind
        if age_months < rates.working_age[0]:
            if t >= counted:
                mark, stock = marks[slot], stock_of(kind, 0, life.home.disabled, age_months)
                if mark.stock != stock:
                    if mark.stock >= 0:
                        leave(mark, stocks[slot, mark.stock, t], weight)
                    enter(mark, stocks[slot, stock, t], stocks[slot, stock, -1], stock, weight, 0)
                tally_child(kind, weight, mark.year)
            continue
        place = own[t]
        health_words = (health[0, t], health[1, t], health[2, t], health[3, t])
        life_words = (int64(0), int64(0), int64(0), int64(0))
        if age_months <= rates.working_age[1]:
            life_words = (living[0, t], living[1, t], living[2, t], living[3, t])
        before = life
        life, events = live_month(
            month, age_months, person, life, key, health_words, life_words, rates, place
        )
        fatality = 0
        for other in range(1, others):
            differing, past = differs[other, t, GROUPS], before.work
            mark = marks[other]
            remembers = differing & MEMORY or mark.history != past.history or mark.incomes != past.incomes
            if parts(
                differing, differs[other, t, ONSET_BESIDE], remembers, month, age_months, person, before, life,
                events, health_words[3], band, rates, place, places[other, t],
            ):  # fmt: skip
                parting = t
                break
            fatality |= differing & FATALITY
        if parting == t:
            write_year(marks, band, sex, race, stratum, group, slot, yearly)
            if marks[slot].stock >= 0:
                leave(marks[slot], stocks[slot, marks[slot].stock, t], weight)
            slot, others, fatality = arm, 1, 0
        for other in range(1, others):
            if differs[other, t, LIVE_BESIDE] and working_years(age_months, place):
                aged = person
                if age_months < rates.working_age[1]:
                    aged = present(month, age_months, person, before.home, before.work, rates, place)
                remember_along(
                    month, age_months, aged, before, life, key, rates, places[other, t],
                    differs[other, t, GROUPS], marks[other],
                )  # fmt: skip
        if t < counted:
            continue
        sud = readings.sud_class(life.use, life.opioid)
        opioid = weight * events.expected_opioid_death >> 16
        natural = weight * events.expected_other_death >> 16
        mark, stock = marks[slot], stock_of(kind, sud, life.home.disabled, age_months)
        change, touched = stocks[slot, stock, t], stocks[slot, stock, -1]
        if mark.stock != stock or mark.natural != natural:
            if mark.stock >= 0:
                leave(mark, stocks[slot, mark.stock, t], weight)
            enter(mark, change, touched, stock, weight, natural)
        overdoses = weight * events.expected_overdose >> 16
        nonopioid = weight * events.expected_nonopioid_death >> 16
        change.overdoses += overdoses
        change.opioid += opioid
        change.nonopioid += nonopioid
        if fatality:
            # The first arm's deaths are common, the others have what they differ by.
            for other in range(1, others):
                expected = events.expected_overdose * differs[other, t, FATALITY_BESIDE] >> 32
                more = (weight * expected >> 16) - opioid
                stocks[other, stock, t].opioid += more
                stocks[other, stock, -1].persons = 1
                marks[other].deaths += more
        tally_events(events, weight, monthly[slot, t].count[sud])
        tally_year(kind, sud, life, events, weight, overdoses, opioid, nonopioid, natural, mark.year)
        if events.died_other or events.died_opioid or events.died_nonopioid:
            leave(mark, stocks[slot, stock, t + 1], weight)
            alive = False
            break
    write_year(marks, band, sex, race, stratum, group, slot, yearly)
    return life, alive, parting


@compiled
def remember_along(month, age_months, person, before, after, key, rates, place, differs, mark):
    """What another arm, living the same month, remembers of it: the one part of a life kept for each arm."""
    past, work = before.work, after.work
    if not differs & MEMORY and mark.history == past.history and mark.incomes == past.incomes:
        mark.history, mark.incomes = work.history, work.incomes
        return
    own = remember(
        month, age_months, person,
        Work(work.work_class, work.working, work.spouse_works, mark.history, mark.incomes),
        after.home, after.use, after.opioid, before.cover, key, rates, place, options_of(place),
    )  # fmt: skip
    mark.history, mark.incomes = own.history, own.incomes
