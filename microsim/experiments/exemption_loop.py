"""The loop of treatment and cover: lost cover ends medication, and with it what would have kept cover.

Tallies hold stops and losses apart; this pass lives the people of one arm one by one with the luck of the
run, and asks at the first check after each stop whether it would have been passed on medication.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from microsim.engine.crowding import tables_with_crowding
from microsim.engine.tallies import THOUSANDTHS
from microsim.experiments.compare import CROWDING_ONE_IN, Report, Setup, silent
from microsim.ground import draws
from microsim.ground.calendar import month_name
from microsim.ground.compiled import compiled, int64
from microsim.ground.philox import key_words
from microsim.ground.schema import POPULATION_MONTH
from microsim.life.ageing import present
from microsim.life.cover_month import live_cover
from microsim.life.coverage import DENIED, NO_LOSS, claimed, is_medicaid
from microsim.life.month import live_home, live_month, live_work
from microsim.life.opioid import on_medication
from microsim.life.origin import opening
from microsim.life.state import Opioid

STOPPED_BY_COVER = 2
STOPS, RETURNED, ASKED, FAILED, WANTING = range(5)


class Loop(NamedTuple):
    """Stops of medication for lost cover in a window, and the first check after each; persons."""

    policy: str
    window: tuple[str, str]
    stops: float
    returned: float
    """Back on medication before any check"""
    asked: float
    """Checked on an application or a renewal while off medication"""
    failed: float
    wanting: float
    """Failed a check that they would have passed on the medication they had left"""
    wanting_error: float
    """Standard error of `wanting` from the sample of people"""

    def sentence(self) -> str:
        """The size of the loop in plain words."""
        return (
            f"Treatment and cover, {self.policy}, {self.window[0]} to {self.window[1]}: {self.stops:,.0f} times "
            f"somebody stops medication because cover was lost. {self.returned:,.0f} are back on it before the next "
            f"check; {self.asked:,.0f} are checked off it and {self.failed:,.0f} fail, {self.wanting:,.0f} "
            f"(standard error {self.wanting_error:,.0f}) of them only because treatment no longer shows or "
            "excludes."
        )


def exemption_loop(ready: Setup, threads: int = 2, report: Report = silent) -> Loop:
    """Size of the loop under the policy of a run, among its people and in its window."""
    people = ready.people
    tables, _ = tables_with_crowding(people, ready.arms, ready.months, ready.seed, threads, CROWDING_ONE_IN)
    found, squares = np.zeros(5, np.int64), np.zeros(5)
    report("following", 0, 1)
    follow(
        people.records, people.poor, tables.rates[-1], tables.places[-1],
        ready.first - POPULATION_MONTH, ready.last - POPULATION_MONTH + 1,
        *key_words(ready.seed, 0), found, squares,
    )  # fmt: skip
    report("following", 1, 1)
    stops, returned, asked, failed, wanting = map(float, found / THOUSANDTHS)
    return Loop(
        ready.policy,
        (month_name(ready.first), month_name(ready.last)),
        stops,
        returned,
        asked,
        failed,
        wanting,
        float(np.sqrt(squares[WANTING]) / THOUSANDTHS),
    )


@compiled
def follow(people: Any, poor: Any, rates: Any, places: Any, first: int, months: int, key0: int, key1: int,
           found: Any, squares: Any) -> None:  # fmt: skip
    """Live everyone under one arm, adding weights of stops and what follows to int64 `found` (5,) and their
    squares to float64 `squares` (5,); stops count from position `first` on."""
    for i in range(people.shape[0]):
        record = people[i]
        key, person, life = opening(record, poor[i], key0, key1)
        weight = int64(record.weight)
        waits, left = False, life.opioid
        for t in range(months):
            month = POPULATION_MONTH + t
            age_months = month - person.birth_month
            if age_months < rates.working_age[0]:
                continue
            place = places[person.state, t]
            words = draws.block(key, month, draws.SCREEN_HEALTH)
            life_words = draws.block(key, month, draws.SCREEN_LIFE)
            before = life
            life, events = live_month(month, age_months, person, life, key, words, life_words, rates, place)
            if waits and on_medication(life.opioid.state):
                waits = False
                note(found, squares, RETURNED, weight)
            if waits and events.checked:
                waits = False
                note(found, squares, ASKED, weight)
                if events.failed or events.loss == DENIED:
                    note(found, squares, FAILED, weight)
                    if passes(month, age_months, person, before, life, left, key, life_words, rates, place):
                        note(found, squares, WANTING, weight)
            if events.treatment_exit == STOPPED_BY_COVER and t >= first:
                waits, left = True, before.opioid
                note(found, squares, STOPS, weight)
            if events.died_other or events.died_opioid or events.died_nonopioid:
                break


@compiled
def note(found: Any, squares: Any, what: int, weight: int) -> None:
    """Count one person."""
    found[what] += weight
    squares[what] += float(weight) * weight


@compiled
def passes(month: int, age_months: int, person: Any, before: Any, after: Any, left: Any, key: Any,
           life_words: Any, rates: Any, place: Any) -> bool:  # fmt: skip
    """Whether the check of this month would have been passed on the medication left, all else alike."""
    home, work = before.home, before.work
    if rates.working_age[0] <= age_months < rates.working_age[1]:
        person = present(month, age_months, person, home, work, rates, place)
        band = rates.band[age_months // 12]
        home, _ = live_home(month, person, before, key, life_words[2], rates, band)
        work = live_work(month, person, work, home, before, life_words[0], life_words[3], rates, band)
    cover = before.cover
    if is_medicaid(cover.kind):
        cover = claimed(cover, month)
    opioid = Opioid(left.state, left.since, left.left_because, left.exposure)
    _, _, result = live_cover(
        month, age_months, person, work, after.home, after.use, opioid, cover, key, life_words[1], rates,
        place,
    )  # fmt: skip
    return result.checked == 1 and result.failed == 0 and result.loss == NO_LOSS
