"""Measure speed, memory and scale: `python benchmarks/run.py [--quick] [--json] [--keep]`."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

HISTORY = HERE / "history.csv"
COLUMNS = ("date", "version", "code", "cpu", "cores", "load", "measure", "value")
REDUCED = {True: 100_000, False: 1_000_000}
KERNEL = {True: 100_000, False: 200_000}
SIZES = {True: [10_000, 100_000, 1_000_000], False: [10_000, 100_000, 1_000_000, 4_000_000]}
ROUNDS = {True: 5, False: 7}
RUNS = {True: [10_000], False: [10_000, 100_000, 1_000_000]}


@click.command()
@click.option("--quick", is_flag=True, help="Fewer people and rounds.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON alone.")
@click.option("--keep", is_flag=True, help="Add what was measured to history.csv.")
@click.option("--population", type=click.Path(path_type=Path, exists=True), default=None,
              help="A population file in place of the built-in one, to save building it.")  # fmt: skip
@click.option("--records", type=int, default=1_000_000, show_default=True,
              help="Records of the built-in population that people are taken from.")  # fmt: skip
@click.option("--no-cold", is_flag=True, help="Leave out the run with empty caches.")
def main(
    quick: bool, as_json: bool, keep: bool, population: Path | None, records: int, no_cold: bool
) -> None:
    """Speed and scale, as ratios within one run where that is possible."""
    found = measured(quick, population, records, not no_cold)
    if keep:
        remember(found)
    if as_json:
        click.echo(json.dumps(found, indent=1))
    else:
        show(found)


def measured(quick: bool, file: Path | None, records: int, cold: bool) -> dict[str, Any]:
    """Everything, by section."""
    import measure

    def told(what: str) -> None:
        click.echo(what, err=True)

    found: dict[str, Any] = {"schema": 1, "quick": quick, "machine": measure.machine()}
    told("reduced model")
    found["kernel"] = measure.against_c(REDUCED[quick], ROUNDS[quick])
    told("kernel")
    people = measure.population(file, records)
    found["kernel"] |= measure.kernel(measure.some(people, KERNEL[quick]), ROUNDS[quick])
    reduced_cost = found["kernel"]["w_ns_per_person_month"]
    found["kernel"]["relative_to_w"] = found["kernel"]["ns_per_person_month"] / reduced_cost
    told("scaling")
    found["scaling"] = measure.scaling(people, SIZES[quick], 1 if quick else 3)
    del people
    told("whole runs")
    found["runs"] = measure.whole_runs(RUNS[quick], ROUNDS[quick], cold)
    told("start-up")
    found["start_up"] = measure.start_up(3 if quick else 7)
    return found


def leaves(node: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, float]]:
    """Numbers of nested mappings and lists by their dotted place."""
    for key, value in node.items():
        name = f"{place}.{key}" if place else str(key)
        if isinstance(value, Mapping):
            yield from leaves(value, name)
        elif isinstance(value, list):
            for row in value:
                size = row[key_of(row)]
                yield f"{name}.{size}", row["seconds"]
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield name, value


def key_of(row: Mapping[str, float]) -> str:
    """The column of a scaling row beside its seconds."""
    return next(name for name in row if name != "seconds")


def remember(found: Mapping[str, Any]) -> None:
    """Append one row a number to the history."""
    machine = found["machine"]
    head = [machine[name] for name in COLUMNS[:-2]]
    new = not HISTORY.exists()
    with HISTORY.open("a", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if new:
            writer.writerow(COLUMNS)
        for section in ("kernel", "scaling", "runs", "start_up"):
            for name, value in leaves(found[section], section):
                writer.writerow([*head, name, f"{value:.6g}"])


def show(found: Mapping[str, Any]) -> None:
    """Print tables."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    machine = found["machine"]
    console = Console(highlight=False)
    console.print(
        f"{machine['cpu']}, {machine['cores']} cores, load {machine['load']}; "
        f"Python {machine['python']}, numba {machine['numba']}, numpy {machine['numpy']}; "
        f"code {machine['code']}"
    )
    for section, title in (
        ("kernel", "Kernel"), ("scaling", "Seconds of one thread"), ("runs", "Whole runs"),
        ("start_up", "Seconds to --help"),
    ):  # fmt: skip
        table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
        table.add_column("measure")
        table.add_column("value", justify="right")
        for name, value in leaves(found[section]):
            table.add_row(name, f"{value:,.3g}" if value < 1e4 else f"{value:,.0f}")
        console.print(table)


if __name__ == "__main__":
    main()
