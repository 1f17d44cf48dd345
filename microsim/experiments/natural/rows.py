"""A row of a natural experiment, and lives under two rules of one time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from microsim.engine.people import People
from microsim.engine.simulate import simulate
from microsim.engine.tables import build_tables
from microsim.engine.tallies import CELL_PERSONS, COUNT, THOUSANDTHS, Tallies, of_arm
from microsim.ground.parameters import Parameters
from microsim.ground.schema import COVERS, SUD_CLASSES

COLUMNS = ("outcome", "unit", "model", "published", "use", "note")
COMPARED = "compared"
CALIBRATED = "calibrated"
RULE_LOSSES = ("loss_noncompliant", "loss_compliant_unverified", "loss_excluded_unverified")


class Row(NamedTuple):
    """One outcome beside its published value; `use` says whether the value entered the model or is only compared."""

    outcome: str
    unit: str
    model: float
    published: float | None
    use: str
    note: str


def table(rows: Sequence[Row]) -> pd.DataFrame:
    """Rows as a frame with COLUMNS."""
    return pd.DataFrame(rows, columns=list(COLUMNS))


def lived(people: People, arms: Sequence[Parameters], months: int, seed: int, threads: int) -> list[Tallies]:
    """Tallies of arms lived by the same people with the same luck for `months` months from January 2024."""
    length = -(-months // 12) * 12
    total = simulate(people, build_tables(list(arms), length), seed, threads=threads)
    return [of_arm(total, row) for row in range(len(arms))]


def events(tallies: Tallies, *names: str) -> NDArray[np.float64]:
    """People with an event by month, all states; several names are added."""
    counted = tallies.monthly["count"].sum(axis=(0, 2))
    return sum((counted[:, COUNT[name]] for name in names), np.zeros(len(counted))) / THOUSANDTHS


def covered(tallies: Tallies, *kinds: str) -> NDArray[np.float64]:
    """People with a kind of cover by month, all states."""
    persons = tallies.monthly["cell"][..., CELL_PERSONS].sum(axis=(0, 3))
    return persons[:, [COVERS.index(kind) for kind in kinds]].sum(axis=1) / THOUSANDTHS


def in_class(tallies: Tallies, name: str) -> NDArray[np.float64]:
    """People of a substance class by month, all states."""
    persons = tallies.monthly["cell"][..., CELL_PERSONS].sum(axis=(0, 2))
    return np.asarray(persons[:, SUD_CLASSES.index(name)] / THOUSANDTHS)
