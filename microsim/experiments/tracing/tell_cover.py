"""What happened to cover in a month, in sentences: renewal, the work rule, loss, application, other cover."""

from __future__ import annotations

from collections.abc import Iterator

from microsim.experiments.tracing.phrases import (
    COVER,
    LEAK,
    LIMB,
    LOSS,
    RECORD,
    STANDING,
    capital,
    counted,
    name,
)
from microsim.experiments.tracing.watch import Check, Month
from microsim.ground.schema import COVERS, LOSS_REASONS
from microsim.life import coverage
from microsim.life.state import (
    ADULT_GROUP,
    CHILD,
    DUAL,
    EMPLOYER,
    FULL_PRICE,
    HEARING_ASKED,
    HEARING_LOST,
    HEARING_WON,
    MARKETPLACE,
    MEDICARE,
    NEVER,
    OTHER_ADULT,
    OTHER_COVER,
    UNINSURED,
)

_HALF_YEAR = 6
_ALWAYS = 600
"""Months that are as good as for ever."""
_ANSWERS = ("RESPONSE", "TRAIT_RESPONSE")
_WAITS = "Does not apply again while the months before do not meet the work rule."
_BARRED = "Looks for a marketplace plan, but the law bars the premium tax credit after this loss."
_BARRED_HOLDER = "The law bars the premium tax credit after this loss, so the plan stays at full price."
LASTING = frozenset((_WAITS, _BARRED, _BARRED_HOLDER))
"""Sentences true for many months on end, which a case file says once."""
_OWN_RECORDS = {
    "foster_youth": ("foster_youth",), "aian": ("aian",), "caregiver": ("child", "caregiver"),
    "veteran": ("veteran",), "frail": ("disability", "frail_other", "moud", "other_sud"), "tanf": ("tanf",),
    "snap": ("snap",), "programme": ("moud", "other_sud"), "inmate": ("release",), "pregnant": ("pregnancy",),
}  # fmt: skip
"""Pathways that show each exclusion itself; through another one the state clears a person on other grounds."""
_REMEMBERED = 12
"""Finished months that the history of the rule holds beside the present one."""


def cover_sentences(month: Month) -> list[str]:
    """Sentences on cover in a month; none when nothing happened to it."""
    return [*_main(month), *_barred(month)]


def _main(month: Month) -> Iterator[str]:
    events, before, after = month.events, month.before.cover, month.after.cover
    if events is None:
        return
    loss = LOSS_REASONS[events.loss]
    if events.renewed:
        yield from _renewal(month)
    elif loss == "deterred":
        yield from _lost_job_cover(month)
        yield "Could apply for Medicaid, but does not try because of the work rule."
    elif events.applied:
        yield from _application(month)
    elif events.checked:
        yield "Check of the work rule between renewals."
        yield from _check(month.checks[-1], month)
    elif loss == "aged_out":
        years = "19; Medicaid or CHIP as a child ends" if before.kind == CHILD else "65"
        yield f"Turns {years}; {_now(after.kind)}."
    elif events.hearing in (HEARING_ASKED, HEARING_WON):
        yield from _hearing(month)
    elif events.loss:
        if events.hearing == HEARING_LOST:
            yield "The hearing decides against this person."
        yield from _ordinary_end(month) if loss == "income_or_other_cover" else (
            f"Medicaid ends: {LOSS[loss]}. {_then(after.kind)}.",
        )
    elif month.waits:
        yield from _lost_job_cover(month)
        yield _WAITS
    elif before.kind != after.kind:
        yield from _change(month)


def _lost_job_cover(month: Month) -> Iterator[str]:
    if month.before.cover.kind == EMPLOYER and month.after.cover.kind == UNINSURED:
        yield from _change(month)


def _into_custody(month: Month) -> bool:
    return bool(month.after.home.inmate) and month.after.cover.kind == OTHER_COVER


def _ordinary_end(month: Month) -> Iterator[str]:
    """Medicaid ends between renewals; the model holds no cause beyond what covers the person afterwards."""
    after = month.after.cover
    if _into_custody(month):
        yield "Medicaid ends on going into custody, where care is paid for otherwise."
    elif after.kind == UNINSURED:
        yield "Medicaid ends between renewals for an ordinary reason, such as a change of income, a move or a request."
        yield f"{_then(after.kind)}."
    else:
        yield f"Medicaid ends between renewals; {_now(after.kind)}."


