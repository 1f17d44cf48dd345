"""History matching finds the parameters behind data that the model made, and writes them within bounds."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml

from microsim.experiments.history import Space, free_space, match, posterior_of, write_posterior
from microsim.experiments.history.matching import central, describe
from microsim.experiments.history.runs import Runs
from microsim.experiments.history.writing import write_value
from microsim.ground.errors import InputError
from microsim.ground.parameters import load_parameters
from microsim.ground.parameters.loading import data_root

PERSONS = 20_000
WAVE = 48
SD = 0.02
"""Error of the made-up data, as a share of each target."""
TRUTHS = ((0.25, 0.7, 0.5, 0.65, 0.35, 0.3), (0.8, 0.3, 0.3, 0.3, 0.6, 0.7), (0.5, 0.5, 0.8, 0.5, 0.2, 0.5))
"""Points of the cube whose outputs are taken for data."""


@pytest.fixture(scope="module")
def space() -> Space:
    return free_space(load_parameters())


@pytest.fixture(scope="module")
def runs(space: Space) -> Runs:
    return Runs(load_parameters(), space, persons=PERSONS, anchored=False)


@pytest.mark.parametrize("number", range(len(TRUTHS)))
def test_known_parameters_are_recovered(space: Space, runs: Runs, number: int) -> None:
    point = np.array(TRUTHS[number])
    made = runs(point)
    truth = (made, SD * made, SD * made)
    history = match(space, runs, truth, waves=1, size=WAVE)
    posterior = posterior_of(history.emulator, truth, space.size, size=1 << 13)
    values = space.moved(posterior.points)
    low, high = posterior.quantile(values, 0.005), posterior.quantile(values, 0.995)
    known = space.moved(point[None])[0]
    assert ((low <= known) & (known <= high)).all(), dict(
        zip((axis.id for axis in space.axes), known, strict=True)
    )
    found = posterior.mean(values)
    by_id = {axis.id: column for column, axis in enumerate(space.axes)}
    stop = by_id["sud.treatment.stop_probability"]
    assert found[stop] == pytest.approx(known[stop], rel=0.05)
    product = [by_id["sud.overdose.base_rate"], by_id["sud.overdose.fatality_multiplier"]]
    mean = np.exp(posterior.mean(np.log(values)))
    assert mean[product].prod() == pytest.approx(known[product].prod(), rel=0.15)
    about = describe(space, history, posterior)
    assert about["correlation"]["sud.overdose.base_rate"][by_id["sud.overdose.fatality_multiplier"]] < -0.7
    assert about["parameters"][stop]["narrower"] > 0.5


def test_runs_are_kept_and_read_again(space: Space, tmp_path: Path) -> None:
    file = tmp_path / "runs.jsonl"
    point = np.full(space.size, 0.4)
    first = Runs(load_parameters(), space, persons=PERSONS, anchored=False, file=file)(point)
    with file.open("a", encoding="utf-8") as half:
        half.write('{"key": "cut o')
    again = Runs(load_parameters(), space, persons=PERSONS, anchored=False, file=file)
    assert len(file.read_text(encoding="utf-8").splitlines()) == 2
    np.testing.assert_array_equal(again(point), first)
    assert len(file.read_text(encoding="utf-8").splitlines()) == 2


def test_points_stay_within_their_evidence(space: Space) -> None:
    cube = np.linspace(0, 1, 11)
    for axis in space.axes:
        values = axis.values(cube)
        assert (np.diff(values) > 0).all()
        assert values[0] == pytest.approx(axis.low) and values[-1] == pytest.approx(axis.high)
        assert axis.values(np.array(0.5)) == pytest.approx(axis.centre)
        for unit in cube:
            assert axis.unit(float(axis.values(np.array(unit)))) == pytest.approx(unit, abs=1e-9)


def test_written_parameters_load_with_their_new_status(space: Space, tmp_path: Path) -> None:
    root = tmp_path / "parameters"
    shutil.copytree(data_root(), root)
    before = load_parameters()
    values = {axis.id: float(axis.values(np.array(0.7))) for axis in space.axes}
    write_posterior(before, space, values, {"runs": 1}, root)
    after = load_parameters(root)
    for axis in space.axes:
        record, old = after.record(axis.id), before.record(axis.id)
        assert record.status == "calibrated"
        expected = old.steps * values[axis.id] if axis.is_factor else values[axis.id]
        np.testing.assert_allclose(record.steps, expected, rtol=2e-3)
        if axis.is_factor:
            # The ends of the evidence stay where they were.
            ends = [values[axis.id] * one for one in record.interval_factor or ()]
            np.testing.assert_allclose(ends, old.interval_factor, rtol=2e-3)
        assert record.note == old.note and record.derivation == old.derivation
    assert {id_ for id_ in before if before.record(id_).identity() != after.record(id_).identity()} == set(
        values
    )
    assert yaml.safe_load((root / "targets" / "posterior.yaml").read_text())["runs"] == 1


def test_a_single_number_is_written_where_it_stands(tmp_path: Path) -> None:
    root = tmp_path / "parameters"
    shutil.copytree(data_root(), root)
    write_value(load_parameters(), "medicaid.verification.visibility_shift", -0.7, root)
    after = load_parameters(root).record("medicaid.verification.visibility_shift")
    assert float(after.steps[0]) == -0.7 and after.status == "calibrated"


def test_a_value_outside_its_evidence_is_refused(space: Space, tmp_path: Path) -> None:
    values = {axis.id: axis.centre for axis in space.axes} | {space.axes[3].id: 2 * space.axes[3].high}
    with pytest.raises(InputError, match="within its evidence"):
        write_posterior(load_parameters(), space, values, {}, tmp_path)


def test_shipped_calibrated_values_lie_in_their_evidence() -> None:
    p = load_parameters()
    for id_ in p.ids():
        record = p.record(id_)
        if record.status != "calibrated":
            continue
        if record.interval is not None:
            assert record.interval[0] <= record.steps.min() and record.steps.max() <= record.interval[1], id_
        if record.interval_factor is not None:
            assert record.interval_factor[0] <= 1 <= record.interval_factor[1], id_


def test_the_written_point_keeps_products(space: Space) -> None:
    points = np.random.default_rng(1).random((64, space.size))
    from microsim.experiments.history import Posterior

    found = central(space, Posterior(points, np.full(64, 1 / 64)))
    logs = np.log(space.moved(points)).mean(axis=0)
    np.testing.assert_allclose(list(found.values()), np.exp(logs))
