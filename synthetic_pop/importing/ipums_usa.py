"""IPUMS USA extracts of the American Community Survey as a population. Not yet run on a real file.

Codes follow the IPUMS USA codebook; fixtures of the tests are made from it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from synthetic_pop.builder import Model
from synthetic_pop.importing.acs_pums import import_records
from synthetic_pop.importing.recoded import Amount, AnyOf, Codes, Extract, Rule, read_table, recoded

UNTRIED = "this importer follows the codebook and has not yet been run on a real file"
NO_YES = {1: 2, 2: 1}
"""IPUMS has 1 for no and 2 for yes, the Census the other way round."""
_SAME = {code: code for code in range(0, 100)}

PERSONS: dict[str, Rule] = {
    "state": Codes("STATEFIP", {code: code for code in range(1, 57)}),
    "weight": Amount("PERWT", 0, 99_999),
    "order": Amount("PERNUM", 1, 20),
    "age": Amount("AGE", 0, 120),
    "sex": Codes("SEX", {1: 1, 2: 2}),
    "race": Codes("RACE", {1: 1, 2: 2, 3: 3, 4: 6, 5: 6, 6: 6, 7: 8, 8: 9, 9: 9}),
    "hispanic": Codes("HISPAN", {0: 1, 1: 2, 2: 3, 3: 4, 4: 5}),
    "citizenship": Codes("CITIZEN", {0: 1, 1: 3, 2: 4, 3: 5}),
    "schooling": Codes(
        "EDUC", {0: 0, 1: 5, 2: 9, 3: 12, 4: 13, 5: 14, 6: 16, 7: 19, 8: 20, 9: 20, 10: 21, 11: 22}
    ),
    "marital": Codes("MARST", {1: 1, 2: 1, 3: 4, 4: 3, 5: 2, 6: 5}),
    "birth": Codes("FERTYR", {0: 0, 1: 2, 2: 1, 8: 0}, False, "births in the last year drawn by model"),
    "employment": Codes("EMPSTAT", {0: 0, 1: 1, 2: 3, 3: 6}),
    "hours": Codes("UHRSWORK", _SAME),
    "weeks": Codes("WKSWORK1", {code: code for code in range(53)}, False, "weeks taken from WKSWORK2 bands"),
    "weeks_band": Codes(
        "WKSWORK2", {0: 0, 1: 6, 2: 5, 3: 4, 4: 3, 5: 2, 6: 1}, False, "not needed beside WKSWORK1"
    ),
    "income": Amount("INCTOT", -100_000, 9_000_000, (9_999_999, 9_999_998)),
    "wages": Amount("INCWAGE", 0, 990_000, (999_999, 999_998)),
    "any_cover": Codes("HCOVANY", NO_YES),
    "private": Codes("HCOVPRIV", NO_YES),
    "public": Codes("HCOVPUB", NO_YES),
    "medicaid": Codes(
        "HINSCAID", NO_YES, False,
        "Medicaid is public cover less veterans above the income limit; at 65 and over by model",
    ),
    "difficulty": AnyOf(("DIFFREM", "DIFFPHYS", "DIFFMOB", "DIFFCARE", "DIFFEYE", "DIFFHEAR"), (2,), (0, 1)),
    "military": Codes("VETSTAT", {0: 0, 1: 4, 2: 2}),
    "english": Codes(
        "SPEAKENG", {0: 0, 1: 4, 3: 0, 4: 1, 5: 2, 6: 3}, False, "English ability drawn by model"
    ),
    "school": Codes("SCHOOL", {0: 0, 1: 1, 2: 2}, False, "study drawn by model"),
}  # fmt: skip
HOUSING: dict[str, Rule] = {
    "quarters": Codes("GQ", {1: 1, 2: 1, 3: 2, 4: 3, 5: 1}),
    "snap": Codes("FOODSTMP", {0: 0, 1: 2, 2: 1}, False, "SNAP drawn by model"),
}
EXTRACT = Extract("IPUMS USA extract", "SERIAL", PERSONS, HOUSING)


def import_ipums(
    extract: str | Path,
    out: str | Path,
    vintage: str | None = None,
    seed: int = 0,
    model: Model | None = None,
) -> list[str]:
    """Import a rectangular IPUMS USA extract of one year into the population file `out`; returns the log.

    Raises InputErrors for absent columns and codes outside the codebook.
    """
    log = [UNTRIED]
    raw = read_table(extract)
    persons = recoded(raw, {**PERSONS, **HOUSING, "serial": Amount(EXTRACT.household, 0, 1e12)}, extract, log)
    persons.setdefault("birth", np.zeros(len(raw)))
    frame = pd.DataFrame(persons)
    # Topcoded ages above the Census's own top are its top.
    frame["age"] = frame["age"].clip(upper=99)
    frame["serial"] = frame["serial"].astype("int64").astype(str)
    homes = frame[["serial", *(name for name in HOUSING if name in frame)]].drop_duplicates("serial")
    homes = homes.assign(people=homes["serial"].map(frame.groupby("serial").size()))
    log.append("household size counted from person records")
    return import_records(frame, homes, log, [extract], EXTRACT.kind, out, vintage, seed, model)
