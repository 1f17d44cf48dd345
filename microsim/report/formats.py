"""Numbers as a reader would say them, and sentences that remember the numbers inside them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from string import Formatter
from typing import Any, NamedTuple

MINUS = "\N{MINUS SIGN}"
_TINY = "less than "
_SCALES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))


class Number(NamedTuple):
    """A number of the result as it is shown; `value` is what stands in a table."""

    value: float
    shown: str


Text = tuple["str | Number", ...]
"""A sentence: plain pieces and numbers in order."""
Entry = Mapping[str, Any]
"""baseline, policy, difference, low, high of a measure, as in summary.json."""


def say(form: str, **parts: Number | Text | str) -> Text:
    """A sentence from a format string whose fields are numbers, sentences or words."""
    out: list[str | Number] = []
    for literal, field, _, _ in Formatter().parse(form):
        if literal:
            out.append(literal)
        if field:
            part = parts[field]
            out.extend((part,) if isinstance(part, str | Number) else part)
    return tuple(out)


def plain(text: Text | str | Number) -> str:
    """The sentence as a string."""
    if isinstance(text, str):
        return text
    if isinstance(text, Number):
        return text.shown
    return "".join(part.shown if isinstance(part, Number) else part for part in text)


def about(value: float) -> Number:
    """Size without sign, to two significant digits: 2,700; 6.4 million; 3.7."""
    return Number(value, _about(abs(value)))


def _about(size: float) -> str:
    if size == 0:
        return "0"
    rounded = float(f"{size:.2g}")
    for scale, name in _SCALES:
        if rounded >= scale:
            return f"{_digits(rounded / scale)} {name}"
    if rounded < 0.1:
        return f"{_TINY}0.1"
    return _digits(rounded)


def _digits(value: float) -> str:
    return f"{value:,.1f}" if value < 10 and not float(value).is_integer() else f"{value:,.0f}"


def exact(value: float) -> Number:
    """A count for a table: whole, or with one decimal when it is small and not whole."""
    return Number(value, _whole(value))


def small(value: float) -> Number:
    """Two decimals, for ratios and shares."""
    return Number(value, f"{value:.2f}".replace("-0.00", "0.00").replace("-", MINUS))


def signed(value: float) -> Number:
    """A difference for a table, with its sign."""
    shown = _whole(value)
    return Number(value, shown if value < 0 or float(shown.replace(",", "")) == 0 else f"+{shown}")


def signed_about(value: float) -> Number:
    """A difference for a mark: whole below a thousand, otherwise to two significant digits, with its sign."""
    if abs(value) < 1000:
        return signed(value)
    return Number(value, f"{'+' if value > 0 else MINUS}{_about(abs(value))}")


def _whole(value: float) -> str:
    small = abs(value) < 100 and not float(value).is_integer()
    shown = f"{abs(value):,.1f}" if small else f"{abs(value):,.0f}"
    return shown if value >= 0 or float(shown.replace(",", "")) == 0 else MINUS + shown


def percent(share: float | None, *, sign: bool = False) -> Number | str:
    """A share as a percentage to two significant digits; a dash without one."""
    if share is None or not math.isfinite(share):
        return "\N{EN DASH}"
    hundred = abs(share) * 100
    rounded = float(f"{hundred:.2g}")
    if 0 < rounded < 0.01:
        return Number(share, "less than 0.01%")
    decimals = 2 if 0 < rounded < 1 else 1 if 1 <= rounded < 10 else 0
    shown = f"{rounded:.{decimals}f}%"
    mark = (MINUS if share < 0 else "+") if sign and rounded else ""
    return Number(share, mark + shown)


def dollars(value: float) -> Number:
    """Size in dollars without sign."""
    return Number(value, f"${_about(abs(value))}".replace(f"${_TINY}", f"{_TINY}$"))


def signed_dollars(value: float) -> Number:
    """Dollars for a table, with sign, in millions or billions from there on."""
    size = abs(value)
    shown = (
        f"${size / 1e9:,.1f} billion"
        if size >= 1e9
        else f"${size / 1e6:,.0f} million"
        if size >= 1e6
        else f"${size:,.0f}"
    )
    return Number(value, (MINUS if value < 0 else "+" if value > 0 else "") + shown)


def more(value: float, noun: str = "") -> Text:
    """`2,700 more deaths`, `12 fewer people`, `neither more nor fewer people`."""
    word = f" {noun}" if noun else ""
    if value == 0:
        return (f"neither more nor fewer{word}",)
    return (about(value), f" {'more' if value > 0 else 'fewer'}{word}")


def more_of(entry: Entry, noun: str) -> Text:
    """As `more` of a difference; where only its interval has any, that the central values give none."""
    if entry["difference"] == 0 and not unmoved(entry):
        return (f"as many {noun} at central values",)
    return more(entry["difference"], noun)


def interval(entry: Entry, shown: Any = about, *, signs: bool = False) -> Text:
    """` (95% interval 1.2 million to 3.4 million)` when the entry has one, otherwise nothing.

    Beside words that give the direction (`12 fewer`) both ends are sizes, smaller first; `signs`, or ends on
    both sides of zero, keep the signs.
    """
    low, high = entry.get("low"), entry.get("high")
    if low is None or high is None:
        return ()
    way = entry["difference"]
    one_way = (way * low >= 0 and way * high >= 0) if way else unmoved(entry)
    if one_way and not signs:
        ends = [shown(value) for value in sorted((low, high), key=abs)]
    else:
        ends = [_marked(value, shown(value).shown) for value in (low, high)]
    return (" (95% interval ", ends[0], " to ", ends[1], ")")


def _marked(value: float, shown: str) -> Number:
    if shown.startswith(_TINY):
        return Number(value, f"just {'above' if value > 0 else 'below'} 0")
    return Number(value, ("+" if value > 0 else MINUS if value < 0 else "") + shown)


def unmoved(entry: Entry) -> bool:
    """Whether neither the difference nor an end of its interval is other than zero."""
    return not any(entry.get(key) for key in ("difference", "low", "high"))


def ratio_interval(ratio: Mapping[str, float | None]) -> Text:
    """` (95% interval 0.50 to 9.00)`, or what is said in its place where an end is missing."""
    low, high = ratio.get("low"), ratio.get("high")
    if low is None:
        return (" (no interval)",)
    upper = ("or more, without an upper end",) if high is None else say("to {high}", high=small(high))
    return say(" (95% interval {low} {upper})", low=small(low), upper=upper)


def month(name: str) -> str:
    """`2034-12` as `December 2034`."""
    year, number = name.split("-")
    return f"{_MONTHS[int(number) - 1]} {year}"


_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
