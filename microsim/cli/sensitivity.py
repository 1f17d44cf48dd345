"""`microsim sensitivity`: which parameters move the answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from microsim.cli.errors import told_plainly
from microsim.cli.examples import examples
from microsim.cli.options import study_options

if TYPE_CHECKING:
    from microsim.experiments.sensitivity import Sensitivity

_EPILOG = examples(
    "microsim sensitivity",
    "microsim sensitivity --answer harm --steps tornado --json > tornado.json",
)
_TOP = 15


@click.command(epilog=_EPILOG)
@click.option("--policy", default="budget2025", show_default=True, help="The package: a policy name or file.")
@click.option("--against", default="supply-crackdown", show_default=True, help="The supply control.")
@click.option("--answer", type=click.Choice(["net", "harm", "gain"]), default="net", show_default=True,
              help="Deaths added less deaths avoided, deaths added, or deaths avoided.")  # fmt: skip
@click.option("--steps", default="tornado,morris,sobol,value", show_default=True,
              help="Steps to take; the tornado is always first.")  # fmt: skip
@study_options(draws=128, what="Joint draws for the value of information.")
def sensitivity(as_json: bool, quiet: bool, steps: str, **given: Any) -> None:
    """Which parameters move the answer, and which are worth knowing better.

    One at a time over each interval (tornado), Morris screening of the largest, Sobol indices of the
    survivors, and the value of information. Assumptions carry a star. All steps take some minutes.
    """
    with told_plainly():
        from microsim.cli.working import asked, work
        from microsim.experiments.sensitivity import sensitivity as study

        options = asked(given)
        options["steps"] = [step.strip() for step in steps.split(",")]
        found = work(lambda report: study(report=report, **options), quiet)
        click.echo(json.dumps(found.document(), indent=1)) if as_json else _show(found)


def _show(found: Sensitivity) -> None:
    from microsim.cli.headline import signed
    from microsim.cli.tables import print_table

    words = {"net": f"deaths added by {found.policy} less those avoided by {found.against}",
             "harm": f"deaths added by {found.policy}", "gain": f"deaths avoided by {found.against}"}  # fmt: skip
    answer = found.answer
    click.echo(f"The answer: opioid overdose {words[answer]}, {found.window[0]} to {found.window[1]}: "
               f"{signed(found.centre[answer])} at the central values.")  # fmt: skip
    rows: list[tuple[str, ...]] = []
    for bar in found.bars[:_TOP]:
        unsure = " ?" if bar.swing(answer) < 2 * bar.error[answer] else ""
        rows.append((_star(bar.id, bar.assumed), signed(bar.low[answer]), signed(bar.high[answer]),
                     signed(bar.swing(answer)).lstrip("+") + unsure))  # fmt: skip
    print_table(
        (("one at a time", "wide"), ("at low end", "right"), ("at high end", "right"), ("swing", "right")),
        rows,
    )
    if found.morris:
        rows = [(_star(row["id"], row["assumed"]), signed(row["mean_size"]).lstrip("+"), signed(row["sd"]).lstrip("+"))
                for row in found.morris[:_TOP]]  # fmt: skip
        print_table(
            (("Morris, over the whole intervals", "wide"), ("mean effect", "right"), ("spread", "right")),
            rows,
        )
    if found.sobol:
        rows = [(_star(row["id"], row["assumed"]), f"{row['first']:.2f} (+-{row['first_error']:.2f})",
                 f"{row['total']:.2f} (+-{row['total_error']:.2f})") for row in found.sobol]  # fmt: skip
        print_table(
            (("Sobol, share of the variance", "wide"), ("alone", "right"), ("with others", "right")), rows
        )
    if found.worth is not None:
        known = found.worth
        rows = [
            (_star(row["id"], row["assumed"]), f"{row['deaths']:,.0f}")
            for row in known.rows[:_TOP]
            if row["deaths"] > 0
        ]
        rows.append(("everything", f"{known.perfect:,.0f}"))
        print_table((("worth knowing: wrongly called deaths avoided", "wide"), ("deaths", "right")), rows)
        click.echo(f"Does the package add more than supply control avoids? A call on the mean of {known.draws} draws "
                   f"is wrong in {known.wrong:.0%} of them.")  # fmt: skip
    click.echo("* an assumption: its interval is a judgement.  ? within twice its own Monte Carlo error.")


def _star(name: str, assumed: bool) -> str:
    return f"{name} *" if assumed else name
