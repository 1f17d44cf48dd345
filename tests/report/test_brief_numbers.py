"""Every number of a brief stands in the result, and says it as it is."""

from __future__ import annotations

import json
import re
from pathlib import Path

from brief_reader import RESULTS, known, nearest, numbers_in, read

from microsim.engine.results import Result
from microsim.engine.tallies import EXPECTED_UNIT
from microsim.report.formats import about, percent, plain, signed, signed_about, signed_dollars
from microsim.report.places import AGES


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


def test_numbers_of_the_comparison_stand_beside_the_brief(finished: Path) -> None:
    """A run leaves what it says of published figures as a file, and its brief says nothing else of them."""
    rows = json.loads((finished / "validation.json").read_text())
    values = [*numbers_in(rows), *range(len(rows["rows"]) + 1)]
    shown = [one for one in read((finished / "brief.html").read_text()).numbers if one[0] == "validation"]
    assert len(shown) > 20
    assert all(any(abs(value - one) <= 1e-9 * abs(value) for one in values) for _, value, _ in shown)
