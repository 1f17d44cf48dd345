"""How a population compares with its targets, and how precise it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from microsim.ground.parameters import Parameters
from microsim.ground.schema import (
    AGE_BAND_STARTS,
    AGE_BANDS,
    COVERS,
    FLAG,
    POPULATION_MONTH,
    RACES,
    SEXES,
    STATES,
    STRATA,
)
from synthetic_pop.files import load
from synthetic_pop.inputs import Array, Tables, population_parameters
from synthetic_pop.margins import margins

Columns = dict[str, Array]
CODE = {name: i for i, name in enumerate(COVERS)}
MEDICAID_ADULT = tuple(CODE[n] for n in ("adult_group", "waiver_adult", "other_adult", "disabled", "dual"))
DRUG_CODES = {"buprenorphine": 3, "methadone": 4, "xr_naltrexone": 5}
IMPUTED = ("CA", "TX")
DEFINITION = "any disorder of the past year by survey criteria; claims identify about 0.07"


class People:
    """Columns with the quantities that targets need: `w` persons, `age` years, `sud` and `oud` bool."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.w = columns["weight"] / 1000.0
        self.state = columns["state"].astype(np.int64)
        self.age = (POPULATION_MONTH - columns["birth_month"].astype(np.int64)) // 12
        self.band = np.searchsorted(AGE_BAND_STARTS, self.age, side="right") - 1
        self.cover = columns["cover"]

        def active(name: str) -> Array:
            return (columns[name] == 1) | (columns[name] == 2)

        self.oud = (columns["opioid"] >= 1) & (columns["opioid"] <= 6)
        self.sud = self.oud | active("stimulant") | active("alcohol") | active("cannabis")
        self.medicaid = np.isin(self.cover, MEDICAID_ADULT)
        self.working_age = (self.age >= 19) & (self.age < 65)

    def by_state(self, mask: Array | None = None) -> Array:
        """Persons by state (51,) among records of `mask`."""
        if mask is None:
            return np.bincount(self.state, self.w, len(STATES))
        return np.bincount(self.state[mask], self.w[mask], len(STATES))

    def flag(self, name: str) -> Array:
        return (self.columns["flags"] & FLAG[name]) != 0


def _row(name: str, state: str, target: float, value: float, kind: str) -> dict[str, Any]:
    error = (value - target) / target if target else (0.0 if value == 0 else None)
    return {
        "name": name,
        "state": state,
        "target": float(target),
        "value": float(value),
        "relative_error": None if error is None else float(error),
        "kind": kind,
    }


def _both(
    rows: list[dict[str, Any]],
    name: str,
    target: Array,
    value: Array,
    kind: str,
    states: list[int],
    weight: Array | None = None,
) -> None:
    """Rows by state and, over all of them, for the nation (mean by `weight` for shares)."""
    for s in states:
        if target[s] > 0 or value[s] > 0:
            rows.append(_row(name, STATES[s], target[s], value[s], kind))
    if len(states) == len(STATES):
        if weight is None:
            rows.append(_row(name, "US", target.sum(), value.sum(), kind))
        else:
            total = weight.sum()
            rows.append(
                _row(name, "US", (target * weight).sum() / total, (value * weight).sum() / total, kind)
            )


def targets(people: People, p: Parameters, tables: Tables) -> list[dict[str, Any]]:
    """Every hard, soft and held-out target with what the population gives."""
    states = sorted({int(s) for s in np.unique(people.state)})
    rows: list[dict[str, Any]] = []
    published = p.array("population.residents", "state", "age_band", "sex")
    sexes = people.columns["sex"]
    for band, band_name in enumerate(AGE_BANDS):
        for sex, sex_name in enumerate(SEXES):
            mask = (people.band == band) & (sexes == sex)
            _both(
                rows,
                f"residents_{band_name}_{sex_name}",
                published[:, band, sex],
                people.by_state(mask),
                "hard",
                states,
            )

    def level(name: str) -> Array:
        return p.array(f"population.state.{name}", "state")

    _both(
        rows,
        "adult_group",
        level("adult_group"),
        people.by_state(people.cover == CODE["adult_group"]),
        "hard",
        states,
    )
    _both(
        rows,
        "waiver_adults",
        level("waiver_adults"),
        people.by_state(people.cover == CODE["waiver_adult"]),
        "hard",
        states,
    )
    work = people.by_state(people.working_age)
    safe = np.maximum(work, 1e-9)
    bare = people.by_state(people.working_age & (people.cover == 0)) / safe
    _both(rows, "uninsured_19_64_share", level("uninsured"), bare, "hard", states, work)
    adult = people.age >= 18
    adults = people.by_state(adult)
    some = people.by_state(adult & people.sud) / np.maximum(adults, 1e-9)
    _both(rows, "sud_18_up_share", level("sud"), some, "hard", states, adults)
    made = margins(p, tables)
    stock = level("oud_pattern") * made.people[:, 2:].sum((1, 2))
    stock *= p.number("population.oud.stock") / stock.sum()
    _both(rows, "oud_18_up", stock, people.by_state(people.oud), "hard", states)

    for cover in ("other_adult", "disabled", "marketplace", "employer", "medicare"):
        value = people.by_state(people.working_age & (people.cover == CODE[cover]))
        _both(rows, f"{cover}_19_64", made.covers[:, 1, CODE[cover]], value, "soft", states)
    _both(
        rows,
        "child_medicaid",
        made.covers[:, 0, CODE["child"]],
        people.by_state(people.cover == CODE["child"]),
        "soft",
        states,
    )
    if len(states) == len(STATES):
        rows += _national(people, p)
    _checks(rows, people, tables, states)
    return rows


