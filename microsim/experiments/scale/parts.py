"""The work of one piece: its people made or taken, lived under all arms, and tallied."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from microsim.engine.crowding import in_demand
from microsim.engine.people import People, people_of
from microsim.engine.simulate import simulate
from microsim.engine.tables import Tables
from microsim.engine.tallies import Tallies, empty
from microsim.ground.parameters import Parameters
from microsim.ground.schema import STATES
from synthetic_pop.residents import Piece, Residents


class Held(NamedTuple):
    """A piece with its people, who travel with it."""

    piece: Piece
    people: People


class Part(NamedTuple):
    """Tallies of the people of one piece, all in one state."""

    piece: Piece
    tallies: Tallies
    """Arrays (slots, time): those of `engine.tallies.Tallies` at the piece's state"""


@dataclass(frozen=True)
class Living:
    """Lives pieces: the same integers wherever and however often it is called."""

    tables: Tables
    seed: int
    base: Parameters
    residents: Residents | None = None
    """Whom to make where only a piece is given"""
    one_in: int | None = None
    """Live the sample of the first pass alone, one in this many of people with opioid use disorder"""

    def __call__(self, item: Piece | Held) -> Part:
        piece = item.piece if isinstance(item, Held) else item
        people = self._people(item)
        total = empty(len(self.tables.rates), self.tables.places.shape[2]) if people is None else simulate(
            people, self.tables, self.seed, threads=1
        )
        return Part(piece, Tallies(*(array[:, piece.state].copy() for array in total)))

    def _people(self, item: Piece | Held) -> People | None:
        sample = self.one_in is not None
        if isinstance(item, Held):
            people = item.people
        else:
            assert self.residents is not None
            columns = self.residents.columns(item, disorder=sample)
            if not len(columns["person_id"]):
                return None
            people = people_of(columns, self.base)
        if self.one_in is not None:
            people = in_demand(people, self.one_in)
        return people if len(people) else None


def held_pieces(people: People, size: int) -> tuple[Held, ...]:
    """People sorted by state, cut into pieces of at most `size` that lie in one state each."""
    begin = np.searchsorted(people.records["state"], np.arange(len(STATES) + 1))
    out = []
    for state, (first, last) in enumerate(pairwise(begin)):
        for low in range(int(first), int(last), size):
            rows = slice(low, min(low + size, int(last)))
            piece = Piece(state, low - int(first), rows.stop - int(first))
            out.append(Held(piece, People(people.records[rows], people.poor[rows])))
    return tuple(out)
