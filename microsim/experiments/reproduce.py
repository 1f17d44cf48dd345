"""Repeat a run from its manifest and compare every value with what it wrote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from microsim.engine import documents
from microsim.engine.documents import FULL_DRAWS, LABELS
from microsim.engine.identity import code_digest, version
from microsim.engine.people import people_of
from microsim.engine.results import ANNUAL_KEYS, MONTHLY_KEYS, SUMMARY, Result, load_result
from microsim.engine.tabulate import ARM_NAMES
from microsim.experiments.asked import chosen_states, window_months
from microsim.experiments.compare import (
    Report,
    Setup,
    live,
    load_people,
    result_of,
    run_identity,
    silent,
)
from microsim.experiments.scale.running import nobody, with_people
from microsim.experiments.uncertainty import with_intervals
from microsim.ground.errors import InputError
from microsim.ground.parameters import Parameters, load_parameters
from microsim.ground.policies import apply_policies, apply_settings
from synthetic_pop.residents import named

SHOWN = 5
"""Cells named of those that differ."""

_BUILT_IN = "default"
_FROM_FILE = "file"


class Recorded(NamedTuple):
    """What a manifest says, checked against itself."""

    file: Path
    content: Mapping[str, Any]
    arms: tuple[Parameters, Parameters]
    window: tuple[int, int]
    states: tuple[str, ...]


class Cell(NamedTuple):
    """A value that came out otherwise; None where it is absent."""

    place: str
    then: float | None
    now: float | None

    def __str__(self) -> str:
        return f"{self.place}: {_number(self.then)} then, {_number(self.now)} now"


class Comparison(NamedTuple):
    """A run beside its repetition."""

    run: str
    circumstances: tuple[str, ...]
    """What is not as it was: code, version, shipped parameters, population; one line each."""
    values: int
    """Values compared."""
    different: int
    cells: tuple[Cell, ...]
    """The first values that differ, at most SHOWN of each table."""
    largest: float
    """Largest relative difference of a value."""

    @property
    def identical(self) -> bool:
        """Whether every value is the same."""
        return self.different == 0

    def document(self) -> dict[str, Any]:
        """What `reproduce --json` prints."""
        return {
            "run": self.run,
            "identical": self.identical,
            "values": self.values,
            "different": self.different,
            "largest_relative_difference": self.largest,
            "circumstances": list(self.circumstances),
            "cells": [cell._asdict() for cell in self.cells],
        }


def reproduce(
    manifest: str | Path, population: str | Path | None = None, *, threads: int = 2, report: Report = silent
) -> Comparison:
    """Live the run of a manifest again and compare it with the tables beside the manifest.

    `population` is the file of a run that did not use the built-in population. Raises InputError when the
    manifest is damaged or was changed, when tables are missing, or when the file is another one.
    """
    recorded = read_manifest(manifest)
    # A measure that the run did not have yet is told as absent.
    then = load_result(recorded.file.parent, measures=())
    if then.document.get("run") != recorded.content["run"]:
        expected = f"the results of the manifest's run {recorded.content['run']}"
        raise InputError(recorded.file.parent / SUMMARY, "run", then.document.get("run"), expected)
    ready = setup_again(recorded, population, threads, report)
    lived = live(ready, threads, report)
    people = with_people(ready, threads, report)
    now = with_intervals(result_of(ready, lived), people, lived, threads, report)
    report("comparing", 0, 1)
    return compared(recorded, then, now)


def read_manifest(manifest: str | Path) -> Recorded:
    """A manifest whose fields are whole and agree with its run identity; InputError otherwise."""
    file = Path(manifest)
    if file.is_dir():
        file = file / "manifest.json"
    content = documents.read_manifest(file)
    states = content["states"]
    try:
        first, last = window_months(*content["window"])
    except InputError as error:
        raise InputError(file, "window", error.value, error.expected) from None
    chosen = chosen_states(states)
    arms = (_tree(file, content, ARM_NAMES[0]), _tree(file, content, ARM_NAMES[1]))
    identity = run_identity(
        content["code"], (arms[0].digest(), arms[1].digest()), (content["baseline"], content["policy"]),
        content["population"], content["records"], (first, last), chosen, content["seed"], content["draws"],
        content.get(FULL_DRAWS, False),
    )  # fmt: skip
    if identity != content["run"]:
        expected = f"{identity}, the identity of what the manifest holds"
        raise InputError(file, "run", content["run"], expected, fix="the manifest was changed after the run")
    return Recorded(file, content, arms, (first, last), chosen)


def _tree(file: Path, content: Mapping[str, Any], arm: str) -> Parameters:
    """The parameters of an arm, which must have the digest the run wrote down."""
    tree = Parameters.from_document(content["parameters"].get(arm), f"{file}: parameters.{arm}")
    stated = content["digests"].get(arm)
    if tree.digest() != stated:
        fix = "a value, or the digest, was changed after the run"
        raise InputError(file, f"digests.{arm}", stated, f"{tree.digest()}, that of the parameters", fix=fix)
    return tree


def setup_again(
    recorded: Recorded, population: str | Path | None, threads: int = 2, report: Report = silent
) -> Setup:
    """The run of a manifest, ready to be lived by the present code."""
    content = recorded.content
    whom = named(content["population"], recorded.states)
    if whom is None:
        columns, name = _people(recorded, population, threads, report)
        people = people_of(columns, recorded.arms[0], recorded.states or None)
    else:
        people, name = nobody(), whom.name
    return Setup(
        content["policy"], content["baseline"], recorded.arms, people, name, *recorded.window,
        recorded.states, content["seed"], tuple(content["settings"]), tuple(content["idle"]),
        tuple(content["policies"]), content["draws"], whom, content.get(FULL_DRAWS, False),
        labels=None if LABELS not in content else tuple(content[LABELS][arm] for arm in ARM_NAMES),
    )  # fmt: skip


def from_file(name: str, population: str | Path | None) -> bool:
    """Whether the people of this name are a file's. Raises InputError unless `population` is given just then."""
    kind, _, rest = name.partition("-")
    if kind == _FROM_FILE and population is None:
        expected = "the file that the run was given"
        raise InputError("--population", None, None, expected, fix=f"its digest is {rest}")
    if kind != _FROM_FILE and population is not None:
        expected = "no file: the run used the built-in population"
        raise InputError("--population", None, str(population), expected)
    return kind == _FROM_FILE


