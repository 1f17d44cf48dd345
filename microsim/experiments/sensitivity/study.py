"""A study in four steps, each on what the one before found: tornado, Morris, Sobol, value of information."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from microsim.experiments.compare import CROWDING_ONE_IN, Report, setup, silent
from microsim.experiments.sampling import EDGE
from microsim.experiments.sensitivity.answers import ANSWERS, Moved, at_points, movable, scores
from microsim.experiments.sensitivity.information import Worth, worth
from microsim.experiments.uncertainty import window_of
from microsim.experiments.uncertainty.arms import crowded, of_policies
from microsim.experiments.uncertainty.sample import accesses, subsample
from microsim.experiments.uncertainty.spread import bench_of
from microsim.ground.calendar import month_name
from microsim.ground.errors import InputError
from microsim.ground.parameters import Record, load_parameters
from microsim.ground.policies import check_names

STEPS = ("tornado", "morris", "sobol", "value")
SIZE = 0.5
"""People, as a share of those that draws are lived on."""
SCREENED, TRAJECTORIES, LEVELS = 24, 6, 4
SURVIVORS, POINTS = 6, 32
DRAWS = 128


class Bar(NamedTuple):
    """A parameter at the ends of its interval."""

    id: str
    label: str
    status: str
    low: dict[str, float]
    """Answers at the low end."""
    high: dict[str, float]
    error: dict[str, float]
    """Monte Carlo standard error of the swing, from both halves of the people."""

    def swing(self, answer: str) -> float:
        """How far the answer moves from one end to the other."""
        return abs(self.high[answer] - self.low[answer])

    @property
    def assumed(self) -> bool:
        """Whether the interval is a judgement."""
        return self.status == "assumed"


class Sensitivity(NamedTuple):
    """What moves the answer. Steps that were not asked for are empty."""

    policy: str
    against: str
    answer: str
    run: str
    window: tuple[str, str]
    records: int
    centre: dict[str, float]
    bars: tuple[Bar, ...]
    """Largest swing of the answer first"""
    morris: tuple[dict[str, Any], ...]
    sobol: tuple[dict[str, Any], ...]
    worth: Worth | None
    states: tuple[str, ...] = ()
    """Those asked for; none for all"""

    def document(self) -> dict[str, Any]:
        """What `sensitivity --json` prints."""
        return {
            "schema": 1,
            "policy": self.policy,
            "against": self.against,
            "answer": self.answer,
            "run": self.run,
            "window": list(self.window),
            "states": list(self.states),
            "records": self.records,
            "centre": self.centre,
            "tornado": [
                {"id": bar.id, "label": bar.label, "status": bar.status, "assumed": bar.assumed, "low": bar.low,
                 "high": bar.high, "swing": bar.swing(self.answer), "monte_carlo_se": bar.error[self.answer]}
                for bar in self.bars
            ],
            "morris": list(self.morris),
            "sobol": list(self.sobol),
            "value_of_information": None if self.worth is None else self.worth.document(),
        }  # fmt: skip


def sensitivity(
    policy: str | Path = "budget2025",
    against: str = "supply-crackdown",
    answer: str = ANSWERS[0],
    *,
    steps: Sequence[str] = STEPS,
    size: float = SIZE,
    draws: int = DRAWS,
    threads: int = 2,
    report: Report = silent,
    **options: Any,
) -> Sensitivity:
    """Study which parameters move `answer`: `net` deaths (harm less gain), `harm` or `gain`.

    Options are those of compare.setup. Every point is lived on the same people and luck, with the
    deaths of 2024 put back on the facts. Raises InputError for bad input.
    """
    if answer not in ANSWERS:
        raise InputError("--answer", None, answer, f"one of {', '.join(ANSWERS)}")
    unknown = [step for step in steps if step not in STEPS]
    if unknown:
        raise InputError("--steps", None, unknown[0], f"steps among {', '.join(STEPS)}")
    check_names({"--policy": [policy], "--against": [against]})
    ready = setup([policy], threads=threads, report=report, **options)
    build = of_policies(ready.baseline, [ready.policies, [against]], ready.settings)
    arms = build(load_parameters())
    access = accesses(arms, ready.people, ready.months, ready.seed, threads, CROWDING_ONE_IN)
    build = crowded(build, access)
    sample = subsample(ready.people, size)
    bench = bench_of(build, sample, window_of(ready), ready.seed, threads, money=False)
    p = load_parameters()
    records = movable(p)
    place = ANSWERS.index(answer)

    def moved(points: Sequence[dict[str, float]], what: str) -> Moved:
        return at_points(bench, records, points, p, threads, report, what)

    centre = moved([{}], "centre").mean[0]
    ends = [{record.id: end} for record in records for end in (-EDGE, EDGE)]
    bars = _bars(records, moved(ends, "tornado"), answer)
    screened, survivors = bars[:SCREENED], bars[:SURVIVORS]
    morris: tuple[dict[str, Any], ...] = ()
    sobol: tuple[dict[str, Any], ...] = ()
    if "morris" in steps:
        morris = _morris(screened, lambda points: moved(points, "Morris").mean[:, place], ready.seed)
        order = [row["id"] for row in morris]
        survivors = tuple(sorted(screened, key=lambda bar: order.index(bar.id)))[:SURVIVORS]
    if "sobol" in steps:
        sobol = _sobol(survivors, lambda points: moved(points, "Sobol").mean[:, place], ready.seed)
    found = None
    if "value" in steps:
        found = worth(p, records, [bar.id for bar in bars[:SCREENED]], draws, ready.seed,
                      lambda points: moved(points, "value of information").mean[:, 0])  # fmt: skip
    shown = (month_name(ready.first), month_name(ready.last))
    names = dict(zip(ANSWERS, map(float, centre), strict=True))
    return Sensitivity(
        ready.policy, against, answer, ready.run, shown, len(sample.people), names, bars, morris, sobol, found,
        ready.states,
    )


def _bars(records: Sequence[Record], found: Moved, answer: str) -> tuple[Bar, ...]:
    bars = []
    for row, record in enumerate(records):
        low, high = found.mean[2 * row], found.mean[2 * row + 1]
        by_half = found.values[2 * row + 1] - found.values[2 * row]
        error = np.abs(by_half[0] - by_half[1]) / 2
        values = (dict(zip(ANSWERS, map(float, one), strict=True)) for one in (low, high, error))
        bars.append(Bar(record.id, record.label, record.status, *values))
    return tuple(sorted(bars, key=lambda bar: -bar.swing(answer)))


def _problem(bars: Sequence[Bar]) -> dict[str, Any]:
    return {"num_vars": len(bars), "names": [bar.id for bar in bars], "bounds": [[0.0, 1.0]] * len(bars)}


def _points(bars: Sequence[Bar], shares: np.ndarray) -> list[dict[str, float]]:
    return [{bar.id: float(z) for bar, z in zip(bars, row, strict=True)} for row in scores(shares)]


def _morris(bars: Sequence[Bar], answers: Any, seed: int) -> tuple[dict[str, Any], ...]:
    """Elementary effects of each parameter: mean size, and how much it depends on the others."""
    from SALib.analyze import morris as analyze
    from SALib.sample import morris as sample

    problem = _problem(bars)
    shares = sample.sample(problem, TRAJECTORIES, num_levels=LEVELS, seed=seed % 2**32)
    found = analyze.analyze(
        problem, shares, answers(_points(bars, shares)), num_levels=LEVELS, seed=seed % 2**32
    )
    rows = [
        {"id": bar.id, "assumed": bar.assumed, "mean_size": float(found["mu_star"][i]),
         "mean": float(found["mu"][i]), "sd": float(found["sigma"][i])}
        for i, bar in enumerate(bars)
    ]  # fmt: skip
    return tuple(sorted(rows, key=lambda row: -row["mean_size"]))


def _sobol(bars: Sequence[Bar], answers: Any, seed: int) -> tuple[dict[str, Any], ...]:
    """Share of the variance that each parameter makes alone (first) and with all others (total)."""
    from SALib.analyze import sobol as analyze
    from SALib.sample import sobol as sample

    problem = _problem(bars)
    shares = sample.sample(problem, POINTS, calc_second_order=False, seed=seed % 2**32)
    values = np.asarray(answers(_points(bars, shares)))
    found = analyze.analyze(problem, values, calc_second_order=False, seed=seed % 2**32)
    rows = [
        {"id": bar.id, "assumed": bar.assumed, "first": float(found["S1"][i]),
         "first_error": float(found["S1_conf"][i]), "total": float(found["ST"][i]),
         "total_error": float(found["ST_conf"][i])}
        for i, bar in enumerate(bars)
    ]  # fmt: skip
    return tuple(sorted(rows, key=lambda row: -row["total"]))
