"""The brief says what the result holds, and what it does not."""

from __future__ import annotations

import copy
import html
import io
import json
import re
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from brief_reader import read

from microsim.engine.results import Result
from microsim.ground.errors import InputError
from microsim.report.beside import with_parts
from microsim.report.blocks import Paragraph, Table
from microsim.report.brief import write_brief, write_word
from microsim.report.content import brief_of
from microsim.report.formats import plain
from microsim.report.texts import text


def test_it_is_small_whole_and_describes_its_pictures(page: str) -> None:
    assert len(page.encode()) < 3_000_000
    assert not re.search(r"<(?:link|script|img|iframe)[^>]+(?:src|href)=\"(?!data:)", page)
    assert "url(http" not in page and "@import" not in page
    pictures = read(page).pictures
    assert len(pictures) >= 16 and all(label and len(label) > 40 for label in pictures)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_one_draw_is_said_to_have_no_interval(page: str) -> None:
    words = " ".join(piece for pieces in read(page).around.values() for piece in pieces)
    assert "One draw: no interval" in words and "95% interval" not in words
    for absent in ("microsim brief DIR --whole", "microsim sensitivity", "microsim validate"):
        assert absent in words
    assert words.count("Deaths from other causes are not in this number") >= 5


def test_intervals_and_further_parts_appear_when_the_result_has_them(full: Result) -> None:
    page = write_brief(full).decode()
    words = re.sub(r"<[^>]+>", "", page)
    assert "One draw" not in words
    assert "The band is the 95% interval" in words
    assert words.count("(95% interval") > 8
    assert "(supply-crackdown) prevents, budget2025 adds 3.00 (95% interval 0.50 to 9.00)" in words
    for label in (
        "Naloxone lines",
        "Patients cleared from data",
        "Arkansas loss, people",
        "Adult group benefits",
        "Fewer are asked for papers",
        "Of 1 published figures: 1 miss.",
    ):
        assert label in words
    assert "does not carry" not in words
    assert "avoids, the policy adds 3.00 (95% interval 0.50 to 9.00)." in words


def test_a_number_outside_its_interval_is_pointed_out(full: Result) -> None:
    document = copy.deepcopy(full.document)
    document["draws"] = 8
    entry = document["measures"]["moud_end"]
    entry["low"], entry["high"] = entry["difference"] + 1.0, entry["difference"] + 2.0
    changed = Result(document, full.monthly_arrow, full.annual_arrow, full.manifest)
    said = [plain(caution) for caution in brief_of(changed).caution]
    assert any("rest on 8 draws" in one for one in said)
    assert any(one.startswith("1 of the numbers above lie outside") for one in said)
    assert not any("outside" in plain(caution) for caution in brief_of(full).caution)


def test_files_beside_the_summary_are_taken_up(result: Result, full: Result, tmp_path: Path) -> None:
    (tmp_path / "offset.json").write_text(
        json.dumps({"policy": "budget2025", "comparisons": [full.document["offset"]], "surface": None})
    )
    (tmp_path / "validation.json").write_text(json.dumps({"rows": full.document["validation"]}))
    held = with_parts(result, tmp_path)
    sections = {section.id: section for section in brief_of(held).sections}
    said = " ".join(plain(b.text) for b in sections["offset"].blocks if isinstance(b, Paragraph))
    assert "(supply-crackdown) prevents, budget2025 adds 3.00" in said
    assert any(isinstance(block, Table) for block in sections["validation"].blocks)
    assert "validation" not in result.document
    (tmp_path / "offset.json").write_text("error: no")
    with pytest.raises(InputError, match="microsim brief DIR --whole"):
        with_parts(result, tmp_path)


