"""Long work off the main thread, so that Ctrl-C is heard at once, even inside compiled code."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from microsim.cli.errors import INTERRUPTED

T = TypeVar("T")

GRACE = 2.0
"""Seconds that work may take to stop after an interruption before the process ends without it."""
_GLANCE = 0.2


class Stop:
    """Whether the user has interrupted; asked from any thread."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def request(self) -> None:
        """Ask the work to stop."""
        self._event.set()

    def check(self) -> None:
        """Raise KeyboardInterrupt when the work should stop."""
        if self._event.is_set():
            raise KeyboardInterrupt


def in_background(work: Callable[[], T], stop: Stop, tidy: Callable[[], None]) -> T:
    """What `work()` returns or raises, computed on a thread while this one waits for it.

    On an interruption `stop` is requested, and `work` has GRACE seconds to notice. Work that is inside
    the compiler cannot: then `tidy()` is called and the process ends here, with the exit code of an
    interruption. `work` must not be writing results.
    """
    box: dict[str, Any] = {}
    # An event, because Python 3.11 forgets a thread whose join was interrupted.
    done = threading.Event()

    def target() -> None:
        try:
            box["value"] = work()
        except BaseException as error:  # carried to the waiting thread
            box["error"] = error
        finally:
            done.set()

    threading.Thread(target=target, name="microsim", daemon=True).start()
    try:
        while not done.wait(_GLANCE):
            pass
    except KeyboardInterrupt:
        stop.request()
        if not done.wait(GRACE):
            tidy()
            click.echo("interrupted", err=True)
            sys.stdout.flush()
            os._exit(INTERRUPTED)
        raise
    if "error" in box:
        raise box["error"]
    value: T = box["value"]
    return value


@contextmanager
def undisturbed() -> Iterator[None]:
    """Hold back Ctrl-C inside, and raise KeyboardInterrupt after it if it was pressed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed = []
    before = signal.signal(signal.SIGINT, lambda *_: pressed.append(True))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        raise KeyboardInterrupt
