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
from microsim.experiments.sampling import scores_of
from microsim.experiments.uncertainty.arms import crowded, of_policies
from microsim.experiments.uncertainty.intervals import SHOWN, add_intervals, state_positions
from microsim.experiments.uncertainty.movers import movers
from microsim.experiments.uncertainty.noise import standard_errors
from microsim.experiments.uncertainty.outcomes import ROW, Block, Window, less, priced, tallied
from microsim.experiments.uncertainty.people import cells_of, relative_moves
from microsim.experiments.uncertainty.sample import Arm, everybody, subsample
from microsim.experiments.uncertainty.spread import Bench, Spread, bench_of, spread_of
from microsim.ground.parameters import load_parameters
from microsim.ground.schema import POPULATION_MONTH

__all__ = ["bench_for", "exact_change", "with_intervals"]


def window_of(ready: Setup) -> Window:
    """The months of a run."""
    return Window(ready.first - POPULATION_MONTH, ready.last - POPULATION_MONTH, ready.months)


def bench_for(ready: Setup, lived: Lived, threads: int = 2, full: bool = False) -> Bench:
    """What the draws of a run are lived on: its subsample, or with `full` all its people."""
    sample = everybody(ready.people) if full else subsample(ready.people)
    build = of_policies(ready.baseline, [ready.policies], ready.settings)
    return bench_of(crowded(build, _access(lived)), sample, window_of(ready), ready.seed, threads)


def _access(lived: Lived) -> list[np.ndarray | None]:
    return [None if one is None else one.access for one in lived.crowding]


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
    engine: Engine | None = None,
) -> Result:
    """`result` with intervals on every number of its summary from the run's joint draws; unchanged for one.

    Draws are lived on the subsample, or by all people where the run says so. `engine` lives them.
    """
    if ready.draws == 1:
        return result
    bench = bench_for(ready, lived, threads, ready.full_draws)
    spread: Spread = spread_of(bench, ready.draws, threads, report, engine)
    report("population and noise", 0, 1)
    arms = [Arm(tree, access=one) for tree, one in zip(ready.arms, _access(lived), strict=True)]
    cells = cells_of(bench, arms, lived.arms, threads)
    people = relative_moves(cells, ready.draws, ready.seed)
    # A run in pieces is larger than the sample in memory that its draws are lived on.
    by_state = None if ready.residents is None else ready.residents.drawn()
    error = standard_errors(bench, arms, lived.arms, threads, by_state)
    shown = state_positions(ready.states)
    exact = exact_change(ready, lived)
    add_intervals(result.document, spread, exact, people, error, shown, ready.seed)
    p = load_parameters()
    records, scores = scores_of(p, ready.draws, ready.seed)
    result.document["uncertainty"]["moved_by"] = {
        name: movers(records, scores, spread.draws[:, 0, :, ROW[name], :, 0].mean(axis=1).sum(axis=1))
        for name in SHOWN
    }
    result.document["uncertainty"]["subsample_records"] = len(bench.sample.people)
    return result
