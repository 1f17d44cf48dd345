"""The command as a whole: what help imports, examples in every help, loading on demand, plain errors."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from support import environment

from microsim.cli.main import COMMANDS, main

RUNNER = CliRunner(env={"COLUMNS": "80", "TERM": "dumb"})
HEAVY = {"numpy", "numba", "pandas", "pyarrow", "pydantic", "yaml", "rich", "altair", "scipy"}


def modules_of(*args: str) -> set[str]:
    line = [sys.executable, "-X", "importtime", "-m", "microsim", *args]
    done = subprocess.run(line, env=environment(), capture_output=True, text=True, timeout=600)
    assert done.returncode == 0
    rows = [row for row in done.stderr.splitlines() if row.startswith("import time:")]
    return {row.rsplit("|", 1)[1].strip() for row in rows}


def imported_by(*args: str) -> set[str]:
    return {name.split(".")[0] for name in modules_of(*args)}


@pytest.mark.parametrize("args", [(), ("run",), ("policy", "list"), ("compare",), ("population", "build")])
def test_help_imports_nothing_heavy(args: tuple[str, ...]) -> None:
    assert not imported_by(*args, "--help") & HEAVY


def test_a_run_without_intervals_waits_for_no_library_it_does_not_use(tmp_path: Path) -> None:
    options = ("--draws", "1", "--persons", "500", "--no-brief", "--out", str(tmp_path / "out"))
    modules_of("run", "--policy", "budget2025", *options)  # builds people where there are none yet
    loaded = modules_of("run", "--policy", "budget2025", *options, "--force")
    assert "numba" in loaded
    assert not loaded & {"pandas", "scipy.linalg", "scipy.special", "scipy.stats"}


def test_importing_the_package_is_light() -> None:
    code = "import sys, microsim; print(*{name.split('.')[0] for name in sys.modules})"
    line = [sys.executable, "-c", code]
    done = subprocess.run(line, env=environment(), capture_output=True, text=True, timeout=60)
    assert "microsim" in done.stdout.split()
    assert not set(done.stdout.split()) & HEAVY


def every_command() -> Iterator[tuple[str, ...]]:
    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        yield (name,)
        if isinstance(command, click.Group):
            yield from ((name, inner) for inner in command.list_commands(context))


@pytest.mark.parametrize("path", list(every_command()), ids=" ".join)
def test_every_help_shows_a_worked_example_in_80_columns(path: tuple[str, ...]) -> None:
    text = RUNNER.invoke(main, [*path, "--help"]).stdout
    assert f"  microsim {' '.join(path)}" in text.split("Example", 1)[1]
    assert max(map(len, text.splitlines())) <= 80


def test_help_lists_the_commands_there_are_and_no_others() -> None:
    text = RUNNER.invoke(main, ["--help"]).stdout
    listed = text.split("Commands:")[1]
    here = main.list_commands(click.Context(main))
    assert {"run", "compare", "policy", "parameter", "population", "doctor"} <= set(here) <= set(COMMANDS)
    for name, what in COMMANDS.items():
        assert (f"  {name} " in listed and what.split()[0] in listed) == (name in here)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["rnu"], "'rnu': expected a command"),
        (["policy", "lst"], "list"),
        (["run"], "--policy"),
        (["run", "--policy", "budget2025", "--polcy"], "--polcy"),
        (["run", "--policy", "budget2025", "--persons"], "--persons"),
        (["completion", "tcsh"], "tcsh"),
    ],
)
def test_a_wrong_line_is_one_line_and_exit_code_2(args: list[str], said: str) -> None:
    result = RUNNER.invoke(main, args)
    assert result.exit_code == 2
    assert not result.stdout
    assert result.stderr.startswith("error: ")
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_group_alone_shows_its_help() -> None:
    result = RUNNER.invoke(main, ["policy"])
    assert result.exit_code == 2
    assert "Commands:" in result.stderr


def test_debug_may_stand_anywhere_and_shows_the_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MICROSIM_DEBUG", "")
    for args in (["--debug", "policy", "show", "nowhere"], ["policy", "show", "nowhere", "--debug"]):
        result = RUNNER.invoke(main, args)
        assert type(result.exception).__name__ == "InputError"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(shell: str) -> None:
    assert "_MICROSIM_COMPLETE" in RUNNER.invoke(main, ["completion", shell]).stdout


def test_policy_names_complete() -> None:
    from click.shell_completion import ShellComplete

    shell = ShellComplete(main, {}, "microsim", "_MICROSIM_COMPLETE")
    words = shell.get_completions(["run", "--policy"], "budget")
    assert "budget2025" in [word.value for word in words]


def test_version() -> None:
    assert RUNNER.invoke(main, ["--version"]).stdout.startswith("microsim ")
