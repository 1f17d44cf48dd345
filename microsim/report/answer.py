"""The head of a brief: the answer in three sentences, what to beware of, and facts on the run."""

from __future__ import annotations

from collections.abc import Mapping

from microsim.engine.measures import EXCLUDED_LEAKS
from microsim.experiments import readings
from microsim.report.beside import control_of, rows_of
from microsim.report.context import Context
from microsim.report.formats import (
    Entry,
    Text,
    about,
    exact,
    interval,
    more_of,
    percent,
    ratio_interval,
    say,
    small,
    unmoved,
)

OTHER_CAUSES = (
    "Deaths from other causes are not in this number; the model counts those that follow from treatment lost or "
    "gained, and no others that a loss of cover may bring."
)


def title(context: Context) -> str:
    return (
        f"What {context.document['policy']} means for people with substance use disorder in {context.place}"
    )


def question(context: Context) -> Text:
    return (
        (
            f"The policy: {context.policy_label}. It is compared with the same people under:"
            f" {context.baseline_label}."
        ),
    )


def sentences(context: Context) -> list[Text]:
    """Cover, treatment and overdose, each with its interval when the result has one."""
    m = context.measures
    if all(unmoved(entry) for entry in m.values()):
        return [("The two arms are equal in every measure: nothing in this place differs between them.",)]
    uninsured, enrolled = m["uninsured_end"], m["medicaid_enrollees_end"]
    sud, stops, on = m["sud_medicaid_losses"], m["treatment_exits_coverage"], m["moud_end"]
    deaths, overdoses = m["opioid_overdose_deaths"], m["overdoses_nonfatal"]
    return [
        say(
            "In {month}, {uninsured}{i1} would be without health insurance, and {enrolled}{i2} would be on"
            " Medicaid or the Children's Health Insurance Program.",
            month=context.end,
            uninsured=more_of(uninsured, "people"),
            i1=interval(uninsured),
            enrolled=more_of(enrolled, "people"),
            i2=interval(enrolled),
        ),
        say(
            "{span}, people with a substance use disorder would lose Medicaid or be turned away"
            " {sud}{i1}{although}; {stops}{i2} of medication for opioid use disorder would be caused by lost"
            " cover, and {on}{i3} would be on medication at the end.",
            span=context.span,
            sud=more_of(sud, "times"),
            i1=interval(sud),
            although=", although the law excludes many of them from the work requirement"
            if leaks_more(m)
            else "",
            stops=more_of(stops, "stops"),
            i2=interval(stops),
            on=more_of(on, "people"),
            i3=interval(on),
        ),
        say(
            "Expected opioid overdose deaths {deaths}{i1}{beside}; nonfatal opioid overdoses"
            " {overdoses}{i2}{undone}.",
            deaths=moves(deaths),
            i1=interval(deaths),
            beside=_beside(deaths),
            overdoses=moves(overdoses),
            i2=interval(overdoses),
            undone=_undone(context),
        ),
    ]


def leaks_more(measures: Mapping[str, Entry]) -> bool:
    """Whether people with a disorder lose cover more often, and more of it although the law excludes them."""
    leaks = sum(measures[f"sud_excluded_losses_{leak}"]["difference"] for leak in EXCLUDED_LEAKS)
    return bool(measures["sud_medicaid_losses"]["difference"] > 0 and leaks > 0)


def _beside(entry: Entry) -> Text:
    """A change beside what is expected without the policy."""
    share = readings.share_of_baseline(entry)
    if share is None:
        return (", where none are expected without the policy",)
    base = about(entry["baseline"])
    if not share:
        return say(" from the {base} expected without the policy", base=base)
    return say(
        ", which is {share} of the {base} expected without the policy", share=percent(abs(share)), base=base
    )


def _undone(context: Context) -> Text:
    """The deaths added beside those that supply control avoids, where the result carries the offset of the nation."""
    rows = rows_of(context.optional("offset")) if context.state is None else []
    ratio = rows[0]["ratio"] if rows else None
    if not ratio or ratio.get("low") is None or (ratio["central"] or 0) <= 0:
        return ()
    return say(
        "; for each death that {control} avoids, the policy adds {ratio}{ends}",
        control=control_of(rows[0]),
        ratio=small(ratio["central"]),
        ends=ratio_interval(ratio),
    )


