"""Work on a real local Dask cluster: the values of one process, whoever dies on the way."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import Command

from microsim.engine.crowding import tables_with_crowding
from microsim.engine.people import people_of
from microsim.engine.simulate import simulate
from microsim.engine.tables import build_tables
from microsim.engine.tallies import Tallies
from microsim.experiments.compare import CROWDING_ONE_IN
from microsim.experiments.engines import cluster, engine_of
from microsim.experiments.scale.checkpoint import Checkpoint
from microsim.experiments.scale.living import live_pieces
from microsim.experiments.scale.parts import Living
from microsim.ground.errors import InputError
from microsim.ground.parameters import Parameters, load_parameters
from microsim.ground.policies import apply_policies
from synthetic_pop.residents import residents

pytest.importorskip("distributed", reason="Dask is not installed: pip install 'microsim-us[cluster]'")

MONTHS = 24
SEED = 7
PIECE = 1_500


@pytest.fixture(scope="module")
def engine() -> Iterator[Any]:
    workers = engine_of("dask", 2)
    yield workers
    workers.close()


@pytest.fixture(scope="module")
def case() -> tuple[Living, tuple[Parameters, Parameters], Tallies]:
    """A state in pieces, and what one process makes of it."""
    base = apply_policies(load_parameters(), ["baseline"])
    arms = (base, apply_policies(base, ["budget2025"]))
    whom = residents(6_000_000, states=["WY"])
    pieces = [whom.columns(piece) for piece in whom.pieces(PIECE)]
    people = people_of({name: np.concatenate([one[name] for one in pieces]) for name in pieces[0]}, base)
    tables, _ = tables_with_crowding(people, arms, MONTHS, SEED, 2, CROWDING_ONE_IN)
    return Living(build_tables(arms, MONTHS), SEED, base, whom), arms, simulate(people, tables, SEED)


def on(engine: Any, case: Any, report: Any, checkpoint: Checkpoint | None = None) -> Tallies:
    living, arms, _ = case
    items = living.residents.pieces(PIECE)
    return live_pieces(items, living, arms, CROWDING_ONE_IN, engine, report, checkpoint)[0]


def same(one: Tallies, other: Tallies) -> bool:
    return all(a.tobytes() == b.tobytes() for a, b in zip(one, other, strict=True))


class Interrupted(Exception):
    """Stands for the death of the process that gives out the work."""


def test_a_worker_that_is_killed_changes_nothing(engine: Any, case: Any) -> None:
    killed: list[int] = []

    def report(said: str, done: int, total: int) -> None:
        if said == "living" and done and not killed:
            killed.extend(list(engine._client.run(os.getpid).values())[:1])
            os.kill(killed[0], signal.SIGKILL)

    assert same(on(engine, case, report), case[2])
    assert killed


def test_another_client_goes_on_with_what_the_first_has_kept(engine: Any, case: Any, tmp_path: Path) -> None:
    counted: list[int] = []

    def report(said: str, done: int, total: int) -> None:
        if said == "living":
            counted.append(done)
            if len(counted) == 3:
                raise Interrupted

    first = Checkpoint(tmp_path)
    with pytest.raises(Interrupted):
        on(engine, case, report, first)
    first.close()
    seen: list[int] = []
    other = engine_of("dask", 2, engine._client.scheduler.address)
    total = on(
        other,
        case,
        lambda said, done, _: seen.append(done) if said == "living" else None,
        Checkpoint(tmp_path),
    )
    other.close()
    assert seen[0] >= counted[-1] > 0
    assert seen == sorted(seen) and len(set(seen)) == len(seen)
    assert same(total, case[2])


def test_workers_with_other_code_are_refused(engine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "code_digest", lambda: "other")
    with pytest.raises(InputError, match=r"code .*, here other"):
        engine_of("dask", 2, engine._client.scheduler.address)
    # A worker that joins later meets the check before any work.
    with pytest.raises(InputError, match="a worker"):
        list(engine.each(str, [1]))


def test_what_fails_on_a_worker_is_said_here(engine: Any) -> None:
    with pytest.raises(InputError, match="months"):
        list(engine.each(refused, [1]))


def refused(item: int) -> None:
    """Work that finds bad input."""
    raise InputError(None, "months", item, "another number")


@pytest.mark.parametrize(
    ("name", "scheduler", "words"),
    [
        ("dask", "tcp://127.0.0.1:1", "scheduler"),
        ("threads", "tcp://x:1", "--engine dask"),
        ("spark", None, "spark"),
    ],
)
def test_engines_that_cannot_be_used(
    name: str, scheduler: str | None, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "JOIN_SECONDS", 1)
    with pytest.raises(InputError, match=words):
        engine_of(name, 2, scheduler)


def unreached(address: str) -> str:
    with pytest.raises(InputError) as error:
        cluster.check(address)
    return str(error.value)


def test_addresses_where_no_scheduler_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = "expected the address of a scheduler with workers"
    assert unreached("nonsense") == f"--scheduler: 'nonsense': {expected} (as in tcp://HOST:PORT)"
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.3)
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{held.getsockname()[1]}"
        assert unreached(address) == f"--scheduler: '{address}': {expected} (Connection refused)"
        held.listen()  # takes the connection, and says nothing
        assert unreached(address) == f"--scheduler: '{address}': {expected} (no answer in 0.3 seconds)"


@pytest.mark.parametrize("address", ["nonsense", "tcp://127.0.0.1:9"])
def test_the_command_ends_with_one_line(address: str, command: Command) -> None:
    args = ("--policy", "enacted", "--engine", "dask", "--scheduler", address)
    begun = time.monotonic()
    done = command("run", *args)
    assert time.monotonic() - begun < 30
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(f"error: --scheduler: '{address}': expected the address of a scheduler")