def _people(
    recorded: Recorded, population: str | Path | None, threads: int, report: Report
) -> tuple[Mapping[str, Any], str]:
    """Columns of the people a manifest names, and the name of what was found."""
    name = recorded.content["population"]
    kind, _, rest = name.partition("-")
    if from_file(name, population):
        assert population is not None
        columns, held = load_people(population, None, threads, report)
        if held != name:
            raise InputError("--population", None, str(population), f"the file {name} (this one is {held})")
        return columns, held
    parts = rest.split("-")
    if kind != _BUILT_IN or len(parts) != 3 or not all(part.isdecimal() for part in parts[:2]):
        raise InputError(recorded.file, "population", name, "default-PERSONS-SEED-DIGEST or file-DIGEST")
    return load_people(None, int(parts[0]), threads, report, int(parts[1]))


def compared(recorded: Recorded, then: Result, now: Result) -> Comparison:
    """Every value of the summary and of both tables, then and now."""
    summary = list(_summary_cells(then.document, now.document))
    found = [cell for cell in summary if cell.then != cell.now]
    cells, values, different = found[:SHOWN], len(summary), len(found)
    largest = max((_relative(cell.then, cell.now) for cell in found), default=0.0)
    for name, old, new, keys in (
        ("monthly", then.monthly_arrow, now.monthly_arrow, ("arm", *MONTHLY_KEYS, "measure")),
        ("annual", then.annual_arrow, now.annual_arrow, ("arm", *ANNUAL_KEYS)),
    ):
        width = len(set(new.column_names) - set(keys))
        values += new.num_rows * width
        if not old.equals(new):
            others, count, far = _table_cells(name, old.to_pandas(), new.to_pandas(), list(keys))
            cells, different, largest = cells + others, different + count, max(largest, far)
    run = str(recorded.content["run"])
    return Comparison(run, tuple(circumstances(recorded, now)), values, different, tuple(cells), largest)


