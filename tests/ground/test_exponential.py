"""Exponential numbers follow their words and have the logarithm's values, without floating point."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from microsim.ground.draws import ONE
from microsim.ground.exponential import EXPONENTIAL_ONE, exponential
from microsim.life.overdose import survived

WORDS = st.integers(0, ONE - 1)
plainly, left = exponential.py_func, survived.py_func


@given(word=WORDS)
def test_it_is_minus_the_logarithm_of_what_lies_above(word: int) -> None:
    exact = -math.log1p(-(word + 0.5) / ONE)
    assert plainly(word) / EXPONENTIAL_ONE == pytest.approx(exact, abs=2e-9, rel=1e-8)


@given(words=st.tuples(WORDS, WORDS).map(sorted))
def test_larger_words_give_no_smaller_numbers(words: list[int]) -> None:
    # Squaring loses the last bits, so equal up to the precision promised.
    assert plainly(words[0]) <= plainly(words[1]) + EXPONENTIAL_ONE // 10**8


@pytest.mark.parametrize("fatal", [0.05, 0.5])
def test_who_survives_meets_the_next_overdose_with_a_uniform_word(fatal: float) -> None:
    threshold = int(fatal * ONE)
    words = np.random.default_rng(5).integers(threshold, ONE, 20_000)
    again = np.array([left(int(word), threshold) for word in words]) / ONE
    assert stats.kstest(again, "uniform").pvalue > 0.001
