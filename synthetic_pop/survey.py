"""Survey records in the terms of the type grid."""

from __future__ import annotations

import numpy as np
import pandas as pd

from microsim.ground.schema import FIPS
from synthetic_pop import grid
from synthetic_pop.inputs import population_parameters

HOUSEHOLD, INSTITUTION = 1, 2
"""Census codes of housing units and institutions among kinds of quarters (TYPEHUGQ)."""


def _spouse_rows(d: pd.DataFrame) -> np.ndarray:
    """Row of each person's spouse, -1 without one: married members of a household paired by age."""
    spouse = np.full(len(d), -1, np.int64)
    married = d.index[(d["MAR"].to_numpy() == 1) & (d["gq"].to_numpy() == HOUSEHOLD)].to_numpy()
    house = d["house"].to_numpy()[married]
    order = np.lexsort((d["age"].to_numpy()[married], house))
    rows, house = married[order], house[order]
    start = np.r_[True, house[1:] != house[:-1]]
    rank = np.arange(len(rows)) - np.maximum.accumulate(np.where(start, np.arange(len(rows)), 0))
    first = np.flatnonzero(rank % 2 == 0)
    first = first[first + 1 < len(rows)]
    first = first[house[first] == house[first + 1]]
    spouse[rows[first]], spouse[rows[first + 1]] = rows[first + 1], rows[first]
    return spouse


def recode(d: pd.DataFrame, guideline: tuple[float, float]) -> pd.DataFrame:
    """Add the grid's features and the MAGI-unit income to survey records (one row a person)."""
    d = d[(d["MAR"] > 0) | (d["age"] < 15)].reset_index(drop=True)
    d["house"] = d["state"].astype(np.int64) * 10_000_000 + d["hh"]
    position = d.groupby("house").cumcount().to_numpy()
    youngest = d.groupby("house")["age"].transform("min").to_numpy()
    spouse = _spouse_rows(d)
    has_spouse = spouse >= 0
    take = np.where(has_spouse, spouse, 0)
    hours, weeks = d["hours"].to_numpy(float), d["WKWN"].to_numpy(float)
    wage, total = d["WAGP"].to_numpy(float), d["PINCP"].to_numpy(float)
    spouse_wage = np.where(has_spouse, wage[take], 0.0)
    spouse_weeks = np.where(has_spouse, weeks[take], 0)
    spouse_total = np.where(has_spouse, total[take], 0.0)
    gap = d["age"].to_numpy() - youngest
    p = population_parameters()
    least = p.number("population.survey.parent_gap_least")
    most = p.number("population.survey.parent_gap_most")
    parent = (d["k18"].to_numpy() > 0) & (youngest < 18) & (gap >= least) & (gap <= most) & (position < 2)
    parent |= d["parent13"].to_numpy() == 1
    kids = np.where(~parent, 0, np.where(youngest < 6, 1, np.where(youngest < 14, 2, 3)))
    size = 1 + has_spouse + np.where(parent, np.minimum(d["k18"].to_numpy(), 8), 0)
    income = np.maximum(total, 0) + np.maximum(spouse_total, 0)
    ratio = income / (guideline[0] + guideline[1] * (size - 1))
    d["state"] = np.searchsorted(FIPS, d["state"].to_numpy())
    d["fine"] = np.searchsorted(grid.FINE_STARTS, d["age"].to_numpy(), side="right") - 1
    d["spouse"] = np.where(~has_spouse, 0, np.where(spouse_weeks > 0, 2, 1))
    d["kids"] = kids
    d["size"] = size
    d["youngest"] = youngest
    monthly_hours = hours * 52 / 12
    d["work"] = np.where(weeks == 0, 0, np.where(monthly_hours < 80, 1, np.where(weeks < 50, 2, 3)))
    d["income"] = np.searchsorted(grid.INCOME_EDGES, ratio, side="right")
    months = np.maximum(weeks / 52 * 12, 1)
    own_business = (weeks > 0) & (total - wage > wage)
    d["self_employed"] = own_business
    d["pay"] = np.where(own_business, np.maximum(total, wage), wage) / months
    d["spouse_pay"] = spouse_wage / np.maximum(spouse_weeks / 52 * 12, 1)
    rest = np.where(own_business, 0.0, total - wage) + np.where(has_spouse, spouse_total - spouse_wage, 0.0)
    d["other"] = np.maximum(rest, 0) / 12
    d["short"] = monthly_hours
    d["type"] = grid.type_code(d["educ"], d["dis"], d["spouse"], d["kids"], d["work"], d["income"])
    public = d["PUBCOV"].to_numpy() == 1
    private = (d["PRIVCOV"].to_numpy() == 1) & (d["age"].to_numpy() < 65)
    uninsured = d["HICOV"].to_numpy() == 2
    held = (d["gq"].to_numpy() == INSTITUTION) & (d["age"].to_numpy() < 65)
    likely = np.where(uninsured | ~public, 0.0, d["p_medicaid"].to_numpy(float))
    other = np.where(uninsured, 0, np.where(private, 1, 3))
    d["klass"] = np.where(held, 4, other)
    d["medicaid_share"] = np.where(held, 0.0, likely)
    return d
