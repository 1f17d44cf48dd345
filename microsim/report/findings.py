"""What the run found: deaths, cover, the exclusion, treatment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from microsim.engine.measures import EXCLUDED_LEAKS, LOSSES
from microsim.experiments.readings import largest_part
from microsim.report import charts
from microsim.report.answer import OTHER_CAUSES, leaks_more, moves, size_statement
from microsim.report.blocks import Figure, Folded, Note, Paragraph, Section, Table
from microsim.report.context import Context
from microsim.report.formats import (
    Entry,
    Text,
    about,
    interval,
    more,
    more_of,
    plain,
    say,
    signed,
    signed_about,
    unmoved,
)
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
    "programme": "Program not recognized",
    "unreturned": "Papers not returned",
}
WORK_RULE = ("noncompliant", "compliant_unverified", "excluded_unverified")
"""Reasons that are the work requirement's"""
assert set(REASONS) == set(LOSSES) and set(LEAKS) == set(EXCLUDED_LEAKS)

Years = Mapping[str, Mapping[str, Any]]


def line_figure(
    name: str,
    years: Years,
    measure: str,
    title: Any,
    what: str,
    *,
    place: str,
    axis: str,
    draws: int,
    named: Callable[[str], str],
    note: str = "",
) -> Figure:
    """A line of yearly differences of a measure, with its table; `draws` of the run, `named` a year in words."""
    largest = max(years, key=lambda year: abs(years[year][measure]["difference"]))
    most = years[largest][measure]["difference"]
    rows = [
        {
            "year": year,
            "difference": entry["difference"],
            "low": entry["low"],
            "high": entry["high"],
            "label": signed_about(entry["difference"]).shown if year in (largest, list(years)[-1]) else "",
            "tip": f"{named(year)}: {signed(entry['difference']).shown} {what}{plain(interval(entry, signs=True))}",
        }
        for year, entry in ((year, values[measure]) for year, values in years.items())
    ]
    alt = say(
        "Line chart of {what} in {place}, policy less baseline, by year from {first} to {last}. {largest}.",
        what=what,
        place=place,
        first=rows[0]["year"],
        last=rows[-1]["year"],
        largest=say("The largest difference is {most}, in {year}", most=signed(most), year=named(largest))
        if most
        else "No year differs",
    )
    banded = all(row["low"] is not None for row in rows)
    none = "One draw: no interval." if draws == 1 else "No interval is computed by year and state."
    caption = (
        "Policy less baseline. "
        + ("The band is the 95% interval." if banded else none)
        + (f" {note}" if note else "")
    )
    return Figure(
        name,
        title,
        alt,
        partial(charts.change_by_year, rows, axis=axis),
        (caption,),
        by_year_table(years, measure, f"{what[0].upper()}{what[1:]} by year", named),
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
            year=context.named(largest),
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
                draws=context.document["draws"],
                named=context.named,
                note="Expected deaths. " + OTHER_CAUSES,
            ),
            Paragraph(
                say(
                    "{span}, opioid overdose deaths {opioid}{i1} and deaths from any drug {any}{i2}.",
                    span=context.span,
                    opioid=moves(context.measures[measure]),
                    i1=interval(context.measures[measure]),
                    any=moves(every),
                    i2=interval(every),
                )
            ),
            _both_arms(context),
            Paragraph(size_statement(context)),
            Folded(
                "Deaths from any drug by year",
                [by_year_table(years, "overdose_deaths", "Overdose deaths from any drug by year", context.named)],
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
            "tip": f"{context.named(year)}, {names[arm].lower()}: {about(values[measure][arm]).shown} deaths",
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
    whole = context.whole_years
    first, final = (list(whole or years)[place] for place in (0, -1))
    return Figure(
        "deaths-to-scale",
        say(
            "Drawn to scale: {a} opioid overdose deaths{rate} without the policy in {first}{end}, and the"
            " policy beside it",
            a=about(years[first][measure]["baseline"]),
            rate=" a year" if whole else "",
            first=context.named(first),
            end=say(", {b} in {last}", b=about(years[final][measure]["baseline"]), last=context.named(final))
            if final != first
            else (),
        ),
        say(
            "Line chart from zero of expected opioid overdose deaths a year under baseline and policy in"
            " {place}.{near}",
            place=context.place,
            near=_nearness([values[measure] for values in years.values()]),
        ),
        partial(charts.two_lines, rows, ends, axis="Deaths a year"),
        ("The axis starts at zero; the numbers are those of the chart above. " + OTHER_CAUSES,),
    )


_CLOSE = 0.05
"""Lines closer than this share of the baseline lie close together"""


def _nearness(entries: Sequence[Entry]) -> str:
    """How the lines of both arms lie, where that can be said in a word."""
    if not any(entry["difference"] for entry in entries):
        return " The two lines are one."
    close = all(abs(entry["difference"]) <= _CLOSE * entry["baseline"] for entry in entries)
    return " The two lines lie close together." if close else ""


def cover(context: Context) -> Section:
    m, years = context.measures, context.years
    losses = m["medicaid_losses"]
    lost = {reason: m[f"medicaid_losses_{reason}"]["difference"] for reason in REASONS}
    most = largest_part(lost, losses["difference"])
    if most is not None:
        headline = say(
            "The largest part of the {way} losses: {reason}, {n} over the period",
            way="additional" if lost[most] > 0 else "avoided",
            reason=REASONS[most].lower(),
            n=about(lost[most]),
        )
    elif any(lost.values()):
        headline = ("As many losses as without the policy, for other reasons",)
    else:
        headline = ("No reason takes Medicaid from more people than without the policy",)
    rows = [
        {
            "kind": name,
            "year": year,
            **_ends(values[f"medicaid_losses_{reason}"]),
            "tip": f"{name}, {context.named(year)}: {signed(values[f'medicaid_losses_{reason}']['difference']).shown}",
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
            context.named,
        ),
    )
    blocks: list[Any] = [Paragraph(_three_sizes(context)), by_reason]
    to_the_rule = sum(lost[reason] for reason in WORK_RULE)
    fewer_hold = m["medicaid_enrollees_end"]["difference"] < 0
    if lost["renewal_procedural"] < 0 and fewer_hold and to_the_rule > 0:
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
            context.named,
        )
    )
    return Section("cover", "Who loses Medicaid, and why", blocks)


