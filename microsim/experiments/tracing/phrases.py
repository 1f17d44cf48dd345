"""Plain words for the codes of a life; about people first, as a caseworker would put it."""

from __future__ import annotations

from microsim.ground.calendar import month_name
from microsim.ground.schema import (
    COVERS,
    DRUGS,
    EDUCATIONS,
    JOBS,
    OPIOIDS,
    RACES,
    STATES,
    USES,
    WORK_CLASSES,
)
from microsim.life.state import NEVER

STATE_NAMES = dict(zip(STATES, (
    "Alabama", "Alaska", "Arizona", "Arkansas", "California", "Colorado", "Connecticut", "Delaware",
    "the District of Columbia", "Florida", "Georgia", "Hawaii", "Idaho", "Illinois", "Indiana", "Iowa",
    "Kansas", "Kentucky", "Louisiana", "Maine", "Maryland", "Massachusetts", "Michigan", "Minnesota",
    "Mississippi", "Missouri", "Montana", "Nebraska", "Nevada", "New Hampshire", "New Jersey", "New Mexico",
    "New York", "North Carolina", "North Dakota", "Ohio", "Oklahoma", "Oregon", "Pennsylvania",
    "Rhode Island", "South Carolina", "South Dakota", "Tennessee", "Texas", "Utah", "Vermont", "Virginia",
    "Washington", "West Virginia", "Wisconsin", "Wyoming",
), strict=True))  # fmt: skip

RACE = dict(zip(RACES, (
    "white", "Black", "Hispanic", "Asian", "American Indian or Alaska Native",
    "Native Hawaiian or Pacific Islander", "of another or several races",
), strict=True))  # fmt: skip

EDUCATION = dict(zip(EDUCATIONS, (
    "without a high school diploma", "with a high school diploma", "with some college",
    "with a bachelor's degree",
), strict=True))  # fmt: skip

COVER = dict(zip(COVERS, (
    "no insurance", "insurance through a job", "a marketplace plan with premium tax credit",
    "a marketplace plan at full price", "Medicaid in the adult group",
    "Medicaid in a waiver group for adults", "Medicaid as a parent or through pregnancy",
    "Medicaid on the basis of disability", "Medicaid or CHIP as a child", "Medicare",
    "Medicare with Medicaid", "other insurance",
), strict=True))  # fmt: skip

WORK_CLASS = dict(zip(WORK_CLASSES, (
    "works steadily", "moves in and out of work", "is mostly out of work",
), strict=True))  # fmt: skip

JOB = dict(zip(JOBS, (
    "without a job on record", "in a job on a payroll", "self-employed", "in seasonal work",
), strict=True))  # fmt: skip

DRUG = dict(zip(DRUGS, ("buprenorphine", "methadone", "extended-release naltrexone"), strict=True))

OPIOID = dict(zip(OPIOIDS, (
    "no opioid use disorder", "opioid use disorder without treatment",
    "opioid use disorder, in treatment without medication", "opioid use disorder, on buprenorphine",
    "opioid use disorder, on methadone", "opioid use disorder, on extended-release naltrexone",
    "opioid use disorder, has just left medication", "opioid use disorder in remission",
), strict=True))  # fmt: skip

USE = dict(zip(USES, ("none", "without treatment", "in treatment", "in remission"), strict=True))

SUBSTANCE = {"stimulant": "stimulant", "alcohol": "alcohol", "cannabis": "cannabis or other drug"}

