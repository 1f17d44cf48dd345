"""The head of a brief: the answer in three sentences, what to beware of, and facts on the run."""

from __future__ import annotations

from microsim.experiments import readings
from microsim.report.beside import control_of, rows_of
from microsim.report.context import Context
from microsim.report.formats import Entry, Number, Text, about, exact, interval, more, percent, say, small

OTHER_CAUSES = "Deaths from other causes that may follow a loss of cover are not in this number."


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
    if not any(entry["difference"] for entry in m.values()):
        return [("The two arms are equal in every measure: nothing in this place differs between them.",)]
    uninsured, enrolled = m["uninsured_end"], m["medicaid_enrollees_end"]
    sud, stops, on = m["sud_medicaid_losses"], m["treatment_exits_coverage"], m["moud_end"]
    deaths, overdoses = m["opioid_overdose_deaths"], m["overdoses_nonfatal"]
    return [
        say(
            "In {month}, {uninsured}{i1} would be without health insurance, and {enrolled}{i2} would be on"
            " Medicaid or the Children's Health Insurance Program.",
            month=context.end,
            uninsured=more(uninsured["difference"], "people"),
            i1=interval(uninsured),
            enrolled=more(enrolled["difference"], "people"),
            i2=interval(enrolled),
        ),
        say(
            "From {window}, people with a substance use disorder would lose Medicaid or be turned away"
            " {sud}{i1}, although the law excludes many of them from the work requirement; {stops}{i2} of"
            " medication for opioid use disorder would be caused by lost cover, and {on}{i3} would be on"
            " medication at the end.",
            window=context.window,
            sud=more(sud["difference"], "times"),
            i1=interval(sud),
            stops=more(stops["difference"], "stops"),
            i2=interval(stops),
            on=more(on["difference"], "people"),
            i3=interval(on),
        ),
        say(
            "Expected opioid overdose deaths {deaths}{i1}, which is {share} of the {base} expected without"
            " the policy; nonfatal opioid overdoses {overdoses}{i2}{undone}.",
            deaths=moves(deaths["difference"]),
            i1=interval(deaths),
            share=_size(deaths),
            base=about(deaths["baseline"]),
            overdoses=moves(overdoses["difference"]),
            i2=interval(overdoses),
            undone=_undone(context),
        ),
    ]


def _undone(context: Context) -> Text:
    """The deaths added beside those that supply control avoids, where the result carries the offset of the nation."""
    rows = rows_of(context.optional("offset")) if context.state is None else []
    ratio = rows[0]["ratio"] if rows else None
    if not ratio or ratio["low"] is None or (ratio["central"] or 0) <= 0:
        return ()
    high = ratio["high"]
    return say(
        "; for each death that {control} avoids, the policy adds {ratio} (95% interval {low} {ends})",
        control=control_of(rows[0]),
        ratio=small(ratio["central"]),
        low=small(ratio["low"]),
        ends=("or more, without an upper end",) if high is None else say("to {high}", high=small(high)),
    )


def moves(difference: float) -> Text:
    """`rise by 2,700`, `fall by 12` or `do not change`."""
    if difference == 0:
        return ("do not change",)
    return (f"{'rise' if difference > 0 else 'fall'} by ", about(difference))


def _size(entry: Entry) -> Number | str:
    share = readings.share_of_baseline(entry)
    return percent(None if share is None else abs(share))


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
    hidden = readings.lost_in_the_noise(context.years, "opioid_overdose_deaths")
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
    return say(
        "The change is {share} of opioid overdose deaths. {known}Judge the model on cover, time on medication"
        " and starts of treatment, which can be checked, rather than on deaths.",
        share=_size(entry),
        known=known,
    )


def facts(context: Context) -> list[tuple[str, Text]]:
    document = context.document
    return [
        ("Policy", (document["policy"],)),
        ("Compared with", (document["baseline"],)),
        ("Period", (context.window,)),
        ("Place", (context.place[0].upper() + context.place[1:],)),
        ("People simulated", say("{n} weighted records", n=exact(document["records"]))),
        (
            "Draws",
            say(
                "{n}{none}", n=exact(document["draws"]), none="" if context.has_intervals else ", no interval"
            ),
        ),
        ("Run", (context.result.run,)),
    ]
