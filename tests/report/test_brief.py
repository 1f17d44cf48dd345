"""The brief says what the result holds, all of it and nothing else."""

from __future__ import annotations

import copy
import html
import io
import json
import math
import re
import shutil
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from click.testing import CliRunner

from microsim.cli.main import main
from microsim.engine.results import Result, load_result
from microsim.engine.tallies import EXPECTED_UNIT
from microsim.ground.errors import InputError
from microsim.report.beside import with_parts
from microsim.report.blocks import Paragraph, Table
from microsim.report.brief import write_brief, write_word
from microsim.report.content import brief_of
from microsim.report.formats import about, percent, plain, signed, signed_about, signed_dollars
from microsim.report.places import AGES
from microsim.report.texts import text

RESULTS = (
    "answer",
    "deaths",
    "cover",
    "exclusion",
    "treatment",
    "offset",
    "states",
    "people",
    "money",
    "measures",
)
"""Sections whose numbers must stand in the result."""


class Reader(HTMLParser):
    """Numbers of a page by section, the text around them, and what its pictures say."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers: list[tuple[str, float, str]] = []
        self.around: dict[str, list[str]] = {}
        self.tips: list[str] = []
        self.pictures: list[str | None] = []
        self._section, self._value, self._skip = "", None, 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "section":
            self._section = given["id"] or ""
        if tag == "data":
            self._value = float(given["value"] or "nan")
        if tag == "svg":
            self.pictures.append(given.get("aria-label"))
        if tag in ("style", "script", "svg"):
            self._skip += 1
        if given.get("data-tip"):
            self.tips.append(given["data-tip"] or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "data":
            self._value = None
        if tag in ("style", "script", "svg"):
            self._skip -= 1
        if tag == "section":
            self._section = ""

    def handle_data(self, data: str) -> None:
        if self._skip:
            return
        if self._value is not None:
            self.numbers.append((self._section, self._value, data))
        elif data.strip():
            self.around.setdefault(self._section, []).append(data.strip())


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    return reader


def known(result: Result) -> np.ndarray:
    """Every number of the result that a brief may show, computed from its files alone."""
    document = result.document
    found: list[float] = [document["records"], document["draws"]]
    for block in (document["measures"], *document["by_year"].values(), *document["by_state"].values()):
        for entry in block.values():
            found += [
                entry[key]
                for key in ("baseline", "policy", "difference", "low", "high")
                if entry[key] is not None
            ]
            if entry["baseline"]:
                found += [
                    entry["difference"] / entry["baseline"],
                    abs(entry["difference"] / entry["baseline"]),
                ]
    for by in ("age_band", "sex", "race"):
        found += list(_sums(result.annual, by))
    found += list(_by_substance(result.monthly))
    return np.array(sorted(found))


def _sums(frame: pd.DataFrame, by: str) -> Iterator[float]:
    measures = ["losses", "uninsured_months", "opioid_overdose_deaths"]
    sums = frame.groupby([by, "arm"], observed=True)[measures].sum().unstack("arm")
    for measure in measures:
        change = sums[measure]["policy"] - sums[measure]["baseline"]
        yield from change / (120 if measure == "uninsured_months" else 1)


def _by_substance(frame: pd.DataFrame) -> Iterator[float]:
    frame = frame.assign(
        group=frame["sud_class"].astype(str).str.replace(r"oud_.*", "oud", regex=True),
        kind=np.where(frame["measure"].astype(str).isin(LOSSES), "losses", frame["measure"].astype(str)),
    )
    frame = frame[(frame["kind"] != "persons") | (frame["cover"].astype(str) == "uninsured")]
    sums = frame.groupby(["group", "kind", "arm"], observed=True)["value"].sum().unstack("arm").fillna(0)
    for (_, kind), value in (sums["policy"] - sums["baseline"]).to_dict().items():
        yield value / 120 if kind == "persons" else value


LOSSES = {
    f"loss_{reason}"
    for reason in (
        "noncompliant",
        "compliant_unverified",
        "excluded_unverified",
        "renewal_procedural",
        "denied_at_application",
        "deterred",
    )
}


def nearest(values: np.ndarray, value: float) -> float:
    return float(values[np.abs(values - value).argmin()])


def test_every_number_of_the_findings_stands_in_the_result(page: str, result: Result) -> None:
    reader = read(page)
    values = known(result)
    shown = [one for one in reader.numbers if one[0] in RESULTS or one[0] == ""]
    assert len(shown) > 500
    for section, value, said in shown:
        # Sums over a table in floating point differ from those in integers by a rounding.
        slack = 1e-9 * abs(value) + 2.0 / EXPECTED_UNIT + 1e-6 * (abs(value) < 1)
        assert abs(nearest(values, value) - value) <= slack, (section, value, said)


def test_what_is_shown_is_the_value_behind_it(page: str) -> None:
    scale = {"million": 1e6, "billion": 1e9, "trillion": 1e12}
    for section, value, said in read(page).numbers:
        if "less than" in said:
            continue
        found = re.fullmatch(
            r"([+\u2212]?)\$?([\d,.]+)(%?)(?: (million|billion|trillion))?(?: (?:more|fewer))?", said
        )
        assert found, said
        size = float(found[2].replace(",", "")) * scale.get(found[4] or "", 1.0) / (100 if found[3] else 1)
        unit = {True: 1e6, False: 0.5}[(found[4] == "million" and "," in found[2]) or "$" in said]
        assert abs(size - abs(value)) <= max(0.051 * abs(value), 0.00005 if found[3] else unit), (
            section,
            value,
            said,
        )
        assert (found[1] != "\u2212" or value < 0) and (found[1] != "+" or value > 0), (value, said)


def test_no_other_digit_stands_in_the_findings(page: str, result: Result) -> None:
    reader = read(page)
    document = result.document
    allowed = [
        r"\b20\d\d\b",
        r"119-21",
        r"95%",
        r"12 months",
        document["policy"],
        document["run"],
        *(re.escape(label) for label in AGES.values()),
    ]
    for section in RESULTS:
        for piece in reader.around[section]:
            left = re.sub("|".join(allowed), "", piece)
            assert not re.search(r"\d", left), (section, piece)


def test_what_pictures_say_stands_in_a_table(page: str) -> None:
    reader = read(page)
    values = {value for _, value, _ in reader.numbers}
    said = {text for _, _, text in reader.numbers}
    said |= {
        form
        for value in values
        for form in (about(value).shown, signed(value).shown, signed_dollars(value).shown)
    }
    said |= {signed_about(value).shown for value in values}
    said |= {plain(percent(value, sign=True)) for value in values if abs(value) <= 1}
    assert len(reader.tips) > 150
    for tip in reader.tips:
        form = r"(?:less than )?[+\u2212]?\$?[\d.,]*\d%?(?: (?:million|billion))?"
        number = re.match(form, tip.rsplit(": ", 1)[1])
        assert number and number[0] in said, tip


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
    for absent in ("microsim attribute", "microsim offset", "microsim sensitivity", "microsim validate"):
        assert absent in words
    assert words.count("Deaths from other causes that may follow a loss of cover are not in this number") >= 5


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
    with pytest.raises(InputError, match="microsim offset --json"):
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
    values = [*known(load_result(folder)), *_inside([fall, offset]), 5.0, 1.0, 9.0]
    values += [1 - math.exp(depth) for depth in offset["surface"]["depths_log"]]
    shown = [one for one in read(page).numbers if one[0] in (*RESULTS, "")]
    assert len(shown) > 550
    for section, value, said in shown:
        slack = 1e-9 * abs(value) + 2.0 / EXPECTED_UNIT + 1e-6 * (abs(value) < 1)
        assert abs(nearest(np.array(values), value) - value) <= slack, (section, value, said)
    assert "kept" in page and "no nitazenes follow" in page and "What made opioid overdose deaths fall" in page


def _inside(held: object) -> Iterator[float]:
    """Every number of a JSON document."""
    if isinstance(held, dict | list):
        for one in held.values() if isinstance(held, dict) else held:
            yield from _inside(one)
    elif isinstance(held, int | float) and not isinstance(held, bool):
        yield float(held)


def test_numbers_of_the_comparison_stand_beside_the_brief(finished: Path) -> None:
    """A run leaves what it says of published figures as a file, and its brief says nothing else of them."""
    rows = json.loads((finished / "validation.json").read_text())
    values = [*_inside(rows), *range(len(rows["rows"]) + 1)]
    shown = [one for one in read((finished / "brief.html").read_text()).numbers if one[0] == "validation"]
    assert len(shown) > 20
    assert all(any(abs(value - one) <= 1e-9 * abs(value) for one in values) for _, value, _ in shown)
