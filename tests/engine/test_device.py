"""Lives in the simulator of numba-cuda: what the compiled kernel counts, in every integer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
from support import environment
from twin_cases import lawful_tables, people_at_the_lines, random_people, random_tables

from microsim.engine import tallies
from microsim.engine.people import People
from microsim.engine.simulate import simulate
from microsim.engine.tables import Tables
from microsim.engine.tallying import tally_events
from microsim.ground.philox import key_words
from microsim.ground.schema import POPULATION_MONTH
from microsim.life.state import Events

SCRIPT = Path(__file__).parents[1] / "device_lives.py"
MONTHS, SEED, ONE = 18, 11, 1 << 16
AT_18 = 18 * 12


def test_the_simulator_lives_the_same_lives(tmp_path: Path) -> None:
    for name, people, tables in (
        ("law", people_at_the_lines(24, 5), lawful_tables(2, MONTHS, 5)),
        ("life", random_people(32, 6), random_tables(2, MONTHS, 6)),
    ):
        grown = POPULATION_MONTH - people.records["birth_month"] >= AT_18
        people = People(people.records[grown], people.poor[grown])
        lived = on_the_device(people, tables, tmp_path / name)
        found, expected = counted(lived, people), kernel(people, tables)
        for field in ("cell", "count"):
            assert np.array_equal(found[field], expected[field]), (name, field)
        assert (expected["count"].sum((1, 2, 3)) > 0).any(1).all()
        assert (expected["count"].sum((0, 1, 2, 3)) > 0).sum() > 10


def on_the_device(people: People, tables: Tables, case: Path) -> np.ndarray:
    """What tests/device_lives.py writes of a case, in a process with numba's simulator."""
    shape = (len(tables.rates), len(people), MONTHS, 3 + len(Events._fields))
    file = case.with_suffix(".npz")
    np.savez(
        file, records=people.records.view(np.uint8), poor=people.poor, rates=tables.rates.view(np.uint8),
        places=np.ascontiguousarray(tables.places).reshape(-1).view(np.uint8),
        shape=tables.places.shape[1:], key=np.array(key_words(SEED), np.uint64), out=shape,
    )  # fmt: skip
    variables = {**environment(), "NUMBA_ENABLE_CUDASIM": "1"}
    line = [sys.executable, str(SCRIPT), str(file), str(case.with_suffix(".npy"))]
    done = subprocess.run(line, env=variables, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return np.load(case.with_suffix(".npy"))


def kernel(people: People, tables: Tables) -> np.ndarray:
    """Monthly tallies (arms, 51, months) of the compiled kernel, everybody with the same weight."""
    weights = np.full(len(people), ONE, np.int64)
    total = simulate(people, tables, SEED, weights=weights, threads=1)
    return np.stack([tallies.of_arm(total, arm).monthly for arm in range(len(tables.rates))])


def counted(lived: np.ndarray, people: People) -> np.ndarray:
    """The same tallies of months written one by one."""
    arms, _, months, _ = lived.shape
    total = tallies.empty(arms, months).monthly[:arms]
    expected = [Events._fields.index(f"expected_{name}") for name in (
        "overdose", "opioid_death", "nonopioid_death", "other_death",
    )]  # fmt: skip
    for arm, row, t in np.argwhere(lived[..., 0]):
        _, kind, sud, *events = lived[arm, row, t].tolist()
        here = total[arm, people.records["state"][row], t]
        cell = here["cell"][kind, sud]
        cell += [ONE, *(events[at] for at in expected)]
        plain(Events(*events), ONE, here["count"][sud])
    return total


plain = getattr(tally_events, "py_func", tally_events)
