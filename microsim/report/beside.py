"""What other commands say about a run, read from JSON files that lie beside its summary."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic_core import PydanticCustomError, SchemaValidator, ValidationError
from pydantic_core import core_schema as schemas

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
    try:
        part = json.loads(path.read_text(encoding="utf-8"))
        SchemaValidator(_shape(name, part)).validate_python(part, strict=True)
    except OSError as error:
        raise InputError(path, None, error.strerror, "a file that can be read") from None
    except ValidationError as error:
        # Slow to import, and of use for a damaged document alone.
        from microsim.ground.parameters.checking import validation_problems

        first = validation_problems(error, None, str(path), "", {})[0]
        raise InputError(path, first.key, first.value, first.expected, fix=fix) from None
    except (ValueError, RecursionError) as error:
        raise InputError(path, None, str(error).splitlines()[0], "JSON", fix=fix) from None
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


def _keys(required: Mapping[str, schemas.CoreSchema], **others: schemas.CoreSchema) -> schemas.CoreSchema:
    """A mapping with the required keys; others that it may have are of these shapes, or of any."""
    fields = {key: schemas.typed_dict_field(one) for key, one in required.items()}
    fields |= {key: schemas.typed_dict_field(one, required=False) for key, one in others.items()}
    return schemas.typed_dict_schema(fields)


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
    _keys({"depths_log": _NUMBERS, "half_lives_months": _NUMBERS, "nitazenes": _TEXTS, "ratio": _GRID}),
)
_AGAINST = _keys(
    {"ratio": _keys({"central": _END}, **_ENDS)},
    **_ABOUT, against=_TEXT, probability_above_one=_END, surface=schemas.nullable_schema(_SURFACE),
)  # fmt: skip
_CAUSES = schemas.dict_schema(_TEXT, _keys({"deaths_avoided": _NUMBER, **_ENDS}), min_length=1)
_PARTS = _keys({"parts": schemas.dict_schema(_TEXT, _keys({"value": _NUMBER, **_ENDS}), min_length=1)})
_SPENT = _keys({"columns": _TEXTS, "rows": schemas.list_schema(schemas.list_schema(schemas.any_schema()))})
_BAR = {"label": _TEXT, "low": _END, "high": _END}

_ROWS: dict[str, schemas.CoreSchema] = {
    "attribution": _keys({"label": _TEXT, "central": _NUMBER, **_ENDS}),
    "offset": _AGAINST,
    "sensitivity": _keys(_BAR, central=_NUMBER),
    "validation": _keys(
        {"label": _TEXT, "model": _END},
        model_low=_END, model_high=_END, published=_END, published_low=_END, published_high=_END, ratio=_END,
        verdict=_WORDS, why=_WORDS, unit=_WORDS, independent=schemas.bool_schema(),
    ),
}  # fmt: skip
"""Parts that may be given as rows alone"""
_WHOLE: dict[str, schemas.CoreSchema] = {
    "attribution": _keys({"measures": _keys({"opioid_overdose_deaths": _PARTS})}, **_ABOUT),
    "fall": _keys(
        {
            "year": schemas.int_schema(), "deaths_at_pace_of_mid_2023": _NUMBER, "parts": _CAUSES,
            "not_explained": _NUMBER,
        },
        **{key: one for key, one in _ABOUT.items() if key != "window"},
    ),
    "offset": _keys({"comparisons": _some(_AGAINST)}, **_ABOUT, surface=schemas.nullable_schema(_SURFACE)),
    "validation": _keys({"rows": _some(_ROWS["validation"])}, **_ABOUT),
    "budget": _keys(
        {"tables": _keys({}, by_component=schemas.no_info_after_validator_function(_full, _SPENT))}, **_ABOUT
    ),
}  # fmt: skip


def _shape(name: str, part: Any) -> schemas.CoreSchema:
    """The shape that a part must have: rows alone, in a list or under `rows`, or the document of its command."""
    if name in _ROWS and isinstance(part, list):
        return _some(_ROWS[name])
    if name in _ROWS and isinstance(part, dict) and "rows" in part:
        return _keys({"rows": _some(_ROWS[name])}, **_ABOUT)
    if name == "offset" and isinstance(part, dict) and "comparisons" not in part:
        return _AGAINST
    return _moves(part) if name == "sensitivity" else _WHOLE[name]


def _moves(part: Any) -> schemas.CoreSchema:
    """What `microsim sensitivity --json` prints, with numbers for the answer that it names."""
    answer = part.get("answer") if isinstance(part, dict) else None
    each = _keys({answer: _NUMBER} if answer in _ANSWERS else {})
    bars = _some(_keys({"label": _TEXT, "low": each, "high": each}))
    return _keys(
        {
            "answer": schemas.literal_schema(list(_ANSWERS)), "policy": _TEXT, "against": _TEXT, "centre": each,
            "tornado": bars,
        },
        **{key: one for key, one in _ABOUT.items() if key != "policy"},
    )  # fmt: skip


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
