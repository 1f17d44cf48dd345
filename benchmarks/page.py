"""Write docs/benchmarks.md and its plot from the latest rows of history.csv and what other benchmarks have kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd

HERE = Path(__file__).resolve().parent
DOCS = HERE.parent / "docs"
PLOT = DOCS / "images" / "benchmarks.svg"
KERNEL = {
    "kernel.c_ratio_1": "Reduced model: time over its C twin, one thread",
    "kernel.c_ratio_2": "Reduced model: time over its C twin, two threads",
    "kernel.w_speedup_2": "Reduced model: gain of a second thread",
    "kernel.relative_to_w": "Model: cost of a person-month over the reduced model's",
    "kernel.speedup_2": "Model: gain of a second thread",
    "kernel.paired_costs.budget2025": "Model: two arms over one, `budget2025`",
    "kernel.paired_costs.naloxone-cuts": "Model: two arms over one, `naloxone-cuts`",
}
SPEEDS = {
    "kernel.ns_per_person_month": "Model: nanoseconds of one processor a person-month",
    "kernel.w_ns_per_person_month": "Reduced model: nanoseconds a person-month",
    "kernel.draw_ns_per_person_month": "Drawing four words alone: nanoseconds",
    "kernel.person_months_per_second_1": "Model: person-months a second, one thread",
    "kernel.person_months_per_second_2": "Model: person-months a second, two threads",
}
PANELS = {"scaling.people": "People, two arms", "scaling.months": "Months", "scaling.arms": "Arms"}

TEXT = """# Speed and scale

`python benchmarks/run.py --keep` measures, `python benchmarks/page.py` writes this page. Ratios are
medians of rounds in which the pieces take turns, so they hold on a busy machine; times are of this
machine alone.

{machine}

## The kernel

The reduced model has work, cover with a work requirement, treatment, overdose with naloxone and death, on the
engine's own keyed draws, written in the engine's style (`benchmarks/reduced.py`) and in C
(`benchmarks/reduced.c`, `gcc -O3 -march=native`). Both count the same, cell by cell. The model itself
does more in a month: eight steps of a life, the law and all tallies.

{kernel}

{profile}{peers}{variance}## Scale

Seconds of one processor, both axes by powers; a straight line of slope one is linear growth.

![Seconds by people, months and arms]({plot})

{scaling}

## Whole runs

`microsim run --policy budget2025`, all steps and files, as a process.

{runs}

## Start-up

{start_up}
"""

PROFILE = """## Where the time goes

`python benchmarks/where_time_goes.py` samples the machine code while {persons:,} records of the default kind
live {months} months under {arms} arms, on one thread, and tells every sample to the function it came from
({samples:,} samples). Code {code}.

| Part | Share |
|---|---:|
{rows}

What is left to gain:

- *Bounds* are worked out after every month that is lived and on every birthday, since risks change by age. Two fifths
  of it are what age has made of a person and how near to Medicaid it stands; keeping that through a year of age was
  tried, and took longer.
- *Months that are lived* are spread over all steps; no step stands out. A life is read from a row of whole numbers and
  written to one, so that arms can be compared and joined.
- *Expected events of quiet months* are added month by month, which makes every total the same integer in any order.
  Risks counted as people are, by changes, and multiplied by the supply of each month at the end were built in full,
  exact in any order as well: 0.98 to 1.03 of the time for one arm, 1.01 for two, since what the months no longer cost
  the changes of stocks did.
- *A second arm* costs what its arms live apart, and lives under the rule hold more (checks, applications, stops of
  treatment). Of 30,000 people 63 in 100 never part: both arms cost them 1.31 of one. To the other 37 the policy alone
  costs 1.46 of the baseline, and both 2.4, with 1.62 as many months lived. Were living along, parting and joining free,
  the second arm of `budget2025` would still cost about half of the first: the months apart are 15 microseconds for each
  of the 37, beside 12 for a life under one arm.
- *Size of the code* is no limit: checks, applications and memory as calls of their own took 2 to 8 per cent longer. No
  other level of optimisation, processor name, vector setting or alignment of the compiler was faster, nor were hints
  which branches are rare.

