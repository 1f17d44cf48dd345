"""Joint draws of the parameters from their own intervals.

A record's interval is read as its 2.5 and 97.5 per cent points and its value as the median, so every
draw respects the evidence beside it: split normal on the scale of the value, or of its logarithm for
ratios, hazards and whole tables. A single number that is uniform never leaves its interval instead, whose
middle, its value, is the median. A value at an end of its interval is what half of all draws have. Points
come from a Latin hypercube, one dimension a record: with fewer points than dimensions a Sobol sequence
moves pairs of records together that have nothing to do with each other. Records that the evidence ties
together move together.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri

from microsim.ground.parameters import Parameters, Record
from microsim.ground.schema import POPULATION_MONTH

SAMPLED = (
    "sud.",
    "flows.",
    "work.",
    "life.",
    "medicaid.verification.",
    "medicaid.renewal.",
    "programs.",
    "finance.",
)
"""Prefixes of the parameters a draw moves; the law stays, and people are re-weighted apart."""
TABLES_ALONE = ("finance.score.", "finance.value.")
"""What only tables of a budget read, beside the central run: no number that has draws hangs on it."""
FIXED = ("sud.target.", "sud.intercept.", "sud.naloxone.people_at_risk", "flows.adult_group_path", *TABLES_ALONE)
TIES = (
    ("sud.overdose.base_rate", "sud.overdose.fatality_multiplier", "sud.overdose.rate_fatality_correlation"),
    ("flows.reentry_hazard_procedural", "flows.reentry_hazard_work_rule", "flows.reentry_correlation"),
)
"""Pairs of records that move together, and the parameter that says how closely."""
PRODUCTS = (("sud.overdose.fatality_unaided", "sud.overdose.fatality_multiplier"),)
"""Records that multiply into one probability: their product goes no higher than the higher of their intervals."""
BELOW = (("sud.naloxone.anchor", "sud.naloxone.highest"),)
"""Records that stay below another: relative to it they go no higher than the end of their own interval."""
EDGE = float(ndtri(0.975))
_LOGARITHMIC = ("lognormal", "gamma")
_BOUNDED_UNITS = ("probability", "probability_per_month", "share", "correlation")
_NEVER_QUITE = 1e-6


class Draw(NamedTuple):
    """One joint draw: new values of single numbers and factors of tables, by id."""

    values: Mapping[str, float]
    factors: Mapping[str, float]

    def applied(self, p: Parameters) -> Parameters:
        """The tree with this draw."""
        return p.replaced(dict(self.values)).scaled(dict(self.factors))


def sampled_records(p: Parameters) -> tuple[Record, ...]:
    """Records a draw moves: those with a distribution and an interval that nothing else computes."""
    out = []
    for id_ in p.ids():
        record = p.record(id_)
        if not id_.startswith(SAMPLED) or id_.startswith(FIXED) or record.distribution in (None, "none"):
            continue
        if record.interval is None and record.interval_factor is None:
            continue
        if (record.derivation or "").startswith("="):
            continue
        out.append(record)
    return tuple(out)


def points_of(dimensions: int, count: int, seed: int) -> np.ndarray:
    """Normal scores of a Latin hypercube, shape (count, dimensions)."""
    # Imported late: a run of one draw needs none of it.
    from scipy.stats import qmc

    cube = qmc.LatinHypercube(dimensions, rng=np.random.default_rng(seed)).random(count)
    return np.asarray(ndtri(np.clip(cube, _NEVER_QUITE, 1 - _NEVER_QUITE)))


def scores_of(p: Parameters, count: int, seed: int) -> tuple[tuple[Record, ...], np.ndarray]:
    """Records that draws move, and their normal scores in each of `count` joint draws, (count, records)."""
    records = sampled_records(p)
    return records, points_of(len(records), count, seed) @ _together(p, records).T


def draws_of(p: Parameters, count: int, seed: int) -> list[Draw]:
    """`count` joint draws, the same for the same seed."""
    records, normal = scores_of(p, count, seed)
    return [draw_at(p, records, row) for row in normal]


def draw_at(p: Parameters, records: Sequence[Record], scores: Sequence[float] | np.ndarray) -> Draw:
    """The draw in which each record lies at its normal score.

    0 is its value, +-EDGE the ends of its interval; of a uniform record, points 2.5 per cent of it inside them.
    """
    values, factors = {}, {}
    for record, score in zip(records, scores, strict=True):
        z = float(score)
        if record.interval_factor is not None:
            factors[record.id] = at(record, 1.0, z)
            continue
        centre = p.number(record.id, month=POPULATION_MONTH)
        drawn = at(record, centre, z)
        if record.dated and centre > 0:
            # The steps over time stay; the whole path moves.
            factors[record.id] = drawn / centre
        else:
            values[record.id] = drawn
    for product in PRODUCTS:
        _hold(p, product, values)
    for lower, upper in BELOW:
        end = p.record(lower).interval
        if lower in values and end is not None:
            centre = p.number(upper, month=POPULATION_MONTH)
            values[lower] = min(values[lower], end[1] / centre * values.get(upper, centre))
    return Draw(values, factors)


def _hold(p: Parameters, product: Sequence[str], values: dict[str, float]) -> None:
    """Take what a product has beyond its limit off the records that were drawn, in equal factors."""
    drawn = [id_ for id_ in product if id_ in values]
    if not drawn:
        return
    centre = {id_: p.number(id_, month=POPULATION_MONTH) for id_ in product}
    ends = [interval[1] / centre[id_] for id_ in product if (interval := p.record(id_).interval) is not None]
    beyond = math.prod(values[id_] / centre[id_] for id_ in drawn) / max(ends)
    if beyond > 1:
        for id_ in drawn:
            values[id_] /= beyond ** (1 / len(drawn))


def at(record: Record, centre: float, z: float) -> float:
    """Value, or factor of a table, of a record at a normal score."""
    if record.interval_factor is not None:
        low, high = map(float, record.interval_factor)
        return _logarithmic(centre, low, high, z)
    assert record.interval is not None
    low, high = map(float, record.interval)
    if record.distribution == "uniform":
        return low + (high - low) * float(ndtr(z))
    if record.distribution in _LOGARITHMIC and low > 0 and centre > 0:
        return _logarithmic(centre, low, high, z)
    value = centre + ((high - centre) if z > 0 else (centre - low)) * z / EDGE
    if low >= 0:
        value = max(value, 0.0)
    return min(value, 1.0) if record.unit in _BOUNDED_UNITS else value


def _logarithmic(centre: float, low: float, high: float, z: float) -> float:
    edge = high if z > 0 else low
    return centre * (edge / centre) ** (abs(z) / EDGE) if edge > 0 else centre


def _together(p: Parameters, records: Sequence[Record]) -> np.ndarray:
    """Lower triangular matrix that gives independent normal scores the correlations of `TIES`."""
    place = {record.id: row for row, record in enumerate(records)}
    matrix = np.eye(len(records))
    for first, second, strength in TIES:
        if first in place and second in place:
            matrix[place[first], place[second]] = matrix[place[second], place[first]] = p.number(strength)
    return np.asarray(np.linalg.cholesky(matrix))
