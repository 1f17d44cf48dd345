"""One month of a life, in order.

1. life events   2. work and income   3. place and supply (read)   4. other substances
5. opioid use and treatment   6. overdose   7. death   8. cover, of the living

Each step is a pure function of the person, the records of place and month, and keyed draws; the
steps below are the only place where draws meet rules and states.
"""

from __future__ import annotations

from typing import NamedTuple

from microsim.ground import draws
from microsim.ground.compiled import compiled
from microsim.ground.draws import ONE
from microsim.ground.schema import SEXES, WORK_CLASSES
from microsim.life import home as home_events
from microsim.life import opioid as opioid_use
from microsim.life import overdose as overdoses
from microsim.life import readings, substance
from microsim.life import work as working_life
from microsim.life.ageing import present
from microsim.life.check_month import in_treatment
from microsim.life.cover_month import live_cover
from microsim.life.coverage import claimed, is_medicaid
from microsim.life.ending import NOTHING
from microsim.life.state import (
    ACTIVE,
    LEFT_MEDICATION,
    NEVER,
    NO_FATE,
    NO_OPIOID,
    REMISSION,
    XR_NALTREXONE,
    Cover,
    Events,
    Home,
    Opioid,
    Use,
    Work,
)

MALE = SEXES.index("male")
NOT_WORKING = WORK_CLASSES.index("not_working")
HOME_IMPAIRS_DISABILITY = 0
HOME_IMPAIRS_SMI = 1
HOME_IMPAIRS_COMPLEX = 2
HOME_IMPAIRS_OUD = 3
HOME_IMPAIRS_OTHER_SUD = 4


class Life(NamedTuple):
    """Everything about a person that changes."""

    work: Work
    home: Home
    use: Use
    opioid: Opioid
    cover: Cover


class Treatment(NamedTuple):
    """What the month did to medication: started (0/1), left (0 none, 1 ordinary, 2 lost cover); and the hazard of
    onset."""

    started: int
    left: int
    onset_hazard: int


class Overdose(NamedTuple):
    """Realised and expected overdose of the month; expected values are thresholds."""

    happened: int
    fatal: int
    treated: int
    expected: int
    expected_death: int


@compiled
def live_month(month, age_months, person, life, key, health_words, life_words, rates, place):
    """Live one month. Returns (life, events); `health_words` and `life_words` are the month's two
    screening blocks, `rates` and `place` the records of microsim.life.tables."""
    years = age_months // 12
    band = rates.band[years]
    working_age = rates.working_age[0] <= age_months < rates.working_age[1]

    home, work, born = life.home, life.work, 0
    if working_age:
        person = present(month, age_months, person, home, work, rates, place)
        home, born = live_home(month, person, life, key, life_words[2], rates, band)
        work = live_work(month, person, work, home, life, life_words[0], life_words[3], rates, band)
    use = live_substances(month, life.use, life.opioid, life.cover, health_words[2], rates, band)
    opioid, use, treatment = live_opioid(
        month, person, life.opioid, use, life.cover, key, health_words[3], rates, place, band
    )
    overdose, opioid, use = live_overdose(
        month, person, home, opioid, use, key, health_words[1], rates, place, band
    )
    home = live_impairment(month, home, life, use, opioid, key, rates)
    cover = life.cover
    # Treatment that goes on names the disorder by itself, so its claims are dated when it or Medicaid ends.
    claims = is_medicaid(cover.kind) and in_treatment(life.use, life.opioid)
    if (claims and not in_treatment(use, opioid)) or (is_medicaid(cover.kind) and overdose.treated):
        cover = claimed(cover, month)
    group = readings.sud_class(use, opioid)
    nonopioid = drug_death_risk(person, home, use, opioid, group, rates, band) * place.nonopioid >> 16
    other = rates.death[person.sex, years, group]
    dies_other, dies_nonopioid = 0, 0
    if not overdose.fatal:
        dies_other = 1 if health_words[0] < other else 0
        dies_nonopioid = 1 if ONE - 1 - health_words[0] < nonopioid else 0

    result = NOTHING
    if not (overdose.fatal or dies_other or dies_nonopioid):
        work, cover, result = live_cover(
            month, age_months, person, work, home, use, opioid, cover, key, life_words[1], rates, place
        )
        if claims and not is_medicaid(cover.kind):
            cover = claimed(cover, month)
    events = Events(
        dies_other, overdose.fatal, dies_nonopioid, overdose.happened, overdose.treated,
        overdose.expected, overdose.expected_death, nonopioid, other,
        result.loss, result.leak, result.first_loss, result.entered, result.renewed, result.ex_parte,
        result.checked, result.cleared, result.noticed, result.applied,
        treatment.started, treatment.left, born, result.failed, result.reconsidered, result.hearing,
        treatment.onset_hazard, result.looked_back,
    )  # fmt: skip
    return Life(work, home, use, opioid, cover), events


