"""The runs that answer targets: conditions that share settings and length are lived together, once.

With draws, every arm is lived again on the nested subsample under each joint draw of the parameters;
an answer is moved by what the draw changes there, and its interval is the middle 95 per cent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from microsim.engine.crowding import tables_with_crowding
from microsim.engine.people import People, people_of
from microsim.engine.simulate import simulate
from microsim.engine.tables import build_tables
from microsim.engine.tallies import Tallies, of_arm
from microsim.experiments.bounds import ends
from microsim.experiments.compare import CROWDING_ONE_IN, SEED, Report, load_people, silent
from microsim.experiments.sampling import draws_of
from microsim.experiments.targets.loading import policy_file
from microsim.experiments.targets.model import Conditions, Target
from microsim.experiments.targets.pairs import Pair
from microsim.experiments.targets.queries import NATURAL, Answer, ask
from microsim.experiments.uncertainty.arms import INTERCEPTS, deaths_of_2024
from microsim.experiments.uncertainty.sample import Sample, everybody, subsample
from microsim.experiments.uncertainty.spread import lucks_of
from microsim.ground.calendar import month_index
from microsim.ground.parameters import Parameters, load_parameters
from microsim.ground.policies import apply_policies, apply_settings
from microsim.ground.schema import POPULATION_MONTH

Names = tuple[str, ...]


class Group(NamedTuple):
    """Arms lived together: the plain baseline first."""

    settings: Names
    months: int
    arms: tuple[Names, ...]


class Found(NamedTuple):
    """A model's answer; without draws there is no interval."""

    answer: Answer
    low: float | None = None
    high: float | None = None


def groups_of(conditions: Iterable[Conditions]) -> tuple[Group, ...]:
    """Groups that hold every arm of the conditions."""
    found: dict[tuple[Names, int], dict[Names, None]] = {}
    for one in conditions:
        arms = found.setdefault((one.settings, _months(one)), {(): None})
        arms[one.against] = None
        arms[(*one.against, *one.policy)] = None
    return tuple(Group(settings, months, tuple(arms)) for (settings, months), arms in found.items())


def _months(conditions: Conditions) -> int:
    return month_index(conditions.until) - POPULATION_MONTH + 1


def trees_of(root: Parameters, group: Group) -> list[Parameters]:
    """Parameters of every arm of a group."""
    first = apply_policies(root, ["baseline"], drawn=True)
    return [
        apply_settings(
            apply_policies(first, [policy_file(name) or name for name in names], drawn=True), group.settings
        )
        for names in group.arms
    ]


LARGER = 2
"""Size of the subsample of validation relative to that of a run: many rows are small differences."""


class Bench(NamedTuple):
    """People, weights and threads that arms are lived with."""

    sample: Sample
    seed: int
    threads: int


def lives_of(
    bench: Bench, group: Group, trees: Sequence[Parameters], crowded: bool
) -> dict[Names, tuple[Tallies, Parameters]]:
    """Tallies and tree of each arm of a group; `crowded` adds the first pass that measures crowding."""
    people = bench.sample.people
    if crowded:
        tables, _ = tables_with_crowding(
            people, trees, group.months, bench.seed, bench.threads, CROWDING_ONE_IN
        )
    else:
        tables = build_tables(trees, group.months)
    total = simulate(people, tables, bench.seed, threads=bench.threads, weights=bench.sample.weights)
    return {names: (of_arm(total, row), trees[row]) for row, names in enumerate(group.arms)}


def answers(
    bench: Bench,
    root: Parameters,
    targets: Sequence[Target],
    crowded: bool,
    factors: Mapping[str, float],
    report: Report = silent,
) -> dict[str, Answer]:
    """The answer to every target under one set of parameters."""
    out = {}
    groups = groups_of(target.conditions for target in targets)
    for number, group in enumerate(groups):
        report("living", number, len(groups))
        trees = [tree.scaled(dict(factors)) if factors else tree for tree in trees_of(root, group)]
        lived = lives_of(bench, group, trees, crowded)
        pairs: dict[tuple[Names, Names], Pair] = {}
        for target in targets:
            at = target.conditions
            if (at.settings, _months(at)) != (group.settings, group.months):
                continue
            key = (at.against, (*at.against, *at.policy))
            if key not in pairs:
                (ours, one), (theirs, other) = lived[key[0]], lived[key[1]]
                pairs[key] = Pair((ours, theirs), (one, other), bench.sample, bench.seed)
            out[target.id] = ask(pairs[key], target.query)
    report("living", len(groups), len(groups))
    return out


def find(
    targets: Sequence[Target],
    *,
    persons: int | None = None,
    seed: int = SEED,
    draws: int = 1,
    threads: int = 2,
    report: Report = silent,
) -> dict[str, Found]:
    """The model's answer by id to every target but those of natural experiments, with draws an interval."""
    targets = [target for target in targets if target.query.name != NATURAL]
    root = load_parameters()
    columns, _ = load_people(None, persons, threads, report)
    people = people_of(columns, apply_policies(root, ["baseline"], drawn=True))
    exact = answers(Bench(everybody(people), seed, threads), root, targets, True, {}, report)
    if draws < 2:
        return {id_: Found(answer) for id_, answer in exact.items()}
    moved = _moved(people, root, targets, seed, draws, threads, report)
    found = {}
    for id_, answer in exact.items():
        low, high = ends(answer.value + moved[id_])
        found[id_] = Found(answer, float(low), float(high))
    return found


def _moved(
    people: People,
    root: Parameters,
    targets: Sequence[Target],
    seed: int,
    draws: int,
    threads: int,
    report: Report,
) -> dict[str, np.ndarray]:
    """What each draw changes in each answer on the subsample under its own luck, float (draws,)."""
    sample = subsample(people, LARGER)
    benches = [Bench(sample, luck, threads) for luck in lucks_of(seed, draws)]
    known = apply_policies(root, ["baseline"], drawn=True)
    anchors = [deaths_of_2024(known, sample, bench.seed, threads) for bench in benches]
    centres = [answers(bench, root, targets, False, {}) for bench in benches]
    values: dict[str, list[float]] = {target.id: [] for target in targets}
    for number, draw in enumerate(draws_of(root, draws, seed)):
        report("draws", number, draws)
        luck = number % len(benches)
        bench, anchor, centre = benches[luck], anchors[luck], centres[luck]
        tree = draw.applied(root)
        plain = apply_policies(tree, ["baseline"], drawn=True)
        factors = anchor / np.maximum(deaths_of_2024(plain, sample, bench.seed, threads), 1.0)
        drawn = answers(bench, tree, targets, False, dict(zip(INTERCEPTS, map(float, factors), strict=True)))
        for id_, answer in drawn.items():
            values[id_].append(answer.value - centre[id_].value)
    report("draws", draws, draws)
    return {id_: np.array(some) for id_, some in values.items()}
