"""What each block of a package, or each channel it works through, contributes: exact Shapley values.

Every coalition is lived on the same people and luck, so the parts add up to the package's own change on
those people. Central values rest on a subsample several times as large as that of the draws; each draw
moves them by what it changes on the smaller one, which keeps the sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from microsim.experiments.blocks import BLOCKS, CHANNELS, block_arms, channel_arms, only, parts_of
from microsim.experiments.bounds import ends
from microsim.experiments.compare import Report, Setup, setup, silent
from microsim.experiments.shapley import interaction, shapley
from microsim.experiments.uncertainty import window_of
from microsim.experiments.uncertainty.arms import Build, crowded
from microsim.experiments.uncertainty.outcomes import MEASURES, ROW
from microsim.experiments.uncertainty.sample import Arm, accesses, everybody, subsample
from microsim.experiments.uncertainty.spread import (
    Bench,
    bench_of,
    deaths,
    from_centre,
    in_lanes,
    levels,
    over_lucks,
)
from microsim.ground.calendar import month_name
from microsim.ground.parameters import load_parameters
from microsim.ground.policies import apply_policies, apply_settings

SHOWN = (
    "opioid_overdose_deaths", "overdose_deaths", "treatment_end", "medicaid_enrollees_end", "uninsured_end",
    "naloxone_kits", "federal_outlays_usd",
)  # fmt: skip
OF_PEOPLE = SHOWN[:5]
LARGER = 4
"""Central values rest on this many times the people of a draw."""
ONE_IN = 16
"""Share of people with opioid use disorder in each first pass of crowding: there are many, one an arm."""
PRO_RATA = (
    "within a block, provisions share its value pro rata to the opioid overdose deaths each changes alone"
)


class Attribution(NamedTuple):
    """Parts of a change by cause. Arrays (parts, measures) and (draws, parts, measures)."""

    title: str
    run: str
    window: tuple[str, str]
    draws: int
    records: int
    names: tuple[str, ...]
    measures: tuple[str, ...]
    parts: np.ndarray
    drawn: np.ndarray
    whole: np.ndarray
    """(measures,): the change that the parts add up to"""
    wholes: np.ndarray
    """(draws, measures)"""
    interaction: np.ndarray
    error: np.ndarray
    """(parts, measures): Monte Carlo standard error of the central parts, from both halves of the people"""
    provisions: dict[str, dict[str, float]]
    """Share of each provision in its block."""
    policy: str = ""
    states: tuple[str, ...] = ()
    """Those asked for; none for all"""

    def document(self) -> dict[str, Any]:
        """What `attribute --json` prints."""
        return {
            "schema": 1,
            "title": self.title,
            "run": self.run,
            "policy": self.policy,
            "window": list(self.window),
            "states": list(self.states),
            "draws": self.draws,
            "records": self.records,
            "method": "exact Shapley values; parts add up to the whole",
            "measures": {name: self._measure(row) for row, name in enumerate(self.measures)},
            "within_blocks": {"note": PRO_RATA, "shares": self.provisions},
        }

    def _measure(self, row: int) -> dict[str, Any]:
        total = float(self.whole[row])
        parts = {}
        for place, name in enumerate(self.names):
            value = float(self.parts[place, row])
            parts[name] = {
                **_entry(value, self.drawn[:, place, row]),
                "share": value / total if total else None,
                "monte_carlo_se": float(self.error[place, row]),
            }
        whole = _entry(total, self.wholes[:, row])
        return {"whole": whole, "parts": parts, "interaction": float(self.interaction[row])}


def _entry(value: float, draws: np.ndarray) -> dict[str, float | None]:
    if not len(draws):
        return {"value": value, "low": None, "high": None}
    low, high = ends(draws)
    return {"value": value, "low": float(low), "high": float(high)}


def attribute(
    policy: str | Path | Sequence[str | Path] = "budget2025",
    by: str = "blocks",
    *,
    draws: int = 1,
    full: bool = False,
    threads: int = 2,
    report: Report = silent,
    **options: Any,
) -> Attribution:
    """Parts of a package's change by `blocks` or by `channels`, with intervals from joint draws.

    Options are those of compare.setup; with `full` central values rest on all records.
    Raises InputError for bad input.
    """
    ready = setup(policy, threads=threads, report=report, **options)
    if by == "channels":
        build = channel_arms(ready.baseline, ready.policies, ready.settings)
        return divided(
            ready, build, CHANNELS, OF_PEOPLE, f"{ready.policy} by channel", draws, full, threads, report
        )
    build = block_arms(ready.baseline, ready.policies, ready.settings)
    found = divided(ready, build, BLOCKS, SHOWN, f"{ready.policy} by block", draws, full, threads, report)
    return found._replace(provisions=shares_within(ready, threads, report))


def shares_within(ready: Setup, threads: int, report: Report) -> dict[str, dict[str, float]]:
    """Share of each provision in its block, by the size of the change in deaths that it makes alone."""
    held = parts_of(ready.policies)
    alone = [(block, id_) for block, ids in held.items() if len(ids) > 1 for id_ in ids]
    bench = Bench(
        lambda _: [], subsample(ready.people, LARGER), window_of(ready), ready.seed, np.zeros(2), money=False
    )
    base = apply_policies(load_parameters(), [ready.baseline])
    trees = [base, *(apply_policies(base, [only(ready.policies, [block], id_)], drawn=True) for block, id_ in alone)]
    arms = [Arm(apply_settings(tree, ready.settings)) for tree in trees]

    def one(arm: Arm) -> float:
        return float(deaths(bench, [arm]).mean())

    found = in_lanes(one, _with_access(ready, arms, threads), threads, report, "provisions")
    size = {pair: abs(there - found[0]) for pair, there in zip(alone, found[1:], strict=True)}
    out: dict[str, dict[str, float]] = {}
    for block, ids in held.items():
        total = sum(size.get((block, id_), 0.0) for id_ in ids)
        out[block] = {id_: size[block, id_] / total if total > 0 else 1.0 / len(ids) for id_ in ids}
    return out


def _with_access(ready: Setup, arms: Sequence[Arm], threads: int) -> list[Arm]:
    access = accesses(arms, ready.people, ready.months, ready.seed, threads, ONE_IN)
    return [arm._replace(access=one) for arm, one in zip(arms, access, strict=True)]


def divided(
    ready: Setup, build: Build, names: tuple[str, ...], shown: tuple[str, ...], title: str, draws: int,
    full: bool, threads: int, report: Report,
) -> Attribution:  # fmt: skip
    """Shapley values of the arms of `build`, one for every coalition of `names`."""
    window, rows = window_of(ready), [ROW[name] for name in shown]
    build = crowded(build, [arm.access for arm in _with_access(ready, build(load_parameters()), threads)])
    money = any(row >= len(MEASURES) - 3 for row in rows)
    people = everybody(ready.people) if full else subsample(ready.people, LARGER)
    large = Bench(build, people, window, ready.seed, np.zeros(2), money=money)

    def one(arm: Arm) -> np.ndarray:
        return np.asarray(levels(large, [arm])[0][:, rows, 0])

    halves = np.stack(in_lanes(one, build(load_parameters()), threads, report, "coalitions"))
    count = len(names)
    central, by_half = shapley(halves.mean(axis=1), count), shapley(halves, count)
    drawn, wholes = np.zeros((0, count, len(shown))), np.zeros((0, len(shown)))
    if draws > 1:
        bench = bench_of(build, subsample(ready.people), window, ready.seed, threads, money=money)

        def small(there: Bench, arms: Sequence[Arm]) -> np.ndarray:
            return shapley(levels(there, arms)[:, :, rows, 0].mean(axis=1), count)

        drawn = central + from_centre(*over_lucks(bench, draws, small, threads, report))
        wholes = drawn.sum(axis=1)
    values = halves.mean(axis=1)
    error = np.abs(by_half[:, 0] - by_half[:, 1]) / 2
    shown_window = (month_name(ready.first), month_name(ready.last))
    return Attribution(
        title, ready.run, shown_window, draws, len(people.people), names, shown, central, drawn,
        values[-1] - values[0], wholes, interaction(values, count), error, {},
        ready.policy, ready.states,
    )  # fmt: skip
