"""Step 8 of the month: cover. Renewal and the work requirement, loss, application, other cover.

Truth and proof stay apart: `situation` is what is true of the person; what the state sees comes
first from data, then from an answer, then from papers, each with its own draw and with lasting
traits, so that repeated checks of one person are not independent.
"""

from __future__ import annotations

from typing import NamedTuple

from microsim.ground import draws
from microsim.ground.compiled import compiled
from microsim.ground.draws import ONE
from microsim.life import coverage, readings, work as working_life
from microsim.life.coverage import (
    AGED_OUT,
    DENIED,
    DETERRED,
    FAILED_CHECK,
    NO_LOSS,
    ORDINARY_EXIT,
    RENEWED,
)
from microsim.life.opioid import on_medication
from microsim.life.state import (
    ADULT_GROUP,
    BUPRENORPHINE,
    CHILD,
    DISABLED,
    DUAL,
    EMPLOYER,
    FULL_PRICE,
    LOST_WORK_RULE,
    MARKETPLACE,
    MEDICARE,
    NEVER,
    NONMEDICATION,
    OTHER_ADULT,
    UNINSURED,
    USE_TREATED,
    WAIVER_ADULT,
    Work,
)
from microsim.ground.schema import DRUGS, JOBS, OTHER_SUBSTANCES
from microsim.rules.applicable import applicable_group
from microsim.rules.compliance import compliance_path
from microsim.rules.exclusions import FRAIL, PROGRAMME, proof_leak, specified_exclusion
from microsim.rules.look_back import passes_look_back, passes_renewal
from microsim.rules.month_status import month_standing
from microsim.rules.options import Options
from microsim.rules.pathway import pathway
from microsim.rules.renewal import disenrolment_month, premium_tax_credit_barred, renewal_interval
from microsim.rules.situation import (
    NEVER_MONTHS,
    PROGRAMME_NONE,
    PROGRAMME_OTHER,
    PROGRAMME_RECOGNISED,
    SUD_ACTIVE,
    SUD_NONE,
    SUD_PAST,
    Situation,
)
from microsim.rules.statuses import month_counts

SEASONAL = JOBS.index("seasonal")
OTHER_TREATMENT = len(DRUGS)
OPIOID_ROW = len(OTHER_SUBSTANCES)


class Result(NamedTuple):
    """What the month did to cover; reason and leak are codes of schema.LOSS_REASONS and LEAKS."""

    loss: int
    leak: int
    first_loss: int
    entered: int
    renewed: int
    ex_parte: int
    checked: int
    cleared: int
    noticed: int
    applied: int


class Check(NamedTuple):
    """One check of the work requirement: truth, data, proof (0 or 1) and the leak of the SUD exclusion."""

    met: int
    excluded: int
    cleared: int
    proved: int
    leak: int


