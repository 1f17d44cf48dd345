"""People and tables to run the kernel and the naive twin on: shipped, random, far from the shipped ones."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

import naive
import numpy as np

import synthetic_pop
from microsim.engine.people import RECORD, People, people_of
from microsim.engine.simulate import simulate
from microsim.engine.tables import Tables, build_tables
from microsim.engine.tallies import CELL, COST_CLASSES, COUNTS, YEAR, Tallies, of_arm
from microsim.ground import schema
from microsim.ground.parameters import Parameters, load_parameters
from microsim.ground.philox import key_words
from microsim.ground.policies import apply_policies
from microsim.rules.options import Options

ONE = 1 << 32
LAW_MONTHS = 60
"""Months of the shipped tables: to December 2028, two years into the law."""
STATES = tuple(schema.STATES.index(state) for state in ("AZ", "GA", "NC", "NE", "OH", "TX"))
"""Expansion states with different choices, a waiver state and a state without expansion."""
Counts = Counter[tuple[Any, ...]]

_PROBABILITIES_OF_DEATH = ("death", "stimulant_death", "other_drug_death")
_FATAL = ("fatal_naloxone", "fatal_ambulance", "fatal_alone", "fatality")
_FACTORS = (
    "incidence", "nonopioid", "onset", "start_reentry", "attachment", "birth_parent", "outside_disabled",
    "overdose_education",
)  # fmt: skip
_CUMULATIVE = ("exit_destination", "rule_destination", "age19_destination", "employer_loss_destination")
_WHOLE = {
    "window_months": (1, 4), "overdose_memory": (1, 13), "overdose_start_months": (0, 4),
    "pregnancy_months": (9, 9), "postpartum_months": (2, 13),
    "full_hours": (80, 200), "volunteer_hours": (0, 90), "dependent_months": (100, 260),
}  # fmt: skip
_ZERO_STAYS = ("class_change", "medicaid_exit")
_AS_IT_IS = (
    "married", "degree", "rated", "pay", "spouse_pay", "band", "working_age", "child_cover_to", "options",
    "disaster_declared", "income_limit", "law_live", "tested_at_renewal",
)  # fmt: skip
_SWITCHES = ("adult_group_open", "waiver_open")
_OPTION_RANGE = {
    "exclusions_apply": (0, 1), "child_age_limit_months": (60, 216), "foster_age_limit_months": (252, 360),
    "functional_gate": (0, 1), "sud_automatic": (0, 1), "recovery_line_months": (12, 72),
    "programme_counts": (0, 2), "release_months": (0, 5), "hours_required": (20, 120), "income_required": (100, 2000),
    "income_hours_credit": (0, 1), "income_hourly_cents": (200, 2000), "waiver_adults_subject": (0, 1),
    "lookback_months": (1, 3), "renewal_months_required": (1, 6), "check_interval_months": (0, 4),
    "renewal_period_months": (6, 12), "short_renewal_months": (3, 6), "six_month_in_force": (0, 1),
    "notice_day": (1, 31), "deemed_days": (0, 5), "cure_days": (0, 30), "disenrolment_lag_months": (0, 1),
    "credit_bar": (0, 1), "age_low_months": (228, 240), "age_high_months": (744, 780),
    "hardship_disaster": (0, 1), "hardship_inpatient": (0, 1), "hardship_unemployment": (0, 1),
    "hardship_travel": (0, 1), "frailty_recheck_months": (0, 14), "veteran_recheck_months": (0, 14),
    "noncompliance_months": (1, 3), "lockout": (0, 1), "reconsideration_months": (0, 4),
    "reconsideration_look_back": (0, 1), "hearing_months": (0, 4),
}  # fmt: skip
"""Options a random rule changes, with the values it takes."""
_LINES = (
    "child_age_limit_months",
    "foster_age_limit_months",
    "recovery_line_months",
    "hours_required",
    "income_required",
    "exclusions_apply",
)
"""Options that stay as the statute has them where people stand at its lines."""


@cache
def parameters() -> Parameters:
    return load_parameters()


@cache
def policy_arm(name: str) -> Parameters:
    """Parameters under a policy; `baseline` names the tree without one."""
    return parameters() if name == "baseline" else apply_policies(parameters(), [name])


@cache
def shipped_tables(arms: tuple[str, ...], months: int = LAW_MONTHS) -> Tables:
    """Tables of the shipped parameters under policies, to be copied before any change."""
    return build_tables([policy_arm(name) for name in arms], months)


@cache
def population(persons: int) -> dict[str, np.ndarray]:
    return synthetic_pop.build(persons, 11)


def slice_of_population(persons: int, wanted: int, seed: int) -> People:
    """People drawn from a built population, half of them ever reached by the law or with a disorder."""
    people = people_of(population(persons), parameters())
    rng = np.random.default_rng(seed)
    adults = np.flatnonzero(people.records["stratum"] >= schema.STRATA.index("adult_medicaid"))
    half = wanted // 2
    anyone = rng.choice(len(people), half, replace=False)
    chosen = np.sort(np.concatenate([anyone, rng.choice(adults, wanted - half, replace=False)]))
    return People(people.records[chosen], people.poor[chosen])


def random_people(count: int, seed: int, states: tuple[int, ...] = STATES) -> People:
    """Records valid by schema.PERSON_COLUMNS, most of working age and with unlikely histories."""
    rng = np.random.default_rng(seed)
    records = np.zeros(count, RECORD)
    for column in schema.PERSON_COLUMNS:
        high = min(column.high, column.low + 2_000_000)
        records[column.name] = rng.integers(column.low, high, count, endpoint=True)
    records["person_id"] = rng.integers(0, 2**62, count)
    records["state"] = np.sort(rng.choice(states, count))
    years = rng.choice([*range(17, 67), 18, 18, 40, 64, 64, 5, 80, 104], count)
    records["birth_month"] = schema.POPULATION_MONTH - years * 12 - rng.integers(0, 12, count)
    records["wage"] = rng.integers(0, 4000, count)
    records["spouse_wage"] = rng.integers(0, 3000, count)
    records["other_income"] = rng.choice([0, 0, 0, 300, 900], count)
    grown = rng.integers(0, 40 * 12, count)
    born = np.where(rng.random(count) < 0.6, schema.NEVER, schema.POPULATION_MONTH - grown)
    records["child_birth_month"] = born
    for name, high, missing in (("treatment_months", 40, 0.2), ("recovery_months", 90, 0.5),
                                ("overdose_months", 11, 0.8), ("release_months", 11, 0.8)):  # fmt: skip
        known = rng.integers(0, high, count, endpoint=True)
        records[name] = np.where(rng.random(count) < missing, 255, known)
    records["pregnancy_months"] *= rng.random(count) < 0.2
    bits = rng.random((count, len(schema.FLAGS))) < rng.choice([0.05, 0.2, 0.5], (count, 1))
    records["flags"] = (bits << np.arange(len(schema.FLAGS))).sum(axis=1)
    covered = rng.choice(["adult_group", "waiver_adult", "uninsured"], count)
    forced = rng.random(count) < 0.6
    codes = np.array([schema.COVERS.index(name) for name in covered])
    records["cover"] = np.where(forced, codes, records["cover"])
    return People(records, rng.integers(0, 2, count))


def people_at_the_lines(count: int, seed: int) -> People:
    """Adults of the groups the law reaches, each near one of its lines: a child's age, release, recovery, pay."""
    rng = np.random.default_rng(seed)
    people = random_people(count, seed)
    records = people.records
    months = rng.integers(0, 24, count)
    records["birth_month"] = schema.POPULATION_MONTH - rng.choice([20, 25, 30, 45, 64], count) * 12 - months
    records["cover"] = rng.choice(
        [schema.COVERS.index(kind) for kind in ("adult_group", "waiver_adult")], count
    )
    records["work_class"] = rng.integers(0, 3, count)
    records["wage"], records["spouse_wage"], records["other_income"] = rng.integers(100, 800, (3, count))
    line = rng.integers(0, 6, count)
    young = schema.POPULATION_MONTH + months - 14 * 12
    records["child_birth_month"] = np.where(line == 0, young, schema.NEVER)
    records["release_months"] = np.where(line == 1, months % 12, 255)
    records["recovery_months"] = np.where(line == 2, 59 - months, 255)
    remission = schema.OPIOIDS.index("remission")
    records["opioid"] = np.where(line == 2, remission, np.where(line == 3, records["opioid"], 0))
    for substance in schema.OTHER_SUBSTANCES:
        records[substance] *= line == 3
    records["pregnancy_months"] = np.where(line == 4, records["pregnancy_months"], 0)
    own = rng.choice([0, *schema.FLAG.values()], (2, count))
    kept = (
        schema.FLAG["working"]
        | schema.FLAG["has_spouse"]
        | schema.FLAG["spouse_works"]
        | schema.FLAG["impaired"]
    )
    records["flags"] = own[0] | own[1] | rng.integers(0, 2 ** len(schema.FLAGS), count) & kept
    return people


