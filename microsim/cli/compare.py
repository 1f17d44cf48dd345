"""`microsim compare`: the differences that several runs found, side by side."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click

from microsim.cli.errors import told_plainly

_EPILOG = """\b
Examples:
  microsim compare results/budget2025-3f0c results/enacted-91ab
  microsim compare results/*/ --csv > side_by_side.csv
"""
_VALUES = ("baseline", "policy", "difference", "low", "high")
_KEYS = ("run", "policy", "baseline", "window", "records", "draws")


@click.command(epilog=_EPILOG)
@click.argument("folders", nargs=-1, required=True, metavar="DIR DIR ...")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: every measure of every run.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV: one row a measure and run.")
def compare(folders: tuple[str, ...], as_json: bool, as_csv: bool) -> None:
    """Put results side by side: what each policy changes against its own baseline."""
    with told_plainly():
        from microsim.ground.errors import InputError

        if as_json and as_csv:
            raise InputError("--csv", None, "--json --csv", "one form of output")
        documents = _documents(folders)
        if as_json:
            click.echo(json.dumps(_side_by_side(folders, documents), indent=1, ensure_ascii=False))
        elif as_csv:
            _print_csv(folders, documents)
        else:
            _print_tables(documents)
            _say_what_differs(documents)


def _documents(folders: Sequence[str]) -> list[dict[str, Any]]:
    """Summaries of the folders; raises InputErrors for all that hold no result."""
    from pathlib import Path

    from microsim.engine.documents import read_summary
    from microsim.ground.errors import InputError, Problems

    problems = Problems()
    found = []
    for folder in folders:
        file = Path(folder) / "summary.json"
        if not file.is_file():
            problems.add(InputError(folder, None, "no readable summary.json", "the folder of a finished run"))
            continue
        try:
            # A run of another version may lack a measure, which is then shown as absent.
            found.append(read_summary(file, measures=()))
        except InputError as error:
            problems.add(error)
    problems.finish()
    return found


def _names(documents: Sequence[dict[str, Any]]) -> list[str]:
    """Measures of any run, in the order first met."""
    return list(dict.fromkeys(name for document in documents for name in document["measures"]))


def _side_by_side(folders: Sequence[str], documents: Sequence[dict[str, Any]]) -> dict[str, Any]:
    runs = [
        {"folder": folder, **{key: document.get(key) for key in _KEYS}}
        for folder, document in zip(folders, documents, strict=True)
    ]
    measures = {name: [one["measures"].get(name) for one in documents] for name in _names(documents)}
    return {"schema": 1, "runs": runs, "measures": measures}


def _print_csv(folders: Sequence[str], documents: Sequence[dict[str, Any]]) -> None:
    import csv
    import sys

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("measure", "unit", "folder", "run", "policy_name", "baseline_name", *_VALUES))
    for name in _names(documents):
        for folder, document in zip(folders, documents, strict=True):
            entry = document["measures"].get(name)
            if entry is not None:
                about = (folder, document["run"], document["policy"], document["baseline"])
                writer.writerow((name, entry["unit"], *about, *(entry[key] for key in _VALUES)))


def _print_tables(documents: Sequence[dict[str, Any]]) -> None:
    from microsim.cli.headline import GROUPS, NUMBER, label, print_groups, stacked
    from microsim.cli.tables import GAP, width

    def cell(document: dict[str, Any], name: str) -> str:
        entry = document["measures"].get(name)
        return "absent" if entry is None else stacked(entry)

    names = max(len(label(name)) for _, names in GROUPS for name in names)
    across = max(1, (width() - names - GAP) // (NUMBER + GAP))
    for first in range(0, len(documents), across):
        some = documents[first : first + across]
        rows = [
            (title, [(label(name), *(cell(document, name) for document in some)) for name in names])
            for title, names in GROUPS
        ]
        headings = [document["policy"] for document in some]
        print_groups(("policy less baseline", *headings), rows)


def _say_what_differs(documents: Sequence[dict[str, Any]]) -> None:
    """Name on standard error what makes runs unlike, beside their policies."""
    for key, words in (("baseline", "baselines"), ("window", "windows"), ("records", "numbers of records")):
        values = list(dict.fromkeys(_text(document.get(key)) for document in documents))
        if len(values) > 1:
            click.echo(f"note: different {words}: {', '.join(values)}", err=True)
    if len({tuple(sorted(document.get("by_state", ()))) for document in documents}) > 1:
        click.echo("note: different states", err=True)
    if any(document.get("draws") == 1 for document in documents):
        click.echo("one draw: differences without an interval", err=True)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return " to ".join(str(one) for one in value)
    return f"{value:,}" if isinstance(value, int) else str(value)
