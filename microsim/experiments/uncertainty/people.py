"""What is not known about the people: sizes of groups, by re-weighting what each group contributes.

Survey and claims disagree on how many people have an opioid use disorder and how they are covered, and
on how many in the adult group do not work. Each draw changes the weights of those groups; nobody lives
again. Counts that are known stay: the adult group as a whole, and the overdose deaths of 2024.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from microsim.engine import tallies
from microsim.engine.tallies import CELL_NONOPIOID, CELL_OPIOID, Tallies
from microsim.experiments.sampling import at, points_of
from microsim.experiments.uncertainty.outcomes import ROW, priced, slot_change
from microsim.experiments.uncertainty.sample import Arm, Sample, lived, tables_of
from microsim.experiments.uncertainty.spread import Bench
from microsim.ground.parameters import load_parameters
from microsim.ground.schema import COVERS, STRATA, WORK_CLASSES

CELLS = (
    "other_people", "adult_group_working", "adult_group_not_working", "other_substance",
    "oud_adult_group", "oud_other_medicaid", "oud_uninsured", "oud_other",
)  # fmt: skip
OTHER, WORKING, NOT_WORKING, SUBSTANCE, OUD_GROUP, OUD_MEDICAID, OUD_UNINSURED, OUD_OTHER = range(len(CELLS))
OUD = (OUD_GROUP, OUD_MEDICAID, OUD_UNINSURED, OUD_OTHER)
STOCK, MEDICAID, ADULT_GROUP, UNINSURED, NOT_AT_WORK, SUD = RECORDS = (
    "population.oud.stock", "population.oud.medicaid", "population.oud.adult_group",
    "population.oud.uninsured", "population.profile.work_none", "population.state.sud",
)  # fmt: skip
"""What is uncertain; each is drawn from its own interval."""
OPIOID_ROWS = ("overdoses_nonfatal", "opioid_overdose_deaths")


class Cells(NamedTuple):
    """What each group of people contributes to the change of each measure, and to the deaths of 2024."""

    change: np.ndarray
    """float (cells, measures, 1 + years): nation"""
    deaths: np.ndarray
    """float (cells, 2): opioid, other drugs"""
    weight: np.ndarray
    """float (cells,)"""


def cell_of(sample: Sample) -> np.ndarray:
    """Position in `CELLS` of each person, int64 (n,)."""
    records = sample.people.records
    stratum = np.array(STRATA)[records["stratum"]]
    cover = np.array(COVERS)[records["cover"]]
    out = np.full(len(records), OTHER)
    group = np.isin(stratum, ("expansion",))
    idle = records["work_class"] == WORK_CLASSES.index("not_working")
    out[group & ~idle], out[group & idle] = WORKING, NOT_WORKING
    out[stratum == "other_sud"] = SUBSTANCE
    oud = np.isin(stratum, ("oud", "oud_expansion"))
    out[oud] = OUD_OTHER
    medicaid = np.isin(cover, ("waiver_adult", "other_adult", "disabled", "child", "dual"))
    out[oud & medicaid] = OUD_MEDICAID
    out[oud & (cover == "uninsured")] = OUD_UNINSURED
    out[oud & (cover == "adult_group")] = OUD_GROUP
    return out


def cells_of(
    bench: Bench, arms: Sequence[Arm], full: Sequence[Tallies] | None = None, threads: int = 1
) -> Cells:
    """Each group lived apart, at the central parameters. Money is priced at the mix of `full`."""
    tables = tables_of(arms, bench.window.months)
    cell = cell_of(bench.sample)
    nobody = bench.sample.part(np.zeros(len(cell), bool))
    empty = _money(bench, arms, lived(nobody, tables, bench.seed), full)

    def alone(number: int) -> tuple[np.ndarray, np.ndarray, float]:
        mine = bench.sample.part(cell == number)
        total = lived(mine, tables, bench.seed)
        money = _money(bench, arms, total, full) - empty
        rows = np.concatenate([slot_change(total, 1, bench.window), money]).sum(axis=1)
        year = tallies.of_arm(total, 0).monthly["cell"][:, :12].sum(axis=(0, 1, 2, 3))
        deaths = year[[CELL_OPIOID, CELL_NONOPIOID]] / tallies.EXPECTED_UNIT
        return rows, deaths, float(mine.weights.sum())

    with ThreadPoolExecutor(max(1, threads)) as pool:
        found = list(pool.map(alone, range(len(CELLS))))
    return Cells(*(np.array(column) for column in zip(*found, strict=True)))


def _money(bench: Bench, arms: Sequence[Arm], total: Tallies, full: Sequence[Tallies] | None) -> np.ndarray:
    from microsim.experiments.uncertainty.spread import priced_shape

    if full is None or not bench.money:
        return np.zeros(priced_shape(bench.window))
    values = [
        priced(arm.tree, tallies.of_arm(total, row), bench.window, full[row])
        for row, arm in enumerate(arms[:2])
    ]
    return np.asarray(values[1] - values[0])


def factors_of(weight: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Factors on the weights of `CELLS` by draw, shape (count, cells)."""
    p = load_parameters()
    normal = points_of(len(RECORDS), count, seed + 1)
    records = [p.record(id_) for id_ in RECORDS]
    centre = [1.0 if r.interval_factor else p.number(r.id) for r in records]
    drawn = {
        r.id: np.array([at(r, c, z) for z in normal[:, i]])
        for i, (r, c) in enumerate(zip(records, centre, strict=True))
    }
    central = dict(zip(RECORDS, centre, strict=True))

    def shares(values: dict[str, np.ndarray] | dict[str, float]) -> np.ndarray:
        medicaid, group, none = values[MEDICAID], values[ADULT_GROUP], values[UNINSURED]
        return np.array([medicaid * group, medicaid * (1 - group), none, np.maximum(1 - medicaid - none, 0)])

    out = np.ones((count, len(CELLS)))
    ratio = shares(drawn) / shares(central)[:, None]
    out[:, OUD] = (ratio * (drawn[STOCK] / central[STOCK])).T
    out[:, SUBSTANCE] = drawn[SUD]
    out[:, NOT_WORKING] = drawn[NOT_AT_WORK]
    # The adult group is counted: what people with a disorder take, and what those not at work take, others give.
    counted = weight[[WORKING, NOT_WORKING]].sum() + weight[OUD_GROUP]
    rest = (out[:, [WORKING, NOT_WORKING]] * weight[[WORKING, NOT_WORKING]]).sum(axis=1)
    left = np.maximum(counted - out[:, OUD_GROUP] * weight[OUD_GROUP], 0.0)
    scale = np.divide(left, rest, out=np.ones(count), where=rest > 0)
    out[:, [WORKING, NOT_WORKING]] *= scale[:, None]
    return out


def relative_moves(cells: Cells, count: int, seed: int) -> np.ndarray:
    """What re-weighting adds to the nation's change, relative to it, shape (count, measures, 1 + years)."""
    factors = factors_of(cells.weight, count, seed)
    moved = np.einsum("dc,cms->dms", factors, cells.change)
    known = cells.deaths.sum(axis=0)
    back = known / np.maximum(np.einsum("dc,cx->dx", factors, cells.deaths), 1e-9)
    every, opioid = ROW["overdose_deaths"], ROW["opioid_overdose_deaths"]
    other = moved[:, every] - moved[:, opioid]
    for name in OPIOID_ROWS:
        moved[:, ROW[name]] *= back[:, [0]]
    moved[:, every] = moved[:, opioid] + other * back[:, [1]]
    centre = cells.change.sum(axis=0)
    return np.divide(moved - centre, centre, out=np.zeros_like(moved), where=np.abs(centre) > 0)
