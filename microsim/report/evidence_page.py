"""Pages on every number of the model, generated from the parameters: `python -m` this module.

`docs/evidence.md` lists all parameters by subject with value, source and status;
`docs/assumptions.md` those that rest on judgement alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from microsim.ground.parameters import Parameters, Record, load_parameters
from microsim.ground.parameters.checking import STATUSES
from microsim.ground.units import NAMED_UNITS
from microsim.report.records import cited_in_full, interval_text, value_text

SUBJECTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("The work requirement: whom it reaches and what complies", ("medicaid.community_engagement.",)),
    ("What each state chooses", ("medicaid.state_options.",)),
    ("What the state can see, and who answers", ("medicaid.verification.",)),
    ("Renewals and retroactive cover", ("medicaid.renewal.",)),
    ("Provisions, protection and natural experiments", ("medicaid.",)),
    ("Gaining and losing cover", ("flows.",)),
    ("Work and income", ("work.",)),
    ("Life events and other deaths", ("life.",)),
    ("Substance use", ("sud.opioid.", "sud.other.", "sud.diagnosed_share", "sud.visit", "sud.recovery")),
    ("Treatment", ("sud.treatment.",)),
    ("Overdose", ("sud.overdose.", "sud.intercept.", "sud.target.")),
    ("The opioid supply", ("sud.supply.",)),
    ("Naloxone", ("sud.naloxone.",)),
    ("Substance use, other", ("sud.",)),
    ("Public-health money and what it buys", ("programs.",)),
    ("Federal and state money", ("finance.",)),
    ("The population", ("population.",)),
    ("Everything else", ("",)),
)
"""Headings in reading order; a parameter stands under the first whose prefix fits."""

_MEANING = {
    "measured": "read or counted in a source",
    "derived": "computed from sources, as its derivation says",
    "assumed": "a judgement, with an interval as wide as our doubt",
    "calibrated": "set so that the model meets a published total",
}
_NOTICE = "This page is generated from `parameters/` by `python -m microsim.report.evidence_page`."


def evidence_page(parameters: Parameters) -> str:
    """Markdown with every parameter, grouped by subject, and counts by status."""
    groups = _grouped(parameters)
    lines = ["# Evidence", "", _NOTICE, ""]
    lines += _counts("Parameters", [parameters.record(id_) for id_ in parameters.ids()])
    lines += ["", "| subject | " + " | ".join(STATUSES) + " |", "|---|" + "---:|" * len(STATUSES)]
    for heading, records in groups:
        counted = Counter(record.status for record in records)
        cells = " | ".join(str(counted[status]) for status in STATUSES)
        lines.append(f"| [{heading}](#{_anchor(heading)}) | {cells} |")
    for heading, records in groups:
        lines += ["", f"## {heading}", ""]
        for record in records:
            lines += _entry(parameters, record)
    lines += ["", "## Bibliography", ""]
    for key in sorted(parameters.sources):
        lines.append(f'- <a id="{key}"></a>**{key}**: {cited_in_full(parameters, key)}')
    return "\n".join(lines) + "\n"


def assumptions_page(parameters: Parameters) -> str:
    """Markdown with the parameters that rest on judgement, and those quoted from memory."""
    every = [parameters.record(id_) for id_ in parameters.ids()]
    lines = ["# Assumptions", "", _NOTICE, ""]
    lines += [
        "No study gave these numbers. Each has an interval that the uncertainty runs draw from, unless it "
        "is a convention or a switch.",
        "",
    ]
    lines += _counts("Parameters", every)
    for heading, records in _grouped(parameters):
        assumed = [record for record in records if record.status == "assumed"]
        if assumed:
            lines += ["", f"## {heading}", "", "| what | value | interval | why |", "|---|---|---|---|"]
            lines += [
                f"| {_cell(r.label)} `{r.id}` | {value_text(r)} | {interval_text(r)} | "
                f"{_cell(r.note or r.derivation or '')} |"
                for r in assumed
            ]
    recalled = [record for record in every if record.verified == "recalled"]
    lines += ["", "## Quoted from memory", ""]
    lines += ["These have a source that was recalled and not read.", ""]
    lines += [f"- {record.label} `{record.id}`: {value_text(record)}" for record in recalled]
    return "\n".join(lines) + "\n"


def write_pages(folder: Path, parameters: Parameters | None = None) -> tuple[Path, ...]:
    """Write both pages into a folder; returns their paths."""
    tree = load_parameters() if parameters is None else parameters
    pages = {"evidence.md": evidence_page(tree), "assumptions.md": assumptions_page(tree)}
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")
    return tuple(folder / name for name in pages)


def _grouped(parameters: Parameters) -> list[tuple[str, list[Record]]]:
    groups: dict[str, list[Record]] = {heading: [] for heading, _ in SUBJECTS}
    for id_ in parameters.ids():
        heading = next(heading for heading, prefixes in SUBJECTS if id_.startswith(prefixes))
        groups[heading].append(parameters.record(id_))
    return [(heading, records) for heading, records in groups.items() if records]


def _counts(what: str, records: Iterable[Record]) -> list[str]:
    counted = Counter(record.status for record in records)
    total = sum(counted.values())
    lines = [f"{what}: {total}.", ""]
    lines += [f"- {counted[status]} {status}: {_MEANING[status]}" for status in STATUSES if counted[status]]
    return lines


def _entry(parameters: Parameters, record: Record) -> list[str]:
    status = f"{record.status}, recalled" if record.verified == "recalled" else record.status
    unit = "" if record.unit in (*NAMED_UNITS, "month") else f" {record.unit}"
    facts = [f"{value_text(record)}{unit}", interval_text(record), status]
    facts += [text for text in (record.year, record.place) if text]
    lines = [f"- **{record.label}** `{record.id}`: {'; '.join(fact for fact in facts if fact)}."]
    if record.source:
        cited = "; ".join(f"[{_short(parameters, key)}](#{key})" for key in record.source)
        lines.append(f"  Source: {cited}.")
    for text in (record.derivation, record.note):
        if text:
            lines.append("  " + " ".join(text.split()))
    return lines


def _short(parameters: Parameters, key: str) -> str:
    source = parameters.sources[key]
    return f"{source.organisation}{f' {source.year}' if source.year else ''}"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _anchor(heading: str) -> str:
    kept = "".join(letter for letter in heading.lower() if letter.isalnum() or letter in " -")
    return kept.replace(" ", "-")


if __name__ == "__main__":
    write_pages(Path("docs"))
