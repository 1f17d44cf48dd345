"""By which record a true status can show in the state's data: SSA 1902(xx)(5), 42 CFR 435.557."""

from __future__ import annotations

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


@compiled
def compliance_pathway(compliance: int, job: int, work_class: int) -> int:
    """PATHWAYS code by which a compliance path shows, 0 for none; records of 42 CFR 435.557(b)."""
    if compliance in (WORK, COMBINATION, INCOME_AS_HOURS):
        return pay_pathway(job, work_class)
    if compliance in (INCOME, SEASONAL_INCOME):
        own = pay_pathway(job, work_class)
        return own if own == _PAYROLL_STEADY else _INCOME
    # Enrolment in a work programme stands in a register, as enrolment in a school does.
    if compliance in (EDUCATION, WORK_PROGRAMME):
        return _STUDENT
    if compliance == COMMUNITY_SERVICE:
        return _VOLUNTEER
    return _NONE


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
) -> int:
    """PATHWAYS code of the most visible way in which the person's status can show, 0 for none.

    SSA 1902(xx)(5); 42 CFR 435.557(b)-(c): all pathways are searched before the person is asked.
    `exclusion` and `compliance` are codes of the month or 0; `on_medication` and `diagnosed` are 0 or
    1, `job` and `work_class` codes of the schema. A disorder without a claim in twelve months leaves
    no record, 435.557(f).
    """
    shown = compliance_pathway(compliance, job, work_class)
    excluded = exclusion != 0
    if excluded and situation.tanf != 0:
        return _TANF
    if excluded and situation.snap_subject != 0:
        return _SNAP
    if excluded and child_excludes(situation, options) != 0:
        return _CHILD
    if excluded and situation.pregnant != 0:
        return _PREGNANCY
    if shown == _PAYROLL_STEADY:
        return shown
    if excluded and situation.veteran_total != 0:
        return _VETERAN
    limb = frailty(situation, options) if excluded else 0
    if limb == FRAIL_DISABLED:
        return _DISABILITY
    if excluded and foster_excludes(situation, options) != 0:
        return _FOSTER_YOUTH
    if excluded and situation.aian != 0:
        return _AIAN
    if shown in (_INCOME, _PAYROLL_INTERRUPTED):
        return shown
    if situation.months_since_release <= options.release_months or (excluded and situation.inmate != 0):
        return _RELEASE
    return _lesser_pathway(situation, options, excluded, limb, shown, on_medication, diagnosed)


@compiled
def _lesser_pathway(
    situation: Situation,
    options: Options,
    excluded: int,
    limb: int,
    shown: int,
    on_medication: int,
    diagnosed: int,
) -> int:
    """PATHWAYS code among the less visible ones: treatment, study, other frailty, care, own account."""
    by_sud = 0
    if excluded:
        by_sud = frail_by_sud(situation, options) + programme_excludes(situation, options)
    if by_sud > 0 and on_medication != 0:
        return _MOUD
    if shown == _STUDENT:
        return shown
    gated = options.functional_gate != 0 and situation.impaired == 0
    other = situation.smi != 0 or situation.complex_condition != 0
    if limb in (FRAIL_MENTAL, FRAIL_COMPLEX) or (limb != 0 and other and not gated):
        return _FRAIL_OTHER
    if by_sud > 0 and diagnosed != 0:
        return _OTHER_SUD
    if excluded and situation.caregiver != 0:
        return _CAREGIVER
    return shown
