"""A month of cover in the naive twin: renewal, the work requirement, loss, application, other cover."""

from __future__ import annotations

from typing import Any

import naive_law
from naive_check import answer, check, hardships, income, lasting, present, truth

from microsim.ground import draws, schema

Person = dict[str, Any]
Me = dict[str, Any]
Table = dict[str, Any]
Page = dict[str, Any]

SURE = 2**32
MEDICAID = ("adult_group", "waiver_adult", "other_adult", "disabled", "child", "dual")
RENEWING = ("adult_group", "waiver_adult", "other_adult")
SUBJECT = ("adult_group", "waiver_adult")
LOST_BY_RULE = ("noncompliant", "compliant_unverified", "excluded_unverified")


def payer(cover: str) -> int:
    """Position in schema.PAYERS of who pays for treatment."""
    if cover in MEDICAID:
        return schema.PAYERS.index("medicaid")
    return schema.PAYERS.index("uninsured" if cover == "uninsured" else "other_insured")


def stop_for_want_of_cover(month: int, me: Me, place: Table) -> int:
    """Chance of stopping medication in the three months after Medicaid ended with nothing in its place."""
    if me["cover"] != "uninsured" or me["lost_because"] == "nothing":
        return 0
    if me["cover_since"] != me["lost_at"] + 1:
        return 0
    months = month - me["cover_since"]
    if months >= len(schema.EXIT_MONTHS) or me["opioid_since"] > me["lost_at"]:
        return 0
    return int(place["coverage_stop"][months])


def first_above(cumulative: list[int], draw: int) -> str:
    """Kind of cover that a draw picks from a cumulative row."""
    return next(kind for kind, limit in zip(schema.COVERS, cumulative, strict=True) if draw < limit)


