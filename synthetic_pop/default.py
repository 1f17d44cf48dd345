"""The default population, built on first use and kept in the user's cache."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import platformdirs

from microsim.ground.errors import InputError
from synthetic_pop.builder import (
    DEFAULT_PERSONS,
    DEFAULT_SEED,
    Model,
    Progress,
    build,
    iterate_shards,
    state_codes,
)
from synthetic_pop.files import Columns, load, write
from synthetic_pop.inputs import inputs_digest

KEEP = 4
"""Populations kept in the cache; older ones are removed."""


def cache_file(persons: int, seed: int) -> Path:
    """Where a default population is kept: named by size, seed, and the digest of records, tables and code."""
    root = os.environ.get("MICROSIM_CACHE_DIR") or platformdirs.user_cache_dir("microsim", appauthor=False)
    return Path(root) / "population" / f"{persons}-{seed}-{inputs_digest()}.parquet"


def about(persons: int | None, seed: int) -> dict[str, str]:
    """Metadata of a built file."""
    return {
        "microsim.persons": str(persons or "all"),
        "microsim.seed": str(seed),
        "microsim.inputs": inputs_digest(),
    }


def default_population(
    persons: int = DEFAULT_PERSONS,
    seed: int = DEFAULT_SEED,
    progress: Progress | None = None,
    threads: int = 2,
) -> Columns:
    """The shipped population of `persons` records, from the cache or built now.

    Processes may share the cache: a file appears whole. Where nothing can be written the
    population is built in memory; a damaged file is built again.
    """
    path = cache_file(persons, seed)
    if path.is_file():
        try:
            return load(path)
        except (InputError, OSError):
            pass
    columns = build(persons, seed, threads=threads, progress=progress)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, [columns], about(persons, seed))
        _prune(path)
    except (InputError, OSError):
        pass
    return columns


def build_file(
    path: str | Path,
    persons: int | None = DEFAULT_PERSONS,
    seed: int = DEFAULT_SEED,
    states: Sequence[str] | None = None,
    threads: int = 2,
    progress: Progress | None = None,
    model: Model | None = None,
) -> int:
    """Build a population into one Parquet file, which appears whole; returns the records written.

    `persons=None` streams every resident of the states, in memory that does not grow. `model`
    replaces the shipped one, for instance with other parameters.
    """
    shards: Iterable[Columns]
    if persons is None:
        shards = _reported(iterate_shards(seed, states, model=model), states, progress)
    else:
        shards = [build(persons, seed, states, threads, progress, model)]
    return write(path, shards, about(persons, seed))


def _reported(
    shards: Iterable[Columns], states: Sequence[str] | None, progress: Progress | None
) -> Iterator[Columns]:
    codes = state_codes(states)
    for shard in shards:
        yield shard
        if progress:
            progress((codes.index(int(shard["state"][-1])) + 1) / len(codes), "drawing people")


def _prune(latest: Path) -> None:
    kept = sorted(latest.parent.glob("*.parquet"), key=lambda f: f.stat().st_mtime, reverse=True)
    for old in kept[KEEP:]:
        if old != latest:
            old.unlink(missing_ok=True)
