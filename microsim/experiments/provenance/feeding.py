"""Which fields of the tables a parameter moves: they are built twice, with its value and with another one.

Nothing is written down by hand, so nothing can go stale: a field is named because its numbers changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np

from microsim.engine.tables import build_tables
from microsim.experiments.provenance.naming import named_in
from microsim.ground.errors import InputError
from microsim.ground.parameters import Parameters, Record, load_parameters
from microsim.ground.policies import apply_policies, shipped_library
from microsim.ground.units import UNITS
from microsim.rules.options import Options

MONTHS = 132
"""2024 to 2034, the months of a run."""
BASELINE = "baseline"
OPTIONS = "options"
_TABLES = "microsim.engine."
_KEPT = 4
_SIZES = (0.9, 1.2, 3.0)
"""What values are multiplied by, in turn, until something moves."""
_WHOLE = ("months", "month", "persons")
_APART = 7
"""Neighbouring classes are moved by different amounts, so that shares that add up to one move too."""

Fields = dict[str, np.ndarray]


class Fed(NamedTuple):
    """Fields that a parameter moves, in the order of the records."""

    fields: tuple[str, ...]
    """`RATES.stop`, `PLACE.start`; `PLACE.options.NAME` for a choice of the law."""
    under: str
    """Where it was seen to move them: the baseline, a policy, or `parameter=choice`."""


def fed_by(id_: str) -> Fed:
    """Fields that the parameter moves in the baseline, else under the first policy or choice that wakes it.

    Raises InputError for an unknown id.
    """
    load_parameters().record(id_)
    for under, tree in _trees(id_):
        before = _fields(tree)
        for after in _moved(tree, id_):
            moved = tuple(name for name, values in before.items() if not np.array_equal(values, after[name]))
            if moved:
                return Fed(moved, under)
    return Fed((), BASELINE)


def _trees(id_: str) -> Iterator[tuple[str, Parameters]]:
    """The baseline; then what could wake a sleeping parameter.

    Policies and choices of its subject; and, if code of the tables names it, both together and all policies.
    """
    base = _baseline()
    yield BASELINE, base
    subject = ".".join(id_.split(".")[:2])
    near = [name for name in shipped_library().policy_names() if subject in _subjects(name)]
    choices = [(other, choice) for other in base.ids(subject) for choice in base.record(other).choices]
    for name in near:
        yield name, _under(name)
    for other, choice in choices:
        yield f"{other}={choice}", base.replaced({other: choice})
    if not any(module.startswith(_TABLES) for module in named_in(id_)):
        return
    for name in near:
        for other, choice in choices:
            yield f"{name} with {other}={choice}", _under(name).replaced({other: choice})
    for name in shipped_library().policy_names():
        if name not in near:
            yield name, _under(name)


def _subjects(policy: str) -> set[str]:
    patches = [patch for part in shipped_library().policy(policy).provisions for patch in part.patches]
    return {".".join(patch.parameter.split(".")[:2]) for patch in patches}


@cache
def _under(policy: str) -> Parameters:
    return apply_policies(_baseline(), [policy])


@cache
def _baseline() -> Parameters:
    return apply_policies(load_parameters(), [BASELINE])


def _moved(tree: Parameters, id_: str) -> Iterator[Fields]:
    """Fields with other values of the parameter; a value that the tables refuse is passed over."""
    record = tree.record(id_)
    for steps in _other_values(record):
        try:
            changed = record.with_steps(record.months, steps, overridden=record.expression is not None)
            yield _built(tree.with_records([changed]))
        except InputError:
            continue


def _other_values(record: Record) -> Iterator[np.ndarray]:
    """Other values of the shape of a record's."""
    if record.unit == "boolean":
        yield 1.0 - record.steps
        return
    if record.choices:
        for choice in record.choices:
            yield np.full_like(record.steps, record.kind.encode(choice))
        return
    unit = UNITS[record.unit]
    place = np.arange(record.steps.size).reshape(record.steps.shape) % record.steps[0].size
    for size in _SIZES:
        change = (size - 1.0) / (1.0 + place % _APART)
        if record.unit in _WHOLE:
            steps = record.steps + np.sign(size - 1.0) * np.ceil(np.abs(record.steps * change))
        else:
            # From zero towards an end of the interval, where there is one.
            ends = [end for end in record.interval or () if end]
            steps = np.where(record.steps == 0, ends[0] if ends else change, record.steps * (1.0 + change))
        yield np.clip(steps, unit.low, unit.high)


@lru_cache(_KEPT)
def _fields(tree: Parameters) -> Fields:
    return _built(tree)


def _built(tree: Parameters) -> Fields:
    """Every field of both records by name."""
    tables = build_tables([tree], MONTHS)
    fields = {f"RATES.{name}": tables.rates[name] for name in tables.rates.dtype.names or ()}
    for name in tables.places.dtype.names or ():
        if name == OPTIONS:
            for column, option in enumerate(Options._fields):
                fields[f"PLACE.{name}.{option}"] = tables.places[name][..., column]
        else:
            fields[f"PLACE.{name}"] = tables.places[name]
    return fields
