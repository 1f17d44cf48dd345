"""Shapley values: a fair and exact division of a difference among what caused it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

import numpy as np


def coalitions(players: int) -> list[tuple[int, ...]]:
    """All subsets of players in a fixed order, the empty one first."""
    return [subset for size in range(players + 1) for subset in combinations(range(players), size)]


def shapley(values: np.ndarray, players: int) -> np.ndarray:
    """Mean contribution of each player over all orders of joining; `values` has coalitions first.

    Returns (players, ...). The parts add up to the whole less the empty coalition: the last part is
    what the others leave, so that not even rounding is lost.
    """
    place = {subset: row for row, subset in enumerate(coalitions(players))}
    if len(values) != len(place):
        raise ValueError(f"{len(values)} values for {len(place)} coalitions")
    orders = math.factorial(players)
    out = np.zeros((players, *values.shape[1:]))
    for player in range(players - 1):
        rest = [other for other in range(players) if other != player]
        for size in range(players):
            ways = math.factorial(size) * math.factorial(players - 1 - size)
            for subset in combinations(rest, size):
                joined = place[tuple(sorted((*subset, player)))]
                out[player] += ways / orders * (values[joined] - values[place[subset]])
    out[-1] = values[-1] - values[0] - out[:-1].sum(axis=0)
    return out


def interaction(values: np.ndarray, players: int) -> np.ndarray:
    """The whole's effect less the sum of what each does alone."""
    alone = sum(values[1 + player] - values[0] for player in range(players))
    return np.asarray(values[-1] - values[0] - alone)


def names_of(subset: Sequence[int], names: Sequence[str]) -> str:
    """A coalition in words."""
    return "+".join(names[i] for i in subset) or "none"
