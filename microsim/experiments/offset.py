"""Does a package undo what supply control gains? Harm and gain in expected deaths over one window."""

from __future__ import annotations

from typing import Any, NamedTuple

from microsim.engine import measures, tallies
from microsim.engine.measures import scaled, window_value
from microsim.experiments.compare import Report, Setup, live, setup, silent
from microsim.ground.policies import apply_policies, apply_settings
from microsim.ground.schema import POPULATION_MONTH

DEATHS = "opioid_overdose_deaths"


class Offset(NamedTuple):
    """Expected opioid overdose deaths over the window; positive harm is more deaths, positive gain fewer."""

    policy: str
    against: str
    baseline_deaths: float
    harm: float
    gain: float
    both: float
    """Deaths of both together less the baseline's."""
    run: str

    @property
    def ratio(self) -> float | None:
        """Harm over gain; None where the crackdown gains nothing."""
        return self.harm / self.gain if self.gain > 0 else None

    @property
    def interaction(self) -> float:
        """What happens together beyond the sum of both."""
        return self.both - (self.harm - self.gain)

    def document(self) -> dict[str, Any]:
        """What `offset --json` prints; the interval is null until uncertainty is drawn."""
        return {
            "policy": self.policy,
            "against": self.against,
            "run": self.run,
            "baseline_deaths": self.baseline_deaths,
            "harm": self.harm,
            "gain": self.gain,
            "interaction": self.interaction,
            "ratio": {"central": self.ratio, "low": None, "high": None},
            "probability_above_one": None,
        }


def offset(
    policy: str = "budget2025",
    against: str = "supply-crackdown",
    *,
    threads: int = 2,
    report: Report = silent,
    **options: Any,
) -> Offset:
    """Harm of `policy` and gain of `against` on the same people and luck, each against the baseline.

    Options are those of compare.setup. Raises InputError for bad input.
    """
    together = setup([policy, against], threads=threads, report=report, **options)
    first = together.arms[0]
    settings = together.settings
    alone = [apply_settings(apply_policies(first, [name]), settings) for name in (policy, against)]
    lived = live(together, threads, report, [first, *alone, together.arms[1]])
    deaths = [_deaths(together, arm) for arm in lived.arms]
    harm, gain, both = (scaled(DEATHS, later - deaths[0]) for later in deaths[1:])
    return Offset(policy, against, scaled(DEATHS, deaths[0]), harm, -gain, both, together.run)


def _deaths(ready: Setup, arm: tallies.Tallies) -> int:
    first, last = ready.first - POPULATION_MONTH, ready.last - POPULATION_MONTH
    values = measures.series(arm)[DEATHS]
    return int(window_value(DEATHS, values, first, last).sum())

