"""Build people: a weighted sample, or every resident shard by shard."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from microsim.ground.errors import InputError, unknown_name
from microsim.ground.parameters import Parameters
from microsim.ground.philox import key_words
from microsim.ground.schema import PERSON_COLUMNS, POPULATION_MONTH, STATES
from synthetic_pop import grid
from synthetic_pop.cells import CLASSES, SHAPE, Cells, has_oud, make_cells
from synthetic_pop.inputs import Array, Tables, population_parameters
from synthetic_pop.lookup import Lookup, Numbers, Places, lookup, numbers, places, race_of_state
from synthetic_pop.margins import Margins, margins
from synthetic_pop.people import FAMILY, fill
from synthetic_pop.sample import THOUSAND, Thinning, least_of_cell, sample_sizes, sample_state, stratum_of_cell
from synthetic_pop.typed import TypeModel, state_weights, type_model

DEFAULT_PERSONS = 1_000_000
DEFAULT_SEED = 20240101
SHARD = 500_000
Progress = Callable[[float, str], None]
Columns = dict[str, Array]
_DRAWN = np.empty((0, 2), np.int64)
Out: Any = namedtuple("Out", [c.name for c in PERSON_COLUMNS])  # type: ignore[misc]  # known at run time


class Model:
    """The population before any person is drawn: cells, type weights and tables.

    Another assumption is another model: `Model(population_parameters().replaced({id: value}))`.
    """

    def __init__(
        self,
        parameters: Parameters | None = None,
        tables: Tables | None = None,
        without: tuple[int, ...] = (),
    ) -> None:
        self.parameters: Parameters = parameters or population_parameters()
        self.tables = tables or Tables()
        p = self.parameters
        self.types: TypeModel = type_model(p, self.tables, without)
        self.margins: Margins = margins(p, self.tables)
        self.cells: Cells = make_cells(p, self.tables, self.types, self.margins)
        self.lookup: Lookup = lookup(p, self.tables)
        self.numbers: Numbers = numbers(p)
        self.places: Places = places(p, self.tables, self.cells)
        self.stratum = stratum_of_cell()
        self._tilts = _tilts(p, self.types)
        self._least_rest = p.number("population.sud.least_without")

    def of_state(self, state: int) -> StateModel:
        """Types and race of a state.

        Tilts towards people with disorders are taken back from the rest, so that every cell as a
        whole keeps its types.
        """
        e = self.types.entries
        people = self.cells.count[state].astype(np.float64)
        whole = np.maximum(people.sum(-1), 1)
        oud = (has_oud(people) / whole).transpose(2, 0, 1)
        other = ((people[..., 1] + people[..., 9]) / whole).transpose(2, 0, 1)
        weight = state_weights(self.types, state, people.sum(-1).transpose(2, 0, 1))
        cell = (e.kind * SHAPE[1] + e.group) * 2 + e.sex
        cells = e.start.size - 1
        total = np.bincount(cell, weight, cells)
        mix = self._mix(weight)
        # A cell without people still needs types for imported records: its survey weights stand in.
        weight = np.where(total[cell] > 0, weight, e.weight)
        total = np.bincount(cell, weight, cells)
        out = [weight]
        for tilt in self._tilts:
            tilted = weight * tilt
            sums = np.bincount(cell, tilted, cells)
            out.append(tilted * (total / np.maximum(sums, 1e-300))[cell])
        rest = weight - other.reshape(-1)[cell] * out[1] - oud.reshape(-1)[cell] * out[2]
        out[0] = np.maximum(rest, self._least_rest * weight)
        return StateModel(np.cumsum(np.stack(out), axis=1), race_of_state(self.places, state, mix))

    def _mix(self, weight: Array) -> Array:
        """Adults by survey class, age3, education, income3 and marriage."""
        e, codes = self.types.entries, self.types.codes
        shape = (len(grid.CLASSES), 3, 4, 3, 2)
        grown = e.group >= 3
        where = np.ravel_multi_index(
            (
                self.lookup.klass[e.kind],
                grid.AGE3[e.fine],
                codes[0].astype(np.int64),
                grid.INCOME3[codes[5]],
                (codes[2] > 0).astype(np.int64),
            ),
            shape,
        )
        return np.bincount(where[grown], weight[grown], int(np.prod(shape))).reshape(shape)


class StateModel(NamedTuple):
    """What people of one state are drawn from."""

    running: Array
    """Running entry weights (3, entries): without a disorder, with another, with opioid use disorder."""
    race: Array
    """Cumulative race and citizenship, see `race_of_state`."""


def _tilts(p: Parameters, types: TypeModel) -> tuple[Array, Array]:
    """Relative odds of every entry for people with another disorder and with opioid use disorder."""
    educ, dis, spouse, _, work, income = (types.codes[i] for i in range(6))
    strength = p.number("population.sud.work_correlation")

    def number(name: str) -> float:
        return p.number(f"population.sud.{name}")

    other = np.where(
        work == 0, number("logit_not_working"), np.where(work < 3, number("logit_part_time"), 0.0)
    )
    other += np.where(spouse > 0, number("logit_married"), 0.0)
    schooling = np.array(
        [number("logit_below_high_school"), number("logit_high_school"), 0.0, number("logit_bachelor")]
    )
    other += schooling[educ]
    oud = np.zeros(len(educ))
    for condition, name in (
        (work < 2, "odds_not_working"),
        (dis == 1, "odds_disability"),
        (income <= 2, "odds_low_income"),
        (educ <= 1, "odds_low_education"),
        (spouse > 0, "odds_married"),
    ):
        oud += np.where(condition, np.log(number(name)), 0.0)
    return np.exp(strength * other), np.exp(strength * oud)


@lru_cache(maxsize=2)
def default_model() -> Model:
    """The model of the shipped records and tables."""
    return Model()


def empty(records: int) -> Any:
    return Out(*(np.zeros(records, c.dtype) for c in PERSON_COLUMNS))


def _part(out: Any, low: int, high: int) -> Any:
    return Out(*(column[low:high] for column in out))


def write_people(
    model: Model,
    out: Any,
    state: int,
    ids: Array,
    cells: Array,
    weights: Array,
    key: tuple[int, int],
    local: StateModel,
    given: Array = _DRAWN,
) -> None:
    e = model.types.entries
    out.person_id[:], out.weight[:], out.state[:] = ids, weights, state
    out.stratum[:] = model.stratum.reshape(-1)[cells]
    fill(
        ids,
        cells,
        state,
        key[0],
        key[1],
        local.running,
        e.start,
        e.fine,
        e.type,
        given,
        local.race,
        model.lookup,
        model.numbers,
        model.places,
        out,
    )


def seed_key(seed: int) -> tuple[int, int]:
    try:
        return key_words(seed, FAMILY)
    except ValueError as error:
        raise InputError("seed", None, seed, "a whole number of at least 0 and below 2**64") from error


def state_codes(states: Sequence[str] | None) -> list[int]:
    """Positions of postal codes, in the order of the schema; None is all."""
    if states is None:
        return list(range(len(STATES)))
    for name in states:
        if name not in STATES:
            raise unknown_name("states", None, name, STATES, "a postal code of a state or DC")
    return sorted({STATES.index(name) for name in states})


def build(
    persons: int | None = DEFAULT_PERSONS,
    seed: int = DEFAULT_SEED,
    states: Sequence[str] | None = None,
    threads: int = 2,
    progress: Progress | None = None,
    model: Model | None = None,
) -> Columns:
    """A population of `persons` weighted records as the columns of `PERSON_COLUMNS`, ordered by state and id.

    `persons=None` is every resident of the states with weight 1000, in memory; `iterate_shards`
    streams them instead. The same seed gives the same bytes for any number of threads.
    `progress(share, what)` is called as states finish. Raises `InputError` for too few persons,
    an unknown state or a seed out of range.
    """
    key = seed_key(seed)
    chosen = state_codes(states)
    if persons is not None and (isinstance(persons, bool) or persons < 1):
        raise InputError("persons", None, persons, "a whole number of at least 1")
    if threads < 1:
        raise InputError("threads", None, threads, "at least 1")
    if progress:
        progress(0.0, "counting residents")
    model = model or default_model()
    if persons is None:
        shards = list(iterate_shards(seed, states, model=model))
        return {c.name: np.concatenate([s[c.name] for s in shards]) for c in PERSON_COLUMNS}
    wanted, stratum, rate = sample_sizes(model.parameters, model.cells, chosen, persons)
    size = wanted.sum(1)
    begin = np.concatenate([[0], size[chosen].cumsum()])
    out = empty(int(begin[-1]))
    p = model.parameters
    below, rate_below, least_rate = (
        p.number(f"population.sample.{name}") for name in ("thinned_below", "thinned_rate", "least_tolerance_rate")
    )
    least, rake_most = least_of_cell(p), p.number("population.sample.rake_most")

    def one(position: int) -> None:
        state = chosen[position]
        local = model.of_state(state)

        def age_of(ids: Array, cells: Array) -> Array:
            drawn = empty(len(ids))
            write_people(model, drawn, state, ids, cells, np.zeros(len(ids)), key, local)
            return (POPULATION_MONTH - drawn.birth_month.astype(np.int64)) // 12

        thinning = Thinning(least, least_rate, age_of, int(below), rate_below)
        ids, cells, weights = sample_state(model.cells, state, stratum, rate, wanted[state], key, thinning, rake_most)
        # Fewer would be found out nowhere: a record without weight stands for nobody.
        assert len(ids) == size[state], (state, len(ids), size[state])
        part = _part(out, int(begin[position]), int(begin[position + 1]))
        write_people(model, part, state, ids, cells, weights, key, local)

    with ThreadPoolExecutor(threads) as pool:
        for done, _ in enumerate(pool.map(one, range(len(chosen))), 1):
            if progress:
                progress(done / len(chosen), "drawing people")
    return {c.name: column for c, column in zip(PERSON_COLUMNS, out, strict=True)}


def iterate_shards(
    seed: int = DEFAULT_SEED,
    states: Sequence[str] | None = None,
    shard: int = SHARD,
    model: Model | None = None,
) -> Iterator[Columns]:
    """Every resident, in shards of at most `shard` people in the order of ids; memory does not grow."""
    key = seed_key(seed)
    if shard < 1:
        raise InputError("shard", None, shard, "at least 1")
    model = model or default_model()
    for state in state_codes(states):
        first, last = model.cells.state_range(state)
        local = model.of_state(state)
        base = state * model.stratum.size
        start = model.cells.start[base : base + model.stratum.size + 1]
        for low in range(first, last, shard):
            ids = np.arange(low, min(low + shard, last), dtype=np.int64)
            cells = np.searchsorted(start, ids, side="right") - 1
            out = empty(len(ids))
            write_people(model, out, state, ids, cells, np.full(len(ids), THOUSAND), key, local)
            yield dict(zip(Out._fields, out, strict=True))


__all__ = [
    "CLASSES",
    "DEFAULT_PERSONS",
    "DEFAULT_SEED",
    "Model",
    "build",
    "default_model",
    "grid",
    "iterate_shards",
]
