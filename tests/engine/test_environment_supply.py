"""Lethality of the supply: baseline paths, states, shocks and substitution."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microsim.engine.environment import Environment, build_environment, supply
from microsim.ground.calendar import month_index
from microsim.ground.parameters import Parameters, load_parameters
from microsim.ground.schema import STATES

BASE = month_index("2023-07")
START = month_index("2025-11")
DEATHS_2024 = (5115, 4741, 4816, 4546, 4449, 4221, 3821, 3506, 3010, 3130, 3073, 3307)
"""Deaths involving synthetic opioids by month of 2024, final (CDC WONDER, T40.4)."""
DEATHS_JULY_2023 = 6334


@pytest.fixture(scope="module")
def tree() -> Parameters:
    return load_parameters()


def deaths(tree: Parameters, environment: Environment) -> np.ndarray:
    """Expected opioid overdose deaths by state and month, up to a constant of each state."""
    return environment.incidence * supply.relative_fatality(tree, environment.naloxone, environment.lethality)


def mean_index(tree: Parameters, first: str, last: str) -> float:
    return float(supply.national_index(tree, month_index(first), month_index(last)).mean())


def shocked(tree: Parameters, **changes: object) -> Parameters:
    return tree.replaced({f"sud.supply.{name}": value for name, value in changes.items()})


def relative_deaths(tree: Parameters, changed: Parameters, first: int, last: int) -> np.ndarray:
    before = deaths(tree, build_environment(tree, first, last)).sum(axis=0)
    after = deaths(changed, build_environment(changed, first, last)).sum(axis=0)
    return after / before


@pytest.mark.parametrize("path", ["to_date", "to_2024"])
def test_months_of_2024_are_tracked(tree: Parameters, path: str) -> None:
    tree = tree.replaced({"sud.supply.path": path})
    fitted = supply.national_index(tree, month_index("2024-01"), month_index("2024-12"))
    error = np.log(fitted * DEATHS_JULY_2023 / np.array(DEATHS_2024))
    assert np.sqrt(np.mean(error**2)) < 0.045
    assert np.abs(error).max() < 0.11
    assert abs(fitted.mean() - 0.63) < 0.01


def test_levels_of_the_path_to_date(tree: Parameters) -> None:
    assert mean_index(tree, "2025-01", "2025-12") == pytest.approx(0.49, abs=0.01)
    assert mean_index(tree, "2025-09", "2026-04") == pytest.approx(0.42, abs=0.01)
    assert mean_index(tree, "2034-01", "2034-12") == pytest.approx(0.42, abs=0.001)


def test_path_to_2024_knows_nothing_later(tree: Parameters) -> None:
    assert tree.record("sud.supply.to_2024.index").months[-1] == month_index("2024-12")
    early = tree.replaced({"sud.supply.path": "to_2024"})
    later = early.scaled({"sud.supply.fall_ratio_2025": 2.0, "sud.supply.to_date.index": 2.0})
    for one, two in zip(build_environment(early, 96, 150), build_environment(later, 96, 150), strict=True):
        assert np.array_equal(one, two)


def test_expected_deaths_follow_the_index_in_every_state(tree: Parameters) -> None:
    first, last = 90, 239
    environment = build_environment(tree, first, last)
    followed = deaths(tree, environment)
    index = supply.state_index(tree, first, last)
    at_base = followed[:, BASE - first] / index[:, BASE - first]
    np.testing.assert_allclose(followed / at_base[:, None], index, rtol=1e-10)


@pytest.mark.parametrize("path", ["to_date", "to_2024"])
def test_states_average_to_the_nation(tree: Parameters, path: str) -> None:
    tree = tree.replaced({"sud.supply.path": path})
    weights = tree.array("sud.supply.synthetic_deaths_2023", "state")
    mean = weights @ supply.state_index(tree, 0, 239) / weights.sum()
    np.testing.assert_allclose(mean, supply.national_index(tree, 0, 239), rtol=1e-12)


def test_the_west_falls_later(tree: Parameters) -> None:
    index = dict(zip(STATES, supply.state_index(tree, 132, 132)[:, 0], strict=True))
    assert index["AZ"] > 0.6
    assert index["OH"] < 0.45
    assert index["AK"] > index["WV"]


@pytest.mark.parametrize("tolerance_loss", [0.3, 0.0])
def test_shock_like_2019(tree: Parameters, tolerance_loss: float) -> None:
    trough = START + 3
    for half_life, within in ((4, 0.10), (2, 0.05)):
        lost = shocked(tree, tolerance_loss=tolerance_loss)
        changed = shocked(lost, shock_log_depth=np.log(0.75), shock_half_life_months=half_life)
        path = relative_deaths(tree, changed, START, START + 60)
        assert path[0] == 1.0
        assert path.argmin() == 3
        assert 0.20 <= 1 - path[3] <= 0.25
        assert abs(1 - path[trough - START + 6]) < within
        assert abs(1 - path[-1]) < 0.001


def test_structural_shock_lasts(tree: Parameters) -> None:
    changed = shocked(tree, shock_log_depth=np.log(0.75), shock_half_life_months=36)
    path = relative_deaths(tree, changed, START, START + 40)
    assert 1 - path[9] > 0.20
    assert 1 - path[27] > 0.14


def test_recovery_finds_people_without_tolerance(tree: Parameters) -> None:
    changed = shocked(tree, shock_log_depth=-0.2)
    without = shocked(changed, tolerance_loss=0.0)
    ratio = supply.tolerance(changed, START, START + 24) / supply.tolerance(without, START, START + 24)
    assert np.flatnonzero(ratio != 1).tolist() == [7, 8, 9]
    assert ratio.max() == pytest.approx(1.06)


def test_partial_rebound_leaves_a_lasting_part(tree: Parameters) -> None:
    changed = shocked(tree, shock_log_depth=-0.2, rebound=0.75)
    assert supply.shock(changed, 1000, 1000)[0] == pytest.approx(-0.05)


def test_no_depth_no_difference(tree: Parameters) -> None:
    changed = shocked(
        tree, shock_half_life_months=36, shock_lag_months=0, rebound=0.5, nitazene_scenario="high",
        tolerance_loss=0.6, shock_depth_factor=2.0,
    )  # fmt: skip
    for one, two in zip(build_environment(tree, 100, 180), build_environment(changed, 100, 180), strict=True):
        assert np.array_equal(one, two)


def test_nitazenes_grow_to_half_in_time_and_weaken_naloxone(tree: Parameters) -> None:
    before = build_environment(shocked(tree, shock_log_depth=-0.12), START, START + 119)
    last = before
    for scenario, final in (("low", 0.05), ("middle", 0.15), ("high", 0.30)):
        changed = shocked(tree, shock_log_depth=-0.12, nitazene_scenario=scenario)
        share = supply.nitazene_share(changed, START - 5, START + 119)
        assert share[:6] == pytest.approx(0.011)
        assert share[5 + 12] == pytest.approx(final / 2)
        assert share[-1] == pytest.approx(final, rel=0.01)
        environment = build_environment(changed, START, START + 119)
        for name in ("incidence", "lethality", "reversal"):
            assert np.all(getattr(environment, name)[:, 1:] > getattr(last, name)[:, 1:])
        assert np.array_equal(environment.naloxone, before.naloxone)
        last = environment
    shallow = shocked(tree, shock_log_depth=-0.06, nitazene_scenario="high")
    assert supply.nitazene_share(shallow, 400, 400)[0] == pytest.approx(0.011 + (0.30 - 0.011) / 2, rel=1e-3)


def test_flat_supply_is_worse_and_keeps_other_causes(tree: Parameters) -> None:
    flat = tree.replaced({"sud.supply.path": "flat"})
    first = month_index("2024-01")
    path = relative_deaths(tree, flat, first, first + 11)
    assert np.all(path > 1.15)
    here, there = build_environment(tree, BASE - 5, BASE), build_environment(flat, BASE - 5, BASE)
    assert all(np.array_equal(one, two) for one, two in zip(here, there, strict=True))
    held = build_environment(flat, 180, 180)
    assert np.all(held.incidence == 1.0)
    weights = tree.array("sud.supply.synthetic_deaths_2023", "state")
    assert weights @ held.lethality[:, 0] < weights.sum()


@settings(max_examples=25, deadline=None)
@given(
    depth=st.floats(-0.5, 0.0), lag=st.integers(0, 12), half_life=st.floats(0.5, 60.0),
    rebound=st.floats(0.0, 1.0), share=st.floats(0.0, 1.0), plateau=st.floats(0.2, 0.9),
)  # fmt: skip
def test_factors_stay_finite_and_shocks_never_deepen(
    depth: float, lag: int, half_life: float, rebound: float, share: float, plateau: float
) -> None:
    tree = load_parameters().replaced({
        "sud.supply.shock_log_depth": depth, "sud.supply.shock_lag_months": lag,
        "sud.supply.shock_half_life_months": half_life, "sud.supply.rebound": rebound,
        "sud.supply.incidence_share": share, "sud.supply.to_date.plateau": plateau,
        "sud.supply.nitazene_scenario": "middle",
    })  # fmt: skip
    path = supply.shock(tree, START - 2, START + 200)
    assert np.all((depth <= path) & (path <= 0))
    assert np.all(np.diff(path[2 + lag :]) >= 0)
    environment = build_environment(tree, START, START + 60)
    assert all(np.all(np.isfinite(table)) and np.all(table >= 0) for table in environment)
