"""Waves of runs where nothing is ruled out yet, and the joint posterior that is left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from microsim.experiments.history.emulator import Emulator, emulate
from microsim.experiments.history.space import EDGE, Space

Floats = NDArray[np.float64]
Simulate = Callable[[Floats], Floats]
"""Outputs (targets,) of a point (axes,)."""

WAVE = 48
WAVES = 2
CUT = 3.0
"""A point is ruled out where any target lies more than this many standard deviations away."""
CANDIDATES = 1 << 14
POSTERIOR_POINTS = 1 << 16
DISCREPANCY = 0.01
"""Share of a target by which the model may be wrong however its parameters are set."""
AT_BOUND = 0.25
"""A parameter sits at a bound when the nearest tenth of its prior has more than this of its posterior."""
INFORMED = 0.2
"""A target informs a parameter when their squared correlation over the prior is above this."""


class History(NamedTuple):
    """Runs made, the last emulator, and the share of the cube not ruled out after each wave."""

    points: Floats
    outputs: Floats
    emulator: Emulator
    left: tuple[float, ...]


class Posterior(NamedTuple):
    """Weighted points of the cube."""

    points: Floats
    weights: Floats

    def mean(self, values: Floats) -> Floats:
        """Posterior mean of values (n, k) of the points."""
        return np.asarray(self.weights @ values)

    def quantile(self, values: Floats, share: float) -> Floats:
        """Posterior quantile of each column of values (n, k)."""
        out = []
        for column in values.T:
            order = np.argsort(column)
            out.append(
                column[order][np.searchsorted(np.cumsum(self.weights[order]), share).clip(0, len(column) - 1)]
            )
        return np.array(out)

    @property
    def effective(self) -> float:
        """Number of equally weighted points worth as much."""
        return float(1 / np.sum(self.weights**2))


def published(space: Space) -> tuple[Floats, Floats, Floats]:
    """Value of each target, and standard deviations below and above it."""
    value = np.array([target.value for target in space.targets])
    low, high = (np.array([target.bounds[side] for target in space.targets]) for side in (0, 1))
    least = np.abs(value) * 1e-3
    return value, np.maximum((value - low) / EDGE, least), np.maximum((high - value) / EDGE, least)


def implausibility(emulator: Emulator, points: Floats, truth: tuple[Floats, Floats, Floats]) -> Floats:
    """Distance of each target at each point in standard deviations of everything unsure, (n, targets)."""
    value, below, above = truth
    mean, spread = emulator.predict(points)
    sd = np.where(mean < value, below, above)
    return np.asarray(np.abs(mean - value) / np.sqrt(sd**2 + spread**2 + (DISCREPANCY * value) ** 2))


def match(
    space: Space,
    simulate: Simulate,
    truth: tuple[Floats, Floats, Floats],
    *,
    seed: int = 1,
    waves: int = WAVES,
    size: int = WAVE,
    report: Callable[[str, int, int], None] | None = None,
) -> History:
    """Run waves of points, each among those that the emulator of the wave before did not rule out.

    Deterministic for a seed. When nothing is left, the least implausible points are run.
    """
    cube = qmc.Sobol(space.size, scramble=True, rng=np.random.default_rng(seed)).random(CANDIDATES)
    points = np.vstack([np.full((1, space.size), 0.5), cube[: size - 1]])
    outputs = np.empty((0, len(space.targets)))
    left = []
    for wave in range(waves):
        new = points[len(outputs) :]
        rows = []
        for number, point in enumerate(new):
            if report:
                report(f"wave {wave + 1}", number, len(new))
            rows.append(simulate(point))
        outputs = np.vstack([outputs, *[row[None] for row in rows]])
        emulator = emulate(points, outputs)
        far = implausibility(emulator, cube, truth).max(axis=1)
        left.append(float((far < CUT).mean()))
        if wave < waves - 1:
            kept = np.flatnonzero(far < CUT)
            chosen = (
                kept[:: max(len(kept) // size, 1)][:size] if len(kept) >= size else np.argsort(far)[:size]
            )
            points = np.vstack([points, cube[chosen]])
    return History(points, outputs, emulator, tuple(left))


def posterior_of(
    emulator: Emulator,
    truth: tuple[Floats, Floats, Floats],
    axes: int,
    seed: int = 2,
    size: int = POSTERIOR_POINTS,
) -> Posterior:
    """Prior points weighted by the likelihood of the targets, split normal, with emulator and model error."""
    points = qmc.Sobol(axes, scramble=True, rng=np.random.default_rng(seed)).random(size)
    value, below, above = truth
    mean, spread = emulator.predict(points)
    sd = np.sqrt(np.where(mean < value, below, above) ** 2 + spread**2 + (DISCREPANCY * value) ** 2)
    log = -0.5 * np.sum(((mean - value) / sd) ** 2, axis=1) - np.log(sd).sum(axis=1)
    weights = np.exp(log - log.max())
    return Posterior(points, weights / weights.sum())


def describe(space: Space, history: History, posterior: Posterior) -> dict[str, Any]:
    """The joint posterior in numbers: values, correlations, what informs what, and bounds."""
    values = space.moved(posterior.points)
    mean = posterior.mean(values)
    centred = values - mean
    covariance = (posterior.weights[:, None] * centred).T @ centred
    sd = np.sqrt(np.diag(covariance))
    prior = values.std(axis=0)
    low, high = posterior.quantile(values, 0.025), posterior.quantile(values, 0.975)
    moved, _ = history.emulator.predict(posterior.points)
    informs = np.square(_correlations(posterior.points, moved))
    parameters = []
    for column, axis in enumerate(space.axes):
        share = [
            float(posterior.weights[side].sum())
            for side in (posterior.points[:, column] < 0.1, posterior.points[:, column] > 0.9)
        ]
        bound = next((name for name, one in zip(("low", "high"), share, strict=True) if one > AT_BOUND), None)
        parameters.append(
            {
                "id": axis.id,
                "factor": axis.is_factor,
                "evidence": [axis.low, axis.high],
                "before": axis.centre,
                "mean": float(mean[column]),
                "sd": float(sd[column]),
                "interval": [float(low[column]), float(high[column])],
                "narrower": float(1 - sd[column] / prior[column]),
                "at_bound": bound,
                "informed_by": {
                    target.id: round(float(informs[column, row]), 3)
                    for row, target in enumerate(space.targets)
                    if informs[column, row] > INFORMED
                },
            }
        )
    correlation = covariance / np.outer(sd, sd)
    fitted = posterior.mean(moved)
    return {
        "runs": len(history.points),
        "left_after_waves": list(history.left),
        "effective_points": posterior.effective,
        "parameters": parameters,
        "correlation": {
            axis.id: [round(float(one), 3) for one in correlation[row]] for row, axis in enumerate(space.axes)
        },
        "targets": {
            target.id: {
                "value": target.value,
                "interval": list(target.bounds),
                "fitted": float(fitted[row]),
                "before": float(history.outputs[0, row]),
            }
            for row, target in enumerate(space.targets)
        },
    }


def _correlations(points: Floats, outputs: Floats) -> Floats:
    both = np.corrcoef(points.T, outputs.T)
    return np.asarray(both[: points.shape[1], points.shape[1] :])


def central(space: Space, posterior: Posterior) -> Mapping[str, float]:
    """Posterior mean of the logarithm of every parameter, kept inside its evidence interval.

    Products that evidence knows better than their factors keep their level under the logarithm.
    """
    mean = np.exp(posterior.mean(np.log(space.moved(posterior.points))))
    return {
        axis.id: float(np.clip(one, axis.low, axis.high)) for axis, one in zip(space.axes, mean, strict=True)
    }
