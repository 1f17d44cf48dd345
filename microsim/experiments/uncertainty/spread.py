"""Many draws on the subsample, each a lane of its own, and what they change around the full run."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

import numpy as np

from microsim.engine.tables import Tables
from microsim.engine.tallies import Tallies, empty
from microsim.experiments.compare import Report, silent
from microsim.experiments.engines import Engine
from microsim.experiments.engines.threads import Threads
from microsim.experiments.sampling import Draw, draws_of
from microsim.experiments.uncertainty.arms import Build, deaths_of_2024, drawn_arms
from microsim.experiments.uncertainty.outcomes import (
    PRICED,
    Window,
    arms_of,
    both,
    opioid_deaths,
    priced,
    slot_change,
    tallied,
)
from microsim.experiments.uncertainty.sample import HALVES, Arm, Sample, lived, tables_of
from microsim.ground.errors import InputError
from microsim.ground.parameters import load_parameters
from microsim.ground.schema import STATES

LUCKS = 4
"""Lucks that draws are lived under in turn, so that no one luck of the centre stands behind all of them."""
T = TypeVar("T")
U = TypeVar("U")


class Bench(NamedTuple):
    """All that a draw needs beside its parameters."""

    build: Build
    sample: Sample
    window: Window
    seed: int
    anchor: np.ndarray
    """float (2,): opioid and other drug deaths of 2024 that every draw keeps"""
    money: bool = True
    """Whether money and kits are priced; without, their rows are zero."""


class Spread(NamedTuple):
    """Changes of each arm against the first under all draws, and at the centre under each luck.

    Shapes (draws, arms - 1, halves, measures, 51, 1 + years), and the same with lucks in place of draws.
    Draws take the lucks in turn, so draw d belongs beside centre d modulo lucks.
    """

    draws: np.ndarray
    centre: np.ndarray


def bench_of(
    build: Build, sample: Sample, window: Window, seed: int, threads: int, money: bool = True
) -> Bench:
    """A bench anchored on the deaths of 2024 that the central parameters give on the sample."""
    first = build(load_parameters())[0].tree
    return Bench(build, sample, window, seed, deaths_of_2024(first, sample, seed, threads), money)


def changes(bench: Bench, arms: Sequence[Arm], threads: int = 1) -> np.ndarray:
    """Changes of each later arm against the first, shape (arms - 1, halves, measures, 51, 1 + years).

    A half counts twice its own change, so that the mean of both halves is the sample's.
    """
    tables = tables_of(arms, bench.window.months)
    halves = [
        lived(bench.sample.part(bench.sample.half == h), tables, bench.seed, threads, _room(h, tables))
        for h in range(HALVES)
    ]
    later = range(1, len(arms))
    counted = [[HALVES * slot_change(half, arm, bench.window) for half in halves] for arm in later]
    rows = np.array(counted)
    return np.concatenate([rows, _money(bench, arms, halves)], axis=2)


class _Rooms(threading.local):
    """Tallies that each thread uses again for one half of every draw, with arms and months of their shape."""

    def __init__(self) -> None:
        self.of_half: dict[int, tuple[tuple[int, int], Tallies]] = {}


_ROOMS = _Rooms()


def _room(half: int, tables: Tables) -> Tallies:
    """Tallies that this thread uses for one half of every draw."""
    shape = tables.places.shape[0], tables.places.shape[2]
    kept = _ROOMS.of_half.get(half)
    if kept is None or kept[0] != shape:
        kept = _ROOMS.of_half[half] = shape, empty(*shape)
    return kept[1]


def _money(bench: Bench, arms: Sequence[Arm], halves: Sequence[Tallies]) -> np.ndarray:
    """Priced rows of each half, which differ from those of the whole sample by what its own people cost.

    Money that does not hang on people is the same in a half as in the whole, so a half does not count twice.
    """
    if not bench.money:
        shape = priced_shape(bench.window)
        return np.zeros((len(arms) - 1, HALVES, *shape))
    values = []
    each = [arms_of([half], len(arms)) for half in halves]
    for arm, first, second in zip(arms, *each, strict=True):
        values.append(_priced_halves(bench, arm, first, second))
    return np.array([value - values[0] for value in values[1:]])


def _priced_halves(bench: Bench, arm: Arm, first: Tallies, second: Tallies) -> np.ndarray:
    """Priced rows of an arm by half, (halves, priced rows, 51, 1 + years); their mean is the whole sample's."""
    whole = both(first, second)
    usd = priced(arm.tree, whole, bench.window)
    apart = priced(arm.tree, first, bench.window, whole) - priced(arm.tree, second, bench.window, whole)
    return np.stack([usd + apart, usd - apart])


