"""The words of the model: jurisdictions, codes, person columns and measures.

Everything that crosses a floor (population file, tables, tallies, results)
is named here once. Codes are positions in the tuples below and never change
meaning; new ones are appended.
"""

from __future__ import annotations

from typing import NamedTuple

EPOCH_YEAR = 2015
"""Month 0 is January of this year."""

POPULATION_MONTH = 108
"""The population is dated January 2024; 2024 is lived as calibration year."""

STATES: tuple[str, ...] = (
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN",
    "IA", "KS", "KY", "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH",
    "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR", "PA", "RI", "SC", "SD", "TN", "TX", "UT",
    "VT", "VA", "WA", "WV", "WI", "WY",
)  # fmt: skip
"""Postal codes of the 50 states and DC in FIPS order; a state's code is its position."""

FIPS: tuple[int, ...] = (
    1, 2, 4, 5, 6, 8, 9, 10, 11, 12, 13, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28,
    29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 44, 45, 46, 47, 48, 49, 50, 51, 53,
    54, 55, 56,
)  # fmt: skip

SEXES = ("female", "male")
RACES = ("white", "black", "hispanic", "asian", "aian", "nhpi", "other")
"""Non-Hispanic groups except `hispanic`, which is of any race."""
EDUCATIONS = ("below_high_school", "high_school", "some_college", "bachelor")
AGES = tuple(str(age) for age in range(120))
"""Single years of age of the life table."""
AGE_BANDS = ("0_18", "19_25", "26_34", "35_44", "45_54", "55_64", "65_up")
AGE_BAND_STARTS = (0, 19, 26, 35, 45, 55, 65)

COVERS = (
    "uninsured", "employer", "marketplace", "marketplace_full_price", "adult_group",
    "waiver_adult", "other_adult", "disabled", "child", "medicare", "dual", "other_cover",
)  # fmt: skip
"""Cover a person holds, exactly one at a time.

`adult_group` is section 1902(a)(10)(A)(i)(VIII); `waiver_adult` a section 1115 adult with
minimum essential coverage; `other_adult` other Medicaid adults (parents, pregnancy);
`disabled` Medicaid on the basis of disability without Medicare; `child` Medicaid or CHIP under
19; `dual` Medicare and Medicaid; `marketplace` with premium tax credit and
`marketplace_full_price` without; `other_cover` TRICARE, VA, other direct purchase.
"""

WORK_CLASSES = ("steady", "moving", "not_working")
"""Persistence of monthly work: three hidden classes of `evidence/proof`."""
JOBS = ("none", "payroll", "self_employed", "seasonal")
OPIOIDS = (
    "none", "active", "nonmedication", "buprenorphine", "methadone", "xr_naltrexone",
    "left_medication", "remission",
)  # fmt: skip
"""Opioid states: U0, U1, U2, M_b, M_m, M_n, X (left medication within 3 months), R."""
DRUGS = ("buprenorphine", "methadone", "xr_naltrexone")
TENURES = ("m1_2", "m3_6", "m7_24", "m25_up")
"""Months on medication, counting the first month as 1."""
TENURE_STARTS = (1, 3, 7, 25)
"""First month of each class of `TENURES`."""
USES = ("none", "active", "treated", "remission")
"""State of a disorder of another substance (stimulant, alcohol, cannabis or other)."""
SUBSTANCES = ("opioid", "stimulant", "alcohol", "cannabis")
SUD_CLASSES = ("none", "other_sud", "oud_untreated", "oud_nonmedication", "oud_medication", "remission")
"""Substance class of a person-month in tables: `oud_untreated` holds U1 and X, `oud_medication`
the three medications; `other_sud` an active or treated disorder without active OUD; `remission`
a past disorder only."""

FLAGS = (
    "disabled", "impaired", "smi", "complex_condition", "veteran", "veteran_total", "aian",
    "foster_youth", "student", "caregiver", "snap", "snap_subject", "tanf", "citizen", "inmate",
    "spouse_works", "internet", "limited_english", "rural", "injects", "working", "volunteer",
    "medicare_young", "has_spouse",
)  # fmt: skip
"""Bits of the `flags` column, lowest first.

`disabled`: limits activities of daily living or meets section 1614. `impaired`: a condition
significantly impairs the ability to do 80 hours (functional gate). `complex_condition`: serious
or complex medical condition. `aian`: American Indian or Alaska Native for 42 CFR 447.51.
`snap_subject`: in a SNAP household and not exempt from a SNAP work requirement. `working`: at 80
hours or more in January 2024. `medicare_young`: entitled to Medicare under 65.
"""
FLAG = {name: 1 << bit for bit, name in enumerate(FLAGS)}

NEVER = -30000
"""Missing month in 16-bit month columns."""
MONTHS_CAP = 250
"""Largest number of months an 8-bit memory column holds; 255 means never."""


class Column(NamedTuple):
    name: str
    dtype: str
    unit: str
    low: int
    high: int
    codes: tuple[str, ...] | None
    meaning: str
    may_be_constant: bool = False


def _coded(name: str, codes: tuple[str, ...], meaning: str) -> Column:
    return Column(name, "uint8", "code", 0, len(codes) - 1, codes, meaning)


