"""Where, who and how much money: states, age, sex, race, substance use; spending."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from microsim.experiments import readings
from microsim.experiments.readings import Reading
from microsim.report import charts
from microsim.report.answer import OTHER_CAUSES
from microsim.report.blocks import Figure, Folded, Note, Paragraph, Section, StateChoice, Table
from microsim.report.context import Context
from microsim.report.findings import rows_of
from microsim.report.formats import (
    MINUS,
    Number,
    Text,
    about,
    dollars,
    interval,
    percent,
    plain,
    say,
    signed,
    signed_dollars,
)
from microsim.report.style import STEPS
from microsim.report.tables import by_year_table, ends
from microsim.report.tile_grid import NAMES

AGES = {
    "0_18": "18 and under",
    "19_25": "19 to 25",
    "26_34": "26 to 34",
    "35_44": "35 to 44",
    "45_54": "45 to 54",
    "55_64": "55 to 64",
    "65_up": "65 and over",
}
SEXES = {"female": "Women and girls", "male": "Men and boys"}
RACES = {
    "white": "White",
    "black": "Black",
    "hispanic": "Hispanic, any race",
    "asian": "Asian",
    "aian": "American Indian, Alaska Native",
    "nhpi": "Pacific Islander",
    "other": "Other or several",
}
SUBSTANCE = {
    "oud": "Opioid use disorder",
    "other_sud": "Another disorder",
    "remission": "In recovery",
    "none": "None",
}


def states(context: Context) -> Section:
    shares = {
        code: readings.share_of_baseline(values["medicaid_enrollees_end"])
        for code, values in context.by_state.items()
    }
    known = [share for share in shares.values() if share is not None]
    most = max((abs(share) for share in known), default=0.0) or 1.0
    rows = [
        {
            "state": code,
            "step": _step(share, most),
            "label": _on_tile(share),
            "short": _short(share),
            "tip": f"{NAMES[code]}: {plain(percent(share, sign=True))} people on Medicaid",
        }
        for code, share in shares.items()
    ]
    figure = Figure(
        "states-map",
        _enrollment_headline(known),
        say(
            "Tile map of the states, each tile with its change in people on Medicaid in {month}. The table"
            " below holds the same numbers.",
            month=context.end,
        ),
        partial(charts.tiles, rows, chosen=context.state),
        say(
            "Change in people on Medicaid or the Children's Health Insurance Program in {month}, policy"
            " against baseline; a stronger orange is a larger fall, and blue is a rise. States with no change,"
            " or one that is small beside the largest, stay grey.",
            month=context.end,
        ),
    )
    columns = {
        "medicaid_enrollees_end": "On Medicaid at the end",
        "uninsured_end": "Without insurance at the end",
        "sud_medicaid_losses": "Losses, people with SUD",
        "moud_end": "On medication at the end",
        "opioid_overdose_deaths": "Opioid overdose deaths",
    }
    table = Table(
        ("Every state: policy less baseline over the period; Medicaid also as a share of the baseline",),
        ("State", "Medicaid, change", *columns.values()),
        [
            (
                NAMES[code],
                percent(shares[code], sign=True),
                *(signed(values[name]["difference"]) for name in columns),
            )
            for code, values in context.by_state.items()
        ],
        sortable=True,
        keys=list(context.by_state),
    )
    blocks: list[Any] = [figure]
    size = Number(context.document["records"], f"{context.document['records']:,}")
    few = "rest on few records, so their numbers are noisy and must not be ranked"
    if not context.has_intervals:
        blocks.append(Note(say(f"One draw of {{n}} records: small states {few}.", n=size)))
    else:
        told = f"Of the {{n}} records of the run, small states {few} where intervals are wide."
        blocks.append(Note(say(told, n=size)))
    blocks += [StateChoice([(code, NAMES[code]) for code in context.by_state], context.state), table]
    if context.has_intervals:
        blocks.append(Folded("The 95% interval of every state", [_state_intervals(context, columns)]))
    blocks.append(Note((f"SUD stands for substance use disorder. Overdose deaths only. {OTHER_CAUSES}",)))
    return Section("states", "State by state", blocks)


def _state_intervals(context: Context, columns: Mapping[str, str]) -> Table:
    """Low and high of each measure of the table of states."""
    return Table(
        ("95% intervals of the differences between policy and baseline, by state",),
        ("State", *columns.values()),
        [
            (NAMES[code], *(ends(values[name], signed) for name in columns))
            for code, values in context.by_state.items()
        ],
    )


def _enrollment_headline(shares: Sequence[float]) -> Text:
    """How far enrollment changes, over the states that have any."""
    if not shares:
        return ("Nobody is on Medicaid without the policy",)
    if not any(shares):
        return (f"Medicaid enrollment does not change{' in any state' if len(shares) > 1 else ''}",)
    if len(shares) == 1:
        return say("Medicaid enrollment changes by {one}", one=percent(*shares, sign=True))
    return say(
        "The change in Medicaid enrollment runs from {low} to {high} across the states",
        low=percent(min(shares), sign=True),
        high=percent(max(shares), sign=True),
    )


def _on_tile(share: float | None) -> str:
    """The change as it fits on a tile."""
    shown = plain(percent(share, sign=True))
    return "<0.01%" if shown.startswith("less than") else shown


def _short(share: float | None) -> str:
    """A whole percentage, for a tile on a phone."""
    if share is None:
        return plain(percent(share))
    size = f"{abs(share):.0%}"
    return size if size == "0%" else ("+" if share > 0 else MINUS) + size


def _step(share: float | None, most: float) -> int | str:
    """Tile colour: five equal steps up to the largest change; a rise has a colour of its own, unless it is small."""
    if share is None:
        return 0
    step = min(len(STEPS) - 1, round(abs(share) / most * (len(STEPS) - 1)))
    return "more" if share > 0 and step else step


_WITH_DENIALS = " (with denials)"
"""Marks rows whose losses have denials in: the yearly table of people counts none, the monthly one does."""


def people(context: Context) -> Section:
    result, state = context.result, context.state
    kinds = {
        "Age": (AGES, readings.by_people(result, "age_band", state)),
        "Sex": (SEXES, readings.by_people(result, "sex", state)),
        "Race and ethnicity": (RACES, readings.by_people(result, "race", state)),
        "Substance use": (SUBSTANCE, readings.by_substance_class(result, state)),
    }
    nothing = Reading(0.0, 0.0, 0.0)

    def groups(measure: str) -> dict[str, list[tuple[str, Reading]]]:
        return {
            kind: [
                (name, values[code].get(measure, nothing)) for code, name in names.items() if code in values
            ]
            for kind, (names, values) in kinds.items()
        }

    uninsured, died = groups("uninsured"), groups("opioid_overdose_deaths")
    only_more = all(reading.difference >= 0 for pairs in uninsured.values() for _, reading in pairs)
    whole = readings.of_whole_years(result)
    years = years_of(*readings.annual_window(result))
    month = f"without insurance in an average month of the {'period' if whole else years}"
    figures = [
        _people_figure(
            "people-uninsured",
            uninsured,
            "uninsured",
            "people without insurance",
            "in an average month" if whole else f"in an average month of the {years}",
            f"Additional people {month}." if only_more else f"People {month}, policy less baseline.",
            rise="number of additional people without insurance",
        ),
        _people_figure(
            "people-deaths",
            died,
            "deaths",
            "opioid overdose deaths",
            "over the period" if whole else f"over the {years}",
            "Opioid overdose deaths, policy less baseline. " + OTHER_CAUSES,
        ),
    ]
    lost = groups("losses")
    rows = [
        (
            f"{kind}: {name}{_WITH_DENIALS if kind == 'Substance use' else ''}",
            signed(reading.difference),
            signed(uninsured[kind][i][1].difference),
            signed(died[kind][i][1].difference),
        )
        for kind, pairs in lost.items()
        for i, (name, reading) in enumerate(pairs)
    ]
    table = Table(
        (f"Who is affected: policy less baseline over the {'period' if whole else years}",),
        (
            "Group",
            "Losses of Medicaid",
            "Without insurance, average month",
            "Opioid overdose deaths",
        ),
        rows,
    )
    return Section(
        "people",
        "Who is affected",
        [
            *figures,
            table,
            Note(
                (
                    (
                        "Losses by age, sex, and race and ethnicity leave out denials at application; those by"
                        " substance use, marked so, have them in."
                        " Groups by substance use are where people stand in the month, so a person can pass"
                        " from one to another. People in small groups are few in the simulation too. No"
                        " interval is computed for groups of people."
                    ),
                )
            ),
            *(() if whole else (Note((_other_months(years, context.window),)),)),
        ],
    )


def years_of(first: str, last: str) -> str:
    """Calendar years in words: "calendar year 2026", "calendar years 2026 to 2028"."""
    one = first[:4] == last[:4]
    return f"calendar year {first[:4]}" if one else f"calendar years {first[:4]} to {last[:4]}"


def _other_months(years: str, window: str) -> str:
    return (
        f"Age, sex, race and ethnicity are counted by calendar year, so those groups are of the whole {years} and"
        f" do not add up to the numbers of the period. Groups by substance use are of the period, {window}."
    )


def _people_figure(
    name: str, groups: dict[str, Any], noun: str, what: str, when: str, caption: str, *, rise: str = ""
) -> Figure:
    """Bars of `what` by group; `rise` is what a largest change that is a rise is called."""
    who, reading = max(groups["Age"], key=lambda pair: abs(pair[1].difference))
    title = (
        say(
            "By age, the largest {change} is among people aged {who}: {n} {when}",
            change=rise if rise and reading.difference > 0 else f"change in {what}",
            who=who,
            n=counted(reading.difference),
            when=when,
        )
        if reading.difference
        else (f"No age group differs in {what}",)
    )
    bars = {
        kind: [{**row, "name": row["name"].replace(", Alaska", ",\nAlaska")} for row in rows_of(pairs, noun)]
        for kind, pairs in groups.items()
    }
    alt = (
        "Bar charts by age, sex, race and ethnicity, and substance use, on one scale. The table below holds"
        " the numbers."
    )
    return Figure(name, title, (alt,), partial(charts.grouped_bars, bars), (caption,))


def counted(value: float) -> Number:
    """Rounded, with the sign spelt by `fewer` or `more` in words."""
    return about(value)._replace(shown=f"{about(value).shown} {'more' if value > 0 else 'fewer'}")


def money(context: Context) -> Section:
    m = context.measures
    payers = {"federal_outlays_usd": "Federal", "state_outlays_usd": "State"}
    blocks: list[Any] = []
    if not set(payers) <= set(m):
        blocks.append(Note(("This result carries no spending.",)))
        return Section("money", "Money", blocks)
    federal, state = (m[name] for name in payers)
    blocks.append(
        Paragraph(
            say(
                "{span}, federal spending {fed}{i1} and state spending {state}{i2}.",
                span=context.span,
                fed=_spends(federal["difference"]),
                i1=interval(federal, dollars),
                state=_spends(state["difference"]),
                i2=interval(state, dollars),
            )
        )
    )
    years = context.years
    if all(set(payers) <= set(values) for values in years.values()):
        rows = [
            {
                "kind": name,
                "year": year,
                **{key: values[payer][key] for key in ("difference", "low", "high")},
                "tip": f"{name}, {context.named(year)}: {signed_dollars(values[payer]['difference']).shown}",
            }
            for payer, name in payers.items()
            for year, values in years.items()
        ]
        blocks.append(
            Figure(
                "money-by-year",
                say(
                    "Federal spending {fed} and state spending {state} over the period",
                    fed=_spends(federal["difference"]),
                    state=_spends(state["difference"]),
                ),
                (
                    (
                        "Two panels of bars by year, federal and state spending, policy less baseline, on one"
                        " scale."
                    ),
                ),
                partial(charts.small_multiples, rows, list(payers.values()), money=True),
                ("Dollars a year, policy less baseline.",),
                by_year_table(years, "federal_outlays_usd", "Federal spending by year", context.named, money=True),
            )
        )
        blocks.append(by_year_table(years, "state_outlays_usd", "State spending by year", context.named, money=True))
    blocks += _detail(context)
    saved = federal["difference"] + state["difference"] < 0
    blocks.append(
        Note(
            (
                f"{'Saved spending is not a gain' if saved else 'Public spending is not the whole cost'} to"
                " society: care that is not paid for here is paid by hospitals, by families, or not given.",
            )
        )
    )
    return Section("money", "Money", blocks)


def _spends(value: float) -> Any:
    if value == 0:
        return ("does not change",)
    return (f"{'rises' if value > 0 else 'falls'} by ", dollars(value))


_COMPONENTS = {
    "benefits_adult_group": "Medicaid benefits, adult group",
    "benefits_waiver_adult": "Medicaid benefits, adults of waivers",
    "benefits_other_adult": "Medicaid benefits, other adults",
    "benefits_disabled": "Medicaid benefits, people with a disability",
    "benefits_child": "Medicaid benefits, children",
    "benefits_dual_aged": "Medicaid benefits, also on Medicare, 65 and over",
    "benefits_dual_younger": "Medicaid benefits, also on Medicare, under 65",
    "systems": "Systems, building",
    "systems_running": "Systems, running",
    "overdose_medicaid": "Overdose care, Medicaid",
    "overdose_medicare": "Overdose care, Medicare",
    "overdose_uninsured": "Overdose care, people without insurance",
    "overdose_insured": "Overdose care, other insurance",
}
"""Components of spending that need more words than their name."""


def _detail(context: Context) -> list[Any]:
    """Spending by component, when what `microsim budget --json` prints lies beside the summary."""
    if context.state is not None:
        return []
    part = context.optional("budget")
    table = part.get("tables", {}).get("by_component") if isinstance(part, Mapping) else None
    if table is None:
        return [
            Paragraph(
                (
                    "Spending by component, by state and by fiscal year is not in this result:"
                    " `microsim budget` prints it, and `microsim budget DIR --json > DIR/budget.json` puts it"
                    " beside the summary for this page.",
                )
            )
        ]
    held = [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]
    payers = {"federal": "Federal", "state": "State", "total": "Federal and state", "others": "Others"}
    rows = [row for row in held if any(row[f"difference_{payer}_usd"] for payer in payers)]
    if not rows:
        return [Paragraph(("No component of spending changes.",))]
    return [
        Table(
            ("Change in spending over the period by component, policy less baseline",),
            ("Component", *payers.values()),
            [
                (
                    _COMPONENTS.get(row["component"], row["component"].replace("_", " ").capitalize()),
                    *(signed_dollars(row[f"difference_{payer}_usd"]) for payer in payers),
                )
                for row in rows
            ],
        ),
        Note(
            (
                "Others are hospitals, physicians, patients and private insurers."
                " Components that do not change are left out.",
            )
        ),
    ]
