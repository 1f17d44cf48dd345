"""Tallies of the arms as long tables: by month and by year, one row a cell that is not zero."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from microsim.engine.tallies import (
    CELL,
    CELL_PERSONS,
    COUNTS,
    EXPECTED_FROM,
    EXPECTED_UNIT,
    THOUSANDTHS,
    YEAR,
    Tallies,
)
from microsim.ground.arrow import arrow, arrow_codes
from microsim.ground.calendar import month_name
from microsim.ground.schema import (
    AGE_BANDS,
    COVERS,
    EPOCH_YEAR,
    POPULATION_MONTH,
    RACES,
    SEXES,
    STATES,
    SUD_CLASSES,
)

ARM_NAMES = ("baseline", "policy")
ALL = "all"


def _cells(held: np.ndarray, divisors: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
    """Positions along each axis, and values by the divisors of the last axis, where `held` is not zero.

    The first two axes are looked up apart from the others: both tables stay small, and only one division is
    left for each cell.
    """
    at = np.flatnonzero(held)
    outer, inner = held.shape[:2], held.shape[2:]
    place, cell = np.divmod(at, np.prod(inner))
    found = [axis.ravel()[place] for axis in np.indices(outer, np.int16)]
    found += [axis.ravel()[cell] for axis in np.indices(inner, np.int16)]
    return found, held.ravel()[at] / divisors[found[-1]]


def monthly_table(arms: dict[str, Tallies], first: int, last: int) -> pa.Table:
    """arm, month, state, cover, sud_class, measure, value for positions `first` to `last` of the run.

    Persons and events in persons; expected events (measures of tallies.CELL after the first) in events.
    Counts are not kept by cover: their cover reads `all`.
    """
    months = [month_name(POPULATION_MONTH + t) for t in range(first, last + 1)]
    of_cell = np.where(np.arange(len(CELL)) == CELL_PERSONS, THOUSANDTHS, EXPECTED_UNIT)
    of_count = np.full(len(COUNTS), THOUSANDTHS)
    parts = []
    for row, tallies in enumerate(arms.values()):
        monthly = tallies.monthly[:, first : last + 1]
        (state, month, cover, sud, measure), values = _cells(np.ascontiguousarray(monthly["cell"]), of_cell)
        parts.append((np.full_like(state, row), month, state, cover, sud, measure, values))
        (state, month, sud, measure), values = _cells(np.ascontiguousarray(monthly["count"]), of_count)
        everyone = np.full_like(state, len(COVERS))
        parts.append((np.full_like(state, row), month, state, everyone, sud, measure + len(CELL), values))
    arm, month, state, cover, sud, measure, value = map(np.concatenate, zip(*parts, strict=True))
    return pa.table(
        {
            "arm": arrow_codes(tuple(arms), arm),
            "month": arrow_codes(months, month),
            "state": arrow_codes(STATES, state),
            "cover": arrow_codes((*COVERS, ALL), cover),
            "sud_class": arrow_codes(SUD_CLASSES, sud),
            "measure": arrow_codes((*CELL, *COUNTS), measure),
            "value": arrow(value),
        }
    )


def annual_table(arms: dict[str, Tallies], first: int, last: int) -> pa.Table:
    """arm, year, state, age_band, sex, race, and one column a measure of tallies.YEAR.

    Whole calendar years that the window touches; cells without anybody are absent. Months and events
    in persons, expected events in events, rounded to thousandths.
    """
    years = range(first // 12, last // 12 + 1)
    labels = [str(EPOCH_YEAR + POPULATION_MONTH // 12 + year) for year in years]
    keys, values = [], []
    for row, tallied in enumerate(arms.values()):
        people = tallied.yearly["people"][:, years.start : years.stop]
        where = np.nonzero(people.any(axis=-1))
        keys.append(np.stack([np.full_like(where[0], row), *where]))
        values.append(people[where])
    arm, state, year, age, sex, race = np.concatenate(keys, axis=1)
    numbers = np.concatenate(values)
    columns: dict[str, pa.Array] = {
        "arm": arrow_codes(tuple(arms), arm),
        "year": arrow_codes(labels, year),
        "state": arrow_codes(STATES, state),
        "age_band": arrow_codes(AGE_BANDS, age),
        "sex": arrow_codes(SEXES, sex),
        "race": arrow_codes(RACES, race),
    }
    for position, name in enumerate(YEAR):
        divisor = EXPECTED_UNIT if position >= EXPECTED_FROM else THOUSANDTHS
        columns[name] = arrow(np.round(numbers[:, position] / divisor, 3))
    return pa.table(columns)
