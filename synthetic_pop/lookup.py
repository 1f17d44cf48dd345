"""Tables and numbers that a person's attributes are drawn from, ready for compiled code."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np

from microsim.ground.parameters import Parameters
from microsim.ground.schema import MONTHS_CAP, RECOVERY_BAND_STARTS, STATES, TENURE_STARTS
from synthetic_pop import grid
from synthetic_pop.cells import Cells
from synthetic_pop.inputs import Array, Tables
from synthetic_pop.margins import GROUP_BAND, GROUP_STARTS, KINDS, MEDICAID, SURVEY_CLASS, C, raked
from synthetic_pop.substance import HAS_OTHER, OPIOID_STATE, nsduh_rates

RACE_ROUNDS = 6
RC = 14
"""Race and citizenship jointly: race * 2 + citizen."""
MONTHS = MONTHS_CAP + 1
_GROUP_AGE3 = (0, 0, 1, 1, 2, 2)


class Lookup(NamedTuple):
    """National conditional tables: chances, cumulative shares (last axis) and money quantiles."""

    klass: Array
    veteran: Array
    children: Array
    youngest: Array
    birth_rate: Array
    business: Array
    pay: Array
    pay_entry: Array
    spouse_pay: Array
    other_income: Array
    short_hours: Array
    english: Array
    size_children: Array
    disability_children: Array
    disorders: Array
    tenure: Array
    left_month: Array
    recovery: Array
    work_at_80: Array
    co_use: Array
    stimulant_cover: Array
    stimulant_education: Array
    treated: Array
    past: Array
    student: Array
    student_factor: Array
    aian: Array
    complex_condition: Array
    snap: Array
    release: Array
    opioid: Array
    has_other: Array
    fine_start: Array
    band: Array
    age3: Array
    income3: Array
    pay_age: Array
    pay_edges: Array
    group_low: Array
    covered: Array
    shape: Array


class Numbers(NamedTuple):
    """Single parameters of attributes."""

    guideline_first: float
    guideline_further: float
    over_limit: float
    limit: float
    service_medicaid: float
    service_other: float
    seasonal: float
    no_hours: float
    stimulant_only: float
    stimulant_also: float
    stimulant_poor: float
    injects: float
    overdose_active: float
    overdose_medication: float
    student_work: float
    caregiver_idle: float
    caregiver_working: float
    veteran_total: float
    foster: float
    foster_medicaid: float
    foster_child: float
    smi_medicaid: float
    smi_sud: float
    smi_young: float
    limited_daily: float
    impaired_disabled: float
    impaired_smi: float
    impaired_oud: float
    impaired_other: float
    impaired_complex: float
    impaired_none: float
    complex_disabled: float
    snap_above: float
    snap_subject: float
    snap_subject_to: float
    tanf: float
    internet_low: float
    internet_high: float
    rural: float
    volunteer: float
    release_oud: float
    release_male: float
    pregnancy_other: float
    pregnancy_group: float
    smi_base: float
    alcohol_factor: float
    cannabis_factor: float
    limit_waiver: float
    least_income: float
    pregnancy_18: float
    pregnancy_months: float
    birth_from: float
    birth_to: float
    foster_to: float


def cumulative(counts: Array) -> Array:
    """Cumulative shares along the last axis; rows without counts stay all one (first level)."""
    total = counts.sum(-1, keepdims=True)
    share = np.divide(counts, total, out=np.zeros_like(counts), where=total > 0).cumsum(-1)
    share[total[..., 0] == 0] = 1.0
    share[..., -1] = 1.0
    return share


def backed_off(counts: Array, keep: tuple[int, ...], prior: float) -> Array:
    """Counts with a prior, of so many people, of the shares pooled over all axes but `keep` and the last."""
    pooled = counts.sum(tuple(i for i in range(counts.ndim - 1) if i not in keep), keepdims=True)
    total = pooled.sum(-1, keepdims=True)
    return counts + prior * np.divide(pooled, total, out=np.zeros_like(pooled), where=total > 0)


def _quantiles(tables: Tables, name: str, dims: dict[str, int], base: Array | None = None) -> Array:
    table = tables[name]
    levels = len(grid.QUANTILES)
    out = np.full((*dims.values(), levels), np.nan) if base is None else base.copy()
    where = tuple(table[c].astype(np.int64) for c in dims)
    out[where] = np.stack([table[f"q{i}"] for i in range(levels)], 1)
    return out


def _filled(values: Array) -> Array:
    """Missing quantile rows take the nearest level along the first axis, then the overall mean."""
    flat = values.reshape(values.shape[0], -1, values.shape[-1])
    for step in (-1, 1):
        for i in range(flat.shape[0])[::-step]:
            j = i + step
            if 0 <= j < flat.shape[0]:
                hole = np.isnan(flat[i, :, 0])
                flat[i, hole] = flat[j, hole]
    mean = np.nanmean(flat.reshape(-1, flat.shape[-1]), 0)
    flat[np.isnan(flat[..., 0])] = mean
    return flat.reshape(values.shape)


def _by_sex(values: Array) -> Array:
    """Survey sex (1 male, 2 female) on the last axis but one, in the schema's order (female, male)."""
    return np.ascontiguousarray(values[..., [2, 1], :])


