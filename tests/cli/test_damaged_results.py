"""A result's folder whose summary or manifest is damaged: every command refuses it in the same one line."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from microsim.cli.main import main
from microsim.engine.documents import read_manifest, read_summary
from microsim.engine.results import check_target
from microsim.ground.errors import InputError

ENTRY = "expected a unit, the numbers baseline, policy and difference, and low and high or null"
SUMMARIES: list[tuple[Any, str]] = [
    ([1, 2], "[1, 2]: expected a summary of a run"),
    (None, "None: expected a summary of a run"),
    ({"run": "x"}, "schema: None: expected a summary with schema 1"),
    ({"run": 7}, "run: 7: expected a text"),
    ({"records": True}, "records: True: expected a whole number"),
    ({"window": ["2025-01"]}, "window: ['2025-01']: expected two months"),
    ({"window": ["2025-01", "foo"]}, "window: 'foo': expected a month written YYYY-MM"),
    ({"draws": 0}, "draws: 0: expected a whole number of 1 or more"),
    ({"by_year": []}, "by_year: []: expected a mapping"),
    ({"by_state": {"OH": 3}}, "by_state.OH: 3: expected a mapping of measures"),
    ({"measures": {}}, "measures: 'without medicaid_enrollees_end': expected every measure of a run"),
    ({"measures": {"overdose_deaths": 5}}, f"measures.overdose_deaths: 5: {ENTRY}"),
    ({"uncertainty": 3}, "uncertainty: 3: expected a mapping"),
]
MANIFESTS: list[tuple[Any, str]] = [
    ({}, "schema: None: expected a manifest with schema 1"),
    (None, "None: expected a manifest of a run"),
    ([], "[]: expected a manifest of a run"),
    ({"seed": "x"}, "seed: 'x': expected a whole number"),
    ({"states": [1]}, "states: [1]: expected a list of texts"),
    ({"parameters": {}}, "parameters.baseline: 'missing': expected a mapping"),
    ({"digests": {"baseline": 5}}, "digests.baseline: 5: expected a text"),
]


def damaged(folder: Path, name: str, body: Any) -> Path:
    """`folder` with a document changed: some of its keys, or all of it where that leaves no run."""
    file = folder / name
    held = json.loads(file.read_text())
    if isinstance(body, dict) and body and body != {"run": "x"}:
        merged = {key: held[key] | value if _part(key, value) else value for key, value in body.items()}
        body = held | merged
    file.write_text(json.dumps(body))
    return file


def _part(key: str, value: Any) -> bool:
    return key in ("measures", "by_state", "digests") and isinstance(value, dict) and bool(value)


@pytest.fixture(scope="module")
def documents(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The two documents of a run, alone."""
    folder = tmp_path_factory.mktemp("documents")
    for name in ("summary.json", "manifest.json"):
        shutil.copy(finished / name, folder)
    return folder


CASES = [
    *(("summary.json", read_summary, body, said) for body, said in SUMMARIES),
    *(("manifest.json", read_manifest, body, said) for body, said in MANIFESTS),
]


@pytest.mark.parametrize(("name", "read", "body", "said"), CASES, ids=[f"{name} {said}" for name, _, _, said in CASES])
def test_a_damaged_document_is_refused(
    name: str, read: Callable[[Path], Any], body: Any, said: str, documents: Path, tmp_path: Path
) -> None:
    file = damaged(shutil.copytree(documents, tmp_path / "run"), name, body)
    with pytest.raises(InputError) as error:
        read(file)
    assert str(error.value).startswith(f"{file}: {said}")


READERS = {
    "summary.json": ("brief DIR", "validate --result DIR", "sizes --result DIR", "compare DIR", "reproduce DIR"),
    "manifest.json": ("brief DIR", "validate --result DIR", "sizes --result DIR", "budget DIR", "reproduce DIR"),
}


@pytest.mark.parametrize(
    ("name", "line"), [(name, line) for name, lines in READERS.items() for line in lines]
)
def test_every_command_refuses(name: str, line: str, finished: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(finished, tmp_path / "run")
    file = damaged(folder, name, [1, 2])
    before = sorted(one.name for one in folder.iterdir())
    result = CliRunner().invoke(main, [str(folder) if word == "DIR" else word for word in line.split()])
    what = name.removesuffix(".json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"error: {file}: [1, 2]: expected a {what} of a run\n"
    assert sorted(one.name for one in folder.iterdir()) == before


def test_a_target_that_holds_another_run_or_a_damaged_one(documents: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(documents, tmp_path / "run")
    run = json.loads((folder / "summary.json").read_text())["run"]
    with pytest.raises(InputError) as error:
        check_target(folder, "another", False)
    expected = f"a folder without another run (it holds {run}); --force overwrites"
    assert str(error.value) == f"--out: '{folder}': expected {expected}"
    damaged(folder, "summary.json", [1, 2])
    with pytest.raises(InputError) as error:
        check_target(folder, run, False)
    assert str(error.value) == f"--out: '{folder}': expected an empty or new folder; --force overwrites"
