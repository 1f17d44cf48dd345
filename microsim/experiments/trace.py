"""Single lives month by month, both arms, with reasons and draws: how to debug the model and to trust it.

Lives are lived by the kernel's own functions in plain Python, from the tables of a run and on its draws, so a
traced life is the one that was counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from microsim.engine.tables import Crowding, build_tables
from microsim.experiments.compare import Report, Setup, setup, silent
from microsim.experiments.tracing.compiled_pass import compiled_pass
from microsim.experiments.tracing.document import life_document
from microsim.experiments.tracing.find import LIMIT, Found, wanted
from microsim.experiments.tracing.live import Life, live_again, row_of
from microsim.experiments.tracing.saved import saved_run
from microsim.ground.calendar import month_name
from microsim.ground.errors import InputError
from microsim.ground.schema import POPULATION_MONTH


class Case(NamedTuple):
    """A run that lives are taken from. `crowding` is None until the first pass has measured it."""

    ready: Setup
    crowding: list[Crowding | None] | None
    source: str
    run: str
    """Identity of the run."""
    warnings: tuple[str, ...]


class Trace(NamedTuple):
    """Traced lives; `first` to `last` are the months to tell."""

    case: Case
    lives: list[Life]
    first: int
    last: int
    found: str | None
    """How the people were found; None when they were asked for by id."""

    def document(self, *, every_month: bool = False, draws: bool = False) -> dict[str, Any]:
        """What `trace --json` prints."""
        ready = self.case.ready
        return {
            "schema": 1,
            "policy": ready.policy,
            "baseline": ready.baseline,
            "run": self.case.run,
            "seed": ready.seed,
            "tables": self.case.source,
            "window": [month_name(self.first), month_name(self.last)],
            "found": self.found,
            "people": [
                life_document(life, self.first, self.last, every_month=every_month, draws=draws)
                for life in self.lives
            ],
        }


def case_of(
    policy: str | Path | Sequence[str | Path], baseline: str | Path = "baseline", **options: Any
) -> Case:
    """The run that these options would make; they are those of compare.setup."""
    ready = setup(policy, baseline, **options)
    idle = tuple(f"without effect in this run: {line}" for line in ready.idle)
    source = "made now, with crowding from a first pass over this population"
    return Case(ready, None, source, ready.run, (*ready.notices, *idle))


def case_from(
    folder: str | Path, population: str | None = None, *, threads: int = 2, report: Report = silent
) -> Case:
    """A finished run. `population` is its file, where it was not run on the built-in population."""
    saved = saved_run(Path(folder), population, threads, report)
    return Case(saved.ready, saved.crowding, f"those of the run in {folder}", saved.run, saved.warnings)


def trace_people(case: Case, ids: Sequence[int], *, threads: int = 2, report: Report = silent) -> Trace:
    """The lives of people by their ids. Raises InputError for an unknown one."""
    rows = [row_of(case.ready.people, person_id) for person_id in ids]
    if case.crowding is None:
        report("first pass", 0, 1)
        crowding, _ = compiled_pass(case.ready, None, None, threads)
        case = case._replace(crowding=crowding)
    return _traced(case, rows, None, report)


def trace_reason(
    case: Case,
    reason: str,
    state: str | None = None,
    count: int = 1,
    *,
    threads: int = 2,
    report: Report = silent,
) -> Trace:
    """Lives of people who meet a reason of loss, or a leak, under the policy and not under the baseline.

    Raises InputError for an unknown reason or state, or when nobody is found.
    """
    whom = wanted(reason, state, count, case.ready.people)
    report("looking for people", 0, 1)
    crowding, found = compiled_pass(case.ready, case.crowding, whom, threads)
    assert found is not None
    where = f"in {whom.state}" if whom.state else "in all states"
    if not found.rows:
        raise InputError("--reason", None, reason, _nobody(found, where))
    text = (
        f"{len(found.rows)} of {count} asked for, whose life has the reason '{reason}' under "
        f"{case.ready.policy} and not under {case.ready.baseline}; {found.looked_at:,} people {where} were "
        "looked at"
    )
    return _traced(case._replace(crowding=crowding), found.rows, text, report)


def _nobody(found: Found, where: str) -> str:
    whole = "everybody" if found.everybody else f"the limit of {LIMIT:,} people"
    return (
        "a reason that somebody meets under the policy and not under the baseline; there is nobody among "
        f"the {found.looked_at:,} people looked at {where} ({whole})"
    )


def _traced(case: Case, rows: list[int], found: str | None, report: Report) -> Trace:
    report("living", 0, len(rows))
    tables = build_tables(case.ready.arms, case.ready.months, case.crowding)
    lives = []
    for row in rows:
        lives.append(live_again(case.ready.people, row, tables, case.ready.seed))
        report("living", len(lives), len(rows))
    return Trace(case, lives, POPULATION_MONTH, case.ready.last, found)
