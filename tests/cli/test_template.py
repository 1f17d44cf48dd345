"""A folder of one's own: written by a command, run as it is, refused in one line when something is wrong."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from support import PERSONS

from microsim.cli.main import main
from microsim.experiments.own import read_own, write_template

RUNNER = CliRunner()


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as the command writes it, in an empty place."""
    monkeypatch.chdir(tmp_path)
    done = RUNNER.invoke(main, ["template", "My Plan"])
    assert done.exit_code == 0, done.output
    assert {Path(line).name for line in done.stdout.splitlines()} == {
        "policy.yaml",
        "parameters.yaml",
        "README.md",
    }
    return tmp_path / "My Plan"


def test_the_policy_of_the_template_is_right_and_named_after_the_folder(mine: Path) -> None:
    assert RUNNER.invoke(main, ["policy", "check", str(mine / "policy.yaml")]).exit_code == 0
    assert "id: my-plan" in (mine / "policy.yaml").read_text()


def test_a_folder_is_run_with_its_policy_parameters_and_people(mine: Path, population_file: Path) -> None:
    (mine / "parameters.yaml").write_text("sud.naloxone.kit_life: 18\n")
    shutil.copy(population_file, mine / "population.parquet")
    args = [
        "run",
        "--folder",
        str(mine),
        "--states",
        "WY",
        "--draws",
        "1",
        "--end",
        "2025-12",
        "--out",
        "out",
        "--quiet",
    ]
    done = RUNNER.invoke(main, [*args, "--set", "sud.naloxone.kit_life=20", "--json"])
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["policy"] == "my-plan" and document["records"] < PERSONS
    manifest = json.loads(Path("out/manifest.json").read_text())
    assert manifest["settings"] == ["sud.naloxone.kit_life=18", "sud.naloxone.kit_life=20"]
    assert manifest["population"].startswith("file-")
    for arm in ("baseline", "policy"):
        assert manifest["parameters"][arm]["parameters"]["sud.naloxone.kit_life"]["value"] == 20


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("parameters.yaml", "- 3\n", "parameters.yaml:1: [3]: expected a mapping of keys to values"),
        ("parameters.yaml", "sud.naloxone.kit_life: {a: 1}\n", "sud.naloxone.kit_life"),
        ("parameters.yaml", "sud.naloxone.kit_lif: 3\n", "nearest is 'sud.naloxone.kit_life'"),
        ("parameters.yaml", "a: [\n", "parameters.yaml:2"),
        ("parameter.yaml", "a: 1\n", "nearest is 'parameters.yaml'"),
        ("policy.yaml", "labl: x\n", "policy.yaml"),
    ],
)
def test_what_is_wrong_in_a_folder_is_said_in_one_line(
    tmp_path: Path, name: str, body: str, said: str
) -> None:
    folder = tmp_path / "mine"
    write_template(folder)
    (folder / "parameters.yaml").unlink()
    (folder / name).write_text(body)
    refused = RUNNER.invoke(
        main, ["run", "--folder", str(folder), "--persons", "100", "--out", str(tmp_path / "o")]
    )
    assert refused.exit_code == 2 and said in refused.stderr
    problems = [line for line in refused.stderr.splitlines() if line.startswith("error: ")]
    assert len(problems) >= 1 and "Traceback" not in refused.stderr
    assert not (tmp_path / "o").exists()


def test_nothing_is_overwritten_and_an_empty_folder_is_not_run(tmp_path: Path) -> None:
    write_template(tmp_path / "a")
    again = RUNNER.invoke(main, ["template", str(tmp_path / "a")])
    assert again.exit_code == 2 and "nothing is overwritten" in again.stderr
    (tmp_path / "b").mkdir()
    for folder, said in (("b", "holds any of"), ("c", "microsim template")):
        refused = RUNNER.invoke(main, ["run", "--folder", str(tmp_path / folder)])
        assert refused.exit_code == 2 and said in refused.stderr
        assert len(refused.stderr.splitlines()) == 1


def test_the_folder_is_read_as_options_are(tmp_path: Path) -> None:
    write_template(tmp_path / "a")
    (tmp_path / "a" / "parameters.yaml").write_text('x.y: true\n"t[a,b]": 0.5\n')
    own = read_own(tmp_path / "a")
    assert own.settings == ("x.y=true", "t[a,b]=0.5") and own.population is None
    assert own.policy == str(tmp_path / "a" / "policy.yaml")


IN_BRACKETS = (
    "expected classes in brackets; write \"sud.treatment.stop_probability[buprenorphine]\": 0.1 for one class, "
    "\"sud.treatment.stop_probability[all]\": 0.1 for all"
)
LINES = [
    (
        "sud.naloxone.kit_lif: 3",
        "1: 'sud.naloxone.kit_lif': expected a known parameter id; nearest is 'sud.naloxone.kit_life'; "
        "see `microsim parameter list`",
    ),
    (
        "sud.naloxone.kit_life: 3\nsud.naloxone.kit_life: 4",
        "2: sud.naloxone.kit_life: 'sud.naloxone.kit_life': expected each key once; it stands already on line 1; "
        "remove one of the two",
    ),
    ("\nsud.naloxone.kit_life: -4", "2: sud.naloxone.kit_life: -4: expected a number of at least 0 (months)"),
    ("sud.treatment.stop_probability: 0.1", f"1: sud.treatment.stop_probability: 'by drug, tenure': {IN_BRACKETS}"),
    ('"a b": 1', "1: 'a b': expected ID or ID[class,...] before the colon"),
    (
        "sud.naloxone.kit_life: [1]",
        "1: sud.naloxone.kit_life: [1]: expected one number, word, true or false; "
        "write a table class by class: `ID[class]: VALUE`",
    ),
]


@pytest.mark.parametrize(("body", "said"), LINES, ids=[body for body, _ in LINES])
def test_parameters_are_refused_with_file_and_line(tmp_path: Path, body: str, said: str) -> None:
    write_template(tmp_path / "mine")
    file = tmp_path / "mine" / "parameters.yaml"
    file.write_text(body + "\n")
    refused = RUNNER.invoke(main, ["run", "--folder", str(tmp_path / "mine"), "--out", str(tmp_path / "o")])
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr == f"error: {file}:{said}\n"
