"""Tables the kernel reads: every entry in its range, whatever the parameters; arms part where they differ."""

from __future__ import annotations

import csv
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twin_cases import parameters, policy_arm, population, random_people, shipped_tables

from microsim.engine.crowding import crowding_of, tables_with_crowding
from microsim.engine.environment import build_environment
from microsim.engine.people import people_of
from microsim.engine.tables import Crowding, Tables, build_tables, crowded
from microsim.engine.tables.places import _answer_odds, _spread, fill_treatment
from microsim.engine.tables.thresholds import cumulative, factor, probability, shift_odds, threshold
from microsim.ground import schema
from microsim.ground.draws import ONE
from microsim.ground.errors import InputError
from microsim.ground.parameters import Parameters, data_root
from microsim.ground.policies import apply_policies
from microsim.life import readings
from microsim.life.tables import FACTOR_ONE, MAX_AGE, PLACE, RATES

MONTHS = 48
FACTORS = (
    "incidence", "onset", "onset_above_limit", "nonopioid", "start_reentry", "earnings", "attachment",
    "birth_parent", "married", "degree", "rated",
)  # fmt: skip
WHOLE = (
    "options", "law_live", "tested_at_renewal", "adult_group_open", "waiver_open", "income_limit", "band",
    "window_months", "overdose_memory", "overdose_start_months", "pregnancy_months",
    "postpartum_months", "full_hours", "volunteer_hours", "dependent_months", "working_age",
    "child_cover_to", "parent_plan_to", "pay", "spouse_pay",
)  # fmt: skip
CUMULATIVE = ("exit_destination", "rule_destination", "age19_destination", "employer_loss_destination")
MULTIPLIED = {
    "probability", "probability_per_month", "share", "hazard_per_month", "hazard_per_year", "ratio",
    "hazard_ratio", "odds_ratio",
}  # fmt: skip
"""Units of the parameters that are shaken."""
OHIO = schema.STATES.index("OH")


def entries(tables: Tables) -> dict[str, np.ndarray]:
    found = {f"rates.{name}": tables.rates[name] for name in RATES.names or ()}
    return found | {f"places.{name}": tables.places[name] for name in PLACE.names or ()}


def check_ranges(tables: Tables) -> None:
    for place, values in entries(tables).items():
        name = place.split(".")[1]
        if name in WHOLE:
            continue
        assert values.min() >= 0, name
        if name not in FACTORS:
            assert values.max() <= ONE, name
    for name in CUMULATIVE:
        values = tables.rates[name]
        assert (np.diff(values, axis=-1) >= 0).all(), name
        assert (values[..., -1] == ONE).all(), name
    assert int(tables.places["fatal_alone"].max()) <= ONE >> 1
    branches = [tables.places[f"fatal_{name}"] for name in ("alone", "ambulance", "naloxone")]
    assert (tables.places["fatality"] <= np.maximum.reduce(branches)).all()


@cache
def shaken_ids() -> tuple[str, ...]:
    p = parameters()
    return tuple(
        id_ for id_ in p.ids()
        if p.record(id_).unit in MULTIPLIED and not (p.record(id_).derivation or "").startswith("=")
    )  # fmt: skip


@cache
def shares() -> tuple[np.ndarray, np.ndarray]:
    return _answer_odds(parameters())


def test_shipped_tables_are_in_range() -> None:
    tables = shipped_tables(("baseline", "budget2025"))
    check_ranges(tables)
    assert tables.rates.shape == (2,)
    assert tables.places.shape == (2, len(schema.STATES), tables.places.shape[2])
    for name, values in entries(tables).items():
        assert values.any() or name == "rates.rule_response", f"{name} is zero everywhere"
    incidence = int(tables.places["incidence"].max())
    assert (int(tables.rates["overdose"].max()) * incidence) >> 16 <= ONE * 3 >> 2


@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32 - 1), spread=st.floats(0.05, 0.5))
def test_shaken_parameters_stay_in_range_or_are_refused(seed: int, spread: float) -> None:
    rng = np.random.default_rng(seed)
    factors = {id_: float(np.exp(spread * rng.standard_normal())) for id_ in shaken_ids()}
    try:
        tables = build_tables([policy_arm("budget2025").scaled(factors)], 24)
    except InputError as error:
        assert str(error).startswith(("sud.", "medicaid.verification.response"))
        return
    check_ranges(tables)


