"""The tables of a budget: totals, years, components, states, pieces, and ratios."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from microsim.engine.finance import COMPONENTS, MEDICAID_BENEFITS, Money
from microsim.engine.tallies import THOUSANDTHS
from microsim.experiments.budget.cases import (
    PEOPLE,
    Case,
    calendar_years,
    discounted,
    discounted_change,
    fiscal_years,
    people_changes,
    repriced,
    whole_years,
)
from microsim.experiments.budget.pieces import pieces_table, unit_table
from microsim.experiments.budget.scores import MEDICAID_MONTHS
from microsim.experiments.budget.sheets import Cell, Table, ratio
from microsim.ground.calendar import MONTHS_A_YEAR, month_name
from microsim.ground.schema import STATES

PAYER_COLUMNS = ("federal_usd", "state_usd", "total_usd", "others_usd")
SIGNS = "Differences are policy less baseline: a saving is negative. Total is federal plus state."
OTHERS = "Others are hospitals, physicians, patients and private insurers; they are in no total."


def budget_tables(
    case: Case, provisions: Mapping[str, Money] | None = None, long: bool = True
) -> list[Table]:
    """All tables of a case; `provisions` maps names to parts of the change that add up to it.

    Without `long` those that are slow to make or have hundreds of rows are left out.
    """
    tables = [
        _summary(case),
        _years(case),
        _fiscal(case),
        _components(case),
        _states(case),
        _ratios(case),
    ]
    if long:
        tables += [_bases(case), pieces_table(case), unit_table(case.parameters)]
    if provisions is not None:
        tables.insert(4, _provisions(case, provisions))
    return tables


def payers(
    money: Money, quarters: np.ndarray | None = None, states: np.ndarray | None = None
) -> tuple[int, ...]:
    """Federal, state, total and others' USD over chosen quarters and states."""
    amounts = money.amounts
    if quarters is not None:
        amounts = amounts[..., quarters]
    if states is not None:
        amounts = amounts[:, :, states]
    federal, state, others = (int(x) for x in amounts.sum(axis=(0, 2, 3)))
    return federal, state, federal + state, others


def _summary(case: Case) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for kind, one, other in (
        ("nominal", case.baseline, case.policy),
        ("discounted", discounted(case.baseline, case.parameters), discounted(case.policy, case.parameters)),
    ):
        for name, values in (("baseline", payers(one)), ("policy", payers(other)),
                             ("difference", payers(other.minus(one)))):  # fmt: skip
            rows.append((kind, name, *values))
    rate = case.parameters.number("finance.discount.rate")
    when = month_name(int(case.parameters.number("finance.discount.base_month")))
    notes = (
        SIGNS,
        OTHERS,
        f"Discounted at {rate:.1%} a year to {when}.",
        "Levels hold what follows people; hospital payments and Medicare, overdose care aside, are left out.",
    )
    return Table("summary", "Outlays over the window", ("amounts", "arm", *PAYER_COLUMNS), rows, notes)


def _years(case: Case) -> Table:
    years = calendar_years(case.change)
    present = discounted_change(case.policy, case.baseline, case.parameters)
    rows: list[tuple[Cell, ...]] = []
    for year in np.unique(years):
        chosen = years == year
        months = int(case.change.lengths[chosen].sum())
        rows.append((int(year), months, *payers(case.change, chosen), *payers(present, chosen)[:3]))
    rows.append(("window", int(case.change.lengths.sum()), *payers(case.change), *payers(present)[:3]))
    columns = ("year", "months", *PAYER_COLUMNS, *(f"{name}_discounted" for name in PAYER_COLUMNS[:3]))
    return Table("by_year", "Change in outlays by calendar year", columns, rows, (SIGNS, OTHERS))


def _fiscal(case: Case) -> Table:
    years = fiscal_years(case.lived_change)
    present = discounted_change(case.lived_policy, case.lived_baseline, case.parameters)
    listed = whole_years(case.lived_change, years)
    rows: list[tuple[Cell, ...]] = [
        (year, *payers(case.lived_change, years == year), *payers(present, years == year)[:3])
        for year in listed
    ]
    every = np.isin(years, listed)
    rows.append(("all", *payers(case.lived_change, every), *payers(present, every)[:3]))
    columns = ("fiscal_year", *PAYER_COLUMNS, *(f"{name}_discounted" for name in PAYER_COLUMNS[:3]))
    notes = (SIGNS, "Fiscal years run from October to September; only those lived in full are listed.")
    return Table("by_fiscal_year", "Change in outlays by federal fiscal year", columns, rows, notes)


