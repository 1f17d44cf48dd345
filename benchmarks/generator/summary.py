"""Print the table of results.csv and, for each generator, a test that its SmallCrush p-values are uniform."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from scipy import stats

HERE = Path(__file__).parent


def main() -> None:
    runs = pd.read_csv(HERE / "results.csv")
    table = runs.groupby(["battery", "generator"], sort=False).agg(
        sequences=("sequence", "nunique"),
        statistics=("statistics", "sum"),
        suspect=("suspect", "sum"),
        failed=("failed", "sum"),
        cpu_s=("cpu_s", "sum"),
    )
    print(table.to_string())
    values = pd.read_csv(HERE / "pvalues.csv")
    for (battery, generator), p in values.groupby(["battery", "generator"], sort=False)["p"]:
        uniform = stats.kstest(p.clip(0, 1), "uniform").pvalue
        print(f"{battery} {generator}: {len(p)} p-values, uniformity p = {uniform:.3g}")


if __name__ == "__main__":
    main()
