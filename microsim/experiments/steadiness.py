"""How steady the groups are that the work rule excludes: shares of adults, month by month, without a policy.

`shares` lives people under one arm and counts; `table` lays the shares out by year to be read.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from microsim.engine.people import People
from microsim.engine.tables import Tables
from microsim.ground import draws
from microsim.ground.compiled import compiled, int64
from microsim.ground.philox import key_words
from microsim.ground.schema import EPOCH_YEAR, POPULATION_MONTH
from microsim.life.ageing import present
from microsim.life.check_month import options_of
from microsim.life.month import live_month
from microsim.life.origin import opening
from microsim.life.readings import opioid_disorder, other_disorder
from microsim.life.state import ADULT_GROUP, NEVER

ATTRIBUTES = (
    "disabled", "impaired", "smi", "complex_condition", "student", "caregiver", "snap", "snap_subject",
    "tanf", "foster_youth", "inmate", "pregnant", "young_child", "recent_release", "aian",
    "veteran_total", "opioid_disorder", "other_disorder", "recent_remission", "working", "poor",
)  # fmt: skip
"""What the rule reads, or what decides who is read: work and usual income."""
GROUPS = ("adults", "adult_group")
"""All adults from 19 to 64, and those of them in the adult group."""
YOUNGEST, OLDEST = 19 * 12, 65 * 12


@compiled
def look(month, age_months, person, life, options, weight, row):
    """Add a person-month to `row` (attributes + 1,), the last entry counting everybody."""
    home = life.home
    opioid, other = opioid_disorder(life.opioid), other_disorder(life.use)
    held = (
        home.disabled, home.impaired, home.smi, home.complex_condition, home.student, home.caregiver,
        home.snap, home.snap_subject, home.tanf,
        home.foster_youth if age_months < options.foster_age_limit_months else 0,
        home.inmate,
        1 if home.pregnant_since > NEVER else 0,
        1 if month - home.child_birth < options.child_age_limit_months else 0,
        1 if month - home.released_at <= options.release_months else 0,
        person.aian, person.veteran_total, 1 if opioid else 0, 1 if other else 0,
        1 if not opioid and not other and month - life.use.recovery_since < options.recovery_line_months else 0,
        life.work.working, person.poor,
    )  # fmt: skip
    for position in range(len(held)):
        row[position] += weight * held[position]
    row[len(held)] += weight


@compiled
def count_lives(people, poor, rates, places, months, key0, key1, out):
    """Live everyone under one arm; `out` int64 (months, groups, attributes + 1), added to in place."""
    for i in range(people.shape[0]):
        record = people[i]
        key, person, life = opening(record, poor[i], key0, key1)
        for t in range(months):
            month = POPULATION_MONTH + t
            age_months = month - person.birth_month
            if age_months < rates.working_age[0]:
                continue
            health_words = draws.block(key, month, draws.SCREEN_HEALTH)
            life_words = draws.block(key, month, draws.SCREEN_LIFE)
            place = places[person.state, t]
            held = life.cover.kind
            life, events = live_month(
                month, age_months, person, life, key, health_words, life_words, rates, place
            )
            if events.died_other or events.died_opioid or events.died_nonopioid:
                break
            if YOUNGEST <= age_months < OLDEST:
                grown = present(month, age_months, person, life.home, life.work, rates, place)
                options = options_of(place)
                look(month, age_months, grown, life, options, int64(record.weight), out[t, 0])
                if held == ADULT_GROUP:
                    look(month, age_months, grown, life, options, int64(record.weight), out[t, 1])
            if age_months >= OLDEST:
                break


def shares(people: People, tables: Tables, seed: int) -> dict[str, np.ndarray]:
    """Share of each group with each attribute, by `group.attribute`, float64 (months,), first arm."""
    months = tables.places.shape[2]
    out = np.zeros((months, len(GROUPS), len(ATTRIBUTES) + 1), np.int64)
    count_lives(people.records, people.poor, tables.rates[0], tables.places[0], months, *key_words(seed), out)
    return {
        f"{group}.{name}": out[:, row, column] / out[:, row, -1]
        for row, group in enumerate(GROUPS)
        for column, name in enumerate(ATTRIBUTES)
    }


def table(found: Mapping[str, np.ndarray], group: str) -> str:
    """Shares of a group at each January and at the end, in per cent, with the change from first to last.

    `found` as `shares` returns it.
    """
    months = len(next(iter(found.values())))
    at = [*range(0, months, 12), months - 1]
    years = [f"{EPOCH_YEAR + (POPULATION_MONTH + t) // 12}" for t in at[:-1]]
    lines = [f"{group:24s}" + "".join(f"{year:>7s}" for year in [*years, "end", "change"])]
    for name in ATTRIBUTES:
        values = found[f"{group}.{name}"]
        change = values[-1] / values[0] - 1 if values[0] else np.nan
        lines.append(f"{name:24s}" + "".join(f"{100 * values[t]:7.2f}" for t in at) + f"{change:+7.2f}")
    return "\n".join(lines)
