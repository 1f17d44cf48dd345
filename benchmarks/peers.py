"""The reduced model in starsim, vivarium and mesa: `python benchmarks/peers.py [--keep]`.

The peers' published packages are installed in an environment of their own, from which one script a peer in
`peers/` is run. All start from the same people with the same probabilities, which this file writes for them;
rounds alternate with the model compiled by numba, on one thread. How often each event happens is compared
first: a ratio of times means something only between models that do the same.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

import click
import numpy as np

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import reduced  # noqa: E402
from timing import ratio, rounds  # noqa: E402

from microsim.ground.philox import key_words  # noqa: E402

FOUND = HERE / "peers.json"
SCRIPTS = HERE / "peers"
PEERS = ("starsim", "vivarium", "mesa")
EVENTS = (
    "hired", "laid_off", "enrolled", "checked", "lost", "lost_oud", "started", "stopped", "stopped_uninsured",
    "overdoses", "overdoses_treated", "overdoses_uninsured", "reversed", "overdose_deaths", "other_deaths",
)  # fmt: skip
"""Counters of reduced.py, in lower case, that count as things happen."""
STOCKS = ("people", "working", "medicaid", "uninsured", "treated")
"""Those that hold changes; their sum is the stock at the end."""
SIZES = (20_000, 100_000, 300_000)
"""People: what a peer spends once a month, whatever the size, weighs less and less."""
COLUMNS = ("state", "group", "oud", "working", "cover", "treated", "phase")
LAW = 0
"""Checks fall due from the first month; in reduced.py from the fourth year, which is not lived here."""
APART = 4
"""Standard errors up to which counts agree."""
SEEDS = 50
"""Of the numba model: they give the expected counts and their spread."""
TURNS = 5
"""Times the numba model is lived in its turn, which takes milliseconds; the median counts."""
LIBRARIES = ("OMP", "OPENBLAS", "MKL", "NUMBA", "NUMEXPR")
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in LIBRARIES}
VERSIONS = """
import json, sys
from importlib.metadata import version
print(json.dumps({name: version(name) for name in sys.argv[1:]}))
"""


@click.command()
@click.option("--people", "sizes", type=click.IntRange(min=2_000), multiple=True, default=SIZES,
              show_default=True, help="People; may be given more than once.")  # fmt: skip
@click.option("--months", type=click.IntRange(min=1), default=12, show_default=True)
@click.option("--rounds", "count", type=click.IntRange(min=1), default=5, show_default=True)
@click.option("--environment", type=click.Path(path_type=Path, file_okay=False), default=None,
              help="Folder of the peers' packages, made when missing; else a temporary one.")  # fmt: skip
@click.option("--keep", is_flag=True, help="Write peers.json, from which the page is made.")
def main(sizes: tuple[int, ...], months: int, count: int, environment: Path | None, keep: bool) -> None:
    """Times of peers over the numba model's, after their events are compared."""
    from measure import machine

    found: dict[str, Any] = {"schema": 1, "machine": machine(), "months": months, "rounds": count}
    with tempfile.TemporaryDirectory(prefix="microsim-peers-") as name:
        folder = Path(name)
        python, found["versions"] = made(environment or folder / "environment")
        found["sizes"] = [
            compared(python, found["versions"], people, months, count, folder) for people in sizes
        ]
    if keep:
        FOUND.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def compared(
    python: Path, versions: Mapping[str, str], people: int, months: int, count: int, folder: Path
) -> dict[str, Any]:
    """Ratios and events of each peer at one size; said in a line each."""
    model = reduced_model(people, months)
    written(model, months, folder)
    runs, spent = in_rounds(python, versions, model, months, count, folder)
    expected = numba_counts(model, months)
    rows = {}
    for peer in versions:
        if not runs[peer]:
            continue
        own, theirs = spent[peer]
        each = [b / a for a, b in zip(own, theirs, strict=True)]
        counts = {name: [run["counts"][name] for run in runs[peer]] for name in EVENTS + STOCKS}
        scores = apart(counts, expected)
        differ = [f"{name} ({score:+.1f})" for name, score in scores.items() if abs(score) > APART]
        rows[peer] = {
            "ratio": ratio(theirs, own), "lowest_ratio": min(each), "highest_ratio": max(each),
            "seconds": median(theirs), "numba_seconds": median(own), "events_agree": not differ,
            "mean_counts": {name: float(np.mean(values)) for name, values in counts.items()},
            "standard_errors_apart": scores,
        }  # fmt: skip
        said = (
            f"differ: {', '.join(differ)}" if differ else f"agree, at most {worst(scores):.1f} errors apart"
        )
        click.echo(
            f"{people:,} people, {peer} {versions[peer]}: {ratio(theirs, own):.1f} times as long "
            f"({min(each):.1f} to {max(each):.1f}), {median(theirs):.2f} s over {median(own):.4f} s; "
            f"events {said}"
        )
    means = {name: float(values.mean()) for name, values in expected.items()}
    return {"people": people, "numba_mean_counts": means, "peers": rows}


