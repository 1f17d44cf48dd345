"""The tables of one budget together: money, parts, scores, checks, and on request values of health."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from microsim.experiments.budget.cases import Case
from microsim.experiments.budget.checks import check_2024, check_medicaid_2024
from microsim.experiments.budget.health import health_values
from microsim.experiments.budget.scores import SECTIONS, covers_scores, score_table
from microsim.experiments.budget.sheets import Table
from microsim.experiments.budget.tables import budget_tables

if TYPE_CHECKING:
    # Living people again is not needed, nor its machine code loaded, to price what was saved.
    from microsim.experiments.budget.provisions import Parts


def whole_budget(
    case: Case,
    provisions: Sequence[str] = (),
    parts: Parts | None = None,
    *,
    value: bool = False,
    long: bool = True,
) -> list[Table]:
    """All tables of a case. `provisions` are the ids of the policy's provisions, for their scores.

    Scores are left out where the case does not live every state through their fiscal years.
    """
    tables = budget_tables(case, None if parts is None else parts.money, long)
    scored = [SECTIONS[name] for name in provisions if name in SECTIONS]
    if scored and covers_scores(case):
        cases = {} if parts is None else dict(parts.scored)
        cases["+".join(scored)] = case
        tables.append(score_table(cases))
    tables += [check_2024(case), check_medicaid_2024(case)]
    if value:
        tables.append(health_values(case))
    return tables
