"""Life events outside work, substance use and cover: births, disability, care, study, benefits, custody.

Every attribute the work rule reads has a way in and a way out, so that no excluded group fades.
One word a month decides at most one event, which the ladder of thresholds in `HomeRates` names.
"""

from __future__ import annotations

from typing import NamedTuple

from microsim.ground.compiled import compiled
from microsim.life.state import NEVER, Home

NONE = 0
CONCEPTION = 1
DISABILITY_STARTS = 2
DISABILITY_ENDS = 3
CARE_STARTS = 4
CARE_ENDS = 5
STUDY_STARTS = 6
STUDY_ENDS = 7
SNAP_STARTS = 8
SNAP_ENDS = 9
TANF_STARTS = 10
TANF_ENDS = 11
CUSTODY_STARTS = 12
CUSTODY_ENDS = 13
SMI_STARTS = 14
SMI_ENDS = 15
COMPLEX_STARTS = 16
COMPLEX_ENDS = 17


class HomeRates(NamedTuple):
    """Monthly thresholds out of 2**32 that apply to this person now."""

    conception: int
    disability_onset: int
    disability_recovery: int
    care_start: int
    care_stop: int
    study_start: int
    study_stop: int
    snap_start: int
    snap_stop: int
    tanf_start: int
    tanf_stop: int
    custody: int
    release: int
    smi_onset: int
    smi_recovery: int
    complex_onset: int
    complex_recovery: int


@compiled
def event(home, poor, parent, conception, rates, word):
    """The event of the month, or NONE: the first rung of the ladder above `word`.

    `parent` is 1 with an own child at home; `conception` the threshold of a child on its way, which depends on
    that and is zero for a while after a birth.
    """
    rung = conception
    if word < rung:
        return CONCEPTION
    rung += rates.disability_recovery if home.disabled else rates.disability_onset
    if word < rung:
        return DISABILITY_ENDS if home.disabled else DISABILITY_STARTS
    rung += rates.care_stop if home.caregiver else rates.care_start
    if word < rung:
        return CARE_ENDS if home.caregiver else CARE_STARTS
    rung += rates.study_stop if home.student else rates.study_start
    if word < rung:
        return STUDY_ENDS if home.student else STUDY_STARTS
    if home.snap or poor:
        rung += rates.snap_stop if home.snap else rates.snap_start
        if word < rung:
            return SNAP_ENDS if home.snap else SNAP_STARTS
    if home.tanf or (poor and parent):
        rung += rates.tanf_stop if home.tanf else rates.tanf_start
        if word < rung:
            return TANF_ENDS if home.tanf else TANF_STARTS
    rung += rates.release if home.inmate else rates.custody
    if word < rung:
        return CUSTODY_ENDS if home.inmate else CUSTODY_STARTS
    rung += rates.smi_recovery if home.smi else rates.smi_onset
    if word < rung:
        return SMI_ENDS if home.smi else SMI_STARTS
    rung += rates.complex_recovery if home.complex_condition else rates.complex_onset
    if word < rung:
        return COMPLEX_ENDS if home.complex_condition else COMPLEX_STARTS
    return NONE


@compiled
def total(home, poor, parent, conception, rates):
    """Threshold under which `event` names any event."""
    rung = conception
    rung += rates.disability_recovery if home.disabled else rates.disability_onset
    rung += rates.care_stop if home.caregiver else rates.care_start
    rung += rates.study_stop if home.student else rates.study_start
    if home.snap or poor:
        rung += rates.snap_stop if home.snap else rates.snap_start
    if home.tanf or (poor and parent):
        rung += rates.tanf_stop if home.tanf else rates.tanf_start
    rung += rates.release if home.inmate else rates.custody
    rung += rates.smi_recovery if home.smi else rates.smi_onset
    return rung + (rates.complex_recovery if home.complex_condition else rates.complex_onset)


@compiled
def apply_event(home, what, month, impairs, subject, keeps):
    """`home` after the event. `impairs` and `subject` say (0 or 1) whether a new condition
    impairs work and whether a new SNAP household has a work requirement; `keeps` whether an
    impairment outlasts the condition that ends, through the conditions that are left."""
    disabled = home.disabled
    impaired = home.impaired
    smi = home.smi
    complex_condition = home.complex_condition
    student = home.student
    caregiver = home.caregiver
    snap = home.snap
    snap_subject = home.snap_subject
    tanf = home.tanf
    inmate = home.inmate
    pregnant_since = home.pregnant_since
    released_at = home.released_at
    if what == CONCEPTION:
        pregnant_since = month
    elif what == DISABILITY_STARTS:
        disabled = 1
        impaired = 1 if impairs else impaired
    elif what == DISABILITY_ENDS:
        disabled = 0
        impaired = 1 if impaired and keeps else 0
    elif what == CARE_STARTS:
        caregiver = 1
    elif what == CARE_ENDS:
        caregiver = 0
    elif what == STUDY_STARTS:
        student = 1
    elif what == STUDY_ENDS:
        student = 0
    elif what == SNAP_STARTS:
        snap = 1
        snap_subject = subject
    elif what == SNAP_ENDS:
        snap = 0
        snap_subject = 0
    elif what == TANF_STARTS:
        tanf = 1
    elif what == TANF_ENDS:
        tanf = 0
    elif what == CUSTODY_STARTS:
        inmate = 1
    elif what == CUSTODY_ENDS:
        inmate = 0
        released_at = month
    elif what == SMI_STARTS:
        smi = 1
        impaired = 1 if impairs else impaired
    elif what == SMI_ENDS:
        smi = 0
        impaired = 1 if impaired and keeps else 0
    elif what == COMPLEX_STARTS:
        complex_condition = 1
        impaired = 1 if impairs else impaired
    elif what == COMPLEX_ENDS:
        complex_condition = 0
        impaired = 1 if impaired and keeps else 0
    return Home(
        disabled, impaired, smi, complex_condition, student, caregiver, snap, snap_subject, tanf,
        home.foster_youth, inmate, pregnant_since, home.child_birth, released_at,
    )  # fmt: skip


@compiled
def deliver(home, month):
    """`home` with a child born this month; the pregnancy stays on record for postpartum cover."""
    return Home(
        home.disabled, home.impaired, home.smi, home.complex_condition, home.student,
        home.caregiver, home.snap, home.snap_subject, home.tanf, home.foster_youth, home.inmate,
        home.pregnant_since, month, home.released_at,
    )  # fmt: skip


@compiled
def after_pregnancy(home):
    """`home` once the months after a birth are over."""
    return Home(
        home.disabled, home.impaired, home.smi, home.complex_condition, home.student,
        home.caregiver, home.snap, home.snap_subject, home.tanf, home.foster_youth, home.inmate,
        NEVER, home.child_birth, home.released_at,
    )  # fmt: skip


@compiled
def with_impairment(home, impaired):
    """`home` with the functional gate open (1) or shut (0)."""
    return Home(
        home.disabled, impaired, home.smi, home.complex_condition, home.student, home.caregiver, home.snap,
        home.snap_subject, home.tanf, home.foster_youth, home.inmate, home.pregnant_since, home.child_birth,
        home.released_at,
    )  # fmt: skip
