"""Months that two arms must live the same: what differs between their tables, and whether a month read it.

A month is a pure function of the life before it, the person, the draws and the records it reads. Arms with
equal lives therefore need one month between them unless that month reads a field in which their records
differ. `differences` names the differing fields by group, once, on the host; `parts` says from the month as
the first arm lived it whether a group may have been read. It may say yes too often, never too seldom; a
field that no group names always counts as read.
"""

from __future__ import annotations

import numpy as np

from microsim.ground.compiled import compiled
from microsim.life import coverage, readings
from microsim.life.ageing import present
from microsim.life.cover_month import MONTHS_A_YEAR, reviewed
from microsim.life.state import CHILD, LOST_WORK_RULE, NO_OPIOID
from microsim.life.work import HISTORY_MONTHS, INCOME_MONTHS
from microsim.rules.look_back import check_due
from microsim.rules.options import Options

ALWAYS = 1
"""Read by every month."""
FATALITY = 2
"""Expected deaths only: no life takes another course."""
OVERDOSE = 4
"""Read once an overdose happens."""
TREATMENT = 8
"""Read for people with opioid use disorder."""
ONSET = 16
"""Exposure only, which each arm keeps for itself."""
RULE = 32
"""Read where Medicaid that the work requirement applies to is renewed, checked, applied for, or come of age into."""
MEMORY = 64
"""Decides what is remembered of a month for a later check."""
RECALL = 128
"""What may be remembered differs: MEMORY in this month or one that a check can still look at."""
RENEWAL = 256
"""Read at every renewal: what the state finds, and who answers."""
PERIOD = 512
"""Read wherever Medicaid begins or is renewed."""

_GROUP = {
    "fatality": FATALITY,
    **dict.fromkeys(
        ("witnessed", "naloxone", "ambulance", "fatal_naloxone", "fatal_ambulance", "fatal_alone",
         "treated_overdose"), OVERDOSE,
    ),
    **dict.fromkeys(("start", "start_after_overdose", "coverage_stop"), TREATMENT),
    "onset": ONSET,
    **dict.fromkeys(
        ("tested_at_renewal", "clear", "response", "applicant_response", "document", "deterred",
         "hearing_requested", "hearing_reversed"), RULE,
    ),
    **dict.fromkeys(("ex_parte", "renewal_ineligible", "renewal_response"), RENEWAL),
    "law_live": MEMORY,
}  # fmt: skip
_AGE_LOW = Options._fields.index("age_low_months")
_AGE_HIGH = Options._fields.index("age_high_months")
_CHECK_INTERVAL = Options._fields.index("check_interval_months")
_IN_FORCE = Options._fields.index("in_force")
_PERIOD = Options._fields.index("renewal_period_months")


