"""Cover of a person: what kinds there are, how they begin and end, and what a renewal decides."""

from __future__ import annotations

from microsim.ground.compiled import compiled
from microsim.ground.schema import LOSS_REASONS, PAYERS
from microsim.life.state import (
    ADULT_GROUP,
    CHILD,
    DUAL,
    LOST_NOTHING,
    LOST_ORDINARY,
    LOST_WORK_RULE,
    NEVER,
    OTHER_ADULT,
    UNINSURED,
    WAIVER_ADULT,
    Cover,
)

MEDICAID_PAYS = PAYERS.index("medicaid")
OTHER_PAYS = PAYERS.index("other_insured")
NOBODY_PAYS = PAYERS.index("uninsured")

RENEWED = 0
(
    NO_LOSS, NONCOMPLIANT, COMPLIANT_UNVERIFIED, EXCLUDED_UNVERIFIED, RENEWAL_PROCEDURAL, DENIED, DETERRED,
    RENEWAL_INELIGIBLE, ORDINARY_EXIT, AGED_OUT,
) = range(len(LOSS_REASONS))  # fmt: skip
FAILED_CHECK = -1


@compiled
def is_medicaid(kind):
    """Whether a kind of cover is Medicaid or CHIP, with or without Medicare."""
    return ADULT_GROUP <= kind <= CHILD or kind == DUAL


@compiled
def renews(kind):
    """Whether a kind is Medicaid that a yearly form can end: adults not enrolled through disability."""
    return ADULT_GROUP <= kind <= OTHER_ADULT


@compiled
def subject_group(kind):
    """Whether the work requirement can reach a kind of cover, SSA 1902(xx)(9)(A)(i)."""
    return kind == ADULT_GROUP or kind == WAIVER_ADULT


@compiled
def payer(kind):
    """Who pays for treatment: Medicaid, other insurance, nobody."""
    if is_medicaid(kind):
        return MEDICAID_PAYS
    return NOBODY_PAYS if kind == UNINSURED else OTHER_PAYS


@compiled
def lasting(mix, fresh, trait, correlation):
    """A word that is the person's own trait with probability `correlation`, fresh otherwise.

    Two checks of one person are correlated by exactly that share, so repeated checks do not
    compound as if they were independent.
    """
    return trait if mix < correlation else fresh


@compiled
def renewal_result(ex_parte, returned, ineligible, tested, cleared, proved):
    """RENEWED, RENEWAL_PROCEDURAL, RENEWAL_INELIGIBLE, or FAILED_CHECK of the work requirement.

    Data come first, 42 CFR 435.916; the form and the notice of non-compliance share one window
    (option 1 of 435.558). All arguments are 0 or 1.
    """
    if not ex_parte:
        if not returned:
            return RENEWAL_PROCEDURAL
        if ineligible:
            return RENEWAL_INELIGIBLE
    if tested and not cleared and not proved:
        return FAILED_CHECK
    return RENEWED


@compiled
def failure_reason(met, excluded):
    """Reason code of a failed check from what was true of the person."""
    if not met:
        return NONCOMPLIANT
    return EXCLUDED_UNVERIFIED if excluded else COMPLIANT_UNVERIFIED


@compiled
def lost_because(reason):
    """Cause of loss that decides re-entry: ordinary or the work requirement."""
    if reason == NO_LOSS:
        return LOST_NOTHING
    if reason <= EXCLUDED_UNVERIFIED or reason == DENIED:
        return LOST_WORK_RULE
    return LOST_ORDINARY


@compiled
def is_counted(reason):
    """Whether a loss of Medicaid is one by paperwork or the work requirement."""
    return NONCOMPLIANT <= reason <= RENEWAL_PROCEDURAL


@compiled
def pick(cumulative, word):
    """Position of the first entry of a cumulative row of thresholds above `word`."""
    for code in range(len(cumulative)):
        if word < cumulative[code]:
            return code
    return len(cumulative) - 1


@compiled
def enrolled(cover, kind, month, interval):
    """`cover` after enrolling in Medicaid from next month."""
    return Cover(
        kind, month + 1, month + interval, month, month, NEVER, NO_LOSS, 0, cover.lost_at, LOST_NOTHING,
        cover.ever_lost, cover.claim_at, cover.stands_until, NEVER, 0, 0, NEVER,
    )  # fmt: skip


@compiled
def renewed(cover, month, interval):
    """`cover` renewed this month."""
    return Cover(
        cover.kind, cover.since, month + interval, month, month, NEVER, NO_LOSS, 0, cover.lost_at,
        cover.lost_because, cover.ever_lost, cover.claim_at, cover.stands_until, NEVER, 0, cover.strikes,
        cover.struck_at,
    )  # fmt: skip


