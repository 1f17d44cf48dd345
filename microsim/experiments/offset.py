"""Does a package undo what supply control gains? Harm and gain in expected deaths over one window.

Harm H is what the package adds to opioid overdose deaths, gain G what a supply control takes away, both
against the same baseline on the same people and luck. Three gains are set beside one harm: a transient
crackdown, a structural one, and the supply's share of the fall in deaths since 2023, which is the
deaths there would be in the window had the supply stayed as it was in mid-2023.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from microsim.experiments.bounds import ends
from microsim.experiments.compare import CROWDING_ONE_IN, Report, Setup, setup, silent
from microsim.experiments.uncertainty import window_of
from microsim.experiments.uncertainty.arms import Build, crowded
from microsim.experiments.uncertainty.sample import Arm, Sample, accesses, everybody, subsample
from microsim.experiments.uncertainty.spread import Bench, bench_of, deaths, in_lanes, over_lucks
from microsim.ground.calendar import month_name
from microsim.ground.errors import InputError
from microsim.ground.parameters import Parameters, load_parameters
from microsim.ground.policies import apply_policies, apply_settings, check_names, compose

STRUCTURAL = "supply-crackdown-structural"
FALL = "supply-share-of-fall"
PATH, FLAT = "sud.supply.path", "flat"
DEPTH, HALF_LIFE, SCENARIO = (
    "sud.supply.shock_log_depth", "sud.supply.shock_half_life_months", "sud.supply.nitazene_scenario",
)  # fmt: skip
CENTRAL_NITAZENES = "middle"
GRID = 5
LIVED = 4
"""Arms lived by everybody for the central values"""
LARGER = 4
"""The other arms are lived by this many times the people of a draw."""
QUANTILES = (0.025, 0.25, 0.5, 0.75, 0.975)


class Against(NamedTuple):
    """Harm beside one gain. Deaths are expected deaths over the window; draws are float (D,), empty without."""

    name: str
    harm: float
    gain: float
    both: float
    """Deaths of both together less the baseline's."""
    harms: np.ndarray
    gains: np.ndarray
    boths: np.ndarray

    @property
    def ratio(self) -> float | None:
        """Harm over gain; None where nothing is gained."""
        return self.harm / self.gain if self.gain > 0 else None

    @property
    def interaction(self) -> float:
        """What happens together beyond the sum of both."""
        return self.both - (self.harm - self.gain)

    @property
    def interactions(self) -> np.ndarray:
        """Interaction by draw."""
        return self.boths - (self.harms - self.gains)

    @property
    def probability(self) -> float | None:
        """Share of draws in which harm exceeds gain."""
        return float((self.harms > self.gains).mean()) if len(self.harms) else None

    @property
    def no_gain(self) -> float | None:
        """Share of draws in which the supply control avoids no deaths, so that there is no ratio."""
        return float((self.gains <= 0).mean()) if len(self.gains) else None

    def quantiles(self) -> dict[str, float | None]:
        """Quantiles of H/G over all draws; None where they fall among draws without a gain.

        A draw without a gain counts as larger than any ratio if the package harms, else it is left out.
        """
        if not len(self.gains):
            return {}
        kept = (self.gains > 0) | (self.harms > 0)
        if not kept.any():
            return {f"{q:g}": None for q in QUANTILES}
        harms, gains = self.harms[kept], self.gains[kept]
        ratios = np.where(gains > 0, harms / np.where(gains > 0, gains, 1.0), np.inf)
        found = np.quantile(ratios, QUANTILES, method="inverted_cdf")
        return {f"{q:g}": float(x) if np.isfinite(x) else None for q, x in zip(QUANTILES, found, strict=True)}

    def document(self) -> dict[str, Any]:
        """As JSON."""
        quantiles = self.quantiles()
        return {
            "against": self.name,
            "harm": _entry(self.harm, self.harms),
            "gain": _entry(self.gain, self.gains),
            "interaction": _entry(self.interaction, self.interactions),
            "ratio": {
                "central": self.ratio,
                "low": quantiles.get(f"{QUANTILES[0]:g}"),
                "high": quantiles.get(f"{QUANTILES[-1]:g}"),
                "quantiles": quantiles,
            },
            "probability_above_one": self.probability,
            "share_of_draws_without_gain": self.no_gain,
        }


def _entry(value: float, draws: np.ndarray) -> dict[str, float | None]:
    low, high = ends(draws) if len(draws) else (None, None)
    return {
        "central": value,
        "low": None if low is None else float(low),
        "high": None if high is None else float(high),
    }


