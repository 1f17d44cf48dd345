"""Shapes of what other commands print with --json, as far as a brief reads them."""

from __future__ import annotations

from typing import Any

from pydantic_core import PydanticCustomError
from pydantic_core import core_schema as schemas

from microsim.ground.shapes import keys


def _some(row: schemas.CoreSchema) -> schemas.CoreSchema:
    return schemas.list_schema(row, min_length=1)


def _square(surface: dict[str, Any]) -> dict[str, Any]:
    """A surface with a ratio for every scenario, depth and half-life."""
    sizes = [len(surface[key]) for key in ("nitazenes", "depths_log", "half_lives_months")]
    ratio = surface["ratio"]
    wide = all(len(row) == sizes[2] for part in ratio for row in part)
    if len(ratio) != sizes[0] or any(len(part) != sizes[1] for part in ratio) or not wide:
        raise PydanticCustomError("surface", "a ratio for every scenario, depth and half-life")
    return surface


_COMPONENTS = ("component", *(f"difference_{payer}_usd" for payer in ("federal", "state", "total", "others")))


def _full(table: dict[str, Any]) -> dict[str, Any]:
    """A table of spending with the columns that a brief shows, and a value for each in every row."""
    columns = table["columns"]
    if not set(_COMPONENTS) <= set(columns) or any(len(row) != len(columns) for row in table["rows"]):
        raise PydanticCustomError("table", f"a value of {', '.join(_COMPONENTS)} in every row")
    for row in table["rows"]:
        values = dict(zip(columns, row, strict=True))
        if not isinstance(values["component"], str) or not all(
            isinstance(values[name], int | float) for name in _COMPONENTS[1:]
        ):
            raise PydanticCustomError("table", "the name of a component and numbers in every row")
    return table


_TEXT, _NUMBER = schemas.str_schema(), schemas.float_schema(allow_inf_nan=False)
_TEXTS, _END, _WORDS = schemas.list_schema(_TEXT), schemas.nullable_schema(_NUMBER), schemas.nullable_schema(_TEXT)
_ENDS = {"low": _END, "high": _END}
_ABOUT = {
    "run": _TEXT, "policy": _TEXT, "states": _TEXTS, "records": _END, "draws": _END,
    "window": schemas.list_schema(_TEXT, min_length=2, max_length=2),
}  # fmt: skip
_ANSWERS = ("net", "harm", "gain")
_GRID = schemas.list_schema(schemas.list_schema(schemas.list_schema(_END)))
_NUMBERS = schemas.list_schema(_NUMBER)
_SURFACE = schemas.no_info_after_validator_function(
    _square,
    keys({"depths_log": _NUMBERS, "half_lives_months": _NUMBERS, "nitazenes": _TEXTS, "ratio": _GRID}),
)
_AGAINST = keys(
    {"ratio": keys({"central": _END}, **_ENDS)},
    **_ABOUT, against=_TEXT, probability_above_one=_END, surface=schemas.nullable_schema(_SURFACE),
)  # fmt: skip
_CAUSES = schemas.dict_schema(_TEXT, keys({"deaths_avoided": _NUMBER, **_ENDS}), min_length=1)
_PARTS = keys({"parts": schemas.dict_schema(_TEXT, keys({"value": _NUMBER, **_ENDS}), min_length=1)})
_SPENT = keys({"columns": _TEXTS, "rows": schemas.list_schema(schemas.list_schema(schemas.any_schema()))})
_BAR = {"label": _TEXT, "low": _END, "high": _END}

_ROWS: dict[str, schemas.CoreSchema] = {
    "attribution": keys({"label": _TEXT, "central": _NUMBER, **_ENDS}),
    "offset": _AGAINST,
    "sensitivity": keys(_BAR, central=_NUMBER),
    "validation": keys(
        {"label": _TEXT, "model": _END},
        model_low=_END, model_high=_END, published=_END, published_low=_END, published_high=_END, ratio=_END,
        verdict=_WORDS, why=_WORDS, unit=_WORDS, independent=schemas.bool_schema(),
    ),
}  # fmt: skip
"""Parts that may be given as rows alone"""
_WHOLE: dict[str, schemas.CoreSchema] = {
    "attribution": keys({"measures": keys({"opioid_overdose_deaths": _PARTS})}, **_ABOUT),
    "fall": keys(
        {
            "year": schemas.int_schema(), "deaths_at_pace_of_mid_2023": _NUMBER, "parts": _CAUSES,
            "not_explained": _NUMBER,
        },
        **{key: one for key, one in _ABOUT.items() if key != "window"},
    ),
    "offset": keys({"comparisons": _some(_AGAINST)}, **_ABOUT, surface=schemas.nullable_schema(_SURFACE)),
    "validation": keys({"rows": _some(_ROWS["validation"])}, **_ABOUT),
    "budget": keys(
        {"tables": keys({}, by_component=schemas.no_info_after_validator_function(_full, _SPENT))}, **_ABOUT
    ),
}  # fmt: skip


def shape_of(name: str, part: Any) -> schemas.CoreSchema:
    """The shape that a part must have: rows alone, in a list or under `rows`, or the document of its command."""
    if name in _ROWS and isinstance(part, list):
        return _some(_ROWS[name])
    if name in _ROWS and isinstance(part, dict) and "rows" in part:
        return keys({"rows": _some(_ROWS[name])}, **_ABOUT)
    if name == "offset" and isinstance(part, dict) and "comparisons" not in part:
        return _AGAINST
    return _moves(part) if name == "sensitivity" else _WHOLE[name]


def _moves(part: Any) -> schemas.CoreSchema:
    """What `microsim sensitivity --json` prints, with numbers for the answer that it names."""
    answer = part.get("answer") if isinstance(part, dict) else None
    each = keys({answer: _NUMBER} if answer in _ANSWERS else {})
    bars = _some(keys({"label": _TEXT, "low": each, "high": each}))
    return keys(
        {
            "answer": schemas.literal_schema(list(_ANSWERS)), "policy": _TEXT, "against": _TEXT, "centre": each,
            "tornado": bars,
        },
        **{key: one for key, one in _ABOUT.items() if key != "policy"},
    )  # fmt: skip
