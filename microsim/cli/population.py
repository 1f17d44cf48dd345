"""`microsim population`: build, describe and import populations."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from microsim.cli.errors import told_plainly
from microsim.cli.examples import examples
from microsim.cli.options import SEED, THREADS

if TYPE_CHECKING:
    from collections.abc import Callable


@click.group(epilog=examples("microsim population build --persons 200000 --out people.parquet"))
def population() -> None:
    """Build a population, describe a file, or import survey records."""


def _persons(text: str) -> int | None:
    from microsim.cli.options import whole_number
    from microsim.ground.errors import InputError

    if text == "all":
        return None
    try:
        number = whole_number("--persons", text, 1)
    except InputError:
        raise InputError("--persons", None, text, "a whole number of at least 1, or all") from None
    from microsim.experiments.asked import check_persons

    check_persons(number)
    return number


def _states(text: str | None) -> list[str] | None:
    return [s.strip().upper() for s in text.split(",")] if text else None


def _progress(quiet: bool) -> Callable[[float, str], None] | None:
    if quiet:
        return None
    shown = [-1]

    def tell(share: float, what: str) -> None:
        step = int(share * 10)
        if step > shown[0]:
            shown[0] = step
            click.echo(f"{what}: {100 * share:.0f}%", err=True)

    return tell


def _model(settings: tuple[str, ...]) -> Any:
    """The model with other values of single-number records, or None for the shipped one."""
    if not settings:
        return None
    from microsim.ground.errors import InputError
    from synthetic_pop.builder import Model
    from synthetic_pop.inputs import population_parameters

    values = {}
    for text in settings:
        name, equals, value = text.partition("=")
        try:
            values[name.strip()] = float(value)
        except ValueError:
            equals = ""
        if not equals:
            raise InputError("--set", None, text, "ID=VALUE with a number")
    return Model(population_parameters().replaced(values))


@population.command("build", epilog=examples("microsim population build --states OH,WV --out people.parquet"))
@click.option("--out", "out", required=True, type=click.Path(dir_okay=False), help="Parquet file to write.")
@click.option("--persons", default="1000000", show_default=True, help="Records, or all for every resident.")
@click.option("--seed", type=SEED, default=None, help="Seed of the draws.")
@click.option("--states", default=None, help="Postal codes, separated by commas.")
@click.option("--threads", type=THREADS, default=2, show_default=True)
@click.option(
    "--report",
    "report_path",
    default=None,
    type=click.Path(dir_okay=False),
    help="Write the report as HTML here and as JSON beside it.",
)
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@click.option(
    "--set", "settings", multiple=True, metavar="ID=VALUE", help="Another value of a population record."
)
@click.option("--quiet", is_flag=True, help="No progress.")
def build_command(
    out: str,
    persons: str,
    seed: int | None,
    states: str | None,
    threads: int,
    report_path: str | None,
    force: bool,
    settings: tuple[str, ...],
    quiet: bool,
) -> None:
    """Build people from the shipped margins and tables."""
    with told_plainly():
        from pathlib import Path

        from microsim.ground.errors import InputError

        if Path(out).exists() and not force:
            raise InputError(
                "--out", None, out, "a file that does not exist", fix="add --force to replace it"
            )
        number = _persons(persons)
        if number is None and report_path:
            raise InputError(
                "--report", None, report_path, "a sampled population", fix="leave out --persons all"
            )
        import synthetic_pop as sp
        from synthetic_pop.report import write_report

        records = sp.build_file(
            out,
            number,
            sp.DEFAULT_SEED if seed is None else seed,
            _states(states),
            threads,
            _progress(quiet),
            _model(settings),
        )
        click.echo(f"{records:,} records in {out}", err=True)
        if report_path:
            write_report(sp.load(out), report_path)


@population.command(
    "describe", epilog=examples("microsim population describe people.parquet --report report.html")
)
@click.argument("file", type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--report",
    "report_path",
    default=None,
    type=click.Path(dir_okay=False),
    help="Write the full report as HTML here and as JSON beside it.",
)
def describe_command(file: str, as_json: bool, report_path: str | None) -> None:
    """Records, people, precision and target errors of a population file."""
    with told_plainly():
        import synthetic_pop as sp

        columns = sp.files.load(file)
        content = sp.describe(columns)
        if report_path:
            from synthetic_pop.report import write_report

            write_report(columns, report_path)
        if as_json:
            click.echo(json.dumps(content))
            return
        _print(content)


def _print(content: dict[str, Any]) -> None:
    from microsim.cli.tables import print_table

    click.echo(f"{content['records']:,} records for {content['persons']:,.0f} people")
    share = content["medicaid_adult_sud_share"]
    click.echo(f"{100 * share:.1f}% of adults on Medicaid have a substance use disorder (survey definition)")
    click.echo(f"effective sample size within strata {content['effective_sample_size_within_strata']:,.0f}")
    by_name: dict[str, list[dict[str, Any]]] = {}
    for row in content["targets"]:
        if row["relative_error"] is not None:
            by_name.setdefault(row["name"], []).append(row)
    rows = []
    for name, found in by_name.items():
        nation = next((r for r in found if r["state"] == "US"), None)
        worst = max(found, key=lambda r: abs(r["relative_error"]))
        nation_text = f"{100 * nation['relative_error']:.2f}%" if nation else ""
        rows.append(
            (name, found[0]["kind"], nation_text, f"{100 * worst['relative_error']:.2f}% {worst['state']}")
        )
    print_table((("target", "left"), ("kind", "left"), ("nation", "right"), ("worst", "right")), rows)


@population.command(
    "import", epilog=examples("microsim population import psam_p39.csv --vintage 2024 --out ohio.parquet")
)
@click.argument("source", type=click.Path())
@click.option("--source", "survey", type=click.Choice(["acs", "cps", "ipums"]), default="acs", show_default=True,
              help="Survey of the records: Census ACS, Census CPS ASEC, or an IPUMS USA extract.")  # fmt: skip
@click.option("--housing", type=click.Path(), default=None, help="Housing records of the same survey.")
@click.option("--out", required=True, type=click.Path(dir_okay=False), help="Parquet file to write.")
@click.option("--vintage", default=None, help="Year of the survey, for instance 2024 or 2019-2023.")
@click.option("--seed", type=SEED, default=None, help="Seed of imputed attributes.")
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
def import_command(
    source: str,
    survey: str,
    housing: str | None,
    out: str,
    vintage: str | None,
    seed: int | None,
    force: bool,
) -> None:
    """Import survey records (CSV or Parquet) as a population; `cps` and `ipums` not yet run on real files."""
    with told_plainly():
        from pathlib import Path

        from microsim.ground.errors import InputError

        if Path(out).exists() and not force:
            raise InputError(
                "--out", None, out, "a file that does not exist", fix="add --force to replace it"
            )
        import synthetic_pop as sp

        key = sp.DEFAULT_SEED if seed is None else seed
        if survey == "acs":
            from synthetic_pop.importing.acs_pums import import_pums

            log = import_pums(source, housing, out, vintage, key)
        elif survey == "cps":
            from synthetic_pop.importing.cps_asec import import_cps

            if housing is None:
                raise InputError("--housing", None, None, "the household file of the supplement (hhpub)")
            log = import_cps(source, housing, out, vintage, key)
        else:
            from synthetic_pop.importing.ipums_usa import import_ipums

            if housing is not None:
                raise InputError("--housing", None, housing, "no file: an extract holds its households")
            log = import_ipums(source, out, vintage, key)
        for line in log:
            click.echo(line, err=True)