def _rate(tables: Tables, name: str, dims: dict[str, int], flag: str, prior: float) -> Array:
    counts = tables.counts(name, {**dims, flag: 2})
    overall = counts.sum(tuple(range(len(dims))))
    return (counts[..., 1] + prior * overall[1] / overall.sum()) / (counts.sum(-1) + prior)


def _tenure(p: Parameters) -> Array:
    """Cumulative share of months on medication (from 1 to the cap) for a steady number of starts: (3, MONTHS)."""
    hazard = p.array("population.treatment.tenure_hazard", "drug", "tenure")
    month = np.arange(1, MONTHS)
    band = np.searchsorted(TENURE_STARTS, month, side="right") - 1
    stay = np.cumprod(1 - hazard[:, band], axis=1)
    there = np.concatenate([np.zeros((3, 1)), np.ones((3, 1)), stay[:, :-1]], 1)
    return cumulative(there)


def _recovery(p: Parameters) -> Array:
    """Cumulative share of months since the last active disorder (from 1 to the cap)."""
    share = p.array("population.recovery.share", "recovery_band")
    spread = np.zeros(MONTHS)
    for (low, end), part in zip(itertools.pairwise((*RECOVERY_BAND_STARTS, MONTHS)), share, strict=True):
        spread[low:end] = part / (end - low)
    return cumulative(spread)


