"""The machine: every person of a shard through every month of every arm.

People outside, years inside. Arms that hold equal lives are lived as one, and tallied once in a slot common to
all; a month that may have read something in which their records differ (microsim.engine.pairing) parts them,
each from its own copy of the life, on the same keyed draws. At the end of a year arms whose lives are equal
again are joined.

The two screening blocks of a year are drawn ahead, once for all arms, in a loop the compiler turns to vector
code. People and expected deaths from other causes, which stay the same through most months, are kept as
changes and summed when a state is finished; yearly tallies are gathered and written when their row ends.
Every number is what living and counting each arm month by month gives.
"""

from __future__ import annotations

import numpy as np
from numba.np.unsafe.ndarray import to_fixed_tuple
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
    COST_AGES,
    COST_SUD,
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
    YEAR,
)
from microsim.ground import draws
from microsim.ground.compiled import compiled
from microsim.ground.philox import fill_months
from microsim.ground.schema import COVERS, POPULATION_MONTH, RANDOM_GROUPS, SUD_CLASSES
from microsim.life import coverage, readings
from microsim.life.check_month import options_of
from microsim.life.cover_month import remember
from microsim.life.month import Life, live_month
from microsim.life.origin import first_life, person_of
from microsim.life.state import ADULT_GROUP, UNINSURED, Cover, Home, Opioid, Use, Work
from microsim.life.opioid import on_medication

WORD_MASK = (1 << 32) - 1
YEAR_MONTHS = 12
QUARTER_MONTHS = 3

_WORK, _HOME, _USE, _OPIOID, _COVER = (len(part._fields) for part in (Work, Home, Use, Opioid, Cover))
_AT_HOME, _AT_USE = _WORK, _WORK + _HOME
_AT_OPIOID, _AT_COVER = _AT_USE + _USE, _AT_USE + _USE + _OPIOID
FIELDS = _AT_COVER + _COVER
"""Numbers of a life in a row."""
HISTORY, INCOMES = Work._fields.index("history"), Work._fields.index("incomes")

_KINDS, _SUDS, _AGES = len(COVERS), len(SUD_CLASSES), len(COST_AGES)
STOCKS = _KINDS * _SUDS * 2 * _AGES
"""Classes of a person between which stocks move: cover, substance class, disability, age."""
COLUMNS = 5
"""Of a stock and month: changes of persons and of other deaths; overdoses, opioid and other drug deaths."""
_PERSONS, _OTHER, _OVERDOSES, _OPIOID_DEATHS, _NONOPIOID = range(COLUMNS)


