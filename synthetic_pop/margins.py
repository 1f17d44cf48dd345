"""Totals of people by state, age group, sex and cover, from published margins."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from microsim.ground.parameters import Parameters
from microsim.ground.schema import COVERS, STATES
from synthetic_pop.inputs import Array, Tables

GROUPS = ("0_6", "7_17", "18", "19_25", "26_34", "35_44", "45_54", "55_64", "65_up")
"""Age groups of cells: the schema's bands with 0-18 in three."""
GROUP_BAND = np.array([0, 0, 0, 1, 2, 3, 4, 5, 6])
GROUP_STARTS = np.array([0, 7, 18, 19, 26, 35, 45, 55, 65])
WORKING = slice(3, 8)
"""Groups aged 19-64."""
INMATE = len(COVERS)
KINDS = len(COVERS) + 1
"""Covers, and last the people held in prisons and jails (written as other cover)."""
C = {name: i for i, name in enumerate(COVERS)}
MEDICAID = tuple(C[n] for n in ("adult_group", "waiver_adult", "other_adult", "disabled", "dual"))
SURVEY_CLASS = np.array([0, 1, 1, 1, 2, 2, 2, 2, 2, 3, 2, 1, 4])
"""Survey class (grid.CLASSES) that people of each kind are drawn from."""


class Margins(NamedTuple):
    """Population margins; persons as float64."""

    people: Array
    """(state, group, sex) residents; whole numbers."""
    covers: Array
    """(state, part, kind): totals for ages 0-18, 19-64 and 65 and over."""


def raked(seed: Array, rows: Array, columns: Array, rounds: int = 200) -> Array:
    """Table nearest to `seed` with the given row and column sums (iterative proportional fitting)."""
    table = seed * (rows.sum() / max(seed.sum(), 1e-300))
    columns = columns * (rows.sum() / columns.sum())
    for _ in range(rounds):
        sums = table.sum(0)
        table = table * np.divide(columns, sums, out=np.zeros_like(sums), where=sums > 0)
        sums = table.sum(1)
        table = table * np.divide(rows, sums, out=np.zeros_like(sums), where=sums > 0)[:, None]
        if np.abs(table.sum(0) - columns).max() < 1e-6 * rows.sum():
            break
    return table


def largest_remainder(values: Array, total: int) -> Array:
    """Whole numbers summing to `total`, each within one of `values` scaled to it."""
    if values.sum() > 0:
        values = values / values.max()
        scaled = values * (total / values.sum())
    else:
        scaled = np.zeros_like(values)
    whole = np.floor(scaled).astype(np.int64)
    short = int(total - whole.sum())
    order = np.argsort(-(scaled - whole), kind="stable")
    whole[order[:short]] += 1
    return whole


def people_by_group(p: Parameters, tables: Tables) -> Array:
    """Residents by state, cell age group and sex; ages 0-18 split by survey age."""
    bands = p.array("population.residents", "state", "age_band", "sex")
    age = tables.counts("age_state", {"state": len(STATES), "sex": 3, "age": 120})
    out = np.zeros((len(STATES), len(GROUPS), 2))
    out[:, 3:] = bands[:, 1:]
    for state in range(len(STATES)):
        for sex in range(2):
            years = age[state, 2 - sex]
            split = np.array([years[0:7].sum(), years[7:18].sum(), years[18]])
            out[state, :3, sex] = largest_remainder(split, int(bands[state, 0, sex]))
    return out


