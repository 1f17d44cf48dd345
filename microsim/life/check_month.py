"""Truth and proof at a check of the work requirement.

`situation` is what is true of the person; what the state sees comes first from data, then from an
answer, then from papers, each with its own draw and with lasting traits, so that repeated checks of one
person are not independent.
"""

from __future__ import annotations

from typing import NamedTuple

from microsim.ground import draws
from microsim.ground.compiled import compiled
from microsim.ground.schema import DRUGS, JOBS, OTHER_SUBSTANCES, PATHWAYS
from microsim.life import coverage, readings
from microsim.life import work as working_life
from microsim.life.opioid import on_medication
from microsim.life.state import BUPRENORPHINE, NEVER, NONMEDICATION, USE_TREATED
from microsim.rules.compliance import WORK, compliance_path
from microsim.rules.exclusions import (
    FRAIL,
    PROGRAMME,
    proof_leak,
    recheck_months,
    specified_exclusion,
    sud_leak,
)
from microsim.rules.look_back import passes_look_back, passes_renewal
from microsim.rules.options import Options
from microsim.rules.pathway import Visibility, pathway
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

PATHWAY_NONE = PATHWAYS.index("none")
SEASONAL = JOBS.index("seasonal")
OTHER_TREATMENT = len(DRUGS)
OPIOID_ROW = len(OTHER_SUBSTANCES)
EARNINGS_SHIFT = 28
"""A word's four highest bits choose one of sixteen steps of earnings."""
CLAIM_MONTHS = 12
"""Claims of this many months count, 42 CFR 435.557(f)."""
NO_HARDSHIP = 0
IN_HOSPITAL = 1
IN_DISASTER = 2
AMONG_UNEMPLOYED = 4
ON_MEDICAL_TRAVEL = 8
"""Bits of short-term hardship, 42 CFR 435.555."""


class Check(NamedTuple):
    """One check of the work requirement: truth, data, proof (0 or 1), the leak of the SUD exclusion.

    `stands_until` is the first month in which a verified exclusion is asked for again.
    """

    met: int
    excluded: int
    cleared: int
    proved: int
    leak: int
    stands_until: int


@compiled
def options_of(place):
    """The rule in force and the state's choices, as the tuple the rules read."""
    o = place.options
    return Options(
        o[0], o[1], o[2], o[3], o[4], o[5], o[6], o[7], o[8], o[9], o[10], o[11], o[12], o[13], o[14],
        o[15], o[16], o[17], o[18], o[19], o[20], o[21], o[22], o[23], o[24], o[25], o[26], o[27], o[28],
        o[29], o[30], o[31], o[32], o[33], o[34], o[35], o[36], o[37], o[38], o[39],
    )  # fmt: skip


@compiled
def visibility_of(place):
    """How visible each record is to the state, as the tuple the rules read."""
    c = place.clear
    return Visibility(
        c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8], c[9], c[10], c[11], c[12], c[13], c[14], c[15], c[16],
        c[17], c[18], c[19],
    )  # fmt: skip


@compiled
def month_income(month, person, work, home, key, rates):
    """MAGI household income of the month, with its own variation around the usual, USD of 2024."""
    hours = working_life.hours_worked(work.working, home.inmate, person.short_hours, rates.full_hours)
    variation = rates.earnings[draws.word(key, month, draws.EARNINGS) >> EARNINGS_SHIFT]
    return working_life.household_income(
        hours,
        rates.full_hours,
        person.wage,
        variation,
        work.spouse_works,
        person.spouse_wage,
        person.other_income,
    )


@compiled
def county_hardship(key, place, options):
    """Hardship bits of the person's county in the month of `place`, which the state applies without a request.

    A declaration is drawn once for all months it holds; high unemployment is a lasting trait of the county.
    """
    suffers = NO_HARDSHIP
    if options.hardship_disaster:
        if draws.word(key, place.disaster_declared, draws.DISASTER) < place.disaster_county:
            suffers = IN_DISASTER
    if options.hardship_unemployment:
        if draws.word(key, draws.LASTING, draws.TRAIT_COUNTY) < place.high_unemployment:
            suffers |= AMONG_UNEMPLOYED
    return suffers


@compiled
def own_hardship(month, home, key, rates):
    """Hardship bits of the person's own month: inpatient care, travel for long treatment."""
    ill = 1 if home.disabled or home.smi or home.complex_condition else 0
    suffers = NO_HARDSHIP
    if draws.word(key, month, draws.INPATIENT) < rates.inpatient[ill]:
        suffers = IN_HOSPITAL
    if draws.word(key, month, draws.MEDICAL_TRAVEL) < rates.medical_travel[ill]:
        suffers |= ON_MEDICAL_TRAVEL
    return suffers


