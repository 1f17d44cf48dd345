"""Two arms of one life as one case file: lines by month that say what both arms share and where they part."""

from __future__ import annotations

from itertools import takewhile
from typing import NamedTuple

from microsim.experiments.tracing import tell, who
from microsim.experiments.tracing.live import Life
from microsim.experiments.tracing.phrases import COVER, OPIOID, counted, name
from microsim.experiments.tracing.tell_cover import LASTING
from microsim.experiments.tracing.watch import Month
from microsim.experiments.tracing.words import Use
from microsim.ground.schema import COVERS, LOSS_REASONS, OPIOIDS
from microsim.life import coverage
from microsim.life.opioid import on_medication
from microsim.life.state import UNINSURED

BOTH, BASELINE, POLICY = "both", "baseline", "policy"
_FIRST_LOSSES = LOSS_REASONS[coverage.NONCOMPLIANT : coverage.RENEWAL_PROCEDURAL + 1]


class Line(NamedTuple):
    """What happened in a month in an arm, or in both, and the draws behind it."""

    month: int
    arm: str
    sentences: list[str]
    draws: list[str]


def opening(life: Life) -> list[str]:
    """Who the person is, in sentences."""
    return who.sentences(life.record, life.person, life.baseline[0].before)


def lines(life: Life, first: int, last: int, *, every_month: bool = False, draws: bool = False) -> list[Line]:
    """The case file from month `first` to `last`."""
    by_month: list[dict[int, Month]] = [{one.month: one for one in arm} for arm in life.arms]
    told = []
    known: list[set[str]] = [set(), set()]
    for month in range(first, last + 1):
        here = [arm.get(month) for arm in by_month]
        told += _month_lines(month, here, known, every_month, draws)
    return told


def _news(month: Month | None, known: set[str]) -> list[str]:
    """Sentences of a month without those that still stand from before; `known` is brought up to date."""
    if month is None:
        return []
    said = tell.sentences(month)
    news = [sentence for sentence in said if sentence not in known]
    moved = month.before.cover.kind != month.after.cover.kind
    applied = month.events is not None and month.events.applied
    if moved or applied:
        known.clear()
    known.update(LASTING.intersection(said))
    return news


def _month_lines(
    month: int, here: list[Month | None], known: list[set[str]], every_month: bool, draws: bool
) -> list[Line]:
    said = [_news(one, standing) for one, standing in zip(here, known, strict=True)]
    if every_month:
        said = [
            [who.status(one.before.cover.kind, one.after)] if one is not None and not words else words
            for one, words in zip(here, said, strict=True)
        ]
    if not any(said):
        return []
    used = [_draws(one) if one is not None and draws else [] for one in here]
    # Up to the first difference, so that each arm's part reads in order.
    pairs = zip(*said, strict=False)
    shared = [ours for ours, _ in takewhile(lambda pair: pair[0] == pair[1], pairs)]
    drawn = [text for text in used[0] if text in used[1]]
    if here[0] is None or here[1] is None:
        shared, drawn = [], []
    parts = [(BOTH, shared, drawn)]
    for arm, sentences, texts in zip((BASELINE, POLICY), said, used, strict=True):
        own = [text for text in texts if text not in drawn]
        parts.append((arm, sentences[len(shared) :], own))
    return [Line(month, arm, sentences, texts) for arm, sentences, texts in parts if sentences or texts]


def _draws(month: Month) -> list[str]:
    return [draw_text(use) for use in nearest(month.uses)]


def nearest(uses: list[Use]) -> list[Use]:
    """Each draw once, without events that cannot happen.

    Of a draw tried against a ladder of numbers the rung that decided: the one met, or the highest.
    """
    kept: list[Use] = []
    for use in dict.fromkeys(uses):
        if use.against == 0.0 and not use.below:
            continue
        if kept and kept[-1].below is False and _ladder(kept[-1]) == _ladder(use):
            kept.pop()
        kept.append(use)
    return kept


def _ladder(use: Use) -> tuple[str, str, bool]:
    return use.event, use.where, use.from_top


def draw_text(use: Use) -> str:
    """One draw: event, number, what it was compared with and where."""
    event = f"{use.event} (top)" if use.from_top else use.event
    if use.against is None:
        return f"{event} {use.number:.6f} in {use.where}"
    sign = "<" if use.below else ">="
    return f"{event} {use.number:.6f} {sign} {use.against:.6f} in {use.where}"


class Sum(NamedTuple):
    """An arm of a life in a few numbers."""

    arm: str
    months: int
    medicaid_months: int
    uninsured_months: int
    medication_months: int
    losses: int
    overdoses: int
    ending: str


def sums(life: Life, first: int, last: int) -> list[Sum]:
    """Both arms from month `first` to `last` in numbers."""
    return [
        _sum(arm, [month for month in months if first <= month.month <= last])
        for arm, months in zip((BASELINE, POLICY), life.arms, strict=True)
    ]


def _sum(arm: str, months: list[Month]) -> Sum:
    if not months:
        return Sum(arm, 0, 0, 0, 0, 0, 0, "has died before")
    held = [int(month.before.cover.kind) for month in months]
    events = [month.events for month in months if month.events is not None]
    return Sum(
        arm,
        len(months),
        sum(bool(coverage.is_medicaid(kind)) for kind in held),
        sum(kind == UNINSURED for kind in held),
        sum(bool(on_medication(month.after.opioid.state)) for month in months),
        sum(LOSS_REASONS[event.loss] in _FIRST_LOSSES for event in events),
        int(sum(event.overdose for event in events)),
        _ending(months[-1]),
    )


def _ending(month: Month) -> str:
    events = month.events
    if events is not None and (events.died_opioid or events.died_nonopioid or events.died_other):
        return f"dies in {name(month.month)}"
    parts = [COVER[COVERS[month.after.cover.kind]]]
    if month.after.opioid.state:
        parts.append(OPIOID[OPIOIDS[month.after.opioid.state]])
    return f"{name(month.month)}: {'; '.join(parts)}"


def sum_text(one: Sum) -> str:
    """An arm in one sentence."""
    parts = [f"{one.medicaid_months} of {counted(one.months, 'month')} on Medicaid"]
    parts.append(f"{one.uninsured_months} uninsured")
    if one.medication_months:
        parts.append(f"{one.medication_months} on medication")
    losses = counted(one.losses, "loss").replace("losss", "losses")
    parts.append(f"{losses} of Medicaid to the work rule or to paperwork")
    if one.overdoses:
        parts.append(counted(one.overdoses, "overdose"))
    return f"{', '.join(parts)}. {one.ending[:1].upper()}{one.ending[1:]}."
