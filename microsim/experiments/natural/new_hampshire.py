"""New Hampshire 2019: 100 hours a month, suspended before anybody lost cover."""

from __future__ import annotations

import pandas as pd

from microsim.experiments.natural.people import reached_people
from microsim.experiments.natural.rows import CALIBRATED, COMPARED, RULE_LOSSES, Row, events, lived, table
from microsim.experiments.natural.shifted import shifted
from microsim.ground.calendar import month_index
from microsim.ground.parameters import load_parameters
from microsim.ground.policies import apply_policies
from microsim.ground.schema import POPULATION_MONTH

YEARS = 6
"""June 2019 becomes June 2025."""
ENROLLED = ("adult_group",)


def new_hampshire_2019(persons: int, seed: int, threads: int) -> pd.DataFrame:
    """The adult group of New Hampshire under the rule of 2019 as if it had gone on, six years later on the calendar.

    The answers of the state enter the model; the share of those who had to act and would have lost cover is compared.
    The published denominator is people subject after exemptions, so people excluded or settled from data are left out.
    """
    p = load_parameters()
    start = month_index("2025-06") - POPULATION_MONTH
    people = reached_people(p, persons, "NH", covers=ENROLLED, months=start + 7)
    rule = apply_policies(p, [shifted("new-hampshire-2019", YEARS)])
    without, under = lived(people, (p, rule), start + 7, seed, threads)
    checks = events(under, "checks") - events(under, "application_checks")
    from_data = events(under, "cleared_from_data") - events(under, "application_cleared")
    losses = events(under, *RULE_LOSSES)
    first_two = slice(start, start + 2)
    acting = float((checks - from_data)[first_two].sum())
    # A notice of the first two months ends cover one or two months later.
    facing = float(losses[start : start + 5].sum())
    checked = float(checks[start])
    return table([
        Row("answers of people who had to act", "share", p.number("medicaid.experiments.new_hampshire_response"),
            p.number("medicaid.experiments.new_hampshire_response"), CALIBRATED,
            "complement of the published outcome, so the next row shows arithmetic more than behaviour"),
        Row("facing suspension, of people who had to act in two months", "share", facing / max(acting, 1.0),
            p.number("medicaid.experiments.new_hampshire_facing_share"), COMPARED,
            "published: up to 17,000 of about 25,000 after exemptions"),
        Row("had to act at the first check, of people checked", "share",
            float((checks - from_data)[start]) / max(checked, 1.0), 0.5, COMPARED,
            "published: about 25,000 of about 50,000 enrolled were subject after exemptions"),
        Row("losses in the month in which the rule was suspended", "persons", float(losses[: start + 1].sum()), 0.0,
            COMPARED, "July 2019: notices were out, nobody had lost cover"),
    ])  # fmt: skip
