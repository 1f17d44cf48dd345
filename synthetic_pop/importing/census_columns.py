"""Which Census columns are read, what codes they may hold, and what stands in for absent ones."""

from __future__ import annotations

from typing import NamedTuple


class CensusColumn(NamedTuple):
    """One column of public use records; `names` in order of preference."""

    names: tuple[str, ...]
    low: float
    high: float
    whole: bool = True
    blank: float | None = None
    """Value of a blank field; None refuses blanks."""
    required: bool = True
    absent: str = ""
    """What is done when an optional column is not in the file."""


PERSONS: dict[str, CensusColumn] = {
    "state": CensusColumn(("STATE", "ST"), 1, 72),
    "weight": CensusColumn(("PWGTP",), 0, 99_999),
    "order": CensusColumn(("SPORDER",), 1, 20),
    "age": CensusColumn(("AGEP",), 0, 99),
    "sex": CensusColumn(("SEX",), 1, 2),
    "race": CensusColumn(("RAC1P",), 1, 9),
    "hispanic": CensusColumn(("HISP",), 1, 24),
    "citizenship": CensusColumn(("CIT",), 1, 5),
    "schooling": CensusColumn(("SCHL",), 0, 24, blank=0),
    "marital": CensusColumn(("MAR",), 1, 5),
    "birth": CensusColumn(("FER",), 0, 2, blank=0),
    "employment": CensusColumn(("ESR",), 0, 6, blank=0),
    "class_of_worker": CensusColumn(
        ("COW",), 0, 9, blank=0, required=False, absent="self-employment read from income without wages"
    ),
    "hours": CensusColumn(("WKHP",), 0, 99, blank=0),
    "weeks": CensusColumn(
        ("WKWN",), 0, 52, blank=0, required=False, absent="weeks worked taken from WKW bands"
    ),
    "weeks_band": CensusColumn(("WKW",), 0, 6, blank=0, required=False, absent="not needed beside WKWN"),
    "income": CensusColumn(("PINCP",), -100_000, 10_000_000, blank=0),
    "wages": CensusColumn(("WAGP",), 0, 2_000_000, blank=0),
    "adjust": CensusColumn(
        ("ADJINC",), 900_000, 1_500_000, required=False, absent="incomes not adjusted to one year (1-2%)"
    ),
    "any_cover": CensusColumn(("HICOV",), 1, 2),
    "private": CensusColumn(("PRIVCOV",), 1, 2),
    "public": CensusColumn(("PUBCOV",), 1, 2),
    "employer": CensusColumn(
        ("HINS1",), 1, 2, required=False, absent="employer cover split from other private cover by model"
    ),
    "medicare": CensusColumn(("HINS3",), 1, 2, required=False, absent="Medicare under 65 drawn by model"),
    "medicaid": CensusColumn(
        ("HINS4",),
        1,
        2,
        required=False,
        absent="Medicaid is public cover less veterans above the income limit; at 65 and over by model",
    ),
    "difficulty": CensusColumn(("DIS",), 1, 2),
    "military": CensusColumn(("MIL",), 0, 4, blank=0),
    "english": CensusColumn(("ENG",), 0, 4, blank=0, required=False, absent="English ability drawn by model"),
    "school": CensusColumn(("SCH",), 0, 3, blank=0, required=False, absent="study drawn by model"),
}
"""Person records. A file with a value outside the range is refused."""

HOUSING: dict[str, CensusColumn] = {
    "people": CensusColumn(("NP",), 0, 20),
    "quarters": CensusColumn(("TYPEHUGQ", "TYPE"), 1, 3),
    "snap": CensusColumn(("FS",), 0, 2, blank=0, required=False, absent="SNAP drawn by model"),
}
HOUSEHOLD_KEY = "SERIALNO"
WEEKS_OF_BAND = (0, 52, 48, 43, 33, 20, 7)
"""Middle of each band of WKW (1: 50-52 weeks, 6: under 14)."""
