"""Intervals: many joint draws of the parameters on a nested subsample, with the full run as anchor.

Each draw lives both arms on a thinned sample that keeps people at risk, after a year of baseline that
puts its deaths of 2024 back on the facts. The change of a draw is the full run's plus what the draw
changes on the sample (a control variate). What is not known about the people comes from re-weighting
groups of them, and simulation noise from random groups.
"""

from __future__ import annotations

import numpy as np

from microsim.engine.results import Result
from microsim.experiments.compare import Lived, Report, Setup, silent
from microsim.experiments.engines import Engine
from microsim.experiments.uncertainty.arms import of_policies
from microsim.experiments.uncertainty.intervals import add_intervals, state_positions
from microsim.experiments.uncertainty.noise import standard_errors
from microsim.experiments.uncertainty.outcomes import Block, Window, less, priced, tallied
from microsim.experiments.uncertainty.people import cells_of, relative_moves
from microsim.experiments.uncertainty.sample import Arm, everybody, subsample
from microsim.experiments.uncertainty.spread import Bench, Spread, bench_of, spread_of
from microsim.ground.schema import POPULATION_MONTH

__all__ = ["bench_for", "exact_change", "with_intervals"]


def window_of(ready: Setup) -> Window:
    """The months of a run."""
    return Window(ready.first - POPULATION_MONTH, ready.last - POPULATION_MONTH, ready.months)


def bench_for(ready: Setup, lived: Lived, threads: int = 2, full: bool = False) -> Bench:
    """What the draws of a run are lived on: its subsample, or with `full` all its people."""
    sample = everybody(ready.people) if full else subsample(ready.people)
    build = of_policies(ready.baseline, [ready.policies], ready.settings)
    return bench_of(build, sample, window_of(ready), ready.seed, threads, lived.crowding)


def exact_change(ready: Setup, lived: Lived) -> Block:
    """The block of changes of the full run."""
    window = window_of(ready)
    rows = tallied(less(lived.arms[1], lived.arms[0]), window)
    money = [priced(tree, arm, window) for tree, arm in zip(ready.arms, lived.arms, strict=True)]
    return np.concatenate([rows, money[1] - money[0]])


def with_intervals(
    result: Result,
    ready: Setup,
    lived: Lived,
    threads: int = 2,
    report: Report = silent,
    full: bool = False,
    engine: Engine | None = None,
) -> Result:
    """`result` with intervals on every number of its summary from the run's joint draws; unchanged for one.

    With `full` every draw lives all people, without the subsample. `engine` lives the draws.
    """
    if ready.draws == 1:
        return result
    bench = bench_for(ready, lived, threads, full)
    spread: Spread = spread_of(bench, ready.draws, threads, report, engine)
    report("population and noise", 0, 1)
    arms = [Arm(tree) for tree in ready.arms]
    cells = cells_of(bench, arms, lived.arms)
    people = relative_moves(cells, ready.draws, ready.seed)
    error = standard_errors(bench, arms, lived.arms, threads)
    shown = state_positions(ready.states)
    add_intervals(result.document, spread, exact_change(ready, lived), people, error, shown, ready.seed)
    result.document["uncertainty"]["subsample_records"] = len(bench.sample.people)
    return result
