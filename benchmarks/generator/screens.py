"""Cheap screens between neighbouring names: `python screens.py` writes screens.csv.

For a million names and a neighbour of each, z scores of: correlation of the words as uniforms, all 32 x 32
pairs of bits, the number of bits that differ (mean and spread), and rare events (p = 0.001) that strike both.
Then the number of monthly events (p = 0.05) of each person over 132 months against the binomial (chi-square).
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from candidates import BLOCKS, FIXED_MONTH, MONTHS_LIVED, key
from numba import njit
from scipy import stats

COUNT = 1 << 20
PEOPLE = 1 << 17
# name: (seed, replicate, person, month, block, word) of the neighbour less that of the draw itself
NEIGHBOURS = {
    "next seed": (1, 0, 0, 0, 0, 0),
    "next replicate": (0, 1, 0, 0, 0, 0),
    "next seed and last replicate": (1, -1, 0, 0, 0, 0),
    "next person": (0, 0, 1, 0, 0, 0),
    "next clone": (0, 0, 1 << 32, 0, 0, 0),
    "next month": (0, 0, 0, 1, 0, 0),
    "next block": (0, 0, 0, 0, 1, 0),
    "next word": (0, 0, 0, 0, 0, 1),
    "third word": (0, 0, 0, 0, 0, 2),
    "next person and last month": (0, 0, 1, -1, 0, 0),
    "next month and last block": (0, 0, 0, 1, -1, 0),
    "next seed and last person": (1, 0, -1, 0, 0, 0),
}


def reader(block):
    @njit
    def read(key_, first, month, number, word, out):
        for i in range(out.size):
            out[i] = block(key_, first + i, month, number)[word]

    @njit
    def counts(key_, limit, out):
        for i in range(out.size):
            for month in range(MONTHS_LIVED):
                out[i] += block(key_, i, month, 1)[1] < limit

    return read, counts


def bits(words: np.ndarray) -> np.ndarray:
    return ((words[:, None] >> np.arange(32)) & 1).astype(np.float32) * 2 - 1


def scores(a: np.ndarray, b: np.ndarray) -> dict[str, np.ndarray]:
    """z scores, each about standard normal when the words are independent and even."""
    n = a.size
    differ = np.bitwise_count(a ^ b).astype(float)
    p = 1e-3
    limit = int(p * 2**32)
    both = np.count_nonzero((a < limit) & (b < limit))
    # Poisson of mean about 1: a mid-p value turned into a z score.
    tail = stats.poisson.sf(both, n * p * p) + stats.poisson.pmf(both, n * p * p) / 2
    kurtosis_32 = 3 - 2 / 32  # of a binomial(32, 1/2)
    return {
        "correlation": np.array([np.corrcoef(a, b)[0, 1] * np.sqrt(n)]),
        "bit pairs": (bits(a).T @ bits(b)).ravel() / np.sqrt(n),
        "mean of bits that differ": np.array([(differ.mean() - 16) / np.sqrt(8 / n)]),
        "spread of bits that differ": np.array(
            [((differ - 16).var() / 8 - 1) / np.sqrt((kurtosis_32 - 1) / n)]
        ),
        "rare events together": np.array([stats.norm.isf(tail)]),
    }


def main() -> None:
    rows = []
    for generator, block in BLOCKS.items():
        read, counts = reader(block)

        def words(place, read=read):
            seed, replicate, person, month, number, word = place
            out = np.empty(COUNT, dtype=np.int64)
            read(key(seed, replicate), person, month, number, word, out)
            return out

        base = (7, 3, 1000, FIXED_MONTH, 1, 0)
        mine = words(base)
        for name, step in NEIGHBOURS.items():
            other = words(tuple(x + d for x, d in zip(base, step, strict=True)))
            for test, z in scores(mine, other).items():
                rows.append([generator, name, test, z.size, float(np.abs(z).max())])
        struck = np.zeros(PEOPLE, dtype=np.int64)
        counts(key(7, 3), int(0.05 * 2**32), struck)
        edges = np.arange(1, 15)
        groups = np.digitize(struck, edges)
        chance = np.diff(stats.binom.cdf(np.r_[-1, edges - 1, MONTHS_LIVED], MONTHS_LIVED, 0.05))
        p = stats.chisquare(np.bincount(groups, minlength=chance.size), PEOPLE * chance).pvalue
        z = float(stats.norm.isf(max(p, 1e-300) / 2))
        rows.append([generator, "132 months of a person", "events per person", 1, z])
    out = []
    for generator, name, test, size, z in rows:
        # Chance that the largest of `size` independent scores is at least this large.
        p = -np.expm1(size * np.log1p(-min(2 * stats.norm.sf(z), 1 - 1e-16)))
        out.append([generator, name, test, size, f"{z:.3f}", f"{p:.3g}"])
    with (Path(__file__).parent / "screens.csv").open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(
            [["generator", "neighbour", "test", "scores", "largest_abs_z", "p"], *out]
        )
    for generator in BLOCKS:
        p = [float(row[5]) for row in out if row[0] == generator]
        small, tiny = sum(x < 1e-3 for x in p), sum(x < 1e-6 for x in p)
        print(f"{generator}: {len(p)} screens, {small} p < 0.001, {tiny} p < 1e-6, smallest {min(p):.2g}")


if __name__ == "__main__":
    main()
