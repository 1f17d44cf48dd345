"""Survey extracts with codes of their own, declared column by column and read as Census columns and codes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from microsim.ground.errors import InputError, Problems, nearest_name


class Codes(NamedTuple):
    """One of our columns from one of theirs, by code. A code that is not listed is refused."""

    name: str
    to: Mapping[int, float]
    required: bool = True
    absent: str = ""
    """What is done when an optional column is not in the file"""


class Amount(NamedTuple):
    """One of our columns from a number of theirs within a range, where `blank` values mean none: zero."""

    name: str
    low: float
    high: float
    blank: tuple[float, ...] = ()
    scale: float = 1.0


class AnyOf(NamedTuple):
    """1 where any of their columns holds a code of `yes`, else 2; codes outside `yes` and `no` are refused."""

    names: tuple[str, ...]
    yes: tuple[int, ...]
    no: tuple[int, ...]


Rule = Codes | Amount | AnyOf


class Extract(NamedTuple):
    """How an extract is read."""

    kind: str
    household: str
    persons: Mapping[str, Rule]
    housing: Mapping[str, Rule]
    """Columns of the household, which stand in every person's record or in a file of their own"""


def read_table(path: str | Path) -> pd.DataFrame:
    """A CSV or Parquet file with column names in capitals. Raises InputError when it cannot be read."""
    file = Path(path)
    if not file.is_file():
        raise InputError(str(path), None, file.name, "an existing CSV or Parquet file")
    try:
        raw = pd.read_parquet(file) if file.suffix == ".parquet" else pd.read_csv(file, low_memory=False)
    except (OSError, ValueError, UnicodeDecodeError) as error:
        said = str(error).splitlines()[0][:60]
        raise InputError(str(path), None, said, "a readable CSV or Parquet file") from error
    if not len(raw):
        raise InputError(str(path), None, 0, "at least one record")
    return raw.rename(columns={name: str(name).upper() for name in raw.columns})


def recoded(
    raw: pd.DataFrame, rules: Mapping[str, Rule], path: str | Path, log: list[str]
) -> dict[str, np.ndarray]:
    """Our columns with Census codes. Raises InputErrors for all absent columns and unknown codes."""
    problems = Problems()
    out: dict[str, np.ndarray] = {}
    for ours, rule in rules.items():
        names = rule.names if isinstance(rule, AnyOf) else (rule.name,)
        missing = [name for name in names if name not in raw]
        if missing:
            if isinstance(rule, Codes) and not rule.required:
                log.append(f"{rule.name} is not in {Path(path).name}: {rule.absent}")
                continue
            near = nearest_name(missing[0], list(raw.columns))
            problems.add(InputError(str(path), missing[0], "missing", "a column of that name", nearest=near))
            continue
        try:
            out[ours] = _column(raw, rule, path)
        except InputError as error:
            problems.add(error)
    problems.finish()
    return out


def _column(raw: pd.DataFrame, rule: Rule, path: str | Path) -> np.ndarray:
    if isinstance(rule, AnyOf):
        columns = [_numbers(raw[name], name, path) for name in rule.names]
        for name, values in zip(rule.names, columns, strict=True):
            _refuse(values, ~np.isin(values, (*rule.yes, *rule.no)), name, path, (*rule.yes, *rule.no))
        return np.where(np.any([np.isin(values, rule.yes) for values in columns], axis=0), 1, 2)
    values = _numbers(raw[rule.name], rule.name, path)
    if isinstance(rule, Codes):
        known = np.array(sorted(rule.to))
        _refuse(values, ~np.isin(values, known), rule.name, path, known.tolist())
        to = np.array([rule.to[int(code)] for code in known])
        return np.asarray(to[np.searchsorted(known, values)])
    values = np.where(np.isin(values, rule.blank), 0.0, values)
    _refuse(values, (values < rule.low) | (values > rule.high), rule.name, path, (rule.low, "to", rule.high))
    return values * rule.scale


def _numbers(column: pd.Series, name: str, path: str | Path) -> np.ndarray:
    values = pd.to_numeric(column, errors="coerce")
    if values.isna().any():
        odd = column[values.isna()].iloc[0]
        raise InputError(str(path), name, str(odd), "a number in every record")
    return values.to_numpy(float)


def _refuse(values: np.ndarray, bad: np.ndarray, name: str, path: str | Path, codes: Any) -> None:
    if bad.any():
        listed = " ".join(f"{code:g}" if isinstance(code, int | float) else str(code) for code in codes)
        raise InputError(str(path), name, float(values[bad][0]), f"one of the codebook's codes ({listed})")
