"""The work requirement as a reader of the statute would write it, for the naive twin.

`facts` is what is true of a person in a month and `law` the rule's options by name; both are plain
dictionaries. Answers are names of statuses, exclusions, pathways and leaks. SSA 1902(xx), 42 CFR 435.550-563.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from microsim.ground import schema

Facts = dict[str, Any]
Law = dict[str, int]

OPTION_NAMES = (
    "in_force", "exclusions_apply", "age_low_months", "age_high_months", "child_age_limit_months",
    "foster_age_limit_months", "functional_gate", "sud_automatic", "recovery_line_months", "programme_counts",
    "release_months", "hours_required", "income_required", "income_hours_credit", "income_hourly_cents",
    "study_hundredths_per_credit", "hardship_inpatient", "hardship_disaster", "hardship_unemployment",
    "hardship_travel", "waiver_adults_subject", "lookback_months", "renewal_months_required",
    "check_interval_months", "renewal_period_months", "short_renewal_months", "six_month_in_force",
    "frailty_recheck_months", "veteran_recheck_months",
    "notice_day", "deemed_days", "cure_days", "advance_notice_days", "disenrolment_lag_months",
    "credit_bar",
    "noncompliance_months", "lockout", "reconsideration_months", "reconsideration_look_back", "hearing_months",
)  # fmt: skip


def gate_open(facts: Facts, law: Law) -> bool:
    """Whether the functional gate lets a condition count."""
    return not law["functional_gate"] or facts["impaired"]


def sud_in_scope(facts: Facts, law: Law) -> bool:
    """Whether a substance use disorder is one that frailty covers: active, or not yet in stable recovery."""
    if facts["sud"] == "active":
        return True
    return facts["sud"] == "past" and facts["recovery_months"] < law["recovery_line_months"]


def frail_by_sud(facts: Facts, law: Law) -> bool:
    return sud_in_scope(facts, law) and (bool(law["sud_automatic"]) or gate_open(facts, law))


def frail(facts: Facts, law: Law) -> bool:
    ill = facts["disabled"] or facts["smi"] or facts["complex"]
    return (gate_open(facts, law) and ill) or frail_by_sud(facts, law)


def in_programme(facts: Facts, law: Law) -> bool:
    """Whether treatment counts as a programme: nobody's (0), recognised ones (1), all (2)."""
    counting = {0: (), 1: ("recognised",), 2: ("recognised", "other")}[law["programme_counts"]]
    return facts["programme"] in counting


def young_child(facts: Facts, law: Law) -> bool:
    return facts["child_age"] is not None and facts["child_age"] < law["child_age_limit_months"]


def former_foster_youth(facts: Facts, law: Law) -> bool:
    return facts["foster"] and facts["age"] < law["foster_age_limit_months"]


def exclusion(facts: Facts, law: Law) -> str | None:
    """First specified exclusion in the order of the regulation."""
    if not law["exclusions_apply"]:
        return None
    tests = {
        "foster_youth": former_foster_youth(facts, law),
        "aian": facts["aian"],
        "caregiver": young_child(facts, law) or facts["caregiver"],
        "veteran": facts["veteran_total"],
        "frail": frail(facts, law),
        "tanf": facts["tanf"],
        "snap": facts["snap_subject"],
        "programme": in_programme(facts, law),
        "inmate": facts["inmate"],
        "pregnant": facts["pregnant"],
    }
    return next((name for name, holds in tests.items() if holds), None)


def asked_again_after(excluded: str | None, law: Law) -> int:
    """Months for which a verified exclusion stands: for ever, at least yearly, or to the next renewal."""
    lasting = {"aian": 10_000, "foster_youth": 10_000, "frail": law["frailty_recheck_months"],
               "veteran": law["veteran_recheck_months"]}  # fmt: skip
    return lasting.get(excluded or "", 0)


def recently_released(facts: Facts, law: Law) -> bool:
    return facts["since_release"] is not None and facts["since_release"] <= law["release_months"]


def compliance(facts: Facts, law: Law) -> str | None:
    """First way in which the month complies. Work programmes and part-time study are not lived."""
    if facts["hours"] >= law["hours_required"]:
        return "work"
    if facts["volunteer_hours"] >= law["hours_required"]:
        return "community_service"
    if facts["student"]:
        return "education"
    if facts["hours"] + facts["volunteer_hours"] >= law["hours_required"]:
        return "combination"
    if facts["income"] >= law["income_required"]:
        return "income"
    if facts["seasonal"] and facts["six_month_income"] >= law["income_required"]:
        return "seasonal_income"
    missing = law["hours_required"] - facts["volunteer_hours"]
    worth = facts["income"] * 100 >= missing * law["income_hourly_cents"]
    if law["income_hours_credit"] and worth:
        return "income_as_hours"
    return None


def deemed_in_county(facts: Facts, law: Law) -> bool:
    """Whether the county makes the month count without anybody asking: 435.555, disaster and unemployment."""
    emergency = law["hardship_disaster"] and "emergency" in facts["hardships"]
    return bool(emergency or (law["hardship_unemployment"] and "no_jobs" in facts["hardships"]))


