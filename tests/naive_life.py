"""A month of a life in the naive twin: events at home, work, substances, treatment, overdose, death."""

from __future__ import annotations

from typing import Any

import naive_cover

from microsim.ground import draws, schema

Person = dict[str, Any]
Me = dict[str, Any]
Table = dict[str, Any]
Page = dict[str, Any]
Luck = Any
"""The draws of one person in one month by event."""

SURE = 2**32
HOME_RUNGS = (
    "conception", "disability_onset", "disability_recovery", "care_start", "care_stop", "study_start",
    "study_stop", "snap_start", "snap_stop", "tanf_start", "tanf_stop", "custody", "release", "smi_onset",
    "smi_recovery", "complex_onset", "complex_recovery",
)  # fmt: skip
"""Columns of RATES.home."""
RISKS = (
    "none", "other_sud", "active", "nonmedication", "buprenorphine", "methadone_first_month", "methadone",
    "xr_naltrexone", "left_first_month", "left_first_month_coverage", "left_later", "remission",
)  # fmt: skip
"""Rows of RATES.overdose."""
SUBSTANCES = schema.OTHER_SUBSTANCES
PRESENT = ("active", "treated")


def other_disorder(me: Me) -> bool:
    return any(me[substance] in PRESENT for substance in SUBSTANCES)


def opioid_disorder(me: Me) -> bool:
    return me["opioid"] not in ("none", "remission")


def sud_class(me: Me) -> str:
    if me["opioid"] in schema.DRUGS:
        return "oud_medication"
    if me["opioid"] == "nonmedication":
        return "oud_nonmedication"
    if me["opioid"] in ("active", "left_medication"):
        return "oud_untreated"
    if other_disorder(me):
        return "other_sud"
    return "remission" if me["recovery_since"] is not None else "none"


def recovery_band(months: int | None) -> int:
    """Time since the last disorder: within a year, within five, beyond (or not known)."""
    if months is None or months > 5 * 12:
        return 2
    return 0 if months <= 12 else 1