def test_impossible_fatality_is_refused() -> None:
    tree = parameters().scaled({"sud.overdose.fatality_multiplier": 50.0})
    with pytest.raises(InputError, match=r"sud\.overdose\.fatality_unaided"):
        build_tables([tree], 12)


def test_the_highest_incidence_gives_probabilities_still() -> None:
    tree = parameters().scaled({"sud.overdose.base_rate": 1000.0})
    check_ranges(build_tables([tree], 12))


@pytest.mark.parametrize(("field", "ids"), [
    ("window_months", ["sud.treatment.exit_window_months"]), ("overdose_memory", ["sud.overdose.prior_months"]),
    ("overdose_start_months", ["sud.treatment.overdose_start_months"]), ("pregnancy_months", ["life.pregnancy_months"]),
    ("postpartum_months", ["life.postpartum_months"]), ("child_cover_to", ["flows.child_cover_age"]),
    ("dependent_months", ["flows.dependent_child_age"]), ("parent_plan_to", ["flows.parent_plan_age"]),
    ("working_age", ["life.adult_from", "life.working_age_to"]),
])  # fmt: skip
def test_times_are_in_months_whatever_their_unit(field: str, ids: list[str]) -> None:
    p = parameters()
    months = [p.number(id_) * {"months": 1, "years": 12}[p.record(id_).unit] for id_ in ids]
    assert np.array_equal(np.ravel(shipped_tables(("baseline",)).rates[0][field]), months)


def test_relapse_has_the_hazard_of_its_time_since_the_disorder() -> None:
    starts = schema.RECOVERY_BAND_STARTS
    assert [readings.recovery_band(months) for months in (*starts, starts[1] - 1, starts[2] - 1)] == [0, 1, 2, 0, 1]
    p = parameters()
    hazards = p.array("sud.opioid.relapse_hazard", "recovery_band")
    found = shipped_tables(("baseline",)).rates[0]["opioid_relapse"] / ONE
    assert found == pytest.approx(1 - np.exp(-hazards), abs=1e-9)


def test_death_grows_with_age_and_with_untreated_use() -> None:
    rates = shipped_tables(("baseline",)).rates[0]
    death = rates["death"]
    none, untreated, treated = (
        schema.SUD_CLASSES.index(name) for name in ("none", "oud_untreated", "oud_medication")
    )
    adult = death[:, 40 : MAX_AGE - 10, none]
    assert (np.diff(adult, axis=1) > 0).mean() > 0.9
    assert (death[:, 80] > death[:, 40]).all()
    assert (death[:, 18:, untreated] > death[:, 18:, treated]).all()
    assert (death[:, 18:, treated] >= death[:, 18:, none]).all()


