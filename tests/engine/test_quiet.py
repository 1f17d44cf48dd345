"""Months said to be quiet change nothing, whatever the tables; memory worked out late is memory kept month by month;
what is forgotten is never asked for."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit
from numpy import int64
from twin_cases import lawful_tables, random_people, random_tables, shipped_tables, slice_of_population

from microsim.engine.forget import forget
from microsim.engine.people import People
from microsim.engine.quiet import begins, calm_of, next_loud
from microsim.engine.recall import NOTE, PAST, ROOM, note, recall
from microsim.engine.rows import EXPOSURE, FIELDS, ROW, WHO, copy, introduce, keep, own
from microsim.engine.simulate import Readings, readings_of
from microsim.engine.tables import Tables
from microsim.ground import draws
from microsim.ground.philox import key_words
from microsim.ground.schema import POPULATION_MONTH
from microsim.life import readings
from microsim.life.check_month import SEASONAL
from microsim.life.month import live_month
from microsim.life.origin import opening
from microsim.life.state import Events

ADULT, CHECKED_FROM, CHECKED_TO = 18 * 12, 22 * 12, 62 * 12


@njit
def said_quiet(
    people, poor, rates, places, supply, clocks, differs, top, low, seasons, arm, key0, key1, forgetful, row,
    after, found, told,
):  # fmt: skip
    """Count months said to be quiet, and those of them in which something happened.

    `found`: months, quiet ones, of these with a changed life, with an event, with other expected events. `told`
    (people, events) tells two courses of a life apart; with `forgetful` a life forgets before every month.
    """
    for i in range(people.shape[0]):
        record = people[i]
        key, person, life = opening(record, poor[i], key0, key1)
        health, living = np.zeros((4, 1), np.int64), np.zeros((4, 1), np.int64)
        for t in range(places.shape[2]):
            month = POPULATION_MONTH + t
            age_months = month - person.birth_month
            if age_months < rates[arm].working_age[0]:
                continue
            adult = age_months <= rates[arm].working_age[1]
            words = draws.block(key, month, draws.SCREEN_HEALTH)
            life_words = (int64(0), int64(0), int64(0), int64(0))
            if adult:
                life_words = draws.block(key, month, draws.SCREEN_LIFE)
            for k in range(4):
                health[k, 0], living[k, 0] = words[k], life_words[k]
            year, place = t // 12, places[arm, person.state, t]
            if forgetful:
                life = forget(month, life, rates[arm], low[arm, person.state, year].reconsidered)
            # As far ahead as the year goes, so that what is said of later months is tested too.
            calm = calm_of(
                month, age_months, POPULATION_MONTH + (year + 1) * 12, person, life, rates[arm], seasons[arm],
                top[arm, person.state, year], low[arm, person.state, year],
            )  # fmt: skip
            left = person.tolerance - life.opioid.exposure
            quiet = calm.until > month and next_loud(calm, health, living, adult, 0, 1) == 1
            quiet = quiet and begins(calm.onset, left, clocks, arm, person.state, t, t + 1) == t + 1
            keep(life, row[0])
            life, events = live_month(
                month, age_months, person, life, key, words, life_words, rates[arm], place
            )
            keep(life, after[0])
            for at in range(len(events)):
                told[i, at] += (t + 1) * events[at]
            found[0] += 1
            if quiet:
                found[1] += 1
                for at in range(FIELDS):
                    if row[0].at[at] != after[0].at[at] and not own(at):
                        found[2] += 1
                for at in range(9, 25):
                    found[3] += events[at] != 0
                found[3] += events.died_other + events.died_opioid + events.died_nonopioid + events.overdose
                there = supply[arm, person.state, t]
                risk = min(calm.overdose_risk * there.incidence >> 16, draws.ONE)
                found[4] += risk != events.expected_overdose
                found[4] += risk * there.fatality >> 32 != events.expected_opioid_death
                found[4] += calm.drug_risk * there.nonopioid >> 16 != events.expected_nonopioid_death
                found[4] += calm.natural != events.expected_other_death
                met = calm.onset * (clocks[arm, person.state, t + 1] - clocks[arm, person.state, t])
                found[4] += after[0].at[EXPOSURE] - row[0].at[EXPOSURE] != met
                found[4] += calm.onset != events.onset_hazard
                found[4] += calm.sud != readings.sud_class(life.use, life.opioid)
            if events.died_other or events.died_opioid or events.died_nonopioid:
                break


@njit
def remembered(people, poor, rates, places, arm, key0, key1, every, row, after, who, past, notes, found):
    """Compare memory recalled every so many months with memory kept: months compared, months that differ."""
    for i in range(people.shape[0]):
        record = people[i]
        key, person, life = opening(record, poor[i], key0, key1)
        introduce(person, key, who[0])
        past[0].history, past[0].incomes = life.work.history, life.work.incomes
        past[0].known = past[0].notes = 0
        keep(life, row[0])
        note(past[0], notes, 0, 0, row[0], life.cover.kind)
        for t in range(places.shape[2]):
            month = POPULATION_MONTH + t
            age_months = month - person.birth_month
            if t % every == every - 1:
                recall(past[0], notes, 0, t, who[0], rates[arm], places, arm)
                # Nobody older is checked; random ages of the rule may leave gaps in the memory of the youngest.
                if CHECKED_FROM <= age_months < CHECKED_TO:
                    found[0] += 1
                    found[1] += past[0].history != life.work.history
                    if person.job == SEASONAL:
                        found[1] += past[0].incomes != life.work.incomes
                keep(life, row[0])
                note(past[0], notes, 0, t, row[0], life.cover.kind)
            if age_months < rates[arm].working_age[0]:
                continue
            kind = life.cover.kind
            keep(life, row[0])
            words, life_words = draws.block(key, month, 0), draws.block(key, month, 1)
            life, events = live_month(
                month, age_months, person, life, key, words, life_words, rates[arm],
                places[arm, person.state, t],
            )  # fmt: skip
            keep(life, after[0])
            note(past[0], notes, 0, t, after[0], kind)
            if events.died_other or events.died_opioid or events.died_nonopioid:
                break
    copy(row[0], after[0])


def grown(people: People) -> People:
    old = POPULATION_MONTH - people.records["birth_month"] >= ADULT
    return People(people.records[old], people.poor[old])


def even_tables(seed: int) -> Tables:
    """Tables far from the shipped ones, but for divisors that stay through the year, as months can be quiet only
    then."""
    tables = random_tables(2, 36, seed)
    tables.places["attachment"] = tables.places["attachment"][0, 0, 0]
    return tables


CASES = {
    "shipped": lambda: (slice_of_population(20_000, 1_500, seed=3), shipped_tables(("baseline", "budget2025"))),
    "law": lambda: (random_people(300, seed=9), lawful_tables(2, 36, seed=9)),
    **{f"life-{seed}": lambda seed=seed: (random_people(400, seed), even_tables(seed)) for seed in (4, 8)},
}


def lived(people: People, read: Readings, arm: int, forgetful: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """What `said_quiet` finds and tells of an arm."""
    found, told = np.zeros(5, np.int64), np.zeros((len(people), len(Events._fields)), np.int64)
    said_quiet(
        people.records, people.poor, *read, arm, *key_words(5), forgetful, np.empty(1, ROW), np.empty(1, ROW), found,
        told,
    )  # fmt: skip
    return found, told


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest) -> tuple[str, People, Tables, Readings]:
    people, tables = CASES[request.param]()
    return request.param, grown(people), tables, readings_of(tables)


def test_nothing_happens_in_a_month_said_to_be_quiet(case: tuple[str, People, Tables, Readings]) -> None:
    name, people, _, read = case
    for arm in range(2):
        found, _ = lived(people, read, arm)
        months, quiet, *wrong = found.tolist()
        assert wrong == [0, 0, 0], (name, arm)
        assert quiet > (0.7 * months if name == "shipped" else 100), (name, quiet, months)


def test_what_is_forgotten_is_never_asked_for(case: tuple[str, People, Tables, Readings]) -> None:
    name, people, _, read = case
    for arm in range(2):
        found, told = lived(people, read, arm, forgetful=True)
        assert found[0] > len(people) and not found[2:].any()
        assert np.array_equal(told, lived(people, read, arm)[1]), (name, arm)


def test_the_first_step_of_earnings_is_the_least(case: tuple[str, People, Tables, Readings]) -> None:
    """What bounds the income of every month in `quiet.applies`."""
    earnings = case[2].rates["earnings"]
    assert (earnings[:, :1] <= earnings).all()


@pytest.mark.parametrize("every", [2, 7, 19, 25])
def test_memory_recalled_is_memory_kept(case: tuple[str, People, Tables, Readings], every: int) -> None:
    name, people, tables, _ = case
    for arm in range(2):
        found = np.zeros(2, np.int64)
        remembered(
            people.records, people.poor, tables.rates, tables.places, arm, *key_words(5), every,
            np.empty(1, ROW), np.empty(1, ROW), np.empty(1, WHO), np.zeros(1, PAST), np.empty((1, ROOM), NOTE), found,
        )  # fmt: skip
        assert found[0] > len(people) / 4
        assert found[1] == 0, (name, arm)