def lawful_tables(arms: int, months: int, seed: int) -> Tables:
    """Shipped lives under frequent checks and random visibility, answers and choices of the states."""
    rng = np.random.default_rng(seed)
    base = shipped_tables(("baseline",))
    rates, places = np.repeat(base.rates, arms), np.repeat(base.places[:, :, :months], arms, axis=0)
    own = Options._fields.index
    rates["diagnosed"] = ONE >> 3
    rates["home"] = np.minimum(rates["home"] * 10, ONE >> 6)
    for arm in range(arms):
        here = places[arm]
        lines = here["options"].copy()
        _random_rule(here, rng)
        for name in _LINES:
            here["options"][..., own(name)] = lines[..., own(name)]
        here["options"][..., own("release_months")] = rng.integers(3, 16, (len(here), 1))
        here["options"][..., own("renewal_period_months")] = rng.integers(3, 7, (len(here), 1))
        for name in ("clear", "response", "document", "ex_parte", "entry", "reentry"):
            here[name] = rng.integers(0, ONE, here[name].shape)
        here["renewal_response"] = rng.integers(ONE >> 1, ONE, here["renewal_response"].shape)
        here["adult_group_open"] = rng.integers(0, 2, (len(here), 1))
        here["waiver_open"] = 1
    return Tables(rates, places, first_differences(rates, places))


