"""The parameters that may move: points of a unit cube, mapped into their evidence intervals."""

from __future__ import annotations

import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from microsim.experiments.targets.loading import load_targets, targets_root
from microsim.experiments.targets.model import Target
from microsim.ground.errors import InputError, Problems
from microsim.ground.parameters import Parameters, Record
from microsim.ground.parameters.yaml_source import read_yaml
from microsim.ground.schema import POPULATION_MONTH

Floats = NDArray[np.float64]
FREE = "free.yaml"
EDGE = float(norm.ppf(0.975))


class Axis(NamedTuple):
    """A parameter as one number: its value, or the factor of its table; equal to `centre` unmoved."""

    id: str
    low: float
    centre: float
    high: float
    is_factor: bool

    def values(self, unit: Floats) -> Floats:
        """Values of points in [0, 1]: split normal on the log scale, cut at the ends of the interval."""
        z = norm.ppf(norm.cdf(-EDGE) + unit * (norm.cdf(EDGE) - norm.cdf(-EDGE)))
        up, down = math.log(self.high / self.centre), math.log(self.centre / self.low)
        return np.asarray(self.centre * np.exp(np.where(z > 0, up, down) * z / EDGE))

    def unit(self, value: float) -> float:
        """The point of a value."""
        side = self.high if value > self.centre else self.low
        z = (
            0.0
            if value == self.centre
            else abs(math.log(value / self.centre) / math.log(side / self.centre)) * EDGE
        )
        z = z if value > self.centre else -z
        return float((norm.cdf(z) - norm.cdf(-EDGE)) / (norm.cdf(EDGE) - norm.cdf(-EDGE)))


class Space(NamedTuple):
    """Axes of the cube and the targets they are matched to."""

    axes: tuple[Axis, ...]
    targets: tuple[Target, ...]

    @property
    def size(self) -> int:
        """Number of axes."""
        return len(self.axes)

    def at(self, p: Parameters, point: Floats) -> Parameters:
        """The tree of a point of the cube."""
        values: dict[str, float] = {}
        factors: dict[str, float] = {}
        for axis, unit in zip(self.axes, point, strict=True):
            value = float(axis.values(np.array(unit)))
            (factors if axis.is_factor else values)[axis.id] = value
        return p.replaced(values).scaled(factors)

    def moved(self, points: Floats) -> Floats:
        """Values of many points, (n, axes)."""
        return np.stack([axis.values(points[:, column]) for column, axis in enumerate(self.axes)], axis=1)


def free_space(p: Parameters, root: Path | None = None) -> Space:
    """The declared parameters and targets. Reads rows with role `calibrate` alone.

    Raises `InputErrors` for a parameter without an interval and for a target of another role.
    """
    problems = Problems()
    declared = read_yaml((root or targets_root()) / FREE, f"targets/{FREE}", problems)
    problems.finish()
    rows = {target.id: target for target in load_targets("calibrate", root)}
    for name in declared["targets"]:
        if name not in rows:
            problems.add(InputError(f"targets/{FREE}", "targets", name, "a target with role calibrate"))
    axes = []
    for id_ in declared["parameters"]:
        axis = axis_of(p, p.record(id_))
        if axis is None:
            problems.add(
                InputError(f"targets/{FREE}", "parameters", id_, "a parameter with a positive interval")
            )
        else:
            axes.append(axis)
    problems.finish()
    return Space(tuple(axes), tuple(rows[name] for name in declared["targets"]))


def axis_of(p: Parameters, record: Record) -> Axis | None:
    """The axis of a record; None without an interval of positive numbers."""
    if record.interval_factor is not None:
        return Axis(record.id, *_around(record.interval_factor, 1.0), True)
    if record.interval is None or record.interval[0] <= 0:
        return None
    return Axis(record.id, *_around(record.interval, p.number(record.id, POPULATION_MONTH)), False)


def _around(interval: tuple[float, float], centre: float) -> tuple[float, float, float]:
    return float(interval[0]), centre, float(interval[1])
