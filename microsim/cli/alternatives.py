"""`microsim alternatives`: the same policy under each structural choice."""

from __future__ import annotations

import json

import click

from microsim.cli.errors import told_plainly
from microsim.cli.options import COUNT, machine_options

_EPILOG = """\b
Examples:
  microsim alternatives
  microsim alternatives --policy work-requirements --only mitigation
"""


@click.command(epilog=_EPILOG)
@click.option("--policy", default="budget2025", show_default=True, help="The policy under each alternative.")
@click.option("--only", multiple=True, metavar="SWITCH", help="Only this switch; repeatable.")
@click.option("--persons", type=COUNT, default=200_000, show_default=True, help="Records.")
@machine_options
def alternatives(
    policy: str,
    only: tuple[str, ...],
    persons: int,
    seed: int | None,
    threads: int,
    as_json: bool,
    quiet: bool,
) -> None:
    """Put structural choices side by side: answers, mitigation, functional gate, definition, supply."""
    with told_plainly():
        from microsim.cli.working import work
        from microsim.experiments.alternatives import alternatives as compute
        from microsim.experiments.alternatives import switches
        from microsim.experiments.compare import SEED

        own = SEED if seed is None else seed
        lines, about = work(
            lambda report: compute(policy, only, persons=persons, seed=own, threads=threads, report=report),
            quiet,
        )
        if as_json:
            rows = [
                {
                    "switch": line.alternative.switch,
                    "choice": line.alternative.choice,
                    "policies": list(line.alternative.policies),
                    "default": line.alternative.default,
                    **line.values,
                }
                for line in lines
            ]
            click.echo(json.dumps({"schema": 1, **about, "rows": rows}, indent=1))
            return
        from microsim.cli.tables import print_table
        from microsim.report.validation import number

        labels = {name: label for name, (label, _) in switches().items()}
        for switch in dict.fromkeys(line.alternative.switch for line in lines):
            table = [
                (
                    line.alternative.choice + (" (default)" if line.alternative.default else ""),
                    *(number(value) for value in line.values.values()),
                )
                for line in lines
                if line.alternative.switch == switch
            ]
            columns = (
                (labels[switch], "wide"),
                ("adult group\n2028", "right"),
                ("uninsured\n2034", "right"),
                ("saving\nbn USD", "right"),
                ("stops\n2028", "right"),
                ("opioid\ndeaths", "right"),
            )
            print_table(columns, table)
        click.echo(
            f"{policy} less the baseline, the alternative in both arms: fewer in the adult\n"
            "group, more uninsured, federal saving on Medicaid in fiscal years 2025 to 2034,\n"
            "stops of medication for lost cover, opioid overdose deaths added 2025 to 2034.\n"
            f"One set of parameters. Run {about['run']}, {persons:,} records."
        )
