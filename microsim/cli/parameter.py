"""`microsim parameter`: find, read and check any number of the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from microsim.cli.errors import told_plainly
from microsim.cli.examples import examples

if TYPE_CHECKING:
    from microsim.ground.parameters import Parameters, Record


@click.group(epilog=examples("microsim parameter list naloxone", "microsim parameter check"))
def parameter() -> None:
    """List, show and check the parameters."""


@parameter.command(
    "list", epilog=examples("microsim parameter list naloxone", "microsim parameter list --status assumed")
)
@click.argument("words", nargs=-1)
@click.option(
    "--status", type=click.Choice(["measured", "derived", "assumed", "calibrated"]), help="Only this status."
)
@click.option("--older-than", type=int, metavar="YEAR", help="Only evidence from before this year.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
def list_command(
    words: tuple[str, ...], status: str | None, older_than: int | None, as_json: bool, as_csv: bool
) -> None:
    """Parameters whose id, label, source or note holds every one of WORDS."""
    with told_plainly():
        from microsim.ground.errors import InputError
        from microsim.ground.parameters import load_parameters

        if as_json and as_csv:
            raise InputError("--csv", None, "--json --csv", "one form of output")
        parameters = load_parameters()
        chosen = [
            record
            for record in map(parameters.record, parameters.ids())
            if (status is None or record.status == status)
            and (older_than is None or _older(record, older_than))
            and all(word.casefold() in _text(parameters, record) for word in words)
        ]
        if as_json:
            import json

            click.echo(json.dumps([_document(record) for record in chosen], indent=1, ensure_ascii=False))
        elif as_csv:
            _print_csv(chosen)
        else:
            _print_list(chosen, len(parameters), words)


@parameter.command("show", epilog=examples("microsim parameter show sud.naloxone.kit_life"))
@click.argument("name", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show_command(name: str, as_json: bool) -> None:
    """Everything known about one parameter, and where it goes: tables, steps of the month."""
    with told_plainly():
        from microsim.cli.tables import show
        from microsim.ground.parameters import load_parameters

        parameters = load_parameters()
        record = parameters.record(name)
        if as_json:
            import json

            from microsim.cli.provenance import use_document

            document = {**_document(record), **_provenance(parameters, record), **use_document(name)}
            click.echo(json.dumps(document, indent=2))
            return
        click.echo(record.id)
        click.echo(click.wrap_text(record.label, 78, "  ", "  "))
        for heading, text in _facts(parameters, record):
            click.echo(click.wrap_text(text, 78, f"  {heading:<13}", " " * 15))
        from microsim.cli.provenance import use_facts

        for heading, text in use_facts(name):
            click.echo(click.wrap_text(text, 78, f"  {heading:<13}", " " * 15))
        if record.by or record.dated:
            show(_value_table(record))


@parameter.command(
    "transitions", epilog=examples("microsim parameter transitions", "microsim parameter transitions 5")
)
@click.argument("number", required=False, type=int)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def transitions_command(number: int | None, as_json: bool) -> None:
    """The transition table: each number from its evidence to the step of the month that reads it."""
    with told_plainly():
        from microsim.cli.provenance import print_transitions

        print_transitions(number, as_json)


@parameter.command("check", epilog=examples("microsim parameter check"))
@click.argument("folder", required=False)
def check_command(folder: str | None) -> None:
    """Check every parameter file, and every policy on them."""
    with told_plainly():
        from pathlib import Path

        from microsim.ground.errors import InputError, Problems
        from microsim.ground.parameters import data_root, load_parameters
        from microsim.ground.policies import Library, apply_policies

        root = Path(folder) if folder else data_root()
        parameters = load_parameters(root)
        library = Library(root / "policies")
        problems = Problems()
        seen: set[str] = set()
        for name in library.policy_names():
            try:
                apply_policies(parameters, [name], library)
            except InputError as error:
                # A provision shared by several policies is reported once.
                for problem in error.problems:
                    if str(problem) not in seen:
                        seen.add(str(problem))
                        problems.add(problem)
        problems.finish()
        click.echo(
            f"right: {len(parameters)} parameters, {len(parameters.sources)} sources, "
            f"{len(library.provision_names())} provisions, {len(library.policy_names())} policies\n"
            f"digest {parameters.digest()}"
        )


def _print_list(chosen: list[Record], total: int, words: tuple[str, ...]) -> None:
    from microsim.cli.tables import print_table

    if not chosen:
        said = f" with {' '.join(words)}" if words else ""
        click.echo(f"no parameter{said} among {total}", err=True)
        return
    rows = [(f"{r.label}\n{r.id}", f"{value_text(r)}\n{r.unit}", _status_text(r)) for r in chosen]
    columns = (("what", "wide"), ("value", "right"), ("status", "left"))
    print_table(columns, rows)
    counts: dict[str, int] = {}
    for record in chosen:
        counts[record.status] = counts.get(record.status, 0) + 1
    parts = ", ".join(f"{number} {status}" for status, number in sorted(counts.items()))
    click.echo(f"{len(chosen)} of {total} parameters: {parts}")


def _print_csv(chosen: list[Record]) -> None:
    import csv
    import json
    import sys

    writer = csv.writer(sys.stdout, lineterminator="\n")
    fields = (
        "id",
        "label",
        "value",
        "unit",
        "interval",
        "status",
        "verified",
        "source",
        "year",
        "place",
        "note",
    )
    writer.writerow(fields)
    for record in chosen:
        value = record.readable()
        if isinstance(value, dict):
            value = json.dumps(value)
        writer.writerow((
            record.id, record.label, value, record.unit, _interval_text(record), record.status,
            record.verified, " ".join(record.source), record.year, record.place, record.note,
        ))  # fmt: skip


def _document(record: Record) -> dict[str, Any]:
    return {
        "id": record.id, "label": record.label, "value": record.readable(), "unit": record.unit,
        "status": record.status, "source": list(record.source), "by": list(record.by),
        "interval": list(record.interval) if record.interval else None,
        "interval_factor": list(record.interval_factor) if record.interval_factor else None,
        "distribution": record.distribution, "year": record.year, "place": record.place,
        "verified": record.verified, "derivation": record.derivation, "note": record.note,
        "file": record.file, "line": record.line,
    }  # fmt: skip


def _provenance(parameters: Parameters, record: Record) -> dict[str, Any]:
    import dataclasses

    return {"sources": [dataclasses.asdict(parameters.sources[key]) for key in record.source]}


def _facts(parameters: Parameters, record: Record) -> list[tuple[str, str]]:
    facts = [("value", f"{value_text(record)} ({record.unit}: {_unit_meaning(record.unit)})")]
    if _interval_text(record):
        facts.append(("interval", f"{_interval_text(record)}, {record.distribution}"))
    words = {"read": "read in the source", "recalled": "recalled, not read in the source"}
    verified = words.get(record.verified)
    facts.append(("status", f"{record.status}, {verified}" if verified else record.status))
    for key in record.source:
        source = parameters.sources[key]
        year = f" ({source.year})" if source.year else ""
        facts.append(("source", f"{source.organisation}, {source.title}{year} {source.link or ''}".rstrip()))
    for heading, text in (
        ("year", record.year), ("place", record.place), ("derivation", record.derivation),
        ("note", record.note), ("channel", record.channel),
    ):  # fmt: skip
        if text:
            facts.append((heading, " ".join(text.split())))
    facts.append(("stands in", f"{record.file}:{record.line}"))
    return facts


def _value_table(record: Record) -> Any:
    from rich import box
    from rich.table import Table

    from microsim.ground.calendar import month_name
    from microsim.ground.policies.differences import written
    from microsim.ground.schema import DIMENSIONS

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    across = record.by[-1] if len(record.by) > 1 and len(DIMENSIONS[record.by[-1]]) <= 8 else None
    down = record.by[:-1] if across else record.by
    if record.dated:
        table.add_column("from")
    for dim in down:
        table.add_column(dim)
    for heading in DIMENSIONS[across] if across else ("value",):
        table.add_column(heading, justify="right")
    import numpy as np

    for month, step in zip(record.months, record.steps, strict=True):
        for cell in np.ndindex(step.shape[: len(down)]):
            keys = [DIMENSIONS[dim][i] for dim, i in zip(down, cell, strict=True)]
            values = [written(record.kind.decode(float(x))) for x in np.atleast_1d(step[cell])]
            table.add_row(*([month_name(month)] if record.dated else []), *keys, *values)
    return table


def value_text(record: Record) -> str:
    """The value, or the range of its classes and dates."""
    from microsim.ground.policies.differences import written

    low, high = float(record.steps.min()), float(record.steps.max())
    first = written(record.kind.decode(low))
    if low == high:
        return first
    if record.unit in ("boolean", "choice"):
        return "varies"
    return f"{first} to {written(record.kind.decode(high))}"


def _status_text(record: Record) -> str:
    return f"{record.status}\nrecalled" if record.verified == "recalled" else record.status


def _interval_text(record: Record) -> str:
    if record.interval:
        return f"{record.interval[0]:g} to {record.interval[1]:g}"
    if record.interval_factor:
        return f"times {record.interval_factor[0]:g} to {record.interval_factor[1]:g}"
    return ""


def _unit_meaning(unit: str) -> str:
    from microsim.ground.units import UNITS

    return UNITS[unit].meaning


def _older(record: Record, year: int) -> bool:
    import re

    years = re.findall(r"\b(?:19|20)[0-9]{2}\b", record.year or "")
    return bool(years) and max(map(int, years)) < year


def _text(parameters: Parameters, record: Record) -> str:
    sources = (parameters.sources[key] for key in record.source)
    cited = (f"{source.organisation} {source.title}" for source in sources)
    return " ".join((record.id, record.label, record.unit, record.note or "", *cited)).casefold()
