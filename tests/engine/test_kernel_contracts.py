"""What the kernel promises whatever the parameters: zero for zero, state by state, no order, nobody lost."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twin_cases import (
    ONE,
    STATES,
    first_differences,
    policy_arm,
    random_people,
    random_tables,
    shipped_tables,
    slice_of_population,
)

from microsim.engine.people import RECORD, People
from microsim.engine.simulate import simulate
from microsim.engine.tables import Tables, build_tables
from microsim.engine.tallies import (
    CELL,
    COUNT,
    EXPECTED_FROM,
    EXPECTED_UNIT,
    THOUSANDTHS,
    Y_PERSON,
    Tallies,
    of_arm,
)
from microsim.ground import schema
from microsim.ground.philox import key_words
from microsim.ground.policies import apply_policies

DEATHS = [COUNT[f"realised_{cause}"] for cause in ("opioid_deaths", "nonopioid_deaths", "deaths_other")]
POLICY = "work-requirements"
OHIO = schema.STATES.index("OH")


def identical(one: Tallies, other: Tallies) -> bool:
    return all(mine.tobytes() == theirs.tobytes() for mine, theirs in zip(one, other, strict=True))


def difference(one: np.ndarray, other: np.ndarray) -> int:
    """Largest absolute difference in any cell of two arrays of records."""
    return max(int(np.abs(one[name] - other[name]).max(initial=0)) for name in one.dtype.names or ())


def with_fork(tables: Tables, fork: int) -> Tables:
    """The same tables, parting at a month of the caller's choice."""
    return tables._replace(fork=np.full_like(tables.fork, fork))


def arms_of(tables: Tables, arms: Sequence[int]) -> Tables:
    """Tables of some arms in a given order."""
    rates, places = tables.rates[list(arms)], tables.places[list(arms)]
    return Tables(rates, places, first_differences(rates, places))


@pytest.fixture(scope="module")
def people() -> People:
    return slice_of_population(20_000, 3_000, seed=5)


@pytest.fixture(scope="module")
def shaken() -> tuple[People, Tables]:
    return random_people(600, seed=21), random_tables(3, 24, seed=21)


def test_no_policy_no_difference(people: People) -> None:
    tables = shipped_tables(("baseline", "baseline"))
    months = tables.places.shape[2]
    assert (tables.fork == months).all()
    together = simulate(people, tables, 1)
    for array in together:
        assert all(not array[:-1][name].any() for name in array.dtype.names)
    for parting in (0, 17):
        apart = simulate(people, with_fork(tables, parting), 1)
        assert identical(of_arm(apart, 0), of_arm(apart, 1))
        assert identical(of_arm(apart, 0), of_arm(together, 0))


def test_policy_of_one_state_leaves_the_others_alone(people: People, tmp_path) -> None:
    file = tmp_path / "ohio.yaml"
    file.write_text(
        "patches:\n"
        '  - {parameter: medicaid.community_engagement.in_force, from: "2027-01", value: true, states: OH}\n'
        '  - {parameter: medicaid.renewal.six_month_in_force, from: "2027-01", value: true, states: OH}\n'
    )
    baseline = policy_arm("baseline")
    tables = build_tables([baseline, apply_policies(baseline, [file])], 60)
    total = simulate(people, tables, 1)
    before, after = of_arm(total, 0), of_arm(total, 1)
    others = np.arange(len(schema.STATES)) != OHIO
    for old, new in zip(before, after, strict=True):
        assert difference(old[others], new[others]) == 0
    assert difference(before.monthly[OHIO], after.monthly[OHIO]) > 0
    assert (tables.fork[others] == tables.places.shape[2]).all()


@pytest.mark.parametrize(("threads", "shard"), [(2, 100), (1, 7), (2, 599), (3, 1), (1, 10_000)])
def test_threads_and_shards_do_not_show(shaken: tuple[People, Tables], threads: int, shard: int) -> None:
    people, tables = shaken
    reference = simulate(people, tables, 3, threads=1)
    assert identical(simulate(people, tables, 3, threads=threads, shard=shard), reference)


def test_order_of_people_does_not_show(shaken: tuple[People, Tables]) -> None:
    people, tables = shaken
    reference = simulate(people, tables, 3)
    rng = np.random.default_rng(2)
    mixed = rng.permutation(len(people))
    within = mixed[np.argsort(people.records["state"][mixed], kind="stable")]
    for order in (within, mixed, np.arange(len(people))[::-1]):
        again = simulate(People(people.records[order], people.poor[order]), tables, 3)
        assert identical(again, reference)


