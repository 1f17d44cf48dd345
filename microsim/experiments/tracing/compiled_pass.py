"""What a trace needs of the compiled kernel, in a process beside the one that runs plain Python.

The first pass of crowding lives every fourth person with opioid use disorder, and a search lives thousands;
both would take hours without the compiler.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

from microsim.engine.crowding import crowding_of
from microsim.engine.people import People
from microsim.engine.tables import Crowding, build_tables
from microsim.experiments.compare import CROWDING_ONE_IN, Setup
from microsim.experiments.tracing.find import Found, Wanted, find
from microsim.ground.errors import MicrosimError
from microsim.ground.parameters import Parameters

_PLAIN = "NUMBA_DISABLE_JIT"

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
    context = get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_answer, args=(there,), daemon=True)
    with _compiling():
        process.start()
    there.close()
    try:
        here.send(request)
        answer = here.recv()
    except (EOFError, BrokenPipeError):
        process.join()
        raise MicrosimError(f"the first pass ended without an answer (exit code {process.exitcode})") from None
    finally:
        process.terminate()
        process.join()
    if isinstance(answer, BaseException):
        raise answer
    return answer


@contextmanager
def _compiling() -> Iterator[None]:
    """An environment in which a new process compiles."""
    before = os.environ.pop(_PLAIN, None)
    try:
        yield
    finally:
        if before is not None:
            os.environ[_PLAIN] = before


def _answer(pipe: Connection) -> None:
    # An interruption is the first process's to handle; it ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        pipe.send(_computed(pipe.recv()))
    except Exception as error:
        pipe.send(error)


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
