"""A stratified systematic sample of person ids with weights in whole thousandths."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from microsim.ground.compiled import compiled
from microsim.ground.draws import LASTING, ONE, TRAIT_TOLERANCE, resident_word
from microsim.ground.errors import InputError
from microsim.ground.parameters import Parameters
from microsim.ground.philox import philox4x32
from microsim.ground.schema import PERSON_COLUMNS, STATES, STRATA
from synthetic_pop.cells import CLASSES, SHAPE, Cells
from synthetic_pop.inputs import Array
from synthetic_pop.margins import GROUP_BAND, GROUPS, KINDS, MEDICAID, C
from synthetic_pop.substance import HAS_OTHER, OUD, REMISSION

THOUSAND = 1000
LARGEST = int(np.iinfo(next(c.dtype for c in PERSON_COLUMNS if c.name == "weight")).max)
"""Largest weight that a record holds, in thousandths."""
RAKE_ROUNDS = 12
SPARE = 1.1
"""Candidates for each record wanted, relative to those expected to be left."""
START_MONTH = LASTING - 2
"""Counter word of random starts, apart from those of people."""
S = {name: i for i, name in enumerate(STRATA)}
_WITH_OUD = [S["oud"], S["oud_expansion"]]
_PART = np.searchsorted([3, 8], np.arange(len(GROUPS)), side="right")
_DISORDER = np.where(np.isin(np.arange(CLASSES), np.r_[OUD]), 2, HAS_OTHER).astype(np.int64)


def stratum_of_cell() -> Array:
    """Sampling stratum of every cell of a state: uint8 (group, sex, kind, class)."""
    group, _, kind, klass = np.meshgrid(*(np.arange(n) for n in SHAPE[1:]), indexing="ij")
    expansion = np.isin(kind, [C["adult_group"], C["waiver_adult"]])
    out = np.full(group.shape, S["adult_other"], np.uint8)
    out[np.isin(kind, MEDICAID)] = S["adult_medicaid"]
    out[(HAS_OTHER[klass] == 1) | (klass == 8)] = S["other_sud"]
    out[expansion] = S["expansion"]
    out[group == len(GROUPS) - 1] = S["aged"]
    out[group < 3] = S["child"]
    oud = (klass >= OUD.start) & (klass < OUD.stop)
    out[oud] = S["oud"]
    out[oud & expansion] = S["oud_expansion"]
    return out


def rate_of_cell(p: Parameters) -> Array:
    """Records for each thousand people, before states share them: float64 (group, sex, kind, class)."""
    stratum = stratum_of_cell()
    band = GROUP_BAND[:, None, None, None]
    out: Array = p.array("population.sample.records", "stratum", "age_band")[stratum, band]
    out[0] *= p.number("population.sample.rate_young")
    out[2] *= p.number("population.sample.rate_18")
    # Kinds are covers and one more, which is written as other cover.
    cover = np.append(p.array("population.sample.cover", "cover"), 1.0)
    out = np.where(np.isin(stratum, _WITH_OUD), out * cover[:, None], out)
    out[..., REMISSION] *= p.number("population.sample.remission")
    return out


def least_of_cell(p: Parameters) -> Array:
    """Share of each cell's people who are sampled more often for their tolerance: float64 (group, sex, kind, class)."""
    band = GROUP_BAND[:, None, None, None]
    stratum = stratum_of_cell()
    out = np.broadcast_to(p.array("population.sample.least_tolerance", "age_band")[band], stratum.shape).copy()
    out[np.isin(stratum, _WITH_OUD)] = 0.0
    out[..., REMISSION] = 0.0
    # They stay children beyond the default window.
    out[0] = 0.0
    return out


def state_factor(p: Parameters, has_group: Array) -> Array:
    """Factor on people's size by state and stratum, float64 (51, strata); `has_group` (51,) bool."""
    deaths = p.array("population.sample.opioid_deaths", "state")
    out = np.repeat(deaths[:, None] ** p.number("population.sample.state_power"), len(STRATA), axis=1)
    out[:, _WITH_OUD] = deaths[:, None] ** p.number("population.sample.state_power_oud")
    out[~has_group, S["oud"]] *= p.number("population.sample.no_adult_group")
    return out


