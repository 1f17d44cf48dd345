"""`--set ID=VALUE` and `--set ID[class,...]=VALUE`: one number, for all months, above any policy."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from microsim.ground.errors import InputError, Problems, nearest_name
from microsim.ground.parameters.record import Record
from microsim.ground.parameters.tree import Parameters
from microsim.ground.parameters.values import Tables, ValueProblem
from microsim.ground.policies.applying import set_cells
from microsim.ground.policies.cells import operand, widened
from microsim.ground.policies.model import Patch
from microsim.ground.schema import DIMENSIONS, STATES

_SETTING = re.compile(r"\s*([^\[\]=\s]+)\s*(?:\[([^\[\]=]*)\])?\s*=(.*)", re.DOTALL)
_OPTION = "--set"
_EVERY = "all"


class Placed(str):
    """`ID=VALUE` from a line of a file, where its problems are told."""

    file: str
    line: int | None

    def __new__(cls, text: str, file: str, line: int | None) -> Placed:
        made = super().__new__(cls, text)
        made.file, made.line = file, line
        return made


def apply_settings(parameters: Parameters, settings: Iterable[str]) -> Parameters:
    """A tree with each `ID=VALUE` in force in all months; a later one wins over an earlier one.

    Raises `InputError`, all problems together.
    """
    problems = Problems()
    for text in settings:
        try:
            parameters = parameters.with_records([_set(parameters, text)])
        except InputError as error:
            if error.file is None:
                error.file = _OPTION
            if isinstance(text, Placed) and error.file == _OPTION:
                error.file, error.line = text.file, text.line
            problems.add(error)
    problems.finish()
    return parameters


def _set(parameters: Parameters, text: str) -> Record:
    match = _SETTING.fullmatch(text)
    if match is None:
        if isinstance(text, Placed):
            id_ = text.partition("=")[0]
            raise InputError(_OPTION, None, id_, "ID or ID[class,...] before the colon")
        raise InputError(_OPTION, None, text, "ID=VALUE or ID[class,...]=VALUE")
    id_, classes, written = match.groups()
    if id_ not in parameters:
        nearest = nearest_name(id_, parameters)
        fix = "see `microsim parameter list`"
        raise InputError(_OPTION, None, id_, "a known parameter id", nearest=nearest, fix=fix)
    record = parameters.record(id_)
    names = [name.strip() for name in (classes or "").split(",") if name.strip()]
    if record.by and not names:
        first = DIMENSIONS[record.by[0]][0]
        one, every = f"{id_}[{first}]={written}", f"{id_}[{_EVERY}]={written}"
        if isinstance(text, Placed):
            one, every = f'"{id_}[{first}]": {written}', f'"{id_}[{_EVERY}]": {written}'
        fix = f"write {one} for one class, {every} for all"
        raise InputError(_OPTION, id_, f"by {', '.join(record.by)}", "classes in brackets", fix=fix)
    states = None
    if "state" not in record.by and any(name in STATES for name in names):
        states = tuple(name for name in names if name in STATES)
        names = [name for name in names if name not in STATES]
    form: Any = record.kind.from_text(written)
    for name in reversed([name for name in names if name != _EVERY]):
        form = {name: form}
    patch = Patch(id_, "value", form, states=states)
    wide = widened(record, patch)
    try:
        what = operand(wide, patch, Tables(), parameters.records)
    except ValueProblem as problem:
        raise InputError(
            _OPTION, id_, problem.value, problem.expected, nearest=problem.nearest, fix=problem.fix
        ) from None
    return set_cells(wide, patch, what)
