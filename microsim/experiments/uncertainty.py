"""Intervals: many joint draws of the parameters on a nested subsample, with the full run as anchor.

Each draw lives both arms on a thinned sample that keeps people at risk, after a year of baseline that
puts its deaths of 2024 back on the facts. The difference of a draw is the full run's difference plus
what the draw changes on the sample (a control variate). Simulation noise comes from hashed random groups.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from microsim.engine import measures, tallies
from microsim.engine.environment import build_environment
from microsim.engine.finance import price
from microsim.engine.measures import BY_NAME, window_value
from microsim.engine.people import People
from microsim.engine.results import Result
from microsim.engine.simulate import simulate
from microsim.engine.summary import years_of
from microsim.engine.tables import build_tables
from microsim.engine.tallies import CELL_NONOPIOID, CELL_OPIOID, EXPECTED_UNIT, Tallies
from microsim.experiments.compare import Lived, Report, Setup, silent
from microsim.experiments.sampling import Draw, draws_of
from microsim.ground.errors import InputError
from microsim.ground.parameters import Parameters, load_parameters
from microsim.ground.policies import apply_policies, apply_settings
from microsim.ground.schema import POPULATION_MONTH, RANDOM_GROUPS, STATES, STRATA

THINNING: Mapping[str, int] = {
    "child": 200, "aged": 200, "adult_other": 100, "adult_medicaid": 60, "expansion": 40, "oud": 24,
    "oud_expansion": 12, "other_sud": 60,
}  # fmt: skip
"""One person in this many of each stratum is in the subsample of a million records; fewer are left out of
smaller populations, so that the subsample keeps its size."""
MILLION = 1_000_000
LEVEL = (2.5, 97.5)
MONTHS_A_YEAR = 12
MONEY = ("federal_outlays_usd", "state_outlays_usd")
KITS = "naloxone_kits"

Block = dict[str, np.ndarray]
"""Differences by measure: float (51,) over the window, or (51, years)."""


class Spread(NamedTuple):
    """Differences of all draws, by measure."""

    window: dict[str, np.ndarray]
    """float (draws, 51)"""
    years: dict[str, np.ndarray]
    """float (draws, 51, years)"""


def subsample(people: People) -> tuple[People, np.ndarray]:
    """Thinned people and their weights in thousandths, which keep every stratum's total to rounding."""
    stratum = people.records["stratum"]
    step = np.array([max(THINNING[name] * len(people) // MILLION, 1) for name in STRATA])
    rank = np.zeros(len(people), np.int64)
    for code in range(len(STRATA)):
        held = np.flatnonzero(stratum == code)
        rank[held] = np.arange(len(held))
    chosen = np.flatnonzero(rank % step[stratum] == 0)
    sample = People(people.records[chosen], people.poor[chosen])
    return sample, sample.records["weight"].astype(np.int64) * step[stratum[chosen]]


def rescaled(p: Parameters, people: People, weights: np.ndarray, seed: int, threads: int, anchor: np.ndarray) -> Parameters:
    """The tree with national intercepts that put its expected deaths of 2024 on `anchor` (opioid, other)."""
    deaths = deaths_of_2024(p, people, weights, seed, threads)
    opioid, other = anchor / np.maximum(deaths, 1.0)
    return p.scaled({"sud.intercept.opioid": float(opioid), "sud.intercept.nonopioid": float(other)})


def deaths_of_2024(p: Parameters, people: People, weights: np.ndarray, seed: int, threads: int) -> np.ndarray:
    """Expected (opioid, other drug) deaths of 2024 on the sample."""
    total = simulate(people, build_tables([p], MONTHS_A_YEAR), seed, threads=threads, weights=weights)
    cell = tallies.of_arm(total, 0).monthly["cell"].sum(axis=(0, 1, 2, 3)) / EXPECTED_UNIT
    return cell[[CELL_OPIOID, CELL_NONOPIOID]]


def differences(ready: Setup, arms: tuple[Parameters, Parameters], tallied: list[Tallies]) -> tuple[Block, Block]:
    """Policy less baseline of every measure, by state over the window, and by state and year."""
    first, last = ready.first - POPULATION_MONTH, ready.last - POPULATION_MONTH
    years = list(years_of(first, last))
    series = [measures.series(one) for one in tallied]
    window, yearly = {}, {}
    for name in series[0]:
        scale = BY_NAME[name].divisor
        change = series[1][name] - series[0][name]
        window[name] = window_value(name, change, first, last) / scale
        yearly[name] = np.stack([window_value(name, change, a, b) / scale for _, a, b in years], axis=1)
    end = POPULATION_MONTH + ready.months - 1
    values = []
    for tree, one in zip(arms, tallied, strict=True):
        environment = build_environment(tree, POPULATION_MONTH, end)
        money = price(one, tree, environment.outlays, POPULATION_MONTH, end)
        values.append((environment.kits, money.by_month(money.federal), money.by_month(money.state)))
    for row, name in enumerate((KITS, *MONEY)):
        change = values[1][row] - values[0][row]
        window[name] = change[:, first : last + 1].sum(axis=1)
        yearly[name] = np.stack([change[:, a : b + 1].sum(axis=1) for _, a, b in years], axis=1)
    return window, yearly


def spread_of(
    ready: Setup, lived: Lived, count: int, threads: int = 2, report: Report = silent, full: bool = False
) -> Spread:
    """Differences under `count` joint draws. With `full` every draw lives all people, without the anchor.

    Raises InputError for fewer than two draws.
    """
    if count < 2:
        raise InputError("--draws", None, count, "1, or at least 2 draws for an interval")
    people, weights = (ready.people, ready.people.records["weight"].astype(np.int64)) if full else subsample(ready.people)
    base, policy = ready.arms
    anchor = deaths_of_2024(base, people, weights, ready.seed, threads)
    exact_window, exact_yearly = differences(ready, ready.arms, lived.arms)
    centre = _on_sample(ready, (base, policy), people, weights, threads)
    window: dict[str, list[np.ndarray]] = {name: [] for name in exact_window}
    yearly: dict[str, list[np.ndarray]] = {name: [] for name in exact_window}
    for number, draw in enumerate(draws_of(load_parameters(), count, ready.seed)):
        report("draws", number, count)
        arms = _drawn(ready, draw, people, weights, threads, anchor)
        over_window, by_year = _on_sample(ready, arms, people, weights, threads)
        for name in exact_window:
            window[name].append(moved(exact_window[name], over_window[name], centre[0][name], full))
            yearly[name].append(moved(exact_yearly[name], by_year[name], centre[1][name], full))
    report("draws", count, count)
    return Spread({k: np.stack(v) for k, v in window.items()}, {k: np.stack(v) for k, v in yearly.items()})


def moved(exact: np.ndarray, drawn: np.ndarray, centre: np.ndarray, full: bool) -> np.ndarray:
    """The full run's difference moved by what the draw changes on the sample."""
    return drawn if full else exact + (drawn - centre)


def _drawn(
    ready: Setup, draw: Draw, people: People, weights: np.ndarray, threads: int, anchor: np.ndarray
) -> tuple[Parameters, Parameters]:
    root = draw.applied(load_parameters())
    base = apply_settings(apply_policies(root, [ready.baseline]), ready.settings)
    base = rescaled(base, people, weights, ready.seed, threads, anchor)
    policy = apply_settings(apply_policies(root, [ready.baseline, *ready.policies]), ready.settings)
    intercepts = ("sud.intercept.opioid", "sud.intercept.nonopioid")
    policy = policy.replaced({id_: dict(zip(STATES, map(float, base.array(id_, "state")), strict=True)) for id_ in intercepts})
    return base, policy


def _on_sample(
    ready: Setup, arms: tuple[Parameters, Parameters], people: People, weights: np.ndarray, threads: int
) -> tuple[Block, Block]:
    tables = build_tables(arms, ready.months)
    total = simulate(people, tables, ready.seed, threads=threads, weights=weights)
    return differences(ready, arms, [tallies.of_arm(total, row) for row in range(2)])


def noise(ready: Setup, lived: Lived) -> dict[str, np.ndarray]:
    """Standard error by state of the window's difference from hashed random groups, for measures kept by group."""
    first, last = (ready.first - POPULATION_MONTH) // 12, (ready.last - POPULATION_MONTH) // 12
    ours, theirs = (arm.yearly["error"][:, first : last + 1].sum(axis=(1, 2)) for arm in lived.arms)
    names = {
        "opioid_overdose_deaths": (tallies.Y_OPIOID, EXPECTED_UNIT),
        "deaths_other": (tallies.Y_OTHER, EXPECTED_UNIT),
        "overdoses_nonfatal": (tallies.Y_OVERDOSES, EXPECTED_UNIT),
        "treatment_exits_coverage": (tallies.Y_EXITS, tallies.THOUSANDTHS),
        "uninsured_person_months": (tallies.Y_UNINSURED, tallies.THOUSANDTHS),
    }
    out = {}
    for name, (column, unit) in names.items():
        change = (theirs[:, :, column] - ours[:, :, column]) / unit
        out[name] = np.sqrt(RANDOM_GROUPS * change.var(axis=1, ddof=1))
    return out


def add_intervals(document: dict[str, Any], ready: Setup, spread: Spread, errors: Mapping[str, np.ndarray]) -> None:
    """Fill `low` and `high` of every measure, and a section on where the width comes from."""
    shown = [STATES.index(state) for state in ready.states] or list(range(len(STATES)))
    count = len(next(iter(spread.window.values())))
    rng = np.random.default_rng(ready.seed)
    luck = rng.standard_normal(count)
    sources = {}
    for name, entry in document["measures"].items():
        drawn = spread.window[name][:, shown].sum(axis=1)
        wobble = float(np.sqrt((errors[name][shown] ** 2).sum())) if name in errors else 0.0
        _fill(entry, drawn + wobble * luck)
        sources[name] = {"parameters_sd": float(drawn.std(ddof=1)), "simulation_sd": wobble if name in errors else None}
    for state, entries in document["by_state"].items():
        for name, entry in entries.items():
            where = STATES.index(state)
            wobble = float(errors[name][where]) if name in errors else 0.0
            _fill(entry, spread.window[name][:, where] + wobble * luck)
    for position, entries in enumerate(document["by_year"].values()):
        for name, entry in entries.items():
            _fill(entry, spread.years[name][:, shown, position].sum(axis=1))
    document["uncertainty"] = {
        "level": LEVEL,
        "draws": count,
        "sources": sources,
        "convergence": convergence(spread, shown),
    }


def _fill(entry: dict[str, Any], drawn: np.ndarray) -> None:
    if entry["difference"] == 0 and not drawn.any():
        entry["low"], entry["high"] = 0.0, 0.0
        return
    low, high = np.percentile(drawn, LEVEL)
    entry["low"], entry["high"] = float(low), float(high)


def with_intervals(
    result: Result, ready: Setup, lived: Lived, threads: int = 2, report: Report = silent, full: bool = False
) -> Result:
    """`result` with intervals on every number of its summary from the run's joint draws; unchanged for one."""
    if ready.draws > 1:
        spread = spread_of(ready, lived, ready.draws, threads, report, full)
        add_intervals(result.document, ready, spread, noise(ready, lived))
    return result


def convergence(spread: Spread, shown: list[int], name: str = "opioid_overdose_deaths") -> list[dict[str, float]]:
    """Interval of one measure after a quarter, half and all of the draws."""
    drawn = spread.window[name][:, shown].sum(axis=1)
    out = []
    for part in (4, 2, 1):
        some = drawn[: max(len(drawn) // part, 2)]
        low, high = np.percentile(some, LEVEL)
        out.append({"draws": len(some), "low": float(low), "high": float(high)})
    return out
