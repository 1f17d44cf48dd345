"""The answers that parameters may move, at any point of the parameters' space."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from scipy.stats import norm

from microsim.experiments.compare import Report
from microsim.experiments.sampling import EDGE, draw_at, sampled_records
from microsim.experiments.uncertainty.arms import drawn_arms
from microsim.experiments.uncertainty.spread import Bench, deaths, in_lanes
from microsim.ground.parameters import Parameters, Record

ANSWERS = ("net", "harm", "gain")
"""Deaths the package adds less those the supply control avoids; deaths added; deaths avoided."""
PRICES = ("finance.",)
"""Prefixes of parameters that only money depends on."""


class Moved(NamedTuple):
    """Answers at points, float (points, halves, answers)."""

    values: np.ndarray

    @property
    def mean(self) -> np.ndarray:
        """(points, answers)"""
        return np.asarray(self.values.mean(axis=1))


def movable(p: Parameters) -> tuple[Record, ...]:
    """Parameters with an interval on which lives may depend."""
    return tuple(record for record in sampled_records(p) if not record.id.startswith(PRICES))


def at_points(
    bench: Bench, records: Sequence[Record], points: Sequence[Mapping[str, float]], p: Parameters, threads: int,
    report: Report, what: str,
) -> Moved:  # fmt: skip
    """Answers where each point gives normal scores by id, all others lying at their values."""

    def one(point: Mapping[str, float]) -> np.ndarray:
        some = [record for record in records if record.id in point]
        draw = draw_at(p, some, [point[record.id] for record in some])
        arms = drawn_arms(bench.build, draw, bench.sample, bench.seed, bench.anchor)
        base, package, control = deaths(bench, arms)
        harm, gain = package - base, base - control
        return np.stack([harm - gain, harm, gain], axis=1)

    return Moved(np.stack(in_lanes(one, points, threads, report, what)))


def scores(shares: np.ndarray) -> np.ndarray:
    """Normal scores of points of the unit cube, whose edges are the ends of the intervals."""
    inside = norm.cdf(-EDGE) + np.asarray(shares) * (norm.cdf(EDGE) - norm.cdf(-EDGE))
    return np.asarray(norm.ppf(inside))
