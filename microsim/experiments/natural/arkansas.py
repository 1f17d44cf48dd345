"""Arkansas 2018: reports every month at ages 30 to 49, cover ended to the next January after three without one."""

from __future__ import annotations

import pandas as pd

from microsim.experiments.natural.people import reached_people
from microsim.experiments.natural.rows import (
    CALIBRATED,
    COMPARED,
    RULE_LOSSES,
    Row,
    covered,
    events,
    lived,
    table,
)
from microsim.experiments.natural.shifted import shifted
from microsim.ground.calendar import month_index
from microsim.ground.parameters import Parameters, load_parameters
from microsim.ground.policies import apply_policies
from microsim.ground.schema import POPULATION_MONTH, STATES

YEARS = 7
"""June 2018 becomes June 2025, clear of the last renewals of the unwinding."""


def arkansas_2018(persons: int, seed: int, threads: int) -> pd.DataFrame:
    """The adult group of Arkansas at 30 to 49 under the rule of 2018, seven years later on the calendar.

    Weights are raked to the people subject and to the employed share of adults of that age with low income.
    The share settled from data and the success of reports enter the model; losses and returns are compared.
    A report of a month is judged in the month after it, so what Arkansas counted to the end of December is counted
    here to January.
    """
    p = load_parameters()
    start = month_index("2025-06") - POPULATION_MONTH
    last = start + 8
    """February, the second month in which people could apply again, and the last of the published count."""
    rule = apply_policies(p, [shifted("arkansas-2018", YEARS)])
    subject = p.number("medicaid.experiments.arkansas_subject")
    people = reached_people(
        p, persons, "AR", ages=_ages(rule, POPULATION_MONTH + start), months=last + 1, size=subject,
        employed=p.number("medicaid.experiments.arkansas_employed"),
    )  # fmt: skip
    without, under = lived(people, (p, rule), last + 1, seed, threads)
    enrolled = covered(without, "adult_group")[start]
    losses = events(under, *RULE_LOSSES)
    reports = slice(start + 1, start + 8)
    """Months in which the reports of June to December are judged."""
    checks = events(under, "checks") - events(under, "application_checks")
    from_data = events(under, "cleared_from_data") - events(under, "application_cleared")
    first = start + 1
    seen = float(from_data[first] / checks[first])
    acted = checks - from_data
    before = float(losses[: start + 3].sum())
    lost = float(losses[reports].sum())
    first_closures = int((losses > 0).argmax()) - start
    answered = 1.0 - float(events(under, "failed_checks")[first] / acted[first])
    back = events(under, "entered") - events(without, "entered")
    window = slice(start + 7, last + 1)
    """January and February, after the lock-out."""
    response = p.number("medicaid.experiments.arkansas_response")
    return table(
        [
            Row(
                "settled from data at the first check",
                "share",
                seen,
                p.number("medicaid.experiments.arkansas_clear_probability"),
                CALIBRATED,
                "June 2018, 15,511 of 25,815; sets the state's mean before who can be seen is drawn",
            ),
            Row(
                "answer and accepted proof of those who had to act",
                "share",
                answered,
                response,
                CALIBRATED,
                "reports of June and November 2018; in the model a report must also be true and be accepted",
            ),
            Row(
                "lost cover to the rule by December, of people subject",
                "share",
                lost / enrolled,
                p.number("medicaid.experiments.arkansas_lost_share"),
                COMPARED,
                "published counts all who were phased in from June to September; here all start in June",
            ),
            Row(
                "first closures, months after the start",
                "months",
                float(first_closures),
                p.number("medicaid.experiments.arkansas_first_closures"),
                COMPARED,
                "reports of August came to 5 September; the state ended cover back to August, "
                "here it ends in September",
            ),
            Row("losses before the first closures", "persons", before, 0.0, COMPARED, "none is possible"),
            Row(
                "back on Medicaid by March, of people who lost cover",
                "share",
                max(float(back[window].sum()), 0.0) / max(lost, 1.0),
                p.number("medicaid.experiments.arkansas_back_share"),
                COMPARED,
                "published from January on, when the lock-out ended",
            ),
        ]
    )


def _ages(rule: Parameters, month: int) -> tuple[int, int]:
    """Ages that the state's rule reached, from the first to the one that ended it."""
    here = STATES.index("AR")
    low, high = (
        rule.array(f"medicaid.community_engagement.age_{end}", "state", month=month)[here] for end in ("low", "high")
    )
    return int(low), int(high)
