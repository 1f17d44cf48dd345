"""The machine: every person of a shard through every month of every arm.

People outside, years inside. Three things make it fast, and none changes a number:

- Months that cannot change a person are not lived (microsim.engine.quiet): only what is expected of them is added.
- Arms that hold equal lives are lived as one, and tallied once in a slot common to all. A month that may
  have read something in which their records differ (microsim.engine.pairing) parts them, each with its own
  copy of the life, on the same keyed draws; after it, and at the end of a year, arms whose lives are equal are joined.
- What a check looks back at is worked out when it asks (microsim.engine.recall).

The two screening blocks of all months are drawn ahead, once for all arms, in a loop the compiler turns to vector
code. People and expected deaths from other causes, which stay the same through most months, are kept as
changes and summed when a state is finished; yearly tallies are gathered and written when their row ends.
"""

from __future__ import annotations

import numpy as np

from microsim.engine.bounds import BOUNDED_YEARS
from microsim.engine.forget import forget
from microsim.engine.pairing import looks_back, parts, recalled
from microsim.engine.quiet import RESTLESS, begins, calm_of, next_loud
from microsim.engine.recall import agree, join, note, recall, take_along, unlike
from microsim.engine.rows import (
    DISABLED,
    EVER_LOST,
    EXPOSURE,
    FATE,
    HISTORY,
    INCOMES,
    KIND,
    all_equal,
    copy,
    events_in,
    introduce,
    keep,
    key_in,
    life_in,
    may_be_equal,
    person_in,
    same_standing,
    write_events,
)
from microsim.engine.tallying import (
    YEAR_MONTHS,
    leave,
    settle,
    stand,
    stock_of,
    tally_child,
    tally_events,
    tally_quiet,
    tally_year,
    write_year,
)
from microsim.ground import draws
from microsim.ground.compiled import compiled, int64
from microsim.ground.draws import ONE
from microsim.ground.philox import fill_months
from microsim.ground.schema import POPULATION_MONTH, RANDOM_GROUPS
from microsim.life import coverage, readings
from microsim.life.month import live_month
from microsim.life.origin import first_life, key_of, person_of
from microsim.life.state import NO_FATE, UNKEPT

SUPPLY = np.dtype([(name, np.int64) for name in ("incidence", "fatality", "nonopioid")])
"""Fields of PLACE that every month's expected events are made of, side by side in an array of their own."""