@compiled
def passed(cover, month):
    """`cover` after a check between renewals that was passed this month."""
    return Cover(
        cover.kind, cover.since, cover.renewal_at, cover.renewed_at, month, NEVER, NO_LOSS, 0, cover.lost_at,
        cover.lost_because, cover.ever_lost, cover.claim_at, cover.stands_until, NEVER, 0, cover.strikes,
        cover.struck_at,
    )  # fmt: skip


@compiled
def struck(cover, month, strikes):
    """`cover` after a month of non-compliance that does not yet end it."""
    return Cover(
        cover.kind, cover.since, cover.renewal_at, cover.renewed_at, month, NEVER, NO_LOSS, 0, cover.lost_at,
        cover.lost_because, cover.ever_lost, cover.claim_at, cover.stands_until, NEVER, 0, strikes, month,
    )  # fmt: skip


@compiled
def noticed(cover, month, ends_at, reason, leak, since):
    """`cover` after a failed check of the months from `since` on: it stops at the end of `ends_at`."""
    return Cover(
        cover.kind, cover.since, cover.renewal_at, cover.renewed_at, month, ends_at, reason, leak, cover.lost_at,
        cover.lost_because, cover.ever_lost, cover.claim_at, cover.stands_until, since, 0, 0, NEVER,
    )  # fmt: skip


@compiled
def heard(cover, decided_at):
    """`cover` that goes on until a hearing decides, 42 CFR 431.230."""
    return Cover(
        cover.kind, cover.since, cover.renewal_at, cover.renewed_at, cover.checked_at, decided_at, cover.ends_reason,
        cover.ends_leak, cover.lost_at, cover.lost_because, cover.ever_lost, cover.claim_at, cover.stands_until,
        cover.papers_from, 1, 0, NEVER,
    )  # fmt: skip


@compiled
def upheld(cover, month):
    """`cover` that a hearing has decided does not end; a renewal that waited comes next month."""
    return Cover(
        cover.kind, cover.since, max(cover.renewal_at, month + 1), cover.renewed_at, cover.checked_at, NEVER, NO_LOSS,
        0, cover.lost_at, cover.lost_because, cover.ever_lost, cover.claim_at, cover.stands_until, NEVER, 0, 0, NEVER,
    )  # fmt: skip


@compiled
def left_medicaid(cover, kind, month, reason):
    """`cover` after Medicaid ended this month for `reason`; `kind` holds from next month."""
    counted = 1 if is_counted(reason) else cover.ever_lost
    papers = NEVER
    if reason == RENEWAL_PROCEDURAL:
        papers = cover.checked_at
    elif reason == COMPLIANT_UNVERIFIED or reason == EXCLUDED_UNVERIFIED:
        papers = cover.papers_from
    return Cover(
        kind, month + 1, NEVER, NEVER, NEVER, NEVER, NO_LOSS, 0, month, lost_because(reason), counted, cover.claim_at,
        NEVER, papers, 0, 0, NEVER,
    )  # fmt: skip


@compiled
def moved(cover, kind, month):
    """`cover` after a change between kinds outside Medicaid, from next month."""
    return Cover(
        kind, month + 1, NEVER, NEVER, NEVER, NEVER, NO_LOSS, 0, cover.lost_at, cover.lost_because, cover.ever_lost,
        cover.claim_at, cover.stands_until, cover.papers_from, 0, 0, NEVER,
    )  # fmt: skip


@compiled
def denied(cover, month):
    """`cover` after an application that failed the work requirement: the next one waits like a loss."""
    return Cover(
        cover.kind, cover.since, cover.renewal_at, cover.renewed_at, cover.checked_at, cover.ends_at,
        cover.ends_reason, cover.ends_leak, month, LOST_WORK_RULE, cover.ever_lost, cover.claim_at, cover.stands_until,
        NEVER, 0, 0, NEVER,
    )  # fmt: skip


@compiled
def claimed(cover, month):
    """`cover` with a treatment claim this month."""
    return Cover(
        cover.kind, cover.since, cover.renewal_at, cover.renewed_at, cover.checked_at, cover.ends_at, cover.ends_reason,
        cover.ends_leak, cover.lost_at, cover.lost_because, cover.ever_lost, month, cover.stands_until,
        cover.papers_from, cover.hearing, cover.strikes, cover.struck_at,
    )  # fmt: skip


@compiled
def standing(cover, until):
    """`cover` with a verified exclusion that is not asked for again before month `until`."""
    return Cover(
        cover.kind, cover.since, cover.renewal_at, cover.renewed_at, cover.checked_at, cover.ends_at, cover.ends_reason,
        cover.ends_leak, cover.lost_at, cover.lost_because, cover.ever_lost, cover.claim_at, until,
        cover.papers_from, cover.hearing, cover.strikes, cover.struck_at,
    )  # fmt: skip
