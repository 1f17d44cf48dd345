"""Protective policies in order of what they keep: cover, treatment, lives, and what they cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from microsim.experiments.bounds import ends
from microsim.experiments.compare import CROWDING_ONE_IN, Report, setup, silent
from microsim.experiments.uncertainty import window_of
from microsim.experiments.uncertainty.arms import crowded, of_policies
from microsim.experiments.uncertainty.outcomes import ROW
from microsim.experiments.uncertainty.sample import Arm, accesses, everybody, subsample
from microsim.experiments.uncertainty.spread import Bench, bench_of, from_centre, in_lanes, levels, over_lucks
from microsim.ground.calendar import month_name
from microsim.ground.errors import InputError
from microsim.ground.parameters import load_parameters
from microsim.ground.policies import check_names

PROTECTIVE = ("protective-legal", "protective-full", "naloxone-plus", "restore")
REFERENCE = "enacted"
COVERED, TREATED, DEATHS, DOLLARS = CRITERIA = (
    "people_covered",
    "people_treated",
    "deaths_averted",
    "outlays_usd",
)
"""More is better for all but the last."""
LARGER = 4


class Ranking(NamedTuple):
    """What each policy changes against the reference. Arrays (policies, criteria), draws first where drawn."""

    reference: str
    window: tuple[str, str]
    draws: int
    records: int
    policies: tuple[str, ...]
    values: np.ndarray
    drawn: np.ndarray
    error: np.ndarray
    """Monte Carlo standard error, from both halves of the people"""

    def order(self, criterion: str) -> list[str]:
        """Policies, best first."""
        column = self._better(self.values)[:, CRITERIA.index(criterion)]
        return [self.policies[i] for i in np.argsort(-column, kind="stable")]

    def first_in(self, criterion: str) -> dict[str, float]:
        """Share of draws in which each policy is the best; none is where several are equally good."""
        if not len(self.drawn):
            return {}
        column = self._better(self.drawn)[:, :, CRITERIA.index(criterion)]
        best = column == column.max(axis=1, keepdims=True)
        alone = best & (best.sum(axis=1, keepdims=True) == 1)
        return {name: float(share) for name, share in zip(self.policies, alone.mean(axis=0), strict=True)}

    @staticmethod
    def _better(values: np.ndarray) -> np.ndarray:
        signs = np.ones(len(CRITERIA))
        signs[CRITERIA.index(DOLLARS)] = -1.0
        return np.asarray(values * signs)

    def document(self) -> dict[str, Any]:
        """What `rank --json` prints."""
        return {
            "schema": 1,
            "reference": self.reference,
            "window": list(self.window),
            "draws": self.draws,
            "records": self.records,
            "criteria": {
                name: {
                    "order": self.order(name),
                    "share_of_draws_first": self.first_in(name),
                    "policies": {policy: self._entry(i, j) for i, policy in enumerate(self.policies)},
                }
                for j, name in enumerate(CRITERIA)
            },
        }

    def _entry(self, policy: int, criterion: int) -> dict[str, float | None]:
        low, high = (None, None)
        if len(self.drawn):
            low, high = map(float, ends(self.drawn[:, policy, criterion]))
        return {"value": float(self.values[policy, criterion]), "low": low, "high": high,
                "monte_carlo_se": float(self.error[policy, criterion])}  # fmt: skip


def rank(
    policies: Sequence[str] = PROTECTIVE,
    reference: str = REFERENCE,
    *,
    draws: int = 1,
    full: bool = False,
    threads: int = 2,
    report: Report = silent,
    **options: Any,
) -> Ranking:
    """Rank policies by what they change against a reference policy, on the same people and luck.

    Options are those of compare.setup; with `full` central values rest on all records.
    Raises InputError for bad input.
    """
    if not policies:
        raise InputError(None, "policies", list(policies), "at least one policy")
    check_names({"--against": [reference], "POLICY": policies})
    ready = setup([reference], threads=threads, report=report, **options)
    build = of_policies(ready.baseline, [[reference], *([name] for name in policies)], ready.settings)
    arms = build(load_parameters())
    access = accesses(arms, ready.people, ready.months, ready.seed, threads, CROWDING_ONE_IN)
    build, window = crowded(build, access), window_of(ready)
    people = everybody(ready.people) if full else subsample(ready.people, LARGER)
    large = Bench(build, people, window, ready.seed, np.zeros(2))
    arms = build(load_parameters())[1:]
    halves = np.concatenate(in_lanes(lambda arm: _criteria(large, [arm]), arms, threads, report, "policies"))
    change = halves[1:] - halves[0]
    drawn = np.zeros((0, len(policies), len(CRITERIA)))
    if draws > 1:
        bench = bench_of(build, subsample(ready.people), window, ready.seed, threads)

        def small(there: Bench, some: Sequence[Arm]) -> np.ndarray:
            found = _criteria(there, some[1:]).mean(axis=1)
            return np.asarray(found[1:] - found[0])

        drawn = change.mean(axis=1) + from_centre(*over_lucks(bench, draws, small, threads, report))
    shown = (month_name(ready.first), month_name(ready.last))
    error = np.abs(change[:, 0] - change[:, 1]) / 2
    return Ranking(
        reference, shown, draws, len(people.people), tuple(policies), change.mean(axis=1), drawn, error
    )


def _criteria(bench: Bench, arms: Sequence[Arm]) -> np.ndarray:
    """Criteria of each arm and half, (arms, halves, criteria)."""
    found = levels(bench, arms)[:, :, :, 0]
    money = found[:, :, ROW["federal_outlays_usd"]] + found[:, :, ROW["state_outlays_usd"]]
    columns = [found[:, :, ROW["medicaid_enrollees_end"]], found[:, :, ROW["treatment_end"]],
               -found[:, :, ROW["overdose_deaths"]], money]  # fmt: skip
    return np.stack(columns, axis=2)
