"""Which parameters a spread of draws followed: rank correlations that chance does not give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.special import ndtri

from microsim.ground.parameters import Record

CHANCE = 0.05
"""Probability that a parameter is named although none moves the values."""
MOST = 8


def movers(records: Sequence[Record], scores: np.ndarray, values: np.ndarray) -> list[dict[str, Any]]:
    """Parameters that move `values` (draws,), strongest first, each on what those before it leave over.

    `scores` (draws, records) are the normal scores of the draws. Named are those whose rank correlation
    with what is left lies beyond what the largest of as many unrelated parameters would show. `share` is
    the part of the variance of ranks that all named so far explain.
    """
    count = len(values)
    if count < MOST + 3 or not np.ptp(values):
        return []
    # Imported late: a run of one draw needs none of it.
    from scipy.stats import rankdata

    ranks = rankdata(values)
    ranks = (ranks - ranks.mean()) / ranks.std()
    limit = ndtri(1 - CHANCE / (2 * len(records))) / np.sqrt(count)
    moved = np.ptp(scores, axis=0) > 0
    ordered = np.where(moved, rankdata(scores, axis=0), 0.0)
    ordered = (ordered - ordered.mean(axis=0)) / np.where(moved, ordered.std(axis=0), 1.0)
    left = ranks
    chosen: list[int] = []
    out: list[dict[str, Any]] = []
    while len(out) < MOST:
        spread = left.std()
        found = ordered.T @ left / (count * spread) if spread > 0 else np.zeros(len(records))
        found[chosen] = 0.0
        best = int(np.argmax(np.abs(found)))
        if abs(found[best]) < limit:
            break
        chosen.append(best)
        fit = np.linalg.lstsq(ordered[:, chosen], ranks, rcond=None)[0]
        left = ranks - ordered[:, chosen] @ fit
        record = records[best]
        out.append({
            "id": record.id, "label": record.label, "assumed": record.status == "assumed",
            "rank_correlation": float(ordered[:, best] @ ranks / count), "share": float(1.0 - left.var()),
        })  # fmt: skip
    return out
