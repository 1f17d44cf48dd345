"""The words of a month's status: one integer says which door was open, or why none was."""

from __future__ import annotations

from microsim.ground.compiled import compiled

GROUPS = ("outside", "adult_group", "waiver_adult")
"""SSA 1902(xx)(9)(A)(i)(I) and (II)."""

EXCLUSIONS = (
    "none", "foster_youth", "aian", "caregiver", "veteran", "frail", "tanf", "snap", "programme",
    "inmate", "pregnant",
)  # fmt: skip
"""The ten specified exclusions in the order of 42 CFR 435.554(c)(1)-(10)."""
EXCEPTIONS = ("none", "under_19", "medicare", "mandatory_group", "released")
"""42 CFR 435.553; a specified exclusion in part of the month is the remaining one."""
HARDSHIPS = ("none", "inpatient", "disaster", "unemployment", "travel")
"""42 CFR 435.555(1)-(4)."""
COMPLIANCES = (
    "none", "work", "community_service", "work_programme", "education", "combination", "income",
    "seasonal_income", "income_as_hours",
)  # fmt: skip
"""SSA 1902(xx)(2)(A)-(G) in that order, then the hours credit of 42 CFR 435.552(e)(2)."""
OUTSIDES = ("age", "medicare", "mandatory_group", "pregnant", "other_cover")
"""Why a person is not in the group at all."""

FAMILIES = ("not_in_force", "outside", "excluded", "excepted", "hardship", "complies", "noncompliant")

_PARTS = (
    ("outside", OUTSIDES), ("excluded", EXCLUSIONS[1:]), ("excepted", EXCEPTIONS[1:]),
    ("hardship", HARDSHIPS[1:]), ("complies", COMPLIANCES[1:]),
)  # fmt: skip
_NAMED = tuple((family, reason) for family, reasons in _PARTS for reason in reasons)

STATUSES: tuple[tuple[str, str], ...] = (("not_in_force", "none"), *_NAMED, ("noncompliant", "none"))
"""(family, reason) of each status code."""

NOT_IN_FORCE = 0
FIRST_OUTSIDE = STATUSES.index(("outside", "age"))
OUTSIDE_MEDICARE = STATUSES.index(("outside", "medicare"))
OUTSIDE_MANDATORY = STATUSES.index(("outside", "mandatory_group"))
OUTSIDE_PREGNANT = STATUSES.index(("outside", "pregnant"))
OUTSIDE_COVER = STATUSES.index(("outside", "other_cover"))
FIRST_EXCLUDED = STATUSES.index(("excluded", EXCLUSIONS[1]))
FIRST_EXCEPTED = STATUSES.index(("excepted", EXCEPTIONS[1]))
FIRST_HARDSHIP = STATUSES.index(("hardship", HARDSHIPS[1]))
FIRST_COMPLIES = STATUSES.index(("complies", COMPLIANCES[1]))
NONCOMPLIANT = STATUSES.index(("noncompliant", "none"))

_HARDSHIP_DISASTER = STATUSES.index(("hardship", "disaster"))
_HARDSHIP_UNEMPLOYMENT = STATUSES.index(("hardship", "unemployment"))


@compiled
def month_counts(status: int) -> int:
    """1 when a month of this status is compliant, deemed compliant or not subject, else 0."""
    return 1 if status != NONCOMPLIANT else 0


@compiled
def applied_by_state(status: int) -> int:
    """1 when the state applies a status by itself, with nothing to prove, else 0.

    Not subject at all; an age, Medicare or another group in the state's own record, 42 CFR
    435.553; county-wide hardship, 435.555. Everything else must show in data or be shown.
    """
    if status < FIRST_EXCLUDED:
        return 1
    if FIRST_EXCEPTED <= status < FIRST_HARDSHIP - 1:
        return 1
    return 1 if status in (_HARDSHIP_DISASTER, _HARDSHIP_UNEMPLOYMENT) else 0