def lookup(p: Parameters, tables: Tables) -> Lookup:
    """All national tables."""
    klasses, fine = len(grid.CLASSES), grid.FINE
    counts = tables.counts

    def by_cover(name: str, inmate: float) -> Array:
        return np.append(p.array(f"population.{name}", "cover"), inmate)

    def prior(name: str) -> float:
        return p.number(f"population.prior.{name}")

    levels, chance = prior("levels"), prior("chance")

    children = counts("children", {"kids": 4, "age3": 3, "married": 2, "klass": klasses, "children": 7})
    youngest = counts("youngest", {"kids": 4, "fine": fine, "sex": 3, "youngest": 18})[:, :, [2, 1]]
    births = counts("births", {"fine": fine, "klass": klasses, "kids": 4, "FER": 3}).sum(2)
    births = backed_off(births, (0,), prior("births"))
    rate = np.divide(births[..., 1], births.sum(-1), out=np.zeros(births.shape[:2]), where=births.sum(-1) > 0)
    others = {"income": 6, "pay_band": 6, "spouse_band": 5, "age3": 3, "sex": 3}
    full = {"work": 4, "income": 6, "spouse": 3, "size3": 4, "educ": 4, "young": 3, "sex": 3}
    coarse = _quantiles(tables, "pay_coarse", {"work": 4, "income": 6, "spouse": 3, "young": 3, "sex": 3})
    base = np.broadcast_to(_filled(coarse)[:, :, :, None, None], (*full.values(), coarse.shape[-1]))
    english = np.full((7, 2, 4), 0.0)
    table = tables["english"]
    english[table["race"].astype(int), table["citizen"].astype(int), table["educ"].astype(int)] = table[
        "share"
    ]
    young = {"klass": klasses, "fine": 2, "sex": 3}
    disabled = _rate(tables, "disability_children", young, "dis", chance)[:, :, [2, 1]]
    grown = {"klass": klasses, "age3": 3, "sex": 3, "educ": 4, "dis": 2}
    veteran = _rate(tables, "veteran", grown, "vet", chance)
    return Lookup(
        klass=SURVEY_CLASS.astype(np.int64),
        veteran=veteran[:, :, [2, 1]],
        children=cumulative(backed_off(children, (0, 2), levels)),
        youngest=cumulative(backed_off(youngest, (0,), levels)),
        birth_rate=rate,
        business=_rate(
            tables, "business", {"klass": klasses, "educ": 4, "work": 4, "income3": 3}, "business", chance
        ),
        pay=_by_sex(_quantiles(tables, "pay", full, base)),
        pay_entry=_by_sex(_filled(_quantiles(tables, "pay_entry", {"educ": 4, "sex": 3}))),
        spouse_pay=_by_sex(
            _filled(_quantiles(tables, "spouse_pay", {"income": 6, "pay_band": 6, "educ": 4, "sex": 3}))
        ),
        other_income=_by_sex(_filled(_quantiles(tables, "other_income", others))),
        short_hours=cumulative(backed_off(_hours(tables), (), levels)),
        english=english,
        size_children=cumulative(counts("size_children", {"klass": klasses, "size": 11})),
        disability_children=disabled,
        disorders=nsduh_rates(tables),
        tenure=_tenure(p),
        left_month=cumulative(p.array("population.left.month", "exit_month").copy()),
        recovery=_recovery(p),
        work_at_80=p.array("population.work.at_80", "work_class"),
        co_use=p.array("population.sud.co_use", "other_substance"),
        stimulant_cover=by_cover("sud.stimulant_cover", 1.0),
        stimulant_education=p.array("population.sud.stimulant_education", "education"),
        treated=p.array("population.sud.treated", "other_substance"),
        past=p.array("population.sud.past", "other_substance"),
        student=p.array("population.student", "age_band"),
        student_factor=by_cover("student_factor", 0.0),
        aian=p.array("population.aian_other", "race"),
        complex_condition=p.array("population.complex_condition", "age_band"),
        snap=by_cover("snap", 0.0),
        release=by_cover("release", 0.0),
        opioid=OPIOID_STATE,
        has_other=HAS_OTHER,
        fine_start=np.array([*grid.FINE_STARTS, 120]),
        band=GROUP_BAND,
        age3=grid.AGE3,
        income3=grid.INCOME3,
        pay_age=grid.PAY_AGE,
        pay_edges=np.array(grid.PAY_EDGES, np.float64),
        group_low=np.append(GROUP_STARTS, 120),
        covered=np.isin(np.arange(KINDS), MEDICAID),
        shape=np.array(grid.SHAPE),
    )


