"""An opioid overdose and what follows: witness, naloxone, ambulance, death or survival."""

from __future__ import annotations

from typing import NamedTuple

from microsim.ground.compiled import compiled
from microsim.ground.draws import ONE
from microsim.life.state import (
    ACTIVE,
    BUPRENORPHINE,
    LEFT_COVERAGE,
    LEFT_MEDICATION,
    METHADONE,
    NO_OPIOID,
    NONMEDICATION,
    REMISSION,
    XR_NALTREXONE,
)

RISKS = (
    "none", "other_sud", "active", "nonmedication", "buprenorphine", "methadone_first_month",
    "methadone", "xr_naltrexone", "left_first_month", "left_first_month_coverage", "left_later",
    "remission",
)  # fmt: skip
"""Risk classes of opioid overdose incidence."""
(
    RISK_NONE, RISK_OTHER_SUD, RISK_ACTIVE, RISK_NONMEDICATION, RISK_BUPRENORPHINE,
    RISK_METHADONE_FIRST, RISK_METHADONE, RISK_XR_NALTREXONE, RISK_LEFT_FIRST, RISK_LEFT_FIRST_COVERAGE,
    RISK_LEFT_LATER, RISK_REMISSION,
) = range(len(RISKS))  # fmt: skip


class Tree(NamedTuple):
    """Thresholds of the event tree in a state and month."""

    witnessed: int
    naloxone: int
    ambulance: int
    fatal_naloxone: int
    fatal_ambulance: int
    fatal_alone: int


@compiled
def risk_class(opioid, month, other_sud):
    """Row of the incidence table: use state, and memory of starting or leaving medication."""
    state = opioid.state
    if state == NO_OPIOID:
        return RISK_OTHER_SUD if other_sud else RISK_NONE
    if state == ACTIVE:
        return RISK_ACTIVE
    if state == NONMEDICATION:
        return RISK_NONMEDICATION
    if state == REMISSION:
        return RISK_REMISSION
    if state == BUPRENORPHINE:
        return RISK_BUPRENORPHINE
    if state == METHADONE:
        return RISK_METHADONE_FIRST if month == opioid.since else RISK_METHADONE
    if state == XR_NALTREXONE:
        return RISK_XR_NALTREXONE
    if state == LEFT_MEDICATION and month == opioid.since:
        return RISK_LEFT_FIRST_COVERAGE if opioid.left_because == LEFT_COVERAGE else RISK_LEFT_FIRST
    return RISK_LEFT_LATER


@compiled
def fatality(tree, witnessed, naloxone, ambulance):
    """Threshold of dying of an overdose, given three of its words. Nobody calls an ambulance unwitnessed."""
    if witnessed < tree.witnessed:
        if naloxone < tree.naloxone:
            return tree.fatal_naloxone
        if ambulance < tree.ambulance:
            return tree.fatal_ambulance
    return tree.fatal_alone


@compiled
def survived(fate, fatal):
    """The fate of somebody who survived a threshold: where the word lies in what that has left, again a uniform word.

    Each overdose kills as often as with a word of its own; but who is saved once by a little more help is near
    the next threshold, so a policy moves deaths in time instead of giving a few people decades.
    """
    return ((fate - fatal) << 31) // (ONE - fatal) << 1
