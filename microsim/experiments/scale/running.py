"""A run that does not fit one memory or one machine: whom it draws, where it works, how it is lived."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from microsim.engine import tallies
from microsim.engine.people import RECORD, People, people_of
from microsim.engine.tables import build_tables
from microsim.experiments.asked import ALL
from microsim.experiments.compare import CROWDING_ONE_IN, Lived, Report, Setup, load_people, silent
from microsim.experiments.engines import Engine, engine_of
from microsim.experiments.engines.threads import Threads
from microsim.experiments.scale.checkpoint import Checkpoint, folder_of
from microsim.experiments.scale.living import HELD_PIECE, PIECE, live_pieces
from microsim.experiments.scale.parts import Living, held_pieces
from microsim.ground.parameters import Parameters
from synthetic_pop.residents import Residents, residents


def nobody() -> People:
    """No people at all."""
    return People(np.empty(0, RECORD), np.empty(0, np.int64))


def streamed(persons: int | str | None, states: tuple[str, ...], report: Report = silent) -> Residents:
    """Whom to draw piece by piece: all residents of the states, or so many of the nation's."""
    report("counting residents", 0, 1)
    return residents(None if persons in (None, ALL) else int(persons), states=states or None)


def live_in_pieces(
    ready: Setup, trees: Sequence[Parameters], threads: int, report: Report, engine: Engine | None,
    checkpoint: Checkpoint | None,
) -> Lived:  # fmt: skip
    """Live all arms of `trees` in pieces on `engine`, or on threads; see `compare.live`."""
    whom = ready.residents
    items = held_pieces(ready.people, HELD_PIECE) if whom is None else whom.pieces(PIECE)
    living = Living(build_tables(trees, ready.months), ready.seed, ready.arms[0], whom)
    total, tables, crowding = live_pieces(
        items, living, trees, CROWDING_ONE_IN, engine or Threads(threads), report,
        checkpoint,
    )
    return Lived(tallies.parted(total), tables, crowding)


def with_people(ready: Setup, threads: int = 2, report: Report = silent) -> Setup:
    """The run with the default sample in memory, to live draws on, where its own people come in pieces."""
    if ready.residents is None or ready.draws == 1:
        return ready
    columns, _ = load_people(None, None, threads, report)
    return ready._replace(people=people_of(columns, ready.arms[0], ready.states or None))


@contextmanager
def working(name: str, threads: int, scheduler: str | None = None) -> Iterator[Engine | None]:
    """The engine of a name, given back after use; None for threads, which need none."""
    engine = engine_of(name, threads, scheduler)
    try:
        yield None if name == "threads" else engine
    finally:
        engine.close()


@contextmanager
def kept_in(
    out: Path, ready: Setup, engine: Engine | None, say: Callable[[str], None]
) -> Iterator[Checkpoint | None]:
    """The checkpoint of a run in pieces beside its results' folder; None for a run that has none.

    What an interrupted run leaves is found by the next one of the same identity. Raises InputError when it
    cannot be written, or another process is at work on it.
    """
    if ready.residents is None and engine is None:
        yield None
        return
    checkpoint = Checkpoint(folder_of(out, ready.run))
    if any(checkpoint.folder.glob("*.npz")):
        say(f"going on with what is finished of run {ready.run}")
    try:
        yield checkpoint
    finally:
        checkpoint.close()