def test_death_is_that_of_the_life_table_in_the_parameters() -> None:
    id_ = "life.death_probability"
    with (data_root() / "sud" / "life_table.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    written = np.array([[float(row[sex]) for row in rows] for sex in schema.SEXES])
    p = parameters()
    assert written.tobytes() == p.array(id_, "sex", "age").tobytes()
    # One digit of one cell: the tree is another one, and so are the deaths of that age and of no other.
    written[1, 70] += 1e-6
    other = p.replaced({id_: written})
    assert other.digest() != p.digest()
    moved = build_tables([other], 1).rates[0]["death"] != build_tables([p], 1).rates[0]["death"]
    assert moved[1, 70].all()
    assert moved.any(axis=-1).sum() == 1


def test_the_last_age_of_the_life_table_holds_for_older_people() -> None:
    death = shipped_tables(("baseline",)).rates[0]["death"]
    assert death.shape[1] == MAX_AGE + 1 > len(schema.AGES)
    assert (death[:, len(schema.AGES) - 1] == death[:, -1]).all()


def test_means_by_age_band_are_those_of_the_life_table() -> None:
    held = pd.read_parquet(data_root() / "population" / "people" / "tables" / "age_state.parquet")
    # The survey counts men as 1 and women as 2.
    residents = held.groupby(["sex", "age"])["w"].sum().unstack().loc[[2, 1]].to_numpy(float)
    ages = residents.shape[1]
    risk = parameters().array("life.death_probability", "sex", "age")[:, :ages]
    band = np.searchsorted(schema.AGE_BAND_STARTS, np.arange(ages), side="right") - 1
    means = [
        np.average(risk[:, band == one], weights=residents[:, band == one], axis=1)
        for one in range(len(schema.AGE_BANDS))
    ]
    stated = parameters().array("life.death_probability_band", "age_band", "sex")
    assert np.array(means) == pytest.approx(stated, rel=0.015)


def test_more_hazard_never_means_a_smaller_threshold() -> None:
    base = build_tables([parameters()], 12)
    for id_, names in {
        "sud.overdose.base_rate": ("rates.overdose",),
        "sud.opioid.onset_hazard": ("rates.onset",),
        "sud.treatment.start_hazard": ("places.start", "places.start_after_overdose"),
        "flows.medicaid_entry_base": ("places.entry",),
        "life.incarceration_hazard": ("rates.home",),
        "life.oud_excess_off": ("rates.death",),
    }.items():
        more = build_tables([parameters().scaled({id_: 1.3})], 12)
        for name, values in entries(base).items():
            if name in names:
                assert (entries(more)[name] >= values).all() and (entries(more)[name] > values).any(), name


@given(st.lists(st.floats(0, 50), min_size=2, max_size=20))
def test_probabilities_grow_with_hazards_and_stay_below_one(hazards: list[float]) -> None:
    ordered = np.sort(np.array(hazards))
    values = threshold(probability(ordered))
    assert (np.diff(values) >= 0).all()
    assert (values >= 0).all() and (values <= ONE).all()
    assert (probability(ordered) <= ordered).all()


@given(st.floats(-2, 3))
def test_thresholds_are_clipped_and_factors_keep_scale(share: float) -> None:
    assert threshold(share) == round(min(max(share, 0.0), 1.0) * ONE)
    assert factor(1.0) == FACTOR_ONE


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12).filter(lambda shares: sum(shares) > 1e-6))
def test_cumulative_shares_end_at_certainty(shares: list[float]) -> None:
    values = cumulative(np.array(shares))
    assert values[-1] == ONE
    assert (np.diff(values, prepend=0) >= 0).all()
    assert np.diff(values, prepend=0) == pytest.approx(np.array(shares) / sum(shares) * ONE, abs=2)


@given(st.floats(0.001, 0.999), st.floats(-5, 5))
def test_odds_move_and_come_back(share: float, by: float) -> None:
    moved = shift_odds(share, by)
    assert (moved > share) == (by > 0) or abs(by) < 1e-9
    assert shift_odds(moved, -by) == pytest.approx(share, rel=1e-9)
    assert (shift_odds(0.0, by), shift_odds(1.0, by)) == (0.0, 1.0)


@given(st.lists(st.floats(0.01, 0.99), min_size=1, max_size=6))
def test_spreading_over_classes_keeps_the_mean(means: list[float]) -> None:
    odds, weights = shares()
    assert weights.sum() == pytest.approx(1.0)
    one_month = _spread(np.array(means), odds, weights)
    assert one_month.shape == (len(means), *odds.shape)
    assert (one_month * weights).sum(axis=(1, 2)) == pytest.approx(means, rel=1e-9)
    assert (one_month > 0).all() and (one_month < 1).all()
    order = np.argsort(odds, axis=None)
    assert (np.diff(one_month.reshape(len(means), -1)[:, order], axis=1) >= -1e-12).all()
    many = np.repeat(np.array(means)[:, None], 5, axis=1)
    many[:, 3:] = 0.5
    assert (_spread(many, odds, weights)[:, 2] == one_month).all()
    assert (_spread(many, odds, weights)[:, 4] * weights).sum(axis=(1, 2)) == pytest.approx(0.5)


def test_equal_arms_never_part() -> None:
    again = parameters().replaced({"sud.overdose.base_rate": parameters().number("sud.overdose.base_rate")})
    tables = build_tables([parameters(), again, parameters()], MONTHS)
    assert (tables.fork == MONTHS).all()
    assert tables.places[0].tobytes() == tables.places[1].tobytes()


def one_state(tmp_path_factory: pytest.TempPathFactory) -> Parameters:
    file = tmp_path_factory.mktemp("tables") / "ohio.yaml"
    file.write_text(
        "patches:\n"
        '  - {parameter: medicaid.community_engagement.in_force, from: "2027-01", value: true, states: OH}\n'
    )
    return apply_policies(parameters(), [file])


