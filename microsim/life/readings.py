"""What the tables say for one person in one month: records in, small tuples of numbers out."""

from __future__ import annotations

from microsim.ground.compiled import compiled
from microsim.ground.schema import EXIT_MONTHS, RECOVERY_BAND_STARTS, REENTRY_BAND_ENDS, TENURE_STARTS
from microsim.life.coverage import NOBODY_PAYS, payer
from microsim.life.home import HomeRates
from microsim.life.opioid import OpioidRates, on_medication
from microsim.life.overdose import Tree
from microsim.life.state import (
    ACTIVE,
    BUPRENORPHINE,
    LEFT_MEDICATION,
    LOST_NOTHING,
    NO_OPIOID,
    NONMEDICATION,
    REMISSION,
    USE_ACTIVE,
    USE_TREATED,
)
from microsim.life.substance import SubstanceRates

COVERAGE_STOP_MONTHS = len(EXIT_MONTHS)
"""Months after a loss of cover in which medication may stop for it."""
_SECOND_TENURE, _THIRD_TENURE, _LAST_TENURE = TENURE_STARTS[1:]

SUD_NONE = 0
SUD_OTHER = 1
SUD_OUD_UNTREATED = 2
SUD_OUD_NONMEDICATION = 3
SUD_OUD_MEDICATION = 4
SUD_REMISSION = 5


@compiled
def in_use(use):
    """Whether a disorder is present: active or in treatment."""
    return use == USE_ACTIVE or use == USE_TREATED


@compiled
def other_disorder(use):
    """Whether any disorder other than of opioids is present."""
    return in_use(use.stimulant) or in_use(use.alcohol) or in_use(use.cannabis)


@compiled
def opioid_disorder(opioid):
    """Whether opioid use disorder is present, treated or not."""
    return opioid.state != NO_OPIOID and opioid.state != REMISSION


@compiled
def sud_class(use, opioid):
    """Substance class of the person-month, a code of schema.SUD_CLASSES."""
    if on_medication(opioid.state):
        return SUD_OUD_MEDICATION
    if opioid.state == NONMEDICATION:
        return SUD_OUD_NONMEDICATION
    if opioid.state == ACTIVE or opioid.state == LEFT_MEDICATION:
        return SUD_OUD_UNTREATED
    if other_disorder(use):
        return SUD_OTHER
    return SUD_REMISSION if use.recovery_since > -30000 else SUD_NONE


@compiled
def recovery_band(months):
    """Position in RECOVERY_BANDS of months since the last disorder."""
    if months < RECOVERY_BAND_STARTS[1]:
        return 0
    return 1 if months < RECOVERY_BAND_STARTS[2] else 2


@compiled
def reentry_band(months):
    """Position in REENTRY_BANDS of months since losing Medicaid; -1 once the loss is past them."""
    if months > REENTRY_BAND_ENDS[2]:
        return -1
    if months <= REENTRY_BAND_ENDS[0]:
        return 0
    return 1 if months <= REENTRY_BAND_ENDS[1] else 2


@compiled
def home_rates(rates, sex, band, poor):
    """Thresholds of life events for a sex, an age band and a usual income within the limit (1) or not."""
    row = rates.home[sex, band, poor]
    return HomeRates(
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], row[9], row[10], row[11],
        row[12], row[13], row[14], row[15], row[16],
    )  # fmt: skip


@compiled
def substance_rates(rates, substance, band, opioid, kind, since_recovery):
    """Thresholds of one other substance for a person with this opioid use, cover and time in recovery."""
    onset = rates.sub_onset[substance, band]
    if opioid_disorder(opioid):
        onset = max(onset, rates.sub_onset_oud[substance])
    return SubstanceRates(
        onset,
        rates.sub_remission[substance],
        rates.sub_start[substance, payer(kind)],
        rates.sub_stop[substance],
        rates.sub_treated_remission[substance],
        rates.sub_relapse[substance, recovery_band(since_recovery)],
    )


@compiled
def coverage_stop(place, opioid, cover, month):
    """Threshold of stopping medication because cover was lost within three months."""
    if payer(cover.kind) != NOBODY_PAYS or cover.lost_because == LOST_NOTHING:
        return 0
    since_loss = month - cover.since
    if cover.since != cover.lost_at + 1 or since_loss >= COVERAGE_STOP_MONTHS or opioid.since > cover.lost_at:
        return 0
    return place.coverage_stop[since_loss]


@compiled
def tenure_class(months):
    """Class of the months on medication since the month of the start.

    Month 1 is the first after it and the first in which medication can stop, so the first class is lived for
    two months and retention is the one the hazards were fitted to.
    """
    if months < _SECOND_TENURE:
        return 0
    if months < _THIRD_TENURE:
        return 1
    return 2 if months < _LAST_TENURE else 3


@compiled
def onset_hazard(rates, person, band):
    """Hazard of onset of opioid use disorder before the factor of place and month, in 2**-32."""
    onset = rates.onset[person.sex, band]
    return onset if person.poor else onset * rates.onset_above_limit >> 16


@compiled
def opioid_rates(rates, place, opioid, use, cover, month):
    """Thresholds of opioid use and treatment for this person and month."""
    pays = payer(cover.kind)
    start = place.start[pays]
    if month - use.overdose_at <= rates.overdose_start_months:
        start = place.start_after_overdose[pays]
    if opioid.state == LEFT_MEDICATION:
        start = start * rates.start_reentry >> 16
    stop = 0
    lost = 0
    if on_medication(opioid.state):
        stop = rates.stop[opioid.state - BUPRENORPHINE, tenure_class(month - opioid.since)]
        lost = coverage_stop(place, opioid, cover, month)
    relapse = rates.opioid_relapse[recovery_band(month - opioid.since)]
    return OpioidRates(
        start,
        rates.nonmedication_start[pays],
        rates.remission,
        rates.nonmedication_stop,
        rates.nonmedication_remission,
        relapse,
        stop,
        lost,
        rates.window_months,
        rates.exit_remission,
        rates.mix_buprenorphine,
        rates.mix_methadone,
    )


@compiled
def overdose_tree(place):
    """Event tree of an overdose in this place and month."""
    return Tree(
        place.witnessed, place.naloxone, place.ambulance, place.fatal_naloxone, place.fatal_ambulance,
        place.fatal_alone,
    )  # fmt: skip
