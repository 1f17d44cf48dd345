"""What the run found: deaths, cover, the exclusion, treatment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from microsim.engine.measures import EXCLUDED_LEAKS, LOSSES
from microsim.report import charts
from microsim.report.answer import OTHER_CAUSES, moves, size_statement
from microsim.report.blocks import Figure, Folded, Note, Paragraph, Section, Table
from microsim.report.context import Context
from microsim.report.formats import Entry, about, interval, more, plain, say, signed, signed_about
from microsim.report.tables import by_year_table, differences_table, entry_cells, entry_heads, with_interval

REASONS = {
    "noncompliant": "Did not meet the work rule",
    "compliant_unverified": "Met it, not proved",
    "excluded_unverified": "Excluded from it, not proved",
    "renewal_procedural": "Renewal paperwork",
    "denied_at_application": "Denied or deterred",
}
LEAKS = {
    "undiagnosed": "No diagnosis, or no claim in 12 months",
    "functional_gate": "Not judged to limit work",
    "recovery": "Recovery of five years or more",
    "programme": "Programme not recognised",
    "unreturned": "Papers not returned",
}
assert set(REASONS) == set(LOSSES) and set(LEAKS) == set(EXCLUDED_LEAKS)

Years = Mapping[str, Mapping[str, Any]]


def line_figure(
    name: str, years: Years, measure: str, title: Any, what: str, *, place: str, axis: str, note: str = ""
) -> Figure:
    """A line of yearly differences of a measure, with its table."""
    largest = max(years, key=lambda year: abs(years[year][measure]["difference"]))
    rows = [
        {
            "year": year,
            "difference": entry["difference"],
            "low": entry["low"],
            "high": entry["high"],
            "label": signed_about(entry["difference"]).shown if year in (largest, list(years)[-1]) else "",
            "tip": f"{year}: {signed(entry['difference']).shown} {what}{plain(interval(entry, signs=True))}",
        }
        for year, entry in ((year, values[measure]) for year, values in years.items())
    ]
    alt = say(
        "Line chart of {what} in {place}, policy less baseline, by year from {first} to {last}. The largest "
        "difference is {most}, in {year}.",
        what=what,
        place=place,
        first=rows[0]["year"],
        last=rows[-1]["year"],
        most=signed(years[largest][measure]["difference"]),
        year=largest,
    )
    banded = all(row["low"] is not None for row in rows)
    caption = (
        "Policy less baseline. "
        + ("The band is the 95% interval." if banded else "One draw: no interval.")
        + (f" {note}" if note else "")
    )
    return Figure(
        name,
        title,
        alt,
        partial(charts.change_by_year, rows, axis=axis),
        (caption,),
        by_year_table(years, measure, f"{what[0].upper()}{what[1:]} by year"),
    )


def deaths(context: Context) -> Section:
    years = context.years
    measure = "opioid_overdose_deaths"
    largest = max(years, key=lambda year: abs(years[year][measure]["difference"]))
    most = years[largest][measure]["difference"]
    headline = (
        say(
            "Opioid overdose deaths are {n} {way} than without the policy in {year}, the year of the largest"
            " difference",
            n=about(most),
            way="higher" if most > 0 else "lower",
            year=largest,
        )
        if most
        else ("Opioid overdose deaths do not differ in any year",)
    )
    every = context.measures["overdose_deaths"]
    return Section(
        "deaths",
        "Overdose deaths",
        [
            line_figure(
                "deaths-by-year",
                years,
                measure,
                headline,
                "opioid overdose deaths",
                place=context.place,
                axis="Deaths a year, difference",
                note="Expected deaths. " + OTHER_CAUSES,
            ),
            Paragraph(
                say(
                    "From {window}, opioid overdose deaths {opioid}{i1} and deaths from any drug {any}{i2}.",
                    window=context.window,
                    opioid=moves(context.measures[measure]["difference"]),
                    i1=interval(context.measures[measure]),
                    any=moves(every["difference"]),
                    i2=interval(every),
                )
            ),
            _both_arms(context),
            Paragraph(size_statement(context)),
            Folded(
                "Deaths from any drug by year",
                [by_year_table(years, "overdose_deaths", "Overdose deaths from any drug by year")],
            ),
            Note((f"Overdose deaths only. {OTHER_CAUSES}",)),
        ],
    )


def _both_arms(context: Context) -> Figure:
    measure, years = "opioid_overdose_deaths", context.years
    names = {"baseline": "Without the policy", "policy": "With the policy"}
    rows = [
        {
            "year": year,
            "arm": arm,
            "value": values[measure][arm],
            "tip": f"{year}, {names[arm].lower()}: {about(values[measure][arm]).shown} deaths",
        }
        for year, values in years.items()
        for arm in names
    ]
    last = list(years)[-1]
    above = years[last][measure]["difference"] >= 0
    ends = [
        {
            "year": last,
            "arm": arm,
            "value": years[last][measure][arm],
            "label": name,
            "above": above == (arm == "policy"),
        }
        for arm, name in names.items()
    ]
    start, stop = (years[year][measure]["baseline"] for year in (next(iter(years)), last))
    return Figure(
        "deaths-to-scale",
        say(
            "Drawn to scale: {a} opioid overdose deaths a year without the policy in {first}, {b} in {last},"
            " and the policy beside it",
            a=about(start),
            first=next(iter(years)),
            b=about(stop),
            last=last,
        ),
        say(
            "Line chart from zero of expected opioid overdose deaths a year under baseline and policy in"
            " {place}. The two lines lie close together.",
            place=context.place,
        ),
        partial(charts.two_lines, rows, ends, axis="Deaths a year"),
        ("The axis starts at zero; the numbers are those of the chart above. " + OTHER_CAUSES,),
    )


def cover(context: Context) -> Section:
    m, years = context.measures, context.years
    losses = m["medicaid_losses"]
    lost = {reason: m[f"medicaid_losses_{reason}"]["difference"] for reason in REASONS}
    most = max(lost, key=lambda reason: lost[reason])
    headline = (
        say(
            "The largest part of the additional losses: {reason}, {n} over the period",
            reason=REASONS[most].lower(),
            n=about(lost[most]),
        )
        if lost[most] > 0
        else ("No reason takes Medicaid from more people than without the policy",)
    )
    rows = [
        {
            "kind": name,
            "year": year,
            **_ends(values[f"medicaid_losses_{reason}"]),
            "tip": f"{name}, {year}: {signed(values[f'medicaid_losses_{reason}']['difference']).shown}",
        }
        for reason, name in REASONS.items()
        for year, values in years.items()
    ]
    by_reason = Figure(
        "losses-by-reason",
        headline,
        say(
            "Five panels of bars, one a reason, showing losses of Medicaid by year in {place}, policy less"
            " baseline, all on one scale.",
            place=context.place,
        ),
        partial(charts.small_multiples, rows, list(REASONS.values())),
        (
            (
                "Losses and denials in the year, policy less baseline, all panels on one scale. A person can"
                " lose cover, or be turned away, more than once."
            ),
        ),
        differences_table(
            years,
            {f"medicaid_losses_{r}": name for r, name in REASONS.items()},
            "Losses of Medicaid by reason and year, policy less baseline",
        ),
    )
    blocks: list[Any] = [
        Paragraph(
            say(
                "Three sizes of loss are easily confused. There are {gross}{i1} of Medicaid, counting each"
                " time a person is dropped or turned away; {ever}{i2} lose it at least once to paperwork or"
                " the work rule; and at the end, in {month}, there are {end}{i3} enrolled. They differ"
                " because people come back, find other cover, or are turned away more than once.",
                gross=more(losses["difference"], "losses"),
                i1=interval(losses),
                ever=more(m["medicaid_persons_ever_lost"]["difference"], "people"),
                i2=interval(m["medicaid_persons_ever_lost"]),
                month=context.end,
                end=more(m["medicaid_enrollees_end"]["difference"], "people"),
                i3=interval(m["medicaid_enrollees_end"]),
            )
        ),
        by_reason,
    ]
    if lost["renewal_procedural"] < 0 and m["medicaid_enrollees_end"]["difference"] < 0:
        blocks.append(
            Paragraph(
                say(
                    "Ordinary renewal losses are {n} fewer: fewer people hold Medicaid, and some of those who"
                    " would have been lost at a renewal are lost to the work rule first.",
                    n=about(lost["renewal_procedural"]),
                )
            )
        )
    blocks.append(
        differences_table(
            years,
            {
                "medicaid_losses": "Losses and denials in the year",
                "medicaid_enrollees_end": "On Medicaid at its end",
                "uninsured_end": "Without insurance at its end",
            },
            "Three sizes of loss by year, policy less baseline",
        )
    )
    return Section("cover", "Who loses Medicaid, and why", blocks)


def _ends(entry: Entry) -> dict[str, Any]:
    return {key: entry[key] for key in ("difference", "low", "high")}


def exclusion(context: Context) -> Section:
    m = context.measures
    entries = {leak: m[f"sud_excluded_losses_{leak}"] for leak in LEAKS}
    order = sorted(LEAKS, key=lambda leak: -entries[leak]["difference"])
    top = entries[order[0]]["difference"]
    headline = (
        say("The widest leak: {leak}, behind {n} losses", leak=LEAKS[order[0]].lower(), n=about(top))
        if top > 0
        else ("No additional losses pass through the exclusion",)
    )
    rows = [_bar(LEAKS[leak], entries[leak], "losses") for leak in order]
    intervals = with_interval(list(entries.values()))
    figure = Figure(
        "exclusion-leaks",
        headline,
        say(
            "Bar chart of losses of Medicaid by people with a substance use disorder or in recovery in"
            " {place}, by the way in which the exclusion failed them.",
            place=context.place,
        ),
        partial(charts.bars, rows),
        (
            f"Losses and denials, {context.window}, policy less baseline."
            + (" Lines are 95% intervals." if intervals else " One draw: no interval."),
        ),
        Table(
            ("Losses of people whom the exclusion did not protect",),
            ("How it failed", *entry_heads(intervals)),
            [(LEAKS[leak], *entry_cells(entries[leak], intervals)) for leak in order],
        ),
    )
    sud, oud = m["sud_medicaid_losses"], m["oud_medicaid_losses"]
    return Section(
        "exclusion",
        "The exclusion for substance use disorder leaks",
        [
            Paragraph(
                say(
                    "The law excludes people with a substance use disorder from the work requirement. Even"
                    " so, those with an active disorder lose Medicaid or are turned away {sud}{i1}, among"
                    " them people with opioid use disorder {oud}{i2}. The leaks below also count people in"
                    " recovery.",
                    sud=more(sud["difference"], "times"),
                    i1=interval(sud),
                    oud=more(oud["difference"], "times"),
                    i2=interval(oud),
                )
            ),
            figure,
        ],
    )


def _bar(name: str, entry: Entry, noun: str) -> dict[str, Any]:
    value = entry["difference"]
    shown = signed_about(value).shown
    return {
        "name": name,
        "value": value,
        "low": entry.get("low"),
        "high": entry.get("high"),
        "label": shown,
        "tip": f"{name}: {shown} {noun}{plain(interval(entry, signs=True))}",
    }


def treatment(context: Context) -> Section:
    m, years = context.measures, context.years
    on, stops = m["moud_end"], m["treatment_exits_coverage"]
    headline = (
        say(
            "{n} people are on medication for opioid use disorder at the end of the period",
            n=more(on["difference"]),
        )
        if on["difference"]
        else ("As many people are on medication at the end as without the policy",)
    )
    return Section(
        "treatment",
        "Medication for opioid use disorder",
        [
            Paragraph(
                say(
                    "From {window}, {stops}{i1} of medication are caused by lost cover. The number of people"
                    " on medication also depends on who starts, who comes back and who dies.",
                    stops=more(stops["difference"], "stops"),
                    i1=interval(stops),
                    window=context.window,
                )
            ),
            line_figure(
                "on-medication",
                years,
                "moud_end",
                headline,
                "people on medication at the end of the year",
                place=context.place,
                axis="People on medication, difference",
            ),
        ],
    )


def rows_of(groups: Sequence[tuple[str, Any]], noun: str) -> list[dict[str, Any]]:
    """Bars from pairs of a name and a reading."""
    return [_bar(name, reading._asdict(), noun) for name, reading in groups]
