"""Types of people by cover: survey types, tilted to each basis of cover, raked to each state."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np

from microsim.ground.compiled import compiled
from microsim.ground.parameters import Parameters
from microsim.ground.schema import COVERS, STATES
from synthetic_pop import grid
from synthetic_pop.inputs import Array, Tables
from synthetic_pop.margins import GROUP_BAND, GROUPS, KINDS, SURVEY_CLASS, C

INCOME_NAMES = ("under_50", "50_99", "100_137", "138_249", "250_399", "400_up")
WORK_NAMES = ("none", "under_80", "part_year", "all_year")
RAKE_ROUNDS = 12


class Entries(NamedTuple):
    """Possible combinations of kind of cover, group, sex, fine age and type, sorted by cell."""

    kind: Array
    group: Array
    sex: Array
    fine: Array
    type: Array
    weight: Array
    """Survey weight times the cover's profile."""
    start: Array
    """(kind, group, sex) + 1 boundaries of cells, flattened."""


def profile(p: Parameters) -> Array:
    """Relative weight of every type within its survey class, by cover: (kind, type)."""
    _educ, dis, _spouse, kids, work, income = grid.type_parts(np.arange(grid.TYPES))

    def by(name: str) -> Array:
        return p.array(f"population.profile.{name}", "cover")

    out = np.ones((KINDS, grid.TYPES))
    top = out[: len(COVERS)]
    top *= np.where(dis == 1, by("disability")[:, None], 1.0)
    for level, name in enumerate(INCOME_NAMES):
        top *= np.where(income == level, by(f"income_{name}")[:, None], 1.0)
    for level, name in enumerate(WORK_NAMES):
        top *= np.where(work == level, by(f"work_{name}")[:, None], 1.0)
    poor = (kids > 0) & (income == 0)
    top *= np.where(poor, by("parent_poor")[:, None], 1.0)
    top *= np.where((kids > 0) & ~poor, by("parent")[:, None], 1.0)
    top *= np.where(kids == 0, by("childless")[:, None], 1.0)
    return out


def entries(p: Parameters, tables: Tables) -> Entries:
    """All combinations with weight; children borrow the types of single childless people of 19-21."""
    types = tables["types"]
    klass, fine = types["klass"].astype(np.int64), types["fine"].astype(np.int64)
    sex, code, w = 2 - types["sex"].astype(np.int64), types["type"].astype(np.int64), types["w"].astype(float)
    tilt = profile(p)
    _, _, spouse, kids, _, _ = grid.type_parts(code)
    single = (fine == grid.FIRST_ADULT_FINE) & (spouse == 0) & (kids == 0)
    covers_of = {
        0: ("child", "uninsured", "employer", "marketplace", "other_cover"),
        8: ("uninsured", "dual", "medicare"),
    }
    rows = []
    for kind in range(KINDS):
        source = SURVEY_CLASS[kind]
        for group, band in enumerate(GROUP_BAND):
            if group < 3:
                if kind >= len(COVERS) or COVERS[kind] not in covers_of[0]:
                    continue
                pick = single & (klass == source)
            elif band == 6:
                if kind >= len(COVERS) or COVERS[kind] not in covers_of[8]:
                    continue
                # Survey records of 65 and over are split by Medicaid and by having no cover only.
                use = {C["dual"]: 3, C["medicare"]: 3, C["uninsured"]: 0}[kind]
                pick = (grid.FINE_BAND[fine] == 6) & (klass == use)
            else:
                if kind == C["child"]:
                    continue
                pick = (grid.FINE_BAND[fine] == band) & (klass == source)
            index = np.flatnonzero(pick)
            tilted = 3 <= group < 8 or kind == C["dual"]
            weight = w[index] * (tilt[kind, code[index]] if tilted else 1.0)
            rows.append(
                (
                    np.full(len(index), kind),
                    np.full(len(index), group),
                    sex[index],
                    fine[index],
                    code[index],
                    weight,
                )
            )
    joined = [np.concatenate([r[i] for r in rows]) for i in range(6)]
    # By kind, then group, sex, age and type.
    order = np.lexsort(joined[4::-1])
    kinds, groups, sexes, fines, codes, weights = (column[order] for column in joined)
    cell = (kinds * len(GROUPS) + groups) * 2 + sexes
    start = np.searchsorted(cell, np.arange(KINDS * len(GROUPS) * 2 + 1))
    return Entries(kinds, groups, sexes, fines, codes, weights, start)


def fine_ages(tables: Tables) -> Array:
    """Share of each fine age in the state's group against the nation's: (state, fine, sex)."""
    age = tables.counts("age_state", {"state": len(STATES), "sex": 3, "age": 120})[:, [2, 1]]
    edges = np.r_[np.array(grid.FINE_STARTS), 120]
    fine = np.stack([age[:, :, lo:hi].sum(-1) for lo, hi in itertools.pairwise(edges)], 1)
    nation = fine.sum(0, keepdims=True)
    return (fine / fine.sum((1, 2), keepdims=True)) / (nation / nation.sum())


