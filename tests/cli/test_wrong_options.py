"""What a user may get wrong in an option of any command: the whole line that is said, before any work."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from microsim.cli.main import main

POLICY = (
    "expected the name of a policy or provision; see `microsim policy list`, or give a file ending in .yaml"
)
MONTH = "expected a month written YYYY-MM; quote it, as in '2027-01'"
RESIDENTS = (
    "expected at most 340,110,990 records, one for each resident; `--persons all` takes every resident"
)
HELD = (
    "expected at most 5,000,000 records, which this command holds in memory; only `microsim run` and `budget` take more"
)
NOTHING_RUN = "expected no such option with --result, which runs nothing"
OF_FALL = "expected no such option with --fall, which has its own causes and months"
LARGE = "99999999999999999999"

LINES: list[tuple[str, str]] = [
    # the option that was given, not another
    ("run --policy budget2025 --baseline nope", f"--baseline: 'nope': {POLICY}"),
    ("budget --policy enacted --baseline nope", f"--baseline: 'nope': {POLICY}"),
    ("offset --against nope", f"--against: 'nope': {POLICY}"),
    ("sensitivity --against nope", f"--against: 'nope': {POLICY}"),
    ("rank --against nope", f"--against: 'nope': {POLICY}"),
    ("rank nope", f"POLICY: 'nope': {POLICY}"),
    ("policy show nope", f"NAME: 'nope': {POLICY}"),
    ("policy diff nope baseline", f"FIRST: 'nope': {POLICY}"),
    ("policy diff baseline nope", f"SECOND: 'nope': {POLICY}"),
    ("offset --start foo", f"--start: 'foo': {MONTH}"),
    ("rank --end foo", f"--end: 'foo': {MONTH}"),
    ("attribute --start foo", f"--start: 'foo': {MONTH}"),
    ("sensitivity --start foo", f"--start: 'foo': {MONTH}"),
    # counts that nobody means
    (f"run --policy enacted --draws {LARGE}", f"--draws: '{LARGE}': expected a whole number from 1 to 100,000"),
    ("run --policy enacted --threads 5000", "--threads: '5000': expected a whole number from 1 to 1,024"),
    (
        f"run --policy enacted --seed {LARGE}",
        f"--seed: '{LARGE}': expected a whole number below 2 to the power of 64",
    ),
    ("trace --policy enacted --reason deterred --n 1001", "--n: '1001': expected a whole number from 1 to 1,000"),
    (
        "rank --draws 100001",
        "Invalid value for '--draws': 100001 is not in the range 1<=x<=100000 (see `microsim rank --help`)",
    ),
    (
        f"sizes --seed {LARGE}",
        f"Invalid value for '--seed': {LARGE} is not a whole number from 0 to below 2 to the power of 64 "
        "(see `microsim sizes --help`)",
    ),
    ("run --policy enacted --persons 340110991", f"--persons: 340110991: {RESIDENTS}"),
    # studies go over the same people again and again
    *(
        (f"{command} --persons 5000001", f"--persons: 5000001: {HELD}")
        for command in (
            "offset", "attribute", "attribute --fall 2024", "rank", "sensitivity", "sizes",
            "trace --policy enacted --reason deterred",
        )
    ),
    ("validate --persons 340110991", f"--persons: 340110991: {RESIDENTS}"),
    ("population build --out x.parquet --persons 340110991", f"--persons: 340110991: {RESIDENTS}"),
    # plain paths and plain words
    (
        "run --folder nope",
        "--folder: 'nope': expected a folder that exists; `microsim template nope` writes one",
    ),
    (
        "forecast list",
        "--folder: 'forecasts': expected a folder with register.csv; see `microsim forecast record`",
    ),
    (
        "forecast score nope.json x.csv",
        "nope.json: 'No such file or directory': expected a forecast that can be read",
    ),
    # options that do not go together, files whose ending says another format
    (
        "budget DIR --baseline nope",
        "--baseline: 'nope': expected no such option with DIR; run the policy again",
    ),
    (
        "budget DIR --excel x.csv",
        "--excel: 'x.csv': expected a file ending in .xlsx; --csv writes CSV files",
    ),
    ("brief DIR --format md --out x.html", "--out: 'x.html': expected a file ending in .md with --format md"),
    ("sizes --by state", "--by: 'no --result': expected a finished run: --result FOLDER"),
    ("sizes --result DIR --persons 100", f"--persons: 100: {NOTHING_RUN}"),
    ("sizes --result DIR --seed 1", f"--seed: 1: {NOTHING_RUN}"),
    ("validate --result DIR --persons 100", f"--persons: 100: {NOTHING_RUN}"),
    ("validate --result DIR --draws 3", f"--draws: 3: {NOTHING_RUN}"),
    ("validate --result DIR --only Treatment", f"--only: 'Treatment': {NOTHING_RUN}"),
    ("brief DIR --threads 2", "--threads: 2: expected --whole beside it"),
    ("brief DIR --population x.parquet", "--population: 'x.parquet': expected --whole beside it"),
    ("attribute --fall 2024 --policy enacted", f"--policy: 'enacted': {OF_FALL}"),
    ("attribute --fall 2024 --by channels", f"--by: 'channels': {OF_FALL}"),
    ("attribute --fall 2024 --full", f"--full: 'given': {OF_FALL}"),
    # said before anybody is lived
    ("alternatives --policy nope", f"--policy: 'nope': {POLICY}"),
    ("forecast record --policy nope", f"--policy: 'nope': {POLICY}"),
]


def said(line: str) -> list[str]:
    """What `microsim LINE` says on standard error; it must refuse."""
    result = CliRunner().invoke(main, line.split(), prog_name="microsim")
    assert result.exit_code == 2, result.output
    assert not result.stdout
    return result.stderr.splitlines()


@pytest.mark.parametrize(("line", "expected"), LINES, ids=[line for line, _ in LINES])
def test_one_line(line: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import microsim.experiments.compare as module

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "people_of", None)  # nobody is to be made
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "0")  # `trace` sets it for its own process, which here is that of all tests
    assert said(line) == [f"error: {expected}"]
    assert not list(tmp_path.iterdir())


def test_a_population_without_rows(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    from synthetic_pop.files import schema

    file = tmp_path / "people.parquet"
    pq.write_table(schema().empty_table(), file)
    expected = [f"error: {file}: 'no rows': expected at least one record"]
    assert said(f"run --policy enacted --population {file}") == expected
    assert said(f"population describe {file}") == expected


def test_counts_and_forecasts_that_are_no_text(tmp_path: Path) -> None:
    import json

    from microsim.experiments.forecasts import digest_of

    content = {"schema": 1, "places": {}}
    (tmp_path / "forecast.json").write_text(json.dumps({**content, "digest": digest_of(content)}))
    (tmp_path / "counts.csv").write_bytes(b"place,month\n\xff\xfe,2026-05\n")
    line = f"forecast score {tmp_path}/forecast.json {tmp_path}/counts.csv"
    assert said(line) == [f"error: {tmp_path}/counts.csv: 'no UTF-8 text': expected a CSV file that can be read"]
    (tmp_path / "forecast.json").write_bytes(b"\xff\xfe{")
    assert said(line) == [f"error: {tmp_path}/forecast.json: 'no JSON': expected a forecast that can be read"]


def test_a_policy_that_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("label: My plan\n")
    expected = [
        f"error: {file}: 'nothing that changes': expected a policy or a provision; "
        "list `provisions:`, `policies:` or `patches:`"
    ]
    assert said(f"policy check {file}") == expected
    assert said(f"run --policy {file}") == expected


def test_a_file_with_the_name_of_a_shipped_policy(tmp_path: Path) -> None:
    file = tmp_path / "budget2025.yaml"
    file.write_text("patches:\n  - {parameter: programs.sor.funding, scale: 0.5}\n")
    result = CliRunner().invoke(main, ["policy", "check", str(file)])
    assert result.exit_code == 0
    assert result.stderr == (
        f"warning: {file}: its id budget2025 is that of a policy that ships; give it an `id:` of its own\n"
    )
    assert CliRunner().invoke(main, ["policy", "check", "budget2025"]).stderr == ""


ABSURD = [
    ("scale: 1.0e+300", "programs.sor.funding.scale: 1e+300: expected a number from 0 to 1,000,000 (ratio)"),
    (
        "scale: 1.0e+6",
        "programs.sor.funding.scale: 1575000000.0: expected a number from 0 to 100,000,000 (musd_per_year)",
    ),
    (
        "value: 1.0e+200",
        "programs.sor.funding.value: 1e+200: expected a number from -100,000,000 to 100,000,000 (musd_per_year)",
    ),
]


@pytest.mark.parametrize(("patch", "expected"), ABSURD, ids=[patch for patch, _ in ABSURD])
def test_absurd_values_are_named(patch: str, expected: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(f"patches:\n  - {{parameter: programs.sor.funding, {patch}}}\n")
    assert said(f"policy check {file}") == [f"error: {file}:2: {expected}"]
