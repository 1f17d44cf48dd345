"""How many people other designs need for the same interval: `python benchmarks/variance.py [--keep]`.

Excess opioid overdose deaths of a policy can be had from two arms that share their luck or from arms with
luck of their own, and by adding up the probability of each death or the deaths that happen. A variance falls
as people grow, so a ratio of variances at the same people is a ratio of people at the same standard error.
The model's own design, paired arms and expected counts, is what the others are held against.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import click
import numpy as np

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]

FOUND = HERE / "variance.json"
DESIGNS = ("paired_expected", "paired_realised", "independent_expected", "independent_realised")
SEED = 1
"""Of the first pass and of the resampling; lives have the ones after it."""
RESAMPLES = 1_000
"""Of parts with repetition, for the range of a ratio."""
RANGE = (2.5, 97.5)


@click.command()
@click.option("--persons", type=click.IntRange(min=10_000), default=200_000, show_default=True,
              help="Records.")  # fmt: skip
@click.option("--parts", type=click.IntRange(min=10), default=100, show_default=True,
              help="Parts of the people, whose variance is that of the whole over their number.")  # fmt: skip
@click.option("--seeds", type=click.IntRange(min=2), default=4, show_default=True)
@click.option("--end", default="2034-12", show_default=True)
@click.option("--policy", default="budget2025", show_default=True)
@click.option("--keep", is_flag=True, help="Write variance.json, from which the page is made.")
def main(persons: int, parts: int, seeds: int, end: str, policy: str, keep: bool) -> None:
    """Variances of excess opioid deaths by design, over that of paired expected counts."""
    from microsim.engine.identity import code_digest

    deaths = lived(policy, persons, parts, seeds, end)
    found: dict[str, Any] = {
        "schema": 1, "date": time.strftime("%Y-%m-%d"), "code": code_digest(), "policy": policy,
        "records": persons, "parts": parts, "seeds": seeds, "end": end,
        "excess": float((deaths[:, :, 1, 0] - deaths[:, :, 0, 0]).sum(axis=1).mean()),
    }  # fmt: skip
    rng = np.random.default_rng(SEED)
    picks = rng.integers(0, parts, (RESAMPLES, parts))
    for kind, variances in (("luck_and_records", between_parts), ("luck", between_seeds)):
        central = variances(deaths)
        again = np.array([variances(deaths[:, pick]) for pick in picks])
        low, high = np.percentile(again[:, 1:] / again[:, :1], RANGE, axis=0)
        found[kind] = {
            "paired_expected_standard_error": float(np.sqrt(parts * central[0])),
            "times_the_people": {
                name: {"central": central[row] / central[0], "low": low[row - 1], "high": high[row - 1]}
                for row, name in enumerate(DESIGNS)
                if row
            },
        }
        for name, value in found[kind]["times_the_people"].items():
            click.echo(f"{kind}, {name}: {value['central']:.1f} ({value['low']:.1f} to {value['high']:.1f})")
    if keep:
        FOUND.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def lived(policy: str, persons: int, parts: int, seeds: int, end: str) -> np.ndarray:
    """Opioid deaths of the window (seeds, parts, arms, expected or realised), of the same tables."""
    from microsim.engine.crowding import tables_with_crowding
    from microsim.engine.people import People
    from microsim.engine.simulate import simulate
    from microsim.engine.tallies import C_OPIOID_DEATHS, CELL_OPIOID, EXPECTED_UNIT, THOUSANDTHS, of_arm
    from microsim.experiments.compare import CROWDING_ONE_IN, setup
    from microsim.ground.schema import POPULATION_MONTH

    ready = setup(policy, persons=persons, end=end)
    tables, _ = tables_with_crowding(ready.people, ready.arms, ready.months, SEED, 1, CROWDING_ONE_IN)
    window = slice(ready.first - POPULATION_MONTH, ready.last - POPULATION_MONTH + 1)
    found = np.zeros((seeds, parts, len(ready.arms), 2))
    for seed in range(seeds):
        for part in range(parts):
            people = People(ready.people.records[part::parts], ready.people.poor[part::parts])
            total = simulate(people, tables, SEED + 1 + seed, threads=1)
            for arm in range(len(ready.arms)):
                monthly = of_arm(total, arm).monthly[:, window]
                found[seed, part, arm, 0] = monthly["cell"][..., CELL_OPIOID].sum() / EXPECTED_UNIT
                found[seed, part, arm, 1] = monthly["count"][..., C_OPIOID_DEATHS].sum() / THOUSANDTHS
    return found


def between_parts(deaths: np.ndarray) -> np.ndarray:
    """Variance of a part by design: luck, and who is in the records; arms apart have other people too."""
    return by_design(deaths, lambda values: values.var(axis=1, ddof=1).mean())


def between_seeds(deaths: np.ndarray) -> np.ndarray:
    """Variance of a part by design from luck alone: the same people with other draws."""
    return by_design(deaths, lambda values: values.var(axis=0, ddof=1).mean())


def by_design(deaths: np.ndarray, variance: Any) -> np.ndarray:
    """In the order of DESIGNS. Arms that share nothing add their variances."""
    paired = [variance(deaths[:, :, 1, kind] - deaths[:, :, 0, kind]) for kind in (0, 1)]
    apart = [variance(deaths[:, :, 1, kind]) + variance(deaths[:, :, 0, kind]) for kind in (0, 1)]
    return np.array([*paired, *apart])


if __name__ == "__main__":
    main()
