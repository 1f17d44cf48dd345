"""Federal programme lines: appropriation, outlays by state and month, and what the money buys.

A line is any `programs.LINE.funding` of the tree. Its `reference` is the appropriation of the
baseline, so that the effect of a change in funding can be read from one tree. Appropriations
become outlays over three fiscal years; settlements and states replace a share of a cut. What is
bought is proportional to outlays (kits for each million dollars, shares of the money for
treatment, linkage, surveillance and prevention), because no study says otherwise.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from microsim.ground.calendar import MONTHS_A_YEAR
from microsim.ground.errors import InputError
from microsim.ground.parameters import Parameters
from microsim.ground.schema import STATES

Array = npt.NDArray[np.float64]

PREFIX = "programs."
FUNDING = ".funding"
REFERENCE = ".reference"
KITS = "kits_per_musd"
SLOTS, LINKAGE, SURVEILLANCE, PREVENTION = (
    "slots_share",
    "linkage_share",
    "surveillance_share",
    "prevention_share",
)
SHARES = (SLOTS, LINKAGE, SURVEILLANCE, PREVENTION)
USD_A_MUSD = 1e6
KEPT = 256
"""Series kept for who asks again: trees never change, and money and channels ask for the same lines."""


class Bought(NamedTuple):
    """What money buys in a month, shape (51, T): under the funding of the tree and its reference."""

    policy: Array
    reference: Array

    def ratio(self) -> Array:
        """Policy over reference; exactly 1 where nothing changed or nothing is bought at all."""
        safe = np.where(self.reference > 0, self.reference, 1.0)
        return np.where(self.reference > 0, self.policy / safe, 1.0)


def line_names(parameters: Parameters) -> tuple[str, ...]:
    """Names of all budget lines, in order of the alphabet."""
    ids = (id_ for id_ in parameters.ids(PREFIX) if id_.endswith(FUNDING))
    return tuple(id_.removeprefix(PREFIX).removesuffix(FUNDING) for id_ in ids)


@lru_cache(KEPT)
def line_outlays(parameters: Parameters, line: str, first: int, last: int, kind: str = FUNDING) -> Array:
    """Outlays of a line by state and month in million USD, shape (51, T), read-only.

    A fiscal year's appropriation is spent over it and the two years after, evenly within a year.
    A line without an allocation of its own follows `programs.allocation.formula`. Shares of states
    are rescaled to add up to one. Policies may set funding for single states: it is then the
    national amount from which the state receives its share.
    """
    id_ = PREFIX + line + kind
    back = 2 * MONTHS_A_YEAR
    # Appropriations hold by fiscal year, so a shift of twelve months is the year before.
    yearly = parameters.monthly(id_, first - back, last, "state").T
    weights = [parameters.number(f"programs.outlay.{name}_year") for name in ("first", "second", "third")]
    months = last - first + 1
    spent = sum(
        weight * yearly[:, back - MONTHS_A_YEAR * age : back - MONTHS_A_YEAR * age + months]
        for age, weight in enumerate(weights)
    )
    found = np.asarray(spent * _allocation(parameters, line)[:, None] / MONTHS_A_YEAR)
    found.flags.writeable = False
    return found


def outlays(parameters: Parameters, first: int, last: int) -> Array:
    """Federal outlays of all lines by state and month in USD, shape (51, T)."""
    total = sum(line_outlays(parameters, line, first, last) for line in line_names(parameters))
    return np.asarray(total * USD_A_MUSD)


def bought(parameters: Parameters, what: str, first: int, last: int) -> Bought:
    """Kits, or million USD for one of `SHARES`, by state and month, over all lines.

    Cuts are reduced by `programs.backfill`; neither amount falls below zero in total.
    """
    backfill = parameters.number("programs.backfill")
    policy = reference = np.zeros((len(STATES), last - first + 1))
    for line in line_names(parameters):
        id_ = f"{PREFIX}{line}.{what}"
        if id_ not in parameters:
            continue
        yields = parameters.number(id_)
        base = line_outlays(parameters, line, first, last, REFERENCE)
        change = line_outlays(parameters, line, first, last) - base
        kept = base + np.where(change < 0, change * (1.0 - backfill), change)
        policy = policy + yields * kept
        reference = reference + yields * base
    return Bought(np.maximum(policy, 0.0), np.maximum(reference, 0.0))


def _allocation(parameters: Parameters, line: str) -> Array:
    own = f"programs.allocation.{line}"
    shares = parameters.array(own if own in parameters else "programs.allocation.formula", "state")
    total = shares.sum()
    if total <= 0:
        raise InputError(None, own, float(total), "shares of states with a positive sum")
    return np.asarray(shares / total)
