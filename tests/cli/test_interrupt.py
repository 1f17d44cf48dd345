"""Ctrl-C: the process ends with 130 and leaves nothing that looks like a result."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from support import PERSONS, environment

from microsim.cli.background import Stop, in_background, undisturbed


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
@pytest.mark.parametrize("stage", ["living", "writing tables"])
def test_interrupting_a_run_leaves_nothing(stage: str, finished: Path, tmp_path: Path) -> None:
    # `finished` has warmed the caches, so that the stage comes soon.
    line = [sys.executable, "-m", "microsim", "run", "--policy", "budget2025", "--persons", str(PERSONS)]
    process = subprocess.Popen(
        [*line, "--out", "deep/out"], cwd=tmp_path, env=environment(), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    for said in process.stderr:
        if said.strip() == stage:
            process.send_signal(signal.SIGINT)
            break
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted" in err
    assert "Traceback" not in err
    assert out == ""
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def press() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_work_notices_the_stop_and_the_interruption_is_raised() -> None:
    stop, noticed = Stop(), threading.Event()

    def work() -> None:
        threading.Timer(0.1, press).start()
        try:
            while True:
                stop.check()
        except KeyboardInterrupt:
            noticed.set()
            raise

    with pytest.raises(KeyboardInterrupt):
        in_background(work, stop, lambda: None)
    assert noticed.is_set()


def test_results_and_errors_come_back_from_the_other_thread() -> None:
    def fail() -> None:
        raise ValueError("odd")

    assert in_background(lambda: 7, Stop(), lambda: None) == 7
    with pytest.raises(ValueError, match="odd"):
        in_background(fail, Stop(), lambda: None)


def test_work_that_cannot_stop_is_left_behind() -> None:
    code = (
        "import os, signal, threading, time\n"
        "from microsim.cli import background\n"
        "background.GRACE = 0.1\n"
        "threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()\n"
        "background.in_background(lambda: time.sleep(600), background.Stop(), lambda: print('tidied'))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 130
    assert done.stdout == "tidied\n"


def test_writing_is_not_disturbed() -> None:
    written = []
    with pytest.raises(KeyboardInterrupt), undisturbed():
        press()
        written.append(True)
    assert written
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
