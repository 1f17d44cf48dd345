"""Drawn words that remember their event and note every threshold they are compared with."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from microsim.ground import draws
from microsim.ground.draws import ONE
from microsim.ground.exponential import EXPONENTIAL_ONE

_BLOCK = 4
_TRAIT = "TRAIT_"
_NO_EVENTS = ("ONE", "LASTING")


class Use(NamedTuple):
    """One use of a draw."""

    event: str
    number: float
    """The word as a number in [0, 1), from the end of the scale that was read; of a tolerance, a sum of hazards."""
    against: float | None
    """What it was compared with; None where the word was used as it is."""
    below: bool | None
    where: str
    """Function of microsim.life that used it."""
    from_top: bool
    """Whether the number counts from the top of the scale, as for a word that decides two events."""


Note = Callable[[Use], None]


def _names() -> tuple[dict[int, str], dict[int, str]]:
    monthly, lasting = {}, {}
    for name, value in vars(draws).items():
        if not name.isupper() or not isinstance(value, int) or name in _NO_EVENTS:
            continue
        if name.startswith(_TRAIT):
            lasting[value] = name
        elif not name.startswith("SCREEN_"):
            monthly[value] = name
    return monthly, lasting


_MONTHLY, _LASTING = _names()


def event_name(month: int, event: int) -> str:
    """Name of an event of ground.draws; its number where it has none."""
    names = _LASTING if month == draws.LASTING else _MONTHLY
    return names.get(event, str(event))


class Word(int):
    """An int in [0, 2**32) that behaves as one and calls `note` with every use."""

    event: str
    note: Note
    from_top: bool
    taken: int
    """What was taken off before, where one word decides several events in turn."""

    @classmethod
    def made(cls, value: int, event: str, note: Note, from_top: bool = False, taken: int = 0) -> Word:
        word = cls(value)
        word.event, word.note, word.from_top, word.taken = event, note, from_top, taken
        return word

    def _compare(self, other: Any) -> bool:
        below = int(self) < int(other)
        number, against = ((int(value) + self.taken) / ONE for value in (self, other))
        where = sys._getframe(2).f_code.co_name
        self.note(Use(self.event, number, against, below, where, self.from_top))
        return below

    def __lt__(self, other: Any) -> bool:
        return self._compare(other)

    def __ge__(self, other: Any) -> bool:
        return not self._compare(other)

    def __sub__(self, other: Any) -> Word:
        less, taken = int(self) - int(other), self.taken + int(other)
        return Word.made(less, self.event, self.note, self.from_top, taken)

    def __rsub__(self, other: Any) -> Word:
        return Word.made(int(other) - int(self), self.event, self.note, not self.from_top)

    def __rshift__(self, other: Any) -> int:
        where = sys._getframe(1).f_code.co_name
        self.note(Use(self.event, int(self) / ONE, None, None, where, self.from_top))
        return int(self) >> int(other)


class Tolerance(int):
    """A person's tolerance that notes the exposure it is compared with; both as sums of hazards."""

    note: Note

    @classmethod
    def made(cls, value: int, note: Note) -> Tolerance:
        tolerance = cls(value)
        tolerance.note = note
        return tolerance

    def __gt__(self, other: Any) -> bool:
        above = int(self) > int(other)
        number, against = (int(value) / EXPONENTIAL_ONE for value in (self, other))
        where = sys._getframe(1).f_code.co_name
        self.note(Use("TOLERANCE", number, against, not above, where, from_top=False))
        return above


def noting_block(note: Note) -> Callable[..., tuple[Word, ...]]:
    """`ground.draws.block` whose words note their uses."""
    plain: Any = draws.block

    def block(key: Any, month: int, number: int) -> tuple[Word, ...]:
        words = plain(key, month, number)
        names = (event_name(month, _BLOCK * number + place) for place in range(_BLOCK))
        return tuple(Word.made(word, name, note) for word, name in zip(words, names, strict=True))

    return block
