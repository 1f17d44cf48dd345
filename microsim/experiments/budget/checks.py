"""Fiscal year 2024 spending by state: published beside the model, whose adult group takes it in part."""

from __future__ import annotations

import numpy as np

from microsim.engine.finance import COMPONENTS, MEDICAID_BENEFITS
from microsim.engine.finance.bases import GROUPS, bases_of, months_of
from microsim.engine.finance.spending import visit_cost, visits
from microsim.engine.tallies import THOUSANDTHS
from microsim.experiments.budget.cases import Case
from microsim.experiments.budget.sheets import Cell, Table, ratio
from microsim.ground.calendar import MONTHS_A_YEAR
from microsim.ground.schema import POPULATION_MONTH, STATES

MONTHS = 9
"""January to September 2024: the part of fiscal year 2024 that is lived."""
_CHECK = "finance.check."
_GROUP = GROUPS[0]


def check_2024(case: Case) -> Table:
    """By state: spending of a person-year and in total, CMS-64 beside the model of the baseline."""
    p = case.baseline_parameters
    spent = {y: p.array(f"{_CHECK}adult_group_spending_{y}", "state") for y in (2023, 2024)}
    years = {y: p.array(f"{_CHECK}adult_group_person_years_{y}", "state") for y in (2023, 2024)}
    model = _model_rate(case)
    model_years = _model_years(case)
    tolerance = p.number(_CHECK + "state_tolerance")
    growth = 1.0 + p.number("finance.benefits.growth")
    rows: list[tuple[Cell, ...]] = []
    total = np.zeros(2)
    for i in case.lived:
        state = STATES[i]
        if years[2024][i] <= 0:
            continue
        before = ratio(spent[2023][i], years[2023][i])
        published = spent[2024][i] / years[2024][i]
        miss = model[i] / published - 1.0
        total += (spent[2024][i], model[i] * years[2024][i])
        moved = None if before is None else published / before / growth - 1.0
        numbers = (model_years[i], before, published, model[i], miss, spent[2024][i] / 1e6,
                   model[i] * years[2024][i] / 1e6)  # fmt: skip
        plain = (None if number is None else float(number) for number in numbers)
        rows.append((state, int(years[2024][i]), *plain, _word(miss, moved, tolerance)))
    shown = case.lived[years[2024][case.lived] > 0]
    people = years[2024][shown].sum()
    if people > 0:
        before = spent[2023][shown].sum() / years[2023][shown].sum()
        published, ours = total / people
        numbers = (model_years[shown].sum(), before, published, ours, ours / published - 1.0, total[0] / 1e6,
                   total[1] / 1e6)  # fmt: skip
        why = "" if case.states else _nation(published / before - 1.0, growth - 1.0)
        rows.append((case.together, int(people), *map(float, numbers), why))
    columns = ("state", "person_years_published", "person_years_model", "usd_per_person_year_fy2023",
               "usd_per_person_year_fy2024", "usd_per_person_year_model", "miss", "spending_fy2024_musd",
               "model_rate_times_published_people_musd", "why")  # fmt: skip
    notes = (
        "* Not held out: fiscal years 2023 and 2024 together set spending per person, so that a miss is how far "
        "one year lies from the two.",
        "The model is of January to September 2024, overdose care included. Published single years hold "
        "prior-period adjustments, and the unwinding left a costlier group.",
    )
    return Table(
        "check_fy2024", "Adult group in fiscal year 2024*: CMS-64 beside the model", columns, rows, notes
    )


def check_medicaid_2024(case: Case) -> Table:
    """By state: Medicaid spending of fiscal year 2024, CMS-64 beside the benefits the baseline prices."""
    published = case.baseline_parameters.array(_CHECK + "medicaid_net_2024", "state")
    lines = [COMPONENTS.index(name) for name in (*MEDICAID_BENEFITS, "overdose_medicaid")]
    quarters = len(bases_of(case.baseline_people, POPULATION_MONTH, POPULATION_MONTH + MONTHS - 1).quarters)
    priced = case.lived_baseline.amounts[lines][..., :quarters].sum(axis=(0, 1, 3)) * (MONTHS_A_YEAR / MONTHS)
    rows: list[tuple[Cell, ...]] = []
    lived = case.lived
    for state, ours, theirs in (
        *((STATES[i], priced[i], published[i]) for i in lived),
        (case.together, priced[lived].sum(), published[lived].sum()),
    ):
        rows.append((state, float(theirs) / 1e6, float(ours) / 1e6, ratio(float(ours), float(theirs))))
    notes = (
        "The model is January to September 2024 as a year, of benefits that follow a person.",
        "It lacks hospital payments that follow nobody and Medicare premiums; it holds the Children's Health "
        "Insurance Program, which the published figure does not. The adult group is not held out: it is priced "
        "by this year and the one before.",
    )
    columns = ("state", "published_musd", "model_musd", "ratio")
    return Table(
        "check_medicaid_2024",
        "All Medicaid in fiscal year 2024: CMS-64 beside the model",
        columns,
        rows,
        notes,
    )


def _model_rate(case: Case) -> np.ndarray:
    """USD a person-year in the adult group, (51,), overdose care included."""
    bases = bases_of(case.baseline_people, POPULATION_MONTH, POPULATION_MONTH + MONTHS - 1)
    quarters = len(bases.quarters)
    months = months_of(bases, _GROUP).sum(axis=1) / THOUSANDTHS
    line = COMPONENTS.index("benefits_" + _GROUP.name)
    benefits = case.lived_baseline.amounts[line, :, :, :quarters].sum(axis=(0, 2))
    p = case.baseline_parameters
    care = (visits(p, bases)[:, :, _GROUP.cover] * visit_cost(p, bases)).sum(axis=1)
    spent = (benefits + care) * MONTHS_A_YEAR
    return np.asarray(np.divide(spent, months, out=np.zeros(len(STATES)), where=months > 0))


def _model_years(case: Case) -> np.ndarray:
    bases = bases_of(case.baseline_people, POPULATION_MONTH, POPULATION_MONTH + MONTHS - 1)
    return np.asarray(months_of(bases, _GROUP).sum(axis=1) / THOUSANDTHS / MONTHS)


def _nation(moved: float, growth: float) -> str:
    return (
        f"Published spending per person moved {moved:+.0%} in a year, against {growth:.0%} of growth at a "
        "constant mix: healthier people left in the unwinding, and both years hold prior-period adjustments"
    )


def _word(miss: float, moved: float | None, tolerance: float) -> str:
    if abs(miss) <= tolerance or moved is None:
        return ""
    side = "above" if moved > 0 else "below"
    return (
        f"Published spending per person came {abs(moved):.0%} {side} growth from one year to the next: "
        "prior-period adjustments and a changed mix of people"
    )
