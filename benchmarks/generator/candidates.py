"""The candidates in numba and the sequences in plain Python, the same definitions as sequences.h."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numba import njit

from microsim.ground.philox import key_words, philox4x32

U = np.uint64
GOLDEN = U(0x9E3779B97F4A7C15)
WORD = U(0xFFFFFFFF)
HALF = U(32)
FIRST_MONTH, MONTHS_LIVED, FIXED_MONTH, MILLION, NEIGHBOURS = 108, 132, 144, 1_000_000, 64


@njit(inline="always")
def splitmix(z):
    """SplitMix64's finaliser; uint64 to uint64."""
    z = (z ^ (z >> U(30))) * U(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> U(27))) * U(0x94D049BB133111EB)
    return z ^ (z >> U(31))


@njit(inline="always")
def moremur(z):
    """A stronger finaliser of the same shape (Evensen, 2019); uint64 to uint64."""
    z = (z ^ (z >> U(27))) * U(0x3C79AC492BA7B653)
    z = (z ^ (z >> U(33))) * U(0x1C69B3F74AC4AE35)
    return z ^ (z >> U(27))


@njit(inline="always")
def halves(a, b):
    return np.int64(a & WORD), np.int64(a >> HALF), np.int64(b & WORD), np.int64(b >> HALF)


@njit(inline="always")
def philox_block(key, person, month, block):
    return philox4x32(person, person >> 32, month, block, np.int64(key & WORD), np.int64(key >> HALF))


@njit(inline="always")
def splitmix_block(key, person, month, block):
    stream = splitmix(key + U(person) * GOLDEN)
    slot = (U(month) << U(33)) + U(2) * U(block)
    return halves(splitmix(stream + slot * GOLDEN), splitmix(stream + (slot + U(1)) * GOLDEN))


@njit(inline="always")
def moremur_block(key, person, month, block):
    place = moremur(moremur(key + U(person) * GOLDEN) + U(month) * GOLDEN)
    slot = U(2) * U(block)
    return halves(moremur(place + slot * GOLDEN), moremur(place + (slot + U(1)) * GOLDEN))


@njit(inline="always")
def additive_block(key, person, month, block):
    place = key + U(person) + U(month) + U(2) * U(block)
    return halves(splitmix(place), splitmix(place + U(1)))


BLOCKS: dict[str, Callable] = {
    "philox": philox_block,
    "splitmix": splitmix_block,
    "moremur": moremur_block,
    "additive": additive_block,
}


def key(seed: int, replicate: int) -> np.uint64:
    low, high = key_words(seed, replicate)
    return U(high << 32 | low)


def sequence(name: str, block: Callable) -> Iterator[int]:
    """Words of one sequence, in order, for ever."""
    own = key(1, 0)
    keys = [key(i, 0) if name == "seeds" else key(1, i) for i in range(NEIGHBOURS)]
    i = 0
    while True:
        if name in ("people", "people4"):
            four = block(own, i, FIXED_MONTH, 0)
        elif name == "clones":
            four = block(own, i // NEIGHBOURS + ((i % NEIGHBOURS) << 32), FIXED_MONTH, 0)
        elif name == "months":
            four = block(own, i >> 32, i & 0xFFFFFFFF, 0)
        elif name == "blocks":
            four = block(own, i >> 32, FIXED_MONTH, i & 0xFFFFFFFF)
        elif name in ("kernel", "kernel_rev"):
            person, rest = divmod(i, 2 * MONTHS_LIVED)
            four = block(own, person, FIRST_MONTH + rest // 2, rest % 2)
        elif name == "monthly":
            four = block(own, i % MILLION, FIRST_MONTH + i // MILLION, 0)
        else:
            four = block(keys[i % NEIGHBOURS], i // NEIGHBOURS, FIXED_MONTH, 0)
        if name in ("people4", "blocks", "kernel"):
            yield from four
        elif name == "kernel_rev":
            yield from (int(f"{word:032b}"[::-1], 2) for word in four)
        else:
            yield four[1 if name == "monthly" else 0]
        i += 1
