"""Synthetic people: every resident of the United States, from published margins and survey tables."""

from synthetic_pop.builder import DEFAULT_PERSONS, DEFAULT_SEED, build, iterate_shards
from synthetic_pop.default import build_file, default_population
from synthetic_pop.describe import describe
from synthetic_pop.files import load

__all__ = [
    "DEFAULT_PERSONS",
    "DEFAULT_SEED",
    "build",
    "build_file",
    "default_population",
    "describe",
    "iterate_shards",
    "load",
]
