"""The five blocks of a package, and the six channels it works through, as arms of every coalition."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from microsim.experiments.shapley import coalitions, names_of
from microsim.experiments.uncertainty.arms import Build
from microsim.experiments.uncertainty.sample import Arm
from microsim.ground.parameters import Parameters
from microsim.ground.policies import (
    Patch,
    Policy,
    PolicyLike,
    Provision,
    apply_policies,
    apply_settings,
    compose,
)
from microsim.ground.schema import CHANNELS as ALL_CHANNELS

WORK, RENEWALS, OTHER_MEDICAID, SAMHSA, CDC = BLOCKS = (
    "work requirement", "renewals", "other Medicaid", "SAMHSA", "CDC and other programmes",
)  # fmt: skip
CHANNELS = tuple(channel for channel in ALL_CHANNELS if channel != "supply")
COVERAGE = "coverage"
SUPPLY = "supply"

_WORK = ("medicaid.community_engagement.", "medicaid.verification.", "medicaid.state_options.", "work.")
_RENEWALS = ("medicaid.renewal.six_month",)
_PROGRAMMES = ("programs.", "sud.")
_ELSEWHERE = ("od2a", "cdc_opioid_other", "dfc", "ryanwhite", "restrictions", "naloxone_purchase")
"""Lines of CDC, the Office of National Drug Control Policy, HRSA and others; all other lines are SAMHSA's."""


def block_of(patch: Patch) -> str:
    """The block a patch belongs to."""
    name = patch.parameter
    if name.startswith(_WORK):
        return WORK
    if name.startswith(_RENEWALS):
        return RENEWALS
    if not name.startswith(_PROGRAMMES):
        return OTHER_MEDICAID
    return CDC if name.startswith("sud.") or name.split(".")[1] in _ELSEWHERE else SAMHSA


def parts_of(policies: Sequence[PolicyLike]) -> dict[str, tuple[str, ...]]:
    """Provisions in each block, in order; a provision that acts in two blocks is in both."""
    out: dict[str, list[str]] = {name: [] for name in BLOCKS}
    for provision in compose(policies).provisions:
        for patch in provision.patches:
            held = out[block_of(patch)]
            if provision.id not in held:
                held.append(provision.id)
    return {name: tuple(ids) for name, ids in out.items()}


def only(policies: Sequence[PolicyLike], blocks: Sequence[str], provision_id: str | None = None) -> Policy:
    """The patches of some blocks alone, of all provisions or of one."""
    kept: list[Provision] = []
    for provision in compose(policies).provisions:
        if provision_id not in (None, provision.id):
            continue
        patches = tuple(patch for patch in provision.patches if block_of(patch) in blocks)
        if patches:
            kept.append(dataclasses.replace(provision, patches=patches))
    name = names_of(range(len(blocks)), blocks)
    return Policy(name, name, tuple(kept))


def block_arms(baseline: PolicyLike, policies: Sequence[PolicyLike], settings: Sequence[str]) -> Build:
    """One arm for every coalition of blocks, the baseline first."""
    packages = [only(policies, [BLOCKS[i] for i in subset]) for subset in coalitions(len(BLOCKS))]

    def build(root: Parameters) -> list[Arm]:
        base = apply_policies(root, [baseline], drawn=True)
        trees = [
            apply_policies(base, [package], drawn=True) if package.provisions else base
            for package in packages
        ]
        return [Arm(apply_settings(tree, settings)) for tree in trees]

    return build


def channel_arms(baseline: PolicyLike, policies: Sequence[PolicyLike], settings: Sequence[str]) -> Build:
    """One arm for every coalition of channels: each takes what it acts on from the package's tree."""
    subsets = [[CHANNELS[i] for i in subset] for subset in coalitions(len(CHANNELS))]

    def build(root: Parameters) -> list[Arm]:
        base = apply_settings(apply_policies(root, [baseline], drawn=True), settings)
        package = apply_settings(apply_policies(root, [baseline, *policies], drawn=True), settings)
        return [channelled(base, package, subset) for subset in subsets]

    return build


def channelled(base: Parameters, package: Parameters, channels: Sequence[str]) -> Arm:
    """The arm in which only `channels` see the package; a supply channel goes with the last of them."""
    tree = package if COVERAGE in channels else base
    places = {name: package if name in channels else base for name in ALL_CHANNELS if name != COVERAGE}
    # What a package does to the supply itself, such as test strips, is none of the six.
    places[SUPPLY] = package if len(channels) == len(CHANNELS) else base
    return Arm(tree, places)
