"""`microsim template`: a folder for a policy, parameters and people of one's own."""

from __future__ import annotations

import click

from microsim.cli.errors import told_plainly
from microsim.cli.examples import examples


@click.command(epilog=examples("microsim template mine", "microsim run --folder mine"))
@click.argument("folder", metavar="FOLDER")
def template(folder: str) -> None:
    """Write FOLDER with a policy and parameters to change; `microsim run --folder FOLDER` runs it.

    A file population.parquet in it, from `microsim population`, takes the place of the built-in people.
    """
    with told_plainly():
        from microsim.experiments.own import write_template

        for path in write_template(folder):
            click.echo(str(path))