@compiled
def live_cover(month, age_months, person, work, home, use, opioid, cover, key, word, rates, place):
    """Live step 8. Returns (work, cover, Result); `work` gains the month's income and compliance."""
    options = options_of(place)
    adult = options.age_low_months <= age_months < options.age_high_months
    if adult and place.law_live:
        truth = situation(month, age_months, person, work, home, use, opioid, cover.kind, key, rates)
        met = month_counts(month_standing(truth, options))
        work = Work(
            work.work_class, work.working, work.spouse_works,
            working_life.remember_month(work.history, met),
            working_life.remember_income(work.incomes, truth.household_income),
        )  # fmt: skip
    nothing = Result(NO_LOSS, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    kind = cover.kind
    if age_months == options.age_high_months:
        return work, turn_old(cover, month, key, rates), ended(cover, kind, AGED_OUT)
    if not adult:
        return work, cover, nothing
    if kind == CHILD:
        return work, turn_adult(month, person, cover, key, rates, place, options), nothing
    if coverage.renews(kind):
        if cover.ends_at == month:
            after, result = disenrol(month, work, cover, key, rates, place)
            return work, after, result
        if cover.renewal_at == month:
            after, result = renew(
                month, age_months, person, work, home, use, opioid, cover, key, rates, place, options
            )
            return work, after, result
    if word < rates.medicaid_exit[kind]:
        goes_to = coverage.pick(rates.exit_destination[work.working], draws.word(key, month, draws.DESTINATION))
        return work, coverage.left_medicaid(cover, goes_to, month, ORDINARY_EXIT), ended(cover, kind, ORDINARY_EXIT)
    if coverage.is_medicaid(kind):
        return work, cover, nothing
    after, result = live_without_medicaid(
        month, age_months, person, work, home, use, opioid, cover, key, word, rates, place, options
    )
    return work, after, result


@compiled
def options_of(place):
    """The rule in force and the state's choices, as the tuple the rules read."""
    o = place.options
    return Options(
        o[0], o[1], o[2], o[3], o[4], o[5], o[6], o[7], o[8], o[9], o[10], o[11], o[12], o[13], o[14],
        o[15], o[16], o[17], o[18], o[19], o[20], o[21], o[22], o[23], o[24], o[25], o[26], o[27], o[28],
        o[29], o[30], o[31], o[32], o[33], o[34], o[35], o[36], o[37], o[38],
    )  # fmt: skip


@compiled
def ended(cover, kind, reason):
    """Result of Medicaid ending for an ordinary reason; nothing when the cover was not Medicaid."""
    if coverage.is_medicaid(kind):
        return Result(reason, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    return Result(NO_LOSS, 0, 0, 0, 0, 0, 0, 0, 0, 0)


@compiled
def turn_old(cover, month, key, rates):
    """Cover at 65: Medicare, with Medicaid for some of those who had it."""
    if cover.kind == MEDICARE or cover.kind == DUAL:
        return cover
    if draws.word(key, month, draws.DESTINATION) < rates.age65_dual[cover.kind]:
        return coverage.moved(cover, DUAL, month)
    return coverage.moved(cover, MEDICARE, month)


@compiled
def turn_adult(month, person, cover, key, rates, place, options):
    """Cover on leaving children's Medicaid or CHIP at 19."""
    open_group = place.adult_group_open
    kind = coverage.pick(rates.age19_destination[open_group, person.poor], draws.word(key, month, draws.DESTINATION))
    if coverage.renews(kind):
        return coverage.enrolled(cover, kind, month, renewal_interval(kind, person.aian, options))
    return coverage.moved(cover, kind, month)


@compiled
def situation(month, age_months, person, work, home, use, opioid, kind, key, rates):
    """What is true of the person this month, for the rules; `kind` is the cover held or applied for."""
    hours = working_life.hours_worked(work.working, home.inmate, person.short_hours, rates.full_hours)
    variation = rates.earnings[draws.word(key, month, draws.EARNINGS) >> 28]
    income = working_life.household_income(
        hours, rates.full_hours, person.wage, variation, work.spouse_works, person.spouse_wage, person.other_income
    )
    active = readings.opioid_disorder(opioid) or readings.other_disorder(use)
    sud = SUD_ACTIVE if active else (SUD_PAST if use.recovery_since > NEVER else SUD_NONE)
    released = month - home.released_at if home.released_at > NEVER else NEVER_MONTHS
    child_age = month - home.child_birth if home.child_birth > NEVER else NEVER_MONTHS
    pregnant = 1 if home.pregnant_since > NEVER else 0
    recovery = month - use.recovery_since if sud == SUD_PAST else 0
    seasonal = 1 if person.job == SEASONAL else 0
    average = working_life.average_income(work.incomes)
    treated_in = programme(person, use, opioid, rates)
    return Situation(
        age_months=age_months,
        cover=kind,
        pregnant=pregnant,
        child_age_months=child_age,
        caregiver=home.caregiver,
        aian=person.aian,
        foster_youth=home.foster_youth,
        veteran_total=person.veteran_total,
        disabled=home.disabled,
        smi=home.smi,
        complex_condition=home.complex_condition,
        impaired=home.impaired,
        sud=sud,
        recovery_months=recovery,
        programme=treated_in,
        snap_subject=home.snap_subject,
        tanf=home.tanf,
        inmate=home.inmate,
        months_since_release=released,
        hours=hours,
        volunteer_hours=0,
        programme_hours=0,
        study_hours=0,
        half_time_student=home.student,
        household_income=income,
        seasonal=seasonal,
        seasonal_average=average,
        inpatient=0,
        disaster_county=0,
        high_unemployment_county=0,
        medical_travel=0,
        medicare=0,
        other_mandatory_group=0,
    )


@compiled
def in_treatment(use, opioid):
    """Whether the person is in treatment for any disorder."""
    return (
        on_medication(opioid.state)
        or opioid.state == NONMEDICATION
        or use.stimulant == USE_TREATED
        or use.alcohol == USE_TREATED
        or use.cannabis == USE_TREATED
    )


@compiled
def programme(person, use, opioid, rates):
    """Whether treatment is in a programme of 7 USC 2012(h), a lasting trait of the person's provider."""
    if on_medication(opioid.state):
        recognised = rates.recognised[opioid.state - BUPRENORPHINE]
    elif in_treatment(use, opioid):
        recognised = rates.recognised[OTHER_TREATMENT]
    else:
        return PROGRAMME_NONE
    return PROGRAMME_RECOGNISED if person.trait_programme < recognised else PROGRAMME_OTHER


@compiled
def diagnosed(month, person, use, opioid, cover, rates):
    """Whether a claim of the last twelve months names the disorder."""
    if in_treatment(use, opioid) or month - cover.claim_at <= 12:
        return 1
    share = 0
    if readings.opioid_disorder(opioid):
        share = rates.diagnosed[OPIOID_ROW]
    if readings.in_use(use.stimulant):
        share = max(share, rates.diagnosed[0])
    if readings.in_use(use.alcohol):
        share = max(share, rates.diagnosed[1])
    if readings.in_use(use.cannabis):
        share = max(share, rates.diagnosed[2])
    return 1 if person.trait_diagnosed < share else 0


@compiled
def check(month, applying, person, work, use, opioid, cover, truth, key, rates, place, options):
    """One check of the work requirement, for a renewal or an application."""
    excluded = specified_exclusion(truth, options)
    path = compliance_path(truth, options)
    if applying:
        met = excluded > 0 or passes_look_back(work.history >> 1, options.lookback_months) > 0
    else:
        months = month - cover.renewed_at
        met = excluded > 0 or passes_renewal(work.history >> 1, months, options.renewal_months_required) > 0
    seen = diagnosed(month, person, use, opioid, cover, rates)
    on = 1 if on_medication(opioid.state) else 0
    shows = pathway(truth, options, excluded, path, on, person.job, work.work_class, seen)
    mix = draws.word(key, month, draws.CLEARED_MIX)
    data = coverage.lasting(mix, draws.word(key, month, draws.CLEARED), person.trait_visibility, rates.trait_correlation)
    cleared = met and data < place.clear[shows]
    answer = answer_word(month, person, key, rates)
    active = 1 if truth.sud == SUD_ACTIVE else 0
    by_frailty = 1 if excluded == FRAIL or excluded == PROGRAMME else 0
    accepted = draws.word(key, month, draws.DOCUMENT) < place.document[by_frailty]
    answers = place.applicant_response if applying else place.response[person.answer_class, active]
    proved = met and answer < answers and accepted
    leak = 0
    if not (cleared or proved):
        leak = proof_leak(truth, options, seen)
    return Check(1 if met else 0, 1 if excluded > 0 else 0, 1 if cleared else 0, 1 if proved else 0, leak)


@compiled
def answer_word(month, person, key, rates):
    """The word that decides whether mail of this month is answered; one for every form of the month."""
    return coverage.lasting(
        draws.word(key, month, draws.RESPONSE_MIX), draws.word(key, month, draws.RESPONSE),
        person.trait_response, rates.trait_correlation,
    )  # fmt: skip


@compiled
def renew(month, age_months, person, work, home, use, opioid, cover, key, rates, place, options):
    """The renewal due this month: ordinary review, and the work requirement where it applies."""
    interval = renewal_interval(cover.kind, person.aian, options)
    half_year = 1 if month - cover.renewed_at <= 6 else 0
    data = coverage.lasting(
        draws.word(key, month, draws.EX_PARTE_MIX), draws.word(key, month, draws.EX_PARTE),
        person.trait_visibility, rates.trait_correlation,
    )  # fmt: skip
    answer = answer_word(month, person, key, rates)
    active = 1 if readings.opioid_disorder(opioid) or readings.other_disorder(use) else 0
    ex_parte = 1 if data < place.ex_parte else 0
    returned = 1 if answer < place.renewal_response[half_year, person.answer_class, active] else 0
    ineligible = 1 if draws.word(key, month, draws.RENEWAL_INELIGIBLE) < place.renewal_ineligible[half_year] else 0
    tested = 0
    checked = Check(1, 0, 1, 1, 0)
    if place.tested_at_renewal and coverage.subject_group(cover.kind):
        truth = situation(month, age_months, person, work, home, use, opioid, cover.kind, key, rates)
        if applicable_group(truth, options):
            tested = 1
            checked = check(month, 0, person, work, use, opioid, cover, truth, key, rates, place, options)
    outcome = coverage.renewal_result(ex_parte, returned, ineligible, tested, checked.cleared, checked.proved)
    notice = 1 if tested and not checked.cleared else 0
    if outcome == RENEWED:
        return coverage.renewed(cover, month, interval), Result(
            NO_LOSS, 0, 0, 0, 1, ex_parte, tested, checked.cleared, notice, 0
        )
    if outcome == FAILED_CHECK:
        reason = coverage.failure_reason(checked.met, checked.excluded)
        after = coverage.noticed(cover, month, interval, disenrolment_month(month, options), reason, checked.leak)
        return after, Result(NO_LOSS, 0, 0, 0, 1, ex_parte, tested, 0, notice, 0)
    goes_to = coverage.pick(rates.exit_destination[work.working], draws.word(key, month, draws.DESTINATION))
    if outcome == coverage.RENEWAL_PROCEDURAL:
        goes_to = UNINSURED
    first = 1 if cover.ever_lost == 0 and outcome == coverage.RENEWAL_PROCEDURAL else 0
    after = coverage.left_medicaid(cover, goes_to, month, outcome)
    return after, Result(outcome, 0, first, 0, 1, 0, tested, checked.cleared, notice, 0)


@compiled
def disenrol(month, work, cover, key, rates, place):
    """End of cover after a failed check, 42 CFR 435.558."""
    goes_to = coverage.pick(rates.rule_destination, draws.word(key, month, draws.DESTINATION))
    first = 1 - cover.ever_lost
    after = coverage.left_medicaid(cover, goes_to, month, cover.ends_reason)
    return after, Result(cover.ends_reason, cover.ends_leak, first, 0, 0, 0, 0, 0, 0, 0)


@compiled
def open_kind(month, person, home, place, poor_now, key, rates):
    """Medicaid a person without it could apply for this month, or UNINSURED when none."""
    if not poor_now:
        return UNINSURED
    if home.disabled:
        return DISABLED
    parent = home.pregnant_since > NEVER or home.child_birth > NEVER
    if place.adult_group_open:
        if parent and draws.word(key, month, draws.APPLY) < rates.other_adult_share:
            return OTHER_ADULT
        return ADULT_GROUP
    if parent:
        return OTHER_ADULT
    return WAIVER_ADULT if place.waiver_open else UNINSURED


@compiled
def live_without_medicaid(
    month, age_months, person, work, home, use, opioid, cover, key, word, rates, place, options
):
    """A month without Medicaid: job-based and marketplace cover come and go, people apply."""
    nothing = Result(NO_LOSS, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    kind = cover.kind
    high = ONE - 1 - word
    if kind == EMPLOYER:
        if word < rates.employer_loss[work.working]:
            goes_to = coverage.pick(rates.employer_loss_destination, draws.word(key, month, draws.DESTINATION))
            return coverage.moved(cover, goes_to, month), nothing
        return cover, nothing
    if kind == MARKETPLACE or kind == FULL_PRICE:
        if word < rates.marketplace_loss:
            return coverage.moved(cover, UNINSURED, month), nothing
        return cover, nothing
    if kind != UNINSURED:
        return cover, nothing
    gain = place.employer_gain[work.working]
    if word < gain:
        return coverage.moved(cover, EMPLOYER, month), nothing
    poor_now = expected_income(person, work, home, rates) <= place.income_limit[person.household_size]
    if word < gain + place.marketplace_gain:
        reason = coverage.NONCOMPLIANT if cover.lost_because == LOST_WORK_RULE else NO_LOSS
        if not premium_tax_credit_barred(reason, 1 if poor_now else 0, options):
            return coverage.moved(cover, MARKETPLACE, month), nothing
        return cover, nothing
    target = open_kind(month, person, home, place, poor_now, key, rates)
    if target == UNINSURED:
        return cover, nothing
    if high >= application_hazard(month, cover, target, place):
        return cover, nothing
    if options.in_force and coverage.subject_group(target):
        if person.trait_deterred < place.deterred:
            return cover, Result(DETERRED, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        truth = situation(month, age_months, person, work, home, use, opioid, target, key, rates)
        if applicable_group(truth, options):
            checked = check(month, 1, person, work, use, opioid, cover, truth, key, rates, place, options)
            if not (checked.cleared or checked.proved):
                return cover, Result(DENIED, checked.leak, 0, 0, 0, 0, 1, 0, 1, 1)
            interval = renewal_interval(target, person.aian, options)
            return coverage.enrolled(cover, target, month, interval), Result(
                NO_LOSS, 0, 0, 1, 0, 0, 1, checked.cleared, 1 - checked.cleared, 1
            )
    interval = renewal_interval(target, person.aian, options)
    return coverage.enrolled(cover, target, month, interval), Result(NO_LOSS, 0, 0, 1, 0, 0, 0, 0, 0, 1)


@compiled
def expected_income(person, work, home, rates):
    """Household income of a typical month in the present work state, USD of 2024."""
    hours = working_life.hours_worked(work.working, home.inmate, person.short_hours, rates.full_hours)
    return working_life.household_income(
        hours, rates.full_hours, person.wage, 1 << 16, work.spouse_works, person.spouse_wage, person.other_income
    )


@compiled
def application_hazard(month, cover, target, place):
    """Threshold of applying for Medicaid this month: by months since a loss, else the state's entry rate."""
    if cover.lost_because != 0:
        months = month - cover.lost_at
        if months <= 12:
            band = 0 if months <= 3 else (1 if months <= 6 else 2)
            return place.reentry[cover.lost_because, band]
    if target == OTHER_ADULT and not place.adult_group_open:
        return place.other_entry
    if target == DISABLED:
        return place.disabled_entry
    return place.entry
