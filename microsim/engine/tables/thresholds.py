"""From probabilities and rates to the integers the kernel compares draws with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from microsim.ground.draws import ONE
from microsim.ground.errors import InputError
from microsim.ground.parameters import Parameters
from microsim.life.tables import FACTOR_ONE

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
LARGEST_FACTOR = 30_000
"""A threshold of 2**32 by this factor is still below 2**63."""
_FIX = "a number that the policy, the baseline or --set changes is too large"


def probability(hazard: Floats | float) -> Floats:
    """Probability within the period of a constant hazard: 1 - exp(-h)."""
    return -np.expm1(-np.asarray(hazard, float))


def threshold(share: Floats | float) -> Integers:
    """Threshold out of 2**32 of a probability; clipped to [0, 1]. Raises InputError for what is no number."""
    if np.isnan(share).any():
        raise InputError(None, "a probability", "not a number", "parameters that give one", fix=_FIX)
    return np.rint(np.clip(share, 0.0, 1.0) * ONE).astype(np.int64)


def factor(ratio: Floats | float) -> Integers:
    """Factor with 1.0 = 65536 of a ratio. Raises InputError for one that overflows beside a threshold."""
    ratio = np.asarray(ratio, float)
    if not (np.abs(ratio) <= LARGEST_FACTOR).all():
        worst = float(ratio.flat[np.abs(ratio).argmax()])
        raise InputError(None, "a factor on a rate", worst, f"at most {LARGEST_FACTOR:,}", fix=_FIX)
    return np.rint(ratio * FACTOR_ONE).astype(np.int64)


def by_income(p: Parameters, hazard: Floats, ratio_id: str) -> Floats:
    """Hazards by age, usual income above the limit first, (age bands, 2), which average to `hazard`."""
    share = p.array("life.low_income_share", "age_band")
    ratio = p.number(ratio_id)
    base = hazard / (1.0 - share + share * ratio)
    return np.stack([base, base * ratio], axis=-1)


def cumulative(shares: Floats) -> Integers:
    """Cumulative thresholds along the last axis; shares are normalised and the last reaches 2**32."""
    shares = np.asarray(shares, float)
    total = shares.sum(axis=-1, keepdims=True)
    return threshold(np.cumsum(shares, axis=-1) / np.where(total > 0, total, 1.0))


def shift_odds(share: Floats, log_odds: Floats | float) -> Floats:
    """`share` with its log-odds moved; 0 and 1 stay."""
    share = np.asarray(share, float)
    odds = np.exp(log_odds) * share
    return odds / (1.0 - share + odds)
