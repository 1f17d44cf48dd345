"""Small tallies filled by hand, so that money can be checked without running anybody."""

from __future__ import annotations

import numpy as np

from microsim.engine.finance import PAYERS, Money, price
from microsim.engine.tallies import (
    CELL_OPIOID,
    CELL_OVERDOSES,
    CELL_PERSONS,
    COST_CLASSES,
    COUNT,
    EXPECTED_UNIT,
    THOUSANDTHS,
    Tallies,
    empty,
    of_arm,
)
from microsim.ground.parameters import Parameters
from microsim.ground.schema import COVERS, POPULATION_MONTH, STATES, SUD_CLASSES

MONTHS = 36
LAST = POPULATION_MONTH + MONTHS - 1
OHIO = STATES.index("OH")
ADULT = COVERS.index("adult_group")
UNINSURED = COVERS.index("uninsured")
YOUNG = COST_CLASSES.index("19_44/not_disabled/none")
OUD = COST_CLASSES.index("19_44/not_disabled/oud")
DISABLED = COST_CLASSES.index("45_64/disabled/none")
CHILD = COST_CLASSES.index("0_18/not_disabled/none")
OLD = COST_CLASSES.index("65_up/not_disabled/none")


def nobody(months: int) -> Tallies:
    """Tallies of one arm with zeros."""
    return of_arm(empty(1, months), 0)


def put(
    tallies: Tallies, month: int, state: str, cover: str, cost_class: int, persons: int, sud: str | None = None
) -> None:
    """Add people (whole persons) to a month, counted from January 2024."""
    place, kind = STATES.index(state), COVERS.index(cover)
    usual = "oud_untreated" if COST_CLASSES[cost_class].endswith("/oud") else "none"
    use = SUD_CLASSES.index(sud or usual)
    tallies.monthly["cell"][place, month, kind, use, CELL_PERSONS] += persons * THOUSANDTHS
    tallies.quarterly["money"][place, month // 3, kind, cost_class] += persons * THOUSANDTHS


def count(tallies: Tallies, month: int, state: str, name: str, events: int) -> None:
    """Add events of tallies.COUNTS."""
    tallies.monthly["count"][STATES.index(state), month, 0, COUNT[name]] += events * THOUSANDTHS


def overdose(tallies: Tallies, month: int, state: str, cover: str, events: int, fatal: int = 0) -> None:
    """Add expected opioid overdoses, of which some are fatal."""
    cell = tallies.monthly["cell"][STATES.index(state), month, COVERS.index(cover), 0]
    cell[CELL_OVERDOSES] += events * EXPECTED_UNIT
    cell[CELL_OPIOID] += fatal * EXPECTED_UNIT


def crowd(months: int, seed: int = 1, share: float = 1.0) -> Tallies:
    """People of every cover and class in every state; `share` of the adult group, the rest uninsured."""
    random = np.random.default_rng(seed)
    tallies = nobody(months)
    people = random.integers(1, 4000, (len(STATES), len(COVERS), len(COST_CLASSES))) * THOUSANDTHS
    moved = (people[:, ADULT] * (1.0 - share)).astype(np.int64)
    later = people.copy()
    later[:, ADULT] -= moved
    later[:, UNINSURED] += moved
    sud = [2 if name.endswith("/oud") else int(name.endswith("other_sud")) for name in COST_CLASSES]
    for month in range(months):
        now = people if month < 3 else later
        tallies.quarterly["money"][:, month // 3] += now
        for position, kind in enumerate(sud):
            tallies.monthly["cell"][:, month, :, kind, CELL_PERSONS] += now[:, :, position]
    cells = tallies.monthly["cell"]
    cells[..., CELL_OVERDOSES] = cells[..., CELL_PERSONS] * 20
    cells[..., CELL_OPIOID] = cells[..., CELL_PERSONS]
    events = random.integers(0, 500, tallies.monthly["count"].shape)
    for part, whole in (("cleared_from_data", "checks"), ("renewed_ex_parte", "renewals")):
        events[..., COUNT[part]] = events[..., COUNT[whole]] // 2
    tallies.monthly["count"][:] = events * THOUSANDTHS
    return tallies


def money(
    tallies: Tallies, p: Parameters, first: int = POPULATION_MONTH, last: int = LAST, **extra: Tallies
) -> Money:
    """Price without any outlays of public-health lines."""
    return price(tallies, p, np.zeros((len(STATES), last - first + 1)), first, last, **extra)


def paid(result: Money, component: str, payer: str | None = None) -> int:
    """USD of a component over all states and quarters, of one payer or of all three."""
    amounts = result.component(component)
    return int(amounts.sum() if payer is None else amounts[PAYERS.index(payer)].sum())


def steady(groups: dict[tuple[str, int], int], months: int = MONTHS, state: str = "OH") -> Tallies:
    """The same people in every month."""
    tallies = nobody(months)
    for month in range(months):
        for (cover, cost_class), persons in groups.items():
            put(tallies, month, state, cover, cost_class, persons)
    return tallies
