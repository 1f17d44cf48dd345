"""The first month of a life: from a population record to a person and a state."""

from __future__ import annotations

from microsim.ground import draws
from microsim.ground.compiled import compiled, int64
from microsim.ground.exponential import exponential
from microsim.ground.schema import FLAG, MONTHS_CAP, POPULATION_MONTH
from microsim.life import coverage
from microsim.life.check_month import in_treatment
from microsim.life.month import Life
from microsim.life.opioid import on_medication
from microsim.life.state import (
    LEFT_MEDICATION,
    LEFT_ORDINARY,
    LOST_NOTHING,
    NEVER,
    NO_FATE,
    REMISSION,
    Cover,
    Home,
    Opioid,
    Person,
    Use,
    Work,
)

_BIT = {name: bit.bit_length() - 1 for name, bit in FLAG.items()}
_DISABLED, _IMPAIRED, _SMI, _COMPLEX = (
    _BIT["disabled"],
    _BIT["impaired"],
    _BIT["smi"],
    _BIT["complex_condition"],
)
_STUDENT, _CAREGIVER, _SNAP = _BIT["student"], _BIT["caregiver"], _BIT["snap"]
_SNAP_SUBJECT, _TANF, _FOSTER, _INMATE = (
    _BIT["snap_subject"],
    _BIT["tanf"],
    _BIT["foster_youth"],
    _BIT["inmate"],
)
_SPOUSE_WORKS, _HAS_SPOUSE, _WORKING = _BIT["spouse_works"], _BIT["has_spouse"], _BIT["working"]
_INTERNET, _LIMITED_ENGLISH, _INJECTS = _BIT["internet"], _BIT["limited_english"], _BIT["injects"]
_VOLUNTEER = _BIT["volunteer"]
_VETERAN_TOTAL, _AIAN, _CITIZEN = _BIT["veteran_total"], _BIT["aian"], _BIT["citizen"]
_AGO_UNKNOWN = 255
WORD_MASK = (1 << 32) - 1


@compiled
def flag(record, bit):
    """0 or 1: one bit of the record's flags."""
    return (int64(record.flags) >> bit) & 1


@compiled
def months_ago(value, start):
    """Month of something `value` months before `start`; NEVER for the missing code."""
    return start - int64(value) if value != _AGO_UNKNOWN else NEVER


@compiled
def tolerance_of(number):
    """Exposure in 2**-48 at which a disorder begins: exponential, so that onset comes at the hazard of each month.

    It goes with the resident, so that a sample can hold more of those in whom a disorder will begin.
    """
    return exponential(draws.resident_word(number, draws.TRAIT_TOLERANCE))


@compiled
def person_of(record, key, poor):
    """The lasting part of a life. `poor` is 1 when the household's usual income is low."""
    response, visibility, known, deterred = draws.block(key, draws.LASTING, 0)
    programme, _, _, spouse = draws.block(key, draws.LASTING, draws.TRAIT_PROGRAMME >> 2)
    degree, veteran, spouse_pay, _ = draws.block(key, draws.LASTING, draws.TRAIT_DEGREE >> 2)
    tolerance = tolerance_of(int64(record.person_id))
    answer_class = (
        int64(record.education) * 4 + (1 - flag(record, _INTERNET)) * 2 + flag(record, _LIMITED_ENGLISH)
    )
    return Person(
        int64(record.state), int64(record.birth_month), int64(record.sex), int64(record.race), int64(record.education),
        int64(record.household_size), int64(record.wage), int64(record.spouse_wage), int64(record.other_income),
        int64(record.short_hours), int64(record.job), flag(record, _INJECTS), flag(record, _HAS_SPOUSE),
        flag(record, _VETERAN_TOTAL), flag(record, _AIAN), flag(record, _CITIZEN), answer_class, poor,
        response, visibility, known, deterred, programme, flag(record, _VOLUNTEER), spouse, spouse_pay, degree,
        veteran, tolerance,
    )  # fmt: skip


@compiled
def key_of(record, key0, key1):
    """The key of a resident's draws: the id in two words, and the two words of the seed."""
    number = int64(record.person_id)
    return (number & WORD_MASK, number >> 32, key0, key1)


@compiled
def first_life(record):
    """State at the start of January 2024, the month the population is dated."""
    start = POPULATION_MONTH
    state = int64(record.opioid)
    recovered = NEVER
    if record.recovery_months != _AGO_UNKNOWN:
        recovered = start - int64(record.recovery_months) - 1
    since = start - 1
    if on_medication(state) or state == LEFT_MEDICATION:
        since = start - int64(record.treatment_months) if record.treatment_months <= MONTHS_CAP else start - 1
    elif state == REMISSION:
        since = months_ago(record.treatment_months, start - 1)
    pregnant = NEVER
    if record.pregnancy_months > 0:
        pregnant = start - int64(record.pregnancy_months)
    working = flag(record, _WORKING)
    kind = int64(record.cover)
    renewal, renewed = NEVER, NEVER
    if coverage.renews(kind):
        renewal = start + int64(record.renewal_offset)
        renewed = renewal - 12
    use = Use(
        int64(record.stimulant), int64(record.alcohol), int64(record.cannabis), recovered,
        months_ago(record.overdose_months, start - 1), NO_FATE,
    )  # fmt: skip
    opioid = Opioid(state, since, LEFT_ORDINARY, 0)
    claim = NEVER
    if coverage.is_medicaid(kind):
        if in_treatment(use, opioid):
            claim = start - 1
        elif state == LEFT_MEDICATION:
            claim = since
    return Life(
        Work(int64(record.work_class), working, flag(record, _SPOUSE_WORKS), working, 0),
        Home(
            flag(record, _DISABLED), flag(record, _IMPAIRED), flag(record, _SMI), flag(record, _COMPLEX),
            flag(record, _STUDENT), flag(record, _CAREGIVER), flag(record, _SNAP), flag(record, _SNAP_SUBJECT),
            flag(record, _TANF), flag(record, _FOSTER), flag(record, _INMATE), pregnant,
            int64(record.child_birth_month), months_ago(record.release_months, start - 1),
        ),
        use,
        opioid,
        Cover(
            kind, start, renewal, renewed, renewed, NEVER, 0, 0, NEVER, LOST_NOTHING, 0, claim, NEVER,
            NEVER, 0, 0, NEVER,
        ),
    )  # fmt: skip


@compiled
def opening(record, poor, key0, key1):
    """Returns (key, person, life) at the start of January 2024, of one arm lived by itself."""
    key = key_of(record, key0, key1)
    return key, person_of(record, key, poor), first_life(record)