def allocation(p: Parameters, measure: Array, factor: Array, count: Array, persons: int) -> Array:
    """Records by state and stratum (int64), from size measures, factors of states and people in each.

    Strata share the records by their size; states share a stratum by a power of their size times factor. No
    stratum has more records than people, and each that holds people has enough for weights that fit a record.
    """
    size = (measure * factor) ** p.number("population.sample.size_power")
    wanted = persons * measure.sum(0) / measure.sum() * size / np.maximum(size.sum(0), 1e-300)
    least = np.ceil(count * (THOUSAND / LARGEST)).astype(np.int64)
    if least.sum() > persons:
        raise InputError("persons", None, persons, f"at least {least.sum()} records for these states")
    for _ in range(50):
        capped = np.clip(wanted, least, count)
        gap = persons - capped.sum()
        free = (wanted > least) & (wanted < count)
        if abs(gap) < 0.5 or not free.any():
            break
        wanted[free] *= 1 + gap / wanted[free].sum()
    whole = np.maximum(np.floor(capped), least).astype(np.int64)
    short = int(min(persons, count.sum()) - whole.sum())
    if short > 0:
        order = np.argsort(-(capped - whole), axis=None, kind="stable")
        order = order[(whole < count).reshape(-1)[order]]
        for index in np.resize(order, short) if short <= 20 * order.size else order:
            whole.reshape(-1)[index] += whole.reshape(-1)[index] < count.reshape(-1)[index]
    return whole


@compiled
def _systematic(count, start, rate, offset, wanted, ids, cell_of):  # pragma: no cover
    """Systematic selection over cells in order; returns how many ids were written.

    A person's size is the cell's rate; the step is total size over `wanted`. Rates are capped
    beforehand so that nobody is met twice.
    """
    total = 0.0
    for i in range(count.size):
        total += count[i] * rate[i]
    step = total / wanted
    written = 0
    before = 0.0
    for i in range(count.size):
        size = count[i] * rate[i]
        if size > 0.0:
            first = int(np.ceil((before - offset * step) / step - 1e-12))
            while written < wanted:
                point = (first + offset) * step
                if point >= before + size:
                    break
                if first >= 0 and point >= before:
                    place = int((point - before) / rate[i])
                    if place >= count[i]:
                        place = count[i] - 1
                    ids[written] = start[i] + place
                    cell_of[written] = i
                    written += 1
                first += 1
        before += size
    return written


@compiled
def _rake(weight, labels, targets, sizes, rounds, largest):  # pragma: no cover
    """Rake record weights (n,) in place to margins: `labels` (margins, n), `targets` (margins, most).

    No weight rises above `largest` (n,): a lone record of a cover must not stand for all who have it.
    """
    margins = labels.shape[0]
    n = weight.size
    for _ in range(rounds):
        for m in range(margins):
            sums = np.zeros(sizes[m])
            for i in range(n):
                sums[labels[m, i]] += weight[i]
            for k in range(sizes[m]):
                sums[k] = targets[m, k] / sums[k] if sums[k] > 0.0 else 1.0
            for i in range(n):
                weight[i] = min(weight[i] * sums[labels[m, i]], largest[i])


def _limited(exact: Array) -> Array:
    """Weights with what exceeds the largest of a record handed to the others in proportion.

    Raking of a few records may leave one of them with nearly all people of its stratum.
    """
    limit = LARGEST - exact.size - 1.0
    total = exact.sum()
    over = exact > limit
    while over.any() and not over.all():
        rest = total - limit * over.sum()
        exact = np.where(over, limit, exact * (rest / exact[~over].sum()))
        more = over | (exact > limit)
        if (more == over).all():
            break
        over = more
    return exact


def _thousandths(weight: Array, stratum: Array, totals: Array) -> Array:
    """Whole thousandths: running sums rounded within each stratum, whose total is met exactly."""
    out = np.zeros(weight.size, np.int64)
    for s, total in enumerate(totals):
        rows = np.flatnonzero(stratum == s)
        if rows.size == 0:
            continue
        exact = _limited(weight[rows] * (total * THOUSAND / weight[rows].sum()))
        part = np.maximum(np.diff(np.rint(exact.cumsum()), prepend=0).astype(np.int64), 1)
        part[np.argmax(part)] += int(total * THOUSAND - part.sum())
        out[rows] = part
    return out