def moves(entry: Entry) -> Text:
    """`rise by 2,700`, `fall by 12` or `do not change`."""
    difference = entry["difference"]
    if difference == 0:
        return ("do not change" if unmoved(entry) else "do not change at central values",)
    return (f"{'rise' if difference > 0 else 'fall'} by ", about(difference))


def cautions(context: Context) -> list[Text]:
    """What a reader must know before quoting the answer."""
    found: list[Text] = []
    if not context.has_intervals:
        found.append(
            (
                (
                    "One draw: no interval. This run used a single set of parameter values and of luck, so"
                    " nothing here says how far the truth may lie from these numbers; more draws do."
                ),
            )
        )
    else:
        found += _rough(context)
    found.append(("These are overdose deaths only. " + OTHER_CAUSES,))
    found.append(size_statement(context))
    found.append(("Nobody in this brief is real: the people are synthetic, built from published totals.",))
    return found


SHOWN = (
    "uninsured_end",
    "medicaid_enrollees_end",
    "sud_medicaid_losses",
    "treatment_exits_coverage",
    "moud_end",
    "opioid_overdose_deaths",
    "overdoses_nonfatal",
)
"""Measures of the three sentences."""
FEW_DRAWS = 20
"""An interval from fewer draws rests on its two outermost ones."""


def _rough(context: Context) -> list[Text]:
    """What to beware of in intervals: few draws, and numbers that lie outside their own interval."""
    found: list[Text] = []
    draws = context.document["draws"]
    if draws < FEW_DRAWS:
        found.append(
            say(
                "The intervals rest on {n} draws: their ends are the outermost of these and would move in"
                " other draws.",
                n=exact(draws),
            )
        )
    outside = [name for name in SHOWN if _is_outside(context.measures[name])]
    if outside:
        found.append(
            say(
                "{n} of the numbers above lie outside their own interval: most draws give another answer than"
                " the central parameters do. Quote the interval there, not the number.",
                n=exact(len(outside)),
            )
        )
    return found


def _is_outside(entry: Entry) -> bool:
    low, high = entry["low"], entry["high"]
    return low is not None and high is not None and not low <= entry["difference"] <= high


def size_statement(context: Context) -> Text:
    """How large the difference in deaths is beside the deaths themselves."""
    entry = context.measures["opioid_overdose_deaths"]
    whole = context.whole_years
    hidden = bool(whole) and readings.lost_in_the_noise(whole, "opioid_overdose_deaths")
    judge = (
        "Judge the model on cover, time on medication and starts of treatment, which can be checked, rather"
        " than on deaths."
    )
    if not entry["difference"]:
        return (f"Opioid overdose deaths do not change over the period. {judge}",)
    share = readings.share_of_baseline(entry)
    size = (
        ("No opioid overdose deaths are expected without the policy.",)
        if share is None
        else say("The change is {share} of opioid overdose deaths.", share=percent(abs(share)))
    )
    known = (
        "In no year is the difference as large as the largest change that the baseline itself makes from one"
        " year to the next: counts of deaths alone could not show it. It is visible here because both arms"
        " are the same people with the same luck. "
        if hidden
        else (
            "Both arms are the same people with the same luck, so the difference is caused by the policy"
            " alone. "
        )
    )
    return say("{size} {known}{judge}", size=size, known=known, judge=judge)


def _people(context: Context) -> Text:
    """Records of the place; of the whole run where the result does not say how many are the state's."""
    every, own = exact(context.document["records"]), context.records
    if context.state is None:
        return say("{n} weighted records", n=every)
    if own is None:
        return say("{n} weighted records in the whole run, of which the state has a part", n=every)
    return say("{own} weighted records in the state, of {n} in the whole run", own=exact(own), n=every)


def facts(context: Context) -> list[tuple[str, Text]]:
    document = context.document
    return [
        ("Policy", (document["policy"],)),
        ("Compared with", (document["baseline"],)),
        ("Period", (context.window,)),
        ("Place", (context.place[0].upper() + context.place[1:],)),
        ("People simulated", _people(context)),
        (
            "Draws",
            say(
                "{n}{none}", n=exact(document["draws"]), none="" if context.has_intervals else ", no interval"
            ),
        ),
        ("Run", (context.result.run,)),
    ]
