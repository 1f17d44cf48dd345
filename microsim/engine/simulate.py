"""People through months, on threads: the same integers for any number of threads or shards."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from microsim.engine import tallies
from microsim.engine.bounds import bounds_of
from microsim.engine.kernel import SUPPLY, run_shard
from microsim.engine.pairing import differences
from microsim.engine.people import People
from microsim.engine.recall import NOTE, PAST, ROOM
from microsim.engine.rows import HAPPENED, ROW, WHO
from microsim.engine.tables import Tables
from microsim.engine.tallies import Tallies
from microsim.engine.tallying import CHANCE, CHANGE, MARK, STOCKS
from microsim.ground.compiled import load_numba
from microsim.ground.philox import key_words

Progress = Callable[[int], None]

SHARD = 20_000
"""Most people in a piece of work, and what is worth another thread; the result does not depend on it."""
PIECES = 8
"""Pieces for each of several threads: their costs differ, and the last ones even them out."""


class Readings(NamedTuple):
    """What the kernel reads beside people, all of it made from the tables."""

    rates: np.ndarray
    places: np.ndarray
    supply: np.ndarray
    clocks: np.ndarray
    differs: np.ndarray
    top: np.ndarray
    low: np.ndarray
    seasons: np.ndarray


def readings_of(tables: Tables) -> Readings:
    """Readings of all lanes of a run."""
    differs = differences(tables.rates, tables.places)
    supply = np.empty(tables.places.shape, SUPPLY)
    for name in SUPPLY.names or ():
        supply[name] = tables.places[name]
    clocks = np.zeros((*tables.places.shape[:2], tables.places.shape[2] + 1), np.int64)
    np.cumsum(tables.places["onset"], axis=2, out=clocks[..., 1:])
    return Readings(
        tables.rates, tables.places, supply, clocks, differs, *bounds_of(tables.rates, tables.places, differs)
    )


class Lane:
    """One thread's place to work: its own tallies, and room for notes and for the changes of stocks."""

    def __init__(self, readings: Readings, key: tuple[int, int], into: Tallies | None = None) -> None:
        """`key` holds the words of philox.key_words.

        Tallies `into` of the same arms and months are cleared and used.
        """
        arms, months = len(readings.rates), readings.places.shape[2]
        self._readings, self._key = readings, key
        slots = arms + 1
        self._room = (
            np.empty((4, months), np.int64), np.empty((4, months), np.int64), np.empty(1, WHO), np.empty(arms, ROW),
            np.empty(1, ROW), np.empty(1, HAPPENED),
            np.zeros(slots, MARK), np.zeros(slots, PAST), np.empty((slots, ROOM), NOTE),
            np.zeros((slots, STOCKS, months + 2), CHANGE), np.zeros((slots, STOCKS, months), CHANCE),
        )  # fmt: skip
        self.tallies = tallies.empty(arms, months) if into is None else tallies.cleared(into)
        self.states: set[int] = set()
        """Where the people lived so far are."""

    def live(self, people: People, weights: np.ndarray) -> None:
        """Live people with int64 (n,) weights and add them to the tallies."""
        self.states.update(np.unique(people.records["state"]).tolist())
        run_shard(
            people.records, people.poor, weights, *self._readings, *self._key, *self._room, *self.tallies,
        )  # fmt: skip


def simulate(
    people: People,
    tables: Tables,
    seed: int,
    *,
    replicate: int = 0,
    weights: np.ndarray | None = None,
    threads: int = 2,
    shard: int = SHARD,
    progress: Progress | None = None,
    into: Tallies | None = None,
) -> Tallies:
    """Tallies of all arms with the common slot last.

    `weights` int64 (n,) in thousandths replaces the records' own. `progress` is called with the
    number of people finished in each piece. Tallies `into` of the same arms and months are used again.
    """
    load_numba()
    key = key_words(seed, replicate)
    own = people.records["weight"].astype(np.int64) if weights is None else weights
    if (np.diff(people.records["state"].astype(np.int64)) < 0).any():
        order = np.argsort(people.records["state"], kind="stable")
        people, own = People(people.records[order], people.poor[order]), own[order]
    readings = readings_of(tables)
    lanes = max(1, min(threads, -(-len(people) // shard)))
    size = min(shard, -(-len(people) // (PIECES * lanes))) if lanes > 1 else shard
    starts = range(0, len(people), size)
    queues = [deque(starts[len(starts) * i // lanes : len(starts) * (i + 1) // lanes]) for i in range(lanes)]

    def work(first: int) -> Lane:
        lane = Lane(readings, key, into if first == 0 else None)
        for start in _taken(queues, first):
            piece = slice(start, start + size)
            lane.live(People(people.records[piece], people.poor[piece]), own[piece])
            if progress is not None:
                progress(min(size, len(people) - start))
        return lane

    if lanes == 1:
        return work(0).tallies
    with ThreadPoolExecutor(lanes) as pool:
        total, *others = pool.map(work, range(lanes))
    for other in others:
        tallies.add(total.tallies, other.tallies, other.states)
    return total.tallies


def _taken(queues: Sequence[deque[int]], mine: int) -> Iterator[int]:
    """Pieces of one thread's own queue in order, then the last ones of the longest, until none is left.

    Neighbours stay with one thread, so that each touches its own part of the tallies.
    """
    while True:
        queue = queues[mine] or max(queues, key=len)
        try:
            start = queue.popleft() if queue is queues[mine] else queue.pop()
        except IndexError:  # another thread was faster
            if not any(queues):
                return
            continue
        yield start
