"""People as the kernel reads them: one packed record each, in shards by state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from microsim.engine.tables import income_limits
from microsim.ground.errors import InputError
from microsim.ground.parameters import Parameters
from microsim.ground.schema import FLAG, PERSON_COLUMNS, STATES, WORK_CLASSES

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
    keep = slice(None)
    if states is not None:
        keep = np.isin(columns["state"], [STATES.index(state) for state in states])
    count = len(columns["person_id"][keep])
    if count == 0:
        raise InputError(None, "states", states, "states with people in the population")
    records = np.empty(count, RECORD)
    for name in RECORD.names or ():
        records[name] = columns[name][keep]
    order = np.argsort(records["state"], kind="stable")
    if (np.diff(order) != 1).any():
        records = records[order]
    return People(records, _poor(records, p))


def _poor(records: np.ndarray, p: Parameters) -> np.ndarray:
    flags = records["flags"]
    share = records["short_hours"] / p.number("work.hours_full")
    usual = np.where(records["work_class"] < WORK_CLASSES.index("not_working"), 1.0, share)
    spouse = (flags & FLAG["spouse_works"] > 0) * records["spouse_wage"].astype(float)
    income = records["wage"] * usual + spouse + records["other_income"]
    limit = income_limits(p)[records["state"], records["household_size"]]
    return (income <= limit).astype(np.int64)


def nested_sample(people: People, one_in: int) -> tuple[People, np.ndarray]:
    """Every `one_in`-th person in order and integer weights scaled to keep the total of each stratum by state."""
    chosen = np.arange(0, len(people), one_in)
    sample = People(people.records[chosen], people.poor[chosen])
    return sample, sample.records["weight"].astype(np.int64) * one_in
