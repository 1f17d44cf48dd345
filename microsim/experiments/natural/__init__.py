"""Natural experiments: the rule of an earlier time and place, lived by the people it reached."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from microsim.experiments.compare import SEED
from microsim.experiments.natural.arkansas import arkansas_2018
from microsim.experiments.natural.georgia import georgia_pathways
from microsim.experiments.natural.new_hampshire import new_hampshire_2019
from microsim.experiments.natural.unwinding import unwinding_2023
from microsim.ground.errors import InputError, nearest_name

EXPERIMENTS: dict[str, Callable[[int, int, int], pd.DataFrame]] = {
    "arkansas-2018": arkansas_2018,
    "new-hampshire-2019": new_hampshire_2019,
    "georgia-pathways": georgia_pathways,
    "unwinding-2023": unwinding_2023,
}
PERSONS = 400_000


def natural_experiment(name: str, persons: int = PERSONS, seed: int = SEED, *, threads: int = 2) -> pd.DataFrame:
    """Outcomes of an experiment beside published ones: outcome, unit, model, published, use, note.

    `use` is `calibrated` where the published value entered the model and `compared` where it did not. `persons` is the
    size of the population from which the people are taken. Raises InputError for an unknown name.
    """
    if name not in EXPERIMENTS:
        nearest = nearest_name(name, list(EXPERIMENTS))
        expected = f"one of {', '.join(EXPERIMENTS)}"
        raise InputError(None, "experiment", name, expected, nearest=nearest)
    return EXPERIMENTS[name](persons, seed, threads)
