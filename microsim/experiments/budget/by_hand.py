"""One state's line taken down to what can be multiplied by hand: months, averages, growth, mix."""

from __future__ import annotations

import numpy as np

from microsim.engine.finance import COMPONENTS, Money
from microsim.engine.finance.bases import GROUPS, Bases, Group, bases_of, months_of, reference_of
from microsim.engine.finance.spending import (
    FACTOR_ONE,
    base_of,
    class_factors,
    growth,
    visit_cost,
    visits,
    yearly_averages,
)
from microsim.engine.tallies import THOUSANDTHS
from microsim.experiments.budget.cases import Case, calendar_years
from microsim.experiments.budget.pieces import pieces_table, unit_table
from microsim.experiments.budget.sheets import Cell, Table, ratio
from microsim.ground.calendar import MONTHS_A_YEAR, month_name
from microsim.ground.errors import InputError
from microsim.ground.parameters import Parameters
from microsim.ground.schema import STATES

_RATE = "finance.benefits.growth"
_LAG = "finance.benefits.managed_care_lag"
_DUALS = ("dual_aged", "dual_younger")


def state_tables(case: Case, state: str, year: int | None = None) -> list[Table]:
    """Pieces of a state's line in a calendar year (default: the last), benefits by quarter, and prices.

    Raises InputError for a state or year that was not lived.
    """
    lived = [STATES[i] for i in case.lived]
    if state not in lived:
        raise InputError("--state", None, state, f"a state that was lived ({', '.join(lived)})")
    years = [int(one) for one in np.unique(calendar_years(case.change))]
    chosen = years[-1] if year is None else year
    if chosen not in years:
        raise InputError("--year", None, chosen, f"a year of the window, {years[0]} to {years[-1]}")
    return [_line(case, state, chosen), _benefits(case, state, chosen), _prices(case.parameters, state)]


def _line(case: Case, state: str, year: int) -> Table:
    pieces = pieces_table(case, state, year)
    rows = [row[2:] for row in pieces.rows]
    sums: list[Cell] = ["all", *[None] * (len(pieces.columns) - 3)]
    for position, column in enumerate(pieces.columns[2:]):
        if column.endswith("_usd"):
            sums[position] = sum(int(row[position] or 0) for row in rows)
    title = f"{state} in {year}: pieces of the line"
    return Table("state_line", title, pieces.columns[2:], [*rows, tuple(sums)], pieces.notes)


def _benefits(case: Case, state: str, year: int) -> Table:
    """Benefits by quarter as a product of what is printed beside them."""
    place = STATES.index(state)
    rows: list[tuple[Cell, ...]] = []
    reference = reference_of(case.baseline_people)
    arms = (
        ("baseline", case.baseline_people, case.baseline_parameters, case.baseline),
        ("policy", case.policy_people, case.parameters, case.policy),
    )
    for arm, people, p, money in arms:
        bases = bases_of(people, case.first, case.last)
        for group in GROUPS:
            for quarter in np.flatnonzero(calendar_years(money) == year):
                row = _quarter(p, bases, reference, group, place, int(quarter), money)
                if row is not None:
                    rows.append((arm, *row))
    columns = (
        "arm", "group", "quarter_from", "months", "average_usd_a_month", "growth_index", "mix",
        "overdose_care_taken_out_usd", "product_usd", "budget_usd", "federal_share", "federal_usd",
        "state_usd",
    )  # fmt: skip
    notes: tuple[str, ...] = (
        "Product = months x mix x (average a month x growth index - overdose care taken out); the budget is "
        "the same to rounding. Federal = budget x federal share.",
        "Average a month: finance.benefits of the state over 12. Growth index: 1 + finance.benefits.growth, "
        "from finance.benefits.base_month (adults: adult_group_base_month) to the middle of the quarter.",
        "Mix: mean of the cost factors finance.benefits.factor_* over the people of the group, relative to "
        "January to March 2024. Overdose care has its own lines.",
    )
    if any(p.number(_LAG) for _, _, p, _ in arms):
        notes += (
            f"With {_LAG} the managed-care part of adults is paid at the mix of that many months before, so "
            "that product and budget differ.",
        )
    return Table("state_benefits", f"{state} in {year}: benefits by hand", columns, rows, notes)


def _quarter(
    p: Parameters, bases: Bases, reference: Bases, group: Group, place: int, quarter: int, money: Money
) -> tuple[Cell, ...] | None:  # fmt: skip
    months = int(months_of(bases, group)[place, quarter]) / THOUSANDTHS
    start = _mean_factor(p, reference, group, place, 0)
    if months == 0 or start is None:
        return None
    base = base_of(group.name)
    index = float(growth(p, _RATE, base, bases)[quarter])
    average = float(yearly_averages(p)[group.name][place]) / MONTHS_A_YEAR
    taken = 0.0
    if group.name not in _DUALS:
        spent = visits(p, reference)[place, 0, group.cover] * visit_cost(p, reference)[0]
        everybody = int(reference.months[place, 0, group.cover].sum()) / THOUSANDTHS
        taken = float(spent) / everybody * index / float(growth(p, _RATE, base, reference)[0])
    now = _mean_factor(p, bases, group, place, quarter)
    assert now is not None
    mix = now / start
    line = COMPONENTS.index("benefits_" + group.name)
    federal, state = (int(x) for x in money.amounts[line, :2, place, quarter])
    budget = federal + state
    product = months * mix * max(average * index - taken, 0.0)
    share = ratio(float(federal), float(budget))
    return (
        group.name, month_name(int(bases.quarters[quarter])), months, average, index, mix, taken, product,
        budget, share, federal, state,
    )  # fmt: skip


def _mean_factor(p: Parameters, bases: Bases, group: Group, place: int, quarter: int) -> float | None:
    """Mean cost factor of a group's people; None without people."""
    mine = bases.months[place, quarter, group.cover, group.classes]
    weighted = int((mine * class_factors(p)[group.classes]).sum()) / FACTOR_ONE
    return ratio(weighted, int(mine.sum()))


def _prices(p: Parameters, state: str) -> Table:
    table = unit_table(p)
    place = table.columns.index("class")
    rows = [row for row in table.rows if row[place] == state or str(row[place]) not in STATES]
    title = f"Prices, shares and dates used for {state}"
    return Table("state_prices", title, table.columns, rows, table.notes)

