"""The plain kernel: one person, one arm, month by month, as the compiled one must count it.

It is a few lines because it has no machine: no shared arms, no words drawn ahead, no tallies. Lives are
traced with it, and tests set what it lives beside what the compiled kernel counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from microsim.ground import draws
from microsim.ground.schema import POPULATION_MONTH
from microsim.life.month import Life, live_month
from microsim.life.origin import WORD_MASK, first_life, person_of
from microsim.life.state import Events, Person

NO_WORDS = (0, 0, 0, 0)


class Lived(NamedTuple):
    """A month as it was lived; `events` is None for a child, to whom nothing happens."""

    month: int
    age_months: int
    before: Life
    after: Life
    events: Events | None


def person_and_key(record: Any, poor: int, key0: int, key1: int) -> tuple[Person, tuple[int, int, int, int]]:
    """The lasting part of a record of the population, and the key of its draws."""
    number = int(record.person_id)
    key = (number & WORD_MASK, number >> 32, key0, key1)
    return person_of(record, key, poor), key


def live_plainly(
    record: Any, person: Person, key: tuple[int, int, int, int], rates: Any, places: Any, months: int
) -> Iterator[Lived]:
    """Months of one arm until death or the end; `rates` and `places[t]` are records with attributes."""
    life = first_life(record)
    for t in range(months):
        month = POPULATION_MONTH + t
        age_months = int(month - person.birth_month)
        if age_months < rates.working_age[0]:
            yield Lived(month, age_months, life, life, None)
            continue
        health = draws.block(key, month, draws.SCREEN_HEALTH)
        living = NO_WORDS
        if age_months <= rates.working_age[1]:
            living = draws.block(key, month, draws.SCREEN_LIFE)
        before = life
        life, events = live_month(month, age_months, person, life, key, health, living, rates, places[t])
        yield Lived(month, age_months, before, life, events)
        if events.died_other or events.died_opioid or events.died_nonopioid:
            return