class Surface(NamedTuple):
    """Gain of a crackdown by depth and half-life at the central parameters, and harm of the package over it."""

    depths: tuple[float, ...]
    """Change of the logarithm of the supply's lethality."""
    half_lives: tuple[float, ...]
    """Months."""
    scenarios: tuple[str, ...]
    """Nitazene substitution: none, or a scenario of the parameters."""
    harm: float
    gains: np.ndarray
    """float (scenarios, depths, half-lives)"""

    def break_even(self) -> list[dict[str, Any]]:
        """By scenario and depth: the half-life from which the crackdown avoids as many deaths as the package adds."""
        out = []
        for s, scenario in enumerate(self.scenarios):
            for d, depth in enumerate(self.depths):
                out.append({"nitazenes": scenario, "depth": depth,
                            "half_life_months": _crossing(self.half_lives, self.gains[s, d], self.harm)})  # fmt: skip
        return out

    def document(self) -> dict[str, Any]:
        """As JSON."""
        ratio = np.where(self.gains > 0, self.harm / np.where(self.gains > 0, self.gains, 1.0), np.nan)
        return {
            "depths_log": list(self.depths),
            "half_lives_months": list(self.half_lives),
            "nitazenes": list(self.scenarios),
            "harm": self.harm,
            "gain": self.gains.tolist(),
            "ratio": [[[None if np.isnan(x) else float(x) for x in row] for row in part] for part in ratio],
            "break_even": self.break_even(),
        }


def _crossing(where: Sequence[float], gains: np.ndarray, harm: float) -> float | None:
    """First point at which rising gains reach the harm, on straight lines; None where they never do."""
    for i, gain in enumerate(gains):
        if gain >= harm:
            if i == 0:
                return float(where[0])
            share = (harm - gains[i - 1]) / (gain - gains[i - 1])
            return float(where[i - 1] + share * (where[i] - where[i - 1]))
    return None


class Offset(NamedTuple):
    """What `microsim offset` finds."""

    policy: str
    run: str
    window: tuple[str, str]
    draws: int
    records: int
    baseline_deaths: float
    rows: tuple[Against, ...]
    surface: Surface | None
    titles: Mapping[str, str] = MappingProxyType({})
    """What package and control are called in the sentence; their names where nothing is given."""
    states: tuple[str, ...] = ()
    """Those asked for; none for all"""

    @property
    def first(self) -> Against:
        """The supply control that was asked for."""
        return self.rows[0]

    def sentence(self) -> str:
        """One sentence that may be quoted, and stays true."""
        from microsim.experiments.offset_sentence import sentence

        return sentence(self)

    def document(self) -> dict[str, Any]:
        """What `offset --json` prints."""
        return {
            "schema": 1,
            "policy": self.policy,
            "run": self.run,
            "window": list(self.window),
            "states": list(self.states),
            "draws": self.draws,
            "records": self.records,
            "baseline_deaths": self.baseline_deaths,
            **self.first.document(),
            "comparisons": [row.document() for row in self.rows],
            "surface": None if self.surface is None else self.surface.document(),
            "sentence": self.sentence(),
        }


def offset(
    policy: str | Path | Sequence[str | Path] = "budget2025",
    against: str = "supply-crackdown",
    *,
    draws: int = 1,
    surface: bool = False,
    threads: int = 2,
    report: Report = silent,
    **options: Any,
) -> Offset:
    """Harm of `policy` and gains of supply control on the same people and luck.

    Options are those of compare.setup. Central values rest on all records; with `draws` above one,
    intervals rest on joint draws on the subsample, each scaled by what the full run gives over what the
    sample gives at the centre (on the mean of several lucks), so that a draw without a gain stays without one.
    Raises InputError for bad input.
    """
    check_names({"--policy": [policy] if isinstance(policy, str | Path) else policy, "--against": [against]})
    ready = setup(policy, threads=threads, report=report, **options)
    names = list(dict.fromkeys([against, *([STRUCTURAL] if against != STRUCTURAL else ())]))
    plain = _arms(ready, names)
    p = load_parameters()
    access = accesses(plain(p), ready.people, ready.months, ready.seed, threads, CROWDING_ONE_IN)
    build, window = crowded(plain, access), window_of(ready)
    central = _central(ready, build(p), threads, report)
    bench = bench_of(build, subsample(ready.people), window, ready.seed, threads, money=False)
    drawn = None
    if draws > 1:
        found, at_centre = over_lucks(bench, draws, _national, threads, report)
        drawn = _scaled(central, at_centre, found)
    rows = tuple(_row(name, 2 * i, central, drawn) for i, name in enumerate((*names, FALL)))
    grid = _surface(ready, bench, rows[0].harm, central, threads, report) if surface else None
    shown = (month_name(ready.first), month_name(ready.last))
    titles = {ready.policy: compose(ready.policies).label, against: compose([against]).label}
    return Offset(
        ready.policy, ready.run, shown, draws, len(ready.people), float(central[0]), rows, grid, titles, ready.states
    )