@compiled
def live_home(month, person, life, key, word, rates, band):
    """Step 1: births and the one other event of the month. Returns (home, 1 when the person gave birth)."""
    home = life.home
    born = 0
    if home.pregnant_since != NEVER:
        along = month - home.pregnant_since
        if along == rates.pregnancy_months:
            home = home_events.deliver(home, month)
            born = 1
        elif along >= rates.pregnancy_months + rates.postpartum_months:
            home = home_events.after_pregnancy(home)
    parent = 1 if month - home.child_birth < rates.dependent_months else 0
    ladder = readings.home_rates(rates, person.sex, band, person.poor)
    conception = 0
    if not expecting(month, person, life.home, rates):
        conception = ladder.conception * rates.birth_parent >> 16 if parent else ladder.conception
    what = home_events.event(home, person.poor, parent, conception, ladder, word)
    if what == home_events.CONCEPTION and person.sex == MALE:
        return home_events.deliver(home, month), 0
    if what != home_events.NONE:
        impairs, subject, keeps = 0, 0, 0
        chance = draws.word(key, month, draws.IMPAIRED)
        if what == home_events.DISABILITY_ENDS:
            left = strongest(rates, 0, home.smi, home.complex_condition, life.use, life.opioid)
            keeps = outlasts(rates.impairs[HOME_IMPAIRS_DISABILITY], left, chance)
        elif what == home_events.SMI_ENDS:
            left = strongest(rates, home.disabled, 0, home.complex_condition, life.use, life.opioid)
            keeps = outlasts(rates.impairs[HOME_IMPAIRS_SMI], left, chance)
        elif what == home_events.COMPLEX_ENDS:
            left = strongest(rates, home.disabled, home.smi, 0, life.use, life.opioid)
            keeps = outlasts(rates.impairs[HOME_IMPAIRS_COMPLEX], left, chance)
        there = strongest(rates, home.disabled, home.smi, home.complex_condition, life.use, life.opioid)
        if what == home_events.DISABILITY_STARTS:
            impairs = adds(there, rates.impairs[HOME_IMPAIRS_DISABILITY], chance)
        elif what == home_events.SMI_STARTS:
            impairs = adds(there, rates.impairs[HOME_IMPAIRS_SMI], chance)
        elif what == home_events.COMPLEX_STARTS:
            impairs = adds(there, rates.impairs[HOME_IMPAIRS_COMPLEX], chance)
        elif what == home_events.SNAP_STARTS:
            # Disability and pregnancy exempt from the work requirement of SNAP, 7 USC 2015(d)(2).
            exempt = home.disabled or home.pregnant_since > NEVER
            subject = not exempt and draws.word(key, month, draws.HOME_DETAIL) < rates.snap_subject[parent]
        home = home_events.apply_event(home, what, month, impairs, 1 if subject else 0, keeps)
    return home, born


@compiled
def expecting(month, person, home, rates):
    """Whether no child can be on its way: one is, or was born within the postpartum months."""
    if person.sex == MALE and month - home.child_birth < rates.postpartum_months:
        return True
    return home.pregnant_since != NEVER


@compiled
def strongest(rates, disabled, smi, complex_condition, use, opioid):
    """Largest threshold of impairment among the conditions present; 0 without any."""
    largest = 0
    if disabled:
        largest = rates.impairs[HOME_IMPAIRS_DISABILITY]
    if smi:
        largest = max(largest, rates.impairs[HOME_IMPAIRS_SMI])
    if complex_condition:
        largest = max(largest, rates.impairs[HOME_IMPAIRS_COMPLEX])
    if readings.opioid_disorder(opioid):
        largest = max(largest, rates.impairs[HOME_IMPAIRS_OUD])
    if readings.other_disorder(use):
        largest = max(largest, rates.impairs[HOME_IMPAIRS_OTHER_SUD])
    return largest


@compiled
def outlasts(ended, left, word):
    """1 when an impairment outlasts a condition: as often as the strongest one left impairs against the one ended."""
    return 1 if word * (ended >> 16) < (left >> 16) << 32 else 0


@compiled
def adds(there, new, word):
    """1 when a new condition impairs somebody whom the strongest one already there does not.

    Together the two impair as often as the stronger of them alone, as in the population.
    """
    if new <= there:
        return 0
    return 1 if word * ((ONE - there) >> 16) < ((new - there) >> 16) << 32 else 0


