"""A run in pieces on any engine, with what is finished kept as it goes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace

from microsim.engine import tallies
from microsim.engine.crowding import arms_agree, crowding_from
from microsim.engine.tables import Crowding, Tables, crowded
from microsim.engine.tallies import Tallies
from microsim.experiments.engines import Engine
from microsim.experiments.scale.checkpoint import Checkpoint
from microsim.experiments.scale.parts import Held, Living
from microsim.ground.parameters import Parameters
from synthetic_pop.residents import Piece

PIECE = 250_000
"""Most residents in a piece: what a thread can lose."""
HELD_PIECE = 20_000
"""Most records in a piece of a population in memory, which travels to a worker with its piece."""

Report = Callable[[str, int, int], None]


def live_pieces(
    items: Sequence[Piece | Held],
    living: Living,
    arms: Sequence[Parameters],
    one_in: int,
    engine: Engine,
    report: Report,
    checkpoint: Checkpoint | None = None,
) -> tuple[Tallies, Tables, list[Crowding | None]]:
    """Tallies of all arms, the tables they were lived by, and the crowding that the first pass found.

    `living` holds the people's source, and tables without crowding. The integers are those of
    `engine.simulate` on the same people, for any engine, order, piece size and number of interruptions.
    """
    plain = living.tables
    crowding: list[Crowding | None] = [None] * len(arms)
    tables = plain
    if not arms_agree(plain):
        first = replace(living, one_in=one_in)
        demand = _added_up(items, first, "first", "first pass", engine, report, checkpoint)
        crowding = crowding_from(demand, plain)
        tables = crowded(plain, arms, crowding)
    total = _added_up(items, replace(living, tables=tables), "second", "living", engine, report, checkpoint)
    return total, tables, crowding


def _added_up(
    items: Sequence[Piece | Held],
    living: Living,
    stage: str,
    said: str,
    engine: Engine,
    report: Report,
    checkpoint: Checkpoint | None,
) -> Tallies:
    total = tallies.empty(len(living.tables.rates), living.tables.places.shape[2])
    done: dict[int, set[tuple[int, int]]] = {}
    pieces = [item.piece if isinstance(item, Held) else item for item in items]
    for state in sorted({piece.state for piece in pieces}):
        asked = {(piece.low, piece.high) for piece in pieces if piece.state == state}
        kept = None if checkpoint is None else checkpoint.kept(stage, state)
        done[state] = set()
        if kept is not None and kept[0] <= asked:
            done[state] = kept[0]
            _add(total, state, kept[1])
    left = [row for row, piece in enumerate(pieces) if (piece.low, piece.high) not in done[piece.state]]
    people = sum(piece.records for piece in pieces)
    finished = people - sum(pieces[row].records for row in left)
    report(said, finished, people)
    # Closed at once on an interruption, so that no more pieces are begun.
    with closing(engine.each(living, [items[row] for row in left])) as parts:
        for _, (piece, part) in parts:
            if (piece.low, piece.high) in done[piece.state]:
                continue
            _add(total, piece.state, part)
            done[piece.state].add((piece.low, piece.high))
            if checkpoint is not None:
                mine = Tallies(*(array[:, piece.state] for array in total))
                checkpoint.keep(stage, piece.state, sorted(done[piece.state]), mine)
            finished += piece.records
            report(said, finished, people)
    return total


def _add(total: Tallies, state: int, part: Tallies) -> None:
    for whole, piece in zip(total, part, strict=True):
        mine = whole[:, state]
        for name in whole.dtype.names or ():
            mine[name] += piece[name]
