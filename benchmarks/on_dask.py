"""What Dask adds: the same pieces of people on threads and on a local cluster of as many processes.

`python benchmarks/on_dask.py` prints seconds of both, by round, and the ratio of their medians. `--people`
are lived in each task, in `--tasks` tasks; rounds alternate, so that a busy machine slows both. The cluster
is started, and its workers have lived a piece, before the clock runs, as on a cluster that is kept.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import time

from microsim.engine.tables import build_tables
from microsim.experiments.engines import Engine, engine_of
from microsim.experiments.scale.parts import Living
from microsim.ground.parameters import load_parameters
from microsim.ground.policies import apply_policies
from synthetic_pop.residents import Piece, residents

MONTHS = 132
"""To December 2034"""
SEED = 20240101


def pieces_of(people: int, tasks: int) -> tuple[Living, list[Piece]]:
    """Work on as many pieces of the largest states, two arms, and the pieces."""
    base = apply_policies(load_parameters(), ["baseline"])
    arms = (base, apply_policies(base, ["budget2025"]))
    whom = residents(states=["CA", "TX", "FL", "NY"])
    pieces = [piece for piece in whom.pieces(people) if piece.high - piece.low == people]
    if len(pieces) < tasks:
        raise SystemExit(f"{tasks} tasks of {people:,} people are more than the four largest states hold")
    # The same share of every state, so that tasks are alike on both engines.
    return Living(build_tables(arms, MONTHS), SEED, base, whom), pieces[:: len(pieces) // tasks][:tasks]


def seconds(engine: Engine, living: Living, pieces: list[Piece]) -> float:
    """Wall time of all pieces, until the last tallies are here."""
    began = time.perf_counter()
    assert len(list(engine.each(living, pieces))) == len(pieces)
    return time.perf_counter() - began


def main() -> None:
    """Run and print."""
    ask = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    ask.add_argument("--people", type=int, default=1_000_000)
    ask.add_argument("--tasks", type=int, default=2)
    ask.add_argument("--rounds", type=int, default=3)
    ask.add_argument("--lanes", type=int, default=2, help="threads, and processes of the cluster")
    asked = ask.parse_args()
    living, pieces = pieces_of(asked.people, asked.tasks)
    warm = [piece._replace(high=piece.low + 1_000) for piece in itertools.islice(itertools.cycle(pieces), 8)]
    engines = {name: engine_of(name, asked.lanes) for name in ("threads", "dask")}
    taken: dict[str, list[float]] = {name: [] for name in engines}
    try:
        for engine in engines.values():
            seconds(engine, living, warm)
        for turn in range(asked.rounds):
            for name in sorted(engines, reverse=bool(turn % 2)):
                taken[name].append(seconds(engines[name], living, pieces))
                print(f"round {turn + 1}: {name} {taken[name][-1]:.1f} s", flush=True)
    finally:
        for engine in engines.values():
            engine.close()
    local, dask = (statistics.median(taken[name]) for name in ("threads", "dask"))
    print(f"threads {local:.1f} s, dask {dask:.1f} s, ratio {dask / local:.2f}")


if __name__ == "__main__":
    main()
