"""What happened in a month, in sentences; nothing for a quiet month."""

from __future__ import annotations

from collections.abc import Iterator

from microsim.experiments.tracing.phrases import DRUG, OPIOID, SUBSTANCE, ago
from microsim.experiments.tracing.tell_cover import cover_sentences
from microsim.experiments.tracing.watch import Month
from microsim.ground.schema import DRUGS, OPIOIDS, WORK_CLASSES
from microsim.life.opioid import on_medication
from microsim.life.state import (
    ACTIVE,
    BUPRENORPHINE,
    LEFT_MEDICATION,
    NEVER,
    NO_OPIOID,
    NONMEDICATION,
    REMISSION,
    USE_ACTIVE,
    USE_NONE,
    USE_TREATED,
)

_FLAGS = (
    ("disabled", "A disability begins.", "The disability ends."),
    ("smi", "A serious mental illness begins.", "The serious mental illness ends."),
    ("complex_condition", "A serious or complex condition begins.", "The serious or complex condition ends."),
    ("student", "Begins to study at least half time.", "Stops studying."),
    ("caregiver", "Begins to care for a family member.", "No longer cares for a family member."),
    ("snap", "SNAP begins.", "SNAP ends."),
    ("tanf", "TANF begins.", "TANF ends."),
    ("inmate", "Goes into custody.", "Is released from custody."),
)  # fmt: skip
_CLASSES = {
    "steady": "Work becomes steady.",
    "moving": "Work now comes and goes.",
    "not_working": "Is now mostly out of work.",
}


def sentences(month: Month) -> list[str]:
    """Sentences about a month in the order of the model's month, death last."""
    if month.events is None:
        return []
    return [
        *_home(month), *_work(month), *_substances(month), *_opioid(month), *_overdose(month), *_impairment(month),
        *cover_sentences(month), *_death(month),
    ]  # fmt: skip


def _home(month: Month) -> Iterator[str]:
    before, after = month.before.home, month.after.home
    if month.events is not None and month.events.birth:
        yield "A child is born."
    elif after.pregnant_since != before.pregnant_since:
        yield "Becomes pregnant." if after.pregnant_since > NEVER else "The months after the birth are over."
    elif after.child_birth != before.child_birth:
        yield "Becomes the father of a child."
    for name, begins, ends in _FLAGS:
        was, now = getattr(before, name), getattr(after, name)
        if now and not was:
            yield (
                begins
                if name != "snap" or not after.snap_subject
                else "SNAP begins, with a SNAP work requirement."
            )
        elif was and not now:
            yield ends


def _work(month: Month) -> Iterator[str]:
    before, after = month.before.work, month.after.work
    if after.working != before.working:
        yield "Works 80 hours or more again." if after.working else "Falls below 80 hours of work."
    if after.work_class != before.work_class:
        yield _CLASSES[WORK_CLASSES[after.work_class]]
    if after.spouse_works != before.spouse_works:
        yield "The spouse starts to work." if after.spouse_works else "The spouse stops working."


def _substances(month: Month) -> Iterator[str]:
    for substance, noun in SUBSTANCE.items():
        was, now = getattr(month.before.use, substance), getattr(month.after.use, substance)
        if was == now:
            continue
        disorder = f"{noun} use disorder"
        if now == USE_TREATED:
            yield f"Starts treatment for the {disorder}."
        elif now == USE_ACTIVE:
            if was == USE_NONE:
                yield f"A {disorder} begins." if noun[0] not in "aeiou" else f"An {disorder} begins."
            else:
                yield (
                    f"Leaves treatment for the {disorder}."
                    if was == USE_TREATED
                    else f"The {disorder} comes back."
                )
        else:
            yield f"The {disorder} goes into remission."


def _opioid(month: Month) -> Iterator[str]:
    before, after = month.before.opioid, month.after.opioid
    if before == after:
        return
    state = after.state
    if on_medication(state):
        yield f"Starts {_drug(state)} for opioid use disorder."
    elif on_medication(before.state):
        lasted = ago(before.since, month.month)
        because = (
            "because cover was lost"
            if month.events is not None and month.events.treatment_exit == 2
            else ("for an ordinary reason, not because of cover")
        )
        yield f"Stops {_drug(before.state)} after {lasted}, {because}."
    elif state == NONMEDICATION:
        yield "Starts treatment for opioid use disorder without medication."
    elif state == REMISSION:
        yield "Opioid use disorder goes into remission."
    elif state == ACTIVE:
        yield {
            NO_OPIOID: "An opioid use disorder begins.",
            REMISSION: "Opioid use disorder comes back.",
            NONMEDICATION: "Leaves treatment without medication; opioid use goes on.",
            LEFT_MEDICATION: "Has not gone back to medication; opioid use goes on.",
        }.get(before.state, OPIOID[OPIOIDS[state]])


def _drug(state: int) -> str:
    return DRUG[DRUGS[state - BUPRENORPHINE]]


def _overdose(month: Month) -> Iterator[str]:
    events = month.events
    if events is None or not events.overdose:
        return
    if not month.used("fatality", "WITNESSED"):
        story = "alone, nobody to help"
    elif month.used("fatality", "NALOXONE"):
        story = "somebody is there and gives naloxone"
    else:
        called = "an ambulance comes" if month.used("fatality", "AMBULANCE") else "no ambulance comes"
        story = f"somebody is there without naloxone, and {called}"
    if events.died_opioid:
        yield f"Opioid overdose: {story}."
        return
    treated = "not treated in hospital"
    if events.overdose_treated:
        treated = "treated in hospital" if "an ambulance comes" in story else "seen in a hospital afterwards"
    yield f"Opioid overdose: {story}; survives, {treated}."


def _impairment(month: Month) -> Iterator[str]:
    was, now = month.before.home.impaired, month.after.home.impaired
    if now and not was:
        yield "A condition now significantly impairs the ability to work 80 hours."
    elif was and not now:
        yield "No condition impairs the ability to work any more."


def _death(month: Month) -> Iterator[str]:
    events = month.events
    if events is None:
        return
    years = month.age_months // 12
    if events.died_opioid:
        yield f"Dies of the overdose at {years}."
    elif events.died_nonopioid:
        yield f"Dies at {years} of an overdose of a drug other than an opioid."
    elif events.died_other:
        yield f"Dies at {years} of a cause other than overdose."
