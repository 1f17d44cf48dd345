"""Tables of a brief from entries of a result: rows by year, by state, by measure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from microsim.report.blocks import Cell, Table
from microsim.report.formats import Entry, Number, exact, signed, signed_dollars

Years = Mapping[str, Mapping[str, Any]]


def ends(entry: Entry, shown: Callable[[float], Number]) -> Cell:
    """`low to high` in one cell, or a dash."""
    if entry["low"] is None or entry["high"] is None:
        return "\N{EN DASH}"
    return (shown(entry["low"]), " to ", shown(entry["high"]))


def with_interval(entries: Sequence[Entry]) -> bool:
    return any(entry["low"] is not None for entry in entries)


def entry_cells(entry: Entry, intervals: bool, *, money: bool = False) -> list[Cell]:
    """Baseline, policy, difference and, where the table has them, low and high."""
    size, change = (dollars_whole, signed_dollars) if money else (exact, signed)
    cells: list[Cell] = [size(entry["baseline"]), size(entry["policy"]), change(entry["difference"])]
    if intervals:
        cells += [change(entry[key]) if entry[key] is not None else "\N{EN DASH}" for key in ("low", "high")]
    return cells


def entry_heads(intervals: bool) -> list[str]:
    return ["Baseline", "Policy", "Difference", *(["95% low", "95% high"] if intervals else [])]


def dollars_whole(value: float) -> Any:
    number = signed_dollars(value)
    return number._replace(shown=number.shown.lstrip("+"))


def by_year_table(
    years: Years, measure: str, caption: str, named: Callable[[str], str], *, money: bool = False
) -> Table:
    """A row a year, under the name that `named` gives it."""
    intervals = with_interval([values[measure] for values in years.values()])
    return Table(
        (caption,),
        ("Year", *entry_heads(intervals)),
        [(named(year), *entry_cells(values[measure], intervals, money=money)) for year, values in years.items()],
    )


def differences_table(
    years: Years, measures: Mapping[str, str], caption: str, named: Callable[[str], str]
) -> Table:
    """Differences only: a row a year, a column a measure under its name."""
    return Table(
        (caption,),
        ("Year", *measures.values()),
        [
            (named(year), *(signed(values[measure]["difference"]) for measure in measures))
            for year, values in years.items()
        ],
    )
