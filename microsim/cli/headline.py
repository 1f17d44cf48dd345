"""The measures a reader asks for first, as a table, rounded as a reader would."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from microsim.cli.tables import COLUMNS, show, width

GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Cover", (
        "medicaid_enrollees_end", "expansion_enrollees_end", "uninsured_end", "medicaid_persons_ever_lost",
        "medicaid_losses", "medicaid_losses_noncompliant", "medicaid_losses_compliant_unverified",
        "medicaid_losses_excluded_unverified", "medicaid_losses_renewal_procedural",
        "medicaid_losses_denied_at_application",
    )),
    ("Substance use and treatment", (
        "sud_medicaid_losses", "oud_medicaid_losses", "treatment_end", "moud_end", "treatment_exits_coverage",
    )),
    ("Overdose and death", (
        "naloxone_kits", "overdoses_nonfatal", "overdose_deaths", "opioid_overdose_deaths", "deaths_other",
    )),
    ("Public money", ("federal_outlays_usd", "state_outlays_usd")),
)  # fmt: skip
"""Headline measures in the order of the table; all others stand in summary.json."""

LABELS = {
    "medicaid_enrollees_end": "on Medicaid or CHIP, at the end",
    "expansion_enrollees_end": "in the adult group, at the end",
    "uninsured_end": "without insurance, at the end",
    "medicaid_persons_ever_lost": "people who ever lost Medicaid",
    "medicaid_losses": "losses of Medicaid, gross",
    "medicaid_losses_noncompliant": "  did not meet the work rule",
    "medicaid_losses_compliant_unverified": "  met it, not proved",
    "medicaid_losses_excluded_unverified": "  excluded from it, not proved",
    "medicaid_losses_renewal_procedural": "  renewal paperwork",
    "medicaid_losses_denied_at_application": "  denied or deterred on applying",
    "sud_medicaid_losses": "losses, people with any SUD",
    "oud_medicaid_losses": "losses, people with OUD",
    "treatment_end": "in OUD treatment, at the end",
    "moud_end": "on OUD medication, at the end",
    "treatment_exits_coverage": "stopped: lost cover",
    "overdoses_nonfatal": "nonfatal opioid overdoses",
    "overdose_deaths": "drug overdose deaths",
    "opioid_overdose_deaths": "of which opioid",
    "deaths_other": "deaths from other causes",
    "naloxone_kits": "naloxone kits handed out",
    "federal_outlays_usd": "federal outlays, USD",
    "state_outlays_usd": "state outlays, USD",
}
ABBREVIATIONS = "SUD, OUD: substance, opioid use disorder; M, B, T: million, billion, trillion"
ONE_DRAW = "one draw"

NUMBER = 18
"""Columns that the widest number takes, an interval in brackets."""
_NARROW = 50
"""Columns below which the arms are left out."""
_STEPS = ((1e12, "T"), (1e9, "B"), (1e6, "M"))
_THOUSAND = 1e3
_DIGITS = 3


def rounded(value: float) -> str:
    """A number to three digits: 98.9M, 45,300, 320, 1.2; zero only for exactly zero."""
    if value == 0:
        return "0"
    value = float(f"{value:.{_DIGITS - 1}e}")
    size = abs(value)
    for unit, letter in _STEPS:
        if size >= unit:
            return f"{_digits(value / unit)}{letter}"
    if size >= 10 ** (_DIGITS - 1):
        return f"{value:,.0f}"
    return f"{value:.1f}" if size >= 0.1 else f"{value:.1g}"


def short(value: float) -> str:
    """A number as `rounded` gives it, with tens of thousands and more as 45.3K: it fits a narrow column."""
    near = float(f"{value:.{_DIGITS - 1}e}")
    if 10 * _THOUSAND <= abs(near) < _STEPS[-1][0]:
        return f"{_digits(near / _THOUSAND)}K"
    return rounded(value)


def signed_short(value: float) -> str:
    """A difference: short, with its sign."""
    return f"+{short(value)}" if value > 0 else short(value)


def _digits(value: float) -> str:
    before = len(str(int(abs(value))))
    return f"{value:.{max(0, _DIGITS - before)}f}"


def signed(value: float) -> str:
    """A difference: rounded, with its sign."""
    text = rounded(value)
    return f"+{text}" if value > 0 else text


def interval(entry: Mapping[str, Any], signed: Callable[[float], str] = signed) -> str:
    """The 95% interval of the difference, ends as `signed` writes them, or that there is one draw only."""
    if entry["low"] is None or entry["high"] is None:
        return ONE_DRAW
    return f"{signed(entry['low'])} to {signed(entry['high'])}"


def label(name: str) -> str:
    """How the table calls a measure."""
    return LABELS.get(name, name)


def print_headline(document: Mapping[str, Any]) -> None:
    """Print measure, baseline, policy, difference and interval of a summary on standard output.

    A narrow terminal gets the interval under the difference, a very narrow one no arms.
    """
    across = width()
    headings = ["measure", "baseline", "policy", "difference", "95% interval"]
    if across < COLUMNS:
        headings[-2:] = ["difference and 95% interval"]
    if across < _NARROW:
        del headings[1:3]
    measures = document["measures"]
    rows = [(title, [_row(name, measures[name], headings) for name in names]) for title, names in GROUPS]
    print_groups(headings, rows)


def _row(name: str, entry: Mapping[str, Any], headings: Sequence[str]) -> tuple[str, ...]:
    arms = (short(entry["baseline"]), short(entry["policy"])) if "policy" in headings else ()
    last = (signed_short(entry["difference"]), interval(entry, signed_short))
    return label(name), *arms, *(last if headings[-1] == "95% interval" else (stacked(entry),))


def stacked(entry: Mapping[str, Any]) -> str:
    """A difference with its interval, if it has one, in brackets on a line below."""
    central, span = signed_short(entry["difference"]), interval(entry, signed_short)
    return central if span == ONE_DRAW else f"{central}\n({span})"


def print_groups(headings: Sequence[str], groups: Sequence[tuple[str, Sequence[Sequence[str]]]]) -> None:
    """Print groups of rows under headings; the first column is text, the others numbers.

    In a narrow terminal the text gives way and numbers stay whole.
    """
    from textwrap import fill

    from rich import box
    from rich.table import Table
    from rich.text import Text

    across = width()

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, collapse_padding=True)
    table.caption, table.caption_justify = f"{ABBREVIATIONS}; K: thousand", "left"
    for position, heading in enumerate(headings):
        table.add_column(
            Text(fill(heading, NUMBER) if position else heading),
            justify="right" if position else "left",
            no_wrap=bool(position) or across >= COLUMNS,
            overflow="fold",
        )
    for position, (title, rows) in enumerate(groups):
        if position:
            table.add_row()
        table.add_row(Text(title, style="bold"))
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
    show(table)
