"""The naive twin: one person at a time, in plain Python, with names in place of codes.

A second, slow and obvious writing of the law, a month of a life and the engine, from what the model is
meant to do. It shares with the product only the words of `schema` and the numbers of events in `draws`; it
reads the same person records and the same RATES and PLACE records. `live` gives one life month by month,
`count` adds lives up; both must agree with the kernel in every integer. The month is in
`naive_life`, its cover in `naive_cover` and `naive_check`, the law in `naive_law`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import naive_cover
import naive_life
from naive_law import OPTION_NAMES

from microsim.ground import draws, schema

Person = dict[str, Any]
Me = dict[str, Any]
Table = dict[str, Any]
Page = dict[str, Any]

SURE = 2**32
LOW = SURE - 1


@lru_cache(maxsize=400_000)
def philox(counter: tuple[int, int, int, int], key: tuple[int, int]) -> tuple[int, int, int, int]:
    """Philox4x32-10 of Salmon and others (2011), on plain integers."""
    a, b, c, d = counter
    left, right = key
    for _ in range(10):
        first, second = 0xD2511F53 * a, 0xCD9E8D57 * c
        a, b, c, d = second >> 32 ^ b ^ left, second & LOW, first >> 32 ^ d ^ right, first & LOW
        left, right = left + 0x9E3779B9 & LOW, right + 0xBB67AE85 & LOW
    return a, b, c, d


class Luck:
    """The draws of one person in one month: `luck[event]` is a whole number below 2**32."""

    def __init__(self, person_id: int, month: int, key: tuple[int, int]) -> None:
        self.name, self.month, self.key = (person_id % SURE, person_id // SURE), month, key

    def in_month(self, month: int) -> Luck:
        """The draws of the same person in another month."""
        return Luck(self.name[0] + SURE * self.name[1], month, self.key)

    def __getitem__(self, event: int) -> int:
        return philox((*self.name, self.month, event // 4), self.key)[event % 4]


def plain(record: Any) -> Table:
    """A RATES or PLACE record as a dictionary of numbers and lists; PLACE options go by name."""
    if isinstance(record, dict):
        return record
    table = {name: record[name].tolist() for name in record.dtype.names}
    if "options" in table:
        table["options"] = dict(zip(OPTION_NAMES, table["options"], strict=True))
    return table


def read_person(record: Any, poor: int, key: tuple[int, int]) -> Person:
    """What stays the same in a life."""
    flags = {name for name in schema.FLAGS if int(record["flags"]) & schema.FLAG[name]}
    numbers = ("state", "birth_month", "sex", "race", "education", "household_size", "wage", "spouse_wage",
               "other_income", "short_hours", "stratum")  # fmt: skip
    number = int(record["person_id"])
    lasting, bare = Luck(number, draws.LASTING, key), Luck(number, draws.LASTING, (0, 0))
    return {name: int(record[name]) for name in numbers} | {
        "id": number,
        "flags": flags,
        "job": schema.JOBS[record["job"]],
        "poor": bool(poor),
        "answer_class": 4 * int(record["education"])
        + 2 * ("internet" not in flags)
        + 1 * ("limited_english" in flags),
        "answers": lasting[draws.TRAIT_RESPONSE],
        "visible": lasting[draws.TRAIT_VISIBILITY],
        "diagnosed": lasting[draws.TRAIT_DIAGNOSED],
        "deterred": lasting[draws.TRAIT_DETERRED],
        "programme": lasting[draws.TRAIT_PROGRAMME],
        "county": lasting[draws.TRAIT_COUNTY],
        "responds": lasting[draws.TRAIT_RESPONDS],
        "group": lasting[draws.TRAIT_GROUP] % schema.RANDOM_GROUPS,
        "spouse_luck": lasting[draws.TRAIT_SPOUSE],
        "spouse_pay_luck": lasting[draws.TRAIT_SPOUSE_PAY],
        "degree_luck": lasting[draws.TRAIT_DEGREE],
        "veteran_luck": lasting[draws.TRAIT_VETERAN],
        "tolerance": int(-math.log1p(-(bare[draws.TRAIT_TOLERANCE] + 0.5) / SURE) * 2.0**48),
    }


def first_state(record: Any, person: Person) -> Me:
    """A person's condition when January 2024 begins; None stands for what never was."""
    start = schema.POPULATION_MONTH
    flags = person["flags"]
    row = {column.name: int(record[column.name]) for column in schema.PERSON_COLUMNS}
    opioid, cover = schema.OPIOIDS[row["opioid"]], schema.COVERS[row["cover"]]
    recovered = None if row["recovery_months"] == 255 else start - 1 - row["recovery_months"]
    opioid_since = start - 1
    counted = opioid in (*schema.DRUGS, "left_medication")
    if counted and row["treatment_months"] <= schema.MONTHS_CAP:
        opioid_since = start - row["treatment_months"]
    elif opioid == "remission":
        opioid_since = None if row["treatment_months"] == 255 else start - 1 - row["treatment_months"]
    renewal = start + row["renewal_offset"] if cover in naive_cover.RENEWING else None
    before = None if renewal is None else renewal - 12
    me: Me = {name: name in flags for name in (
        "disabled", "impaired", "smi", "student", "caregiver", "snap", "snap_subject", "tanf", "inmate",
        "working", "spouse_works",
    )}  # fmt: skip
    me |= {
        "complex": "complex_condition" in flags,
        "foster": "foster_youth" in flags,
        "pregnant_since": start - row["pregnancy_months"] if row["pregnancy_months"] else None,
        "child_birth": None if row["child_birth_month"] == schema.NEVER else row["child_birth_month"],
        "released_at": None if row["release_months"] == 255 else start - 1 - row["release_months"],
        "work_class": row["work_class"],
        "met": ["working" in flags],  # latest month first
        "given": [],  # whether the state applies the month by itself
        "incomes": [],  # of six months, latest first, in tens of dollars
        "stimulant": schema.USES[row["stimulant"]],
        "alcohol": schema.USES[row["alcohol"]],
        "cannabis": schema.USES[row["cannabis"]],
        "recovery_since": recovered,
        "overdose_at": None if row["overdose_months"] == 255 else start - 1 - row["overdose_months"],
        "opioid": opioid,
        "opioid_since": opioid_since,
        "left_by_coverage": False,
        "fate": None,  # draw that the fatality of the next overdose is compared with
        "exposure": 0,  # hazard of onset met so far, in 2**-48
        "cover": cover,
        "cover_since": start,
        "renewal_at": renewal,
        "renewed_at": before,
        "checked_at": before,
        "ends_at": None,
        "ends_reason": "none",
        "ends_leak": "none",
        "lost_at": None,
        "lost_because": "nothing",
        "ever_lost": False,
        "claim_at": None,
        "stands_until": None,  # month from which a verified exclusion is asked for again
        "reviewed_from": None,  # first month of the period whose papers were missing
        "awaits_hearing": False,
        "failed_at": [],  # checks in which a month of non-compliance was found
    }
    if cover in naive_cover.MEDICAID:
        if naive_life.in_treatment(me):
            me["claim_at"] = start - 1
        elif opioid == "left_medication":
            me["claim_at"] = opioid_since
    return me