STANDING = {
    ("excluded", "foster_youth"): "a former foster youth",
    ("excluded", "aian"): "American Indian or Alaska Native",
    ("excluded", "caregiver"): "caring for a child or a family member with a disability",
    ("excluded", "veteran"): "a veteran with a total disability rating",
    ("excluded", "frail"): "medically frail",
    ("excluded", "tanf"): "meeting the work rules of TANF",
    ("excluded", "snap"): "in a SNAP household with a SNAP work requirement",
    ("excluded", "programme"): "in a drug or alcohol treatment programme",
    ("excluded", "inmate"): "in custody",
    ("excluded", "pregnant"): "pregnant or within the months after a birth",
    ("excepted", "under_19"): "under 19",
    ("excepted", "medicare"): "on Medicare",
    ("excepted", "mandatory_group"): "eligible in another group",
    ("excepted", "released"): "released from custody in the last months",
    ("hardship", "inpatient"): "in hospital or similar care",
    ("hardship", "disaster"): "living in a county under a declared disaster",
    ("hardship", "unemployment"): "living in a county of high unemployment",
    ("hardship", "travel"): "travelling for long treatment",
    ("complies", "work"): "by hours of work",
    ("complies", "community_service"): "by community service",
    ("complies", "work_programme"): "by a work programme",
    ("complies", "education"): "by studying at least half time",
    ("complies", "combination"): "by work and other activities together",
    ("complies", "income"): "by household income",
    ("complies", "seasonal_income"): "by the average income of a seasonal worker",
    ("complies", "income_as_hours"): "by income counted as hours",
}
"""Families and reasons of rules.statuses."""

LIMB = {
    "disabled": "a disability",
    "sud": "a substance use disorder",
    "mental": "a disabling mental disorder",
    "complex": "a serious or complex condition",
}

RECORD = {
    "none": "no record",
    "tanf": "TANF records",
    "snap": "SNAP records",
    "child": "the record of a child at home",
    "pregnancy": "records of the pregnancy",
    "payroll_steady": "payroll records of steady work",
    "payroll_interrupted": "payroll records of interrupted work",
    "aian": "tribal or Indian Health Service records",
    "student": "enrolment records of a school",
    "release": "corrections records",
    "caregiver": "records of caregiving",
    "self_employed": "records of self-employment",
    "volunteer": "records of informal or unpaid work",
    "moud": "claims for medication for opioid use disorder",
    "other_sud": "claims that name the substance use disorder",
    "disability": "disability records",
    "frail_other": "claims that show frailty",
    "foster_youth": "foster care records",
    "veteran": "Veterans Affairs records",
    "income": "income records",
}
"""Pathways of schema.PATHWAYS: where a true status can show."""

LOSS = {
    "noncompliant": "did not meet the work rule",
    "compliant_unverified": "met the work rule, but it was not proved",
    "excluded_unverified": "excluded from the work rule, but it was not proved",
    "renewal_procedural": "renewal form not returned",
    "denied_at_application": "turned away on applying: the work rule was not met or not proved",
    "deterred": "did not apply because of the work rule",
    "renewal_ineligible": "no longer eligible, found at renewal",
    "income_or_other_cover": "income, other insurance or another ordinary reason",
    "aged_out": "reached the age at which this cover ends, 19 or 65",
}
"""Reasons of schema.LOSS_REASONS."""

LEAK = {
    "undiagnosed": "no claim of the last year names the substance use disorder, so the state cannot see it",
    "functional_gate": (
        "the substance use disorder does not exclude: it does not significantly impair the ability to "
        "comply, which the interim rule asks for"
    ),
    "recovery": "recovery is longer than the line after which a past disorder no longer excludes",
    "programme": "the treatment is not in a programme that the rule recognises",
    "unreturned": "claims name the substance use disorder, but nothing that the state accepts came back",
}
"""Leaks of schema.LEAKS: how the exclusion of people with a substance use disorder failed."""


def capital(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def listed(parts: list[str]) -> str:
    """a, b and c."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def counted(number: int, thing: str) -> str:
    """1 month, 2 months."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def ago(month: int, now: int) -> str:
    """How long something has lasted."""
    return counted(max(now - month, 0), "month") if month > NEVER else "an unknown time"


def name(month: int) -> str:
    """A month as the tables write it."""
    return month_name(month)
