"""Files beside a result: what is damaged, or about another run, is refused in one line; advice is about this run."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from microsim.cli.main import main
from microsim.cli.run import run as run_command
from microsim.engine.results import Result
from microsim.experiments.attribution import Attribution
from microsim.ground.errors import InputError
from microsim.report.beside import with_parts
from microsim.report.blocks import Code, Note, Paragraph
from microsim.report.content import brief_of
from microsim.report.formats import plain

ENDS = {"value": 12.0, "low": 3.0, "high": 20.0}
MEASURES = {"opioid_overdose_deaths": {"whole": ENDS, "parts": {"grants": ENDS}}}
RATIO = {"central": 3.0, "low": None, "high": None}
BAR = {"label": "Re-entry", "low": {"net": 9.0}, "high": {"net": 2.0}}
MOVES = {"policy": "budget2025", "against": "supply-crackdown", "answer": "net", "centre": {"net": 5.0}}
SURFACE = {"depths_log": [-0.1], "half_lives_months": [6.0, 12.0], "nitazenes": ["none"], "ratio": [[[0.5]]]}
SPENT = {"columns": ["component", "difference_federal_usd"], "rows": [["systems", 1.0]]}


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("offset", {}),
        ("offset", []),
        ("offset", "x"),
        ("offset", 3),
        ("offset", {"ratio": RATIO, "surface": SURFACE}),
        ("offset", {"ratio": {"central": "3"}}),
        ("attribution", {"measures": {}}),
        ("attribution", {"measures": {"opioid_overdose_deaths": {"parts": {"grants": {"value": 1.0}}}}}),
        ("attribution", [{"label": "a"}]),
        ("attribution", None),
        ("fall", {"year": 2024}),
        ("fall", []),
        ("fall", {"year": 2024, "parts": [], "deaths_at_pace_of_mid_2023": 1.0, "not_explained": 0.0}),
        ("sensitivity", {**MOVES, "tornado": []}),
        ("sensitivity", {**MOVES, "answer": "more", "tornado": [BAR]}),
        ("sensitivity", {**MOVES, "answer": [], "tornado": [BAR]}),
        ("sensitivity", {**MOVES, "answer": "harm", "tornado": [BAR]}),
        ("validation", {"rows": []}),
        ("validation", {"rows": [{"label": "a"}]}),
        ("validation", {"rows": [{"label": "a", "model": "many"}]}),
        ("budget", {"tables": {"by_component": SPENT}}),
        ("budget", []),
    ],
)
def test_a_damaged_part_is_refused_in_one_line(finished: Path, tmp_path: Path, name: str, part: Any) -> None:
    folder = tmp_path / "run"
    shutil.copytree(finished, folder)
    (folder / f"{name}.json").write_text(json.dumps(part))
    refused = CliRunner().invoke(main, ["brief", str(folder), "--out", str(tmp_path / "b.html")])
    assert refused.exit_code == 2, refused.output
    assert len(refused.output.splitlines()) == 1 and f"{name}.json" in refused.output
    assert not (tmp_path / "b.html").exists()


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("offset", {"ratio": RATIO}),
        ("attribution", {"measures": MEASURES}),
        ("sensitivity", {**MOVES, "tornado": [BAR]}),
    ],
)
@pytest.mark.parametrize(
    ("key", "other"),
    [("policy", "naloxone-cuts"), ("window", ["2025-01", "2026-12"]), ("states", ["OH", "WV"])],
)
def test_a_part_about_another_run_is_refused(
    result: Result, tmp_path: Path, name: str, part: dict[str, Any], key: str, other: Any
) -> None:
    ours = {"policy": "budget2025", "window": result.document["window"], "states": []}
    path = tmp_path / f"{name}.json"
    path.write_text(json.dumps({**part, **ours}))
    assert name in with_parts(result, tmp_path).document
    path.write_text(json.dumps({**part, **ours, key: other}))
    with pytest.raises(InputError) as refused:
        with_parts(result, tmp_path)
    assert refused.value.key == key and "of this run" in str(refused.value) and "\n" not in str(refused.value)


def _words(result: Result) -> str:
    brief = brief_of(result, None)
    blocks = [block for section in brief.sections for block in section.blocks]
    return "\n".join(plain(block.text) for block in blocks if isinstance(block, Paragraph | Note))


def _changed(result: Result, document: dict[str, Any] | None = None, **manifest: Any) -> Result:
    return Result(
        {**result.document, **(document or {})},
        result.monthly_arrow,
        result.annual_arrow,
        {**result.manifest, **manifest},
    )


def test_what_is_absent_is_made_for_this_run(result: Result) -> None:
    words = _words(result)
    assert words.count("`microsim brief DIR --whole` makes it") == 3
    window = "--start {} --end {}".format(*result.document["window"])
    assert f"microsim sensitivity --policy budget2025 {window} --persons" in words
    assert "cannot make it" in _words(_changed(result, policies=["budget2025", "naloxone-cuts"]))


def test_a_part_of_the_run_itself_is_of_no_other_run(full: Result) -> None:
    rows = full.document["validation"]
    for run, told in ((full.run, False), ("abc", True)):
        words = _words(_changed(full, {"validation": {"run": run, "records": 9, "draws": 1, "rows": rows}}))
        assert ("come from runs of their own" in words) is told


def _command(result: Result) -> tuple[list[str], str]:
    section = next(section for section in brief_of(result, None).sections if section.id == "run")
    code = next(block for block in section.blocks if isinstance(block, Code))
    said = " ".join(plain(block.text) for block in section.blocks if isinstance(block, Paragraph))
    return shlex.split(code.lines[1]), said


def test_the_run_is_repeated_by_what_the_brief_prints(result: Result) -> None:
    command, said = _command(result)
    assert command[:2] == ["microsim", "run"] and "needs" not in said
    given = run_command.make_context("run", command[2:]).params
    held = result.manifest
    assert given["policy"] == ("budget2025",) and given["draws"] == "1" and given["seed"] == str(held["seed"])
    assert [given["start"], given["end"]] == held["window"] and given["persons"] == str(held["records"])


def test_joined_policies_and_files_are_given_as_they_were(result: Result) -> None:
    own = "my rules/mine.yaml"
    held = {"policies": ["enacted", own], "settings": ["a.b=[1, 2]"], "states": ["OH", "WV"], "full_draws": True}
    changed = _changed(result, {"policy": "enacted+mine", "draws": 4}, population="file-0123456789abcdef", **held)
    command, said = _command(changed)
    given = run_command.make_context("run", command[2:]).params
    assert given["policy"] == ("enacted", own) and given["settings"] == ("a.b=[1, 2]",) and given["draws"] == "4"
    assert given["states"] == "OH,WV" and given["full_draws"] and given["population"] == "FILE"
    assert f"the policy file {own}" in said and "0123456789abcdef" in said
    streamed = _changed(result, population="residents-all-7-0123")
    assert run_command.make_context("run", _command(streamed)[0][2:]).params["persons"] == "all"


def test_an_attribution_says_what_it_is_about() -> None:
    none = np.zeros(0)
    found = Attribution("t", "r", ("2025-01", "2026-12"), 1, 9, (), (), none, none, none, none, none, none, {},
                        "budget2025", ("OH",))  # fmt: skip
    document = found.document()
    assert (document["policy"], document["states"]) == ("budget2025", ["OH"])
