"""The page of the validation: a table and a picture for every group of rows, misses explained."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from microsim.report.style import LIGHT, TEXT, WIDE, config

if TYPE_CHECKING:
    from microsim.experiments.targets import Row
    from microsim.experiments.validate import Validation
    from microsim.report.blocks import Drawing

_HEIGHT = 34
_STEPS = ((1e9, "B"), (1e6, "M"), (1e4, "k"))
_ROUND = {"B": 1e9, "M": 1e6, "k": 1e3}
# Below one, SI letters would write a share of 0.2 as 200m, which reads as millions.
_LABEL = "abs(datum.value) < 1 ? format(datum.value, '~r') : replace(format(datum.value, '~s'), 'G', 'B')"


def number(value: float) -> str:
    """Three figures, thousands as k, M or B."""
    size = abs(value)
    for least, letter in _STEPS:
        if size >= least:
            return f"{value / _ROUND[letter]:.3g}{letter}"
    if size >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if size >= 0.005 or not size else f"{value:.1g}"


def span(low: float, high: float) -> str:
    """An interval."""
    return f"{number(low)} to {number(high)}"


def picture(rows: Iterable[Row]) -> Drawing:
    """Published interval and model, a line a row, each on its own scale from the least to the most."""
    import altair as alt

    charts = [_row(row) for row in rows]
    return (
        alt.vconcat(*charts, spacing=10)
        .resolve_scale(x="independent", color="independent")
        .configure(**config())
    )


def _row(row: Row) -> Any:
    import altair as alt

    target, found = row.target, row.found
    low, high = target.bounds
    model_low = found.answer.value if found.low is None else found.low
    model_high = found.answer.value if found.high is None else found.high
    numbers = [low, high, target.value, model_low, model_high, found.answer.value]
    room = (max(numbers) - min(numbers)) * 0.12 or abs(target.value) * 0.1 or 1.0
    scale = alt.Scale(domain=[min(numbers) - room, max(numbers) + room], nice=False, zero=False)
    axis = alt.Axis(title=None, grid=False, tickCount=4, labelExpr=_LABEL)
    x = alt.X("low:Q", scale=scale, axis=axis)
    colour = LIGHT["calm"] if row.overlap else LIGHT["accent"]
    data = alt.InlineData(
        values=[
            {"y": "published", "low": low, "high": high, "value": target.value},
            {"y": "model", "low": model_low, "high": model_high, "value": found.answer.value},
        ]
    )
    y = alt.Y("y:N", title=None, sort=["published", "model"], axis=alt.Axis(labels=False, domain=False))
    base = alt.Chart(data)
    told = alt.Color(
        "y:N", legend=None, scale=alt.Scale(domain=["published", "model"], range=[LIGHT["zero"], colour])
    )
    bars = base.mark_rule(strokeWidth=4).encode(x=x, x2="high:Q", y=y, color=told)
    points = base.mark_point(size=60, filled=True, opacity=1).encode(
        x=alt.X("value:Q", scale=scale, axis=axis),
        y=y,
        color=told,
        shape=alt.Shape(
            "y:N", legend=None, scale=alt.Scale(domain=["published", "model"], range=["square", "circle"])
        ),
    )
    title = alt.TitleParams(
        f"{target.label} ({target.unit}): {row.verdict}",
        anchor="start",
        offset=2,
        fontSize=TEXT,
        fontWeight="normal",
        color=colour if row.verdict == "miss" else LIGHT["ink"],
    )
    return (bars + points).properties(width=WIDE - 20, height=_HEIGHT, title=title)


def write_page(found: Validation, page: Path) -> None:
    """Write the page and the pictures beside it, in `images/`."""
    import vl_convert

    from microsim.experiments.targets.queries import NATURAL

    images = page.parent / "images"
    images.mkdir(parents=True, exist_ok=True)
    parts = [_head(found, page)]
    for group in dict.fromkeys(row.target.group for row in found.rows):
        rows = [row for row in found.rows if row.target.group == group]
        name = f"validation-{group.lower().replace(' ', '-')}.svg"
        spec = picture(rows).to_json()
        (images / name).write_text(vl_convert.vegalite_to_svg(spec), encoding="utf-8")
        lived = _natural(found) if any(row.target.query.name == NATURAL for row in rows) else ""
        picture_of = f"![{_alt(rows)}](images/{name})"
        parts.append(f"## {group}\n\n{lived}{picture_of}\n\n{_table(rows)}\n\n{_notes(rows)}")
    page.write_text("\n\n".join(parts).rstrip() + "\n", encoding="utf-8")


def _head(found: Validation, page: Path) -> str:
    from microsim.experiments.targets import sentences

    about: Mapping[str, Any] = found.about
    counts = " ".join(sentences(found.rows))
    draws = (
        "One draw, so the model has no interval: *inside* says that its number lies in the published range."
        if about["draws"] < 2
        else f"{about['draws']} joint draws of the parameters give the model's interval, the middle 95%."
    )
    dated = f", {about['date']}" if "date" in about else ""
    missing = ", ".join(about.get("unanswered", ()))
    return f"""# Validation

