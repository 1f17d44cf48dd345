"""Arrow arrays made from numpy hold what pyarrow's own conversion makes, and come back."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from microsim.ground.arrow import arrow, arrow_codes, arrow_text, numbers


@pytest.mark.parametrize("dtype", ["uint8", "int16", "int32", "int64", "float64"])
@pytest.mark.parametrize("count", [0, 1, 7])
def test_numbers_go_there_and_back(dtype: str, count: int) -> None:
    values = np.arange(3 * count).astype(dtype)[::3]
    made = arrow(values)
    assert made.equals(pa.array(values))
    assert numbers(made).dtype == values.dtype
    assert (numbers(pa.chunked_array([made.slice(0, 2), made.slice(2)])) == values).all()


def test_what_is_not_a_number_stays_so() -> None:
    made = arrow(np.array([1.0, np.nan]))
    assert made.null_count == 0 and np.isnan(made[1].as_py())


@pytest.mark.parametrize("words", [(), ("",), ("OH", "", "São Tomé", "WV")])
def test_text_and_its_positions_are_as_pyarrow_makes_them(words: tuple[str, ...]) -> None:
    assert arrow_text(words).equals(pa.array(list(words), pa.string()))
    positions = np.arange(len(words))[::-1]
    assert arrow_codes(words, positions).to_pylist() == list(words[::-1])
