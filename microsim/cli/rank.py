"""`microsim rank`: protective policies in order of what they keep."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from microsim.cli.completion import policy_names
from microsim.cli.errors import told_plainly
from microsim.cli.examples import examples
from microsim.cli.options import study_options

if TYPE_CHECKING:
    from microsim.experiments.ranking import Ranking

_EPILOG = examples(
    "microsim rank",
    "microsim rank protective-legal mine.yaml --against budget2025 --draws 50",
)
_NUMBERS = ("value", "low", "high")
_ROUNDING = 1e-6
_HEADS = ("people covered", "in OUD treatment", "overdose deaths averted", "federal and state USD")


@click.command(epilog=_EPILOG)
@click.argument("policies", nargs=-1, metavar="[POLICY ...]", shell_complete=policy_names)
@click.option(
    "--against", "reference", default="enacted", show_default=True, help="The policy they are set against."
)
@click.option("--full", is_flag=True, help="Central values from all records instead of a sample.")
@study_options(draws=30)
def rank(policies: tuple[str, ...], as_json: bool, quiet: bool, **given: Any) -> None:
    """Rank policies by people kept covered, treatment kept, deaths averted and dollars.

    Without names: the protective policies that come with the model.
    """
    with told_plainly():
        from microsim.cli.working import asked, work
        from microsim.experiments.ranking import PROTECTIVE
        from microsim.experiments.ranking import rank as compute

        options = asked(given)
        found = work(lambda report: compute(policies or PROTECTIVE, report=report, **options), quiet)
        click.echo(json.dumps(found.document(), indent=1)) if as_json else _show(found)


def _show(found: Ranking) -> None:
    from microsim.cli.headline import signed
    from microsim.cli.tables import print_table

    criteria = found.document()["criteria"]
    for head, body in zip(_HEADS, criteria.values(), strict=True):
        rows = []
        for place, policy in enumerate(body["order"], start=1):
            entry = body["policies"][policy]
            value, low, high = (_plain(entry[key]) for key in _NUMBERS)
            span = "one draw" if entry["low"] is None else f"{signed(low)} to {signed(high)}"
            first = body["share_of_draws_first"].get(policy)
            said = "" if first is None else f"{first:.0%}"
            rows.append((str(place), policy, signed(value), span, said))
        columns = (
            ("", "right"),
            ("policy", "wide"),
            ("change", "right"),
            ("95% interval", "right"),
            ("first in", "right"),
        )
        print_table(columns, rows, f"{head}, against {found.reference}")
    same = [
        policy
        for policy in found.policies
        if not any(_plain(body["policies"][policy][key]) for body in criteria.values() for key in _NUMBERS)
    ]
    if same:
        click.echo(f"Changes nothing by these criteria, in any draw: {', '.join(same)}.")
    click.echo(
        f"People in the last month; deaths and dollars over {found.window[0]} to {found.window[1]}; least dollars "
        f"first; {found.records:,} records, {found.draws} draws.\n"
        "`first in`: share of draws in which the policy is the best."
    )


def _plain(value: float | None) -> float:
    """What only rounding leaves is zero, and so is what was not drawn."""
    return value if value is not None and abs(value) > _ROUNDING else 0.0
