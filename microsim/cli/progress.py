"""What a run is doing, on standard error: a bar with the time left, or lines where there is no terminal."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from microsim.cli.background import Stop

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

COMPILING = "compiling the model (first time only)"
_STEPS = 4
"""Plain lines a stage prints beside its first, for quarters of it."""
_SILENCE = 60
"""Seconds after which a longer stage says where it is."""


class Told:
    """A `Report`: called with a stage, how much of it is done and how much there is, from any thread.

    Every call also notices an interruption. `cold` says that the first stage to live lives waits
    for the compiler. Use as a context.
    """

    def __init__(self, stop: Stop, *, quiet: bool, cold: bool) -> None:
        self._stop = stop
        self._cold = cold
        self._lock = threading.Lock()
        self._stage = ""
        self._started = 0.0
        self._from = 0.0
        self._said = 0.0
        self._step = 0
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._lines = not quiet and not sys.stderr.isatty()
        if not quiet and not self._lines:
            self._bar = _bar()

    def __enter__(self) -> Told:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the terminal back."""
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, what: str, done: float, total: float) -> None:
        self._stop.check()
        with self._lock:
            if what != self._stage:
                self._begin(what, total)
                self._from = done / total if total else 0.0
            if self._bar is not None and self._task is not None:
                self._bar.update(self._task, completed=done, total=total if total > 1 else None)
            elif self._lines and total > 1:
                self._line(done / total)

    def say(self, text: str) -> None:
        """Print a line on standard error, above the bar."""
        if self._bar is not None:
            self._bar.console.print(text, markup=False, highlight=False)
        else:
            click.echo(text, err=True)

    def _begin(self, what: str, total: float) -> None:
        self._stage, self._started, self._step = what, time.monotonic(), 0
        self._said = self._started
        shown = what
        if self._cold and what == "first pass":
            shown, self._cold = COMPILING, False
        if self._bar is not None:
            if self._task is not None:
                self._bar.remove_task(self._task)
            self._task = self._bar.add_task(shown, total=total if total > 1 else None)
        elif self._lines:
            click.echo(shown, err=True)

    def _line(self, share: float) -> None:
        step = int(share * _STEPS)
        if step <= self._step and time.monotonic() - self._said < _SILENCE:
            return
        self._step, self._said = step, time.monotonic()
        spent = time.monotonic() - self._started
        # What an earlier run had finished took none of this time.
        here = max(share - self._from, 1e-9)
        left = f", {_time(spent * (1 - share) / here)} left" if share < 1 else f" in {_time(spent)}"
        click.echo(f"{self._stage}: {100 * share:.0f}%{left}", err=True)


def _time(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _bar() -> Progress:
    from rich import progress
    from rich.console import Console

    return progress.Progress(
        progress.SpinnerColumn(), progress.TextColumn("{task.description}"), progress.BarColumn(bar_width=24),
        progress.TaskProgressColumn(), progress.TimeElapsedColumn(), progress.TextColumn("left"),
        progress.TimeRemainingColumn(), console=Console(stderr=True), transient=True,
    )  # fmt: skip


def kernels_cold() -> bool:
    """Whether the machine code of the present sources still has to be made."""
    from microsim.engine.kernel import run_shard
    from microsim.ground.compiled import PLAIN_PYTHON

    if PLAIN_PYTHON:
        return False
    # Installed copies with the same sources share a cache but not their machine code.
    dispatcher: Any = run_shard
    return not any(Path(dispatcher.stats.cache_path).glob("*.run_shard-*.nbi"))
