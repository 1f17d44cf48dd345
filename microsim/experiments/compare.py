"""A policy beside a baseline on the same people and the same luck: the main job."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from microsim.engine import measures, tallies
from microsim.engine.crowding import tables_with_crowding
from microsim.engine.environment import build_environment
from microsim.engine.finance import price
from microsim.engine.identity import code_digest, identity, version
from microsim.engine.people import People, people_of
from microsim.engine.results import TABLES, TALLIES, Result
from microsim.engine.saved_tallies import pack
from microsim.engine.simulate import simulate
from microsim.engine.summary import Extra, summary_of
from microsim.engine.tables import Crowding, Tables
from microsim.engine.tabulate import ARM_NAMES, annual_table, monthly_table
from microsim.experiments.asked import (
    ALL,
    IN_MEMORY,
    check_numbers,
    check_persons,
    check_policies,
    chosen_states,
    window_months,
)
from microsim.ground.calendar import month_name
from microsim.ground.compiled import PLAIN_PYTHON
from microsim.ground.errors import InputError, Problems
from microsim.ground.parameters import Parameters, load_parameters
from microsim.ground.policies import apply_policies, apply_settings, compose, idle_patches, load_policy
from microsim.ground.schema import POPULATION_MONTH, STATES

if TYPE_CHECKING:
    from microsim.experiments.engines import Engine
    from microsim.experiments.scale.checkpoint import Checkpoint
    from synthetic_pop.residents import Residents

START = "2025-01"
END = "2034-12"
SEED = 20240101

CROWDING_ONE_IN = 4
"""Share of people with opioid use disorder in the first pass of crowding."""

Report = Callable[[str, int, int], None]
"""Called with what is being done, how much is finished and how much there is."""


class Setup(NamedTuple):
    """A run before it is lived: arms, people, window and who it is."""

    policy: str
    baseline: str
    arms: tuple[Parameters, Parameters]
    people: People
    population: str
    first: int
    last: int
    states: tuple[str, ...]
    seed: int
    settings: tuple[str, ...]
    idle: tuple[str, ...]
    policies: tuple[str, ...]
    """What the policy was asked for by: names and files, in order."""
    draws: int = 1
    """Joint draws of the parameters that intervals rest on; 1 for none."""
    residents: Residents | None = None
    """Whom to draw piece by piece, for a run larger than memory; `people` is then empty."""
    full_draws: bool = False
    """Whether draws are lived by all people instead of a subsample."""
    states_of_file: bool = False
    """Whether the states are those of a population file, because none were asked for."""
    labels: tuple[str, str] | None = None
    """What baseline and policy are called; None where it is not known."""

    @property
    def notices(self) -> tuple[str, ...]:
        """Lines on what the run takes or makes that nobody may expect."""
        lines = []
        if self.states_of_file:
            some = ", ".join(self.states) if len(self.states) < 10 else f"{len(self.states)} of {len(STATES)}"
            lines.append(f"states run: {some}; the population file holds nobody elsewhere")
        if self.arms[0].digest() == self.arms[1].digest():
            lines.append(
                f"both arms are equal: {self.policy} on top of {self.baseline} changes no parameter, "
                "so every difference is zero"
            )
        return tuple(lines)

    @property
    def records(self) -> int:
        """Records lived."""
        return len(self.people) if self.residents is None else self.residents.records()

    @property
    def months(self) -> int:
        """Months lived, from January 2024 to the end of the window's year."""
        return -(-(self.last - POPULATION_MONTH + 1) // 12) * 12

    @property
    def run(self) -> str:
        """Identity of the run."""
        return run_identity(
            code_digest(),
            (self.arms[0].digest(), self.arms[1].digest()),
            (self.baseline, self.policy),
            self.population,
            self.records,
            (self.first, self.last),
            self.states,
            self.seed,
            self.draws,
            self.full_draws,
        )


def run_identity(
    code: str,
    digests: tuple[str, str],
    names: tuple[str, str],
    population: str,
    records: int,
    window: tuple[int, int],
    states: tuple[str, ...],
    seed: int,
    draws: int = 1,
    full_draws: bool = False,
) -> str:
    """Identity of a run: digests and names of baseline and policy, and everything else that decides it."""
    more = {"full_draws": True} if full_draws else {}
    return identity(
        code=code,
        baseline=digests[0],
        policy=digests[1],
        names=names,
        population=population,
        records=records,
        window=window,
        states=states,
        seed=seed,
        draws=draws,
        **more,
    )


def silent(what: str, done: int, total: int) -> None:
    """Report nothing."""


def setup(
    policy: str | Path | Sequence[str | Path] = "budget2025",
    baseline: str | Path = "baseline",
    *,
    population: str | Path | None = None,
    persons: int | str | None = None,
    start: str = START,
    end: str = END,
    states: Sequence[str] | None = None,
    seed: int = SEED,
    settings: Sequence[str] = (),
    draws: int = 1,
    full_draws: bool = False,
    pieces: bool = False,
    threads: int = 2,
    report: Report = silent,
) -> Setup:
    """Check what is asked for and make it ready. Raises InputError for anything that is wrong.

    `persons` is a number of records, or "all" for every resident. More than memory holds are drawn piece by
    piece, with `people` empty; only for callers that say so with `pieces`, and live them by `live`.
    """
    names = [policy] if isinstance(policy, str | Path) else list(policy)
    parameters = load_parameters()
    problems = Problems()
    checks: tuple[Callable[[], Any], ...] = (
        lambda: chosen_states(states),
        lambda: window_months(start, end),
        lambda: check_numbers(seed, draws, persons, held=population is None and not pieces),
        lambda: check_policies(parameters, baseline, names),
        lambda: apply_settings(parameters, settings),
    )
    for check in checks:
        try:
            check()
        except InputError as error:
            problems.add(error)
    problems.finish()
    chosen = chosen_states(states)
    first, last = window_months(start, end)
    ours = apply_settings(apply_policies(parameters, [baseline]), settings)
    theirs = apply_settings(apply_policies(parameters, [baseline, *names]), settings)
    composed = compose(names)
    from microsim.experiments.scale.running import nobody, streamed

    whom = streamed(persons, chosen, report) if is_streamed(population, persons) else None
    of_file = False
    if whom is None:
        columns, digest = load_people(population, persons, threads, report)
        if population is not None and not chosen:
            # Kits and money of the whole nation would otherwise meet the people of a few states.
            held = tuple(STATES[i] for i in np.unique(columns["state"]))
            of_file = len(held) < len(STATES)
            chosen = held if of_file else chosen
        people = people_of(columns, ours, chosen or None)
    else:
        people, digest = nobody(), whom.name
    idle = idle_patches(composed, parameters, POPULATION_MONTH, last, chosen or None)
    return Setup(
        composed.id, str(baseline), (ours, theirs), people, digest, first, last, chosen, seed,
        tuple(map(str, settings)), tuple(map(str, idle)), tuple(map(str, names)), draws, whom, full_draws,
        of_file, (load_policy(baseline).label, composed.label),
    )  # fmt: skip


def is_streamed(population: str | Path | None, persons: int | str | None) -> bool:
    """Whether people are drawn piece by piece: all residents, or more than IN_MEMORY of them."""
    return population is None and persons is not None and (persons == ALL or int(persons) > IN_MEMORY)


def load_people(
    population: str | Path | None,
    persons: int | str | None,
    threads: int,
    report: Report,
    seed: int | None = None,
) -> tuple[Mapping[str, np.ndarray], str]:
    """Columns of the population and its name: the default one of a size and seed, or a file."""
    from synthetic_pop import DEFAULT_PERSONS, DEFAULT_SEED
    from synthetic_pop.default import cache_file, default_population
    from synthetic_pop.files import load
    from synthetic_pop.inputs import inputs_digest

    if population is None:
        if isinstance(persons, int):
            check_persons(persons)
        size, seed = int(persons or DEFAULT_PERSONS), DEFAULT_SEED if seed is None else seed
        if PLAIN_PYTHON and not cache_file(size, seed).is_file():
            from microsim.experiments.tracing.compiled_pass import build_people

            report("building people", 0, 1)
            build_people(size, seed)
        columns = default_population(
            size, seed, lambda share, _: report("building people", round(100 * share), 100), threads
        )
        return columns, f"default-{size}-{seed}-{inputs_digest()}"
    columns = load(Path(population))
    if persons == ALL or (persons is not None and int(persons) < len(columns["person_id"])):
        expected = "no number together with --population: a file is run whole"
        raise InputError("--persons", None, persons, expected)
    return columns, _file_digest(Path(population))


def _file_digest(path: Path) -> str:
    import hashlib

    with path.open("rb") as file:
        return "file-" + hashlib.file_digest(file, "sha256").hexdigest()[:16]


class Lived(NamedTuple):
    """A run after it was lived: tallies of each arm in order, and the tables it read."""

    arms: list[tallies.Tallies]
    tables: Tables
    crowding: list[Crowding | None]


def live(
    ready: Setup,
    threads: int = 2,
    report: Report = silent,
    arms: Sequence[Parameters] | None = None,
    *,
    engine: Engine | None = None,
    checkpoint: Checkpoint | None = None,
) -> Lived:
    """Live both arms, or `arms` instead, after a first pass that measures crowding of treatment.

    People larger than memory, or any with an `engine`, are lived in pieces; `checkpoint` keeps those that
    are finished.
    """
    report("first pass", 0, 1)
    trees = ready.arms if arms is None else tuple(arms)
    if ready.residents is not None or engine is not None:
        from microsim.experiments.scale.running import live_in_pieces

        return live_in_pieces(ready, trees, threads, report, engine, checkpoint)
    tables, crowding = tables_with_crowding(
        ready.people, trees, ready.months, ready.seed, threads, CROWDING_ONE_IN
    )
    done = 0

    def progress(people: int) -> None:
        nonlocal done
        done += people
        report("living", done, len(ready.people))

    report("living", 0, len(ready.people))
    total = simulate(ready.people, tables, ready.seed, threads=threads, progress=progress)
    return Lived(tallies.parted(total), tables, crowding)


def run(
    policy: str | Path | Sequence[str | Path] = "budget2025",
    baseline: str | Path = "baseline",
    *,
    threads: int = 2,
    report: Report = silent,
    engine: str = "threads",
    scheduler: str | None = None,
    **options: Any,
) -> Result:
    """Run a policy against a baseline and return the Result.

    Options are those of `setup`: population, persons, start, end, states, seed, settings, draws, full_draws. `engine`
    "dask" works on a cluster, the one at `scheduler` or one of this machine's processes. Raises InputError
    for bad input.
    """
    from microsim.experiments.scale.running import with_people, working

    ready = setup(policy, baseline, pieces=True, threads=threads, report=report, **options)
    with working(engine, threads, scheduler) as workers:
        lived = live(ready, threads, report, engine=workers)
        report("writing tables", 0, 1)
        result = result_of(ready, lived)
        if ready.draws > 1:
            # Intervals are made by the file above this one, which needs this one's runs.
            from microsim.experiments.uncertainty import with_intervals

            people = with_people(ready, threads, report)
            return with_intervals(result, people, lived, threads, report, engine=workers)
    return result


def result_of(ready: Setup, lived: Lived) -> Result:
    """Summary, tables and manifest of a lived run."""
    first, last = ready.first - POPULATION_MONTH, ready.last - POPULATION_MONTH
    about = {
        "run": ready.run,
        "policy": ready.policy,
        "baseline": ready.baseline,
        "window": [month_name(ready.first), month_name(ready.last)],
        "draws": ready.draws,
        "records": ready.records,
    }
    shown = [STATES.index(state) for state in ready.states]
    by_arm = dict(zip(ARM_NAMES, lived.arms, strict=True))
    with ThreadPoolExecutor(1) as pool:
        # Packing the tallies takes about as long as the tables.
        packed = pool.submit(pack, lived.arms)
        series = [measures.series(arm) for arm in lived.arms]
        document = summary_of(series[0], series[1], extras(ready, lived), first, last, about, shown)
        monthly, annual = monthly_table(by_arm, first, last), annual_table(by_arm, first, last)
    manifest = {
        "schema": 1,
        **about,
        "version": version(),
        "code": code_digest(),
        "population": ready.population,
        "seed": ready.seed,
        "states": list(ready.states),
        "settings": list(ready.settings),
        "policies": list(ready.policies),
        "digests": {name: tree.digest() for name, tree in zip(ARM_NAMES, ready.arms, strict=True)},
        "idle": list(ready.idle),
        **({"full_draws": True} if ready.full_draws else {}),
        **({} if ready.labels is None else {"labels": dict(zip(ARM_NAMES, ready.labels, strict=True))}),
        "records_by_state": _by_state(ready),
        "parameters": {name: tree.to_document() for name, tree in zip(ARM_NAMES, ready.arms, strict=True)},
    }
    return Result(
        document,
        monthly,
        annual,
        manifest,
        {TABLES: _saved(lived.crowding), TALLIES: packed.result()},
    )


def _by_state(ready: Setup) -> dict[str, int]:
    """Records lived in each state."""
    whom = ready.residents
    counts = np.bincount(ready.people.records["state"], minlength=len(STATES)) if whom is None else whom.drawn()
    return {state: int(count) for state, count in zip(STATES, counts, strict=True) if count}


def extras(ready: Setup, lived: Lived) -> dict[str, Extra]:
    """Measures that are not tallied from people: kits and outlays, by state and month."""
    end = POPULATION_MONTH + ready.months - 1
    arms = []
    for tallied, tree in zip(lived.arms, ready.arms, strict=True):
        environment = build_environment(tree, POPULATION_MONTH, end)
        money = price(tallied, tree, environment.outlays, POPULATION_MONTH, end)
        arms.append((environment.kits, money.by_month(money.federal), money.by_month(money.state)))
    names = (("naloxone_kits", "kits"), ("federal_outlays_usd", "usd"), ("state_outlays_usd", "usd"))
    return {name: Extra(unit, arms[0][row], arms[1][row]) for row, (name, unit) in enumerate(names)}


def _saved(crowding: list[Crowding | None]) -> bytes:
    """The access tables of the second pass, so that a life can be traced as it was lived."""
    buffer = io.BytesIO()
    arrays: dict[str, Any] = {}
    for row, one in enumerate(crowding):
        if one is not None:
            arrays[f"access_{row}"] = one.access
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()
