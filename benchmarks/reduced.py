"""A reduced model in the style of the engine, beside a twin in C: what the house costs over the machine.

Work, cover with a work requirement, treatment, overdose with naloxone and death, for people in 51 states
and four groups, on the engine's own keyed draws; quiet months are skipped, stocks are kept as difference
arrays. Its rates are made up: they give events about as often as the real model does. Both twins count the
same, cell by cell.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy import int64

from microsim.ground.compiled import compiled
from microsim.ground.philox import key_words, philox4x32
from microsim.ground.schema import STATES

SOURCE = Path(__file__).with_name("reduced.c")
FLAGS = ("-O3", "-march=native", "-shared", "-fPIC")
MONTHS = 120
GROUPS = 4
CHECK_EVERY = 6
ONE = 1 << 32
TOP = ONE - 1
SEED = 7

(PEOPLE, WORKING, MEDICAID, UNINSURED, TREATED, HIRED, LAID_OFF, ENROLLED, CHECKED, LOST, LOST_OUD, STARTED,
 STOPPED, STOPPED_UNINSURED, OVERDOSES, OVERDOSES_TREATED, OVERDOSES_UNINSURED, REVERSED, OVERDOSE_DEATHS,
 OTHER_DEATHS) = range(20)  # fmt: skip
COUNTERS = 20
NOBODY, PUBLIC_COVER, JOB_COVER = range(3)

MONTHLY = (0.015, 0.03, 0.03, 0.008, 0.4, 0.02, 0.06, 0.2, 0.006, 0.002, 0.12, 0.03)
"""Probabilities, in the order of the fields of Rates."""
LAW = 36
DEATHS = (0.0001, 0.0002, 0.0005, 0.003)
"""By group."""
NALOXONE = (0.2, 0.5)
"""Probability that a dose is given, lowest and highest state."""
SHARES = {"oud": 0.02, "working": 0.7, "treated": 0.2}
COVERS = (0.1, 0.25, 0.65)


class Rates(NamedTuple):
    """Monthly thresholds out of 2**32, and the month from which checks fall due."""

    lose: int
    gain: int
    enrol: int
    leave: int
    fail: int
    start: int
    stop: int
    stop_uninsured: int
    overdose: int
    overdose_treated: int
    fatal: int
    fatal_reversed: int
    law: int


class Model(NamedTuple):
    """People in order of state, uint8 (n,) each, and what they meet."""

    state: np.ndarray
    group: np.ndarray
    oud: np.ndarray
    working: np.ndarray
    cover: np.ndarray
    treated: np.ndarray
    phase: np.ndarray
    rates: np.ndarray
    """int64: the fields of Rates, then the threshold of death by group"""
    naloxone: np.ndarray
    """int64 (51, months)"""
    key: tuple[int, int]

    def __len__(self) -> int:
        return len(self.state)


Live = Callable[[Model, int, int, np.ndarray], None]
"""Lives people `first` to `last` of a model and adds to the counts."""


def model(persons: int, months: int = MONTHS) -> Model:
    """A model of that many people."""
    rng = np.random.default_rng(SEED)

    def chosen(share: float) -> np.ndarray:
        return (rng.random(persons) < share).astype(np.uint8)

    oud = chosen(SHARES["oud"])
    thresholds = [round(share * ONE) for share in MONTHLY] + [LAW] + [round(share * ONE) for share in DEATHS]
    by_state = np.linspace(*NALOXONE, len(STATES))[:, None] * np.ones(months)
    return Model(
        np.sort(rng.integers(0, len(STATES), persons)).astype(np.uint8),
        rng.integers(0, GROUPS, persons).astype(np.uint8),
        oud,
        chosen(SHARES["working"]),
        rng.choice(3, persons, p=COVERS).astype(np.uint8),
        oud * chosen(SHARES["treated"]),
        rng.integers(0, CHECK_EVERY, persons).astype(np.uint8),
        np.array(thresholds, np.int64),
        (by_state * ONE).astype(np.int64),
        key_words(SEED),
    )


def empty(months: int = MONTHS) -> np.ndarray:
    """Counts int64 (51, groups, months, counters); stocks as changes."""
    return np.zeros((len(STATES), GROUPS, months, COUNTERS), np.int64)


@compiled
def live_people(
    first, last, state, group, oud, working0, cover0, treated0, phase, thresholds, naloxone, months, k0, k1,
    cube,
):  # fmt: skip
    """Live people `first` to `last` - 1 and add to `cube`."""
    rates = Rates(
        thresholds[0], thresholds[1], thresholds[2], thresholds[3], thresholds[4], thresholds[5],
        thresholds[6], thresholds[7], thresholds[8], thresholds[9], thresholds[10], thresholds[11],
        thresholds[12],
    )  # fmt: skip
    for i in range(first, last):
        counts, given = cube[state[i], group[i]], naloxone[state[i]]
        death = thresholds[13 + group[i]]
        ill = int64(oud[i])
        working, cover, treated = int64(working0[i]), int64(cover0[i]), int64(treated0[i])
        due = rates.law + int64(phase[i])
        begin(counts[0], working, cover, treated)
        work, enter, overdose, treat = ceilings(rates, ill, working, cover, treated)
        for t in range(months):
            w0, w1, w2, w3 = philox4x32(i & TOP, i >> 32, t, 0, k0, k1)
            high = TOP - w0
            if w0 >= death and high >= overdose and w1 >= work and w2 >= enter and w3 >= treat and t != due:
                continue
            now = counts[t]
            dies = 0
            if w0 < death:
                now[OTHER_DEATHS] += 1
                dies = 1
            elif high < overdose:
                tree0, tree1, _, _ = philox4x32(i & TOP, i >> 32, t, 1, k0, k1)
                dies = overdosed(now, cover, treated, tree0 < given[t], tree1, rates)
            if dies:
                end(now, working, cover, treated)
                break
            if w1 < work:
                now[LAID_OFF if working else HIRED] += 1
                now[WORKING] += -1 if working else 1
                working = 1 - working
            kind = cover
            if t == due:
                due += CHECK_EVERY
                if cover == PUBLIC_COVER:
                    now[CHECKED] += 1
                    if not working and w2 < rates.fail:
                        kind = NOBODY
                        now[LOST] += 1
                        now[LOST_OUD] += ill
            if kind == cover and w2 < enter:
                kind = JOB_COVER if cover == PUBLIC_COVER else PUBLIC_COVER
                now[ENROLLED] += kind == PUBLIC_COVER
            if kind != cover:
                now[MEDICAID] += (kind == PUBLIC_COVER) - (cover == PUBLIC_COVER)
                now[UNINSURED] += (kind == NOBODY) - (cover == NOBODY)
            if w3 < treat:
                now[TREATED] += -1 if treated else 1
                now[STOPPED if treated else STARTED] += 1
                now[STOPPED_UNINSURED] += treated and cover == NOBODY
                treated = 1 - treated
            cover = kind
            work, enter, overdose, treat = ceilings(rates, ill, working, cover, treated)


@compiled
def ceilings(rates, ill, working, cover, treated):
    """Thresholds that hold until the state changes: of work, cover, overdose and treatment."""
    work = rates.lose if working else rates.gain
    enter = rates.enrol if cover == NOBODY else (rates.leave if cover == PUBLIC_COVER else 0)
    overdose, treat = 0, 0
    if ill:
        overdose = rates.overdose_treated if treated else rates.overdose
        treat = rates.start
        if treated:
            treat = rates.stop_uninsured if cover == NOBODY else rates.stop
    return work, enter, overdose, treat


@compiled
def begin(now, working, cover, treated):
    """Count a life that begins."""
    now[PEOPLE] += 1
    now[WORKING] += working
    now[MEDICAID] += cover == PUBLIC_COVER
    now[UNINSURED] += cover == NOBODY
    now[TREATED] += treated


@compiled
def end(now, working, cover, treated):
    """Count a life that ends."""
    now[PEOPLE] -= 1
    now[WORKING] -= working
    now[MEDICAID] -= cover == PUBLIC_COVER
    now[UNINSURED] -= cover == NOBODY
    now[TREATED] -= treated


@compiled
def overdosed(now, cover, treated, reversal, word, rates):
    """Count an overdose; 1 when it is fatal."""
    now[OVERDOSES] += 1
    now[OVERDOSES_TREATED] += treated
    now[OVERDOSES_UNINSURED] += cover == NOBODY
    now[REVERSED] += reversal
    if word < (rates.fatal_reversed if reversal else rates.fatal):
        now[OVERDOSE_DEATHS] += 1
        return 1
    return 0


@compiled
def draw_people(first, last, months, k0, k1):
    """One block of words for every person and month, and nothing else."""
    total = int64(0)
    for i in range(first, last):
        for t in range(months):
            w0, w1, w2, w3 = philox4x32(i & TOP, i >> 32, t, 0, k0, k1)
            total ^= w0 ^ w1 ^ w2 ^ w3
    return total


def live_numba(people: Model, first: int, last: int, cube: np.ndarray) -> None:
    """The twin in the style of the engine."""
    live_people(first, last, *people[:-1], cube.shape[2], *people.key, cube)


@cache
def c_library() -> ctypes.CDLL | None:
    """The compiled C twin, or None without a C compiler."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        return None
    folder = tempfile.mkdtemp(prefix="microsim-c-")
    target = Path(folder) / "reduced.so"
    try:
        subprocess.run([compiler, *FLAGS, str(SOURCE), "-o", str(target)], check=True, capture_output=True)
        library = ctypes.CDLL(str(target))
    except (OSError, subprocess.CalledProcessError):
        return None
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    pointer = ctypes.c_void_p
    library.live.argtypes = [ctypes.c_int64] * 2 + [pointer] * 9 + [ctypes.c_int64] * 3 + [pointer]
    library.live.restype = None
    library.draw_alone.argtypes = [ctypes.c_int64] * 5
    library.draw_alone.restype = ctypes.c_int64
    return library


def live_c(people: Model, first: int, last: int, cube: np.ndarray) -> None:
    """The twin in C; it runs without the interpreter's lock."""
    library = c_library()
    assert library is not None
    columns = [column.ctypes.data for column in people[:-1]]
    library.live(first, last, *columns, cube.shape[2], *people.key, cube.ctypes.data)


def run(live: Live, people: Model, threads: int = 1, months: int = MONTHS) -> np.ndarray:
    """Counts of all people on that many threads, each with counts of its own."""
    if threads == 1:
        cube = empty(months)
        live(people, 0, len(people), cube)
        return cube
    edges = np.linspace(0, len(people), threads + 1).astype(int).tolist()
    cubes = [empty(months) for _ in range(threads)]
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(live, [people] * threads, edges[:-1], edges[1:], cubes))
    return np.asarray(sum(cubes[1:], start=cubes[0]))