def _three_sizes(context: Context) -> Text:
    """Losses, people who ever lose Medicaid and people on it at the end, told apart."""
    names = ("medicaid_losses", "medicaid_persons_ever_lost", "medicaid_enrollees_end")
    losses, ever, end = (context.measures[name] for name in names)
    if all(unmoved(entry) for entry in (losses, ever, end)):
        return (
            "Losses of Medicaid, people who ever lose it and people on it are as many as without the policy.",
        )
    return say(
        "Three sizes of loss are easily confused. There are {gross}{i1} of Medicaid, counting each"
        " time a person is dropped or turned away; {ever}{i2} lose it at least once to paperwork or"
        " the work rule; and at the end, in {month}, there are {end}{i3} enrolled. They differ"
        " because people come back, find other cover, or are turned away more than once.",
        gross=more_of(losses, "losses"),
        i1=interval(losses),
        ever=more_of(ever, "people"),
        i2=interval(ever),
        month=context.end,
        end=more_of(end, "people"),
        i3=interval(end),
    )


def _ends(entry: Entry) -> dict[str, Any]:
    return {key: entry[key] for key in ("difference", "low", "high")}


def exclusion(context: Context) -> Section:
    m = context.measures
    entries = {leak: m[f"sud_excluded_losses_{leak}"] for leak in LEAKS}
    order = sorted(LEAKS, key=lambda leak: -entries[leak]["difference"])
    rows = [_bar(LEAKS[leak], entries[leak], "losses") for leak in order]
    intervals = with_interval(list(entries.values()))
    figure = Figure(
        "exclusion-leaks",
        _leak_headline({leak: entries[leak]["difference"] for leak in order}),
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
    open_ones = any(entry["policy"] > 0 for entry in entries.values())
    return Section(
        "exclusion",
        f"The exclusion for substance use disorder{' leaks' if open_ones else ''}",
        [
            Paragraph(
                say(
                    "The law excludes people with a substance use disorder from the work requirement. {even}"
                    " those with an active disorder lose Medicaid or are turned away {sud}{i1}{joined} people"
                    " with opioid use disorder {oud}{i2}. The leaks below also count people in recovery.",
                    even="Even so," if leaks_more(m) else "Against the baseline,",
                    sud=more_of(sud, "times"),
                    i1=interval(sud),
                    joined=", among them" if sud["difference"] * oud["difference"] > 0 else ", and",
                    oud=more_of(oud, "times"),
                    i2=interval(oud),
                )
            ),
            figure,
        ],
    )


def _leak_headline(changes: Mapping[str, float]) -> Text:
    """What the leaks show; `changes` go from the largest rise to the largest fall."""
    widens, *_, narrows = changes
    rise, fall = changes[widens], changes[narrows]
    if rise > 0 and fall < 0:
        return say(
            "Some leaks widen and others narrow: {up}, {n}; {down}, {m}",
            up=LEAKS[widens].lower(),
            n=more(rise, "losses"),
            down=LEAKS[narrows].lower(),
            m=more(fall, "losses"),
        )
    if rise > 0:
        return say("The widest leak: {leak}, behind {n} losses", leak=LEAKS[widens].lower(), n=about(rise))
    if fall < 0:
        narrowed = more(fall, "losses")
        return say("The leak that narrows most: {leak}, {n}", leak=LEAKS[narrows].lower(), n=narrowed)
    return ("No additional losses pass through the exclusion",)


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
                    "{span}, {stops}{i1} of medication are caused by lost cover. The number of people"
                    " on medication also depends on who starts, who comes back and who dies.",
                    stops=more_of(stops, "stops"),
                    i1=interval(stops),
                    span=context.span,
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
                draws=context.document["draws"],
                named=context.named,
            ),
        ],
    )


def rows_of(groups: Sequence[tuple[str, Any]], noun: str) -> list[dict[str, Any]]:
    """Bars from pairs of a name and a reading."""
    return [_bar(name, reading._asdict(), noun) for name, reading in groups]