def test_a_patch_of_one_state_parts_that_state_alone(tmp_path_factory: pytest.TempPathFactory) -> None:
    tables = build_tables([parameters(), one_state(tmp_path_factory)], MONTHS)
    others = np.arange(len(schema.STATES)) != OHIO
    assert (tables.fork[others] == MONTHS).all()
    # Months within a year before the law can be looked back at.
    assert 24 <= tables.fork[OHIO] <= 36
    assert (tables.places[0, others] == tables.places[1, others]).all()
    parted = tables.fork[OHIO]
    assert (tables.places[0, OHIO, :parted] == tables.places[1, OHIO, :parted]).all()
    assert tables.places[0, OHIO, parted] != tables.places[1, OHIO, parted]


def test_a_national_rate_parts_everybody_at_once() -> None:
    tables = build_tables([parameters(), parameters().scaled({"sud.overdose.base_rate": 1.1})], 12)
    assert (tables.fork == 0).all()


def test_a_later_month_does_not_change_earlier_ones() -> None:
    short, long = (build_tables([policy_arm("budget2025")], months) for months in (24, MONTHS))
    for name in PLACE.names or ():
        if name != "law_live":
            assert (short.places[name] == long.places[name][:, :, :24]).all(), name
    assert short.rates.tobytes() == long.rates.tobytes()


def test_crowding_is_exactly_one_without_a_difference() -> None:
    people = random_people(400, seed=3)
    arms = [parameters(), parameters()]
    plain = build_tables(arms, 12)
    tables, crowding = tables_with_crowding(people, arms, 12, 1, 1, 2)
    assert crowding == [None, None]
    assert tables.places.tobytes() == plain.places.tobytes()


def test_crowding_of_equal_demand_is_one_and_more_demand_means_less_access(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    people = people_of(population(20_000), parameters())
    arms = [parameters(), policy_arm("work-requirements")]
    tables = build_tables(arms, 60)
    first, second = crowding_of(people, arms, tables, 1, 2, 1)
    assert first is None and second is not None
    for access in second:
        assert access.shape == (len(schema.STATES), 60)
        assert (access > 0).all() and (access <= 1).all()
    apart = tables.fork // 3
    for state in range(len(schema.STATES)):
        assert (second.access[state, : apart[state] * 3] == 1.0).all()
    assert second.access.min() < 1.0
    again = build_tables(arms, 60, [first, second])
    changed = crowded(tables, arms, [first, second])
    assert changed.places.tobytes() == again.places.tobytes() != tables.places.tobytes()
    assert (changed.fork == again.fork).all()


def test_fewer_places_and_more_demand_are_one_access_to_what_grants_pay() -> None:
    p = parameters()
    plain = build_environment(p, schema.POPULATION_MONTH, schema.POPULATION_MONTH)
    half = plain._replace(access=plain.access * 0.5)
    tables = []
    for environment, crowding in ((plain, None), (half, Crowding(np.full(plain.access.shape, 0.8)))):
        tables.append(np.zeros(plain.access.shape, PLACE))
        fill_treatment(tables[-1], p, environment, crowding)
    left = 1.0 - p.number("sud.treatment.grant_funded_share_uninsured") * (1.0 - 0.5 * 0.8)
    hazards = [-np.log1p(-table["start"][0, 0] / ONE) for table in tables]
    uninsured = schema.PAYERS.index("uninsured")
    assert hazards[1][uninsured] == pytest.approx(hazards[0][uninsured] * left, rel=1e-6)
    assert np.delete(hazards[1] - hazards[0], uninsured) == pytest.approx(0.0)
    kept = [np.prod(1.0 - table["coverage_stop"][0, 0] / ONE) for table in tables]
    assert kept[1] == pytest.approx(kept[0] * left, rel=1e-6)


@pytest.mark.parametrize("ratio", [30_001.0, 1e300, float("nan")])
def test_factors_that_overflow_beside_a_threshold_are_refused(ratio: float) -> None:
    with pytest.raises(InputError, match=r"a factor on a rate: .*: expected at most 30,000"):
        factor(np.array([1.0, ratio]))
    with pytest.raises(InputError, match="a probability: 'not a number'"):
        threshold(np.array([0.5, np.nan]))
