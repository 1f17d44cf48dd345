"""Quiet months: those that cannot change a person, and need not be lived.

`calm_of` takes from the present life and the bounds of the year every threshold that a month compares a draw
with, and the first month in which something is due. Until then a month with all draws above the thresholds leaves
the life as it is; what is expected of it follows from the risks in `Calm`. It knows no rule and no step of
the month beyond their thresholds and dates: where those are not simple it says that the month must be lived.
"""

from __future__ import annotations

from typing import NamedTuple

from microsim.ground.compiled import compiled
from microsim.ground.draws import ONE
from microsim.ground.schema import RECOVERY_BAND_STARTS, REENTRY_BAND_ENDS
from microsim.life import coverage, home, opioid, readings, substance
from microsim.life.ageing import present, usually_poor
from microsim.life.attachment import attachment_of
from microsim.life.cover_month import FACTOR_BITS, MONTHS_A_YEAR, job_cover_loss
from microsim.life.month import MALE, drug_death_risk, expecting, overdose_risk
from microsim.life.state import (
    ADULT_GROUP,
    CHILD,
    DUAL,
    EMPLOYER,
    FULL_PRICE,
    LEFT_MEDICATION,
    LOST_NOTHING,
    LOST_WORK_RULE,
    MARKETPLACE,
    MEDICARE,
    NEVER,
    NO_OPIOID,
    OTHER_COVER,
    REMISSION,
    UNINSURED,
)
from microsim.life.work import hours_worked, household_income


class Calm(NamedTuple):
    """Until when, and above which thresholds, months are quiet. Words from `..._top` on are not quiet either."""

    until: int
    """First month that may have something due; the present one where it must be lived"""
    sud: int
    overdose_risk: int
    """Before the supply of place and month"""
    drug_risk: int
    natural: int
    drug_top: int
    overdose: int
    substance: int
    onset: int
    """Hazard of onset before the factor of the month; 0 once there has been one"""
    opioid: int
    opioid_top: int
    coverage_stop: int
    work: int
    cover: int
    cover_top: int
    home: int
    spouse: int
    spouse_top: int


