"""The immutable tree of parameters."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from microsim.ground.calendar import month_name
from microsim.ground.errors import InputError, nearest_name
from microsim.ground.parameters.document import read_tree_document, tree_document
from microsim.ground.parameters.expressions import Expression
from microsim.ground.parameters.record import ALWAYS, Record, spread
from microsim.ground.parameters.values import Array, Tables, ValueProblem, ValueReader
from microsim.ground.schema import DIMENSIONS
from microsim.ground.units import UNITS, bounds_text, in_bounds


@dataclasses.dataclass(frozen=True, slots=True)
class Source:
    """An entry of the bibliography."""

    key: str
    organisation: str
    title: str
    year: str | None
    link: str | None = None
    note: str | None = None


class Parameters:
    """Validated records by id. Immutable: every change returns a new tree.

    Computed parameters (derivation `= ...`) follow their inputs through every change, unless they
    were themselves changed.
    """

    __slots__ = ("_digest", "_order", "_records", "_sources")

    def __init__(
        self,
        records: Mapping[str, Record],
        sources: Mapping[str, Source],
        order: tuple[str, ...] | None = None,
    ) -> None:
        self._records = MappingProxyType(dict(records))
        self._sources = MappingProxyType(dict(sources))
        self._order = computing_order(self._records) if order is None else order
        self._digest: str | None = None

    @property
    def records(self) -> Mapping[str, Record]:
        """All records by id, read-only."""
        return self._records

    @property
    def sources(self) -> Mapping[str, Source]:
        """The bibliography by key, read-only."""
        return self._sources

    def __contains__(self, id_: object) -> bool:
        return id_ in self._records

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)

    def ids(self, prefix: str = "") -> tuple[str, ...]:
        """Ids that start with `prefix`, in order of the alphabet."""
        return tuple(sorted(id_ for id_ in self._records if id_.startswith(prefix)))

    def record(self, id_: str) -> Record:
        """The record of an id; `InputError` with the nearest id when there is none."""
        try:
            return self._records[id_]
        except (KeyError, TypeError):
            raise InputError(
                None, "parameter", id_, "a known parameter id", nearest=nearest_name(id_, self._records),
                fix="see `microsim parameter list`",
            ) from None  # fmt: skip

    def number(self, id_: str, month: int | None = None) -> float:
        """A single number in its unit; dates are month numbers, booleans 0 or 1.

        A parameter that changes over time needs `month`; one that varies by class needs `array`.
        """
        record = self._single(id_)
        return float(self._at(record, month))

    def choice(self, id_: str, month: int | None = None) -> str | bool | int:
        """The value of a parameter whose unit is `boolean` or `choice`."""
        record = self._single(id_)
        if record.unit not in ("boolean", "choice"):
            raise InputError(None, id_, record.unit, "a parameter with the unit boolean or choice")
        value = record.kind.decode(float(self._at(record, month)))
        assert not isinstance(value, float)
        return value

    def array(self, id_: str, *dims: str, month: int | None = None) -> Array:
        """Values over `dims` in that order, float64, a new array.

        Dimensions that the parameter does not vary by are filled with its one value; one that it
        does vary by must be among `dims`. Choices with names are their positions in `choices`.
        """
        record = self._over(id_, dims)
        return spread(self._at(record, month), record.by, dims)

    def monthly(self, id_: str, first: int, last: int, *dims: str) -> Array:
        """Values of each month from `first` to `last`, shape (months, *dims), float64."""
        if last < first:
            raise InputError(None, id_, (first, last), "a last month that is not before the first")
        record = self._over(id_, dims)
        return spread(record.over(np.arange(first, last + 1)), record.by, dims, leading=1)

    def replaced(self, values: Mapping[str, Any]) -> Parameters:
        """A tree with other values for all months: a scalar, a mapping by class, or an array.

        An array has the shape of the classes, or (dates, *classes) to keep the dates.
        """
        return self.with_records(self._replaced(self.record(id_), value) for id_, value in values.items())

    def scaled(self, factors: Mapping[str, float]) -> Parameters:
        """A tree with values multiplied by factors, kept within the bounds of their units."""
        changed = []
        for id_, factor in factors.items():
            record = self.record(id_)
            unit = UNITS[record.unit]
            if record.unit in ("boolean", "choice", "month"):
                raise InputError(None, id_, factor, f"no factor for the unit {record.unit}")
            steps = np.clip(record.steps * float(factor), unit.low, unit.high)
            changed.append(record.with_steps(record.months, steps, overridden=record.expression is not None))
        return self.with_records(changed)

    def with_records(self, changed: Iterable[Record]) -> Parameters:
        """A tree with these records in place of those of the same id; computed ones follow."""
        records = dict(self._records)
        touched = set()
        for record in changed:
            records[record.id] = record
            touched.add(record.id)
        recompute(records, self._order, touched)
        return Parameters(records, self._sources, self._order)

    def digest(self) -> str:
        """SHA-256 in hexadecimal of every id, value, date, class and distribution."""
        if self._digest is None:
            hashed = hashlib.sha256()
            for id_ in sorted(self._records):
                hashed.update(self._records[id_].identity())
            self._digest = hashed.hexdigest()
        return self._digest

    def to_document(self) -> dict[str, Any]:
        """The whole tree as plain mappings and lists, ready for JSON."""
        return tree_document(self._records, self._sources)

    @classmethod
    def from_document(cls, document: Any, name: str = "document") -> Parameters:
        """The tree that `to_document` wrote, with the same digest; `InputError` if damaged."""
        records, entries = read_tree_document(document, name)
        order = computing_order(records)
        recompute(records, order, None)
        try:
            sources = {key: Source(key, **entry) for key, entry in entries.items()}
        except TypeError as error:
            raise InputError(name, "sources", str(error), "entries of a bibliography") from None
        return cls(records, sources, order)

    def _single(self, id_: str) -> Record:
        record = self.record(id_)
        if record.by:
            raise InputError(None, id_, f"by {', '.join(record.by)}", "a parameter with a single value")
        return record

    def _over(self, id_: str, dims: tuple[str, ...]) -> Record:
        record = self.record(id_)
        for name in dims:
            if name not in DIMENSIONS:
                nearest = nearest_name(name, DIMENSIONS)
                raise InputError(None, id_, name, "a known dimension", nearest=nearest)
        extra = [name for name in record.by if name not in dims]
        if extra or len(set(dims)) != len(dims):
            asked = ", ".join(dims) or "none"
            raise InputError(None, id_, f"by {', '.join(record.by)}", f"a parameter over {asked}")
        return record

    def _at(self, record: Record, month: int | None) -> Array:
        if month is None:
            if record.dated:
                dates = ", ".join(month_name(start) for start in record.months[:3] if start > ALWAYS)
                raise InputError(
                    None, record.id, f"dated ({dates})", "one value for the whole run",
                    fix="it is not read by month and cannot change over time",
                )  # fmt: skip
            return np.asarray(record.steps[0])
        return record.at(month)

    def _replaced(self, record: Record, value: Any) -> Record:
        overridden = record.expression is not None
        shape = record.steps.shape[1:]
        if isinstance(value, np.ndarray) and value.ndim:
            if value.shape == record.steps.shape and record.dated:
                return _within(record, value).with_steps(record.months, value, overridden=overridden)
            if value.shape != shape:
                raise InputError(None, record.id, f"shape {value.shape}", f"an array of shape {shape}")
            steps = np.asarray(value, dtype=np.float64)
        else:
            steps = self._form(record, value)
        return _within(record, steps).with_steps(
            (ALWAYS,), steps[None], interpolate=False, overridden=overridden
        )

    def _form(self, record: Record, value: Any) -> Array:
        plain = value.item() if isinstance(value, np.ndarray | np.generic) else value
        reader = ValueReader(record.kind, record.by if isinstance(plain, dict) else (), None, Tables())
        steps = reader.read(plain, ())
        for problem in reader.problems:
            key = ".".join((record.id, *map(str, problem.path)))
            raise InputError(
                None, key, problem.value, problem.expected, nearest=problem.nearest, fix=problem.fix
            )
        return np.array(np.broadcast_to(steps, record.steps.shape[1:]))


def _within(record: Record, steps: Array) -> Record:
    if not np.all(np.isfinite(steps)):
        raise InputError(None, record.id, "not finite", bounds_text(record.unit))
    return record


def computing_order(records: Mapping[str, Record]) -> tuple[str, ...]:
    """Computed ids, each after its inputs; `InputError` for an unknown input or a circle."""
    inputs = {id_: Expression(r.expression).inputs for id_, r in records.items() if r.expression}
    order: list[str] = []
    done: set[str] = set()
    for start in inputs:
        trail: list[str] = []
        pending = [(start, False)]
        while pending:
            id_, leaving = pending.pop()
            if leaving:
                trail.pop()
                done.add(id_)
                order.append(id_)
            elif id_ in trail:
                circle = " -> ".join([*trail[trail.index(id_) :], id_])
                raise _derivation_error(records[id_], circle, "derivations without a circle")
            elif id_ not in done and id_ in inputs:
                trail.append(id_)
                pending.append((id_, True))
                for name in inputs[id_]:
                    if name not in records:
                        nearest = nearest_name(name, records)
                        raise _derivation_error(records[id_], name, "known parameter ids", nearest)
                    pending.append((name, False))
    return tuple(order)


def recompute(records: dict[str, Record], order: tuple[str, ...], touched: set[str] | None) -> None:
    """Compute in place the derived records whose inputs are in `touched` (None: all)."""
    for id_ in order:
        record = records[id_]
        if record.overridden or record.expression is None:
            continue
        expression = Expression(record.expression)
        if touched is not None:
            if touched.isdisjoint(expression.inputs):
                continue
            # A policy of some states makes its parameter vary by state, and so what is computed from it.
            if "state" not in record.by and any("state" in records[id_].by for id_ in expression.inputs):
                record = _by_state(record, expression, records)
        try:
            months, steps = expression.evaluate(records, record.by)
        except ValueProblem as problem:
            raise _derivation_error(record, problem.value, problem.expected, fix=problem.fix) from None
        worst = [float(x) for x in steps.ravel() if not in_bounds(record.unit, float(x))]
        if worst:
            raise _derivation_error(record, worst[0], bounds_text(record.unit, worst[0]))
        records[id_] = record.with_steps(months, steps, interpolate=False)
        if touched is not None:
            touched.add(id_)


def _by_state(record: Record, expression: Expression, records: Mapping[str, Record]) -> Record:
    try:
        expression.evaluate(records, record.by)
    except ValueProblem:
        return record.with_dimensions(("state", *record.by))
    return record


def _derivation_error(
    record: Record, value: Any, expected: str, nearest: str | None = None, fix: str | None = None
) -> InputError:
    key = f"{record.id}.derivation"
    return InputError(record.file, key, value, expected, line=record.line, nearest=nearest, fix=fix)
