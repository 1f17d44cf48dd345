"""Months as integers: month 0 is January of `schema.EPOCH_YEAR`."""

from __future__ import annotations

import re

from microsim.ground.errors import InputError
from microsim.ground.schema import EPOCH_YEAR

MONTHS_A_YEAR = 12
FISCAL_YEAR_LEAD = 3
"""The federal fiscal year starts in October, three months before the calendar year."""

_FIRST_YEAR = 1900
_LAST_YEAR = 2199
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])", re.ASCII)

EARLIEST_MONTH = (_FIRST_YEAR - EPOCH_YEAR) * MONTHS_A_YEAR
LATEST_MONTH = (_LAST_YEAR - EPOCH_YEAR) * MONTHS_A_YEAR + MONTHS_A_YEAR - 1


def month_index(text: str) -> int:
    """Months since January of the epoch year of a month written YYYY-MM: "2027-01" is 144.

    Raises `InputError` for anything else, days and one-digit months included.
    """
    match = _MONTH.fullmatch(text) if isinstance(text, str) else None
    if match is None or not _FIRST_YEAR <= int(match[1]) <= _LAST_YEAR:
        raise InputError(None, "month", text, "a month written YYYY-MM", fix=_suggestion(text))
    return (int(match[1]) - EPOCH_YEAR) * MONTHS_A_YEAR + int(match[2]) - 1


def month_name(month: int) -> str:
    """The month written YYYY-MM: 144 is "2027-01"."""
    year, rest = divmod(int(month), MONTHS_A_YEAR)
    return f"{EPOCH_YEAR + year:04d}-{rest + 1:02d}"


def year_of(month: int) -> int:
    """The calendar year that a month lies in."""
    return EPOCH_YEAR + int(month) // MONTHS_A_YEAR


def fiscal_year_of(month: int) -> int:
    """The federal fiscal year that a month lies in: October 2026 is in 2027."""
    return year_of(int(month) + FISCAL_YEAR_LEAD)


def first_month_of(year: int) -> int:
    """January of a calendar year as a month number."""
    return (int(year) - EPOCH_YEAR) * MONTHS_A_YEAR


def _suggestion(text: object) -> str | None:
    if not isinstance(text, str | int):
        return None
    parts = re.fullmatch(r"\s*([0-9]{4})(?:[-/.]?([0-9]{1,2}))?(?:[-/.][0-9]{1,2})?\s*", str(text))
    if parts is None:
        return "quote it, as in '2027-01'"
    month = int(parts[2] or 1)
    if not 1 <= month <= MONTHS_A_YEAR:
        return "the month runs from 01 to 12"
    return f"write '{parts[1]}-{month:02d}'"