@compiled
def situation(month, age_months, person, work, home, use, opioid, kind, key, rates, suffers):
    """What is true of the person this month, for the rules.

    `kind` is the cover held or applied for, `suffers` the bits of hardship to look at.
    """
    hours = working_life.hours_worked(work.working, home.inmate, person.short_hours, rates.full_hours)
    income = month_income(month, person, work, home, key, rates)
    active = readings.opioid_disorder(opioid) or readings.other_disorder(use)
    sud = SUD_ACTIVE if active else (SUD_PAST if use.recovery_since > NEVER else SUD_NONE)
    released = month - home.released_at if home.released_at > NEVER else NEVER_MONTHS
    child_age = month - home.child_birth if home.child_birth > NEVER else NEVER_MONTHS
    pregnant = 1 if home.pregnant_since > NEVER else 0
    recovery = month - use.recovery_since if sud == SUD_PAST else 0
    seasonal = 1 if person.job == SEASONAL else 0
    average = working_life.average_income(work.incomes)
    treated_in = programme(person, use, opioid, rates)
    volunteered = rates.volunteer_hours if person.volunteers and not home.inmate else 0
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
        volunteer_hours=volunteered,
        programme_hours=0,
        study_hours=0,
        half_time_student=home.student,
        household_income=income,
        seasonal=seasonal,
        seasonal_average=average,
        inpatient=suffers & IN_HOSPITAL,
        disaster_county=suffers & IN_DISASTER,
        high_unemployment_county=suffers & AMONG_UNEMPLOYED,
        medical_travel=suffers & ON_MEDICAL_TRAVEL,
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
    if in_treatment(use, opioid) or month - cover.claim_at <= CLAIM_MONTHS:
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
def answer_word(month, person, key, rates):
    """The word that decides whether mail of this month is answered; one for every form of the month."""
    return coverage.lasting(
        draws.word(key, month, draws.RESPONSE_MIX), draws.word(key, month, draws.RESPONSE),
        person.trait_response, rates.trait_correlation,
    )  # fmt: skip


@compiled
def with_youth(history, age_months, options):
    """`history` with the months before the lower age deemed compliant, 42 CFR 435.553(a)(1)."""
    lived = age_months - options.age_low_months
    if lived + 1 >= working_life.HISTORY_MONTHS:
        return history
    young = working_life.HISTORY_BITS & ~((1 << (lived + 1)) - 1)
    return history | young | (young << working_life.AUTOMATIC_SHIFT)


@compiled
def check(month, applying, since, required, person, work, use, opioid, cover, truth, key, rates, place, options):
    """One check of the work requirement, of an enrollee or (`applying`) of a person without cover.

    The months from `since` on are those of a review; NEVER asks for the look-back of an application.
    """
    excluded = specified_exclusion(truth, options)
    path = compliance_path(truth, options)
    history = with_youth(work.history, truth.age_months, options)
    counted = (history & working_life.HISTORY_BITS) >> 1
    automatic = history >> (working_life.AUTOMATIC_SHIFT + 1)
    if since == NEVER:
        met = excluded > 0 or passes_look_back(counted, options.lookback_months) > 0
        given = passes_look_back(automatic, options.lookback_months) > 0
    else:
        months = month - since
        met = excluded > 0 or passes_renewal(counted, months, required) > 0
        given = passes_renewal(automatic, months, required) > 0
    seen = diagnosed(month, person, use, opioid, cover, rates)
    on = 1 if on_medication(opioid.state) else 0
    shows = PATHWAY_NONE
    if met:
        # Where only earlier months count, what is on record is the pay of those.
        by = path if excluded > 0 or path > 0 else WORK
        shows = pathway(truth, options, excluded, by, on, person.job, work.work_class, seen, visibility_of(place))
    mix = draws.word(key, month, draws.CLEARED_MIX)
    data = coverage.lasting(
        mix, draws.word(key, month, draws.CLEARED), person.trait_visibility, rates.trait_correlation
    )
    again = recheck_months(excluded, options) if excluded else 0
    stands = again > 0 and month < cover.stands_until
    # Months the state applies by itself, and exclusions that stand, need neither data nor an answer.
    seen_in_data = met and data < place.clear[shows]
    cleared = seen_in_data or (met and (given or stands))
    answer = answer_word(month, person, key, rates)
    active = 1 if truth.sud == SUD_ACTIVE else 0
    by_frailty = 1 if excluded == FRAIL or excluded == PROGRAMME else 0
    accepted = draws.word(key, month, draws.DOCUMENT) < place.document[by_frailty]
    # A statement of pregnancy is accepted as it is, 42 CFR 435.554(c)(10).
    accepted = accepted or (excluded > 0 and truth.pregnant != 0)
    answers = place.applicant_response if applying else place.response[person.answer_class, active]
    proved = met and answer < answers and accepted
    leak = 0
    if not (cleared or proved):
        leak = proof_leak(truth, options, seen)
        if met and sud_leak(truth, options) != 0:
            # What failed is the proof of another status than the disorder.
            leak = 0
    until = cover.stands_until
    if again > 0 and not stands and (seen_in_data or proved):
        until = month + again
    return Check(1 if met else 0, 1 if excluded > 0 else 0, 1 if cleared else 0, 1 if proved else 0, leak, until)
