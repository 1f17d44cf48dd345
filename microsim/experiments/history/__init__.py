"""History matching: which values of a few parameters agree with the targets that are fitted."""

from microsim.experiments.history.emulator import Emulator, emulate
from microsim.experiments.history.matching import History, Posterior, match, posterior_of
from microsim.experiments.history.space import Space, free_space
from microsim.experiments.history.writing import write_posterior

__all__ = [
    "Emulator",
    "History",
    "Posterior",
    "Space",
    "emulate",
    "free_space",
    "match",
    "posterior_of",
    "write_posterior",
]
