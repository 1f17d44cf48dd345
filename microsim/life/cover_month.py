"""Step 8 of the month: cover. Renewal and the work requirement, loss, application, other cover."""

from __future__ import annotations

from microsim.ground import draws
from microsim.ground.compiled import compiled
from microsim.ground.draws import ONE
from microsim.life import coverage, readings
from microsim.life.attachment import attachment_of
from microsim.life.check_month import (
    NO_HARDSHIP,
    Check,
    answer_word,
    check,
    month_income,
    options_of,
    situation,
)
from microsim.life.coverage import (
    AGED_OUT,
    DENIED,
    DETERRED,
    FAILED_CHECK,
    NO_LOSS,
    ORDINARY_EXIT,
    RENEWED,
)
from microsim.life.ending import CHECKED_IN_VAIN, NOTHING, Result, disenrol, fail
from microsim.life.memory import remember
from microsim.life.state import (
    ADULT_GROUP,
    CHILD,
    DISABLED,
    DUAL,
    EMPLOYER,
    FULL_PRICE,
    LOST_NOTHING,
    LOST_WORK_RULE,
    MARKETPLACE,
    MEDICARE,
    NEVER,
    NO_HEARING,
    OTHER_ADULT,
    OTHER_COVER,
    UNINSURED,
    UNKEPT,
    WAIVER_ADULT,
)
from microsim.rules.applicable import applicable_group
from microsim.rules.look_back import check_due, required_at_check
from microsim.rules.renewal import (
    locked_out,
    premium_tax_credit_barred,
    reconsidered,
    renewal_interval,
)

MONTHS_A_YEAR = 12
HALF_YEAR = 6
FACTOR_BITS = 16


@compiled
def live_cover(month, age_months, person, work, home, use, opioid, cover, key, word, rates, place):
    """Live step 8. Returns (work, cover, Result); `work` gains the month's income and compliance."""
    options = options_of(place)
    adult = rates.child_cover_to <= age_months < rates.working_age[1]
    aged = options.age_low_months <= age_months < options.age_high_months
    if place.law_live and aged and work.history != UNKEPT:
        work = remember(month, age_months, person, work, home, use, opioid, cover.kind, key, rates, place, options)
    kind = cover.kind
    if age_months == rates.working_age[1]:
        after = turn_old(cover, month, key, rates)
        return work, after, NOTHING if after.kind == DUAL else ended(kind, AGED_OUT)
    if not adult:
        return work, cover, NOTHING
    if kind == CHILD:
        after = turn_adult(month, person, cover, key, rates, place, options)
        return work, after, NOTHING if coverage.is_medicaid(after.kind) else ended(kind, AGED_OUT)
    if home.inmate:
        after = in_custody(cover, month)
        return work, after, NOTHING if after.kind == kind else ended(kind, ORDINARY_EXIT)
    if kind == OTHER_COVER and home.released_at == month:
        after, result = leave_custody(
            month, age_months, person, work, home, use, opioid, cover, key, rates, place, options
        )
        return work, after, result
    if kind == ADULT_GROUP and home.tanf:
        # Who is paid TANF is within the limit of parents, SSA 1931; the adult group takes nobody in another group.
        interval = renewal_interval(OTHER_ADULT, person.aian, options)
        return work, coverage.enrolled(cover, OTHER_ADULT, month, interval), NOTHING
    if coverage.renews(kind):
        if cover.ends_at == month:
            after, result = disenrol(month, cover, key, rates, place, options)
            return work, after, result
        # While an end of cover is pending, a renewal waits for the hearing.
        if cover.renewal_at == month and cover.ends_at < month:
            after, result = renew(month, age_months, person, work, home, use, opioid, cover, key, rates, place, options)
            return work, after, result
        if place.tested_at_renewal and coverage.subject_group(kind) and cover.ends_at < month:
            if check_due(month - cover.checked_at, options.check_interval_months, 0):
                after, result = check_between(
                    month, age_months, person, work, home, use, opioid, cover, key, rates, place, options
                )
                return work, after, result
    attachment = attachment_of(month, person, home, work, opioid, rates, place)
    exits = place.adult_exit if coverage.subject_group(kind) else rates.medicaid_exit[kind]
    if word < (exits << FACTOR_BITS) // attachment:
        goes_to = ordinary_destination(month, work, home, key, rates)
        return work, coverage.left_medicaid(cover, goes_to, month, ORDINARY_EXIT), ended(kind, ORDINARY_EXIT)
    if coverage.is_medicaid(kind):
        return work, cover, NOTHING
    after, result = live_without_medicaid(
        month, age_months, person, work, home, use, opioid, cover, key, word, rates, place, options
    )
    return work, after, result


