"""From draws to a 95% interval on every number of a summary, with its width taken apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.special import ndtri

from microsim.experiments.bounds import LEVEL, ends
from microsim.experiments.uncertainty.outcomes import MEASURES, ROW, Block
from microsim.experiments.uncertainty.spread import Spread, from_centre
from microsim.ground.schema import STATES

SHOWN = (
    "opioid_overdose_deaths",
    "uninsured_end",
    "medicaid_enrollees_end",
    "treatment_end",
    "federal_outlays_usd",
)
"""Measures whose convergence is written down."""
LARGEST_ERROR = 0.03
"""Monte Carlo error that a national measure should stay within, relative to its value."""
BOOTSTRAPS = 200


class Parts(NamedTuple):
    """Deviations from the full run's change, by draw, of one set of places (nation or states).

    Arrays (draws, measures, places, 1 + years).
    """

    parameters: np.ndarray
    people: np.ndarray
    luck: np.ndarray
    subsample: np.ndarray
    """(measures, places, 1 + years): variance of the parameters' deviations that is the subsample's luck,
    taken out of them"""
    left: np.ndarray
    """The same: variance of that luck that is left in them, to err on the wide side"""

    @property
    def total(self) -> np.ndarray:
        """All three together."""
        return self.parameters + self.people + self.luck


def signal(deviations: np.ndarray, lucks: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Deviations without the luck of the subsample, and the variances of that luck taken out and left in.

    `deviations` (draws, halves, ...), draw d from the centre under luck d modulo `lucks`: both halves saw the
    same draws, so their covariance over the draws of a luck
    is the parameters' variance. The mean of both is shrunk to it, and by less the more of it is luck.
    """
    count = len(deviations)
    luck = np.arange(count) % lucks
    own = np.stack([deviations[luck == number].mean(axis=0) for number in range(lucks)])
    both = deviations - own[luck]
    shared = (both[:, 0] * both[:, 1]).sum(axis=0) / (count - lucks)
    within = both.mean(axis=1)
    seen = (within**2).sum(axis=0) / (count - lucks)
    # Where luck outweighs the parameters their variance is itself ill known: err on the wide side.
    lucky = 1.0 - np.clip(np.divide(shared, seen, out=np.ones_like(seen), where=seen > 0), 0.0, 1.0)
    halves = (both**2).sum(axis=0) / (count - lucks)
    unsure = np.sqrt((halves.prod(axis=0) + shared**2) / (count - lucks))
    kept = np.clip(shared + lucky * unsure, 0.0, seen)
    scale = np.sqrt(np.divide(kept, seen, out=np.ones_like(seen), where=seen > 0))
    middle = deviations.mean(axis=(0, 1))
    # A centre is lived once a luck, so its luck moves its draws alike; only what stands above it is kept.
    wobble = lucky * seen * (1.0 / lucks + 1.0 / count)
    stands = np.divide(wobble, middle**2, out=np.ones_like(middle), where=middle != 0)
    return middle * np.maximum(1.0 - stands, 0.0) + within * scale, seen - kept, kept - np.clip(shared, 0.0, seen)


def nation(
    spread: Spread,
    arm: int,
    exact: Block,
    people: np.ndarray,
    error: Block,
    shown: Sequence[int],
    luck: np.ndarray,
) -> Parts:
    """Deviations of the sum over the states `shown`."""
    held = list(shown)
    moved = from_centre(spread.draws[:, arm], spread.centre[:, arm])[:, :, :, held].sum(axis=3)[:, :, :, None]
    drawn, wobble, left = signal(moved, len(spread.centre))
    own = exact[:, held].sum(axis=1)[:, None]
    noise = np.sqrt((error[:, held] ** 2).sum(axis=1))[:, None]
    return Parts(drawn, people[:, :, None] * own, luck[:, None, None, None] * noise, wobble, left)


def states(
    spread: Spread,
    arm: int,
    exact: Block,
    people: np.ndarray,
    error: Block,
    whole: Parts,
    shown: Sequence[int],
    luck: np.ndarray,
) -> Parts:
    """Deviations of each state of `shown`: its part of the nation's, and what its own people add to that.

    A small state has few records in the subsample; its own part is shrunk to what both halves share.
    """
    held = list(shown)
    own = exact[:, held]
    total = own.sum(axis=1, keepdims=True)
    part = np.divide(own, total, out=np.zeros_like(own), where=np.abs(total) > 0)
    moved = from_centre(spread.draws[:, arm], spread.centre[:, arm])[:, :, :, held]
    follow = whole.parameters * part
    rest, wobble, left = signal(moved - follow[:, None], len(spread.centre))
    return Parts(follow + rest, people[:, :, None] * own, luck[:, None, None, None] * error[:, held], wobble, left)