@compiled
def live_work(month, person, work, home, life, word, spouse_word, rates, band):
    """Step 2: the person's own work and the spouse's."""
    troubled = 1 if readings.opioid_disorder(life.opioid) or readings.other_disorder(life.use) else 0
    low_education = 1 if person.education < 2 else 0
    season = month % 12
    lose = rates.lose_work[season, work.work_class, troubled, home.disabled, low_education]
    gain = rates.gain_work[season, work.work_class, troubled, home.disabled, low_education]
    # Nobody keeps or finds a job in custody, so work begins anew after it.
    working = 0 if home.inmate else working_life.next_working(work.working, word, lose, gain)
    spouse = 0
    if person.has_spouse:
        spouse = working_life.next_spouse(
            work.spouse_works, spouse_word, rates.spouse_lose, rates.spouse_gain
        )
    high = ONE - 1 - spouse_word
    work_class = work.work_class
    up = rates.class_change[band, work_class, 0]
    if high < up:
        work_class += 1
        # Nobody of the class without work is at work when the population is drawn, nor finds work in it.
        if work_class == NOT_WORKING:
            working = 0
    elif high < up + rates.class_change[band, work_class, 1]:
        work_class -= 1
    return Work(work_class, working, spouse, work.history, work.incomes)


@compiled
def live_substances(month, use, opioid, cover, word, rates, band):
    """Step 4: at most one change among stimulant, alcohol and cannabis disorders."""
    since_recovery = month - use.recovery_since
    stimulant = readings.substance_rates(rates, 0, band, opioid, cover.kind, since_recovery)
    alcohol = readings.substance_rates(rates, 1, band, opioid, cover.kind, since_recovery)
    cannabis = readings.substance_rates(rates, 2, band, opioid, cover.kind, since_recovery)
    first = substance.total(use.stimulant, stimulant)
    second = first + substance.total(use.alcohol, alcohol)
    third = second + substance.total(use.cannabis, cannabis)
    if word >= third:
        return use
    one, two, three = use.stimulant, use.alcohol, use.cannabis
    if word < first:
        one = substance.next_use(one, stimulant, word)
    elif word < second:
        two = substance.next_use(two, alcohol, word - first)
    else:
        three = substance.next_use(three, cannabis, word - second)
    after = Use(one, two, three, use.recovery_since, use.overdose_at, use.fate)
    return since_last_disorder(month, use, after, opioid, opioid)


@compiled
def since_last_disorder(month, before, after, opioid_before, opioid_after):
    """`after` with the month of recovery: set when the last disorder ends, cleared by a new one."""
    was = readings.other_disorder(before) or readings.opioid_disorder(opioid_before)
    now = readings.other_disorder(after) or readings.opioid_disorder(opioid_after)
    recovery = after.recovery_since
    if now:
        recovery = NEVER
    elif was:
        recovery = month
    return Use(after.stimulant, after.alcohol, after.cannabis, recovery, after.overdose_at, after.fate)


@compiled
def live_opioid(month, person, opioid, use, cover, key, word, rates, place, band):
    """Step 5: opioid use disorder and its treatment."""
    if opioid.state == NO_OPIOID:
        hazard = readings.onset_hazard(rates, person, band)
        after = opioid_use.exposed(opioid, hazard * place.onset)
        if person.tolerance > after.exposure:
            return after, use, Treatment(0, 0, hazard)
        after = opioid_use.enter(ACTIVE, month, 0)
        return after, since_last_disorder(month, use, use, opioid, after), Treatment(0, 0, hazard)
    limits = readings.opioid_rates(rates, place, opioid, use, cover, month)
    coverage_word = ONE
    if limits.coverage_stop > 0:
        coverage_word = draws.word(key, month, draws.COVERAGE_STOP)
    state = opioid_use.changes(opioid, month, limits, word, coverage_word)
    if state < 0:
        return opioid, use, Treatment(0, 0, 0)
    treatment = Treatment(0, 0, 0)
    if state == XR_NALTREXONE:
        drug = opioid_use.first_drug(draws.word(key, month, draws.DRUG), limits)
        after = opioid_use.enter(drug, month, 0)
        treatment = Treatment(1, 0, 0)
    elif state == LEFT_MEDICATION:
        by_coverage = opioid_use.stopped_by_coverage(limits, word)
        after = opioid_use.leave_medication(month, by_coverage)
        treatment = Treatment(0, 2 if by_coverage else 1, 0)
    else:
        if opioid.state == LEFT_MEDICATION:
            if draws.word(key, month, draws.EXIT_DESTINATION) < limits.exit_remission:
                state = REMISSION
        after = opioid_use.enter(state, month, 0)
    return after, since_last_disorder(month, use, use, opioid, after), treatment


