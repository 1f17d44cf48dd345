"""The whole brief as blocks, in reading order, before it is written in any format."""

from __future__ import annotations

from microsim.engine.results import Result
from microsim.report import answer, findings, further, methods, places
from microsim.report.blocks import Brief, Section, Table
from microsim.report.context import Context, context_of
from microsim.report.labels import label_of
from microsim.report.tables import entry_cells, entry_heads, with_interval


def brief_of(result: Result, state: str | None = None) -> Brief:
    """Raises InputError for a state that the result does not hold."""
    context = context_of(result, state)
    sections = [
        findings.deaths(context),
        findings.cover(context),
        findings.exclusion(context),
        findings.treatment(context),
        further.offset(context),
        places.states(context),
        places.people(context),
        places.money(context),
        further.sensitivity(context),
        further.validation(context),
        every_measure(context),
        methods.methods(context),
        methods.limitations(),
        methods.law(context),
        methods.identity(context),
        methods.references(context),
    ]
    return Brief(
        answer.title(context), answer.question(context), answer.sentences(context), answer.cautions(context),
        answer.facts(context), sections,
    )  # fmt: skip


def every_measure(context: Context) -> Section:
    """All measures of the summary with their labels."""
    intervals = with_interval(list(context.measures.values()))
    rows = []
    for name, entry in context.measures.items():
        rows.append((label_of(name), *entry_cells(entry, intervals, money=entry["unit"] == "usd")))
    caption = f"{context.window}; numbers of people are those of the last month"
    return Section(
        "measures", "All measures", [Table((caption,), ("Measure", *entry_heads(intervals)), rows)]
    )
