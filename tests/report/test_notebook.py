"""A result in a notebook: table and picture are whole, need no network, and hold what the summary does."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

import microsim
from microsim.engine.results import Result
from microsim.ground.errors import InputError
from microsim.report.formats import signed


@pytest.fixture(scope="module")
def shown(finished: Path) -> Result:
    return microsim.load_result(finished)


def test_it_shows_a_table_and_a_picture(shown: Result) -> None:
    page = shown._repr_html_()
    entry = shown.document["measures"]["uninsured_end"]
    assert signed(entry["difference"]).shown in page and shown.run in page and "one draw: no interval" in page
    assert page.count("<svg") == 1 and "<script" not in page
    assert not re.search(r"(?:src|href)=", page)
    assert repr(shown) == f"<Result {shown.run}: budget2025 against baseline, 2025-01 to 2034-12>"


def test_it_draws_any_measure_of_any_place(shown: Result, tmp_path: Path) -> None:
    picture = shown.plot("uninsured_end", state="oh")
    assert "in Ohio" in picture.title and picture.title in repr(picture)
    assert ElementTree.fromstring(picture._repr_svg_()).tag.endswith("svg")
    assert picture.save(tmp_path / "a.png").read_bytes()[1:4] == b"PNG"
    assert picture.chart.to_dict()["config"]
    with pytest.raises(InputError, match=r"\.svg or \.png"):
        picture.save(tmp_path / "a.pdf")
    with pytest.raises(InputError, match="uninsured_end"):
        shown.plot("uninsured_ends")
    with pytest.raises(InputError, match="postal code"):
        shown.plot("uninsured_end", state="ZZ")


def test_one_long_table_holds_every_number_of_the_summary(shown: Result) -> None:
    frame = shown.to_pandas()
    document = shown.document
    parts = [document["measures"], *document["by_year"].values(), *document["by_state"].values()]
    assert len(frame) == shown.to_arrow().num_rows == sum(map(len, parts))
    ohio = frame[(frame["place"] == "OH") & (frame["measure"] == "moud_end")].iloc[0]
    assert ohio["difference"] == document["by_state"]["OH"]["moud_end"]["difference"]