def _central(ready: Setup, arms: Sequence[Arm], threads: int, report: Report) -> np.ndarray:
    """Deaths of each arm, float (arms,).

    The first arms (baseline, package, the control, both) are lived by everybody. The others take from a large
    sample what they change against the baseline, or with the package against the package.
    """

    def of(sample: Sample, some: Sequence[Arm], what: str) -> np.ndarray:
        bench = Bench(lambda _: [], sample, window_of(ready), ready.seed, np.zeros(2), money=False)

        def one(arm: Arm) -> float:
            return float(_national(bench, [arm], threads)[0])

        return np.array(in_lanes(one, some, 1, report, what))

    whole = of(everybody(ready.people), arms[:LIVED], "living")
    large = of(subsample(ready.people, LARGER), arms, "comparisons")
    against = np.arange(len(arms)) % 2
    out = whole[against] + (large - large[against]) * (whole[0] / large[0])
    out[:LIVED] = whole
    return np.asarray(out)


def _arms(ready: Setup, controls: Sequence[str]) -> Build:
    """Baseline, package; then each control alone and with the package; then the flat supply likewise."""

    def build(root: Parameters) -> list[Arm]:
        base = apply_policies(root, [ready.baseline], drawn=True)
        plain = [base, apply_policies(root, [ready.baseline, *ready.policies], drawn=True)]
        for name in controls:
            plain += [
                apply_policies(root, [ready.baseline, name], drawn=True),
                apply_policies(root, [ready.baseline, *ready.policies, name], drawn=True),
            ]
        trees = [apply_settings(tree, ready.settings) for tree in plain]
        return [Arm(tree) for tree in (*trees, *(tree.replaced({PATH: FLAT}) for tree in trees[:2]))]

    return build


def _national(bench: Bench, arms: Sequence[Arm], threads: int = 1) -> np.ndarray:
    """Opioid overdose deaths over the window by arm, mean of both halves."""
    return np.asarray(deaths(bench, arms, threads).mean(axis=1))


def _moves(deaths: np.ndarray, place: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Harm, gain and both of the comparison whose arms follow the package's at 2 + `place`; last axis arms."""
    base, package = deaths[..., 0], deaths[..., 1]
    control, together = deaths[..., 2 + place], deaths[..., 3 + place]
    if 3 + place == deaths.shape[-1] - 1:
        # The flat supply is the world without the gain: the interaction is the harm less that in it.
        harm, gain = package - base, control - base
        return harm, gain, harm - gain + harm - (together - control)
    return package - base, base - control, together - base


def _scaled(central: np.ndarray, at_centre: np.ndarray, drawn: np.ndarray) -> list[list[np.ndarray]]:
    """Harms, gains and boths of each comparison by draw, on the scale of the full run.

    `at_centre` (lucks, arms): the scale rests on their mean, since one luck of a subsample may give half the harm.
    """
    out = []
    for place in range(0, len(central) - 2, 2):
        full, lucks, moved = (_moves(values, place) for values in (central, at_centre, drawn))
        centre = [float(one.mean()) for one in lucks]
        row = [
            one * (whole / middle) if middle * whole > 0 else one + (whole - middle)
            for whole, middle, one in zip(full, centre, moved, strict=True)
        ]
        out.append(row)
    return out


def _row(name: str, place: int, central: np.ndarray, drawn: list[list[np.ndarray]] | None) -> Against:
    harm, gain, both = map(float, _moves(central, place))
    empty = np.zeros(0)
    harms, gains, boths = drawn[place // 2] if drawn is not None else (empty, empty, empty)
    return Against(name, harm, gain, both, harms, gains, boths)


def _surface(
    ready: Setup, bench: Bench, harm: float, central: np.ndarray, threads: int, report: Report
) -> Surface:
    """Gains on a grid of depths and half-lives over the intervals of both, at the central parameters."""
    p = load_parameters()
    tree = apply_settings(apply_policies(p, [ready.baseline, "supply-crackdown"]), ready.settings)
    depth, life = p.record(DEPTH).interval, p.record(HALF_LIFE).interval
    if depth is None or life is None:
        raise InputError(None, DEPTH, None, "an interval")
    depths = tuple(float(x) for x in np.linspace(depth[0], depth[1], GRID, endpoint=False)[::-1])
    lives = tuple(float(round(x)) for x in np.geomspace(life[0], ready.last - ready.first + 1, GRID))
    scenarios = ("none", CENTRAL_NITAZENES)
    points = [(s, d, h) for s in scenarios for d in depths for h in lives]

    def one(point: tuple[str, float, float]) -> float:
        moved = tree.replaced({SCENARIO: point[0], DEPTH: point[1], HALF_LIFE: point[2]})
        return float(_national(bench, [Arm(moved)])[0])

    base = float(_national(bench, bench.build(p)[:1], threads)[0])
    gains = base - np.array(in_lanes(one, points, threads, report, "surface"))
    # On the scale of the full run, as the harm is.
    gains *= central[0] / base
    return Surface(depths, lives, scenarios, harm, gains.reshape(len(scenarios), GRID, GRID))
