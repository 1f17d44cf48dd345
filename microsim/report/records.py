"""Parameters in words: the value of a record, its interval, its source."""

from __future__ import annotations

from microsim.ground.parameters import Parameters, Record
from microsim.ground.policies.differences import written
from microsim.ground.units import NAMED_UNITS


def value_text(record: Record) -> str:
    """One value, or the range over classes and dates, without unit."""
    values = sorted({float(x) for x in record.steps.ravel()})
    kind = record.kind
    if len(values) == 1:
        return written(kind.decode(values[0]))
    by = [*record.by, *(["date"] if record.dated else [])]
    if record.unit in NAMED_UNITS:
        return "by " + " and ".join(by)
    return f"{written(kind.decode(values[0]))} to {written(kind.decode(values[-1]))} by {', '.join(by)}"


def interval_text(record: Record) -> str:
    """The interval of the evidence, or nothing."""
    if record.interval:
        return f"{record.interval[0]:g} to {record.interval[1]:g}"
    if record.interval_factor:
        return f"times {record.interval_factor[0]:g} to {record.interval_factor[1]:g}"
    return ""


_ONE = {"months": "month", "years": "year", "days": "day", "persons": "person", "kits": "kit"}
_LONG = {"musd": "million US dollars", "usd": "US dollars"}


def unit_text(unit: str, value: str = "") -> str:
    """A unit in words, of one thing where the value is 1; nothing for values that need none."""
    if unit in NAMED_UNITS or unit == "month":
        return ""
    what, _, per = unit.partition("_per_")
    what = _LONG.get(what, _ONE.get(what, what) if value == "1" else what)
    return f"{what} per {per}".replace("_", " ") if per else what.replace("_", " ")


def citation(parameters: Parameters, key: str) -> str:
    """Organisation, title and year of a source, with its note, without its address."""
    return _cited(parameters, key, "")


def cited_in_full(parameters: Parameters, key: str) -> str:
    """The same as Markdown with its address."""
    link = parameters.sources[key].link
    return _cited(parameters, key, f" <{link}>" if link else "")


def _cited(parameters: Parameters, key: str, address: str) -> str:
    source = parameters.sources[key]
    year = f" ({source.year})" if source.year else ""
    note = f" {source.note}" if source.note else ""
    return f"{source.organisation}. {source.title}{year}.{address}{note}"
