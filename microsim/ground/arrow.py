"""Arrow arrays of numpy ones and back, without the import of pandas that pyarrow's own conversions cost."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa


def arrow(values: np.ndarray) -> pa.Array:
    """Numbers of one dimension as an Arrow array over the same memory; NaN stays NaN."""
    values = np.ascontiguousarray(values)
    kind = pa.from_numpy_dtype(values.dtype)
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(values)])


def arrow_text(words: Sequence[str]) -> pa.Array:
    """Text as an Arrow array."""
    encoded = [word.encode() for word in words]
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    return pa.Array.from_buffers(
        pa.string(), len(encoded), [None, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))]
    )


def arrow_codes(words: Sequence[str], positions: np.ndarray) -> pa.DictionaryArray:
    """Text by its position among `words`, int16."""
    return pa.DictionaryArray.from_arrays(arrow(positions.astype(np.int16, copy=False)), arrow_text(words))


def numbers(column: pa.Array | pa.ChunkedArray) -> np.ndarray:
    """Numbers of a column without missing values; the array may be read-only."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return np.from_dlpack(whole)
