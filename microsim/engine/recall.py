"""What a life remembers of its months, worked out where a check asks for it and not before.

A check of the work requirement looks back up to a year (microsim.life.memory), while most people are never
checked. So each slot of the tallies keeps notes of the lives that its months were lived in, and `recall` makes the
memory of the past months from them when a month asks. It is what remembering month by month gives.
"""

from __future__ import annotations

import numpy as np

from microsim.engine.rows import ROW, copy, key_in, life_in, person_in
from microsim.ground.compiled import compiled, int64
from microsim.ground.schema import POPULATION_MONTH
from microsim.life.ageing import present
from microsim.life.check_month import SEASONAL, options_of
from microsim.life.memory import remember, remember_hours, settled_by_hours
from microsim.life.state import Work
from microsim.life.work import HISTORY_MONTHS, INCOME_MONTHS

DEPTH = HISTORY_MONTHS + INCOME_MONTHS
"""Months that memory rests on: each mark of a seasonal worker reads the incomes of the months before."""
ROOM = 32
"""Notes kept: more than those months, each of which makes one at most."""
NOTE = np.dtype([("life", ROW), ("start", np.int64), ("kind", np.int64)])
"""A note: a life, the month from which it was lived, and the cover before that month's own change of it."""
PAST = np.dtype(
    [
        (name, np.int64)
        for name in ("history", "incomes", "known", "notes", "joined", "exposure", "fate", "ever_lost")
    ]
)
"""Memory of a slot up to month `known`, the number of notes of months since, the month in which arms that had lived
apart were joined in it, 0 for never; and of an arm the exposure, the fate and whether cover was ever lost, which are
its own also while arms live as one."""


@compiled(_nrt=False)
def note(past, notes, slot, start, life, kind):
    """Note that months from `start` on are lived as the ROW `life`, with cover `kind` in the first of them."""
    if past.notes == 0 or notes[slot, (past.notes - 1) % ROOM].start != start:
        past.notes += 1
    row = notes[slot, (past.notes - 1) % ROOM]
    copy(life, row.life)
    row.start, row.kind = start, kind


@compiled(_nrt=False)
def unlike(pasts, now):
    """Whether the arms may remember different months, having lived apart too lately."""
    joined = pasts[len(pasts) - 1].joined
    return joined > 0 and now - joined <= DEPTH


@compiled(_nrt=False)
def join(pasts, now):
    """Begin the notes that all arms share; each keeps its own of the months before."""
    common = pasts[len(pasts) - 1]
    common.known, common.notes, common.joined = int64(now), int64(0), int64(now)


@compiled(forceinline=False, _nrt=False)
def take_along(pasts, notes, arm, now):
    """Add the notes that all arms share, as far as a check can still look at their months, to an arm's own."""
    slot = len(pasts) - 1
    common, past = pasts[slot], pasts[arm]
    first = max(0, common.notes - ROOM)
    while first + 1 < common.notes and notes[slot, (first + 1) % ROOM].start <= now - DEPTH:
        first += 1
    for at in range(first, common.notes):
        shared, own = notes[slot, at % ROOM], notes[arm, past.notes % ROOM]
        copy(shared.life, own.life)
        own.start, own.kind = shared.start, shared.kind
        past.notes += 1


@compiled(_nrt=False)
def agree(pasts):
    """Give all arms the memory of the slot they share."""
    common = pasts[len(pasts) - 1]
    for arm in range(len(pasts) - 1):
        past = pasts[arm]
        past.history, past.incomes, past.known, past.notes = common.history, common.incomes, common.known, 0


@compiled(forceinline=False, _nrt=False)
def recall(past, notes, slot, now, who, rates, places, arm):
    """Bring the memory of an arm up to the month before `now` from the notes of a slot, and begin these anew."""
    person, key = person_in(who), key_in(who)
    first = max(past.known, now - (DEPTH if person.job == SEASONAL else HISTORY_MONTHS))
    # Back to the note that holds the first month asked for.
    at = past.notes - 1
    while at > 0 and notes[slot, at % ROOM].start > first and at > past.notes - ROOM:
        at -= 1
    history, incomes = past.history, past.incomes
    for t in range(first, now):
        while at + 1 < past.notes and notes[slot, (at + 1) % ROOM].start <= t:
            at += 1
        month = POPULATION_MONTH + t
        age_months = month - person.birth_month
        place = places[arm, person.state, t]
        options = options_of(place)
        if not place.law_live or not options.age_low_months <= age_months < options.age_high_months:
            continue
        row = notes[slot, at % ROOM]
        life = life_in(row.life)
        kind = row.kind if row.start == t else life.cover.kind
        now_at_work = Work(life.work.work_class, life.work.working, life.work.spouse_works, history, incomes)
        if settled_by_hours(person, now_at_work, life.home, rates, options):
            work = remember_hours(now_at_work, key, place, options)
        else:
            aged = person
            if rates.working_age[0] <= age_months < rates.working_age[1]:
                aged = present(month, age_months, person, life.home, life.work, rates, place)
            work = remember(
                month, age_months, aged, now_at_work, life.home, life.use, life.opioid, kind, key, rates, place, options
            )
        history, incomes = work.history, work.incomes
    past.history, past.incomes, past.known, past.notes = history, incomes, int64(now), int64(0)
