"""The population report: target errors, precision, held-out margins, unfitted joints, pictures."""

from __future__ import annotations

import html
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from microsim.ground.errors import InputError
from microsim.ground.schema import AGE_BANDS, NEVER, POPULATION_MONTH, SEXES, STATES
from synthetic_pop import joint
from synthetic_pop.describe import IMPUTED, People, describe
from synthetic_pop.inputs import Array, Tables, population_folder

Columns = dict[str, Array]
_HEAD = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Population report</title><style>
body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b}
table{border-collapse:collapse;margin:1rem 0}
td,th{padding:.2rem .7rem;text-align:right;border-bottom:1px solid #ddd}
td:first-child,th:first-child{text-align:left}svg{max-width:100%;height:auto}</style>"""


def joint_comparison(columns: Columns, tables: Tables) -> list[dict[str, Any]]:
    """Survey and population shares of every unfitted cell, ages 19-64 outside institutions.

    States whose work and income are imputed in the survey are left out of both.
    """
    people = People(columns)
    outside = ~np.isin(people.state, [STATES.index(s) for s in IMPUTED])
    keep = people.working_age & outside & ~people.flag("inmate")
    child = columns["child_birth_month"].astype(np.int64)
    years = (POPULATION_MONTH - child) // 12
    kids = np.where(child == NEVER, 0, np.where(years < 6, 1, np.where(years < 14, 2, 3)))
    spouse = people.flag("has_spouse").astype(int) + people.flag("spouse_works")
    values = joint.levels(
        columns["race"],
        columns["work_class"] < 2,
        kids,
        columns["sex"] == 0,
        spouse,
        people.flag("citizen"),
        columns["household_size"],
        people.flag("veteran"),
        columns["education"],
        columns["wage"],
        people.age,
    )
    made = joint.shares({k: v[keep] for k, v in values.items()}, people.w[keep])
    found = {(r["check"], r["cell"]): r["share"] for r in made}
    table = tables["joint_check"]
    return [
        {
            "check": str(check),
            "cell": str(cell),
            "survey": float(share),
            "population": found[str(check), str(cell)],
        }
        for check, cell, share in zip(table["check"], table["cell"], table["share"], strict=True)
    ]


def total_variation(rows: list[dict[str, Any]]) -> dict[str, float]:
    """Half the summed absolute difference of shares, by check: the share of people in another cell."""
    out: dict[str, float] = {}
    for row in rows:
        out[row["check"]] = out.get(row["check"], 0.0) + abs(row["survey"] - row["population"]) / 2
    return out


def report(columns: Columns) -> dict[str, Any]:
    """Everything the report prints, as one JSON-ready mapping: `describe` and the joint comparison."""
    rows = joint_comparison(columns, Tables())
    out = describe(columns)
    hard = [t for t in out["targets"] if t["kind"] == "hard" and t["relative_error"] is not None]
    out["hard_targets"] = {
        "largest_error_state": max(
            (abs(t["relative_error"]) for t in hard if t["state"] != "US"), default=None
        ),
        "largest_error_nation": max(
            (abs(t["relative_error"]) for t in hard if t["state"] == "US"), default=None
        ),
    }
    out["told_apart"] = json.loads((population_folder() / "tell_apart.json").read_text())
    out["joint"] = {"total_variation": total_variation(rows), "cells": rows}
    return out


def write_report(columns: Columns, path: str | Path) -> dict[str, Any]:
    """Write the report as HTML to `path` and as JSON beside it; returns the JSON mapping.

    Raises `InputError` where the folder cannot be written.
    """
    target = Path(path)
    content = report(columns)
    page = _page(content)
    _whole(target.with_suffix(".json"), json.dumps(content, indent=1))
    _whole(target.with_suffix(".html"), page)
    return content


def _whole(path: Path, text: str) -> None:
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    except OSError as error:
        raise InputError(str(path), None, error.strerror, "a folder that can be written") from error


def _rows(headings: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    def cell(tag: str, x: object) -> str:
        return f"<{tag}>{html.escape(str(x))}</{tag}>"

    body = "".join("<tr>" + "".join(cell("td", x) for x in row) + "</tr>" for row in rows)
    return "<table><tr>" + "".join(cell("th", h) for h in headings) + f"</tr>{body}</table>"


def _short(v: float) -> str:
    return f"{v:,.0f}" if v > 2 else f"{v:.4f}"


def _percent(x: float | None, digits: int = 2) -> str:
    return "" if x is None else f"{100 * x:.{digits}f}%"


def _summary(content: dict[str, Any], kind: str) -> str:
    by_name: dict[str, list[dict[str, Any]]] = {}
    for row in content["targets"]:
        if row["kind"] == kind:
            by_name.setdefault(row["name"], []).append(row)
    rows = []
    for name, found in by_name.items():
        nation = next((r for r in found if r["state"] == "US"), None)
        states = [r for r in found if r["state"] != "US" and r["relative_error"] is not None]
        worst = max(states, key=lambda r: abs(r["relative_error"]), default=None)
        rows.append(
            (
                name.replace("_", " "),
                _short(nation["target"]) if nation else "",
                _short(nation["value"]) if nation else "",
                _percent(nation["relative_error"], 3) if nation else "",
                f"{worst['state']} {_percent(worst['relative_error'])}" if worst else "",
                _percent(float(np.median([abs(r["relative_error"]) for r in states]))) if states else "",
            )
        )
    return _rows(
        ("target", "published", "population", "error, nation", "worst state", "median state error"), rows
    )


def _page(content: dict[str, Any]) -> str:
    strata = [
        (
            name.replace("_", " "),
            f"{s['records']:,}",
            f"{s['persons']:,.0f}",
            f"{s['effective_sample_size']:,.0f}",
            f"{s['efficiency']:.2f}",
            f"{s['weight_mean']:.1f}",
            f"{s['weight_ratio']:.1f}",
        )
        for name, s in content["strata"].items()
    ]
    variation = [(k, _percent(v)) for k, v in content["joint"]["total_variation"].items()]
    share = _percent(content["medicaid_adult_sud_share"], 1)
    within, overall = content["effective_sample_size_within_strata"], content["effective_sample_size"]
    columns = (
        "stratum",
        "records",
        "people",
        "effective size",
        "per record",
        "mean weight",
        "largest over median",
    )
    parts = [
        _HEAD,
        "<h1>Population report</h1>",
        _text(
            f"{content['records']:,} records stand for {content['persons']:,.0f} people in January 2024. "
            f"Among adults on Medicaid {share} have a substance use disorder "
            f"({content['medicaid_adult_sud_definition']})."
        ),
        "<h2>Hard targets</h2>",
        _text("To be met within 1% in each state and 0.3% in the nation."),
        _summary(content, "hard"),
        _picture(_error_chart(content)),
        "<h2>Soft targets</h2>",
        _text("Built from several counts, or met only on average."),
        _summary(content, "soft"),
        "<h2>Margins that no step met</h2>",
        _summary(content, "held_out"),
        _text(
            "Education of Medicaid adults is compared with a survey proxy of Medicaid, which holds people "
            "whose annual income is above the limit; the population ranks them lower."
        ),
        "<h2>Precision</h2>",
        _text(
            f"Effective sample size within strata {within:,.0f}; over all records {overall:,.0f}, low "
            "by design: people with opioid use disorder and expansion adults are over-sampled."
        ),
        _rows(columns, strata),
        "<h2>Joint distributions not fitted</h2>",
        _text(
            "Share of people in another cell than in the survey, ages 19-64, without California and Texas. "
            "Cover follows administrative totals, which differ from the survey, so zero is not expected."
        ),
        _rows(("variables", "total variation"), variation),
        _picture(_joint_chart(content)),
        *_told_apart(content["told_apart"]),
        "<h2>Residents</h2>",
        _picture(_age_chart(content)),
        "</html>",
    ]
    return "\n".join(parts)


def _text(words: str) -> str:
    return f"<p>{html.escape(words)}</p>"


def _told_apart(found: dict[str, Any]) -> list[str]:
    rows = [
        (
            setting.replace("_", " "),
            f"{found[setting]['area_under_curve']:.3f}",
            ", ".join(list(found[setting]["importances"])[:4]).replace("_", " "),
        )
        for setting in ("all", "without_money")
    ]
    return [
        "<h2>Can a classifier tell these adults from the survey's?</h2>",
        _text(
            "Boosted trees on half of 60,000 adults of eight states left out of the joint tables, "
            f"scored on the other half ({', '.join(found['states'])}); measured once when the tables "
            "were made. Money is compared in steps of 15%. Pay of spouses and other income, drawn given the "
            "person's own pay band and not its exact value, give the build away."
        ),
        _rows(("variables", "area under the curve", "what gives it away"), rows),
    ]


def _picture(chart: Any) -> str:
    import vl_convert

    return vl_convert.vegalite_to_svg(chart.to_json())


def _error_chart(content: dict[str, Any]) -> Any:
    import altair as alt

    rows = [
        {"target": r["name"], "error": 100 * r["relative_error"]}
        for r in content["targets"]
        if r["kind"] == "hard" and r["relative_error"] is not None
    ]
    return (
        alt.Chart(alt.Data(values=rows))
        .mark_tick()
        .encode(
            x=alt.X("error:Q", title="relative error, per cent"),
            y=alt.Y("target:N", title=None, sort=None),
        )
        .properties(width=560, title="Hard targets by state")
    )


def _joint_chart(content: dict[str, Any]) -> Any:
    import altair as alt

    rows = [r for r in content["joint"]["cells"] if min(r["survey"], r["population"]) > 1e-5]
    scale = alt.Scale(type="log", domain=[1e-4, 1])
    return (
        alt.Chart(alt.Data(values=rows))
        .mark_circle(size=18, clip=True)
        .encode(
            x=alt.X("survey:Q", scale=scale, title="share in the survey"),
            y=alt.Y("population:Q", scale=scale, title="share in the population"),
            color=alt.Color("check:N", title=None),
        )
        .properties(width=420, height=420, title="Cells of unfitted joint distributions")
    )


def _age_chart(content: dict[str, Any]) -> Any:
    import altair as alt

    wanted = {f"residents_{b}_{s}": (b.replace("_", "-"), s) for b in AGE_BANDS for s in SEXES}
    rows = []
    for name, (band, sex) in wanted.items():
        found = [r for r in content["targets"] if r["name"] == name and r["state"] != "US"]
        rows.append({"age": band, "sex": sex, "millions": sum(r["value"] for r in found) / 1e6})
    return (
        alt.Chart(alt.Data(values=rows))
        .mark_bar()
        .encode(
            x=alt.X("millions:Q"),
            y=alt.Y("age:N", sort=None),
            row=alt.Row("sex:N", title=None),
        )
        .properties(width=480, height=150)
    )
