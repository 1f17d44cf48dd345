"""How cover ends after a failed check: months of non-compliance, notice, hearing, disenrolment."""

from __future__ import annotations

from typing import NamedTuple

from microsim.ground import draws
from microsim.ground.compiled import compiled
from microsim.life import coverage
from microsim.life.coverage import NO_LOSS, NONCOMPLIANT
from microsim.life.state import HEARING_ASKED, HEARING_LOST, HEARING_WON, NO_HEARING
from microsim.rules.renewal import disenrolment_month, months_of_noncompliance


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
    failed: int
    reconsidered: int
    hearing: int
    looked_back: int
    """1 when the month read what is remembered of earlier ones."""


NOTHING = Result(NO_LOSS, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NO_HEARING, 0)
"""A month without any event of cover."""
CHECKED_IN_VAIN = Result(NO_LOSS, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NO_HEARING, 1)
"""A month whose check of the work requirement leaves no trace."""


@compiled
def fail(month, cover, since, checked, renewed, ex_parte, key, rates, place, options):
    """A failed check of the months from `since` on: notice, and the end of cover in a later month, or in this one
    without time to cure. A rule that counts months of non-compliance ends cover with the last of them."""
    strikes = months_of_noncompliance(month, cover.strikes, cover.struck_at)
    if strikes < options.noncompliance_months:
        return coverage.struck(cover, month, strikes), Result(
            NO_LOSS, 0, 0, 0, renewed, ex_parte, 1, 0, 1, 0, 1, 0, NO_HEARING, 1
        )
    reason = coverage.failure_reason(checked.met, checked.excluded)
    after = coverage.noticed(cover, month, disenrolment_month(month, options), reason, checked.leak, since)
    if after.ends_at > month:
        return after, Result(NO_LOSS, 0, 0, 0, renewed, ex_parte, 1, 0, 1, 0, 1, 0, NO_HEARING, 1)
    after, end = disenrol(month, after, key, rates, place, options)
    return after, Result(end.loss, end.leak, end.first_loss, 0, renewed, ex_parte, 1, 0, 1, 0, 1, 0, end.hearing, 1)


@compiled
def disenrol(month, cover, key, rates, place, options):
    """End of cover after a failed check, 42 CFR 435.558, unless a hearing is asked for or decides otherwise.

    Cover goes on until the decision, 42 CFR 431.230. A hearing can only find what is true, so nobody wins one who
    did not meet the rule.
    """
    hearing = NO_HEARING
    word = draws.word(key, month, draws.HEARING)
    if cover.hearing:
        if cover.ends_reason != NONCOMPLIANT and word < place.hearing_reversed:
            return coverage.upheld(cover, month), Result(NO_LOSS, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, HEARING_WON, 0)
        hearing = HEARING_LOST
    elif options.hearing_months > 0 and word < place.hearing_requested:
        return coverage.heard(cover, month + options.hearing_months), Result(
            NO_LOSS, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, HEARING_ASKED, 0
        )
    goes_to = coverage.pick(rates.rule_destination, draws.word(key, month, draws.DESTINATION))
    first = 1 - cover.ever_lost
    after = coverage.left_medicaid(cover, goes_to, month, cover.ends_reason)
    return after, Result(cover.ends_reason, cover.ends_leak, first, 0, 0, 0, 0, 0, 0, 0, 0, 0, hearing, 0)
