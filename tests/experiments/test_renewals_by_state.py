"""Renewals of the model beside the published shares of each state, with the work requirement off."""

from __future__ import annotations

import pytest

from microsim.experiments.renewals import OUTCOMES, renewal_shares

POINT, SMALL = 1.0, 50_000
"""Most that a share may miss by, and renewals due below which few records are of a state: it may miss by half more."""


def test_every_state_has_its_shares_within_a_percentage_point_or_so() -> None:
    table = renewal_shares().set_index("state")
    assert len(table) == 51
    assert table["renewals_due"].sum() == pytest.approx(29.8e6, rel=0.01)
    for name in OUTCOMES:
        misses = table[f"{name}_points"].abs()
        allowed = table["renewals_due"].lt(SMALL).map({True: 1.5 * POINT, False: POINT})
        assert (misses <= allowed).all(), (name, misses[misses > allowed])
