"""Put a run's headline table and picture into README.md: `python docs/make_readme.py RESULT_FOLDER`."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from microsim.cli.errors import told_plainly
from microsim.cli.folders import held
from microsim.cli.headline import ABBREVIATIONS, GROUPS, ONE_DRAW, interval, label, rounded, signed
from microsim.ground.errors import InputError

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
PICTURE = ROOT / "docs" / "result.svg"
START, END = "<!-- result -->", "<!-- /result -->"
SHOWN = "overdose_deaths"
MEASURE = "drug overdose deaths"


def section(document: dict[str, Any], day: str, command: str) -> str:
    """The part of the README between its marks, as Markdown."""
    first, last = document["window"]
    change = document["measures"][SHOWN]
    note = ", without an interval: one draw" if interval(change) == ONE_DRAW else ""
    lines = [
        f"`{command}`, {day}: run `{document['run']}`, {first} to {last}, {document['records']:,} records, "
        f"policy `{document['policy']}` against `{document['baseline']}`{note}.",
        "",
        "| measure | baseline | policy | difference | 95% interval |",
        "|---|---:|---:|---:|---:|",
    ]
    for title, names in GROUPS:
        lines.append(f"| **{title}** | | | | |")
        lines += [_row(name, document["measures"][name]) for name in names]
    alt = f"Bars of the yearly difference in {MEASURE}: {_years(document)}."
    return "\n".join([*lines, "", f"{ABBREVIATIONS}.", "", f"![{alt}](docs/{PICTURE.name})"])


def _row(name: str, entry: dict[str, Any]) -> str:
    text = label(name)
    indent = "&nbsp;&nbsp;" if text.startswith(" ") else ""
    both = f"{rounded(entry['baseline'])} | {rounded(entry['policy'])}"
    return f"| {indent}{text.strip()} | {both} | {signed(entry['difference'])} | {interval(entry)} |"


def _years(document: dict[str, Any]) -> str:
    return ", ".join(
        f"{year} {signed(values[SHOWN]['difference'])}" for year, values in document["by_year"].items()
    )


def picture(document: dict[str, Any]) -> str:
    """The yearly difference in overdose deaths as SVG, on paper of its own for pages of any colour."""
    import altair as alt
    import vl_convert

    from microsim.report.style import LIGHT, SMALL, WIDE, config

    yearly = {year: values[SHOWN]["difference"] for year, values in document["by_year"].items()}
    rows = [{"year": year, "difference": value, "label": signed(value)} for year, value in yearly.items()]
    x, y = alt.X("year:O", title=None), alt.Y("difference:Q", axis=None)
    base = alt.Chart(alt.Data(values=rows)).encode(x=x, y=y)
    text = {"fontSize": SMALL, "color": LIGHT["ink"], "text": {"expr": "datum.label"}}
    chart = alt.layer(
        base.mark_bar(color=LIGHT["accent"], width={"band": 0.62}),
        base.transform_filter("datum.difference >= 0").mark_text(dy=-8, **text),
        base.transform_filter("datum.difference < 0").mark_text(dy=10, **text),
    )
    title = f"{MEASURE.capitalize()} in each year, {document['policy']} less {document['baseline']}"
    spec = chart.properties(width=WIDE, height=220, title=title).configure(**config()).to_dict()
    spec["config"] |= {"background": LIGHT["paper"], "padding": 12}
    return str(vl_convert.vegalite_to_svg(spec))


def main() -> None:
    """Write README.md and the picture from the folder of a run."""
    with told_plainly():
        folder = Path(sys.argv[1]) if len(sys.argv) == 2 else None
        document = held(folder) if folder else None
        if folder is None or document is None:
            raise InputError(None, None, " ".join(sys.argv[1:]), "the folder of a finished run")
        text = README.read_text(encoding="utf-8")
        if START not in text or END not in text:
            raise InputError(README, None, START, f"the marks {START} and {END}")
        day = datetime.fromtimestamp((folder / "summary.json").stat().st_mtime, UTC).strftime("%-d %B %Y")
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        settings = (f"--set {one}" for one in manifest["settings"])
        command = " ".join(["microsim run --policy", document["policy"], *settings])
        before, after = text.split(START)[0], text.split(END)[1]
        between = section(document, day, command)
        README.write_text(f"{before}{START}\n{between}\n{END}{after}", encoding="utf-8")
        PICTURE.write_text(picture(document), encoding="utf-8")


if __name__ == "__main__":
    main()
