"""Population files: Parquet with Arrow metadata, written whole, read with every column checked."""

from __future__ import annotations

import json
import os
import tempfile
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from microsim.ground.arrow import arrow, numbers
from microsim.ground.errors import InputError, Problems, nearest_name
from microsim.ground.schema import FLAG, NEVER, PERSON_COLUMNS, POPULATION_MONTH, Column
from synthetic_pop.inputs import Array

Columns = dict[str, Array]
CONSTANT_FROM = 10_000
"""A file of this many records whose column never leaves one value was not filled in."""
ROW_GROUP = 262_144
_FREE = ("person_id", "weight", "state", "stratum", "sex")
"""Columns that may hold one value in a file of one kind of people."""


def schema() -> pa.Schema:
    """Arrow schema of a population file: unit, range, codes and meaning stand in each field's metadata."""
    return pa.schema([_field(c) for c in PERSON_COLUMNS])


def _field(c: Column) -> pa.Field:
    about = {"unit": c.unit, "low": str(c.low), "high": str(c.high), "meaning": c.meaning}
    if c.codes:
        about["codes"] = json.dumps(c.codes)
    return pa.field(c.name, pa.from_numpy_dtype(np.dtype(c.dtype)), nullable=False, metadata=about)


def _table(columns: Columns, about: dict[str, str]) -> pa.Table:
    arrays = [arrow(np.asarray(columns[c.name], dtype=c.dtype)) for c in PERSON_COLUMNS]
    return pa.Table.from_arrays(arrays, schema=schema().with_metadata(about))


def write(path: str | Path, shards: Iterable[Columns], about: dict[str, str] | None = None) -> int:
    """Write shards to one Parquet file, which appears whole or not at all; returns the records written.

    `about` joins the file's metadata. Raises `InputError` where the folder cannot be written.
    """
    target = Path(path)
    metadata = {"microsim.population": "1", **(about or {})}
    temporary = None
    records = 0
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
        os.close(handle)
        temporary = Path(name)
        writer = None
        for shard in shards:
            table = _table(shard, metadata)
            if writer is None:
                writer = pq.ParquetWriter(temporary, table.schema, compression="zstd")
            writer.write_table(table, row_group_size=ROW_GROUP)
            records += table.num_rows
        if writer is None:
            raise InputError(str(target), None, 0, "at least one record")
        writer.close()
        # mkstemp makes a private file; a population is as readable as any other file of its folder.
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        temporary.replace(target)
        temporary = None
    except OSError as error:
        raise InputError(
            str(target), None, error.strerror or str(error), "a folder that can be written"
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
    return records


def _open(path: str | Path) -> pq.ParquetFile:
    if not Path(path).is_file():
        raise InputError(str(path), None, Path(path).name, "an existing population file")
    try:
        return pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            str(path), None, _short(error), "a whole Parquet file", fix="build or copy it again"
        ) from error


def _short(error: Exception) -> str:
    """The first sentence of an error; a longer one ends at a word."""
    sentence = str(error).partition("\n")[0].partition(". ")[0]
    return textwrap.shorten(sentence, 60, placeholder="...") or type(error).__name__


def load(path: str | Path) -> Columns:
    """Read and check a population file; columns and dtypes of `PERSON_COLUMNS`.

    Raises `InputErrors` naming the file, each bad column and what it should hold; columns beyond the
    schema are left out.
    """
    file = _open(path)
    names = file.schema_arrow.names
    problems = Problems()
    for column in PERSON_COLUMNS:
        if column.name not in names:
            problems.add(
                InputError(
                    str(path),
                    column.name,
                    "missing",
                    f"a column of {column.dtype} ({column.unit})",
                    nearest=nearest_name(column.name, names),
                )
            )
    problems.finish()
    if file.metadata.num_rows == 0:
        raise InputError(str(path), None, "no rows", "at least one record")
    try:
        table = file.read(columns=[c.name for c in PERSON_COLUMNS], use_threads=True)
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            str(path), None, _short(error), "a whole Parquet file", fix="build or copy it again"
        ) from error
    out: Columns = {}
    for column in PERSON_COLUMNS:
        data = table[column.name]
        if data.null_count:
            problems.add(
                InputError(str(path), column.name, f"{data.null_count} missing values", "no missing value")
            )
            continue
        if not pa.types.is_integer(data.type):
            problems.add(
                InputError(str(path), column.name, str(data.type), f"whole numbers ({column.dtype})")
            )
            continue
        values = numbers(data)
        out[column.name] = values
        problem = _range_problem(path, column, values)
        if problem:
            problems.add(problem)
        else:
            out[column.name] = values.astype(column.dtype, copy=False)
    problems.finish()
    validate(out, str(path))
    return out


