"""Where the time of the kernel goes: `python benchmarks/where_time_goes.py`, to where_time_goes.json.

Linux `perf` samples the compiled kernel while it lives people under two arms. Each sample is told to the function of
the source that its instruction came from, through everything that was inlined. Needs `perf`, `objdump` and
`addr2line`; compiling with what they read takes two or three times as long as usual.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT)]

FOUND = HERE / "where_time_goes.json"
PERSONS, TURNS, HERTZ = 60_000, 5, 2_999
PARTS = {
    "the month: life events and work": {"present", "live_home", "live_work", "live_impairment"},
    "the month: substances, treatment, overdose, death": {
        "live_substances", "live_opioid", "live_overdose", "drug_death_risk",
    },
    "the month: cover and the law": {"live_cover"},
    "the month: else, with reading and writing of lives": {"live_month", "live", "copy"},
    "bounds: until when, and above which draws, months are quiet": {"calm_of"},
    "quiet months: the scan of the draws": {"next_loud", "begins"},
    "quiet months: expected events": {"count_quiet", "expose"},
    "drawing of the screening words": {"fill_months"},
    "tallies": {"write_year", "settle", "stand", "leave", "tally_events", "tally_year", "tally_child", "stock_of"},
    "memory of past months": {"recall", "note", "take_along", "join"},
    "arms: parting and joining": {"parts", "asks", "looks_back", "part", "forget", "all_equal", "may_be_equal"},
}  # fmt: skip
"""Parts, and the functions whose time they are, with all that is called in them."""
ELSE = "the machine's own loop, and else"


@click.command()
@click.option("--policy", default="budget2025", show_default=True, help="The second arm.")
@click.option("--inside", type=click.Path(path_type=Path), hidden=True)
def main(policy: str, inside: Path | None) -> None:
    """Share of the kernel's time by part."""
    if inside is not None:
        live(policy, inside)
        return
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        line = ["perf", "record", "-F", str(HERTZ), "-o", str(folder / "perf.data"), sys.executable, __file__]
        line += ["--policy", policy, "--inside", kept]
        more = {"NUMBA_DEBUGINFO": "1", "NUMBA_CACHE_DIR": str(folder / "cache")}
        subprocess.run(line, env=os.environ | more, check=True, stderr=subprocess.DEVNULL)
        about = json.loads((folder / "about.json").read_text())
        samples = list(positions(folder, about["address"]))
        shares = by_part(folder / "kernel.o", samples)
    document = {name: about[name] for name in ("code", "persons", "months", "arms")} | {
        "samples": len(samples),
        "shares": dict(sorted(shares.items(), key=lambda one: -one[1])),
    }
    FOUND.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    for name, share in document["shares"].items():
        click.echo(f"{share:6.1%}  {name}")


def live(policy: str, folder: Path) -> None:
    """Live people under two arms in this process, and keep the machine code and where it lies."""
    from microsim.engine import kernel, simulate
    from microsim.engine.identity import code_digest
    from microsim.engine.people import people_of
    from microsim.engine.tables import build_tables
    from microsim.experiments.compare import setup
    from synthetic_pop.builder import build

    ready = setup(policy, persons=1_000)
    people = people_of(build(PERSONS, 3), ready.arms[0])
    tables = build_tables(ready.arms, ready.months)
    for _ in range(TURNS):
        simulate.simulate(people, tables, ready.seed, threads=1)
    made = next(iter(kernel.run_shard.overloads.values()))
    code = made.library
    (folder / "kernel.o").write_bytes(code._get_compiled_object())
    address = code._codegen._engine._ee.get_function_address(made.fndesc.llvm_func_name)
    about = {"address": address, "code": code_digest(), "persons": PERSONS, "months": ready.months,
             "arms": len(ready.arms)}  # fmt: skip
    (folder / "about.json").write_text(json.dumps(about))


def said(*line: str | Path, given: str | None = None) -> list[str]:
    """Lines that a tool prints."""
    done = subprocess.run(list(map(str, line)), input=given, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def positions(folder: Path, address: int) -> Iterator[int]:
    """Positions of the samples from the start of the kernel's machine code."""
    size = max(int(found[1], 16) for found in map(section, said("objdump", "-h", folder / "kernel.o")) if found)
    for line in said("perf", "script", "-i", folder / "perf.data", "-F", "ip"):
        at = int(line.strip() or "0", 16) - address
        if 0 <= at < size:
            yield at


def section(line: str) -> tuple[str, str] | None:
    """Name and size of a section of machine code in a line of objdump."""
    found = re.match(r"\s*\d+ (\.l?text)\s+([0-9a-f]+)", line)
    return (found[1], found[2]) if found else None


def by_part(file: Path, samples: Sequence[int]) -> dict[str, float]:
    """Share of the samples by part."""
    sections = {found[0]: int(found[1], 16) for found in map(section, said("objdump", "-h", file)) if found}
    count = Counter(samples)
    where = sorted(count)
    given = "\n".join(map(hex, where))
    code = max(sections, key=lambda name: sections[name])
    # Of each position a line with it, and then a name and a place for every function inlined there.
    lines = said("addr2line", "-i", "-f", "-a", "-j", code, "-e", file, given=given)
    chains: dict[int, list[str]] = {}
    at = 0
    for line in lines:
        if line.startswith("0x"):
            at = int(line, 16)
            chains[at] = []
        else:
            chains[at].append(name_of(line))
    apart = functions_apart(file)
    starts = [start for start, _ in apart]
    part_of = {name: part for part, names in PARTS.items() for name in names}
    total: Counter[str] = Counter()
    for at, chain in chains.items():
        # The outermost function with a part decides; machine code of its own has its name outermost.
        names = [*reversed(chain)]
        names.insert(0, apart[bisect_right(starts, at) - 1][1])
        inner = names if "live_month" not in names else [n for n in names if n not in ("live", "live_month")]
        part = next((part_of[name] for name in inner if name in part_of), None)
        if part is None:
            part = part_of["live_month"] if "live_month" in names or "live" in names else ELSE
        total[part] += count[at]
    return {name: value / len(samples) for name, value in total.items()}


def functions_apart(file: Path) -> list[tuple[int, str]]:
    """Start and name of every function that is machine code of its own."""
    found = []
    for line in said("objdump", "-t", file):
        match = re.match(r"([0-9a-f]+) .* F \.l?text\s+\S+ +(\S+)", line)
        if match:
            found.append((int(match[1], 16), name_of(match[2])))
    return sorted(found)


def name_of(mangled: str) -> str:
    """Name of a function of the package from that of its machine code: `_ZN8microsim6engine5quiet7calm_ofB...`."""
    rest, name = mangled.removeprefix("_ZN8microsim"), ""
    while rest != mangled and (found := re.match(r"\d+", rest)):
        length = int(found[0])
        name, rest = rest[found.end() :][:length], rest[found.end() + length :]
    return name


if __name__ == "__main__":
    main()
