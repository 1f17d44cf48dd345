"""The budget of a saved result: its people priced again, without running anybody."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from microsim.engine.documents import read_manifest
from microsim.engine.saved_tallies import unpack
from microsim.experiments.budget.cases import Case, case_of
from microsim.ground.calendar import month_index
from microsim.ground.errors import InputError, Problems
from microsim.ground.parameters import Parameters
from microsim.ground.policies import apply_settings

MANIFEST = "manifest.json"
TALLIES = "tallies.arrow"
PRICED = "finance."
"""Parameters that act on money alone: others change lives."""
_ARMS = ("baseline", "policy")


class Saved(NamedTuple):
    """A saved result, priced."""

    case: Case
    about: dict[str, Any]
    """run, policy, baseline, window, states, policies and settings of the run, and prices set since"""


def saved_budget(folder: str | Path, settings: Sequence[str] = ()) -> Saved:
    """Price the tallies in a result's folder, with `ID=VALUE` settings of prices.

    Raises InputError for a folder without tallies or with a damaged manifest, and for a setting that
    would change lives.
    """
    folder = Path(folder)
    manifest = read_manifest(folder / MANIFEST)
    check_prices(settings)
    trees = [apply_settings(_tree(folder / MANIFEST, manifest, arm), settings) for arm in _ARMS]
    people = unpack(_bytes(folder / TALLIES), str(folder / TALLIES))
    if len(people) != len(_ARMS):
        raise InputError(folder / TALLIES, None, f"{len(people)} arms", "a baseline and a policy")
    first, last = (month_index(month) for month in manifest["window"])
    states = tuple(manifest["states"])
    case = case_of(people[0], people[1], trees[0], trees[1], first, last, states)
    keys = ("run", "policy", "baseline", "window", "states", "records", "draws", "policies", "settings")
    return Saved(case, {**{key: manifest[key] for key in keys}, "prices": list(settings)})


def check_prices(settings: Sequence[str]) -> None:
    """Raise InputError for settings of parameters that act on lives."""
    problems = Problems()
    for setting in settings:
        name = setting.partition("=")[0].strip()
        if not name.startswith(PRICED):
            expected = f"an id that begins with {PRICED}: others change lives"
            problems.add(InputError("--set", None, name, expected, fix="use `microsim run --set`"))
    problems.finish()


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        expected = "the tallies of a run, which `microsim run` writes"
        raise InputError(file, None, error.strerror, expected, fix="run the policy again") from None


def _tree(file: Path, manifest: dict[str, Any], arm: str) -> Parameters:
    tree = Parameters.from_document(manifest["parameters"].get(arm), f"{file}: parameters.{arm}")
    if tree.digest() != manifest["digests"].get(arm):
        expected = f"{tree.digest()}, that of the parameters"
        raise InputError(file, f"digests.{arm}", manifest["digests"].get(arm), expected,
                         fix="the manifest was changed after the run")  # fmt: skip
    return tree
