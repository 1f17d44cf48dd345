"""Targets as data: whole rows, one role each, frozen, and calibration that never sees a validation row."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

from microsim.engine.results import load_result
from microsim.experiments.history import free_space
from microsim.experiments.history.runs import Runs
from microsim.experiments.targets import (
    Found,
    Pair,
    Row,
    Target,
    ask,
    check_frozen,
    check_query,
    digest,
    frozen_digests,
    load_targets,
    loading,
    tally,
)
from microsim.experiments.targets.model import Query
from microsim.experiments.targets.queries import Answer
from microsim.experiments.targets.worlds import groups_of, trees_of
from microsim.experiments.validate import validate_result
from microsim.ground.errors import InputError
from microsim.ground.parameters import load_parameters

ROLES = ("calibrate", "validate")


@pytest.fixture(scope="module")
def rows() -> tuple[Target, ...]:
    return load_targets("validate")


def test_no_target_has_both_roles(rows: tuple[Target, ...]) -> None:
    fitted = load_targets("calibrate")
    assert len(fitted) >= 6 and len(rows) >= 50
    assert not {one.id for one in fitted} & {one.id for one in rows}
    asked = {(one.query, one.conditions.policy, one.conditions.settings) for one in fitted}
    assert not asked & {(one.query, one.conditions.policy, one.conditions.settings) for one in rows}


@pytest.mark.parametrize("role", ROLES)
def test_queries_and_sources_are_known(role: str) -> None:
    known = load_parameters().sources
    for target in load_targets(role):  # type: ignore[arg-type]
        check_query(target.query, target.id)
        assert set(target.source) <= set(known), target.id


def test_every_condition_makes_parameters(rows: tuple[Target, ...]) -> None:
    root = load_parameters()
    for group in groups_of(target.conditions for target in rows if target.query.name != "natural"):
        trees = trees_of(root, group)
        assert len({tree.digest() for tree in trees}) == len(group.arms), group


def test_rows_are_as_they_were_frozen(rows: tuple[Target, ...]) -> None:
    check_frozen(rows, frozen_digests())


def test_a_changed_or_dropped_row_is_refused(rows: tuple[Target, ...]) -> None:
    frozen = frozen_digests()
    first = rows[0].model_copy(update={"tolerance": 0.9})
    assert digest(first) != digest(rows[0])
    with pytest.raises(InputError, match=first.id):
        check_frozen((first, *rows[1:]), frozen)
    with pytest.raises(InputError, match="none is dropped"):
        check_frozen(rows[1:], frozen)
    reworded = rows[0].model_copy(update={"why": "Other words."})
    assert digest(reworded) == digest(rows[0])


def test_calibration_reads_no_validation_row(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    opened: list[str] = []
    plain = loading.read_yaml

    def watched(path: Path, *others: object) -> object:
        opened.append(path.parent.name)
        assert path.parent.name != "validate", path
        return plain(path, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(loading, "read_yaml", watched)
    p = load_parameters()
    space = free_space(p)
    Runs(p, space, persons=20_000, anchored=False, file=tmp_path / "runs.jsonl")(np.full(space.size, 0.5))
    assert opened and set(opened) == {"calibrate"}


def test_calibration_code_names_no_validation() -> None:
    folder = Path(loading.__file__).parents[1]
    for path in (folder / "calibrate.py", *sorted((folder / "history").glob("*.py"))):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        texts = {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        assert "validate" not in texts, path
        modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not any(module and module.endswith("validate") for module in modules), path


def row(
    model: tuple[float, float | None, float | None], interval: tuple[float, float], **other: object
) -> Row:
    base = load_targets("validate")[0]
    value = sum(interval) / 2
    target = base.model_copy(update={"value": value, "interval": interval, "tolerance": None, **other})
    return Row(target, Found(Answer(model[0]), model[1], model[2]))


@pytest.mark.parametrize(
    ("model", "interval", "sharpness", "verdict"),
    [
        ((10.0, None, None), (8.0, 12.0), "ratio", "inside"),
        ((20.0, None, None), (8.0, 12.0), "ratio", "miss"),
        ((10.0, 6.0, 17.0), (8.0, 12.0), "ratio", "hit"),
        ((10.0, 4.0, 12.0), (8.0, 12.0), "ratio", "vague"),
        ((10.0, -1.0, 11.0), (8.0, 12.0), "ratio", "vague"),
        ((-10.0, -14.0, -6.0), (-12.0, -8.0), "ratio", "hit"),
        ((20.0, 13.0, 27.0), (8.0, 12.0), "ratio", "miss"),
        ((0.5, -1.0, 2.0), (-2.0, 3.0), "width", "hit"),
        ((0.5, -4.0, 6.0), (-2.0, 3.0), "width", "vague"),
    ],
)
def test_a_hit_needs_overlap_and_a_narrow_interval(
    model: tuple[float, float | None, float | None],
    interval: tuple[float, float],
    sharpness: str,
    verdict: str,
) -> None:
    found = row(model, interval, sharpness=sharpness)
    assert found.verdict == verdict
    assert tally((found,))[verdict] == 1
    assert found.document()["verdict"] == verdict


def test_a_saved_result_answers_the_queries(finished: Path) -> None:
    result = load_result(finished)
    pair = Pair.of_result(result)
    year = result.document["by_year"]["2030"]["opioid_overdose_deaths"]
    target = load_targets("calibrate")[0]
    asked = target.query.model_copy(update={"year": 2030})
    assert ask(pair, type(asked)(name="opioid_deaths_of", year=2030)).value == pytest.approx(
        year["baseline"], rel=1e-6
    )
    losses = sum(
        result.document["by_year"]["2027"][f"medicaid_losses_{name}"]["difference"]
        for name in ("noncompliant", "compliant_unverified", "excluded_unverified")
    )
    assert ask(pair, type(asked)(name="rule_losses", year=2027)).value == pytest.approx(losses, rel=1e-6)


def test_rows_of_a_saved_result_are_those_it_can_answer(finished: Path) -> None:
    found = validate_result(load_result(finished))
    names = {one.target.id for one in found.rows}
    assert "mortality-all-causes" in names
    assert "cbo-uninsured-work" not in names


def test_months_that_a_run_did_not_live_are_refused(finished: Path) -> None:
    pair = Pair.of_result(load_result(finished))
    with pytest.raises(InputError, match="a run that lived the months"):
        ask(pair, Query.of("more_uninsured", year=2060))
