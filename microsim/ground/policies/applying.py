"""Applying policies to a tree of parameters: ordered, dated, loud, and never in place."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

import numpy as np

from microsim.ground.calendar import EARLIEST_MONTH, LATEST_MONTH, month_name
from microsim.ground.errors import InputError, InputErrors, Problems, nearest_name
from microsim.ground.parameters.record import ALWAYS, Record, spread
from microsim.ground.parameters.tree import Parameters
from microsim.ground.parameters.values import Array, Tables, ValueProblem
from microsim.ground.policies.cells import Mask, Operand, check_number, operand, widened
from microsim.ground.policies.library import Library, PolicyLike, compose
from microsim.ground.policies.model import Patch, Policy, Provision
from microsim.ground.schema import STATES


@dataclasses.dataclass(frozen=True, slots=True)
class Effect:
    """What one patch did: the record before and after it."""

    provision: Provision
    patch: Patch
    before: Record
    after: Record


@dataclasses.dataclass(frozen=True, slots=True)
class IdlePatch:
    """A patch that changes nothing within the months and states of a run, and why."""

    provision: str
    parameter: str
    dates: str
    why: str

    def __str__(self) -> str:
        return f"{self.provision}: {self.parameter} ({self.dates}): {self.why}"


@dataclasses.dataclass(frozen=True, slots=True)
class _Claim:
    provision: Provision
    patch: Patch
    what: Operand


def apply_policies(
    parameters: Parameters,
    policies: Iterable[PolicyLike],
    library: Library | None = None,
    *,
    drawn: bool = False,
) -> Parameters:
    """A tree with policies (names, files or `Policy`) applied in order; `parameters` is untouched.

    In a tree that is `drawn` from the evidence a patch may meet the value it sets, which is no mistake.

    Raises `InputError`, all problems together, for an unknown name or parameter, a value, class,
    unit or state that is not allowed, a patch without effect anywhere in its own dates, and a
    provision that sets what an earlier one set without saying `replaces:`.
    """
    return compose_and_apply(parameters, policies, library, drawn=drawn)[1]


def compose_and_apply(
    parameters: Parameters,
    policies: Iterable[PolicyLike],
    library: Library | None = None,
    *,
    drawn: bool = False,
) -> tuple[Policy, Parameters, tuple[Effect, ...]]:
    """As `apply_policies`, with the policies as one and the effect of every patch."""
    try:
        policy = compose(policies, library)
    except InputError as error:
        raise _with_rest(parameters, error) from None
    return policy, *apply_traced(parameters, policy, drawn=drawn)


def _with_rest(parameters: Parameters, error: InputError) -> InputError:
    """The error, with what applying the readable rest of the policies finds wrong besides."""
    if error.rest is None:
        return error
    try:
        apply_traced(parameters, error.rest)
    except InputError as more:
        found = [*error.problems, *more.problems]
        return InputErrors(sorted(found, key=lambda one: (one.file or "", one.line or 0)))
    return error


def apply_traced(
    parameters: Parameters, policy: Policy, *, drawn: bool = False
) -> tuple[Parameters, tuple[Effect, ...]]:
    """As `apply_policies`, with the effect of every patch in order."""
    problems = Problems()
    tables = Tables()
    claims: dict[str, list[_Claim]] = {}
    effects = []
    for provision in policy.provisions:
        for key in provision.source:
            if key not in parameters.sources:
                nearest = nearest_name(key, parameters.sources)
                problems.add(
                    InputError(provision.file, "source", key, "a source in the bibliography", nearest=nearest)
                )
        for patch in provision.patches:
            try:
                if patch.broken:
                    _check_broken(parameters, patch, tables)
                    continue
                earlier = claims.setdefault(patch.parameter, [])
                effect = _apply(parameters, provision, patch, tables, earlier, drawn)
                parameters = parameters.with_records([effect.after])
                effects.append(effect)
            except InputError as error:
                problems.add(error)
    problems.finish()
    return parameters, tuple(effects)


def set_cells(record: Record, patch: Patch, what: Operand) -> Record:
    """The record after a patch; `what` has the dimensions of the record."""
    plain = record.stepwise()
    starts = {ALWAYS, *plain.months[1:]}
    starts.update(month for month in what.months[1:] if patch.first < month <= patch.last)
    if patch.first > EARLIEST_MONTH:
        starts.add(patch.first)
    if patch.last < LATEST_MONTH:
        starts.add(patch.last + 1)
    months = sorted(starts)
    steps = plain.over(months)
    for i, start in enumerate(months):
        if patch.first <= start <= patch.last:
            # A view, so that a single number is written in place as well.
            cells, mask = steps[i, ...], what.mask
            values = what.at(start)
            if patch.operation == "value":
                cells[mask] = values[mask]
            elif patch.operation == "scale":
                cells[mask] *= values[mask]
            else:
                cells[mask] += values[mask]
    return plain.with_steps(months, steps, overridden=plain.expression is not None)


def idle_patches(
    policy: Policy,
    parameters: Parameters,
    first: int,
    last: int,
    states: Iterable[str] | None = None,
) -> tuple[IdlePatch, ...]:
    """Patches of a policy without effect from month `first` to `last` in `states` (None: all)."""
    chosen = STATES if states is None else tuple(states)
    where = np.isin(STATES, chosen)
    idle = []
    for effect in apply_traced(parameters, policy)[1]:
        months = _turns(effect, first, last)
        before, after = _aligned(effect, months)
        if "state" in effect.after.by:
            axis = effect.after.by.index("state") + 1
            before, after = before.compress(where, axis), after.compress(where, axis)
        if np.array_equal(before, after):
            patch = effect.patch
            why = _why_idle(patch, first, last, chosen)
            idle.append(IdlePatch(effect.provision.id, patch.parameter, patch.dates, why))
    return tuple(idle)


def _turns(effect: Effect, first: int, last: int) -> list[int]:
    # Values change only at these months, so a long run need not be compared month by month.
    turns = {first, *effect.before.stepwise().months, *effect.after.stepwise().months}
    return sorted(month for month in turns if first <= month <= last)


def _aligned(effect: Effect, months: list[int]) -> tuple[Array, Array]:
    before = spread(effect.before.over(months), effect.before.by, effect.after.by, leading=1)
    return before, effect.after.over(months)


def _why_idle(patch: Patch, first: int, last: int, states: tuple[str, ...]) -> str:
    if patch.first > last:
        return f"starts after the run ends in {month_name(last)}"
    if patch.last < first:
        return f"ends before the run starts in {month_name(first)}"
    if patch.states is not None and not set(patch.states) & set(states):
        return "acts only in states that the run leaves out"
    return "changes nothing within the months and states of the run"


def _check_broken(parameters: Parameters, patch: Patch, tables: Tables) -> None:
    """Raise InputError for what is wrong with the parameter or value of a patch that was refused already."""
    record = widened(_record_of(parameters, patch), patch)
    if patch.form is not None:
        _operand_of(parameters, record, patch, tables)


def _record_of(parameters: Parameters, patch: Patch) -> Record:
    if patch.parameter not in parameters:
        problems = Problems()
        nearest = nearest_name(patch.parameter, parameters)
        problems.add(
            patch.problem("", patch.parameter, "a known parameter id", nearest, "see `microsim parameter list`")
        )
        try:
            check_number(patch)
        except ValueProblem as problem:
            problems.add(patch.problem(patch.operation, problem.value, problem.expected, fix=problem.fix))
        problems.finish()
    record = parameters.record(patch.parameter)
    if patch.unit is not None and patch.unit != record.unit:
        raise patch.problem("unit", patch.unit, f"the unit of the parameter, {record.unit}")
    return record


def _operand_of(parameters: Parameters, record: Record, patch: Patch, tables: Tables) -> Operand:
    try:
        return operand(record, patch, tables, parameters.records)
    except ValueProblem as problem:
        key = ".".join(map(str, problem.path)) or patch.operation
        raise patch.problem(key, problem.value, problem.expected, problem.nearest, problem.fix) from None


def _apply(
    parameters: Parameters,
    provision: Provision,
    patch: Patch,
    tables: Tables,
    earlier: list[_Claim],
    drawn: bool,
) -> Effect:
    before = _record_of(parameters, patch)
    record = widened(before, patch)
    what = _operand_of(parameters, record, patch, tables)
    claim = _Claim(provision, patch, what)
    _refuse_conflicts(claim, earlier)
    earlier.append(claim)
    try:
        after = set_cells(record, patch, what)
    except InputError as error:
        raise patch.problem(patch.operation, error.value, error.expected) from None
    effect = Effect(provision, patch, before, after)
    start = max(patch.first, ALWAYS)
    turns = _turns(effect, start, patch.last) or [start]
    if not drawn and np.array_equal(*_aligned(effect, turns)):
        raise patch.problem(
            patch.operation, patch.form, f"a change, but the value is the same already {patch.dates}",
            fix="correct the value or the dates, or remove the patch",
        )  # fmt: skip
    return effect


def _refuse_conflicts(claim: _Claim, earlier: list[_Claim]) -> None:
    """Refuse to set anew what an earlier patch changed; to scale or add after it is as written."""
    patch = claim.patch
    if patch.operation != "value":
        return
    for other in earlier:
        if other.provision.id in claim.provision.replaces:
            continue
        if max(patch.first, other.patch.first) > min(patch.last, other.patch.last):
            continue
        dims = tuple(dict.fromkeys((*claim.what.by, *other.what.by)))
        both = _spread(claim, dims) & _spread(other, dims)
        if not both.any():
            continue
        if other.provision.id == claim.provision.id:
            fix = f"give the patch on line {other.patch.line} an `until:`, or use `values:` with dates"
        elif claim.provision.id in other.provision.replaces:
            fix = f"list {other.provision.id} after {claim.provision.id}, which it replaces"
        else:
            fix = f"write `replaces: {other.provision.id}` in {claim.provision.id}, or drop one of the two"
        said = f"{claim.provision.id} and {other.provision.id} ({other.patch.file}:{other.patch.line})"
        raise patch.problem(
            patch.operation, said, "one provision to set the same value in the same months", fix=fix
        )


def _spread(claim: _Claim, dims: tuple[str, ...]) -> Mask:
    return spread(claim.what.mask.astype(float), claim.what.by, dims) > 0
