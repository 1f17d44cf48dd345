"""`microsim validate`: the model beside published results it was not fitted to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from microsim.cli.errors import told_plainly
from microsim.cli.options import COUNT, DRAWS, machine_options, refuse

if TYPE_CHECKING:
    from microsim.experiments.targets import Row
    from microsim.experiments.validate import Validation

_EPILOG = """\b
Examples:
  microsim validate
  microsim validate --draws 20 --page docs/validation.md
  microsim validate --only Treatment --persons 50000
"""


@click.command(epilog=_EPILOG)
@click.option(
    "--persons",
    type=COUNT,
    default=200_000,
    show_default=True,
    help="Records of the population.",
)
@click.option(
    "--draws",
    type=DRAWS,
    default=1,
    show_default=True,
    help="Joint draws of the parameters for intervals; a hit needs them.",
)
@click.option("--only", multiple=True, metavar="ROW|GROUP", help="Only this row or group; repeatable.")
@click.option(
    "--result",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Answer what a saved run can, without running.",
)
@click.option(
    "--page",
    type=click.Path(path_type=Path),
    metavar="FILE.md",
    help="Write the page with a picture of every row.",
)
@machine_options
def validate(
    persons: int,
    draws: int,
    only: tuple[str, ...],
    folder: Path | None,
    page: Path | None,
    seed: int | None,
    threads: int,
    as_json: bool,
    quiet: bool,
) -> None:
    """Set the model beside published results it was not fitted to: hits and misses alike."""
    with told_plainly():
        if page is not None and page.suffix.lower() != ".md":
            from microsim.ground.errors import InputError

            raise InputError("--page", None, str(page), "a file ending in .md")
        found = _found(persons, draws, only, folder, seed, threads, quiet)
        if page is not None:
            from microsim.report.validation import write_page

            write_page(found, page)
        if as_json:
            click.echo(json.dumps(found.document(), indent=1))
        else:
            _print(found)


def _found(
    persons: int,
    draws: int,
    only: tuple[str, ...],
    folder: Path | None,
    seed: int | None,
    threads: int,
    quiet: bool,
) -> Validation:
    from microsim.experiments.compare import SEED
    from microsim.experiments.validate import validate as compute
    from microsim.experiments.validate import validate_result

    if folder is not None:
        refuse(
            ("persons", "draws", "only", "seed", "threads"), "no such option with --result, which runs nothing"
        )
        from microsim.engine.results import load_result

        return validate_result(load_result(folder))
    from microsim.cli.working import work

    own = SEED if seed is None else seed
    return work(
        lambda report: compute(only, persons=persons, draws=draws, seed=own, threads=threads, report=report),
        quiet,
    )


def _print(found: Validation) -> None:
    from microsim.cli.tables import print_table
    from microsim.experiments.targets import sentences
    from microsim.report.validation import number

    groups = dict.fromkeys(row.target.group for row in found.rows)
    for group in groups:
        rows = [
            (
                f"{row.target.label}{'' if row.target.independent else ' *'}",
                _model(row),
                _published(row),
                "-" if row.ratio is None else f"{row.ratio:.2f}",
                row.verdict,
            )
            for row in found.rows
            if row.target.group == group
        ]
        columns = (
            (group, "wide"),
            ("model", "right"),
            ("published", "right"),
            ("ratio", "right"),
            ("", "left"),
        )
        print_table(columns, rows)
    click.echo("Where they differ, or the model says little:\n")
    for row in found.rows:
        if row.verdict in ("miss", "vague"):
            click.echo(_wrapped(f"{row.target.label}: {row.target.why}"))
            for one in row.target.beside:
                click.echo(f"    {one.label}: {number(one.value)}")
    for row in found.rows:
        if row.found.answer.parts:
            click.echo(f"\n{row.target.label}: {number(row.found.answer.value)}")
            for name, value in row.found.answer.parts.items():
                click.echo(f"    {name}: {number(value)}")
    click.echo("\n" + _wrapped(" ".join(sentences(found.rows))))
    if found.about.get("unanswered"):
        click.echo(
            _wrapped("Not answered in this installation: " + ", ".join(found.about["unanswered"]) + ".")
        )
    click.echo(_wrapped(_meaning(found.about["draws"])))
    click.echo(f"Run {found.about['run']}, {found.about['records']:,} records.")


def _model(row: Row) -> str:
    from microsim.report.validation import number, span

    low, high = row.found.low, row.found.high
    value = number(row.found.answer.value)
    return value if low is None or high is None else f"{value}\n{span(low, high)}"


def _published(row: Row) -> str:
    from microsim.report.validation import number, span

    return f"{number(row.target.value)}\n{span(*row.target.bounds)}"


def _meaning(draws: int) -> str:
    plain = (
        "* the same evidence stands behind a parameter: agreement is no proof. The range below a "
        "published figure is its interval, or a tolerance. "
    )
    if draws < 2:
        return plain + (
            "One draw, so the model has no interval: `inside` says that its number lies in the "
            "published range, and no row can be a hit. Use --draws 20."
        )
    return plain + (
        "hit: the intervals overlap and the model's high is below three times its low; vague: they "
        "overlap, but the model's interval is wider; miss: they do not overlap."
    )


def _wrapped(text: str) -> str:
    import textwrap

    return textwrap.fill(text, 79, subsequent_indent="    ")
