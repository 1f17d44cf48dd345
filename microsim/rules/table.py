"""The law alone on a table of people: no evidence, no answers, no renewals."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from microsim.ground.calendar import month_index
from microsim.ground.compiled import compiled
from microsim.ground.errors import InputError, Problems, nearest_name
from microsim.ground.parameters import load_parameters
from microsim.ground.schema import COVERS
from microsim.rules.columns import COLUMNS, CREDITS, TableColumn
from microsim.rules.compliance import credit_hours
from microsim.rules.month_status import month_status
from microsim.rules.options import Options
from microsim.rules.options_table import state_options as options_of_state
from microsim.rules.situation import Situation
from microsim.rules.statuses import FAMILIES, STATUSES

SCALE = 100
"""Hours and money are compared in hundredths, so that 79.99 hours and 579.99 dollars stay below."""
WHOLE_FILE = 10_000
"""From this many people on, a telling column with one value throughout is a mistake."""
_SCALED = ("hours_required", "income_required")
_FILE = "people"
_FAMILY = np.array([family for family, _ in STATUSES], dtype=object)
_REASON = np.array([reason for _, reason in STATUSES], dtype=object)
_REASONS = tuple(dict.fromkeys(_REASON))


def community_engagement(
    people: pd.DataFrame, month: str | int, state_options: str | Mapping[str, object] | Options
) -> pd.DataFrame:
    """Status and reason of each person in one month under the work requirement.

    `people` has one row a person-month and every column of `microsim.rules.columns.COLUMNS` (or
    `study_credits` for `study_hours`); other columns are ignored. Hours and dollars may have two
    decimals. `month` is "YYYY-MM" or a month number and picks the state's rules. `state_options` is a
    postal code (the law from the state's own start), an `Options`, or a mapping of option names to whole
    numbers: all of them, or `state` and those that differ.

    Returns a frame on the same index: `status` is one of statuses.FAMILIES and `reason` names the door,
    both categorical. SSA 1902(xx); 42 CFR 435.550-435.563. Raises `InputError` that names every missing
    or impossible column.
    """
    number = month_index(month) if isinstance(month, str) else int(month)
    options = read_options(state_options, number)
    matrix = situations(people, options)
    scaled = options._replace(**{name: getattr(options, name) * SCALE for name in _SCALED})
    codes = _statuses(matrix, scaled)
    return pd.DataFrame(
        {
            "status": pd.Categorical(_FAMILY[codes], categories=list(FAMILIES)),
            "reason": pd.Categorical(_REASON[codes], categories=list(_REASONS)),
        },
        index=people.index,
    )


def read_options(given: str | Mapping[str, object] | Options, month: int) -> Options:
    """Options from a postal code, a mapping or an `Options`; `InputError` names what is wrong."""
    if isinstance(given, Options):
        return given
    if isinstance(given, str):
        return options_of_state(load_parameters(), given, month, enacted=True)
    if not isinstance(given, Mapping):
        raise InputError("state_options", None, given, "a postal code, a mapping or Options")
    problems = Problems()
    values: dict[str, int] = {}
    for name, value in given.items():
        if name == "state":
            continue
        if name not in Options._fields:
            nearest = nearest_name(name, Options._fields)
            problems.add(InputError("state_options", str(name), value, "a field of Options", nearest=nearest))
        elif isinstance(value, bool | int | np.integer) and int(value) >= 0:
            values[str(name)] = int(value)
        else:
            problems.add(InputError("state_options", str(name), value, "a whole number of at least 0"))
    missing = [name for name in Options._fields if name not in values]
    if "state" not in given and missing:
        fix = "name a state, whose choices fill the rest"
        problems.add(InputError("state_options", missing[0], "missing", "every option or a state", fix=fix))
    problems.finish()
    if "state" in given:
        base = options_of_state(load_parameters(), str(given["state"]), month, enacted=True)
        return base._replace(**values)
    return Options(**values)


def situations(people: pd.DataFrame, options: Options) -> npt.NDArray[np.int64]:
    """Situations of a table as int64 (people, fields), hours and money in hundredths."""
    if not isinstance(people, pd.DataFrame):
        raise InputError(_FILE, None, type(people).__name__, "a pandas DataFrame with one row a person")
    credits = CREDITS in people.columns and "study_hours" not in people.columns
    problems = Problems()
    missing = [
        c for c in COLUMNS if c.name not in people.columns and not (credits and c.name == "study_hours")
    ]
    for column in missing:
        nearest = nearest_name(column.name, list(map(str, people.columns)))
        fix = f"{column.meaning}; {column.nobody} for a person without it"
        problems.add(InputError(_FILE, column.name, "missing", "a column", nearest=nearest, fix=fix))
    matrix = np.zeros((len(people), len(COLUMNS)), dtype=np.int64)
    for position, column in enumerate(COLUMNS):
        if column in missing:
            continue
        if credits and column.name == "study_hours":
            # Credits are turned into hundredths of hours by the rule itself.
            asked = column._replace(name=CREDITS, kind="months")
            matrix[:, position] = _whole(people, asked, problems) * credit_hours(1, options)
        else:
            matrix[:, position] = _whole(people, column, problems)
    problems.finish()
    return matrix


def _whole(people: pd.DataFrame, column: TableColumn, problems: Problems) -> npt.NDArray[np.int64]:
    """Values of a column as whole numbers in its scale; zeros where a problem was found."""
    nothing = np.zeros(len(people), dtype=np.int64)
    series = people[column.name]
    if isinstance(series, pd.DataFrame):
        problems.add(InputError(_FILE, column.name, f"{series.shape[1]} columns", "one column of this name"))
        return nothing
    if column.name == "cover" and not pd.api.types.is_numeric_dtype(series):
        unknown = sorted({str(value) for value in series} - set(COVERS))
        if unknown:
            nearest = nearest_name(unknown[0], COVERS)
            expected = "a kind of cover of schema.COVERS"
            problems.add(InputError(_FILE, column.name, unknown[0], expected, nearest=nearest))
            return nothing
        series = series.astype(str).map(COVERS.index)
    try:
        values = pd.to_numeric(series).to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        problems.add(InputError(_FILE, column.name, _first_text(series), "a number in every row"))
        return nothing
    factor = SCALE if column.kind in ("hours", "money") else 1
    # A household's MAGI can be negative after losses; nothing else can.
    low = -column.high if column.kind == "money" else 0
    scaled = values * factor
    finite = np.isfinite(values)
    wrong = ~(finite & (values >= low) & (values <= column.high))
    if factor == 1:
        wrong |= finite & (values != np.floor(values))
    if wrong.any():
        row = int(np.argmax(wrong))
        kind = "a number" if factor > 1 else "a whole number"
        value = values[row].item()
        shown = "missing" if np.isnan(value) else value
        where = f"{column.name}[{people.index[row]}]"
        problems.add(
            InputError(_FILE, where, shown, f"{kind} from {low} to {column.high}", fix=column.meaning)
        )
        return nothing
    if not column.may_be_constant and len(values) >= WHOLE_FILE and (values == values[0]).all():
        expected = f"different values among {len(values)} people"
        problems.add(InputError(_FILE, column.name, values[0].item(), expected, fix=column.meaning))
        return nothing
    # Floor of the value in hundredths, after removing the noise of binary fractions.
    whole: npt.NDArray[np.int64] = np.floor(np.round(scaled, 4)).astype(np.int64)
    return whole


def _first_text(series: pd.Series) -> object:
    bad = series[pd.to_numeric(series, errors="coerce").isna()]
    return bad.iloc[0] if len(bad) else series.iloc[0]


@compiled
def _statuses(matrix: npt.NDArray[np.int64], options: Options) -> npt.NDArray[np.int64]:
    """Status codes of the rows of a matrix of situations, int64 (people,)."""
    out = np.empty(len(matrix), np.int64)
    for i in range(len(matrix)):
        r = matrix[i]
        situation = Situation(
            r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8], r[9], r[10], r[11], r[12], r[13], r[14],
            r[15], r[16], r[17], r[18], r[19], r[20], r[21], r[22], r[23], r[24], r[25], r[26], r[27],
            r[28], r[29], r[30], r[31], r[32],
        )  # fmt: skip
        out[i] = month_status(situation, options)
    return out
