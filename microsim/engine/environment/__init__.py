"""The environment people live in: supply, naloxone and programmes by state and month.

Computed on the host before people are simulated; nothing here depends on the people. Each channel
can be taken from its own tree of parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from microsim.engine.environment import naloxone, programmes, supply
from microsim.engine.environment.programmes import Array
from microsim.ground.errors import InputError, nearest_name
from microsim.ground.parameters import Parameters
from microsim.ground.schema import CHANNELS


class Environment(NamedTuple):
    """Tables of shape (51, T), float64: states in the order of the schema, months first to last.

    Factors are 1 at the level of the baseline of the same tree, except `incidence` and `lethality`,
    which are 1 at the supply of July 2023.
    """

    incidence: Array
    """Factor on the incidence of opioid overdose."""
    lethality: Array
    """Factor on the fatality of an opioid overdose without naloxone."""
    naloxone: Array
    """Probability that naloxone is given in a witnessed opioid overdose."""
    reversal: Array
    """Factor on fatality when naloxone is given."""
    access: Array
    """Grant-funded places of treatment relative to the baseline."""
    linkage: Array
    """Level of linkage to treatment after an overdose, relative to the baseline."""
    onset: Array
    """Factor on the onset of opioid use disorder."""
    kits: Array
    """Naloxone kits distributed in the month, all sources."""
    outlays: Array
    """Federal outlays of all programme lines in the month, USD."""


def build_environment(
    parameters: Parameters,
    first: int,
    last: int,
    channels: Mapping[str, Parameters] | None = None,
) -> Environment:
    """Environment tables for the months `first` to `last`, both included.

    `channels` maps names of `schema.CHANNELS` to the tree that the channel is taken from; all
    others, and outlays, come from `parameters`. Raises `InputError` for an unknown channel, a month
    before the epoch, or an empty range.
    """
    if not 0 <= first <= last:
        raise InputError(None, "months", (first, last), "a first month from 0 on, not after the last")
    channels = channels or {}
    for name in channels:
        if name not in CHANNELS:
            raise InputError(None, "channel", name, "a channel", nearest=nearest_name(name, CHANNELS))

    def tree(channel: str) -> Parameters:
        return channels.get(channel, parameters)

    given = naloxone.probability(tree("naloxone"), last)
    same = tree("supply") is tree("naloxone")
    credited = given if same else naloxone.probability(tree("supply"), last)
    opioids = supply.build_supply(tree("supply"), first, last, credited.reference)
    every, _ = naloxone.kits(tree("naloxone"), first, last)
    return Environment(
        incidence=opioids.incidence,
        lethality=opioids.lethality * _surveillance(tree("surveillance"), first, last),
        naloxone=given.policy[:, first : last + 1],
        reversal=opioids.reversal,
        access=programmes.bought(tree("slots"), programmes.SLOTS, first, last).ratio(),
        linkage=_linkage(tree("linkage"), first, last),
        onset=_prevention(tree("prevention"), first, last),
        kits=every.policy,
        outlays=programmes.outlays(parameters, first, last),
    )


def _surveillance(parameters: Parameters, first: int, last: int) -> Array:
    money = programmes.bought(parameters, programmes.SURVEILLANCE, first, last).ratio()
    return _partly(parameters.number("programs.effect.surveillance"), money)


def _prevention(parameters: Parameters, first: int, last: int) -> Array:
    money = programmes.bought(parameters, programmes.PREVENTION, first, last).ratio()
    return _partly(parameters.number("programs.effect.prevention"), money)


def _linkage(parameters: Parameters, first: int, last: int) -> Array:
    money = programmes.bought(parameters, programmes.LINKAGE, first, last).ratio()
    return _partly(parameters.number("programs.effect.linkage_share"), money)


def _partly(strength: float, ratio: Array) -> Array:
    """1 at a ratio of 1, linear in the ratio, never negative. Linear because money can end."""
    return np.asarray(np.maximum(1.0 + strength * (ratio - 1.0), 0.0))
