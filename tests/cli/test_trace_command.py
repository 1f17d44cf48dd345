"""The command `trace`: what it prints, its options, its exit codes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from support import Command, environment

from microsim.cli.trace import trace

EXAMPLE = re.compile(r"^  microsim trace (.*)$", re.MULTILINE)
ANSI = "\x1b["


def test_people_of_a_reason_are_found_and_told_in_plain_text(command: Command, finished: Path) -> None:
    done = command("trace", "--run", str(finished), "--reason", "excluded_unverified", "--n", "2", "--draws")
    assert done.returncode == 0, done.stderr
    for words in (
        "nobody here is real",
        "Found: 2 of 2",
        "were looked at",
        "Person ",
        "in sum",
        "both",
        "policy",
    ):
        assert words in done.stdout
    assert "excluded from the work rule, but it was not proved" in " ".join(done.stdout.split())
    assert "DEATH 0." in done.stdout
    assert ANSI not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_examples_of_the_help_find_somebody_and_name_no_id(
    command: Command, finished: Path
) -> None:
    """Ids change with the inputs of the population, so an example with one would fail one day."""
    examples = EXAMPLE.findall(trace.epilog or "")
    assert len(examples) == 3 and not any("--person" in line for line in examples)
    (of_a_run,) = (line for line in examples if "--run" in line)
    done = command("trace", *of_a_run.replace("results/budget2025-3f0c", str(finished)).split(), "--quiet")
    assert done.returncode == 0, done.stderr
    first = re.search(r"^Person (\d+),", done.stdout, re.MULTILINE)
    assert first is not None
    again = command("trace", "--run", str(finished), "--person", first[1], "--quiet")
    assert again.returncode == 0 and f"Person {first[1]}," in again.stdout


@pytest.fixture(scope="module")
def found(finished: Path) -> dict[str, Any]:
    """Somebody whom the work rule reaches, as JSON."""
    line = [
        sys.executable,
        "-m",
        "microsim",
        "trace",
        "--run",
        str(finished),
        "--reason",
        "noncompliant",
        "--json",
    ]
    done = subprocess.run(line, env=environment(), capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_a_policy_gives_the_same_lives_as_its_run(
    command: Command, finished: Path, found: dict[str, Any]
) -> None:
    person = str(found["people"][0]["person"])
    args = [
        "trace",
        "--policy",
        "budget2025",
        "--persons",
        str(_records(finished)),
        "--person",
        person,
        "--json",
    ]
    done = command(*args, "--seed", str(found["seed"]))
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["run"] == found["run"]
    assert document["people"] == found["people"]


def _records(finished: Path) -> int:
    return int(json.loads((finished / "manifest.json").read_text())["records"])


def test_a_window_and_every_month(command: Command, finished: Path, found: dict[str, Any]) -> None:
    person = str(found["people"][0]["person"])
    window = ("--start", "2027-01", "--end", "2027-03")
    done = command("trace", "--run", str(finished), "--person", person, *window, "--all-months")
    assert done.returncode == 0, done.stderr
    for month in ("2027-01", "2027-02", "2027-03"):
        assert f"\n{month}  " in done.stdout
    assert "\n2026-12" not in done.stdout and "\n2027-04" not in done.stdout
    assert "of 3 months on Medicaid" in done.stdout


def test_an_unknown_person_and_a_month_outside_the_run_are_bad_input(
    command: Command, finished: Path
) -> None:
    done = command("trace", "--run", str(finished), "--person", "1", "--quiet")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: --person: 1: expected the id of one of the")
    assert len(done.stderr.splitlines()) == 1
    done = command("trace", "--run", str(finished), "--reason", "noncompliant", "--end", "2044-01", "--quiet")
    assert done.returncode == 2 and "--end" in done.stderr


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ((), ("--policy", "--person or --reason")),
        (("--policy", "budget2025"), ("neither",)),
        (("--policy", "budget2025", "--person", "1", "--reason", "noncompliant"), ("both",)),
        (("--policy", "budget2025", "--person", "x"), ("--person: 'x'",)),
        (("--policy", "budget2025", "--person", "1", "--n", "2"), ("--n", "only together with --reason")),
        (("--policy", "budget2025", "--reason", "noncompliant", "--n", "0"), ("--n",)),
        (("--policy", "budget2025", "--reason", "noncompliant", "--start", "2027"), ("--start", "2027-01")),
        (("--policy", "budget2025", "--run", "r", "--person", "1"), ("--policy", "together with --run")),
        (("--run", "r", "--person", "1", "--seed", "0", "--set", "a=1"), ("--seed", "--set")),
    ],
)
def test_options_that_make_no_sense_are_bad_input(args: tuple[str, ...], words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(trace, args)
    assert result.exit_code == 2 and result.stdout == ""
    for word in words:
        assert word in result.stderr


def test_hearings_and_late_papers_are_told(command: Command) -> None:
    line = (
        "trace", "--policy", "budget2025", "--reason", "excluded_unverified", "--persons", "20000", "--n", "3",
        "--quiet",
    )  # fmt: skip
    sure = ("--set", "medicaid.hearing.requested=0.9", "--set", "medicaid.hearing.reversed=0.3")
    done = command(*line, *sure)
    assert done.returncode == 0, done.stderr
    told = " ".join(done.stdout.split())
    assert "Asks for a hearing before Medicaid ends" in told
    assert "The hearing decides" in told
    assert "they are decided without a new application" in told
