"""The keyed generator: published answers, plain Python equal to compiled code, the key alone decides."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microsim.ground.compiled import compiled
from microsim.ground.philox import fill_months, key_words, philox4x32

ONES = 0xFFFFFFFF
# Known answers published with Random123 (kat_vectors, philox4x32 10): zeros, ones, the digits of pi.
KNOWN = [
    ((0,) * 4 + (0,) * 2, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((ONES,) * 4 + (ONES,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344, 0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]
words = st.integers(0, ONES)
arguments = st.tuples(*[words] * 6)


@compiled
def draw_all(counters: np.ndarray, k0: int, k1: int, out: np.ndarray) -> None:
    """Write the four words of each counter (n, 4) int64 into `out` (n, 4) int64."""
    for i in range(counters.shape[0]):
        w0, w1, w2, w3 = philox4x32(counters[i, 0], counters[i, 1], counters[i, 2], counters[i, 3], k0, k1)
        out[i, 0], out[i, 1], out[i, 2], out[i, 3] = w0, w1, w2, w3


def drawn(counters: np.ndarray, key: tuple[int, int]) -> np.ndarray:
    out = np.empty_like(counters)
    draw_all(counters, *key, out)
    return out


def reference(c0: int, c1: int, c2: int, c3: int, k0: int, k1: int) -> tuple[int, int, int, int]:
    """The published round, in unbounded integers, with the key schedule in closed form."""
    for r in range(10):
        high0, low0 = divmod(0xD2511F53 * c0, 2**32)
        high1, low1 = divmod(0xCD9E8D57 * c2, 2**32)
        round_key = (k0 + r * 0x9E3779B9) % 2**32, (k1 + r * 0xBB67AE85) % 2**32
        c0, c1, c2, c3 = high1 ^ c1 ^ round_key[0], low1, high0 ^ c3 ^ round_key[1], low0
    return c0, c1, c2, c3


@pytest.mark.parametrize(("given_words", "answer"), KNOWN)
def test_published_answers(given_words, answer):
    assert philox4x32(*given_words) == answer


@given(arguments)
def test_compiled_equals_the_published_round(given_words):
    got = philox4x32(*given_words)
    assert got == reference(*given_words)
    assert all(0 <= word <= ONES for word in got)


@given(st.tuples(*[st.integers(-(2**63), 2**63 - 1)] * 6))
def test_only_the_low_half_of_each_argument_counts(given_words):
    assert philox4x32(*given_words) == philox4x32(*(word & ONES for word in given_words))


def test_plain_python_equals_compiled_without_warnings():
    random = np.random.default_rng(1)
    rows = [list(known) for known, _ in KNOWN] + random.integers(0, 2**32, (200, 6)).tolist()
    script = (
        "import json, sys; from microsim.ground.philox import philox4x32 as f;"
        "assert not hasattr(f, 'py_func');"
        "rows = [f(*row) for row in json.load(sys.stdin)];"
        "assert all(type(word) is int for row in rows for word in row);"
        "print(json.dumps(rows))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        check=False,
        input=json.dumps(rows),
        capture_output=True,
        text=True,
        env=dict(os.environ, NUMBA_DISABLE_JIT="1", PYTHONPATH=os.pathsep.join(p for p in sys.path if p)),
    )
    assert done.returncode == 0, done.stderr
    assert [tuple(row) for row in json.loads(done.stdout)] == [philox4x32(*row) for row in rows]


@given(st.lists(st.tuples(*[words] * 4), min_size=1, max_size=30), st.tuples(words, words), st.randoms())
@settings(deadline=None)
def test_value_depends_on_nothing_but_its_key(counters, key, random):
    whole = drawn(np.array(counters, dtype=np.int64), key)
    expected = {counter: tuple(row) for counter, row in zip(counters, whole.tolist(), strict=True)}
    some = random.choices(counters, k=len(counters))  # dropped, repeated and reordered
    for counter, row in zip(some, drawn(np.array(some, dtype=np.int64), key).tolist(), strict=True):
        assert tuple(row) == expected[counter]


@given(words, words, st.integers(0, 5000), st.integers(0, 9), words, words, st.integers(0, 40))
@settings(deadline=None)
def test_months_filled_ahead_equal_months_one_by_one(low, high, month, block, k0, k1, count):
    out = np.full((4, count), -1, dtype=np.int64)
    fill_months(low, high, month, block, k0, k1, out)
    alone = [philox4x32(low, high, month + j, block, k0, k1) for j in range(count)]
    assert [tuple(column) for column in out.T.tolist()] == alone


@given(arguments, st.integers(0, 5), st.integers(1, ONES))
def test_every_argument_matters(given_words, place, change):
    other = list(given_words)
    other[place] ^= change
    assert philox4x32(*other) != philox4x32(*given_words)


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1), st.integers(1, 2**64 - 1))
def test_keys_of_seeds_and_replicates_never_meet_along_one_axis(seed, replicate, step):
    here = key_words(seed, replicate)
    assert all(0 <= word <= ONES for word in here)
    assert key_words((seed + step) % 2**64, replicate) != here
    assert key_words(seed, (replicate + step) % 2**64) != here


def test_neighbouring_keys_are_all_distinct():
    keys = {key_words(seed, replicate) for seed in range(300) for replicate in range(300)}
    assert len(keys) == 300 * 300


def test_key_words_are_frozen():
    assert key_words(0) == (1293516399, 2802244911)
    assert key_words(1) == (1949917470, 1581361928)
    assert key_words(0, 1) == (4097920862, 3011683077)
    assert key_words(2**64 - 1, 2**64 - 1) == (92343160, 1146099939)


@pytest.mark.parametrize(("seed", "replicate"), [(-1, 0), (2**64, 0), (0, -1), (0, 2**64)])
def test_seed_out_of_range_is_refused(seed, replicate):
    with pytest.raises(ValueError, match=r"must be in \[0, 2\*\*64\)"):
        key_words(seed, replicate)