def live(
    record: Any, poor: int, rates: Any, places: Sequence[Any], months: int, key0: int, key1: int
) -> list[Page]:
    """The life of one person under one arm, a page a month from January 2024 until death.

    `rates` is the arm's RATES record, `places` the PLACE records of the person's state by month; either may
    come already through `plain`.
    """
    rates, key = plain(rates), (key0, key1)
    person = read_person(record, poor, key)
    me = first_state(record, person)
    diary: list[Page] = []
    for t in range(months):
        month = schema.POPULATION_MONTH + t
        page: Page = {"t": t, "month": month, "age": month - person["birth_month"], "cover": me["cover"],
                      "events": [], "expected": {}, "person": person, "child": False}  # fmt: skip
        if page["age"] < rates["working_age"][0]:
            page |= {"child": True, "sud": "none", "on_medication": False}
        else:
            naive_life.live(page, person, me, rates, plain(places[t]), Luck(person["id"], month, key))
            page |= {"sud": naive_life.sud_class(me), "on_medication": me["opioid"] in schema.DRUGS}
        page |= {"disabled": me["disabled"], "after": dict(me)}
        diary.append(page)
        if any(event.startswith("died") for event in page["events"]):
            break
    return diary


def cost_class(page: Page) -> str:
    years = page["age"] // 12
    age = "0_18" if years < 19 else "19_44" if years < 45 else "45_64" if years < 65 else "65_up"
    use = "oud" if page["sud"].startswith("oud") else "other_sud" if page["sud"] == "other_sud" else "none"
    return f"{age}/{'disabled' if page['disabled'] else 'not_disabled'}/{use}"


