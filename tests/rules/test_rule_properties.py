"""What must hold for every person, whatever the numbers."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rule_cases import VISIBLE, options, situation

from microsim.ground.schema import COVERS, JOBS, LEAKS, PATHWAYS, WORK_CLASSES
from microsim.rules.applicable import applicable_group, outside_reason
from microsim.rules.compliance import compliance_path
from microsim.rules.exceptions import mandatory_exception
from microsim.rules.exclusions import FRAIL, PROGRAMME, proof_leak, specified_exclusion, sud_leak
from microsim.rules.hardship import hardship
from microsim.rules.look_back import months_counted, passes_look_back, passes_renewal
from microsim.rules.month_status import month_standing, month_status
from microsim.rules.pathway import Visibility, pathway
from microsim.rules.renewal import (
    cure_window_end,
    disenrolment_month,
    locked_out,
    months_of_noncompliance,
    reconsidered,
)
from microsim.rules.situation import NEVER_MONTHS, Situation
from microsim.rules.statuses import (
    COMPLIANCES,
    EXCEPTIONS,
    EXCLUSIONS,
    FAMILIES,
    HARDSHIPS,
    STATUSES,
    applied_by_state,
    month_counts,
)

FLAG = st.integers(0, 1)
HOURS = st.integers(0, 200)
MONEY = st.integers(-500, 3000)
_RANGES = {
    "age_months": st.integers(12 * 15, 12 * 70),
    "cover": st.sampled_from([COVERS.index("adult_group")] * 4 + list(range(len(COVERS)))),
    "child_age_months": st.one_of(st.just(NEVER_MONTHS), st.integers(0, 240)),
    "sud": st.integers(0, 2), "recovery_months": st.integers(0, 200), "programme": st.integers(0, 2),
    "months_since_release": st.one_of(st.just(NEVER_MONTHS), st.integers(0, 8)),
    "hours": HOURS, "volunteer_hours": HOURS, "programme_hours": HOURS, "study_hours": HOURS,
    "household_income": MONEY, "seasonal_average": MONEY,
}  # fmt: skip
# Most flags are off for most people: otherwise nobody reaches the later doors.
RARE = st.sampled_from([0, 0, 0, 0, 0, 0, 0, 1])
PEOPLE = st.builds(Situation, **{name: _RANGES.get(name, RARE) for name in Situation._fields})
_SWITCHES = (
    "exclusions_apply", "functional_gate", "sud_automatic", "income_hours_credit", "hardship_inpatient",
    "hardship_disaster", "hardship_unemployment", "hardship_travel", "waiver_adults_subject",
)  # fmt: skip
OPTIONS = st.builds(
    lambda given, scope: options()._replace(**given, programme_counts=scope),
    st.fixed_dictionaries(dict.fromkeys(_SWITCHES, FLAG)),
    st.integers(0, 2),
)
MORE = (
    "hours", "volunteer_hours", "programme_hours", "study_hours", "household_income", "seasonal_average",
    "half_time_student", "seasonal", "pregnant", "caregiver", "aian", "foster_youth", "veteran_total",
    "disabled", "smi", "complex_condition", "impaired", "snap_subject", "tanf", "inmate", "inpatient",
    "disaster_county", "high_unemployment_county", "medical_travel", "medicare", "other_mandatory_group",
)  # fmt: skip
REASONS = {"excluded": EXCLUSIONS, "excepted": EXCEPTIONS, "hardship": HARDSHIPS, "complies": COMPLIANCES}
LESS = ("child_age_months", "recovery_months", "months_since_release")
MANY = settings(max_examples=250, deadline=None)


@MANY
@given(PEOPLE, OPTIONS, st.sampled_from(MORE), st.integers(1, 100))
def test_more_hours_income_or_exclusions_never_turn_a_pass_into_a_failure(person, chosen, name, more):
    more_of_it = getattr(person, name) + more if name in MORE[:6] else 1
    better = person._replace(**{name: more_of_it})
    assert month_counts(month_status(better, chosen)) >= month_counts(month_status(person, chosen))
    assert month_counts(month_standing(better, chosen)) >= month_counts(month_standing(person, chosen))


@MANY
@given(PEOPLE, OPTIONS, st.sampled_from(LESS), st.integers(0, 200))
def test_a_younger_child_or_a_nearer_release_never_turns_a_pass_into_a_failure(person, chosen, name, less):
    better = person._replace(**{name: min(less, getattr(person, name))})
    assert month_counts(month_status(better, chosen)) >= month_counts(month_status(person, chosen))


@MANY
@given(PEOPLE, OPTIONS)
def test_a_gentler_rule_never_turns_a_pass_into_a_failure(person, chosen):
    before = month_counts(month_status(person, chosen))
    gentler = [
        {"functional_gate": 0}, {"sud_automatic": 1}, {"exclusions_apply": 1}, {"programme_counts": 2},
        {"recovery_line_months": 600}, {"hours_required": 60}, {"income_required": 400},
        {"child_age_limit_months": 216}, {"hardship_inpatient": 1}, {"income_hours_credit": 1},
        {"in_force": 0},
    ]  # fmt: skip
    for change in gentler:
        assert month_counts(month_status(person, chosen._replace(**change))) >= before, change


@MANY
@given(PEOPLE, OPTIONS)
def test_status_is_the_first_open_door(person, chosen):
    code = month_status(person, chosen)
    family, reason = STATUSES[code]
    assert family in FAMILIES
    doors = {
        "excluded": specified_exclusion(person, chosen), "excepted": mandatory_exception(person, chosen),
        "hardship": hardship(person, chosen), "complies": compliance_path(person, chosen),
    }  # fmt: skip
    if outside_reason(person, chosen) != 0:
        assert (family, code) == ("outside", outside_reason(person, chosen))
        assert applicable_group(person, chosen) == 0
        return
    assert applicable_group(person, chosen) in (1, 2)
    opened = [name for name in doors if doors[name] != 0]
    assert family == (opened[0] if opened else "noncompliant")
    assert not opened or reason == REASONS[family][doors[family]]
    assert month_counts(code) == (family != "noncompliant")
    assert not (family == "noncompliant" and applied_by_state(code))


@MANY
@given(PEOPLE, OPTIONS)
def test_the_disorder_leaks_exactly_where_it_does_not_exclude(person, chosen):
    leak = sud_leak(person, chosen)
    alone = person._replace(
        foster_youth=0, aian=0, child_age_months=NEVER_MONTHS, caregiver=0, veteran_total=0, disabled=0,
        smi=0, complex_condition=0, tanf=0, snap_subject=0, inmate=0, pregnant=0,
    )  # fmt: skip
    excluded = person.sud != 0 and specified_exclusion(alone, chosen) in (FRAIL, PROGRAMME)
    assert (leak == 0) == (person.sud == 0 or excluded)
    proofs = {proof_leak(person, chosen, 0), proof_leak(person, chosen, 1)}
    if leak:
        assert proofs == {leak}
    elif person.sud:
        assert proofs == {LEAKS.index("undiagnosed"), LEAKS.index("unreturned")}
    else:
        assert proofs == {0}


@MANY
@given(PEOPLE, OPTIONS, FLAG, st.integers(0, len(JOBS) - 1), st.integers(0, len(WORK_CLASSES) - 1), FLAG)
def test_a_way_to_show_needs_a_status_to_show(person, chosen, medication, job, work_class, diagnosed):
    exclusion, compliance = specified_exclusion(person, chosen), compliance_path(person, chosen)
    way = pathway(person, chosen, exclusion, compliance, medication, job, work_class, diagnosed, VISIBLE)
    assert 0 <= way < len(PATHWAYS)
    if exclusion == 0 and compliance == 0 and person.months_since_release > chosen.release_months:
        assert way == 0
    if exclusion:
        known = (compliance, medication, job, work_class, diagnosed, VISIBLE)
        assert VISIBLE[way] >= VISIBLE[pathway(person, chosen, 0, *known)]


@MANY
@given(
    PEOPLE, OPTIONS, FLAG, st.integers(0, len(JOBS) - 1), st.integers(0, len(WORK_CLASSES) - 1), FLAG,
    st.lists(st.integers(1, 2**32), min_size=len(PATHWAYS) - 1, max_size=len(PATHWAYS) - 1),
)  # fmt: skip
def test_an_exclusion_never_hides_a_status_that_shows(person, chosen, medication, job, work_class, diagnosed, visible):
    clear = Visibility(0, *visible)
    compliance = compliance_path(person, chosen)
    for name in ("tanf", "snap_subject", "pregnant", "veteran_total", "aian"):
        more = person._replace(**{name: 1})
        known = (compliance, medication, job, work_class, diagnosed, clear)
        before, after = (pathway(one, chosen, specified_exclusion(one, chosen), *known) for one in (person, more))
        assert clear[after] >= clear[before]


@MANY
@given(st.integers(0, 4095), st.integers(0, 11), st.integers(0, 3), st.integers(0, 12), st.integers(0, 6))
def test_a_further_good_month_never_fails(history, bit, lookback, available, required):
    better = history | (1 << bit)
    assert passes_look_back(better, lookback) >= passes_look_back(history, lookback)
    assert passes_renewal(better, available, required) >= passes_renewal(history, available, required)
    assert months_counted(history, 12) == history.bit_count()
    # Entry is at least as strict as retention over the same months.
    assert passes_renewal(history, lookback, lookback) == passes_look_back(history, lookback)


@MANY
@given(st.integers(100, 400), st.integers(1, 31), st.integers(0, 90), st.integers(0, 30), FLAG)
def test_a_longer_cure_never_ends_cover_sooner(month, day, cure, longer, lag):
    chosen = options()._replace(notice_day=day, cure_days=cure, disenrolment_lag_months=lag)
    later = chosen._replace(cure_days=cure + longer)
    assert disenrolment_month(month, later) >= disenrolment_month(month, chosen)
    assert cure_window_end(month, later) >= cure_window_end(month, chosen)
    assert disenrolment_month(month, chosen) - month <= 1 + (day + 5 + cure) // 28


@MANY
@given(st.integers(0, 2219), st.integers(1, 28), st.integers(0, 120))
def test_the_window_agrees_with_the_calendar(month, day, cure):
    chosen = options()._replace(notice_day=day, cure_days=cure)
    start = datetime.date(2015 + month // 12, month % 12 + 1, day)
    end = start + datetime.timedelta(days=chosen.deemed_days + cure)
    assert cure_window_end(month, chosen) == ((end.year - 2015) * 12 + end.month - 1, end.day)


def test_default_person_fails():
    assert STATUSES[month_status(situation(), options())] == ("noncompliant", "none")


@pytest.mark.parametrize("code", range(len(STATUSES)))
def test_families_are_contiguous(code):
    assert FAMILIES.index(STATUSES[code][0]) >= FAMILIES.index(STATUSES[max(code - 1, 0)][0])


@given(st.integers(0, 400), st.integers(0, 30))
def test_a_lock_out_never_outlasts_its_calendar_year(lost_at, later):
    locked = options()._replace(lockout=1)
    out = locked_out(lost_at + later, lost_at, locked)
    assert out == (later < 12 - lost_at % 12)
    assert not locked_out(lost_at + later, lost_at, options())


@given(st.lists(st.integers(100, 160), unique=True, min_size=1))
def test_months_of_noncompliance_are_those_of_one_year(checks):
    earlier, latest = 0, -30000
    for month in sorted(checks):
        earlier, latest = months_of_noncompliance(month, earlier, latest), month
        same_year = [other for other in checks if (other - 1) // 12 == (month - 1) // 12 and other <= month]
        assert earlier == len(same_year)


@given(st.integers(1, 24), st.integers(0, 12))
def test_a_longer_period_of_reconsideration_never_hurts(since, months):
    shorter = options()._replace(reconsideration_months=months)
    longer = shorter._replace(reconsideration_months=months + 1)
    assert reconsidered(since, longer) >= reconsidered(since, shorter)
