"""Crowding of grant-funded treatment by the newly uninsured: a mean-field correction in two passes.

Slots are finite. A first pass over people with opioid use disorder measures, by state and quarter,
how many of them are uninsured under each arm; access in the second pass falls with demand relative to the
first arm's. Without a difference the ratio is exactly one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from microsim.engine.people import People
from microsim.engine.simulate import simulate
from microsim.engine.tables import Crowding, Tables, build_tables, crowded
from microsim.engine.tallies import CELL_PERSONS, Tallies
from microsim.ground.parameters import Parameters
from microsim.ground.schema import COVERS, OPIOIDS, SUD_CLASSES

QUARTER = 3
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
"""Odd multiplier that scatters neighbouring person ids (Knuth's multiplicative hashing)."""
_UNINSURED = COVERS.index("uninsured")
_DEMAND = [SUD_CLASSES.index("oud_untreated"), SUD_CLASSES.index("oud_medication")]
_NO_DEMAND = (OPIOIDS.index("none"), OPIOIDS.index("remission"))


def crowding_of(
    people: People, arms: Sequence[Parameters], tables: Tables, seed: int, threads: int, one_in: int
) -> list[Crowding | None]:
    """Crowding tables of all arms; None for the first, and for arms without any difference."""
    if arms_agree(tables):
        return [None] * len(arms)
    return crowding_from(simulate(in_demand(people, one_in), tables, seed, threads=threads), tables)


def arms_agree(tables: Tables) -> bool:
    """Whether no arm differs from the first anywhere, so that nothing can crowd."""
    return bool((tables.fork >= tables.places.shape[2]).all())


def in_demand(people: People, one_in: int) -> People:
    """People of the first pass: about one in `one_in` of those with opioid use disorder."""
    chosen = np.flatnonzero(~np.isin(people.records["opioid"], _NO_DEMAND) & _sampled(people, one_in))
    return People(people.records[chosen], people.poor[chosen])


def crowding_from(total: Tallies, tables: Tables) -> list[Crowding | None]:
    """Crowding tables of all arms, None for the first, from the tallies of the first pass."""
    held = total.monthly["cell"][:, :, :, _UNINSURED][..., _DEMAND, CELL_PERSONS].sum(axis=3)
    demand = []
    for arm in range(len(held) - 1):
        persons = held[arm] + held[-1]
        quarters = persons.shape[1] // QUARTER
        demand.append(persons[:, : quarters * QUARTER].reshape(len(persons), quarters, QUARTER).sum(axis=2))
    out: list[Crowding | None] = [None]
    for arm in range(1, len(demand)):
        ratio = np.where(demand[0] > 0, demand[arm] / np.maximum(demand[0], 1), 1.0)
        access = np.repeat(1.0 / np.maximum(ratio, 1.0), QUARTER, axis=1)
        months = tables.places.shape[2]
        access = np.concatenate([access, np.repeat(access[:, -1:], months - access.shape[1], axis=1)], axis=1)
        out.append(Crowding(access))
    return out


def _sampled(people: People, one_in: int) -> np.ndarray:
    """Bool (n,): about one person in `one_in`, by identity, so that order and other states do not matter."""
    mixed = people.records["person_id"].astype(np.uint64) * _GOLDEN
    return (mixed >> np.uint64(32)) % np.uint64(one_in) == 0


def tables_with_crowding(
    people: People, arms: Sequence[Parameters], months: int, seed: int, threads: int, one_in: int
) -> tuple[Tables, list[Crowding | None]]:
    """Tables of all arms after the first pass."""
    plain = build_tables(arms, months)
    crowding = crowding_of(people, arms, plain, seed, threads, one_in)
    if all(one is None for one in crowding):
        return plain, crowding
    return crowded(plain, arms, crowding), crowding
