"""Units of parameters: what each means and which values it allows."""

from __future__ import annotations

import math
from typing import NamedTuple

INFINITY = math.inf


class Unit(NamedTuple):
    """A unit of the vocabulary; numbers must lie in [low, high]."""

    name: str
    low: float
    high: float
    meaning: str


def _table(rows: tuple[tuple[str, float, float, str], ...]) -> dict[str, Unit]:
    return {name: Unit(name, low, high, meaning) for name, low, high, meaning in rows}


UNITS: dict[str, Unit] = _table((
    ("probability", 0, 1, "probability of one event or state, used as it is"),
    ("probability_per_month", 0, 1, "probability within one month, used as it is"),
    ("probability_per_year", 0, 1, "probability within one year"),
    ("hazard_per_month", 0, INFINITY, "rate a month; becomes 1 - exp(-h)"),
    ("hazard_per_year", 0, INFINITY, "rate a year; a month has a twelfth, then 1 - exp(-h)"),
    ("share", 0, 1, "part of a whole"),
    ("ratio", 0, INFINITY, "one quantity over another"),
    ("hazard_ratio", 0, INFINITY, "multiplies a rate"),
    ("odds_ratio", 0, INFINITY, "multiplies odds"),
    ("index", 0, INFINITY, "level relative to a stated base"),
    ("log_depth", -INFINITY, INFINITY, "natural logarithm of a multiplier"),
    ("log_odds", -INFINITY, INFINITY, "natural logarithm of odds"),
    ("elasticity", -INFINITY, INFINITY, "percentage change for one per cent of change"),
    ("change", -INFINITY, INFINITY, "difference in the unit of what it changes"),
    ("correlation", -1, 1, "correlation"),
    ("persons", 0, INFINITY, "number of people"),
    ("count", 0, INFINITY, "number of things"),
    ("deaths_per_year", 0, INFINITY, "deaths a year"),
    ("per_100k_per_year", 0, INFINITY, "events a year in 100,000 people"),
    ("usd", -INFINITY, INFINITY, "US dollars"),
    ("usd_per_hour", 0, INFINITY, "US dollars an hour"),
    ("usd_per_month", -INFINITY, INFINITY, "US dollars a month"),
    ("usd_per_year", -INFINITY, INFINITY, "US dollars a year"),
    ("usd_per_person_month", -INFINITY, INFINITY, "US dollars a month for one person"),
    ("usd_per_person_year", -INFINITY, INFINITY, "US dollars a year for one person"),
    ("usd_per_event", -INFINITY, INFINITY, "US dollars for one event"),
    ("musd", -INFINITY, INFINITY, "million US dollars"),
    ("musd_per_year", -INFINITY, INFINITY, "million US dollars a year"),
    ("kits", 0, INFINITY, "naloxone kits"),
    ("kits_per_year", 0, INFINITY, "naloxone kits a year"),
    ("days", 0, INFINITY, "days"),
    ("months", 0, INFINITY, "months"),
    ("years", 0, INFINITY, "years"),
    ("hours_per_month", 0, 744, "hours a month"),
    ("month", -1380, 2219, "a date, written YYYY-MM"),
    ("boolean", 0, 1, "true or false"),
    ("choice", 0, INFINITY, "one of the named choices"),
))  # fmt: skip

NAMED_UNITS = frozenset({"boolean", "choice"})
"""Units whose values are not numbers."""


LARGEST = 1e12
_LARGEST: dict[str, float] = {
    **dict.fromkeys(("ratio", "hazard_ratio", "odds_ratio", "index"), 1e6),
    **dict.fromkeys(("hazard_per_month", "hazard_per_year", "elasticity"), 1e6),
    **dict.fromkeys(("log_depth", "log_odds"), 50.0),
    **dict.fromkeys(("musd", "musd_per_year"), 1e8),
    **{name: 1e9 for name in UNITS if name.startswith("usd_per_")},
    "usd": 1e15,
}
"""The largest size of a number by unit: far beyond the world, and far below where whole numbers overflow."""


def largest(unit: str) -> float:
    """The largest size of a number of this unit."""
    return _LARGEST.get(unit, LARGEST)


def _known(unit: str, id_: str) -> Unit:
    """The unit as it bounds a parameter: nobody appropriates less than nothing, though money may be negative."""
    known = UNITS[unit]
    return known._replace(low=0) if id_.startswith("programs.") and unit == "musd_per_year" else known


def in_bounds(unit: str, value: float, id_: str = "") -> bool:
    """Whether a number is finite, of a size that can be reckoned with, and allowed by the unit.

    `id_` is the parameter that it is for, if one is.
    """
    known = _known(unit, id_)
    return math.isfinite(value) and known.low <= value <= known.high and abs(value) <= largest(unit)


def bounds_text(unit: str, value: float | None = None, id_: str = "") -> str:
    """The allowed values in words, for messages; a `value` that is only too large is told the largest."""
    if unit == "boolean":
        return "true or false"
    known = _known(unit, id_)
    if value is not None and math.isfinite(value) and known.low <= value <= known.high:
        low = f"from {-largest(unit):,.0f}" if math.isinf(known.low) else f"from {known.low:g}"
        return f"a number {low} to {largest(unit):,.0f} ({unit})"
    if math.isinf(known.low):
        return f"a finite number ({unit})"
    if math.isinf(known.high):
        return f"a number of at least {known.low:g} ({unit})"
    return f"a number between {known.low:g} and {known.high:g} ({unit})"
