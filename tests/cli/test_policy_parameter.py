"""The commands `policy` and `parameter`: output, widths, forms, exit codes."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from microsim.cli.parameter import parameter
from microsim.cli.policy import policy

RUNNER = CliRunner(env={"COLUMNS": "80", "TERM": "dumb"})


def run(*args: str) -> Result:
    group, *rest = args
    return RUNNER.invoke({"policy": policy, "parameter": parameter}[group], rest)


def test_diff_says_what_when_where_from_what_to_what_under_which_section() -> None:
    result = run("policy", "diff", "baseline", "budget2025")
    assert result.exit_code == 0
    for words in (
        "The federal work requirement is law",
        "section 71119",
        "from 2027-01",
        "everywhere",
        "1,575",
        "1,372",
    ):
        assert words in result.stdout
    assert "the same parameters" in run("policy", "diff", "baseline", "baseline").stdout


def test_diff_as_json() -> None:
    found = json.loads(run("policy", "diff", "baseline", "redeterminations", "--json").stdout)
    assert [(one["parameter"], one["when"], one["before"], one["after"]) for one in found] == [
        ("medicaid.renewal.six_month_in_force", "from 2027-01", "false", "true")
    ]
    assert "71107" in found[0]["under"][0]["section"]


@pytest.mark.parametrize(
    "args",
    [
        ("policy", "list"), ("policy", "list", "--provisions"), ("policy", "show", "budget2025"),
        ("policy", "show", "baseline"), ("policy", "diff", "enacted", "protective-full"),
        ("parameter", "list", "--status", "assumed"), ("parameter", "list", "naloxone"),
        ("parameter", "show", "sud.treatment.stop_probability"),
        ("parameter", "show", "medicaid.renewal.ex_parte_share"),
        ("parameter", "check"),
    ],
)  # fmt: skip
def test_tables_fit_a_terminal(args: tuple[str, ...]) -> None:
    result = run(*args)
    assert result.exit_code == 0
    assert result.stdout.strip()
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_show_gives_provisions_sections_and_sources() -> None:
    text = run("policy", "show", "budget2025").stdout
    assert "section 71119" in text
    assert "United States Congress" in text
    assert "programs.sor.funding" in text
    data = json.loads(run("policy", "show", "budget2025", "--json").stdout)
    assert data["id"] == "budget2025"
    assert len(data["provisions"]) > 5
    assert all(one["section"] for one in data["provisions"])


def test_parameters_are_found_by_word_status_and_age() -> None:
    every = json.loads(run("parameter", "list", "--json").stdout)
    assert {"id", "label", "value", "unit", "status", "source"} <= set(every[0])
    assumed = json.loads(run("parameter", "list", "--status", "assumed", "--json").stdout)
    assert assumed == [one for one in every if one["status"] == "assumed"]
    found = json.loads(run("parameter", "list", "KIT", "life", "--json").stdout)
    assert "sud.naloxone.kit_life" in [one["id"] for one in found]
    old = json.loads(run("parameter", "list", "--older-than", "2015", "--json").stdout)
    assert 0 < len(old) < len(every)
    assert all("2025" not in (one["year"] or "") for one in old)
    rows = list(csv.DictReader(io.StringIO(run("parameter", "list", "--csv").stdout)))
    assert [row["id"] for row in rows] == [one["id"] for one in every]


def test_nothing_found_is_said_on_standard_error() -> None:
    result = run("parameter", "list", "xyzzy")
    assert result.exit_code == 0
    assert "no parameter with xyzzy" in result.stderr
    assert not result.stdout


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("policy", "show", "budget2052"), "nearest is 'budget2025'"),
        (("policy", "diff", "baseline", "nowhere.yaml"), "a file that exists"),
        (("policy", "check", "budget2025", "enacted"), "replaces: block-grant"),
        (("parameter", "show", "sud.naloxone.kit_lif"), "nearest is 'sud.naloxone.kit_life'"),
        (("parameter", "list", "--json", "--csv"), "one form of output"),
        (("parameter", "check", "/nowhere"), "a folder"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(args: tuple[str, ...], said: str) -> None:
    result = run(*args)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.output
    assert all(line.startswith(("error: ", "2 ", "3 ", "4 ")) for line in result.stderr.splitlines())


def test_a_users_file_is_checked_with_line_and_fix(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("label: Mine\npatches:\n  - {parameter: sud.naloxone.kit_life, value: 24}\n")
    assert "1 patch of 1 parameter" in run("policy", "check", str(file)).stdout
    file.write_text(
        "patches:\n  - {parameter: sud.naloxone.kit_lif, value: 24}\n"
        "  - {parameter: programs.backfill, value: 2}\n"
    )
    result = run("policy", "check", str(file))
    assert result.exit_code == 2
    assert "mine.yaml:2: sud.naloxone.kit_lif" in result.stderr
    assert "mine.yaml:3: programs.backfill.value: 2" in result.stderr


def test_unexpected_errors_and_interruptions_have_their_own_exit_codes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import microsim.ground.policies as module

    for error, code, said in ((RuntimeError("odd"), 1, "--debug"), (KeyboardInterrupt(), 130, "interrupted")):

        def fail(error: BaseException = error) -> None:
            raise error

        monkeypatch.setattr(module, "shipped_library", fail)
        result = run("policy", "list")
        assert result.exit_code == code
        assert said in result.stderr
