"""Where the time of a draw goes: `python benchmarks/draws.py [--draws 8]`, to draws.json and a table.

Processor seconds a draw by phase on one thread, and the luck that each stratum of the subsample adds to the
headline measures, relative to the variance the parameters give, beside its share of the time of living.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]

FOUND = HERE / "draws.json"
MEASURES = ("opioid_overdose_deaths", "medicaid_enrollees_end", "uninsured_end", "medicaid_losses")


@click.command()
@click.option(
    "--draws", type=click.IntRange(min=3), default=8, show_default=True, help="Draws that are timed."
)
@click.option("--persons", type=int, default=1_000_000, show_default=True, help="Records.")
def main(draws: int, persons: int) -> None:
    """Seconds of a draw by phase, and luck by stratum."""
    from microsim.experiments.compare import setup
    from microsim.experiments.sampling import draws_of
    from microsim.experiments.uncertainty import window_of
    from microsim.experiments.uncertainty.arms import deaths_of_2024, drawn_arms, of_policies
    from microsim.experiments.uncertainty.outcomes import ROW, priced, slot_change
    from microsim.experiments.uncertainty.sample import HALVES, lived, subsample, tables_of
    from microsim.experiments.uncertainty.spread import arms_of, bench_of
    from microsim.ground.parameters import load_parameters
    from microsim.ground.schema import STRATA

    ready = setup("budget2025", persons=persons)
    build = of_policies(ready.baseline, [ready.policies], ready.settings)
    bench = bench_of(build, subsample(ready.people), window_of(ready), ready.seed, 1)
    stratum = bench.sample.people.records["stratum"]
    spent: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        start = time.process_time()
        out = work()
        spent[name] = spent.get(name, 0.0) + time.process_time() - start
        return out

    rows = [ROW[name] for name in MEASURES]
    found = []
    for number, draw in enumerate([None, *draws_of(load_parameters(), draws, ready.seed)]):
        if number == 1:
            spent.clear()  # the first one also fills caches
        if draw is None:
            arms = build(load_parameters())
        else:
            timed("deaths of 2024", lambda arms=arms: deaths_of_2024(arms[0].tree, bench.sample, bench.seed))
            before = spent["deaths of 2024"]
            arms = timed(
                "parameters and policies",
                lambda draw=draw: drawn_arms(build, draw, bench.sample, bench.seed, bench.anchor),
            )
            spent["parameters and policies"] -= before / number
        tables = timed("tables", lambda arms=arms: tables_of(arms, bench.window.months))
        by_half, changes = [], []
        for half in range(HALVES):
            part = bench.sample.part(bench.sample.half == half)
            by_half.append(timed("living", lambda part=part, t=tables: lived(part, t, bench.seed)))
            changes.append(
                timed("measures", lambda one=by_half[-1]: slot_change(one, 1, bench.window))
            )
        whole = timed("money", lambda halves=by_half: arms_of(halves, 2))
        for arm, tallies in zip(arms, whole, strict=True):
            timed("money", lambda arm=arm, one=tallies: priced(arm.tree, one, bench.window))
        luck = []
        for code in range(len(STRATA)):
            pair = []
            for half in range(HALVES):
                part = bench.sample.part((stratum == code) & (bench.sample.half == half))
                total = timed(
                    f"stratum {STRATA[code]}", lambda part=part, t=tables: lived(part, t, bench.seed)
                )
                block = HALVES * slot_change(total, 1, bench.window)
                pair.append(block[rows, :, 0].sum(axis=1))
            luck.append(pair)
        found.append(np.array(luck))
    moved = np.array(found[1:]) - found[0]
    _write(moved, {name: value / draws for name, value in spent.items()}, len(stratum), draws, STRATA)


def _write(
    moved: np.ndarray, spent: dict[str, float], records: int, draws: int, strata: tuple[str, ...]
) -> None:
    """`moved` (draws, strata, halves, measures)."""
    halves = moved.sum(axis=1)
    centred = halves - halves.mean(axis=0)
    shared = (centred[:, 0] * centred[:, 1]).sum(axis=0) / (draws - 1)
    apart = (moved - moved.mean(axis=0))[:, :, 0] - (moved - moved.mean(axis=0))[:, :, 1]
    luck = (apart**2).sum(axis=0) / 4 / (draws - 1) / np.where(shared > 0, shared, np.nan)
    phases = {name: value for name, value in spent.items() if not name.startswith("stratum ")}
    living = {name: spent[f"stratum {name}"] for name in strata}
    document = {
        "records": records,
        "draws": draws,
        "seconds_a_draw": phases | {"all": sum(phases.values())},
        "strata": {
            name: {
                "share_of_living": living[name] / sum(living.values()),
                "luck": dict(zip(MEASURES, map(float, luck[row]), strict=True)),
            }
            for row, name in enumerate(strata)
        },
    }
    FOUND.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    for name, value in document["seconds_a_draw"].items():
        click.echo(f"{name:26s} {value:.3f} s")
    for name, row in document["strata"].items():
        shares = "  ".join(f"{measure} {value:.3f}" for measure, value in row["luck"].items())
        click.echo(f"{name:16s} {row['share_of_living']:.2f} of living; luck: {shares}")


if __name__ == "__main__":
    main()
