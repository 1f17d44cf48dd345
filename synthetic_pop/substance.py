"""Numbers of people by substance class: opioid states, any disorder, remission."""

from __future__ import annotations

import numpy as np

from microsim.ground.parameters import Parameters
from microsim.ground.schema import STATES
from synthetic_pop.inputs import Array, Tables
from synthetic_pop.margins import GROUP_BAND, GROUPS, INMATE, KINDS, MEDICAID, WORKING, C

SUBSTANCE = (
    "none",
    "other_sud",
    "active",
    "nonmedication",
    "buprenorphine",
    "methadone",
    "xr_naltrexone",
    "left_medication",
    "remission",
    "remission_other",
)
"""Substance class of a cell: `other_sud` has an active disorder other than opioid, and
`remission_other` one besides a past opioid disorder."""
OUD = slice(2, 8)
ON_DRUG = slice(4, 7)
REMISSION = slice(8, 10)
OPIOID_STATE = np.array([0, 0, 1, 2, 3, 4, 5, 6, 7, 7], dtype=np.uint8)
"""Schema opioid code of each class."""
HAS_OTHER = np.array([0, 1, 0, 0, 0, 0, 0, 0, 0, 1], dtype=np.uint8)


def _fit(table: Array, margins: list[tuple[Array, Array]], rounds: int = 60) -> Array:
    """Rake a table (state, kind, group, sex) to margins given as (label of each cell, target by label).

    A negative label is outside the margin; a nan target is free.
    """
    flat = table.reshape(-1).copy()
    for _ in range(rounds):
        for labels, targets in margins:
            inside = labels >= 0
            sums = np.bincount(labels[inside], flat[inside], len(targets))
            factor = np.divide(targets, sums, out=np.ones_like(sums), where=sums > 0)
            factor[np.isnan(targets)] = 1.0
            flat[inside] *= factor[labels[inside]]
    return flat.reshape(table.shape)


def _labels(shape: tuple[int, ...], axis: int) -> Array:
    index = np.arange(shape[axis]).reshape([-1 if i == axis else 1 for i in range(len(shape))])
    return np.broadcast_to(index, shape).reshape(-1).astype(np.int64)


def oud_cells(p: Parameters, cells: Array) -> Array:
    """People with opioid use disorder, not in remission: (state, kind, group, sex) as `cells`."""
    stock = p.number("population.oud.stock")
    adults = cells[:, :, 2:].sum((1, 2, 3))
    by_state = p.array("population.state.oud_pattern", "state") * adults
    by_state *= stock / by_state.sum()
    ages = np.zeros(len(GROUPS))
    ages[2:] = p.array("population.oud.age", "age_band")[GROUP_BAND[2:]] * stock
    male = p.number("population.oud.male")
    working = ages[WORKING].sum()
    inmates = p.number("population.oud.inmates") * cells[:, INMATE].sum()
    free = working - inmates
    medicaid, uninsured = p.number("population.oud.medicaid"), p.number("population.oud.uninsured")
    group = medicaid * p.number("population.oud.adult_group")
    # Labels of cover for ages 19-64: uninsured, adult group, other Medicaid, all else, inmates.
    kind_label = np.full(KINDS, 3)
    kind_label[C["uninsured"]], kind_label[list(MEDICAID)], kind_label[INMATE] = 0, 2, 4
    kind_label[[C["adult_group"], C["waiver_adult"]]] = 1
    targets = np.array(
        [
            uninsured * free,
            group * free,
            (medicaid - group) * free,
            (1 - medicaid - uninsured) * free,
            inmates,
        ]
    )
    cover = np.broadcast_to(kind_label[None, :, None, None], cells.shape).copy()
    cover[:, :, :3], cover[:, :, 8:] = -1, -1

    risk = np.append(p.array("population.oud.risk", "cover"), p.number("population.oud.risk_inmates"))
    seed = cells * risk[None, :, None, None]
    seed[:, :, :2] = 0
    margins = [
        (cover.reshape(-1), targets),
        (_labels(cells.shape, 2), ages),
        (_labels(cells.shape, 3), np.array([1 - male, male]) * stock),
        (_labels(cells.shape, 0), by_state),
    ]
    table, most = _fit(seed, margins), p.number("population.oud.most") * cells
    for _ in range(5):
        table = _fit(np.minimum(table, most), margins, 3)
    return np.minimum(table, most)


def _medication_pattern(p: Parameters, drug: int, stock: Array) -> Array:
    """Relative propensity of a medication by state, from treatment counts shrunk to 1."""

    def level(name: str) -> Array:
        return p.array(f"population.state.{name}", "state")

    if drug == 0:
        residents = p.array("population.residents", "state", "age_band", "sex").sum((1, 2))
        seen = level("buprenorphine_fills") * residents
    elif drug == 1:
        seen = np.maximum(level("methadone_2022"), level("methadone_2023"))
    else:
        return np.ones(len(STATES))
    rate = seen / stock
    return (rate / (seen.sum() / stock.sum())) ** p.number("population.oud.pattern_shrink")


