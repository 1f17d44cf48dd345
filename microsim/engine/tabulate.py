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


def _codes(names: list[str] | tuple[str, ...], positions: np.ndarray) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(positions.astype(np.int16)), pa.array(list(names)))


def monthly_table(arms: dict[str, Tallies], first: int, last: int) -> pa.Table:
    """arm, month, state, cover, sud_class, measure, value for positions `first` to `last` of the run.

    Persons and events in persons; expected events (measures of tallies.CELL after the first) in events.
    Counts are not kept by cover: their cover reads `all`.
    """
    months = [month_name(POPULATION_MONTH + t) for t in range(first, last + 1)]
    parts = []
    for row, (_, tallies) in enumerate(arms.items()):
        cell = tallies.monthly["cell"][:, first : last + 1]
        state, month, cover, sud, measure = np.nonzero(cell)
        divisor = np.where(measure == CELL_PERSONS, THOUSANDTHS, EXPECTED_UNIT)
        parts.append(
            (row, month, state, cover, sud, measure, cell[state, month, cover, sud, measure] / divisor)
        )
        count = tallies.monthly["count"][:, first : last + 1]
        state, month, sud, measure = np.nonzero(count)
        values = count[state, month, sud, measure] / THOUSANDTHS
        parts.append((row, month, state, np.full_like(state, len(COVERS)), sud, measure + len(CELL), values))
    columns = [np.concatenate([part[i] for part in parts]) for i in range(1, 7)]
    arm = np.concatenate([np.full(len(part[1]), part[0]) for part in parts])
    month, state, cover, sud, measure, value = columns
    return pa.table(
        {
            "arm": _codes(tuple(arms), arm),
            "month": _codes(months, month),
            "state": _codes(STATES, state),
            "cover": _codes((*COVERS, ALL), cover),
            "sud_class": _codes(SUD_CLASSES, sud),
            "measure": _codes((*CELL, *COUNTS), measure),
            "value": pa.array(value.astype(np.float64)),
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
        "arm": _codes(tuple(arms), arm),
        "year": _codes(labels, year),
        "state": _codes(STATES, state),
        "age_band": _codes(AGE_BANDS, age),
        "sex": _codes(SEXES, sex),
        "race": _codes(RACES, race),
    }
    for position, name in enumerate(YEAR):
        divisor = EXPECTED_UNIT if position >= EXPECTED_FROM else THOUSANDTHS
        columns[name] = pa.array(np.round(numbers[:, position] / divisor, 3))
    return pa.table(columns)
