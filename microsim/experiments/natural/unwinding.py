"""The unwinding of 2023: renewals begin again after three years in which cover could not end."""

from __future__ import annotations

import pandas as pd

from microsim.engine.people import people_of
from microsim.experiments.natural.rows import CALIBRATED, COMPARED, Row, events, in_class, lived, table
from microsim.experiments.natural.shifted import shifted
from microsim.ground.calendar import month_index
from microsim.ground.parameters import Parameters, load_parameters
from microsim.ground.policies import apply_policies
from microsim.ground.schema import POPULATION_MONTH

YEARS = 2
"""April 2023 becomes April 2025."""
PATIENT_MONTHS = 8
_RENEWAL = "medicaid.renewal."


def unwinding_2023(persons: int, seed: int, threads: int) -> pd.DataFrame:
    """Renewals of the unwinding against continuous cover, all states, two years later on the calendar.

    Shares of renewals enter the model; procedural losses among adults, the fall of people on medication and returns are
    compared. Before its first month no renewal ends cover in either arm.
    """
    from synthetic_pop import default_population

    p = load_parameters()
    held = continuous(p)
    begins = apply_policies(held, [shifted("unwinding-2023", YEARS)])
    people = people_of(default_population(persons), p)
    start = month_index("2025-04") - POPULATION_MONTH
    last = month_index("2026-08") - POPULATION_MONTH
    before, under = lived(people, (held, begins), last + 1, seed, threads)
    months = slice(start, last + 1)
    procedural = float(events(under, "loss_renewal_procedural")[months].sum())
    found = float(events(under, "loss_renewal_ineligible")[months].sum())
    renewals = float(events(under, "renewals")[months].sum())
    seen = float(events(under, "renewed_ex_parte")[months].sum())
    patients = in_class(under, "oud_medication") / in_class(before, "oud_medication") - 1.0
    lost = procedural + found
    year = slice(start, start + 12)
    back = events(under, "entered") - events(before, "entered")
    loss_share = p.number("medicaid.experiments.unwinding_loss_share")
    return table([
        Row("renewals settled from data", "share", seen / renewals,
            p.number("medicaid.experiments.unwinding_ex_parte_share"), CALIBRATED, "of all renewals due"),
        Row("renewals that ended cover, adults", "share", lost / renewals, loss_share, CALIBRATED,
            "published for all ages; adults lose more by medicaid.renewal.adult_loss_factor"),
        Row("procedural share of losses", "share", procedural / lost,
            p.number("medicaid.experiments.unwinding_procedural_share_of_losses"), CALIBRATED, "69 to 73 per cent"),
        Row("losses before renewals began", "persons", float(events(under, "loss_renewal_procedural")[:start].sum()),
            0.0, COMPARED, "none is possible"),
        Row("people on medication eight months after the start", "relative change",
            float(patients[start + PATIENT_MONTHS]), -p.number("medicaid.experiments.unwinding_medication_fall"),
            COMPARED, "published for buprenorphine alone, interval -0.040 to -0.018"),
        Row("entries above those without losses, of losses in twelve months", "share",
            float(back[year].sum()) / float(events(under, "loss_renewal_procedural", "loss_renewal_ineligible")[year].sum()),
            p.number("medicaid.experiments.unwinding_back_share"), COMPARED,
            "published by a survey of disenrolled adults after 3 to 12 months"),
    ])  # fmt: skip


def continuous(p: Parameters) -> Parameters:
    """Parameters under which no renewal ends cover, as from March 2020 to March 2023."""
    nobody = {f"{_RENEWAL}{name}_share": 0.0 for name in ("procedural", "ineligible")}
    return p.replaced(nobody)