def priced_shape(window: Window) -> tuple[int, int, int]:
    """Shape of the priced rows of a block."""
    return len(PRICED), len(STATES), len(window.spans)


def levels(bench: Bench, arms: Sequence[Arm], threads: int = 1) -> np.ndarray:
    """Levels of each arm in the nation, shape (arms, halves, measures, 1 + years).

    Arms are lived one by one, so that many of them need no more memory than one.
    """
    out = []
    for arm in arms:
        tables = tables_of([arm], bench.window.months)
        halves = [
            lived(bench.sample.part(bench.sample.half == h), tables, bench.seed, threads)
            for h in range(HALVES)
        ]
        each = [arms_of([half], 1)[0] for half in halves]
        rows = np.stack([HALVES * tallied(half, bench.window) for half in each])
        nothing = np.zeros((HALVES, *priced_shape(bench.window)))
        usd = _priced_halves(bench, arm, *each) if bench.money else nothing
        out.append(np.concatenate([rows, usd], axis=1).sum(axis=2))
    return np.array(out)


def deaths(bench: Bench, arms: Sequence[Arm], threads: int = 1) -> np.ndarray:
    """Opioid overdose deaths of each arm in the nation over the window, shape (arms, halves).

    As `levels` gives them, in half the time.
    """
    found = []
    for arm in arms:
        tables = tables_of([arm], bench.window.months)
        for h in range(HALVES):
            half = lived(bench.sample.part(bench.sample.half == h), tables, bench.seed, threads)
            found.append(HALVES * opioid_deaths(half, bench.window)[0])
    return np.array(found).reshape(len(arms), HALVES)


def spread_of(
    bench: Bench, count: int, threads: int = 2, report: Report = silent, engine: Engine | None = None
) -> Spread:
    """Changes under `count` joint draws. Raises InputError for fewer than two."""
    return Spread(*over_lucks(bench, count, changes, threads, report, engine))


def over_lucks(
    bench: Bench,
    count: int,
    made: Callable[[Bench, Sequence[Arm]], np.ndarray],
    threads: int = 2,
    report: Report = silent,
    engine: Engine | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """What `made` makes of each of `count` joint draws, and of the centre under each luck, both stacked.

    Draw d is lived under luck d modulo lucks. Raises InputError for fewer than two draws.
    """
    if count < 2:
        raise InputError("--draws", None, count, "1, or at least 2 draws for an interval")
    p = load_parameters()
    first = bench.build(p)[0].tree
    benches = [bench]
    for seed in lucks_of(bench.seed, count)[1:]:
        anchor = deaths_of_2024(first, bench.sample, seed, threads)
        benches.append(bench._replace(seed=seed, anchor=anchor))

    def one(task: tuple[int, Draw | None]) -> np.ndarray:
        there, draw = benches[task[0]], task[1]
        if draw is None:
            return made(there, there.build(p))
        return made(there, drawn_arms(there.build, draw, there.sample, there.seed, there.anchor))

    tasks: list[tuple[int, Draw | None]] = [(luck, None) for luck in range(len(benches))]
    tasks += [(at % len(benches), draw) for at, draw in enumerate(draws_of(p, count, bench.seed))]
    found = np.stack(in_lanes(one, tasks, threads, report, "draws", engine))
    return found[len(benches) :], found[: len(benches)]


def lucks_of(seed: int, draws: int) -> list[int]:
    """Seeds that `draws` draws are lived under in turn: the run's own, then others; one for a few draws."""
    count = max(min(LUCKS, draws // 2), 1)
    return [seed, *map(int, np.random.default_rng(seed).integers(2**63, size=count - 1))]


def from_centre(draws: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """What each draw changes against the centre under its own luck; both as `over_lucks` gives them."""
    return np.asarray(draws - centres[np.arange(len(draws)) % len(centres)])


def in_lanes(
    work: Callable[[T], U],
    tasks: Sequence[T],
    threads: int,
    report: Report,
    what: str,
    engine: Engine | None = None,
) -> list[U]:
    """`work` of every task, in order, on `engine` or on threads; told as it goes."""
    report(what, 0, len(tasks))
    found: dict[int, U] = {}
    for position, made in (engine or Threads(min(threads, len(tasks)))).each(work, tasks):
        found[position] = made
        report(what, len(found), len(tasks))
    return [found[position] for position in range(len(tasks))]