def _national(people: People, p: Parameters) -> list[dict[str, Any]]:
    """Soft national targets of substance use and its treatment."""
    opioid, w = people.columns["opioid"], people.w
    oud = people.oud
    # Published shares leave out people in prisons and jails.
    work = people.working_age & ~people.flag("inmate")

    def share(part: Array, whole: Array) -> float:
        return float(w[part & whole].sum() / w[whole].sum())

    number = p.number
    on = (opioid >= 3) & (opioid <= 5)
    adult = people.age >= 18
    rows = [
        _row(
            "medicaid_adult_sud_share",
            "US",
            number("population.sud.medicaid"),
            share(people.sud, people.medicaid & adult),
            "soft",
        ),
        _row(
            "oud_19_64_medicaid_share",
            "US",
            number("population.oud.medicaid"),
            share(people.medicaid, oud & work),
            "soft",
        ),
        _row(
            "oud_19_64_uninsured_share",
            "US",
            number("population.oud.uninsured"),
            share(people.cover == 0, oud & work),
            "soft",
        ),
        _row(
            "oud_medicaid_adult_group_share",
            "US",
            number("population.oud.adult_group"),
            share(
                np.isin(people.cover, (CODE["adult_group"], CODE["waiver_adult"])),
                oud & work & people.medicaid,
            ),
            "soft",
        ),
        _row(
            "medication_medicaid_share",
            "US",
            number("population.oud.medication_medicaid"),
            share(people.medicaid, on & work),
            "soft",
        ),
        _row(
            "remission_opioid", "US", number("population.oud.remission"), float(w[opioid == 7].sum()), "soft"
        ),
    ]
    stocks = p.array("population.oud.on_drug", "drug")
    for (drug, code), target in zip(DRUG_CODES.items(), stocks, strict=True):
        rows.append(_row(f"on_{drug}", "US", target, float(w[opioid == code].sum()), "soft"))
    return rows


def _checks(rows: list[dict[str, Any]], people: People, tables: Tables, states: list[int]) -> None:
    """Margins met only on average (soft), and margins that no step met (held out)."""
    table = tables["check_state"]
    race, education = people.columns["race"], people.columns["education"]
    work = people.working_age
    young = work & (people.age < 35)
    medicaid = work & people.medicaid & ~people.flag("inmate")
    checks = {f"race_{name}_19_64": (race == i, work, "soft") for i, name in enumerate(RACES[:5])}
    checks |= {
        "noncitizen_19_64": (~people.flag("citizen"), work, "soft"),
        "veteran_19_64": (people.flag("veteran"), work, "soft"),
        "uninsured_19_34": (people.cover == 0, young, "held_out"),
        "uninsured_35_64": (people.cover == 0, work & ~young, "held_out"),
        "medicaid_below_high_school": (education == 0, medicaid, "held_out"),
        "medicaid_bachelor": (education == 3, medicaid, "held_out"),
    }
    for name, (mask, among, kind) in checks.items():
        base = people.by_state(among)
        value = people.by_state(among & mask) / np.maximum(base, 1e-9)
        known = [s for s in states if np.isfinite(table[name][s])]
        _both(rows, name + "_share", np.nan_to_num(table[name]), value, kind, known, base)


def effective_sample_size(weight: Array) -> float:
    """Kish's effective number of records for weights (n,)."""
    w = weight.astype(np.float64)
    return float(w.sum() ** 2 / (w**2).sum()) if w.size else 0.0


def precision(people: People) -> dict[str, Any]:
    """Effective sample size over all records, within strata, and weights by stratum."""
    stratum = people.columns["stratum"]
    parts = {}
    for code, name in enumerate(STRATA):
        w = people.w[stratum == code]
        if w.size:
            parts[name] = {
                "records": int(w.size),
                "persons": float(w.sum()),
                "effective_sample_size": effective_sample_size(w),
                "efficiency": effective_sample_size(w) / w.size,
                "weight_mean": float(w.mean()),
                "weight_ratio": float(w.max() / np.median(w)),
            }
    return parts


def describe(population: str | Path | Columns, parameters: Parameters | None = None) -> dict[str, Any]:
    """Records, persons, share of Medicaid adults with a disorder, precision and targets.

    `population` is a file or columns. The keys are stable; `targets` rows have `name`, `state`,
    `target`, `value`, `relative_error`, and `kind` of hard, soft or held_out.
    """
    columns = load(population) if isinstance(population, str | Path) else population
    p = parameters or population_parameters()
    people = People(columns)
    adults = people.medicaid & (people.age >= 18)
    share = people.w[adults & people.sud].sum() / max(people.w[adults].sum(), 1e-9)
    strata = precision(people)
    return {
        "records": int(people.w.size),
        "persons": float(people.w.sum()),
        "medicaid_adult_sud_share": float(share),
        "medicaid_adult_sud_definition": DEFINITION,
        "effective_sample_size": effective_sample_size(people.w),
        "effective_sample_size_within_strata": float(
            sum(s["effective_sample_size"] for s in strata.values())
        ),
        "strata": strata,
        "targets": targets(people, p, Tables()),
    }
