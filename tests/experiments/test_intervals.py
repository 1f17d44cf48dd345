"""Draws, errors and moves of people become intervals of a summary: made-up numbers, ends worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import ndtri

from microsim.experiments.bounds import ends
from microsim.experiments.uncertainty.intervals import LARGEST_ERROR, Parts, add_intervals, nation, states
from microsim.experiments.uncertainty.outcomes import MEASURES, ROW
from microsim.experiments.uncertainty.spread import Spread
from microsim.ground.schema import STATES

DRAWS = 39
"""As many draws as put the ends of the interval on the least and the largest of them."""
HERE, THERE = STATES.index("OH"), STATES.index("WY")
SHOWN = [HERE, THERE]
SHAPE = (len(MEASURES), len(STATES), 3)
NAME = "uninsured_person_months"
SEED = 5
SCORES = ndtri((np.arange(DRAWS) + 0.5) / DRAWS)
FURTHEST = SCORES.max() / SCORES.std(ddof=1)


def _still() -> Spread:
    """A spread in which no draw changes anything."""
    return Spread(np.zeros((DRAWS, 1, 2, *SHAPE)), np.zeros((1, 1, 2, *SHAPE)))


def _exact() -> np.ndarray:
    """Every number of its own: 100 a state, 10 a year, in all measures."""
    block = np.zeros(SHAPE)
    block += 100.0 * np.arange(1, len(STATES) + 1)[:, None] + 10.0 * np.arange(3)
    return block


def _document(exact: np.ndarray, shown: list[int]) -> dict[str, Any]:
    def entry(value: float) -> dict[str, dict[str, Any]]:
        return {NAME: {"difference": float(value), "low": None, "high": None}}

    row = exact[ROW[NAME]]
    return {
        "measures": entry(row[shown, 0].sum()),
        "by_year": {"2025": entry(row[shown, 1].sum()), "2026": entry(row[shown, 2].sum())},
        "by_state": {STATES[state]: entry(row[state, 0]) for state in shown},
    }


def _filled(
    spread: Spread | None = None, people: np.ndarray | None = None, error: np.ndarray | None = None
) -> tuple[dict[str, Any], np.ndarray]:
    exact = _exact()
    document = _document(exact, SHOWN)
    people = np.zeros((DRAWS, SHAPE[0], SHAPE[2])) if people is None else people
    error = np.zeros(SHAPE) if error is None else error
    add_intervals(document, spread or _still(), exact, people, error, SHOWN, SEED)
    return document, exact[ROW[NAME]]


def _interval(entries: dict[str, Any]) -> tuple[float, float]:
    return entries[NAME]["low"], entries[NAME]["high"]


def test_ends_leave_out_a_fortieth_of_new_draws_on_either_side() -> None:
    assert ends(np.arange(1.0, 40.0)) == pytest.approx([1.0, 39.0])
    assert ends(np.arange(1.0, 80.0)) == pytest.approx([2.0, 78.0])


def test_noise_of_states_adds_up_as_variances_and_each_number_has_its_own() -> None:
    error = np.zeros(SHAPE)
    error[ROW[NAME], HERE] = 3.0, 6.0, 9.0
    error[ROW[NAME], THERE] = 4.0, 8.0, 12.0
    error[ROW[NAME], 0] = 1000.0
    document, exact = _filled(error=error)
    total = exact[SHOWN].sum(axis=0)
    wide = np.array([-FURTHEST, FURTHEST])
    assert _interval(document["measures"]) == pytest.approx(total[0] + 5.0 * wide)
    assert _interval(document["by_year"]["2025"]) == pytest.approx(total[1] + 10.0 * wide)
    assert _interval(document["by_year"]["2026"]) == pytest.approx(total[2] + 15.0 * wide)
    assert _interval(document["by_state"]["OH"]) == pytest.approx(exact[HERE, 0] + 3.0 * wide)
    assert _interval(document["by_state"]["WY"]) == pytest.approx(exact[THERE, 0] + 4.0 * wide)
    source = document["uncertainty"]["sources"][NAME]
    assert source["simulation_sd"] == pytest.approx(5.0)
    assert source["monte_carlo_error"] == pytest.approx(5.0 / total[0])
    assert source["parameters_sd"] == source["population_sd"] == 0.0


def test_a_measure_whose_noise_is_large_beside_it_is_named() -> None:
    error = np.zeros(SHAPE)
    total = _exact()[ROW[NAME], SHOWN, 0].sum()
    error[ROW[NAME], HERE, 0] = 1.01 * LARGEST_ERROR * total
    error[ROW["deaths_other"], HERE, 0] = 0.99 * LARGEST_ERROR * total
    document, _ = _filled(error=error)
    above = document["uncertainty"]["monte_carlo_error_above"]
    assert above == {"limit": LARGEST_ERROR, "measures": [NAME]}


def test_what_is_not_known_about_people_moves_each_number_in_proportion() -> None:
    people = np.zeros((DRAWS, SHAPE[0], SHAPE[2]))
    people[:, ROW[NAME]] = np.linspace(-0.2, 0.3, DRAWS)[:, None] * [1.0, 0.5, 0.1]
    document, exact = _filled(people=people)
    total = exact[SHOWN].sum(axis=0)
    assert _interval(document["measures"]) == pytest.approx((total[0] * 0.8, total[0] * 1.3))
    assert _interval(document["by_year"]["2025"]) == pytest.approx((total[1] * 0.9, total[1] * 1.15))
    assert _interval(document["by_year"]["2026"]) == pytest.approx((total[2] * 0.98, total[2] * 1.03))
    assert _interval(document["by_state"]["WY"]) == pytest.approx((exact[THERE, 0] * 0.8, exact[THERE, 0] * 1.3))
    spread = np.linspace(-0.2, 0.3, DRAWS).std(ddof=1)
    assert document["uncertainty"]["sources"][NAME]["population_sd"] == pytest.approx(total[0] * spread)


def test_what_draws_change_against_the_centre_of_their_luck_is_laid_on_the_exact_change() -> None:
    spread = Spread(np.zeros((DRAWS + 1, 1, 2, *SHAPE)), np.zeros((2, 1, 2, *SHAPE)))
    moved = np.repeat(np.arange(-5.0, 15.0), 2)
    spread.centre[0], spread.centre[1] = 70.0, -30.0
    spread.draws[::2], spread.draws[1::2] = 70.0, -30.0
    spread.draws[:, 0, :, ROW[NAME], HERE, 0] += moved[:, None]
    spread.draws[:, 0, :, ROW[NAME], THERE, 0] -= 3.0 * moved[:, None]
    spread.draws[:, 0, :, ROW[NAME], 0, 0] += 1000.0 * moved[:, None]
    exact, none = _exact(), np.zeros((DRAWS + 1, SHAPE[0], SHAPE[2]))
    whole = nation(spread, 0, exact, none, np.zeros(SHAPE), SHOWN, np.zeros(DRAWS + 1))
    places = states(spread, 0, exact, none, np.zeros(SHAPE), whole, SHOWN, np.zeros(DRAWS + 1))
    assert whole.total[:, ROW[NAME], 0, 0] == pytest.approx(-2.0 * moved)
    assert places.total[:, ROW[NAME], :, 0] == pytest.approx(np.stack([moved, -3.0 * moved], axis=1))
    assert not whole.total[:, ROW[NAME], 0, 1:].any()


def test_a_state_whose_halves_disagree_follows_the_nation() -> None:
    spread, exact = _still(), np.ones(SHAPE)
    moved = np.linspace(-2.0, 2.0, DRAWS)
    apart = 10.0 * np.cos(np.arange(DRAWS))
    for state, sign in ((HERE, 1.0), (THERE, -1.0)):
        spread.draws[:, 0, 0, ROW[NAME], state, 0] = moved / 2 + sign * apart
        spread.draws[:, 0, 1, ROW[NAME], state, 0] = moved / 2 - sign * apart
    still = np.zeros((DRAWS, SHAPE[0], SHAPE[2])), np.zeros(SHAPE)
    whole = nation(spread, 0, exact, *still, SHOWN, np.zeros(DRAWS))
    places = states(spread, 0, exact, *still, whole, SHOWN, np.zeros(DRAWS))
    assert whole.parameters[:, ROW[NAME], 0, 0] == pytest.approx(moved)
    assert places.parameters[:, ROW[NAME], :, 0] == pytest.approx(np.stack([moved / 2] * 2, axis=1))


def test_the_three_sources_add_up() -> None:
    three = (np.full((2, 1, 1, 1), value) for value in (1.0, 20.0, 300.0))
    assert (Parts(*three, np.zeros(1), np.zeros(1)).total == 321.0).all()


def test_a_number_that_nothing_moves_has_no_width() -> None:
    document = _document(np.zeros(SHAPE), SHOWN)
    none = np.zeros((DRAWS, SHAPE[0], SHAPE[2]))
    add_intervals(document, _still(), np.zeros(SHAPE), none, np.zeros(SHAPE), SHOWN, SEED)
    assert document["uncertainty"]["sources"][NAME]["monte_carlo_error"] is None
    # Sums of floats may leave a rest where the difference of the integers is none.
    add_intervals(document, _still(), np.full(SHAPE, 1e-9), none, np.zeros(SHAPE), SHOWN, SEED)
    assert _interval(document["measures"]) == (0.0, 0.0)
