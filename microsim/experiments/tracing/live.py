"""Live people of a population again, one by one, from the tables of a run."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from microsim.engine.people import People
from microsim.engine.tables import Tables
from microsim.experiments.tracing.watch import Month, Watch
from microsim.ground.errors import InputError
from microsim.ground.philox import key_words
from microsim.ground.schema import POPULATION_MONTH
from microsim.life.state import Person


@dataclass
class Life:
    """One person through both arms."""

    record: np.void
    """RECORD of the population"""
    person: Person
    parting: int
    """First month in which the arms could differ."""
    baseline: list[Month]
    policy: list[Month]

    @property
    def arms(self) -> tuple[list[Month], list[Month]]:
        return self.baseline, self.policy


class _Rows:
    """An array of records whose elements have their fields as attributes, as they have in compiled code.

    numpy's own record arrays would do, had not each record a `flags` of its own.
    """

    def __init__(self, array: np.ndarray) -> None:
        self._array = array
        self.shape = array.shape

    def __getitem__(self, index: Any) -> Any:
        found = self._array[index]
        if isinstance(found, np.ndarray):
            return _Rows(found)
        return SimpleNamespace(**{name: _plain(found[name]) for name in found.dtype.names})


def _plain(value: Any) -> Any:
    """Plain ints and lists, which are several times faster than numpy's one by one."""
    return value if isinstance(value, np.ndarray) and value.ndim > 1 else value.tolist()


def row_of(people: People, person_id: int) -> int:
    """Position of a person. Raises InputError for an id that is not in the population."""
    found = np.flatnonzero(people.records["person_id"] == person_id)
    if len(found) == 0:
        lowest, highest = people.records["person_id"].min(), people.records["person_id"].max()
        raise InputError(
            "--person", None, person_id, f"the id of one of the {len(people):,} people of this population",
            fix=f"ids lie between {lowest} and {highest}; --reason finds people",
        )  # fmt: skip
    return int(found[0])


def live_again(people: People, row: int, tables: Tables, seed: int, replicate: int = 0) -> Life:
    """Both arms of the person at `row`, month by month, exactly as a run of these tables lives them."""
    months = tables.places.shape[2]
    watch = Watch()
    watch.live(
        _Rows(people.records)[row], int(people.poor[row]), _Rows(tables.rates), _Rows(tables.places), months,
        *key_words(seed, replicate),
    )  # fmt: skip
    assert watch.person is not None
    baseline, policy = (watch.months[arm] for arm in range(len(tables.rates)))
    state = int(people.records["state"][row])
    parting = POPULATION_MONTH + int(tables.fork[state])
    return Life(people.records[row].copy(), watch.person, parting, baseline, policy)