def opioid_states(p: Parameters, oud: Array) -> Array:
    """People by opioid state, last axis (active, nonmedication, three drugs, left): same cells as `oud`."""
    by_drug = p.array("population.oud.on_drug", "drug")
    share = p.number("population.oud.medication_medicaid")
    odds = p.number("population.oud.medication_uninsured")
    totals = np.array(
        [0.0, p.number("population.oud.nonmedication"), *by_drug, p.number("population.oud.left_medication")]
    )
    totals[0] = oud.sum() - totals.sum()
    stock = oud.sum((1, 2, 3))
    weight = np.tile(totals / oud.sum(), (*oud.shape, 1))
    for drug in range(3):
        weight[..., 2 + drug] *= _medication_pattern(p, drug, stock)[:, None, None, None]
    weight[:, C["uninsured"], ..., 1:] *= odds
    weight[:, INMATE, ..., 1:] *= odds
    covered = np.zeros(KINDS, bool)
    covered[list(MEDICAID)] = True
    # The published share leaves out people in prisons and jails.
    others = ~covered
    others[INMATE] = False
    for _ in range(60):
        weight /= weight.sum(-1, keepdims=True)
        people = weight * oud[..., None]
        on = people[:, :, WORKING, :, 2:5].sum((0, 2, 3, 4))
        odds_now = share / (1 - share) / max(on[covered].sum() / on[others].sum(), 1e-9)
        weight[:, covered, ..., 2:] *= odds_now
        sums = (weight * oud[..., None]).sum((0, 1, 2, 3))
        weight *= totals / np.maximum(sums, 1e-9)
    weight /= weight.sum(-1, keepdims=True)
    return weight * oud[..., None]


def nsduh_rates(tables: Tables) -> Array:
    """Alcohol, cannabis and either disorder by group, sex and Medicaid: (group, 2, 2, 3)."""
    table = tables["disorder_rates"]
    out = np.zeros((len(GROUPS), 2, 2, 3))
    for age, sex, medicaid, *rates in zip(
        *(table[c] for c in ("age", "sex", "medicaid", "alcohol", "cannabis", "either")), strict=True
    ):
        groups = {0: (2, 3), 1: (4,), 2: (5,), 3: (6, 7, 8)}[int(age)]
        for group in groups:
            out[group, int(sex), int(medicaid)] = rates
    return out


def other_cells(p: Parameters, tables: Tables, cells: Array, oud: Array) -> Array:
    """People with a disorder other than opioid and no opioid disorder: cells as `cells`."""
    adults = cells[:, :, 2:].sum((1, 2, 3))
    target = p.array("population.state.sud", "state") * adults - oud.sum((1, 2, 3))
    covered = np.zeros(KINDS, bool)
    covered[list(MEDICAID)] = True
    rates = nsduh_rates(tables)[..., 2]
    seed = np.where(covered[None, :, None, None], rates[None, None, :, :, 1], rates[None, None, :, :, 0]) * (
        cells - oud
    )
    in_medicaid = cells[:, covered, 2:].sum()
    medicaid = p.number("population.sud.medicaid") * in_medicaid - oud[:, covered].sum()
    inmates = p.number("population.sud.inmates") * cells[:, INMATE].sum()
    label = np.where(covered, 0, 1)
    label[INMATE] = 2
    label[C["child"]] = 3
    margins = [
        (
            np.broadcast_to(label[None, :, None, None], cells.shape).reshape(-1),
            np.array([medicaid, np.nan, inmates, np.nan]),
        ),
        (_labels(cells.shape, 0), target),
    ]
    return np.minimum(_fit(seed, margins), p.number("population.sud.most") * (cells - oud))


def substance_cells(p: Parameters, tables: Tables, cells: Array) -> Array:
    """People by substance class: float64 (state, kind, group, sex, class) summing to `cells`."""
    oud = oud_cells(p, cells)
    other = other_cells(p, tables, cells, oud)
    out = np.zeros((*cells.shape, len(SUBSTANCE)))
    out[..., OUD] = opioid_states(p, oud)
    room = cells - oud
    number = p.number
    remission = np.minimum(
        oud * (number("population.oud.remission") / oud.sum()), number("population.oud.most_remission") * room
    )
    both = np.minimum(
        number("population.sud.remission_other") * remission,
        number("population.sud.most_remission_other") * other,
    )
    out[..., 9] = both
    out[..., 8] = np.minimum(remission - both, number("population.oud.most_remission_only") * (room - other))
    out[..., 1] = other - both
    out[..., 0] = cells - out.sum(-1)
    return out
