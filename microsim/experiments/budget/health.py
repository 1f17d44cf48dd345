"""Values of health: a separate table, printed only when asked for and added to nothing."""

from __future__ import annotations

import numpy as np

from microsim.engine.tallies import CELL_PERSONS, THOUSANDTHS
from microsim.experiments.budget.cases import PEOPLE, Case, people_changes
from microsim.experiments.budget.sheets import Cell, Table
from microsim.ground.calendar import MONTHS_A_YEAR
from microsim.ground.schema import POPULATION_MONTH, SUD_CLASSES


def health_values(case: Case) -> Table:
    """Deaths and quality-adjusted years over the window with their values in USD."""
    p = case.parameters
    people = {name: int(values.sum()) / PEOPLE[name] for name, values in people_changes(case).items()}
    start, stop = case.first - POPULATION_MONTH, case.last - POPULATION_MONTH + 1
    medication = SUD_CLASSES.index("oud_medication")
    cells = [t.monthly["cell"][:, start:stop, :, medication, CELL_PERSONS] for t in
             (case.baseline_people, case.policy_people)]  # fmt: skip
    years = int(np.sum(cells[1]) - np.sum(cells[0])) / THOUSANDTHS / MONTHS_A_YEAR
    quality = p.number("finance.value.quality_treated") - p.number("finance.value.quality_untreated")
    deaths = people["overdose_deaths"]
    lost = deaths * p.number("finance.value.years_lost")
    each = p.number("finance.value.qaly")
    rows: list[tuple[Cell, ...]] = [
        ("overdose_deaths", deaths, "deaths"),
        ("value_of_lives", deaths * p.number("finance.value.statistical_life") * 1e6, "usd"),
        ("quality_years_lost_by_deaths", lost, "years"),
        ("medication_years", years, "years"),
        ("quality_years_lost_off_medication", -years * quality, "years"),
        ("value_of_quality_years", (lost - years * quality) * each, "usd"),
    ]
    notes = (
        "Not budget figures. Lives and quality-adjusted years value one harm in two ways: never add them.",
        "Overdose deaths only; the value of insurance itself and other deaths are left out.",
    )
    return Table(
        "health_values", "Values of health, policy less baseline", ("measure", "value", "unit"), rows, notes
    )
