"""Pages of the site that come from the code: commands, measures, limitations; and equations as MathML."""

from __future__ import annotations

import inspect
import tomllib
from pathlib import Path
from typing import Any

import click
from latex2mathml.converter import convert

ROOT = Path(__file__).resolve().parents[1]


def commands() -> str:
    """What `--help` of every command says."""
    from microsim.cli.main import main

    lines = ["# Commands", "", "What `microsim COMMAND --help` prints.", ""]
    context = click.Context(main, info_name="microsim", max_content_width=80)
    for name in main.list_commands(context):
        lines += [f"## {name}", ""]
        command = main.get_command(context, name)
        assert command is not None
        lines += _help(command, context, name)
        if isinstance(command, click.Group):
            inside = click.Context(command, info_name=name, parent=context)
            for inner in command.list_commands(inside):
                one = command.get_command(inside, inner)
                assert one is not None
                lines += [f"### {name} {inner}", "", *_help(one, inside, inner)]
    return "\n".join(lines)


def _help(command: click.Command, parent: click.Context, name: str) -> list[str]:
    context = click.Context(command, info_name=name, parent=parent, max_content_width=80)
    return ["```text", inspect.cleandoc(command.get_help(context)), "```", ""]


def measures() -> str:
    """Every measure of `summary.json`, and the columns of the tables."""
    from microsim.engine.measures import BY_NAME
    from microsim.report.labels import label_of

    lines = ["# Measures", "", "The names in `summary.json` and in `Result.summary()`.", ""]
    lines += ["| name | what it is | unit |", "|---|---|---|"]
    lines += [f"| `{name}` | {one.label} | {one.unit} |" for name, one in BY_NAME.items()]
    others = (("naloxone_kits", "kits"), ("federal_outlays_usd", "usd"), ("state_outlays_usd", "usd"))
    lines += [f"| `{name}` | {label_of(name)} | {unit} |" for name, unit in others]
    return "\n".join(lines) + "\n" + tables()


_YEARLY = {
    "person_months": "months lived",
    "medicaid_months": "months on Medicaid or CHIP",
    "adult_group_months": "months in the adult group of the expansion",
    "uninsured_months": "months without insurance",
    "oud_months": "months with opioid use disorder, treated or not",
    "moud_months": "months on medication for opioid use disorder",
    "losses": "ends of Medicaid by the work rule or by renewal paperwork. **Not** the `medicaid_losses` of the "
              "summary, the table's \"losses of Medicaid, gross\": people denied or deterred on applying are not in it",
    "treatment_exits_coverage": "stops of medication caused by lost cover",
    "overdoses": "opioid overdoses, fatal ones among them, expected",
    "opioid_overdose_deaths": "opioid overdose deaths, expected",
    "nonopioid_overdose_deaths": "overdose deaths without an opioid, expected",
    "deaths_other": "deaths from other causes, expected",
}
"""Columns of `annual.csv`; its keys stand apart."""
_MONTHLY = {
    "persons": "people in the month",
    "overdoses": "opioid overdoses, fatal ones among them, expected",
    "opioid_overdose_deaths": "opioid overdose deaths, expected",
    "nonopioid_overdose_deaths": "overdose deaths without an opioid, expected",
    "deaths_other": "deaths from other causes, expected",
    "loss_...": "ends of Medicaid, and applications turned away, by reason. The summary's `medicaid_losses` is the "
                "sum of `loss_noncompliant`, `loss_compliant_unverified`, `loss_excluded_unverified`, "
                "`loss_renewal_procedural`, `loss_denied_at_application` and `loss_deterred`; the others are ordinary "
                "exits",
    "leak_...": "losses by people whom the exclusion for substance use disorders should have kept, by how it failed",
    "ever_lost": "people who lost Medicaid for the first time, by paperwork or the work rule",
    "entered": "people who came on Medicaid",
    "renewals": "renewals decided",
    "renewed_ex_parte": "renewals from data, without an answer",
    "checks": "checks of the work rule",
    "cleared_from_data": "checks that data answered",
    "notices": "notices that a check sent",
    "failed_checks": "checks that were not met",
    "applications": "applications for Medicaid",
    "application_checks": "checks of the work rule on applying",
    "application_cleared": "checks on applying that data answered",
    "reconsiderations": "missing papers that came in time to be decided without a new application",
    "hearings": "hearings asked for",
    "hearings_reversed": "hearings won",
    "treatment_starts": "starts of treatment for opioid use disorder",
    "treatment_exits": "ends of treatment",
    "treatment_exits_coverage": "stops of medication caused by lost cover",
    "births": "births",
    "realised_...": "the same events as drawn by luck: noisier than the expected ones",
    "overdoses_treated": "realised overdoses that were treated",
}
"""Values of `measure` in `monthly.parquet`; `...` stands for an ending."""


