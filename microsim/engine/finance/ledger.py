"""Whole dollars entered by component and payer."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from microsim.engine.finance.money import COMPONENTS, FEDERAL, OTHER, PAYERS, STATE
from microsim.ground.errors import InputError

Integers = NDArray[np.int64]


LARGEST = 1e13
"""Dollars of a component in a state and quarter; sums of all of them fit 64 bits."""


def whole(usd: ArrayLike, what: str | None = None) -> Integers:
    """The nearest whole dollars. Raises InputError, about `what`, for more than can be added up."""
    amounts = np.asarray(usd, np.float64)
    if not (np.abs(amounts) <= LARGEST).all():
        worst = float(amounts.flat[np.abs(amounts).argmax()])
        expected = f"at most {LARGEST:,.0f} dollars in a state and quarter"
        fix = "a price or number that the policy, the baseline or --set changes is too large"
        raise InputError(None, what or "money", worst, expected, fix=fix)
    return np.rint(amounts).astype(np.int64)


class Ledger:
    """Amounts of shape (components, payers, 51, quarters), filled entry by entry."""

    def __init__(self, states: int, quarters: int) -> None:
        self.amounts = np.zeros((len(COMPONENTS), len(PAYERS), states, quarters), np.int64)

    def shared(self, component: str, usd: ArrayLike, federal: ArrayLike) -> None:
        """Enter a cost (51, Q) of which the share `federal` is federal and the rest the state's."""
        total = whole(usd, component)
        part = whole(total * np.asarray(federal))
        self._add(component, FEDERAL, part)
        self._add(component, STATE, total - part)

    def three_ways(self, component: str, usd: ArrayLike, public: ArrayLike, federal: ArrayLike) -> None:
        """Enter a cost of which a share is `public`, and of that a share `federal`; the rest is others'."""
        total = whole(usd, component)
        government = whole(total * np.asarray(public))
        part = whole(government * np.asarray(federal))
        self._add(component, FEDERAL, part)
        self._add(component, STATE, government - part)
        self._add(component, OTHER, total - government)

    def others(self, component: str, usd: ArrayLike) -> None:
        """Enter money that neither government pays: patients, providers, private insurers."""
        self._add(component, OTHER, whole(usd, component))

    def transfer(self, component: str, usd: ArrayLike) -> None:
        """Enter money that the federal government gives and the state receives."""
        amount = whole(usd, component)
        self._add(component, FEDERAL, amount)
        self._add(component, STATE, -amount)

    def _add(self, component: str, payer: int, amount: Integers) -> None:
        self.amounts[COMPONENTS.index(component), payer] += amount
