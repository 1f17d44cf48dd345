"""Arithmetic of derived parameters: `= a.b / c.d`, over other parameters' ids.

Allowed are numbers, ids, `id[class, ...]`, + - * / **, and exp, log, sqrt, min, max, and
sum(x, dimension) and mean(x, dimension). Nothing is ever executed as Python.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from microsim.ground.parameters.record import ALWAYS, Record, spread
from microsim.ground.parameters.values import Array, ValueProblem
from microsim.ground.schema import DIMENSIONS

_ID = re.compile(r"[A-Za-z]\w*(?:\.[A-Za-z]\w*)+", re.ASCII)
_LONGEST = 2000
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.Pow: operator.pow,
}  # fmt: skip
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {ast.UAdd: operator.pos, ast.USub: operator.neg}
_OF_ONE: dict[str, Callable[[Any], Any]] = {"exp": np.exp, "log": np.log, "sqrt": np.sqrt}
_OF_TWO: dict[str, Callable[[Any, Any], Any]] = {"min": np.minimum, "max": np.maximum}
_OVER: dict[str, Callable[..., Any]] = {"sum": np.sum, "mean": np.mean}

Quantity = tuple[Array, tuple[str, ...]]
"""Values with the names of their axes."""


class Expression:
    """A checked expression; `inputs` are the ids that it reads, in order of appearance."""

    def __init__(self, text: str) -> None:
        self.text = text
        if len(text) > _LONGEST:
            raise ValueProblem(text, f"an expression of at most {_LONGEST} characters")
        found: list[str] = []

        def name(match: re.Match[str]) -> str:
            if match[0] not in found:
                found.append(match[0])
            return f"_{found.index(match[0])}_"

        try:
            body = " ".join(_ID.sub(name, text).split())
            self._tree = ast.parse(body, mode="eval").body
        except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
            said = getattr(error, "msg", None) or "cannot be read"
            fix = "write arithmetic over ids after `=`, or drop the `=` for a derivation in words"
            raise ValueProblem(text, f"arithmetic ({said})", fix=fix) from None
        self.inputs: tuple[str, ...] = tuple(found)
        self._names = {f"_{i}_": id_ for i, id_ in enumerate(found)}

    def evaluate(self, records: Mapping[str, Record], by: tuple[str, ...]) -> tuple[tuple[int, ...], Array]:
        """Months and steps over `by`; raises `ValueProblem` for anything that is not arithmetic."""
        used = {id_: records[id_].stepwise() for id_ in self.inputs}
        months = sorted({month for record in used.values() for month in record.months}) or [ALWAYS]
        steps = []
        for month in months:
            values: dict[str, Quantity] = {
                name: (used[id_].at(month), used[id_].by) for name, id_ in self._names.items()
            }
            with np.errstate(all="ignore"):
                array, dims = self._value(self._tree, values)
            extra = [name for name in dims if name not in by]
            if extra:
                fix = f"add {extra[0]} to `by`, pick a class as id[class], or use sum(id, {extra[0]})"
                raise ValueProblem(self.text, f"a result by {', '.join(by) or 'nothing'}", fix=fix)
            if not np.all(np.isfinite(array)):
                raise ValueProblem(self.text, "a finite result")
            steps.append(spread(array, dims, by))
        return tuple(months), np.array(steps)

    def _value(self, node: ast.expr, values: Mapping[str, Quantity]) -> Quantity:
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            return np.asarray(self._number(node.value)), ()
        if isinstance(node, ast.Name) and node.id in values:
            return values[node.id]
        if isinstance(node, ast.UnaryOp) and type(node.op) in _UNARY:
            array, dims = self._value(node.operand, values)
            return np.asarray(_UNARY[type(node.op)](array)), dims
        if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
            return self._combine(_BINARY[type(node.op)], node.left, node.right, values)
        if isinstance(node, ast.Subscript):
            return self._pick(node, values)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
            return self._call(node.func.id, node.args, values)
        allowed = "ids, numbers, + - * / **, exp, log, sqrt, min, max, sum and mean only"
        raise ValueProblem(self.text, allowed)

    def _combine(
        self,
        function: Callable[[Any, Any], Any],
        left: ast.expr,
        right: ast.expr,
        values: Mapping[str, Quantity],
    ) -> Quantity:
        first, second = self._value(left, values), self._value(right, values)
        dims = first[1] + tuple(name for name in second[1] if name not in first[1])
        return np.asarray(function(spread(*first, dims), spread(*second, dims))), dims

    def _call(self, name: str, args: list[ast.expr], values: Mapping[str, Quantity]) -> Quantity:
        if name in _OF_ONE and len(args) == 1:
            array, dims = self._value(args[0], values)
            return np.asarray(_OF_ONE[name](array)), dims
        if name in _OF_TWO and len(args) == 2:
            return self._combine(_OF_TWO[name], args[0], args[1], values)
        if name in _OVER and len(args) == 2 and isinstance(args[1], ast.Name):
            array, dims = self._value(args[0], values)
            if args[1].id in dims:
                axis = dims.index(args[1].id)
                return np.asarray(_OVER[name](array, axis=axis)), dims[:axis] + dims[axis + 1 :]
        raise ValueProblem(self.text, f"a known function with its arguments, not {name}")

    def _pick(self, node: ast.Subscript, values: Mapping[str, Quantity]) -> Quantity:
        array, dims = self._value(node.value, values)
        keys = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        for key in keys:
            name = key.id if isinstance(key, ast.Name) else None
            axis = next((i for i, dim in enumerate(dims) if name in DIMENSIONS[dim]), None)
            if name is None or axis is None:
                raise ValueProblem(self.text, f"a class of {' or '.join(dims) or 'no dimension'} in brackets")
            array = np.asarray(array.take(DIMENSIONS[dims[axis]].index(name), axis=axis))
            dims = dims[:axis] + dims[axis + 1 :]
        return array, dims

    def _number(self, value: int | float) -> float:
        try:
            return float(value)
        except OverflowError:
            raise ValueProblem(self.text, "numbers of ordinary size") from None


def expression_of(derivation: str | None) -> Expression | None:
    """The expression that a derivation starting with `=` holds, else None."""
    if derivation is None or not derivation.lstrip().startswith("="):
        return None
    return Expression(derivation.lstrip()[1:].strip())
