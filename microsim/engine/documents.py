"""The two documents of a result's folder, read with their shape checked: `summary.json` and `manifest.json`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic_core import PydanticCustomError
from pydantic_core import core_schema as schemas

from microsim.engine.measures import BY_NAME
from microsim.ground.calendar import month_index
from microsim.ground.errors import InputError
from microsim.ground.shapes import keys, read_shaped

MEASURES = (*BY_NAME, "naloxone_kits", "federal_outlays_usd", "state_outlays_usd")
FULL_DRAWS = "full_draws"
LABELS = "labels"
RECORDS_BY_STATE = "records_by_state"
_WHAT = "a {}.json in the folder of a finished run"


def _this_schema(schema: int) -> int:
    if schema != 1:
        raise PydanticCustomError("schema", "a document with schema 1")
    return schema


def _in_order(window: list[str]) -> list[str]:
    try:
        months = [month_index(month) for month in window]
    except InputError:
        months = []
    if len(months) != 2 or months[0] > months[1]:
        raise PydanticCustomError("window", "two months in order, each written YYYY-MM")
    return window


def _with_gaps(measures: Any, info: schemas.ValidationInfo[Any]) -> Any:
    # So that a measure that is not there is named by its place, as a wrong one is.
    return dict.fromkeys(info.context, "missing") | measures if isinstance(measures, dict) else measures


_TEXT, _WHOLE, _NUMBER = schemas.str_schema(), schemas.int_schema(), schemas.float_schema(allow_inf_nan=False)
_TEXTS, _MAPPING, _END = schemas.list_schema(_TEXT), schemas.dict_schema(_TEXT), schemas.nullable_schema(_NUMBER)
_ENTRY = keys(
    {"unit": _TEXT, "baseline": _NUMBER, "policy": _NUMBER, "difference": _NUMBER, "low": _END, "high": _END}
)
_MEASURES = schemas.with_info_before_validator_function(_with_gaps, schemas.dict_schema(_TEXT, _ENTRY))
_PLACES = schemas.dict_schema(_TEXT, _MEASURES)
_ABOUT: dict[str, schemas.CoreSchema] = {
    "schema": schemas.no_info_after_validator_function(_this_schema, _WHOLE),
    "run": _TEXT, "policy": _TEXT, "baseline": _TEXT,
    "window": schemas.no_info_after_validator_function(_in_order, _TEXTS),
    "draws": schemas.int_schema(ge=1), "records": _WHOLE,
}  # fmt: skip
_SUMMARY = keys(_ABOUT | {"measures": _MEASURES, "by_year": _PLACES, "by_state": _PLACES}, uncertainty=_MAPPING)
_TWO_TEXTS = keys({"baseline": _TEXT, "policy": _TEXT})
_MANIFEST = keys(
    _ABOUT | {
        "version": _TEXT, "code": _TEXT, "population": _TEXT, "seed": _WHOLE, "states": _TEXTS, "settings": _TEXTS,
        "policies": _TEXTS, "idle": _TEXTS, "digests": _TWO_TEXTS,
        "parameters": keys({"baseline": _MAPPING, "policy": _MAPPING}),
    },
    **{
        FULL_DRAWS: schemas.bool_schema(), LABELS: _TWO_TEXTS,
        RECORDS_BY_STATE: schemas.dict_schema(_TEXT, _WHOLE),
    },
)  # fmt: skip


def read_summary(file: Path, *, measures: Iterable[str] = MEASURES) -> dict[str, Any]:
    """What a `summary.json` holds. Raises InputError for one that is damaged or lacks one of `measures`."""
    content: dict[str, Any] = read_shaped(file, _WHAT.format("summary"), _SUMMARY, context=tuple(measures))
    return content


def read_manifest(file: Path) -> dict[str, Any]:
    """What a `manifest.json` holds. Raises InputError for one that is damaged."""
    content: dict[str, Any] = read_shaped(file, _WHAT.format("manifest"), _MANIFEST)
    return content
