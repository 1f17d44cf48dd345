"""Georgia Pathways: an own rule since July 2023, enrollment far under its forecast."""

from __future__ import annotations

import pandas as pd

from microsim.experiments.natural.rows import CALIBRATED, COMPARED, Row, covered, events, lived, table
from microsim.engine.people import people_of
from microsim.ground.calendar import month_index
from microsim.ground.parameters import load_parameters
from microsim.ground.policies import apply_policies
from microsim.ground.schema import POPULATION_MONTH


def georgia_pathways(persons: int, seed: int, threads: int) -> pd.DataFrame:
    """Georgia with Pathways (the baseline) and with its rule lifted, on the calendar as it is.

    The number enrolled in the population is a count of June 2024, and entry is fitted so that it stays near; growth,
    approvals and what lifting the rule would do are compared.
    """
    from synthetic_pop import default_population

    p = load_parameters()
    people = people_of(default_population(persons), p, ("GA",))
    lifted = apply_policies(p, ["georgia-pathways"])
    last = month_index("2026-12") - POPULATION_MONTH
    under, without = lived(people, (p, lifted), last + 1, seed, threads)
    enrolled = covered(under, "waiver_adult")

    def around(month: str) -> float:
        """Mean of seven months, since few records stand for the group."""
        middle = month_index(month) - POPULATION_MONTH
        return float(enrolled[max(middle - 3, 0) : middle + 4].mean())

    year = slice(0, month_index("2025-06") - POPULATION_MONTH)
    refused = float(events(under, "loss_denied_at_application")[year].sum())
    checked = float(events(under, "application_checks")[year].sum())
    more = float(covered(without, "waiver_adult")[-6:].mean() / max(enrolled[-6:].mean(), 1.0))
    return table([
        Row("enrolled, June 2024", "persons", around("2024-06"),
            p.number("medicaid.experiments.georgia_enrolled_2024_06"), CALIBRATED,
            "the population holds another count of that month, 4,323"),
        Row("enrolled, May 2025", "persons", around("2025-05"),
            p.number("medicaid.experiments.georgia_enrolled_2025_05"), COMPARED, ""),
        Row("enrolled, September 2025", "persons", around("2025-09"),
            p.number("medicaid.experiments.georgia_enrolled_2025_09"), COMPARED, ""),
        Row("applications checked that gave cover", "share", 1.0 - refused / max(checked, 1.0),
            p.number("medicaid.experiments.georgia_approved_share"), COMPARED,
            "published of all processed applications, whatever they failed for"),
        Row("enrolled without the rule over enrolled with it, end of 2026", "ratio", more, None, COMPARED,
            "no published figure; forecasts before the rule were several times the enrollment"),
    ])  # fmt: skip