@compiled
def _tolerance(ids):  # pragma: no cover
    """Words of the tolerance of residents, int64 (n,)."""
    out = np.empty(ids.size, np.int64)
    for i in range(ids.size):
        out[i] = resident_word(ids[i], TRAIT_TOLERANCE)
    return out


class Thinning(NamedTuple):
    """How candidates are thinned by what their cells do not tell: tolerance, and age within the middle group."""

    least: Array
    """Share of each cell's people, those of least tolerance, who are sampled more often: float64, as
    `stratum_of_cell`"""
    least_rate: float
    """Their sampling rate relative to others of the cell"""

    age_of: Callable[[Array, Array], Array]
    """Years (n,) of people by ids and cells within the state"""
    from_age: int
    below: float
    """Sampling rate under that age relative to the rest of the group"""


def _thinned(size: Array, wanted: int, offset: float) -> tuple[Array, Array]:
    """Positions of `wanted` of the candidates, systematic by size, and the chance that each candidate had."""
    for _ in range(size.size):
        step = size.sum() / wanted
        if size.max() <= step * (1 + 1e-9):
            break
        size = np.minimum(size, step)
    chance = np.minimum(size / step, 1.0)
    turn = np.arange(wanted)
    at = np.searchsorted(chance.cumsum(), turn + offset, side="right")
    # Rounding may put two turns on one candidate, or the last beyond the end.
    at = np.minimum(np.maximum.accumulate(at - turn) + turn, size.size - wanted + turn)
    return at, chance


