"""`microsim offset`: does a package undo what supply control gains?"""

from __future__ import annotations

import click

from microsim.cli.errors import told_plainly


@click.command()
@click.option("--policy", default="budget2025", show_default=True, help="The package: a policy name or file.")
@click.option("--against", default="supply-crackdown", show_default=True, help="The supply control.")
@click.option("--persons", type=int, default=None, help="Records of the population.")
@click.option("--start", default="2025-01", show_default=True, help="First month of the window.")
@click.option("--end", default="2034-12", show_default=True, help="Last month of the window.")
@click.option("--states", default=None, help="Postal codes, separated by commas.")
@click.option("--seed", type=int, default=None, help="Seed of all draws.")
@click.option("--threads", type=int, default=2, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--debug", is_flag=True, help="Show tracebacks.")
def offset(
    policy: str, against: str, persons: int | None, start: str, end: str, states: str | None,
    seed: int | None, threads: int, as_json: bool, debug: bool,
) -> None:  # fmt: skip
    """Expected deaths added by a package beside those avoided by supply control.

    \b
    Example:
      microsim offset --policy budget2025 --against supply-crackdown
    """
    with told_plainly():
        from microsim.experiments.compare import SEED
        from microsim.experiments.offset import offset as compute

        result = compute(
            policy, against, threads=threads, persons=persons, start=start, end=end,
            states=states.split(",") if states else None, seed=SEED if seed is None else seed,
        )  # fmt: skip
        if as_json:
            import json

            click.echo(json.dumps(result.document(), indent=1))
            return
        from microsim.cli.tables import print_table

        rows = [
            ("Opioid overdose deaths, baseline", f"{result.baseline_deaths:,.0f}"),
            (f"Deaths added by {policy} (harm)", f"{result.harm:+,.0f}"),
            (f"Deaths avoided by {against} (gain)", f"{result.gain:+,.0f}"),
            ("Interaction when both happen", f"{result.interaction:+,.0f}"),
        ]
        print_table((("expected deaths in the window", "wide"), ("number", "right")), rows)
        if result.ratio is None:
            click.echo("No ratio: the supply control avoids no deaths in this window.")
        else:
            click.echo(
                f"The package adds {result.ratio:.2f} deaths for each one that {against} avoids "
                f"({start} to {end}; one parameter set, no interval). Run {result.run}."
            )
        click.echo("Other causes of death that follow from lost cover are not in these numbers.")
