"""Short-term hardship, at the state's option: SSA 1902(xx)(3)(B), 42 CFR 435.555."""

from __future__ import annotations

from microsim.ground.compiled import compiled
from microsim.rules.options import Options
from microsim.rules.situation import Situation
from microsim.rules.statuses import HARDSHIPS

INPATIENT = HARDSHIPS.index("inpatient")
DISASTER = HARDSHIPS.index("disaster")
UNEMPLOYMENT = HARDSHIPS.index("unemployment")
TRAVEL = HARDSHIPS.index("travel")


@compiled
def hardship(situation: Situation, options: Options) -> int:
    """HARDSHIPS code of the first elected hardship that deems the month compliant, 0 for none.

    42 CFR 435.555: inpatient care; a county under a declared disaster or emergency; a county at the
    lesser of 8% or 1.5 times national unemployment; travel for a serious or complex condition.
    """
    if options.hardship_inpatient != 0 and situation.inpatient != 0:
        return INPATIENT
    if options.hardship_disaster != 0 and situation.disaster_county != 0:
        return DISASTER
    if options.hardship_unemployment != 0 and situation.high_unemployment_county != 0:
        return UNEMPLOYMENT
    if options.hardship_travel != 0 and situation.medical_travel != 0:
        return TRAVEL
    return 0