def test_documents_of_the_commands_are_taken_up(result: Result, tmp_path: Path) -> None:
    """Each in the form that its command prints."""
    ends = {"value": 12.0, "low": 3.0, "high": 20.0}
    attribution = {
        "records": 7,
        "run": "abc",
        "draws": 2,
        "measures": {"opioid_overdose_deaths": {"whole": ends, "parts": {"grants": ends}}},
    }
    cause = {"deaths_avoided": 900.0, "low": 800.0, "high": 950.0, "share_of_fall": 0.9}
    fall = {
        "year": 2024,
        "parts": {"supply": cause},
        "deaths_at_pace_of_mid_2023": 2000.0,
        "not_explained": 100.0,
    }
    bar = {"label": "Re-entry", "low": {"net": 9.0}, "high": {"net": 2.0}}
    moves = {
        "policy": "budget2025",
        "against": "supply-crackdown",
        "answer": "net",
        "centre": {"net": 5.0},
        "tornado": [bar],
    }
    for name, part in (("attribution", attribution), ("fall", fall), ("sensitivity", moves)):
        (tmp_path / f"{name}.json").write_text(json.dumps(part))
    page = write_brief(with_parts(result, tmp_path)).decode()
    words = re.sub(r"<[^>]+>", "", page)
    assert "The largest part of the change in deaths: grants" in words
    assert "fall until 2024, most of all: supply" in words
    assert "deaths added by budget2025 less deaths avoided by supply-crackdown" in words
    assert "The parts of the policy: run abc, 7 records, 2 draws." in words
    for absent in ("microsim attribute", "microsim sensitivity"):
        assert f"{absent} --json" not in words


def test_a_state_has_its_own_brief(result: Result) -> None:
    page = write_brief(result, "oh").decode()
    reader = read(page)
    assert "in Ohio</h1>" in page
    entry = result.document["by_state"]["OH"]["uninsured_end"]
    assert any(section == "answer" and value == entry["difference"] for section, value, _ in reader.numbers)
    by_year = [value for section, value, _ in reader.numbers if section == "deaths"]
    monthly = result.monthly
    ohio = monthly[(monthly["state"] == "OH") & (monthly["measure"] == "opioid_overdose_deaths")]
    in_2030 = ohio[ohio["month"].astype(str).str.startswith("2030") & (ohio["arm"] == "policy")][
        "value"
    ].sum()
    assert any(value == pytest.approx(in_2030, rel=1e-9) for value in by_year)


def test_an_unknown_state_is_refused(result: Result) -> None:
    with pytest.raises(InputError, match="postal code"):
        write_brief(result, "ZZ")


def test_equal_arms_are_said_to_be_equal(result: Result) -> None:
    document = copy.deepcopy(result.document)
    for block in (document["measures"], *document["by_year"].values(), *document["by_state"].values()):
        for entry in block.values():
            entry["policy"], entry["difference"] = entry["baseline"], 0.0
    tables = []
    for table in (result.monthly_arrow, result.annual_arrow):
        ours = table.filter(pc.equal(table["arm"].cast("string"), "baseline"))
        arms = [ours.set_column(0, "arm", [[arm] * len(ours)]) for arm in ("baseline", "policy")]
        tables.append(pa.concat_tables(arms))
    held = result.manifest["parameters"]["baseline"]
    manifest = {**result.manifest, "parameters": {"baseline": held, "policy": held}}
    page = write_brief(Result(document, *tables, manifest)).decode()
    assert "nothing in this place differs" in page
    assert "The arms have the same parameters" in page


def test_assumptions_and_sources_come_from_the_manifest(page: str, result: Result) -> None:
    held = result.manifest["parameters"]["policy"]
    assumed = [record for record in held["parameters"].values() if record["status"] == "assumed"]
    plainly = html.unescape(" ".join(re.sub(r"<[^>]+>", " ", page).split()))
    for record in assumed[::7]:
        assert " ".join(record["label"].split()) in plainly
    numbers = [value for section, value, _ in read(page).numbers if section == "methods"]
    assert float(len(assumed)) in numbers and float(len(held["parameters"])) in numbers
    assert result.run in page and "microsim reproduce manifest.json" in page


def test_texts_cite_sources_of_the_parameters(result: Result) -> None:
    held = result.manifest["parameters"]["policy"]["sources"]
    for event in text("law")["events"]:
        assert set(event["source"]) <= set(held), event


def test_word_has_headings_tables_and_described_pictures(result: Result) -> None:
    with zipfile.ZipFile(io.BytesIO(write_word(result, "OH"))) as held:
        body = held.read("word/document.xml").decode()
        pictures = [name for name in held.namelist() if name.startswith("word/media/")]
    assert "Overdose deaths" in body and "w:tblHeader" in body
    described = re.findall(r'<wp:docPr[^>]*descr="([^"]+)"', body)
    assert len(described) == len(pictures) >= 8 and all(len(one) > 40 for one in described)
    assert "One draw: no interval" in body
