"""Parts that later experiments add: what made deaths fall, the offset, what moves the answer, validation.

A result may carry, beside its measures, what the commands named in `report.beside` print, or plain rows:

- `attribution` and `fall`: rows of `label`, `central`, `low`, `high`;
- `offset`: rows of `against`, `ratio` {central, low, high}, `probability_above_one`, and `policy`;
- `sensitivity`: rows of `label`, `low`, `high`: the answer at either end of a parameter's interval;
- `validation`: rows of `label`, `model`, `model_low`, `model_high`, `published`, `published_low`,
  `published_high`, `ratio`, `verdict`, `why`.

A part that is absent is said to be absent, with the command that makes it for this run.
"""

from __future__ import annotations

import math
import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from microsim.experiments.readings import largest_part
from microsim.report import charts
from microsim.report.answer import OTHER_CAUSES
from microsim.report.beside import UNEXPLAINED, attributed, control_of, fallen, moved, rows_of
from microsim.report.blocks import Cell, Figure, Folded, Listing, Note, Paragraph, Section, Table
from microsim.report.context import Context
from microsim.report.formats import MINUS, Number, Text, exact, percent, plain, ratio_interval, say, signed, small
from microsim.report.methods import place_and_time

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
    causes = fallen(fall)
    if causes:
        blocks.append(
            _ranges(
                "fall",
                causes,
                "central",
                _most_of_the_fall(causes, str(fall["year"])),
                "Opioid overdose deaths a year that each cause took away, beside the pace of mid-2023.",
                0.0,
            )
        )
    else:
        blocks.append(_absent("what made deaths fall"))
    parts = attributed(context.optional("attribution"))
    if parts:
        sizes = {row["label"]: row["central"] for row in parts}
        largest = largest_part(sizes, sum(sizes.values()))
        blocks.append(
            _ranges(
                "attribution",
                parts,
                "central",
                "What each part of the policy adds to the change in deaths"
                if largest is None
                else f"The largest part of the change in deaths: {largest}",
                "Contribution of each part of the policy to the difference in opioid overdose deaths."
                " Parts add up to the whole.",
                0.0,
            )
        )
    else:
        blocks.append(_absent("what each part of the policy adds"))
    if not rows:
        blocks.append(_absent("the harm of the policy beside the gain of supply control"))
    policy = str(named or context.document["policy"])
    blocks += [Paragraph(_undoes(one, str(one.get("policy") or policy))) for one in rows]
    if rows:
        blocks.append(Note((OTHER_CAUSES,)))
        blocks += _surfaces(carried)
    blocks += _origin(context, "fall", "attribution", "offset")
    return Section("offset", heading, blocks)


def _most_of_the_fall(causes: Sequence[Mapping[str, Any]], year: str) -> str:
    """The cause that took most deaths away, where deaths fell and a cause is known."""
    known = {row["label"]: row["central"] for row in causes if row["label"] != UNEXPLAINED}
    fell = sum(row["central"] for row in causes) > 0
    most = largest_part(known, 1.0) if fell else None
    if most is None:
        return f"Opioid overdose deaths until {year}: no cause is known to have made them fall"
    return f"What made opioid overdose deaths fall until {year}, most of all: {most}"


def _undoes(row: Mapping[str, Any], policy: str) -> Text:
    """The deaths that the policy adds, or prevents, for each that a supply control prevents."""
    ratio, control, chance = row["ratio"], control_of(row), row.get("probability_above_one")
    if ratio["central"] is None:
        return (f"Against {control} there is no gain to undo.",)
    adds = ratio["central"] >= 0
    form = (
        "For each opioid overdose death that {control} prevents, {policy} adds {size}{ends}{chance}."
        if adds
        else "For each opioid overdose death that {control} prevents, {policy} prevents {size} more; deaths"
        " added over deaths prevented are {ratio}{ends}{chance}."
    )
    told = "; in {p} of the draws it adds more " + ("than one" if adds else "deaths than that control prevents")
    return say(
        form,
        control=control,
        policy=policy,
        size=small(abs(ratio["central"])),
        ratio=small(ratio["central"]),
        ends=ratio_interval(ratio),
        chance=() if chance is None else say(told, p=percent(chance)),
    )


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
        if any(ratio is not None and ratio < 0 for ratios in part for ratio in ratios):
            caption += ", below 0 it prevents deaths too"
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
        if not isinstance(part, Mapping) or part.get("records") is None or part.get("run") == context.result.run:
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
    rows = [row for row in moved(part) if row["low"] is not None and row["high"] is not None]
    heading = "What moves the answer most"
    if not rows:
        absent = _absent("how the answer moves with each assumption alone", _sensitivity(context))
        return Section("sensitivity", heading, [*_followed(context), absent])
    ordered = sorted(rows, key=lambda row: -abs(row["high"] - row["low"]))[:LONGEST]
    answer = _answer(part)
    central = all("central" in row for row in ordered)
    dot = "the answer at central values" if central else "the middle of the range"
    drawn = [
        {
            "name": row["label"],
            "value": row["central"] if central else (row["low"] + row["high"]) / 2,
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
                (
                    "No assumption alone moves the answer"
                    if ordered[0]["low"] == ordered[0]["high"]
                    else f"The assumption that moves the answer most: {ordered[0]['label']}",
                ),
                (
                    (
                        f"Ranges of the answer, {answer}, over the interval of each assumption, widest first."
                        " The table below holds the numbers."
                    ),
                ),
                partial(charts.ranges, drawn, at=0.0, axis="Opioid overdose deaths, difference"),
                (f"The answer is {answer}. The dot is {dot}.",),
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
            [
                _absent(
                    "the comparison with published results", "`microsim validate --json > DIR/validation.json` makes it"
                )
            ],
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
    return DASH if low is None or high is None else f"{plain(_value(low))} to {plain(_value(high))}"


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


def _absent(what: str, how: str = "`microsim brief DIR --whole` makes it, on the people and window of this run") -> Any:
    return Paragraph((f"This result does not carry {what}: {how}, where DIR is the folder of the result.",))


def _sensitivity(context: Context) -> str:
    """How to make the part of the assumptions for this run; its command knows one policy and no other baseline."""
    manifest, document = context.result.manifest, context.document
    kind, _, rest = str(manifest["population"]).partition("-")
    alone = len(manifest["policies"]) == 1 and document["baseline"] == "baseline" and not manifest["settings"]
    if not alone or kind == "file":
        return "`microsim sensitivity` cannot make it for a run of joined policies, other people or another baseline"
    command = ["microsim", "sensitivity", "--policy", manifest["policies"][0], *place_and_time(context)]
    command += ["--persons", rest.split("-")[0]] if kind == "default" else []
    return f"`{shlex.join(command)} --json > DIR/sensitivity.json` makes it"
