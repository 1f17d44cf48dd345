"""The nested subsample that draws are lived on: one person in so many of each stratum, in two halves.

Halves are weighted so that they add up to the whole. What both halves agree on over the draws is the
parameters' doing; where they differ, it is the luck of the sample.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from microsim.engine.crowding import arms_agree, crowding_from, in_demand
from microsim.engine.people import People
from microsim.engine.simulate import simulate
from microsim.engine.tables import Crowding, Tables, build_tables
from microsim.engine.tallies import Tallies
from microsim.ground.parameters import Parameters
from microsim.ground.schema import STRATA

THINNING: Mapping[str, int] = {
    "child": 31, "aged": 223, "adult_other": 48, "adult_medicaid": 49, "expansion": 62, "oud": 73,
    "oud_expansion": 94, "other_sud": 59,
}  # fmt: skip
"""One person in this many of each stratum is in the subsample of a million records; fewer are left out of
smaller populations, so that the subsample keeps its size. Each stratum has the share at which a second of
living takes most luck off the headline measures (benchmarks/draws.py)."""
MILLION = 1_000_000
HALVES = 2


class Sample(NamedTuple):
    """People of a sample with integer weights in thousandths that keep every stratum's total to rounding."""

    people: People
    weights: np.ndarray
    """int64 (n,)"""
    steps: np.ndarray
    """int64 (n,): one person in this many was taken"""
    half: np.ndarray
    """int64 (n,): 0 or 1, in turns within each stratum"""

    def part(self, chosen: np.ndarray) -> Sample:
        """The people where `chosen` (bool (n,)) is true, with the weights they have."""
        people = People(self.people.records[chosen], self.people.poor[chosen])
        return Sample(people, self.weights[chosen], self.steps[chosen], self.half[chosen])


def subsample(people: People, larger: float = 1) -> Sample:
    """The nested subsample, `larger` times as large as the default one."""
    step = np.array([max(int(THINNING[name] * len(people) / (MILLION * larger)), 1) for name in STRATA])
    rank = ranks(people)
    steps = step[people.records["stratum"]]
    chosen = rank % steps == 0
    kept = People(people.records[chosen], people.poor[chosen])
    steps = steps[chosen]
    weights = kept.records["weight"].astype(np.int64) * steps
    return Sample(kept, weights, steps, (rank[chosen] // steps) % HALVES)


def ranks(people: People) -> np.ndarray:
    """int64 (n,): position of each person among those of the same stratum."""
    out = np.zeros(len(people), np.int64)
    for code in range(len(STRATA)):
        held = np.flatnonzero(people.records["stratum"] == code)
        out[held] = np.arange(len(held))
    return out


def everybody(people: People) -> Sample:
    """All people as a sample of themselves."""
    weights = people.records["weight"].astype(np.int64)
    ones = np.ones(len(people), np.int64)
    return Sample(people, weights, ones, np.arange(len(people)) % HALVES)


def lived(
    sample: Sample, tables: Tables, seed: int, threads: int = 1, into: Tallies | None = None
) -> Tallies:
    """Tallies of all arms of `tables` on a sample, with the common slot last; `into` is used again."""
    return simulate(sample.people, tables, seed, threads=threads, weights=sample.weights, into=into)


class Arm(NamedTuple):
    """An arm before it is lived: its tree, and channels of its environment taken from other trees."""

    tree: Parameters
    channels: Mapping[str, Parameters] = MappingProxyType({})
    access: np.ndarray | None = None
    """float (51, T): access to grant-funded treatment that a first pass measured; None where nobody crowds"""


def tables_of(arms: Sequence[Arm], months: int) -> Tables:
    """Tables of all arms for `months` months from January 2024."""
    crowding = [_crowding(arm, months) for arm in arms]
    return build_tables([arm.tree for arm in arms], months, crowding, [arm.channels for arm in arms])


def _crowding(arm: Arm, months: int) -> Crowding | None:
    return None if arm.access is None else Crowding(arm.access[:, :months])


def accesses(
    arms: Sequence[Arm], people: People, months: int, seed: int, threads: int, one_in: int
) -> list[np.ndarray | None]:
    """Access of each arm beside the first, measured by a first pass over one in `one_in` of those in demand.

    Two arms are lived at a time, so that many need no more memory than a run.
    """
    whom = in_demand(people, one_in)
    out: list[np.ndarray | None] = [None]
    for arm in arms[1:]:
        pair = [arms[0], arm]
        tables = tables_of(pair, months)
        found = None
        if not arms_agree(tables):
            total = simulate(whom, tables, seed, threads=threads)
            found = crowding_from(total, tables)[1]
        out.append(None if found is None else found.access)
    return out
