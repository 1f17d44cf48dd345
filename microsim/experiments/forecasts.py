"""Dated forecasts that never change, and their score when counts arrive.

A forecast is a JSON file with monthly numbers of a policy, the identity of the run behind them and a digest
of its own content. The register lists every file with its digest; a file that was changed is refused.
"""

from __future__ import annotations

import csv
import datetime
import hashlib
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from microsim.engine.identity import code_digest, identity, version
from microsim.engine.measures import ADULT_GROUP, LOSSES, MEDICAID, RULE_LOSSES, UNINSURED
from microsim.engine.people import people_of
from microsim.engine.tallies import CELL_OPIOID, CELL_PERSONS
from microsim.experiments.bounds import ends
from microsim.experiments.compare import SEED, Report, load_people, silent
from microsim.experiments.sampling import draws_of
from microsim.experiments.targets.pairs import Pair
from microsim.experiments.targets.worlds import Bench, Group, lives_of, trees_of
from microsim.experiments.uncertainty.arms import INTERCEPTS, deaths_of_2024
from microsim.experiments.uncertainty.sample import everybody, subsample
from microsim.ground.calendar import month_index, month_name
from microsim.ground.errors import InputError, unknown_name
from microsim.ground.parameters import Parameters, load_parameters
from microsim.ground.policies import apply_policies
from microsim.ground.schema import POPULATION_MONTH, STATES

Floats = NDArray[np.float64]
SCHEMA = 1
REGISTER = "register.csv"
PLACES = ("NE", "MT", "IA", "US")
"""States that start early, and the nation."""
FIRST, LAST = "2026-05", "2027-12"
NATION = "US"


def _cover(codes: list[int]) -> Callable[[Pair], Floats]:
    return lambda pair: pair.cell(1, CELL_PERSONS, codes, None)


def _losses(reasons: Iterable[str]) -> Callable[[Pair], Floats]:
    return lambda pair: np.sum([pair.count(1, f"loss_{reason}") for reason in reasons], axis=0)


MEASURES: Mapping[str, Callable[[Pair], Floats]] = {
    "adult_group": _cover([ADULT_GROUP]),
    "medicaid": _cover(MEDICAID),
    "uninsured": _cover([UNINSURED]),
    "work_rule_losses": _losses(RULE_LOSSES),
    "losses": _losses(LOSSES),
    "opioid_overdose_deaths": lambda pair: pair.cell(1, CELL_OPIOID, None, None),
}
"""Monthly numbers of the policy's arm: people at the middle of a month, or events in it."""


class Score(NamedTuple):
    """One count beside its forecast."""

    place: str
    month: str
    measure: str
    counted: float
    forecast: float
    low: float | None
    high: float | None

    @property
    def error(self) -> float | None:
        """Forecast over count less one; None for a count of zero."""
        return self.forecast / self.counted - 1 if self.counted else None

    @property
    def inside(self) -> bool | None:
        """Whether the count lies in the interval; None without one."""
        return None if self.low is None or self.high is None else self.low <= self.counted <= self.high


def make(
    policy: str = "enacted",
    *,
    date: datetime.date,
    persons: int | None = None,
    draws: int = 1,
    seed: int = SEED,
    threads: int = 2,
    report: Report = silent,
) -> dict[str, Any]:
    """A forecast of a policy for the early states and the nation, by month.

    Raises InputError for bad input.
    """
    root = load_parameters()
    apply_policies(root, ["baseline", policy])  # what is wrong with it is said before anybody is lived
    columns, name = load_people(None, persons, threads, report)
    people = people_of(columns, apply_policies(root, ["baseline"]))
    months = (month_index(LAST) // 12 + 1) * 12 - POPULATION_MONTH
    group = Group((), months, ((), (policy,)))
    report("living", 0, 1)
    full = Bench(everybody(people), seed, threads)
    exact = _numbers(full, root, group, {}, True)
    spread: dict[tuple[str, str], list[Floats]] = {key: [] for key in exact}
    if draws > 1:
        bench = Bench(subsample(people), seed, threads)
        anchor = deaths_of_2024(apply_policies(root, ["baseline"]), bench.sample, seed, threads)
        centre = _numbers(bench, root, group, {}, False)
        for number, draw in enumerate(draws_of(root, draws, seed)):
            report("draws", number, draws)
            tree = draw.applied(root)
            deaths = deaths_of_2024(
                apply_policies(tree, ["baseline"], drawn=True), bench.sample, seed, threads
            )
            factors = dict(zip(INTERCEPTS, map(float, anchor / np.maximum(deaths, 1.0)), strict=True))
            for key, values in _numbers(bench, tree, group, factors, False).items():
                # A ratio, because a small state is off by luck on a subsample.
                spread[key].append(exact[key] * _ratio(values, centre[key]))
    digest = root.digest()
    content = {
        "schema": SCHEMA,
        "date": date.isoformat(),
        "policy": policy,
        "window": [FIRST, LAST],
        "run": identity(
            code=code_digest(),
            parameters=digest,
            people=name,
            seed=seed,
            draws=draws,
            policy=policy,
            kind="forecast",
        ),
        "version": version(),
        "code": code_digest(),
        "parameters": digest,
        "population": name,
        "records": len(people),
        "seed": seed,
        "draws": draws,
        "places": _places(exact, spread, draws),
    }
    return {**content, "digest": digest_of(content)}


def _ratio(drawn: Floats, centre: Floats) -> Floats:
    return np.where(centre > 0, drawn / np.where(centre > 0, centre, 1.0), 1.0)


def _numbers(
    bench: Bench, root: Parameters, group: Group, factors: Mapping[str, float], crowded: bool
) -> dict[tuple[str, str], Floats]:
    """Every measure of every place over the window."""
    trees = [tree.scaled(dict(factors)) if factors else tree for tree in trees_of(root, group)]
    lived = lives_of(bench, group, trees, crowded)
    (ours, one), (theirs, other) = (lived[names] for names in group.arms)
    pair = Pair((ours, theirs), (one, other))
    at = slice(pair.position(FIRST), pair.position(LAST) + 1)
    out = {}
    for measure, of in MEASURES.items():
        values = of(pair)[:, at]
        for place in PLACES:
            out[place, measure] = values.sum(axis=0) if place == NATION else values[STATES.index(place)]
    return out


def _places(
    exact: Mapping[tuple[str, str], Floats], spread: Mapping[tuple[str, str], list[Floats]], draws: int
) -> dict[str, Any]:
    first = month_index(FIRST)
    out: dict[str, Any] = {}
    for (place, measure), values in exact.items():
        low, high = ends(np.asarray(spread[place, measure]), axis=0) if draws > 1 else (None, None)
        out.setdefault(place, {})[measure] = {
            month_name(first + position): [
                round(float(value), 1),
                None if low is None else round(float(low[position]), 1),
                None if high is None else round(float(high[position]), 1),
            ]
            for position, value in enumerate(values)
        }
    return out


def digest_of(content: Mapping[str, Any]) -> str:
    """Digest of a forecast without its own digest."""
    kept = {key: value for key, value in content.items() if key != "digest"}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def record(forecast: Mapping[str, Any], folder: Path) -> Path:
    """Write a forecast and enter it in the register. Raises InputError where its name is taken."""
    path = folder / f"{forecast['date']}-{forecast['policy']}-{forecast['digest'][:8]}.json"
    if path.exists():
        raise InputError("--out", None, path, "a forecast that was not recorded before; none is replaced")
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(forecast, indent=1) + "\n", encoding="utf-8")
    register = folder / REGISTER
    new = not register.exists()
    with register.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        if new:
            writer.writerow(("date", "policy", "run", "file", "digest"))
        writer.writerow(
            (forecast["date"], forecast["policy"], forecast["run"], path.name, forecast["digest"])
        )
    return path


