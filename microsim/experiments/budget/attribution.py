"""Money of a package divided among its provisions, so that the parts add up to the dollar."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations

import numpy as np

from microsim.engine.finance import Money
from microsim.ground.errors import InputError


def attribute(arms: Mapping[frozenset[str], Money]) -> dict[str, Money]:
    """Shapley value of each provision: its mean effect over all orders in which it can be added.

    `arms` holds the money of every subset of the provisions, the empty one included. The parts add
    up exactly to the whole package less the empty set, in every cell. Raises `InputError` when a
    subset is missing.
    """
    names = sorted(frozenset().union(*arms))
    for size in range(len(names) + 1):
        for subset in combinations(names, size):
            if frozenset(subset) not in arms:
                missing = "+".join(subset) or "none"
                raise InputError(None, "arms", missing, "money of every subset of provisions")
    orders = math.factorial(len(names))
    numerators = {}
    for name in names:
        rest = [other for other in names if other != name]
        total = None
        for size in range(len(names)):
            ways = math.factorial(size) * math.factorial(len(rest) - size)
            for subset in combinations(rest, size):
                step = _times(arms[frozenset((*subset, name))].minus(arms[frozenset(subset)]), ways)
                total = step if total is None else _plus(total, step)
        assert total is not None
        numerators[name] = total
    return _divided(numerators, orders)


def attribute_over(orders: Sequence[Sequence[str]], arms: Mapping[frozenset[str], Money]) -> dict[str, Money]:
    """Mean over some orders of what each provision adds to those before it; the parts add up exactly.

    `arms` holds the money of every beginning of every order, the empty one included.
    """
    numerators: dict[str, Money] = {}
    for order in orders:
        for position, name in enumerate(order):
            step = arms[frozenset(order[: position + 1])].minus(arms[frozenset(order[:position])])
            numerators[name] = _plus(numerators[name], step) if name in numerators else step
    return _divided(numerators, len(orders))


def _divided(numerators: dict[str, Money], by: int) -> dict[str, Money]:
    """Whole dollars whose sum is exact: differences of the rounded running total."""
    parts, running, before = {}, None, None
    for name, numerator in numerators.items():
        running = numerator if running is None else _plus(running, numerator)
        rounded = _mapped(running, lambda values: values // by)
        parts[name] = rounded if before is None else rounded.minus(before)
        before = rounded
    return parts


def _mapped(money: Money, change: Callable[[np.ndarray], np.ndarray]) -> Money:
    return money._replace(
        amounts=change(money.amounts),
        contained=change(money.contained),
        quantities={name: change(values) for name, values in money.quantities.items()},
    )


def _times(money: Money, number: int) -> Money:
    return _mapped(money, lambda values: values * np.int64(number))


def _plus(one: Money, other: Money) -> Money:
    return one._replace(
        amounts=one.amounts + other.amounts,
        contained=one.contained + other.contained,
        quantities={name: values + other.quantities[name] for name, values in one.quantities.items()},
    )
