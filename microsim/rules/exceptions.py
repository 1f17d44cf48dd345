"""Mandatory exceptions of a month: SSA 1902(xx)(3)(A), 42 CFR 435.553."""

from __future__ import annotations

from microsim.ground.compiled import compiled
from microsim.rules.options import Options
from microsim.rules.situation import Situation
from microsim.rules.statuses import EXCEPTIONS

UNDER_19 = EXCEPTIONS.index("under_19")
MEDICARE = EXCEPTIONS.index("medicare")
MANDATORY_GROUP = EXCEPTIONS.index("mandatory_group")
RELEASED = EXCEPTIONS.index("released")


@compiled
def mandatory_exception(situation: Situation, options: Options) -> int:
    """EXCEPTIONS code of the first exception that deems the month compliant, 0 for none.

    Under 19, Medicare, a mandatory group: 1902(xx)(3)(A)(i). An inmate at any time in the three
    months ending on the first day of the month: (xx)(3)(A)(ii), hence the three months after the
    month of release. Each holds if true on any part of the month.
    """
    if situation.age_months < options.age_low_months:
        return UNDER_19
    if situation.medicare != 0:
        return MEDICARE
    if situation.other_mandatory_group != 0:
        return MANDATORY_GROUP
    if situation.months_since_release <= options.release_months:
        return RELEASED
    return 0
