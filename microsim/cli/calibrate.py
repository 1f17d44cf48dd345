"""`microsim calibrate`: what was fitted, to what, and how well the data tell parameters apart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from microsim.cli.errors import told_plainly
from microsim.cli.options import COUNT, machine_options

if TYPE_CHECKING:
    from microsim.experiments.history.stages import Fitted

_EPILOG = """\b
Examples:
  microsim calibrate
  microsim calibrate --rounds 0 --json
  microsim calibrate --write
"""


@click.command(epilog=_EPILOG)
@click.option("--persons", type=COUNT, default=None, help="Records. [default: 1000000]")
@click.option(
    "--rounds",
    type=click.IntRange(0, 100),
    default=4,
    show_default=True,
    help="Rounds of direct moments before and after matching; 0 leaves the intercepts.",
)
@click.option("--write", is_flag=True, help="Write the values into the parameter files, status `calibrated`.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("results/calibration"),
    show_default=True,
    help="Where finished runs are kept; the same command goes on from them.",
)
@machine_options
def calibrate(
    persons: int | None,
    rounds: int,
    write: bool,
    out: Path,
    seed: int | None,
    threads: int,
    as_json: bool,
    quiet: bool,
) -> None:
    """Fit the declared parameters to targets with role `calibrate`, within their evidence intervals.

    First direct moments (deaths and enrollment by state), then history matching with an emulator, then direct
    moments again. Rows of validation are never read.
    """
    with told_plainly():
        from microsim.cli.working import work
        from microsim.experiments.compare import SEED
        from microsim.experiments.history.stages import fit

        own = SEED if seed is None else seed
        found = work(
            lambda report: fit(out, persons=persons, rounds=rounds, seed=own, threads=threads, report=report),
            quiet,
        )
        if as_json:
            click.echo(json.dumps({"schema": 1, **found.about, "written": dict(found.values)}, indent=1))
        else:
            _print(found)
        if write:
            for line in _written(found, rounds):
                click.echo(f"written: {line}", err=True)


def _written(found: Fitted, rounds: int) -> list[str]:
    from microsim.experiments.calibrate import write as write_intercepts
    from microsim.experiments.history.writing import write_posterior, write_value
    from microsim.ground.parameters import load_parameters
    from microsim.ground.parameters.loading import data_root

    root = data_root()
    if rounds:
        write_intercepts(found.tree, root)
    shift = "medicaid.verification.visibility_shift"
    held = load_parameters()
    also = [write_value(held, shift, found.tree.number(shift), root)] if rounds else []
    return also + write_posterior(held, found.space, found.values, found.about, root)


def _print(found: Fitted) -> None:
    from microsim.cli.tables import print_table
    from microsim.report.validation import number, span

    about: dict[str, Any] = found.about
    rows = []
    for one in about["parameters"]:
        shown = f"{one['id']}{' (factor)' if one['factor'] else ''}"
        value = f"{number(one['before'])} to {number(found.values[one['id']])}"
        bound = f", at its {one['at_bound']} bound" if one["at_bound"] else ""
        rows.append(
            (shown, value, span(*one["interval"]), span(*one["evidence"]), f"{one['narrower']:.0%}{bound}")
        )
    columns = (
        ("parameter", "wide"),
        ("value", "right"),
        ("posterior 95%", "right"),
        ("evidence", "right"),
        ("narrower", "left"),
    )
    print_table(columns, rows)
    fitted = [
        (
            name,
            number(one["value"]),
            span(*one["interval"]),
            number(one["before"]),
            number(one["at_the_written_values"]),
        )
        for name, one in about["targets"].items()
    ]
    print_table(
        (
            ("target", "wide"),
            ("published", "right"),
            ("interval", "right"),
            ("before", "right"),
            ("fitted", "right"),
        ),
        fitted,
    )
    click.echo("What informs what (squared correlation above 0.2):")
    for one in about["parameters"]:
        informed = ", ".join(f"{name} {share:.2f}" for name, share in one["informed_by"].items())
        click.echo(f"  {one['id']}: {informed or 'nothing; its prior stays'}")
    click.echo("Together in the posterior (correlation beyond 0.5):")
    names = list(about["correlation"])
    pairs = [
        f"  {a} with {b}: {about['correlation'][a][j]:+.2f}"
        for i, a in enumerate(names)
        for j, b in enumerate(names)
        if i < j and abs(about["correlation"][a][j]) > 0.5
    ]
    click.echo("\n".join(pairs) or "  none")
    left = ", ".join(f"{share:.1%}" for share in about["left_after_waves"])
    click.echo(
        f"{about['runs']} runs; not ruled out after each wave: {left}; "
        f"{about['effective_points']:.0f} effective points."
    )
    if found.moments:
        last = ", ".join(f"{name} {error:+.1%}" for name, error in found.moments[-1].items())
        click.echo(f"Direct moments at the end: {last}.")
