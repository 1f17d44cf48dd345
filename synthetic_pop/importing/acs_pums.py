"""American Community Survey public use records as a population: Census columns, one or five years."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from microsim.ground.errors import InputError, Problems, nearest_name
from microsim.ground.philox import philox4x32
from microsim.ground.schema import FIPS, FLAG, NEVER, POPULATION_MONTH
from synthetic_pop import grid
from synthetic_pop.builder import Columns, Model, Out, default_model, empty, seed_key, write_people
from synthetic_pop.cells import CLASSES
from synthetic_pop.files import validate, write
from synthetic_pop.importing.census_columns import (
    HOUSEHOLD_KEY,
    HOUSING,
    PERSONS,
    WEEKS_OF_BAND,
    CensusColumn,
)
from synthetic_pop.inputs import Array, guideline, population_parameters
from synthetic_pop.margins import GROUP_STARTS, GROUPS, INMATE, KINDS, MEDICAID, C
from synthetic_pop.survey import INSTITUTION, recode
from synthetic_pop.typed import profile

_DRAW_MONTH = (1 << 31) - 4
"""Counter word of cover and substance draws of imported people."""


def read_records(path: str | Path, columns: dict[str, CensusColumn]) -> tuple[pd.DataFrame, list[str]]:
    """Census records from CSV or Parquet with our names, and a line for each optional column that is absent.

    Raises `InputErrors` for missing columns, blanks where none may be, and codes out of range.
    """
    file = Path(path)
    if not file.is_file():
        raise InputError(str(path), None, file.name, "an existing CSV or Parquet file")
    try:
        if file.suffix == ".parquet":
            raw = pd.read_parquet(file)
        else:
            raw = pd.read_csv(file, dtype={HOUSEHOLD_KEY: str}, low_memory=False)
    except (OSError, ValueError, UnicodeDecodeError) as error:
        raise InputError(
            str(path), None, str(error).splitlines()[0][:60], "a readable CSV or Parquet file"
        ) from error
    problems, log = Problems(), []
    names = {str(c).upper(): c for c in raw.columns}
    out: dict[str, Any] = {}
    if HOUSEHOLD_KEY not in names:
        problems.add(InputError(str(path), HOUSEHOLD_KEY, "missing", "household serial numbers"))
    else:
        out["serial"] = raw[names[HOUSEHOLD_KEY]].astype(str)
    for ours, about in columns.items():
        found = next((names[n] for n in about.names if n in names), None)
        if found is None:
            if about.required:
                problems.add(
                    InputError(
                        str(path),
                        about.names[0],
                        "missing",
                        "a Census column of that name",
                        nearest=nearest_name(about.names[0], names),
                    )
                )
            else:
                log.append(f"{about.names[0]} is not in {file.name}: {about.absent}")
            continue
        problem, values = _checked(str(path), str(found), raw[found], about)
        if problem:
            problems.add(problem)
        else:
            out[ours] = values
    problems.finish()
    if not len(raw):
        raise InputError(str(path), None, 0, "at least one record")
    return pd.DataFrame(out), log


def _checked(path: str, name: str, column: pd.Series, about: CensusColumn) -> tuple[InputError | None, Array]:
    values = pd.to_numeric(column, errors="coerce")
    odd = values.isna() & column.notna() & (column.astype(str).str.strip() != "")
    if odd.any():
        return InputError(path, name, str(column[odd].iloc[0]), "numbers"), np.empty(0)
    blank = values.isna()
    if blank.any():
        if about.blank is None:
            return InputError(path, name, f"{int(blank.sum())} blank fields", "no blank field"), np.empty(0)
        values = values.fillna(about.blank)
    bad = (values < about.low) | (values > about.high)
    if about.whole:
        bad |= values != np.floor(values)
    if bad.any():
        expected = f"codes from {about.low:g} to {about.high:g}"
        return InputError(path, name, float(values[bad].iloc[0]), expected), np.empty(0)
    return None, values.to_numpy()


def survey_frame(persons: pd.DataFrame, housing: pd.DataFrame | None, log: list[str]) -> pd.DataFrame:
    """Persons (and housing) as the recoded survey columns that `recode` reads."""
    d = pd.DataFrame(
        {
            "state": persons["state"].astype(int),
            "serial": persons["serial"],
            "order": persons["order"].astype(int),
        }
    )
    unknown = ~d["state"].isin(FIPS)
    if unknown.any():
        raise InputError(
            "persons",
            "STATE",
            int(d["state"][unknown].iloc[0]),
            "a FIPS code of a state or DC",
            fix="leave out Puerto Rico",
        )
    scale = persons["adjust"].to_numpy() / 1e6 if "adjust" in persons else 1.0
    d["w"] = persons["weight"]
    d["age"], d["sex"] = persons["age"].astype(int), persons["sex"].astype(int)
    d["race"] = grid.race_from_census(
        persons["race"].astype(int).to_numpy(), persons["hispanic"].astype(int).to_numpy()
    )
    d["citizen"] = (persons["citizenship"] != 5).astype(int)
    d["educ"] = grid.education_from_census(persons["schooling"].to_numpy())
    d["MAR"], d["dis"] = persons["marital"].astype(int), (persons["difficulty"] == 1).astype(int)
    d["FER"], d["ESR"] = persons["birth"].astype(int), persons["employment"].astype(int)
    d["hours"] = persons["hours"].astype(int)
    if "weeks" in persons:
        d["WKWN"] = persons["weeks"].astype(int)
    elif "weeks_band" in persons:
        d["WKWN"] = np.array(WEEKS_OF_BAND)[persons["weeks_band"].astype(int)]
    else:
        raise InputError("persons", "WKWN", "missing", "WKWN or WKW")
    d["WAGP"], d["PINCP"] = persons["wages"] * scale, persons["income"] * scale
    d["PRIVCOV"], d["PUBCOV"], d["HICOV"] = (
        persons[c].astype(int) for c in ("private", "public", "any_cover")
    )
    d["vet"] = (persons["military"] == 2).astype(int)
    d["fer"] = persons["birth"].astype(int)
    households = persons.groupby("serial")["order"].transform("size").to_numpy()
    if housing is None:
        log.append("no housing file: household size counted from person records, institutions unknown")
        d["np"], d["gq"] = np.minimum(households, 20), 1
    else:
        known = housing.drop_duplicates("serial").set_index("serial")
        missing = ~d["serial"].isin(known.index)
        if missing.any():
            raise InputError(
                "housing",
                HOUSEHOLD_KEY,
                str(d["serial"][missing].iloc[0]),
                "every household of the person file",
            )
        d["np"] = d["serial"].map(known["people"]).astype(int).clip(1, 20)
        d["gq"] = d["serial"].map(known["quarters"]).astype(int)
        if "snap" in known:
            d["snap"] = d["serial"].map(known["snap"]).astype(int)
    in_household = d["gq"] == 1
    for name, age in (("k18", 18), ("k13", 14), ("k6", 6)):
        young = ((d["age"] < age) & in_household).astype(int)
        d[name] = young.groupby(d["serial"]).transform("sum").to_numpy()
    d["hh"] = pd.factorize(d["serial"])[0]
    d["parent13"], d["imputed"] = 0, 0
    d["p_medicaid"], d["reported"] = _medicaid(persons, d), "medicaid" in persons
    for optional in ("english", "school"):
        if optional in persons:
            d[optional] = persons[optional].astype(int)
    return d.sort_values(["serial", "order"], kind="stable").reset_index(drop=True)


def _medicaid(persons: pd.DataFrame, d: pd.DataFrame) -> Array:
    """Chance of Medicaid: reported, or public cover under 65 less veterans above the income limit."""
    if "medicaid" in persons:
        return (persons["medicaid"] == 1).to_numpy(float)
    low = d["PINCP"].to_numpy() < population_parameters().number("population.magi.limit") * guideline()[0]
    public = d["PUBCOV"].to_numpy() == 1
    return (public & ~((d["vet"].to_numpy() == 1) & ~low) & (d["age"].to_numpy() < 65)).astype(float)


def _words(ids: Array, block: int, key: tuple[int, int]) -> Array:
    out = np.empty((len(ids), 4))
    for i, person in enumerate(ids.tolist()):
        out[i] = philox4x32(person & 0xFFFFFFFF, person >> 32, _DRAW_MONTH, block, key[0], key[1])
    return (out + 0.5) / 2**32


def _identity(d: pd.DataFrame) -> Array:
    """Ids from serial number and order: the same record has the same id in any file."""
    ids = np.empty(len(d), np.int64)
    for i, (serial, order) in enumerate(zip(d["serial"], d["order"], strict=True)):
        digest = hashlib.blake2b(f"{serial}/{order}".encode(), digest_size=8).digest()
        ids[i] = int.from_bytes(digest, "little") >> 2
    return ids


def _pick(chances: Array, u: Array) -> Array:
    """Column chosen in each row of unnormalised chances (n, k)."""
    running = chances.cumsum(1)
    return (running < (u * running[:, -1])[:, None]).sum(1).clip(0, chances.shape[1] - 1)


def _relative_tilt(model: Model, group: Array, sex: Array, code: Array) -> Array:
    """Weight of each record's type in every kind of cover against the kind's mean: (n, kinds)."""
    e, tilt = model.types.entries, profile(model.parameters)
    shape = (KINDS, len(GROUPS), 2)
    cell = np.ravel_multi_index((e.kind, e.group, e.sex), shape)
    tilted = ((e.group >= 3) & (e.group < 8)) | ((e.group == 8) & (e.kind == C["dual"]))
    plain = e.weight / np.where(tilted, tilt[e.kind, e.type], 1.0)
    size = int(np.prod(shape))
    mean = np.bincount(cell, e.weight, size) / np.maximum(np.bincount(cell, plain, size), 1e-300)
    mean = np.where(mean > 0, mean, 1.0).reshape(shape)
    own = tilt[:, code].T
    untilted = (group < 3)[:, None] | ((group == 8)[:, None] & (np.arange(KINDS) != C["dual"])[None])
    return np.where(untilted, 1.0, own) / mean[:, group, sex].T


def place(d: pd.DataFrame, model: Model, u: Array) -> Array:
    """Cell of every record, within its state: cover and substance class drawn given what is observed."""
    state, female = d["state"].to_numpy(), d["sex"].to_numpy() == 2
    sex = (~female).astype(int)
    group = np.searchsorted(GROUP_STARTS, d["age"].to_numpy(), side="right") - 1
    people = model.cells.count.sum(-1).astype(float)[state, group, sex]
    tilt = _relative_tilt(model, group, sex, d["type"].to_numpy())
    allowed = np.zeros((len(d), KINDS), bool)
    child, aged = group < 3, group == len(GROUPS) - 1
    bare = d["HICOV"].to_numpy() == 2
    medicaid = (u[:, 0] < d["medicaid_share"].to_numpy()) & ~bare
    private = (d["PRIVCOV"].to_numpy() == 1) & ~medicaid
    allowed[bare, C["uninsured"]] = True
    on = np.flatnonzero(medicaid & ~child & ~aged)
    allowed[np.ix_(on, np.array(MEDICAID))] = True
    allowed[medicaid & child, C["child"]] = True
    allowed[medicaid & aged, C["dual"]] = True
    if not d["reported"].iloc[0]:
        allowed[aged & ~bare, C["dual"]] = True
        allowed[aged & ~bare, C["medicare"]] = True
    buyers = np.flatnonzero(private & ~aged)
    bought = np.array([C["employer"], C["marketplace"], C["marketplace_full_price"], C["other_cover"]])
    allowed[np.ix_(buyers, bought)] = True
    rest = ~allowed.any(1)
    allowed[rest & (aged | (group >= 3)), C["medicare"]] = True
    allowed[rest & child, C["other_cover"]] = True
    held = (d["gq"].to_numpy() == INSTITUTION) & (group >= 3) & ~aged
    allowed[held] = False
    allowed[held, INMATE] = True
    chances = np.where(allowed, np.maximum(people, 1e-6) * np.maximum(tilt, 1e-6), 0.0)
    chances[~allowed] = 0.0
    kind = _pick(chances, u[:, 1])
    classes = model.cells.count[state, group, sex, kind].astype(float)
    classes[:, 0] += 1e-6
    klass = _pick(classes, u[:, 2])
    return ((group * 2 + sex) * KINDS + kind) * CLASSES + klass


def assemble(d: pd.DataFrame, model: Model, seed: int) -> Columns:
    """A population from recoded records: observed attributes kept, the rest drawn given them."""
    key = seed_key(seed)
    ids = _identity(d)
    order = np.lexsort((ids, d["state"].to_numpy()))
    d, ids = d.iloc[order].reset_index(drop=True), ids[order]
    cells = place(d, model, _words(ids, 0, key))
    fine = np.maximum(d["fine"].to_numpy(), grid.FIRST_ADULT_FINE)
    given = np.stack([fine, d["type"].to_numpy()], 1).astype(np.int64)
    weight = np.rint(d["w"].to_numpy(float) * 1000).astype(np.int64)
    out = empty(len(d))
    for state in np.unique(d["state"].to_numpy()):
        rows = np.flatnonzero(d["state"].to_numpy() == state)
        part = empty(len(rows))
        write_people(
            model,
            part,
            int(state),
            ids[rows],
            cells[rows],
            weight[rows],
            key,
            model.of_state(int(state)),
            given[rows],
        )
        for whole, piece in zip(out, part, strict=True):
            whole[rows] = piece
    _observe(d, out, _words(ids, 1, key))
    return dict(zip(Out._fields, out, strict=True))


def _observe(d: pd.DataFrame, out: Any, u: Array) -> None:
    """Write what the record says over what was drawn."""
    age, adult = d["age"].to_numpy(), d["age"].to_numpy() >= 18
    out.birth_month[:] = POPULATION_MONTH - 12 * age - (12 * u[:, 0]).astype(int)
    out.race[:] = d["race"]
    out.education[:] = d["educ"]
    parent = (d["kids"].to_numpy() > 0) & adult
    size = np.where(adult, d["size"].to_numpy(), d["np"].to_numpy())
    out.household_size[:] = np.clip(size, 1, 20)
    child = POPULATION_MONTH - 12 * d["youngest"].to_numpy() - (12 * u[:, 1]).astype(int)
    out.child_birth_month[:] = np.where(parent, child, NEVER)

    def cap(x: Array) -> Array:
        return np.clip(np.rint(x), 0, 65_000)

    observed = (d["work"].to_numpy() >= 2) & (d["pay"].to_numpy() > 0)
    out.wage[:] = np.where(observed, cap(d["pay"].to_numpy()), out.wage)
    out.spouse_wage[:] = np.where(d["spouse"].to_numpy() == 2, cap(d["spouse_pay"].to_numpy()), 0)
    out.other_income[:] = np.where(adult, cap(d["other"].to_numpy()), 0)
    set_flag(out, "citizen", d["citizen"].to_numpy() == 1)
    set_flag(out, "veteran", d["vet"].to_numpy() == 1)
    set_flag(out, "veteran_total", ((out.flags & FLAG["veteran_total"]) > 0) & (d["vet"].to_numpy() == 1))
    if "english" in d:
        set_flag(out, "limited_english", d["english"].to_numpy() >= 3)
    if "school" in d:
        set_flag(out, "student", adult & (d["school"].to_numpy() >= 2))
    if "snap" in d:
        snap = d["snap"].to_numpy() == 1
        set_flag(out, "snap", snap)
        set_flag(out, "snap_subject", ((out.flags & FLAG["snap_subject"]) > 0) & snap)
    # A birth in the last year without a child at home still counts as a delivery.
    recent = (d["fer"].to_numpy() == 1) & (out.sex == 0)
    months = 10 + np.where(parent, np.clip(POPULATION_MONTH - child, 0, 11), (12 * u[:, 2]).astype(int))
    out.pregnancy_months[:] = np.where(
        recent, months, np.where(out.pregnancy_months > 9, 0, out.pregnancy_months)
    )


def set_flag(out: Any, name: str, on: Array) -> None:
    """Set one bit of the flags where `on`, and clear it elsewhere."""
    bit = np.uint32(FLAG[name])
    out.flags[:] = np.where(on, out.flags | bit, out.flags & ~bit)


def _hash(path: str | Path) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def import_pums(
    persons: str | Path,
    housing: str | Path | None,
    out: str | Path,
    vintage: str | None = None,
    seed: int = 0,
    model: Model | None = None,
) -> list[str]:
    """Import Census person (and housing) records into the population file `out`; returns the log.

    Weights are the survey's, in thousandths. What the records lack (substance use, bases of
    Medicaid, attributes of the rule) is drawn by the model of the shipped population given what
    they hold; the log and the file's metadata say what. Raises `InputError` for absent columns
    and unknown codes.
    """
    people, log = read_records(persons, PERSONS)
    homes = None
    if housing is not None:
        homes, more = read_records(housing, HOUSING)
        log += more
    files = [persons] if housing is None else [persons, housing]
    return import_records(people, homes, log, files, "Census public use records", out, vintage, seed, model)


def import_records(
    people: pd.DataFrame,
    homes: pd.DataFrame | None,
    log: list[str],
    files: Sequence[str | Path],
    kind: str,
    out: str | Path,
    vintage: str | None,
    seed: int,
    model: Model | None = None,
) -> list[str]:
    """Write a population from records with the names and codes of `PERSONS` and `HOUSING`; returns the log.

    `files` are those the records come from and `kind` says what they are, for the file's metadata.
    """
    persons = files[0]
    frame = survey_frame(people, homes, log)
    frame = frame[frame["w"] > 0].reset_index(drop=True)
    if frame.empty:
        raise InputError(str(persons), "weight", 0, "at least one record with a weight (PWGTP)")
    d = recode(frame, guideline())
    log.append("spouse, parent and MAGI unit inferred from marriage, age and order in the household")
    log.append(
        "substance use, basis of Medicaid, impairment, caregiving, release and the like drawn by model"
    )
    columns = assemble(d, model or default_model(), seed)
    validate(columns, str(persons))
    about = {
        "microsim.import": kind,
        "microsim.vintage": vintage or "not given",
        "microsim.source": json.dumps([{"file": Path(f).name, "sha256": _hash(f)} for f in files]),
        "microsim.log": json.dumps(log),
        "microsim.seed": str(seed),
    }
    records = write(out, [columns], about)
    log.append(f"{records:,} records for {columns['weight'].sum() / 1000:,.0f} people in {out}")
    return log
