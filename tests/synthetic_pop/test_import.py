"""Census public use records become a population; what is wrong in them is said."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from support import population_metadata

import synthetic_pop as sp
from microsim.ground.errors import InputError
from microsim.ground.schema import FLAG, NEVER, STATES
from synthetic_pop.importing.acs_pums import import_pums


def records(households: int = 120) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Households of a couple with one child, a single adult, and an older person, in Ohio and Utah."""
    rng = np.random.default_rng(1)
    persons, homes = [], []
    for h in range(households):
        serial = f"2024HU{h:07d}"
        state = 39 if h % 2 else 49
        kind = h % 3
        ages = (
            [(34, 2, 1), (36, 1, 1), (4, 1, 5)] if kind == 0 else [(28, 1, 5)] if kind == 1 else [(71, 2, 3)]
        )
        homes.append({"SERIALNO": serial, "NP": len(ages), "TYPEHUGQ": 1, "FS": 1 if kind == 1 else 2})
        for order, (age, sex, marital) in enumerate(ages, 1):
            grown = age >= 16
            works = grown and age < 65
            persons.append(
                {
                    "SERIALNO": serial,
                    "SPORDER": order,
                    "ST": state,
                    "PWGTP": int(rng.integers(50, 150)),
                    "AGEP": age,
                    "SEX": sex,
                    "RAC1P": 1 + h % 2,
                    "HISP": 1,
                    "CIT": 1 if h % 5 else 5,
                    "SCHL": 21 if grown else np.nan,
                    "MAR": marital,
                    "FER": np.nan,
                    "ESR": 1 if works else np.nan,
                    "WKHP": 40 if works else np.nan,
                    "WKWN": 52 if works else np.nan,
                    "PINCP": 42_000 if grown else np.nan,
                    "WAGP": 36_000 if works else (0 if grown else np.nan),
                    "ADJINC": 1_010_000,
                    "HICOV": 1 if h % 4 else 2,
                    "PRIVCOV": 1 if kind == 0 and h % 4 else 2,
                    "PUBCOV": 2 if kind == 0 or not h % 4 else 1,
                    "DIS": 2,
                    "MIL": 4 if grown else np.nan,
                    "SCH": 1,
                    "HINS4": 1 if kind == 1 and h % 4 else 2,
                }
            )
    return pd.DataFrame(persons), pd.DataFrame(homes)


def run(tmp_path, persons, homes, suffix="csv"):
    person_file, home_file = tmp_path / f"p.{suffix}", tmp_path / f"h.{suffix}"
    for frame, file in ((persons, person_file), (homes, home_file)):
        frame.to_csv(file, index=False) if suffix == "csv" else frame.to_parquet(file)
    out = tmp_path / "people.parquet"
    log = import_pums(person_file, home_file, out, "2024", seed=3)
    return sp.load(out), log, out


def test_observed_attributes_are_kept(tmp_path):
    persons, homes = records()
    people, _, _ = run(tmp_path, persons, homes)
    assert people["weight"].sum() == 1000 * persons["PWGTP"].sum()
    age = (108 - people["birth_month"]) // 12
    assert sorted(age) == sorted(persons["AGEP"])
    assert {STATES[s] for s in people["state"]} == {"OH", "UT"}
    parents = (age == 34) | (age == 36)
    assert (people["household_size"][parents] == 3).all()
    assert (people["child_birth_month"][parents] != NEVER).all()
    assert ((people["flags"][parents] & FLAG["spouse_works"]) > 0).all()
    assert np.allclose(people["spouse_wage"][parents], 3030, atol=2)
    single = age == 28
    assert (people["child_birth_month"][single] == NEVER).all()
    assert ((people["flags"][single] & FLAG["snap"]) > 0).all()
    reported = (persons["HINS4"] == 1).sum()
    assert np.isin(people["cover"][age < 65], (4, 5, 6, 7, 10)).sum() == reported
    assert (people["cover"] == 0).sum() == (persons["HICOV"] == 2).sum()


def test_provenance_and_log(tmp_path):
    _, log, out = run(tmp_path, *records())
    about = population_metadata(out)
    sources = json.loads(about["microsim.source"])
    assert about["microsim.vintage"] == "2024" and len(sources) == 2
    assert all(len(s["sha256"]) == 64 for s in sources)
    assert any("HINS1" in line for line in log) and any("drawn by model" in line for line in log)


def test_csv_and_parquet_agree_and_order_does_not_matter(tmp_path):
    persons, homes = records()
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, _, _ = run(tmp_path / "a", persons, homes)
    two, _, _ = run(tmp_path / "b", persons.sample(frac=1, random_state=2), homes.iloc[::-1], "parquet")
    assert all(np.array_equal(one[k], two[k]) for k in one)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda p: p.assign(SEX=3), ("SEX", "3")),
        (lambda p: p.assign(RAC1P=12), ("RAC1P", "12")),
        (lambda p: p.assign(ST=72), ("STATE", "72")),
        (lambda p: p.assign(AGEP="old"), ("AGEP", "old")),
        (lambda p: p.assign(AGEP=np.nan), ("AGEP", "blank")),
        (lambda p: p.drop(columns="PWGTP"), ("PWGTP", "missing")),
        (lambda p: p.drop(columns=["PWGTP", "AGEP"]), ("PWGTP", "AGEP")),
        (lambda p: p.drop(columns="WKWN"), ("WKWN",)),
        (lambda p: p.drop(columns="SERIALNO"), ("SERIALNO",)),
        (lambda p: p.assign(PWGTP=0), ("PWGTP",)),
        (lambda p: p.iloc[:0], ("record",)),
    ],
)
def test_bad_records_are_refused(tmp_path, change, words):
    persons, homes = records(12)
    with pytest.raises(InputError) as error:
        run(tmp_path, change(persons), homes)
    assert all(w in str(error.value) for w in words)
    assert not (tmp_path / "people.parquet").exists()


def test_household_without_housing_record(tmp_path):
    persons, homes = records(12)
    with pytest.raises(InputError, match="SERIALNO"):
        run(tmp_path, persons, homes.iloc[1:])


def test_not_a_table(tmp_path):
    (tmp_path / "p.parquet").write_bytes(b"nonsense")
    with pytest.raises(InputError, match="readable"):
        import_pums(tmp_path / "p.parquet", None, tmp_path / "out.parquet")


def test_weeks_in_bands(tmp_path):
    persons, homes = records(12)
    people, _, _ = run(tmp_path, persons.drop(columns="WKWN").assign(WKW=1), homes)
    assert (people["work_class"] < 2).any()


def test_older_people_have_medicare_at_least(tmp_path):
    persons, homes = records(900)
    people, _, _ = run(tmp_path, persons.drop(columns="HINS4"), homes)
    aged = (108 - people["birth_month"]) // 12 == 71
    cover = people["cover"][aged]
    assert set(cover.tolist()) <= {0, 9, 10}
    assert (cover == 9).sum() / (cover != 0).sum() > 0.6
