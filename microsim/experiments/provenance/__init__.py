"""From evidence to a simulated month: what stands behind a parameter, and where it goes in a run."""

from __future__ import annotations

from typing import Any, NamedTuple

from microsim.experiments.provenance.feeding import BASELINE, fed_by
from microsim.experiments.provenance.naming import cited_by, computed_from, named_in
from microsim.experiments.provenance.reading import Reader, readers_of
from microsim.experiments.provenance.transitions import Transition, transitions

__all__ = ["BASELINE", "Reader", "Transition", "Use", "transitions", "transitions_of", "use_of"]


class Use(NamedTuple):
    """What a parameter does in a run."""

    moves: dict[str, tuple[Reader, ...]]
    """By field of the hazard tables that it moves, the functions of a month that read the field."""
    under: str
    """Where it was seen to move them: the baseline, a policy, or `parameter=choice`."""
    computes: tuple[str, ...]
    """Parameters computed from it."""
    cited_by: tuple[str, ...]
    """Parameters that were set from it, in the words of their derivation or note."""
    named_in: tuple[str, ...]
    """Modules that name it."""

    def document(self) -> dict[str, Any]:
        """What `parameter show --json` prints of it."""
        return {
            "moves": {field: [one._asdict() for one in readers] for field, readers in self.moves.items()},
            "under": self.under,
            "computes": list(self.computes),
            "cited_by": list(self.cited_by),
            "named_in": list(self.named_in),
        }


def use_of(id_: str) -> Use:
    """What a parameter does in a run, found by moving it. Raises InputError for an unknown id."""
    fed = fed_by(id_)
    moves = {field: readers_of(field) for field in fed.fields}
    return Use(moves, fed.under, computed_from(id_), cited_by(id_), named_in(id_))


def transitions_of(id_: str) -> tuple[Transition, ...]:
    """Rows of the transition table whose number is this parameter."""
    return tuple(row for row in transitions() if row.parameter == id_)
