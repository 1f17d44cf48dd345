"""What other commands say about a run, read from JSON files that lie beside its summary."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from microsim.engine.results import Result
from microsim.ground.errors import InputError

PARTS = {
    "attribution": "microsim attribute",
    "fall": "microsim attribute --fall 2024",
    "offset": "microsim offset",
    "sensitivity": "microsim sensitivity",
    "validation": "microsim validate",
    "budget": "microsim budget",
}
"""Part of a brief, held in PART.json of the result's folder, and the command that prints it with --json."""


def with_parts(result: Result, folder: str | Path) -> Result:
    """A result whose document also carries the parts that lie in `folder`.

    Raises InputError for a file that is not what the command prints.
    """
    found = {name: _read(Path(folder) / f"{name}.json") for name in PARTS}
    return carrying(result, {name: part for name, part in found.items() if part is not None})


def carrying(result: Result, parts: Mapping[str, Any]) -> Result:
    """A result whose document also carries `parts` by name; files that come with it are the same."""
    return Result(
        {**result.document, **parts},
        result.monthly_arrow,
        result.annual_arrow,
        result.manifest,
        result.extra_files,
    )


def _read(path: Path) -> Any:
    if not path.is_file():
        return None
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        fix = f"`{PARTS[path.stem]} --json > {path.name}` writes it"
        raise InputError(path, None, str(error).splitlines()[0], "JSON", fix=fix) from None


def rows_of(part: Any) -> list[Mapping[str, Any]]:
    """The rows of a part: a list as it stands, or what a document holds under `rows` or `comparisons`."""
    if isinstance(part, Mapping):
        part = part.get("rows") or part.get("comparisons") or [part]
    return [row for row in part or () if isinstance(row, Mapping)]


UNEXPLAINED = "not explained"
"""Label of what no cause of the fall accounts for"""

_CONTROLS = {
    "supply-crackdown": "a transient supply crackdown (supply-crackdown)",
    "supply-crackdown-structural": "a lasting supply crackdown (supply-crackdown-structural)",
    "supply-share-of-fall": "the share of supply in the fall since 2023 (supply-share-of-fall)",
}


def control_of(row: Mapping[str, Any]) -> str:
    """The supply control of a row of the offset, in words where it is one that ships."""
    name = str(row.get("against", "supply control"))
    return _CONTROLS.get(name, name)


def attributed(part: Any, measure: str = "opioid_overdose_deaths") -> list[dict[str, Any]]:
    """Rows of `label`, `central`, `low` and `high` from what `microsim attribute --json` prints."""
    if not (isinstance(part, Mapping) and "measures" in part):
        return [dict(row) for row in rows_of(part) if "central" in row]
    parts = part["measures"][measure]["parts"]
    return [
        {"label": name, "central": one["value"], "low": one["low"], "high": one["high"]}
        for name, one in parts.items()
    ]


def fallen(part: Any) -> list[dict[str, Any]]:
    """Rows of `label`, `central`, `low` and `high`, deaths a year that each cause took away, and the rest."""
    if not (isinstance(part, Mapping) and "deaths_at_pace_of_mid_2023" in part):
        return []
    found = [
        {"label": name, "central": one["deaths_avoided"], "low": one["low"], "high": one["high"]}
        for name, one in part["parts"].items()
    ]
    return [*found, {"label": UNEXPLAINED, "central": part["not_explained"], "low": None, "high": None}]


def moved(part: Any) -> list[dict[str, Any]]:
    """Rows of `label`, `low`, `high` and `central` from what `microsim sensitivity --json` prints."""
    if not (isinstance(part, Mapping) and "tornado" in part):
        return [dict(row) for row in rows_of(part) if {"label", "low", "high"} <= set(row)]
    answer = part["answer"]
    return [
        {
            "label": bar["label"],
            "low": bar["low"][answer],
            "high": bar["high"][answer],
            "central": part["centre"][answer],
        }
        for bar in part["tornado"]
    ]
