"""What is asked of a lived pair, by name: cover and money here, health in `queries_health`.

Every query takes a `Pair` and named arguments and gives a number in the unit of its target, or an
`Answer` with parts that explain it. Years are calendar years; averages are over their months.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeVar

import numpy as np

from microsim.engine.finance import COMPONENTS, PAYERS
from microsim.engine.measures import RULE_LOSSES
from microsim.engine.tallies import CELL_PERSONS
from microsim.experiments.budget.cases import fiscal_years
from microsim.experiments.budget.scores import MEDICAID_LINES
from microsim.experiments.targets.model import Query
from microsim.experiments.targets.pairs import Pair, places
from microsim.ground.errors import InputError, unknown_name
from microsim.ground.schema import COVERS

BASELINE, POLICY = 0, 1
USD_A_BUSD = 1e9


class Answer(NamedTuple):
    """A number and, where it helps, what it is made of."""

    value: float
    parts: Mapping[str, float] = {}


QUERIES: dict[str, Callable[..., float | Answer]] = {}
_Asked = TypeVar("_Asked", bound=Callable[..., float | Answer])


def query(function: _Asked) -> _Asked:
    """Register a query under its name."""
    QUERIES[function.__name__] = function
    return function


NATURAL = "natural"
"""Query of rows that a natural experiment answers; arguments `experiment` and `outcome`."""


def check_query(asked: Query, where: str) -> None:
    """Raise InputError for an unknown query or argument."""
    if asked.name == NATURAL:
        if set(asked.arguments) != {"experiment", "outcome"}:
            raise InputError(where, "query", list(asked.arguments), "experiment and outcome")
        return
    if asked.name not in QUERIES:
        raise unknown_name(where, "query.name", asked.name, sorted(QUERIES), "the name of a query")
    known = list(inspect.signature(QUERIES[asked.name]).parameters)[1:]
    for name in asked.arguments:
        if name not in known:
            raise unknown_name(where, f"query.{name}", name, known, f"an argument of {asked.name}")


def ask(pair: Pair, asked: Query) -> Answer:
    """The answer of a pair."""
    found = QUERIES[asked.name](pair, **asked.arguments)
    answer = found if isinstance(found, Answer) else Answer(float(found))
    if not np.isfinite(answer.value):
        raise InputError(None, asked.name, answer.value, "a number; the run has nobody to answer with")
    return answer


def stock(
    pair: Pair,
    arm: int,
    covers: list[str] | None,
    classes: list[int] | None,
    at: slice,
    states: list[str] | None = None,
) -> float:
    """Average persons over the months of `at`. InputError where the run kept none of them."""
    codes = None if covers is None else [COVERS.index(cover) for cover in covers]
    persons = pair.cell(arm, CELL_PERSONS, codes, classes)[places(states), at].sum(axis=0)
    if not len(persons):
        raise InputError("--result", None, "no month", "a run that lived the months of the row")
    return float(persons.mean())


@query
def more_uninsured(pair: Pair, year: int) -> float:
    """People more without insurance, average of a year."""
    at = pair.year(year)
    return stock(pair, POLICY, ["uninsured"], None, at) - stock(pair, BASELINE, ["uninsured"], None, at)


@query
def group_fall(pair: Pair, year: int, month: str | None = None) -> float:
    """People fewer in the adult group, average of a year, or in one month."""
    at = pair.year(year) if month is None else slice(pair.position(month), pair.position(month) + 1)
    return stock(pair, BASELINE, ["adult_group"], None, at) - stock(pair, POLICY, ["adult_group"], None, at)


@query
def group_fall_share(pair: Pair, year: int) -> float:
    """Fall of the adult group over its baseline in a year, per cent."""
    base = stock(pair, BASELINE, ["adult_group"], None, pair.year(year))
    return 100 * group_fall(pair, year) / base


@query
def group_change(pair: Pair, first: int, last: int, policy: bool = False) -> float:
    """The adult group in `last` over `first`, per cent; without the policy unless `policy`."""
    arm = POLICY if policy else BASELINE
    return 100 * stock(pair, arm, ["adult_group"], None, pair.year(last)) / stock(
        pair, arm, ["adult_group"], None, pair.year(first)
    )


@query
def rule_losses(pair: Pair, year: int) -> float:
    """Losses to the work rule in a year, gross."""
    names = [f"loss_{reason}" for reason in RULE_LOSSES]
    return sum(
        float((pair.count(POLICY, name) - pair.count(BASELINE, name))[:, pair.year(year)].sum())
        for name in names
    )


@query
def federal_saving(pair: Pair, first: int, last: int) -> float:
    """Federal Medicaid outlays less in the policy, fiscal years `first` to `last`, billion USD."""
    change = pair.case.lived_change
    years = fiscal_years(change)
    window = (years >= first) & (years <= last)
    lines = [COMPONENTS.index(line) for line in MEDICAID_LINES]
    amount = change.amounts[lines, PAYERS.index("federal")][..., window].sum()
    return -float(amount) / USD_A_BUSD


@query
def starting_stock(pair: Pair, covers: list[str], month: str = "2024-12") -> float:
    """People with given covers in a month of the baseline."""
    at = pair.position(month)
    return stock(pair, BASELINE, covers, None, slice(at, at + 1))
