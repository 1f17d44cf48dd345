"""Which cells of a parameter a patch touches, and with what."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from microsim.ground.errors import nearest_name
from microsim.ground.parameters.expressions import Expression
from microsim.ground.parameters.record import ALWAYS, Record, spread
from microsim.ground.parameters.values import Array, Kind, Tables, ValueProblem, ValueReader
from microsim.ground.policies.model import Patch
from microsim.ground.schema import DIMENSIONS, STATES
from microsim.ground.units import NAMED_UNITS

Mask = npt.NDArray[np.bool_]

_FACTOR = Kind("ratio")
_ADDEND = Kind("change")


def widened(record: Record, patch: Patch) -> Record:
    """The record by state as well, when the patch names states and it does not vary by them."""
    if patch.states is None or "state" in record.by:
        return record
    return record.with_dimensions(("state", *record.by))


class Operand(NamedTuple):
    """Cells that a patch touches, over `by`, and what it puts there from each of `months` on."""

    by: tuple[str, ...]
    mask: Mask
    months: tuple[int, ...]
    steps: Array

    def at(self, month: int) -> Array:
        """Values in a month; NaN outside the cells."""
        return np.asarray(self.steps[max(bisect_right(self.months, month) - 1, 0)])


def operand(record: Record, patch: Patch, tables: Tables, records: Mapping[str, Record]) -> Operand:
    """What a patch does to a record of the same dimensions.

    `records` are those that an expression, a value that starts with `=`, may read. Raises
    `ValueProblem` for a value, class or operation that the parameter does not allow.
    """
    if isinstance(patch.form, str) and patch.form.lstrip().startswith("="):
        months, steps = _computed(record, patch, records)
    else:
        months, steps = (ALWAYS,), _constant(record, patch, tables, records)[None]
    mask = np.asarray(np.isfinite(steps[0]))
    if patch.states is not None:
        chosen = np.isin(STATES, patch.states)
        mask = mask & (spread(chosen.astype(float), ("state",), record.by) > 0)
    return Operand(record.by, mask, months, steps)


def _computed(record: Record, patch: Patch, records: Mapping[str, Record]) -> tuple[tuple[int, ...], Array]:
    return _evaluate(patch.form, record.kind, record.by, records, (patch.operation,))


def _evaluate(
    text: str, kind: Kind, by: tuple[str, ...], records: Mapping[str, Record], path: tuple[str, ...]
) -> tuple[tuple[int, ...], Array]:
    if kind.unit in (*NAMED_UNITS, "month"):
        raise ValueProblem(text, f"no arithmetic for the unit {kind.unit}", path=path)
    try:
        expression = Expression(text.lstrip()[1:].strip())
        for id_ in expression.inputs:
            if id_ not in records:
                raise ValueProblem(id_, "known parameter ids", nearest=nearest_name(id_, records))
        return expression.evaluate(records, by)
    except ValueProblem as problem:
        problem.path = path
        raise


def _with_numbers(form: Any, kind: Kind, records: Mapping[str, Record], path: tuple[str, ...]) -> Any:
    """A value with each expression under its classes replaced by the number it comes to."""
    if not isinstance(form, dict):
        return form
    numbers = {}
    for key, inner in form.items():
        if isinstance(inner, str) and inner.lstrip().startswith("="):
            months, steps = _evaluate(inner, kind, (), records, (*path, key))
            if len(months) > 1:
                raise ValueProblem(inner, "a result that is the same in all months", path=(*path, key))
            numbers[key] = float(steps[0])
        else:
            numbers[key] = _with_numbers(inner, kind, records, (*path, key))
    return numbers


def check_number(patch: Patch) -> None:
    """Raise ValueProblem for one number to scale by or add that no parameter allows."""
    written = isinstance(patch.form, str) and patch.form.lstrip().startswith("=")
    if patch.operation != "value" and not written and not isinstance(patch.form, dict):
        (_FACTOR if patch.operation == "scale" else _ADDEND).encode(patch.form)


def _constant(record: Record, patch: Patch, tables: Tables, records: Mapping[str, Record]) -> Array:
    kind = record.kind
    if patch.operation != "value":
        if record.unit in (*NAMED_UNITS, "month"):
            raise ValueProblem(patch.operation, f"`value` for the unit {record.unit}")
        kind = _FACTOR if patch.operation == "scale" else _ADDEND
    shape = record.steps.shape[1:]
    values = np.full(shape, np.nan)
    if isinstance(patch.form, dict) and "table" in patch.form:
        reader = ValueReader(kind, record.by, patch.folder, tables)
        values = reader.read(patch.form, (patch.operation,))
        for problem in reader.problems:
            raise problem
    else:
        free = tuple(dim for dim in record.by if not (dim == "state" and patch.states is not None))
        form = _with_numbers(patch.form, kind, records, (patch.operation,))
        _fill(values, record.by, free, {}, form, kind, (patch.operation,))
    return values


def _fill(
    values: Array,
    by: tuple[str, ...],
    free: tuple[str, ...],
    fixed: dict[str, int],
    form: Any,
    kind: Kind,
    path: tuple[str, ...],
) -> None:
    if not isinstance(form, dict):
        try:
            encoded = kind.encode(form)
        except ValueProblem as problem:
            problem.path = path
            raise
        values[tuple(fixed.get(dim, slice(None)) for dim in by)] = encoded
        return
    if not form:
        raise ValueProblem(form, "at least one class", path=path)
    dim = next((name for name in free if all(key in DIMENSIONS[name] for key in form)), None)
    if dim is None:
        valid = [name for other in free for name in DIMENSIONS[other]]
        wrong = next((key for key in form if key not in valid), next(iter(form)))
        expected = f"a class of {' or '.join(free)}" if free else "a single value, it has no classes"
        raise ValueProblem(wrong, expected, path=path, nearest=nearest_name(wrong, valid))
    rest = tuple(name for name in free if name != dim)
    for key, inner in form.items():
        place = {**fixed, dim: DIMENSIONS[dim].index(key)}
        _fill(values, by, rest, place, inner, kind, (*path, key))
