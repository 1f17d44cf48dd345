"""How far luck moves excess opioid deaths of a default run: random groups beside repeated seeds.

    python benchmarks/luck.py --seeds 6

Each seed draws other people and lives them at fixed parameters, a minute or so on two cores. Printed are the
difference of `budget2025` over ten years, its standard error from random groups and the spread between
seeds; for the nation and for states with about one in fifty of its people.
"""

from __future__ import annotations

import argparse

import numpy as np

from microsim.engine.people import people_of
from microsim.engine.tallies import EXPECTED_UNIT, Y_OPIOID
from microsim.experiments.compare import SEED, live, setup
from microsim.experiments.uncertainty.noise import group_error
from microsim.ground.schema import POPULATION_MONTH, STATES
from synthetic_pop.builder import DEFAULT_PERSONS, build

NATION = "nation"
FIFTIETH = (0.018, 0.023)
"""Share of the nation's people in a state that counts as one in fifty."""


def lived(seed: int, persons: int, policy: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Difference, standard error and people by state, with other people for each seed."""
    ready = setup(policy, persons=1_000, seed=SEED + seed)
    people = people_of(build(persons, SEED + seed), ready.arms[0])
    arms = live(ready._replace(people=people)).arms
    first = (ready.first - POPULATION_MONTH) // 12
    change = (arms[1].yearly["error"] - arms[0].yearly["error"])[:, first:, ..., Y_OPIOID].sum(axis=1)
    change = change / EXPECTED_UNIT
    weight = np.bincount(people.records["state"], people.records["weight"], len(STATES))
    return change.sum(axis=(1, 2)), group_error(change), weight


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--persons", type=int, default=DEFAULT_PERSONS)
    parser.add_argument("--policy", default="budget2025")
    asked = parser.parse_args()
    runs = [lived(seed, asked.persons, asked.policy) for seed in range(asked.seeds)]
    found, error, weight = (np.array(column) for column in zip(*runs, strict=True))
    share = weight[0] / weight[0].sum()
    chosen = [i for i in range(len(STATES)) if FIFTIETH[0] <= share[i] <= FIFTIETH[1]]
    rows = [(NATION, found.sum(axis=1), np.sqrt((error**2).sum(axis=1)))]
    fiftieth = np.sqrt((error[:, chosen] ** 2).mean(axis=0)) / found[:, chosen].mean(axis=0)
    rows += [(STATES[i], found[:, i], error[:, i]) for i in chosen]
    print(f"{'':8s}{'mean':>8s}{'group error':>14s}{'between seeds':>16s}   each seed")
    for name, values, errors in rows:
        mean = values.mean()
        own, between = (
            np.sqrt((errors**2).mean()) / mean,
            values.std(ddof=1) / mean if len(values) > 1 else np.nan,
        )
        each = " ".join(f"{v:.1f} ({e / v:.1%})" for v, e in zip(values, errors, strict=True))
        print(f"{name:8s}{mean:8.1f}{own:14.2%}{between:16.2%}   {each}")
    print(f"states together: group error {np.sqrt((fiftieth**2).mean()):.2%}")


if __name__ == "__main__":
    main()
