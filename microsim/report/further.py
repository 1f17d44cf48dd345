"""Parts that later experiments add: what made deaths fall, the offset, what moves the answer, validation.

A result may carry, beside its measures, what the commands named in `report.beside` print, or plain rows:

- `attribution` and `fall`: rows of `label`, `central`, `low`, `high`;
- `offset`: rows of `against`, `ratio` {central, low, high}, `probability_above_one`, and `policy`;
- `sensitivity`: rows of `label`, `low`, `high`: the answer at either end of a parameter's interval;
- `validation`: rows of `label`, `model`, `model_low`, `model_high`, `published`, `published_low`,
  `published_high`, `ratio`, `verdict`, `why`.

A part that is absent is said to be absent, with the command that makes it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from microsim.report import charts
from microsim.report.answer import OTHER_CAUSES
from microsim.report.beside import PARTS, attributed, control_of, fallen, moved, rows_of
from microsim.report.blocks import Cell, Figure, Folded, Listing, Note, Paragraph, Section, Table
from microsim.report.context import Context
from microsim.report.formats import MINUS, Number, exact, percent, plain, say, signed, small

_SOURCES = {
    "fall": "the fall",
    "attribution": "the parts of the policy",
    "offset": "the offset",
    "sensitivity": "the assumptions",
    "validation": "the comparison",
}
LONGEST = 15
"""Bars that a chart shows of the assumptions that move the answer."""
DASH = "\N{EN DASH}"


def offset(context: Context) -> Section:
    carried = context.optional("offset")
    named = carried.get("policy") if isinstance(carried, Mapping) else None
    rows = rows_of(carried)
    heading = "What made deaths fall, and does the package undo it?"
    blocks: list[Any] = []
    fall = context.optional("fall")
    causes = sorted(fallen(fall), key=lambda row: -abs(row["central"]))
    if causes:
        year = str(fall["year"])
        blocks.append(
            _ranges(
                "fall",
                causes,
                "central",
                f"What made opioid overdose deaths fall until {year}, most of all: {causes[0]['label']}",
                "Opioid overdose deaths a year that each cause took away, beside the pace of mid-2023.",
                0.0,
            )
        )
    else:
        blocks.append(_absent("what made deaths fall", PARTS["fall"], "fall"))
    parts = attributed(context.optional("attribution"))
    if parts:
        largest = max(parts, key=lambda row: abs(row["central"]))["label"]
        blocks.append(
            _ranges(
                "attribution",
                parts,
                "central",
                f"The largest part of the change in deaths: {largest}",
                "Contribution of each part of the policy to the difference in opioid overdose deaths."
                " Parts add up to the whole.",
                0.0,
            )
        )
    else:
        blocks.append(_absent("what each part of the policy adds", "microsim attribute", "attribution"))
    if not rows:
        blocks.append(
            _absent(
                "the harm of the policy beside the gain of supply control",
                f"microsim offset --policy {context.document['policy']} --against supply-crackdown",
                "offset",
            )
        )
    for one in rows:
        ratio = one["ratio"]
        ends = (
            say(" (95% interval {low} to {high})", low=small(ratio["low"]), high=small(ratio["high"]))
            if ratio.get("low") is not None
            else (" (no interval)",)
        )
        if ratio["central"] is None:
            blocks.append(Paragraph((f"Against {control_of(one)} there is no gain to undo.",)))
            continue
        chance = one.get("probability_above_one")
        blocks.append(
            Paragraph(
                say(
                    "For each opioid overdose death that {against} prevents, {policy} adds"
                    " {ratio}{ends}{chance}.",
                    against=control_of(one),
                    policy=str(one.get("policy") or named or context.document["policy"]),
                    ratio=small(ratio["central"]),
                    ends=ends,
                    chance=(
                        ()
                        if chance is None
                        else say("; in {p} of the draws it adds more than one", p=percent(chance))
                    ),
                )
            )
        )
    if rows:
        blocks.append(Note((OTHER_CAUSES,)))
        blocks += _surfaces(carried)
    blocks += _origin(context, "fall", "attribution", "offset")
    return Section("offset", heading, blocks)


def _surfaces(carried: Any) -> list[Table]:
    """How deep and how long a crackdown must be to outweigh the policy, one table by what follows it."""
    found = carried.get("surface") if isinstance(carried, Mapping) else None
    if not found:
        return []
    heads = ("Cut", *(f"{life:.0f} mo." for life in found["half_lives_months"]))
    tables = []
    for scenario, part in zip(found["nitazenes"], found["ratio"], strict=True):
        follows = "no nitazenes follow" if scenario == "none" else f"nitazenes follow ({scenario} scenario)"
        caption = (
            "Deaths the policy adds for each one a crackdown avoids, by the crackdown's cut in lethality and its"
            f" half-life in months, when {follows}; above 1 the policy outweighs it"
        )
        rows = [
            (
                percent(1 - math.exp(depth)),
                *("no gain" if ratio is None else small(ratio) for ratio in ratios),
            )
            for depth, ratios in zip(found["depths_log"], part, strict=True)
        ]
        tables.append(Table((caption,), heads, rows))
    return tables


def _origin(context: Context, *names: str) -> list[Note]:
    """Which runs the parts come from, where they are not of the place of this brief or of this run."""
    found = []
    for name in names:
        part = context.optional(name)
        if not isinstance(part, Mapping) or "records" not in part:
            continue
        draws = part.get("draws")
        size = exact(part["records"])
        text = say(
            "{part}: run {run}, {size} records{draws}.",
            part=_SOURCES[name].capitalize(),
            run=str(part.get("run")),
            size=size,
            draws=() if draws is None else (", ", exact(draws), " draws" if draws != 1 else " draw"),
        )
        found.append(text)
    if not found:
        return []
    lead = "These figures come from runs of their own"
    lead += ", not from one state alone. " if context.state is not None else ". "
    joined: list[Any] = [lead]
    for place, text in enumerate(found):
        joined += [*([" "] if place else []), *text]
    return [Note(tuple(joined))]


def sensitivity(context: Context) -> Section:
    part = context.optional("sensitivity")
    rows = moved(part)
    heading = "What moves the answer most"
    if not rows:
        command = "microsim sensitivity"
        absent = _absent("how the answer moves with each assumption alone", command, "sensitivity")
        return Section("sensitivity", heading, [*_followed(context), absent])
    ordered = sorted(rows, key=lambda row: -abs(row["high"] - row["low"]))[:LONGEST]
    answer = _answer(part)
    drawn = [
        {
            "name": row["label"],
            "value": row.get("central", (row["low"] + row["high"]) / 2),
            "low": min(row["low"], row["high"]),
            "high": max(row["low"], row["high"]),
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
                        f"Ranges of the answer, {answer}, over the interval of each assumption, widest first."
                        " The table below holds the numbers."
                    ),
                ),
                partial(charts.ranges, drawn, at=0.0, axis="Opioid overdose deaths, difference"),
                (f"The answer is {answer}. The dot is the answer at central values.",),
                data=table,
            ),
            *_origin(context, "sensitivity"),
        ],
    )


def _followed(context: Context) -> list[Any]:
    """What the draws of the run itself followed; nothing for a run of one draw."""
    followed = context.document.get("uncertainty", {}).get("moved_by", {}).get("opioid_overdose_deaths")
    if followed is None:
        return []
    if not followed:
        return [Paragraph(("No parameter moved the deaths of this run's draws beyond what chance gives.",))]
    rows = [
        (f"{row['label']}{' *' if row['assumed'] else ''}", small(row["rank_correlation"]), small(row["share"]))
        for row in followed
    ]
    caption = "What opioid overdose deaths followed in the draws of this run, strongest first"
    heads = ("Parameter", "Rank correlation", "Share of the variance with those above")
    star = "A star marks an assumption. Where no parameter is named, many small ones share the rest."
    return [Table((caption,), heads, rows), Note((star,))]


def _answer(part: Any) -> str:
    """What the bars of the sensitivity are bars of."""
    if not isinstance(part, Mapping) or "answer" not in part:
        return "the difference in opioid overdose deaths"
    added, avoided = f"deaths added by {part['policy']}", f"deaths avoided by {part['against']}"
    net = f"opioid overdose {added} less {avoided}"
    return {"harm": f"opioid overdose {added}", "gain": f"opioid overdose {avoided}"}.get(part["answer"], net)


def validation(context: Context) -> Section:
    rows = [row for row in rows_of(context.optional("validation")) if {"label", "model"} <= set(row)]
    heading = "The model beside published estimates"
    if not rows:
        return Section(
            "validation",
            heading,
            [_absent("the comparison with published results", "microsim validate", "validation")],
        )
    table = Table(
        ("Model and published figures; rows were fixed before the first comparison, hits and misses alike",),
        ("What", "Model", "Model interval", "Published", "Published interval", "Ratio", "Verdict"),
        [
            (
                _measured(row),
                _value(row["model"]),
                _range(row, "model"),
                _value(row.get("published")),
                _range(row, "published"),
                small(row["ratio"]) if row.get("ratio") is not None else DASH,
                str(row.get("verdict") or DASH),
            )
            for row in rows
        ],
        words=(2, 4, 6),
    )
    counts = Counter(str(row.get("verdict")) for row in rows if row.get("verdict"))
    parts = {name: exact(count) for name, count in counts.items()}
    told = "Of {all} published figures: " + ", ".join(
        f"{{{name}}} {_TALLIES.get(name, (name, name))[count != 1]}" for name, count in counts.items()
    )
    told += "." + _VERDICTS
    missed = [
        (f"{row['label']}: {row['why']}",)
        for row in rows
        if row.get("verdict") in ("miss", "vague") and row.get("why")
    ]
    blocks: list[Any] = [Paragraph(say(told, all=exact(len(rows)), **parts))] if counts else []
    blocks.append(table)
    if missed:
        blocks.append(Folded("Where they differ, and why", [Listing(missed)]))
    blocks += _origin(context, "validation")
    return Section("validation", heading, blocks)


_TALLIES = {"hit": ("hit", "hits"), "miss": ("miss", "misses"), "inside": ("inside", "inside")}
_VERDICTS = (
    " A hit: the intervals of model and publication overlap, and that of the model is narrow; vague: they"
    " overlap, but the model's is wide; a miss: they do not; inside: they do, and the model has no interval."
    " A star marks a row whose evidence also stands behind a parameter, so that agreement is no proof."
)


def _measured(row: Mapping[str, Any]) -> str:
    """What a row of the validation measures, with its unit, and a star where it is not independent."""
    unit = f", {row['unit']}" if row.get("unit") and row["unit"] != "ratio" else ""
    return f"{row['label']}{unit}{'' if row.get('independent', True) else ' *'}"


def _value(value: float | None) -> Cell:
    if value is None:
        return DASH
    return exact(value) if abs(value) >= 100 else Number(value, f"{value:.3g}".replace("-", MINUS))


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


def _absent(what: str, command: str, part: str) -> Paragraph:
    return Paragraph(
        (
            f"This result does not carry {what}. The command `{command} --json > {part}.json` computes it;"
            " with that file beside the summary, `microsim brief` shows it here.",
        )
    )
