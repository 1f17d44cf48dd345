"""The degenerate case, constant months and perfect proof, against another project's scenarios."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from rule_cases import month_of, options, person_frame

from microsim.rules import community_engagement

ROWS = list(csv.DictReader(Path(__file__).with_name("policyengine.csv").open(newline="", encoding="utf-8")))
NOTE = Path(__file__).parents[2] / "docs" / "policyengine_comparison.md"


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_scenario(row):
    chosen = options(row["options"])
    found = community_engagement(person_frame(row["person"]), month_of(row["options"]), chosen)
    passed = "fail" if found.loc[0, "status"] == "noncompliant" else "pass"
    assert passed == row["ours"]


def test_differences_have_a_reason_and_stand_in_the_note():
    note = NOTE.read_text(encoding="utf-8")
    for row in ROWS:
        assert (row["theirs"] != row["ours"]) == bool(row["why"]), row["id"]
        if row["why"]:
            assert f"| {row['id']}:" in note, row["id"]
    assert note.count("| pass | fail |") + note.count("| fail | pass |") == sum(bool(r["why"]) for r in ROWS)