@compiled
def in_custody(cover, month):
    """Cover in prison or jail, as the person file has it: other cover, unless Medicare."""
    kind = cover.kind
    if kind == OTHER_COVER or kind == MEDICARE or kind == DUAL:
        return cover
    if coverage.is_medicaid(kind):
        return coverage.left_medicaid(cover, OTHER_COVER, month, ORDINARY_EXIT)
    return coverage.moved(cover, OTHER_COVER, month)


@compiled
def leave_custody(month, age_months, person, work, home, use, opioid, cover, key, rates, place, options):
    """The month of release: many apply for Medicaid on the way out, the others have no cover at first.

    Nobody has been paid since custody, so only the income of others in the household counts.
    """
    free = coverage.moved(cover, UNINSURED, month)
    income = person.other_income + (person.spouse_wage if work.spouse_works else 0)
    poor_now = income <= place.income_limit[person.household_size]
    target = open_kind(month, home, place, poor_now, key, rates)
    if target == UNINSURED or draws.word(key, month, draws.DIRECT) >= place.release_entry:
        return free, NOTHING
    return apply(month, age_months, target, person, work, home, use, opioid, free, key, rates, place, options)


@compiled
def ended(kind, reason):
    """Result of Medicaid ending for an ordinary reason; nothing when the cover was not Medicaid."""
    if coverage.is_medicaid(kind):
        return Result(reason, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NO_HEARING, 0)
    return NOTHING


@compiled
def ordinary_destination(month, work, home, key, rates):
    """Cover after an ordinary end of Medicaid before 65; Medicare comes to disabled people only, SSA 226(b)."""
    goes_to = coverage.pick(rates.exit_destination[work.working], draws.word(key, month, draws.DESTINATION))
    return UNINSURED if goes_to == MEDICARE and not home.disabled else goes_to


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
def reviewed(month, person, use, opioid, cover, key, rates, place):
    """What an ordinary review comes to, each 0 or 1: renewed from data, answered, found ineligible."""
    half_year = 1 if month - cover.renewed_at <= HALF_YEAR else 0
    data = coverage.lasting(
        draws.word(key, month, draws.EX_PARTE_MIX), draws.word(key, month, draws.EX_PARTE),
        person.trait_visibility, rates.trait_correlation,
    )  # fmt: skip
    answer = answer_word(month, person, key, rates)
    active = 1 if readings.opioid_disorder(opioid) or readings.other_disorder(use) else 0
    ex_parte = 1 if data < place.ex_parte[person.poor] else 0
    returned = 1 if answer < place.renewal_response[half_year, person.answer_class, active] else 0
    found = place.renewal_ineligible[half_year, person.poor]
    ineligible = 1 if draws.word(key, month, draws.RENEWAL_INELIGIBLE) < found else 0
    return ex_parte, returned, ineligible


@compiled
def renew(month, age_months, person, work, home, use, opioid, cover, key, rates, place, options):
    """The renewal due this month: ordinary review, and the work requirement where it applies."""
    interval = renewal_interval(cover.kind, person.aian, options)
    ex_parte, returned, ineligible = reviewed(month, person, use, opioid, cover, key, rates, place)
    tested = 0
    checked = Check(1, 0, 1, 1, 0, cover.stands_until)
    if place.tested_at_renewal and coverage.subject_group(cover.kind):
        truth = situation(month, age_months, person, work, home, use, opioid, cover.kind, key, rates, NO_HARDSHIP)
        if applicable_group(truth, options):
            tested = 1
            required = required_at_check(1, options.renewal_months_required)
            checked = check(
                month, 0, cover.checked_at, required, person, work, use, opioid, cover, truth, key, rates, place,
                options,
            )  # fmt: skip
    outcome = coverage.renewal_result(ex_parte, returned, ineligible, tested, checked.cleared, checked.proved)
    notice = 1 if tested and not checked.cleared else 0
    if outcome == RENEWED:
        return coverage.standing(coverage.renewed(cover, month, interval), checked.stands_until), Result(
            NO_LOSS, 0, 0, 0, 1, ex_parte, tested, checked.cleared, notice, 0, 0, 0, NO_HEARING, tested
        )
    if outcome == FAILED_CHECK:
        kept = coverage.renewed(cover, month, interval)
        return fail(month, kept, cover.checked_at, checked, 1, ex_parte, key, rates, place, options)
    goes_to = ordinary_destination(month, work, home, key, rates)
    if outcome == coverage.RENEWAL_PROCEDURAL:
        goes_to = UNINSURED
    first = 1 if cover.ever_lost == 0 and outcome == coverage.RENEWAL_PROCEDURAL else 0
    after = coverage.left_medicaid(cover, goes_to, month, outcome)
    return after, Result(outcome, 0, first, 0, 1, 0, tested, checked.cleared, notice, 0, 0, 0, NO_HEARING, tested)


