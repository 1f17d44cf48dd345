"""What is true of a person in a month, as far as the community-engagement rule asks."""

from __future__ import annotations

from typing import NamedTuple

SUD_NONE = 0
SUD_ACTIVE = 1
SUD_PAST = 2

PROGRAMME_NONE = 0
PROGRAMME_RECOGNISED = 1
PROGRAMME_OTHER = 2

NEVER_MONTHS = 9999
"""Stands for "no child" and "never released" in month counts."""


class Situation(NamedTuple):
    """A person-month. Plain integers; a flag is 0 or 1.

    A flag is 1 when the condition held on any part of the month, 42 CFR 435.553. Hours are hours in
    the month and money is USD in the month; both may be given in hundredths when the thresholds of
    `Options` are too (the rule only compares them with each other).
    """

    age_months: int
    """Age at the end of the month, in months."""
    cover: int
    """Code of schema.COVERS: the cover held, or `adult_group` for a person who applies for it."""
    pregnant: int
    """Pregnant, or entitled to postpartum coverage."""
    child_age_months: int
    """Age of the youngest dependent child at home; `NEVER_MONTHS` without one."""
    caregiver: int
    """Parent, guardian, caretaker relative or family caregiver of a disabled person."""
    aian: int
    """Indian, Urban Indian, California Indian or otherwise eligible for the Indian Health Service."""
    foster_youth: int
    """In foster care and on Medicaid at 18 (or the higher age of the state)."""
    veteran_total: int
    """Veteran whose disability is rated total."""
    disabled: int
    """Blind or disabled under section 1614, or a disability that impairs an activity of daily living."""
    smi: int
    """Disabling mental disorder."""
    complex_condition: int
    """Serious or complex medical condition."""
    impaired: int
    """A condition significantly impairs the ability to comply (the gate of the interim final rule)."""
    sud: int
    """0 no substance use disorder, 1 active or in treatment, 2 past."""
    recovery_months: int
    """Months since a past disorder was last active; read only when `sud` is 2."""
    programme: int
    """Drug or alcohol treatment: 0 none, 1 in a programme of 7 U.S.C. 2012(h), 2 treated elsewhere."""
    snap_subject: int
    """In a household with SNAP and not exempt from a SNAP work requirement."""
    tanf: int
    """Complies with the work rules of TANF."""
    inmate: int
    """Inmate of a public institution."""
    months_since_release: int
    """Months since release, 0 in the month of release; `NEVER_MONTHS` without one."""
    hours: int
    """Hours of paid, self-employed, in-kind or unpaid work."""
    volunteer_hours: int
    """Hours of community service."""
    programme_hours: int
    """Hours in a listed work programme."""
    study_hours: int
    """Hours that study below half time is worth: see `credit_hours`."""
    half_time_student: int
    """Enrolled at least half time, breaks included."""
    household_income: int
    """MAGI household income of the month, earned and countable unearned."""
    seasonal: int
    """Seasonal worker of section 45R(d)(5)(B) of the Internal Revenue Code."""
    seasonal_average: int
    """Average monthly income of the six months before this one."""
    inpatient: int
    """Inpatient, nursing, psychiatric or similar care."""
    disaster_county: int
    """Lives in a county under a declared emergency or disaster."""
    high_unemployment_county: int
    """Lives in a county at or above the unemployment line."""
    medical_travel: int
    """Travels for long treatment of a serious or complex condition, own or a dependant's."""
    medicare: int
    """Entitled to Medicare part A or enrolled in part A or B."""
    other_mandatory_group: int
    """Eligible in a group of section 1902(a)(10)(A)(i)(I)-(VII)."""