def live(page: Page, person: Person, me: Me, rates: Table, place: Table, luck: Luck) -> None:
    """Life events, work, other substances, opioids, overdose, death, cover; changes `me`, fills `page`."""
    band = rates["band"][page["age"] // 12]
    had_opioid, had_other, was_treated = opioid_disorder(me), other_disorder(me), in_treatment(me)
    if rates["working_age"][0] <= page["age"] < rates["working_age"][1]:
        person = aged(page, person, me, rates, place)
        home(page, person, me, rates["home"][person["sex"]][band][person["poor"]], rates, luck)
        work(page, person, me, rates, luck, had_opioid or had_other, band)
    other_substances(page, me, rates, band, luck)
    opioids(page, person, me, rates, place, band, luck)
    overdose(page, person, me, rates, place, band, luck)
    impairment(me, rates, luck, had_opioid, had_other)
    if me["cover"] in naive_cover.MEDICAID and (was_treated or "overdose_treated" in page["events"]):
        me["claim_at"] = page["month"]
    death(page, person, me, rates, place, band, luck)
    if not any(event.startswith("died") for event in page["events"]):
        naive_cover.live(page, person, me, rates, place, luck)


def in_treatment(me: Me) -> bool:
    return me["opioid"] in (*schema.DRUGS, "nonmedication") or any(me[s] == "treated" for s in SUBSTANCES)


def aged(page: Page, person: Person, me: Me, rates: Table, place: Table) -> Person:
    """The person at this age: what came with the years since January 2024, and the household as it is."""
    years, then = page["age"] // 12, schema.POPULATION_MONTH - person["birth_month"]
    since = min(years, max(then, rates["working_age"][0]) // 12)

    def came(by_age: list[int], draw: int) -> bool:
        """Of those without it at the first age, the share that makes up the difference by now."""
        return draw * (65536 - by_age[since]) < (by_age[years] - by_age[since]) * SURE

    flags, school = set(person["flags"]), person["education"]
    if schema.EDUCATIONS[school] == "some_college" and came(rates["degree"], person["degree_luck"]):
        school = schema.EDUCATIONS.index("bachelor")
    if came(rates["rated"][person["sex"]], person["veteran_luck"]):
        flags.add("veteran_total")
    spouse_wage, members = person["spouse_wage"], person["household_size"]
    if then < rates["child_cover_to"]:
        members = 1 + ("has_spouse" in flags)
    if "has_spouse" not in flags and came(rates["married"], person["spouse_luck"]):
        flags.add("has_spouse")
        members += 1
        spouse_wage = rates["spouse_pay"][school][person["spouse_pay_luck"] * 16 // SURE]
    youngest = me["child_birth"]
    if youngest is not None and youngest >= schema.POPULATION_MONTH:
        members += 1
    elif youngest is not None and not has_child(page, me, rates):
        members = min(members, 1 + ("has_spouse" in flags))
    members = min(members, 20)
    wage = person["wage"] * rates["pay"][school][years] // rates["pay"][person["education"]][since]
    usual = wage
    if schema.WORK_CLASSES[me["work_class"]] == "not_working":
        usual = wage * person["short_hours"] // rates["full_hours"]
    means = usual + person["other_income"] + (spouse_wage if me["spouse_works"] else 0)
    return person | {
        "flags": flags,
        "education": school,
        "answer_class": person["answer_class"] + 4 * (school - person["education"]),
        "household_size": members,
        "wage": wage,
        "spouse_wage": spouse_wage,
        "poor": means <= place["income_limit"][members],
    }


def has_child(page: Page, me: Me, rates: Table) -> bool:
    """Whether the youngest child is still of an age to live at home."""
    return me["child_birth"] is not None and page["month"] - me["child_birth"] < rates["dependent_months"]


def home(page: Page, person: Person, me: Me, row: list[int], rates: Table, luck: Luck) -> None:
    """Births, and at most one other event of the month."""
    month = page["month"]
    man = schema.SEXES[person["sex"]] == "male"
    newborn = me["child_birth"] is not None and month - me["child_birth"] < rates["postpartum_months"]
    expecting = man and newborn
    if me["pregnant_since"] is not None:
        expecting = True
        along = month - me["pregnant_since"]
        if along == rates["pregnancy_months"]:
            me["child_birth"] = month
            page["events"].append("birth")
        elif along >= rates["pregnancy_months"] + rates["postpartum_months"]:
            me["pregnant_since"] = None
    chance = dict(zip(HOME_RUNGS, row, strict=True))
    if has_child(page, me, rates):
        chance["conception"] = chance["conception"] * rates["birth_parent"] // 65536
    ladder = [] if expecting else [("conception", "fatherhood" if man else "conception")]
    for state, begins, ends, name in (
        ("disabled", "disability_onset", "disability_recovery", "disability"),
        ("caregiver", "care_start", "care_stop", "care"),
        ("student", "study_start", "study_stop", "study"),
        ("snap", "snap_start", "snap_stop", "snap"),
        ("tanf", "tanf_start", "tanf_stop", "tanf"),
        ("inmate", "custody", "release", "custody"),
        ("smi", "smi_onset", "smi_recovery", "smi"),
        ("complex", "complex_onset", "complex_recovery", "complex"),
    ):
        if state in ("snap", "tanf") and not (me[state] or person["poor"]):
            continue
        if state == "tanf" and not (me["tanf"] or has_child(page, me, rates)):
            continue
        ladder.append((ends, f"{name}_ends") if me[state] else (begins, f"{name}_starts"))
    draw, rung = luck[draws.HOME], 0
    for threshold, what in ladder:
        rung += chance[threshold]
        if draw < rung:
            page["events"].append(what)
            home_change(page["month"], me, what, rates, luck)
            return


def home_change(month: int, me: Me, what: str, rates: Table, luck: Luck) -> None:
    name, _, turn = what.rpartition("_")
    begins = turn == "starts"
    if what == "conception":
        me["pregnant_since"] = month
    elif what == "fatherhood":
        me["child_birth"] = month
    elif name in ("disability", "smi", "complex"):
        others = most_disabling(me, rates, opioid_disorder(me), other_disorder(me))
        me["disabled" if name == "disability" else name] = begins
        power = rates["impairs"][{"disability": 0, "smi": 1, "complex": 2}[name]]
        if begins:
            me["impaired"] = me["impaired"] or comes_on(others, power, luck[draws.IMPAIRED])
        else:
            me["impaired"] = me["impaired"] and goes_on(power, me, rates, luck[draws.IMPAIRED])
    elif name == "custody":
        me["inmate"] = begins
        if not begins:
            me["released_at"] = month
    elif name == "snap":
        me["snap"] = begins
        child = me["child_birth"] is not None and month - me["child_birth"] < rates["dependent_months"]
        exempt = me["disabled"] or me["pregnant_since"] is not None
        me["snap_subject"] = begins and not exempt and luck[draws.HOME_DETAIL] < rates["snap_subject"][child]
    else:
        me[{"care": "caregiver", "study": "student", "tanf": "tanf"}[name]] = begins


def most_disabling(me: Me, rates: Table, opioid: bool, other: bool) -> int:
    """How often the most disabling condition impairs, with or without the two kinds of disorder."""
    conditions = (me["disabled"], me["smi"], me["complex"], opioid, other)
    return max((power for power, there in zip(rates["impairs"], conditions, strict=True) if there), default=0)


def comes_on(before: int, new: int, draw: int) -> bool:
    """Whether a new condition impairs somebody whom the conditions before it do not."""
    return new > before and draw * ((SURE - before) // 65536) < (new - before) // 65536 * SURE


def goes_on(ended: int, me: Me, rates: Table, draw: int) -> bool:
    """Whether an impairment stays when a condition ends: in proportion to the most disabling one that is left."""
    left = most_disabling(me, rates, opioid_disorder(me), other_disorder(me))
    return draw * (ended // 65536) < left // 65536 * SURE


def work(page: Page, person: Person, me: Me, rates: Table, luck: Luck, troubled: bool, band: int) -> None:
    """Whether this month reaches 80 hours, the spouse's work, and slow change of the work class."""
    little_school = person["education"] < schema.EDUCATIONS.index("some_college")
    where = (page["month"] % 12, me["work_class"], troubled, me["disabled"], little_school)

    def look(table: list[Any]) -> int:
        for index in where:
            table = table[index]
        return table  # type: ignore[return-value]

    if me["inmate"]:
        me["working"] = False
    elif me["working"]:
        me["working"] = luck[draws.WORK] >= look(rates["lose_work"])
    else:
        me["working"] = luck[draws.WORK] < look(rates["gain_work"])
    draw = luck[draws.SPOUSE]
    if "has_spouse" not in person["flags"]:
        me["spouse_works"] = False
    elif me["spouse_works"]:
        me["spouse_works"] = draw >= rates["spouse_lose"]
    else:
        me["spouse_works"] = draw < rates["spouse_gain"]
    onward, back = rates["class_change"][band][me["work_class"]]
    mirrored = SURE - 1 - draw
    if mirrored < onward:
        me["work_class"] += 1
        if schema.WORK_CLASSES[me["work_class"]] == "not_working":
            me["working"] = False
    elif mirrored < onward + back:
        me["work_class"] -= 1


def remember_recovery(month: int, me: Me, before: bool) -> None:
    """Recovery starts when the last disorder ends and is forgotten when one begins."""
    if opioid_disorder(me) or other_disorder(me):
        me["recovery_since"] = None
    elif before:
        me["recovery_since"] = month


def other_substances(page: Page, me: Me, rates: Table, band: int, luck: Luck) -> None:
    """At most one change among stimulants, alcohol and cannabis."""
    month = page["month"]
    before = opioid_disorder(me) or other_disorder(me)
    clean = None if me["recovery_since"] is None else month - me["recovery_since"]
    draw, rung = luck[draws.SUBSTANCE], 0
    for number, substance in enumerate(SUBSTANCES):
        onset = rates["sub_onset"][number][band]
        if opioid_disorder(me):
            onset = max(onset, rates["sub_onset_oud"][number])
        ways = {
            "none": [("active", onset)],
            "active": [
                ("remission", rates["sub_remission"][number]),
                ("treated", rates["sub_start"][number][naive_cover.payer(me["cover"])]),
            ],
            "treated": [
                ("remission", rates["sub_treated_remission"][number]),
                ("active", rates["sub_stop"][number]),
            ],
            "remission": [
                ("active", rates["sub_relapse"][number][recovery_band(clean)])
            ],
        }[me[substance]]
        for becomes, threshold in ways:
            rung += threshold
            if draw < rung:
                page["events"].append(f"{substance}_{me[substance]}_{becomes}")
                me[substance] = becomes
                remember_recovery(month, me, before)
                return


def opioids(page: Page, person: Person, me: Me, rates: Table, place: Table, band: int, luck: Luck) -> None:
    """Opioid use disorder and its treatment; starts of medication use the low end of the draw."""
    month, now = page["month"], me["opioid"]
    draw = luck[draws.OPIOID]
    mirrored = SURE - 1 - draw
    pays = naive_cover.payer(me["cover"])
    lately = me["overdose_at"] is not None and month - me["overdose_at"] <= rates["overdose_start_months"]
    start = place["start_after_overdose" if lately else "start"][pays]
    if now == "left_medication":
        start = start * rates["start_reentry"] // 65536
    becomes, by_coverage = now, False
    if now == "none":
        onset = rates["onset"][person["sex"]][band]
        if not person["poor"]:
            onset = onset * rates["onset_above_limit"] // 65536
        me["exposure"] += onset * place["onset"]
        if me["exposure"] >= person["tolerance"]:
            becomes = "active"
    elif now == "remission":
        clean = None if me["opioid_since"] is None else month - me["opioid_since"]
        if draw < rates["opioid_relapse"][recovery_band(clean)]:
            becomes = "active"
    elif now in schema.DRUGS:
        stay = month - me["opioid_since"]
        tenure = 0 if stay <= 2 else 1 if stay <= 6 else 2 if stay <= 24 else 3
        if mirrored < rates["stop"][schema.DRUGS.index(now)][tenure]:
            becomes = "left_medication"
        elif luck[draws.COVERAGE_STOP] < naive_cover.stop_for_want_of_cover(month, me, place):
            becomes, by_coverage = "left_medication", True
    elif draw < start:
        mix = luck[draws.DRUG]
        if mix < rates["mix_buprenorphine"]:
            becomes = "buprenorphine"
        elif mix < rates["mix_buprenorphine"] + rates["mix_methadone"]:
            becomes = "methadone"
        else:
            becomes = "xr_naltrexone"
    elif now == "left_medication":
        if month - me["opioid_since"] >= rates["window_months"]:
            remits = luck[draws.EXIT_DESTINATION] < rates["exit_remission"]
            becomes = "remission" if remits else "active"
    elif now == "active":
        if mirrored < rates["remission"]:
            becomes = "remission"
        elif mirrored < rates["remission"] + rates["nonmedication_start"][pays]:
            becomes = "nonmedication"
    elif mirrored < rates["nonmedication_remission"]:
        becomes = "remission"
    elif mirrored < rates["nonmedication_remission"] + rates["nonmedication_stop"]:
        becomes = "active"
    if becomes == now:
        return
    had = opioid_disorder(me) or other_disorder(me)
    me["opioid"], me["opioid_since"], me["left_by_coverage"] = becomes, month, by_coverage
    remember_recovery(month, me, had)
    page["events"].append(f"opioid_{now}_{becomes}")
    if becomes in schema.DRUGS:
        page["events"].append("treatment_start")
    elif becomes == "left_medication":
        page["events"].append("left_treatment_coverage" if by_coverage else "left_treatment")


def impairment(me: Me, rates: Table, luck: Luck, had_opioid: bool, had_other: bool) -> None:
    """A disorder that begins may impair work; its end may lift that."""
    has_opioid, has_other = opioid_disorder(me), other_disorder(me)
    before = most_disabling(me, rates, had_opioid, had_other)
    if has_opioid and not had_opioid:
        new = rates["impairs"][3]
        me["impaired"] = me["impaired"] or comes_on(before, new, luck[draws.DISORDER_IMPAIRS])
    elif has_other and not had_other and not has_opioid:
        new = rates["impairs"][4]
        me["impaired"] = me["impaired"] or comes_on(before, new, luck[draws.DISORDER_IMPAIRS])
    elif (had_opioid and not has_opioid) or (had_other and not has_other):
        ended = rates["impairs"][3 if had_opioid and not has_opioid else 4]
        me["impaired"] = me["impaired"] and goes_on(ended, me, rates, luck[draws.DISORDER_IMPAIRS])


def overdose_risk(month: int, me: Me) -> str:
    """Row of the table of incidence."""
    opioid, first = me["opioid"], me["opioid_since"] == month
    if opioid == "none":
        return "other_sud" if other_disorder(me) else "none"
    if opioid == "methadone" and first:
        return "methadone_first_month"
    if opioid == "left_medication":
        if not first:
            return "left_later"
        return "left_first_month_coverage" if me["left_by_coverage"] else "left_first_month"
    return opioid


def overdose(page: Page, person: Person, me: Me, rates: Table, place: Table, band: int, luck: Luck) -> None:
    """Overdose and its tree: witnessed, naloxone, ambulance, death; treatment of survivors can end use."""
    month = page["month"]
    row = rates["overdose"][RISKS.index(overdose_risk(month, me))][band][person["sex"]][person["race"]]
    recent = me["overdose_at"] is not None and month - me["overdose_at"] <= rates["overdose_memory"]
    base = row["injects" in person["flags"]][me["stimulant"] in PRESENT][recent]
    base = base * rates["overdose_education"][person["education"]] // 65536
    if me["opioid"] == "none":
        base = base * rates["outside_disabled"][me["disabled"]] // 65536
    risk = min(base * place["incidence"] // 65536, SURE)
    page["expected"] |= {"overdoses": risk, "opioid_overdose_deaths": risk * place["fatality"] // SURE}
    if luck[draws.OVERDOSE] >= risk:
        return
    page["events"].append("overdose")
    lethality = place["fatal_alone"]
    if luck[draws.WITNESSED] < place["witnessed"]:
        if luck[draws.NALOXONE] < place["naloxone"]:
            lethality = place["fatal_naloxone"]
        elif luck[draws.AMBULANCE] < place["ambulance"]:
            lethality = place["fatal_ambulance"]
    if me["fate"] is None:
        me["fate"] = luck[draws.FATAL]
    if me["fate"] < lethality:
        page["events"].append("died_opioid")
        return
    me["overdose_at"] = month
    # Where the draw lies among those that would have survived.
    me["fate"] = 2 * ((me["fate"] - lethality) * 2**31 // (SURE - lethality))
    if luck[draws.OVERDOSE_TREATED] < place["treated_overdose"]:
        page["events"].append("overdose_treated")
        if me["opioid"] == "active" and luck[draws.CESSATION] < rates["cessation"]:
            me["opioid"], me["opioid_since"], me["left_by_coverage"] = "remission", month, False
            page["events"].append("cessation")
            remember_recovery(month, me, True)


def death(page: Page, person: Person, me: Me, rates: Table, place: Table, band: int, luck: Luck) -> None:
    """Other death at the low end of the draw, drug death without opioids at its high end."""
    group = schema.SUD_CLASSES.index(sud_class(me))
    drug = rates["other_drug_death"][group][band][person["sex"]][person["race"]]
    drug = drug * rates["overdose_education"][person["education"]] // 65536
    if me["opioid"] == "none":
        drug = drug * rates["outside_disabled"][me["disabled"]] // 65536
    if me["stimulant"] in PRESENT:
        drug += rates["stimulant_death"][band][person["sex"]][person["race"]]
    drug = drug * place["nonopioid"] // 65536
    other = rates["death"][person["sex"]][page["age"] // 12][group]
    page["expected"] |= {"nonopioid_overdose_deaths": drug, "deaths_other": other}
    if "died_opioid" in page["events"]:
        return
    if SURE - 1 - luck[draws.DEATH] < drug:
        page["events"].append("died_nonopioid")
    elif luck[draws.DEATH] < other:
        page["events"].append("died_other")
