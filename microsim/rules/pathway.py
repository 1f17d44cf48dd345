"""By which record a true status can show in the state's data: SSA 1902(xx)(5), 42 CFR 435.557."""

from __future__ import annotations

from typing import NamedTuple

from microsim.ground.compiled import compiled
from microsim.ground.schema import JOBS, PATHWAYS, WORK_CLASSES
from microsim.rules.compliance import (
    COMBINATION,
    COMMUNITY_SERVICE,
    EDUCATION,
    INCOME,
    INCOME_AS_HOURS,
    SEASONAL_INCOME,
    WORK,
    WORK_PROGRAMME,
)
from microsim.rules.exclusions import (
    FRAIL_COMPLEX,
    FRAIL_DISABLED,
    FRAIL_MENTAL,
    child_excludes,
    foster_excludes,
    frail_by_sud,
    frailty,
    programme_excludes,
)
from microsim.rules.options import Options
from microsim.rules.situation import Situation

_NONE = PATHWAYS.index("none")
_TANF = PATHWAYS.index("tanf")
_SNAP = PATHWAYS.index("snap")
_CHILD = PATHWAYS.index("child")
_PREGNANCY = PATHWAYS.index("pregnancy")
_PAYROLL_STEADY = PATHWAYS.index("payroll_steady")
_PAYROLL_INTERRUPTED = PATHWAYS.index("payroll_interrupted")
_AIAN = PATHWAYS.index("aian")
_STUDENT = PATHWAYS.index("student")
_RELEASE = PATHWAYS.index("release")
_CAREGIVER = PATHWAYS.index("caregiver")
_SELF_EMPLOYED = PATHWAYS.index("self_employed")
_VOLUNTEER = PATHWAYS.index("volunteer")
_MOUD = PATHWAYS.index("moud")
_OTHER_SUD = PATHWAYS.index("other_sud")
_DISABILITY = PATHWAYS.index("disability")
_FRAIL_OTHER = PATHWAYS.index("frail_other")
_FOSTER_YOUTH = PATHWAYS.index("foster_youth")
_VETERAN = PATHWAYS.index("veteran")
_INCOME = PATHWAYS.index("income")

_PAYROLL = JOBS.index("payroll")
_SEASONAL = JOBS.index("seasonal")
_SELF = JOBS.index("self_employed")
_STEADY = WORK_CLASSES.index("steady")


@compiled
def pay_pathway(job: int, work_class: int) -> int:
    """PATHWAYS code of hours or pay from a job: payroll records, self-employment, or unpaid work."""
    if job == _PAYROLL and work_class == _STEADY:
        return _PAYROLL_STEADY
    if job in (_PAYROLL, _SEASONAL):
        return _PAYROLL_INTERRUPTED
    return _SELF_EMPLOYED if job == _SELF else _VOLUNTEER


class Shown(NamedTuple):
    """A record in which a status shows: PATHWAYS code, and the threshold out of 2**32 with which it settles a check."""

    code: int
    threshold: int


class Visibility(NamedTuple):
    """Threshold out of 2**32 with which a status in each of PATHWAYS settles a check."""

    none: int
    tanf: int
    snap: int
    child: int
    pregnancy: int
    payroll_steady: int
    payroll_interrupted: int
    aian: int
    student: int
    release: int
    caregiver: int
    self_employed: int
    volunteer: int
    moud: int
    other_sud: int
    disability: int
    frail_other: int
    foster_youth: int
    veteran: int
    income: int


@compiled
def sooner(best: Shown, code: int, threshold: int, holds: int) -> Shown:
    """The record `code` where it `holds` and is likelier to settle a check than `best`, else `best`; equals by code."""
    if holds and (best.code == _NONE or threshold > best.threshold):
        return Shown(code, threshold)
    if holds and threshold == best.threshold and code < best.code:
        return Shown(code, threshold)
    return best


