"""Integer counts a run adds up: shapes, names and merging.

Every total is an integer, so it is the same in any order, for any number of threads, shards or
machines. Persons are in thousandths; expected events in thousandths times 65536.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import numpy as np

from microsim.ground.schema import (
    AGE_BANDS,
    COVERS,
    LEAKS,
    LOSS_REASONS,
    RACES,
    RANDOM_GROUPS,
    SEXES,
    STATES,
    STRATA,
    SUD_CLASSES,
)

THOUSANDTHS = 1000
EXPECTED_UNIT = THOUSANDTHS << 16

CELL = ("persons", "overdoses", "opioid_overdose_deaths", "nonopioid_overdose_deaths", "deaths_other")
"""By month, state, cover and substance class: persons, and expected events."""
CELL_PERSONS, CELL_OVERDOSES, CELL_OPIOID, CELL_NONOPIOID, CELL_OTHER = range(len(CELL))

COUNTS = (
    *(f"loss_{reason}" for reason in LOSS_REASONS),
    *(f"leak_{leak}" for leak in LEAKS),
    "ever_lost", "entered", "renewals", "renewed_ex_parte", "checks", "cleared_from_data", "notices",
    "applications", "treatment_starts", "treatment_exits", "treatment_exits_coverage", "births",
    "realised_overdoses", "realised_opioid_deaths", "realised_nonopioid_deaths", "realised_deaths_other",
    "overdoses_treated", "application_checks", "application_cleared", "failed_checks", "reconsiderations",
    "hearings", "hearings_reversed",
)  # fmt: skip
"""By month, state and substance class: realised events in thousandths of a person."""
COUNT = {name: position for position, name in enumerate(COUNTS)}
LOSS_FIRST = 0
LEAK_FIRST = len(LOSS_REASONS)
(
    C_EVER_LOST, C_ENTERED, C_RENEWALS, C_EX_PARTE, C_CHECKS, C_CLEARED, C_NOTICES, C_APPLICATIONS, C_STARTS,
    C_EXITS, C_EXITS_COVERAGE, C_BIRTHS, C_OVERDOSES, C_OPIOID_DEATHS, C_NONOPIOID_DEATHS, C_OTHER_DEATHS,
    C_TREATED, C_APPLICATION_CHECKS, C_APPLICATION_CLEARED, C_FAILED, C_RECONSIDERED, C_HEARINGS, C_REVERSED,
) = range(LEAK_FIRST + len(LEAKS), len(COUNTS))  # fmt: skip

YEAR = (
    "person_months", "medicaid_months", "adult_group_months", "uninsured_months", "oud_months", "moud_months",
    "losses", "treatment_exits_coverage", "overdoses", "opioid_overdose_deaths", "nonopioid_overdose_deaths",
    "deaths_other",
)  # fmt: skip
"""Of one person in one calendar year: the columns of the demographic and the error tallies."""
(
    Y_PERSON, Y_MEDICAID, Y_ADULT_GROUP, Y_UNINSURED, Y_OUD, Y_MOUD, Y_LOSSES, Y_EXITS, Y_OVERDOSES, Y_OPIOID,
    Y_NONOPIOID, Y_OTHER,
) = range(len(YEAR))  # fmt: skip
EXPECTED_FROM = Y_OVERDOSES

COST_AGES = ("0_18", "19_44", "45_64", "65_up")
COST_SUD = ("none", "other_sud", "oud")
COST_CLASSES = tuple(
    f"{age}/{health}/{sud}"
    for age in COST_AGES
    for health in ("not_disabled", "disabled")
    for sud in COST_SUD
)
"""Classes of a person that spending per month depends on: age, disability, substance use."""


MONTHLY = np.dtype(
    [
        ("cell", np.int64, (len(COVERS), len(SUD_CLASSES), len(CELL))),
        ("count", np.int64, (len(SUD_CLASSES), len(COUNTS))),
    ]
)
QUARTERLY = np.dtype([("money", np.int64, (len(COVERS), len(COST_CLASSES)))])
YEARLY = np.dtype(
    [
        ("people", np.int64, (len(AGE_BANDS), len(SEXES), len(RACES), len(YEAR))),
        ("error", np.int64, (len(STRATA), RANDOM_GROUPS, len(YEAR))),
    ]
)


class Tallies(NamedTuple):
    """Records of int64 by slot, state and time; slots are one an arm, and a last one common to all."""

    monthly: np.ndarray
    """MONTHLY (slots, 51, months): persons and expected events by cover and substance class, and counts"""
    quarterly: np.ndarray
    """QUARTERLY (slots, 51, quarters): person-months by cover and cost class"""
    yearly: np.ndarray
    """YEARLY (slots, 51, years): by age, sex and race, and by stratum and random group"""


def empty(arms: int, months: int) -> Tallies:
    """Zeroed tallies of `arms` arms over `months` months that start in a January."""
    slots, here = arms + 1, len(STATES)
    return Tallies(
        np.zeros((slots, here, months), MONTHLY),
        np.zeros((slots, here, -(-months // 3)), QUARTERLY),
        np.zeros((slots, here, -(-months // 12)), YEARLY),
    )


def cleared(tallies: Tallies) -> Tallies:
    """The same tallies, all zero again: arrays of this size cost more to get than to clear."""
    for array in tallies:
        array.view(np.int64)[...] = 0
    return tallies


def add(into: Tallies, other: Tallies, states: Collection[int] = range(len(STATES))) -> None:
    """Add what `other` holds of `states` to `into`, in place."""
    for mine, theirs in zip(into, other, strict=True):
        for state in states:
            mine[:, state].view(np.int64)[...] += theirs[:, state].view(np.int64)


def of_arm(tallies: Tallies, arm: int) -> Tallies:
    """Tallies of one arm: its own slot plus the common one, without the slot axis."""
    return Tallies(
        *((array[arm].view(np.int64) + array[-1].view(np.int64)).view(array.dtype) for array in tallies)
    )


def parted(tallies: Tallies) -> list[Tallies]:
    """Tallies of each arm as `of_arm` gives them, in the memory of these, which are used up."""
    for array in tallies:
        slots = array.view(np.int64)
        slots[:-1] += slots[-1]
    return [Tallies(*(array[arm] for array in tallies)) for arm in range(len(tallies.monthly) - 1)]
