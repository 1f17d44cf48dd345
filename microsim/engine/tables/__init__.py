"""Parameters compiled to the integer tables the kernel reads, checked on the host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from microsim.engine.environment import build_environment
from microsim.engine.tables.health import fill_bands, fill_health
from microsim.engine.tables.living import fill_living
from microsim.engine.tables.places import Crowding, build_places, fill_treatment, income_limits
from microsim.ground.draws import ONE
from microsim.ground.errors import InputError
from microsim.ground.parameters import Parameters
from microsim.ground.schema import POPULATION_MONTH
from microsim.life.tables import FACTOR_ONE, RATES

__all__ = ["Crowding", "Tables", "build_tables", "crowded", "income_limits"]

HALF = ONE >> 1
LARGEST_FACTOR = 1000
"""Factors above this would leave 64 bits, or are a slip."""


class Tables(NamedTuple):
    """Everything the kernel reads beside people: one row an arm."""

    rates: np.ndarray
    """RATES (arms,)"""
    places: np.ndarray
    """PLACE (arms, 51, months)"""
    fork: np.ndarray
    """int64 (51,): first month index at which any arm differs from the first, or `months`"""


def build_tables(
    arms: Sequence[Parameters],
    months: int,
    crowding: Sequence[Crowding | None] | None = None,
    channels: Sequence[Mapping[str, Parameters]] | None = None,
) -> Tables:
    """Tables of all arms for `months` months from January 2024.

    `channels` names for each arm the channels of its environment that come from another tree.
    Raises InputError when a probability of overdose or death leaves its range.
    """
    rates = np.zeros(len(arms), RATES)
    places = []
    for row, p in enumerate(arms):
        fill_bands(rates[row])
        fill_health(rates[row], p)
        fill_living(rates[row], p)
        environment = build_environment(
            p, POPULATION_MONTH, POPULATION_MONTH + months - 1, channels[row] if channels else None
        )
        places.append(build_places(p, environment, months, crowding[row] if crowding else None))
    tables = Tables(rates, np.stack(places), np.zeros(0, np.int64))
    _check(tables)
    return tables._replace(fork=_first_difference(tables, months))


def crowded(tables: Tables, arms: Sequence[Parameters], crowding: Sequence[Crowding | None]) -> Tables:
    """Tables that `build_tables` made without crowding, with it: only access to treatment changes."""
    months = tables.places.shape[2]
    places = tables.places.copy()
    for row, (p, one) in enumerate(zip(arms, crowding, strict=True)):
        if one is not None:
            environment = build_environment(p, POPULATION_MONTH, POPULATION_MONTH + months - 1)
            fill_treatment(places[row], p, environment, one)
    changed = tables._replace(places=places)
    _check(changed)
    return changed._replace(fork=_first_difference(changed, months))


def _check(tables: Tables) -> None:
    highest = int(tables.places["incidence"].max()) / FACTOR_ONE
    if highest > LARGEST_FACTOR:
        raise InputError(None, "sud.intercept.opioid", highest, f"an incidence factor below {LARGEST_FACTOR}")
    for name in tables.places.dtype.names or ():
        if int(tables.places[name].min()) < 0:
            raise InputError(
                None, name, "not a number", "parameters that give a probability in every state and month"
            )
    deadly = int(tables.places["fatal_alone"].max())
    if deadly >= HALF:
        raise InputError(
            None, "sud.overdose.fatality_unaided", deadly / ONE, "a fatality below 0.5 after all factors"
        )


def _first_difference(tables: Tables, months: int) -> np.ndarray:
    """First month at which an arm's records differ from the first arm's, by state."""
    places = tables.places
    differs = np.zeros(places.shape[1:], bool)
    for other in range(1, len(places)):
        if tables.rates[other].tobytes() != tables.rates[0].tobytes():
            return np.zeros(places.shape[1], np.int64)
        differs |= places[other] != places[0]
    return np.where(differs.any(axis=1), differs.argmax(axis=1), months).astype(np.int64)
