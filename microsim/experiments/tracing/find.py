"""Find people whose life under the policy holds something that their life under the baseline does not.

Searching lives thousands of people with the compiled kernel, a block at a time; only a block in which the
policy has the reason is looked at person by person.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from microsim.engine.people import People
from microsim.engine.simulate import Lane, readings_of
from microsim.engine.tables import Tables
from microsim.engine.tallies import LEAK_FIRST, LOSS_FIRST
from microsim.ground.errors import InputError, unknown_name
from microsim.ground.philox import key_words
from microsim.ground.schema import COVERS, LEAKS, LOSS_REASONS, STATES

LIMIT = 200_000
"""People looked at before the search gives up."""
BLOCK = 64
REASONS = (*LOSS_REASONS[1:], *LEAKS[1:])
"""What can be searched for: why Medicaid ended, and how the exclusion of people with an SUD failed."""
_BASELINE, _POLICY, _COMMON = range(3)
_SCRAMBLE = np.uint64(0x9E3779B97F4A7C15)
"""An odd number near 2**64 over the golden ratio: multiplying by it spreads neighbours apart."""
_ADULT_GROUP = COVERS.index("adult_group")


class Wanted(NamedTuple):
    """Whom to look for."""

    reason: str
    state: str | None
    number: int

    @property
    def column(self) -> int:
        """Position among tallies.COUNTS."""
        if self.reason in LOSS_REASONS:
            return LOSS_FIRST + LOSS_REASONS.index(self.reason)
        return LEAK_FIRST + LEAKS.index(self.reason)


class Found(NamedTuple):
    """Positions of the people found, and how many were looked at."""

    rows: list[int]
    looked_at: int
    everybody: bool
    """Whether nobody was left to look at."""


def wanted(reason: str, state: str | None, count: int, people: People) -> Wanted:
    """The search that is asked for. Raises InputError for unknown names and a count below one."""
    if reason not in REASONS:
        what = f"a reason of loss or a leak: {', '.join(REASONS)}"
        raise unknown_name("--reason", None, reason, REASONS, what)
    if count < 1:
        raise InputError("--n", None, count, "a whole number of 1 or more")
    if state is not None:
        code = state.strip().upper()
        if code not in STATES:
            raise unknown_name("--state", None, state, STATES, "the postal code of a state or DC")
        if not (people.records["state"] == STATES.index(code)).any():
            raise InputError("--state", None, state, "a state with people in this population")
        state = code
    return Wanted(reason, state, count)


def find(people: People, tables: Tables, seed: int, whom: Wanted) -> Found:
    """People of a state in an order scrambled from their ids, those in the adult group first.

    Without a state, one person of each state in turn.
    """
    search = _Search(people, tables, seed, whom.column)
    states = range(len(STATES)) if whom.state is None else [STATES.index(whom.state)]
    rows: list[int] = []
    for adult_group in (True, False):
        turns = [search.through(state, adult_group) for state in states]
        while turns and len(rows) < whom.number:
            for turn in list(turns):
                if len(rows) == whom.number or search.looked_at >= LIMIT:
                    return Found(rows, search.looked_at, False)
                row = next(turn, None)
                if row is None:
                    turns.remove(turn)
                else:
                    rows.append(row)
    return Found(rows, search.looked_at, len(rows) < whom.number)


class _Search:
    """Lives blocks of people of one state into tallies of which only that state's part is read."""

    def __init__(self, people: People, tables: Tables, seed: int, column: int) -> None:
        self._people = people
        self._column = column
        self._lane = Lane(readings_of(tables), key_words(seed))
        self._tallies = self._lane.tallies
        self.looked_at = 0

    def through(self, state: int, adult_group: bool) -> Iterator[int]:
        """Rows of a state's people who fit, until LIMIT people have been looked at."""
        records = self._people.records
        here = (records["state"] == state) & ((records["cover"] == _ADULT_GROUP) == adult_group)
        rows = np.flatnonzero(here)
        # Ids follow strata and ages; their own order would find people of one age only.
        scrambled = records["person_id"][rows].astype(np.uint64) * _SCRAMBLE
        rows = rows[np.argsort(scrambled, kind="stable")]
        for start in range(0, len(rows), BLOCK):
            block = rows[start : start + BLOCK]
            if self.looked_at >= LIMIT:
                return
            before = self.looked_at
            if self._counts(state, block)[_POLICY] > 0:
                for position, row in enumerate(block):
                    counts = self._counts(state, np.array([row]))
                    if counts[_POLICY] > 0 and counts[_BASELINE] == 0 and counts[_COMMON] == 0:
                        self.looked_at = before + position + 1
                        yield int(row)
            self.looked_at = before + len(block)

    def _counts(self, state: int, rows: np.ndarray) -> np.ndarray:
        """Events searched for, by slot of the tallies."""
        mine = self._tallies.monthly[:, state]
        mine["count"] = 0
        block = People(self._people.records[rows], self._people.poor[rows])
        self._lane.live(block, np.ones(len(rows), np.int64))
        return mine["count"][:, :, :, self._column].sum(axis=(1, 2))
