"""Lives in rows of whole numbers, so that each arm's can be put aside and compared."""

from __future__ import annotations

from numba.np.unsafe.ndarray import to_fixed_tuple

from microsim.ground.compiled import compiled
from microsim.life.month import Life
from microsim.life.state import Cover, Home, Opioid, Use, Work

_WORK, _HOME, _USE, _OPIOID, _COVER = (len(part._fields) for part in (Work, Home, Use, Opioid, Cover))
_AT_HOME, _AT_USE = _WORK, _WORK + _HOME
_AT_OPIOID, _AT_COVER = _AT_USE + _USE, _AT_USE + _USE + _OPIOID
FIELDS = _AT_COVER + _COVER
"""Numbers of a life in a row."""
HISTORY, INCOMES = Work._fields.index("history"), Work._fields.index("incomes")


@compiled
def keep(life, row):
    """Write a life into a row of FIELDS numbers."""
    at = 0
    for value in life.work:
        row[at] = value
        at += 1
    for value in life.home:
        row[at] = value
        at += 1
    for value in life.use:
        row[at] = value
        at += 1
    for value in life.opioid:
        row[at] = value
        at += 1
    for value in life.cover:
        row[at] = value
        at += 1


@compiled
def life_in(row):
    """The life in a row."""
    return Life(
        Work(*to_fixed_tuple(row[:_WORK], _WORK)),
        Home(*to_fixed_tuple(row[_AT_HOME:], _HOME)),
        Use(*to_fixed_tuple(row[_AT_USE:], _USE)),
        Opioid(*to_fixed_tuple(row[_AT_OPIOID:], _OPIOID)),
        Cover(*to_fixed_tuple(row[_AT_COVER:], _COVER)),
    )


@compiled
def part(row, own, mark):
    """Make `own` the life of `row`, with the memory of its arm."""
    for at in range(FIELDS):
        own[at] = row[at]
    own[HISTORY], own[INCOMES] = mark.history, mark.incomes


@compiled
def all_equal(lives):
    """Whether all rows are one life, apart from the memory each keeps."""
    for arm in range(1, lives.shape[0]):
        for at in range(FIELDS):
            if lives[arm, at] != lives[0, at] and at != HISTORY and at != INCOMES:
                return False
    return True
