"""Tallies of both arms in the folder of a result, so that money is priced again without running anybody.

Only what is priced is kept: by month and by quarter, not the yearly tables by age, sex and race.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from microsim.engine.tallies import MONTHLY, QUARTERLY, YEARLY, Tallies
from microsim.ground.arrow import arrow, numbers
from microsim.ground.errors import InputError
from microsim.ground.schema import STATES

_KEPT = {"monthly": MONTHLY, "quarterly": QUARTERLY}
_OPTIONS = pa.ipc.IpcWriteOptions(compression="zstd")


def pack(arms: Sequence[Tallies]) -> bytes:
    """Bytes that hold the monthly and quarterly tallies of each arm, exact."""
    columns, names = [], []
    before: dict[str, np.ndarray] = {}
    for row, arm in enumerate(arms):
        for name in _KEPT:
            values = _flat(getattr(arm, name))
            # The second arm is kept as its difference from the first, which is mostly zeros.
            kept = values - before[name] if name in before else values
            before.setdefault(name, values)
            columns.append(pa.LargeListArray.from_arrays(arrow(np.array([0, len(kept)])), arrow(kept)))
            names.append(f"{name}_{row}")
    batch = pa.record_batch(columns, names=names)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, batch.schema, options=_OPTIONS) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue().to_pybytes())


def unpack(body: bytes, file: str) -> list[Tallies]:
    """Tallies of each arm as `pack` kept them, without years. Raises InputError for other bytes."""
    try:
        batch = pa.ipc.open_file(pa.BufferReader(body)).get_batch(0)
        held = {name: _integers(batch.column(name)) for name in batch.schema.names}
        first = {name: held[f"{name}_0"] for name in _KEPT}
        arms = []
        for row in range(len(held) // len(_KEPT)):
            tables = {
                name: _shaped(held[f"{name}_{row}"] + (first[name] if row else 0), dtype)
                for name, dtype in _KEPT.items()
            }
            arms.append(Tallies(tables["monthly"], tables["quarterly"], np.zeros((len(STATES), 0), YEARLY)))
    except (pa.ArrowException, KeyError, ValueError, IndexError, AttributeError, OSError) as error:
        raise InputError(file, None, str(error).splitlines()[0], "the tallies of a run, undamaged") from None
    return arms


def _integers(lists: pa.LargeListArray) -> np.ndarray:
    """The values of a column of one list."""
    values = lists.values
    if values.type != pa.int64():
        raise ValueError(f"whole numbers, not {values.type}")
    return numbers(values)


def _flat(records: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(records).view(np.int64).reshape(-1)


def _shaped(values: np.ndarray, dtype: np.dtype) -> np.ndarray:
    return np.ascontiguousarray(values).view(dtype).reshape(len(STATES), -1)
