"""From what stands in a file to an array: scalars, mappings by class, and CSV tables."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from microsim.ground.calendar import LATEST_MONTH, month_index, month_name
from microsim.ground.errors import InputError, nearest_name
from microsim.ground.parameters.yaml_source import read_text
from microsim.ground.schema import DIMENSIONS
from microsim.ground.units import bounds_text, in_bounds

Array = npt.NDArray[np.float64]
Path_ = tuple[str | int, ...]

DEFAULT_KEY = "default"
"""Stands for every class of a dimension that a mapping does not name."""
NEVER_TEXT = "never"
_NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,4})?", re.ASCII)
_LIKE_BOOLEAN = {
    "yes": "true", "y": "true", "on": "true", "no": "false", "n": "false", "off": "false",
}  # fmt: skip


class Kind(NamedTuple):
    """What a value is allowed to be: a unit and, for `choice`, the named choices."""

    unit: str
    choices: tuple[str | int, ...] = ()

    def encode(self, raw: Any) -> float:
        """The number that stands for `raw` in arrays; `ValueProblem` when it is not allowed.

        Booleans are 0 and 1, dates are month numbers, named choices their position, whole-number
        choices themselves.
        """
        if self.unit == "boolean":
            if isinstance(raw, bool):
                return float(raw)
            hint = _LIKE_BOOLEAN.get(str(raw).casefold())
            raise ValueProblem(raw, "true or false", fix=f"write {hint}" if hint else None)
        if self.unit == "choice":
            return self._encode_choice(raw)
        if self.unit == "month":
            if raw == NEVER_TEXT:
                return float(LATEST_MONTH)
            try:
                return float(month_index(raw))
            except InputError as error:
                raise ValueProblem(raw, error.expected + " or never", fix=error.fix) from None
        if isinstance(raw, bool) or not isinstance(raw, int | float | np.integer | np.floating):
            fix = None
            if isinstance(raw, str) and _looks_numeric(raw):
                fix = "write it as a plain decimal number without quotes, separators or leading zeros"
            raise ValueProblem(raw, bounds_text(self.unit), fix=fix)
        number = float(raw)
        if not in_bounds(self.unit, number):
            raise ValueProblem(raw, bounds_text(self.unit, number))
        return number

    def decode(self, number: float) -> float | bool | str | int:
        """What `encode` was given."""
        if self.unit == "boolean":
            return bool(number)
        if self.unit == "month":
            return NEVER_TEXT if int(number) >= LATEST_MONTH else month_name(int(number))
        if self.unit == "choice":
            return int(number) if self._whole else self.choices[int(number)]
        return float(number)

    def from_text(self, text: str) -> Any:
        """The value that a command line or a CSV cell means, for `encode` to judge."""
        text = text.strip()
        if self.unit == "boolean":
            return {"true": True, "false": False}.get(text, text)
        if self.unit == "month" or (self.unit == "choice" and not self._whole):
            return text
        if not _NUMBER.fullmatch(text):
            return text
        return int(text) if re.fullmatch(r"[-+]?[0-9]{1,18}", text) else float(text)

    @property
    def _whole(self) -> bool:
        return all(isinstance(choice, int) for choice in self.choices)

    def _encode_choice(self, raw: Any) -> float:
        if isinstance(raw, str | int) and not isinstance(raw, bool) and raw in self.choices:
            return float(raw) if self._whole else float(self.choices.index(raw))
        names = [str(choice) for choice in self.choices]
        raise ValueProblem(raw, f"one of {', '.join(names)}", nearest=nearest_name(raw, names))


class ValueProblem(ValueError):
    """A value that is not allowed, before file and line are known."""

    def __init__(
        self,
        value: Any,
        expected: str,
        *,
        path: Path_ = (),
        nearest: str | None = None,
        fix: str | None = None,
    ) -> None:
        super().__init__(expected)
        self.value = value
        self.expected = expected
        self.path = path
        self.nearest = nearest
        self.fix = fix


class Tables:
    """CSV tables read once each; columns by name."""

    def __init__(self) -> None:
        self._read: dict[Path, dict[str, list[str]]] = {}

    def columns(self, path: Path) -> dict[str, list[str]]:
        """Columns of a CSV file with a header; raises `InputError`."""
        path = path.resolve()
        if path not in self._read:
            self._read[path] = _read_csv(path)
        return self._read[path]


class ValueReader:
    """Reads one value form of a parameter into an array; keeps every problem it meets."""

    def __init__(self, kind: Kind, by: tuple[str, ...], folder: Path | None, tables: Tables) -> None:
        self._kind = kind
        self._by = by
        self._folder = folder
        self._tables = tables
        self.problems: list[ValueProblem] = []

    def read(self, form: Any, path: Path_) -> Array:
        """Array with one axis for each dimension of `by`; NaN where a problem was found."""
        out = np.full(tuple(len(DIMENSIONS[name]) for name in self._by), np.nan)
        self._fill(out, form, self._by, path)
        return out

    def _fill(self, out: Array, form: Any, by: tuple[str, ...], path: Path_) -> None:
        if isinstance(form, dict) and "table" in form:
            self._fill_from_table(out, form, by, path)
        elif not by:
            try:
                out[...] = self._kind.encode(form)
            except ValueProblem as problem:
                self._add(problem, path)
        elif isinstance(form, dict):
            self._fill_from_mapping(out, form, by, path)
        else:
            fix = f"name its classes, such as {DIMENSIONS[by[0]][0]}"
            self._add(ValueProblem(form, f"a mapping by {by[0]}", fix=fix), path)

    def _fill_from_mapping(self, out: Array, form: dict[str, Any], by: tuple[str, ...], path: Path_) -> None:
        classes = DIMENSIONS[by[0]]
        for key in form:
            if key not in classes and key != DEFAULT_KEY:
                problem = ValueProblem(key, f"a class of {by[0]}", nearest=nearest_name(key, classes))
                self._add(problem, (*path, key))
        missing = [name for name in classes if name not in form]
        if missing and DEFAULT_KEY not in form:
            shown = ", ".join(missing[:8]) + (" ..." if len(missing) > 8 else "")
            self._add(ValueProblem(f"without {shown}", f"all {len(classes)} classes of {by[0]}"), path)
        if DEFAULT_KEY in form and missing:
            rest = by[1:] if isinstance(form[DEFAULT_KEY], dict) else ()
            self._fill(out[classes.index(missing[0]), ...], form[DEFAULT_KEY], rest, (*path, DEFAULT_KEY))
            for name in missing[1:]:
                out[classes.index(name)] = out[classes.index(missing[0])]
        for position, name in enumerate(classes):
            if name in form:
                # A 0-d view, not a scalar, so that the innermost level can write into it.
                self._fill(out[position, ...], form[name], by[1:], (*path, name))

    def _fill_from_table(self, out: Array, form: dict[str, Any], by: tuple[str, ...], path: Path_) -> None:
        unknown = [key for key in form if key not in ("table", "column")]
        if unknown or not all(isinstance(form.get(key), str) for key in ("table", "column")) or not by:
            expected = "table: FILE and column: NAME, nothing else, for a parameter with `by`"
            self._add(ValueProblem(dict(form), expected), path)
            return
        if self._folder is None:
            self._add(ValueProblem(form["table"], "a value, tables need a file to be relative to"), path)
            return
        table = self._folder / form["table"]
        try:
            columns = self._tables.columns(table)
        except InputError as error:
            said = ValueProblem(form["table"], f"a readable CSV table ({error})")
            self._add(said, (*path, "table"))
            return
        for name in (*by, form["column"]):
            if name not in columns:
                problem = ValueProblem(
                    name, f"a column of {form['table']}", nearest=nearest_name(name, columns)
                )
                self._add(problem, (*path, "column"))
                return
        self._fill_cells(out, columns, form, by, path)

    def _fill_cells(
        self,
        out: Array,
        columns: dict[str, list[str]],
        form: dict[str, Any],
        by: tuple[str, ...],
        path: Path_,
    ) -> None:
        positions = [{name: i for i, name in enumerate(DIMENSIONS[dim])} for dim in by]
        seen: set[tuple[int, ...]] = set()
        where = (*path, "column")
        for row, text in enumerate(columns[form["column"]]):
            keys = [columns[dim][row].strip() for dim in by]
            place = f"{form['table']} line {row + 2}"
            unknown = [
                (dim, key) for dim, key, known in zip(by, keys, positions, strict=True) if key not in known
            ]
            if unknown:
                dim, key = unknown[0]
                nearest = nearest_name(key, DIMENSIONS[dim])
                self._add(ValueProblem(key, f"a class of {dim} in {place}", nearest=nearest), where)
                continue
            cell = tuple(known[key] for known, key in zip(positions, keys, strict=True))
            if cell in seen:
                self._add(ValueProblem(" ".join(keys), f"each row once, again in {place}"), where)
                continue
            seen.add(cell)
            try:
                out[cell] = self._kind.encode(self._kind.from_text(text))
            except ValueProblem as problem:
                problem.expected += f" in {place}, column {form['column']}"
                self._add(problem, where)
        if len(seen) < out.size and not any(problem.path == where for problem in self.problems):
            first = next(cell for cell in np.ndindex(out.shape) if cell not in seen)
            named = " ".join(DIMENSIONS[dim][i] for dim, i in zip(by, first, strict=True))
            self._add(ValueProblem(f"no row for {named}", f"a row for every class in {form['table']}"), where)

    def _add(self, problem: ValueProblem, path: Path_) -> None:
        problem.path = path
        self.problems.append(problem)


def _read_csv(path: Path) -> dict[str, list[str]]:
    text = read_text(path, path.name)
    try:
        rows = list(csv.reader(io.StringIO(text), strict=True))
    except csv.Error as error:
        raise InputError(path.name, None, str(error), "a CSV table") from None
    rows = [row for row in rows if row]
    if not rows:
        raise InputError(path.name, None, "", "a CSV table with a header")
    header = [name.strip() for name in rows[0]]
    if len(set(header)) != len(header):
        twice = next(name for name in header if header.count(name) > 1)
        raise InputError(path.name, None, twice, "each column once", line=1)
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(header):
            raise InputError(path.name, None, f"{len(row)} cells", f"{len(header)} cells", line=number)
    return {name: [row[i] for row in rows[1:]] for i, name in enumerate(header)}


def _looks_numeric(text: str) -> bool:
    return bool(re.fullmatch(r"[-+$]?[0-9][0-9_,.:xeE+-]*%?", text.strip()))
