"""Traced lives as case files on a terminal or in plain text of at most 100 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from microsim.experiments.tracing import story
from microsim.ground.calendar import month_name

if TYPE_CHECKING:
    from microsim.experiments.trace import Trace
    from microsim.experiments.tracing.live import Life

WIDEST = 100
DRAWS = (
    "Draws: EVENT number < or >= what decides, in the function that asked; an event happens when its number "
    "is below. (top): counted from the top, for a number that decides two events."
)
_STYLES = {story.BOTH: "", story.BASELINE: "cyan", story.POLICY: "yellow"}


def print_case_files(traced: Trace, *, every_month: bool, draws: bool) -> None:
    """Print all lives, each with who the person is, what happened by month, and both arms in sum."""
    console = Console(soft_wrap=False, highlight=False, markup=False)
    console.width = min(console.width, WIDEST)
    with console.capture() as captured:
        _print(console, traced, every_month, draws)
    # Tables fill their last column with blanks.
    click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


def _print(console: Console, traced: Trace, every_month: bool, draws: bool) -> None:
    ready = traced.case.ready
    console.print(Text(
        f"Synthetic people: nobody here is real. Baseline: {ready.baseline}. Policy: {ready.policy}. "
        f"Seed {ready.seed}. Tables: {traced.case.source}."
    ))  # fmt: skip
    if draws:
        console.print(Text(DRAWS))
    if traced.found:
        console.print(Text(f"Found: {traced.found}."))
    for life in traced.lives:
        console.print()
        console.print(_case_file(traced, life, every_month, draws))


def _case_file(traced: Trace, life: Life, every_month: bool, draws: bool) -> Group:
    people = int(life.record["weight"]) / 1000
    heading = f"Person {int(life.record['person_id'])}, standing for {people:,.0f} people, in January 2024"
    months = Table.grid(padding=(0, 2, 0, 0))
    months.add_column(no_wrap=True)
    months.add_column(no_wrap=True)
    months.add_column(ratio=1)
    before = None
    for line in story.lines(life, traced.first, traced.last, every_month=every_month, draws=draws):
        shown = Text(month_name(line.month) if line.month != before else "", style="bold")
        before = line.month
        text = Text(" ".join(line.sentences))
        for draw in line.draws:
            text.append(("\n" if text.plain else "") + f"  {draw}", style="dim")
        months.add_row(shown, Text(line.arm, style=_STYLES[line.arm]), text)
    if before is None:
        months.add_row(Text(""), Text(""), Text("Nothing happens in these months."))
    sums = Table.grid(padding=(0, 2, 0, 0))
    sums.add_column(no_wrap=True, min_width=len(month_name(traced.first)))
    sums.add_column(no_wrap=True)
    sums.add_column(ratio=1)
    for position, one in enumerate(story.sums(life, traced.first, traced.last)):
        sums.add_row(Text("" if position else "in sum", style="bold"), Text(one.arm, style=_STYLES[one.arm]),
                     Text(story.sum_text(one)))  # fmt: skip
    who, parting = Text(" ".join(story.opening(life))), Text(_parting(traced, life))
    return Group(Text(heading, style="bold"), who, parting, Text(""), months, Text(""), sums)


def _parting(traced: Trace, life: Life) -> str:
    if life.parting > traced.case.ready.last:
        return "The policy changes nothing for this person's state in these months."
    return f"The two arms are one until {month_name(life.parting)}, from when the policy can matter."
