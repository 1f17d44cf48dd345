"""People of an earlier rule: adults of a state's group, copied and re-weighted to those the rule reached."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from microsim.engine.people import People, people_of
from microsim.engine.tallies import THOUSANDTHS
from microsim.ground.errors import InputError
from microsim.ground.parameters import Parameters
from microsim.ground.schema import COVERS, FLAG, POPULATION_MONTH

MONTHS_A_YEAR = 12
ROUNDS = 50
ONE_IN = 5
_ID_BITS = 40
"""Copies have identities of their own above this bit, and so luck of their own."""


def reached_people(
    p: Parameters,
    persons: int,
    state: str,
    *,
    covers: tuple[str, ...] = ("adult_group",),
    ages: tuple[int, int] = (19, 65),
    months: int = 0,
    size: float | None = None,
    employed: float | None = None,
) -> People:
    """People of one state who hold one of some kinds of cover and are inside an age band for `months` from January 2024.

    Each is copied, with an identity of its own, to about a fifth of `persons` records. Weights are raked to `size` people and to
    the share `employed`, where given, by sex and ten-year age group as the population has them. Raises InputError
    where nobody is left.
    """
    from synthetic_pop import default_population

    everyone = people_of(default_population(persons), p, (state,))
    rows = everyone.records
    age = POPULATION_MONTH - rows["birth_month"].astype(int)
    inside = (age >= ages[0] * MONTHS_A_YEAR) & (age + months < ages[1] * MONTHS_A_YEAR)
    held = np.isin(rows["cover"], [COVERS.index(name) for name in covers])
    chosen = np.flatnonzero(inside & held)
    if len(chosen) == 0:
        raise InputError("--persons", None, persons, f"a population with people on {', '.join(covers)} in {state}")
    copies = max(1, persons // (len(chosen) * ONE_IN))
    repeated = np.repeat(chosen, copies)
    people = People(rows[repeated].copy(), everyone.poor[repeated])
    people.records["person_id"] += np.tile(np.arange(copies, dtype=np.int64), len(chosen)) << _ID_BITS
    weights = people.records["weight"].astype(float) / copies
    weights = raked(people.records, weights, employed)
    total = weights.sum() if size is None else size * THOUSANDTHS
    people.records["weight"] = np.maximum(np.rint(weights * total / weights.sum()), 1).astype(np.int64)
    return people


def raked(records: np.ndarray, weights: NDArray[np.float64], employed: float | None) -> NDArray[np.float64]:
    """Weights whose employed share is as given while sex and age keep theirs."""
    if employed is None:
        return weights
    works = ((records["flags"] & FLAG["working"]) > 0) | (records["short_hours"] > 0)
    decade = (POPULATION_MONTH - records["birth_month"].astype(int)) // (10 * MONTHS_A_YEAR)
    cell = records["sex"].astype(int) * 16 + decade
    before = np.bincount(cell, weights)
    if not 0.0 < works @ weights / weights.sum() < 1.0:
        return weights
    for _ in range(ROUNDS):
        share = works @ weights / weights.sum()
        weights = weights * np.where(works, employed / share, (1.0 - employed) / (1.0 - share))
        now = np.bincount(cell, weights)
        weights = weights * (before / np.maximum(now, 1e-9))[cell]
    return weights
