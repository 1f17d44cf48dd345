"""Policies: named, dated, cited compositions of patches of parameters."""

from microsim.ground.policies.applying import Effect, IdlePatch, apply_policies, apply_traced, idle_patches
from microsim.ground.policies.library import (
    Library,
    PolicyLike,
    check_names,
    compose,
    load_policy,
    namesakes,
    shipped_library,
)
from microsim.ground.policies.model import Patch, Policy, Provision
from microsim.ground.policies.settings import apply_settings

__all__ = [
    "Effect", "IdlePatch", "Library", "Patch", "Policy", "PolicyLike", "Provision", "apply_policies",
    "apply_settings", "apply_traced", "check_names", "compose", "idle_patches", "load_policy",
    "namesakes", "shipped_library",
]  # fmt: skip