@compiled
def live_impairment(month, home, life, use, opioid, key, rates):
    """Steps 4 and 5, continued: a disorder that starts may impair work; its end may lift that."""
    was_opioid, is_opioid = readings.opioid_disorder(life.opioid), readings.opioid_disorder(opioid)
    was_other, is_other = readings.other_disorder(life.use), readings.other_disorder(use)
    if is_opioid and not was_opioid:
        there = strongest(rates, home.disabled, home.smi, home.complex_condition, life.use, life.opioid)
        if adds(there, rates.impairs[HOME_IMPAIRS_OUD], draws.word(key, month, draws.DISORDER_IMPAIRS)):
            return home_events.with_impairment(home, 1)
    elif is_other and not was_other and not is_opioid:
        there = strongest(rates, home.disabled, home.smi, home.complex_condition, life.use, life.opioid)
        if adds(there, rates.impairs[HOME_IMPAIRS_OTHER_SUD], draws.word(key, month, draws.DISORDER_IMPAIRS)):
            return home_events.with_impairment(home, 1)
    elif home.impaired and ((was_opioid and not is_opioid) or (was_other and not is_other)):
        ended = rates.impairs[HOME_IMPAIRS_OUD if was_opioid and not is_opioid else HOME_IMPAIRS_OTHER_SUD]
        left = strongest(rates, home.disabled, home.smi, home.complex_condition, use, opioid)
        if not outlasts(ended, left, draws.word(key, month, draws.DISORDER_IMPAIRS)):
            return home_events.with_impairment(home, 0)
    return home


@compiled
def live_overdose(month, person, home, opioid, use, key, word, rates, place, band):
    """Step 6: overdose, its tree, and survival that can end use."""
    risk = min(overdose_risk(month, person, home, opioid, use, rates, band) * place.incidence >> 16, ONE)
    expected_death = risk * place.fatality >> 32
    if word >= risk:
        return Overdose(0, 0, 0, risk, expected_death), opioid, use
    tree = readings.overdose_tree(place)
    witnessed, naloxone, ambulance, fatal = draws.block(key, month, draws.WITNESSED >> 2)
    deadly = overdoses.fatality(tree, witnessed, naloxone, ambulance)
    fate = fatal if use.fate == NO_FATE else use.fate
    if fate < deadly:
        return Overdose(1, 1, 0, risk, expected_death), opioid, use
    treated = 1 if draws.word(key, month, draws.OVERDOSE_TREATED) < place.treated_overdose else 0
    after = Use(
        use.stimulant, use.alcohol, use.cannabis, use.recovery_since, month, overdoses.survived(fate, deadly)
    )  # fmt: skip
    survivor = opioid
    if treated and opioid.state == ACTIVE and draws.word(key, month, draws.CESSATION) < rates.cessation:
        survivor = opioid_use.enter(REMISSION, month, 0)
        after = since_last_disorder(month, use, after, opioid, survivor)
    return Overdose(1, 0, treated, risk, expected_death), survivor, after


@compiled
def overdose_risk(month, person, home, opioid, use, rates, band):
    """Step 6: threshold of an opioid overdose before the supply of place and month."""
    other = 1 if readings.other_disorder(use) else 0
    row = overdoses.risk_class(opioid, month, other)
    recent = 1 if month - use.overdose_at <= rates.overdose_memory else 0
    stimulant = 1 if readings.in_use(use.stimulant) else 0
    base = rates.overdose[row, band, person.sex, person.race, person.injects, stimulant, recent]
    base = base * rates.overdose_education[person.education] >> 16
    if opioid.state == NO_OPIOID:
        base = base * rates.outside_disabled[home.disabled] >> 16
    return base


@compiled
def drug_death_risk(person, home, use, opioid, group, rates, band):
    """Step 7: threshold of a drug death without opioids, a count that supply does not move, before the place."""
    risk = rates.other_drug_death[group, band, person.sex, person.race]
    risk = risk * rates.overdose_education[person.education] >> 16
    if opioid.state == NO_OPIOID:
        risk = risk * rates.outside_disabled[home.disabled] >> 16
    if readings.in_use(use.stimulant):
        # How common the disorder is by education is in the people themselves.
        risk += rates.stimulant_death[band, person.sex, person.race]
    return risk
