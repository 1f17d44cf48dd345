"""Policies and provisions: dated patches of parameters, each under its section of law."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from microsim.ground.calendar import EARLIEST_MONTH, LATEST_MONTH, month_name
from microsim.ground.errors import InputError

OPERATIONS = ("value", "scale", "add")


@dataclasses.dataclass(frozen=True, slots=True)
class Patch:
    """One change of one parameter.

    `operation` is `value`, `scale` or `add`; `form` is what was written for it; `states` is None
    for all; `first` and `last` are the months in force, both included.
    """

    parameter: str
    operation: str
    form: Any
    first: int = EARLIEST_MONTH
    last: int = LATEST_MONTH
    states: tuple[str, ...] | None = None
    unit: str | None = None
    note: str | None = None
    file: str | None = None
    line: int | None = None
    folder: Path | None = None
    broken: bool = False
    """Whether it was refused as it stands; what can be told of the rest of it is told as well."""

    @property
    def dates(self) -> str:
        """The months in force, in words."""
        starts = "" if self.first == EARLIEST_MONTH else f"from {month_name(self.first)}"
        ends = "" if self.last == LATEST_MONTH else f"to {month_name(self.last)}"
        return " ".join(part for part in (starts, ends) if part) or "always"

    def problem(
        self, key: str, value: Any, expected: str, nearest: str | None = None, fix: str | None = None
    ) -> InputError:
        """An `InputError` at this patch."""
        return InputError(
            self.file, f"{self.parameter}.{key}" if key else self.parameter, value, expected,
            line=self.line, nearest=nearest, fix=fix,
        )  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True)
class Provision:
    """A section of law or a budget line: an id, a citation and its patches."""

    id: str
    label: str
    patches: tuple[Patch, ...]
    section: str | None = None
    source: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    note: str | None = None
    file: str | None = None
    line: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Policy:
    """A named list of provisions in the order in which they apply, each once."""

    id: str
    label: str
    provisions: tuple[Provision, ...]
    note: str | None = None
    file: str | None = None
    parts: tuple[str, ...] = ()
    """Names of the policies and provisions that the file lists, as written."""
