"""People as the kernel reads them: one packed record each, in shards by state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from microsim.engine.tables import income_limits
from microsim.ground.errors import InputError
from microsim.ground.parameters import Parameters
from microsim.ground.schema import FLAG, PERSON_COLUMNS, STATES, WORK_CLASSES

PIECE = 8192
RECORD = np.dtype([(column.name, column.dtype) for column in PERSON_COLUMNS], align=True)


class People(NamedTuple):
    """Records sorted by state, and what the host derives from them."""

    records: np.ndarray
    """RECORD (n,)"""
    poor: np.ndarray
    """int64 (n,): 1 when the usual household income is under the adult group's limit"""

    def __len__(self) -> int:
        return len(self.records)


def people_of(
    columns: Mapping[str, np.ndarray], p: Parameters, states: tuple[str, ...] | None = None
) -> People:
    """People from columns of a population, optionally of some states only.

    Raises InputError when nobody is left.
    """
    keep: slice | np.ndarray = slice(None)
    if states is not None:
        keep = np.isin(columns["state"], [STATES.index(state) for state in states])
    count = len(columns["person_id"][keep])
    if count == 0:
        raise InputError(None, "states", states, "states with people in the population")
    held = {name: columns[name][keep] for name in RECORD.names or ()}
    records = np.empty(count, RECORD)
    for rows in _pieces(count):
        piece = records[rows]
        for name, column in held.items():
            piece[name] = column[rows]
    state = records["state"].astype(np.int16)
    if (np.diff(state) < 0).any():
        records = records[np.argsort(state, kind="stable")]
    return People(records, _poor(records, p))


def _pieces(count: int) -> Iterator[slice]:
    """Rows in pieces whose records stay in the processor's cache while their fields are gone through."""
    return (slice(first, first + PIECE) for first in range(0, count, PIECE))


def _poor(records: np.ndarray, p: Parameters) -> np.ndarray:
    full, limits = p.number("work.hours_full"), income_limits(p)
    poor = np.empty(len(records), np.int64)
    for rows in _pieces(len(records)):
        piece = records[rows]
        share = piece["short_hours"] / full
        usual = np.where(piece["work_class"] < WORK_CLASSES.index("not_working"), 1.0, share)
        spouse = (piece["flags"] & FLAG["spouse_works"] > 0) * piece["spouse_wage"].astype(float)
        income = piece["wage"] * usual + spouse + piece["other_income"]
        poor[rows] = income <= limits[piece["state"], piece["household_size"]]
    return poor
