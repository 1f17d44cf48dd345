"""CPS and IPUMS records, made from their codebooks, become a population; unknown codes are refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support import population_metadata

import synthetic_pop as sp
from microsim.ground.errors import InputError
from microsim.ground.schema import FLAG, NEVER, STATES
from synthetic_pop.importing.cps_asec import import_cps
from synthetic_pop.importing.ipums_usa import import_ipums

HOUSEHOLDS = 60
KINDS = (
    [(34, 2, True), (36, 1, True), (4, 1, False)],
    [(28, 1, False)],
    [(71, 2, False)],
)
"""A couple with a child, a person alone with Medicaid, an older person: age, sex, married."""


def people():  # type: ignore[no-untyped-def]
    for h in range(HOUSEHOLDS):
        for order, (age, sex, married) in enumerate(KINDS[h % 3], 1):
            yield h, order, age, sex, married, age >= 15, 16 <= age < 65


def ipums() -> pd.DataFrame:
    """An extract by the IPUMS USA codebook: 1 is no, 2 is yes; 9999999 and 999999 are not applicable."""
    rows = []
    for h, order, age, sex, married, grown, works in people():
        covered, alone = h % 4 != 0, h % 3 == 1
        rows.append({
            "YEAR": 2023, "SERIAL": 1000 + h, "PERNUM": order, "PERWT": 90 + h, "STATEFIP": 39 if h % 2 else 49,
            "GQ": 1, "FOODSTMP": 2 if alone else 1, "AGE": age, "SEX": sex, "RACE": 1 + h % 2, "HISPAN": 0,
            "CITIZEN": 0 if h % 5 else 3, "EDUC": 10 if grown else 0, "MARST": 1 if married else 6, "FERTYR": 0,
            "EMPSTAT": 1 if works else 0, "UHRSWORK": 40 if works else 0, "WKSWORK1": 52 if works else 0,
            "INCTOT": 42_000 if grown else 9_999_999, "INCWAGE": 36_000 if works else (0 if grown else 999_999),
            "HCOVANY": 2 if covered else 1, "HCOVPRIV": 2 if covered and h % 3 == 0 else 1,
            "HCOVPUB": 2 if covered and h % 3 else 1, "HINSCAID": 2 if covered and alone else 1,
            **dict.fromkeys(("DIFFREM", "DIFFPHYS", "DIFFMOB", "DIFFCARE"), 1 if age > 4 else 0),
            "DIFFEYE": 1, "DIFFHEAR": 1, "VETSTAT": 1 if grown else 0, "SPEAKENG": 3 if age > 4 else 0, "SCHOOL": 1,
        })  # fmt: skip
    return pd.DataFrame(rows)


def cps() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Persons and households by the data dictionary of the supplement: 1 is yes, 2 is no, -1 out of universe."""
    rows = []
    for h, order, age, sex, married, grown, works in people():
        covered, alone = h % 4 != 0, h % 3 == 1
        rows.append({
            "PH_SEQ": 1 + h, "A_LINENO": order, "MARSUPWT": (90 + h) * 100, "A_AGE": min(age, 85), "A_SEX": sex,
            "PRDTRACE": 1 + h % 2, "PEHSPNON": 2, "PRCITSHP": 1 if h % 5 else 5, "A_HGA": 43 if grown else 0,
            "A_MARITL": 1 if married else 7, "PEMLR": 1 if works else (5 if grown else 0),
            "HRSWK": 40 if works else 0, "WKSWORK": 52 if works else 0, "PTOTVAL": 42_000 if grown else 0,
            "WSAL_VAL": 36_000 if works else 0, "NOW_COV": 1 if covered else 2,
            "NOW_PRIV": 1 if covered and h % 3 == 0 else 2, "NOW_PUB": 1 if covered and h % 3 else 2,
            "NOW_MCAID": 1 if covered and alone else 2,
            **dict.fromkeys(
                ("PEDISEAR", "PEDISEYE", "PEDISREM", "PEDISPHY", "PEDISDRS", "PEDISOUT"), 2 if grown else -1
            ),
            "PEAFEVER": 2 if grown else -1, "A_ENRLW": 0,
        })  # fmt: skip
    homes = [
        {
            "H_SEQ": 1 + h,
            "GESTFIPS": 39 if h % 2 else 49,
            "H_NUMPER": len(KINDS[h % 3]),
            "HFOODSP": 1 if h % 3 == 1 else 2,
        }
        for h in range(HOUSEHOLDS)
    ]
    return pd.DataFrame(rows), pd.DataFrame(homes)