def poverty_shift(p: Parameters) -> Array:
    """Cumulative published shares of residents under 50, 100, about 138 and 200% of poverty: (state, 4)."""
    names = ("under_50", "50_99", "100_124", "125_149", "150_184", "185_199")
    parts = np.stack([p.array(f"population.state.poverty_{n}", "state") for n in names], 1)
    whole = parts.cumsum(1)
    limit = whole[:, 2] + parts[:, 3] * p.number("population.poverty_under_138")
    return np.stack([whole[:, 0], whole[:, 1], limit, whole[:, 5]], 1)


def feature_margins(p: Parameters, tables: Tables, without: tuple[int, ...] = ()) -> dict[str, Array]:
    """Shares by level of each feature among ages 19-64: feature -> (state, level).

    Incomes of California and Texas are imputed in the records: their shares come from a line
    through the other states between the logits of survey and published cumulative poverty shares.
    States in `without` have the pooled shares of the others.
    """
    table = tables["margins_state"]
    out: dict[str, Array] = {}
    for name, levels in zip(grid.FEATURES, grid.SHAPE, strict=True):
        pick = table["feature"] == name
        counts = np.zeros((len(STATES), levels))
        np.add.at(
            counts, (table["state"][pick].astype(int), table["level"][pick].astype(int)), table["w"][pick]
        )
        if without:
            keep = np.setdiff1d(np.arange(len(STATES)), without)
            counts[list(without)] = counts[keep].sum(0)
        out[name] = counts / counts.sum(1, keepdims=True)
    published = poverty_shift(p)
    imputed = np.array([STATES.index("CA"), STATES.index("TX"), *without])
    real = np.setdiff1d(np.arange(len(STATES)), imputed)
    below = out["income"].cumsum(1)

    def logit(x: Array) -> Array:
        return np.log(x / (1 - x))

    for edge, level in ((0, 0), (1, 1), (2, 2), (3, 3), (3, 4)):
        fit = np.polyfit(logit(published[real, edge]), logit(below[real, level]), 1)
        below[imputed, level] = 1 / (1 + np.exp(-np.polyval(fit, logit(published[imputed, edge]))))
    out["income"][imputed] = np.diff(
        np.c_[np.zeros(len(imputed)), np.maximum.accumulate(below[imputed], 1)], axis=1
    )
    return out


@compiled
def rake_state(weight, start, cells, codes, targets, levels, working, rounds):  # pragma: no cover
    """Rake entry weights (n,) in place to feature shares and, last, to cell totals.

    `codes` (features, n) levels, `targets` (features, most levels) shares of the working ages,
    `cells` (cells,) people, `start` (cells + 1,) entry ranges, `working` (n,) bool.
    """
    features = codes.shape[0]
    n = weight.size
    for turn in range(rounds + 1):
        for cell in range(cells.size):
            total = 0.0
            for i in range(start[cell], start[cell + 1]):
                total += weight[i]
            factor = cells[cell] / total if total > 0.0 else 0.0
            for i in range(start[cell], start[cell + 1]):
                weight[i] *= factor
        if turn == rounds:
            return
        for f in range(features):
            sums = np.zeros(levels[f])
            for i in range(n):
                if working[i]:
                    sums[codes[f, i]] += weight[i]
            total = sums.sum()
            if total > 0.0:
                for level in range(levels[f]):
                    sums[level] = targets[f, level] * total / sums[level] if sums[level] > 0.0 else 1.0
                for i in range(n):
                    if working[i]:
                        weight[i] *= sums[codes[f, i]]


class TypeModel(NamedTuple):
    """Everything needed to weigh entries in any state."""

    entries: Entries
    codes: Array
    working: Array
    ages: Array
    features: dict[str, Array]


def type_model(p: Parameters, tables: Tables, without: tuple[int, ...] = ()) -> TypeModel:
    """Prepare the entries and the margins that each state's weights meet."""
    e = entries(p, tables)
    codes = np.stack(grid.type_parts(e.type)).astype(np.int8)
    working = (e.group >= 3) & (e.group < 8)
    return TypeModel(e, codes, working, fine_ages(tables), feature_margins(p, tables, without))


def state_weights(model: TypeModel, state: int, cells: Array) -> Array:
    """Entry weights (n,) of a state: cells (kind, group, sex) of people met exactly, features nearly."""
    e = model.entries
    weight = e.weight * model.ages[state, e.fine, e.sex]
    most = max(grid.SHAPE)
    targets = np.zeros((len(grid.FEATURES), most))
    for f, name in enumerate(grid.FEATURES):
        targets[f, : grid.SHAPE[f]] = model.features[name][state]
    rake_state(
        weight,
        e.start,
        cells.reshape(-1).astype(np.float64),
        model.codes,
        targets,
        np.array(grid.SHAPE),
        model.working,
        RAKE_ROUNDS,
    )
    return weight
