"""Truth and proof in the naive twin: what is true of a person, what data and papers show of it."""

from __future__ import annotations

from typing import Any

import naive_law

from microsim.ground import draws, schema

Person = dict[str, Any]
Me = dict[str, Any]
Table = dict[str, Any]
Page = dict[str, Any]


def lasting(mixes: int, fresh: int, trait: int, rates: Table) -> int:
    """The person's own trait for a share of checks, a fresh draw for the rest."""
    return trait if mixes < rates["trait_correlation"] else fresh


def truth(page: Page, person: Person, me: Me, cover: str, rates: Table, luck: Any) -> dict[str, Any]:
    """What is true of the person this month, as far as the rule asks."""
    month = page["month"]

    def since(when: int | None) -> int | None:
        return None if when is None else month - when

    sud = "none"
    if present(me):
        sud = "active"
    elif me["recovery_since"] is not None:
        sud = "past"
    same = ("caregiver", "foster", "disabled", "smi", "complex", "impaired", "snap_subject", "tanf", "inmate",
            "student")  # fmt: skip
    return {name: me[name] for name in same} | {
        "age": page["age"],
        "cover": cover,
        "pregnant": me["pregnant_since"] is not None,
        "child_age": since(me["child_birth"]),
        "aian": "aian" in person["flags"],
        "veteran_total": "veteran_total" in person["flags"],
        "sud": sud,
        "recovery_months": since(me["recovery_since"]),
        "programme": programme(person, me, rates),
        "since_release": since(me["released_at"]),
        "hours": hours_worked(person, me, rates),
        "income": income(person, me, rates, luck),
        "seasonal": person["job"] == "seasonal",
        "six_month_income": sum(me["incomes"]) * 10 // 6,
        "job": person["job"],
        "work_class": schema.WORK_CLASSES[me["work_class"]],
        "volunteer_hours": 0 if me["inmate"] or "volunteer" not in person["flags"] else rates["volunteer_hours"],
    }


def hardships(page: Page, person: Person, me: Me, rates: Table, place: Table, luck: Any) -> set[str]:
    """What may excuse the month: two about the county, two about the person."""
    unwell = me["disabled"] or me["smi"] or me["complex"]
    happens = {
        "emergency": luck.in_month(page["month"] // 3 * 3)[draws.DISASTER] < place["disaster_county"],
        "no_jobs": person["county"] < place["high_unemployment"],
        "hospital": luck[draws.INPATIENT] < rates["inpatient"][unwell],
        "travel": luck[draws.MEDICAL_TRAVEL] < rates["medical_travel"][unwell],
    }
    return {name for name, it_does in happens.items() if it_does}


def present(me: Me) -> bool:
    """Whether any use disorder is present, treated or not."""
    if me["opioid"] not in ("none", "remission"):
        return True
    return any(me[substance] in ("active", "treated") for substance in schema.OTHER_SUBSTANCES)


def hours_worked(person: Person, me: Me, rates: Table) -> int:
    if me["inmate"]:
        return 0
    return int(rates["full_hours"] if me["working"] else person["short_hours"])


def income(person: Person, me: Me, rates: Table, luck: Any) -> int:
    """Household income of the month, in dollars of 2024; own pay varies in sixteen steps."""
    variation = rates["earnings"][luck[draws.EARNINGS] // 2**28]
    own = person["wage"] * hours_worked(person, me, rates) // rates["full_hours"] * variation // 65536
    return int(own + me["spouse_works"] * person["spouse_wage"] + person["other_income"])


def in_treatment(me: Me) -> bool:
    by_opioid = me["opioid"] in (*schema.DRUGS, "nonmedication")
    return by_opioid or any(me[substance] == "treated" for substance in schema.OTHER_SUBSTANCES)


def programme(person: Person, me: Me, rates: Table) -> str:
    """Whether treatment is in a programme of 7 USC 2012(h)."""
    if not in_treatment(me):
        return "none"
    row = schema.DRUGS.index(me["opioid"]) if me["opioid"] in schema.DRUGS else len(schema.DRUGS)
    return "recognised" if person["programme"] < rates["recognised"][row] else "other"


def diagnosed(month: int, person: Person, me: Me, rates: Table) -> bool:
    """Whether a claim of the last twelve months names a disorder the person has."""
    if in_treatment(me) or (me["claim_at"] is not None and month - me["claim_at"] <= 12):
        return True
    shares = [
        rates["diagnosed"][number]
        for number, substance in enumerate(schema.OTHER_SUBSTANCES)
        if me[substance] in ("active", "treated")
    ]
    if me["opioid"] not in ("none", "remission"):
        shares.append(rates["diagnosed"][len(schema.OTHER_SUBSTANCES)])
    return bool(person["diagnosed"] < max(shares, default=0))


def answer(person: Person, rates: Table, luck: Any) -> int:
    """The draw that decides whether mail of this month is answered."""
    return lasting(luck[draws.RESPONSE_MIX], luck[draws.RESPONSE], person["answers"], rates)


def counted(months_that_count: list[bool], months: int, young: tuple[int, bool]) -> int:
    """How many of the finished months count; those lived before the lower age always do."""
    first_young, deemed = young
    total = 0
    for back in range(1, 1 + min(months, 12)):
        known = back < len(months_that_count) and months_that_count[back]
        total += deemed if back >= first_young else known
    return total


def check(
    page: Page, person: Person, me: Me, facts: dict[str, Any], look_back: tuple[int, int], answers: int,
    rates: Table, place: Table, luck: Any,
) -> dict[str, Any]:  # fmt: skip
    """One check: is it met, does it show in data, is it proved on paper?

    `look_back` is how many months before this one are looked at, and how many of them must count.
    """
    law, month = place["options"], page["month"]
    excluded = naive_law.exclusion(facts, law)
    months, required = look_back
    young = (page["age"] - law["age_low_months"] + 1, True)
    met = excluded is not None or counted(me["met"], months, young) >= required
    given = counted(me["given"], months, young) >= required
    seen = diagnosed(month, person, me, rates)
    how = naive_law.pathway(facts, law, met, me["opioid"] in schema.DRUGS, seen, place["clear"])
    if not met:
        how = "none"
    data = lasting(luck[draws.CLEARED_MIX], luck[draws.CLEARED], person["visible"], rates)
    lasts = naive_law.asked_again_after(excluded, law)
    stands = lasts and me["stands_until"] is not None and month < me["stands_until"]
    visible = met and data < place["clear"][schema.PATHWAYS.index(how)]
    cleared = visible or (met and (given or stands))
    accepted = luck[draws.DOCUMENT] < place["document"][excluded in ("frail", "programme")]
    accepted = accepted or (excluded is not None and facts["pregnant"])
    proved = met and answer(person, rates, luck) < answers and accepted
    leak = "none" if cleared or proved else naive_law.leak(facts, law, seen)
    if met and leak not in ("undiagnosed", "unreturned"):
        leak = "none"  # the rule's own gap is no matter to a person who failed to prove something else
    reason = "noncompliant" if not met else "excluded_unverified" if excluded else "compliant_unverified"
    return {
        "passed": cleared or proved,
        "cleared": cleared,
        "met": met,
        "events": ["checks", f"pathway_{how}", "cleared_from_data" if cleared else "notices"],
        "reason": reason,
        "leak": leak,
        "stands_until": month + lasts if lasts and not stands and (visible or proved) else me["stands_until"],
    }