`{_command(about, page)}`{dated}: run `{about["run"]}`. {counts}
{f"Not answered: {missing}." if missing else ""}

Every row is answered under the conditions that the published figure was made for, by a query that stands
in `parameters/targets/validate/` beside the figure, its interval or tolerance, and its source. Rows are
frozen by digest: one that is changed or dropped is refused. Calibration reads none of them.
{draws}

Figures, intervals and tolerances were set before any comparison. How the conditions of naloxone, expansion,
mitigation and shock rows are put into policies was corrected after trial runs in which those policies changed
something else, or nothing; see `parameters/targets/policies/`. The query of Medicaid's share of deaths and the
first arm of the unwinding were corrected to the published definition, and say so in their rows. Deaths by
education and the odds of medication by the counts of a survey were added after the first runs.

- *hit*: the intervals overlap, and the model's high is below three times its low;
- *vague*: they overlap, but the model's interval is wider than that;
- *inside*: the model's number lies in the published range, without an interval of its own;
- *miss*: they do not overlap. No row is dropped.

A star marks rows whose evidence also stands behind a parameter: agreement there shows that the simulation
keeps what it was given, and is no proof. In the pictures the square is the published figure."""


def _natural(found: Validation) -> str:
    from microsim.experiments.validate import natural_records

    records = natural_records(found.about["records"])
    return f"""These rows are lived by the people whom the earlier rule reached, taken from a population of
{records:,} records, with seed {found.about["seed"]} and one draw, so they have no interval. Few records
are of the kind, so another population or seed moves them, those of Georgia by thousands of people: see
[natural experiments](natural_experiments.md), which says how far.

"""


def _command(about: Mapping[str, Any], page: Path) -> str:
    """The command that writes the page. Only rows of runs of its own have a date; others are of a saved run."""
    from microsim.experiments.compare import SEED

    command = ["microsim", "validate"]
    if "date" not in about:
        command += ["--result", "DIR"]
    else:
        command += ["--draws", str(about["draws"]), "--persons", str(about["records"])]
        for name in about.get("only", ()):
            command += ["--only", name]
        command += ["--seed", str(about["seed"])] if about["seed"] != SEED else []
    return shlex.join([*command, "--page", str(page)])


def _table(rows: list[Row]) -> str:
    lines = ["| row | model | published | ratio | |", "|---|---:|---:|---:|---|"]
    for row in rows:
        star = "" if row.target.independent else " *"
        model = number(row.found.answer.value)
        if row.found.low is not None and row.found.high is not None:
            model += f" ({span(row.found.low, row.found.high)})"
        published = f"{number(row.target.value)} ({span(*row.target.bounds)})"
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        verdict = f"**{row.verdict}**" if row.verdict == "miss" else row.verdict
        lines.append(f"| {row.target.label}{star} | {model} | {published} | {ratio} | {verdict} |")
    return "\n".join(lines)


def _notes(rows: list[Row]) -> str:
    out = []
    for row in rows:
        target = row.target
        sources = ", ".join(target.source)
        about = f"{target.unit}, {target.date}; {sources}, {target.verified}"
        text = f"- **{target.label}** ({about}). {target.conditions.text}"
        if row.verdict != "hit":
            text += f" *Why:* {target.why}"
        for one in target.beside:
            text += f" {one.label.capitalize()}: {number(one.value)}."
        parts = row.found.answer.parts
        if parts:
            text += " " + "; ".join(f"{name}: {number(value)}" for name, value in parts.items()) + "."
        out.append(text)
    return "\n".join(out)


def _alt(rows: list[Row]) -> str:
    said = "; ".join(f"{row.target.label} {row.ratio:.2f}" for row in rows if row.ratio is not None)
    return f"Model and published interval of every row. Model over published: {said}."
