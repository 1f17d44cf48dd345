"""Experiments that a brief shows beside a run, each on the people, window and assumptions of that run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from microsim.experiments.attribution import attribute
from microsim.experiments.compare import Report, silent
from microsim.experiments.fall import fall
from microsim.experiments.offset import offset
from microsim.experiments.reproduce import from_file, read_manifest
from synthetic_pop.residents import named

DRAWS = MappingProxyType({"fall": 16, "attribution": 16, "offset": 50})
"""Draws of each, unless the run has fewer: each lives several arms a draw."""


def companion(
    name: str,
    manifest: str | Path,
    population: str | Path | None = None,
    *,
    threads: int = 2,
    report: Report = silent,
) -> dict[str, Any]:
    """What the command of this name would print with --json about the run of a manifest.

    `name` is one of DRAWS: `fall` (what made deaths fall until 2024), `attribution` (the blocks of the
    policy) or `offset` (beside a supply crackdown, with the surface of break-even). A run that was streamed
    is studied on the default sample. Raises InputError for a damaged manifest or people that are not those
    of the run.
    """
    recorded = read_manifest(manifest)
    held = recorded.content
    options = {
        "baseline": held["baseline"], "states": held["states"] or None, "seed": held["seed"],
        "settings": tuple(held["settings"]), "draws": min(held["draws"], DRAWS[name]), "threads": threads,
        "report": report, **_whom(held, population),
    }  # fmt: skip
    window = {"start": held["window"][0], "end": held["window"][1]}
    policy = tuple(held["policies"])
    made: Mapping[str, Callable[[], Any]] = {
        "fall": lambda: fall(**options),
        "attribution": lambda: attribute(policy, **options, **window),
        "offset": lambda: offset(policy, surface=True, **options, **window),
    }
    return dict(made[name]().document())


def _whom(held: Mapping[str, Any], population: str | Path | None) -> dict[str, Any]:
    """The people of a run, as compare.setup takes them."""
    name = held["population"]
    if from_file(name, population):
        return {"population": population}
    streamed = named(name, tuple(held["states"])) is not None
    return {"persons": None if streamed else held["records"]}
