"""The whole calibration: direct moments, history matching, and direct moments again at the new values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from microsim.engine.identity import code_digest, identity
from microsim.engine.people import people_of
from microsim.experiments.calibrate import Intercepts, calibrate, current, with_intercepts
from microsim.experiments.compare import SEED, Report, load_people, silent
from microsim.experiments.history.matching import central, describe, match, posterior_of, published
from microsim.experiments.history.runs import Runs
from microsim.experiments.history.space import Space, free_space
from microsim.ground.parameters import Parameters, load_parameters
from microsim.ground.policies import apply_policies

ROUNDS = 4
RUNS, DIRECT = "runs.jsonl", "direct.json"


class Fitted(NamedTuple):
    """What a calibration found."""

    tree: Parameters
    space: Space
    values: Mapping[str, float]
    about: dict[str, Any]
    moments: list[Mapping[str, float]]


def fit(
    folder: Path,
    *,
    persons: int | None = None,
    rounds: int = ROUNDS,
    seed: int = SEED,
    threads: int = 2,
    report: Report = silent,
) -> Fitted:
    """Calibrate the shipped parameters; what is finished lies in `folder` and is not done again.

    `rounds` of direct moments, 0 for none, before and after matching. Deterministic for a seed.
    """
    root = load_parameters()
    first, before = _direct(root, folder, persons, rounds, seed, threads, report)
    space = free_space(first)
    runs = Runs(first, space, persons=persons, seed=seed, threads=threads, file=folder / RUNS, report=report)
    truth = published(space)
    history = match(space, runs, truth, report=report)
    posterior = posterior_of(history.emulator, truth, space.size)
    values = central(space, posterior)
    point = np.array([axis.unit(values[axis.id]) for axis in space.axes])
    about = describe(space, history, posterior)
    for row, target in enumerate(space.targets):
        about["targets"][target.id]["at_the_written_values"] = float(runs(point)[row])
    about["key"] = runs.key
    second, after = _direct(space.at(first, point), folder, persons, rounds, seed, threads, report)
    return Fitted(second, space, values, about, [*before, *after])


def _direct(
    p: Parameters, folder: Path, persons: int | None, rounds: int, seed: int, threads: int, report: Report
) -> tuple[Parameters, list[Mapping[str, float]]]:
    """Fitted intercepts, from `folder` where the same were fitted before."""
    if rounds == 0:
        return p, []
    columns, name = load_people(None, persons, threads, report)
    base = apply_policies(p, ["baseline"])
    key = identity(code=code_digest(), parameters=p.digest(), people=name, seed=seed, rounds=rounds)
    file = folder / DIRECT
    kept = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    if key in kept:
        held = kept[key]
        intercepts: dict[str, Any] = {
            field: np.array(one) if isinstance(one, list) else one
            for field, one in held["intercepts"].items()
        }
        at = Intercepts(**intercepts)
        return with_intercepts(p, at), held["errors"]
    done = 0

    def told(line: str) -> None:
        nonlocal done
        done += 1
        report("direct moments", done, rounds + 3)

    fitted, errors = calibrate(base, people_of(columns, base), seed, threads, rounds, told)
    found = {
        field: one.tolist() if isinstance(one, np.ndarray) else float(one)
        for field, one in current(fitted)._asdict().items()
    }
    folder.mkdir(parents=True, exist_ok=True)
    kept[key] = {"intercepts": found, "errors": errors}
    file.write_text(json.dumps(kept), encoding="utf-8")
    return with_intercepts(p, current(fitted)), errors
