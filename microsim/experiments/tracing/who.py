"""Who a person is when the population is dated, in sentences."""

from __future__ import annotations

import numpy as np

from microsim.experiments.tracing.phrases import (
    COVER,
    EDUCATION,
    JOB,
    OPIOID,
    RACE,
    STATE_NAMES,
    SUBSTANCE,
    USE,
    WORK_CLASS,
    ago,
    capital,
    listed,
    name,
)
from microsim.ground.schema import (
    COVERS,
    EDUCATIONS,
    FLAG,
    JOBS,
    OPIOIDS,
    POPULATION_MONTH,
    RACES,
    SEXES,
    STATES,
    USES,
    WORK_CLASSES,
)
from microsim.life.month import Life
from microsim.life.opioid import on_medication
from microsim.life.state import NEVER, REMISSION, USE_NONE, Person

_ADULT_MONTHS = 18 * 12
_NOTES = {
    "disabled": "a disability",
    "smi": "a serious mental illness",
    "complex_condition": "a serious or complex condition",
}
_STATUS = {
    "foster_youth": "was in foster care", "student": "studies at least half time",
    "caregiver": "cares for a family member", "veteran_total": "is a veteran with a total disability rating",
    "aian": "is American Indian or Alaska Native under federal law", "inmate": "is in custody",
}  # fmt: skip


def sentences(record: np.void, person: Person, life: Life) -> list[str]:
    """Household, work, health, substance use, benefits and cover in January 2024. Nobody is real."""
    flags = {flag for flag, bit in FLAG.items() if int(record["flags"]) & bit}
    years = (POPULATION_MONTH - person.birth_month) // 12
    told = [_opening(record, person, years, flags)]
    if POPULATION_MONTH - person.birth_month >= _ADULT_MONTHS:
        told += [_work(person, life), _health(life, flags), _use(life, flags), _benefits(life, flags)]
    told.append(_cover(life))
    return [sentence for sentence in told if sentence]


def _opening(record: np.void, person: Person, years: int, flags: set[str]) -> str:
    sex = SEXES[person.sex]
    female, male = ("girl", "boy") if years < 18 else ("woman", "man")
    noun = female if sex == "female" else male
    where = STATE_NAMES[STATES[person.state]]
    opening = f"A {noun} of {years}" if years else f"A {noun} under one year old"
    parts = [opening, RACE[RACES[person.race]], f"in {where}"]
    if years >= 18:
        parts.append(EDUCATION[EDUCATIONS[person.education]])
    size = int(record["household_size"])
    home = "living alone" if size == 1 else f"in a household of {size}"
    if "has_spouse" in flags:
        home += " with a spouse"
    child = int(record["child_birth_month"])
    if child > NEVER and years >= 18:
        age = (POPULATION_MONTH - child) // 12
        home += f"; the youngest child is {'under 1' if age <= 0 else age}"
    return ", ".join([*parts, home]) + "."


def _work(person: Person, life: Life) -> str:
    now = "at 80 hours or more this month" if life.work.working else "below 80 hours this month"
    text = f"{capital(WORK_CLASS[WORK_CLASSES[life.work.work_class]])}, {JOB[JOBS[person.job]]}; {now}."
    money = ["has no wage on record"]
    if person.wage:
        money = [f"earns ${person.wage:,} in a month of 80 hours or more"]
    short = f"{person.short_hours} hours are worked" if person.short_hours else "no hours are worked"
    money.append(f"{short} in other months")
    if person.has_spouse and person.spouse_wage:
        when = "now" if life.work.spouse_works else "when working"
        money.append(f"the spouse earns ${person.spouse_wage:,} {when}")
    if person.other_income:
        money.append(f"other household income is ${person.other_income:,} a month")
    level = "within" if person.poor else "above"
    return f"{text} {capital(', '.join(money))}; usual income is {level} the adult group's limit."


def _health(life: Life, flags: set[str]) -> str:
    has = [text for flag, text in _NOTES.items() if flag in flags]
    text = f"Has {listed(has)}." if has else ""
    if life.home.impaired:
        text += " A condition significantly impairs the ability to work 80 hours a month."
    if life.home.pregnant_since > NEVER:
        text += " Is pregnant or gave birth in the last year."
    return text.strip()


def _use(life: Life, flags: set[str]) -> str:
    parts = []
    opioid = life.opioid
    if opioid.state:
        text = OPIOID[OPIOIDS[opioid.state]]
        if on_medication(opioid.state) or opioid.state == REMISSION:
            text += f" for {ago(opioid.since, POPULATION_MONTH)}"
        if "injects" in flags:
            text += ", with injecting"
        parts.append(text)
    for substance, noun in SUBSTANCE.items():
        use = getattr(life.use, substance)
        if use != USE_NONE:
            parts.append(f"{noun} use disorder {USE[USES[use]]}")
    text = f"Substance use: {'; '.join(parts)}." if parts else "No substance use disorder."
    if life.use.overdose_at > NEVER:
        text += f" Survived an overdose {ago(life.use.overdose_at, POPULATION_MONTH)} ago."
    return text


def _benefits(life: Life, flags: set[str]) -> str:
    parts = [text for flag, text in _STATUS.items() if flag in flags]
    if life.home.snap:
        parts.append("gets SNAP" + (" with a SNAP work requirement" if life.home.snap_subject else ""))
    if life.home.tanf:
        parts.append("gets TANF")
    if life.home.released_at > NEVER:
        parts.append(f"was released from custody {ago(life.home.released_at, POPULATION_MONTH)} ago")
    if "internet" not in flags:
        parts.append("has no internet at home")
    if "limited_english" in flags:
        parts.append("has limited English")
    return f"{capital(listed(parts))}." if parts else ""


def _cover(life: Life) -> str:
    text = f"Cover: {COVER[COVERS[life.cover.kind]]}"
    if life.cover.renewal_at > NEVER:
        text += f", renewal due {name(life.cover.renewal_at)}"
    return text + "."


def status(month_cover: int, life: Life) -> str:
    """A month without an event in a few words: cover held, substance use, work."""
    parts = [COVER[COVERS[month_cover]]]
    if life.opioid.state:
        parts.append(OPIOID[OPIOIDS[life.opioid.state]])
    parts += [
        f"{noun} use disorder {USE[USES[use]]}"
        for substance, noun in SUBSTANCE.items()
        if (use := getattr(life.use, substance)) != USE_NONE
    ]
    parts.append("working" if life.work.working else "not at 80 hours")
    return capital("; ".join(parts)) + "."
