"""Lives as a graphics processor would live them: one thread a person, every function compiled for the device.

`python tests/device_lives.py CASE.npz OUT.npy` lives a case, on the device there is or, with
NUMBA_ENABLE_CUDASIM=1, in the simulator. `python tests/device_lives.py ptx` compiles the same kernel for a
device that need not be there, and prints its size. Both run apart from the tests: the functions of rules and
life are made for the device in place of the processor when they are imported.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from numba import config, cuda, int64

from microsim.ground import compiled as host


def on_device(function: Callable[..., Any] | None = None, **options: Any) -> Any:
    """`compiled`, for the device. Options are the host's own."""
    if function is None:
        return on_device
    return cuda.jit(device=True)(function)


host.compiled = on_device  # type: ignore[assignment]

from microsim.engine.people import RECORD  # noqa: E402
from microsim.ground import draws  # noqa: E402
from microsim.ground.schema import POPULATION_MONTH  # noqa: E402
from microsim.life.month import Life, live_month  # noqa: E402
from microsim.life.origin import first_life, person_of  # noqa: E402
from microsim.life.readings import sud_class  # noqa: E402
from microsim.life.state import Work  # noqa: E402
from microsim.life.tables import PLACE, RATES  # noqa: E402

WORD_MASK = (1 << 32) - 1
THREADS = 16
"""Threads of a block"""
COMPUTE = (8, 0)
"""Compute capability that `ptx` compiles for: Ampere"""


@on_device
def record_at(records, row):  # type: ignore[no-untyped-def]
    """One record of the population."""
    return records[row]


if config.ENABLE_CUDASIM:

    def record_at(records, row):  # type: ignore[no-untyped-def]
        """One record, with attributes for its columns; numpy's own `flags` would hide one of them."""
        record = records[row]
        return SimpleNamespace(**{name: record[name] for name in RECORD.names or ()})


def lives(records, poor, rates, places, key0, key1, out):  # type: ignore[no-untyped-def]
    """Every person through every month of every arm.

    records RECORD (n,), poor int64 (n,), rates RATES (arms,), places PLACE (arms, 51, months); `out` int64
    (arms, n, months, 3 + events): 1 for a month lived as an adult, cover before it, substance class after
    it, and the month's events.
    """
    row = cuda.grid(1)
    if row >= records.shape[0]:
        return
    record = record_at(records, row)
    number = int64(record.person_id)
    key = (number & WORD_MASK, number >> 32, key0, key1)
    person = person_of(record, key, poor[row])
    for arm in range(places.shape[0]):
        life = first_life(record)
        # The simulator's own whole numbers grow without end; those of a type wrap, as on every processor.
        work = life.work
        work = Work(work.work_class, work.working, work.spouse_works, work.history, int64(work.incomes))
        life = Life(work, life.home, life.use, life.opioid, life.cover)
        for t in range(places.shape[2]):
            month = POPULATION_MONTH + t
            age_months = month - person.birth_month
            if age_months < rates[arm].working_age[0]:
                continue
            health = draws.block(key, month, draws.SCREEN_HEALTH)
            words = (int64(0), int64(0), int64(0), int64(0))
            if age_months <= rates[arm].working_age[1]:
                words = draws.block(key, month, draws.SCREEN_LIFE)
            kind = life.cover.kind
            life, events = live_month(
                month, age_months, person, life, key, health, words, rates[arm], places[arm, person.state, t]
            )
            out[arm, row, t, 0] = 1
            out[arm, row, t, 1] = kind
            out[arm, row, t, 2] = sud_class(life.use, life.opioid)
            at = 3
            for event in events:
                out[arm, row, t, at] = event
                at += 1
            if events.died_other or events.died_opioid or events.died_nonopioid:
                break


def run(case: Path, out: Path) -> None:
    """Live a case, saved by the tests, and save what happened."""
    with np.load(case) as held:
        records, rates = held["records"].view(RECORD), held["rates"].view(RATES)
        places = held["places"].view(PLACE).reshape(len(rates), *held["shape"])
        key, result = held["key"].tolist(), np.zeros(held["out"], np.int64)
        blocks = -(-len(records) // THREADS)
        cuda.jit(lives)[blocks, THREADS](records, held["poor"], rates, places, *key, result)
    np.save(out, result)


def ptx() -> str:
    """The kernel in the device's assembly language."""
    from numba import from_dtype
    from numba.cuda import dispatcher

    # Functions of the device ask the device there is what to be compiled for.
    dispatcher.get_current_device = lambda: SimpleNamespace(compute_capability=COMPUTE)
    record, rates, place = (from_dtype(dtype) for dtype in (RECORD, RATES, PLACE))
    signature = (record[::1], int64[::1], rates[::1], place[:, :, ::1], int64, int64, int64[:, :, :, ::1])
    body, _ = cuda.compile_ptx(lives, signature, cc=COMPUTE)
    return str(body)


if __name__ == "__main__":
    if sys.argv[1] == "ptx":
        print(f"{len(ptx().splitlines()):,} lines of PTX")
    else:
        run(Path(sys.argv[1]), Path(sys.argv[2]))
