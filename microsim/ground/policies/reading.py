"""Reading policy and provision files."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Set
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from microsim.ground.calendar import EARLIEST_MONTH, LATEST_MONTH, month_index
from microsim.ground.errors import InputError, Problems, nearest_name
from microsim.ground.parameters.checking import Text, validation_problems
from microsim.ground.parameters.yaml_source import EntryChecker, Mapping, line_of, read_yaml
from microsim.ground.policies.model import OPERATIONS, Patch, Provision
from microsim.ground.schema import STATES

_ID = re.compile(r"[a-z0-9][a-z0-9-]*", re.ASCII)


class FileModel(BaseModel):
    """Keys of a policy or provision file as written."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: str | None = None
    label: Text | None = None
    section: Text | None = None
    source: list[str] = []
    replaces: str | list[str] = []
    note: Text | None = None
    policies: list[str] = []
    provisions: list[str] = []
    patches: list[Any] = []


class PatchModel(BaseModel):
    """Keys of a patch as written."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=True)

    parameter: str
    value: Any = None
    values: dict[str, Any] | None = None
    scale: Any = None
    add: Any = None
    until: str | None = None
    states: str | list[str] | None = None
    unit: str | None = None
    note: Text | None = None


_PATCH_KEYS = ("parameter", "from", "until", "states", "value", "values", "scale", "add", "unit", "note")


@dataclasses.dataclass(frozen=True, slots=True)
class PolicyFile:
    """One file: what it includes by name, and its own patches as a provision (None without)."""

    id: str
    label: str
    policies: tuple[str, ...]
    provisions: tuple[str, ...]
    own: Provision | None
    note: str | None
    path: Path
    shown: str
    document: Mapping

    def line(self, *path: str | int) -> int | None:
        return line_of(self.document, path)


def read_policy_file(path: Path, shown: str, problems: Problems) -> PolicyFile | None:
    """Read one file; what is wrong goes to `problems`. None when nothing of it can be used."""
    before = len(problems)
    document = read_yaml(path, shown, problems)
    if len(problems) > before:
        return None
    try:
        model = FileModel.model_validate(document)
    except ValidationError as error:
        for problem in validation_problems(error, document, shown, "", FileModel.model_fields):
            problems.add(problem)
        return None
    id_ = path.stem if model.id is None else model.id
    if not _ID.fullmatch(id_):
        expected = "an id of lower-case letters, digits and hyphens"
        problems.add(InputError(shown, "id", id_, expected, line=line_of(document, ("id",)), fix="add `id:`"))
    if not document:
        fix = "list `provisions:`, `policies:` or `patches:`"
        problems.add(InputError(shown, None, "an empty file", "a policy or a provision", fix=fix))
    patches: list[Patch] = []
    for i, node in enumerate(model.patches):
        patches.extend(_patches(node, cast(Any, document["patches"]).lines[i], path, shown, i, problems))
    own = None
    if model.patches:
        own = Provision(
            id=id_,
            label=model.label or id_,
            patches=tuple(patches),
            section=model.section,
            source=tuple(model.source),
            replaces=(model.replaces,) if isinstance(model.replaces, str) else tuple(model.replaces),
            note=model.note,
            file=shown,
            line=1,
        )
    elif model.replaces:
        line = line_of(document, ("replaces",))
        problems.add(InputError(shown, "replaces", model.replaces, "`replaces` beside `patches`", line=line))
    return PolicyFile(
        id_,
        model.label or id_,
        tuple(model.policies),
        tuple(model.provisions),
        own,
        model.note,
        path,
        shown,
        document,
    )


def _patches(node: Any, line: int, path: Path, shown: str, index: int, problems: Problems) -> list[Patch]:
    prefix = f"patches.{index}"
    if not isinstance(node, Mapping):
        problems.add(InputError(shown, prefix, node, "a patch with parameter, from and value", line=line))
        return []
    # `from` is a word of Python and cannot be a field of the model.
    rest = {key: value for key, value in node.items() if key != "from"}
    wrong: set[Any] = set()
    try:
        model = PatchModel.model_validate(rest)
    except ValidationError as error:
        fields = dict.fromkeys(_PATCH_KEYS)
        for problem in validation_problems(error, node, shown, prefix, fields):
            problems.add(problem)
        wrong = {one["loc"][0] for one in error.errors()}
        if "parameter" in wrong:
            return []
        model = PatchModel.model_validate({key: value for key, value in rest.items() if key not in wrong})
    checker = _PatchChecker(model, node, prefix, path, shown, line, problems)
    return checker.patches(node.get("from"), wrong)


class _PatchChecker(EntryChecker):
    def __init__(
        self,
        model: PatchModel,
        node: Mapping,
        prefix: str,
        path: Path,
        shown: str,
        line: int,
        problems: Problems,
    ) -> None:
        super().__init__(f"{prefix} ({model.parameter})", node, shown, line, problems)
        self.model = model
        self.path = path

    def patches(self, start: Any, wrong: Set[Any]) -> list[Patch]:
        """The patches of the entry, one for each date of `values`; `wrong` are keys refused already.

        Where anything is wrong there is one that is `broken`, for its parameter and value to be checked.
        """
        before = len(self.problems)
        model = self.model
        given = [name for name in (*OPERATIONS, "values") if name in self.node]
        if len(given) != 1 and not wrong:
            self.problem((), ", ".join(given) or "none", "one of value, values, scale or add")
        first = self._month("from", start, EARLIEST_MONTH)
        last = self._month("until", model.until, LATEST_MONTH)
        if first > last:
            self.problem(("until",), model.until, "a month that is not before `from`")
        states = self._states()
        if wrong or len(self.problems) > before:
            alone = given[0] if len(given) == 1 and given[0] in OPERATIONS else None
            form = None if alone is None else getattr(model, alone)
            return [Patch(model.parameter, alone or "value", form, states=states, unit=model.unit, file=self.file,
                          line=self.line, folder=self.path.parent, broken=True)]  # fmt: skip
        written = given[0] == "values"
        spans = self._spans(start, last) if written else [(first, last, getattr(model, given[0]))]
        operation = "value" if written else given[0]
        return [
            Patch(model.parameter, operation, form, begin, end, states, model.unit, model.note,
                  self.file, self.line, self.path.parent)
            for begin, end, form in spans
        ]  # fmt: skip

    def _spans(self, start: Any, last: int) -> list[tuple[int, int, Any]]:
        if start is not None or not self.model.values:
            self.problem(("values",), start, "at least one date inside `values`, and no `from`")
            return []
        months = [self._month("values", text, 0) for text in self.model.values]
        if months != sorted(set(months)):
            self.problem(("values",), ", ".join(self.model.values), "dates in ascending order")
            return []
        ends = [*(month - 1 for month in months[1:]), last]
        return list(zip(months, ends, self.model.values.values(), strict=True))

    def _month(self, key: str, text: Any, absent: int) -> int:
        if text is None:
            return absent
        try:
            return month_index(text)
        except InputError as error:
            self.problem((key,), text, error.expected, fix=error.fix)
            return absent

    def _states(self) -> tuple[str, ...] | None:
        states = self.model.states
        if states is None or states == "all":
            return None
        names = [states] if isinstance(states, str) else states
        for i, name in enumerate(names):
            if name not in STATES:
                self.problem(("states", i), name, "a postal code of a state, or all", nearest_state(name))
        if not names or len(set(names)) != len(names):
            self.problem(("states",), states, "each state once, at least one")
        return tuple(name for name in STATES if name in names) or None


def nearest_state(name: object) -> str | None:
    """The postal code most like `name`."""
    return nearest_name(name, STATES)
