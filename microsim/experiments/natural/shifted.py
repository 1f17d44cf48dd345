"""A policy of an earlier time on the model's window: all dates move by whole years, seasons stay."""

from __future__ import annotations

import dataclasses

from microsim.ground.calendar import EARLIEST_MONTH, LATEST_MONTH
from microsim.ground.policies import Policy, load_policy

MONTHS_A_YEAR = 12


def shifted(name: str, years: int) -> Policy:
    """The policy `name` with every dated patch `years` later; ends that stand for always stay."""
    policy = load_policy(name)

    def moved(month: int) -> int:
        return month if month in (EARLIEST_MONTH, LATEST_MONTH) else month + years * MONTHS_A_YEAR

    provisions = tuple(
        dataclasses.replace(
            provision,
            patches=tuple(
                dataclasses.replace(patch, first=moved(patch.first), last=moved(patch.last))
                for patch in provision.patches
            ),
        )
        for provision in policy.provisions
    )
    return dataclasses.replace(policy, provisions=provisions)
