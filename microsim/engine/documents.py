"""The two documents of a result's folder, read with their shape checked: `summary.json` and `manifest.json`."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from microsim.engine.measures import BY_NAME
from microsim.ground.calendar import month_index
from microsim.ground.errors import InputError

SCHEMA = 1
MEASURES = (*BY_NAME, "naloxone_kits", "federal_outlays_usd", "state_outlays_usd")
FULL_DRAWS = "full_draws"
_KINDS: dict[type, str] = {str: "a text", list: "a list", int: "a whole number", dict: "a mapping"}
_SUMMARY: dict[str, type] = {
    "run": str, "policy": str, "baseline": str, "window": list, "draws": int, "records": int,
    "measures": dict, "by_year": dict, "by_state": dict,
}  # fmt: skip
_MANIFEST: dict[str, type] = {
    "run": str, "policy": str, "baseline": str, "window": list, "draws": int, "records": int,
    "version": str, "code": str, "population": str, "seed": int, "states": list, "settings": list,
    "policies": list, "digests": dict, "idle": list, "parameters": dict,
}  # fmt: skip
_ARMS = ("baseline", "policy")
_TEXTS = ("window", "states", "settings", "policies", "idle")


def read_summary(file: Path, *, measures: Iterable[str] = MEASURES) -> dict[str, Any]:
    """What a `summary.json` holds. Raises InputError for one that is damaged or lacks one of `measures`."""
    content = _content(file, "summary", _SUMMARY)
    _check_about(file, content)
    if not isinstance(content.get("uncertainty", {}), dict):
        raise InputError(file, "uncertainty", content["uncertainty"], _KINDS[dict])
    wanted = tuple(measures)
    places = {"measures": content["measures"]}
    for section in ("by_year", "by_state"):
        for name, values in content[section].items():
            if not isinstance(values, dict):
                raise InputError(file, f"{section}.{name}", values, "a mapping of measures")
            places[f"{section}.{name}"] = values
    for place, values in places.items():
        _check_measures(file, place, values, wanted)
    return content


def read_manifest(file: Path) -> dict[str, Any]:
    """What a `manifest.json` holds. Raises InputError for one that is damaged."""
    content = _content(file, "manifest", _MANIFEST)
    for key in _TEXTS:
        if not all(isinstance(one, str) for one in content[key]):
            raise InputError(file, key, content[key], "a list of texts")
    for key, kind in (("parameters", dict), ("digests", str)):
        for arm in _ARMS:
            if not isinstance(content[key].get(arm), kind):
                raise InputError(file, f"{key}.{arm}", content[key].get(arm, "missing"), _KINDS[kind])
    _check_about(file, content)
    if not isinstance(content.get(FULL_DRAWS, False), bool):
        raise InputError(file, FULL_DRAWS, content[FULL_DRAWS], "true or false")
    return content


def _content(file: Path, what: str, fields: Mapping[str, type]) -> dict[str, Any]:
    name = f"a {what}.json"
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(file, None, error.strerror, f"{name} in the folder of a finished run") from None
    except (ValueError, RecursionError):
        raise InputError(file, None, "no JSON", f"{name} of a run") from None
    if not isinstance(content, dict):
        raise InputError(file, None, content, f"a {what} of a run")
    held = content.get("schema")
    if isinstance(held, bool) or held != SCHEMA:
        raise InputError(file, "schema", held, f"a {what} with schema {SCHEMA}")
    for key, kind in fields.items():
        value = content.get(key)
        if key not in content:
            raise InputError(file, key, "missing", f"{_KINDS[kind]}, as a run writes it")
        if not isinstance(value, kind) or isinstance(value, bool):
            raise InputError(file, key, value, _KINDS[kind])
    return content


def _check_about(file: Path, content: Mapping[str, Any]) -> None:
    """What both documents say of the run."""
    window = content["window"]
    try:
        months = [month_index(month) for month in window]
    except InputError as error:
        raise InputError(file, "window", error.value, error.expected) from None
    if len(months) != 2 or months[0] > months[1]:
        raise InputError(file, "window", window, "two months")
    if content["draws"] < 1:
        raise InputError(file, "draws", content["draws"], "a whole number of 1 or more")


def _check_measures(file: Path, place: str, values: Mapping[str, Any], wanted: tuple[str, ...]) -> None:
    missing = [name for name in wanted if name not in values]
    if missing:
        raise InputError(file, place, f"without {missing[0]}", "every measure of a run")
    for name, entry in values.items():
        right = isinstance(entry, dict) and isinstance(entry.get("unit"), str)
        numbers = [entry.get(key) for key in ("baseline", "policy", "difference")] if right else []
        ends = [entry.get(key) for key in ("low", "high")] if right else []
        if not (right and all(map(_number, numbers)) and all(one is None or _number(one) for one in ends)):
            expected = "a unit, the numbers baseline, policy and difference, and low and high or null"
            raise InputError(file, f"{place}.{name}", entry, expected)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
