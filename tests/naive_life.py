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


def recovery_band(months: int | None, line: int) -> int:
    """Time since the last disorder: within a year, up to stable recovery, beyond (or not known)."""
    if months is None or months >= max(line, 12):
        return 2
    return 0 if months < 12 else 1


def live(page: Page, person: Person, me: Me, rates: Table, place: Table, luck: Luck) -> None:
    """Life events, work, other substances, opioids, overdose, death, cover; changes `me`, fills `page`."""
    band = rates["band"][page["age"] // 12]
    had_opioid, had_other = opioid_disorder(me), other_disorder(me)
    if rates["working_age"][0] <= page["age"] < rates["working_age"][1]:
        home(page, person, me, rates["home"][person["sex"]][band], rates, luck)
        work(page, person, me, rates, luck, had_opioid or had_other)
    other_substances(page, me, rates, band, luck)
    opioids(page, person, me, rates, place, band, luck)
    impairment(me, rates, luck, had_opioid, had_other)
    left = any(event.startswith("left_treatment") for event in page["events"])
    if left and me["cover"] in naive_cover.MEDICAID:
        me["claim_at"] = page["month"]
    overdose(page, person, me, rates, place, band, luck)
    death(page, person, me, rates, place, band, luck)
    naive_cover.live(page, person, me, rates, place, luck)


def home(page: Page, person: Person, me: Me, row: list[int], rates: Table, luck: Luck) -> None:
    """Births, and at most one other event of the month."""
    month = page["month"]
    expecting = me["pregnant_since"] is not None
    if expecting:
        along = month - me["pregnant_since"]
        if along == rates["pregnancy_months"]:
            me["child_birth"] = month
            page["events"].append("birth")
        elif along >= rates["pregnancy_months"] + rates["postpartum_months"]:
            me["pregnant_since"] = None
    chance = dict(zip(HOME_RUNGS, row, strict=True))
    ladder = [] if expecting else [("conception", "conception")]
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
    elif name in ("disability", "smi", "complex"):
        me["disabled" if name == "disability" else name] = begins
        if begins:
            place_in_table = {"disability": 0, "smi": 1, "complex": 2}[name]
            if luck[draws.IMPAIRED] < rates["impairs"][place_in_table]:
                me["impaired"] = True
        elif name == "disability":
            me["impaired"] = me["impaired"] and me["smi"]
        elif name == "smi":
            me["impaired"] = me["impaired"] and me["disabled"]
    elif name == "custody":
        me["inmate"] = begins
        if not begins:
            me["released_at"] = month
    elif name == "snap":
        me["snap"] = begins
        me["snap_subject"] = begins and luck[draws.HOME_DETAIL] < rates["snap_subject"]
    else:
        me[{"care": "caregiver", "study": "student", "tanf": "tanf"}[name]] = begins


def work(page: Page, person: Person, me: Me, rates: Table, luck: Luck, troubled: bool) -> None:
    """Whether this month reaches 80 hours, the spouse's work, and slow change of the work class."""
    little_school = person["education"] < schema.EDUCATIONS.index("some_college")
    where = (page["month"] % 12, me["work_class"], troubled, me["disabled"], little_school)

    def look(table: list[Any]) -> int:
        for index in where:
            table = table[index]
        return table  # type: ignore[return-value]

    if me["working"]:
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
    onward, back = rates["class_change"][me["work_class"]]
    mirrored = SURE - 1 - draw
    if mirrored < onward:
        me["work_class"] += 1
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
        ways = {
            "none": [("active", rates["sub_onset"][number][band])],
            "active": [
                ("remission", rates["sub_remission"][number]),
                ("treated", rates["sub_start"][number][naive_cover.payer(me["cover"])]),
            ],
            "treated": [
                ("remission", rates["sub_treated_remission"][number]),
                ("active", rates["sub_stop"][number]),
            ],
            "remission": [
                ("active", rates["sub_relapse"][number][recovery_band(clean, rates["recovery_line"])])
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
    """Opioid use disorder and its treatment; starts and stops of medication use the low end of the draw."""
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
        if draw < rates["onset"][person["sex"]][band] * place["onset"] // 65536:
            becomes = "active"
    elif now == "remission":
        clean = month - me["opioid_since"]
        if draw < rates["opioid_relapse"][recovery_band(clean, rates["recovery_line"])]:
            becomes = "active"
    elif now in schema.DRUGS:
        stay = month - me["opioid_since"] + 1
        tenure = 0 if stay <= 2 else 1 if stay <= 6 else 2 if stay <= 24 else 3
        if draw < rates["stop"][schema.DRUGS.index(now)][tenure]:
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
    """A disorder that begins may impair work; the end of the last one lifts that."""
    has_opioid, has_other = opioid_disorder(me), other_disorder(me)
    if has_opioid and not had_opioid:
        me["impaired"] = me["impaired"] or luck[draws.DISORDER_IMPAIRS] < rates["impairs"][3]
    elif has_other and not had_other and not has_opioid:
        me["impaired"] = me["impaired"] or luck[draws.DISORDER_IMPAIRS] < rates["impairs"][4]
    elif (had_opioid or had_other) and not (has_opioid or has_other):
        me["impaired"] = me["impaired"] and (me["disabled"] or me["smi"] or me["complex"])


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
    if luck[draws.FATAL] < lethality:
        page["events"].append("died_opioid")
        return
    me["overdose_at"] = month
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
