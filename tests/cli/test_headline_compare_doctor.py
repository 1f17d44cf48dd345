"""Rounding, the side-by-side table and its other forms, and the doctor."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from microsim.cli.headline import GROUPS, LABELS, interval, print_headline, rounded, signed
from microsim.cli.main import main

RUNNER = CliRunner(env={"COLUMNS": "80", "TERM": "dumb"})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (0.04, "0.04"), (1.234, "1.2"), (45.67, "45.7"), (999.6, "1,000"), (45_321, "45,300"),
        (999_600, "1.00M"), (-1_234_567, "-1.23M"), (98_900_000, "98.9M"), (6.123e11, "612B"),
        (8.29e12, "8.29T"), (9_700_000, "9.70M"),
    ],
)  # fmt: skip
def test_numbers_are_rounded_as_a_reader_would(value: float, text: str) -> None:
    assert rounded(value) == text


@given(st.floats(min_value=1e-3, max_value=9e14))
def test_rounding_keeps_the_size_and_the_sign(value: float) -> None:
    text = rounded(value)
    unit = {"M": 1e6, "B": 1e9, "T": 1e12}.get(text[-1], 1)
    number = float(text.rstrip("MBT").replace(",", "")) * unit
    assert number == pytest.approx(value, rel=0.0051 if value >= 10 else 0.5)
    assert signed(value) == f"+{text}"
    assert signed(-value) == f"-{text}"


def test_an_interval_is_shown_or_that_there_is_none() -> None:
    assert interval({"low": None, "high": None}) == "one draw"
    assert interval({"low": -1_200_000.0, "high": 300.0}) == "-1.20M to +300"


def test_every_headline_measure_exists_and_has_a_label(finished: Path) -> None:
    measures = json.loads((finished / "summary.json").read_text())["measures"]
    for _, names in GROUPS:
        assert set(names) <= set(measures)
        assert set(names) <= set(LABELS)


def compare(*args: str | Path) -> Result:
    return RUNNER.invoke(main, ["compare", *map(str, args)])


@pytest.fixture
def other(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished run with another name and window, and with an interval."""
    folder = tmp_path / "other"
    shutil.copytree(finished, folder)
    document = json.loads((folder / "summary.json").read_text())
    document |= {"policy": "other", "window": ["2025-01", "2030-12"]}
    document["measures"]["overdose_deaths"] |= {"low": 1000.0, "high": 3000.0}
    (folder / "summary.json").write_text(json.dumps(document))
    return folder


def test_compare_shows_every_run_and_says_what_differs(finished: Path, other: Path) -> None:
    result = compare(finished, other, finished, finished, other)
    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert result.stdout.count("budget2025") == 3
    assert "(+1,000 to" in result.stdout
    assert "different windows: 2025-01 to 2034-12, 2025-01 to 2030-12" in result.stderr


def test_compare_as_json_and_csv(finished: Path, other: Path) -> None:
    found = json.loads(compare(finished, other, "--json").stdout)
    assert [one["policy"] for one in found["runs"]] == ["budget2025", "other"]
    document = json.loads((finished / "summary.json").read_text())
    assert [values[0] for values in found["measures"].values()] == list(document["measures"].values())
    rows = list(csv.DictReader(io.StringIO(compare(finished, other, "--csv").stdout)))
    assert len(rows) == 2 * len(document["measures"])
    deaths = [row for row in rows if row["measure"] == "overdose_deaths"]
    assert [row["high"] for row in deaths] == ["", "3000.0"]
    assert float(deaths[0]["difference"]) == document["measures"]["overdose_deaths"]["difference"]


def test_compare_names_every_folder_without_a_result(finished: Path, tmp_path: Path) -> None:
    result = compare(finished, tmp_path, tmp_path / "nowhere")
    assert result.exit_code == 2
    assert not result.stdout
    assert str(tmp_path / "nowhere") in result.stderr
    assert "2 problems" in result.stderr


def test_the_doctor_finds_this_installation_sound() -> None:
    result = RUNNER.invoke(main, ["doctor", "--json"])
    found = json.loads(result.stdout)
    assert result.exit_code == 0
    assert found["sound"]
    assert {"python", "libraries", "threads", "parameters", "kernels", "population"} <= set(found["found"])
    assert max(map(len, RUNNER.invoke(main, ["doctor"]).stdout.splitlines())) <= 120


def test_the_doctor_names_what_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    import microsim.ground.parameters as module

    def broken() -> None:
        raise ValueError("no data")

    monkeypatch.setattr(module, "load_parameters", broken)
    result = RUNNER.invoke(main, ["doctor"])
    assert result.exit_code == 1
    assert "BROKEN: no data" in result.stdout
    assert "broken: parameters, policies" in result.stderr


@pytest.mark.parametrize("columns", [40, 60, 80, 200])
def test_tables_fit_the_terminal_and_cut_no_number(
    columns: int, finished: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    document = json.loads((finished / "summary.json").read_text())
    for entry in document["measures"].values():
        entry["low"], entry["high"] = -10.7e6, 2.39e6
    monkeypatch.setenv("COLUMNS", str(columns))
    print_headline(document)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= columns
    shown = sum("-10.7M to +2.39M" in line for line in lines)
    assert shown == sum(len(names) for _, names in GROUPS)