def registered(folder: Path) -> list[dict[str, str]]:
    """Rows of the register. Raises InputError for a file that is missing, changed or not registered."""
    with (folder / REGISTER).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        read(folder / row["file"], row["digest"])
    names = {row["file"] for row in rows}
    for path in sorted(folder.glob("*.json")):
        if path.name not in names:
            raise InputError(path, None, path.name, f"a file of {REGISTER}")
    return rows


def read(path: Path, digest: str | None = None) -> dict[str, Any]:
    """A forecast whose content is the one that was recorded. Raises InputError otherwise."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(path, None, error.strerror, "a forecast that can be read") from None
    except (ValueError, RecursionError):
        raise InputError(path, None, "no JSON", "a forecast that can be read") from None
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise InputError(path, "schema", None, f"a forecast with schema {SCHEMA}")
    found = digest_of(content)
    for stated in (content.get("digest"), digest or found):
        if stated != found:
            fix = "a recorded forecast is never changed; record a new one"
            raise InputError(path, "digest", stated, f"{found}, that of its content", fix=fix)
    return content


def score(forecast: Mapping[str, Any], counts: Path) -> list[Score]:
    """Counts beside the forecast. `counts` is a CSV with columns place, month, measure, count.

    Raises InputError for a column, place, month or measure that the forecast lacks.
    """
    try:
        with counts.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise InputError(counts, None, error.strerror, "a CSV file that can be read") from None
    except (UnicodeDecodeError, csv.Error):
        raise InputError(counts, None, "no UTF-8 text", "a CSV file that can be read") from None
    if not rows or not {"place", "month", "measure", "count"} <= set(rows[0]):
        raise InputError(
            counts, "columns", list(rows[0]) if rows else "no rows", "place, month, measure, count"
        )
    return [_scored(forecast, row, counts, line) for line, row in enumerate(rows, start=2)]


def _scored(forecast: Mapping[str, Any], row: Mapping[str, str], file: Path, line: int) -> Score:
    node: Any = forecast["places"]
    for key in ("place", "measure", "month"):
        if row[key] not in node:
            raise unknown_name(f"{file}:{line}", key, row[key], list(node), f"a {key} of the forecast")
        node = node[row[key]]
    try:
        count = float(row["count"])
    except ValueError:
        count = math.nan
    if not (math.isfinite(count) and count >= 0):
        raise InputError(file, "count", row["count"], "a number of zero or more", line=line)
    return Score(row["place"], row["month"], row["measure"], count, *node)


def summary(scores: Sequence[Score]) -> dict[str, dict[str, float | int | None]]:
    """By measure: counts, mean absolute error and bias in per cent, and the share inside intervals."""
    out: dict[str, dict[str, float | int | None]] = {}
    for measure in dict.fromkeys(one.measure for one in scores):
        some = [one for one in scores if one.measure == measure]
        errors = [one.error for one in some if one.error is not None]
        inside = [one.inside for one in some if one.inside is not None]
        out[measure] = {
            "counts": len(some),
            "mean_absolute_error": 100 * float(np.mean(np.abs(errors))) if errors else None,
            "bias": 100 * float(np.mean(errors)) if errors else None,
            "inside": 100 * float(np.mean(inside)) if inside else None,
        }
    return out
