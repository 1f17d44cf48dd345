"""What no later month can read of a life: cleared, so that arms whose lives differ in nothing else are joined.

A date is kept in a life until something replaces it, though the rules ask for months since then only up to a line.
`forget` brings every date beyond its line, and what goes with it, to one value. It must know each line; the
tests compare arms that forget with arms that live alone.
"""

from __future__ import annotations

from microsim.ground.compiled import compiled
from microsim.life import coverage, opioid, readings
from microsim.life.check_month import CLAIM_MONTHS, in_treatment
from microsim.life.cover_month import HALF_YEAR, MONTHS_A_YEAR
from microsim.life.month import Life
from microsim.life.readings import COVERAGE_STOP_MONTHS
from microsim.life.state import (
    ACTIVE,
    LEFT_ORDINARY,
    LOST_NOTHING,
    LOST_WORK_RULE,
    NEVER,
    NONMEDICATION,
    REMISSION,
    Cover,
    Opioid,
    Use,
)


@compiled
def forget(month, life, rates, reconsidered_for):
    """`life` at the start of `month` without what no month from then on can read.

    `reconsidered_for`: the most months after an end of cover in which missing papers are still decided on.
    """
    use = life.use
    if month - use.overdose_at > max(rates.overdose_memory, rates.overdose_start_months):
        use = Use(use.stimulant, use.alcohol, use.cannabis, use.recovery_since, NEVER, use.fate)
    return Life(
        life.work, life.home, use, forget_opioid(month, life.opioid, rates),
        forget_cover(month, life, reconsidered_for),
    )  # fmt: skip


@compiled
def forget_opioid(month, before, rates):
    """Opioid use without a month of its beginning that no hazard asks for any more."""
    state, since = before.state, before.since
    if state == ACTIVE or state == NONMEDICATION:
        since = NEVER
    elif opioid.on_medication(state):
        if readings.tenure_class(month - since) == readings.tenure_class(month - NEVER):
            since = NEVER
    elif state == REMISSION:
        if readings.recovery_band(month - since) == readings.recovery_band(month - NEVER):
            since = NEVER
    # The cause of leaving counts in the month of leaving alone.
    return Opioid(state, since, LEFT_ORDINARY, before.exposure)


@compiled
def forget_cover(month, life, reconsidered_for):
    """Cover without the dates of losses, checks, claims and papers that are too long ago to count."""
    c = life.cover
    enrolled, renews = coverage.is_medicaid(c.kind), coverage.renews(c.kind)
    lost_at, because, papers = c.lost_at, c.lost_because, c.papers_from
    if because == LOST_NOTHING:
        if enrolled:
            lost_at = NEVER
    elif month - lost_at > max(MONTHS_A_YEAR, reconsidered_for):
        lost_at, papers = NEVER, NEVER
        because = LOST_WORK_RULE if because == LOST_WORK_RULE else LOST_NOTHING
    elif month - lost_at > reconsidered_for:
        papers = NEVER
    if enrolled and c.ends_at == NEVER:
        papers = NEVER
    # Papers missing at a renewal are those of the months since the last check.
    checked = NEVER if not renews and month - c.checked_at > MONTHS_A_YEAR else c.checked_at
    renewed = c.renewed_at
    if not renews or max(month, c.renewal_at) - renewed > HALF_YEAR:
        renewed = NEVER
    claim = c.claim_at
    if month - claim > CLAIM_MONTHS or (enrolled and in_treatment(life.use, life.opioid)):
        claim = NEVER
    strikes, struck = c.strikes, c.struck_at
    # A check judges the month before it, and strikes are counted by calendar year.
    if (struck - 1) // MONTHS_A_YEAR < (month - 1) // MONTHS_A_YEAR:
        strikes, struck = 0, NEVER
    since = NEVER if month - c.since >= COVERAGE_STOP_MONTHS else c.since
    stands = c.stands_until if c.stands_until > month else NEVER
    return Cover(
        c.kind, since, c.renewal_at, renewed, checked, c.ends_at, c.ends_reason, c.ends_leak, lost_at, because,
        c.ever_lost, claim, stands, papers, c.hearing, strikes, struck,
    )  # fmt: skip
