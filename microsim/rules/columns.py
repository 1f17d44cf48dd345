"""Columns of a table of people to which the law alone is applied."""

from __future__ import annotations

from typing import NamedTuple

from microsim.ground.schema import COVERS
from microsim.rules.situation import NEVER_MONTHS, Situation


class TableColumn(NamedTuple):
    """One column: `kind` is flag, code, months, hours or money."""

    name: str
    kind: str
    high: int
    nobody: int
    """Value for a person whom the column does not concern."""
    meaning: str
    may_be_constant: bool = True


_HOURS = 744
_MONEY = 10_000_000
_LIFE = 1_500


def _flag(name: str, meaning: str) -> TableColumn:
    return TableColumn(name, "flag", 1, 0, meaning)


COLUMNS: tuple[TableColumn, ...] = (
    TableColumn("age_months", "months", _LIFE, 0, "Age in months at the end of the month", False),
    TableColumn("cover", "code", len(COVERS) - 1, 0, "Cover held or applied for: name or code in COVERS"),
    _flag("pregnant", "Pregnant or entitled to postpartum coverage"),
    TableColumn("child_age_months", "months", NEVER_MONTHS, NEVER_MONTHS,
                "Age of the youngest dependent child at home in months, 9999 without one"),
    _flag("caregiver", "Cares for a disabled person as a parent, guardian, relative or family caregiver"),
    _flag("aian", "Indian, Urban Indian, California Indian or eligible for the Indian Health Service"),
    _flag("foster_youth", "In foster care and on Medicaid at 18"),
    _flag("veteran_total", "Veteran with a total disability rating"),
    _flag("disabled", "Blind, disabled under section 1614, or limited in an activity of daily living"),
    _flag("smi", "Disabling mental disorder"),
    _flag("complex_condition", "Serious or complex medical condition"),
    _flag("impaired", "A condition significantly impairs the ability to do the hours"),
    TableColumn("sud", "code", 2, 0, "Substance use disorder: 0 none, 1 active or in treatment, 2 past"),
    TableColumn("recovery_months", "months", NEVER_MONTHS, 0, "Months in recovery, read when sud is 2"),
    TableColumn("programme", "code", 2, 0, "Addiction treatment: 0 none, 1 recognised programme, 2 other"),
    _flag("snap_subject", "Household on SNAP and not exempt from a SNAP work requirement"),
    _flag("tanf", "Complies with TANF work rules"),
    _flag("inmate", "Inmate of a public institution on any day of the month"),
    TableColumn("months_since_release", "months", NEVER_MONTHS, NEVER_MONTHS,
                "Months since release from incarceration, 9999 without one"),
    TableColumn("hours", "hours", _HOURS, 0, "Hours of paid or unpaid work in the month", False),
    TableColumn("volunteer_hours", "hours", _HOURS, 0, "Hours of community service in the month"),
    TableColumn("programme_hours", "hours", _HOURS, 0, "Hours in a listed work programme in the month"),
    TableColumn("study_hours", "hours", _HOURS, 0,
                "Hours that study below half time is worth; or give the column study_credits"),
    _flag("half_time_student", "Enrolled at least half time"),
    TableColumn("household_income", "money", _MONEY, 0, "MAGI household income of the month, USD", False),
    _flag("seasonal", "Seasonal worker"),
    TableColumn("seasonal_average", "money", _MONEY, 0,
                "Average monthly income of the six months before, USD"),
    _flag("inpatient", "Inpatient, nursing, psychiatric or similar care"),
    _flag("disaster_county", "County under a declared emergency or disaster"),
    _flag("high_unemployment_county", "County at or above the unemployment line"),
    _flag("medical_travel", "Travels for treatment of a serious or complex condition"),
    _flag("medicare", "Entitled to Medicare part A or enrolled in part A or B"),
    _flag("other_mandatory_group", "Eligible in a mandatory group other than the adult group"),
)  # fmt: skip
"""The documented columns, in the order of `Situation`; all are required."""

CREDITS = "study_credits"
"""May stand in place of `study_hours`: credit hours of study below half time."""

if tuple(column.name for column in COLUMNS) != Situation._fields:  # pragma: no cover
    raise AssertionError("columns and Situation differ")
