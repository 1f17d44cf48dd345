"""The status of a month: the four doors of the statute in their order."""

from __future__ import annotations

from microsim.ground.compiled import compiled
from microsim.rules.applicable import outside_reason
from microsim.rules.compliance import compliance_path
from microsim.rules.exceptions import mandatory_exception
from microsim.rules.exclusions import specified_exclusion
from microsim.rules.hardship import hardship
from microsim.rules.options import Options
from microsim.rules.situation import Situation
from microsim.rules.statuses import (
    FIRST_COMPLIES,
    FIRST_EXCEPTED,
    FIRST_EXCLUDED,
    FIRST_HARDSHIP,
    NONCOMPLIANT,
    NOT_IN_FORCE,
)


@compiled
def month_standing(situation: Situation, options: Options) -> int:
    """Status code of the month judged as if the person were in the group and the rule in force.

    Exclusion, exception, hardship, compliance, in that order: an exclusion beats every other status,
    42 CFR 435.557(c)(2), and being excluded in part of a month is itself an exception for that month,
    435.553(a)(4). This is what a look-back reads for months before the law or before enrolment.
    """
    code = specified_exclusion(situation, options)
    if code != 0:
        return FIRST_EXCLUDED + code - 1
    code = mandatory_exception(situation, options)
    if code != 0:
        return FIRST_EXCEPTED + code - 1
    code = hardship(situation, options)
    if code != 0:
        return FIRST_HARDSHIP + code - 1
    code = compliance_path(situation, options)
    if code != 0:
        return FIRST_COMPLIES + code - 1
    return NONCOMPLIANT


@compiled
def month_status(situation: Situation, options: Options) -> int:
    """Status code of the month, a position in STATUSES.

    Not in force, outside the group (SSA 1902(xx)(9)(A)(i)), or `month_standing`.
    """
    if options.in_force == 0:
        return NOT_IN_FORCE
    outside = outside_reason(situation, options)
    if outside != 0:
        return outside
    return month_standing(situation, options)
