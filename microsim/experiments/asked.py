"""What a run is asked for, checked before any work: policies, numbers, states and months."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from microsim.ground.calendar import month_index, month_name
from microsim.ground.counts import MOST_DRAWS, MOST_SEED
from microsim.ground.errors import InputError, Problems, nearest_name
from microsim.ground.parameters import Parameters
from microsim.ground.policies import PolicyLike, apply_policies, load_policy
from microsim.ground.schema import POPULATION_MONTH, STATES

ALL = "all"
IN_MEMORY = 5_000_000
"""Most records of the built-in population that are held at once; more are drawn evenly, piece by piece."""


def check_policies(parameters: Parameters, baseline: str | Path, names: Sequence[str | Path]) -> None:
    """Raise InputErrors for a baseline or policies that cannot be applied, by the option each was given to."""
    problems = Problems()
    first: list[PolicyLike] = [baseline]
    try:
        load_policy(baseline, option="--baseline")
    except InputError as error:
        problems.add(error)
        first = [] if error.rest is None else [error.rest]
    try:
        apply_policies(parameters, [*first, *names])
    except InputError as error:
        problems.add(error)
    problems.finish()


def check_numbers(seed: int, draws: int, persons: int | str | None, held: bool = False) -> None:
    """Raise InputErrors for a seed, draws or persons that no run can have, or with `held` no memory."""
    problems = Problems()
    if not 0 <= seed <= MOST_SEED:
        problems.add(InputError("--seed", None, seed, "a whole number from 0 to below 2 to the power of 64"))
    if not 1 <= draws <= MOST_DRAWS:
        problems.add(InputError("--draws", None, draws, f"a whole number from 1 to {MOST_DRAWS:,}"))
    if persons not in (None, ALL) and (not isinstance(persons, int) or persons < 1):
        expected = "a whole number of 1 or more" + ("" if held else ", or all")
        problems.add(InputError("--persons", None, persons, expected))
    else:
        try:
            if held:
                check_held(persons)
            elif isinstance(persons, int):
                check_persons(persons)
        except InputError as error:
            problems.add(error)
    problems.finish()


def check_held(persons: int | str | None) -> None:
    """Raise InputError for more records than a study holds: it goes over the same people again and again."""
    if persons is not None and (persons == ALL or int(persons) > IN_MEMORY):
        expected = f"at most {IN_MEMORY:,} records, which this command holds in memory"
        raise InputError("--persons", None, persons, expected, fix="only `microsim run` and `budget` take more")


def check_persons(persons: int) -> None:
    """Raise InputError for more records than there are residents to draw."""
    if persons <= IN_MEMORY:
        return  # there are more than that, and counting them takes a moment
    from synthetic_pop.residents import residents

    everyone = residents(None).records()
    if persons > everyone:
        expected = f"at most {everyone:,} records, one for each resident"
        raise InputError("--persons", None, persons, expected, fix=f"`--persons {ALL}` takes every resident")


def chosen_states(states: Sequence[str] | None) -> tuple[str, ...]:
    """Postal codes in the order of the states, each once; none for all states."""
    chosen = []
    problems = Problems()
    for name in states or ():
        code = name.strip().upper()
        if code not in STATES:
            nearest = nearest_name(code, STATES)
            problems.add(InputError("--states", None, name, "postal codes of states or DC", nearest=nearest))
        chosen.append(code)
    problems.finish()
    return tuple(sorted(set(chosen), key=STATES.index))


def window_months(start: str, end: str) -> tuple[int, int]:
    """Month numbers of a window that can be lived."""
    first, last = _month_of("--start", start), _month_of("--end", end)
    if first < POPULATION_MONTH:
        raise InputError("--start", None, start, f"a month from {month_name(POPULATION_MONTH)} on")
    if last < first:
        raise InputError("--end", None, end, f"a month not before the start, {start}")
    if last > month_index("2044-12"):
        raise InputError("--end", None, end, "a month up to 2044-12")
    return first, last


def _month_of(option: str, text: str) -> int:
    try:
        return month_index(text)
    except InputError as error:
        raise InputError(option, None, text, error.expected, fix=error.fix) from None
