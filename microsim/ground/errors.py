"""Errors that a person can act on: where, what, what was expected, how to mend it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_LONGEST_VALUE = 80
_CODE = 2
"""Letters of a postal code, too few for a measure of likeness."""


class MicrosimError(Exception):
    """Base of every error that this package raises on purpose."""


class InputError(MicrosimError):
    """One problem in something a person gave: a file, an option, a table, a call.

    `file` is the file or option at fault (None when there is none), `key` the place inside it,
    `value` what stands there, `expected` what should; `line` counts from 1, `nearest` is the
    closest valid name and `fix` says what to do. `str()` is one line.
    """

    def __init__(
        self,
        file: str | Path | None,
        key: str | None,
        value: Any,
        expected: str,
        *,
        line: int | None = None,
        nearest: str | None = None,
        fix: str | None = None,
    ) -> None:
        self.file = None if file is None else str(file)
        self.key = key
        self.value = value
        self.expected = expected
        self.line = line
        self.nearest = nearest
        self.fix = fix
        self.rest: Any = None
        """What could be read in spite of the problem, to be checked as well."""
        super().__init__(file, key, value, expected)

    @property
    def problems(self) -> tuple[InputError, ...]:
        """All problems that this error stands for."""
        return (self,)

    def __str__(self) -> str:
        where = ""
        if self.file is not None:
            where = f"{self.file}:{self.line}: " if self.line else f"{self.file}: "
        if self.key:
            where += f"{self.key}: "
        text = f"{where}{shown(self.value)}: expected {self.expected}"
        if self.nearest:
            text += f"; nearest is '{self.nearest}'"
        if self.fix:
            text += f"; {self.fix}"
        return " ".join(text.split())

    def __reduce__(self) -> tuple[Any, ...]:
        # Keyword fields would be lost by the default reduction when an error crosses processes.
        return (_rebuild, (type(self), self.__dict__.copy(), self.args))


class InputErrors(InputError):
    """Several problems found in one pass; `str()` has one line for each."""

    def __init__(self, problems: Iterable[InputError]) -> None:
        self._problems = tuple(one for problem in problems for one in problem.problems)
        first = self._problems[0]
        super().__init__(
            first.file, first.key, first.value, first.expected,
            line=first.line, nearest=first.nearest, fix=first.fix,
        )  # fmt: skip

    @property
    def problems(self) -> tuple[InputError, ...]:
        return self._problems

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self._problems)


class Problems:
    """Collects problems so that one pass reports all of them."""

    def __init__(self) -> None:
        self._found: list[InputError] = []

    def __bool__(self) -> bool:
        return bool(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def add(self, problem: InputError) -> None:
        """Keep one problem, or each of several."""
        self._found.extend(problem.problems)

    def finish(self, rest: Any = None) -> None:
        """Raise what was found, the one `InputError` or `InputErrors` for several, with its `rest`."""
        if self._found:
            error = self._found[0] if len(self._found) == 1 else InputErrors(self._found)
            error.rest = rest
            raise error


def nearest_name(name: object, valid: Iterable[str]) -> str | None:
    """The valid name most like `name`, or None when nothing is close."""
    if not isinstance(name, str) or not name or len(name) > 200:
        return None
    names = list(valid)
    folded: dict[str, str] = {}
    for candidate in names:
        folded.setdefault(candidate.casefold(), candidate)
    plain = name.casefold()
    if len(plain) == _CODE:
        # One wrong letter of two: the first codes that begin alike, or else end alike.
        codes = sorted(code for code in folded if len(code) == _CODE)
        alike = [code for i in range(_CODE) for code in codes if code[i] == plain[i]]
        found = [code for code in (plain, plain[::-1]) if code in codes] or alike
    else:
        found = difflib.get_close_matches(plain, folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def unknown_name(
    file: str | Path | None,
    key: str | None,
    name: object,
    valid: Iterable[str],
    what: str,
    *,
    line: int | None = None,
    fix: str | None = None,
) -> InputError:
    """An `InputError` for a name outside `valid`, with the nearest one, or all when few."""
    names = list(valid)
    expected = what if len(names) > 12 else f"{what} ({', '.join(names)})"
    return InputError(file, key, name, expected, line=line, nearest=nearest_name(name, names), fix=fix)


def shown(value: Any) -> str:
    """A value as it stands in a message: short, on one line, printable in any locale."""
    if isinstance(value, Path):
        value = str(value)
    text = repr(value) if not isinstance(value, InputError) else str(value)
    if len(text) > _LONGEST_VALUE:
        text = text[: _LONGEST_VALUE - 3] + "..."
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _rebuild(kind: type[InputError], state: dict[str, Any], args: tuple[Any, ...]) -> InputError:
    error = kind.__new__(kind)
    error.__dict__.update(state)
    error.args = args
    return error
