"""What made deaths fall: supply, naloxone and treatment each held where they stood in mid-2023.

Lives begin in January 2024, so holding means living the months since under the supply and the naloxone
of the base month (July 2023, where the supply's index is 1), and starting people on medication at the
rate that keeps their number where it was at the beginning. What treatment changed between mid-2023 and
January 2024 is in the people as they begin, and so is no part of its share.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from microsim.engine.environment.supply import national_index
from microsim.experiments.bounds import ends
from microsim.experiments.compare import Report, setup, silent
from microsim.experiments.shapley import coalitions, interaction, shapley
from microsim.experiments.uncertainty.arms import Build
from microsim.experiments.uncertainty.outcomes import ROW, Window
from microsim.experiments.uncertainty.sample import Arm, everybody, subsample
from microsim.experiments.uncertainty.spread import (
    Bench,
    bench_of,
    deaths,
    from_centre,
    in_lanes,
    levels,
    over_lucks,
)
from microsim.ground.errors import InputError
from microsim.ground.parameters import Parameters, load_parameters
from microsim.ground.policies import apply_policies, apply_settings
from microsim.ground.schema import EPOCH_YEAR, POPULATION_MONTH

CAUSES = ("supply", "naloxone", "treatment")
HELD = {"supply": ("sud.supply.path", "flat"), "naloxone": ("sud.naloxone.path", "held")}
STARTS = "sud.treatment.start_hazard"
STOCK = "moud_end"
ROUNDS = 3
MONTHS_A_YEAR = 12
FIRST_YEAR = EPOCH_YEAR + POPULATION_MONTH // MONTHS_A_YEAR
LAST_YEAR = FIRST_YEAR + 4


class Fall(NamedTuple):
    """Opioid overdose deaths of a year as they are, with all three held, and what each takes away."""

    run: str
    year: int
    draws: int
    records: int
    deaths: float
    held: float
    """Deaths with all three held."""
    pace: float
    """Deaths of a year at the observed pace of mid-2023: those of the year over the national index in it."""
    parts: np.ndarray
    """(causes,) deaths avoided, adding up to held less deaths"""
    drawn: np.ndarray
    """(draws, causes)"""
    helds: np.ndarray
    """(draws,)"""
    interaction: float
    start_factor: float
    """Factor on starting medication that keeps the number on it."""
    states: tuple[str, ...] = ()
    """Those asked for; none for all"""

    @property
    def rest(self) -> float:
        """The part of the observed fall that holding the three does not bring back."""
        return self.pace - self.held

    def document(self) -> dict[str, Any]:
        """What `attribute --fall YEAR --json` prints."""
        parts = {}
        for place, name in enumerate(CAUSES):
            low, high = ends(self.drawn[:, place]) if len(self.drawn) else (None, None)
            parts[name] = {
                "deaths_avoided": float(self.parts[place]),
                "low": None if low is None else float(low),
                "high": None if high is None else float(high),
                "share_of_fall": float(self.parts[place] / (self.pace - self.deaths))
                if self.pace > self.deaths
                else None,
            }
        return {
            "schema": 1, "run": self.run, "year": self.year, "states": list(self.states), "draws": self.draws,
            "records": self.records,
            "deaths": self.deaths, "deaths_with_all_held": self.held, "deaths_at_pace_of_mid_2023": self.pace,
            "fall": self.pace - self.deaths, "parts": parts, "not_explained": self.rest,
            "interaction": self.interaction, "start_factor": self.start_factor,
        }  # fmt: skip


def fall(
    year: int = FIRST_YEAR, *, draws: int = 1, threads: int = 2, report: Report = silent, **options: Any
) -> Fall:
    """Divide the fall of opioid overdose deaths until `year` among supply, naloxone and treatment.

    Options are persons, states, seed and settings of compare.setup. Raises InputError for bad input.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise InputError("--fall", None, year, f"a year from {FIRST_YEAR} to {LAST_YEAR}")
    start, end = f"{year}-01", f"{year}-12"
    ready = setup([], start=start, end=end, threads=threads, report=report, **options)
    first = ready.first - POPULATION_MONTH
    window = Window(first, first + MONTHS_A_YEAR - 1, ready.months)
    base = apply_settings(apply_policies(load_parameters(), [ready.baseline]), ready.settings)
    factor = _keeping(
        base, Bench(lambda _: [], subsample(ready.people), window, ready.seed, np.zeros(2), money=False)
    )
    build = _arms(ready.baseline, ready.settings, factor)
    people = everybody(ready.people)
    large = Bench(build, people, window, ready.seed, np.zeros(2), money=False)
    arms = build(load_parameters())
    central = np.array(in_lanes(lambda arm: _deaths(large, [arm])[0], arms, threads, report, "coalitions"))
    drawn, helds = np.zeros((0, len(CAUSES))), np.zeros(0)
    if draws > 1:
        bench = bench_of(build, subsample(ready.people), window, ready.seed, threads, money=False)
        moved = central + from_centre(*over_lucks(bench, draws, _deaths, threads, report))
        drawn, helds = np.array([shapley(one, len(CAUSES)) for one in moved]), moved[:, -1]
    index = national_index(base, ready.first, ready.first + MONTHS_A_YEAR - 1).mean()
    return Fall(
        ready.run, year, draws, len(ready.people), float(central[0]), float(central[-1]), float(central[0] / index),
        shapley(central, len(CAUSES)), drawn, helds, float(interaction(central, len(CAUSES))), factor,
        ready.states,
    )  # fmt: skip


def _arms(baseline: str, settings: Sequence[str], factor: float) -> Build:
    """One arm for every set of causes that are held; in the first nothing is."""
    subsets = [{CAUSES[i] for i in subset} for subset in coalitions(len(CAUSES))]

    def build(root: Parameters) -> list[Arm]:
        base = apply_settings(apply_policies(root, [baseline], drawn=True), settings)
        return [Arm(_held(base, causes, factor)) for causes in subsets]

    return build


def _held(base: Parameters, causes: set[str], factor: float) -> Parameters:
    tree = base.replaced({HELD[name][0]: HELD[name][1] for name in sorted(causes & set(HELD))})
    return tree.scaled({STARTS: factor}) if "treatment" in causes else tree


def _keeping(base: Parameters, bench: Bench) -> float:
    """Factor on starting medication that keeps the number of people on it, by secants."""
    months = bench.window.months

    def stock(factor: float, last: int) -> float:
        arm = [Arm(base.scaled({STARTS: factor}))]
        return float(levels(bench._replace(window=Window(0, last, months)), arm)[0, :, ROW[STOCK], 0].mean())

    goal, before = stock(1.0, 0), 1.0
    now = stock(before, bench.window.last)
    factor = goal / now if now > 0 else 1.0
    for _ in range(ROUNDS):
        after = stock(factor, bench.window.last)
        if after == now:
            break
        step = (goal - after) * (factor - before) / (after - now)
        before, now, factor = factor, after, factor + step
    return factor


def _deaths(bench: Bench, arms: Sequence[Arm]) -> np.ndarray:
    return np.asarray(deaths(bench, arms).mean(axis=1))
