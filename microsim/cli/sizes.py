"""`microsim sizes`: gross exits, fall of enrollment and extra uninsured, each beside its own kind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from microsim.cli.errors import told_plainly
from microsim.cli.options import COUNT, machine_options, refuse

if TYPE_CHECKING:
    import pandas as pd

    from microsim.experiments.exemption_loop import Loop
    from microsim.experiments.other_causes import OtherDeaths

KEYS = ("reason", "year", "state")
_EPILOG = """\b
Examples:
  microsim sizes
  microsim sizes --result results/budget2025 --by state
"""
_LEGEND = (
    "Gross exits are events: ends of Medicaid and applications the rule turned away;\n"
    "one person can add two. Fall and uninsured: policy less baseline, persons, mean\n"
    "of the year's months."
)


@click.command(epilog=_EPILOG)
@click.option(
    "--result", "folder", type=click.Path(path_type=Path, file_okay=False), default=None,
    help="A finished run, instead of runs of the work requirement without and with six-month renewals.",
)  # fmt: skip
@click.option(
    "--by", type=click.Choice(KEYS), help="With --result: rows of a finished run. [default: year]"
)
@click.option(
    "--other-causes", is_flag=True,
    help="With --result: also deaths from other causes that lost cover may bring, in no total.",
)  # fmt: skip
@click.option("--persons", type=COUNT, default=200_000, show_default=True, help="Records.")
@machine_options
def sizes(
    folder: Path | None,
    by: str | None,
    other_causes: bool,
    persons: int,
    seed: int | None,
    threads: int,
    as_json: bool,
    quiet: bool,
) -> None:
    """Three sizes of the loss of cover that must not be mixed, beside published figures.

    Without --result each policy is run under two ways of answering, renewal-like and as federal
    planning assumes, and stands beside the published figure of the same kind with its miss. Last
    comes how often treatment that ended with cover is missing at the next check.
    """
    more: dict[str, Loop | OtherDeaths] = {}
    with told_plainly():
        if folder is None:
            from microsim.ground.errors import InputError

            for option, given in (("--other-causes", other_causes), ("--by", by)):
                if given:
                    raise InputError(option, None, "no --result", "a finished run: --result FOLDER")
        if folder is not None:
            refuse(("persons", "seed", "threads"), "no such option with --result, which runs nothing")
            from microsim.engine.results import load_result
            from microsim.experiments.coverage_sizes import sizes_by
            from microsim.experiments.other_causes import other_deaths

            result = load_result(folder)
            table = sizes_by(result, by or "year")
            if other_causes:
                more["other_causes"] = other_deaths(result)
            show = _of_a_result
        else:
            from microsim.cli.working import work
            from microsim.experiments.asked import check_held
            from microsim.experiments.compare import SEED
            from microsim.experiments.coverage_sizes import coverage_sizes, loop_size

            check_held(persons)  # the last of what is done needs them at once
            own = SEED if seed is None else seed
            table = work(lambda told: coverage_sizes(persons, seed=own, threads=threads, report=told), quiet)
            more["exemption_loop"] = work(
                lambda told: loop_size(persons, seed=own, threads=threads, report=told), quiet
            )
            show = _beside_published
        if as_json:
            rows = json.loads(table.to_json(orient="records"))
            also = {name: one._asdict() for name, one in more.items()}
            click.echo(json.dumps({"schema": 1, "rows": rows, **also}, indent=1))
            return
        show(table)
        click.echo(_LEGEND)
        for one in more.values():
            click.echo(f"\n{click.wrap_text(one.sentence(), 78)}")


def _of_a_result(table: pd.DataFrame) -> None:
    from microsim.cli.tables import print_table
    from microsim.report.validation import number

    key, *names = table.columns
    columns = ((key, "wide"), *((name.replace("_", "\n"), "right") for name in names))
    print_table(columns, [
        (str(row[0]).replace("_", " "), *("" if value != value else number(value) for value in row[1:]))
        for row in table.itertuples(index=False)
    ])  # fmt: skip


def _beside_published(table: pd.DataFrame) -> None:
    from microsim.cli.tables import print_table
    from microsim.experiments.coverage_sizes import beside
    from microsim.report.validation import number, span

    columns = (
        ("policy", "wide"), ("answers", "left"), ("size", "left"), ("year", "left"), ("model", "right"),
        ("published", "right"), ("miss", "right"),
    )  # fmt: skip
    print_table(columns, [
        (
            row.policy.replace("_", " "), row.response.replace("_", " "), row.kind, str(row.year),
            number(row.model),
            f"{row.source} "
            + (number(row.published_low) if row.published_low == row.published_high
               else span(row.published_low, row.published_high)),
            number(row.miss),
        )
        for row in beside(table).itertuples()
    ])  # fmt: skip
    exits = table[table["kind"] == "gross exits"]
    years = sorted(exits["year"].unique())
    late = years[-8:]
    shown = [*late[:2], *late[3::2]]
    for (response, policy), part in exits.groupby(["response", "policy"], sort=False):
        wide = part.pivot_table(index="reason", columns="year", values="model", aggfunc="sum", sort=False)
        print_table(
            (("reason", "wide"), *((str(year), "right") for year in shown)),
            [
                (str(reason).replace("_", " "), *(number(wide.loc[reason, year]) for year in shown))
                for reason in wide.index
            ],
            title=f"Gross exits, {policy.replace('_', ' ')}, {response.replace('_', ' ')} answers",
        )
