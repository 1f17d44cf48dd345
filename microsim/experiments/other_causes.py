"""Deaths from causes other than overdose that lost cover may bring: asked for apart, and in no total.

Studies of Medicaid and mortality count all deaths. Here cover acts on overdoses, and on other deaths of people with
opioid use disorder, through treatment: the first are taken out of the risk before the effect is applied, the second out
of what follows, so that nothing counts twice.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from microsim.engine.results import Result
from microsim.experiments.readings import annual_window, by_people, of_whole_years
from microsim.ground.parameters import Parameters
from microsim.ground.schema import AGE_BANDS, SEXES

FACTOR = "life.uninsured_death_factor"
_MONTHS_A_YEAR = 12
_WITHOUT_MEDICARE = AGE_BANDS[:-1]


class OtherDeaths(NamedTuple):
    """Deaths more under the policy than under the baseline, over the calendar years of a run."""

    policy: str
    window: tuple[str, str]
    """First and last month of the whole calendar years that the run's window touches: age is kept by year"""
    uninsured_years: float
    by_treatment: float
    """Counted by the model itself: of people who leave or never start medication, less those who died sooner"""
    deaths: float
    """Beyond these"""
    low: float
    high: float
    factor: float
    factor_low: float
    factor_high: float

    def sentence(self) -> str:
        """What is assumed and what follows from it, in plain words."""
        return (
            f"Other causes, in no total: {self.deaths:,.0f} more deaths ({self.low:,.0f} to "
            f"{self.high:,.0f}), {self.window[0]} to {self.window[1]}, beyond the {self.by_treatment:,.0f} that follow "
            f"from treatment, if people without insurance die of "
            f"causes other than overdose {self.factor:g} ({self.factor_low:g} to {self.factor_high:g}) "
            f"times as often as on Medicaid, for {self.uninsured_years:,.0f} more years without insurance."
        )


def other_deaths(result: Result) -> OtherDeaths:
    """Size of the effect in a saved run, at the value and the ends of its interval.

    The risk on Medicaid is that of the life table, which holds everybody; low-income adults die more often.
    """
    p = Parameters.from_document(result.manifest["parameters"]["policy"], "manifest: policy")
    years = more_uninsured_years(result)
    risk = p.array("life.death_probability_band", "sex", "age_band") * (
        1.0 - p.array("life.overdose_share_removed", "age_band")
    )
    expected = float((years * risk).sum())
    if of_whole_years(result):
        counted = float(result.document["measures"]["deaths_other"]["difference"])
    else:  # in the same months as the years without insurance
        counted = sum(one["deaths_other"].difference for one in by_people(result, "sex").values())
    factor = p.number(FACTOR)
    low, high = map(float, p.record(FACTOR).interval or (factor, factor))

    def beyond(factor: float) -> float:
        return max(expected * (factor - 1.0) - counted, 0.0)

    return OtherDeaths(
        result.document["policy"], annual_window(result), float(years.sum()), counted,
        beyond(factor), beyond(low), beyond(high), factor, low, high,
    )  # fmt: skip


def more_uninsured_years(result: Result) -> np.ndarray:
    """Person-years without insurance, policy less baseline, (sexes, age bands), below Medicare, in the years of the
    annual table."""
    table = result.annual_arrow.select(["arm", "sex", "age_band", "uninsured_months"]).to_pandas()
    out = np.zeros((len(SEXES), len(AGE_BANDS)))
    for (arm, sex, band), months in table.groupby(["arm", "sex", "age_band"], observed=True)[
        "uninsured_months"
    ].sum().items():  # fmt: skip
        if band in _WITHOUT_MEDICARE:
            sign = 1.0 if arm == "policy" else -1.0
            out[SEXES.index(sex), AGE_BANDS.index(band)] += sign * months / _MONTHS_A_YEAR
    return out
