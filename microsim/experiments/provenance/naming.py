"""Who else uses a parameter: parameters computed or set from it, and modules that name it."""

from __future__ import annotations

import ast
import importlib.util
import re
from functools import cache
from pathlib import Path

from microsim.ground.parameters import load_parameters
from microsim.ground.parameters.expressions import Expression

_PACKAGES = ("microsim", "synthetic_pop")
_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")
_BEGINNING = re.compile(r"[a-z][a-z0-9_]*\.[a-z0-9_.]*$")
_ANYTHING = r"[a-z0-9_.]+"


def computed_from(id_: str) -> tuple[str, ...]:
    """Ids whose value is arithmetic over this one."""
    tree = load_parameters()
    records = (tree.record(name) for name in tree.ids())
    return tuple(r.id for r in records if r.expression and id_ in Expression(r.expression).inputs)


def cited_by(id_: str) -> tuple[str, ...]:
    """Ids whose derivation or note names this one in words: it is a figure they were set from."""
    tree = load_parameters()
    whole = re.compile(rf"(?<![\w.]){re.escape(id_)}(?!\w|\.\w)")
    records = (tree.record(name) for name in tree.ids() if name != id_)
    return tuple(r.id for r in records if not r.expression and whole.search(f"{r.derivation} {r.note}"))


def named_in(id_: str) -> tuple[str, ...]:
    """Modules whose source names the parameter, whole or by the pattern of a formatted string."""
    return tuple(module for module, pattern in _patterns() if pattern.fullmatch(id_))


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    found = []
    for package in _PACKAGES:
        spec = importlib.util.find_spec(package)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            for path in sorted(Path(folder).rglob("*.py")):
                module = ".".join((package, *path.relative_to(folder).with_suffix("").parts))
                names = _names(path)
                if names:
                    found.append((module, re.compile("|".join(sorted(names)))))
    return tuple(found)


def _names(path: Path) -> set[str]:
    """Regular expressions of all strings of a file that are ids, or begin like one."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _ID.fullmatch(node.value):
            names.add(re.escape(node.value))
        elif isinstance(node, ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else None for part in node.values]
            if isinstance(parts[0], str) and _BEGINNING.match(parts[0]):
                names.add("".join(_ANYTHING if part is None else re.escape(str(part)) for part in parts))
    return names