@compiled
def check_between(month, age_months, person, work, home, use, opioid, cover, key, rates, place, options):
    """A check of the work requirement between renewals, where the state elects them, 42 CFR 435.556."""
    truth = situation(month, age_months, person, work, home, use, opioid, cover.kind, key, rates, NO_HARDSHIP)
    if not applicable_group(truth, options):
        return coverage.passed(cover, month), NOTHING
    required = required_at_check(0, options.renewal_months_required)
    checked = check(
        month, 0, cover.checked_at, required, person, work, use, opioid, cover, truth, key, rates, place, options
    )
    if checked.cleared or checked.proved:
        return coverage.standing(coverage.passed(cover, month), checked.stands_until), Result(
            NO_LOSS, 0, 0, 0, 0, 0, 1, checked.cleared, 1 - checked.cleared, 0, 0, 0, NO_HEARING, 1
        )
    return fail(month, cover, cover.checked_at, checked, 0, 0, key, rates, place, options)


@compiled
def open_kind(month, home, place, poor_now, key, rates):
    """Medicaid a person without it could apply for this month, or UNINSURED when none."""
    if not poor_now:
        return UNINSURED
    if home.disabled and draws.word(key, month, draws.APPLY) < place.disabled_share:
        return DISABLED
    parent = home.pregnant_since > NEVER or month - home.child_birth < rates.dependent_months
    if place.adult_group_open:
        if home.tanf:
            return OTHER_ADULT
        if parent and draws.word(key, month, draws.PARENT) < place.other_adult_share:
            return OTHER_ADULT
        return ADULT_GROUP
    if parent:
        return OTHER_ADULT
    return WAIVER_ADULT if place.waiver_open else UNINSURED


@compiled
def live_without_medicaid(month, age_months, person, work, home, use, opioid, cover, key, word, rates, place, options):
    """A month without Medicaid: job-based and marketplace cover come and go, people apply."""
    kind = cover.kind
    if kind == MEDICARE or kind == DUAL:
        return cover, NOTHING
    attachment = attachment_of(month, person, home, work, opioid, rates, place)
    losing = kind == EMPLOYER and word < job_cover_loss(age_months, person, work, rates)
    if kind == EMPLOYER and not losing:
        return cover, NOTHING
    limit = place.income_limit[person.household_size]
    # A good month of a household that is usually within the limit does not shut it out, 42 CFR 435.603(h)(3).
    poor_now = person.poor == 1 or month_income(month, person, work, home, key, rates) <= limit
    target = open_kind(month, home, place, poor_now, key, rates)
    if losing:
        if (
            target != UNINSURED
            and draws.word(key, month, draws.DIRECT) < place.direct_entry * attachment >> FACTOR_BITS
        ):
            return apply(month, age_months, target, person, work, home, use, opioid, cover, key, rates, place, options)
        goes_to = coverage.pick(rates.employer_loss_destination, draws.word(key, month, draws.DESTINATION))
        if goes_to == MARKETPLACE and barred(cover, poor_now, options):
            return without_credit(cover, month, key, rates), NOTHING
        return coverage.moved(cover, goes_to, month), NOTHING
    applies = application_hazard(month, cover, target, place) * attachment >> FACTOR_BITS
    if target != UNINSURED and ONE - 1 - word < applies:
        return apply(month, age_months, target, person, work, home, use, opioid, cover, key, rates, place, options)
    if kind == MARKETPLACE or kind == FULL_PRICE:
        if word < rates.marketplace_loss[person.poor]:
            return coverage.moved(cover, UNINSURED, month), NOTHING
        if kind == FULL_PRICE and cover.lost_because == LOST_WORK_RULE and not barred(cover, poor_now, options):
            return coverage.moved(cover, MARKETPLACE, month), NOTHING
        return cover, NOTHING
    if kind != UNINSURED:
        return cover, NOTHING
    gain = (place.employer_gain[work.working, person.poor] << FACTOR_BITS) // attachment
    if word < gain:
        return coverage.moved(cover, EMPLOYER, month), NOTHING
    if word < gain + place.marketplace_gain[person.poor]:
        if not barred(cover, poor_now, options):
            return coverage.moved(cover, MARKETPLACE, month), NOTHING
    return cover, NOTHING


