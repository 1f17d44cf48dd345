"""A result in a notebook: a table and a picture that need neither scripts nor the network."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from microsim.engine.results import Result
from microsim.ground.errors import InputError, nearest_name
from microsim.report.blocks import Figure
from microsim.report.context import Context, context_of
from microsim.report.findings import line_figure
from microsim.report.formats import Entry, Number, exact, plain, signed, signed_dollars
from microsim.report.labels import label_of
from microsim.report.pictures import file_png, file_svg, page_svg
from microsim.report.style import FONT, LIGHT
from microsim.report.tables import dollars_whole, ends

HEADLINE = (
    "medicaid_enrollees_end",
    "uninsured_end",
    "medicaid_losses",
    "sud_medicaid_losses",
    "moud_end",
    "treatment_exits_coverage",
    "overdose_deaths",
    "opioid_overdose_deaths",
    "federal_outlays_usd",
    "state_outlays_usd",
)
DEATHS = "opioid_overdose_deaths"


class Picture:
    """A chart as an SVG picture; `save` writes .svg or .png, `chart` is the Altair chart behind it."""

    def __init__(self, figure: Figure) -> None:
        self._figure = figure

    @property
    def chart(self) -> Any:
        """An Altair chart."""
        return self._figure.draw(True)

    @property
    def title(self) -> str:
        """What the chart shows."""
        return plain(self._figure.title)

    def save(self, path: str | Path) -> Path:
        """Write the picture; raises InputError for another ending than .svg and .png."""
        path = Path(path)
        makers = {".svg": file_svg, ".png": file_png}
        if path.suffix.lower() not in makers:
            raise InputError(path, None, path.suffix, "a name that ends in .svg or .png")
        path.write_bytes(makers[path.suffix.lower()](self._figure))
        return path

    def __repr__(self) -> str:
        return f"<Picture: {self.title}>"

    def _repr_svg_(self) -> str:
        return file_svg(self._figure).decode()


def plot(result: Result, measure: str = DEATHS, state: str | None = None) -> Picture:
    """Yearly differences of a measure with their band. Raises InputError for an unknown name or state."""
    held = result.document["measures"]
    if measure not in held:
        raise InputError(
            None, "plot", measure, "a measure of the summary", nearest=nearest_name(measure, held)
        )
    context = context_of(result, state)
    return Picture(_figure(result, measure, context))


def _figure(result: Result, measure: str, context: Context) -> Figure:
    label = label_of(measure).lstrip(". ").replace("in the last month", "at the end of the year")
    years, place = context.years, context.place
    if any(measure not in values for values in years.values()):
        raise InputError(None, "plot", measure, "a measure that is kept by year and state")
    what = label[0].lower() + label[1:]
    return line_figure(
        "plot",
        years,
        measure,
        (f"{label} in {place}: {result.document['policy']} less {result.document['baseline']}",),
        what,
        place=place,
        axis="Difference, by year",
        draws=result.document["draws"],
        named=context.named,
    )


def html(result: Result) -> str:
    """Headline measures as a table, and opioid overdose deaths by year as a picture."""
    document = result.document
    measures = {name: document["measures"][name] for name in HEADLINE if name in document["measures"]}
    first, last = document["window"]
    draws = "one draw: no interval" if document["draws"] == 1 else f"{document['draws']} draws"
    head = (
        f"<b>{escape(document['policy'])}</b> against {escape(document['baseline'])}, {first} to {last}, "
        f"{document['records']:,} records, {draws}; run <code>{escape(result.run)}</code>"
    )
    columns = "".join(
        f'<th style="text-align:{"left" if i == 0 else "right"}">{name}</th>'
        for i, name in enumerate(("Measure", "Baseline", "Policy", "Difference", "95% interval"))
    )
    rows = "".join(_row(name, entry) for name, entry in measures.items())
    figure = _figure(result, DEATHS, context_of(result, None))
    colours = ";".join(f"--{role}:{colour}" for role, colour in LIGHT.items())
    return (
        f'<div style="{colours};font-family:{FONT};color:{LIGHT["ink"]};background:{LIGHT["paper"]};'
        f'padding:8px;max-width:46rem"><p>{head}</p><table><thead><tr>{columns}</tr></thead>'
        f"<tbody>{rows}</tbody></table><p><b>{escape(plain(figure.title))}</b></p>"
        f"{page_svg(figure, True, f'r{result.run}-')}<p>{escape(plain(figure.caption))}</p></div>"
    )


def _row(name: str, entry: Entry) -> str:
    money = entry["unit"] == "usd"
    size, change = (dollars_whole, signed_dollars) if money else (exact, signed)
    cells = [size(entry["baseline"]), size(entry["policy"]), change(entry["difference"])]
    shown = "".join(f'<td style="text-align:right">{escape(_said(cell))}</td>' for cell in cells)
    spread = escape(plain(ends(entry, change)))
    return (
        f'<tr><th style="text-align:left;font-weight:normal">{escape(label_of(name))}</th>{shown}'
        f'<td style="text-align:right">{spread}</td></tr>'
    )


def _said(number: Number) -> str:
    return number.shown
