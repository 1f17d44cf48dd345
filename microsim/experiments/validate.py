"""Every validation row, answered under its own conditions or from a saved result."""

from __future__ import annotations

import datetime
import importlib.util
from collections.abc import Sequence
from typing import Any, NamedTuple

from microsim.engine.identity import code_digest, identity, version
from microsim.engine.results import Result
from microsim.experiments.compare import SEED, Report, silent
from microsim.experiments.targets import (
    Found,
    Pair,
    Row,
    Target,
    ask,
    check_frozen,
    check_query,
    find,
    frozen_digests,
    load_targets,
    rows_of,
    tally,
)
from microsim.experiments.targets.queries import NATURAL
from microsim.ground.errors import InputError, unknown_name
from microsim.ground.parameters import load_parameters

_NATURAL = "microsim.experiments.natural"
SCHEMA = 1
RECORDS = 200_000
NATURAL_TIMES = 2
"""Natural experiments compare few people: they are lived on this many times the records of the other rows."""


class Validation(NamedTuple):
    """Rows and what they were answered with."""

    rows: tuple[Row, ...]
    about: dict[str, Any]

    def document(self) -> dict[str, Any]:
        """What `validate --json` prints."""
        return {
            "schema": SCHEMA,
            **self.about,
            "tally": tally(self.rows),
            "rows": [row.document() for row in self.rows],
        }


def validate(
    only: Sequence[str] = (),
    *,
    persons: int | None = RECORDS,
    draws: int = 1,
    seed: int = SEED,
    threads: int = 2,
    report: Report = silent,
) -> Validation:
    """Live what the rows need and answer them; `only` names rows or groups.

    Raises InputError when a row is not as it was frozen, or is not known.
    """
    every = load_targets("validate")
    check_frozen(every, frozen_digests())
    for target in every:
        check_query(target.query, f"targets/validate: {target.id}")
    chosen = _chosen(every, only)
    plain = [target for target in chosen if target.query.name != NATURAL]
    found = (
        find(plain, persons=persons, seed=seed, draws=draws, threads=threads, report=report) if plain else {}
    )
    unanswered: list[str] = []
    asked: dict[str, Any] = {"only": list(only)} if only else {}
    if len(plain) < len(chosen):
        if importlib.util.find_spec(_NATURAL) is None:
            unanswered = [target.id for target in chosen if target.query.name == NATURAL]
        else:
            from microsim.experiments.targets.natural_rows import natural_answers

            found = {**found, **natural_answers(chosen, natural_records(persons), seed, threads, report)}
    answered = tuple(target for target in chosen if target.id in found)
    return Validation(rows_of(answered, found), {**_about(persons, draws, seed), **asked, "unanswered": unanswered})


def natural_records(persons: int | None) -> int:
    """Records of the population that natural experiments take their people from, where few are of the kind."""
    return NATURAL_TIMES * (persons or RECORDS)


def _chosen(targets: tuple[Target, ...], only: Sequence[str]) -> tuple[Target, ...]:
    names = {target.id for target in targets} | {target.group for target in targets}
    for name in only:
        if name not in names:
            raise unknown_name("--only", None, name, sorted(names), "a row or group of rows")
    return tuple(target for target in targets if not only or {target.id, target.group} & set(only))


def _about(persons: int | None, draws: int, seed: int) -> dict[str, Any]:
    digest = load_parameters().digest()
    code = code_digest()
    run = identity(code=code, parameters=digest, persons=persons, draws=draws, seed=seed, kind="validate")
    return {
        "run": run,
        "version": version(),
        "code": code,
        "parameters": digest,
        "records": persons,
        "draws": draws,
        "seed": seed,
        "date": datetime.date.today().isoformat(),
    }


def validate_result(result: Result) -> Validation:
    """Rows whose conditions are those of a saved run of all states.

    Raises InputError when no row asks for such a run.
    """
    manifest = result.manifest
    rows = []
    pair = Pair.of_result(result)
    for target in load_targets("validate"):
        if target.query.name == NATURAL:
            continue
        at = target.conditions
        alike = (
            tuple(manifest["policies"]) == at.policy
            and not at.against
            and not manifest["states"]
            and manifest["baseline"] == "baseline"
            and tuple(manifest["settings"]) == at.settings
        )
        baseline_only = not at.policy and not at.settings and not manifest["settings"]
        if alike or (baseline_only and manifest["baseline"] == "baseline" and not manifest["states"]):
            try:
                rows.append(Row(target, Found(ask(pair, target.query))))
            except InputError:
                continue
    if not rows:
        raise InputError("--result", None, manifest["policy"], "a run of all states that some row asks for")
    about = {
        "run": result.run,
        "version": manifest["version"],
        "code": manifest["code"],
        "records": manifest["records"],
        "draws": 1,
    }
    return Validation(tuple(rows), about)
