"""Pieces of work among threads: each is done once, by whoever is free, and tallies part as they were."""

from __future__ import annotations

from collections import deque

import numpy as np
from twin_cases import random_people, random_tables

from microsim.engine.simulate import _taken, simulate
from microsim.engine.tallies import of_arm, parted


def test_a_thread_that_is_done_takes_the_last_pieces_of_the_slowest() -> None:
    queues = [deque([0, 1]), deque([2, 3, 4, 5, 6]), deque([7, 8, 9])]
    slow = _taken(queues, 1)
    assert next(slow) == 2
    assert list(_taken(queues, 0)) == [0, 1, 6, 5, 9, 4, 8, 3, 7]
    assert list(slow) == []


def test_parted_tallies_are_those_of_each_arm() -> None:
    total = simulate(random_people(60, seed=5), random_tables(2, 24, 4), 9)
    expected = [of_arm(total, arm) for arm in range(len(total.monthly) - 1)]
    assert len(expected) > 1
    for mine, arm in zip(parted(total), expected, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(mine, arm, strict=True))
