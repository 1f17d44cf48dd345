"""`microsim offset`: does a package undo what supply control gains?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from microsim.cli.errors import told_plainly
from microsim.cli.examples import examples
from microsim.cli.options import study_options

if TYPE_CHECKING:
    from microsim.experiments.offset import Against, Offset, Surface

_EPILOG = examples(
    "microsim offset --policy budget2025 --against supply-crackdown",
    "microsim offset --draws 200 --no-surface --json",
)


@click.command(epilog=_EPILOG)
@click.option("--policy", default="budget2025", show_default=True, help="The package: a policy name or file.")
@click.option("--against", default="supply-crackdown", show_default=True, help="The supply control.")
@click.option(
    "--surface/--no-surface", default=True, help="Break-even by depth and half-life of a crackdown."
)
@study_options(draws=50)
def offset(as_json: bool, quiet: bool, **given: Any) -> None:
    """Deaths a package adds beside those supply control avoids, and how sure that is."""
    with told_plainly():
        from microsim.cli.working import asked, work
        from microsim.experiments.offset import offset as compute

        options = asked(given)
        result = work(lambda report: compute(report=report, **options), quiet)
        if as_json:
            click.echo(json.dumps(result.document(), indent=1))
        else:
            _show(result)


def _show(result: Offset) -> None:
    from microsim.cli.tables import print_table

    rows = []
    for row in result.rows:
        rows += _rows(row)
    print_table(
        (("expected deaths in the window", "wide"), ("central", "right"), ("95% interval", "right")), rows
    )
    if result.surface is not None:
        _show_surface(result.surface)
    click.echo(result.sentence())
    click.echo(
        f"{result.baseline_deaths:,.0f} opioid overdose deaths in the baseline, {result.window[0]} to "
        f"{result.window[1]}; {result.draws} draws; run {result.run}.\nOther causes of death that follow from lost "
        "cover are not in these numbers."
    )


def _rows(row: Against) -> list[tuple[str, str, str]]:
    document = row.document()

    def span(key: str, form: str) -> str:
        entry = document[key]
        if row.probability is None:
            return "one draw"
        low, high = ("no gain" if entry[end] is None else format(entry[end], form) for end in ("low", "high"))
        return f"{low} to {high}"

    ratio = "no gain" if row.ratio is None else f"{row.ratio:.2f}"
    out = [
        (f"against {row.name}", "", ""),
        ("  added by the package (H)", f"{row.harm:+,.0f}", span("harm", "+,.0f")),
        ("  avoided by supply control (G)", f"{row.gain:+,.0f}", span("gain", "+,.0f")),
        ("  interaction when both happen", f"{row.interaction:+,.0f}", span("interaction", "+,.0f")),
        ("  H over G", ratio, span("ratio", ".2f")),
    ]
    if row.probability is not None and row.no_gain is not None:
        out.append(("  draws with H above G", f"{row.probability:.0%}", ""))
        out.append(("  draws without any gain", f"{row.no_gain:.0%}", ""))
    return out


def _show_surface(surface: Surface) -> None:
    import math

    from microsim.cli.tables import print_table

    heads = [("depth", "left"), *((f"{life:.0f} months", "right") for life in surface.half_lives)]
    for s, scenario in enumerate(surface.scenarios):
        rows = []
        for d, depth in enumerate(surface.depths):
            cells = [f"{surface.harm / gain:.2f}" if gain > 0 else "no gain" for gain in surface.gains[s, d]]
            rows.append((f"{1 - math.exp(depth):.0%}", *cells))
        words = "no nitazenes follow" if scenario == "none" else f"nitazenes follow ({scenario})"
        print_table(heads, rows, f"H over G by depth and half-life of a crackdown, {words}")
