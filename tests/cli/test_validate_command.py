"""`microsim validate`, `calibrate`, `alternatives` and `forecast` as users call them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support import PERSONS

from microsim.cli.main import main
from microsim.experiments.validate import Validation
from microsim.report.validation import _head, _natural


def call(*args: str) -> Result:
    return CliRunner().invoke(main, [*args])


def test_rows_of_a_saved_run_in_the_terminal(finished: Path) -> None:
    result = call("validate", "--result", str(finished))
    assert result.exit_code == 0, result.output
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "All-cause mortality" in result.stdout and "no row can be a hit" in " ".join(result.stdout.split())


def test_rows_of_a_group_as_json_and_page(tmp_path: Path) -> None:
    page = tmp_path / "validation.md"
    args = ("--only", "shock-2019-fall", "--only", "shock-2019-back", "--persons", str(PERSONS))
    result = call("validate", *args, "--page", str(page), "--json", "--quiet")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    rows = {row["id"]: row for row in document["rows"]}
    assert sum(document["tally"].values()) == len(rows) == 2
    fall = rows["shock-2019-fall"]
    assert 20 <= fall["model"] <= 25 and fall["verdict"] == "inside" and fall["why"]
    assert rows["shock-2019-back"]["model"] < 10
    text = page.read_text(encoding="utf-8")
    named = "--only shock-2019-fall --only shock-2019-back"
    command = f"microsim validate --draws 1 --persons {PERSONS} {named} --page {page}"
    assert f"`{command}`, 20" in text and "Natural experiments" not in text
    assert fall["label"] in text and "validation-supply.svg" in text
    assert (tmp_path / "images" / "validation-supply.svg").read_text(encoding="utf-8").count(fall["label"])


def test_the_page_of_a_saved_run_names_its_command(finished: Path, tmp_path: Path) -> None:
    page = tmp_path / "my page.md"
    result = call("validate", "--result", str(finished), "--page", str(page))
    assert result.exit_code == 0, result.output
    assert f"`microsim validate --result DIR --page '{page}'`: run" in page.read_text(encoding="utf-8")


def test_the_page_says_how_it_was_made() -> None:
    about = {"run": "a", "draws": 1, "records": 30_000, "seed": 5, "date": "2026-01-01"}
    found = Validation((), about)
    assert "--seed 5 --page page.md" in _head(found, Path("page.md"))
    assert "60,000 records" in " ".join(_natural(found).split())


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("validate", "--only", "nothing"), "a row or group of rows"),
        (("validate", "--page", "page.txt"), "a file ending in .md"),
        (("alternatives", "--only", "weather"), "a switch"),
        (("forecast", "list", "--folder", "nowhere"), "register.csv"),
        (("forecast", "score", "none.json", "none.csv"), "a forecast that can be read"),
    ],
)
def test_bad_input_gets_one_line(
    args: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = call(*args)
    assert result.exit_code == 2
    assert said in result.output and len(result.output.strip().splitlines()) == 1