@compiled
def job_cover_loss(age_months, person, work, rates):
    """Threshold of losing job-based cover: sooner at low usual income, unless a parent's plan holds."""
    low = 1 if person.poor and age_months >= rates.parent_plan_to else 0
    return rates.employer_loss[low, work.working]


@compiled
def barred(cover, poor_now, options):
    """Whether the premium tax credit is barred, SSA 1902(xx)(7)(B); income over the limit lifts the bar."""
    reason = coverage.NONCOMPLIANT if cover.lost_because == LOST_WORK_RULE else NO_LOSS
    return premium_tax_credit_barred(reason, 1 if poor_now else 0, options)


@compiled
def without_credit(cover, month, key, rates):
    """Cover of a person who would have the marketplace without its credit: full price for a few, else none."""
    pays = draws.word(key, month, draws.FULL_PRICE) < rates.keeps_full_price
    return coverage.moved(cover, FULL_PRICE if pays else UNINSURED, month)


@compiled
def apply(month, age_months, target, person, work, home, use, opioid, cover, key, rates, place, options):
    """An application for `target`; where the work requirement is in force it looks back, 42 CFR 435.556.

    Papers that come soon after cover ended for want of them are decided without a new application, as the review
    they belong to, 42 CFR 435.916: nobody is deterred, and the months of that review count.
    """
    interval = renewal_interval(target, person.aian, options)
    papers = 0
    if coverage.subject_group(target):
        if cover.lost_because == LOST_WORK_RULE and locked_out(month, cover.lost_at, options):
            return (coverage.moved(cover, UNINSURED, month) if cover.kind == EMPLOYER else cover), NOTHING
        if cover.papers_from > NEVER:
            papers = reconsidered(month - cover.lost_at, options)
    tested = place.tested_at_renewal if papers else options.in_force
    if tested and coverage.subject_group(target):
        if not papers and person.trait_deterred < place.deterred:
            # One person is counted once in twelve months, however often an application was near.
            known = month - cover.checked_at <= MONTHS_A_YEAR
            kept = coverage.moved(cover, UNINSURED, month) if cover.kind == EMPLOYER else cover
            if known:
                return kept, NOTHING
            return coverage.passed(kept, month), Result(DETERRED, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NO_HEARING, 0)
        truth = situation(month, age_months, person, work, home, use, opioid, target, key, rates, NO_HARDSHIP)
        if applicable_group(truth, options):
            since = cover.papers_from if papers and not options.reconsideration_look_back else NEVER
            required = required_at_check(1, options.renewal_months_required)
            checked = check(
                month, 1, since, required, person, work, use, opioid, cover, truth, key, rates, place, options
            )
            if not (checked.cleared or checked.proved):
                # After one loss or denial nobody asks again before a month that meets the rule.
                waits = cover.lost_because == LOST_WORK_RULE and not checked.met
                kept = cover if waits else coverage.denied(cover, month)
                if cover.kind == EMPLOYER:
                    kept = coverage.moved(kept, UNINSURED, month)
                if waits:
                    return kept, CHECKED_IN_VAIN
                if cover.kind == MARKETPLACE and barred(kept, 1, options):
                    kept = without_credit(kept, month, key, rates)
                return kept, Result(DENIED, checked.leak, 0, 0, 0, 0, 1, 0, 1, 1, 0, papers, NO_HEARING, 1)
            return coverage.standing(coverage.enrolled(cover, target, month, interval), checked.stands_until), Result(
                NO_LOSS, 0, 0, 1, 0, 0, 1, checked.cleared, 1 - checked.cleared, 1, 0, papers, NO_HEARING, 1
            )
    return coverage.enrolled(cover, target, month, interval), Result(
        NO_LOSS, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, papers, NO_HEARING, 0
    )


@compiled
def application_hazard(month, cover, target, place):
    """Threshold of applying for Medicaid this month: by months since a loss, else the state's entry rate."""
    if cover.lost_because != LOST_NOTHING:
        band = readings.reentry_band(month - cover.lost_at)
        if band >= 0:
            return place.reentry[cover.lost_because, band]
    if target == OTHER_ADULT and not place.adult_group_open:
        return place.other_entry
    if target == DISABLED:
        return place.disabled_entry
    return place.entry
