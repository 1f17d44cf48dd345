"""What is measured: the reduced model against C, the kernel, its scaling, whole runs, start-up."""

from __future__ import annotations

import os
import platform
import tempfile
import time
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numba
import numpy as np
import reduced
from timing import process, ratio, rounds

from microsim.cli.main import COMMANDS, LazyCommands, main
from microsim.engine.identity import code_digest, version
from microsim.engine.people import People, people_of
from microsim.engine.simulate import simulate
from microsim.engine.tables import Tables, build_tables
from microsim.engine.tallies import CELL_PERSONS, THOUSANDTHS, empty, of_arm
from microsim.ground.parameters import load_parameters
from microsim.ground.policies import apply_policies
from microsim.ground.schema import STATES
from synthetic_pop import default_population, load

SEED = 1
NANO = 1e9
YEARS = 11
"""Years of the default run: 2024, and ten that are shown."""
SECOND_ARMS = ("budget2025", "naloxone-cuts")
ALONE, WITHOUT_DRAWS = (10_000, 1_000_000), ("--draws", "1", "--no-brief")


def machine() -> dict[str, Any]:
    """What ran."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        lines = info.read_text().splitlines()
        names = [line.split(":", 1)[1] for line in lines if line.startswith("model name")]
        cpu = names[0].strip() if names else cpu
    return {
        "cpu": cpu, "cores": len(os.sched_getaffinity(0)), "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(), "numba": numba.__version__, "numpy": np.__version__,
        "version": version(), "code": code_digest(), "date": time.strftime("%Y-%m-%d"),
    }  # fmt: skip


def against_c(persons: int, count: int) -> dict[str, Any]:
    """The reduced model: both twins count the same, and how long each takes. None without a C compiler."""
    people = reduced.model(persons)
    reference = reduced.run(reduced.live_numba, people)
    assert (reduced.run(reduced.live_numba, people, 2) == reference).all()
    compiled = reduced.c_library() is not None
    draw = (0, persons, reduced.MONTHS, *people.key)
    reduced.draw_people(*draw)
    work = {
        "numba": lambda: reduced.run(reduced.live_numba, people),
        "draws": lambda: reduced.draw_people(*draw),
    }
    if compiled:
        assert (reduced.run(reduced.live_c, people) == reference).all(), "the twins differ"
        work["c"] = lambda: reduced.run(reduced.live_c, people)
    one = rounds(work, count, time.process_time)
    two_work = {
        "numba_1": work["numba"], "numba": lambda: reduced.run(reduced.live_numba, people, 2),
    }
    if compiled:
        two_work["c"] = lambda: reduced.run(reduced.live_c, people, 2)
    two = rounds(two_work, count)
    lived = int(reference[..., reduced.PEOPLE].cumsum(axis=2).sum())
    return {
        "c_ratio_1": ratio(one["numba"], one["c"]) if compiled else None,
        "c_ratio_2": ratio(two["numba"], two["c"]) if compiled else None,
        "w_speedup_2": ratio(two["numba_1"], two["numba"]),
        "w_ns_per_person_month": NANO * median(one["numba"]) / lived,
        "draw_ns_per_person_month": NANO * median(one["draws"]) / (persons * reduced.MONTHS),
    }


def population(file: Path | None, records: int) -> People:
    """People of a file, or of the built-in population."""
    columns = default_population(records) if file is None else load(file)
    return people_of(columns, load_parameters())


def some(people: People, count: int) -> People:
    """About `count` people, evenly from all; beyond their number, copies with ids of their own."""
    copies = -(-count // len(people))
    rows = np.tile(np.arange(len(people)), copies) if copies > 1 else np.arange(len(people))
    rows = rows[:: max(len(rows) // count, 1)][:count]
    records = people.records[rows].copy()
    records["person_id"] = np.arange(len(records))
    order = np.argsort(records["state"], kind="stable")
    return People(records[order], people.poor[rows][order])


def tables_of(*policies: str, years: int = YEARS) -> Tables:
    """Tables of arms; `baseline` is the tree as it is shipped."""
    p = load_parameters()
    return build_tables([apply_policies(p, [name]) for name in policies], years * 12)


def person_months(people: People, tables: Tables) -> float:
    """Records times months lived in one arm, by weight."""
    persons = of_arm(simulate(people, tables, SEED), 0).monthly["cell"][..., CELL_PERSONS].sum() / THOUSANDTHS
    weight = people.records["weight"].astype(float).sum() / THOUSANDTHS
    return float(persons / weight * len(people))


def kernel(people: People, count: int) -> dict[str, Any]:
    """The model's own kernel: cost of a person-month, of a second arm, and gain of a second thread."""
    baseline = tables_of("baseline")
    simulate(some(people, len(STATES)), baseline, SEED)
    lived = person_months(people, baseline)
    arms = {"one": baseline} | {name: tables_of("baseline", name) for name in SECOND_ARMS}
    # Memory is got once, as in a run of many people or many draws.
    work = {
        name: partial(simulate, people, tables, SEED, threads=1, into=empty(len(tables.rates), tables.places.shape[2]))
        for name, tables in arms.items()
    }
    spent = rounds(work, count, time.process_time)
    pair = rounds({"one": work["one"], "two": partial(simulate, people, baseline, SEED, threads=2)}, count)
    return {
        "speedup_2": ratio(pair["one"], pair["two"]),
        "paired_cost": ratio(spent[SECOND_ARMS[0]], spent["one"]),
        "paired_costs": {name: ratio(spent[name], spent["one"]) for name in SECOND_ARMS},
        "ns_per_person_month": NANO * median(spent["one"]) / lived,
        "person_months_per_second_1": lived / median(pair["one"]),
        "person_months_per_second_2": lived / median(pair["two"]),
    }


