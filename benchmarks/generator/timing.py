"""Cost of a draw: `python timing.py` writes timing.csv. One thread; rounds alternate between the generators.

Three kernels. `straight` sums one word of each of two blocks a month, nothing else. `branchy` is shaped
like a month of the model: two screening blocks (eight words), each word against its ceiling, and in the few
months where one is under it a third block, exact comparisons and a change of state that moves the ceilings.
`ahead` lives the same months, the screening words of all months of a person drawn first in a plain loop,
which becomes vector code. `free` is a one-multiply stand-in for drawing: what is left when draws cost
almost nothing.
"""

from __future__ import annotations

import csv
import time
from pathlib import Path

import numpy as np
from candidates import BLOCKS, GOLDEN, U, halves, key
from numba import njit

PEOPLE, FIRST, LAST, ROUNDS = 40_000, 108, 240, 31


@njit(inline="always")
def free_block(key, person, month, block):
    z = (key + U(person) + (U(month) << U(20)) + U(block)) * GOLDEN
    return halves(z, z ^ (z >> U(29)))


def kernels(block):
    @njit(nogil=True)
    def straight(key_, people, limits):
        total = 0
        for person in range(people):
            for month in range(FIRST, LAST):
                total += block(key_, person, month, 0)[0] ^ block(key_, person, month, 1)[1]
        return total

    @njit(nogil=True)
    def branchy(key_, people, limits):
        events = 0
        for person in range(people):
            state = person & 3
            for month in range(FIRST, LAST):
                a, b, c, d = block(key_, person, month, 0)
                e, f, g, h = block(key_, person, month, 1)
                quiet = a >= limits[state, 0] and b >= limits[state, 1] and c >= limits[state, 2]
                quiet = quiet and d >= limits[state, 3] and e >= limits[state, 4] and f >= limits[state, 5]
                quiet = quiet and g >= limits[state, 6] and h >= limits[state, 7]
                if quiet:
                    continue
                p, q, r, s = block(key_, person, month, 2)
                if a * 2 < limits[state, 0]:
                    break
                if b * 2 < limits[state, 1]:
                    events += 1 + (p < limits[state, 6])
                if (c < limits[state, 2] and q < 1 << 31) or (d < limits[state, 3] and r < 1 << 30):
                    state = (state + 1) & 3
                if e < limits[state, 4] or f < limits[state, 5] or s < limits[state, 7]:
                    state = (state + 3) & 3
                    events += 1
        return events

    @njit(nogil=True)
    def ahead(key_, people, limits):
        events = 0
        words = np.empty((8, LAST - FIRST), dtype=np.int64)
        for person in range(people):
            for number in range(2):
                for month in range(FIRST, LAST):
                    j = month - FIRST
                    w, x, y, z = block(key_, person, month, number)
                    words[4 * number, j] = w
                    words[4 * number + 1, j] = x
                    words[4 * number + 2, j] = y
                    words[4 * number + 3, j] = z
            state = person & 3
            for month in range(FIRST, LAST):
                j = month - FIRST
                a, b, c, d = words[0, j], words[1, j], words[2, j], words[3, j]
                e, f, g, h = words[4, j], words[5, j], words[6, j], words[7, j]
                quiet = a >= limits[state, 0] and b >= limits[state, 1] and c >= limits[state, 2]
                quiet = quiet and d >= limits[state, 3] and e >= limits[state, 4] and f >= limits[state, 5]
                quiet = quiet and g >= limits[state, 6] and h >= limits[state, 7]
                if quiet:
                    continue
                p, q, r, s = block(key_, person, month, 2)
                if a * 2 < limits[state, 0]:
                    break
                if b * 2 < limits[state, 1]:
                    events += 1 + (p < limits[state, 6])
                if (c < limits[state, 2] and q < 1 << 31) or (d < limits[state, 3] and r < 1 << 30):
                    state = (state + 1) & 3
                if e < limits[state, 4] or f < limits[state, 5] or s < limits[state, 7]:
                    state = (state + 3) & 3
                    events += 1
        return events

    return {"straight": straight, "branchy": branchy, "ahead": ahead}


def main() -> None:
    limits = np.array([[0.0005, 0.002, 0.01, 0.01, 0.02, 0.01, 0.005, 0.01]] * 4) * [[1], [2], [0.5], [3]]
    limits = (limits * 2**32).astype(np.int64)
    blocks = {name: BLOCKS[name] for name in ("philox", "splitmix", "moremur")} | {"free": free_block}
    made = {name: kernels(block) for name, block in blocks.items()}
    seconds: dict[tuple[str, str], list[float]] = {}
    for turn in range(ROUNDS + 1):
        lived = {}
        for kernel in ("straight", "branchy", "ahead"):
            for name in made:
                began = time.perf_counter()
                lived[kernel, name] = made[name][kernel](key(turn, 0), PEOPLE, limits)
                if turn:  # the first round compiles
                    seconds.setdefault((kernel, name), []).append(time.perf_counter() - began)
        assert all(lived["branchy", name] == lived["ahead", name] for name in made)
    rows = []
    for (kernel, name), taken in seconds.items():
        ratio = np.median(np.array(taken) / np.array(seconds[kernel, "philox"]))
        ns = np.array(taken) / (PEOPLE * (LAST - FIRST)) * 1e9
        rows.append([kernel, name, f"{np.median(ns):.2f}", f"{ns.min():.2f}", f"{ratio:.3f}"])
    with (Path(__file__).parent / "timing.csv").open("w", newline="") as file:
        header = ["kernel", "generator", "median_ns_per_person_month", "least_ns", "median_ratio_to_philox"]
        csv.writer(file, lineterminator="\n").writerows([header, *rows])
    for row in rows:
        print(*row)


if __name__ == "__main__":
    main()
