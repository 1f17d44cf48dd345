"""Turn survey records into the compact tables shipped with the project.

Run as `python -m synthetic_pop.aggregate_survey RECORDS.parquet PUMS_PERSONS.parquet [--out FOLDER]
[--without STATES]`. The first file holds recoded records of the American Community Survey 2024
(columns as listed in `parameters/population/people/README.md`), the second Census-coded records used only
for English ability. Only weighted counts leave this script: a cell with fewer than MIN_RECORDS
records is merged into its nearest neighbour, and counts are rounded.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from microsim.ground.schema import STATES
from synthetic_pop import grid, joint
from synthetic_pop.survey import recode

MIN_RECORDS = 10
ROUND_TO = 5


def by_class(d: pd.DataFrame) -> pd.DataFrame:
    """Records repeated by survey cover class, weight split by the chance of Medicaid."""
    rest = d.assign(weight=d["w"] * (1 - d["medicaid_share"]))
    medicaid = d[d["medicaid_share"] > 0].assign(klass=2)
    medicaid = medicaid.assign(weight=medicaid["w"] * medicaid["medicaid_share"])
    both = pd.concat([rest, medicaid], ignore_index=True)
    return both[both["weight"] > 0]


def merge_small(cells: pd.DataFrame, group: list[str]) -> pd.DataFrame:
    """Move cells with fewer than MIN_RECORDS records into the nearest kept cell of their group.

    Distance counts differing features, work and disability double. Groups without any large cell
    are dropped: the reader falls back to the group of the neighbouring age.
    """
    weight = np.array([1.0, 2.0, 1.0, 1.0, 2.0, 0.5])
    kept = []
    for key, part in cells.groupby(group, sort=True):
        enough = (part["n"] >= MIN_RECORDS) & (part["w"] >= MIN_RECORDS)
        large = part[enough]
        if large.empty:
            continue
        small = part[~enough]
        mass = large["w"].to_numpy(float).copy()
        big = np.stack(grid.type_parts(large["type"].to_numpy()), 1)
        little = np.stack(grid.type_parts(small["type"].to_numpy()), 1)
        for features, w in zip(little, small["w"].to_numpy(float), strict=True):
            step = np.abs(big - features)
            step[:, [1, 2, 3]] = np.minimum(step[:, [1, 2, 3]], 1)
            distance = step @ weight
            nearest = distance == distance.min()
            mass[nearest] += w * mass[nearest] / mass[nearest].sum()
        out = pd.DataFrame({"type": large["type"].to_numpy(), "w": mass})
        for name, value in zip(group, key, strict=True):
            out[name] = value
        kept.append(out)
    return pd.concat(kept, ignore_index=True)


def _rounded(w: pd.Series) -> pd.Series:
    return (np.maximum(1, np.round(w / ROUND_TO)) * ROUND_TO).astype(np.int64)


def types_table(both: pd.DataFrame) -> pd.DataFrame:
    adults = both[(both["fine"] >= grid.FIRST_ADULT_FINE) & (both["imputed"] == 0)]
    group = ["klass", "fine", "sex"]
    cells = adults.groupby([*group, "type"]).agg(w=("weight", "sum"), n=("weight", "size")).reset_index()
    merged = merge_small(cells, group)
    merged["w"] = _rounded(merged["w"])
    return merged[[*group, "type", "w"]].astype(
        {"klass": "uint8", "fine": "uint8", "sex": "uint8", "type": "uint16"}
    )


def counts(d: pd.DataFrame, by: list[str], weight: str = "weight") -> pd.DataFrame:
    """Weighted counts by the named columns, cells under MIN_RECORDS records left out."""
    cells = d.groupby(by).agg(w=(weight, "sum"), n=(weight, "size")).reset_index()
    cells = cells[(cells["n"] >= MIN_RECORDS) & (cells["w"] >= MIN_RECORDS)].drop(columns="n")
    cells["w"] = _rounded(cells["w"])
    return cells


def quantiles(d: pd.DataFrame, column: str, by: list[str]) -> pd.DataFrame:
    """Quantiles of a money column by the named columns; each level is the mean of at least five records."""
    out = []
    levels = len(grid.QUANTILES)
    for key, part in d.groupby(by):
        if len(part) < 5 * levels:
            continue
        order = part.sort_values(column)
        share = (order["weight"].cumsum() - order["weight"] / 2) / order["weight"].sum()
        slot = np.minimum((share.to_numpy() * levels).astype(int), levels - 1)
        value = order[column].to_numpy(float)
        mean = np.bincount(slot, value, levels) / np.maximum(np.bincount(slot, minlength=levels), 1)
        mean = np.maximum.accumulate(mean)
        out.append([*key, *np.round(mean, -1).astype(int)])
    return pd.DataFrame(out, columns=[*by, *[f"q{i}" for i in range(levels)]])


def english_table(pums: pd.DataFrame) -> pd.DataFrame:
    """Share who speak English less than well, by race, citizenship and education (four states)."""
    d = pums[pums["AGEP"] >= 18].copy()
    d["race"] = grid.race_from_census(d["RAC1P"].to_numpy(), d["HISP"].to_numpy())
    d["citizen"] = (d["CIT"] != 5).astype(int)
    d["limited"] = d["ENG"].fillna(1) >= 3
    d["educ"] = grid.education_from_census(d["SCHL"].fillna(0).to_numpy())
    d["weight"] = d["PWGTP"]
    all_cells = counts(d, ["race", "citizen", "educ"])
    yes = d.groupby(["race", "citizen", "educ"])["limited"].agg(["sum", "size"]).reset_index()
    out = all_cells.merge(yes, on=["race", "citizen", "educ"])
    out = out[out["size"] >= 30]
    out["share"] = ((out["sum"] + 0.5) / (out["size"] + 1)).round(3)
    return out[["race", "citizen", "educ", "share"]]


def joint_table(d: pd.DataFrame) -> pd.DataFrame:
    """Shares of the joint checks among people aged 19-64 outside institutions, imputed records left out."""
    d = d[(d["age"] >= 19) & (d["age"] < 65) & (d["imputed"] == 0) & (d["gq"] != 2)]

    def column(name: str) -> Any:
        return d[name].to_numpy()

    values = joint.levels(
        column("race"),
        column("work") >= 2,
        column("kids"),
        column("sex") == 2,
        column("spouse"),
        column("citizen") == 1,
        column("size"),
        column("vet") == 1,
        column("educ"),
        column("pay"),
        column("age"),
    )
    out = pd.DataFrame(joint.shares(values, column("w").astype(float)))
    out = out[out["records"] >= MIN_RECORDS].drop(columns="records")
    return out.assign(share=out["share"].round(6))


def build(
    records: Path, pums: Path | None, out: Path, without: list[str], guideline: tuple[float, float]
) -> None:
    """Write every table to the folder `out`.

    `without` leaves states out of all joint tables; their totals by age and sex, race and cover class,
    and the race of their children, stay, as they would be taken from publications.
    """
    out.mkdir(parents=True, exist_ok=True)
    d = recode(pd.read_parquet(records), guideline)
    state_rows = d
    if without:
        d = d[~d["state"].isin([STATES.index(s) for s in without])].reset_index(drop=True)
    both = by_class(d)

    def write(frame: pd.DataFrame, name: str) -> None:
        frame.to_parquet(out / f"{name}.parquet", compression="zstd", index=False)

    write(types_table(both), "types")
    adults = both[both["fine"] >= grid.FIRST_ADULT_FINE].copy()
    adults["age3"] = grid.AGE3[adults["fine"]]
    adults["income3"] = grid.INCOME3[adults["income"]]
    adults["married"] = (adults["spouse"] > 0).astype(int)
    adults["rc"] = adults["race"] * 2 + adults["citizen"]
    real = adults[adults["imputed"] == 0]
    write(counts(adults, ["klass", "age3", "educ", "income3", "married", "rc"]), "race_national")
    write(counts(adults[adults["vet"] >= 0], ["klass", "age3", "sex", "educ", "dis", "vet"]), "veteran")
    parents = real[real["kids"] > 0]
    write(
        counts(
            parents.assign(children=parents["k18"].clip(1, 6)),
            ["kids", "age3", "married", "klass", "children"],
        ),
        "children",
    )
    write(counts(parents, ["kids", "fine", "sex", "youngest"]), "youngest")
    women = real[(real["sex"] == 2) & (real["FER"] > 0)]
    write(counts(women, ["fine", "klass", "kids", "FER"]), "births")
    workers = real[real["work"] > 0]
    workers = workers.assign(size3=np.minimum(workers["size"], 3), young=grid.PAY_AGE[workers["fine"]])
    write(
        counts(
            workers.assign(business=workers["self_employed"].astype(int)),
            ["klass", "educ", "work", "income3", "business"],
        ),
        "business",
    )
    full = workers[(workers["work"] >= 2) & (workers["pay"] > 0)]
    write(quantiles(full, "pay", ["work", "income", "spouse", "size3", "educ", "young", "sex"]), "pay")
    write(quantiles(full, "pay", ["work", "income", "spouse", "young", "sex"]), "pay_coarse")
    write(quantiles(full[full["klass"] == 2], "pay", ["educ", "sex"]), "pay_entry")
    paid = real.assign(
        pay_band=grid.pay_band(real["pay"].to_numpy(), real["work"].to_numpy() >= 2),
        spouse_band=grid.spouse_band(real["spouse"].to_numpy(), real["spouse_pay"].to_numpy()),
    )
    write(
        quantiles(paid[paid["spouse"] == 2], "spouse_pay", ["income", "pay_band", "educ", "sex"]),
        "spouse_pay",
    )
    write(quantiles(paid, "other", ["income", "pay_band", "spouse_band", "age3", "sex"]), "other_income")
    write(
        counts(
            workers[workers["work"] == 1].assign(hours=lambda x: (x["short"] / 5).astype(int) * 5),
            ["educ", "hours"],
        ),
        "short_hours",
    )
    write(counts(state_rows.assign(weight=state_rows["w"]), ["state", "sex", "age"]), "age_state")
    write(counts(adults, ["sex", "klass", "fine", "age"]), "age_class")
    base = by_class(state_rows)
    grown = base[base["fine"] >= grid.FIRST_ADULT_FINE].copy()
    grown["age3"] = grid.AGE3[grown["fine"]]
    grown["rc"] = grown["race"] * 2 + grown["citizen"]
    write(counts(grown, ["state", "rc"]), "race_total")
    kept = grown[~grown["state"].isin([STATES.index(s) for s in without])]
    write(counts(kept, ["state", "klass", "age3", "rc"]), "race_state")
    write(counts(kept[(kept["vet"] >= 0) & (kept["imputed"] == 0)], ["state", "vet"]), "veteran_state")
    young = base[base["fine"] < grid.FIRST_ADULT_FINE].assign(rc=lambda x: x["race"] * 2 + x["citizen"])
    write(counts(young, ["state", "klass", "rc"]), "race_children")
    write(counts(young.assign(size=young["np"].clip(1, 10)), ["klass", "size"]), "size_children")
    write(counts(young, ["klass", "fine", "sex", "dis"]), "disability_children")
    middle = grown[(grown["fine"] >= grid.FIRST_ADULT_FINE) & (grown["age"] < 65)]
    margins = [
        counts(middle, ["state", f]).rename(columns={f: "level"}).assign(feature=f)
        for f in ("educ", "dis", "spouse", "kids", "work", "income")
    ]
    write(pd.concat(margins, ignore_index=True)[["state", "feature", "level", "w"]], "margins_state")
    demo = grown.assign(band=grid.FINE_BAND[grown["fine"]])
    write(counts(demo, ["state", "band", "sex", "klass"]), "cover_state")
    write(joint_table(state_rows), "joint_check")
    if pums is not None:
        write(english_table(pd.read_parquet(pums)), "english")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", type=Path)
    parser.add_argument("pums", type=Path, nargs="?")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--without", default="")
    parser.add_argument(
        "--guideline",
        type=float,
        nargs=2,
        default=None,
        help="poverty guideline: first person and each further person, USD a year",
    )
    args = parser.parse_args()
    from synthetic_pop.inputs import guideline

    build(
        args.records,
        args.pums,
        args.out,
        [s for s in args.without.split(",") if s],
        tuple(args.guideline) if args.guideline else guideline(),
    )


if __name__ == "__main__":
    main()
