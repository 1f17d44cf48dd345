"""Loading and checking the whole tree of parameter files."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from microsim.ground.errors import InputError, Problems
from microsim.ground.parameters.checking import RecordChecker, SourceModel, validation_problems
from microsim.ground.parameters.expressions import Expression
from microsim.ground.parameters.record import Record
from microsim.ground.parameters.tree import Parameters, Source, computing_order, recompute
from microsim.ground.parameters.values import Tables
from microsim.ground.parameters.yaml_source import Mapping, read_yaml

SOURCES_FILE = "sources.yaml"
APART = ("policies", "targets")
"""Folders of the data root whose files are not parameter records."""

_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+", re.ASCII)
_AGREES = 0.005
"""Largest relative gap between a computed value and one written beside it, as a rounded reminder."""


def data_root() -> Path:
    """The folder `parameters/`: the copy inside an installed package, or that of the repository."""
    package = Path(__file__).resolve().parents[2]
    for folder in (package / "_data" / "parameters", package.parent / "parameters"):
        if folder.is_dir():
            return folder
    raise InputError(
        None, "parameters", str(package), "the folder `parameters` of microsim", fix="reinstall microsim"
    )


def load_parameters(root: str | Path | None = None) -> Parameters:
    """The checked tree of all parameters under `root` (default: the shipped ones, read once).

    Raises `InputErrors` with every problem of every file.
    """
    if root is None:
        return _shipped()
    folder = Path(root)
    if not folder.is_dir():
        raise InputError(str(root), None, folder.name, "a folder of parameter files")
    return _load(folder)


@cache
def _shipped() -> Parameters:
    return _load(data_root())


def _load(root: Path) -> Parameters:
    problems = Problems()
    files = sorted(path for path in root.rglob("*") if path.suffix in (".yaml", ".yml") and path.is_file())
    sources: dict[str, Source] = {}
    for path in files:
        if path.name == SOURCES_FILE:
            _add_sources(path, _shown(path, root), sources, problems)
    records: dict[str, Record] = {}
    expressions: dict[str, tuple[Expression, Mapping]] = {}
    tables = Tables()
    for path in files:
        name = _shown(path, root)
        if path.suffix == ".yml":
            problems.add(InputError(name, None, path.name, "the ending .yaml", fix="rename the file"))
        elif path.name != SOURCES_FILE and path.relative_to(root).parts[0] not in APART:
            _add_records(path, name, tables, sources, records, expressions, problems)
    if not files:
        problems.add(InputError(str(root), None, root.name, "a folder with parameter files"))
    _compute(records, expressions, problems)
    problems.finish()
    return Parameters(records, sources)


def _shown(path: Path, root: Path) -> str:
    return str(Path(root.name) / path.relative_to(root))


def _add_sources(path: Path, name: str, sources: dict[str, Source], problems: Problems) -> None:
    entries = read_yaml(path, name, problems)
    for key, node in entries.items():
        try:
            model = SourceModel.model_validate(node)
        except ValidationError as error:
            for problem in validation_problems(error, node, name, key, SourceModel.model_fields):
                problems.add(problem)
            continue
        source = Source(key, model.organisation, model.title, model.year, model.link, model.note)
        if sources.setdefault(key, source) != source:
            line = entries.lines[key]
            problems.add(InputError(name, key, key, "the same entry as in another sources.yaml", line=line))


def _add_records(
    path: Path,
    name: str,
    tables: Tables,
    sources: dict[str, Source],
    records: dict[str, Record],
    expressions: dict[str, tuple[Expression, Mapping]],
    problems: Problems,
) -> None:
    entries = read_yaml(path, name, problems)
    for id_, node in entries.items():
        line = entries.lines[id_]
        if not _ID.fullmatch(id_):
            expected = "an id of dotted lower-case words, such as sud.treatment.start"
            problems.add(InputError(name, id_, id_, expected, line=line))
            continue
        if id_ in records:
            first = f"{records[id_].file}:{records[id_].line}"
            problems.add(InputError(name, id_, id_, f"each id once; it stands already in {first}", line=line))
            continue
        if not isinstance(node, Mapping):
            problems.add(InputError(name, id_, node, "a parameter record with label, unit, value", line=line))
            continue
        # Messages about a whole record should point at its id, not at its first key.
        node.line = line
        checked = RecordChecker(id_, node, name, path.parent, tables, sources, problems).record()
        if checked is not None:
            records[id_], expression = checked
            if expression is not None:
                expressions[id_] = (expression, node)


def _compute(
    records: dict[str, Record], expressions: dict[str, tuple[Expression, Mapping]], problems: Problems
) -> None:
    if not expressions:
        return
    # An input that was refused above is reported there; what depends on it cannot be judged.
    if problems:
        return
    try:
        order = computing_order(records)
        written = {id_: records[id_] for id_ in order}
        recompute(records, order, None)
    except InputError as error:
        problems.add(error)
        return
    for id_ in order:
        node = expressions[id_][1]
        stated: Any = node.get("value")
        record = records[id_]
        if stated is not None or node.get("values") is not None:
            expected, found = written[id_].over(record.months), record.steps
            if not np.allclose(expected, found, rtol=_AGREES, atol=0):
                problems.add(
                    InputError(record.file, f"{id_}.value", written[id_].readable(),
                               f"the computed value {record.readable()}", line=record.line,
                               fix="drop `value`, it is computed from `derivation`")
                )  # fmt: skip
        if record.interval and not record.interval[0] <= float(record.steps.max()) <= record.interval[1]:
            problems.add(
                InputError(record.file, f"{id_}.interval", list(record.interval),
                           f"an interval that contains the computed {record.readable()}", line=record.line)
            )  # fmt: skip
