"""The list of all residents as whole numbers of people in cells that fix ranges of person ids."""

from __future__ import annotations

import dataclasses

import numpy as np

from microsim.ground.parameters import Parameters
from microsim.ground.schema import STATES
from synthetic_pop.inputs import Array, Tables
from synthetic_pop.margins import (
    GROUPS,
    INMATE,
    KINDS,
    WORKING,
    C,
    Margins,
    largest_remainder,
    raked,
)
from synthetic_pop.substance import OUD, SUBSTANCE, substance_cells
from synthetic_pop.typed import TypeModel

CLASSES = len(SUBSTANCE)
SHAPE = (len(STATES), len(GROUPS), 2, KINDS, CLASSES)
"""Order of ids: state, age group, sex, kind of cover, substance class."""
PER_STATE = len(GROUPS) * 2 * KINDS * CLASSES


@dataclasses.dataclass(frozen=True, slots=True)
class Cells:
    """Counts of all residents and where each cell's ids start."""

    count: Array
    """int64, shape SHAPE; sums to the population."""
    start: Array
    """int64, flat with one more element: ids of cell i are start[i] to start[i + 1] - 1."""

    def total(self) -> int:
        return int(self.start[-1])

    def state_range(self, state: int) -> tuple[int, int]:
        """First id of a state and of the next."""
        return int(self.start[state * PER_STATE]), int(self.start[(state + 1) * PER_STATE])


def _cover_seed(p: Parameters, model: TypeModel, margins: Margins, tables: Tables) -> Array:
    """Starting table (state, kind, group, sex): residents times the chance of each cover there."""
    e = model.entries
    weight = np.zeros((KINDS, len(GROUPS), 2))
    np.add.at(weight, (e.kind, e.group, e.sex), e.weight)
    nation = margins.people.sum(0)
    rate = weight / nation
    rate[:, :3] = 0
    for cover in ("uninsured", "employer", "marketplace", "child", "other_cover"):
        rate[C[cover], :3] = 1
    # At 18 few still hold cover as a child by another basis; uninsurance rises.
    rate[C["uninsured"], 2] = p.number("population.cover.uninsured_18")
    seed = rate[None] * margins.people[:, None]
    survey = tables.counts("cover_state", {"state": len(STATES), "band": 7, "sex": 3, "klass": 5})
    survey = survey[:, :, [2, 1]]
    for kind, klass in ((C["uninsured"], 0), (INMATE, 4)):
        seen = survey[:, 1:6, :, klass]
        # Suppressed cells hold what the nation's rates give in a state of this level.
        people = margins.people[:, WORKING]
        usual = people * (seen.sum(0) / people.sum(0))
        level = margins.covers[:, 1, kind] / usual.sum((1, 2))
        base = np.where(seen > 0, seen, usual * level[:, None, None])
        seed[:, kind, WORKING] = base
    return seed


def cover_cells(p: Parameters, model: TypeModel, margins: Margins, tables: Tables) -> Array:
    """Whole numbers of people (state, kind, group, sex) meeting residents exactly, covers nearly."""
    seed = _cover_seed(p, model, margins, tables)
    out = np.zeros(seed.shape, np.int64)
    for state in range(len(STATES)):
        for part, span in enumerate((slice(0, 3), WORKING, slice(8, 9))):
            people = margins.people[state, span].reshape(-1)
            table = raked(seed[state, :, span].reshape(KINDS, -1).T, people, margins.covers[state, part])
            whole = np.stack(
                [largest_remainder(row, int(n)) for row, n in zip(table, people, strict=True)], 1
            )
            out[state, :, span] = whole.reshape(KINDS, -1, 2)
    return out


def _whole_classes(people: Array, cells: Array) -> Array:
    """Round people by class so that running sums stay within half a person in every state and class."""
    states = people.shape[0]
    shape = people.shape
    flat = people.reshape(states, -1, CLASSES)
    running = np.rint(flat[..., 1:].cumsum(1))
    whole = np.diff(running, axis=1, prepend=0).astype(np.int64)
    room = cells.reshape(states, -1)
    # A cell with fewer people than its rounded classes gives up the most common ones first.
    over = whole.sum(-1) - room
    for state, cell in zip(*np.nonzero(over > 0), strict=True):
        row = whole[state, cell]
        for _ in range(int(over[state, cell])):
            row[np.argmax(row)] -= 1
    none = room - whole.sum(-1)
    return np.concatenate([none[..., None], whole], -1).reshape(shape)


def make_cells(p: Parameters, tables: Tables, model: TypeModel, margins: Margins) -> Cells:
    """Counts of all residents in the order of ids."""
    cells = cover_cells(p, model, margins, tables)
    people = substance_cells(p, tables, cells.astype(np.float64))
    count = _whole_classes(people, cells)
    count = np.ascontiguousarray(count.transpose(0, 2, 3, 1, 4))
    start = np.zeros(count.size + 1, np.int64)
    np.cumsum(count.reshape(-1), out=start[1:])
    return Cells(count, start)


def has_oud(count: Array) -> Array:
    """People with opioid use disorder, not in remission, over the last axis."""
    return count[..., OUD].sum(-1)