def tables() -> str:
    """What the columns of a result's tables hold."""
    from microsim.engine.results import ANNUAL_KEYS, MONTHLY_KEYS
    from microsim.engine.tallies import CELL, COUNTS, YEAR

    endings = tuple(name.removesuffix("...") for name in _MONTHLY if name.endswith("..."))
    plain = {name for name in (*CELL, *COUNTS) if not name.startswith(endings)}
    assert set(_YEARLY) == set(YEAR) and plain == {name for name in _MONTHLY if not name.endswith("...")}
    lines = ["", "## Columns of annual.csv", ""]
    lines += [f"One row for each arm, {_listed(ANNUAL_KEYS)}, over the whole calendar years that the window touches. "
              "Cells without anybody are absent. Months and events are in persons.", ""]  # fmt: skip
    lines += ["| column | what it is |", "|---|---|"]
    lines += [f"| `{name}` | {what} |" for name, what in _YEARLY.items()]
    lines += ["", "## Measures of monthly.parquet", ""]
    lines += [f"One row for each arm, {_listed(MONTHLY_KEYS)} and `measure`, with its `value`. `sud_class` is where "
              "people stand in the month. Only the first five measures are kept by `cover`; for all others it reads "
              "`all`. Cells without anybody are absent.", ""]  # fmt: skip
    lines += ["| measure | what it is |", "|---|---|"]
    lines += [f"| `{name}` | {what} |" for name, what in _MONTHLY.items()]
    return "\n".join(lines) + "\n"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def limitations() -> str:
    """What a brief says the model leaves out."""
    from microsim.report.texts import text

    lines = [
        "# Limitations",
        "",
        "Every brief says these.",
        "",
        *(f"- {sentence}" for sentence in text("limits")),
    ]
    law = text("law")
    lines += ["", "## What changed in law", "", f"Law and evidence were read up to {law['read_until']}.", ""]
    lines += [f"- {event['date']}: {event['text']}" for event in law["events"]]
    return "\n".join([*lines, "", law["open"], ""])


def write(folder: Path) -> None:
    """Write the generated pages; one that is already right keeps its date and is not built again."""
    folder.mkdir(exist_ok=True)
    for name, body in (("commands", commands()), ("measures", measures()), ("limitations", limitations())):
        path = folder / f"{name}.md"
        if not path.is_file() or path.read_text(encoding="utf-8") != body:
            path.write_text(body, encoding="utf-8")


def _inline(writer: Any, node: Any) -> None:
    _equation(writer, node.astext(), "inline")


def _block(writer: Any, node: Any) -> None:
    _equation(writer, node.astext(), "block")


def _equation(writer: Any, tex: str, display: str) -> None:
    from docutils.nodes import SkipNode

    writer.body.append(convert(tex, display=display))
    raise SkipNode


def setup(app: Any) -> dict[str, Any]:
    """Equations need no script and no font from elsewhere."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    return {"version": version, "parallel_read_safe": True, "parallel_write_safe": True}
