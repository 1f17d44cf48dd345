"""A result's folder whose summary or manifest is damaged: every command refuses it in the same one line."""

from __future__ import annotations

import json
import math
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

MAPPING = "expected a mapping of keys to values"
WINDOW = "expected two months in order, each written YYYY-MM"
ENTRY = {"unit": "x", "baseline": 1, "policy": 2.5, "difference": 1.5, "low": None, "high": 2}
SUMMARIES: list[tuple[Any, str]] = [
    ([1, 2], f"[1, 2]: {MAPPING}"),
    (None, f"None: {MAPPING}"),
    ({"run": "x"}, "schema: 'missing': expected the key `schema`"),
    ({"schema": 2}, "schema: 2: expected a document with schema 1"),
    ({"schema": True}, "schema: True: expected a whole number"),
    ({"run": 7}, "run: 7: expected text"),
    ({"records": True}, "records: True: expected a whole number"),
    ({"records": 2.0}, "records: 2.0: expected a whole number"),
    ({"window": ["2025-01"]}, f"window: ['2025-01']: {WINDOW}"),
    ({"window": ["2025-01", "foo"]}, f"window: ['2025-01', 'foo']: {WINDOW}"),
    ({"window": ["2026-01", "2025-01"]}, f"window: ['2026-01', '2025-01']: {WINDOW}"),
    ({"draws": 0}, "draws: 0: expected 1 or more"),
    ({"by_year": []}, f"by_year: []: {MAPPING}"),
    ({"by_year": {"2027": {}}}, f"by_year.2027.medicaid_enrollees_end: 'missing': {MAPPING}"),
    ({"by_state": {"OH": 3}}, f"by_state.OH: 3: {MAPPING}"),
    ({"measures": {}}, f"measures.medicaid_enrollees_end: 'missing': {MAPPING}"),
    ({"measures": {"x": 5}}, f"measures.x: 5: {MAPPING}"),
    ({"measures": {"x": ENTRY | {"unit": 1}}}, "measures.x.unit: 1: expected text"),
    ({"measures": {"x": ENTRY | {"policy": True}}}, "measures.x.policy: True: expected a number"),
    ({"measures": {"x": ENTRY | {"policy": None}}}, "measures.x.policy: None: expected a number"),
    ({"measures": {"x": ENTRY | {"low": math.nan}}}, "measures.x.low: nan: expected a finite number"),
    ({"measures": {"x": ENTRY | {"high": 10**400}}}, "measures.x.high: 1000"),
    ({"measures": {"x": {"unit": "x"}}}, "measures.x.baseline: 'missing': expected the key `baseline`"),
    ({"uncertainty": 3}, f"uncertainty: 3: {MAPPING}"),
]
MANIFESTS: list[tuple[Any, str]] = [
    ({}, "schema: 'missing': expected the key `schema`"),
    (None, f"None: {MAPPING}"),
    ([], f"[]: {MAPPING}"),
    ({"seed": "x"}, "seed: 'x': expected a whole number"),
    ({"states": [1]}, "states.0: 1: expected text"),
    ({"parameters": {}}, "parameters.baseline: 'missing': expected the key `baseline`"),
    ({"digests": {"baseline": 5}}, "digests.baseline: 5: expected text"),
    ({"full_draws": 1}, "full_draws: 1: expected true or false"),
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
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"error: {file}: [1, 2]: {MAPPING}\n"
    assert sorted(one.name for one in folder.iterdir()) == before


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b"9" * 5000])
@pytest.mark.parametrize(("name", "read"), [("summary.json", read_summary), ("manifest.json", read_manifest)])
def test_a_document_that_is_no_json(name: str, read: Callable[[Path], Any], body: bytes, tmp_path: Path) -> None:
    file = tmp_path / name
    with pytest.raises(InputError) as error:
        read(file)
    expected = f"a {name} in the folder of a finished run"
    assert str(error.value) == f"{file}: 'No such file or directory': expected {expected}"
    file.write_bytes(body)
    with pytest.raises(InputError) as error:
        read(file)
    assert str(error.value) == f"{file}: 'no JSON': expected a {name} in the folder of a finished run"


def test_what_is_not_known_is_kept(documents: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(documents, tmp_path / "run")
    for name, read in (("summary.json", read_summary), ("manifest.json", read_manifest)):
        file = damaged(folder, name, {"another": [1, {"a": None}], "policy": "x"})
        assert read(file) == json.loads(file.read_text())
    file = damaged(folder, "summary.json", {"measures": {"another": ENTRY}})
    assert read_summary(file)["measures"]["another"] == ENTRY
    file = damaged(folder, "summary.json", {"by_year": {"2027": {}}})
    assert read_summary(file, measures=())["by_year"] == {"2027": {}}


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
