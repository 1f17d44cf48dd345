"""YAML read safely and strictly, with the line of every key.

Built on libyaml's event stream, never on object construction: no tags, no duplicate keys, no
merge keys, one document, bounded depth and size, aliases counted at their full size. Plain
scalars follow YAML 1.2 more closely than PyYAML does: only `true` and `false` are booleans, `1e3`
is a number, dates and `no` are text, keys are always text.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from microsim.ground.errors import InputError, Problems

MAX_BYTES = 16 * 2**20
MAX_DEPTH = 32
MAX_NODES = 200_000

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})", re.ASCII)
_FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)([eE][-+]?[0-9]{1,4})?", re.ASCII)
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+", re.ASCII)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Mapping(dict[str, Any]):
    """A YAML mapping that knows the line it starts on and the line of each key."""

    __slots__ = ("line", "lines")

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}


class Sequence(list[Any]):
    """A YAML sequence that knows the line it starts on and the line of each item."""

    __slots__ = ("line", "lines")

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: list[int] = []


def line_of(node: Any, path: tuple[str | int, ...]) -> int | None:
    """Line of the deepest part of `path` that exists under `node`."""
    line = getattr(node, "line", None)
    for part in path:
        if isinstance(node, Mapping) and part in node:
            line, node = node.lines[str(part)], node[str(part)]
        elif isinstance(node, Sequence) and isinstance(part, int) and part < len(node):
            line, node = node.lines[part], node[part]
        else:
            break
    return line


class EntryChecker:
    """What is wrong in one entry of a file goes to `problems`, each with its key and line."""

    def __init__(self, id_: str, node: Any, file: str, line: int | None, problems: Problems) -> None:
        self.id = id_
        self.node = node
        self.file = file
        self.line = line
        self.problems = problems

    def problem(
        self,
        path: tuple[str | int, ...],
        value: Any,
        expected: str,
        nearest: str | None = None,
        fix: str | None = None,
    ) -> None:
        """Note that `value` at `path` under the entry is not what was expected."""
        key = ".".join(str(part) for part in (self.id, *path))
        line = (line_of(self.node, path) if path else None) or self.line
        self.problems.add(InputError(self.file, key, value, expected, line=line, nearest=nearest, fix=fix))


def read_yaml(path: Path, name: str, problems: Problems) -> Mapping:
    """Read a YAML file whose top level is a mapping; `name` stands in messages.

    Everything wrong goes to `problems`: a file that is missing, too large, not UTF-8 or not YAML,
    and whatever this reader refuses. What could be read is returned, at worst an empty mapping.
    """
    try:
        return parse_yaml(read_text(path, name), name, problems)
    except InputError as error:
        problems.add(error)
        return Mapping(1)


def read_text(path: Path, name: str) -> str:
    """The text of a regular UTF-8 file of bounded size, without a byte-order mark."""
    try:
        if not path.is_file():
            what = "a file, this is a folder" if path.is_dir() else "a file that exists"
            raise InputError(name, None, path.name, what)
        if path.stat().st_size > MAX_BYTES:
            raise InputError(name, None, path.stat().st_size, f"a file of at most {MAX_BYTES} bytes")
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        raise InputError(name, None, path.name, "a readable file", fix=str(error)) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        bad = data[error.start : error.start + 4]
        raise InputError(name, None, bad, "UTF-8 text", line=line, fix="save the file as UTF-8") from None


def parse_yaml(text: str, name: str, problems: Problems) -> Mapping:
    """Parse YAML text; raises `InputError` when nothing can be made of it."""
    try:
        document = _Builder(text, name, problems).document()
    except yaml.YAMLError as error:
        raise _syntax_error(error, name) from None
    if document is None:
        return Mapping(1)
    if not isinstance(document, Mapping):
        raise InputError(name, None, document, "a mapping of keys to values at the top level", line=1)
    return document


class _Builder:
    """Builds plain Python values from libyaml events, without recursion."""

    def __init__(self, text: str, name: str, problems: Problems) -> None:
        self._loader = _LOADER(text)
        self._name = name
        self._problems = problems
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._nodes = 0
        self._stack: list[_Frame] = []
        self._root: Any = None

    def document(self) -> Any:
        documents = 0
        try:
            while True:
                event = self._loader.get_event()
                if isinstance(event, yaml.StreamEndEvent):
                    return self._root
                if isinstance(event, yaml.DocumentStartEvent):
                    documents += 1
                    if documents > 1:
                        raise self._error(event, "---", "one document in a file")
                else:
                    self._take(event)
        finally:
            self._loader.dispose()

    def _take(self, event: Any) -> None:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.ScalarEvent):
            self._refuse_tag(event)
            self._place(self._scalar(event), line, 1, event, anchor=event.anchor)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._refuse_tag(event)
            if len(self._stack) >= MAX_DEPTH:
                raise self._error(event, "...", f"at most {MAX_DEPTH} levels of nesting")
            mapping = isinstance(event, yaml.MappingStartEvent)
            self._stack.append(_Frame(Mapping(line) if mapping else Sequence(line), event, self._nodes))
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            frame = self._stack.pop()
            size = self._nodes - frame.nodes_before + 1
            self._place(frame.value, frame.value.line, 1, frame.event, frame.event.anchor, size)
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise self._error(event, f"*{event.anchor}", "an alias of an anchor that stands before it")
            value, size = self._anchors[event.anchor]
            self._place(value, line, size, event)

    def _place(
        self, value: Any, line: int, nodes: int, event: Any, anchor: str | None = None, size: int = 1
    ) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            raise self._error(event, "...", f"at most {MAX_NODES} values, aliases counted in full")
        if anchor is not None:
            self._anchors[anchor] = (value, size)
        if not self._stack:
            self._root = value
            return
        frame = self._stack[-1]
        if isinstance(frame.value, Sequence):
            frame.value.append(value)
            frame.value.lines.append(line)
        elif not frame.has_key:
            frame.has_key, frame.key, frame.key_line = True, self._key(value, event), line
        else:
            frame.has_key = False
            if frame.key is not None:
                self._set(frame, value)

    def _set(self, frame: _Frame, value: Any) -> None:
        key, mapping = frame.key, frame.value
        if key in mapping:
            self._problems.add(
                InputError(
                    self._name, key, key, f"each key once; it stands already on line {mapping.lines[key]}",
                    line=frame.key_line, fix="remove one of the two",
                )
            )  # fmt: skip
            return
        mapping[key] = value
        mapping.lines[key] = frame.key_line

    def _key(self, value: Any, event: Any) -> str | None:
        if isinstance(event, yaml.ScalarEvent):
            if event.value == "<<" and not event.style:
                self._problems.add(self._error(event, "<<", "plain keys, merge keys are not supported"))
                return None
            return str(event.value)
        self._problems.add(self._error(event, value, "a plain text as key"))
        return None

    def _scalar(self, event: Any) -> Any:
        text = event.value
        if event.style or not event.implicit[0]:
            return text
        if text in _NULLS:
            return None
        if text in _BOOLEANS:
            return _BOOLEANS[text]
        if _INTEGER.fullmatch(text):
            return int(text)
        # 010 is eight in YAML 1.1 and ten elsewhere: left as text, so that a number is refused.
        if _FLOAT.fullmatch(text) and not _LEADING_ZERO.fullmatch(text):
            return float(text)
        return text

    def _refuse_tag(self, event: Any) -> None:
        if event.tag is not None:
            self._problems.add(self._error(event, event.tag, "no tags", "remove the tag"))

    def _error(self, event: Any, value: Any, expected: str, fix: str | None = None) -> InputError:
        return InputError(self._name, None, value, expected, line=event.start_mark.line + 1, fix=fix)


class _Frame:
    __slots__ = ("event", "has_key", "key", "key_line", "nodes_before", "value")

    def __init__(self, value: Any, event: Any, nodes_before: int) -> None:
        self.value = value
        self.event = event
        self.nodes_before = nodes_before
        self.has_key = False
        self.key: str | None = None
        self.key_line = 0


def _syntax_error(error: yaml.YAMLError, name: str) -> InputError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    context = getattr(error, "context", None)
    said = f"{context}: {problem}" if context else str(problem)
    return InputError(name, None, said, "YAML", line=mark.line + 1 if mark else None)