def _hours(tables: Tables) -> Array:
    table = tables["short_hours"]
    out = np.zeros((4, 16))
    np.add.at(out, (table["educ"].astype(int), table["hours"].astype(int) // 5), table["w"])
    return out


def numbers(p: Parameters) -> Numbers:
    """All single parameters, in the order of `Numbers`."""
    names = (
        "poverty_guideline.first",
        "poverty_guideline.further",
        "magi.over_limit",
        "magi.limit",
        "work.service_medicaid",
        "work.service_other",
        "work.seasonal",
        "work.no_hours_share",
        "sud.stimulant_only",
        "sud.stimulant_also",
        "sud.stimulant_poor",
        "oud.injects",
        "oud.past_year_overdose",
        "oud.past_year_overdose_medication",
        "student_work_factor",
        "caregiver_not_working",
        "caregiver_working",
        "veteran_total",
        "foster_youth",
        "foster_medicaid_factor",
        "foster_child_factor",
        "smi_medicaid",
        "smi_sud",
        "smi_young",
        "disabled_given_difficulty",
        "impaired_disabled",
        "impaired_smi",
        "impaired_oud",
        "impaired_other",
        "impaired_complex",
        "impaired_none",
        "complex_disabled",
        "snap_above",
        "snap_subject",
        "snap_subject_to",
        "tanf",
        "internet_low",
        "internet_high",
        "rural",
        "volunteer",
        "release_oud",
        "release_male",
        "pregnancy_other_adult",
        "pregnancy_adult_group",
        "smi_base",
        "sud.alcohol_factor",
        "sud.cannabis_factor",
        "magi.limit_waiver",
        "magi.least_income",
        "pregnancy_18",
        "pregnancy_months",
        "birth_from",
        "birth_to",
        "foster_to",
    )
    return Numbers(*(p.number(f"population.{name}") for name in names))


class Places(NamedTuple):
    """What differs by state: race and citizenship, single ages, serious mental illness."""

    race: Array
    """People by race and citizenship (state, class, age3, RC)."""
    race_ratio: Array
    """Race and citizenship given education, income and marriage against all of the class and age:
    (class, age3, educ, income3, married, RC), of the nation."""
    race_children: Array
    ages: Array
    """Cumulative people under each age: (state, sex, 121)."""
    smi: Array
    veteran: Array
    """Veterans against the nation, same class, age, sex, education and disability."""


def _race(p: Parameters, tables: Tables, cells: Cells) -> Array:
    """Race and citizenship (state, class, age3, RC): survey counts raked to the state's people by class
    and age and to its survey shares of race and citizenship; suppressed cells start at a part of their expectation."""
    klasses, states = len(grid.CLASSES), len(STATES)
    local = tables.counts("race_state", {"state": states, "klass": klasses, "age3": 3, "rc": RC})
    total = tables.counts("race_total", {"state": states, "rc": RC})
    nation = local.sum(0)
    spread = nation / np.maximum(nation.sum((0, 1), keepdims=True), 1e-9)
    expected = p.number("population.prior.race_suppressed") * spread[None] * total[:, None, None, :]
    local = np.where(local > 0, local, expected)
    people = cells.count.sum(-1).astype(np.float64)[:, 3:]
    rows = np.zeros((states, klasses, 3))
    for group in range(people.shape[1]):
        for kind in range(KINDS):
            klass = 3 if group == people.shape[1] - 1 and kind != C["uninsured"] else SURVEY_CLASS[kind]
            rows[:, klass, _GROUP_AGE3[group]] += people[:, group, :, kind].sum(1)
    for state in range(states):
        table = local[state].reshape(-1, RC)
        columns = total[state] / total[state].sum() * rows[state].sum()
        local[state] = (raked(table, rows[state].reshape(-1), columns) + 1e-6 * table).reshape(
            local.shape[1:]
        )
    return local


def places(p: Parameters, tables: Tables, cells: Cells) -> Places:
    """State tables: the state's own race by class and age, tilted by the nation's link to education,
    income and marriage."""
    klasses, states = len(grid.CLASSES), len(STATES)
    nation = tables.counts(
        "race_national", {"klass": klasses, "age3": 3, "educ": 4, "income3": 3, "married": 2, "rc": RC}
    )
    overall = nation.sum((2, 3, 4), keepdims=True)
    overall = overall / overall.sum(-1, keepdims=True)
    share = nation + p.number("population.prior.race_tilt") * overall
    ratio = share / share.sum(-1, keepdims=True) / np.maximum(overall, 1e-9)
    local = _race(p, tables, cells)
    young = tables.counts("race_children", {"state": states, "klass": klasses, "rc": RC})
    weight = p.number("population.prior.race_children")
    young = young + weight * young.sum(1, keepdims=True) / young.sum((1, 2), keepdims=True)
    age = tables.counts("age_state", {"state": states, "sex": 3, "age": 120})[:, [2, 1]]
    age = age + 1e-6
    seen = tables.counts("veteran_state", {"state": states, "vet": 2})
    veteran = seen[:, 1] / np.maximum(seen.sum(1), 1)
    veteran = np.where(veteran > 0, veteran / (seen[:, 1].sum() / seen.sum()), 1.0)
    return Places(
        race=local,
        race_ratio=ratio,
        race_children=cumulative(young),
        ages=np.concatenate([np.zeros((states, 2, 1)), age.cumsum(-1)], -1),
        smi=p.array("population.state.smi", "state").copy(),
        veteran=veteran,
    )


def race_of_state(places: Places, state: int, people: Array) -> Array:
    """Cumulative race and citizenship of a state (class, age3, educ, income3, married, RC).

    `people` (class, age3, educ, income3, married) weighs the tilts, so that the state's race by class
    and age holds whatever the mix of types.
    """
    want = places.race[state]
    chance = want[:, :, None, None, None, :] * places.race_ratio
    for _ in range(RACE_ROUNDS):
        share = chance / np.maximum(chance.sum(-1, keepdims=True), 1e-300)
        got = (share * people[..., None]).sum((2, 3, 4))
        factor = np.divide(want, got, out=np.ones_like(want), where=got > 0)
        chance = share * factor[:, :, None, None, None, :]
    return cumulative(chance)