def circumstances(recorded: Recorded, now: Result) -> Iterator[str]:
    """What is not as it was when the run was made."""
    content = recorded.content
    today = {"version": version(), "code": code_digest(), "population": now.manifest["population"]}
    for key, value in today.items():
        if content[key] != value:
            yield f"{key}: {content[key]} then, {value} now"
    used = "those of the manifest were used"
    if content["draws"] > 1:
        used += ", but draws for intervals are made around today's"
    for arm, mine, names in zip(ARM_NAMES, recorded.arms, ([], content["policies"]), strict=True):
        today_tree = _shipped([content["baseline"], *names], content["settings"])
        if today_tree is None:
            yield f"parameters.{arm}: cannot be made from today's files; {used}"
            continue
        changed = _changed(mine, today_tree)
        if changed:
            more = f" and {len(changed) - SHOWN} more" if len(changed) > SHOWN else ""
            listed = ", ".join(changed[:SHOWN])
            yield f"parameters.{arm}: today's differ in {listed}{more}; {used}"


def _shipped(names: list[str], settings: list[str]) -> Parameters | None:
    try:
        return apply_settings(apply_policies(load_parameters(), names), settings)
    except InputError:
        return None


def _changed(one: Parameters, other: Parameters) -> list[str]:
    if one.digest() == other.digest():
        return []
    every = sorted({*one, *other})
    return [
        id_ for id_ in every
        if id_ not in one or id_ not in other or one.record(id_).identity() != other.record(id_).identity()
    ]  # fmt: skip


def _summary_cells(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Cell]:
    """Numbers of two summaries, side by side, in the order of the newer one."""
    old, new = dict(_numbers(then)), dict(_numbers(now))
    for place in dict.fromkeys([*new, *old]):
        yield Cell(f"summary {place}", old.get(place), new.get(place))


def _numbers(document: Mapping[str, Any]) -> Iterator[tuple[str, float | None]]:
    for section in ("measures", "by_year", "by_state", "uncertainty"):
        yield from _leaves(section, document.get(section))


def _leaves(place: str, node: Any) -> Iterator[tuple[str, float | None]]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from _leaves(f"{place}.{key}", value)
    elif node is None or (isinstance(node, int | float) and not isinstance(node, bool)):
        yield place, node


def _table_cells(name: str, then: Any, now: Any, keys: list[str]) -> tuple[list[Cell], int, float]:
    """First cells of two tables that differ, how many do, and the largest relative difference.

    Rows are matched by `keys`; a cell without anybody is absent from a table and counts as zero.
    """
    import numpy as np

    def long(table: Any) -> Any:
        plain = table.astype(dict.fromkeys(keys, str))
        return plain.melt(keys, var_name="column", value_name="number").set_index([*keys, "column"])["number"]

    old, new = long(then).align(long(now), fill_value=0.0)
    a, b = old.to_numpy(float), new.to_numpy(float)
    where = np.flatnonzero(a != b)
    if not len(where):
        return [], 0, 0.0
    scale = np.maximum(np.abs(a[where]), np.abs(b[where]))
    cells = []
    for row in where[:SHOWN]:
        *labels, column = old.index[row]
        place = " ".join([name, *labels, *([] if column == "value" else [column])])
        cells.append(Cell(place, float(a[row]), float(b[row])))
    return cells, len(where), float((np.abs(a - b)[where] / scale).max())


def _relative(one: float | None, other: float | None) -> float:
    if one is None or other is None:
        return 1.0
    return abs(one - other) / max(abs(one), abs(other))


def _number(value: float | None) -> str:
    return "absent" if value is None else f"{value:,.15g}"
