"""Joint distributions that no step of a build fits, in the survey and in a population."""

from __future__ import annotations

from typing import Any

import numpy as np

from synthetic_pop.inputs import Array

CHECKS: dict[str, tuple[str, ...]] = {
    "race, work, youngest child": ("race4", "works", "kids"),
    "race, sex, spouse": ("race4", "sex", "married"),
    "citizenship, work, youngest child": ("citizen", "works", "kids"),
    "race, household size": ("race4", "size"),
    "veteran, work, education": ("veteran", "works", "education"),
    "race, education, wage": ("race4", "college", "wage_band"),
    "age, wage": ("age_band", "wage_band"),
    "citizenship, wage": ("citizen", "wage_band"),
    "age, spouse works": ("age_band", "spouse_works"),
}
"""Named sets of variables among people aged 19-64; wages are of people working 80 hours a month or more."""
LEVELS = {
    "race4": ("white", "black", "hispanic", "other"),
    "works": ("under 80 hours", "80 hours or more"),
    "kids": ("none", "0-5", "6-13", "14-17"),
    "sex": ("female", "male"),
    "married": ("no spouse", "spouse"),
    "citizen": ("noncitizen", "citizen"),
    "size": ("1", "2", "3", "4", "5 or more"),
    "veteran": ("not veteran", "veteran"),
    "education": ("below high school", "high school", "some college", "bachelor"),
    "college": ("no degree", "degree"),
    "wage_band": ("no work", "to 1500", "1500-3000", "3000-5000", "5000-8000", "over 8000"),
    "age_band": ("19-25", "26-34", "35-44", "45-54", "55-64"),
    "spouse_works": ("no", "yes"),
}
WAGE_EDGES = (1500, 3000, 5000, 8000)
AGE_EDGES = (26, 35, 45, 55)


def levels(
    race: Array,
    works: Array,
    kids: Array,
    female: Array,
    spouse: Array,
    citizen: Array,
    size: Array,
    veteran: Array,
    education: Array,
    wage: Array,
    age: Array,
) -> dict[str, Array]:
    """Level of every variable of CHECKS for each person.

    `race` and `education` are schema codes, `kids` 0-3, `spouse` 0 none, 1 not working, 2 working, `size`
    persons, `wage` USD a month, `age` years, the rest bool.
    """
    return {
        "race4": np.minimum(race, 3),
        "works": works.astype(int),
        "kids": kids,
        "sex": (~female).astype(int),
        "married": (spouse > 0).astype(int),
        "citizen": citizen.astype(int),
        "size": np.clip(size, 1, 5) - 1,
        "veteran": veteran.astype(int),
        "education": education,
        "college": (education == 3).astype(int),
        "wage_band": np.where(works, 1 + np.searchsorted(WAGE_EDGES, wage, side="right"), 0),
        "age_band": np.searchsorted(AGE_EDGES, age, side="right"),
        "spouse_works": (spouse == 2).astype(int),
    }


def shares(values: dict[str, Array], weight: Array) -> list[dict[str, Any]]:
    """Rows of check, cell (levels joined by a comma) and weighted share of every cell of CHECKS."""
    rows = []
    for check, names in CHECKS.items():
        shape = tuple(len(LEVELS[n]) for n in names)
        cell = np.ravel_multi_index(tuple(values[n].astype(np.int64) for n in names), shape)
        share = np.bincount(cell, weight, int(np.prod(shape))) / weight.sum()
        records = np.bincount(cell, minlength=int(np.prod(shape)))
        for i, part in enumerate(share):
            where = np.unravel_index(i, shape)
            text = ", ".join(LEVELS[n][j] for n, j in zip(names, where, strict=True))
            rows.append({"check": check, "cell": text, "share": float(part), "records": int(records[i])})
    return rows