@compiled
def pathway(
    situation: Situation,
    options: Options,
    exclusion: int,
    compliance: int,
    on_medication: int,
    job: int,
    work_class: int,
    diagnosed: int,
    visible: Visibility,
) -> int:
    """PATHWAYS code of the most visible way in which the person's status can show, 0 for none.

    SSA 1902(xx)(5); 42 CFR 435.557(b)-(c): all records are searched before the person is asked, so the one that is
    likeliest to settle the check counts. `exclusion` and `compliance` are codes of the month or 0; `on_medication` and
    `diagnosed` are 0 or 1, `job` and `work_class` codes of the schema. A disorder without a claim in twelve months
    leaves no record, 435.557(f).
    """
    best = compliance_pathway(Shown(_NONE, 0), compliance, job, work_class, visible)
    excluded = exclusion != 0
    released = situation.months_since_release <= options.release_months
    best = sooner(best, _RELEASE, visible.release, released or (excluded and situation.inmate != 0))
    if not excluded:
        return best.code
    best = sooner(best, _TANF, visible.tanf, situation.tanf != 0)
    best = sooner(best, _SNAP, visible.snap, situation.snap_subject != 0)
    best = sooner(best, _CHILD, visible.child, child_excludes(situation, options))
    best = sooner(best, _PREGNANCY, visible.pregnancy, situation.pregnant != 0)
    best = sooner(best, _VETERAN, visible.veteran, situation.veteran_total != 0)
    best = sooner(best, _FOSTER_YOUTH, visible.foster_youth, foster_excludes(situation, options))
    best = sooner(best, _AIAN, visible.aian, situation.aian != 0)
    best = sooner(best, _CAREGIVER, visible.caregiver, situation.caregiver != 0)
    by_sud = frail_by_sud(situation, options) + programme_excludes(situation, options) > 0
    best = sooner(best, _MOUD, visible.moud, by_sud and on_medication != 0)
    best = sooner(best, _OTHER_SUD, visible.other_sud, by_sud and diagnosed != 0)
    limb = frailty(situation, options)
    best = sooner(best, _DISABILITY, visible.disability, limb == FRAIL_DISABLED)
    gated = options.functional_gate != 0 and situation.impaired == 0
    other = situation.smi != 0 or situation.complex_condition != 0
    frail = limb in (FRAIL_MENTAL, FRAIL_COMPLEX) or (limb != 0 and other and not gated)
    return sooner(best, _FRAIL_OTHER, visible.frail_other, frail).code


@compiled
def pay_record(best: Shown, job: int, work_class: int, visible: Visibility) -> Shown:
    """The sooner of `best` and the record of hours or pay from a job."""
    own = pay_pathway(job, work_class)
    best = sooner(best, own, visible.payroll_steady, own == _PAYROLL_STEADY)
    best = sooner(best, own, visible.payroll_interrupted, own == _PAYROLL_INTERRUPTED)
    best = sooner(best, own, visible.self_employed, own == _SELF_EMPLOYED)
    return sooner(best, own, visible.volunteer, own == _VOLUNTEER)


@compiled
def compliance_pathway(best: Shown, compliance: int, job: int, work_class: int, visible: Visibility) -> Shown:
    """The sooner of `best` and the records of a compliance path, 42 CFR 435.557(b)."""
    by_income = compliance in (INCOME, SEASONAL_INCOME)
    steady = pay_pathway(job, work_class) == _PAYROLL_STEADY
    if compliance in (WORK, COMBINATION, INCOME_AS_HOURS) or (by_income and steady):
        best = pay_record(best, job, work_class, visible)
    best = sooner(best, _INCOME, visible.income, by_income)
    # Enrolment in a work programme stands in a register, as enrolment in a school does.
    best = sooner(best, _STUDENT, visible.student, compliance in (EDUCATION, WORK_PROGRAMME))
    return sooner(best, _VOLUNTEER, visible.volunteer, compliance == COMMUNITY_SERVICE)
