"""The compiled kernel and the naive twin agree in every integer, on shipped and on random tables."""

from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import pairwise

import naive
import naive_law
import naive_life
import numpy as np
import pytest
from twin_cases import (
    LAW_MONTHS,
    Counts,
    disagreements,
    first_differences,
    kernel_counts,
    lawful_tables,
    people_at_the_lines,
    random_people,
    random_tables,
    shipped_tables,
    slice_of_population,
    twin_counts,
)

from microsim.engine.people import People
from microsim.engine.tables import Tables
from microsim.engine.tallies import COUNTS
from microsim.ground import schema
from microsim.ground.philox import philox4x32
from microsim.life.home import HomeRates
from microsim.life.overdose import RISKS
from microsim.rules.options import Options

SHIPPED = ("baseline", "work-requirements")
CASES = (
    "population",
    "people",
    *(f"tables-{seed}" for seed in range(1, 11)),
    *(f"law-{seed}" for seed in range(1, 6)),
)


def case(name: str) -> tuple[People, Tables, int]:
    """People, tables and seed of one case."""
    if name == "population":
        return slice_of_population(20_000, 240, seed=3), shipped_tables(SHIPPED), 7
    if name == "people":
        return random_people(200, seed=4), shipped_tables(SHIPPED), 8
    kind, _, number = name.partition("-")
    seed = int(number)
    if kind == "law":
        return people_at_the_lines(300, seed), lawful_tables(2, 24, seed), seed
    return random_people(200, seed), random_tables(2 + seed % 2, 24, seed), 2**63 + seed


@cache
def lived(name: str) -> tuple[list[Counts], list[Counts], Counter[str]]:
    people, tables, seed = case(name)
    twin, reached = twin_counts(people, tables, seed, replicate=seed % 3)
    return kernel_counts(people, tables, seed, replicate=seed % 3), twin, reached


@pytest.mark.parametrize("name", CASES)
def test_kernel_equals_twin(name: str) -> None:
    kernel, twin, _ = lived(name)
    assert len(kernel) == len(twin) >= 2
    for mine, theirs in zip(kernel, twin, strict=True):
        assert disagreements(mine, theirs) == []
        assert len(mine) > 500
    assert kernel[0] != kernel[1]


USE_TURNS = (
    "none_active", "active_remission", "active_treated", "treated_remission", "treated_active",
    "remission_active",
)  # fmt: skip
OPIOID_TURNS = ("none_active", "remission_active", "active_remission", "active_nonmedication")
HOME = ("disability", "care", "study", "snap", "tanf", "custody", "smi", "complex")
EVERYTHING = {
    *(f"loss_{reason}" for reason in schema.LOSS_REASONS if reason != "none"),
    *(f"leak_{leak}" for leak in schema.LEAKS if leak != "none"),
    *(f"is_{state}" for state in schema.OPIOIDS),
    *(f"cover_{kind}" for kind in schema.COVERS),
    *(f"sud_{group}" for group in schema.SUD_CLASSES),
    *(f"pathway_{way}" for way in schema.PATHWAYS),
    *(f"{what}_{turn}" for what in HOME for turn in ("starts", "ends")),
    *(f"{substance}_{turn}" for substance in schema.OTHER_SUBSTANCES for turn in USE_TURNS),
    *(f"opioid_active_{drug}" for drug in schema.DRUGS),
    *(f"opioid_left_medication_{next_}" for next_ in ("active", "remission", *schema.DRUGS)),
    *(f"opioid_{turn}" for turn in OPIOID_TURNS),
    *(f"opioid_nonmedication_{next_}" for next_ in ("active", "remission", "buprenorphine")),
    *(f"died_{cause}" for cause in ("opioid", "nonopioid", "other")),
    "conception",
    "birth",
    "fatherhood",
    "enrols_on_release",
    "overdose",
    "overdose_treated",
    "cessation",
    "treatment_start",
    "left_treatment",
    "left_treatment_coverage",
    "renewals",
    "renewed_ex_parte",
    "checks",
    "check_between",
    "ends_at_once",
    "failed_checks",
    "strike",
    "hearings",
    "hearings_reversed",
    "hearing_lost",
    "reconsiderations",
    "locked_out",
    "cleared_from_data",
    "notices",
    "applications",
    "application_checks",
    "application_cleared",
    "entered",
    "ever_lost",
    "credit",
    "credit_barred",
    "credit_taken",
    "credit_again",
}


def test_corpus_reaches_every_path() -> None:
    reached: Counter[str] = Counter()
    for name in CASES:
        reached += lived(name)[2]
    assert sorted(EVERYTHING - reached.keys()) == []


def test_everything_counted_is_reached() -> None:
    """No measure of the monthly counts stays at zero over the corpus, so a dropped one would show."""
    seen = {key[4] for name in CASES for counts in lived(name)[0] for key in counts if key[0] == "count"}
    assert sorted(set(COUNTS) - seen) == ["leak_none", "loss_none"]


def test_twin_reads_the_same_columns() -> None:
    assert Options._fields == naive_law.OPTION_NAMES
    assert HomeRates._fields == naive_life.HOME_RUNGS
    assert RISKS == naive_life.RISKS


def test_two_philox_agree() -> None:
    numbers = np.random.default_rng(1).integers(0, 2**32, (500, 6)).tolist()
    for a, b, c, d, left, right in [[0] * 6, [2**32 - 1] * 6, *numbers]:
        assert naive.philox((a, b, c, d), (left, right)) == philox4x32(a, b, c, d, left, right)


def test_arms_part_where_their_tables_do() -> None:
    tables = shipped_tables(SHIPPED)
    expected = first_differences(tables.rates, tables.places)
    assert (tables.fork == expected).all()
    assert (expected > 0).all() and (expected < LAW_MONTHS).any()


def test_live_tells_one_life() -> None:
    people, tables, _ = case("people")
    state = int(people.records["state"][0])
    places = tables.places[0, state]
    diary = naive.live(people.records[0], int(people.poor[0]), tables.rates[0], places, 24, 1, 2)
    assert [page["month"] for page in diary] == list(range(schema.POPULATION_MONTH, diary[-1]["month"] + 1))
    assert all(page["cover"] in schema.COVERS and page["sud"] in schema.SUD_CLASSES for page in diary)
    for before, after in pairwise(diary):
        assert before["after"]["cover"] == after["cover"]
