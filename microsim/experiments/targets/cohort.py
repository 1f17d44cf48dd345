"""People followed one by one: stocks and retention by drug, deaths after leaving and of beneficiaries.

The tallies of a run know medication as one class, the cover of the month alone and no education; this pass
lives the same people with the same luck and counts by drug, by whether Medicaid covered any month of the year
so far, and by education.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from microsim.engine.tables import build_tables
from microsim.engine.tallies import EXPECTED_UNIT, THOUSANDTHS
from microsim.experiments.uncertainty.sample import Sample
from microsim.ground import draws
from microsim.ground.compiled import compiled, int64
from microsim.ground.parameters import Parameters
from microsim.ground.philox import key_words
from microsim.ground.schema import AGE_BANDS, DRUGS, EDUCATIONS, POPULATION_MONTH
from microsim.life.coverage import is_medicaid
from microsim.life.month import live_month
from microsim.life.opioid import on_medication
from microsim.life.origin import opening
from microsim.life.state import ACTIVE, BUPRENORPHINE, LEFT_MEDICATION

LATER = (6, 12, 24)
"""Months after a start at which those still on medication are counted."""
SETTLED, LEFT_FIRST, UNTREATED = range(3)
YEAR_MONTHS = 12


class Cohort(NamedTuple):
    """Counts of one arm, people and expected deaths in their own units."""

    stocks: NDArray[np.float64]
    """(months, drugs) people"""
    starts: NDArray[np.float64]
    """(drugs,) people who start in the first year"""
    kept: NDArray[np.float64]
    """(drugs, LATER) of them, still on it"""
    person_months: NDArray[np.float64]
    """(3,) settled on medication, first month after leaving, untreated"""
    deaths: NDArray[np.float64]
    """(3,) expected opioid deaths in them"""
    drug_deaths: NDArray[np.float64]
    """(years, 2) expected drug deaths: all, and of people on Medicaid in any month of the year so far"""
    deaths_by_education: NDArray[np.float64]
    """(years, age bands, educations) expected drug deaths, by education in January 2024"""


@compiled
def follow(people: Any, poor: Any, weights: Any, rates: Any, places: Any, months: int, key0: int, key1: int,
           stocks: Any, starts: Any, kept: Any, risk: Any, drug_deaths: Any, by_education: Any) -> None:  # fmt: skip
    """Live everyone under one arm, adding to int64 `stocks` (months, 3), `starts` (3,), `kept` (3, 3),
    `risk` (3, 2), `drug_deaths` (years, 2) and `by_education` (years, age bands, educations)."""
    for i in range(people.shape[0]):
        record = people[i]
        key, person, life = opening(record, poor[i], key0, key1)
        weight = int64(weights[i])
        enrolled = -1
        for t in range(months):
            month = POPULATION_MONTH + t
            if is_medicaid(life.cover.kind):
                enrolled = t // YEAR_MONTHS
            age_months = month - person.birth_month
            if age_months < rates.working_age[0]:
                continue
            health_words = draws.block(key, month, draws.SCREEN_HEALTH)
            life_words = draws.block(key, month, draws.SCREEN_LIFE)
            life, events = live_month(
                month, age_months, person, life, key, health_words, life_words, rates, places[person.state, t]
            )
            # Thresholds times thousandths of all drug deaths of a year stay well within 64 bits.
            died = weight * (events.expected_opioid_death + events.expected_nonopioid_death)
            drug_deaths[t // YEAR_MONTHS, 0] += died
            by_education[t // YEAR_MONTHS, rates.band[age_months // YEAR_MONTHS], person.education] += died
            if enrolled == t // YEAR_MONTHS:
                drug_deaths[t // YEAR_MONTHS, 1] += died
            opioid = life.opioid
            row = -1
            if on_medication(opioid.state):
                drug = opioid.state - BUPRENORPHINE
                tenure = month - opioid.since
                stocks[t, drug] += weight
                first = opioid.since - POPULATION_MONTH
                if 0 <= first < 12:
                    if tenure == 0:
                        starts[drug] += weight
                    elif tenure == 6:
                        kept[drug, 0] += weight
                    elif tenure == 12:
                        kept[drug, 1] += weight
                    elif tenure == 24:
                        kept[drug, 2] += weight
                row = 0 if tenure > 0 else -1
            elif opioid.state == LEFT_MEDICATION and opioid.since == month:
                row = 1
            elif opioid.state == ACTIVE:
                row = 2
            if row >= 0:
                risk[row, 0] += weight
                # Scaled down before it is multiplied, so that sums stay in 64 bits.
                risk[row, 1] += weight * (events.expected_opioid_death >> 16)
            if events.died_other or events.died_opioid or events.died_nonopioid:
                break


def cohort_of(sample: Sample, tree: Parameters, months: int, seed: int) -> Cohort:
    """Follow the people of a sample under one tree from January 2024."""
    tables = build_tables([tree], months)
    stocks = np.zeros((months, len(DRUGS)), np.int64)
    starts = np.zeros(len(DRUGS), np.int64)
    kept = np.zeros((len(DRUGS), len(LATER)), np.int64)
    risk = np.zeros((3, 2), np.int64)
    years = -(-months // YEAR_MONTHS)
    drug_deaths = np.zeros((years, 2), np.int64)
    by_education = np.zeros((years, len(AGE_BANDS), len(EDUCATIONS)), np.int64)
    people = sample.people
    follow(
        people.records, people.poor, sample.weights, tables.rates[0], tables.places[0], months,
        *key_words(seed, 0), stocks, starts, kept, risk, drug_deaths, by_education,
    )  # fmt: skip
    return Cohort(
        stocks / THOUSANDTHS, starts / THOUSANDTHS, kept / THOUSANDTHS,
        risk[:, 0] / THOUSANDTHS, risk[:, 1] / EXPECTED_UNIT, drug_deaths / (THOUSANDTHS * draws.ONE),
        by_education / (THOUSANDTHS * draws.ONE),
    )  # fmt: skip