def count(diary: Iterable[Page], weight: int, rates: Table, into: Counter[tuple[Any, ...]]) -> None:
    """Add a life to `into`, keyed by (table, state, time, classes..., measure)."""
    for page in diary:
        person, t = page["person"], page["t"]
        state, cover, sud = schema.STATES[person["state"]], page["cover"], page["sud"]
        expected = {name: weight * value // 65536 for name, value in page["expected"].items()}
        into["cell", state, t, cover, sud, "persons"] += weight
        for name, value in expected.items():
            into["cell", state, t, cover, sud, name] += value
        into["money", state, t // 3, cover, cost_class(page)] += weight
        counts = monthly_counts(set(page["events"]))
        for name in counts:
            into["count", state, t, sud, name] += weight
        year = {name: weight for name in yearly_counts(page, counts)} | expected
        band = schema.AGE_BANDS[rates["band"][page["age"] // 12]]
        demographic = (band, schema.SEXES[person["sex"]], schema.RACES[person["race"]])
        error = (schema.STRATA[person["stratum"]], person["group"])
        for name, value in year.items():
            into["people", state, t // 12, *demographic, name] += value
            into["error", state, t // 12, *error, name] += value


def monthly_counts(events: set[str]) -> set[str]:
    """Names of tallies.COUNTS that a month's events add to."""
    same = ("ever_lost", "entered", "renewals", "renewed_ex_parte", "checks", "cleared_from_data", "notices",
            "applications", "treatment_starts", "application_checks", "application_cleared",
            "failed_checks", "reconsiderations", "hearings", "hearings_reversed")  # fmt: skip
    renamed = {
        "treatment_start": "treatment_starts", "birth": "births", "overdose": "realised_overdoses",
        "overdose_treated": "overdoses_treated", "died_opioid": "realised_opioid_deaths",
        "died_nonopioid": "realised_nonopioid_deaths", "died_other": "realised_deaths_other",
        "left_treatment": "treatment_exits", "left_treatment_coverage": "treatment_exits_coverage",
    }  # fmt: skip
    names = {event for event in events if event in same or event.startswith(("loss_", "leak_"))}
    names |= {renamed[event] for event in events if event in renamed}
    if "treatment_exits_coverage" in names:
        names.add("treatment_exits")
    return names


def yearly_counts(page: Page, counts: set[str]) -> list[str]:
    """Names of tallies.YEAR, expected events apart, that a month adds to."""
    names = ["person_months"]
    if page["cover"] in naive_cover.MEDICAID:
        names.append("medicaid_months")
    if page["cover"] == "adult_group" and not page["child"]:
        names.append("adult_group_months")
    if page["cover"] == "uninsured":
        names.append("uninsured_months")
    if page["sud"].startswith("oud"):
        names.append("oud_months")
        if page["on_medication"]:
            names.append("moud_months")
    gross = ("noncompliant", "compliant_unverified", "excluded_unverified", "renewal_procedural")
    if any(f"loss_{reason}" in counts for reason in gross):
        names.append("losses")
    if "treatment_exits_coverage" in counts:
        names.append("treatment_exits_coverage")
    return names
