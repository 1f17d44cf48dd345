"""Structural alternatives side by side: the same policy under each choice, laid on both arms."""

from __future__ import annotations

from typing import Any, NamedTuple

from microsim.engine.identity import code_digest, identity
from microsim.engine.people import people_of
from microsim.experiments.compare import SEED, Report, load_people, silent
from microsim.experiments.targets.loading import targets_root
from microsim.experiments.targets.pairs import Pair
from microsim.experiments.targets.queries import ask
from microsim.experiments.targets.queries_health import DIFFERENCES
from microsim.experiments.targets.worlds import Bench, Group, lives_of, trees_of
from microsim.experiments.uncertainty.sample import everybody
from microsim.ground.calendar import month_index
from microsim.ground.errors import Problems, unknown_name
from microsim.ground.parameters import Parameters, load_parameters
from microsim.ground.parameters.yaml_source import read_yaml
from microsim.ground.policies import apply_policies
from microsim.ground.schema import POPULATION_MONTH

FILE = "alternatives.yaml"
END = "2034-12"


class Alternative(NamedTuple):
    """One choice of a switch, and the policies it lays on both arms."""

    switch: str
    choice: str
    policies: tuple[str, ...]
    default: bool


class Line(NamedTuple):
    """What the policy changes under an alternative, by measure."""

    alternative: Alternative
    values: dict[str, float]


def switches() -> dict[str, tuple[str, tuple[Alternative, ...]]]:
    """Label and choices of every switch."""
    problems = Problems()
    held = read_yaml(targets_root() / FILE, f"targets/{FILE}", problems)
    problems.finish()
    out = {}
    for name, node in held.items():
        choices = tuple(
            Alternative(name, choice, tuple(policies), position == 0)
            for position, (choice, policies) in enumerate(node["choices"].items())
        )
        out[name] = (node["label"], choices)
    return out


def alternatives(
    policy: str = "budget2025",
    only: tuple[str, ...] = (),
    *,
    persons: int | None = None,
    seed: int = SEED,
    threads: int = 2,
    report: Report = silent,
) -> tuple[list[Line], dict[str, Any]]:
    """Headline differences of a policy under every choice of every switch, and what the runs were.

    Raises InputError for an unknown switch or policy.
    """
    every = switches()
    for name in only:
        if name not in every:
            raise unknown_name("--only", None, name, sorted(every), "a switch")
    root = load_parameters()
    apply_policies(root, ["baseline", policy])  # what is wrong with it is said before anybody is lived
    columns, people_name = load_people(None, persons, threads, report)
    bench = Bench(everybody(people_of(columns, apply_policies(root, ["baseline"]))), seed, threads)
    months = month_index(END) - POPULATION_MONTH + 1
    chosen = [name for name in every if not only or name in only]
    lines = []
    found: dict[tuple[str, ...], dict[str, float]] = {}
    for number, name in enumerate(chosen):
        report("living", number, len(chosen))
        for alternative in every[name][1]:
            if alternative.policies not in found:
                # Lived by itself: a choice that differs from January 2024 on would slow all others.
                found[alternative.policies] = _values(bench, root, alternative.policies, policy, months)
            lines.append(Line(alternative, found[alternative.policies]))
    report("living", len(chosen), len(chosen))
    run = identity(
        code=code_digest(), parameters=root.digest(), people=people_name, seed=seed, policy=policy, kind=FILE
    )
    return lines, {"run": run, "policy": policy, "records": persons, "window": ["2025-01", END], "draws": 1}


def _values(
    bench: Bench, root: Parameters, laid: tuple[str, ...], policy: str, months: int
) -> dict[str, float]:
    """What the policy changes where `laid` holds in both arms."""
    arms = tuple(dict.fromkeys(((), laid, (*laid, policy))))
    group = Group((), months, arms)
    lived = lives_of(bench, group, trees_of(root, group), True)
    (ours, one), (theirs, other) = lived[laid], lived[arms[-1]]
    pair = Pair((ours, theirs), (one, other))
    return {name: ask(pair, asked).value for name, asked in DIFFERENCES.items()}
