"""Residents piece by piece, from the embedded tables: all of them, or an even sample larger than memory.

Nothing of the population's size is held. A piece is a range of positions in a state's list of drawn
residents; who stands at a position depends on the seed alone, so that pieces can be made in any order,
anywhere, again.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from microsim.ground.errors import InputError
from microsim.ground.philox import philox4x32
from microsim.ground.schema import STATES, STRATA
from synthetic_pop.builder import (
    DEFAULT_SEED,
    Columns,
    StateModel,
    default_model,
    empty,
    seed_key,
    state_codes,
    write_people,
)
from synthetic_pop.cells import CLASSES, PER_STATE
from synthetic_pop.inputs import Array, inputs_digest
from synthetic_pop.margins import largest_remainder
from synthetic_pop.sample import START_MONTH, THOUSAND
from synthetic_pop.substance import OUD

_EVEN = len(STRATA)
"""Counter word of the even sample's random start, after those of the strata."""
_KIND, _ALL = "residents", "all"
_ONE_AT_A_TIME = threading.Lock()


class Piece(NamedTuple):
    """Drawn residents of a state: positions `low` to `high` - 1."""

    state: int
    low: int
    high: int

    @property
    def records(self) -> int:
        """People in it."""
        return self.high - self.low


class Residents(NamedTuple):
    """Whom to draw; small enough to be sent anywhere."""

    persons: int | None
    """Records of the nation, or None for every resident"""
    seed: int
    states: tuple[str, ...]
    """Postal codes of the states to draw; none for all"""

    @property
    def name(self) -> str:
        """What decides the people: size, seed, and the digest of records, tables and code."""
        return f"{_KIND}-{self.persons or _ALL}-{self.seed}-{inputs_digest()}"

    def drawn(self) -> Array:
        """Records of each chosen state: int64 (51,)."""
        chosen = np.zeros(len(STATES), bool)
        chosen[state_codes(self.states or None)] = True
        return np.where(chosen, _drawn(self.persons), 0)

    def records(self) -> int:
        """Records of all chosen states."""
        return int(self.drawn().sum())

    def pieces(self, size: int) -> tuple[Piece, ...]:
        """Pieces of at most `size` records in the order of states and ids."""
        if size < 1:
            raise InputError("shard", None, size, "at least 1")
        return tuple(
            Piece(state, low, min(low + size, int(count)))
            for state, count in enumerate(self.drawn())
            for low in range(0, int(count), size)
        )

    def columns(self, piece: Piece, disorder: bool = False) -> Columns:
        """Columns of `PERSON_COLUMNS` of a piece in the order of ids; with `disorder` only of its people
        with opioid use disorder, whose number may be zero."""
        model, local, key = _model(), _local(piece.state), seed_key(self.seed)
        first, last = model.cells.state_range(piece.state)
        people, drawn = last - first, int(_drawn(self.persons)[piece.state])
        start = _start(piece.state, people, key)
        position = np.arange(piece.low, piece.high, dtype=np.int64)
        ids = first + (position * people + start) // drawn
        # Whole thousandths whose running sum follows the number of residents exactly.
        weights = (position + 1) * people * THOUSAND // drawn - position * people * THOUSAND // drawn
        starts = model.cells.start[piece.state * PER_STATE : (piece.state + 1) * PER_STATE + 1]
        cells = np.searchsorted(starts, ids, side="right") - 1
        if disorder:
            klass = cells % CLASSES
            chosen = (klass >= OUD.start) & (klass < OUD.stop)
            ids, weights, cells = ids[chosen], weights[chosen], cells[chosen]
        out = empty(len(ids))
        write_people(model, out, piece.state, ids, cells, weights, key, local)
        return dict(zip(out._fields, out, strict=True))


def residents(
    persons: int | None = None, seed: int = DEFAULT_SEED, states: Sequence[str] | None = None
) -> Residents:
    """Residents of the states, all of them or an even sample of `persons` of the nation.

    Raises InputError for an unknown state or a seed out of range.
    """
    seed_key(seed)
    whom = Residents(persons, seed, tuple(STATES[code] for code in state_codes(states)) if states else ())
    total = _model().cells.total()
    return whom._replace(persons=None) if persons is not None and persons >= total else whom


def named(name: str, states: Sequence[str]) -> Residents | None:
    """The residents of a `Residents.name`, or None for the name of something else.

    Other tables make other people of the same name but for its digest, which the caller compares.
    """
    kind, *parts = name.split("-")
    if kind != _KIND or len(parts) != 3 or not parts[1].isdecimal():
        return None
    if parts[0] != _ALL and not parts[0].isdecimal():
        return None
    return residents(None if parts[0] == _ALL else int(parts[0]), int(parts[1]), states or None)


def _model() -> Any:
    # Threads that ask at the same time would each build it.
    with _ONE_AT_A_TIME:
        return default_model()


def _local(state: int) -> StateModel:
    with _ONE_AT_A_TIME:
        return _kept(state)


@lru_cache(maxsize=4)
def _kept(state: int) -> StateModel:
    return default_model().of_state(state)


@lru_cache(maxsize=4)
def _drawn(persons: int | None) -> Array:
    cells = _model().cells
    people = np.array([high - low for low, high in map(cells.state_range, range(len(STATES)))])
    return people if persons is None else largest_remainder(people.astype(np.float64), persons)


def _start(state: int, people: int, key: tuple[int, int]) -> int:
    word = philox4x32(state, _EVEN, START_MONTH, 0, key[0], key[1])[0]
    return int(word) * people >> 32