"""

PEERS = """## Peers

`python benchmarks/peers.py --keep` lives the reduced model in other packages, as published, in an environment
of their own: {versions}.

The peers' models (`benchmarks/peers/`) were written by us in each package's own
style and are untuned by their authors: they show the packages as used here, not how fast they can be. They
do less than the model of numba, which counts by state, group and month: theirs count totals. All begin
with the same people, live {months} months by the same probabilities with checks from the first month, on one
thread; the numba model draws with the generator that is shipped. Seconds of processor in the loop alone,
without imports and set-up; {rounds} rounds in which they take turns, median of the ratios, lowest and highest
in brackets.

{events}

| People | Package | Times as long | Seconds | numba, seconds |
|---:|---|---:|---:|---:|
{rows}

{machine}

"""

VARIANCE = """## What paired arms and expected counts save

`python benchmarks/variance.py --keep` lives {records:,} records from 2024 to {end} under the baseline and
`{policy}` with {seeds} seeds, in {parts} parts. Below is how many times as many people other designs would
need for the same standard error of excess opioid overdose deaths in the window of the run, from 2025: from
all luck and from who is in the records, and from the luck of lives alone. In brackets 95% of resamples.

| Design | Luck and records | Luck alone |
|---|---:|---:|
| Arms that share their luck, expected deaths | 1 | 1 |
{rows}

Arms with luck of their own have other people as well in the first column, the same people in the second.
Code {code}, {date}.

"""
DESIGNS = {
    "paired_realised": "Arms that share their luck, deaths that happen",
    "independent_expected": "Arms with luck of their own, expected deaths",
    "independent_realised": "Arms with luck of their own, deaths that happen",
}


def main() -> None:
    """Write the page and the plot."""
    history = pd.read_csv(HERE / "history.csv", dtype={"code": str})
    last = history.iloc[-1]
    same = (history[["code", "date", "cpu"]] == last[["code", "date", "cpu"]]).all(axis=1)
    latest = history[same].drop_duplicates("measure", keep="last").set_index("measure")["value"]
    scaling = scaling_rows(latest)
    PLOT.parent.mkdir(parents=True, exist_ok=True)
    plot(scaling).save(PLOT)
    machine = (
        f"Machine: {last['cpu']}, {last['cores']} cores, load {last['load']} at the start. "
        f"Code {last['code']}, {last['date']}."
    )
    text = TEXT.format(
        machine=machine,
        kernel=table(latest, KERNEL | SPEEDS),
        profile=profile_section(record("where_time_goes.json")),
        peers=peers_section(record("peers.json")),
        variance=variance_section(record("variance.json")),
        plot=PLOT.relative_to(DOCS).as_posix(),
        scaling=table(latest, {f"{row.panel}.{row.size}": f"{PANELS[row.panel]}: {row.size:,}, seconds"
                               for row in scaling.itertuples()}),
        runs=table(latest, run_labels(latest)),
        start_up=table(latest, {name: f"`{name.removeprefix('start_up.')} --help`, seconds"
                                for name in latest.index if name.startswith("start_up.")}),
    )  # fmt: skip
    (DOCS / "benchmarks.md").write_text(text, encoding="utf-8")


def record(name: str) -> Mapping[str, Any] | None:
    """What a benchmark kept, if it has been run."""
    path = HERE / name
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def profile_section(found: Mapping[str, Any] | None) -> str:
    """Where the time goes, by part."""
    if found is None:
        return ""
    rows = "\n".join(f"| {name} | {share:.0%} |" for name, share in found["shares"].items())
    return PROFILE.format(**(found | {"rows": rows}))


def peers_section(found: Mapping[str, Any] | None) -> str:
    """The peers' ratios, and whether their events agree."""
    if found is None:
        return ""
    rows, scores, differ = [], [], []
    ratios = {
        peer: [size["peers"][peer]["ratio"] for size in found["sizes"] if peer in size["peers"]]
        for peer in found["versions"]
    }
    least = [f"{peer} {min(values):.1f}" for peer, values in ratios.items() if values]
    for size in found["sizes"]:
        for peer, one in size["peers"].items():
            rows.append(
                f"| {size['people']:,} | {peer} | {one['ratio']:.1f} ({one['lowest_ratio']:.1f} to "
                f"{one['highest_ratio']:.1f}) | {one['seconds']:.2f} | {one['numba_seconds']:.4f} |"
            )
            scores += [abs(score) for score in one["standard_errors_apart"].values()]
            if not one["events_agree"]:
                differ.append(f"{peer} at {size['people']:,} people")
    events = (
        f"Events and stocks agree: the largest of {len(scores)} distances is {max(scores):.1f} standard "
        "errors. At the size where each package comes closest: " + ", ".join(least) + " times as long."
    )
    if differ:
        events = f"Events do not agree, so that these ratios do not hold, in {', '.join(differ)}."
    machine = found["machine"]
    return PEERS.format(
        versions=", ".join(f"{name} {version}" for name, version in found["versions"].items()),
        months=found["months"], rounds=found["rounds"], events=events, rows="\n".join(rows),
        machine=f"Machine: {machine['cpu']}, {machine['cores']} cores, load {machine['load']}; Python "
        f"{machine['python']}, numba {machine['numba']}. Code {machine['code']}, {machine['date']}.",
    )  # fmt: skip


