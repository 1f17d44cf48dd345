"""What a month of a life reads: one record for the arm, one for the place and month.

The engine fills these records from the parameters; life and kernel only read them. All entries
are int64. A `threshold` is a probability out of 2**32, a `factor` is 1.0 = 65536.
"""

from __future__ import annotations

import numpy as np

from microsim.ground.schema import (
    AGE_BANDS,
    COVERS,
    DRUGS,
    EDUCATIONS,
    EXIT_MONTHS,
    OTHER_SUBSTANCES,
    PATHWAYS,
    PAYERS,
    RACES,
    RECOVERY_BANDS,
    REENTRY_BANDS,
    SUD_CLASSES,
    TENURES,
    WORK_CLASSES,
)
from microsim.life.home import HomeRates
from microsim.life.overdose import RISKS
from microsim.rules.options import Options

FACTOR_ONE = 1 << 16
MAX_AGE = 120
EARNINGS_STEPS = 16
MAX_HOUSEHOLD = 20
ATTACHMENTS = ("others", "oud", "smi", "disability", "caregiver", "parent", "snap", "not_poor",
               "foster_youth", "veteran", "men", "no_work")  # fmt: skip
"""Standings that draw people to Medicaid or away from it, beyond work and the income of the month."""
ANSWER_CLASSES = len(EDUCATIONS) * 4
"""Classes that answering mail depends on: education, no internet, limited English."""

_AGES, _SUD, _PAYERS = len(AGE_BANDS), len(SUD_CLASSES), len(PAYERS)
_OTHER, _COVERS = len(OTHER_SUBSTANCES), len(COVERS)


def _record(fields: list[tuple[str, tuple[int, ...]]]) -> np.dtype:
    return np.dtype([(name, np.int64, shape) for name, shape in fields], align=True)


PLACE = _record([
    ("options", (len(Options._fields),)),  # the rule in force and the state's choices
    ("law_live", ()),  # 1 when a check within a year could look at this month
    ("tested_at_renewal", ()),  # 1 when renewals falling due now began under the rule
    ("adult_group_open", ()), ("waiver_open", ()),
    ("incidence", ()), ("onset", ()), ("nonopioid", ()),  # factors
    ("witnessed", ()), ("naloxone", ()), ("ambulance", ()),  # thresholds of the overdose tree
    ("fatal_naloxone", ()), ("fatal_ambulance", ()), ("fatal_alone", ()), ("fatality", ()),
    ("treated_overdose", ()),  # threshold
    ("start", (_PAYERS,)), ("start_after_overdose", (_PAYERS,)), ("coverage_stop", (len(EXIT_MONTHS),)),
    ("ex_parte", (2,)), ("renewal_ineligible", (2, 2)),  # half-yearly; usual income within the limit last
    ("entry", ()), ("direct_entry", ()), ("other_entry", ()), ("other_adult_share", ()), ("disabled_share", ()),
    ("attachment", (len(ATTACHMENTS),)), ("disabled_entry", ()),
    ("reentry", (3, len(REENTRY_BANDS))),  # by reason of loss
    ("adult_exit", ()), ("employer_gain", (2, 2)),  # working, low income
    ("marketplace_gain", (2,)), ("income_limit", (MAX_HOUSEHOLD + 1,)),
    ("release_entry", ()),  # threshold of enrolling on release from custody
    ("disaster_county", ()), ("high_unemployment", ()),  # thresholds of living in such a county
    ("disaster_declared", ()),  # month in which a declaration of this month was made
    # Read at renewals and checks only; what every month reads lies close together before.
    ("renewal_response", (2, ANSWER_CLASSES, 2)),  # half-yearly, class, active disorder
    ("clear", (len(PATHWAYS),)), ("response", (ANSWER_CLASSES, 2)), ("applicant_response", ()), ("document", (2,)),
    ("deterred", ()), ("hearing_requested", ()), ("hearing_reversed", ()),
])  # fmt: skip
"""One record per arm, state and month."""

RATES = _record([
    ("band", (MAX_AGE + 1,)),  # age band of an age in years
    ("death", (2, MAX_AGE + 1, _SUD)),
    ("overdose", (len(RISKS), _AGES, 2, len(RACES), 2, 2, 2)),  # injects, stimulant, recent overdose
    ("stimulant_death", (_AGES, 2, len(RACES))),  # active stimulant disorder
    ("other_drug_death", (_SUD, _AGES, 2, len(RACES))), ("outside_disabled", (2,)),  # factor, never an opioid disorder
    ("overdose_education", (len(EDUCATIONS),)),  # factor
    ("onset", (2, _AGES)), ("onset_above_limit", ()), ("start_reentry", ()),  # hazard in 2**-32, factors
    ("nonmedication_start", (_PAYERS,)), ("remission", ()), ("nonmedication_stop", ()),
    ("nonmedication_remission", ()), ("opioid_relapse", (len(RECOVERY_BANDS),)),
    ("stop", (len(DRUGS), len(TENURES))), ("window_months", ()), ("exit_remission", ()),
    ("mix_buprenorphine", ()), ("mix_methadone", ()), ("cessation", ()),
    ("overdose_memory", ()), ("overdose_start_months", ()),
    ("sub_onset", (_OTHER, _AGES)), ("sub_onset_oud", (_OTHER,)), ("sub_remission", (_OTHER,)),
    ("sub_start", (_OTHER, _PAYERS)), ("sub_stop", (_OTHER,)), ("sub_treated_remission", (_OTHER,)),
    ("sub_relapse", (_OTHER, len(RECOVERY_BANDS))),
    ("diagnosed", (_OTHER + 1,)), ("recognised", (len(DRUGS) + 1,)),
    ("lose_work", (12, len(WORK_CLASSES), 2, 2, 2)), ("gain_work", (12, len(WORK_CLASSES), 2, 2, 2)),
    ("class_change", (_AGES, len(WORK_CLASSES), 2)),  # to the next class, to the one before
    ("rule_response", ()), ("spouse_lose", ()), ("spouse_gain", ()), ("full_hours", ()), ("volunteer_hours", ()),
    ("earnings", (EARNINGS_STEPS,)),
    ("home", (2, _AGES, 2, len(HomeRates._fields))), ("pregnancy_months", ()), ("postpartum_months", ()),
    ("impairs", (5,)), ("snap_subject", (2,)),  # without and with a child at home
    ("inpatient", (2,)), ("medical_travel", (2,)),  # without and with a disabling, mental or complex condition
    ("trait_correlation", ()),
    ("employer_loss", (2, 2)), ("parent_plan_to", ()), ("marketplace_loss", (2,)),  # low income, working
    ("medicaid_exit", (_COVERS,)), ("exit_destination", (2, _COVERS)),  # cumulative; by working
    ("rule_destination", (_COVERS,)), ("age19_destination", (2, 2, _COVERS)),  # adult group open, poor
    ("age65_dual", (_COVERS,)), ("employer_loss_destination", (_COVERS,)),
    ("working_age", (2,)), ("child_cover_to", ()), ("dependent_months", ()), ("keeps_full_price", ()),
    ("birth_parent", ()),
    ("married", (MAX_AGE + 1,)), ("degree", (MAX_AGE + 1,)), ("rated", (2, MAX_AGE + 1)),  # shares, 1.0 = 65536
    ("pay", (len(EDUCATIONS), MAX_AGE + 1)), ("spouse_pay", (len(EDUCATIONS), EARNINGS_STEPS)),
])  # fmt: skip
"""One record per arm."""