def other_medicaid(p: Parameters, adults: Array) -> tuple[Array, Array, Array]:
    """Other adults, disabled and young dual enrollees aged 19-64 by state."""

    def level(name: str) -> Array:
        return p.array(f"population.state.{name}", "state")

    number = p.number
    survey = level("medicare_medicaid") * adults
    dual = survey * (number("population.cover.dual_young") / survey.sum())
    whole = 1 - number("population.cover.disabled_children") - number("population.cover.disabled_partial")
    disabled = np.maximum(level("disabled") * whole - dual, number("population.cover.least_disabled") * dual)
    aged = level("aged") * number("population.cover.aged_full_benefit")
    rest = level("medicaid_adults") - level("adult_group_later") - level("waiver_adults") - aged
    floor = number("population.cover.other_adult_floor")
    conflict = rest < number("population.cover.conflict_below") * (dual + disabled)
    rest = np.where(conflict, dual + disabled + floor * level("other_adults"), rest)
    other = np.maximum(rest - dual - disabled, floor * rest)
    shrink = (rest - other) / (dual + disabled)
    return other, disabled * shrink, dual * shrink


def cover_margins(p: Parameters, tables: Tables, people: Array) -> Array:
    """Totals by state, part of life (0-18, 19-64, 65 and over) and kind of cover."""

    def level(name: str) -> Array:
        return p.array(f"population.state.{name}", "state")

    number = p.number
    out = np.zeros((len(STATES), 3, KINDS))
    young, adults, aged = people[:, :3].sum((1, 2)), people[:, WORKING].sum((1, 2)), people[:, 8].sum(1)

    market = level("marketplace")
    credit = number("population.cover.marketplace_credit")
    child = np.minimum(level("medicaid_children"), number("population.cover.most_child") * young)
    out[:, 0, C["child"]] = child
    out[:, 0, C["uninsured"]] = np.minimum(
        level("uninsured_children") * young, number("population.cover.most_uninsured_children") * (young - child)
    )
    rest = young - out[:, 0].sum(1)
    out[:, 0, C["marketplace"]] = np.minimum(
        market * number("population.cover.marketplace_children"),
        number("population.cover.most_marketplace_children") * rest,
    )
    out[:, 0, C["other_cover"]] = number("population.cover.other_children") * rest
    out[:, 0, C["employer"]] = young - out[:, 0].sum(1)

    grown = tables.counts("cover_state", {"state": len(STATES), "band": 7, "sex": 3, "klass": 5})
    held = grown[:, 1:6, :, 4].sum((1, 2)) * number("population.cover.institution_inmates")
    other, disabled, dual = other_medicaid(p, adults)
    work = out[:, 1]
    work[:, INMATE] = held
    work[:, C["uninsured"]] = level("uninsured") * adults
    work[:, C["adult_group"]] = level("adult_group")
    work[:, C["waiver_adult"]] = level("waiver_adults")
    work[:, C["other_adult"]], work[:, C["disabled"]], work[:, C["dual"]] = other, disabled, dual
    work[:, C["medicare"]] = (level("medicare_only") + level("medicare_private")) * adults
    enrolled = market * number("population.cover.marketplace_adults")
    work[:, C["marketplace"]] = enrolled * credit
    beyond = np.maximum(level("direct_only") * adults - enrolled, 0)
    full = enrolled * (1 - credit) + beyond * number("population.cover.full_price_off_exchange")
    work[:, C["marketplace_full_price"]] = full
    work[:, C["other_cover"]] = level("tricare_va") * adults
    employer = adults - work.sum(1)
    short = np.maximum(number("population.cover.least_employer") * level("employer_only") * adults - employer, 0)
    private = [C["marketplace"], C["marketplace_full_price"], C["other_cover"]]
    work[:, private] *= 1 - (short / work[:, private].sum(1))[:, None]
    work[:, C["employer"]] = adults - work.sum(1)

    out[:, 2, C["dual"]] = np.minimum(level("aged"), number("population.cover.most_dual_aged") * aged)
    out[:, 2, C["uninsured"]] = number("population.cover.uninsured_aged") * aged
    out[:, 2, C["medicare"]] = aged - out[:, 2].sum(1)
    return out


def margins(p: Parameters, tables: Tables) -> Margins:
    """All margins by state."""
    people = people_by_group(p, tables)
    return Margins(people, cover_margins(p, tables, people))