def variance_section(found: Mapping[str, Any] | None) -> str:
    """How many people other designs need."""
    if found is None:
        return ""
    rows = []
    for name, words in DESIGNS.items():
        cells = [found[kind]["times_the_people"][name] for kind in ("luck_and_records", "luck")]
        shown_cells = [f"{shown(c['central'])} ({shown(c['low'])} to {shown(c['high'])})" for c in cells]
        rows.append(f"| {words} | {' | '.join(shown_cells)} |")
    return VARIANCE.format(**found, rows="\n".join(rows))


def scaling_rows(latest: pd.Series) -> pd.DataFrame:
    """Columns panel, what, size and seconds."""
    rows = []
    for name, value in latest.items():
        panel, _, size = str(name).rpartition(".")
        if panel in PANELS:
            rows.append({"panel": panel, "what": PANELS[panel], "size": int(size), "seconds": value})
    return pd.DataFrame(rows)


def plot(rows: pd.DataFrame) -> alt.FacetChart:
    """Seconds by size in three panels."""
    line = alt.Chart(rows).mark_line(point=True).encode(
        x=alt.X("size:Q", scale=alt.Scale(type="log"), title=None),
        y=alt.Y("seconds:Q", scale=alt.Scale(type="log"), title="seconds"),
    )  # fmt: skip
    return (
        line.properties(width=200, height=180)
        .facet(alt.Facet("what:N", title=None), columns=3)
        .resolve_scale(x="independent", y="independent")
    )


def run_labels(latest: pd.Series) -> dict[str, str]:
    """Names of the rows of whole runs, in words."""
    words = {"seconds": "seconds", "cpu": "seconds of processor", "memory": "largest memory, MB"}
    out = {}
    for name in latest.index:
        parts = name.split(".")
        if parts[0] != "runs":
            continue
        if parts[1] == "warm":
            records, threads = parts[2].split("_")
            out[name] = f"{int(records):,} records, {threads} thread(s), warm: {words[parts[3]]}"
        elif parts[1] == "alone":
            out[name] = f"{int(parts[2]):,} records, 2 threads, one draw, no brief, warm: {words[parts[3]]}"
        elif parts[1] == "cold":
            out[name] = f"With empty caches of machine code: {words[parts[2]]}"
        else:
            out[name] = "Of which the compiler: seconds"
    return out


def table(latest: pd.Series, labels: dict[str, str]) -> str:
    """A table in Markdown of the measures that are there."""
    lines = ["| | |", "|---|---:|"]
    present = [name for name in labels if name in latest.index]
    lines += [f"| {labels[name]} | {shown(latest[name])} |" for name in present]
    return "\n".join(lines)


def shown(value: float) -> str:
    """Three digits, or whole thousands."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


if __name__ == "__main__":
    main()
