"""People, lives and events in rows of whole numbers, which can be put aside, compared, and lived from in place.

Records, unlike arrays, cost the compiled month no counting of references, and unlike tuples of numbers are not copied
wherever two ways of the machine meet.
"""

from __future__ import annotations

import numpy as np

from microsim.ground.compiled import compiled
from microsim.life.month import Life
from microsim.life.state import Cover, Events, Home, Opioid, Person, Use, Work

_WORK, _HOME, _USE, _OPIOID, _COVER = (len(part._fields) for part in (Work, Home, Use, Opioid, Cover))
_AT_COVER = _WORK + _HOME + _USE + _OPIOID
FIELDS = _AT_COVER + _COVER
"""Numbers of a life in a row."""
HISTORY, INCOMES = Work._fields.index("history"), Work._fields.index("incomes")
_STANDING = _WORK + _HOME
OPIOID = _STANDING + _USE + Opioid._fields.index("state")
EXPOSURE = _STANDING + _USE + Opioid._fields.index("exposure")
FATE = _STANDING + Use._fields.index("fate")
DISABLED = _WORK + Home._fields.index("disabled")
KIND, RENEWAL = _AT_COVER + Cover._fields.index("kind"), _AT_COVER + Cover._fields.index("renewal_at")
EVER_LOST = _AT_COVER + Cover._fields.index("ever_lost")


ROW = np.dtype([("at", np.int64, (FIELDS,))])
"""A life."""
WHO = np.dtype([("at", np.int64, (len(Person._fields),)), ("key", np.int64, (4,))])
"""A person, and the key of its draws."""
HAPPENED = np.dtype([("at", np.int64, (len(Events._fields),))])
"""Events of a month."""


@compiled(_nrt=False)
def keep(life, row):
    """Write a life into a ROW."""
    w, h, u, o, c = life.work, life.home, life.use, life.opioid, life.cover
    r = row.at
    r[0], r[1], r[2], r[3], r[4] = w[0], w[1], w[2], w[3], w[4]
    r[5], r[6], r[7], r[8], r[9], r[10], r[11] = h[0], h[1], h[2], h[3], h[4], h[5], h[6]
    r[12], r[13], r[14], r[15], r[16], r[17], r[18] = h[7], h[8], h[9], h[10], h[11], h[12], h[13]
    r[19], r[20], r[21], r[22], r[23], r[24] = u[0], u[1], u[2], u[3], u[4], u[5]
    r[25], r[26], r[27], r[28] = o[0], o[1], o[2], o[3]
    r[29], r[30], r[31], r[32], r[33], r[34], r[35], r[36] = c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7]
    r[37], r[38], r[39], r[40], r[41], r[42], r[43] = c[8], c[9], c[10], c[11], c[12], c[13], c[14]
    r[44], r[45] = c[15], c[16]


@compiled(_nrt=False)
def life_in(row):
    """The life in a ROW."""
    r = row.at
    return Life(
        Work(r[0], r[1], r[2], r[3], r[4]),
        Home(r[5], r[6], r[7], r[8], r[9], r[10], r[11], r[12], r[13], r[14], r[15], r[16], r[17], r[18]),
        Use(r[19], r[20], r[21], r[22], r[23], r[24]),
        Opioid(r[25], r[26], r[27], r[28]),
        Cover(
            r[29], r[30], r[31], r[32], r[33], r[34], r[35], r[36], r[37], r[38], r[39], r[40], r[41], r[42], r[43],
            r[44], r[45],
        ),
    )  # fmt: skip


@compiled(_nrt=False)
def introduce(person, key, who):
    """Write a person and key into a WHO."""
    at = 0
    for value in person:
        who.at[at] = value
        at += 1  # noqa: SIM113 - compiled
    for at in range(4):
        who.key[at] = key[at]


@compiled(_nrt=False)
def person_in(who):
    """The person in a WHO."""
    w = who.at
    return Person(
        w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7], w[8], w[9], w[10], w[11], w[12], w[13], w[14], w[15], w[16],
        w[17], w[18], w[19], w[20], w[21], w[22], w[23], w[24], w[25], w[26], w[27], w[28],
    )  # fmt: skip


@compiled(_nrt=False)
def key_in(who):
    """The key in a WHO."""
    return who.key[0], who.key[1], who.key[2], who.key[3]


@compiled(_nrt=False)
def write_events(events, happened):
    """Write the events of a month into a HAPPENED."""
    h, e = happened.at, events
    h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7], h[8] = e[0], e[1], e[2], e[3], e[4], e[5], e[6], e[7], e[8]
    h[9], h[10], h[11], h[12], h[13], h[14], h[15], h[16] = e[9], e[10], e[11], e[12], e[13], e[14], e[15], e[16]
    h[17], h[18], h[19], h[20], h[21], h[22], h[23], h[24] = e[17], e[18], e[19], e[20], e[21], e[22], e[23], e[24]
    h[25], h[26] = e[25], e[26]


@compiled(_nrt=False)
def events_in(happened):
    """The events in a HAPPENED."""
    h = happened.at
    return Events(
        h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7], h[8], h[9], h[10], h[11], h[12], h[13], h[14], h[15], h[16],
        h[17], h[18], h[19], h[20], h[21], h[22], h[23], h[24], h[25], h[26],
    )  # fmt: skip


@compiled(_nrt=False)
def copy(row, into):
    """Copy a ROW."""
    for at in range(FIELDS):
        into.at[at] = row.at[at]


@compiled(_nrt=False)
def same_standing(row, after):
    """Whether nothing has changed of what decides about cover beside the cover itself: work, home, opioid use."""
    for at in range(_STANDING):
        if row.at[at] != after.at[at] and at != HISTORY and at != INCOMES:
            return False
    return bool(row.at[OPIOID] == after.at[OPIOID])


@compiled(_nrt=False)
def own(at):
    """Whether a number of a life is kept for each arm although they live as one: what only one event ever reads."""
    return at == HISTORY or at == INCOMES or at == EXPOSURE or at == FATE or at == EVER_LOST


@compiled(_nrt=False)
def may_be_equal(lives):
    """Whether all rows agree in what arms that live apart differ in most, and never forget."""
    for arm in range(1, lives.shape[0]):
        mine, first = lives[arm].at, lives[0].at
        if mine[KIND] != first[KIND] or mine[RENEWAL] != first[RENEWAL] or mine[OPIOID] != first[OPIOID]:
            return False
    return True


@compiled(_nrt=False)
def all_equal(lives):
    """Whether all rows are one life, apart from what the engine keeps for each arm."""
    for arm in range(1, lives.shape[0]):
        for at in range(FIELDS):
            if lives[arm].at[at] != lives[0].at[at] and not own(at):
                return False
    return True
