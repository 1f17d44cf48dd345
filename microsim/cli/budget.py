"""`microsim budget`: what a policy saves and costs, and who pays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from microsim.cli.completion import policy_names
from microsim.cli.cores import cores
from microsim.cli.errors import told_plainly
from microsim.cli.examples import examples
from microsim.cli.options import COUNT, THREADS

if TYPE_CHECKING:
    from microsim.experiments.budget.provisions import Parts
    from microsim.experiments.budget.saved import Saved
    from microsim.experiments.compare import Setup


@click.command(epilog=examples(
    "microsim budget results/budget2025-3f0c",
    "microsim budget results/budget2025-3f0c --state OH --year 2030",
    "microsim budget results/budget2025-3f0c --set finance.benefits.growth=0.04",
    "microsim budget results/budget2025-3f0c --by-provision --excel budget.xlsx",
    "microsim budget --policy work-requirements --persons 200000 --csv tables",
))  # fmt: skip
@click.argument("folder", metavar="[DIR]", required=False)
@click.option("--policy", multiple=True, metavar="NAME|FILE", shell_complete=policy_names,
              help="Run this policy, in place of a saved result.")  # fmt: skip
@click.option("--baseline", metavar="NAME|FILE", shell_complete=policy_names,
              help="With --policy: what it is set against. [default: baseline]")  # fmt: skip
@click.option("--persons", type=COUNT, metavar="N", help="With --policy: records.")
@click.option("--states", metavar="OH,WV", help="With --policy: postal codes of the states to run.")
@click.option("--set", "settings", multiple=True, metavar="ID=VALUE",
              help="Another price (any finance... id); nobody is run again for a saved result.")  # fmt: skip
@click.option("--state", metavar="OH", help="One state's line in pieces that can be multiplied by hand.")
@click.option("--year", type=int, metavar="YYYY", help="With --state: the calendar year. [default: the last]")
@click.option("--by-provision", is_flag=True,
              help="Divide the change among provisions; lives the people again, several times.")  # fmt: skip
@click.option("--value", is_flag=True, help="Add values of health, in a table of their own.")
@click.option("--table", "names", multiple=True, metavar="NAME", help="Print this table whole; repeatable.")
@click.option("--json", "as_json", is_flag=True, help="Print all tables as JSON.")
@click.option("--csv", "csv_folder", metavar="DIR", help="Write every table as a CSV file.")
@click.option("--excel", metavar="FILE", help="Write an Excel workbook with a sheet for each table.")
@click.option("--threads", type=THREADS, default=None,
              help="Threads; the result does not depend on them. [default: all cores]")  # fmt: skip
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
def budget(folder: str | None, **given: Any) -> None:
    """Federal and state money of a policy beside its baseline, from the saved result in DIR or a new run.

    A saved result is priced again in a moment. Savings are negative: policy less baseline.
    """
    with told_plainly():
        _check(folder, given)
        from microsim.experiments.budget.by_hand import state_tables
        from microsim.experiments.budget.whole import whole_budget

        saved, parts = _priced(folder, given)
        files = given["csv_folder"] or given["excel"]
        whole = bool(files or (given["as_json"] and not given["state"]) or given["names"])
        tables = []
        if given["state"]:
            tables = state_tables(saved.case, given["state"].strip().upper(), given["year"])
        if whole or not tables:
            named = _provisions(saved.about["policies"])
            tables += whole_budget(saved.case, named, parts, value=given["value"], long=whole)
        _write(tables, saved.about, given)
        if given["as_json"]:
            body = {table.name: {"title": table.title, "columns": table.columns, "rows": table.rows,
                                 "notes": table.notes} for table in tables}  # fmt: skip
            click.echo(json.dumps({"schema": 1, **saved.about, "tables": body}, indent=1))
        else:
            from microsim.cli.budget_tables import print_budget

            print_budget(tables, given["names"])


def _check(folder: str | None, given: dict[str, Any]) -> None:
    """Raise InputError for options that do not go together."""
    from microsim.ground.errors import InputError, Problems

    problems = Problems()
    if (folder is None) == (not given["policy"]):
        what = "nothing" if folder is None else "both"
        problems.add(InputError("DIR", None, what, "the folder of a result, or --policy, one of the two"))
    if folder is not None:
        for name in ("baseline", "persons", "states"):
            if given[name] is not None:
                fix = "run the policy again"
                problems.add(InputError(f"--{name}", None, given[name], "no such option with DIR", fix=fix))
    if given["year"] is not None and not given["state"]:
        problems.add(InputError("--year", None, given["year"], "--state beside it"))
    excel = given["excel"]
    if excel and Path(excel).suffix.lower() not in ("", ".xlsx"):
        problems.add(InputError("--excel", None, excel, "a file ending in .xlsx", fix="--csv writes CSV files"))
    problems.finish()


def _priced(folder: str | None, given: dict[str, Any]) -> tuple[Saved, Parts | None]:
    """The case priced and, when asked for, its parts by provision."""
    from microsim.experiments.budget.saved import saved_budget

    settings = tuple(given["settings"])
    if folder is not None and not given["by_provision"]:
        return saved_budget(folder, settings), None
    from microsim.cli.background import Stop, in_background
    from microsim.cli.progress import Told, kernels_cold

    stop = Stop()
    threads = given["threads"] or cores()
    with Told(stop, quiet=given["quiet"], cold=kernels_cold()) as told:

        def work() -> tuple[Saved, Parts | None]:
            from microsim.experiments.budget.provisions import parts_of

            if folder is not None:
                saved = saved_budget(folder, settings)
                ready = _again(folder, saved, threads, told)
            else:
                saved, ready = _lived(given, threads, told)
            parts = parts_of(ready, saved.case, threads, told) if given["by_provision"] else None
            return saved, parts

        return in_background(work, stop, told.close)


def _again(folder: str, saved: Saved, threads: int, report: Any) -> Setup:
    """The saved run, ready to be lived at the prices of the case."""
    from microsim.experiments.reproduce import read_manifest, setup_again

    ready = setup_again(read_manifest(folder), None, threads, report)
    settings = (*ready.settings, *saved.about["prices"])
    return ready._replace(arms=(saved.case.baseline_parameters, saved.case.parameters), settings=settings)


def _lived(given: dict[str, Any], threads: int, report: Any) -> tuple[Saved, Setup]:
    from microsim.experiments.budget.cases import case_of
    from microsim.experiments.budget.saved import Saved
    from microsim.experiments.compare import live, setup
    from microsim.ground.calendar import month_name

    states = None if given["states"] is None else given["states"].split(",")
    ready = setup(
        given["policy"], given["baseline"] or "baseline", persons=given["persons"], states=states,
        settings=given["settings"], pieces=True, threads=threads, report=report,
    )  # fmt: skip
    lived = live(ready, threads, report)
    ours, theirs = lived.arms
    case = case_of(ours, theirs, *ready.arms, ready.first, ready.last, ready.states)
    about = {
        "run": ready.run, "policy": ready.policy, "baseline": ready.baseline,
        "window": [month_name(ready.first), month_name(ready.last)], "states": list(ready.states),
        "records": ready.records, "draws": 1, "policies": list(ready.policies),
        "settings": list(ready.settings), "prices": [],
    }  # fmt: skip
    return Saved(case, about), ready


def _provisions(policies: list[str]) -> list[str]:
    """Ids of the provisions of policies; none where a file has gone, so that no score is set beside it."""
    from microsim.ground.errors import InputError
    from microsim.ground.policies import compose

    try:
        return [provision.id for provision in compose(policies).provisions]
    except InputError:
        return []


def _write(tables: list[Any], about: dict[str, Any], given: dict[str, Any]) -> None:
    """Write the files asked for."""
    if not (given["csv_folder"] or given["excel"]):
        return
    from microsim.experiments.budget.export import write_csv, write_workbook
    from microsim.ground.errors import InputError

    option = "--csv"
    try:
        if given["csv_folder"]:
            paths = write_csv(Path(given["csv_folder"]), tables)
            click.echo(f"{len(paths)} tables in {given['csv_folder']}", err=True)
        option = "--excel"
        if given["excel"]:
            title = f"Budget of {about['policy']} against {about['baseline']}, run {about['run']}"
            notes = [f"{about['window'][0]} to {about['window'][1]}, {about['records']:,} records"]
            if about["prices"]:
                notes.append(f"Prices set: {', '.join(about['prices'])}")
            path = write_workbook(Path(given["excel"]), tables, title, notes)
            click.echo(f"workbook {path}", err=True)
    except OSError as error:
        target = given["csv_folder"] if option == "--csv" else given["excel"]
        expected = f"a place that can be written ({error.strerror})"
        raise InputError(option, None, target, expected) from None
