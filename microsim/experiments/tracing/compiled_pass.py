"""What a trace needs of the compiled kernel, in a process beside the one that runs plain Python.

The first pass of crowding lives every fourth person with opioid use disorder, a search lives thousands, and a
population that is not in the cache is drawn person by person; all would take long without the compiler.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import microsim
from microsim.engine.crowding import crowding_of
from microsim.engine.people import People
from microsim.engine.tables import Crowding, build_tables
from microsim.experiments.compare import CROWDING_ONE_IN, Setup
from microsim.experiments.tracing.find import Found, Wanted, find
from microsim.ground.errors import MicrosimError
from microsim.ground.parameters import Parameters

_PLAIN = "NUMBA_DISABLE_JIT"
_COMMAND = "from microsim.experiments.tracing.compiled_pass import answer; answer()"

Crowdings = list[Crowding | None]


class _Request(NamedTuple):
    documents: list[dict[str, Any]]
    people: People
    months: int
    seed: int
    threads: int
    crowding: Crowdings | None
    whom: Wanted | None


def compiled_pass(
    ready: Setup, crowding: Crowdings | None, whom: Wanted | None, threads: int
) -> tuple[Crowdings, Found | None]:
    """Crowding of both arms, computed unless given, and the people found if any are wanted."""
    documents = [tree.to_document() for tree in ready.arms]
    request = _Request(documents, ready.people, ready.months, ready.seed, threads, crowding, whom)
    # A session of its own: an interruption is this process's to handle, and ends that one.
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", _COMMAND], env=_compiling(), start_new_session=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        written, _ = process.communicate(pickle.dumps(request))
    finally:
        process.kill()
        process.wait()
    if process.returncode != 0:
        raise MicrosimError(f"the first pass ended with exit code {process.returncode}")
    result = pickle.loads(written)
    if isinstance(result, BaseException):
        raise result
    return result


def build_people(persons: int, seed: int) -> None:
    """Build the default population into the cache, in seconds where plain Python would take many minutes."""
    command = f"from synthetic_pop.default import default_population; default_population({persons}, {seed})"
    done = subprocess.run(
        [sys.executable, "-P", "-c", command], env=_compiling(), stdin=subprocess.DEVNULL, check=False
    )
    if done.returncode != 0:
        raise MicrosimError(f"building the people ended with exit code {done.returncode}")


def _compiling() -> dict[str, str]:
    """Variables for a process that compiles, and imports the same copy of microsim."""
    kept = {name: value for name, value in os.environ.items() if name != _PLAIN}
    paths = [str(Path(microsim.__file__).resolve().parents[1]), kept.get("PYTHONPATH", "")]
    return {**kept, "PYTHONPATH": os.pathsep.join(path for path in paths if path)}


def answer() -> None:
    """Read a request on standard input and write the answer, or the error, on standard output."""
    out = sys.stdout.buffer
    sys.stdout = sys.stderr
    result: Any
    try:
        result = _computed(pickle.load(sys.stdin.buffer))
    except Exception as error:
        result = error
    out.write(pickle.dumps(result))
    out.flush()


def _computed(request: _Request) -> tuple[Crowdings, Found | None]:
    arms = [Parameters.from_document(document) for document in request.documents]
    crowding = request.crowding
    if crowding is None:
        plain = build_tables(arms, request.months)
        crowding = crowding_of(request.people, arms, plain, request.seed, request.threads, CROWDING_ONE_IN)
    found = None
    if request.whom is not None:
        tables = build_tables(arms, request.months, crowding)
        found = find(request.people, tables, request.seed, request.whom)
    return crowding, found
