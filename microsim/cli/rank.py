"""`microsim rank`: protective policies in order of what they keep."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from microsim.cli.completion import policy_names
from microsim.cli.errors import told_plainly
from microsim.cli.examples import examples

if TYPE_CHECKING:
    from microsim.experiments.ranking import Ranking

_EPILOG = examples(
    "microsim rank",
    "microsim rank protective-legal mine.yaml --against budget2025 --draws 50",
)
_HEADS = ("people covered", "in OUD treatment", "overdose deaths averted", "federal and state USD")


@click.command(epilog=_EPILOG)
@click.argument("policies", nargs=-1, metavar="[POLICY ...]", shell_complete=policy_names)
@click.option(
    "--against", "reference", default="enacted", show_default=True, help="The policy they are set against."
)
@click.option(
    "--draws", type=int, default=30, show_default=True, help="Joint draws of the parameters; 1 for none."
)
@click.option("--full", is_flag=True, help="Central values from all records instead of a sample.")
@click.option("--persons", type=int, default=None, help="Records of the population.  [default: 1000000]")
@click.option("--start", default="2025-01", show_default=True, help="First month of the window.")
@click.option("--end", default="2034-12", show_default=True, help="Last month of the window.")
@click.option("--states", default=None, metavar="OH,WV", help="Postal codes, separated by commas.")
@click.option("--seed", type=int, default=None, help="Seed of all draws.")
@click.option("--threads", type=int, default=2, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
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
            span = (
                "one draw" if entry["low"] is None else f"{signed(entry['low'])} to {signed(entry['high'])}"
            )
            first = body["share_of_draws_first"].get(policy)
            said = "" if first is None else f"{first:.0%}"
            rows.append((str(place), policy, signed(entry["value"]), span, said))
        columns = (
            ("", "right"),
            ("policy", "wide"),
            ("change", "right"),
            ("95% interval", "right"),
            ("first in", "right"),
        )
        print_table(columns, rows, f"{head}, against {found.reference}")
    click.echo(
        f"People in the last month; deaths and dollars over {found.window[0]} to {found.window[1]}; least dollars first; "
        f"{found.records:,} records, {found.draws} draws.\n`first in`: share of draws in which the policy is the best."
    )