def _components(case: Case) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for i, name in enumerate(COMPONENTS):
        cells: list[Cell] = [name]
        for money in (case.baseline, case.policy, case.change):
            federal, state, others = (int(x) for x in money.amounts[i].sum(axis=(1, 2)))
            cells += [federal, state, federal + state, others]
        rows.append(tuple(cells))
    rows.append(("all", *payers(case.baseline), *payers(case.policy), *payers(case.change)))
    columns = ("component", *(f"{arm}_{name}" for arm in ("baseline", "policy", "difference")
                              for name in PAYER_COLUMNS))  # fmt: skip
    inside = " and ".join(f"{x / 1e6:,.1f}" for x in case.change.contained.sum(axis=(1, 2))[:2])
    notes = (
        SIGNS,
        "Every dollar is in one component. Overdose care is outside benefits and uncompensated care.",
        f"Medication for opioid use disorder is inside benefits and never added; its change is {inside} "
        "million USD federal and state.",
    )
    return Table("by_component", "Outlays over the window by component", columns, rows, notes)


def _provisions(case: Case, parts: Mapping[str, Money]) -> Table:
    rows: list[tuple[Cell, ...]] = [(name, *payers(part)) for name, part in parts.items()]
    rows.append(("all", *payers(case.change)))
    notes = (
        SIGNS,
        "A part is the mean of what a provision adds when provisions are added first to last and last to "
        "first (all orders for up to three); parts add up exactly.",
    )
    return Table("by_provision", "Change in outlays by provision", ("provision", *PAYER_COLUMNS), rows, notes)


def _states(case: Case) -> Table:
    people = people_changes(case)
    present = discounted_change(case.policy, case.baseline, case.parameters)
    rows: list[tuple[Cell, ...]] = []
    for place in (*(int(one) for one in case.lived), None):
        chosen = np.arange(len(STATES)) if place is None else np.array([place])
        lost = int(people["medicaid_persons_ever_lost"][chosen].sum()) / PEOPLE["medicaid_persons_ever_lost"]
        values = payers(case.change, None, chosen)
        later = payers(present, None, chosen)[:3]
        saved = ratio(-values[2], lost) if lost > 0 else None
        rows.append((case.together if place is None else STATES[place], *values, *later, lost, saved))
    columns = ("state", *PAYER_COLUMNS, *(f"{name}_discounted" for name in PAYER_COLUMNS[:3]),
               "persons_ever_lost", "total_saved_per_person_usd")  # fmt: skip
    return Table("by_state", "Change in outlays over the window by state", columns, rows, (SIGNS, OTHERS))


def _ratios(case: Case) -> Table:
    people = {name: int(values.sum()) / PEOPLE[name] for name, values in people_changes(case).items()}
    medicaid = -int(case.change.amounts[: len(MEDICAID_BENEFITS), :2].sum())
    federal, state, total, others = payers(case.change)
    months = -sum(int(case.change.quantities[name].sum()) for name in MEDICAID_MONTHS) / THOUSANDTHS
    rows: list[tuple[Cell, ...]] = []
    for name, label, below in (
        ("person_losing_cover", "person who lost Medicaid at least once, more than in the baseline",
         people["medicaid_persons_ever_lost"]),
        ("person_year_lost", "person-year on Medicaid lost", months / MONTHS_A_YEAR),
        ("uninsured_person_year", "more person-year without insurance",
         people["uninsured_person_months"] / MONTHS_A_YEAR),
        ("excess_overdose_death", "more overdose death, expected", people["overdose_deaths"]),
        ("treatment_stopped", "person who stopped medication because cover was lost",
         people["treatment_exits_coverage"]),
    ):  # fmt: skip
        shown = [ratio(x, below) if below > 0 else None for x in (medicaid, -federal, -state, -total, others)]
        rows.append((name, label, below, *shown))
    columns = (
        "per", "label", "number", "medicaid_benefits_saved_usd", "federal_saved_usd", "state_saved_usd",
        "total_saved_usd", "cost_to_others_usd",
    )  # fmt: skip
    notes = (
        "Savings over the window over a number in the window; blank where the number is not above zero.",
        "Savings per death divide money by a small expected number: neither buys the other.",
    )
    return Table("ratios", "Savings per person, death and treatment lost", columns, rows, notes)


def _bases(case: Case) -> Table:
    """The same people priced in other ways: totals and marginal cost are never mixed."""
    rows: list[tuple[Cell, ...]] = []
    for name, label, changes in (
        ("budget", "budget total per person", {"finance.benefits.basis": "budget"}),
        ("marginal", "marginal cost of a person in the adult group", {"finance.benefits.basis": "marginal"}),
        ("managed_care_lag", "budget total, plan rates follow after 12 months",
         {"finance.benefits.basis": "budget", "finance.benefits.managed_care_lag": float(MONTHS_A_YEAR)}),
        ("average", "budget total, everybody at the average of the group", _all_alike(case)),
    ):  # fmt: skip
        rows.append((name, label, *payers(repriced(case, changes).change)))
    notes = (SIGNS, "The last row leaves cost classes out of both arms: the distance is what they do.")
    return Table(
        "price_bases", "Change in outlays under other prices", ("basis", "label", *PAYER_COLUMNS), rows, notes
    )


def _all_alike(case: Case) -> dict[str, object]:
    ids = [id_ for id_ in case.parameters.ids("finance.benefits.factor_")]
    return {**{id_: 1.0 for id_ in ids}, "finance.benefits.basis": "budget"}
