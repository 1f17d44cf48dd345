"""Arms under a draw: the same policies on a moved tree, with the deaths of 2024 put back on the facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from microsim.engine import tallies
from microsim.engine.tallies import CELL_NONOPIOID, CELL_OPIOID, EXPECTED_UNIT
from microsim.experiments.sampling import Draw
from microsim.experiments.uncertainty.sample import Arm, Sample, lived, tables_of
from microsim.ground.parameters import Parameters, load_parameters
from microsim.ground.policies import PolicyLike, apply_policies, apply_settings

Build = Callable[[Parameters], Sequence[Arm]]
"""From a tree before any policy to all arms, the baseline first."""

INTERCEPTS = ("sud.intercept.opioid", "sud.intercept.nonopioid")
MONTHS_A_YEAR = 12


def of_policies(
    baseline: str | Path, packages: Sequence[Sequence[PolicyLike]], settings: Sequence[str] = ()
) -> Build:
    """Arms of a baseline and of each package laid on it."""

    def build(root: Parameters) -> list[Arm]:
        trees = [root, *(apply_policies(root, [baseline, *package], drawn=True) for package in packages)]
        trees[0] = apply_policies(root, [baseline], drawn=True)
        return [Arm(apply_settings(tree, settings)) for tree in trees]

    return build


def crowded(build: Build, access: Sequence[np.ndarray | None]) -> Build:
    """The arms of `build` with the access to grant-funded treatment measured for each.

    A draw moves the share that grants pay, not how many more ask for it, which would take a first pass of
    its own.
    """

    def made(root: Parameters) -> list[Arm]:
        return [arm._replace(access=one) for arm, one in zip(build(root), access, strict=True)]

    return made


def deaths_of_2024(tree: Parameters, sample: Sample, seed: int, threads: int = 1) -> np.ndarray:
    """Expected (opioid, other drug) deaths of 2024 on a sample."""
    total = lived(sample, tables_of([Arm(tree)], MONTHS_A_YEAR), seed, threads)
    cell = tallies.of_arm(total, 0).monthly["cell"].sum(axis=(0, 1, 2, 3)) / EXPECTED_UNIT
    return np.asarray(cell[[CELL_OPIOID, CELL_NONOPIOID]])


def drawn_arms(build: Build, draw: Draw, sample: Sample, seed: int, anchor: np.ndarray) -> list[Arm]:
    """All arms under a draw, whose baseline has `anchor` deaths in 2024 on the sample.

    Evidence knows the product of stock, rate and fatality, so a draw that moves one of them moves the
    national intercept against it.
    """
    arms = build(draw.applied(load_parameters()))
    factors = anchor / np.maximum(deaths_of_2024(arms[0].tree, sample, seed), 1.0)
    moved = dict(zip(INTERCEPTS, map(float, factors), strict=True))
    # Intercepts are read from an arm's own tree, never from those of its channels.
    return [arm._replace(tree=arm.tree.scaled(moved)) for arm in arms]
