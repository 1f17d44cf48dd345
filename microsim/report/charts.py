"""The charts of the brief. Rows come ready; labels stand on the marks; axes of counts start at zero.

Each row carries `tip`, the sentence that hovering shows. `wide` chooses a page or a phone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from textwrap import fill
from typing import Any

import altair as alt

from microsim.report.blocks import Drawing
from microsim.report.style import LIGHT, NARROW, SMALL, STEPS, TEXT, WIDE, config
from microsim.report.tile_grid import PLACES

Rows = Sequence[Mapping[str, Any]]
_COUNT = "datum.value == 0 ? '0' : replace(format(datum.value, '~s'), 'G', 'B')"

_DOLLARS = "datum.value == 0 ? '0' : replace(format(datum.value, '$~s'), 'G', 'B')"


def _width(wide: bool) -> int:
    return WIDE if wide else NARROW


def _data(rows: Rows) -> alt.InlineData:
    return alt.InlineData(values=[dict(row) for row in rows])


def _finished(chart: Drawing, **sizes: Any) -> Drawing:
    shaped = chart.properties(**sizes) if sizes else chart
    return shaped.configure(**config())


def _count_axis(title_x: int) -> alt.Axis:
    """An axis of counts, its title lying above it."""
    return alt.Axis(
        labelExpr=_COUNT,
        tickCount=5,
        titleAlign="left",
        titleAngle=0,
        titleAnchor="end",
        titleX=title_x,
        titleY=-16,
    )


def _name_axis() -> alt.Axis:
    """An axis of names, over several lines where they are long."""
    return alt.Axis(labelLimit=400, labelColor=LIGHT["ink"], labelPadding=8, labelExpr="split(datum.label, '\\n')")


def change_by_year(rows: Rows, wide: bool, axis: str) -> Drawing:
    """A line of yearly differences with its band. Rows: year, difference, low, high, label, tip."""
    x = alt.X("year:O", title=None, axis=_years(rows, wide))
    y = alt.Y(
        "difference:Q",
        title=axis,
        axis=_count_axis(-30),
        scale=alt.Scale(zero=True, nice=True, padding=20),
    )
    values = [row["difference"] for row in rows]
    sided = [
        {**row, "side": "above" if row["difference"] >= max(values[max(i - 1, 0) : i + 2]) else "below"}
        for i, row in enumerate(rows)
    ]
    base = alt.Chart(_data(sided)).encode(x=x)
    layers: list[Drawing] = []
    if all(row["low"] is not None and row["high"] is not None for row in rows):
        layers.append(
            base.mark_area(color=LIGHT["band"], opacity=1).encode(y=alt.Y("low:Q", title=axis), y2="high:Q")
        )
    layers += [
        alt.Chart(_data([{"zero": 0}])).mark_rule(color=LIGHT["zero"]).encode(y="zero:Q"),
        base.mark_line(color=LIGHT["accent"], strokeWidth=2.5).encode(y=y),
        base.mark_point(color=LIGHT["accent"], fill=LIGHT["accent"], size=55, opacity=1).encode(
            y=y, description="tip:N"
        ),
        *(
            base.transform_filter(f"datum.side == '{side}'")
            .mark_text(aria=False, dy=-15 if side == "above" else 17, fontSize=TEXT, color=LIGHT["ink"])
            .encode(y=y, text="label:N")
            for side in ("above", "below")
        ),
    ]
    return _finished(
        alt.layer(*layers),
        width=_width(wide) - 60,
        height=260 if wide else 220,
        padding={"top": 24, "left": 4, "right": 16, "bottom": 4},
    )


def _years(rows: Rows, wide: bool) -> alt.Axis:
    years = list(dict.fromkeys(row["year"] for row in rows))
    few = years if wide or len(years) < 4 else [years[0], years[len(years) // 2], years[-1]]
    return alt.Axis(values=few)


def two_lines(rows: Rows, ends: Rows, wide: bool, axis: str) -> Drawing:
    """Both arms from zero. Rows: year, arm, value, tip; ends: year, value, label, above (bool)."""
    x = alt.X("year:O", title=None, axis=_years(rows, wide))
    y = alt.Y(
        "value:Q",
        title=axis,
        axis=_count_axis(-36),
        scale=alt.Scale(zero=True),
    )
    colour = alt.Color(
        "arm:N",
        legend=None,
        scale=alt.Scale(domain=["baseline", "policy"], range=[LIGHT["calm"], LIGHT["accent"]]),
    )
    lines = (
        alt.Chart(_data(rows))
        .mark_line(strokeWidth=2.5)
        .encode(
            x=x,
            y=y,
            color=colour,
            strokeDash=alt.StrokeDash(
                "arm:N", legend=None, scale=alt.Scale(domain=["baseline", "policy"], range=[[1, 0], [6, 3]])
            ),
        )
    )
    points = (
        alt.Chart(_data(rows))
        .mark_circle(size=45, opacity=1)
        .encode(x=x, y=y, color=colour, description="tip:N")
    )
    words = [
        alt.Chart(_data([end]))
        .mark_text(align="right", dx=6, dy=-16 if end["above"] else 20, fontSize=TEXT, fontWeight="bold")
        .encode(x="year:O", y="value:Q", text="label:N", color=colour)
        for end in ends
    ]
    return _finished(
        alt.layer(lines, points, *words),
        width=_width(wide) - 60,
        height=220,
        padding={"top": 24, "left": 4, "right": 16, "bottom": 4},
    )


def small_multiples(rows: Rows, order: Sequence[str], wide: bool, money: bool = False) -> Drawing:
    """Yearly bars, one panel a kind on one scale. Rows: kind, year, difference, low, high, tip."""
    columns = min(3, len(order)) if wide else 1 if len(order) < 3 else 2
    width = (_width(wide) - 46) / columns - 26
    years = list(dict.fromkeys(row["year"] for row in rows))
    ends = [years[0], years[-1]] if len(years) > 1 else years
    x = alt.X(
        "year:O", title=None, axis=alt.Axis(values=ends, labelFlush=False), scale=alt.Scale(paddingInner=0.25)
    )
    y = alt.Y("difference:Q", title=None, axis=alt.Axis(labelExpr=_DOLLARS if money else _COUNT, tickCount=4))
    bars = (
        alt.Chart()
        .mark_bar()
        .encode(
            x=x,
            y=y,
            description="tip:N",
            color=alt.condition("datum.difference < 0", alt.value(LIGHT["calm"]), alt.value(LIGHT["accent"])),
        )
    )
    layers: list[Drawing] = [bars]
    if all(row["low"] is not None and row["high"] is not None for row in rows):
        layers.append(
            alt.Chart().mark_rule(color=LIGHT["ink"]).encode(x=x, y=alt.Y("low:Q", title=None), y2="high:Q")
        )
    layers.append(alt.Chart().mark_rule(color=LIGHT["zero"]).encode(y=alt.YDatum(0)))
    chart = alt.layer(*layers, data=_data(rows)).properties(width=width, height=130 if wide else 100)
    faceted = chart.facet(
        facet=alt.Facet("kind:N", sort=list(order), title=None), columns=columns, spacing=24
    )
    return _finished(faceted.resolve_axis(x="independent"))


def bars(rows: Rows, wide: bool) -> Drawing:
    """Horizontal bars with their value at the end. Rows: name, value, low, high, label, tip."""
    return _finished(_bars(rows, _room([rows], _width(wide)), _domain(rows)))


def grouped_bars(groups: Mapping[str, Rows], wide: bool) -> Drawing:
    """Several sets of bars on one scale, each under its heading; two columns on a page, one on a phone."""
    domain = _domain([row for rows in groups.values() for row in rows])
    room = _room(groups.values(), (WIDE - 40) / 2 if wide else NARROW)
    sets = [
        _bars(rows, room, domain).properties(
            title=alt.TitleParams(
                name, fontSize=TEXT, fontWeight="bold", offset=6, anchor="start", frame="group"
            )
        )
        for name, rows in groups.items()
    ]
    half = -(-len(sets) // 2)
    if not wide or len(sets) == 1:
        return _finished(alt.vconcat(*sets, spacing=18))
    columns = [alt.vconcat(*part, spacing=18) for part in (sets[:half], sets[half:])]
    return _finished(alt.hconcat(*columns, spacing=24))


def _domain(rows: Rows) -> list[float]:
    ends = [0.0]
    for row in rows:
        ends += [row[key] for key in ("value", "low", "high") if row.get(key) is not None]
    return [min(ends), max(ends) or 1.0]


def _bars(rows: Rows, room: float, domain: list[float]) -> Drawing:
    names = [row["name"] for row in rows]
    low, high = domain
    span = high - low
    # Room for the value beyond the end of the longest bar, on the side to which bars go.
    scale = alt.Scale(domain=[low - (0.34 * span if low < 0 else 0), high + (0.34 * span if high > 0 else 0)])
    y = alt.Y(
        "name:N",
        sort=names,
        title=None,
        axis=_name_axis(),
    )
    x = alt.X("value:Q", title=None, axis=None, scale=scale)
    base = alt.Chart(_data([{**row, "edge": _edge(row)} for row in rows])).encode(y=y)
    layers = [
        base.mark_bar(height=16).encode(
            x=x,
            description="tip:N",
            color=alt.condition("datum.value < 0", alt.value(LIGHT["calm"]), alt.value(LIGHT["accent"])),
        )
    ]
    if all(row.get("low") is not None and row.get("high") is not None for row in rows):
        layers.append(
            base.mark_rule(color=LIGHT["ink"], strokeWidth=1.5).encode(
                x=alt.X("low:Q", title=None, axis=None, scale=scale), x2="high:Q"
            )
        )
    layers += [
        alt.Chart(_data([{"zero": 0}]))
        .mark_rule(color=LIGHT["zero"])
        .encode(x=alt.X("zero:Q", axis=None, scale=scale)),
        base.transform_filter("datum.value >= 0")
        .mark_text(align="left", dx=6, color=LIGHT["ink"])
        .encode(x=alt.X("edge:Q", axis=None, scale=scale), text="label:N"),
        base.transform_filter("datum.value < 0")
        .mark_text(align="right", dx=-6, color=LIGHT["ink"])
        .encode(x=alt.X("edge:Q", axis=None, scale=scale), text="label:N"),
    ]
    return alt.layer(*layers).properties(
        width=room, height={"step": 30 if any("\n" in name for name in names) else 26}
    )


def _room(sets: Iterable[Rows], width: float) -> float:
    """Width left for bars beside the longest name of all sets, so that they share one scale."""
    longest = max(len(line) for rows in sets for row in rows for line in row["name"].split("\n"))
    return max(100, width - 6.4 * longest - 16)


def _edge(row: Mapping[str, Any]) -> float:
    """Where the label of a bar stands: beyond the bar and its interval."""
    ends = [row[key] for key in ("value", "low", "high") if row.get(key) is not None]
    return float(min(ends) if row["value"] < 0 else max(ends))


def tiles(rows: Rows, wide: bool, chosen: str | None = None) -> Drawing:
    """A tile for each state. Rows: state, step (0-4, or `more`), label, short, tip."""
    size = _width(wide) / 11.2 if not wide else 56
    placed = [
        {
            **row,
            "column": PLACES[row["state"]][0],
            "row": PLACES[row["state"]][1],
            "fill": LIGHT[_tile(row["step"])],
            "on": LIGHT[_tile(row["step"]).replace("tile", "on")],
        }
        for row in rows
    ]
    x = alt.X("column:O", axis=None, scale=alt.Scale(domain=list(range(11)), paddingInner=0.06))
    y = alt.Y("row:O", axis=None, scale=alt.Scale(domain=list(range(8)), paddingInner=0.06))
    base = alt.Chart(_data(placed)).encode(x=x, y=y)
    on = alt.Color("on:N", scale=None)
    code = base.mark_text(fontWeight="bold", fontSize=TEXT if wide else 11, dy=-7 if wide else -5).encode(
        text="state:N", color=on
    )
    value = base.mark_text(fontSize=SMALL if wide else 9, dy=9 if wide else 7).encode(
        text="label:N" if wide else "short:N", color=on
    )
    layers = [
        base.mark_rect(cornerRadius=3).encode(color=alt.Color("fill:N", scale=None), description="tip:N"),
        code,
        value,
    ]
    if chosen is not None:
        layers.append(
            alt.Chart(_data([one for one in placed if one["state"] == chosen]))
            .mark_rect(aria=False, cornerRadius=3, fillOpacity=0, stroke=LIGHT["ink"], strokeWidth=2.5)
            .encode(x=x, y=y)
        )
    return _finished(alt.layer(*layers), width=size * 11, height=size * 8)


def _tile(step: int | str) -> str:
    return "tilemore" if step == "more" else STEPS[int(step)]


_LABEL = {True: 44, False: 26}
"""Characters of a line of a label, on a wide page and on a narrow one."""


def ranges(rows: Rows, wide: bool, at: float, axis: str) -> Drawing:
    """A point with its interval for each row, and a line at `at`. Rows: name, value, low, high, tip."""
    short = [
        fill(str(row["name"]), _LABEL[wide], max_lines=3, placeholder="\N{HORIZONTAL ELLIPSIS}")
        for row in rows
    ]
    if len(set(short)) < len(short):
        short = [fill(str(row["name"]), _LABEL[wide]) for row in rows]
    rows = [{**row, "name": name} for row, name in zip(rows, short, strict=True)]
    names = [row["name"] for row in rows]
    lines = [line for name in names for line in name.split("\n")]
    tallest = max(name.count("\n") for name in names) + 1
    y = alt.Y(
        "name:N",
        sort=names,
        title=None,
        axis=_name_axis(),
    )
    base = alt.Chart(_data(rows)).encode(y=y)
    x = alt.X(
        "value:Q", title=axis, axis=alt.Axis(tickCount=4, labelExpr=_COUNT), scale=alt.Scale(zero=False)
    )
    layers = [
        alt.Chart(_data([{"at": at}])).mark_rule(color=LIGHT["zero"]).encode(x="at:Q"),
        base.mark_rule(color=LIGHT["accent"], strokeWidth=2.5).encode(
            x=alt.X("low:Q", title=axis), x2="high:Q"
        ),
        base.mark_point(color=LIGHT["accent"], fill=LIGHT["accent"], size=65, opacity=1).encode(
            x=x, description="tip:N"
        ),
    ]
    longest = max(len(line) for line in lines)
    width = max(120, _width(wide) - 7 * longest - 20)
    return _finished(alt.layer(*layers), width=width, height={"step": 14 + 16 * tallest})
