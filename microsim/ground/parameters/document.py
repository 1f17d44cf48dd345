"""The merged tree as one JSON-ready document, in the words of the parameter files."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from microsim.ground.calendar import month_name
from microsim.ground.errors import InputError, Problems
from microsim.ground.parameters.checking import RecordChecker
from microsim.ground.parameters.record import Record
from microsim.ground.parameters.values import Tables

if TYPE_CHECKING:
    from microsim.ground.parameters.tree import Source

SCHEMA = 1
_PLAIN = (
    "label",
    "unit",
    "status",
    "distribution",
    "year",
    "place",
    "verified",
    "derivation",
    "note",
    "channel",
)


def record_document(record: Record) -> dict[str, Any]:
    """A record under the keys of a parameter file."""
    written: dict[str, Any] = {
        key: getattr(record, key) for key in _PLAIN if getattr(record, key) is not None
    }
    for key in ("by", "choices", "source", "interval", "interval_factor"):
        if getattr(record, key):
            written[key] = list(getattr(record, key))
    if record.dated:
        written["values"] = record.readable()
    elif record.interpolate:
        written["values"] = {month_name(record.months[0]): record.readable()}
    else:
        written["value"] = record.readable()
    if record.interpolate:
        written["interpolate"] = "linear"
    return written


def tree_document(records: Mapping[str, Record], sources: Mapping[str, Source]) -> dict[str, Any]:
    """Everything needed to rebuild a tree, patches included."""
    return {
        "schema": SCHEMA,
        "overridden": sorted(id_ for id_, record in records.items() if record.overridden),
        "parameters": {id_: record_document(records[id_]) for id_ in sorted(records)},
        "sources": {
            key: {k: v for k, v in dataclasses.asdict(sources[key]).items() if k != "key"}
            for key in sorted(sources)
        },
    }


def read_tree_document(document: Any, name: str) -> tuple[dict[str, Record], dict[str, Any]]:
    """Records and bibliography entries of a document; `name` stands in messages."""
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise InputError(
            name, "schema", _schema_of(document), f"a document of parameters with schema {SCHEMA}"
        )
    for key, kind in (("parameters", dict), ("sources", dict), ("overridden", list)):
        if not isinstance(document.get(key), kind):
            raise InputError(name, key, type(document.get(key)).__name__, f"a {kind.__name__}")
    problems = Problems()
    overridden = {id_ for id_ in document["overridden"] if isinstance(id_, str)}
    records: dict[str, Record] = {}
    tables = Tables()
    for id_, node in document["parameters"].items():
        checker = RecordChecker(id_, node, name, Path(), tables, document["sources"], problems, merged=True)
        checked = checker.record()
        if checked is not None:
            records[id_] = dataclasses.replace(checked[0], overridden=id_ in overridden)
    problems.finish()
    return records, document["sources"]


def _schema_of(document: Any) -> Any:
    return document.get("schema") if isinstance(document, dict) else type(document).__name__
