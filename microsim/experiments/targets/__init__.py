"""Published figures as data, the queries that answer them, and the model beside them."""

from microsim.experiments.targets import queries_cohort, queries_health, queries_shares  # noqa: F401  (register queries)
from microsim.experiments.targets.loading import check_frozen, digest, frozen_digests, load_targets
from microsim.experiments.targets.model import Target
from microsim.experiments.targets.pairs import Pair
from microsim.experiments.targets.queries import ask, check_query
from microsim.experiments.targets.verdicts import Row, rows_of, sentences, tally
from microsim.experiments.targets.worlds import Found, find

__all__ = [
    "Found",
    "Pair",
    "Row",
    "Target",
    "ask",
    "check_frozen",
    "check_query",
    "digest",
    "find",
    "frozen_digests",
    "load_targets",
    "rows_of",
    "sentences",
    "tally",
]