def live(page: Page, person: Person, me: Me, rates: Table, place: Table, luck: Any) -> None:
    """Step 8 of the month; changes `me`, adds to the events of `page`."""
    month, age, law = page["month"], page["age"], place["options"]
    adult = rates["child_cover_to"] <= age < rates["working_age"][1]
    if place["law_live"] and law["age_low_months"] <= age < law["age_high_months"]:
        facts = truth(page, person, me, me["cover"], rates, luck)
        facts["hardships"] = hardships(page, person, me, rates, place, luck)
        answers = law["in_force"] and me["cover"] in SUBJECT and person["responds"] < rates["rule_response"]
        works = answers and not me["inmate"]
        me["met"] = [naive_law.month_counts(facts, law) or works, *me["met"]][:13]
        me["given"] = [naive_law.deemed_in_county(facts, law), *me["given"]][:13]
        me["incomes"] = [min(facts["income"] // 10, 1023), *me["incomes"]][:6]
    if age == rates["working_age"][1]:
        turn_old(page, me, rates, luck)
    elif not adult:
        return
    elif me["cover"] == "child":
        turn_adult(page, person, me, rates, place, luck)
    elif me["inmate"]:
        go_to_jail(page, me)
    elif me["cover"] == "other_cover" and me["released_at"] == month:
        walk_free(page, person, me, rates, place, luck)
    elif me["cover"] == "adult_group" and me["tanf"]:
        page["events"].append("to_parents_group")
        enrol(month, person, me, "other_adult", place)
    elif me["cover"] in RENEWING and me["ends_at"] == month:
        stop(page, me, rates, place, luck)
    elif me["cover"] in RENEWING and me["renewal_at"] == month and me["ends_at"] is None:
        renew(page, person, me, rates, place, luck)
    elif checked_between(month, me, place):
        check_between(page, person, me, rates, place, luck)
    elif me["cover"] in MEDICAID and luck[draws.COVER] < exit_chance(month, person, me, rates, place):
        goes_to = after_ordinary_end(me, rates, luck)
        lose(page, me, goes_to, "income_or_other_cover")
    elif me["cover"] not in MEDICAID:
        live_without_medicaid(page, person, me, rates, place, luck)


def after_ordinary_end(me: Me, rates: Table, luck: Any) -> str:
    """Cover after an ordinary end of Medicaid; Medicare before 65 is for disabled people."""
    goes_to = first_above(rates["exit_destination"][me["working"]], luck[draws.DESTINATION])
    return "uninsured" if goes_to == "medicare" and not me["disabled"] else goes_to


def exit_chance(month: int, person: Person, me: Me, rates: Table, place: Table) -> int:
    """Chance that Medicaid ends this month without any renewal."""
    usual = rates["medicaid_exit"][schema.COVERS.index(me["cover"])]
    if me["cover"] in SUBJECT:
        usual = place["adult_exit"]
    return int(usual * 65536 // attachment(month, person, me, rates, place))


def attachment(month: int, person: Person, me: Me, rates: Table, place: Table) -> int:
    """How much closer to Medicaid a person stands than others in the same work and income; 65536 is the same."""
    young_child = me["child_birth"] is not None and month - me["child_birth"] < rates["dependent_months"]
    standings = (
        True,
        me["opioid"] not in ("none", "remission"),
        me["smi"],
        me["disabled"],
        me["caregiver"],
        young_child or me["pregnant_since"] is not None,
        me["snap"],
        not person["poor"],
        me["foster"],
        "veteran_total" in person["flags"],
        schema.SEXES[person["sex"]] == "male",
        schema.WORK_CLASSES[me["work_class"]] == "not_working",
    )
    closeness = 65536
    for factor, holds in zip(place["attachment"], standings, strict=True):
        if holds:
            closeness = closeness * factor // 65536
    return max(closeness, 1)


def go_to_jail(page: Page, me: Me) -> None:
    """In custody only Medicare goes on; the rest becomes other cover."""
    if me["cover"] in ("other_cover", "medicare", "dual"):
        return
    if me["cover"] in MEDICAID:
        lose(page, me, "other_cover", "income_or_other_cover")
    else:
        move(page["month"], me, "other_cover")


def walk_free(page: Page, person: Person, me: Me, rates: Table, place: Table, luck: Any) -> None:
    """Release: without cover, unless an application is made on the way out."""
    move(page["month"], me, "uninsured")
    of_others = person["other_income"] + me["spouse_works"] * person["spouse_wage"]
    if of_others > place["income_limit"][person["household_size"]]:
        return
    target = open_door(page["month"], me, rates, place, luck)
    if target is not None and luck[draws.DIRECT] < place["release_entry"]:
        page["events"].append("enrols_on_release")
        apply(page, person, me, target, rates, place, luck)


def enrol(month: int, person: Person, me: Me, kind: str, place: Table) -> None:
    interval = naive_law.renewal_interval(kind, "aian" in person["flags"], place["options"])
    move(month, me, kind)
    me |= {"renewal_at": month + interval, "renewed_at": month, "checked_at": month}
    me["lost_because"], me["reviewed_from"] = "nothing", None


def move(month: int, me: Me, kind: str) -> None:
    """Another kind of cover from next month on, with nothing pending."""
    me |= {"cover": kind, "cover_since": month + 1}
    me |= {"renewal_at": None, "renewed_at": None, "checked_at": None}
    me |= {"ends_at": None, "ends_reason": "none", "ends_leak": "none", "awaits_hearing": False, "failed_at": []}


def lose(page: Page, me: Me, goes_to: str, reason: str) -> None:
    """Medicaid ends; losses by the rule or by procedure are also counted once a person."""
    page["events"].append(f"loss_{reason}")
    if reason in (*LOST_BY_RULE, "renewal_procedural"):
        if not me["ever_lost"]:
            page["events"].append("ever_lost")
        me["ever_lost"] = True
    if reason == "renewal_procedural":
        me["reviewed_from"] = me["checked_at"]
    elif reason not in ("compliant_unverified", "excluded_unverified"):
        me["reviewed_from"] = None
    move(page["month"], me, goes_to)
    me["lost_at"], me["stands_until"] = page["month"], None
    me["lost_because"] = "work_rule" if reason in LOST_BY_RULE else "ordinary"


def turn_old(page: Page, me: Me, rates: Table, luck: Any) -> None:
    """Medicare at 65, with Medicaid for some of those who had it."""
    if me["cover"] in ("medicare", "dual"):
        return
    share = rates["age65_dual"][schema.COVERS.index(me["cover"])]
    goes_to = "dual" if luck[draws.DESTINATION] < share else "medicare"
    if me["cover"] in MEDICAID and goes_to != "dual":
        page["events"].append("loss_aged_out")
    move(page["month"], me, goes_to)


def turn_adult(page: Page, person: Person, me: Me, rates: Table, place: Table, luck: Any) -> None:
    """The end of children's cover at 19."""
    month = page["month"]
    row = rates["age19_destination"][place["adult_group_open"]][person["poor"]]
    kind = first_above(row, luck[draws.DESTINATION])
    if kind not in MEDICAID:
        page["events"].append("loss_aged_out")
    if kind in RENEWING:
        enrol(month, person, me, kind, place)
    else:
        move(month, me, kind)


def check_of_enrollee(
    page: Page, person: Person, me: Me, required: int, rates: Table, place: Table, luck: Any
) -> dict[str, Any] | None:
    """The check of a person who has cover; None when the rule does not reach the person."""
    facts = truth(page, person, me, me["cover"], rates, luck)
    if not naive_law.in_the_group(facts, place["options"]):
        return None
    months = page["month"] - me["checked_at"]
    answers = place["response"][person["answer_class"]][present(me)]
    checked = check(page, person, me, facts, (months, min(months, required)), answers, rates, place, luck)
    page["events"] += checked["events"]
    return checked


def settle(page: Page, me: Me, checked: dict[str, Any], since: int, rates: Table, place: Table, luck: Any) -> None:
    """What a check leaves: an exclusion that stands, or a notice of non-compliance and cover that stops."""
    month = page["month"]
    if checked["passed"]:
        me["stands_until"] = checked["stands_until"]
        return
    page["events"].append("failed_checks")
    if naive_law.months_failed(month, me["failed_at"]) < place["options"]["noncompliance_months"]:
        page["events"].append("strike")
        me["failed_at"] = [*me["failed_at"], month]
        return
    me["failed_at"], me["reviewed_from"] = [], since
    me["ends_at"] = naive_law.last_covered_month(month, place["options"], schema.EPOCH_YEAR)
    me["ends_reason"], me["ends_leak"] = checked["reason"], checked["leak"]
    if me["ends_at"] == month:
        page["events"].append("ends_at_once")
        stop(page, me, rates, place, luck)


def stop(page: Page, me: Me, rates: Table, place: Table, luck: Any) -> None:
    """The last month of cover after a notice, unless a hearing puts it off or away."""
    month, wait = page["month"], place["options"]["hearing_months"]
    if me["awaits_hearing"]:
        in_the_right = me["ends_reason"] != "noncompliant"
        if in_the_right and luck[draws.HEARING] < place["hearing_reversed"]:
            page["events"].append("hearings_reversed")
            me |= {"ends_at": None, "ends_reason": "none", "ends_leak": "none", "awaits_hearing": False}
            me |= {"reviewed_from": None, "renewal_at": max(me["renewal_at"], month + 1)}
            return
        page["events"].append("hearing_lost")
    elif wait and luck[draws.HEARING] < place["hearing_requested"]:
        page["events"].append("hearings")
        me |= {"ends_at": month + wait, "awaits_hearing": True}
        return
    if me["ends_leak"] != "none":
        page["events"].append(f"leak_{me['ends_leak']}")
    lose(page, me, first_above(rates["rule_destination"], luck[draws.DESTINATION]), me["ends_reason"])


def renew(page: Page, person: Person, me: Me, rates: Table, place: Table, luck: Any) -> None:
    """The renewal due: data first, then the form, then the work requirement."""
    month, law = page["month"], place["options"]
    short = month - me["renewed_at"] <= 6
    data = lasting(luck[draws.EX_PARTE_MIX], luck[draws.EX_PARTE], person["visible"], rates)
    from_data = data < place["ex_parte"][person["poor"]]
    answers = place["renewal_response"][short][person["answer_class"]][present(me)]
    returned = answer(person, rates, luck) < answers
    ineligible = luck[draws.RENEWAL_INELIGIBLE] < place["renewal_ineligible"][short][person["poor"]]
    page["events"].append("renewals")
    checked = None
    if place["tested_at_renewal"] and me["cover"] in SUBJECT:
        checked = check_of_enrollee(page, person, me, law["renewal_months_required"], rates, place, luck)
    if not from_data and not returned:
        lose(page, me, "uninsured", "renewal_procedural")
    elif not from_data and ineligible:
        goes_to = after_ordinary_end(me, rates, luck)
        lose(page, me, goes_to, "renewal_ineligible")
    else:
        if from_data:
            page["events"].append("renewed_ex_parte")
        interval = naive_law.renewal_interval(me["cover"], "aian" in person["flags"], law)
        since = me["checked_at"]
        me |= {"renewal_at": month + interval, "renewed_at": month, "checked_at": month}
        me |= {"ends_at": None, "ends_reason": "none", "ends_leak": "none", "awaits_hearing": False}
        me["reviewed_from"] = None
        if checked is not None:
            settle(page, me, checked, since, rates, place, luck)


def checked_between(month: int, me: Me, place: Table) -> bool:
    """Whether the state looks at compliance this month, outside a renewal."""
    every = place["options"]["check_interval_months"]
    pending = me["ends_at"] is not None and me["ends_at"] >= month
    if not place["tested_at_renewal"] or me["cover"] not in SUBJECT or pending or every == 0:
        return False
    return bool(month - me["checked_at"] >= every)


def check_between(page: Page, person: Person, me: Me, rates: Table, place: Table, luck: Any) -> None:
    """A check inside a renewal period asks for one month."""
    checked = check_of_enrollee(page, person, me, 1, rates, place, luck)
    page["events"].append("check_between")
    since, me["checked_at"] = me["checked_at"], page["month"]
    me |= {"ends_at": None, "ends_reason": "none", "ends_leak": "none", "awaits_hearing": False}
    me["reviewed_from"] = None
    if checked is not None:
        settle(page, me, checked, since, rates, place, luck)


def live_without_medicaid(page: Page, person: Person, me: Me, rates: Table, place: Table, luck: Any) -> None:
    """Job-based and marketplace cover come and go; people find cover or apply for Medicaid."""
    month, law, draw, cover = page["month"], place["options"], luck[draws.COVER], me["cover"]
    closer = attachment(month, person, me, rates, place)
    losing = cover == "employer" and draw < job_cover_loss(page, person, me, rates)
    if cover == "medicare" or (cover == "employer" and not losing):
        return
    limit = place["income_limit"][person["household_size"]]
    poor_now = person["poor"] or income(person, me, rates, luck) <= limit
    target = open_door(month, me, rates, place, luck) if poor_now else None
    barred = law["credit_bar"] and poor_now and me["lost_because"] == "work_rule"
    if losing:
        if target is not None and luck[draws.DIRECT] < place["direct_entry"] * closer // 65536:
            apply(page, person, me, target, rates, place, luck)
        else:
            goes_to = first_above(rates["employer_loss_destination"], luck[draws.DESTINATION])
            if barred and goes_to == "marketplace":
                goes_to = without_credit(page, rates, luck)
            move(month, me, goes_to)
    elif target is not None and SURE - 1 - draw < appetite(month, me, target, place) * closer // 65536:
        apply(page, person, me, target, rates, place, luck)
    elif cover.startswith("marketplace"):
        if draw < rates["marketplace_loss"][person["poor"]]:
            move(month, me, "uninsured")
        elif cover == "marketplace_full_price" and me["lost_because"] == "work_rule" and not barred:
            page["events"].append("credit_again")
            move(month, me, "marketplace")
    elif cover == "uninsured":
        job = place["employer_gain"][me["working"]][person["poor"]] * 65536 // closer
        if draw < job:
            move(month, me, "employer")
        elif draw < job + place["marketplace_gain"][person["poor"]]:
            page["events"].append("credit_barred" if barred else "credit")
            if not barred:
                move(month, me, "marketplace")


def job_cover_loss(page: Page, person: Person, me: Me, rates: Table) -> int:
    """Low-paid households lose job-based cover sooner; nobody is low-paid on a parent's plan."""
    on_parents_plan = page["age"] < rates["parent_plan_to"]
    return int(rates["employer_loss"][person["poor"] and not on_parents_plan][me["working"]])


def without_credit(page: Page, rates: Table, luck: Any) -> str:
    """Where a person goes whom the rule bars from the premium tax credit."""
    page["events"].append("credit_taken")
    return "marketplace_full_price" if luck[draws.FULL_PRICE] < rates["keeps_full_price"] else "uninsured"


def open_door(month: int, me: Me, rates: Table, place: Table, luck: Any) -> str | None:
    """Medicaid that a poor person could apply for."""
    has_child = me["child_birth"] is not None and month - me["child_birth"] < rates["dependent_months"]
    parent = me["pregnant_since"] is not None or has_child
    if me["disabled"] and luck[draws.APPLY] < place["disabled_share"]:
        return "disabled"
    if place["adult_group_open"] and me["tanf"]:
        return "other_adult"
    if parent and (not place["adult_group_open"] or luck[draws.PARENT] < place["other_adult_share"]):
        return "other_adult"
    if place["adult_group_open"]:
        return "adult_group"
    return "waiver_adult" if place["waiver_open"] else None


def appetite(month: int, me: Me, target: str, place: Table) -> int:
    """Chance of applying: by time and cause since a loss, else the place's rate of entry."""
    if me["lost_because"] != "nothing":
        months = month - me["lost_at"]
        if months <= 12:
            cause = ("nothing", "ordinary", "work_rule").index(me["lost_because"])
            band = 0 if months <= 3 else 1 if months <= 6 else 2
            return int(place["reentry"][cause][band])
    if target == "other_adult" and not place["adult_group_open"]:
        return int(place["other_entry"])
    return int(place["disabled_entry"] if target == "disabled" else place["entry"])


def apply(page: Page, person: Person, me: Me, target: str, rates: Table, place: Table, luck: Any) -> None:
    """An application, with its look-back where the rule reaches the person."""
    month, law = page["month"], place["options"]
    if target in SUBJECT and me["lost_because"] == "work_rule" and naive_law.shut_out(month, me["lost_at"], law):
        page["events"].append("locked_out")
        if me["cover"] == "employer":
            move(month, me, "uninsured")
        return
    late = me["reviewed_from"] is not None and naive_law.papers_still_count(month, me["lost_at"], law)
    late = late and target in SUBJECT
    applies = place["tested_at_renewal"] if late else law["in_force"]
    if applies and target in SUBJECT:
        if person["deterred"] < place["deterred"] and not late:
            counted = me["checked_at"] is not None and month - me["checked_at"] <= 12
            if me["cover"] == "employer":
                move(month, me, "uninsured")
            if not counted:
                page["events"].append("loss_deterred")
                me["checked_at"], me["reviewed_from"] = month, None
            return
        facts = truth(page, person, me, target, rates, luck)
        if naive_law.in_the_group(facts, law):
            answers = place["applicant_response"]
            look_back = (law["lookback_months"], law["lookback_months"])
            if late and not law["reconsideration_look_back"]:
                months = month - me["reviewed_from"]
                look_back = (months, min(months, law["renewal_months_required"]))
            checked = check(page, person, me, facts, look_back, answers, rates, place, luck)
            # After one loss or denial nobody asks again before a month that meets the rule.
            asks = me["lost_because"] != "work_rule" or checked["met"]
            if asks:
                page["events"] += [*checked["events"], "application_checks"]
                if late:
                    page["events"].append("reconsiderations")
                if checked["cleared"]:
                    page["events"].append("application_cleared")
            if not checked["passed"]:
                if asks:
                    deny(page, me, checked["leak"])
                    if me["cover"] == "marketplace" and law["credit_bar"]:
                        move(month, me, without_credit(page, rates, luck))
                if me["cover"] == "employer":
                    move(month, me, "uninsured")
                return
            me["stands_until"] = checked["stands_until"]
    page["events"] += ["applications", "entered"]
    if late and "reconsiderations" not in page["events"]:
        page["events"].append("reconsiderations")
    enrol(month, person, me, target, place)


def deny(page: Page, me: Me, leak: str) -> None:
    """An application that failed; the next one waits as after a loss."""
    page["events"] += ["applications", "loss_denied_at_application"]
    if leak != "none":
        page["events"].append(f"leak_{leak}")
    me["lost_at"], me["lost_because"], me["reviewed_from"] = page["month"], "work_rule", None
