"""What a life consists of: a person who stays, and five small states that change.

All fields are integers. Months are counted from January 2015; `NEVER` marks a month that has
not come. Durations are kept as the month something began, so that nothing changes in a quiet
month.
"""

from __future__ import annotations

from typing import NamedTuple

from microsim.ground.schema import COVERS, OPIOIDS, USES

NEVER = -30000
NO_FATE = -1
UNKEPT = -1

UNINSURED = COVERS.index("uninsured")
EMPLOYER = COVERS.index("employer")
MARKETPLACE = COVERS.index("marketplace")
FULL_PRICE = COVERS.index("marketplace_full_price")
ADULT_GROUP = COVERS.index("adult_group")
WAIVER_ADULT = COVERS.index("waiver_adult")
OTHER_ADULT = COVERS.index("other_adult")
DISABLED = COVERS.index("disabled")
CHILD = COVERS.index("child")
MEDICARE = COVERS.index("medicare")
DUAL = COVERS.index("dual")
OTHER_COVER = COVERS.index("other_cover")

NO_OPIOID = OPIOIDS.index("none")
ACTIVE = OPIOIDS.index("active")
NONMEDICATION = OPIOIDS.index("nonmedication")
BUPRENORPHINE = OPIOIDS.index("buprenorphine")
METHADONE = OPIOIDS.index("methadone")
XR_NALTREXONE = OPIOIDS.index("xr_naltrexone")
LEFT_MEDICATION = OPIOIDS.index("left_medication")
REMISSION = OPIOIDS.index("remission")

USE_NONE = USES.index("none")
USE_ACTIVE = USES.index("active")
USE_TREATED = USES.index("treated")
USE_REMISSION = USES.index("remission")

LEFT_ORDINARY = 0
LEFT_COVERAGE = 1

LOST_NOTHING = 0
LOST_ORDINARY = 1
LOST_WORK_RULE = 2

NO_HEARING = 0
HEARING_ASKED = 1
HEARING_WON = 2
HEARING_LOST = 3


class Person(NamedTuple):
    """What stays: identity, origin and lasting traits (words in [0, 2**32))."""

    state: int
    birth_month: int
    sex: int
    race: int
    education: int
    household_size: int
    wage: int
    spouse_wage: int
    other_income: int
    short_hours: int
    job: int
    injects: int
    has_spouse: int
    veteran_total: int
    aian: int
    citizen: int
    answer_class: int
    """Four times education, plus two without internet, plus one with limited English."""
    poor: int
    trait_response: int
    trait_visibility: int
    trait_diagnosed: int
    trait_deterred: int
    trait_programme: int
    volunteers: int
    trait_spouse: int
    trait_spouse_pay: int
    trait_degree: int
    trait_veteran: int
    tolerance: int
    """Exposure at which opioid use disorder begins in somebody who never had it."""


class Work(NamedTuple):
    work_class: int
    working: int
    spouse_works: int
    history: int
    """Bits of months in which the work rule was met, lowest = the latest month assessed; see work.remember_month.
    UNKEPT where months leave nothing here, as who lives them works it out when a check asks."""
    incomes: int
    """Household income of the six latest months in tens of dollars, ten bits each."""


class Home(NamedTuple):
    disabled: int
    impaired: int
    smi: int
    complex_condition: int
    student: int
    caregiver: int
    snap: int
    snap_subject: int
    tanf: int
    foster_youth: int
    inmate: int
    pregnant_since: int
    child_birth: int
    released_at: int


class Use(NamedTuple):
    stimulant: int
    alcohol: int
    cannabis: int
    recovery_since: int
    """Month in which the last active disorder ended; NEVER without a past disorder."""
    overdose_at: int
    fate: int
    """Word that the fatality of the next overdose is compared with; NO_FATE before the first one."""


class Opioid(NamedTuple):
    state: int
    since: int
    """First month on medication, or month of leaving it, or of entering the present state."""
    left_because: int
    exposure: int
    """Hazard of onset met so far as an adult, in 2**-48; 0 once a disorder has begun."""


class Cover(NamedTuple):
    kind: int
    since: int
    renewal_at: int
    renewed_at: int
    checked_at: int
    """Latest month of a renewal, enrolment or check of the work requirement, or of not applying because of it."""
    ends_at: int
    """Month at whose end cover stops after a failed check; NEVER without one."""
    ends_reason: int
    ends_leak: int
    lost_at: int
    lost_because: int
    ever_lost: int
    claim_at: int
    """Latest month with a treatment claim that names a substance use disorder; not kept up while Medicaid pays for
    treatment."""
    stands_until: int
    """First month in which a verified exclusion is asked for again; NEVER without one."""
    papers_from: int
    """First month of the period whose papers were missing when cover was to end; NEVER where none were."""
    hearing: int
    """1 while cover goes on until a hearing decides."""
    strikes: int
    """Months of non-compliance up to `struck_at`, where a rule counts them by calendar year."""
    struck_at: int


class Events(NamedTuple):
    """What happened in a month. Expected values are thresholds out of 2**32."""

    died_other: int
    died_opioid: int
    died_nonopioid: int
    overdose: int
    overdose_treated: int
    expected_overdose: int
    expected_opioid_death: int
    expected_nonopioid_death: int
    expected_other_death: int
    loss: int
    leak: int
    first_loss: int
    entered: int
    renewed: int
    ex_parte: int
    checked: int
    cleared: int
    noticed: int
    applied: int
    treatment_start: int
    treatment_exit: int
    """0 none, 1 ordinary, 2 caused by losing cover."""
    birth: int
    failed: int
    """A check of the work requirement that an enrollee did not pass."""
    reconsidered: int
    """An application decided on the papers of the cover that ended."""
    hearing: int
    """0 none, 1 asked for, 2 decided for the person, 3 decided against."""
    onset_hazard: int
    """Of opioid use disorder, before the factor of place and month; 0 with a disorder now or before."""
    looked_back: int
    """1 when a check of the work requirement read what is remembered of earlier months."""
