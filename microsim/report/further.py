"""Parts that later experiments add: what made deaths fall, the offset, what moves the answer, validation.

A result may carry, beside its measures, what the commands named in `report.beside` print: a list of rows,
or a document with `rows`.

- `attribution`: rows of `label`, `central`, `low`, `high`;
- `offset`: rows of `against`, `ratio` {central, low, high}, `probability_above_one`, and `policy`;
- `sensitivity`: rows of `label`, `low`, `high`: the answer at either end of a parameter's interval;
- `validation`: rows of `label`, `model`, `model_low`, `model_high`, `published`, `published_low`,
  `published_high`, `ratio`, `verdict`, `why`.

A part that is absent is said to be absent, with the command that makes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from microsim.report import charts
from microsim.report.answer import OTHER_CAUSES
from microsim.report.beside import PARTS, rows_of
from microsim.report.blocks import Cell, Figure, Folded, Listing, Paragraph, Section, Table
from microsim.report.context import Context
from microsim.report.formats import Number, about, exact, plain, say, signed

DASH = "\N{EN DASH}"


def offset(context: Context) -> Section:
    carried = context.optional("offset")
    named = carried.get("policy") if isinstance(carried, Mapping) else None
    rows = rows_of(carried)
    heading = "What made deaths fall, and does the package undo it?"
    blocks: list[Any] = []
    attributed = [row for row in rows_of(context.optional("attribution")) if "central" in row]
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
            blocks.append(
                Paragraph((f"Against {one.get('against', 'supply control')} there is no gain to undo.",))
            )
            continue
        chance = one.get("probability_above_one")
        blocks.append(
            Paragraph(
                say(
                    "For each opioid overdose death that {against} prevents, {policy} adds"
                    " {ratio}{ends}{chance}. {note}",
                    against=str(one.get("against", "supply control")),
                    policy=str(one.get("policy") or named or context.document["policy"]),
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
    rows = [row for row in rows_of(context.optional("sensitivity")) if {"label", "low", "high"} <= set(row)]
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
    rows = [row for row in rows_of(context.optional("validation")) if {"label", "model"} <= set(row)]
    heading = "The model beside published estimates"
    if not rows:
        return Section(
            "validation", heading, [_absent("the comparison with published results", "microsim validate")]
        )
    table = Table(
        ("Model and published figures; rows were fixed before the first comparison, hits and misses alike",),
        ("What", "Model", "Model interval", "Published", "Published interval", "Ratio", "Verdict"),
        [
            (
                str(row["label"]),
                _value(row["model"]),
                _range(row, "model"),
                _value(row.get("published")),
                _range(row, "published"),
                _small(row["ratio"]) if row.get("ratio") is not None else DASH,
                str(row.get("verdict") or DASH),
            )
            for row in rows
        ],
        words=(2, 4, 6),
    )
    counts = Counter(str(row.get("verdict")) for row in rows if row.get("verdict"))
    parts = {name: exact(count) for name, count in counts.items()}
    told = "Of {all} published figures that the model was not fitted to: " + ", ".join(
        f"{{{name}}} {name}" for name in counts
    )
    missed = [
        (f"{row['label']}: {row['why']}",)
        for row in rows
        if row.get("verdict") in ("miss", "vague") and row.get("why")
    ]
    blocks: list[Any] = [Paragraph(say(told + ".", all=exact(len(rows)), **parts))] if counts else []
    blocks.append(table)
    if missed:
        blocks.append(Folded("Where they differ, and why", [Listing(missed)]))
    return Section("validation", heading, blocks)


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
    part = next(name for name, known in PARTS.items() if command.startswith(known))
    return Paragraph(
        (
            f"This result does not carry {what}. The command `{command} --json > {part}.json` computes it;"
            " with that file beside the summary, `microsim brief` shows it here.",
        )
    )
