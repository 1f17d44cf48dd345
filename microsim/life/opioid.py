"""Opioid use disorder and its treatment, month by month.

Transitions 1 to 9 of the model's table: onset, medication and other treatment, ordinary and
coverage-caused stopping, the three months after leaving, remission and relapse. Stopping caused
by lost cover competes with ordinary stopping and is drawn apart, so neither is counted twice.

Onset comes when the hazards a person has met add up to the person's tolerance: the same law as a draw each
month, but a little more hazard brings a disorder forward by a little instead of giving a few people one for life.
"""

from __future__ import annotations

from typing import NamedTuple

from microsim.ground.compiled import compiled
from microsim.ground.draws import ONE
from microsim.life.state import (
    ACTIVE,
    BUPRENORPHINE,
    LEFT_COVERAGE,
    LEFT_MEDICATION,
    LEFT_ORDINARY,
    METHADONE,
    NO_OPIOID,
    NONMEDICATION,
    REMISSION,
    XR_NALTREXONE,
    Opioid,
)


class OpioidRates(NamedTuple):
    """Monthly thresholds that apply to this person now."""

    start: int
    nonmedication_start: int
    remission: int
    nonmedication_stop: int
    nonmedication_remission: int
    relapse: int
    stop: int
    coverage_stop: int
    window_months: int
    exit_remission: int
    mix_buprenorphine: int
    mix_methadone: int


@compiled
def on_medication(state):
    """Whether a state is one of the three medications."""
    return BUPRENORPHINE <= state <= XR_NALTREXONE


@compiled
def first_drug(word, rates):
    """Medication on entry, from the entry mix."""
    if word < rates.mix_buprenorphine:
        return BUPRENORPHINE
    if word < rates.mix_buprenorphine + rates.mix_methadone:
        return METHADONE
    return XR_NALTREXONE


@compiled
def changes(opioid, month, rates, word, coverage_word):
    """Next state code of somebody with a disorder now or before, or -1 when nothing changes; XR_NALTREXONE stands
    for 'starts medication'.

    Starting medication uses the low end of `word`, stopping it and the other transitions its high end: two
    arms that differ in treatment meet again at the next start or stop of either.
    """
    state = opioid.state
    high = ONE - 1 - word
    if state == ACTIVE or state == LEFT_MEDICATION:
        if word < rates.start:
            return XR_NALTREXONE
        if state == LEFT_MEDICATION:
            return ACTIVE if month - opioid.since >= rates.window_months else -1
        if high < rates.remission:
            return REMISSION
        if high < rates.remission + rates.nonmedication_start:
            return NONMEDICATION
        return -1
    if state == NONMEDICATION:
        if word < rates.start:
            return XR_NALTREXONE
        if high < rates.nonmedication_remission:
            return REMISSION
        if high < rates.nonmedication_stop + rates.nonmedication_remission:
            return ACTIVE
        return -1
    if state == REMISSION:
        return ACTIVE if word < rates.relapse else -1
    if high < rates.stop or coverage_word < rates.coverage_stop:
        return LEFT_MEDICATION
    return -1


@compiled
def exposed(opioid, hazard):
    """The state of somebody without a disorder after a month's hazard of onset, in 2**-48."""
    return Opioid(opioid.state, opioid.since, opioid.left_because, opioid.exposure + hazard)


@compiled
def totals(state, rates):
    """Thresholds under which the low and the high end of a word may change a state, lost cover apart."""
    if state == NO_OPIOID:
        return 0, 0
    if state == ACTIVE:
        return rates.start, rates.remission + rates.nonmedication_start
    if state == LEFT_MEDICATION:
        return rates.start, 0
    if state == NONMEDICATION:
        return rates.start, rates.nonmedication_stop + rates.nonmedication_remission
    if state == REMISSION:
        return rates.relapse, 0
    return 0, rates.stop


@compiled
def stopped_by_coverage(rates, word):
    """Whether a stop is caused by lost cover: it would not have come without."""
    return 0 if ONE - 1 - word < rates.stop else 1


@compiled
def enter(state, month, left_because):
    """The opioid state entered this month."""
    return Opioid(state, month, left_because, 0)


@compiled
def leave_medication(month, by_coverage):
    """The state of having left medication this month, with the cause."""
    return Opioid(LEFT_MEDICATION, month, LEFT_COVERAGE if by_coverage else LEFT_ORDINARY, 0)
