"""Development check: can a tree ensemble tell synthetic adults from survey adults in held-out states?

Run as `python -m synthetic_pop.tell_apart RECORDS.parquet --out FOLDER`. Needs scikit-learn and the survey
records; not part of the tests. The tables are rebuilt without eight states, a population of those states is
drawn, and a classifier is trained on half of both and scored on the other half. Score and importances are
printed and written as JSON.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from microsim.ground.schema import NEVER, POPULATION_MONTH, STATES
from synthetic_pop.aggregate_survey import build as build_tables
from synthetic_pop.builder import Model, build
from synthetic_pop.describe import People
from synthetic_pop.inputs import Tables, guideline, population_folder
from synthetic_pop.survey import INSTITUTION, recode

HELD_OUT = ("WV", "OH", "AZ", "FL", "MA", "MN", "LA", "WA")
VARIABLES = (
    "age",
    "female",
    "race",
    "education",
    "citizen",
    "veteran",
    "spouse",
    "spouse_works",
    "household_size",
    "youngest_child",
    "works_80",
    "wage",
    "spouse_wage",
    "other_income",
    "uninsured",
)
"""Ages 19-64 outside institutions. Wages of people under 80 hours a month count as 0."""
MONEY = ("wage", "spouse_wage", "other_income")
STEP = float(np.log(1.15))
SMALLEST = 50
DRAWN = 30_000


def survey_people(d: pd.DataFrame, states: list[int]) -> tuple[pd.DataFrame, np.ndarray]:
    """Survey adults of the states as VARIABLES, with weights."""
    d = d[(d["age"] >= 19) & (d["age"] < 65) & (d["gq"] != INSTITUTION) & d["state"].isin(states)]
    works = (d["work"] >= 2).to_numpy()
    out = pd.DataFrame(
        {
            "age": d["age"],
            "female": d["sex"] == 2,
            "race": d["race"],
            "education": d["educ"],
            "citizen": d["citizen"],
            "veteran": d["vet"] == 1,
            "spouse": d["spouse"] > 0,
            "spouse_works": d["spouse"] == 2,
            "household_size": d["size"].clip(upper=8),
            "youngest_child": np.where(d["kids"] > 0, d["youngest"], -1),
            "works_80": works,
            "wage": np.where(works, d["pay"], 0),
            "spouse_wage": np.where(d["spouse"] == 2, d["spouse_pay"], 0),
            "other_income": d["other"],
            "uninsured": d["HICOV"] == 2,
        }
    )
    return out, d["w"].to_numpy(float)


def synthetic_people(columns: dict[str, np.ndarray]) -> tuple[pd.DataFrame, np.ndarray]:
    """The population's adults as VARIABLES, with weights."""
    people = People(columns)
    keep = people.working_age & ~people.flag("inmate")
    works = columns["work_class"] < 2
    child = columns["child_birth_month"].astype(int)
    out = pd.DataFrame(
        {
            "age": people.age,
            "female": columns["sex"] == 0,
            "race": columns["race"],
            "education": columns["education"],
            "citizen": people.flag("citizen"),
            "veteran": people.flag("veteran"),
            "spouse": people.flag("has_spouse"),
            "spouse_works": people.flag("spouse_works"),
            "household_size": columns["household_size"].clip(max=8),
            "youngest_child": np.where(child == NEVER, -1, (POPULATION_MONTH - child) // 12),
            "works_80": works,
            "wage": np.where(works, columns["wage"], 0),
            "spouse_wage": columns["spouse_wage"],
            "other_income": columns["other_income"],
            "uninsured": columns["cover"] == 0,
        }
    )
    return out[keep].reset_index(drop=True), people.w[keep]


def _draw(frame: pd.DataFrame, weight: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    rows = rng.choice(len(frame), DRAWN, p=weight / weight.sum())
    # Money is compared in steps of 15%: survey answers heap at round numbers, which no build imitates.
    x = frame.iloc[rows][list(VARIABLES)].to_numpy(float)
    for name in MONEY:
        column = x[:, VARIABLES.index(name)]
        column[:] = np.where(column >= SMALLEST, np.floor(np.log(np.maximum(column, 1)) / STEP), 0)
    return x


def score(records: Path, out: Path, seed: int = 1) -> dict[str, Any]:
    """Area under the curve and importances for each setting: all variables, and without money."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.inspection import permutation_importance
    from sklearn.metrics import roc_auc_score

    held = [STATES.index(s) for s in HELD_OUT]
    folder = out / "tables"
    build_tables(records, None, folder, list(HELD_OUT), guideline())
    for name in ("english", "disorder_rates", "check_state"):
        shutil.copy(population_folder() / "tables" / f"{name}.parquet", folder)
    model = Model(tables=Tables(folder), without=tuple(held))
    columns = build(400_000, seed, HELD_OUT, model=model)
    rng = np.random.default_rng(seed)
    survey = survey_people(recode(pd.read_parquet(records), guideline()), held)
    made = synthetic_people(columns)
    x = np.concatenate([_draw(*survey, rng), _draw(*made, rng)])
    y = np.repeat([0, 1], DRAWN)
    train = rng.random(len(y)) < 0.5
    result: dict[str, Any] = {"states": HELD_OUT, "variables": VARIABLES}
    for setting, names in (
        ("all", VARIABLES),
        ("without_money", tuple(v for v in VARIABLES if v not in MONEY)),
    ):
        columns_used = [VARIABLES.index(v) for v in names]
        ensemble = HistGradientBoostingClassifier(max_iter=200, learning_rate=0.1, random_state=seed)
        ensemble.fit(x[train][:, columns_used], y[train])
        chance = ensemble.predict_proba(x[~train][:, columns_used])[:, 1]
        found = permutation_importance(
            ensemble,
            x[~train][::4][:, columns_used],
            y[~train][::4],
            scoring="roc_auc",
            n_repeats=3,
            random_state=seed,
        )
        order = np.argsort(-found.importances_mean)
        result[setting] = {
            "area_under_curve": float(roc_auc_score(y[~train], chance)),
            "importances": {names[i]: round(float(found.importances_mean[i]), 4) for i in order},
        }
    (out / "tell_apart.json").write_text(json.dumps(result, indent=1))
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    print(json.dumps(score(args.records, args.out), indent=1))


if __name__ == "__main__":
    main()
