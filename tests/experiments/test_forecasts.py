"""Recorded forecasts never change, and counts are scored against them."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest

from microsim.experiments import forecasts
from microsim.ground.errors import InputError

SHIPPED = Path(__file__).parents[2] / "forecasts"


def content(**other: object) -> dict[str, object]:
    held: dict[str, object] = {
        "schema": 1,
        "date": "2026-11-23",
        "policy": "enacted",
        "run": "0123",
        "places": {"NE": {"adult_group": {"2026-08": [100.0, 80.0, 130.0], "2026-09": [90.0, None, None]}}},
        **other,
    }
    return {**held, "digest": forecasts.digest_of(held)}


def test_a_recorded_forecast_is_read_back_and_never_replaced(tmp_path: Path) -> None:
    path = forecasts.record(content(), tmp_path)
    assert forecasts.read(path)["run"] == "0123"
    assert [row["file"] for row in forecasts.registered(tmp_path)] == [path.name]
    with pytest.raises(InputError, match="none is replaced"):
        forecasts.record(content(), tmp_path)


def test_a_changed_forecast_is_refused(tmp_path: Path) -> None:
    path = forecasts.record(content(), tmp_path)
    held = json.loads(path.read_text())
    held["places"]["NE"]["adult_group"]["2026-08"][0] = 101.0
    path.write_text(json.dumps(held))
    with pytest.raises(InputError, match="never changed"):
        forecasts.read(path)
    held["digest"] = forecasts.digest_of(held)
    path.write_text(json.dumps(held))
    with pytest.raises(InputError, match="never changed"):
        forecasts.registered(tmp_path)


def test_a_forecast_outside_the_register_is_refused(tmp_path: Path) -> None:
    forecasts.record(content(), tmp_path)
    (tmp_path / "other.json").write_text(json.dumps(content(policy="restore")))
    with pytest.raises(InputError, match=r"register\.csv"):
        forecasts.registered(tmp_path)


def test_counts_are_scored(tmp_path: Path) -> None:
    counts = tmp_path / "counts.csv"
    counts.write_text("place,month,measure,count\nNE,2026-08,adult_group,125\nNE,2026-09,adult_group,100\n")
    found = forecasts.score(content(), counts)
    assert [one.inside for one in found] == [True, None]
    total = forecasts.summary(found)["adult_group"]
    assert total["counts"] == 2
    assert total["mean_absolute_error"] == pytest.approx(15.0)
    assert total["bias"] == pytest.approx(-15.0)
    assert total["inside"] == 100.0


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("place,month,measure\nNE,2026-08,adult_group\n", "place, month, measure, count"),
        ("place,month,measure,count\nOH,2026-08,adult_group,1\n", "a place of the forecast"),
        ("place,month,measure,count\nNE,2026-08,adult_group,many\n", "a number of zero or more"),
        ("", "no rows"),
    ],
)
def test_bad_counts_get_one_line(tmp_path: Path, body: str, said: str) -> None:
    counts = tmp_path / "counts.csv"
    counts.write_text(body)
    with pytest.raises(InputError, match=said):
        forecasts.score(content(), counts)


def test_the_shipped_register_is_whole() -> None:
    if not SHIPPED.is_dir():
        pytest.skip("an installation without the repository")
    assert forecasts.registered(SHIPPED)


def test_a_forecast_holds_every_place_and_month() -> None:
    made = forecasts.make("enacted", date=datetime.date(2026, 11, 23), persons=20_000)
    assert set(made["places"]) == set(forecasts.PLACES)
    months = made["places"]["US"]["adult_group"]
    assert list(months) == sorted(months) and len(months) == 20
    assert made["digest"] == forecasts.digest_of(made)