def _hearing(month: Month) -> Iterator[str]:
    assert month.events is not None
    if month.events.hearing == HEARING_WON:
        yield "The hearing decides for this person; Medicaid goes on."
    else:
        decided = name(month.after.cover.ends_at)
        yield f"Asks for a hearing before Medicaid ends; it goes on until the decision in {decided}."


def _change(month: Month) -> Iterator[str]:
    before, after = int(month.before.cover.kind), int(month.after.cover.kind)
    if _into_custody(month):
        held = "" if before == UNINSURED else f"; {COVER[COVERS[before]]} ends"
        yield f"Care is paid for in custody{held}."
    elif before == OTHER_COVER and month.after.home.released_at == month.month:
        yield f"Care paid for in custody ends; {_now(after)}."
    elif (before, after) == (ADULT_GROUP, OTHER_ADULT):
        yield "With TANF, Medicaid goes on as a parent from next month, outside the work rule."
    elif after in (MEDICARE, DUAL):
        yield f"Turns 65; {_now(after)}."
    elif after == UNINSURED:
        yield f"Loses {COVER[COVERS[before]]}; without insurance from next month."
    elif before == UNINSURED:
        yield f"Gets {COVER[COVERS[after]]} from next month."
    else:
        yield f"{capital(COVER[COVERS[before]])} ends; {_now(after)}."


def _then(kind: int) -> str:
    return (
        "Without insurance from next month"
        if kind == UNINSURED
        else f"Covered by {COVER[COVERS[kind]]} from next month"
    )


def _now(kind: int) -> str:
    return _then(kind)[0].lower() + _then(kind)[1:]


def _renewal(month: Month) -> Iterator[str]:
    events, before, after = month.events, month.before.cover, month.after.cover
    assert events is not None
    short = month.month - before.renewed_at <= _HALF_YEAR
    opening = "Six-month renewal" if short else "Renewal"
    returned = month.used("renew", *_ANSWERS)
    by_data = month.used("renew", "EX_PARTE", "TRAIT_VISIBILITY")
    if by_data:
        facts = "the state confirms income and other facts from its own data"
    elif returned:
        facts = "data are not enough; the form is sent and comes back"
    else:
        facts = "data are not enough; the form is sent and does not come back"
    yield f"{opening}: {facts}."
    loss = LOSS_REASONS[events.loss]
    if loss == "renewal_procedural":
        yield f"Medicaid ends because the form is missing. {_then(after.kind)}."
        return
    if loss == "renewal_ineligible":
        yield "The form shows that income is too high or another condition fails."
        yield f"Medicaid ends. {_then(after.kind)}."
        return
    if month.checks:
        yield from _check(month.checks[-1], month)
    if after.ends_at == NEVER and coverage.is_medicaid(after.kind):
        yield f"Renewed to {name(after.renewal_at)}."


def _check(check: Check, month: Month) -> Iterator[str]:
    after = month.after.cover
    yield f"Work rule: {_truth(check)}."
    yield from _proof(check, month)
    if check.leak != "none":
        yield f"{capital(LEAK[check.leak])}."
    if not check.at_application and after.hearing:
        yield from _hearing(month)
    elif not check.at_application and after.ends_at > month.month:
        reason = LOSS[LOSS_REASONS[after.ends_reason]]
        yield f"A second notice says that Medicaid will end with {name(after.ends_at)} ({reason})."
    elif not check.at_application and month.events is not None and month.events.loss:
        reason = LOSS[LOSS_REASONS[month.events.loss]]
        yield f"Medicaid ends with this month ({reason}). {_then(after.kind)}."
    elif after.struck_at == month.month:
        yield f"Month of non-compliance number {after.strikes} of the calendar year; Medicaid goes on."


