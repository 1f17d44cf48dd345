"""Value of information: by how much would knowing a parameter keep us from calling the answer wrongly?

The call is whether the package adds more deaths than supply control avoids. Made on the mean, it is wrong
in some draws, and the deaths by which it is then wrong are the regret. Knowing a parameter lets the call
follow the mean given its value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from microsim.experiments.sampling import points_of
from microsim.ground.parameters import Parameters, Record

DEGREE = 2
SHUFFLES = 50


class Worth(NamedTuple):
    """Regret in deaths, with what each parameter would take off it."""

    draws: int
    mean: float
    wrong: float
    """Share of draws in which the call made on the mean is wrong."""
    perfect: float
    """Mean regret that knowing everything would avoid, in deaths."""
    rows: tuple[dict[str, Any], ...]

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "question": "does the package add more opioid overdose deaths than supply control avoids?",
            "draws": self.draws,
            "mean_net_deaths": self.mean,
            "share_of_draws_called_wrongly": self.wrong,
            "perfect_information_deaths": self.perfect,
            "parameters": list(self.rows),
        }


def worth(
    p: Parameters,
    records: Sequence[Record],
    asked: Sequence[str],
    count: int,
    seed: int,
    net: Callable[[list[dict[str, float]]], np.ndarray],
) -> Worth:
    """Value of knowing each of `asked`, from `count` joint draws of all `records`.

    `net` gives deaths added less deaths avoided at points of normal scores.
    """
    normal = points_of(len(records), count, seed + 2)
    ids = [record.id for record in records]
    deaths = np.asarray(net([dict(zip(ids, map(float, row), strict=True)) for row in normal]))
    rng = np.random.default_rng(seed)
    rows = []
    for id_ in asked:
        score = normal[:, ids.index(id_)]
        # A curve through noise finds something; what it finds in shuffled scores is taken off.
        chance = np.mean([_gain(rng.permutation(score), deaths) for _ in range(SHUFFLES)])
        rows.append({
            "id": id_, "assumed": p.record(id_).status == "assumed",
            "deaths": max(float(_gain(score, deaths) - chance), 0.0),
        })  # fmt: skip
    call = np.sign(deaths.mean())
    perfect = np.maximum(deaths, 0).mean() - max(deaths.mean(), 0.0)
    return Worth(count, float(deaths.mean()), float((np.sign(deaths) != call).mean()), float(perfect),
                 tuple(sorted(rows, key=lambda row: -row["deaths"])))  # fmt: skip


def _gain(score: np.ndarray, deaths: np.ndarray) -> float:
    """Regret avoided by a call on the mean of `deaths` given `score`, a smooth curve."""
    given = np.polyval(np.polyfit(score, deaths, DEGREE), score)
    return float(np.maximum(given, 0).mean() - max(deaths.mean(), 0.0))
