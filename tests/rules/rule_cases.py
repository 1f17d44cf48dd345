"""Reads the scenario table: a default person, and what differs from it."""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

import pandas as pd

from microsim.ground.calendar import month_index
from microsim.ground.parameters import load_parameters
from microsim.ground.schema import COVERS, JOBS, WORK_CLASSES
from microsim.rules.columns import COLUMNS
from microsim.rules.options import Options
from microsim.rules.options_table import state_options
from microsim.rules.pathway import Visibility
from microsim.rules.situation import Situation

FILE = Path(__file__).with_name("scenarios.csv")
STATE, MONTH = "OH", "2027-06"
VISIBLE = Visibility(
    *(int(2**32 * share) for share in load_parameters().array("medicaid.verification.pathway_visibility", "pathway"))
)
"""How visible each record is before any shift."""
DEFAULT = {column.name: column.nobody for column in COLUMNS} | {"age_months": 480, "cover": "adult_group"}
SHORT = {"age": "age_months", "child": "child_age_months"}
_AGE = re.compile(r"(\d+)y(?:(\d+)m)?")


def pairs(text: str) -> dict[str, str]:
    """`a=1; b=2` as a mapping."""
    found = dict(part.strip().split("=", 1) for part in text.split(";") if part.strip())
    return {SHORT.get(key, key): value for key, value in found.items()}


def months(text: str) -> int:
    """Age written 13y11m, in months."""
    match = _AGE.fullmatch(text)
    assert match, text
    return 12 * int(match[1]) + int(match[2] or 0)


def person_row(text: str) -> dict[str, object]:
    """One row for the table of people."""
    row: dict[str, object] = dict(DEFAULT)
    for key, value in pairs(text).items():
        assert key in row or key == "study_credits", key
        if key in ("age_months", "child_age_months"):
            row[key] = months(value)
        else:
            row[key] = value if key == "cover" else float(value)
    return row


def person_frame(text: str) -> pd.DataFrame:
    """Table of one person; `study_credits` takes the place of `study_hours`."""
    row = person_row(text)
    if "study_credits" in row:
        del row["study_hours"]
    return pd.DataFrame([row])


def situation(text: str = "") -> Situation:
    """The person as the compiled functions read one, whole hours and dollars."""
    row = person_row(text)
    row["cover"] = COVERS.index(str(row["cover"]))
    return Situation(*(int(row[name]) for name in Situation._fields))


@cache
def options(text: str = "") -> Options:
    """Options of a state and month of the law, with what differs."""
    given = pairs(text)
    state, month = given.pop("state", STATE), given.pop("month", MONTH)
    base = state_options(load_parameters(), state, month_index(month), enacted=True)
    assert set(given) <= set(Options._fields), given
    return base._replace(**{key: int(value) for key, value in given.items()})


def month_of(text: str) -> str:
    return pairs(text).get("month", MONTH)


def history(text: str) -> int:
    """Bits written latest month first."""
    return sum(int(bit) << back for back, bit in enumerate(text))


def codes(given: str) -> dict[str, int]:
    """`given` with names turned into the schema's codes."""
    found = pairs(given)
    named = {"job": JOBS, "work_class": WORK_CLASSES, "cover": COVERS}
    return {key: named[key].index(value) if key in named else int(value) for key, value in found.items()}


def rows() -> list[dict[str, str]]:
    with FILE.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
