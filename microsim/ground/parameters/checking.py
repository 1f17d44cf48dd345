"""From a YAML entry to a `Record`: structure by pydantic, then meaning, all problems in one pass."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from microsim.ground.calendar import month_index
from microsim.ground.errors import InputError, Problems, nearest_name
from microsim.ground.parameters.expressions import Expression, expression_of
from microsim.ground.parameters.record import ALWAYS, Record
from microsim.ground.parameters.values import Array, Kind, Tables, ValueProblem, ValueReader
from microsim.ground.parameters.yaml_source import EntryChecker, line_of
from microsim.ground.schema import CHANNELS, DIMENSIONS
from microsim.ground.units import NAMED_UNITS, UNITS, bounds_text, in_bounds

Status = Literal["measured", "derived", "assumed", "calibrated"]
Verified = Literal["read", "recalled", "none"]
Distribution = Literal["beta", "lognormal", "normal", "triangular", "uniform", "gamma", "none"]
STATUSES: tuple[str, ...] = get_args(Status)

Text = Annotated[str, Field(min_length=1, max_length=20_000)]
YearText = Annotated[str, BeforeValidator(lambda raw: str(raw) if type(raw) is int else raw)]


class RecordModel(BaseModel):
    """Keys of a parameter record as written."""

    model_config = ConfigDict(extra="forbid", strict=True)

    label: Text
    unit: str
    by: list[str] = []
    value: Any = None
    values: dict[str, Any] | None = None
    interpolate: Literal["linear"] | None = None
    choices: list[str | int] | None = None
    interval: list[float] | None = None
    interval_factor: list[float] | None = None
    distribution: Distribution | None = None
    status: Status
    source: list[str] = []
    year: YearText | None = None
    place: str | None = None
    verified: Verified
    derivation: Text | None = None
    note: Text | None = None
    channel: str | None = None


class SourceModel(BaseModel):
    """Keys of a bibliography entry as written."""

    model_config = ConfigDict(extra="forbid", strict=True)

    organisation: Text
    title: Text
    year: YearText | None
    link: str | None = None
    evidence: str | None = None
    note: str | None = None


def validation_problems(
    error: ValidationError, node: Any, file: str, prefix: str, fields: dict[str, Any]
) -> list[InputError]:
    """Pydantic's findings in the words of this package, with lines."""
    found = []
    for one in error.errors(include_url=False):
        path = tuple(part for part in one["loc"] if isinstance(part, str | int))
        key = ".".join(str(part) for part in (prefix, *path) if part != "")
        line, fix, nearest, value = line_of(node, path), None, None, one.get("input")
        kind, context = one["type"], one.get("ctx", {})
        if kind == "missing":
            expected, value = f"the key `{path[-1]}`", "missing"
        elif kind == "extra_forbidden":
            value, expected = path[-1], "a known key"
            nearest = nearest_name(value, fields)
            fix = None if nearest else f"known keys are {', '.join(fields)}"
        elif kind == "literal_error":
            expected = f"one of {context['expected']}"
            nearest = nearest_name(
                value, [w.strip("' ") for w in context["expected"].replace(" or ", ",").split(",")]
            )
        else:
            expected = _EXPECTED.get(kind, "").format(**context) or one["msg"][0].lower() + one["msg"][1:]
        found.append(InputError(file, key, value, expected, line=line, nearest=nearest, fix=fix))
    return found


_EXPECTED = {
    "string_type": "text (quote it if it looks like a number)",
    "string_too_short": "text that is not empty",
    "list_type": "a list, as in [a, b]",
    "dict_type": "a mapping of keys to values",
    "float_type": "a number",
    "finite_number": "a finite number",
    "greater_than_equal": "{ge} or more",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "model_type": "a mapping of keys to values",
}


