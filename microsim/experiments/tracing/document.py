"""A traced life as plain mappings and lists, ready for JSON."""

from __future__ import annotations

from typing import Any

from microsim.experiments.tracing import story, tell
from microsim.experiments.tracing.live import Life
from microsim.experiments.tracing.watch import Month
from microsim.ground.calendar import month_name
from microsim.ground.schema import COVERS, FLAG, PERSON_COLUMNS, SUD_CLASSES
from microsim.life import readings


def life_document(life: Life, first: int, last: int, *, every_month: bool, draws: bool) -> dict[str, Any]:
    """Record, both arms month by month from January 2024, and the story from `first` to `last`.

    Months of `arms` hold the cover held in the month (`cover`), the state after it (`state`, codes of
    schema), events, checks of the work rule, and with `draws` every use of a draw.
    """
    told = story.lines(life, first, last, every_month=every_month, draws=draws)
    return {
        "person": int(life.record["person_id"]),
        "persons_represented": int(life.record["weight"]) / 1000,
        "who": story.opening(life),
        "record": _record(life),
        "traits": {
            name.removeprefix("trait_"): int(value) / 2**32
            for name, value in life.person._asdict().items()
            if name.startswith("trait_")
        },
        "arms_may_differ_from": month_name(life.parting),
        "story": [
            {"month": month_name(line.month), "arm": line.arm, "told": line.sentences}
            | ({"draws": line.draws} if draws else {})
            for line in told
        ],
        "in_sum": {one.arm: one._asdict() for one in story.sums(life, first, last)},
        "arms": {
            arm: [month_document(month, draws) for month in months]
            for arm, months in zip((story.BASELINE, story.POLICY), life.arms, strict=True)
        },
    }


def _record(life: Life) -> dict[str, Any]:
    decoded: dict[str, Any] = {}
    for column in PERSON_COLUMNS:
        value = int(life.record[column.name])
        decoded[column.name] = column.codes[value] if column.codes else value
    flags = decoded.pop("flags")
    decoded["flags"] = [name for name, bit in FLAG.items() if flags & bit]
    return decoded


def month_document(month: Month, draws: bool) -> dict[str, Any]:
    """One month of one arm."""
    after = month.after
    document: dict[str, Any] = {
        "month": month_name(month.month),
        "age_years": month.age_months // 12,
        "cover": COVERS[month.before.cover.kind],
        "sud_class": SUD_CLASSES[0 if month.events is None else readings.sud_class(after.use, after.opioid)],
        "told": tell.sentences(month),
        "events": {} if month.events is None else _numbers(month.events),
        "checks": [dict(vars(check)) for check in month.checks],
        "state": {part: _numbers(getattr(after, part)) for part in after._fields},
    }
    if draws:
        document["draws"] = [use._asdict() for use in month.uses]
    return document


def _numbers(values: Any) -> dict[str, int]:
    return {name: int(value) for name, value in values._asdict().items()}
