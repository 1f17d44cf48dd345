"""The largest counts that options take, so that a slip of the hand is refused before any work."""

from __future__ import annotations

MOST_DRAWS = 100_000
"""Half a second and more each: a day of work."""
MOST_THREADS = 1_024
MOST_SEED = (1 << 64) - 1