def test_two_halves_add_up(shaken: tuple[People, Tables]) -> None:
    people, tables = shaken
    whole = simulate(people, tables, 3)
    first, second = (simulate(People(people.records[half], people.poor[half]), tables, 3)
                     for half in (slice(0, 250), slice(250, None)))  # fmt: skip
    for total, one, other in zip(whole, first, second, strict=True):
        for name in total.dtype.names:
            assert (total[name] == one[name] + other[name]).all()


@pytest.mark.parametrize("arms", [(0,), (1,), (2,), (0, 1), (1, 0), (2, 1, 0), (1, 1, 2), (0, 2)])
def test_an_arm_does_not_feel_the_others(shaken: tuple[People, Tables], arms: tuple[int, ...]) -> None:
    people, tables = shaken
    reference = simulate(people, tables, 3)
    some = simulate(people, arms_of(tables, arms), 3)
    for row, arm in enumerate(arms):
        assert identical(of_arm(some, row), of_arm(reference, arm))


def test_where_the_arms_part_does_not_show(shaken: tuple[People, Tables]) -> None:
    people, tables = shaken
    two = arms_of(tables, (0, 1))
    reference = simulate(people, two, 3)
    early = simulate(people, two._replace(fork=two.fork // 2), 3)
    apart = simulate(people, with_fork(two, 0), 3)
    for arm in range(2):
        assert identical(of_arm(early, arm), of_arm(reference, arm))
        assert identical(of_arm(apart, arm), of_arm(reference, arm))


def alive(tallies: Tallies) -> np.ndarray:
    """Thousandths of persons by state and month."""
    return np.asarray(tallies.monthly["cell"][..., CELL.index("persons")].sum(axis=(2, 3)))


def test_people_are_conserved(people: People, shaken: tuple[People, Tables]) -> None:
    for who, tables in ((people, shipped_tables(("baseline", POLICY))), shaken):
        at_start = np.bincount(who.records["state"], who.records["weight"].astype(float), len(schema.STATES))
        total = simulate(who, tables, 4)
        for arm in range(len(tables.rates)):
            mine = of_arm(total, arm)
            persons = alive(mine)
            deaths = mine.monthly["count"][..., DEATHS].sum(axis=(2, 3))
            assert (persons[:, 0] == at_start.astype(np.int64)).all()
            assert (persons[:, 1:] == persons[:, :-1] - deaths[:, :-1]).all()
            assert deaths.sum() > 0
            months = persons.shape[1]
            by_quarter = persons.reshape(len(persons), months // 3, 3).sum(axis=2)
            by_year = persons.reshape(len(persons), months // 12, 12).sum(axis=2)
            assert (mine.quarterly["money"].sum(axis=(2, 3)) == by_quarter).all()
            for name, axes in (("people", (2, 3, 4)), ("error", (2, 3))):
                assert (mine.yearly[name][..., Y_PERSON].sum(axis=axes) == by_year).all()
            for column in range(EXPECTED_FROM, EXPECTED_FROM + len(CELL) - 1):
                monthly = mine.monthly["cell"][..., column - EXPECTED_FROM + 1].sum(axis=(0, 2, 3))
                yearly = mine.yearly["people"][..., column].sum(axis=(0, 2, 3, 4))
                assert (monthly.reshape(-1, 12).sum(axis=1) == yearly).all()


def test_one_cover_at_a_time_and_no_life_after_death(shaken: tuple[People, Tables]) -> None:
    everyone, tables = shaken
    one_arm = arms_of(tables, (1,))
    died = 0
    for row in range(0, 240, 2):
        one = People(everyone.records[row : row + 1], everyone.poor[row : row + 1])
        mine = of_arm(simulate(one, one_arm, 6, threads=1), 0)
        state, weight = int(one.records["state"][0]), int(one.records["weight"][0])
        cells = mine.monthly["cell"][state, ..., CELL.index("persons")].reshape(24, -1)
        held = (cells > 0).sum(axis=1)
        months = int(held.sum())
        assert held.tolist() == [1] * months + [0] * (24 - months)
        assert set(np.unique(cells)) <= {0, weight}
        deaths = mine.monthly["count"][state][..., DEATHS].sum(axis=(1, 2))
        assert deaths.sum() == (weight if months < 24 or deaths[23] else 0)
        assert not any(mine.monthly[name][state, months:].any() for name in ("count", "cell"))
        died += months < 24
    assert died > 10


def test_certain_death_leaves_only_children() -> None:
    people = random_people(300, seed=8)
    tables = arms_of(random_tables(1, 6, seed=8), (0,))
    tables.rates["death"] = ONE
    age = schema.POPULATION_MONTH + 4 - people.records["birth_month"]
    still_young = age < tables.rates["working_age"][0, 0]
    children = people.records["weight"][still_young].astype(np.int64).sum()
    persons = alive(of_arm(simulate(people, tables, 1), 0)).sum(axis=0)
    assert persons[0] == people.records["weight"].astype(np.int64).sum()
    assert children <= persons[1] < persons[0]
    assert persons[5] == children


def at_risk(count: int, seed: int) -> People:
    """One thousand thousandths each: adults, most with an opioid or stimulant use disorder."""
    people = random_people(count, seed, STATES)
    records = people.records
    records["weight"] = THOUSANDTHS
    records["birth_month"] = np.minimum(records["birth_month"], schema.POPULATION_MONTH - 20 * 12)
    return people


def test_expected_and_realised_events_agree_over_seeds() -> None:
    """Realised minus expected is a sum of centred draws; its variance is at most the expected number."""
    tables = build_tables([policy_arm("baseline")], 24)
    tables.places["incidence"] *= 6
    tables.places["nonopioid"] *= 6
    people = at_risk(4_000, seed=31)
    expected, realised = np.zeros(4), np.zeros(4)
    events = [COUNT["realised_overdoses"], *DEATHS]
    for seed in range(12):
        mine = of_arm(simulate(people, tables, seed), 0).monthly
        expected += mine["cell"][..., 1:].sum(axis=(0, 1, 2, 3)) / EXPECTED_UNIT
        realised += mine["count"][..., events].sum(axis=(0, 1, 2)) / THOUSANDTHS
    assert (realised > 200).all()
    assert (np.abs(realised - expected) < 5 * np.sqrt(expected)).all(), (realised, expected)


def test_random_groups_hang_on_the_person_alone(shaken: tuple[People, Tables]) -> None:
    people, tables = shaken
    records = people.records.copy()
    records["weight"] = 1
    january = Tables(tables.rates, np.ascontiguousarray(tables.places[:, :, :1]), np.zeros_like(tables.fork))
    start = simulate(People(records, people.poor), january, 3)
    errors = [of_arm(start, arm).yearly["error"][..., Y_PERSON] for arm in range(len(tables.rates))]
    assert all((error == errors[0]).all() for error in errors)
    strata = errors[0].sum(axis=(0, 1, 3))
    assert (strata == np.bincount(records["stratum"], minlength=len(schema.STRATA))).all()


def test_random_groups_are_of_even_size(people: People) -> None:
    many = People(np.tile(people.records, 4), np.tile(people.poor, 4))
    many.records["person_id"] = np.arange(len(many))
    many.records["weight"] = 1
    tables = shipped_tables(("baseline",), 1)
    sizes = of_arm(simulate(many, tables, 9), 0).yearly["error"][..., Y_PERSON].sum(axis=(0, 1, 2))
    even, degrees = len(many) / schema.RANDOM_GROUPS, schema.RANDOM_GROUPS - 1
    assert sizes.sum() == len(many)
    assert ((sizes - even) ** 2 / even).sum() < degrees + 5 * np.sqrt(2 * degrees)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**64 - 1), replicate=st.integers(0, 2**64 - 1), row=st.integers(0, 599))
def test_any_seed_gives_whole_lives(
    shaken: tuple[People, Tables], seed: int, replicate: int, row: int
) -> None:
    people, tables = shaken
    assert all(0 <= word < ONE for word in key_words(seed, replicate))
    one = People(people.records[row : row + 1].astype(RECORD), people.poor[row : row + 1])
    total = simulate(one, arms_of(tables, (0, 1)), seed, replicate=replicate, threads=1)
    weight = int(one.records["weight"][0])
    for arm in range(2):
        mine = of_arm(total, arm)
        assert all((array[name] >= 0).all() for array in mine for name in array.dtype.names)
        assert (alive(mine) % weight == 0).all()
        assert (mine.monthly["count"] % weight == 0).all()


def test_seeds_and_replicates_differ(shaken: tuple[People, Tables]) -> None:
    people, tables = shaken
    named = ((1, 0), (2, 0), (1, 1))
    runs = [simulate(people, tables, seed, replicate=replicate) for seed, replicate in named]
    assert not identical(runs[0], runs[1]) and not identical(runs[0], runs[2])
    assert identical(runs[0], simulate(people, tables, 1))