@compiled
def run_shard(people, poor, weights, rates, places, differs, key0, key1, stocks, monthly, quarterly, yearly):
    """Live a shard.

    people: records (n,) of the population, best sorted by state; poor (n,) and weights (n,) int64; rates
    (arms,) and places (arms, 51, months) records of microsim.life.tables; differs int64 (arms, 51, months, 4) of
    pairing.differences; stocks: zeros int64 (arms + 1, STOCKS, months + 2, COLUMNS), zero again afterwards; monthly,
    quarterly, yearly: the arrays of tallies.Tallies, added to in place.
    """
    arms, months = places.shape[0], places.shape[2]
    health, living = np.empty((4, months), np.int64), np.empty((4, months), np.int64)
    lives, memory = np.empty((arms, FIELDS), np.int64), np.empty((arms, 2), np.int64)
    alive, held, last = np.empty(arms, np.int64), np.empty((arms + 1, 2), np.int64), np.empty(FIELDS, np.int64)
    year, deaths = np.zeros(len(YEAR), np.int64), np.zeros(arms, np.int64)
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
            memory[arm, 0], memory[arm, 1] = lives[0, HISTORY], lives[0, INCOMES]
        for slot in range(arms + 1):
            held[slot, 0] = -1
        together, left = True, arms
        for begin in range(0, months, YEAR_MONTHS):
            end = min(begin + YEAR_MONTHS, months)
            parting = begin
            if together:
                # Whoever parts this year lives it again from its start.
                parting = end
                for arm in range(1, arms):
                    part(lives[0], lives[arm], memory[arm])
            for arm in range(arms):
                if not alive[arm] or (arm > 0 and parting == end):
                    continue
                together_still = together and arm == 0
                slot, others = (arms, arms) if together_still else (arm, 1)
                life, lives_on, apart = live_span(
                    life_in(lives[arm]), begin, end, 0 if together_still else parting, arm, slot, others, person,
                    key, health, living, group, stratum, weights[i], rates[arm], places[arm, place], places[:, place],
                    differs[:, place], memory, held, year, deaths, stocks, monthly[:, place],
                    yearly[:, place, begin // YEAR_MONTHS],
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
                    memory[arm, 0], memory[arm, 1] = lives[arm, HISTORY], lives[arm, INCOMES]
                    move(held, stocks, arm, end, weights[i], -1, 0)
    if here >= 0:
        settle(stocks, monthly[:, here], quarterly[:, here])


@compiled
def live_span(
    life, start, stop, counted, arm, slot, others, person, key, health, living, group, stratum, weight, rates,
    own, places, differs, memory, held, year, deaths, stocks, monthly, yearly,
):  # fmt: skip
    """Live months `start` to `stop` - 1 of one calendar year (counted from January 2024), tallied from `counted` on.

    With `others` above 1 the arms up to that number live along, until a month that may part them; from
    that month on only arm 0 is tallied, in its own slot. `health` and `living` are the screening words, int64
    (4, months). Returns the life, whether the person is alive, and the month of parting, else `stop`.
    """
    born, sex, race = person.birth_month, person.sex, person.race
    band = rates.band[(POPULATION_MONTH + start - born) // YEAR_MONTHS]
    parting, alive = stop, True
    for t in range(start, stop):
        month = POPULATION_MONTH + t
        age_months = month - born
        if rates.band[age_months // YEAR_MONTHS] != band:
            write_year(year, deaths, band, sex, race, stratum, group, slot, yearly)
            band = rates.band[age_months // YEAR_MONTHS]
        kind = life.cover.kind
        if age_months < rates.working_age[0]:
            if t >= counted:
                disabled = life.home.disabled
                move(held, stocks, slot, t, weight, stock_of(kind, 0, disabled, age_months), 0)
                tally_child(kind, weight, year)
            continue
        place = own[t]
        health_words = (health[0, t], health[1, t], health[2, t], health[3, t])
        life_words = (int64(0), int64(0), int64(0), int64(0))
        if age_months <= rates.working_age[1]:
            life_words = (living[0, t], living[1, t], living[2, t], living[3, t])
        before = life
        life, events = live_month(month, age_months, person, life, key, health_words, life_words, rates, place)
        fatality = 0
        for other in range(1, others):
            differing = differs[other, t, GROUPS]
            if parts(
                differing, differs[other, t, ONSET_BESIDE], month, age_months, person, before, life, events, health_words[3], band, rates,
                place, places[other, t],
            ):  # fmt: skip
                parting = t
                break
            fatality |= differing & FATALITY
        if parting == t:
            write_year(year, deaths, band, sex, race, stratum, group, slot, yearly)
            move(held, stocks, slot, t, weight, -1, 0)
            slot, others, fatality = arm, 1, 0
        for other in range(1, others):
            if differs[other, t, LIVE_BESIDE] and working_years(age_months, place):
                remember_along(
                    month, age_months, person, before, life, key, rates, places[other, t],
                    differs[other, t, GROUPS], memory, other,
                )  # fmt: skip
        if t < counted:
            continue
        sud = readings.sud_class(life.use, life.opioid)
        opioid = weight * events.expected_opioid_death >> 16
        natural = weight * events.expected_other_death >> 16
        disabled = life.home.disabled
        stock = stock_of(kind, sud, disabled, age_months)
        move(held, stocks, slot, t, weight, stock, natural)
        overdoses = weight * events.expected_overdose >> 16
        nonopioid = weight * events.expected_nonopioid_death >> 16
        stocks[slot, stock, t, _OVERDOSES] += overdoses
        stocks[slot, stock, t, _OPIOID_DEATHS] += opioid
        stocks[slot, stock, t, _NONOPIOID] += nonopioid
        if fatality:
            # The first arm's deaths are common, the others have what they differ by.
            for other in range(1, others):
                expected = events.expected_overdose * differs[other, t, FATALITY_BESIDE] >> 32
                more = (weight * expected >> 16) - opioid
                stocks[other, stock, t, _OPIOID_DEATHS] += more
                stocks[other, stock, -1, 0] = 1
                deaths[other] += more
        tally_events(events, weight, monthly[slot, t].count[sud])
        tally_year(kind, sud, life, events, weight, overdoses, opioid, nonopioid, natural, year)
        if events.died_other or events.died_opioid or events.died_nonopioid:
            move(held, stocks, slot, t + 1, weight, -1, 0)
            alive = False
            break
    write_year(year, deaths, band, sex, race, stratum, group, slot, yearly)
    return life, alive, parting


@compiled
def remember_along(month, age_months, person, before, after, key, rates, place, differs, memory, arm):
    """What another arm, living the same month, remembers of it: the one part of a life kept for each arm."""
    past, work = before.work, after.work
    if not differs & MEMORY and memory[arm, 0] == past.history and memory[arm, 1] == past.incomes:
        memory[arm, 0], memory[arm, 1] = work.history, work.incomes
        return
    own = remember(
        month, age_months, person,
        Work(work.work_class, work.working, work.spouse_works, memory[arm, 0], memory[arm, 1]),
        after.home, after.use, after.opioid, before.cover, key, rates, options_of(place),
    )  # fmt: skip
    memory[arm, 0], memory[arm, 1] = own.history, own.incomes


@compiled
def keep(life, row):
    """Write a life into a row of FIELDS numbers."""
    at = 0
    for value in life.work:
        row[at] = value
        at += 1
    for value in life.home:
        row[at] = value
        at += 1
    for value in life.use:
        row[at] = value
        at += 1
    for value in life.opioid:
        row[at] = value
        at += 1
    for value in life.cover:
        row[at] = value
        at += 1


@compiled
def life_in(row):
    """The life in a row."""
    return Life(
        Work(*to_fixed_tuple(row[:_WORK], _WORK)),
        Home(*to_fixed_tuple(row[_AT_HOME:], _HOME)),
        Use(*to_fixed_tuple(row[_AT_USE:], _USE)),
        Opioid(*to_fixed_tuple(row[_AT_OPIOID:], _OPIOID)),
        Cover(*to_fixed_tuple(row[_AT_COVER:], _COVER)),
    )


@compiled
def part(row, own, memory):
    """Make `own` the life of `row`, with the memory of its arm."""
    for at in range(FIELDS):
        own[at] = row[at]
    own[HISTORY], own[INCOMES] = memory[0], memory[1]


@compiled
def all_equal(lives):
    """Whether all rows are one life, apart from the memory each keeps."""
    for arm in range(1, lives.shape[0]):
        for at in range(FIELDS):
            if lives[arm, at] != lives[0, at] and at != HISTORY and at != INCOMES:
                return False
    return True


@compiled
def stock_of(kind, sud, disabled, age_months):
    """Position of a person among STOCKS."""
    years = age_months // YEAR_MONTHS
    age = 0 if years < 19 else (1 if years < 45 else (2 if years < 65 else 3))
    return ((kind * _SUDS + sud) * 2 + disabled) * _AGES + age


@compiled
def move(held, stocks, slot, t, weight, stock, natural):
    """Move a person to a stock and an expected number of other deaths a month from month `t` on; -1 is none."""
    was, expected = held[slot, 0], held[slot, 1]
    if was == stock and expected == natural:
        return
    if was >= 0:
        stocks[slot, was, t, _PERSONS] -= weight
        stocks[slot, was, t, _OTHER] -= expected
    if stock >= 0:
        stocks[slot, stock, t, _PERSONS] += weight
        stocks[slot, stock, t, _OTHER] += natural
        stocks[slot, stock, -1, 0] = 1
    held[slot, 0], held[slot, 1] = stock, natural


@compiled(forceinline=False)
def settle(stocks, monthly, quarterly):
    """Sum the changes of one state into its tallies, by slot, and clear them."""
    for slot in range(stocks.shape[0]):
        for stock in range(STOCKS):
            changes = stocks[slot, stock]
            if not changes[-1, 0]:
                continue
            kind, rest = stock // (_SUDS * 2 * _AGES), stock % (_SUDS * 2 * _AGES)
            sud, cost = rest // (2 * _AGES), cost_class(rest % (2 * _AGES), rest // (2 * _AGES))
            persons, natural = int64(0), int64(0)
            for t in range(monthly.shape[1]):
                persons += changes[t, _PERSONS]
                natural += changes[t, _OTHER]
                cell = monthly[slot, t].cell[kind, sud]
                cell[CELL_OPIOID] += changes[t, _OPIOID_DEATHS]
                if persons:
                    cell[CELL_PERSONS] += persons
                    cell[CELL_OTHER] += natural
                    cell[CELL_OVERDOSES] += changes[t, _OVERDOSES]
                    cell[CELL_NONOPIOID] += changes[t, _NONOPIOID]
                    quarterly[slot, t // QUARTER_MONTHS].money[kind, cost] += persons
            changes[:] = 0


@compiled
def cost_class(cost, sud):
    """Position in tallies.COST_CLASSES of a disability and age, as in STOCKS, and a substance class."""
    disabled, age = cost // _AGES, cost % _AGES
    use = 2 if 2 <= sud <= 4 else (1 if sud == 1 else 0)
    return (age * 2 + disabled) * len(COST_SUD) + use


@compiled
def tally_child(kind, weight, year):
    """Count a month of a child, who has no dynamics before 18."""
    year[Y_PERSON] += weight
    if coverage.is_medicaid(kind):
        year[Y_MEDICAID] += weight
    elif kind == UNINSURED:
        year[Y_UNINSURED] += weight


@compiled(forceinline=False)
def write_year(year, deaths, band, sex, race, stratum, group, slot, yearly):
    """Add what was gathered of a year to its rows, in the slot and in the arms living along, and clear it."""
    if year[Y_PERSON]:
        row, error = yearly[slot].people[band, sex, race], yearly[slot].error[stratum, group]
        for at in range(len(YEAR)):
            row[at] += year[at]
            error[at] += year[at]
            year[at] = 0
    for arm in range(len(deaths)):
        if deaths[arm]:
            yearly[arm].people[band, sex, race, Y_OPIOID] += deaths[arm]
            yearly[arm].error[stratum, group, Y_OPIOID] += deaths[arm]
            deaths[arm] = 0


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