class RecordChecker(EntryChecker):
    """Checks one record."""

    def __init__(
        self,
        id_: str,
        node: Any,
        file: str,
        folder: Path,
        tables: Tables,
        known_sources: Any,
        problems: Problems,
        merged: bool = False,
    ) -> None:
        super().__init__(id_, node, file, getattr(node, "line", None), problems)
        # A merged record may have been patched out of the interval of its evidence.
        self.merged = merged
        self.folder = folder
        self.tables = tables
        self.sources = known_sources

    def record(self) -> tuple[Record, Expression | None] | None:
        """The record and its expression; None when a problem was found."""
        before = len(self.problems)
        try:
            model = RecordModel.model_validate(self.node)
        except ValidationError as error:
            for problem in validation_problems(
                error, self.node, self.file, self.id, RecordModel.model_fields
            ):
                self.problems.add(problem)
            unit = self.node.get("unit") if isinstance(self.node, dict) else None
            if isinstance(unit, str) and unit not in UNITS:
                self._unknown_unit(unit)
            return None
        self._names(model)
        if len(self.problems) > before:
            return None
        expression = self._expression(model)
        kind = Kind(model.unit, tuple(model.choices or ()))
        read_before = len(self.problems)
        months, steps = self._values(model, kind, expression)
        readable = len(self.problems) == read_before
        self._provenance(model, expression)
        self._uncertainty(model, steps if readable else None, expression)
        if len(self.problems) > before:
            return None
        return self._build(model, months, steps, expression), expression

    def _names(self, model: RecordModel) -> None:
        if model.unit not in UNITS:
            self._unknown_unit(model.unit)
        for i, name in enumerate(model.by):
            if name not in DIMENSIONS:
                self.problem(("by", i), name, "a known dimension", nearest_name(name, DIMENSIONS))
        if len(set(model.by)) != len(model.by):
            self.problem(("by",), model.by, "each dimension once")
        cells = math.prod(len(DIMENSIONS.get(name, ())) for name in model.by)
        if len(model.by) > 6 or cells > 100_000:
            self.problem(("by",), model.by, "at most 6 dimensions and 100000 cells")
        if model.channel is not None and model.channel not in CHANNELS:
            self.problem(
                ("channel",),
                model.channel,
                f"one of {', '.join(CHANNELS)}",
                nearest_name(model.channel, CHANNELS),
            )
        if (model.unit == "choice") != (model.choices is not None):
            fix = "list every allowed value under `choices`" if model.unit == "choice" else "drop `choices`"
            self.problem(
                ("choices",), model.choices, "`choices` with the unit choice and only there", fix=fix
            )
        elif model.choices is not None:
            kinds = {type(choice) for choice in model.choices}
            if len(kinds) != 1 or len(set(model.choices)) != len(model.choices):
                self.problem(("choices",), model.choices, "different names, or different whole numbers")
            elif kinds == {int} and any(abs(int(choice)) > 2**31 for choice in model.choices):
                self.problem(("choices",), model.choices, "whole numbers of ordinary size")

    def _unknown_unit(self, unit: str) -> None:
        fix = "units are listed in microsim/ground/units.py"
        self.problem(("unit",), unit, "a unit of the vocabulary", nearest_name(unit, UNITS), fix)

    def _expression(self, model: RecordModel) -> Expression | None:
        try:
            expression = expression_of(model.derivation)
        except ValueProblem as problem:
            self.problem(("derivation",), problem.value, problem.expected, fix=problem.fix)
            return None
        if expression is not None and model.unit in (*NAMED_UNITS, "month"):
            self.problem(("derivation",), expression.text, f"no arithmetic for the unit {model.unit}")
        return expression

    def _values(
        self, model: RecordModel, kind: Kind, expression: Expression | None
    ) -> tuple[tuple[int, ...], Array]:
        shape = tuple(len(DIMENSIONS[name]) for name in model.by)
        nothing = (ALWAYS,), np.zeros((1, *shape))
        given = [key for key in ("value", "values") if getattr(model, key) is not None]
        if len(given) == 2:
            self.problem(("values",), "both", "either `value` or `values`")
            return nothing
        if model.interpolate and given != ["values"]:
            self.problem(("interpolate",), model.interpolate, "`interpolate` only with dated `values`")
        if not given:
            if expression is None:
                self.problem(("value",), "missing", "`value`, `values` or a derivation that starts with `=`")
            return nothing
        reader = ValueReader(kind, tuple(model.by), self.folder, self.tables)
        if model.values is None:
            months, steps = [ALWAYS], [reader.read(model.value, ("value",))]
        else:
            months, steps = self._dated(model.values, reader)
        for one in reader.problems:
            self.problem(one.path, one.value, one.expected, one.nearest, one.fix)
        if reader.problems or not months:
            return nothing
        return tuple(months), np.array(steps)

    def _dated(self, values: dict[str, Any], reader: ValueReader) -> tuple[list[int], list[Array]]:
        dated: dict[int, Array] = {}
        for text, form in values.items():
            try:
                month = month_index(text)
            except InputError as error:
                self.problem(("values", text), text, error.expected, fix=error.fix)
                continue
            dated[month] = reader.read(form, ("values", text))
        if not values:
            self.problem(("values",), values, "at least one dated value")
        if list(dated) != sorted(dated):
            self.problem(("values",), ", ".join(values), "dates in ascending order")
        return list(dated), list(dated.values())

    def _provenance(self, model: RecordModel, expression: Expression | None) -> None:
        for i, key in enumerate(model.source):
            if key not in self.sources:
                fix = "add it to a sources.yaml"
                self.problem(
                    ("source", i), key, "a source in the bibliography", nearest_name(key, self.sources), fix
                )
        if model.status == "derived" and model.derivation is None:
            self.problem(("derivation",), "missing", "the derivation of a derived value")
        if not model.source and model.status in ("measured", "derived") and expression is None:
            self.problem(("source",), model.source, f"a source for a {model.status} value")
        if model.verified == "none" and model.status == "measured":
            self.problem(("verified",), "none", "read or recalled for a measured value")
        if expression is not None and model.status == "measured":
            self.problem(("status",), model.status, "derived or assumed for a computed value")

    def _uncertainty(self, model: RecordModel, steps: Array | None, expression: Expression | None) -> None:
        plain = model.unit not in (*NAMED_UNITS, "month")
        given = [key for key in ("interval", "interval_factor") if getattr(model, key) is not None]
        distribution = model.distribution
        if distribution is None and plain and expression is None:
            fix = "write `distribution: none` for what law or definition fixes"
            self.problem(("distribution",), "missing", "a distribution", fix=fix)
        elif distribution not in (None, "none") and not given and expression is None:
            self.problem(("interval",), "missing", f"`interval` or `interval_factor` with {distribution}")
        if len(given) == 2:
            self.problem(("interval_factor",), "both", "either `interval` or `interval_factor`")
        for key in given:
            low_high = getattr(model, key)
            if not plain:
                self.problem((key,), low_high, f"no {key} for the unit {model.unit}")
            elif len(low_high) != 2 or not all(map(math.isfinite, low_high)) or low_high[0] > low_high[1]:
                self.problem((key,), low_high, "[low, high]")
            elif key == "interval" and not self.merged:
                self._interval(model, low_high, steps, expression)
            elif key == "interval_factor" and not 0 <= low_high[0] <= 1 <= low_high[1]:
                self.problem((key,), low_high, "[low, high] around 1")

    def _interval(
        self, model: RecordModel, interval: list[float], steps: Array | None, expression: Expression | None
    ) -> None:
        if model.by:
            self.problem(("interval",), interval, "`interval_factor` for a parameter with `by`")
            return
        for bound in interval:
            if not in_bounds(model.unit, bound):
                self.problem(("interval",), interval, f"bounds that are {bounds_text(model.unit)}")
                return
        if steps is None:
            return
        outside = [float(x) for x in steps.ravel() if not interval[0] <= x <= interval[1]]
        computed = expression is not None and model.value is None and model.values is None
        if outside and not computed:
            self.problem(("interval",), interval, f"an interval that contains the value {outside[0]:g}")

    def _build(
        self, model: RecordModel, months: tuple[int, ...], steps: Array, expression: Expression | None
    ) -> Record:
        return Record(
            id=self.id,
            label=" ".join(model.label.split()),
            unit=model.unit,
            by=tuple(model.by),
            months=months,
            steps=steps,
            status=model.status,
            interpolate=model.interpolate is not None,
            choices=tuple(model.choices or ()),
            interval=_pair(model.interval),
            interval_factor=_pair(model.interval_factor),
            distribution=model.distribution or "none",
            source=tuple(model.source),
            year=model.year,
            place=model.place,
            verified=model.verified,
            derivation=model.derivation,
            note=model.note,
            channel=model.channel,
            expression=expression.text if expression else None,
            file=self.file,
            line=getattr(self.node, "line", None),
        )


def _pair(given: list[float] | None) -> tuple[float, float] | None:
    return None if given is None else (float(given[0]), float(given[1]))
