"""Renewals of the model beside the published shares of each state, with the work requirement off."""

from __future__ import annotations

import pytest

from microsim.experiments.renewals import OUTCOMES, renewal_shares

POINT = 1.0


def test_every_state_has_its_shares_within_a_percentage_point() -> None:
    table = renewal_shares().set_index("state")
    assert len(table) == 51
    assert table["renewals_due"].sum() == pytest.approx(29.8e6, rel=0.01)
    for name in OUTCOMES:
        misses = table[f"{name}_points"].abs()
        assert misses.max() <= POINT, (name, misses.idxmax(), misses.max())
