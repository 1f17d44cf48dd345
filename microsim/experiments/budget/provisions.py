"""What each provision of a package adds to its money: the people lived again with some of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import permutations
from typing import NamedTuple

from microsim.engine.finance import Money
from microsim.engine.tallies import Tallies
from microsim.experiments.budget.attribution import attribute_over
from microsim.experiments.budget.cases import Case, case_of, outlays_of, priced_arm
from microsim.experiments.budget.scores import SECTIONS
from microsim.experiments.compare import Report, Setup, live, silent
from microsim.ground.errors import InputError
from microsim.ground.parameters import Parameters
from microsim.ground.policies import Policy, apply_policies, apply_settings, compose

AT_ONCE = 5
"""Arms lived beside the baseline in one pass: more would need more memory, not less time."""
ALL_ORDERS = 3
"""Up to so many provisions are added in every order, which gives their Shapley values."""

Subset = frozenset[str]


class Parts(NamedTuple):
    """A package taken apart."""

    money: dict[str, Money]
    """Part of each provision in the change of the window; they add up to it exactly"""
    scored: dict[str, Case]
    """Each section with a published score lived alone, and the two largest together"""


def parts_of(ready: Setup, case: Case, threads: int = 2, report: Report = silent) -> Parts:
    """Live the people of a run with each provision added to the ones before it, and to those after it.

    A provision's part is the mean of the two; up to `ALL_ORDERS` provisions it is the mean over all
    orders, the Shapley value. Raises InputError when today's policy files are not those of the run.
    """
    package = compose(ready.policies)
    names = [provision.id for provision in package.provisions]
    orders = [list(one) for one in permutations(names)] if len(names) <= ALL_ORDERS else [names, names[::-1]]
    alone = {score: frozenset({name}) for name, score in SECTIONS.items() if name in names}
    if {"community_engagement", "six_month_renewals"} <= set(alone):
        alone["both"] = alone["community_engagement"] | alone["six_month_renewals"]
    needed = {frozenset(order[:size]) for order in orders for size in range(1, len(names) + 1)}
    needed |= set(alone.values())
    trees = {subset: _tree(ready, package, subset) for subset in needed}
    if trees[frozenset(names)].digest() != ready.arms[1].digest():
        expected = "policy files as they were when the run was made"
        raise InputError("--by-provision", None, ready.policy, expected, fix="run the policy again")
    moneys: dict[Subset, Money] = {frozenset(): case.baseline}
    cases: dict[str, Case] = {}

    def keep(subset: Subset, people: Tallies) -> None:
        tree = trees[subset]
        outlays = outlays_of(tree, case.last)
        moneys[subset] = priced_arm(
            people, tree, outlays, case.first, case.last, case.baseline_people, case.states
        )
        for score, wanted in alone.items():
            if wanted == subset:
                cases[score] = case_of(
                    case.baseline_people, people, case.baseline_parameters, tree, case.first, case.last,
                    case.states,
                )  # fmt: skip

    _live(ready, trees, keep, threads, report)
    if int(abs(moneys[frozenset(names)].minus(case.policy).amounts).sum()):
        expected = "the same money as in the result"
        fix = "the code has changed; run the policy again"
        raise InputError("--by-provision", None, ready.policy, expected, fix=fix)
    return Parts(attribute_over(orders, moneys), {name: cases[name] for name in alone})


def _tree(ready: Setup, package: Policy, subset: Subset) -> Parameters:
    some = tuple(one for one in package.provisions if one.id in subset)
    policy = Policy("+".join(one.id for one in some), package.label, some)
    return apply_settings(apply_policies(ready.arms[0], [policy]), ready.settings)


def _live(
    ready: Setup,
    trees: dict[Subset, Parameters],
    keep: Callable[[Subset, Tallies], None],
    threads: int,
    report: Report,
) -> None:
    """Live every subset, a few at a time; the baseline goes with each, since crowding is relative to it."""
    subsets: Sequence[Subset] = sorted(trees, key=lambda one: (len(one), sorted(one)))
    passes = range(0, len(subsets), AT_ONCE)
    for number, first in enumerate(passes):
        some = subsets[first : first + AT_ONCE]

        def told(what: str, done: int, total: int, number: int = number) -> None:
            report(f"{what}, part {number + 1} of {len(passes)}", done, total)

        lived = live(ready, threads, told, [ready.arms[0], *(trees[one] for one in some)])
        for subset, people in zip(some, lived.arms[1:], strict=True):
            keep(subset, people)