def scaling(people: People, sizes: list[int], count: int) -> dict[str, list[dict[str, float]]]:
    """Seconds of processor as people, months and arms grow."""
    base = some(people, sizes[-2])
    two = tables_of("baseline", "budget2025")
    found: dict[str, list[dict[str, float]]] = {"people": [], "months": [], "arms": []}

    def timed(who: People, tables: Tables) -> float:
        work = {"all": partial(simulate, who, tables, SEED, threads=1)}
        return median(rounds(work, count, time.process_time)["all"])

    for size in sizes:
        found["people"].append({"people": size, "seconds": timed(some(people, size), two)})
    for years in (3, 6, YEARS):
        tables = tables_of("baseline", "budget2025", years=years)
        found["months"].append({"months": years * 12, "seconds": timed(base, tables)})
    arms = ["baseline", "budget2025", "work-requirements", "public-health-cuts"]
    for number in range(1, len(arms) + 1):
        found["arms"].append({"arms": number, "seconds": timed(base, tables_of(*arms[:number]))})
    return found


def whole_runs(sizes: list[int], count: int, cold: bool) -> dict[str, Any]:
    """`microsim run --policy budget2025` as a process: warm, by records and threads; with empty caches; and without
    intervals and brief, medians of `count`."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def once(records: int, threads: int, out: str, *more: str, **variables: str) -> dict[str, float]:
            args = ["run", "--policy", "budget2025", "--persons", str(records), "--threads", str(threads),
                    "--out", out, "--quiet", *more]  # fmt: skip
            return process(args, folder, variables)._asdict()

        found = {}
        for records in sizes:
            once(records, 2, f"first{records}")
            for threads in (1, 2):
                found[f"{records}_{threads}"] = once(records, threads, f"warm{records}-{threads}")
        result: dict[str, Any] = {"warm": found, "alone": {}}
        for records in ALONE:
            turns = [once(records, 2, f"alone{records}-{turn}", *WITHOUT_DRAWS) for turn in range(count + 1)][1:]
            result["alone"][records] = {name: median(turn[name] for turn in turns) for name in turns[0]}
        if cold:
            empty_cache = str(folder / "cache")
            first = once(sizes[0], 2, "cold", NUMBA_CACHE_DIR=empty_cache)
            again = once(sizes[0], 2, "again", NUMBA_CACHE_DIR=empty_cache)
            result["cold"] = first
            result["first_compile_seconds"] = first["seconds"] - again["seconds"]
    return result


def start_up(count: int) -> dict[str, float]:
    """Seconds to the help of the program and of every command, medians."""
    assert isinstance(main, LazyCommands)
    present = [name for name in COMMANDS if name in main.list_commands(None)]
    found = {}
    with tempfile.TemporaryDirectory() as name:
        for words in ([], *([command] for command in present)):
            times = [process([*words, "--help"], Path(name)).seconds for _ in range(count)]
            found[" ".join(["microsim", *words])] = median(times)
    return found
