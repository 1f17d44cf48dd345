"""Parts that later experiments add: what made deaths fall, the offset, what moves the answer, validation.

A result may carry, beside its measures:

- `attribution`: rows of `label`, `central`, `low`, `high`, and optional `of` (what is shared out);
- `offset`: one or more of `policy`, `against`, `harm`, `gain`, `ratio` {central, low, high},
  `probability_above_one`;
- `sensitivity`: rows of `label`, `low`, `high`: the answer at either end of a parameter's interval;
- `validation`: rows of `what`, `model`, `model_low`, `model_high`, `published`, `published_low`,
  `published_high`, `ratio`, `overlaps`, `note`.

A part that is absent is said to be absent, with the command that makes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from microsim.report import charts
from microsim.report.answer import OTHER_CAUSES
from microsim.report.blocks import Cell, Figure, Paragraph, Section, Table
from microsim.report.context import Context
from microsim.report.formats import Number, about, exact, plain, say, signed

DASH = "\N{EN DASH}"


def offset(context: Context) -> Section:
    carried = context.optional("offset")
    rows = [carried] if isinstance(carried, Mapping) else list(carried or ())
    heading = "What made deaths fall, and does the package undo it?"
    blocks: list[Any] = []
    attributed = context.optional("attribution")
    if attributed:
        blocks.append(
            _ranges(
                "attribution",
                attributed,
                "central",
                "Contributions, largest first",
                "Contribution of each part to the difference in opioid overdose deaths. Parts add up to the"
                " whole.",
                0.0,
            )
        )
    else:
        blocks.append(
            _absent("what each part contributed to the fall or to the difference", "microsim attribute")
        )
    if not rows:
        blocks.append(
            _absent(
                "the harm of the policy beside the gain of supply control",
                f"microsim offset --policy {context.document['policy']} --against supply-crackdown",
            )
        )
    for one in rows:
        ratio = one["ratio"]
        ends = (
            say(" (95% interval {low} to {high})", low=about(ratio["low"]), high=about(ratio["high"]))
            if ratio.get("low") is not None
            else (" (no interval)",)
        )
        if ratio["central"] is None:
            blocks.append(Paragraph((f"Against {one['against']} there is no gain to undo.",)))
            continue
        chance = one.get("probability_above_one")
        blocks.append(
            Paragraph(
                say(
                    "For each opioid overdose death that {against} prevents, {policy} adds"
                    " {ratio}{ends}{chance}. {note}",
                    against=one["against"],
                    policy=one.get("policy", context.document["policy"]),
                    ratio=_small(ratio["central"]),
                    ends=ends,
                    note=OTHER_CAUSES,
                    chance=(
                        ()
                        if chance is None
                        else say("; the probability that it adds more than one is {p}", p=_small(chance))
                    ),
                )
            )
        )
    return Section("offset", heading, blocks)


def _small(value: float) -> Number:
    return Number(value, f"{value:.2f}")


def sensitivity(context: Context) -> Section:
    rows = context.optional("sensitivity")
    heading = "What moves the answer most"
    if not rows:
        return Section(
            "sensitivity",
            heading,
            [_absent("how the answer moves with each assumption", "microsim sensitivity")],
        )
    ordered = sorted(rows, key=lambda row: -abs(row["high"] - row["low"]))
    drawn = [
        {
            "name": row["label"],
            "value": row.get("central", (row["low"] + row["high"]) / 2),
            "low": row["low"],
            "high": row["high"],
            "tip": f"{row['label']}: {signed(row['low']).shown} to {signed(row['high']).shown}",
        }
        for row in ordered
    ]
    table = Table(
        ("The answer at either end of each assumption's interval",),
        ("Assumption", "At its low end", "At its high end"),
        [(row["label"], signed(row["low"]), signed(row["high"])) for row in ordered],
    )
    return Section(
        "sensitivity",
        heading,
        [
            Figure(
                "sensitivity",
                (f"The assumption that moves the answer most: {ordered[0]['label']}",),
                (
                    (
                        "Ranges of the answer over the interval of each assumption, widest first. The table"
                        " below holds the numbers."
                    ),
                ),
                partial(charts.ranges, drawn, at=0.0, axis="Opioid overdose deaths, difference"),
                data=table,
            )
        ],
    )


def validation(context: Context) -> Section:
    rows = context.optional("validation")
    heading = "The model beside published estimates"
    if not rows:
        return Section(
            "validation", heading, [_absent("the comparison with published results", "microsim validate")]
        )
    table = Table(
        ("Model and published figures; rows were fixed before the first comparison, hits and misses alike",),
        ("What", "Model", "Model interval", "Published", "Published interval", "Ratio", "Agree"),
        [
            (
                row["what"],
                _value(row["model"]),
                _range(row, "model"),
                _value(row["published"]),
                _range(row, "published"),
                _small(row["ratio"]) if row.get("ratio") is not None else DASH,
                {True: "yes", False: "no"}.get(row.get("overlaps"), DASH),
            )
            for row in rows
        ],
        words=(2, 4, 6),
    )
    return Section("validation", heading, [table])


def _value(value: float | None) -> Cell:
    if value is None:
        return DASH
    return exact(value) if abs(value) >= 100 else Number(value, f"{value:.3g}")


def _range(row: Mapping[str, Any], key: str) -> str:
    low, high = row.get(f"{key}_low"), row.get(f"{key}_high")
    return DASH if low is None or high is None else f"{plain((_value(low),))} to {plain((_value(high),))}"  # type: ignore[arg-type]


def _ranges(
    name: str, rows: Sequence[Mapping[str, Any]], value: str, title: str, caption: str, at: float
) -> Figure:
    ordered = sorted(rows, key=lambda row: -abs(row[value]))
    drawn = [
        {
            "name": row["label"],
            "value": row[value],
            "low": row["low"],
            "high": row["high"],
            "tip": f"{row['label']}: {signed(row[value]).shown}",
        }
        for row in ordered
    ]
    table = Table(
        (caption,),
        ("Part", "Central", "95% low", "95% high"),
        [
            (
                row["label"],
                signed(row[value]),
                *(DASH if row[key] is None else signed(row[key]) for key in ("low", "high")),
            )
            for row in ordered
        ],
    )
    return Figure(
        name,
        (title,),
        (f"{caption} The table below holds the numbers.",),
        partial(charts.ranges, drawn, at=at, axis="Opioid overdose deaths"),
        (caption,),
        table,
    )


def _absent(what: str, command: str) -> Paragraph:
    return Paragraph((f"This result does not carry {what}. The command `{command}` computes it.",))
