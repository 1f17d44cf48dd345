"""Runs in pieces: the same people and the same integers, however they are cut, interrupted or repeated."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

import synthetic_pop as sp
from microsim.engine.crowding import tables_with_crowding
from microsim.engine.people import People, people_of
from microsim.engine.simulate import simulate
from microsim.engine.tables import Tables, build_tables
from microsim.engine.tallies import Tallies
from microsim.experiments.compare import CROWDING_ONE_IN
from microsim.experiments.engines.threads import Threads
from microsim.experiments.scale.checkpoint import Checkpoint, folder_of
from microsim.experiments.scale.living import live_pieces
from microsim.experiments.scale.parts import Living, held_pieces
from microsim.ground.errors import InputError
from microsim.ground.parameters import Parameters, load_parameters
from microsim.ground.policies import apply_policies
from microsim.ground.schema import FLAG, STATES
from synthetic_pop.builder import default_model
from synthetic_pop.residents import Residents, residents

MONTHS = 48
SEED = 7
PIECE = 2_000


class Case(NamedTuple):
    whom: Residents
    people: People
    arms: tuple[Parameters, Parameters]
    plain: Tables
    expected: Tallies


@pytest.fixture(scope="module")
def case() -> Case:
    """Two small states, lived whole in memory: what every way of cutting them must give."""
    base = apply_policies(load_parameters(), ["baseline"])
    arms = (base, apply_policies(base, ["budget2025"]))
    whom = residents(4_000_000, states=["VT", "WY"])
    pieces = [whom.columns(piece) for piece in whom.pieces(PIECE)]
    people = people_of({name: np.concatenate([one[name] for one in pieces]) for name in pieces[0]}, base)
    tables, _ = tables_with_crowding(people, arms, MONTHS, SEED, 2, CROWDING_ONE_IN)
    return Case(whom, people, arms, build_tables(arms, MONTHS), simulate(people, tables, SEED))


def lived(case: Case, size: int, checkpoint: Checkpoint | None = None, report=lambda *_: None) -> Tallies:  # type: ignore[no-untyped-def]
    living = Living(case.plain, SEED, case.arms[0], case.whom)
    items = case.whom.pieces(size)
    return live_pieces(items, living, case.arms, CROWDING_ONE_IN, Threads(2), report, checkpoint)[0]


def same(one: Tallies, other: Tallies) -> bool:
    return all(a.tobytes() == b.tobytes() for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("size", [PIECE, 5_003, 10**6])
def test_pieces_add_up_to_the_whole(case: Case, size: int) -> None:
    assert same(lived(case, size), case.expected)


def test_people_in_memory_are_cut_at_the_borders_of_states(case: Case) -> None:
    items = held_pieces(case.people, 3_001)
    assert sum(item.piece.records for item in items) == len(case.people)
    assert all((item.people.records["state"] == item.piece.state).all() for item in items)
    living = Living(case.plain, SEED, case.arms[0])
    total, _, _ = live_pieces(items, living, case.arms, CROWDING_ONE_IN, Threads(2), lambda *_: None)
    assert same(total, case.expected)


def test_all_residents_are_the_built_people_once_each() -> None:
    whom = residents(states=["WY"])
    assert whom.records() == default_model().cells.count[STATES.index("WY")].sum()
    mine = [whom.columns(piece) for piece in whom.pieces(200_000)]
    theirs = list(sp.iterate_shards(states=["WY"], shard=350_000))
    for name in mine[0]:
        assert np.array_equal(
            np.concatenate([c[name] for c in mine]), np.concatenate([c[name] for c in theirs])
        )
    assert set(np.concatenate([c["weight"] for c in mine]).tolist()) == {1000}


def test_an_even_sample_has_everybody_s_weight() -> None:
    part, whole = residents(20_000_000, states=["DC", "WY"]), residents(states=["DC", "WY"])
    columns = [part.columns(piece) for piece in part.pieces(10_000)]
    weight = np.concatenate([c["weight"] for c in columns])
    assert weight.sum() == 1000 * whole.records()
    assert np.ptp(weight) <= 1
    ids = np.concatenate([c["person_id"] for c in columns])
    assert len(np.unique(ids)) == len(ids) == part.records()
    # Every group of people is met in its share, to the spread of an even sample.
    flags = np.concatenate([c["flags"] for c in columns])
    full = np.concatenate([whole.columns(piece)["flags"] for piece in whole.pieces(10**6)])
    for name in ("smi", "veteran", "snap"):
        share = (full & FLAG[name] > 0).mean()
        assert (flags & FLAG[name] > 0).mean() == pytest.approx(share, abs=5 * (share / len(ids)) ** 0.5)


def test_people_with_a_disorder_are_all_of_them(case: Case) -> None:
    for piece in case.whom.pieces(10_000)[:2]:
        every, some = case.whom.columns(piece), case.whom.columns(piece, disorder=True)
        has = (every["opioid"] >= 1) & (every["opioid"] <= 6)
        assert all(np.array_equal(every[name][has], some[name]) for name in every)


def test_more_than_everybody_is_everybody() -> None:
    assert residents(10**10) == residents()
    assert residents(10**10).name == residents().name != residents(10**8).name


class Interrupted(Exception):
    """Stands for the moment at which a run is killed."""


def test_an_interrupted_run_goes_on_where_it_was(case: Case, tmp_path: Path) -> None:
    counted: list[int] = []

    def once(said: str, done: int, total: int) -> None:
        if said == "living":
            counted.append(done)
        if len(counted) == 4:
            raise Interrupted

    checkpoint = Checkpoint(tmp_path / "kept")
    with pytest.raises(Interrupted):
        lived(case, PIECE, checkpoint, once)
    checkpoint.close()
    (tmp_path / "kept" / "half.part").write_bytes(b"left by a killed process")
    seen: list[tuple[str, int]] = []
    again = Checkpoint(tmp_path / "kept")
    total = lived(case, PIECE, again, lambda said, done, _: seen.append((said, done)))
    assert same(total, case.expected)
    first = next(done for said, done in seen if said == "living")
    # What was counted stays; the two pieces that were running are all that can be lost.
    assert first >= counted[-1] > counted[0] == 0
    assert next(done for said, done in seen if said == "first pass") == len(case.people)
    assert not list((tmp_path / "kept").glob("*.part"))
    again.remove()
    assert not (tmp_path / "kept").exists()


def test_damaged_and_foreign_checkpoints_are_lived_again(case: Case, tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path)
    lived(case, PIECE, checkpoint)
    files = sorted(tmp_path.glob("second-*.npz"))
    files[0].write_bytes(files[0].read_bytes()[:-200])
    assert same(lived(case, PIECE, checkpoint), case.expected)
    # Pieces of another size are other pieces.
    assert same(lived(case, 5_000, checkpoint), case.expected)


def test_one_process_at_a_time(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "out", "abc")
    assert folder.parent == tmp_path and folder.name.startswith(".out-")
    held = Checkpoint(folder)
    with pytest.raises(InputError, match=r"no other process"):
        Checkpoint(folder)
    held.close()
    Checkpoint(folder).close()


def test_api_runs_a_state_larger_than_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    import microsim
    from microsim.experiments import compare

    whole = microsim.run(policy="budget2025", persons=500_000, states=["WY"], end="2025-12")
    monkeypatch.setattr(compare, "IN_MEMORY", 10_000)
    result = microsim.run(policy="budget2025", persons=200_000, states=["WY"], end="2025-12")
    assert result.manifest["population"].startswith("residents-200000-")
    assert result.manifest["records"] < 2_000
    for name in ("medicaid_enrollees_end", "uninsured_end"):
        mine, theirs = (r.document["measures"][name]["baseline"] for r in (result, whole))
        assert mine == pytest.approx(theirs, rel=0.5)


def test_a_budget_of_people_in_pieces_says_how_many(monkeypatch: pytest.MonkeyPatch) -> None:
    import json

    from click.testing import CliRunner

    from microsim.cli.main import main
    from microsim.experiments import compare

    monkeypatch.setattr(compare, "IN_MEMORY", 10_000)
    asked = "budget --policy enacted --persons 100000 --states WY --json --quiet"
    result = CliRunner().invoke(main, asked.split())
    assert result.exit_code == 0, result.output
    assert 100 < json.loads(result.stdout)["records"] < 1_000


def test_a_full_disk_is_said_in_one_line(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    checkpoint = Checkpoint(tmp_path)
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(InputError, match="No space left on device"):
        lived(case, PIECE, checkpoint)
    assert not list(tmp_path.glob("*.part"))
