"""Properties of random compositions of policies, and random policy files."""

from __future__ import annotations

import string
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from microsim.ground.calendar import month_name
from microsim.ground.errors import InputError
from microsim.ground.parameters import Parameters, load_parameters
from microsim.ground.policies import (
    Library,
    Patch,
    Policy,
    Provision,
    apply_policies,
    apply_settings,
    load_policy,
)
from microsim.ground.schema import DRUGS, STATES, TENURES

Plant = Callable[..., Path]
RELAXED = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def tree(plant: Plant) -> Parameters:
    return load_parameters(plant())


def provision(id_: str, *patches: Patch) -> Provision:
    return Provision(id=id_, label=id_, patches=patches, file=f"{id_}.yaml")


def policy(*provisions: Provision) -> Policy:
    return Policy("-".join(one.id for one in provisions), "random", provisions)


MONTHS = st.integers(-40, 260)
PATCHES = st.builds(
    lambda drug, tenure, first, length, value, states: Patch(
        "demo.stop", "value", {drug: {tenure: value}}, first=first, last=first + length, states=states
    ),
    st.sampled_from(DRUGS), st.sampled_from(TENURES), MONTHS, st.integers(0, 90), st.floats(0.5, 1),
    st.none() | st.lists(st.sampled_from(STATES), min_size=1, max_size=3, unique=True).map(tuple),
)  # fmt: skip


def apply_or_none(tree: Parameters, one: Policy) -> Parameters | None:
    try:
        return apply_policies(tree, [one])
    except InputError:
        return None


@RELAXED
@given(patches=st.lists(PATCHES, min_size=1, max_size=5), order=st.randoms())
def test_order_of_provisions_that_do_not_conflict_does_not_matter(
    tree: Parameters, patches: list[Patch], order: Any
) -> None:
    before = tree.digest()
    provisions = [provision(f"p{i}", patch) for i, patch in enumerate(patches)]
    one = apply_or_none(tree, policy(*provisions))
    shuffled = list(provisions)
    order.shuffle(shuffled)
    other = apply_or_none(tree, policy(*shuffled))
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        months = range(-60, 360)
        dims = ("state", "drug", "tenure")
        assert np.array_equal(
            one.monthly("demo.stop", -60, 359, *dims), other.monthly("demo.stop", -60, 359, *dims)
        )
        assert len(months) == 420
    assert tree.digest() == before == Parameters(tree.records, tree.sources).digest()


@RELAXED
@given(patch=PATCHES)
def test_a_patch_changes_its_own_months_states_and_classes_and_nothing_else(
    tree: Parameters, patch: Patch
) -> None:
    after = apply_policies(tree, [policy(provision("p", patch))])
    dims = ("drug", "tenure", "state")
    was, now = (one.monthly("demo.stop", -60, 400, *dims) for one in (tree, after))
    ((drug, inner),) = patch.form.items()
    ((tenure, value),) = inner.items()
    expected = was.copy()
    states = [STATES.index(name) for name in patch.states or STATES]
    months = slice(patch.first + 60, patch.last + 61)
    expected[months, DRUGS.index(drug), TENURES.index(tenure), states] = value
    assert np.array_equal(now, expected)
    for id_ in set(tree.ids()) - {"demo.stop"}:
        assert after.record(id_) is tree.record(id_)


@RELAXED
@given(factors=st.lists(st.floats(0.5, 2), min_size=1, max_size=4), first=MONTHS)
def test_scales_multiply(tree: Parameters, factors: list[float], first: int) -> None:
    provisions = [
        provision(f"p{i}", Patch("demo.kits", "scale", f, first=first)) for i, f in enumerate(factors)
    ]
    after = apply_or_none(tree, policy(*provisions))
    if after is not None:
        assert after.number("demo.kits", first) == pytest.approx(1000 * np.prod(factors))
        assert after.number("demo.kits", first - 1) == 1000


@RELAXED
@given(value=st.floats(1, 1e6), first=MONTHS)
def test_settings_win_whatever_the_policy(tree: Parameters, value: float, first: int) -> None:
    one = policy(provision("p", Patch("demo.kits", "add", 1.0, first=first)))
    after = apply_settings(apply_policies(tree, [one]), [f"demo.kits={value!r}"])
    assert after.number("demo.kits") == value
    again = Parameters.from_document(after.to_document())
    assert again.digest() == after.digest()
    assert again.number("demo.deaths_per_kit", 130) == after.number("demo.deaths_per_kit", 130)


TRAPS = st.sampled_from(
    [
        "no",
        "1e3",
        "2027-01-01",
        "2027-13",
        "~",
        "all",
        "OH",
        "demo.kits",
        "demo.stop",
        "work-rule",
        "package",
        "= demo.kits",
        "= 1/0",
        "=",
    ]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=10)
    | TRAPS
    | MONTHS.map(month_name)
)
KEYS = st.sampled_from(
    ["id", "label", "policies", "provisions", "patches", "replaces", "parameter", "from", "until", "value",
     "values", "scale", "add", "states", "unit", "section", "source"]
) | st.text(string.ascii_lowercase, max_size=6) | TRAPS  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
PATCH_LIKE = st.fixed_dictionaries(
    {
        "parameter": st.sampled_from(
            ["demo.kits", "demo.stop", "demo.in_force", "demo.path", "demo.deaths", "x"]
        )
    },
    optional={
        "from": VALUES,
        "until": VALUES,
        "value": VALUES,
        "values": VALUES,
        "scale": VALUES,
        "states": VALUES,
    },
)


@RELAXED
@given(
    document=st.dictionaries(KEYS, VALUES, max_size=4)
    | st.fixed_dictionaries({"patches": st.lists(PATCH_LIKE, max_size=3)})
)
def test_any_policy_file_applies_or_says_why(
    plant: Plant, tree: Parameters, document: dict[str, Any]
) -> None:
    library = Library(plant() / "policies")
    file = plant().parent / "mine.yaml"
    file.write_text(yaml.safe_dump(document, allow_unicode=True))
    problems: tuple[InputError, ...] = ()
    try:
        one = load_policy(file, library)
        after = apply_policies(tree, [one], library)
    except InputError as error:
        problems = error.problems
    if problems:
        assert all(str(problem).isprintable() for problem in problems)
        return
    # A patch that loads has an effect, so only a file without patches leaves the tree as it is.
    changes = any(patch for part in one.provisions for patch in part.patches)
    assert (after.digest() != tree.digest()) == changes


@RELAXED
@given(data=st.binary(max_size=80))
def test_any_bytes_as_a_policy_are_refused(plant: Plant, data: bytes) -> None:
    file = plant().parent / "mine.yaml"
    file.write_bytes(data)
    with pytest.raises(InputError):
        load_policy(file, Library(plant() / "policies"))
