"""What a set of lived arms changes, as one array: measures by state, over the window and by year."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from microsim.engine import measures
from microsim.engine.environment import naloxone, programmes
from microsim.engine.finance import price
from microsim.engine.measures import BY_NAME
from microsim.engine.summary import years_of
from microsim.engine.tallies import CELL_OPIOID, EXPECTED_UNIT, Tallies
from microsim.ground.parameters import Parameters
from microsim.ground.schema import POPULATION_MONTH

TALLIED = tuple(measure.name for measure in measures.MEASURES)
PRICED = ("naloxone_kits", "federal_outlays_usd", "state_outlays_usd")
MEASURES = (*TALLIED, *PRICED)
"""Rows of a block."""
ROW = {name: row for row, name in enumerate(MEASURES)}
DEATHS = "opioid_overdose_deaths"

Block = np.ndarray
"""float64 (measures, 51, 1 + years): the window, then each calendar year it touches."""


class Window(NamedTuple):
    """Months shown and lived, in positions from January 2024."""

    first: int
    last: int
    months: int

    @property
    def spans(self) -> list[tuple[int, int]]:
        """First and last position of the window and of each of its years."""
        return [(self.first, self.last), *((a, b) for _, a, b in years_of(self.first, self.last))]


def slot_change(total: Tallies, arm: int, window: Window) -> Block:
    """Rows of `TALLIED` of one arm less those of the first; what both share cancels."""
    mine, first = (_added_up(_flat(total.monthly[slot]), window) for slot in (arm, 0))
    return _rows(_monthly(mine - first, total), window)


def less(arm: Tallies, other: Tallies) -> Tallies:
    """Monthly tallies of one arm less those of another, both without the axis of slots."""
    return _monthly(_flat(arm.monthly) - _flat(other.monthly), arm)


def _monthly(values: np.ndarray, like: Tallies) -> Tallies:
    return Tallies(values.view(like.monthly.dtype)[..., 0], like.quarterly, like.yearly)


def _flat(records: np.ndarray) -> np.ndarray:
    """Records of int64 as integers, with one more axis: sums of plain arrays are many times faster."""
    return np.ascontiguousarray(records).view(np.int64).reshape(*records.shape, -1)


def tallied(change: Tallies, window: Window) -> Block:
    """Rows of `TALLIED` of a change, shape (measures, 51, 1 + years)."""
    return _rows(_monthly(_added_up(_flat(change.monthly), window), change), window)


def _added_up(flat: np.ndarray, window: Window) -> np.ndarray:
    """Sums of each year, then the last month of each: measures are sums of tallies, so months go first."""
    years = window.spans[1:]
    added = [flat[:, a : b + 1].sum(axis=1) for a, b in years]
    return np.stack([*added, *(flat[:, b] for _, b in years)], axis=1)


def _rows(few: Tallies, window: Window) -> Block:
    """Rows of `TALLIED` of what `_added_up` gives."""
    years = window.spans[1:]
    series = measures.series(few)
    rows = []
    for name in TALLIED:
        values = series[name][:, len(years) :] if BY_NAME[name].stock else series[name][:, : len(years)]
        whole = values[:, -1:] if BY_NAME[name].stock else values.sum(axis=1, keepdims=True)
        rows.append(np.concatenate([whole, values], axis=1) / BY_NAME[name].divisor)
    return np.stack(rows)


def opioid_deaths(total: Tallies, window: Window) -> np.ndarray:
    """Opioid overdose deaths of each arm in the nation over the window, float (arms,)."""
    months = slice(window.first, window.last + 1)
    by_slot = total.monthly["cell"][:, :, months, :, :, CELL_OPIOID].sum(axis=(1, 2, 3, 4))
    return np.asarray((by_slot[:-1] + by_slot[-1]) / EXPECTED_UNIT)


def priced(tree: Parameters, arm: Tallies, window: Window, reference: Tallies | None = None) -> Block:
    """Rows of `PRICED` of one arm."""
    end = POPULATION_MONTH + window.months - 1
    kits, _ = naloxone.kits(tree, POPULATION_MONTH, end)
    outlays = programmes.outlays(tree, POPULATION_MONTH, end)
    money = price(arm, tree, outlays, POPULATION_MONTH, end, reference)
    monthly = (kits.policy, money.by_month(money.federal), money.by_month(money.state))
    return np.stack(
        [np.stack([one[:, a : b + 1].sum(axis=1) for a, b in window.spans], axis=1) for one in monthly]
    )


def arms_of(parts: Sequence[Tallies], arms: int) -> list[Tallies]:
    """Monthly and quarterly tallies of each arm over several parts of a sample."""
    common = [_added([part[field][-1] for part in parts]) for field in range(2)]
    out = []
    for arm in range(arms):
        added = []
        for field in range(2):
            whole = _added([part[field][arm] for part in parts])
            whole += common[field]
            added.append(whole.view(parts[0][field].dtype)[..., 0])
        out.append(Tallies(added[0], added[1], parts[0].yearly[arm]))
    return out


def both(one: Tallies, other: Tallies) -> Tallies:
    """Monthly and quarterly tallies of an arm over two parts of a sample, each without the axis of slots."""
    monthly, quarterly = (
        _added([mine, theirs]).view(mine.dtype)[..., 0]
        for mine, theirs in ((one.monthly, other.monthly), (one.quarterly, other.quarterly))
    )
    return Tallies(monthly, quarterly, one.yearly)


def _added(records: Sequence[np.ndarray]) -> np.ndarray:
    """Sum of records of int64, as a new array of integers."""
    whole = _flat(records[0]).copy()
    for other in records[1:]:
        whole += _flat(other)
    return whole