def random_tables(arms: int, months: int, seed: int) -> Tables:
    """Tables far from the shipped ones: large hazards, a random rule in random months, arms that part."""
    rng = np.random.default_rng(seed)
    base = shipped_tables(("baseline",))
    rates = np.repeat(base.rates, arms)
    _shake(rates[:1], rng)
    rates[:] = rates[0]
    places = np.repeat(base.places[:, :, :months], arms, axis=0)
    for arm in range(arms):
        if arm == 0:
            _shake(places[0], rng)
            _random_rule(places[0], rng)
            continue
        places[arm] = places[0]
        parting = rng.integers(0, months + 1, len(schema.STATES))
        own = places[0].copy()
        _shake(own, rng)
        _random_rule(own, rng)
        later = np.arange(months)[None, :] >= parting[:, None]
        places[arm][later] = own[later]
        # Memory has no gaps, as the host sees to.
        places[arm]["law_live"] = np.maximum.accumulate(places[arm]["law_live"], axis=1)
        if arm == 2:
            _shake(rates[arm : arm + 1], rng)
    return Tables(rates, places, first_differences(rates, places))


def first_differences(rates: np.ndarray, places: np.ndarray) -> np.ndarray:
    """First month in which any arm's tables differ from the first arm's, by state, byte by byte."""
    arms, states, months = places.shape
    if any(rates[arm].tobytes() != rates[0].tobytes() for arm in range(arms)):
        return np.zeros(states, np.int64)
    raw = np.ascontiguousarray(places).view(np.uint8).reshape(arms, states, months, -1)
    differs = (raw != raw[:1]).any(axis=(0, 3))
    return np.where(differs.any(axis=1), differs.argmax(axis=1), months).astype(np.int64)


def _shake(records: np.ndarray, rng: np.random.Generator) -> None:
    """Random numbers in the fields of RATES or PLACE records, inside what the host's checks allow."""
    for name in records.dtype.names or ():
        field = records[name]
        if name in _AS_IT_IS:
            continue
        if name in _WHOLE:
            low, high = _WHOLE[name]
            field[...] = rng.integers(low, high, endpoint=True)
        elif name in _SWITCHES:
            field[...] = rng.integers(0, 2, (len(field), 1) if field.ndim > 1 else len(field))
        elif name in _CUMULATIVE:
            field[...] = _cumulative(field, rng)
        elif name in _FACTORS:
            field[...] = rng.integers(1 << 14, 1 << 18, field.shape)
        elif name in _FATAL:
            field[...] = rng.integers(0, ONE >> 1, field.shape)
        elif name in _PROBABILITIES_OF_DEATH:
            field[...] = np.minimum(field * 2 + rng.integers(0, ONE >> 9, field.shape), ONE >> 6)
        elif name == "overdose":
            field[...] = rng.integers(0, ONE >> 5, field.shape)
        elif name in _ZERO_STAYS:
            field[...] = rng.integers(0, ONE >> 5, field.shape) * (field > 0)
        elif name == "home":
            few = np.minimum(field * rng.choice([1, 10, 40]), ONE >> 5)
            field[...] = np.where(field > 0, np.maximum(few, rng.integers(0, ONE >> 6, field.shape)), 0)
        else:
            field[...] = _probabilities(field, rng)


