"""Use disorders of stimulants, alcohol, cannabis and other drugs: onset, treatment, remission, relapse."""

from __future__ import annotations

from typing import NamedTuple

from microsim.ground.compiled import compiled
from microsim.life.state import USE_ACTIVE, USE_NONE, USE_REMISSION, USE_TREATED


class SubstanceRates(NamedTuple):
    """Monthly thresholds of one substance that apply to this person now."""

    onset: int
    remission: int
    treatment_start: int
    treatment_stop: int
    treated_remission: int
    relapse: int


@compiled
def total(use, rates):
    """Threshold under which anything happens to a disorder in state `use`."""
    if use == USE_NONE:
        return rates.onset
    if use == USE_ACTIVE:
        return rates.remission + rates.treatment_start
    if use == USE_TREATED:
        return rates.treatment_stop + rates.treated_remission
    return rates.relapse


@compiled
def next_use(use, rates, word):
    """State after an event; `word` is below `total(use, rates)`."""
    if use == USE_NONE:
        return USE_ACTIVE
    if use == USE_ACTIVE:
        return USE_REMISSION if word < rates.remission else USE_TREATED
    if use == USE_TREATED:
        return USE_REMISSION if word < rates.treated_remission else USE_ACTIVE
    return USE_ACTIVE