def made(folder: Path) -> tuple[Path, dict[str, str]]:
    """The interpreter of the peers' environment, and versions of the peers that could be installed."""
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    present = {}
    for peer in PEERS:
        if known(python, peer) is None:
            install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", peer]
            done = subprocess.run(install, capture_output=True, text=True)
            if done.returncode != 0:
                click.echo(f"{peer} could not be installed: {last_line(done.stderr)}", err=True)
                continue
        present[peer] = str(known(python, peer))
    return python, present


def known(python: Path, package: str) -> str | None:
    """Version of a package in that environment."""
    done = subprocess.run([str(python), "-c", VERSIONS, package], capture_output=True, text=True)
    return json.loads(done.stdout)[package] if done.returncode == 0 else None


def last_line(text: str) -> str:
    """What an error says at its end."""
    return (text.strip().splitlines() or ["no message"])[-1]


def reduced_model(people: int, months: int) -> reduced.Model:
    """The reduced model with checks from the first month."""
    model = reduced.model(people, months)
    model.rates[reduced.Rates._fields.index("law")] = LAW
    return model


def written(model: reduced.Model, months: int, folder: Path) -> None:
    """Write the model and its people for the peers."""
    start = folder / "start.npz"
    np.savez(start, **{name: getattr(model, name) for name in COLUMNS})
    document = {
        "months": months, "law": LAW, "check_every": reduced.CHECK_EVERY,
        "monthly": dict(zip(reduced.Rates._fields, reduced.MONTHLY, strict=False)),
        "deaths": reduced.DEATHS, "naloxone": (model.naloxone[:, 0] / reduced.ONE).tolist(),
        "covers": {"nobody": reduced.NOBODY, "public": reduced.PUBLIC_COVER, "job": reduced.JOB_COVER},
        "events": EVENTS, "start": str(start),
    }  # fmt: skip
    (folder / "model.json").write_text(json.dumps(document), encoding="utf-8")


def in_rounds(
    python: Path, present: Mapping[str, str], model: reduced.Model, months: int, count: int, folder: Path
) -> tuple[dict[str, list[dict[str, Any]]], dict[str, tuple[list[float], list[float]]]]:
    """What each peer printed, by round, and by peer the seconds of numba just before it and its own."""
    runs: dict[str, list[dict[str, Any]]] = {peer: [] for peer in present}
    spent: dict[str, tuple[list[float], list[float]]] = {peer: ([], []) for peer in present}
    work = {"numba": lambda: reduced.run(reduced.live_numba, model, months=months)}
    work["numba"]()
    for peer in present:
        lived(python, peer, folder / "model.json", 0)  # so that what a peer compiles once is kept
    for seed in range(1, count + 1):
        for peer in present:
            own = median(rounds(work, TURNS, time.process_time)["numba"])
            run = lived(python, peer, folder / "model.json", seed)
            if run is not None:
                runs[peer].append(run)
                spent[peer][0].append(own)
                spent[peer][1].append(run["seconds"])
    return runs, spent


def lived(python: Path, peer: str, model: Path, seed: int) -> dict[str, Any] | None:
    """Run a peer's script; None, said in a line, when it fails."""
    paths = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [str(python), str(SCRIPTS / f"{peer}_w.py"), str(model), str(seed)],
        capture_output=True, text=True, env=paths | ONE_THREAD,
    )  # fmt: skip
    if done.returncode != 0:
        click.echo(f"{peer} failed: {last_line(done.stderr)}", err=True)
        return None
    return json.loads(last_line(done.stdout))


def numba_counts(model: reduced.Model, months: int) -> dict[str, np.ndarray]:
    """Counts of the numba model by seed; seeds are not the one that is timed."""
    counts = []
    for seed in range(SEEDS):
        keyed = reduced.Model(*model[:-1], key_words(seed + reduced.SEED + 1))
        counts.append(reduced.run(reduced.live_numba, keyed, months=months).sum(axis=(0, 1, 2)))
    table = np.array(counts)
    return {name: table[:, getattr(reduced, name.upper())] for name in EVENTS + STOCKS}


def apart(counts: Mapping[str, list[int]], expected: Mapping[str, np.ndarray]) -> dict[str, float]:
    """How many standard errors mean counts are from the numba model's.

    All begin with the same people for as many months, so counts compare as rates do. The error is of the
    spread between seeds of the numba model, as one person's months are not independent.
    """
    scores = {}
    for name, values in counts.items():
        error = expected[name].std(ddof=1) * np.sqrt(1 / len(values) + 1 / len(expected[name]))
        gap = float(np.mean(values) - expected[name].mean())
        scores[name] = gap / float(error) if error > 0 else (0.0 if gap == 0 else float("inf"))
    return scores


def worst(scores: Mapping[str, float]) -> float:
    """The largest distance."""
    return max(abs(score) for score in scores.values())


if __name__ == "__main__":
    main()
