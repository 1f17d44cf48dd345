"""From integer tallies to named measures, by month and state. Sums are taken before dividing."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from microsim.engine.tallies import (
    CELL_NONOPIOID,
    CELL_OPIOID,
    CELL_OTHER,
    CELL_OVERDOSES,
    CELL_PERSONS,
    COUNT,
    EXPECTED_UNIT,
    THOUSANDTHS,
    Tallies,
)
from microsim.ground.schema import COVERS, LEAKS, SUD_CLASSES

Integers = NDArray[np.int64]

MEDICAID = [
    COVERS.index(c) for c in ("adult_group", "waiver_adult", "other_adult", "disabled", "child", "dual")
]
ADULT_GROUP = COVERS.index("adult_group")
UNINSURED = COVERS.index("uninsured")
OUD = [SUD_CLASSES.index(c) for c in ("oud_untreated", "oud_nonmedication", "oud_medication")]
ANY_SUD = [SUD_CLASSES.index("other_sud"), *OUD]
MOUD = SUD_CLASSES.index("oud_medication")
NONMEDICATION = SUD_CLASSES.index("oud_nonmedication")

RULE_LOSSES = ("noncompliant", "compliant_unverified", "excluded_unverified")
LOSSES = (*RULE_LOSSES, "renewal_procedural", "denied_at_application")
EXCLUDED_LEAKS = tuple(leak for leak in LEAKS if leak != "none")


class Measure(NamedTuple):
    """A measure: what it counts, over a window or as a stock, and the divisor from integers."""

    name: str
    unit: str
    stock: bool
    divisor: int
    label: str


def _people(name: str, label: str, *, stock: bool = False, unit: str = "persons") -> Measure:
    return Measure(name, unit, stock, THOUSANDTHS, label)


def _events(name: str, label: str) -> Measure:
    return Measure(name, "events, expected", False, EXPECTED_UNIT, label)


MEASURES: tuple[Measure, ...] = (
    _people("medicaid_enrollees_end", "People on Medicaid or CHIP in the last month", stock=True),
    _people("expansion_enrollees_end", "People in the adult group in the last month", stock=True),
    _people("uninsured_end", "People without insurance in the last month", stock=True),
    _people("uninsured_person_months", "Months without insurance", unit="person-months"),
    _people("medicaid_persons_ever_lost", "People who lost Medicaid at least once, paperwork or work rule"),
    _people("medicaid_losses", "Losses of Medicaid and denials, gross", unit="events"),
    *(
        _people(f"medicaid_losses_{reason}", text, unit="events")
        for reason, text in (
            ("noncompliant", "... did not meet the work rule"),
            ("compliant_unverified", "... met it, not proved"),
            ("excluded_unverified", "... excluded from it, not proved"),
            ("renewal_procedural", "... ordinary renewal paperwork"),
            ("denied_at_application", "... denied or deterred on applying"),
        )
    ),
    _people("medicaid_exits_ordinary", "Ordinary exits (income, age, other cover)", unit="events"),
    _people("sud_medicaid_losses", "Losses by people with a substance use disorder", unit="events"),
    _people("oud_medicaid_losses", "Losses by people with opioid use disorder", unit="events"),
    *(
        _people(f"sud_excluded_losses_{leak}", f"The exclusion for SUD failed: {text}", unit="events")
        for leak, text in zip(
            EXCLUDED_LEAKS,
            (
                "undiagnosed",
                "functional gate",
                "recovery of five years",
                "programme not recognised",
                "unreturned",
            ),
            strict=True,
        )
    ),
    _people("treatment_end", "People in treatment for opioid use disorder in the last month", stock=True),
    _people("moud_end", "People on medication for opioid use disorder in the last month", stock=True),
    _people("treatment_exits_coverage", "Stops of medication caused by lost cover", unit="events"),
    _events("overdoses_nonfatal", "Nonfatal opioid overdoses"),
    _events("overdose_deaths", "Drug overdose deaths"),
    _events("opioid_overdose_deaths", "Opioid overdose deaths"),
    _events("deaths_other", "Deaths from other causes"),
)
BY_NAME = {measure.name: measure for measure in MEASURES}


def series(tallies: Tallies) -> dict[str, Integers]:
    """Every measure of one arm as integers by state and month, shape (51, months).

    Stocks are `_end` measures: the number in each month.
    """
    persons = tallies.monthly["cell"][..., CELL_PERSONS]
    expected = tallies.monthly["cell"].sum(axis=(2, 3))
    count = tallies.monthly["count"]
    of_all = count.sum(axis=2)

    def events(name: str, classes: list[int] | None = None) -> Integers:
        position = COUNT[name]
        return of_all[..., position] if classes is None else count[:, :, classes, position].sum(axis=2)

    def losses(classes: list[int] | None = None) -> Integers:
        return np.sum([events(f"loss_{reason}", classes) for reason in (*LOSSES, "deterred")], axis=0)

    medicaid = persons[:, :, MEDICAID]
    out: dict[str, Integers] = {
        "medicaid_enrollees_end": medicaid.sum(axis=(2, 3)),
        "expansion_enrollees_end": persons[:, :, ADULT_GROUP].sum(axis=2),
        "uninsured_end": persons[:, :, UNINSURED].sum(axis=2),
        "uninsured_person_months": persons[:, :, UNINSURED].sum(axis=2),
        "medicaid_persons_ever_lost": events("ever_lost"),
        "medicaid_losses": losses(),
        "medicaid_losses_denied_at_application": events("loss_denied_at_application")
        + events("loss_deterred"),
        "medicaid_exits_ordinary": events("loss_renewal_ineligible")
        + events("loss_income_or_other_cover")
        + events("loss_aged_out"),
        "sud_medicaid_losses": losses(ANY_SUD),
        "oud_medicaid_losses": losses(OUD),
        "treatment_end": persons[:, :, :, [MOUD, NONMEDICATION]].sum(axis=(2, 3)),
        "moud_end": persons[:, :, :, MOUD].sum(axis=2),
        "treatment_exits_coverage": events("treatment_exits_coverage"),
        "overdoses_nonfatal": expected[..., CELL_OVERDOSES] - expected[..., CELL_OPIOID],
        "overdose_deaths": expected[..., CELL_OPIOID] + expected[..., CELL_NONOPIOID],
        "opioid_overdose_deaths": expected[..., CELL_OPIOID],
        "deaths_other": expected[..., CELL_OTHER],
    }
    for reason in (*RULE_LOSSES, "renewal_procedural"):
        out[f"medicaid_losses_{reason}"] = events(f"loss_{reason}")
    for leak in EXCLUDED_LEAKS:
        out[f"sud_excluded_losses_{leak}"] = events(f"leak_{leak}")
    return {measure.name: out[measure.name] for measure in MEASURES}


def window_value(name: str, values: Integers, first: int, last: int) -> Integers:
    """Value by state over the months `first` to `last` (positions, both included): sum, or the last stock."""
    if BY_NAME[name].stock:
        return values[:, last]
    return values[:, first : last + 1].sum(axis=1)


def scaled(name: str, value: Integers | int) -> float:
    """Integers in the unit of the measure."""
    return float(value) / BY_NAME[name].divisor
