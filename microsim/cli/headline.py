"""The measures a reader asks for first, as a table, rounded as a reader would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from microsim.cli.tables import show

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
    ("Overdose", ("naloxone_kits", "overdoses_nonfatal", "overdose_deaths", "opioid_overdose_deaths")),
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
    "naloxone_kits": "naloxone kits handed out",
    "federal_outlays_usd": "federal outlays, USD",
    "state_outlays_usd": "state outlays, USD",
}
ABBREVIATIONS = "SUD, OUD: substance, opioid use disorder; M, B, T: million, billion, trillion"
ONE_DRAW = "one draw"

_STEPS = ((1e12, "T"), (1e9, "B"), (1e6, "M"))
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


def _digits(value: float) -> str:
    before = len(str(int(abs(value))))
    return f"{value:.{max(0, _DIGITS - before)}f}"


def signed(value: float) -> str:
    """A difference: rounded, with its sign."""
    text = rounded(value)
    return f"+{text}" if value > 0 else text


def interval(entry: Mapping[str, Any]) -> str:
    """The 95% interval of the difference, or that there is one draw only."""
    if entry["low"] is None or entry["high"] is None:
        return ONE_DRAW
    return f"{signed(entry['low'])} to {signed(entry['high'])}"


def label(name: str) -> str:
    """How the table calls a measure."""
    return LABELS.get(name, name)


def print_headline(document: Mapping[str, Any]) -> None:
    """Print measure, baseline, policy, difference and interval of a summary on standard output."""
    measures = document["measures"]
    rows = [(title, [_row(name, measures[name]) for name in names]) for title, names in GROUPS]
    print_groups(("measure", "baseline", "policy", "difference", "95% interval"), rows)


def _row(name: str, entry: Mapping[str, Any]) -> tuple[str, ...]:
    both = rounded(entry["baseline"]), rounded(entry["policy"])
    return label(name), *both, signed(entry["difference"]), interval(entry)


def print_groups(headings: Sequence[str], groups: Sequence[tuple[str, Sequence[Sequence[str]]]]) -> None:
    """Print groups of rows under headings; the first column is text, the others numbers."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.caption, table.caption_justify = ABBREVIATIONS, "left"
    for position, heading in enumerate(headings):
        table.add_column(Text(heading), justify="right" if position else "left", no_wrap=position == 0)
    for position, (title, rows) in enumerate(groups):
        if position:
            table.add_row()
        table.add_row(Text(title, style="bold"))
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
    show(table)
