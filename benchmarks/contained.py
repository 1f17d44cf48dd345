"""Do 95% intervals contain the truth? `python benchmarks/contained.py [--cases 100]`.

Each case is a world of its own: parameters drawn from their intervals, groups of people re-weighted, and
other luck. What the policy changes in it, on the mean of several lucks, is the truth. The interval comes
from the central parameters by the method of `microsim run --draws`, subsample included. Contained shares
go to contained.json.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
import numpy as np

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]

FOUND = HERE / "contained.json"
LUCKS = 8
"""Times that each world is lived; its truth is the mean."""
LEAST, MOST = 0.90, 0.99
SHOWN = (
    "opioid_overdose_deaths", "overdose_deaths", "treatment_end", "medicaid_enrollees_end", "uninsured_end",
    "medicaid_losses", "naloxone_kits", "federal_outlays_usd",
)  # fmt: skip


@click.command()
@click.option("--cases", type=int, default=100, show_default=True, help="Worlds.")
@click.option(
    "--sets", type=int, default=10, show_default=True, help="Sets of intervals the worlds are spread over."
)
@click.option("--draws", type=int, default=50, show_default=True, help="Draws of each set.")
@click.option("--persons", type=int, default=50_000, show_default=True, help="Records.")
@click.option("--end", default="2029-12", show_default=True, help="Last month of the window.")
def main(cases: int, sets: int, draws: int, persons: int, end: str) -> None:
    """Share of worlds whose truth lies in the interval, by measure."""
    inside: dict[str, list[bool]] = {name: [] for name in SHOWN}
    for number in range(sets):
        for name, values in one_set(number, cases // sets, draws, persons, end).items():
            inside[name] += values
        click.echo(f"{number + 1} of {sets} sets", err=True)
    shares = {name: float(np.mean(values)) for name, values in inside.items()}
    found = {"cases": cases // sets * sets, "sets": sets, "draws": draws, "persons": persons, "end": end,
             "lucks": LUCKS, "contained": shares}  # fmt: skip
    FOUND.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    for name, share in shares.items():
        outside = "" if LEAST <= share <= MOST else f"  outside {LEAST:.2f} to {MOST:.2f}"
        click.echo(f"{name:28s} {share:.2f}{outside}")


def one_set(number: int, worlds: int, draws: int, persons: int, end: str) -> dict[str, list[bool]]:
    """Whether the truth of each world lies in the interval of one set."""
    from microsim.experiments.compare import live, result_of, setup
    from microsim.experiments.sampling import draws_of
    from microsim.experiments.uncertainty import bench_for, with_intervals
    from microsim.experiments.uncertainty.arms import drawn_arms
    from microsim.experiments.uncertainty.outcomes import ROW
    from microsim.experiments.uncertainty.people import CELLS, cell_of, factors_of
    from microsim.experiments.uncertainty.spread import changes, in_lanes
    from microsim.ground.parameters import load_parameters

    ready = setup("budget2025", persons=persons, end=end, draws=draws, seed=number)
    lived = live(ready)
    document: dict[str, Any] = with_intervals(result_of(ready, lived), ready, lived).document
    bench = bench_for(ready, lived, full=True)
    cell = cell_of(bench.sample)
    weight = np.bincount(cell, bench.sample.weights, len(CELLS))
    apart = 1000 + number
    factors = factors_of(weight, worlds, apart)
    drawn = draws_of(load_parameters(), worlds, apart)

    def truth(world: int) -> np.ndarray:
        weights = np.rint(bench.sample.weights * factors[world][cell]).astype(np.int64)
        there = bench._replace(sample=bench.sample._replace(weights=weights))
        found = []
        for luck in range(LUCKS):
            seed = 10_000 * apart + LUCKS * world + luck
            arms = drawn_arms(there.build, drawn[world], there.sample, seed, there.anchor)
            found.append(changes(there._replace(seed=seed), arms)[0].mean(axis=0)[:, :, 0].sum(axis=1))
        return np.asarray(np.mean(found, axis=0))

    def told(what: str, done: int, total: int) -> None:
        pass

    truths = np.stack(in_lanes(truth, range(worlds), 2, told, "worlds"))
    entries = {name: document["measures"][name] for name in SHOWN}
    return {
        name: [bool(entry["low"] <= value <= entry["high"]) for value in truths[:, ROW[name]]]
        for name, entry in entries.items()
    }


if __name__ == "__main__":
    main()
