"""Targets read from `parameters/targets`, one folder a role, and the frozen digests of validation rows."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from microsim.experiments.targets.model import Role, Target
from microsim.ground.errors import InputError, Problems
from microsim.ground.parameters.loading import data_root
from microsim.ground.parameters.yaml_source import Mapping, read_yaml

FROZEN = "frozen.yaml"
_DIGEST = 16


def targets_root() -> Path:
    """The folder of targets in the data of this installation."""
    return data_root() / "targets"


def load_targets(role: Role, root: Path | None = None) -> tuple[Target, ...]:
    """Targets of one role in the order of their files. Opens no file of the other role.

    Raises `InputErrors` with every problem: a wrong key, a wrong role, an id used twice.
    """
    folder = (root or targets_root()) / role
    problems = Problems()
    found: dict[str, Target] = {}
    for path in sorted(folder.glob("*.yaml")):
        name = f"targets/{role}/{path.name}"
        for id_, node in read_yaml(path, name, problems).items():
            target = _target(id_, node, name, problems)
            if target is None:
                continue
            if target.role != role:
                problems.add(
                    InputError(name, f"{id_}.role", target.role, f"`{role}`, the folder of the file")
                )
            if id_ in found:
                problems.add(InputError(name, id_, id_, "each id once"))
            found[id_] = target
    problems.finish()
    return tuple(found.values())


def _target(id_: str, node: Any, name: str, problems: Problems) -> Target | None:
    if not isinstance(node, Mapping):
        problems.add(InputError(name, id_, node, "a target with label, value, conditions, query"))
        return None
    try:
        # JSON keeps strict types while lists become tuples.
        return Target.model_validate_json(json.dumps({"id": id_, **node}))
    except ValidationError as error:
        for one in error.errors():
            key = ".".join(map(str, (id_, *one["loc"])))
            problems.add(InputError(name, key, one["input"], one["msg"].lower()))
        return None


def policy_file(name: str) -> Path | None:
    """The file of a policy that belongs to the targets alone; None for policies of the library."""
    path = targets_root() / "policies" / f"{name}.yaml"
    return path if path.is_file() else None


def digest(target: Target) -> str:
    """Digest of everything that decides whether a row hits: all but the words for readers.

    A policy that belongs to the targets counts with its text.
    """
    kept = target.model_dump(mode="json", exclude={"why", "label"})
    kept["conditions"].pop("text")
    names = {*target.conditions.policy, *target.conditions.against}
    kept["files"] = {
        name: path.read_text(encoding="utf-8") for name in sorted(names) if (path := policy_file(name))
    }
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()[:_DIGEST]


def frozen_digests(root: Path | None = None) -> dict[str, str]:
    """Digest of each validation row as it was frozen before it was first run."""
    problems = Problems()
    held = read_yaml((root or targets_root()) / FROZEN, f"targets/{FROZEN}", problems)
    problems.finish()
    return dict(held.get("rows", {}))


def check_frozen(targets: tuple[Target, ...], frozen: dict[str, str]) -> None:
    """Raise `InputErrors` for every row that was changed after it was frozen, added unfrozen, or dropped."""
    problems = Problems()
    for target in targets:
        held = frozen.get(target.id)
        if held != digest(target):
            expected = (
                "the frozen row" if held else f"a digest in {FROZEN}; a row is frozen before its first run"
            )
            problems.add(InputError(f"targets/{target.role}", target.id, digest(target), expected))
    for id_ in sorted(set(frozen) - {target.id for target in targets}):
        problems.add(InputError(f"targets/{FROZEN}", id_, "absent", "every frozen row; none is dropped"))
    problems.finish()
