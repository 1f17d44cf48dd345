"""What `attribute`, `offset` and the doubts of a run print of objects made up here: signs, ends, shares."""

from __future__ import annotations

import math

import numpy as np
import pytest

from microsim.cli import attribute, offset
from microsim.cli.doubts import print_doubts
from microsim.experiments.attribution import SHOWN, Attribution
from microsim.experiments.fall import Fall
from microsim.experiments.offset import Against, Offset, Surface
from microsim.report.beside import moved

DRAWS = np.linspace(0.0, 1.0, 39)
"""So many that the ends of their 95% interval are the least and the largest."""


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]


def test_parts_of_a_fall_and_their_intervals_have_the_sign_of_deaths(capsys: pytest.CaptureFixture[str]) -> None:
    drawn = np.stack([4000 + 4000 * DRAWS, 1000 + 1000 * DRAWS, -100 - 300 * DRAWS], axis=1)
    parts = np.array([6000.0, 1500.0, -200.0])
    found = Fall("abc", 2024, 39, 9, 50_000, 57_300, 60_000, parts, drawn, 57_000 + DRAWS, 0.0, 1.0)
    attribute._show_fall(found)
    said = lines(capsys)
    for line in (
        "at the pace of mid-2023 60,000",
        "supply -6,000 60% -8,000 to -4,000",
        "naloxone -1,500 15% -2,000 to -1,000",
        "treatment +200 -2% +100 to +400",
        "not explained by the three -2,700 27%",
        "deaths of 2024 50,000",
    ):
        assert line in said, line


def test_parts_of_a_change(capsys: pytest.CaptureFixture[str]) -> None:
    parts = np.outer([3000.0, -1000.0], np.arange(1.0, len(SHOWN) + 1))
    spread = np.stack([2000 + 2000 * DRAWS, -2000 + 2000 * DRAWS])
    drawn = np.repeat(spread.T[:, :, None], len(SHOWN), axis=2)
    error = np.zeros_like(parts)
    error[:, 0] = [7.0, -900.0]
    found = Attribution(
        "Change by block", "abc", ("2025-01", "2034-12"), 39, 1234, ("work", "renewals"), SHOWN, parts, drawn,
        parts.sum(axis=0), drawn.sum(axis=1), np.full(len(SHOWN), 500.0), error, {"work": {"a": 0.7, "b": 0.3}},
    )  # fmt: skip
    attribute._show(found)
    said = lines(capsys)
    first = said.index(next(line for line in said if line.startswith("work ")))
    assert said[first].startswith("work +3,000") and said[first + 1].startswith("+2,000 to +4,000")
    assert any(line.startswith("renewals \N{MINUS SIGN}1,000") or line.startswith("renewals -1,000") for line in said)
    assert any(line.startswith("together +2,000") for line in said)
    assert any(line.startswith("of which interaction +500 +500 +500") for line in said)
    text = " ".join(said)
    assert "work: a 70%, b 30%" in text
    assert "2025-01 to 2034-12" in text and "1,234 records, 39 draws" in text
    assert "Luck of the sample moves a part by about 900 deaths" in text


def test_harm_stands_over_gain(capsys: pytest.CaptureFixture[str]) -> None:
    harms, gains = 1000 + 1000 * DRAWS, np.full(39, 500.0)
    row = Against("supply-crackdown", 1500.0, 500.0, 1100.0, harms, gains, harms - gains + 100)
    gain = np.array([[[3000.0, 750.0], [-1.0, 1500.0]]])
    surface = Surface((math.log(0.5), math.log(0.9)), (6.0, 24.0), ("none",), 1500.0, gain)
    found = Offset("budget2025", "abc", ("2025-01", "2034-12"), 39, 1234, 500_000.0, (row,), surface)
    offset._show(found)
    said = lines(capsys)
    for line in (
        "against supply-crackdown",
        "added by the package (H) +1,500 +1,000 to +2,000",
        "avoided by supply control (G) +500 +500 to +500",
        "interaction when both happen +100 +100 to +100",
        "H over G 3.00 2.00 to 4.00",
        "draws with H above G 100%",
        "draws without any gain 0%",
        "50% 0.50 2.00",
        "10% no gain 1.00",
    ):
        assert line in said, (line, said)
    assert "500,000 opioid overdose deaths in the baseline, 2025-01 to 2034-12; 39 draws; run abc." in " ".join(said)


def test_doubts_name_what_moved_the_draws_and_the_share_of_all_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"id": "a.b", "assumed": True, "share": 0.4}, {"id": "c.d", "assumed": False, "share": 0.7}]
    coarse = {"limit": 0.1, "measures": ["overdose_deaths", "opioid_overdose_deaths", "unknown"]}
    answer = "opioid_overdose_deaths"
    found = {"moved_by": {answer: rows}, "sources": {answer: {"median": 1230.0}}, "monte_carlo_error_above": coarse}
    print_doubts({"uncertainty": found})
    moved_by, median, error = lines(capsys)
    assert "in the draws: a.b *, c.d (* an assumption); together 70% of the variance." in moved_by
    assert median == "Median of the draws for opioid overdose deaths: +1,230."
    assert error.lower().endswith("of the difference: drug overdose deaths; opioid overdose deaths.")
    print_doubts({})
    assert not lines(capsys)


def test_a_tornado_goes_from_low_to_high() -> None:
    bar = {"label": "Kits", "low": {"ratio": 1.0}, "high": {"ratio": 3.0}}
    part = {"answer": "ratio", "centre": {"ratio": 2.0}, "tornado": [bar]}
    assert moved(part) == [{"label": "Kits", "low": 1.0, "high": 3.0, "central": 2.0}]