def differences(rates: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Groups in which an arm's records differ from the first arm's, as bits: int64 (arms, 51, months).

    `rates` RATES (arms,), `places` PLACE (arms, 51, months).
    """
    found = np.zeros(places.shape, np.int64)
    first = places[0]
    for arm in range(1, len(places)):
        mine = places[arm]
        if rates[arm].tobytes() != rates[0].tobytes():
            found[arm] = ALWAYS
            continue
        for name in places.dtype.names or ():
            differs = mine[name] != first[name]
            if name == "options":
                found[arm] |= ALWAYS * differs[..., [_AGE_LOW, _AGE_HIGH]].any(axis=-1)
                found[arm] |= PERIOD * differs[..., _PERIOD]
                found[arm] |= (RULE | MEMORY) * differs.any(axis=-1)
            else:
                differs = differs.reshape(*first.shape, -1).any(axis=-1)
                found[arm] |= _GROUP.get(name, ALWAYS) * differs
        remembers = found[arm] & MEMORY > 0
        for back in range(min(HISTORY_MONTHS + INCOME_MONTHS + 1, remembers.shape[1])):
            found[arm][:, back:] |= RECALL * remembers[:, : remembers.shape[1] - back]
    return found


@compiled(_nrt=False)
def parts(differs, settled, unlike, month, person, key, before, after, events, word, calm, alike, exposure, counted,
          rates, first, other):  # fmt: skip
    """Whether the arm of record `other` may live this month otherwise than the first arm did.

    `differs` says how the records `first` and `other` of the place and month differ; `before`, `after` and `events` are
    the month of the first arm, `word` its screening word of opioid use, `calm` the bounds of the year for all arms,
    `alike` whether both have the same fate, `exposure` that of the other arm after the month, `counted` whether both or
    neither were ever counted as losing cover. `settled`:
    whether the month cannot have asked a rule; `unlike`: whether the arms' memories of the past may not be the same.
    """
    if differs & ALWAYS:
        return True
    if events.overdose and (differs & OVERDOSE or not alike):
        return True
    if differs & TREATMENT and readings.opioid_disorder(before.opioid):
        # Only a start of treatment, or a stop for lost cover, can come of it.
        near = word < calm.opioid or calm.coverage_stop > 0
        if near and treats_otherwise(month, before, word, rates, first, other):
            return True
    if before.opioid.state == NO_OPIOID and (exposure >= person.tolerance) != (after.opioid.state != NO_OPIOID):
        return True
    if settled:
        return False
    if not counted and coverage.is_counted(events.loss):
        return True
    if (unlike or differs & RECALL) and events.looked_back:
        return True
    if not differs & (RULE | RENEWAL | PERIOD) or not asks(month, person, before, after, events, first, other):
        return False
    if differs & PERIOD or (differs & RULE and asks_rule(before.cover, after.cover, events)):
        return True
    if not (differs & RENEWAL and events.renewed):
        return False
    age_months = month - person.birth_month
    if rates.working_age[0] <= age_months < rates.working_age[1]:
        person = present(month, age_months, person, before.home, before.work, rates, first)
    mine = reviewed(month, person, after.use, after.opioid, before.cover, key, rates, first)
    return bool(mine != reviewed(month, person, after.use, after.opioid, before.cover, key, rates, other))


@compiled(_nrt=False)
def treats_otherwise(month, before, word, rates, first, other):
    """Whether `word` may start or stop medication under one of two records and not under the other."""
    mine = readings.opioid_rates(rates, first, before.opioid, before.use, before.cover, month)
    theirs = readings.opioid_rates(rates, other, before.opioid, before.use, before.cover, month)
    return mine.coverage_stop != theirs.coverage_stop or (word < mine.start) != (word < theirs.start)


@compiled(_nrt=False)
def recalled(place):
    """Whether the month can ask what is remembered: a rule is in force, or was when a renewal began."""
    return bool(place.tested_at_renewal or place.options[_IN_FORCE])


@compiled(_nrt=False)
def asks(month, person, before, after, events, first, other):
    """Whether the month may read how Medicaid is renewed and applied for, or the work requirement."""
    kind = before.cover.kind
    ordinary = events.loss == coverage.ORDINARY_EXIT or events.loss == coverage.AGED_OUT
    if events.renewed or events.applied or events.looked_back or events.hearing or (events.loss and not ordinary):
        return True
    if kind == CHILD:
        # Coming of age is the only end of children's cover.
        return after.cover.kind != CHILD
    if coverage.renews(kind):
        # TANF moves a parent to another group, with a renewal of its own.
        if after.cover.kind != kind and not ordinary:
            return True
        return between_due(month, before.cover, first) or between_due(month, before.cover, other)
    if coverage.is_medicaid(kind):
        return False
    # A credit is refused only after the work rule; an application put off a second time leaves no trace.
    if before.cover.lost_because == LOST_WORK_RULE:
        return True
    return bool(person.trait_deterred < first.deterred and month - before.cover.checked_at <= MONTHS_A_YEAR)


@compiled(_nrt=False)
def asks_rule(before, after, events):
    """Whether a month that `asks` may read the work requirement: not where other Medicaid is renewed or taken up."""
    if coverage.subject_group(after.kind) or events.looked_back or events.hearing:
        return True
    if before.kind == CHILD or events.entered:
        return False
    return coverage.subject_group(before.kind) or not coverage.renews(before.kind)


@compiled(_nrt=False)
def looks_back(month, cover, word, cover_top, low):
    """Whether a month is likely to look back: at a renewal, a check between two, or an application.

    `word` is its screening word of cover, `cover_top` and `low` the bounds of the year. Where it is not foreseen the
    month is lived twice.
    """
    if coverage.subject_group(cover.kind):
        after = low.check_after
        return cover.renewal_at == month or (after > 0 and month - cover.checked_at >= after)
    return word >= cover_top and not coverage.is_medicaid(cover.kind)


@compiled(_nrt=False)
def between_due(month, cover, place):
    """Whether a check between renewals may fall due."""
    if not place.tested_at_renewal or not coverage.subject_group(cover.kind):
        return False
    return check_due(month - cover.checked_at, place.options[_CHECK_INTERVAL], 0) != 0

