"""Joint draws of the parameters from their own intervals.

A record's interval is read as its 2.5 and 97.5 per cent points and its value as the median, so every
draw respects the evidence beside it: split normal on the scale of the value, or of its logarithm for
ratios, hazards and whole tables. Points come from a scrambled Sobol sequence, one dimension a record.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from scipy.stats import norm, qmc

from microsim.ground.parameters import Parameters, Record

SAMPLED = ("sud.", "flows.", "work.", "life.", "medicaid.verification.", "medicaid.renewal.", "programs.", "finance.")
"""Prefixes of the parameters a draw moves; the population and the law stay."""
FIXED = ("sud.target.", "sud.intercept.", "sud.naloxone.people_at_risk", "flows.adult_group_path")
EDGE = float(norm.ppf(0.975))
_LOGARITHMIC = ("lognormal", "gamma")
_BOUNDED_UNITS = ("probability", "probability_per_month", "share", "correlation")


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


def draws_of(p: Parameters, count: int, seed: int) -> list[Draw]:
    """`count` joint draws, the same for the same seed."""
    records = sampled_records(p)
    points = qmc.Sobol(len(records), scramble=True, rng=np.random.default_rng(seed)).random(
        2 ** max(math.ceil(math.log2(max(count, 1))), 0)
    )[:count]
    normal = norm.ppf(np.clip(points, 1e-6, 1 - 1e-6))
    out = []
    for row in range(count):
        values, factors = {}, {}
        for column, record in enumerate(records):
            z = float(normal[row, column])
            if record.interval_factor is not None:
                low, high = record.interval_factor
                factors[record.id] = _logarithmic(1.0, low, high, z)
            else:
                values[record.id] = _value(p, record, z)
        out.append(Draw(values, factors))
    return out


def _value(p: Parameters, record: Record, z: float) -> float:
    assert record.interval is not None
    low, high = map(float, record.interval)
    centre = p.number(record.id, month=_any_month(record))
    if record.distribution == "uniform":
        return low + (high - low) * float(norm.cdf(z))
    if record.distribution in _LOGARITHMIC and low > 0 and centre > 0:
        return _logarithmic(centre, low, high, z)
    value = centre + ((high - centre) if z > 0 else (centre - low)) * z / EDGE
    if low >= 0:
        value = max(value, 0.0)
    return min(value, 1.0) if record.unit in _BOUNDED_UNITS else value


def _logarithmic(centre: float, low: float, high: float, z: float) -> float:
    edge = high if z > 0 else low
    return centre * (edge / centre) ** (abs(z) / EDGE) if edge > 0 else centre


def _any_month(record: Record) -> int | None:
    from microsim.ground.schema import POPULATION_MONTH

    return POPULATION_MONTH
