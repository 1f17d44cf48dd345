"""Which functions of a month read a field of the tables, and at which step: taken from the model's source."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import microsim.life
import microsim.rules
from microsim.life import month

_RECORDS = {"rates": "RATES", "place": "PLACE", "options": "PLACE.options"}
"""Names that the functions of a month give the records they read."""
_MONTH = "live_month"
_STEP = re.compile(r"\bsteps? (\d(?: and \d)*)", re.IGNORECASE)
_ORDER = re.compile(r"(\d)\. (.+?)(?=\s+\d\. |\n\n|\Z)", re.DOTALL)
_START = "start of the life"
_EVERY = "the month itself"


class Reader(NamedTuple):
    """A function that reads a field."""

    step: str
    """Step of the month, as `microsim.life.month` has them: `step 5, opioid use and treatment`."""
    function: str
    file: str


class _Function(NamedTuple):
    name: str
    file: str
    text: str
    calls: frozenset[str]
    reads: frozenset[str]


def readers_of(field: str) -> tuple[Reader, ...]:
    """Functions that read a field such as `RATES.stop`, in the order of the month."""
    return _readers().get(field, ())


@cache
def _readers() -> dict[str, tuple[Reader, ...]]:
    functions = _functions()
    found: dict[str, dict[Reader, None]] = {}
    reached = {_MONTH}
    for step, start in _steps(functions):
        inside = _reached(functions, start)
        reached |= inside
        for name in sorted(inside):
            _note(found, functions[name], step)
    _note(found, functions[_MONTH], _EVERY)
    for name in sorted(functions.keys() - reached):
        _note(found, functions[name], _START)
    return {field: tuple(readers) for field, readers in found.items()}


def _note(found: dict[str, dict[Reader, None]], function: _Function, step: str) -> None:
    for field in function.reads:
        found.setdefault(field, {})[Reader(step, function.name, function.file)] = None


def _steps(functions: dict[str, _Function]) -> list[tuple[str, str]]:
    """(step in words, function) of every function that `live_month` calls, in the order of the month."""
    names = {number: " ".join(words.split()) for number, words in _ORDER.findall(month.__doc__ or "")}
    steps = []
    for name in sorted(functions[_MONTH].calls & functions.keys()):
        found = _STEP.search(functions[name].text)
        if found is None:
            steps.append((_EVERY, name))
            continue
        numbers = re.findall(r"\d", found.group(1))
        steps.append((f"step {' and '.join(numbers)}, {' and '.join(names[n] for n in numbers)}", name))
    return sorted(steps)


def _reached(functions: dict[str, _Function], start: str) -> set[str]:
    seen, pending = set(), [start]
    while pending:
        name = pending.pop()
        if name in functions and name not in seen:
            seen.add(name)
            pending += functions[name].calls
    return seen


@cache
def _functions() -> dict[str, _Function]:
    found = {}
    for package in (microsim.life, microsim.rules):
        for path in sorted(Path(package.__path__[0]).glob("*.py")):
            shown = "/".join(path.parts[-2:])
            body = ast.parse(path.read_text(encoding="utf-8")).body
            own = {field for node in body if isinstance(node, ast.ClassDef) for field in _fields(node)}
            for node in body:
                if isinstance(node, ast.FunctionDef):
                    found[node.name] = _function(node, shown, own)
    return found


def _fields(node: ast.ClassDef) -> set[str]:
    """Fields that a record of a module names; its functions read those of it, under the same names."""
    inner = (one.target for one in node.body if isinstance(one, ast.AnnAssign))
    return {target.id for target in inner if isinstance(target, ast.Name)}


def _function(node: ast.FunctionDef, file: str, own: set[str]) -> _Function:
    calls, reads = set(), set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call):
            if isinstance(inner.func, ast.Name):
                calls.add(inner.func.id)
            elif isinstance(inner.func, ast.Attribute):
                calls.add(inner.func.attr)
        elif isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name):
            record = _RECORDS.get(inner.value.id)
            if record is not None and inner.attr not in own:
                reads.add(f"{record}.{inner.attr}")
    return _Function(node.name, file, ast.get_docstring(node) or "", frozenset(calls), frozenset(reads))
