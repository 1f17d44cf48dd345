"""Specified excluded individuals: SSA 1902(xx)(9)(A)(ii), 42 CFR 435.554(c)(1)-(10)."""

from __future__ import annotations

from microsim.ground.compiled import compiled
from microsim.ground.schema import LEAKS
from microsim.rules.options import Options
from microsim.rules.situation import (
    NEVER_MONTHS,
    PROGRAMME_NONE,
    SUD_ACTIVE,
    SUD_NONE,
    SUD_PAST,
    Situation,
)
from microsim.rules.statuses import EXCLUSIONS

FOSTER_YOUTH = EXCLUSIONS.index("foster_youth")
AIAN = EXCLUSIONS.index("aian")
CAREGIVER = EXCLUSIONS.index("caregiver")
VETERAN = EXCLUSIONS.index("veteran")
FRAIL = EXCLUSIONS.index("frail")
TANF = EXCLUSIONS.index("tanf")
SNAP = EXCLUSIONS.index("snap")
PROGRAMME = EXCLUSIONS.index("programme")
INMATE = EXCLUSIONS.index("inmate")
PREGNANT = EXCLUSIONS.index("pregnant")

FRAILTIES = ("none", "disabled", "sud", "mental", "complex")
"""Limbs of medical frailty: 42 CFR 435.554(c)(5) A and D, B, C, E."""
FRAIL_DISABLED = FRAILTIES.index("disabled")
FRAIL_SUD = FRAILTIES.index("sud")
FRAIL_MENTAL = FRAILTIES.index("mental")
FRAIL_COMPLEX = FRAILTIES.index("complex")

_UNDIAGNOSED = LEAKS.index("undiagnosed")
_FUNCTIONAL_GATE = LEAKS.index("functional_gate")
_RECOVERY = LEAKS.index("recovery")
_PROGRAMME = LEAKS.index("programme")
_UNRETURNED = LEAKS.index("unreturned")


@compiled
def child_excludes(situation: Situation, options: Options) -> int:
    """1 when the youngest child is 13 or under, (xx)(9)(A)(ii)(III); 42 CFR 435.554(c)(3)."""
    return 1 if situation.child_age_months < options.child_age_limit_months else 0


@compiled
def foster_excludes(situation: Situation, options: Options) -> int:
    """1 for former foster youth under 26, (xx)(9)(A)(ii)(I); 42 CFR 435.554(c)(1)."""
    inside = situation.age_months < options.foster_age_limit_months
    return 1 if situation.foster_youth != 0 and inside else 0


@compiled
def sud_in_scope(situation: Situation, options: Options) -> int:
    """1 when a substance use disorder lies inside frailty: active, or in recovery short of stable.

    SSA 1902(xx)(9)(A)(ii)(V); 42 CFR 435.554(c)(5)(B): stable recovery is five years or more.
    """
    if situation.sud == SUD_ACTIVE:
        return 1
    if situation.sud == SUD_PAST and situation.recovery_months < options.recovery_line_months:
        return 1
    return 0


@compiled
def frail_by_sud(situation: Situation, options: Options) -> int:
    """1 when a substance use disorder makes frail: in scope, and through the functional gate."""
    if sud_in_scope(situation, options) == 0:
        return 0
    if options.functional_gate != 0 and options.sud_automatic == 0 and situation.impaired == 0:
        return 0
    return 1


@compiled
def frailty(situation: Situation, options: Options) -> int:
    """FRAILTIES code of the first limb that holds, 0 for none; 42 CFR 435.554(c)(5).

    The interim final rule adds the gate to every limb: the condition must significantly impair the
    ability to comply.
    """
    through = options.functional_gate == 0 or situation.impaired != 0
    if through and situation.disabled != 0:
        return FRAIL_DISABLED
    if frail_by_sud(situation, options) != 0:
        return FRAIL_SUD
    if through and situation.smi != 0:
        return FRAIL_MENTAL
    if through and situation.complex_condition != 0:
        return FRAIL_COMPLEX
    return 0


@compiled
def programme_excludes(situation: Situation, options: Options) -> int:
    """1 for participants of a drug or alcohol programme, (VII); 42 CFR 435.554(c)(8).

    No functional gate. The scope of 7 U.S.C. 2012(h) is a switch: nobody, recognised programmes, or
    all treatment.
    """
    inside = situation.programme != PROGRAMME_NONE and situation.programme <= options.programme_counts
    return 1 if inside else 0


@compiled
def specified_exclusion(situation: Situation, options: Options) -> int:
    """EXCLUSIONS code of the first exclusion that holds, in the order of the regulation, 0 for none.

    SSA 1902(xx)(9)(A)(ii)(I)-(IX); 42 CFR 435.554(c)(1)-(10). A status on the day of the decision,
    without a number of months.
    """
    if options.exclusions_apply == 0:
        return 0
    if foster_excludes(situation, options) != 0:
        return FOSTER_YOUTH
    if situation.aian != 0:
        return AIAN
    if child_excludes(situation, options) != 0 or situation.caregiver != 0:
        return CAREGIVER
    if situation.veteran_total != 0:
        return VETERAN
    if frailty(situation, options) != 0:
        return FRAIL
    if situation.tanf != 0:
        return TANF
    if situation.snap_subject != 0:
        return SNAP
    if programme_excludes(situation, options) != 0:
        return PROGRAMME
    if situation.inmate != 0:
        return INMATE
    if situation.pregnant != 0:
        return PREGNANT
    return 0


@compiled
def recheck_months(exclusion: int, options: Options) -> int:
    """Months for which a verified exclusion stands; 0 asks again at every renewal.

    42 CFR 435.554(c) and 435.557: Indian status and former foster care are never asked twice (age ends
    the latter), frailty and a total rating at least yearly, all others at renewals.
    """
    if exclusion in (AIAN, FOSTER_YOUTH):
        return NEVER_MONTHS
    if exclusion == FRAIL:
        return options.frailty_recheck_months
    if exclusion == VETERAN:
        return options.veteran_recheck_months
    return 0


@compiled
def sud_leak(situation: Situation, options: Options) -> int:
    """LEAKS code: why the law itself leaves a person with a substance use disorder unexcluded by it.

    0 without a disorder, and where the disorder does exclude: 42 CFR 435.554(c)(5)(B) or (c)(8).
    Treatment that is not recognised comes first, because recognition alone would exclude; then
    stable recovery; then the functional gate.
    """
    if situation.sud == SUD_NONE:
        return 0
    excludes = frail_by_sud(situation, options) + programme_excludes(situation, options)
    if options.exclusions_apply != 0 and excludes != 0:
        return 0
    if situation.programme != PROGRAMME_NONE:
        return _PROGRAMME
    if sud_in_scope(situation, options) == 0:
        return _RECOVERY
    return _FUNCTIONAL_GATE


@compiled
def proof_leak(situation: Situation, options: Options, diagnosed: int) -> int:
    """LEAKS code of a person with a substance use disorder whom a failed check shuts out.

    The law's own leak where there is one; else undiagnosed when no claim shows the disorder, 42 CFR
    435.557(f); else the paper was not returned or not accepted. 0 without a disorder.
    """
    if situation.sud == SUD_NONE:
        return 0
    law = sud_leak(situation, options)
    if law != 0:
        return law
    return _UNRETURNED if diagnosed != 0 else _UNDIAGNOSED
