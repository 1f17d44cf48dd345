"""Philox4x32-10, the keyed random generator behind every draw.

Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (2011). A draw is a pure function
of its counter and key: no state, no order, no thread. Evidence for the choice: docs/generator.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from microsim.ground.compiled import PLAIN_PYTHON, compiled

# Compiled code needs explicit unsigned types: a 32 by 32 bit product overflows int64, and uint64 mixed with a
# bare int leaves the integers. Plain Python ints have neither trouble.
_u64: Any = int if PLAIN_PYTHON else np.uint64
_i64: Any = int if PLAIN_PYTHON else np.int64

_WORD = 0xFFFFFFFF
_MASK = _u64(_WORD)
_HALF = _u64(32)
_M0 = _u64(0xD2511F53)
_M1 = _u64(0xCD9E8D57)
_W0 = _u64(0x9E3779B9)
_W1 = _u64(0xBB67AE85)

_MASK64 = 0xFFFFFFFFFFFFFFFF
_GOLDEN = 0x9E3779B97F4A7C15


# Inlined at its call site before optimising: twice as fast, and plain loops over it turn to vector code.
@compiled(inline="always")
def philox4x32(c0: int, c1: int, c2: int, c3: int, k0: int, k1: int) -> tuple[int, int, int, int]:
    """Four independent words for one counter and key.

    Arguments are integers of which the low 32 bits count; the result is four int64 in [0, 2**32).
    Plain Python (NUMBA_DISABLE_JIT=1) gives the same values.
    """
    x0 = _u64(c0 & _WORD)
    x1 = _u64(c1 & _WORD)
    x2 = _u64(c2 & _WORD)
    x3 = _u64(c3 & _WORD)
    key0 = _u64(k0 & _WORD)
    key1 = _u64(k1 & _WORD)
    for _ in range(10):
        p0 = x0 * _M0
        p1 = x2 * _M1
        x0 = (p1 >> _HALF) ^ x1 ^ key0
        x1 = p1 & _MASK
        x2 = (p0 >> _HALF) ^ x3 ^ key1
        x3 = p0 & _MASK
        key0 = (key0 + _W0) & _MASK
        key1 = (key1 + _W1) & _MASK
    return _i64(x0), _i64(x1), _i64(x2), _i64(x3)


@compiled
def fill_months(
    low: int, high: int, month: int, block: int, k0: int, k1: int, out: np.ndarray[Any, np.dtype[np.int64]]
) -> None:
    """Words of one block over consecutive months from `month` on, several times faster than month by month.

    `low` and `high` are the halves of the person id; `out` is an int64 array (4, months), filled with
    `out[word, j]` of `philox4x32(low, high, month + j, block, k0, k1)`.
    """
    for j in range(out.shape[1]):
        w0, w1, w2, w3 = philox4x32(low, high, month + j, block, k0, k1)
        out[0, j] = w0
        out[1, j] = w1
        out[2, j] = w2
        out[3, j] = w3


def _mix64(value: int) -> int:
    """SplitMix64's finaliser (Steele, Lea and Flood, 2014): a one-to-one scrambling of 64 bits."""
    value ^= value >> 30
    value = value * 0xBF58476D1CE4E5B9 & _MASK64
    value ^= value >> 27
    value = value * 0x94D049BB133111EB & _MASK64
    return value ^ value >> 31


def key_words(seed: int, replicate: int = 0) -> tuple[int, int]:
    """Key of a run: two words in [0, 2**32) from seed and replicate, each in [0, 2**64).

    For a fixed seed all replicates differ, and for a fixed replicate all seeds differ.
    Raises ValueError outside the range.
    """
    for name, number in (("seed", seed), ("replicate", replicate)):
        if not 0 <= number <= _MASK64:
            raise ValueError(f"{name} must be in [0, 2**64), not {number}")
    mixed = _mix64((seed + _GOLDEN) & _MASK64)
    mixed = _mix64((mixed + (replicate + 1) * _GOLDEN) & _MASK64)
    return mixed & _WORD, mixed >> 32
