"""Every row of scenarios.csv: the statute and the rule, clause by clause."""

from __future__ import annotations

import pytest
from rule_cases import VISIBLE, codes, history, month_of, options, pairs, person_frame, rows, situation

from microsim.ground.calendar import month_index, month_name
from microsim.ground.schema import COVERS, LEAKS, LOSS_REASONS, PATHWAYS
from microsim.rules import community_engagement
from microsim.rules.compliance import compliance_path
from microsim.rules.exclusions import proof_leak, recheck_months, specified_exclusion, sud_leak
from microsim.rules.look_back import check_due, passes_look_back, passes_renewal
from microsim.rules.month_status import month_standing
from microsim.rules.pathway import pathway
from microsim.rules.renewal import (
    cure_window_end,
    disenrolment_month,
    locked_out,
    months_of_noncompliance,
    premium_tax_credit_barred,
    reconsidered,
    renewal_interval,
)
from microsim.rules.situation import NEVER_MONTHS
from microsim.rules.statuses import EXCLUSIONS, STATUSES

ROWS = rows()
WORDS = {0: "fail", 1: "pass"}


def named(code: int) -> str:
    family, reason = STATUSES[code]
    return family if reason == "none" else f"{family} {reason}"


def ask_status(row):
    chosen = options(row["options"])
    found = community_engagement(person_frame(row["person"]), month_of(row["options"]), chosen)
    family, reason = found.loc[0, "status"], found.loc[0, "reason"]
    return family if reason == "none" else f"{family} {reason}"


def ask_standing(row):
    return named(month_standing(situation(row["person"]), options(row["options"])))


def ask_look_back(row):
    given = pairs(row["given"])
    return WORDS[passes_look_back(history(given["history"]), options(row["options"]).lookback_months)]


def ask_renewal(row):
    given, chosen = pairs(row["given"]), options(row["options"])
    seen, available = history(given["history"]), int(given["available"])
    passed = passes_renewal(seen, available, chosen.renewal_months_required)
    return WORDS[passed]


def ask_check_due(row):
    given = codes(row["given"])
    due = check_due(given["since"], options(row["options"]).check_interval_months, given["renewal"])
    return "yes" if due else "no"


def ask_recheck(row):
    exclusion = EXCLUSIONS.index(pairs(row["given"])["exclusion"])
    found = recheck_months(exclusion, options(row["options"]))
    return "never" if found == NEVER_MONTHS else str(found)


def ask_window_ends(row):
    month, day = cure_window_end(month_index(pairs(row["given"])["check"]), options(row["options"]))
    return f"{month_name(month)}-{day:02d}"


def ask_cover_ends(row):
    return month_name(disenrolment_month(month_index(pairs(row["given"])["check"]), options(row["options"])))


def ask_strikes(row):
    given = pairs(row["given"])
    check, latest = month_index(given["check"]), month_index(given["latest"])
    return str(months_of_noncompliance(check, int(given["earlier"]), latest))


def ask_lockout(row):
    given = pairs(row["given"])
    out = locked_out(month_index(given["month"]), month_index(given["lost"]), options(row["options"]))
    return "out" if out else "open"


def ask_reconsider(row):
    found = reconsidered(int(pairs(row["given"])["since"]), options(row["options"]))
    return "without application" if found else "new application"


def ask_option(row):
    return str(getattr(options(row["options"]), pairs(row["given"])["name"]))


def ask_credit(row):
    given = pairs(row["given"])
    loss = LOSS_REASONS.index(given["loss"])
    barred = premium_tax_credit_barred(loss, int(given["eligible"]), options(row["options"]))
    return "barred" if barred else "open"


def ask_interval(row):
    given = codes(row["given"])
    return str(renewal_interval(given["cover"], given["aian"], options(row["options"])))


def ask_leak(row):
    return LEAKS[sud_leak(situation(row["person"]), options(row["options"]))]


def ask_proof_leak(row):
    diagnosed = codes(row["given"])["diagnosed"]
    return LEAKS[proof_leak(situation(row["person"]), options(row["options"]), diagnosed)]


def ask_pathway(row):
    who, chosen = situation(row["person"]), options(row["options"])
    given = {"on_medication": 0, "job": 0, "work_class": 0, "diagnosed": 0} | codes(row["given"])
    exclusion = specified_exclusion(who, chosen)
    compliance = compliance_path(who, chosen)
    return PATHWAYS[pathway(who, chosen, exclusion, compliance, **given, visible=VISIBLE)]


_ASK = "ask_"
QUESTIONS = {name[len(_ASK) :]: found for name, found in globals().items() if name.startswith(_ASK)}


@pytest.mark.parametrize("row", ROWS, ids=[row["name"] for row in ROWS])
def test_scenario(row):
    assert QUESTIONS[row["question"]](row) == row["expected"], row["section"]


def test_the_table_is_long_enough_and_reaches_every_status():
    assert len(ROWS) >= 150
    expected = {row["expected"] for row in ROWS if row["question"] in ("status", "standing")}
    assert expected == {named(code) for code in range(len(STATUSES))}


def test_names_of_scenarios_differ():
    names = [row["name"] for row in ROWS]
    assert len(set(names)) == len(names)


def test_every_leak_and_every_pathway_is_reached():
    leaks = {row["expected"] for row in ROWS if row["question"] in ("leak", "proof_leak")}
    assert leaks == set(LEAKS)
    ways = {row["expected"] for row in ROWS if row["question"] == "pathway"}
    assert ways == set(PATHWAYS)


def test_covers_in_scenarios_exist():
    assert {pairs(row["person"]).get("cover", "adult_group") for row in ROWS} <= set(COVERS)
