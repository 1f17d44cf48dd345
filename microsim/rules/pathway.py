"""By which record a true status can show in the state's data: SSA 1902(xx)(5), 42 CFR 435.557."""

from __future__ import annotations

from typing import Any

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

Clear = Any
"""Thresholds by pathway: an array, also where it is read from a record in compiled code."""

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


@compiled
def more_visible(best: int, code: int, holds: int, clear: Clear) -> int:
    """`code` where its record `holds` and shows the status sooner than that of `best`, else `best`."""
    if not holds:
        return best
    if best == _NONE or clear[code] > clear[best] or (clear[code] == clear[best] and code < best):
        return code
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
    clear: Clear,
) -> int:
    """PATHWAYS code of the most visible way in which the person's status can show, 0 for none.

    SSA 1902(xx)(5); 42 CFR 435.557(b)-(c): all records are searched before the person is asked, so the one with the
    largest `clear` counts: thresholds out of 2**32 by pathway, int64. `exclusion` and `compliance` are codes of the
    month or 0; `on_medication` and `diagnosed` are 0 or 1, `job` and `work_class` codes of the schema. A disorder
    without a claim in twelve months leaves no record, 435.557(f).
    """
    best = compliance_pathway(_NONE, compliance, job, work_class, clear)
    excluded = exclusion != 0
    released = situation.months_since_release <= options.release_months
    best = more_visible(best, _RELEASE, released or (excluded and situation.inmate != 0), clear)
    if not excluded:
        return best
    best = more_visible(best, _TANF, situation.tanf != 0, clear)
    best = more_visible(best, _SNAP, situation.snap_subject != 0, clear)
    best = more_visible(best, _CHILD, child_excludes(situation, options) != 0, clear)
    best = more_visible(best, _PREGNANCY, situation.pregnant != 0, clear)
    best = more_visible(best, _VETERAN, situation.veteran_total != 0, clear)
    best = more_visible(best, _FOSTER_YOUTH, foster_excludes(situation, options) != 0, clear)
    best = more_visible(best, _AIAN, situation.aian != 0, clear)
    best = more_visible(best, _CAREGIVER, situation.caregiver != 0, clear)
    by_sud = frail_by_sud(situation, options) + programme_excludes(situation, options) > 0
    best = more_visible(best, _MOUD, by_sud and on_medication != 0, clear)
    best = more_visible(best, _OTHER_SUD, by_sud and diagnosed != 0, clear)
    limb = frailty(situation, options)
    best = more_visible(best, _DISABILITY, limb == FRAIL_DISABLED, clear)
    gated = options.functional_gate != 0 and situation.impaired == 0
    other = situation.smi != 0 or situation.complex_condition != 0
    frail = limb in (FRAIL_MENTAL, FRAIL_COMPLEX) or (limb != 0 and other and not gated)
    return more_visible(best, _FRAIL_OTHER, frail, clear)


@compiled
def compliance_pathway(best: int, compliance: int, job: int, work_class: int, clear: Clear) -> int:
    """The more visible of `best` and the record of a compliance path, 42 CFR 435.557(b)."""
    own = pay_pathway(job, work_class)
    by_hours = compliance in (WORK, COMBINATION, INCOME_AS_HOURS)
    by_income = compliance in (INCOME, SEASONAL_INCOME)
    best = more_visible(best, own, by_hours or (by_income and own == _PAYROLL_STEADY), clear)
    best = more_visible(best, _INCOME, by_income, clear)
    # Enrolment in a work programme stands in a register, as enrolment in a school does.
    best = more_visible(best, _STUDENT, compliance in (EDUCATION, WORK_PROGRAMME), clear)
    return more_visible(best, _VOLUNTEER, compliance == COMMUNITY_SERVICE, clear)