def _probabilities(field: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The field scaled, or any probability, by the luck of the field."""
    anything = rng.integers(0, ONE, field.shape, endpoint=True)
    scaled = np.minimum((field * rng.choice([0.2, 1.0, 3.0, 10.0])).astype(np.int64), ONE)
    return np.asarray((scaled, scaled, anything >> 1, anything >> 4)[rng.integers(4)])


def _cumulative(field: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Other shares of the destinations the field has, the last cumulative one being all."""
    possible = np.diff(field, axis=-1, prepend=0) > 0
    shares = np.cumsum(rng.random(field.shape) * possible, axis=-1)
    return np.rint(shares / shares[..., -1:] * ONE).astype(np.int64)


def _random_rule(places: np.ndarray, rng: np.random.Generator) -> None:
    """A work requirement from a random month of each state, with random choices; an eighth has none."""
    states, months = places.shape
    time = np.arange(months)[None, :]
    start = rng.integers(0, max(months // 2, 1), (states, 1))
    start[rng.random(states) < 0.125] = 10_000
    options = places["options"]
    for name, (low, high) in _OPTION_RANGE.items():
        options[..., Options._fields.index(name)] = rng.integers(low, high, (states, 1), endpoint=True)
    options[..., Options._fields.index("in_force")] = time >= start
    places["law_live"] = time >= start - 12
    places["tested_at_renewal"] = time >= start + rng.integers(0, 4, (states, 1))
    places["income_limit"] = places["income_limit"] * rng.integers(1, 4)
    places["options"] = options


def kernel_counts(people: People, tables: Tables, seed: int, replicate: int = 0) -> list[Counts]:
    """What the kernel counts, one table of non-zero entries an arm, under the twin's names."""
    total = simulate(people, tables, seed, replicate=replicate, threads=1)
    return [named(of_arm(total, arm)) for arm in range(len(tables.rates))]


def named(tallies: Tallies) -> Counts:
    """Non-zero entries of one arm's tallies by name."""
    tables = {
        "cell": (tallies.monthly["cell"], (schema.COVERS, schema.SUD_CLASSES, CELL)),
        "count": (tallies.monthly["count"], (schema.SUD_CLASSES, COUNTS)),
        "money": (tallies.quarterly["money"], (schema.COVERS, COST_CLASSES)),
        "people": (tallies.yearly["people"], (schema.AGE_BANDS, schema.SEXES, schema.RACES, YEAR)),
        "error": (tallies.yearly["error"], (schema.STRATA, range(schema.RANDOM_GROUPS), YEAR)),
    }
    out: Counts = Counter()
    for table, (array, axes) in tables.items():
        for index in np.argwhere(array):
            state, time, *codes = index.tolist()
            words = [axis[code] for axis, code in zip(axes, codes, strict=True)]
            out[table, schema.STATES[state], time, *words] = int(array[tuple(index)])
    return out


def twin_counts(
    people: People, tables: Tables, seed: int, replicate: int = 0
) -> tuple[list[Counts], Counter[str]]:
    """What the twin counts, an arm each, and how often each event and state was reached."""
    key0, key1 = key_words(seed, replicate)
    months = tables.places.shape[2]
    rates = [naive.plain(record) for record in tables.rates]
    counts: list[Counts] = [Counter() for _ in rates]
    reached: Counter[str] = Counter()
    places: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for record, poor in zip(people.records, people.poor, strict=True):
        state = int(record["state"])
        for arm, row in enumerate(rates):
            if (arm, state) not in places:
                places[arm, state] = [naive.plain(place) for place in tables.places[arm, state]]
            diary = naive.live(record, int(poor), row, places[arm, state], months, key0, key1)
            naive.count(diary, int(record["weight"]), row, counts[arm])
            for page in diary:
                reached.update(page["events"])
                opioid = page["after"]["opioid"]
                reached.update((f"cover_{page['cover']}", f"sud_{page['sud']}", f"is_{opioid}"))
    return counts, reached


def disagreements(kernel: Counts, twin: Counts, show: int = 12) -> list[str]:
    """The first entries in which two tables differ, in words."""
    keys = sorted((key for key in kernel.keys() | twin.keys() if kernel[key] != twin[key]), key=str)
    return [f"{key}: kernel {kernel[key]}, twin {twin[key]}" for key in keys[:show]]