def sample_state(
    cells: Cells,
    state: int,
    stratum: Array,
    rate: Array,
    wanted: Array,
    key: tuple[int, int],
    thinning: Thinning | None = None,
    rake_most: float = np.inf,
) -> tuple[Array, Array, Array]:
    """Ids (int64, ascending), cells within the state (int64) and weights (int64 thousandths) of a sample.

    `wanted` records by stratum; every stratum has its own random start. With `thinning`, more people than wanted
    are selected first, and of these all of least tolerance and fewer of the others and of the younger children.
    Weights meet the state's people by age group and sex, cover, substance class, stratum and tolerance,
    as far as raking raises none of them more than `rake_most` times.
    """
    count = cells.count[state].reshape(-1)
    base = state * count.size
    start = cells.start[base : base + count.size]
    flat, flat_rate = stratum.reshape(-1), rate.reshape(-1)
    middle = np.broadcast_to(np.arange(len(GROUPS))[:, None, None, None] == 1, SHAPE[1:]).reshape(-1)
    least = np.zeros(count.size) if thinning is None else thinning.least.reshape(-1)
    most = 1.0 if thinning is None else thinning.least_rate
    census = np.zeros(len(STRATA), bool)
    ids_all, cells_all, weights = [], [], []
    for s in range(len(STRATA)):
        n = int(wanted[s])
        if n == 0:
            continue
        inside = np.where(flat == s, count, 0)
        if n >= inside.sum():
            index = np.flatnonzero(inside)
            ids = np.concatenate([np.arange(start[i], start[i] + count[i]) for i in index])
            where = np.repeat(index, count[index])
            probability = np.ones(ids.size)
            census[s] = True
        else:
            chance, candidates = flat_rate.copy(), n
            if thinning is not None and s == S["child"]:
                chance[middle] *= 2 / (1 + thinning.below)
                more = SPARE * n * (inside * chance).sum() / (inside * flat_rate).sum()
                candidates = int(min(np.ceil(more), inside.sum()))
            pool = candidates
            if least[inside > 0].max() > 0:
                pool = int(min(np.ceil(SPARE * most * candidates), inside.sum()))
            for _ in range(4):
                chance = np.minimum(chance, (inside * chance).sum() / pool)
            ids, where = np.empty(pool, np.int64), np.empty(pool, np.int64)
            words = philox4x32(state, s, START_MONTH, 0, key[0], key[1])
            starts = [(word + 0.5) / 2**32 for word in words]
            got = _systematic(inside, start, chance, starts[0], pool, ids, where)
            ids, where = ids[:got], where[:got]
            probability = chance[where] * pool / (inside * chance).sum()
            if got > candidates and pool > candidates:
                share = least[where]
                often = _tolerance(ids) < share * ONE
                # People of a cell keep their mean rate.
                size = np.where(often, most, 1.0) / (1.0 + share * (most - 1.0))
                kept, second = _thinned(size, candidates, starts[2])
                ids, where, probability = ids[kept], where[kept], (probability * second)[kept]
            if thinning is not None and candidates > n:
                young = middle[where] & (thinning.age_of(ids, where) < thinning.from_age)
                kept, second = _thinned(np.where(young, thinning.below, 1.0), n, starts[1])
                ids, where, probability = ids[kept], where[kept], (probability * second)[kept]
        ids_all.append(ids)
        cells_all.append(where)
        weights.append(1 / probability)
    ids, where, weight = (np.concatenate(a) for a in (ids_all, cells_all, weights))
    order = np.argsort(ids, kind="stable")
    ids, where, weight = ids[order], where[order], weight[order]

    group, sex, kind, klass = np.unravel_index(where, SHAPE[1:])
    # A rare class without a record in a small state would leave its people out of the margin of its
    # disorder, so that margin is also met by itself.
    often = (_tolerance(ids) < least[where] * ONE).astype(np.int64)
    labels = np.stack(
        [group * 2 + sex, _PART[group] * KINDS + kind, klass, _DISORDER[klass], flat[where] * 2 + often, flat[where]]
    ).astype(np.int64)
    whole = cells.count[state]
    by_part = np.stack([whole[part == _PART].sum((0, 1, 3)) for part in range(3)]).reshape(-1)
    by_class = whole.sum((0, 1, 2))
    margins = [
        whole.sum((2, 3)).reshape(-1),
        by_part,
        by_class,
        np.bincount(_DISORDER, by_class, 3),
        _by_tolerance(flat, count, least, labels[4], census),
        np.bincount(flat, count, len(STRATA)),
    ]
    sizes = np.array([len(m) for m in margins])
    targets = np.zeros((len(margins), int(sizes.max())))
    for m, values in enumerate(margins):
        targets[m, : sizes[m]] = values
    _rake(weight, labels, targets, sizes, RAKE_ROUNDS, weight * rake_most)
    return ids, where, _thousandths(weight, flat[where], margins[-1])


def _by_tolerance(flat: Array, count: Array, least: Array, labels: Array, census: Array) -> Array:
    """People by stratum and tolerance as expected of `count` people of cells, float64 (2 * strata,).

    A stratum without records of one kind, or with all its people, keeps what it has.
    """
    people = np.bincount(flat, count, len(STRATA))
    often = np.bincount(flat, count * least, len(STRATA))
    held = np.bincount(labels, minlength=2 * len(STRATA)).reshape(-1, 2)
    often = np.where(census, held[:, 1], often)
    often = np.where(held[:, 1] == 0, 0.0, np.where(held[:, 0] == 0, people, often))
    return np.stack([people - often, often], axis=1).reshape(-1)


def sample_sizes(p: Parameters, cells: Cells, states: list[int], persons: int) -> tuple[Array, Array, Array]:
    """Records by state and stratum for the chosen states, with stratum and rate of each cell."""
    stratum, rate = stratum_of_cell(), rate_of_cell(p)
    flat = stratum.reshape(-1)
    count = np.zeros((len(STATES), len(STRATA)))
    measure = np.zeros_like(count)
    has_group = cells.count[..., C["adult_group"], :].sum((1, 2, 3)) > 0
    for state in states:
        people = cells.count[state].reshape(-1)
        count[state] = np.bincount(flat, people, len(STRATA))
        measure[state] = np.bincount(flat, people * rate.reshape(-1), len(STRATA))
    if persons >= count.sum():
        return count.astype(np.int64), stratum, rate
    return allocation(p, measure, state_factor(p, has_group), count, persons), stratum, rate
