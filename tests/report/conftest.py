"""One result and its brief, shared by the tests of the report."""

from __future__ import annotations

from pathlib import Path

import pytest

from microsim.engine.results import Result, load_result
from microsim.report.brief import write_brief


@pytest.fixture(scope="session")
def result(finished: Path) -> Result:
    return load_result(finished)


@pytest.fixture(scope="session")
def page(result: Result) -> str:
    return write_brief(result).decode()


@pytest.fixture(scope="session")
def page_file(page: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("brief") / "brief.html"
    path.write_text(page, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def full(result: Result) -> Result:
    """The same result with intervals and every part that a later experiment may add."""
    import copy

    document = copy.deepcopy(result.document)
    blocks = [document["measures"], *document["by_year"].values(), *document["by_state"].values()]
    for entry in (entry for block in blocks for entry in block.values()):
        spread = abs(entry["difference"]) * 0.3 + 1.0
        entry["low"], entry["high"] = entry["difference"] - spread, entry["difference"] + spread
    document |= {
        "draws": 50,
        "offset": {
            "policy": "budget2025",
            "against": "supply-crackdown",
            "harm": 30.0,
            "gain": 10.0,
            "ratio": {"central": 3.0, "low": 0.5, "high": 9.0},
            "probability_above_one": 0.8,
        },
        "attribution": [
            {"label": "Naloxone lines", "central": 20.0, "low": 5.0, "high": 40.0},
            {"label": "Work requirement", "central": 10.0, "low": 1.0, "high": 25.0},
        ],
        "fall": {
            "year": 2024,
            "parts": {"supply": {"deaths_avoided": 900.0, "low": 800.0, "high": 950.0}},
            "deaths_at_pace_of_mid_2023": 2000.0,
            "not_explained": 100.0,
        },
        "sensitivity": [
            {"label": "Patients cleared from data", "low": 5.0, "high": 90.0},
            {"label": "Re-entry", "low": 20.0, "high": 40.0},
        ],
        "validation": [
            {
                "id": "v1",
                "label": "Arkansas loss, people",
                "model": 17000.0,
                "model_low": 9000.0,
                "model_high": 30000.0,
                "published": 18164.0,
                "published_low": None,
                "published_high": None,
                "ratio": 0.94,
                "verdict": "miss",
                "why": "Fewer are asked for papers.",
            }
        ],
        "budget": {
            "tables": {
                "by_component": {
                    "columns": [
                        "component",
                        *(f"difference_{payer}_usd" for payer in ("federal", "state", "total", "others")),
                    ],
                    "rows": [["adult_group_benefits", -4.0e11, -4.0e10, -4.4e11, 1.0e9]],
                }
            }
        },
    }
    return Result(document, result.monthly_arrow, result.annual_arrow, result.manifest)
