"""Who the requirement can reach: SSA 1902(xx)(9)(A)(i), 42 CFR 435.551."""

from __future__ import annotations

from microsim.ground.compiled import compiled
from microsim.ground.schema import COVERS
from microsim.rules.options import Options
from microsim.rules.situation import Situation
from microsim.rules.statuses import (
    FIRST_OUTSIDE,
    GROUPS,
    OUTSIDE_COVER,
    OUTSIDE_MANDATORY,
    OUTSIDE_MEDICARE,
    OUTSIDE_PREGNANT,
)

ADULT_GROUP = COVERS.index("adult_group")
WAIVER_ADULT = COVERS.index("waiver_adult")
_IN_ADULT_GROUP = GROUPS.index("adult_group")
_IN_WAIVER = GROUPS.index("waiver_adult")


@compiled
def outside_reason(situation: Situation, options: Options) -> int:
    """Status code of a person outside the group, 0 for a person in it.

    The adult group is 42 CFR 435.119: 19 to 64, no Medicare, no mandatory group. An enrollee of the
    adult group who becomes pregnant stays in it and is excluded by (c)(10) instead; a section 1115
    adult who is pregnant was never reached, 1902(xx)(9)(A)(i)(II).
    """
    if situation.cover != ADULT_GROUP and situation.cover != WAIVER_ADULT:
        return OUTSIDE_COVER
    if situation.cover == WAIVER_ADULT and options.waiver_adults_subject == 0:
        return OUTSIDE_COVER
    if situation.age_months < options.age_low_months or situation.age_months >= options.age_high_months:
        return FIRST_OUTSIDE
    if situation.medicare != 0:
        return OUTSIDE_MEDICARE
    if situation.other_mandatory_group != 0:
        return OUTSIDE_MANDATORY
    if situation.cover == WAIVER_ADULT and situation.pregnant != 0:
        return OUTSIDE_PREGNANT
    return 0


@compiled
def applicable_group(situation: Situation, options: Options) -> int:
    """GROUPS code: 0 outside, 1 adult group, 2 section 1115 adult.

    SSA 1902(xx)(9)(A)(i)(I)-(II); 42 CFR 435.551. An applicable individual is a person in a group
    whom no specified exclusion covers.
    """
    if outside_reason(situation, options) != 0:
        return 0
    return _IN_ADULT_GROUP if situation.cover == ADULT_GROUP else _IN_WAIVER
