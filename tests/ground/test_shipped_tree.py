"""The parameters and policies that travel with the package."""

from __future__ import annotations

import numpy as np
import pytest

from microsim.ground.calendar import month_index
from microsim.ground.parameters import Parameters, load_parameters
from microsim.ground.policies import apply_policies, apply_traced, load_policy, shipped_library
from microsim.ground.policies.differences import differences
from microsim.ground.schema import STATES

NAMES = shipped_library().policy_names()
REQUIRED = {
    "baseline", "budget2025", "budget2025-house", "enacted", "work-requirements", "redeterminations",
    "public-health-cuts", "naloxone-cuts", "supply-crackdown", "supply-crackdown-structural",
    "nitazene-substitution", "protective-legal", "protective-full", "restore", "naloxone-plus",
    "arkansas-2018", "new-hampshire-2019", "georgia-pathways", "unwinding-2023",
}  # fmt: skip


@pytest.fixture(scope="module")
def tree() -> Parameters:
    return load_parameters()


def test_every_policy_of_the_specification_exists() -> None:
    assert set(NAMES) >= REQUIRED


def test_baseline_changes_nothing(tree: Parameters) -> None:
    assert apply_policies(tree, ["baseline"]).digest() == tree.digest()


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"baseline"}))
def test_every_policy_applies_and_leaves_the_baseline(tree: Parameters, name: str) -> None:
    before = tree.digest()
    after, effects = apply_traced(tree, load_policy(name))
    assert after.digest() != before == Parameters(tree.records, tree.sources).digest()
    assert Parameters.from_document(after.to_document()).digest() == after.digest()
    changed = {one.parameter for one in differences(tree, after, effects)}
    assert changed >= {effect.patch.parameter for effect in effects}


@pytest.mark.parametrize("name", shipped_library().provision_names())
def test_every_provision_applies_alone_and_cites(tree: Parameters, name: str) -> None:
    (provision,) = load_policy(name).provisions
    assert provision.section
    assert provision.source
    assert apply_policies(tree, [name]).digest() != tree.digest()


@pytest.mark.parametrize("name", ["arkansas-2018", "new-hampshire-2019", "georgia-pathways"])
def test_experiments_of_one_state_switch_on_a_rule_in_that_state_only(tree: Parameters, name: str) -> None:
    after = apply_policies(tree, [name])
    id_ = "medicaid.community_engagement.own_rule_in_force"
    span = (month_index("2018-01"), month_index("2026-12"))
    moved = (tree.monthly(id_, *span, "state") != after.monthly(id_, *span, "state")).any(axis=0)
    assert [STATES[i] for i in np.flatnonzero(moved)] == [{"a": "AR", "n": "NH", "g": "GA"}[name[0]]]


def test_renewal_shares_stay_within_one_under_every_policy(tree: Parameters) -> None:
    names = ("ex_parte", "procedural", "ineligible", "pending")
    for policy in NAMES:
        after = apply_policies(tree, [policy])
        total = sum(after.monthly(f"medicaid.renewal.{name}_share", 96, 239, "state") for name in names)
        assert np.max(total) <= 1 + 1e-9, policy


def test_package_and_law_share_the_medicaid_sections(tree: Parameters) -> None:
    package, law = (apply_policies(tree, [name]) for name in ("budget2025", "enacted"))
    assert all(package.record(i).identity() == law.record(i).identity() for i in tree.ids("medicaid."))
    cut = month_index("2025-10")
    assert package.array("programs.sor.funding", month=cut) < tree.array("programs.sor.funding", month=cut)
    assert law.array("programs.sor.funding", month=cut) > tree.array("programs.sor.funding", month=cut)
    assert package.array("programs.sor.funding", month=cut - 1) == tree.array(
        "programs.sor.funding", month=cut - 1
    )


def test_cost_sharing_is_in_the_packages_and_financing_in_none() -> None:
    financing = {provision.id for provision in load_policy("financing-sections").provisions}
    for name in ("budget2025", "budget2025-house", "enacted", "protective-legal", "protective-full"):
        inside = {provision.id for provision in load_policy(name).provisions}
        assert "cost-sharing" in inside, name
        assert not inside & financing, name
    assert all("budget2025" in str(one.note) for one in load_policy("financing-sections").provisions)


def test_every_assumption_confesses_itself(tree: Parameters) -> None:
    for id_ in tree.ids():
        record = tree.record(id_)
        assert record.label[0].isupper() or record.label[0].isdigit(), id_
        assert not record.label.endswith("."), id_
        assert record.status != "measured" or record.source, id_