def imported(kind: str, folder: Path, change=lambda frame: frame):  # type: ignore[no-untyped-def]
    out = folder / "people.parquet"
    if kind == "ipums":
        change(ipums()).to_csv(folder / "extract.csv", index=False)
        log = import_ipums(folder / "extract.csv", out, "2023", seed=3)
    else:
        persons, homes = cps()
        change(persons).to_csv(folder / "pppub24.csv", index=False)
        homes.to_csv(folder / "hhpub24.csv", index=False)
        log = import_cps(folder / "pppub24.csv", folder / "hhpub24.csv", out, "2024", seed=3)
    return sp.load(out), log, out


@pytest.mark.parametrize("kind", ["ipums", "cps"])
def test_what_the_records_say_is_kept(kind: str, tmp_path: Path) -> None:
    columns, log, out = imported(kind, tmp_path)
    ages = [person[2] for person in people()]
    age = (108 - columns["birth_month"]) // 12
    assert sorted(age) == sorted(ages)
    assert columns["weight"].sum() == 1000 * sum(90 + person[0] for person in people())
    assert {STATES[code] for code in columns["state"]} == {"OH", "UT"}
    parents = (age == 34) | (age == 36)
    assert (columns["household_size"][parents] == 3).all()
    assert (columns["child_birth_month"][parents] != NEVER).all()
    assert np.allclose(columns["wage"][parents], 3000, atol=2)
    assert (columns["education"][parents] == columns["education"].max()).all()
    single = age == 28
    assert ((columns["flags"][single] & FLAG["snap"]) > 0).all()
    assert not ((columns["flags"] & FLAG["veteran"]) > 0).any()
    bare = sum(person[0] % 4 == 0 for person in people())
    assert (columns["cover"] == 0).sum() == bare
    medicaid = np.isin(columns["cover"][single], (4, 5, 6, 7, 10)).sum()
    assert medicaid == sum(h % 3 == 1 and h % 4 != 0 for h in range(HOUSEHOLDS))
    about = population_metadata(out)
    assert ("IPUMS" if kind == "ipums" else "CPS") in about["microsim.import"]
    assert all(len(source["sha256"]) == 64 for source in json.loads(about["microsim.source"]))
    assert any("not yet been run on a real file" in line for line in log)
    assert "not yet been run" in about["microsim.log"]


@pytest.mark.parametrize(
    ("kind", "change", "words"),
    [
        ("ipums", lambda p: p.assign(RACE=10), ("RACE", "10")),
        ("ipums", lambda p: p.assign(SPEAKENG=7), ("SPEAKENG", "7")),
        ("ipums", lambda p: p.assign(MARST=9), ("MARST", "9")),
        ("ipums", lambda p: p.assign(STATEFIP=72), ("STATEFIP", "72")),
        ("ipums", lambda p: p.drop(columns=["PERWT", "DIFFEYE"]), ("PERWT", "DIFFEYE")),
        ("ipums", lambda p: p.assign(INCTOT="much"), ("INCTOT", "much")),
        ("ipums", lambda p: p.iloc[:0], ("record",)),
        ("cps", lambda p: p.assign(A_HGA=30), ("A_HGA", "30")),
        ("cps", lambda p: p.assign(PEDISEYE=3), ("PEDISEYE", "3")),
        ("cps", lambda p: p.assign(NOW_MCAID=0), ("NOW_MCAID", "0")),
        ("cps", lambda p: p.assign(PH_SEQ=p["PH_SEQ"] + 1), ("H_SEQ",)),
    ],
)
def test_codes_outside_the_codebook_are_refused(kind, change, words, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError) as error:
        imported(kind, tmp_path, change)
    assert all(word in str(error.value) for word in words)
    assert not (tmp_path / "people.parquet").exists()


def test_the_command_names_the_survey(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from microsim.cli.main import main

    ipums().to_csv(tmp_path / "e.csv", index=False)
    line = [
        "population",
        "import",
        str(tmp_path / "e.csv"),
        "--source",
        "ipums",
        "--out",
        str(tmp_path / "p.parquet"),
    ]
    done = CliRunner().invoke(main, line)
    assert done.exit_code == 0, done.output
    assert "real file" in done.output


@pytest.mark.parametrize("kind", ["ipums", "cps"])
def test_a_run_takes_what_was_imported(kind: str, tmp_path: Path) -> None:
    import microsim

    columns, _, out = imported(kind, tmp_path)
    result = microsim.run(policy="budget2025", population=out, start="2027-01", end="2027-12")
    assert result.manifest["population"].startswith("file-")
    assert result.manifest["records"] == len(columns["person_id"])
    assert set(result.document["by_state"]) >= {"OH", "UT"}
    months = {
        arm: result.document["measures"]["uninsured_person_months"][arm] for arm in ("baseline", "policy")
    }
    assert all(value > 0 for value in months.values())
