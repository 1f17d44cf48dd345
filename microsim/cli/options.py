"""Options that commands share, so that each is written once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

_DRAWS = "Joint draws of the parameters; 1 for none."
_SEED = click.option("--seed", type=int, default=None, help="Seed of all random draws.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_QUIET = click.option("--quiet", is_flag=True, help="No progress on standard error.")
_THREADS = click.option("--threads", type=click.IntRange(min=1), default=2, show_default=True)


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
        click.option("--draws", type=click.IntRange(min=1), default=draws, show_default=True, help=what),
        click.option("--persons", type=click.IntRange(min=1), default=None,
                     help="Records of the population.  [default: 1000000]"),
        click.option("--start", default="2025-01", show_default=True, help="First month of the window."),
        click.option("--end", default="2034-12", show_default=True, help="Last month of the window."),
        click.option("--states", default=None, metavar="OH,WV", help="Postal codes, separated by commas."),
        machine_options,
    ])  # fmt: skip