def add_intervals(
    document: dict[str, Any], spread: Spread, exact: Block, people: np.ndarray, error: Block,
    shown: Sequence[int], seed: int,
) -> None:  # fmt: skip
    """Fill `low` and `high` of every number of a summary, and say where the width comes from.

    exact, error: blocks of the full run; people: relative moves by re-weighting, (draws, measures, 1 + years).
    """
    count = len(spread.draws)
    luck = np.random.default_rng(seed).permutation(_normal_scores(count))
    whole = nation(spread, 0, exact, people, error, shown, luck)
    places = states(spread, 0, exact, people, error, whole, shown, luck)
    totals = exact[:, list(shown)].sum(axis=1)
    for name, entry in document["measures"].items():
        _fill(entry, totals[ROW[name], 0], whole.total[:, ROW[name], 0, 0])
    for position, entries in enumerate(document["by_year"].values(), start=1):
        for name, entry in entries.items():
            _fill(entry, totals[ROW[name], position], whole.total[:, ROW[name], 0, position])
    for row, entries in enumerate(document["by_state"].values()):
        for name, entry in entries.items():
            _fill(entry, exact[ROW[name], shown[row], 0], places.total[:, ROW[name], row, 0])
    document["uncertainty"] = about(whole, totals[:, 0], count)


def _fill(entry: dict[str, Any], exact: float, moved: np.ndarray) -> None:
    if entry["difference"] == 0 and not moved.any():
        entry["low"], entry["high"] = 0.0, 0.0
        return
    low, high = ends(exact + moved)
    entry["low"], entry["high"] = float(low), float(high)


def about(whole: Parts, exact: np.ndarray, count: int) -> dict[str, Any]:
    """The section `uncertainty` of a summary."""
    sources, coarse = {}, []
    for name in MEASURES:
        row = (ROW[name], 0, 0)
        spread = float(whole.total[:, *row].std(ddof=1))
        noise = float(whole.luck[:, *row].std(ddof=1))
        size = abs(float(exact[ROW[name]]))
        error = noise / size if size > 0 else None
        if error is not None and error > LARGEST_ERROR:
            coarse.append(name)
        variance = spread**2
        sources[name] = {
            "parameters_sd": float(whole.parameters[:, *row].std(ddof=1)),
            "population_sd": float(whole.people[:, *row].std(ddof=1)),
            "simulation_sd": noise,
            "monte_carlo_error": error,
            "median": float(np.median(exact[ROW[name]] + whole.total[:, *row])),
            "subsample_share": float(whole.subsample[row]) / variance if variance > 0 else 0.0,
            "subsample_left": float(whole.left[row]) / variance if variance > 0 else 0.0,
        }
    return {
        "level": LEVEL,
        "draws": count,
        "sources": sources,
        "monte_carlo_error_above": {"limit": LARGEST_ERROR, "measures": coarse},
        "convergence": {
            name: convergence(exact[ROW[name]] + whole.total[:, ROW[name], 0, 0]) for name in SHOWN
        },
    }


def convergence(values: np.ndarray) -> list[dict[str, float]]:
    """Interval after a quarter, half and all of the draws, and how far its ends would move in other draws."""
    out = []
    for part in (4, 2, 1):
        some = values[: max(len(values) // part, 2)]
        low, high = ends(some)
        rng = np.random.default_rng(len(some))
        again = ends(rng.choice(some, (BOOTSTRAPS, len(some))), axis=1)
        errors = again.std(axis=1, ddof=1)
        out.append({"draws": len(some), "low": float(low), "high": float(high),
                    "low_error": float(errors[0]), "high_error": float(errors[1])})  # fmt: skip
    return out


def _normal_scores(count: int) -> np.ndarray:
    """Evenly spread normal scores with variance one."""
    scores = ndtri((np.arange(count) + 0.5) / count)
    return np.asarray(scores / scores.std(ddof=1))


def state_positions(chosen: Sequence[str]) -> list[int]:
    """Positions of the states shown; all when none is chosen."""
    return [STATES.index(state) for state in chosen] or list(range(len(STATES)))