@compiled(_nrt=False)
def run_shard(
    people, poor, weights, rates, places, supply, clocks, differs, top, low, seasons, key0, key1, health, living, who,
    lives, after, happened, marks, pasts, notes, stocks, chances, monthly, quarterly, yearly,
):  # fmt: skip
    """Live a shard.

    people: records (n,) of the population, best sorted by state; poor (n,) and weights (n,) int64; rates (arms,) and
    places (arms, 51, months) records of microsim.life.tables; supply SUPPLY (arms, 51, months); clocks int64 (arms, 51,
    months + 1) the factors of onset added up; differs of pairing.differences; top, low and seasons of bounds.bounds_of.
    Room to work in: health and living int64 (4, months); who WHO, after ROW and happened HAPPENED, each (1,); lives ROW
    (arms,); by slot, (arms + 1,): marks MARK and pasts PAST, zeros, notes NOTE (, ROOM), stocks, zeros CHANGE (,
    STOCKS, months + 2), and chances, zeros CHANCE (, STOCKS, months), both zero again afterwards. monthly, quarterly,
    yearly: the arrays of tallies.Tallies, added to in place.

    Rows are records in arrays that are passed whole: a slice would cost the month counting of references.
    """
    arms, months = places.shape[0], places.shape[2]
    youngest, oldest = rates[0].working_age[0], rates[0].working_age[1]
    for arm in range(1, arms):
        youngest, oldest = min(youngest, rates[arm].working_age[0]), max(oldest, rates[arm].working_age[1])
    here = int64(-1)
    for i in range(people.shape[0]):
        record = people[i]
        key = key_of(record, key0, key1)
        person = person_of(record, key, poor[i])
        group = draws.word(key, draws.LASTING, draws.TRAIT_GROUP) % RANDOM_GROUPS
        stratum = int64(record.stratum)
        place = person.state
        if place != here:
            if here >= 0:
                settle(stocks, chances, monthly, quarterly, here)
            here = place
        age_months = POPULATION_MONTH - person.birth_month
        if age_months + months > youngest:
            fill_months(key[0], key[1], POPULATION_MONTH, draws.SCREEN_HEALTH, key0, key1, health)
            if age_months <= oldest:
                fill_months(key[0], key[1], POPULATION_MONTH, draws.SCREEN_LIFE, key0, key1, living)
        keep(first_life(record), lives[0])
        introduce(person, key, who[0])
        for slot in range(arms + 1):
            marks[slot].stock = -1
            pasts[slot].history, pasts[slot].incomes = lives[0].at[HISTORY], lives[0].at[INCOMES]
            pasts[slot].known = pasts[slot].notes = pasts[slot].joined = pasts[slot].exposure = 0
            pasts[slot].fate, pasts[slot].ever_lost = NO_FATE, 0
        lives[0].at[HISTORY] = UNKEPT
        for arm in range(arms):
            marks[arm].alive = 1
        together, left, start = True, arms, 0
        while start < months and left > 0:
            stop = months if together else min(start - start % YEAR_MONTHS + YEAR_MONTHS, months)
            # First all arms as one, if they are. A month that parts them each lives by itself, and then the rest.
            for turn in range(0 if together else 1, arms + 1):
                if turn > 0 and (together or not marks[turn - 1].alive):
                    continue
                arm, slot, others = (turn - 1, turn - 1, 1) if turn > 0 else (0, arms, arms)
                lives_on, reached = live_span(
                    lives[arm], after[0], happened[0], start, stop, arm, slot, others, who[0], group, stratum,
                    weights[i], rates[arm], places, supply, clocks, differs, top, low, seasons[arm], health, living,
                    marks, pasts, notes, stocks, chances, monthly, yearly,
                )  # fmt: skip
                if turn > 0:
                    if not lives_on:
                        marks[arm].alive = 0
                        left -= 1
                elif not lives_on:
                    left = 0
                elif reached < months:
                    together, start, stop = False, reached, reached + 1
                    part(lives, pasts, notes, reached)
            start = stop
            if together or left < arms or not may_be_equal(lives):
                continue
            papers = low[arms, place, 0].reconsidered
            for arm in range(arms):
                keep(forget(POPULATION_MONTH + stop, life_in(lives[arm]), rates[arm], papers), lives[arm])
            if all_equal(lives):
                together = True
                for arm in range(arms):
                    leave(marks[arm], stocks[arm, marks[arm].stock, stop], weights[i])
                join(pasts, stop)
    if here >= 0:
        settle(stocks, chances, monthly, quarterly, here)


@compiled(_nrt=False)
def part(lives, pasts, notes, now):
    """Give each arm its own copy of the life that all lived until month `now`, and of what is remembered of it."""
    for arm in range(len(lives)):
        if arm > 0:
            copy(lives[0], lives[arm])
        take_along(pasts, notes, arm, now)


