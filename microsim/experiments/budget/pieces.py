"""The pieces a state's line is made of: quantity, price, product, and who pays."""

from __future__ import annotations

from itertools import product

import numpy as np

from microsim.engine.finance import COMPONENTS
from microsim.engine.finance.spending import base_of, growth, yearly_averages
from microsim.engine.tallies import THOUSANDTHS
from microsim.experiments.budget.cases import Case, calendar_years
from microsim.experiments.budget.sheets import Cell, Table, ratio
from microsim.ground.calendar import MONTHS_A_YEAR, month_name
from microsim.ground.parameters import Parameters
from microsim.ground.parameters.record import ALWAYS
from microsim.ground.schema import DIMENSIONS, STATES

QUANTITY = {
    **{f"benefits_{name}": f"months_{name}" for name in (
        "adult_group", "waiver_adult", "other_adult", "disabled", "child", "dual_aged", "dual_younger")},
    "retroactive_cover": "entered", "checks": "checks", "notices": "notices", "renewals": "renewals",
    "applications": "applications", "uncompensated_care": "months_uninsured",
    "premium_tax_credits": "months_marketplace",
    **{f"overdose_{payer}": f"visits_{payer}" for payer in ("medicaid", "medicare", "uninsured", "insured")},
}  # fmt: skip
"""What a component is a price times of; others are sums of money."""


def pieces_table(case: Case, state: str | None = None, only: int | None = None) -> Table:
    """Every component by state and calendar year: quantity, USD for each, USD, and its division.

    Of one `state` and year `only` where they are given.
    """
    years = calendar_years(case.change)
    averages = _averages(case)
    rows: list[tuple[Cell, ...]] = []
    places = range(len(STATES)) if state is None else [STATES.index(state)]
    for year in np.unique(years) if only is None else [only]:
        chosen = years == year
        for place in places:
            for i, component in enumerate(COMPONENTS):
                row = _piece(case, i, component, place, chosen)
                if row is not None:
                    average = averages.get(component)
                    usual = None if average is None else float(average[place, chosen].mean())
                    rows.append((STATES[place], int(year), component, row[0], usual, *row[1:]))
    columns = (
        "state", "year", "component", "quantity", "average_usd_each", "baseline_quantity", "policy_quantity",
        "baseline_usd_each", "policy_usd_each", "baseline_usd", "policy_usd", "difference_usd",
        "federal_difference_usd", "state_difference_usd", "others_difference_usd",
    )  # fmt: skip
    notes = (
        "USD = quantity x USD each, in each arm; the difference is policy less baseline, by payer.",
        "Average USD each: the published average of a person-month (sheet unit_costs) with growth. USD each "
        "differs from it by the mix of cost classes relative to early 2024, and overdose care is taken out.",
    )
    return Table("pieces", "Pieces of every state's line by calendar year", columns, rows, notes)


def _averages(case: Case) -> dict[str, np.ndarray]:
    """Published averages of a person-month with growth by component, USD, (51, quarters)."""
    p = case.parameters
    out = {
        f"benefits_{name}": np.outer(
            yearly / MONTHS_A_YEAR, growth(p, "finance.benefits.growth", base_of(name), case.policy)
        )
        for name, yearly in yearly_averages(p).items()
    }
    unpaid = p.number("finance.uncompensated.per_person_year") / MONTHS_A_YEAR
    index = growth(p, "finance.health_growth", "finance.uncompensated.base_month", case.policy)
    out["uncompensated_care"] = np.outer(np.full(len(STATES), unpaid), index)
    return out


def _piece(case: Case, i: int, component: str, place: int, chosen: np.ndarray) -> tuple[Cell, ...] | None:
    """Cells of one line; None where both arms have nothing."""
    ours, theirs = (money.amounts[i, :, place, chosen].sum(axis=0) for money in (case.baseline, case.policy))
    if not ours.any() and not theirs.any():
        return None
    name = QUANTITY.get(component)
    amounts: list[Cell] = [None, None]
    each: list[Cell] = [None, None]
    if name is not None:
        for arm, (money, usd) in enumerate(((case.baseline, ours), (case.policy, theirs))):
            amount = int(money.quantities[name][place, chosen].sum()) / THOUSANDTHS
            amounts[arm], each[arm] = amount, ratio(float(usd.sum()), amount)
    change = theirs - ours
    return (
        name,
        *amounts,
        *each,
        int(ours.sum()),
        int(theirs.sum()),
        int(change.sum()),
        *(int(x) for x in change),
    )


def unit_table(p: Parameters) -> Table:
    """Every parameter of the money, by state where it varies."""
    rows: list[tuple[Cell, ...]] = []
    for id_ in p.ids("finance."):
        record = p.record(id_)
        cells = record.steps.reshape(len(record.months), -1)
        names = [",".join(key) for key in _classes(p, id_)]
        for step, month in enumerate(record.months):
            since = "" if month <= ALWAYS else month_name(month)
            for place, value in zip(names, cells[step], strict=True):
                rows.append((id_, record.label, place, since, record.kind.decode(float(value)), record.unit,
                             record.status, record.verified, " ".join(record.source)))  # fmt: skip
    columns = ("id", "label", "class", "from", "value", "unit", "status", "verified", "sources")
    return Table("unit_costs", "Prices, shares and dates used", columns, rows)


def _classes(p: Parameters, id_: str) -> list[tuple[str, ...]]:
    return list(product(*(DIMENSIONS[name] for name in p.record(id_).by)))