def _range_problem(path: str | Path, column: Column, values: Array) -> InputError | None:
    if values.size == 0:
        return InputError(str(path), column.name, 0, "at least one record")
    low, high = values.min(), values.max()
    if low < column.low or high > column.high:
        bad = low if low < column.low else high
        return InputError(
            str(path), column.name, int(bad), f"values from {column.low} to {column.high} ({column.unit})"
        )
    return None


def _varies(column: Column) -> bool:
    return column.name not in _FREE and not column.may_be_constant


def validate(columns: Columns, file: str = "population") -> None:
    """Check columns for range, columns left at one value, repeated people and contradictions."""
    problems = Problems()
    records = len(columns["person_id"])
    for column in PERSON_COLUMNS:
        values = columns[column.name]
        if len(values) != records:
            problems.add(InputError(file, column.name, len(values), f"{records} records as in person_id"))
            continue
        problem = _range_problem(file, column, values)
        if problem:
            problems.add(problem)
        elif records >= CONSTANT_FROM and _varies(column) and values.min() == values.max():
            expected = "more than one value in a whole file"
            problems.add(InputError(file, column.name, int(values[0]), expected, fix="fill the column in"))
    problems.finish()
    ids = columns["person_id"]
    if not (np.diff(ids) > 0).all() and np.unique(ids).size != records:
        problems.add(InputError(file, "person_id", "repeated", "each person once"))
    for key, broken, expected in _contradictions(columns):
        count = int(np.count_nonzero(broken))
        if count:
            first = int(ids[np.flatnonzero(broken)[0]])
            problems.add(InputError(file, key, f"{count} records, the first person_id {first}", expected))
    problems.finish()


def _contradictions(c: Columns) -> list[tuple[str, Any, str]]:
    flags, drug = c["flags"], (c["opioid"] >= 3) & (c["opioid"] <= 5)
    age = POPULATION_MONTH - c["birth_month"].astype(np.int32)

    def has(name: str) -> Array:
        return (flags & FLAG[name]) != 0

    counted = drug | (c["opioid"] == 6)
    return [
        ("birth_month", age < 0, "births by January 2024"),
        ("treatment_months", counted & (c["treatment_months"] == 255), "months on or since medication"),
        (
            "treatment_months", ~counted & (c["opioid"] != 7) & (c["treatment_months"] != 255),
            "255 without medication or remission",
        ),
        (
            "child_birth_month",
            (c["child_birth_month"] != NEVER) & (c["child_birth_month"] > POPULATION_MONTH),
            "births by January 2024",
        ),
        ("pregnancy_months", (c["pregnancy_months"] > 0) & (c["sex"] == 1), "0 for men"),
        ("flags", has("spouse_works") & ~has("has_spouse"), "has_spouse where spouse_works is set"),
        ("flags", has("snap_subject") & ~has("snap"), "snap where snap_subject is set"),
        ("flags", has("veteran_total") & ~has("veteran"), "veteran where veteran_total is set"),
        ("cover", (c["cover"] == 8) & (age >= 19 * 12), "cover as a child only under 19"),
        ("opioid", (c["opioid"] > 0) & (age < 18 * 12), "no opioid state under 18"),
    ]