RESTLESS = Calm(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
"""Calm of no month."""


@compiled(_nrt=False)
def sooner(until, due, month):
    """The sooner of two dates, the second only where it is still to come."""
    return min(until, due) if due > month else until


@compiled(_nrt=False)
def calm_of(month, age_months, until, person, life, rates, seasons, top, low):
    """Calm of a life from `month` to `until` at the latest; `top` and `low` are the bounds of the year and place."""
    kind, use, opioids = life.cover.kind, life.use, life.opioid
    years = age_months // MONTHS_A_YEAR
    band = rates.band[years]
    working_age = rates.working_age[0] <= age_months < rates.working_age[1]
    must = age_months == rates.working_age[1] or not low.even or opioids.since >= month
    until = min(until, month + MONTHS_A_YEAR - age_months % MONTHS_A_YEAR)
    until = sooner(until, use.overdose_at + rates.overdose_memory + 1, month)
    until = sooner(until, use.overdose_at + rates.overdose_start_months + 1, month)
    for start in RECOVERY_BAND_STARTS[1:]:
        until = sooner(until, use.recovery_since + start, month)
    home_total, work, spouse, spouse_high = 0, 0, 0, 0
    if working_age:
        person = present(month, age_months, person, life.home, life.work, rates, top)
        # Where the year's limits pass a household by, each month is looked at.
        must = must or usually_poor(person, life.work, low.income_limit[person.household_size], rates) != person.poor
        until = home_until(until, month, person, life.home, rates)
        parent = 1 if month - life.home.child_birth < rates.dependent_months else 0
        ladder = readings.home_rates(rates, person.sex, band, person.poor)
        conception = 0
        if not expecting(month, person, life.home, rates):
            conception = ladder.conception * rates.birth_parent >> 16 if parent else ladder.conception
        home_total = home.total(life.home, person.poor, parent, conception, ladder)
        work, spouse, spouse_high = work_totals(person, life, rates, seasons, band)
        must = must or (life.home.inmate and life.work.working)
        must = must or due(month, life.home.pregnant_since, rates)
    since = month - use.recovery_since
    substances = substance.total(use.stimulant, readings.substance_rates(rates, 0, band, opioids, kind, since))
    substances += substance.total(use.alcohol, readings.substance_rates(rates, 1, band, opioids, kind, since))
    substances += substance.total(use.cannabis, readings.substance_rates(rates, 2, band, opioids, kind, since))
    until = opioid_until(until, month, opioids, rates)
    limits = readings.opioid_rates(rates, top, opioids, use, life.cover, month)
    opioid_low, opioid_high = opioid.totals(opioids.state, limits)
    must = must or limits.coverage_stop > 0
    must = must or (opioids.state == LEFT_MEDICATION and month - opioids.since >= rates.window_months)
    onset = readings.onset_hazard(rates, person, band) if opioids.state == NO_OPIOID else 0
    cover, cover_high = 0, 0
    if rates.child_cover_to <= age_months < rates.working_age[1]:
        must = must or irregular(month, life, low)
        until = cover_until(until, month, life.cover, low)
        cover, cover_high = cover_totals(month, age_months, person, life, rates, top)
    until = sooner(until, person.birth_month + rates.child_cover_to, month)
    until = sooner(until, person.birth_month + rates.parent_plan_to, month)
    until = sooner(until, person.birth_month + rates.working_age[1], month)
    sud = readings.sud_class(use, opioids)
    risk = overdose_risk(month, person, life.home, opioids, use, rates, band)
    drug = drug_death_risk(person, life.home, use, opioids, sud, rates, band)
    return Calm(
        month if must else until, sud, risk, drug, rates.death[person.sex, years, sud],
        ONE - (drug * top.nonopioid >> 16), risk * top.incidence >> 16, substances, onset, opioid_low,
        ONE - opioid_high, limits.coverage_stop, work, cover, ONE - cover_high, home_total, spouse, ONE - spouse_high,
    )  # fmt: skip


@compiled(_nrt=False)
def home_until(until, month, person, at_home, rates):
    """The sooner of `until` and the next date of pregnancy, birth or childhood."""
    until = sooner(until, at_home.pregnant_since + rates.pregnancy_months, month)
    until = sooner(until, at_home.pregnant_since + rates.pregnancy_months + rates.postpartum_months, month)
    if person.sex == MALE:
        until = sooner(until, at_home.child_birth + rates.postpartum_months, month)
    return sooner(until, at_home.child_birth + rates.dependent_months, month)


@compiled(_nrt=False)
def due(month, pregnant_since, rates):
    """Whether a birth, or the end of the months after it, falls due."""
    if pregnant_since == NEVER:
        return False
    along = month - pregnant_since
    return along == rates.pregnancy_months or along >= rates.pregnancy_months + rates.postpartum_months


@compiled(_nrt=False)
def work_totals(person, life, rates, seasons, band):
    """Thresholds of a change of work, and of the low and high end of the spouse's word."""
    troubled = 1 if readings.opioid_disorder(life.opioid) or readings.other_disorder(life.use) else 0
    low_education = 1 if person.education < 2 else 0
    work_class = life.work.work_class
    changes = seasons.work[1 - life.work.working, work_class, troubled, life.home.disabled, low_education]
    if life.home.inmate:
        changes = 0
    spouse = 0
    if person.has_spouse:
        spouse = rates.spouse_lose if life.work.spouse_works else rates.spouse_gain
    elif life.work.spouse_works:
        spouse = ONE
    return changes, spouse, rates.class_change[band, work_class, 0] + rates.class_change[band, work_class, 1]


@compiled(_nrt=False)
def opioid_until(until, month, opioids, rates):
    """The sooner of `until` and the next month in which time alone changes a threshold of opioid use."""
    if opioid.on_medication(opioids.state):
        tenure = readings.tenure_class(month - opioids.since)
        while until > month + 1 and readings.tenure_class(until - 1 - opioids.since) != tenure:
            until -= 1
    elif opioids.state == LEFT_MEDICATION:
        until = sooner(until, opioids.since + rates.window_months, month)
    elif opioids.state == REMISSION:
        for start in RECOVERY_BAND_STARTS[1:]:
            until = sooner(until, opioids.since + start, month)
    return until


@compiled(_nrt=False)
def irregular(month, life, low):
    """Whether cover may change whatever the draws: on coming of age, in custody, at a check, by a rule on credits."""
    cover, kind = life.cover, life.cover.kind
    if kind == CHILD or (kind == ADULT_GROUP and life.home.tanf):
        return True
    if kind == FULL_PRICE and cover.lost_because == LOST_WORK_RULE:
        return True
    if life.home.inmate:
        return kind != OTHER_COVER and kind != MEDICARE and kind != DUAL
    if kind == OTHER_COVER and life.home.released_at == month:
        return True
    if not coverage.renews(kind):
        return False
    if cover.ends_at == month or cover.renewal_at == month:
        return True
    after = low.check_after
    return after > 0 and coverage.subject_group(kind) and month - cover.checked_at >= after


@compiled(_nrt=False)
def cover_until(until, month, cover, low):
    """The sooner of `until` and the next date of cover: renewal, end, check, or another hazard of applying."""
    kind = cover.kind
    if coverage.renews(kind):
        until = sooner(until, cover.renewal_at, month)
        until = sooner(until, cover.ends_at, month)
        if low.check_after > 0 and coverage.subject_group(kind):
            until = sooner(until, cover.checked_at + low.check_after, month)
    elif cover.lost_because != LOST_NOTHING and not coverage.is_medicaid(kind):
        for end in REENTRY_BAND_ENDS:
            until = sooner(until, cover.lost_at + end + 1, month)
    return until


@compiled(_nrt=False)
def cover_totals(month, age_months, person, life, rates, top):
    """Thresholds under which the low and the high end of the month's word may change cover."""
    kind, working, poor = life.cover.kind, life.work.working, person.poor
    if life.home.inmate:
        return 0, 0
    attachment = attachment_of(month, person, life.home, life.work, life.opioid, rates, top)
    exits = top.adult_exit if coverage.subject_group(kind) else rates.medicaid_exit[kind]
    leaves = (exits << FACTOR_BITS) // attachment
    if coverage.is_medicaid(kind) or kind == MEDICARE:
        return leaves, 0
    if kind == EMPLOYER:
        return max(leaves, job_cover_loss(age_months, person, life.work, rates)), 0
    high = applies(month, person, life, rates, top) * attachment >> FACTOR_BITS
    if kind == MARKETPLACE or kind == FULL_PRICE:
        return max(leaves, rates.marketplace_loss[poor]), high
    if kind == UNINSURED:
        gain = (top.employer_gain[working, poor] << FACTOR_BITS) // attachment
        return max(leaves, gain + top.marketplace_gain[poor]), high
    return leaves, high


@compiled(_nrt=False)
def applies(month, person, life, rates, top):
    """Most that the threshold of applying for Medicaid can be; 0 where none is open, or no income low enough."""
    if not person.poor:
        hours = hours_worked(life.work.working, life.home.inmate, person.short_hours, rates.full_hours)
        least = household_income(
            hours, rates.full_hours, person.wage, rates.earnings[0], life.work.spouse_works, person.spouse_wage,
            person.other_income,
        )  # fmt: skip
        if least > top.income_limit[person.household_size]:
            return 0
    anybody = top.adult_group_open or top.waiver_open
    parent = life.home.pregnant_since > NEVER or month - life.home.child_birth < rates.dependent_months
    if not (anybody or parent or life.home.disabled):
        return 0
    stage = readings.reentry_band(month - life.cover.lost_at)
    if life.cover.lost_because != LOST_NOTHING and stage >= 0:
        return top.reentry[life.cover.lost_because, stage]
    entry = top.entry if anybody else 0
    if parent:
        entry = max(entry, top.other_entry)
    return max(entry, top.disabled_entry) if life.home.disabled else entry


@compiled(_nrt=False)
def begins(onset, left, clocks, arm, where, start, stop):
    """Position of the first month from `start` on in which exposure rises by `left` at the hazard `onset`, else `stop`.

    `clocks` holds the factors of months added up, int64 (arms, 51, months + 1).
    """
    now = clocks[arm, where, start]
    if onset * (clocks[arm, where, stop] - now) < left:
        return stop
    t = start
    while onset * (clocks[arm, where, t + 1] - now) < left:
        t += 1
    return t


@compiled(_nrt=False)
def next_loud(calm, health, living, adult, start, stop):
    """Position of the first month from `start` on with a draw that may change something, else `stop`.

    `health` and `living` are the screening words, int64 (4, months); the latter only of an `adult`.
    """
    for t in range(start, stop):
        loud = (
            (health[0, t] < calm.natural)
            | (health[0, t] >= calm.drug_top)
            | (health[1, t] < calm.overdose)
            | (health[2, t] < calm.substance)
            | (health[3, t] < calm.opioid)
            | (health[3, t] >= calm.opioid_top)
        )
        if adult:
            loud |= (
                (living[0, t] < calm.work)
                | (living[1, t] < calm.cover)
                | (living[1, t] >= calm.cover_top)
                | (living[2, t] < calm.home)
                | (living[3, t] < calm.spouse)
                | (living[3, t] >= calm.spouse_top)
            )
        if loud:
            return t
    return stop