def _truth(check: Check) -> str:
    """The true standing of the month, and the months counted where they decide."""
    if check.family == "excluded":
        why = STANDING[check.family, check.reason]
        if check.reason == "frail":
            why += f" through {LIMB[check.limb]}"
        return f"the law excludes this person, as {why}"
    if check.family == "noncompliant":
        today = "this month does not meet it"
    elif check.family == "complies":
        today = f"this month meets it {STANDING[check.family, check.reason]}"
    else:
        today = f"this month is excepted, {STANDING[check.family, check.reason]}"
    looked = min(check.months_looked_at, _REMEMBERED)
    if not check.by_review:
        window = f"the {counted(looked, 'month')} before the application"
    else:
        window = (
            f"the {counted(looked, 'month')} since the last check"
            if looked > 1
            else "the month since the last check"
        )
    count = f"{check.months_counted} of {window} {'counts' if check.months_counted == 1 else 'count'}"
    if looked <= 1:
        count = (
            f"{window.replace('1 month', 'month')} {'counts' if check.months_counted else 'does not count'}"
        )
    if looked <= 1:
        return f"{today}; {count}, {'and that is enough' if check.met else 'and it must'}"
    enough = "enough" if check.met else f"too few, {check.months_required} needed"
    return f"{today}; {count}, {enough}"


def _proof(check: Check, month: Month) -> Iterator[str]:
    if not check.met:
        yield f"{_asked(check)}, but there is nothing to prove it with."
        return
    stands_until = month.before.cover.stands_until
    if check.cleared and check.family == "excluded" and stands_until > month.month:
        forever = stands_until - month.month > _ALWAYS
        again = "for good" if forever else f"and is not asked for again before {name(stands_until)}"
        yield f"Cleared without asking: the exclusion was verified before, {again}."
        return
    if check.cleared and check.pathway == "none":
        yield "Cleared without asking: the state applies these months by itself."
        return
    if check.cleared:
        grounds = " on other grounds" if _by_other_grounds(check) else ""
        yield f"Cleared without asking{grounds}, from {_record(check)}."
        return
    missing = f"not found in {_record(check)}"
    if check.pathway == "none":
        missing = "no record could show it"
    elif _by_other_grounds(check):
        missing = f"{_record(check)} do not clear it on other grounds either"
    if not check.answered:
        answer = "but nothing comes back"
    elif check.accepted:
        answer = "and the papers that come back are accepted"
    else:
        answer = "but the papers that come back are not accepted"
    yield f"Data do not clear it ({missing}). {_asked(check)}, {answer}."


def _by_other_grounds(check: Check) -> bool:
    own = _OWN_RECORDS.get(check.reason, (check.pathway,))
    return check.family == "excluded" and check.pathway not in own


def _asked(check: Check) -> str:
    return f"A notice asks for proof by {check.answer_by}" if check.answer_by else "The state asks for proof"


def _record(check: Check) -> str:
    """Where the state looked; months that count by themselves are known without what made them count."""
    return RECORD[check.pathway] if check.family != "noncompliant" else "the records of the months that count"


def _application(month: Month) -> Iterator[str]:
    events, before, after = month.events, month.before.cover, month.after.cover
    assert events is not None
    denied = LOSS_REASONS[events.loss] == "denied_at_application"
    lost_job_cover = before.kind == EMPLOYER
    opening = "Loses insurance through a job and applies" if lost_job_cover else "Applies"
    if before.kind == OTHER_COVER and month.after.home.released_at == month.month:
        opening = "Applies on release"
    if events.reconsidered:
        yield "Sends the papers that were missing when Medicaid ended; they are decided without a new application."
    elif denied:
        yield f"{opening} for Medicaid."
    else:
        group = COVER[COVERS[after.kind]]
        yield f"{opening} for {group}."
    if month.checks:
        yield from _check(month.checks[-1], month)
    if denied:
        yield "Turned away." + (" Without insurance." if after.kind == UNINSURED else "")
        if before.kind == MARKETPLACE and after.kind != MARKETPLACE:
            yield f"The premium tax credit ends with the denial; {_now(after.kind)}."
    elif coverage.is_medicaid(after.kind):
        due = f"; renewal due {name(after.renewal_at)}" if coverage.renews(after.kind) else ""
        yield f"Enrolled from next month{due}."


def _barred(month: Month) -> Iterator[str]:
    if month.credit_barred:
        yield _BARRED_HOLDER if month.before.cover.kind == FULL_PRICE else _BARRED