def deemed_on_request(facts: Facts, law: Law) -> bool:
    """Whether a stay in hospital or long travel for treatment makes the month count."""
    stay = law["hardship_inpatient"] and "hospital" in facts["hardships"]
    return bool(stay or (law["hardship_travel"] and "travel" in facts["hardships"]))


def month_counts(facts: Facts, law: Law) -> bool:
    """Whether a month is excluded, excepted, in hardship or compliant, as a look-back reads it."""
    under_age = facts["age"] < law["age_low_months"]
    deemed = deemed_in_county(facts, law) or deemed_on_request(facts, law)
    return bool(exclusion(facts, law) or under_age or recently_released(facts, law) or deemed or compliance(facts, law))


def in_the_group(facts: Facts, law: Law) -> bool:
    """Whether the requirement can reach the person: 1902(xx)(9)(A)(i)."""
    if not law["age_low_months"] <= facts["age"] < law["age_high_months"]:
        return False
    if facts["cover"] == "waiver_adult":
        return bool(law["waiver_adults_subject"]) and not facts["pregnant"]
    return bool(facts["cover"] == "adult_group")


def job_pathway(job: str, work_class: str) -> str:
    if job == "payroll" and work_class == "steady":
        return "payroll_steady"
    return {"payroll": "payroll_interrupted", "seasonal": "payroll_interrupted",
            "self_employed": "self_employed", "none": "volunteer"}[job]  # fmt: skip


def pathway(facts: Facts, law: Law, met: bool, on_medication: bool, diagnosed: bool, clear: Sequence[int]) -> str:
    """Most visible record in which the person's status can show."""
    excluded = exclusion(facts, law) is not None
    how = compliance(facts, law)
    job = job_pathway(facts["job"], facts["work_class"])
    if not excluded and how is None and met:
        how = "work"  # earlier months count though this one does not: what is on record is the job
    by_sud = frail_by_sud(facts, law) or in_programme(facts, law)
    open_gate = gate_open(facts, law)
    records = {
        "tanf": facts["tanf"],
        "snap": facts["snap_subject"],
        "child": young_child(facts, law),
        "pregnancy": facts["pregnant"],
        "veteran": facts["veteran_total"],
        "disability": facts["disabled"] and open_gate,
        "foster_youth": former_foster_youth(facts, law),
        "aian": facts["aian"],
        "release": facts["inmate"],
        "moud": by_sud and on_medication,
        "frail_other": (facts["smi"] or facts["complex"]) and open_gate,
        "other_sud": by_sud and diagnosed,
        "caregiver": facts["caregiver"],
    }
    visible = {name for name, holds in records.items() if holds and excluded}
    if recently_released(facts, law):
        visible.add("release")
    if how in ("work", "combination", "income_as_hours"):
        visible.add(job)
    elif how in ("income", "seasonal_income"):
        visible |= {"income", job} if job == "payroll_steady" else {"income"}
    elif how == "education":
        visible.add("student")
    elif how == "community_service":
        visible.add("volunteer")
    codes = sorted(schema.PATHWAYS.index(name) for name in visible)
    return schema.PATHWAYS[max(codes, key=lambda code: clear[code], default=0)]


def leak(facts: Facts, law: Law, diagnosed: bool) -> str:
    """Why the exclusion of substance use disorders did not protect a person whom a check shuts out."""
    if facts["sud"] == "none":
        return "none"
    if law["exclusions_apply"] and (frail_by_sud(facts, law) or in_programme(facts, law)):
        return "unreturned" if diagnosed else "undiagnosed"
    if facts["programme"] != "none":
        return "programme"
    return "functional_gate" if sud_in_scope(facts, law) else "recovery"


def renewal_interval(cover: str, aian: bool, law: Law) -> int:
    short = law["six_month_in_force"] and cover == "adult_group" and not aian
    return law["short_renewal_months"] if short else law["renewal_period_months"]


def last_covered_month(check_month: int, law: Law, epoch_year: int) -> int:
    """Month at whose end cover stops after a check that failed in `check_month`."""
    year, number = epoch_year + check_month // 12, check_month % 12 + 1
    month_end = (date(year + number // 12, number % 12 + 1, 1) - timedelta(days=1)).day
    notice = date(year, number, min(law["notice_day"], month_end))
    window = notice + timedelta(days=law["deemed_days"] + law["cure_days"])
    window_month = (window.year - epoch_year) * 12 + window.month - 1
    following = date(window.year + window.month // 12, window.month % 12 + 1, 1)
    left = (following - window).days - 1
    lag = law["disenrolment_lag_months"]
    if lag == 0 and left < law["advance_notice_days"]:
        lag = 1
    return window_month + lag


def months_failed(check_month: int, failed_at: list[int]) -> int:
    """Months of non-compliance of one calendar year; a check judges the month before it."""
    return sum((month - 1) // 12 == (check_month - 1) // 12 for month in [*failed_at, check_month])


def shut_out(month: int, lost_at: int, law: Law) -> bool:
    """Whether a loss to the rule keeps a person out to the end of its calendar year."""
    return bool(law["lockout"]) and month // 12 == lost_at // 12


def papers_still_count(month: int, lost_at: int, law: Law) -> bool:
    """Whether papers that were missing are still looked at without a new application."""
    return month - lost_at <= law["reconsideration_months"]