PERSON_COLUMNS: tuple[Column, ...] = (
    Column("person_id", "int64", "identifier", 0, 2**62, None, "Stable identity; keys every draw"),
    Column("weight", "int32", "thousandths of a person", 1, 2**31 - 1, None, "People represented"),
    _coded("state", STATES, "Jurisdiction of residence"),
    Column("birth_month", "int16", "months since January 2015", -1200, 119, None, "Month of birth"),
    _coded("sex", SEXES, "Sex"),
    _coded("race", RACES, "Race and ethnicity"),
    _coded("education", EDUCATIONS, "Highest education"),
    Column("household_size", "uint8", "persons", 1, 20, None, "People in the MAGI household"),
    Column("child_birth_month", "int16", "months since January 2015", NEVER, 119, None,
           "Birth month of the youngest own child in the household; -30000 without one"),
    Column("wage", "uint16", "2024 USD per month", 0, 65535, None,
           "Own earnings in a month with 80 hours or more"),
    Column("spouse_wage", "uint16", "2024 USD per month", 0, 65535, None,
           "Earnings of the spouse in a month in which the spouse works"),
    Column("other_income", "uint16", "2024 USD per month", 0, 65535, None,
           "Countable unearned MAGI income of the household"),
    Column("short_hours", "uint8", "hours per month", 0, 79, None,
           "Hours worked in a month below 80 hours"),
    _coded("work_class", WORK_CLASSES, "Persistence class of work"),
    _coded("job", JOBS, "Kind of job when working"),
    _coded("cover", COVERS, "Cover in January 2024"),
    _coded("opioid", OPIOIDS, "Opioid use state in January 2024"),
    _coded("stimulant", USES, "Stimulant use disorder"),
    _coded("alcohol", USES, "Alcohol use disorder"),
    _coded("cannabis", USES, "Cannabis or other drug use disorder"),
    Column("treatment_months", "uint8", "months", 0, 255, None,
           "Months on medication, since leaving it, or in remission, capped at 250; 255 when none applies"),
    Column("recovery_months", "uint8", "months", 0, 255, None,
           "Months since the last active disorder, capped at 250; 255 when never or active"),
    Column("overdose_months", "uint8", "months", 0, 255, None,
           "Months since the last nonfatal overdose, 0 to 11; 255 when none in twelve months"),
    Column("pregnancy_months", "uint8", "months", 0, 21, None,
           "0 not; 1-9 month of pregnancy; 10-21 month after delivery plus 9"),
    Column("release_months", "uint8", "months", 0, 255, None,
           "Months since release from incarceration, 0 to 11; 255 otherwise"),
    Column("renewal_offset", "uint8", "months", 0, 11, None,
           "Months after January 2024 of the first renewal of cover"),
    Column("flags", "uint32", "bits", 0, 2 ** len(FLAGS) - 1, None, "Attributes, see FLAGS"),
    Column("stratum", "uint8", "code", 0, 7, None, "Sampling stratum: see STRATA"),
)  # fmt: skip

STRATA = ("child", "aged", "adult_other", "adult_medicaid", "expansion", "oud", "oud_expansion", "other_sud")
RANDOM_GROUPS = 20
"""Hashed random groups for jackknife errors: group = draw of person id modulo this."""

PAYERS = ("medicaid", "other_insured", "uninsured")
OTHER_SUBSTANCES = ("stimulant", "alcohol", "cannabis")
RECOVERY_BANDS = ("m1_12", "m13_60", "m61_up")
"""Months since the last active disorder."""
RECOVERY_BAND_STARTS = (1, 13, 61)
"""First month of each class of `RECOVERY_BANDS`."""
EXIT_MONTHS = ("m1", "m2", "m3")
"""Months since leaving medication, or since losing cover."""
REENTRY_BANDS = ("m1_3", "m4_6", "m7_12")
"""Months since losing Medicaid."""
REENTRY_BAND_ENDS = (3, 6, 12)
"""Last month of each class of `REENTRY_BANDS`."""

PATHWAYS = (
    "none", "tanf", "snap", "child", "pregnancy", "payroll_steady", "payroll_interrupted", "aian",
    "student", "release", "caregiver", "self_employed", "volunteer", "moud", "other_sud",
    "disability", "frail_other", "foster_youth", "veteran", "income",
)  # fmt: skip
"""The way in which a true exclusion, exception or compliance can show in a state's data."""

LOSS_REASONS = (
    "none", "noncompliant", "compliant_unverified", "excluded_unverified", "renewal_procedural",
    "denied_at_application", "deterred", "renewal_ineligible", "income_or_other_cover", "aged_out",
)  # fmt: skip
"""Why Medicaid ended or was not granted; `renewal_ineligible` onwards are ordinary exits."""
LEAKS = ("none", "undiagnosed", "functional_gate", "recovery", "programme", "unreturned")
"""How the exclusion of people with a substance use disorder failed a person who lost cover."""

CHANNELS = ("coverage", "naloxone", "slots", "linkage", "surveillance", "prevention", "supply")
"""Parts of a policy that can be taken from either arm separately."""

DIMENSIONS: dict[str, tuple[str, ...]] = {
    "state": STATES, "sex": SEXES, "race": RACES, "education": EDUCATIONS, "age": AGES, "age_band": AGE_BANDS,
    "cover": COVERS, "work_class": WORK_CLASSES, "drug": DRUGS,
    "tenure": TENURES, "sud_class": SUD_CLASSES, "payer": PAYERS,
    "substance": SUBSTANCES, "other_substance": OTHER_SUBSTANCES, "recovery_band": RECOVERY_BANDS,
    "exit_month": EXIT_MONTHS, "reentry_band": REENTRY_BANDS, "pathway": PATHWAYS,
    "stratum": STRATA,
}  # fmt: skip
"""Classes a parameter may vary by."""
