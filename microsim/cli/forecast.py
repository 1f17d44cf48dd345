"""`microsim forecast`: dated forecasts that never change, and their score when counts arrive."""

from __future__ import annotations

import json
from pathlib import Path

import click

from microsim.cli.errors import told_plainly
from microsim.cli.options import COUNT, DRAWS, SEED, THREADS

FOLDER = Path("forecasts")


@click.group()
def forecast() -> None:
    """Record dated forecasts for Nebraska, Montana, Iowa and the nation, and score them with counts.

    \b
    Examples:
      microsim forecast record --draws 20
      microsim forecast list
      microsim forecast score forecasts/2026-11-23-enacted.json counts.csv
    """


@forecast.command("record", epilog="\b\nExample:\n  microsim forecast record --draws 20")
@click.option("--policy", default="enacted", show_default=True, help="The policy that is in force.")
@click.option("--persons", type=COUNT, default=None, help="Records. [default: 1000000]")
@click.option(
    "--draws", type=DRAWS, default=20, show_default=True, help="Joint draws for intervals."
)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=FOLDER, show_default=True)
@click.option("--seed", type=SEED, default=None, help="Seed of all random draws.")
@click.option("--threads", type=THREADS, default=2, show_default=True)
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
def record_command(
    policy: str, persons: int | None, draws: int, out: Path, seed: int | None, threads: int, quiet: bool
) -> None:
    """Make today's forecast and enter it in the register."""
    with told_plainly():
        import datetime

        from microsim.cli.background import Stop, in_background
        from microsim.cli.progress import Told, kernels_cold
        from microsim.experiments.compare import SEED
        from microsim.experiments.forecasts import make, record

        stop = Stop()
        with Told(stop, quiet=quiet, cold=kernels_cold()) as told:
            made = in_background(
                lambda: make(
                    policy,
                    date=datetime.date.today(),
                    persons=persons,
                    draws=draws,
                    seed=SEED if seed is None else seed,
                    threads=threads,
                    report=told,
                ),
                stop,
                told.close,
            )
        click.echo(str(record(made, out)))


@forecast.command("list", epilog="\b\nExample:\n  microsim forecast list")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), default=FOLDER, show_default=True)
def list_command(folder: Path) -> None:
    """List the register, after checking that no forecast was changed."""
    with told_plainly():
        from microsim.cli.tables import print_table
        from microsim.experiments.forecasts import REGISTER, registered
        from microsim.ground.errors import InputError

        if not (folder / REGISTER).is_file():
            raise InputError(
                "--folder", None, folder, f"a folder with {REGISTER}; see `microsim forecast record`"
            )
        rows = [(row["date"], row["policy"], row["run"], row["file"]) for row in registered(folder)]
        print_table((("date", "left"), ("policy", "left"), ("run", "left"), ("file", "wide")), rows)


@forecast.command(
    "score", epilog="\b\nExample:\n  microsim forecast score forecasts/2026-11-23-enacted.json counts.csv"
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="FORECAST.json")
@click.argument("counts", type=click.Path(path_type=Path, dir_okay=False), metavar="COUNTS.csv")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: every count beside its forecast.")
def score_command(file: Path, counts: Path, as_json: bool) -> None:
    """Set counts (CSV: place, month, measure, count) beside a recorded forecast."""
    with told_plainly():
        from microsim.experiments.forecasts import read, score, summary

        held = read(file)
        scores = score(held, counts)
        totals = summary(scores)
        if as_json:
            rows = [{**one._asdict(), "error": one.error, "inside": one.inside} for one in scores]
            click.echo(
                json.dumps(
                    {
                        "schema": 1,
                        "run": held["run"],
                        "digest": held["digest"],
                        "summary": totals,
                        "rows": rows,
                    },
                    indent=1,
                )
            )
            return
        from microsim.cli.tables import print_table
        from microsim.report.validation import number

        table = [
            (
                one.place,
                one.month,
                one.measure,
                number(one.counted),
                number(one.forecast),
                "-" if one.error is None else f"{one.error:+.1%}",
                {True: "inside", False: "outside", None: "-"}[one.inside],
            )
            for one in scores
        ]
        columns = (
            ("", "left"),
            ("month", "left"),
            ("measure", "wide"),
            ("count", "right"),
            ("forecast", "right"),
            ("error", "right"),
            ("", "left"),
        )
        print_table(columns, table)
        for measure, values in totals.items():
            shown = ", ".join(
                f"{name.replace('_', ' ')} {value:.1f}%"
                for name, value in values.items()
                if name != "counts" and value is not None
            )
            click.echo(f"{measure}: {values['counts']} counts, {shown}")
        click.echo(f"Forecast of {held['date']}, run {held['run']}.")