@compiled(_nrt=False)
def live_span(
    row, after, happened, start, stop, arm, slot, others, who, group, stratum, weight, rates, places, supply, clocks,
    differs, top, low, seasons, health, living, marks, pasts, notes, stocks, chances, monthly, yearly,
):  # fmt: skip
    """Live months `start` to `stop` - 1, from the life in `row` on, and tally them in `slot`.

    Months count from January 2024; `rates` and `seasons` are records of the arm. With `others` above 1 the arms up to
    that number live along, until a month that may part them. Returns whether the person is alive, and the month of
    parting, which is not yet lived, else `stop`.

    The life stays in its row while nothing happens: as values it would be copied in every turn of a loop.
    """
    person = person_in(who)
    born, sex, race, where = person.birth_month, person.sex, person.race, person.state
    band = rates.band[(POPULATION_MONTH + start - born) // YEAR_MONTHS]
    mark, past, remembered = marks[slot], pasts[slot], low[slot, where, 0].remembered
    alive = True
    t, year = start, start // YEAR_MONTHS
    calm, until = RESTLESS, start
    while t < stop:
        month = POPULATION_MONTH + t
        age_months = month - born
        if rates.band[age_months // YEAR_MONTHS] != band or t // YEAR_MONTHS != year:
            write_year(marks, band, sex, race, stratum, group, slot, yearly, where, year)
            band, year = rates.band[age_months // YEAR_MONTHS], t // YEAR_MONTHS
        new_year = min((year + 1) * YEAR_MONTHS, stop)
        kind, disabled = row.at[KIND], row.at[DISABLED]
        if age_months < rates.working_age[0]:
            until = min(new_year, t + YEAR_MONTHS - age_months % YEAR_MONTHS)
            stand(mark, stock_of(kind, 0, disabled, age_months), 0, slot, t, weight, stocks)
            tally_child(kind, weight * (until - t), mark)
            t = until
            continue
        if past.notes == 0 and remembered:
            note(past, notes, slot, t, row, kind)
        adult = age_months <= rates.working_age[1]
        if until <= t:
            bounded = POPULATION_MONTH + min(stop, (year + BOUNDED_YEARS) * YEAR_MONTHS)
            calm = calm_of(
                month, age_months, bounded, person, life_in(row), rates, seasons, top[slot, where, year],
                low[slot, where, year],
            )  # fmt: skip
            until = calm.until - POPULATION_MONTH
        if until > t:
            quiet = min(until, new_year)
            loud = next_loud(calm, health, living, adult, t, quiet)
            if calm.onset:
                for turn in range(arm, arm + others):
                    left = person.tolerance - pasts[turn].exposure
                    loud = begins(calm.onset, left, clocks, turn, where, t, loud)
            if loud > t:
                count_quiet(
                    calm, kind, disabled, age_months, t, loud, arm, slot, others, where, weight, supply, marks, stocks,
                    chances,
                )  # fmt: skip
                expose(calm.onset, clocks, arm, others, where, t, loud, pasts)
                t = loud
            if t == quiet:
                continue
            month, age_months = POPULATION_MONTH + t, POPULATION_MONTH + t - born
        place = places[arm, where, t]
        health_words = (health[0, t], health[1, t], health[2, t], health[3, t])
        life_words = (int64(0), int64(0), int64(0), int64(0))
        if adult:
            life_words = (living[0, t], living[1, t], living[2, t], living[3, t])
        cover = life_in(row).cover
        if others == 1 and recalled(place) and looks_back(
            month, cover, life_words[1], calm.cover_top, low[slot, where, year]
        ):  # fmt: skip
            recall(past, notes, slot, t, who, rates, places, arm)
        if past.known == t:
            row.at[HISTORY], row.at[INCOMES] = past.history, past.incomes
        row.at[EXPOSURE], row.at[FATE], row.at[EVER_LOST] = pasts[arm].exposure, pasts[arm].fate, pasts[arm].ever_lost
        parting = False
        while True:
            live(t, age_months, who, row, after, happened, health_words, life_words, rates, place)
            before, life, events = life_in(row), life_in(after), events_in(happened)
            # Draws that leave the standing and the cover alone ask no rule.
            settled = until > t and calm.cover <= life_words[1] < calm.cover_top and same_standing(row, after)
            for other in range(1, others):
                met = pasts[other].exposure + events.onset_hazard * places[other, where, t].onset
                if parts(
                    differs[other, where, t], settled, unlike(pasts, t), month, person, key_in(who), before, life,
                    events, health_words[3], calm, pasts[other].fate == pasts[arm].fate, met,
                    pasts[other].ever_lost == pasts[arm].ever_lost, rates, place, places[other, where, t],
                ):  # fmt: skip
                    parting = True
                    break
            if parting or not events.looked_back or past.known == t:
                break
            # A month that looks back is lived again with what it looks at.
            recall(past, notes, slot, t, who, rates, places, arm)
            row.at[HISTORY], row.at[INCOMES] = past.history, past.incomes
            if others > 1:
                agree(pasts)
        if parting:
            break
        copy(after, row)
        expose(events.onset_hazard, clocks, arm, others, where, t, t + 1, pasts)
        if events.overdose:
            for turn in range(arm, arm + others):
                pasts[turn].fate = life.use.fate
        if coverage.is_counted(events.loss):
            for turn in range(arm, arm + others):
                pasts[turn].ever_lost = life.cover.ever_lost
        row.at[HISTORY] = UNKEPT
        if remembered:
            note(past, notes, slot, t, row, kind)
        sud = readings.sud_class(life.use, life.opioid)
        opioid = weight * events.expected_opioid_death >> 16
        natural = weight * events.expected_other_death >> 16
        stock = stock_of(kind, sud, life.home.disabled, age_months)
        stand(mark, stock, natural, slot, t, weight, stocks)
        overdoses = weight * events.expected_overdose >> 16
        nonopioid = weight * events.expected_nonopioid_death >> 16
        chance = chances[slot, stock, t]
        chance.overdoses += overdoses
        chance.opioid += opioid
        chance.nonopioid += nonopioid
        for other in range(1, others):
            expected = events.expected_overdose * supply[other, where, t].fatality >> 32
            add_beside(other, stock, t, (weight * expected >> 16) - opioid, marks, stocks, chances)
        tally_events(events, weight, monthly[slot, where, t].count[sud])
        tally_year(kind, sud, events, weight, overdoses, opioid, nonopioid, natural, mark)
        t += 1
        until = t
        if events.died_other or events.died_opioid or events.died_nonopioid:
            leave(mark, stocks[slot, stock, t], weight)
            alive = False
            break
    write_year(marks, band, sex, race, stratum, group, slot, yearly, where, year)
    if alive and t < stop and mark.stock >= 0:
        leave(mark, stocks[slot, mark.stock, t], weight)
    return alive, t if alive else stop


@compiled(forceinline=False, _nrt=False)
def live(t, age_months, who, row, after, happened, health_words, life_words, rates, place):
    """Live one month, from the life in `row` into `after`. A call of its own leaves the machine its registers."""
    life, events = live_month(
        POPULATION_MONTH + t, age_months, person_in(who), life_in(row), key_in(who), health_words, life_words, rates,
        place,
    )  # fmt: skip
    keep(life, after)
    write_events(events, happened)


@compiled(_nrt=False)
def count_quiet(
    calm, kind, disabled, age_months, start, stop, arm, slot, others, where, weight, supply, marks, stocks, chances
):
    """Tally months `start` to `stop` - 1, which are not lived: one stock, and what is expected in each of them."""
    natural, stock = weight * calm.natural >> 16, stock_of(kind, calm.sud, disabled, age_months)
    mark = marks[slot]
    stand(mark, stock, natural, slot, start, weight, stocks)
    overdoses, opioid, nonopioid = int64(0), int64(0), int64(0)
    for t in range(start, stop):
        there = supply[arm, where, t]
        risk = min(calm.overdose_risk * there.incidence >> 16, ONE)
        death = weight * (risk * there.fatality >> 32) >> 16
        drug = weight * (calm.drug_risk * there.nonopioid >> 16) >> 16
        chance = chances[slot, stock, t]
        chance.overdoses += weight * risk >> 16
        chance.opioid += death
        chance.nonopioid += drug
        overdoses += weight * risk >> 16
        opioid += death
        nonopioid += drug
    for other in range(1, others):
        count_beside(calm.overdose_risk, other, start, stop, where, weight, supply, stock, marks, stocks, chances)
    tally_quiet(kind, calm.sud, stop - start, weight, overdoses, opioid, nonopioid, natural, mark)


@compiled(_nrt=False)
def count_beside(overdose_risk, other, start, stop, where, weight, supply, stock, marks, stocks, chances):
    """Add opioid deaths of quiet months by which an arm that lives along differs from the first one's."""
    more, any_month = int64(0), int64(0)
    for t in range(start, stop):
        first, there = supply[0, where, t], supply[other, where, t]
        risk = min(overdose_risk * first.incidence >> 16, ONE)
        change = (weight * (risk * there.fatality >> 32) >> 16) - (weight * (risk * first.fatality >> 32) >> 16)
        chances[other, stock, t].opioid += change
        more += change
        any_month |= change
    # Written once a span: a store in every month costs more than the sums.
    if any_month:
        stocks[other, stock, -1].persons = 1
        marks[other].deaths += more


@compiled(_nrt=False)
def expose(hazard, clocks, arm, others, where, start, stop, pasts):
    """Add the hazard of onset that months `start` to `stop` - 1 hold to the exposure of each arm living along."""
    if hazard:
        for turn in range(arm, arm + others):
            pasts[turn].exposure += hazard * (clocks[turn, where, stop] - clocks[turn, where, start])


@compiled(_nrt=False)
def add_beside(other, stock, t, more, marks, stocks, chances):
    """Add opioid deaths by which an arm that lives along differs from the first one's, which are common."""
    if more:
        chances[other, stock, t].opioid += more
        stocks[other, stock, -1].persons = 1
        marks[other].deaths += more
