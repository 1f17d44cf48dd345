"""How close to Medicaid a person stands beyond the income of a month.

Illness, care, children, foster care and benefits bring people to Medicaid and keep them there; usual income above
the limit and the care of Veterans Affairs take them away, and men apply less, and people who never work. Without this
the adult group would come to look like everybody with a low income.
"""

from __future__ import annotations

from microsim.ground.compiled import compiled
from microsim.ground.schema import SEXES, WORK_CLASSES
from microsim.life import readings
from microsim.life.state import NEVER
from microsim.life.tables import ATTACHMENTS

(
    OTHERS, OUD, SMI, DISABILITY, CAREGIVER, PARENT, SNAP, NOT_POOR, FOSTER_YOUTH, VETERAN, MEN, NO_WORK,
) = range(len(ATTACHMENTS))  # fmt: skip
MALE = SEXES.index("male")
NOT_WORKING = WORK_CLASSES.index("not_working")


@compiled
def attachment_of(month, person, home, work, opioid, rates, place):
    """Factor on entry, and divisor of exit and of gains of other cover; 1.0 = 65536."""
    factor = place.attachment[OTHERS]
    if readings.opioid_disorder(opioid):
        factor = factor * place.attachment[OUD] >> 16
    if home.smi:
        factor = factor * place.attachment[SMI] >> 16
    if home.disabled:
        factor = factor * place.attachment[DISABILITY] >> 16
    if home.caregiver:
        factor = factor * place.attachment[CAREGIVER] >> 16
    if home.pregnant_since > NEVER or month - home.child_birth < rates.dependent_months:
        factor = factor * place.attachment[PARENT] >> 16
    if home.snap:
        factor = factor * place.attachment[SNAP] >> 16
    if not person.poor:
        factor = factor * place.attachment[NOT_POOR] >> 16
    if home.foster_youth:
        factor = factor * place.attachment[FOSTER_YOUTH] >> 16
    if person.veteran_total:
        factor = factor * place.attachment[VETERAN] >> 16
    if person.sex == MALE:
        factor = factor * place.attachment[MEN] >> 16
    if work.work_class == NOT_WORKING:
        factor = factor * place.attachment[NO_WORK] >> 16
    return max(factor, 1)
