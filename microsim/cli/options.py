"""Options that commands share, so that each is written once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import click

from microsim.ground.counts import MOST_DRAWS, MOST_SEED, MOST_THREADS

F = TypeVar("F", bound=Callable[..., Any])

_DRAWS = "Joint draws of the parameters; 1 for none."
LONGEST = 100
"""Digits beyond which a number is none that anybody means, and Python reads it slowly."""
COUNT = click.IntRange(min=1)
DRAWS = click.IntRange(1, MOST_DRAWS)
THREADS = click.IntRange(1, MOST_THREADS)


class _Seed(click.types.IntParamType):
    """A whole number of 64 bits; as a range it would fill the help with digits."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        number = int(super().convert(value, param, ctx))
        if not 0 <= number <= MOST_SEED:
            self.fail(f"{number} is not a whole number from 0 to below 2 to the power of 64", param, ctx)
        return number


SEED = _Seed()
_SEED = click.option("--seed", type=SEED, default=None, help="Seed of all random draws.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_QUIET = click.option("--quiet", is_flag=True, help="No progress on standard error.")
_THREADS = click.option("--threads", type=THREADS, default=2, show_default=True)


def _together(options: Sequence[Callable[[F], F]]) -> Callable[[F], F]:
    def add(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def machine_options(command: F) -> F:
    """--seed, --threads, --json, --quiet."""
    return _together([_SEED, _THREADS, _JSON, _QUIET])(command)


def study_options(draws: int, what: str = _DRAWS) -> Callable[[F], F]:
    """Draws, people and window of an experiment on the default population, then `machine_options`.

    `draws` is the default and `what` says what they are for.
    """
    return _together([
        click.option("--draws", type=DRAWS, default=draws, show_default=True, help=what),
        click.option("--persons", type=COUNT, default=None,
                     help="Records of the population.  [default: 1000000]"),
        click.option("--start", default="2025-01", show_default=True, help="First month of the window."),
        click.option("--end", default="2034-12", show_default=True, help="Last month of the window."),
        click.option("--states", default=None, metavar="OH,WV", help="Postal codes, separated by commas."),
        machine_options,
    ])  # fmt: skip


def refuse(names: Iterable[str], expected: str, fix: str | None = None) -> None:
    """Raise InputErrors for options of these names that the running command was given: they decide nothing here."""
    from microsim.ground.errors import InputError, Problems

    context = click.get_current_context()
    problems = Problems()
    for one in context.command.params:
        source = context.get_parameter_source(one.name or "")
        if one.name in names and source is not click.core.ParameterSource.DEFAULT:
            value = context.params[one.name]
            shown = "given" if value is True else ", ".join(value) if isinstance(value, tuple) else value
            problems.add(InputError(one.opts[0], None, shown, expected, fix=fix))
    problems.finish()


def whole_number(option: str, text: str, least: int, most: int | None = None) -> int:
    """The number of an option, thousands marked or not. Raises InputError for anything else."""
    from microsim.ground.errors import InputError

    plain = text.replace(",", "").replace("_", "")
    whole = plain.isdecimal() and plain.isascii() and len(plain) <= LONGEST
    if not whole or int(plain) < least or (most is not None and int(plain) > most):
        upper = f"from {least} to {most:,}" if most is not None and most < MOST_SEED else f"of {least} or more"
        if most == MOST_SEED and whole and int(plain) > most:
            upper = "below 2 to the power of 64"
        raise InputError(option, None, text, f"a whole number {upper}")
    return int(plain)
