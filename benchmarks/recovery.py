"""Simulation-based calibration of history matching: 100 replications by emulator, with ranks and a test.

For each replication a point is drawn from the prior, the emulator makes data there with the error of the
targets, and the posterior is found from those data alone. Where the method is right, the rank of the true
value in its posterior is uniform for every parameter (Talts et al. 2018).

    python benchmarks/recovery.py            # runs the model for the emulator, then 100 replications
    python benchmarks/recovery.py --check    # tests the stored ranks again
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np
from scipy.stats import chisquare, kstest

from microsim.experiments.history import emulate, free_space, posterior_of
from microsim.experiments.history.matching import DISCREPANCY, published
from microsim.experiments.history.runs import Runs
from microsim.ground.parameters import load_parameters

RANKS = Path(__file__).with_name("recovery_ranks.csv")
REPLICATIONS = 100
RUNS = 128
PERSONS = 200_000
BINS = 10
LEVEL = 0.01
"""Uniformity is rejected where a parameter's p-value is below this level divided by the number of tests."""


def replicate(seed: int = 20260) -> tuple[list[str], np.ndarray]:
    """Ranks in [0, 1] of the true values, (replications, parameters), and the parameters' ids."""
    from scipy.stats import qmc

    p = load_parameters()
    space = free_space(p)
    runs = Runs(p, space, persons=PERSONS, anchored=False)
    design = qmc.Sobol(space.size, scramble=True, rng=np.random.default_rng(seed)).random(RUNS)
    emulator = emulate(design, np.stack([runs(point) for point in design]))
    _, below, above = published(space)
    error = (below + above) / 2
    rng = np.random.default_rng(seed + 1)
    ranks = np.empty((REPLICATIONS, space.size))
    for row in range(REPLICATIONS):
        point = rng.random(space.size)
        mean, spread = emulator.predict(point[None])
        sd = np.sqrt(error**2 + spread[0] ** 2 + (DISCREPANCY * mean[0]) ** 2)
        made = mean[0] + sd * rng.standard_normal(len(sd))
        posterior = posterior_of(emulator, (made, error, error), space.size, seed=seed + row, size=1 << 14)
        ranks[row] = ((posterior.points < point) * posterior.weights[:, None]).sum(axis=0)
    return [axis.id for axis in space.axes], ranks


def uniformity(ranks: np.ndarray) -> list[tuple[float, float]]:
    """p-values of each parameter: chi-square of ten bins, and Kolmogorov-Smirnov."""
    out = []
    for column in ranks.T:
        counts = np.histogram(column, BINS, (0, 1))[0]
        out.append((float(chisquare(counts).pvalue), float(kstest(column, "uniform").pvalue)))
    return out


def stored() -> tuple[list[str], np.ndarray]:
    """Ids and ranks of the file beside this one."""
    with RANKS.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    return rows[0], np.array(rows[1:], float)


def main() -> None:
    """Replicate, store and test; or test what is stored."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="test the stored ranks, run nothing")
    if not parser.parse_args().check:
        ids, ranks = replicate()
        with RANKS.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(ids)
            writer.writerows([[f"{one:.5f}" for one in row] for row in ranks])
    ids, ranks = stored()
    limit = LEVEL / (2 * len(ids))
    for id_, (chi, ks) in zip(ids, uniformity(ranks), strict=True):
        print(f"{id_}: chi-square p {chi:.3f}, Kolmogorov-Smirnov p {ks:.3f}")
    worst = min(min(pair) for pair in uniformity(ranks))
    print(
        f"{len(ranks)} replications; smallest p {worst:.4f}, limit {limit:.5f}: "
        f"{'uniform' if worst > limit else 'not uniform'}"
    )


if __name__ == "__main__":
    main()
