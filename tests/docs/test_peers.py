"""The comparison with peers: what they are given, when events agree, and what the page says."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / "benchmarks")]

import page  # noqa: E402
import peers  # noqa: E402
import reduced  # noqa: E402
import variance  # noqa: E402

PEOPLE, MONTHS = 4_000, 8


def test_peers_read_the_probabilities_and_people_of_the_reduced_model(tmp_path):
    model = peers.reduced_model(PEOPLE, MONTHS)
    peers.written(model, MONTHS, tmp_path)
    told = json.loads((tmp_path / "model.json").read_text())
    assert list(told["monthly"].values()) == list(reduced.MONTHLY)
    thresholds = dict(zip(reduced.Rates._fields, model.rates.tolist(), strict=False))
    assert {name: round(p * reduced.ONE) for name, p in told["monthly"].items()} == {
        name: thresholds[name] for name in told["monthly"]
    }
    with np.load(told["start"]) as start:
        assert all((start[name] == getattr(model, name)).all() for name in peers.COLUMNS)


def test_checks_fall_due_in_the_months_that_are_lived():
    model = peers.reduced_model(PEOPLE, MONTHS)
    assert reduced.run(reduced.live_numba, model, months=MONTHS)[..., reduced.CHECKED].sum() > 0


def test_other_seeds_agree_and_another_probability_is_noticed():
    model = peers.reduced_model(PEOPLE, MONTHS)
    expected = peers.numba_counts(model, MONTHS)

    def scores(theirs):
        cube = reduced.run(reduced.live_numba, theirs, months=MONTHS).sum(axis=(0, 1, 2))
        counts = {name: [int(cube[getattr(reduced, name.upper())])] for name in expected}
        return peers.apart(counts, expected)

    assert peers.worst(scores(model)) < peers.APART
    model.rates[reduced.Rates._fields.index("fail")] //= 2
    assert abs(scores(model)["lost"]) > peers.APART


def test_the_page_does_not_let_ratios_stand_where_events_differ():
    row = {
        "ratio": 10.0, "lowest_ratio": 9.0, "highest_ratio": 11.0, "seconds": 1.0, "numba_seconds": 0.1,
        "events_agree": False, "standard_errors_apart": {"lost": 9.0},
    }  # fmt: skip
    machine = dict.fromkeys(("cpu", "cores", "load", "python", "numba", "code", "date"), "x")
    found = {
        "machine": machine, "months": 12, "rounds": 1, "versions": {"mesa": "0"},
        "sizes": [{"people": 2_000, "peers": {"mesa": row}}],
    }  # fmt: skip
    assert "do not agree" in page.peers_section(found)
    row["events_agree"] = True
    assert "stocks agree" in page.peers_section(found)


def test_arms_with_their_own_luck_add_their_variances():
    rng = np.random.default_rng(1)
    shared = rng.normal(size=(3, 400, 1, 1))
    deaths = np.broadcast_to(shared, (3, 400, 2, 2)) + np.array([0.0, 1.0])[:, None]
    paired, _, apart, _ = variance.between_parts(deaths)
    assert paired == pytest.approx(0, abs=1e-12)
    assert apart == pytest.approx(2 * shared.var(axis=1, ddof=1).mean())
