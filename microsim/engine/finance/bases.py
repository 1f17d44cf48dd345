"""What is priced: integer person-months and events by state and quarter, cut to a window."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from microsim.engine.tallies import CELL_OPIOID, CELL_OVERDOSES, CELL_PERSONS, COST_CLASSES, COUNTS, Tallies
from microsim.ground.errors import InputError
from microsim.ground.schema import COVERS, POPULATION_MONTH, SUD_CLASSES

Integers = NDArray[np.int64]

QUARTER = 3
MOUD = SUD_CLASSES.index("oud_medication")


class Bases(NamedTuple):
    """Exact quantities by state and quarter; person-months and events in thousandths."""

    quarters: Integers
    """(Q,) first priced month of each quarter"""
    lengths: Integers
    """(Q,) months priced"""
    months: Integers
    """(51, Q, covers, cost classes) person-months"""
    counts: Integers
    """(51, Q, counts) events of tallies.COUNTS over all substance classes"""
    overdoses: Integers
    """(51, Q, covers) expected nonfatal opioid overdoses, in tallies.EXPECTED_UNIT"""
    medication: Integers
    """(51, Q, covers) person-months on medication for opioid use disorder"""

    def events(self, name: str) -> Integers:
        """Events of one name of tallies.COUNTS, shape (51, Q)."""
        return np.asarray(self.counts[..., COUNTS.index(name)])


def reference_of(tallies: Tallies) -> Bases:
    """The first quarter of 2024: the mix of people that the averages of spending belong to."""
    return bases_of(tallies, POPULATION_MONTH, POPULATION_MONTH + QUARTER - 1)


def bases_of(tallies: Tallies, first: int, last: int) -> Bases:
    """Quantities of the months `first` to `last` since January 2015, both included.

    A quarter that the window cuts counts the share of person-months of each cover that lies in the
    window. Raises `InputError` when the tallies do not hold the months.
    """
    held = tallies.monthly.shape[1]
    start, stop = first - POPULATION_MONTH, last - POPULATION_MONTH
    if not 0 <= start <= stop < held:
        end = POPULATION_MONTH + held - 1
        raise InputError(None, "months", (first, last), f"months from {POPULATION_MONTH} to {end}")
    positions = np.arange(start, stop + 1)
    opening = np.flatnonzero(np.diff(positions // QUARTER, prepend=-1))
    priced = tallies.monthly[:, start : stop + 1]
    cells = priced["cell"]
    persons = cells[..., CELL_PERSONS].sum(axis=3)
    nonfatal = (cells[..., CELL_OVERDOSES] - cells[..., CELL_OPIOID]).sum(axis=3)

    def by_quarter(values: Integers) -> Integers:
        return np.asarray(np.add.reduceat(values, opening, axis=1))

    months = tallies.quarterly["money"][:, start // QUARTER : stop // QUARTER + 1].copy()
    whole = months.sum(axis=3)
    covered = by_quarter(persons)
    if (covered != whole).any():
        share = np.divide(covered, whole, out=np.ones(whole.shape), where=whole > 0)
        months = np.rint(months * share[..., None]).astype(np.int64)
    return Bases(
        first + opening,
        np.diff(opening, append=len(positions)),
        months,
        by_quarter(priced["count"].sum(axis=2)),
        by_quarter(nonfatal),
        by_quarter(cells[:, :, :, MOUD, CELL_PERSONS]),
    )


class Group(NamedTuple):
    """People priced alike: a cover, and for people with Medicare and Medicaid an age."""

    name: str
    cover: int
    classes: NDArray[np.bool_]
    """(cost classes,) which of the cover's classes belong"""


def _group(name: str, cover: str, aged: bool | None = None) -> Group:
    old = np.array([text.startswith("65_up") for text in COST_CLASSES])
    every = np.ones(len(COST_CLASSES), bool)
    return Group(name, COVERS.index(cover), every if aged is None else old == aged)


GROUPS = (
    *(_group(name, name) for name in ("adult_group", "waiver_adult", "other_adult", "disabled", "child")),
    _group("dual_aged", "dual", aged=True),
    _group("dual_younger", "dual", aged=False),
)
"""The groups of Medicaid, in the order of the benefit components."""
UNINSURED = _group("uninsured", "uninsured")


def months_of(bases: Bases, group: Group) -> Integers:
    """Person-months of a group in thousandths, shape (51, Q)."""
    return np.asarray(bases.months[:, :, group.cover, group.classes].sum(axis=2))
