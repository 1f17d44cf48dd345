"""`microsim brief` as a user calls it."""

from __future__ import annotations

import json
import math
import re
import shutil
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from brief_reader import RESULTS, known, nearest, numbers_in, read
from click.testing import CliRunner

from microsim.cli.main import main
from microsim.engine.results import load_result
from microsim.engine.tallies import EXPECTED_UNIT


def test_the_command_writes_markdown_and_its_charts(finished: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(
        main, ["brief", str(finished), "--state", "WV", "--out", str(tmp_path / "wv.md")]
    )
    assert done.exit_code == 0, done.output
    page = (tmp_path / "wv.md").read_text(encoding="utf-8")
    linked = re.findall(r"!\[[^\]]+\]\(wv-charts/([^)]+)\)", page)
    assert len(linked) >= 8
    for name in linked:
        svg = (tmp_path / "wv-charts" / name).read_bytes()
        assert ElementTree.fromstring(svg).tag.endswith("svg")
        png = (tmp_path / "wv-charts" / name.replace(".svg", ".png")).read_bytes()
        # The narrowest chart is half a page wide, at 300 dots an inch.
        assert png[1:4] == b"PNG" and int.from_bytes(png[16:20], "big") >= 6.5 / 2 * 300
    assert "| West Virginia |" in page and "One draw: no interval" in page
    assert {path.name for path in tmp_path.iterdir()} == {"wv.md", "wv-charts"}


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--state", "QQ", "--out", "x.html"), "postal code"),
        (("--out", "x.pdf"), "--format"),
        (("--out", ".", "--format", "md"), "not a folder"),
        (("--out", "/proc/none/x.html"), "can be written"),
    ],
)
def test_the_command_refuses_in_one_line(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    refused = CliRunner().invoke(main, ["brief", str(finished), *args])
    assert refused.exit_code == 2 and said in refused.output
    assert len(refused.output.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_a_folder_without_a_result_is_refused(tmp_path: Path) -> None:
    refused = CliRunner().invoke(main, ["brief", str(tmp_path / "nowhere")])
    assert refused.exit_code == 2 and "summary" in refused.output


def test_the_whole_brief_makes_what_is_missing_once(finished: Path, tmp_path: Path) -> None:
    """Every part that takes runs of its own, from one command; what is there is kept."""
    folder = tmp_path / "run"
    shutil.copytree(finished, folder)
    (folder / "attribution.json").write_text(json.dumps([{"label": "kept", "central": 5.0, "low": 1.0, "high": 9.0}]))
    done = CliRunner().invoke(main, ["brief", str(folder), "--whole", "--quiet"])
    assert done.exit_code == 0, done.output
    fall, offset = (json.loads((folder / f"{name}.json").read_text()) for name in ("fall", "offset"))
    held = json.loads((folder / "summary.json").read_text())
    assert fall["records"] == offset["records"] == held["records"]
    assert offset["harm"]["central"] == pytest.approx(
        held["measures"]["opioid_overdose_deaths"]["difference"], abs=1e-6
    )
    page = (folder / "brief.html").read_text()
    values = [*known(load_result(folder)), *numbers_in([fall, offset]), 5.0, 1.0, 9.0]
    values += [1 - math.exp(depth) for depth in offset["surface"]["depths_log"]]
    shown = [one for one in read(page).numbers if one[0] in (*RESULTS, "")]
    assert len(shown) > 550
    for section, value, said in shown:
        slack = 1e-9 * abs(value) + 2.0 / EXPECTED_UNIT + 1e-6 * (abs(value) < 1)
        assert abs(nearest(np.array(values), value) - value) <= slack, (section, value, said)
    assert "kept" in page and "no nitazenes follow" in page and "What made opioid overdose deaths fall" in page
