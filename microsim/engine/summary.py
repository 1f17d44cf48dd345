"""The summary of a run: every measure over the window, by year and by state, with its difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from microsim.engine.measures import BY_NAME, Integers, window_value
from microsim.ground.schema import EPOCH_YEAR, POPULATION_MONTH, STATES

Values = dict[str, dict[str, Any]]

SCHEMA = 1


class Extra:
    """A measure that is not tallied from people: float values by state and month, for both arms."""

    def __init__(self, unit: str, baseline: np.ndarray, policy: np.ndarray) -> None:
        self.unit = unit
        self.arms = (baseline, policy)


def measures_of(
    baseline: Mapping[str, Integers],
    policy: Mapping[str, Integers],
    extras: Mapping[str, Extra],
    first: int,
    last: int,
    states: list[int],
) -> Values:
    """`{name: {unit, baseline, policy, difference, low, high}}` over months `first` to `last` of `states`.

    The difference is taken in integers before dividing, so equal arms give exactly zero.
    """
    out: Values = {}
    for name, values in baseline.items():
        measure = BY_NAME[name]
        ours = int(window_value(name, values, first, last)[states].sum())
        theirs = int(window_value(name, policy[name], first, last)[states].sum())
        out[name] = _entry(measure.unit, ours / measure.divisor, theirs / measure.divisor,
                           (theirs - ours) / measure.divisor)  # fmt: skip
    for name, extra in extras.items():
        without, under = (float(arm[states, first : last + 1].sum()) for arm in extra.arms)
        out[name] = _entry(extra.unit, without, under, under - without)
    return out


def _entry(unit: str, baseline: float, policy: float, difference: float) -> dict[str, Any]:
    return {
        "unit": unit, "baseline": baseline, "policy": policy, "difference": difference,
        "low": None, "high": None,
    }  # fmt: skip


def years_of(first: int, last: int) -> Iterator[tuple[str, int, int]]:
    """(calendar year, first position, last position) of the years a window touches."""
    for year in range(first // 12, last // 12 + 1):
        yield (
            str(EPOCH_YEAR + POPULATION_MONTH // 12 + year),
            max(first, year * 12),
            min(last, year * 12 + 11),
        )


def summary_of(
    baseline: Mapping[str, Integers],
    policy: Mapping[str, Integers],
    extras: Mapping[str, Extra],
    first: int,
    last: int,
    about: Mapping[str, Any],
    states: list[int],
) -> dict[str, Any]:
    """The document `summary.json` holds; `about` gives run, policy, baseline and window."""
    every = range(len(STATES))
    shown = states or list(every)
    return {
        "schema": SCHEMA,
        **about,
        "measures": measures_of(baseline, policy, extras, first, last, shown),
        "by_year": {
            year: measures_of(baseline, policy, extras, start, stop, shown)
            for year, start, stop in years_of(first, last)
        },
        "by_state": {
            STATES[state]: measures_of(baseline, policy, extras, first, last, [state]) for state in shown
        },
    }
