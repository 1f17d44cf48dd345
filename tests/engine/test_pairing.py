"""Arms lived as one count what each counts alone, whichever field of the tables sets them apart."""

from __future__ import annotations

import numpy as np
import pytest
from twin_cases import first_differences, random_people, random_tables, shipped_tables, slice_of_population

from microsim.engine.pairing import ALWAYS, differences
from microsim.engine.people import People
from microsim.engine.simulate import simulate
from microsim.engine.tables import Tables
from microsim.engine.tallies import CELL_PERSONS, Tallies, of_arm
from microsim.life.tables import PLACE
from microsim.rules.options import Options


def alone(people: People, tables: Tables, arm: int) -> Tallies:
    """Tallies of one arm lived by itself, where nothing is shared."""
    rates, places = tables.rates[[arm]], tables.places[[arm]]
    return of_arm(simulate(people, Tables(rates, places, first_differences(rates, places)), 3, threads=1), 0)


def assert_equal_to_alone(people: People, tables: Tables) -> Tallies:
    total = simulate(people, tables, 3, threads=1)
    for arm in range(len(tables.rates)):
        mine, own = of_arm(total, arm), alone(people, tables, arm)
        assert all(one.tobytes() == other.tobytes() for one, other in zip(mine, own, strict=True)), arm
    return total


def apart_in(tables: Tables, name: str, column: int | None = None) -> Tables:
    """Two arms that differ in one field, or in one column of it."""
    places = np.repeat(tables.places[:1], 2, axis=0)
    field = slice(None) if column is None else (..., column)
    places[name][1][field] = tables.places[name][1][field]
    rates = np.repeat(tables.rates[:1], 2)
    return Tables(rates, places, first_differences(rates, places))


@pytest.fixture(scope="module")
def people() -> People:
    return random_people(250, seed=17)


@pytest.mark.parametrize("name", [name for name in PLACE.names or () if name != "options"])
def test_one_field_apart(people: People, name: str) -> None:
    for seed in (21, 5):
        assert_equal_to_alone(people, apart_in(random_tables(2, 24, seed), name))


@pytest.mark.parametrize("name", Options._fields)
def test_one_option_apart(people: People, name: str) -> None:
    assert_equal_to_alone(people, apart_in(random_tables(2, 24, 21), "options", Options._fields.index(name)))


@pytest.mark.parametrize("policy", ["budget2025", "naloxone-cuts"])
def test_shipped_policies_share_most_months(policy: str) -> None:
    people = slice_of_population(20_000, 2_000, seed=5)
    total = assert_equal_to_alone(people, shipped_tables(("baseline", policy)))
    persons = total.monthly["cell"][..., CELL_PERSONS].sum(axis=(1, 2, 3, 4))
    assert 0 < persons[0] < 0.15 * persons[-1]


def test_an_unnamed_field_counts_as_read() -> None:
    tables = apart_in(random_tables(2, 24, 21), "incidence")
    assert (differences(tables.rates, tables.places)[1] & ALWAYS).any()
