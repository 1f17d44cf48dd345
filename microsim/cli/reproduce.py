"""`microsim reproduce`: repeat a run from its manifest and compare."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from microsim.cli.cores import cores
from microsim.cli.errors import OUR_FAULT, told_plainly
from microsim.cli.options import THREADS

if TYPE_CHECKING:
    from microsim.experiments.reproduce import Comparison

_EPILOG = """\b
Examples:
  microsim reproduce results/budget2025-3f0c/manifest.json
  microsim reproduce results/mine/manifest.json --population people.parquet
\b
Exit codes: 0 every value is the same, 1 values differ, 2 bad input.
"""


@click.command(epilog=_EPILOG)
@click.argument("manifest", metavar="MANIFEST")
@click.option("--population", metavar="FILE", help="The file of a run that was given one.")
@click.option("--threads", type=THREADS, default=None,
              help="Threads; the result does not depend on them. [default: all cores]")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
def reproduce(
    manifest: str, population: str | None, threads: int | None, as_json: bool, quiet: bool
) -> None:
    """Live a run again from its manifest and compare every value with the files beside it."""
    with told_plainly():
        found = _found(manifest, population, threads or cores(), quiet)
        if as_json:
            click.echo(json.dumps(found.document(), indent=1))
        else:
            _print(found)
    if not found.identical:
        sys.exit(OUR_FAULT)


def _found(manifest: str, population: str | None, threads: int, quiet: bool) -> Comparison:
    from microsim.cli.background import Stop, in_background
    from microsim.cli.progress import Told, kernels_cold
    from microsim.experiments.reproduce import reproduce as again

    stop = Stop()
    with Told(stop, quiet=quiet, cold=kernels_cold()) as told:
        return in_background(
            lambda: again(manifest, population, threads=threads, report=told), stop, told.close
        )


def _print(found: Comparison) -> None:
    if found.identical:
        click.echo(f"run {found.run}: identical in all {found.values:,} values")
    else:
        click.echo(
            f"run {found.run}: {found.different:,} of {found.values:,} values differ, "
            f"the most by {found.largest:.1e} of the value"
        )
        for cell in found.cells:
            click.echo(f"  {cell}")
    if found.circumstances:
        click.echo("not as it was when the run was made:")
        for line in found.circumstances:
            click.echo(f"  {line}")
