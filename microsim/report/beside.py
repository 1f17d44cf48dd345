"""What other commands say about a run, read from JSON files that lie beside its summary."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from microsim.engine.results import Result
from microsim.ground.errors import InputError
from microsim.ground.shapes import read_shaped
from microsim.report.shapes import shape_of

PARTS = {
    "attribution": "microsim attribute",
    "fall": "microsim attribute --fall 2024",
    "offset": "microsim offset",
    "sensitivity": "microsim sensitivity",
    "validation": "microsim validate",
    "budget": "microsim budget",
}
"""Part of a brief, held in PART.json of the result's folder, and the command that prints it with --json."""
MADE_WHOLE = ("attribution", "fall", "offset")
"""Parts that `microsim brief DIR --whole` makes, about the run that lies in DIR."""


def with_parts(result: Result, folder: str | Path) -> Result:
    """A result whose document also carries the parts that lie in `folder`.

    Raises InputError for a file that is not what the command prints, or is about another policy, window or
    states than the result.
    """
    found = {name: _read(Path(folder) / f"{name}.json", result) for name in PARTS}
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


def _read(path: Path, result: Result) -> Any:
    if not path.is_file():
        return None
    name = path.stem
    fix = f"`{PARTS[name]} --json` prints such a file"
    if name in MADE_WHOLE:
        fix = "remove it, and `microsim brief DIR --whole` makes it anew"
    part = read_shaped(path, "JSON that can be read", partial(shape_of, name), fix=fix)
    if isinstance(part, Mapping):
        _check_same(path, part, result, fix)
    return part


def _check_same(path: Path, part: Mapping[str, Any], result: Result, fix: str) -> None:
    """Refuse a part about another policy, window or states, as far as it says what it is about."""
    held, states = result.document, sorted(result.manifest["states"])
    expected = {
        "policy": (held["policy"], f"{held['policy']}, the policy of this run"),
        "window": (list(held["window"]), f"{' to '.join(held['window'])}, the window of this run"),
        "states": (states, f"{', '.join(states) or 'all states'}, the states of this run"),
    }
    for key, (ours, said) in expected.items():
        theirs = part.get(key, ours)
        if (sorted(theirs) if key == "states" else theirs) != ours:
            told = theirs if isinstance(theirs, str) else (" to " if key == "window" else ", ").join(theirs)
            raise InputError(path, key, told or "all states", said, fix=fix)


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
