"""The CPS Annual Social and Economic Supplement as a population. Not yet run on a real file.

The Census's CSV files of persons (pppub) and households (hhpub) that carry the recodes of cover at the
interview (NOW_COV and its kin; those of 2023 on do); codes follow its data dictionary, and fixtures of the
tests are made from it. NOW_MCAID is Medicaid, CHIP and other means-tested cover together.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from microsim.ground.errors import InputError
from synthetic_pop.builder import Model
from synthetic_pop.importing.acs_pums import import_records
from synthetic_pop.importing.ipums_usa import UNTRIED
from synthetic_pop.importing.recoded import Amount, AnyOf, Codes, Extract, Rule, read_table, recoded

YES_NO = {1: 1, 2: 2}
_DIFFICULTIES = ("PEDISEAR", "PEDISEYE", "PEDISREM", "PEDISPHY", "PEDISDRS", "PEDISOUT")
_TWO_OR_MORE = dict.fromkeys(range(6, 27), 9)

PERSONS: dict[str, Rule] = {
    "serial": Amount("PH_SEQ", 1, 999_999),
    "order": Amount("A_LINENO", 1, 20),
    # The files leave the weight's two decimals implied.
    "weight": Amount("MARSUPWT", 0, 99_999_999, scale=0.01),
    "age": Amount("A_AGE", 0, 85),
    "sex": Codes("A_SEX", {1: 1, 2: 2}),
    "race": Codes("PRDTRACE", {1: 1, 2: 2, 3: 3, 4: 6, 5: 7, **_TWO_OR_MORE}),
    "hispanic": Codes("PEHSPNON", {1: 2, 2: 1}),
    "citizenship": Codes("PRCITSHP", {1: 1, 2: 2, 3: 3, 4: 4, 5: 5}),
    "schooling": Codes(
        "A_HGA",
        {0: 0, 31: 2, 32: 5, 33: 8, 34: 10, 35: 12, 36: 13, 37: 14, 38: 15, 39: 16, 40: 19, 41: 20, 42: 20,
         43: 21, 44: 22, 45: 23, 46: 24},
    ),
    "marital": Codes("A_MARITL", {1: 1, 2: 1, 3: 1, 4: 2, 5: 3, 6: 4, 7: 5}),
    "employment": Codes("PEMLR", {0: 0, 1: 1, 2: 2, 3: 3, 4: 3, 5: 6, 6: 6, 7: 6}),
    "hours": Codes("HRSWK", {code: code for code in range(100)}),
    "weeks": Codes("WKSWORK", {code: code for code in range(53)}),
    "income": Amount("PTOTVAL", -999_999, 99_999_999),
    "wages": Amount("WSAL_VAL", 0, 9_999_999),
    "any_cover": Codes("NOW_COV", YES_NO),
    "private": Codes("NOW_PRIV", YES_NO),
    "public": Codes("NOW_PUB", YES_NO),
    "medicaid": Codes("NOW_MCAID", YES_NO),
    "difficulty": AnyOf(_DIFFICULTIES, (1,), (-1, 0, 2)),
    "military": Codes("PEAFEVER", {-1: 0, 0: 0, 1: 2, 2: 4}),
    "school": Codes("A_ENRLW", {0: 0, 1: 2, 2: 1}, False, "study drawn by model"),
}  # fmt: skip
HOUSING: dict[str, Rule] = {
    "serial": Amount("H_SEQ", 1, 999_999),
    "state": Codes("GESTFIPS", {code: code for code in range(1, 57)}),
    "people": Amount("H_NUMPER", 0, 20),
    "snap": Codes("HFOODSP", {0: 0, 1: 1, 2: 2}, False, "SNAP drawn by model"),
}
EXTRACT = Extract("CPS ASEC public use records", "PH_SEQ", PERSONS, HOUSING)


def import_cps(
    persons: str | Path,
    households: str | Path,
    out: str | Path,
    vintage: str | None = None,
    seed: int = 0,
    model: Model | None = None,
) -> list[str]:
    """Import CPS ASEC persons and households into the population file `out`; returns the log.

    Raises InputErrors for absent columns, codes outside the data dictionary and persons without a household.
    """
    log = [UNTRIED]
    people = pd.DataFrame(recoded(read_table(persons), PERSONS, persons, log))
    homes = pd.DataFrame(recoded(read_table(households), HOUSING, households, log))
    for frame in (people, homes):
        frame["serial"] = frame["serial"].astype("int64").astype(str)
    homes = homes.drop_duplicates("serial").set_index("serial")
    lone = ~people["serial"].isin(homes.index)
    if lone.any():
        expected = "the household of every person"
        raise InputError(str(households), "H_SEQ", str(people["serial"][lone].iloc[0]), expected)
    people["state"] = people["serial"].map(homes["state"])
    people["birth"] = np.zeros(len(people))
    homes["quarters"] = 1
    log.append("births of the last year and English ability drawn by model; institutions are not surveyed")
    files = [persons, households]
    return import_records(people, homes.reset_index(), log, files, EXTRACT.kind, out, vintage, seed, model)
