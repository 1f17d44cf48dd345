"""The tree of parameters: reading, values, immutability, computed values, round trip."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from microsim.ground.errors import InputError
from microsim.ground.parameters import Parameters, load_parameters
from microsim.ground.schema import DRUGS, STATES, TENURES

Plant = Callable[..., Path]


@pytest.fixture
def tree(plant: Plant) -> Parameters:
    return load_parameters(plant())


def test_values_by_class_follow_the_asked_order_of_dimensions(tree: Parameters) -> None:
    stop = tree.array("demo.stop", "tenure", "drug")
    assert stop.shape == (len(TENURES), len(DRUGS))
    assert stop[0].tolist() == [0.20, 0.15, 0.25]
    assert stop[3].tolist() == [0.03, 0.05, 0.25]


def test_missing_dimensions_are_filled_with_the_one_value(tree: Parameters) -> None:
    stop = tree.array("demo.stop", "state", "drug", "tenure")
    assert stop.shape == (len(STATES), len(DRUGS), len(TENURES))
    assert (stop == stop[0]).all()
    assert tree.array("demo.kits", "state").tolist() == [1000.0] * len(STATES)


def test_dated_values_hold_interpolate_and_extend(tree: Parameters) -> None:
    assert tree.number("demo.deaths", 0) == 80000
    assert tree.number("demo.deaths", 108) == 80000
    assert tree.number("demo.deaths", 114) == 68000
    assert tree.number("demo.deaths", 500) == 56000
    assert tree.monthly("demo.deaths", 108, 120).tolist() == np.linspace(80000, 56000, 13).tolist()


def test_choices_and_booleans_come_back_as_themselves(tree: Parameters) -> None:
    assert tree.choice("demo.path") == "to-date"
    assert tree.choice("demo.months_between_renewals") == 12
    assert tree.array("demo.in_force", "state").sum() == 1
    assert tree.number("demo.months_between_renewals") == 12


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda p: p.number("demo.kit"), "nearest is 'demo.kits'"),
        (lambda p: p.number("demo.stop"), "a parameter with a single value"),
        (lambda p: p.number("demo.deaths"), "one value for the whole run"),
        (lambda p: p.array("demo.stop", "drug"), "a parameter over drug"),
        (lambda p: p.array("demo.stop", "drug", "tenur"), "nearest is 'tenure'"),
        (lambda p: p.choice("demo.kits"), "the unit boolean or choice"),
        (lambda p: p.replaced({"demo.stop": 1.5}), "between 0 and 1"),
        (lambda p: p.replaced({"demo.stop": float("nan")}), "between 0 and 1"),
        (lambda p: p.replaced({"demo.stop": np.full((3, 4), np.nan)}), "between 0 and 1"),
        (lambda p: p.replaced({"demo.stop": np.zeros(3)}), "shape"),
        (lambda p: p.replaced({"demo.path": "flt"}), "nearest is 'flat'"),
        (lambda p: p.replaced({"demo.in_force": 1}), "true or false"),
        (lambda p: p.scaled({"demo.path": 2}), "no factor"),
        (lambda p: p.monthly("demo.deaths", 5, 4), "not before"),
    ],
)
def test_wrong_calls_say_what_to_do(tree: Parameters, call: object, said: str) -> None:
    with pytest.raises(InputError, match=said):
        call(tree)  # type: ignore[operator]


def test_the_tree_cannot_be_changed_from_outside(tree: Parameters) -> None:
    before = tree.digest()
    with pytest.raises(ValueError, match="read-only"):
        tree.record("demo.stop").steps[0, 0, 0] = 1
    with pytest.raises(TypeError):
        tree.records["demo.stop"] = None  # type: ignore[index]
    with pytest.raises(AttributeError):
        tree.record("demo.stop").unit = "share"  # type: ignore[misc]
    tree.array("demo.stop", "drug", "tenure")[:] = 0
    tree.monthly("demo.rate", 0, 3, "state")[:] = 0
    assert Parameters(tree.records, tree.sources).digest() == before


def test_computed_values_follow_their_inputs_until_they_are_set(tree: Parameters) -> None:
    assert tree.number("demo.deaths_per_kit", 108) == 80
    doubled = tree.replaced({"demo.kits": 2000})
    assert doubled.number("demo.deaths_per_kit", 108) == 40
    fixed = tree.replaced({"demo.deaths_per_kit": 7}).replaced({"demo.kits": 2000})
    assert fixed.number("demo.deaths_per_kit") == 7
    assert tree.number("demo.deaths_per_kit", 108) == 80


def test_scaled_values_stay_within_their_unit(tree: Parameters) -> None:
    scaled = tree.scaled({"demo.stop": 10})
    assert scaled.array("demo.stop", "drug", "tenure").max() == 1
    assert scaled.array("demo.stop", "drug", "tenure")[0, 3] == pytest.approx(0.3)


def test_document_round_trips_through_json(tree: Parameters) -> None:
    changed = tree.replaced({"demo.deaths_per_kit": 0.1 + 0.2}).scaled(
        {"demo.stop": 1 / 3, "demo.deaths": 1.7}
    )
    for one in (tree, changed):
        again = Parameters.from_document(json.loads(json.dumps(one.to_document())))
        assert again.digest() == one.digest()
        assert again.sources == one.sources
    assert tree.digest() != changed.digest()


@pytest.mark.parametrize(
    "document",
    [None, {}, {"schema": 1}, {"schema": 1, "parameters": {"a.b": 3}, "sources": {}, "overridden": []}],
)
def test_damaged_documents_are_refused(document: object) -> None:
    with pytest.raises(InputError):
        Parameters.from_document(document)


def test_digest_is_the_same_in_another_process(tree: Parameters, plant: Plant) -> None:
    code = f"from microsim.ground.parameters import load_parameters as l; print(l({str(plant())!r}).digest())"
    printed = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[2])},
        ).stdout.strip()
        for seed in ("1", "2")
    }  # fmt: skip
    assert printed == {tree.digest()}


def test_words_do_not_change_the_digest_and_numbers_do(plant: Plant, records: str, tree: Parameters) -> None:
    label = load_parameters(plant({"demo/demo.yaml": records.replace("Kits handed", "Boxes handed")}))
    number = load_parameters(plant({"demo/demo.yaml": records.replace("value: 1000.0", "value: 1000.5")}))
    assert label.digest() == tree.digest() != number.digest()


def test_state_tables_are_read_by_column(plant: Plant, records: str) -> None:
    rows = "\n".join(f"{state},{i / 100},x" for i, state in enumerate(reversed(STATES)))
    record = records.replace("value: {default: 0.1}", "value: {table: rates.csv, column: rate}")
    tree = load_parameters(plant({"demo/demo.yaml": record, "demo/rates.csv": f"state,rate,other\n{rows}\n"}))
    assert tree.array("demo.rate", "state").tolist() == [i / 100 for i in reversed(range(len(STATES)))]


def test_shipped_tree_loads_and_imports_nothing_heavy() -> None:
    code = (
        "import sys; from microsim.ground.parameters import load_parameters; load_parameters();"
        "print([name for name in ('numba', 'pandas', 'scipy', 'rich') if name in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert run.stdout.strip() == "[]"
