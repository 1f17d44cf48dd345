"""The setup and the tables of a finished run, from its folder."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from microsim.engine.identity import code_digest
from microsim.engine.people import people_of
from microsim.engine.results import TABLES, load_result
from microsim.engine.tables import Crowding
from microsim.engine.tabulate import ARM_NAMES
from microsim.experiments.asked import IN_MEMORY
from microsim.experiments.compare import Report, Setup, load_people
from microsim.ground.calendar import month_index
from microsim.ground.errors import InputError
from microsim.ground.parameters import Parameters

_DEFAULT = "default-"


class Saved(NamedTuple):
    """A finished run: what it was asked, the tables of its second pass, its identity, and what to warn of."""

    ready: Setup
    crowding: list[Crowding | None]
    run: str
    warnings: tuple[str, ...]


def saved_run(folder: Path, population: str | None, threads: int, report: Report) -> Saved:
    """A finished run from its folder. Raises InputError for one that cannot be traced.

    A run on a population file needs that file; the built-in population is built or read again.
    """
    result = load_result(folder)
    manifest = result.manifest
    try:
        arms = [Parameters.from_document(manifest["parameters"][name], str(folder)) for name in ARM_NAMES]
        states, settings, idle, policies = (
            tuple(manifest[name]) for name in ("states", "settings", "idle", "policies")
        )
        first, last = (month_index(name) for name in manifest["window"])
        digest, seed = str(manifest["population"]), int(manifest["seed"])
        policy, baseline, code, run = (str(manifest[name]) for name in ("policy", "baseline", "code", "run"))
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(folder, "manifest.json", str(error), "the manifest of a finished run") from error
    if digest.startswith("residents-"):
        expected = f"a run of at most {IN_MEMORY:,} records, whose people are held"
        raise InputError(folder, "population", digest, expected)
    persons = _records(digest) if population is None else None
    columns, found = load_people(population, persons, threads, report)
    if found != digest:
        fix = "give the file that the run was made with"
        if population is None:
            fix = "give its file with --population" if persons is None else "run it again with these tables"
        raise InputError(folder, "population", found, f"the population of the run, {digest}", fix=fix)
    people = people_of(columns, arms[0], states or None)
    ready = Setup(
        policy,
        baseline,
        (arms[0], arms[1]),
        people,
        digest,
        first,
        last,
        states,
        seed,
        settings,
        idle,
        policies,
    )
    warnings: tuple[str, ...] = ()
    if code != code_digest():
        text = "the run was made with other code than this: its lives may differ from the ones traced"
        warnings = (f"warning: {text}",)
    return Saved(ready, _crowding(folder, result.extra_files, len(arms)), run, warnings)


def _records(digest: str) -> int | None:
    """Size of a built-in population, from its digest."""
    size = digest.removeprefix(_DEFAULT).split("-")[0]
    return int(size) if digest.startswith(_DEFAULT) and size.isdecimal() else None


def _crowding(folder: Path, files: dict[str, bytes], arms: int) -> list[Crowding | None]:
    if TABLES not in files:
        raise InputError(folder, TABLES, "missing", "the tables of a finished run")
    try:
        saved: Any = np.load(io.BytesIO(files[TABLES]), allow_pickle=False)
        return [
            Crowding(saved[f"access_{row}"]) if f"access_{row}" in saved else None
            for row in range(arms)
        ]
    except (OSError, ValueError, KeyError) as error:
        raise InputError(folder, TABLES, str(error), "undamaged tables of a finished run") from error
