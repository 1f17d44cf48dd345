"""Whole dollars entered by component and payer."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from microsim.engine.finance.money import COMPONENTS, FEDERAL, OTHER, PAYERS, STATE

Integers = NDArray[np.int64]


def whole(usd: ArrayLike) -> Integers:
    """The nearest whole dollars."""
    return np.rint(np.asarray(usd, np.float64)).astype(np.int64)


class Ledger:
    """Amounts of shape (components, payers, 51, quarters), filled entry by entry."""

    def __init__(self, states: int, quarters: int) -> None:
        self.amounts = np.zeros((len(COMPONENTS), len(PAYERS), states, quarters), np.int64)

    def shared(self, component: str, usd: ArrayLike, federal: ArrayLike) -> None:
        """Enter a cost (51, Q) of which the share `federal` is federal and the rest the state's."""
        total = whole(usd)
        part = whole(total * np.asarray(federal))
        self._add(component, FEDERAL, part)
        self._add(component, STATE, total - part)

    def three_ways(self, component: str, usd: ArrayLike, public: ArrayLike, federal: ArrayLike) -> None:
        """Enter a cost of which a share is `public`, and of that a share `federal`; the rest is others'."""
        total = whole(usd)
        government = whole(total * np.asarray(public))
        part = whole(government * np.asarray(federal))
        self._add(component, FEDERAL, part)
        self._add(component, STATE, government - part)
        self._add(component, OTHER, total - government)

    def others(self, component: str, usd: ArrayLike) -> None:
        """Enter money that neither government pays: patients, providers, private insurers."""
        self._add(component, OTHER, whole(usd))

    def transfer(self, component: str, usd: ArrayLike) -> None:
        """Enter money that the federal government gives and the state receives."""
        amount = whole(usd)
        self._add(component, FEDERAL, amount)
        self._add(component, STATE, -amount)

    def _add(self, component: str, payer: int, amount: Integers) -> None:
        self.amounts[COMPONENTS.index(component), payer] += amount
