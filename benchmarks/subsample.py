"""What living draws on a subsample does to an interval: `python benchmarks/subsample.py`, to subsample.json.

The same joint draws are lived by all records of a population and by several nested subsamples of it that share no
record. Of each comes the variance of the parameters as a run has it, with the luck of lives and records taken out, and
as it would be with that luck left in. Set against all records it says what the subsample adds to an interval.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
import numpy as np

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]

FOUND = HERE / "subsample.json"
MEASURES = ("opioid_overdose_deaths", "overdose_deaths", "medicaid_losses", "medicaid_enrollees_end", "uninsured_end",
            "treatment_end")  # fmt: skip


@click.command()
@click.option("--draws", type=click.IntRange(min=8), default=200, show_default=True, help="Joint draws.")
@click.option("--persons", type=int, default=200_000, show_default=True, help="Records of the population.")
@click.option("--samples", type=click.IntRange(2, 6), default=6, show_default=True, help="Subsamples.")
def main(draws: int, persons: int, samples: int) -> None:
    """Variance of intervals from subsamples over that from all records."""
    from microsim.engine.people import People
    from microsim.experiments.compare import live, setup
    from microsim.experiments.uncertainty import bench_for, window_of
    from microsim.experiments.uncertainty.intervals import signal
    from microsim.experiments.uncertainty.outcomes import ROW
    from microsim.experiments.uncertainty.sample import Sample, everybody, ranks, subsample
    from microsim.experiments.uncertainty.spread import bench_of, from_centre, spread_of

    ready = setup("budget2025", persons=persons, draws=draws)
    build = bench_for(ready, live(ready)).build
    rows = [ROW[name] for name in MEASURES]

    def variances(sample: Sample) -> tuple[np.ndarray, np.ndarray]:
        """Of each measure in the nation over the window: luck taken out, and left in."""
        spread = spread_of(bench_of(build, sample, window_of(ready), ready.seed, 2, money=False), draws)
        moved = from_centre(spread.draws[:, 0], spread.centre[:, 0]).sum(axis=3)[:, :, rows, 0]
        kept, taken, _ = signal(moved, len(spread.centre))
        out = kept.var(axis=0, ddof=1)
        return out, out + taken

    whole, _ = variances(everybody(ready.people))
    rank, found = ranks(ready.people), []
    for number in range(samples):
        kept = rank >= number
        found.append(variances(subsample(People(ready.people.records[kept], ready.people.poor[kept]))))
    ratios = np.array(found) / whole
    document = {"records": persons, "draws": draws, "subsamples": samples, "measures": {}}
    for row, name in enumerate(MEASURES):
        out, left_in = ratios[:, :, row].T
        error = float(out.std(ddof=1) / np.sqrt(samples))
        document["measures"][name] = {
            "variance_over_all_records": float(out.mean()),
            "standard_error": error,
            "with_luck_left_in": float(left_in.mean()),
        }
        click.echo(f"{name:26s} {out.mean():.3f} ({error:.3f}); luck left in {left_in.mean():.3f}")
    FOUND.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
