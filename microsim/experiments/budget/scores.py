"""The model beside published scores, with the gap taken apart: people, months, cost of a month."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from microsim.engine.finance import COMPONENTS, MEDICAID_BENEFITS, PAYERS
from microsim.engine.finance.bases import GROUPS
from microsim.engine.tallies import THOUSANDTHS
from microsim.experiments.budget.cases import Case, fiscal_years, whole_years
from microsim.experiments.budget.sheets import Cell, Table, ratio
from microsim.ground.calendar import first_month_of
from microsim.ground.parameters import Parameters

SECTIONS = {
    "community-engagement": "community_engagement", "six-month-renewals": "six_month_renewals",
    "enrolment-rule-moratorium": "enrolment_rule", "retroactive-cover": "retroactive_cover",
    "cost-sharing": "cost_sharing",
}  # fmt: skip
"""Provisions with a published ten-year figure, and the name of the figure."""
SCORES = (*SECTIONS.values(), "both")
"""Names of published figures; `both` is the work requirement and six-month renewals together."""
MEDICAID_LINES = (*MEDICAID_BENEFITS, "overdose_medicaid")
MEDICAID_MONTHS = tuple(f"months_{group.name}" for group in GROUPS)
USD_A_MUSD = 1e6
_SCORE = "finance.score."


class Gap(NamedTuple):
    """A saving as people x months x cost, and the parts of a gap in saving in million USD."""

    people: float
    months: float
    usd: float
    by_people: float
    by_months: float
    by_cost: float


def score_table(cases: Mapping[str, Case]) -> Table:
    """Model beside score for each case, keyed by one of `SCORES`, or several joined by `+`."""
    rows: list[tuple[Cell, ...]] = []
    for name, case in cases.items():
        rows.append(_row(name, case))
    columns = (
        "provision", "model_federal_medicaid_saving_musd", "score_saving_musd", "ratio",
        "model_federal_saving_all_lines_musd", "model_more_uninsured_2034", "score_more_uninsured_2034",
        "model_people_off_medicaid_2034", "score_people_off_medicaid_2034", "model_months_each",
        "score_months_each",
        "model_federal_usd_a_month", "score_federal_usd_a_month", "gap_musd", "gap_from_people_musd",
        "gap_from_months_musd", "gap_from_cost_musd",
    )  # fmt: skip
    notes = (
        "Federal fiscal years 2025 to 2034. The score of a section is before interaction with others; scores "
        "joined by + are added up, so that their interaction is left out.",
        "The saving is people off Medicaid in the last quarter x months each x federal cost of a month; "
        "the gap is divided by logarithms, and the parts add up.",
        "People of the score are its uninsured over the share of leavers uninsured; its months assume a "
        "path: both are parameters under finance.score.",
        "Nothing is fitted to these figures.",
    )
    return Table("scores", "Model beside the Congressional Budget Office", columns, rows, notes)


def covers_scores(case: Case) -> bool:
    """Whether a case can stand beside the scores: every state, and all months of their fiscal years."""
    p = case.parameters
    years = whole_years(case.lived_change, fiscal_years(case.lived_change))
    first, last = (int(p.number(f"{_SCORE}{end}_year")) for end in ("first", "last"))
    return not case.states and set(range(first, last + 1)) <= set(years)


def _row(name: str, case: Case) -> tuple[Cell, ...]:
    p, change = case.parameters, case.lived_change
    years = fiscal_years(change)
    window = (years >= p.number(_SCORE + "first_year")) & (years <= p.number(_SCORE + "last_year"))
    federal = PAYERS.index("federal")
    lines = [COMPONENTS.index(line) for line in MEDICAID_LINES]
    saving = -float(change.amounts[lines, federal][..., window].sum()) / USD_A_MUSD
    every = -float(change.amounts[:, federal][..., window].sum()) / USD_A_MUSD
    published, uninsured = (
        sum(p.number(f"{_SCORE}{one}_{what}") for one in name.split("+")) for what in ("musd", "uninsured")
    )
    end = int(np.flatnonzero(window)[-1])
    months = -np.sum([change.quantities[name] for name in MEDICAID_MONTHS], axis=0) / THOUSANDTHS
    off = float(months[:, end].sum()) / float(change.lengths[end])
    model = (off, float(months[:, window].sum()) / off if off > 0 else 0.0, saving)
    score = (uninsured / p.number(_SCORE + "uninsured_share"), _score_months(p), published)
    gap = decompose(model, score)
    uncovered = change.quantities["months_uninsured"][:, end].sum() / THOUSANDTHS
    more = float(uncovered) / float(change.lengths[end])
    parts = (gap.by_people, gap.by_months, gap.by_cost) if gap else (None, None, None)
    return (
        name, saving, published, ratio(saving, published), every, more, uninsured, off, score[0], model[1],
        score[1], _cost(model), _cost(score), saving - published, *parts,
    )  # fmt: skip


def _score_months(p: Parameters) -> float:
    """Months off Medicaid of a person of the last year, from the start to the end of the last fiscal year."""
    end = first_month_of(int(p.number(_SCORE + "last_year"))) + 9
    return (end - p.number(_SCORE + "start_month")) * p.number(_SCORE + "average_over_2034")


def _cost(parts: tuple[float, float, float]) -> float | None:
    people, months, saving = parts
    return ratio(saving * USD_A_MUSD, people * months)


def decompose(model: tuple[float, float, float], score: tuple[float, float, float]) -> Gap | None:
    """Parts of the gap in saving by people, months and cost; each argument is (people, months, saving).

    Logarithmic mean division, so the parts add up to the gap. None when a factor is not positive.
    """
    if min(*model, *score) <= 0:
        return None
    mean = (
        model[2]
        if math.isclose(model[2], score[2])
        else (model[2] - score[2]) / math.log(model[2] / score[2])
    )
    people, months = math.log(model[0] / score[0]), math.log(model[1] / score[1])
    cost = math.log(model[2] / score[2]) - people - months
    usd = model[2] * USD_A_MUSD / (model[0] * model[1])
    return Gap(model[0], model[1], usd, mean * people, mean * months, mean * cost)
