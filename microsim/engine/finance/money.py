"""The result of pricing: whole US dollars by component, payer, state and quarter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from microsim.ground.errors import InputError

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

PAYERS = ("federal", "state", "other")
"""`other`: hospitals, physicians and patients, private insurers. Budget totals are federal plus state."""
FEDERAL, STATE, OTHER = range(len(PAYERS))

MEDICAID_BENEFITS = (
    "benefits_adult_group", "benefits_waiver_adult", "benefits_other_adult", "benefits_disabled",
    "benefits_child", "benefits_dual_aged", "benefits_dual_younger", "retroactive_cover", "cost_sharing",
)  # fmt: skip
ADMINISTRATION = (
    "systems", "systems_running", "checks", "notices", "renewals", "applications", "grants_to_states",
    "federal_agency",
)  # fmt: skip
CARE = (
    "uncompensated_care", "overdose_medicaid", "overdose_medicare", "overdose_uninsured", "overdose_insured",
)  # fmt: skip
COMPONENTS = (
    *MEDICAID_BENEFITS, *ADMINISTRATION, *CARE, "public_health", "premium_tax_credits", "financing_sections",
)  # fmt: skip
"""Every dollar is in one component. Overdose care is outside benefits and uncompensated care."""


class Money(NamedTuple):
    """Priced tallies of one arm. Amounts are whole dollars, so sums are exact in any order."""

    amounts: Integers
    """(components, payers, 51, quarters) USD"""
    contained: Integers
    """(payers, 51, quarters) USD of opioid use disorder medication inside benefits: never added"""
    quantities: Mapping[str, Integers]
    """(51, quarters) by name, in thousandths of a person-month or event: what amounts were made from"""
    quarters: Integers
    """(quarters,) first month of the priced part of each quarter, months since January 2015"""
    lengths: Integers
    """(quarters,) months of each quarter that were priced: 3, fewer at a cut edge"""

    @property
    def federal(self) -> Floats:
        """Federal outlays in USD, shape (51, quarters); every value is a whole number."""
        return self.of_payer("federal")

    @property
    def state(self) -> Floats:
        """State and local outlays in USD, shape (51, quarters)."""
        return self.of_payer("state")

    @property
    def total(self) -> Floats:
        """Federal plus state outlays in USD, shape (51, quarters)."""
        return np.asarray(self.amounts[:, :OTHER].sum(axis=(0, 1)), np.float64)

    def of_payer(self, payer: str) -> Floats:
        """All components of one of `PAYERS` in USD, shape (51, quarters)."""
        return np.asarray(self.amounts[:, PAYERS.index(payer)].sum(axis=0), np.float64)

    def component(self, name: str) -> Integers:
        """One component in USD, shape (payers, 51, quarters); `InputError` for an unknown name."""
        if name not in COMPONENTS:
            raise InputError(None, "component", name, f"one of {', '.join(COMPONENTS)}")
        return np.asarray(self.amounts[COMPONENTS.index(name)])

    def minus(self, other: Money) -> Money:
        """This arm less another over the same quarters, exact."""
        if not np.array_equal(self.quarters, other.quarters):
            raise InputError(None, "months", "different", "two arms priced over the same months")
        return Money(
            self.amounts - other.amounts,
            self.contained - other.contained,
            {name: values - other.quantities[name] for name, values in self.quantities.items()},
            self.quarters,
            self.lengths,
        )

    def by_month(self, values: Floats) -> Floats:
        """Quarterly values (51, quarters) spread evenly over the priced months, shape (51, months)."""
        return np.repeat(values / self.lengths, self.lengths, axis=1)
