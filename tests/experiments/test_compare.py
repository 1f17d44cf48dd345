"""A policy beside a baseline: zero for zero, state by state, and tables that agree with the summary."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support import PERSONS

import microsim
from microsim.engine.measures import MEASURES
from microsim.engine.results import Result
from microsim.experiments import readings
from microsim.experiments.asked import window_months
from microsim.experiments.compare import setup
from microsim.experiments.other_causes import other_deaths
from microsim.ground.calendar import month_name
from microsim.ground.errors import InputError
from microsim.ground.schema import STATES
from microsim.report.brief import write_brief
from synthetic_pop.files import load, write

WINDOW = {"start": "2026-07", "end": "2028-06"}
STOCKS = [measure.name for measure in MEASURES if measure.stock]
FLOWS = [measure.name for measure in MEASURES if not measure.stock]
OHIO = """
label: Work requirement and renewals every six months in Ohio
patches:
  - {parameter: medicaid.community_engagement.in_force, from: "2027-01", value: true, states: OH}
  - {parameter: medicaid.renewal.six_month_in_force, from: "2027-01", value: true, states: OH}
"""


@pytest.fixture(scope="module")
def package() -> Result:
    """budget2025 in all states, not to be changed."""
    return microsim.run("budget2025", persons=PERSONS, **WINDOW)


def entries(values: dict[str, dict[str, Any]], name: str) -> list[float]:
    return [entry[name] for entry in values.values()]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"states": ["OHIO"]}, "--states"),
        ({"states": ["OH", ""]}, "--states"),
        ({"start": "2023-12"}, "--start"),
        ({"start": "2027-01", "end": "2026-12"}, "--end"),
        ({"end": "2045-01"}, "--end"),
        ({"end": "2034-13"}, "2034-13"),
        ({"seed": -1}, "--seed"),
        ({"seed": 1 << 64}, "--seed"),
        ({"persons": 0}, "--persons"),
        ({"policy": "budget2052"}, "budget2025"),
        ({"baseline": "budget2052"}, "budget2025"),
        ({"settings": ["sud.naloxone.kit_lief=3"]}, "sud.naloxone.kit_life"),
        ({"settings": ["sud.naloxone.kit_life=-3"]}, "kit_life"),
        ({"population": "nothing.parquet"}, "nothing.parquet"),
    ],
)
def test_what_is_wrong_is_said_before_any_life_is_lived(options: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError) as caught:
        setup(**{"persons": PERSONS, **options})
    assert words in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_file_is_run_whole(population_file: Path) -> None:
    with pytest.raises(InputError, match="--persons"):
        setup(population=population_file, persons=PERSONS - 1)
    assert len(setup(population=population_file, persons=PERSONS).people) == PERSONS


def test_a_file_of_some_states_is_run_as_those_states(population_file: Path, tmp_path: Path) -> None:
    columns = load(population_file)
    of_two = np.isin(columns["state"], [STATES.index("OH"), STATES.index("WV")])
    path = tmp_path / "two.parquet"
    write(path, [{name: column[of_two] for name, column in columns.items()}])
    by_file = setup(population=path, **WINDOW)
    assert by_file.states == ("OH", "WV") and by_file.notices[0].startswith("states run: OH, WV;")
    asked = setup(population=path, states=["OH", "WV"], **WINDOW)
    assert asked.run == by_file.run and not asked.notices
    assert setup(population=path, states=["OH"], **WINDOW).states == ("OH",)
    whole = setup(population=population_file, **WINDOW)
    assert whole.states == () and not whole.notices


def test_the_guide_names_the_first_and_the_last_month_that_can_be_run() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "start.md").read_text(encoding="utf-8")
    named = re.search(r"months from (\S+) to (\S+)\.", guide)
    assert named is not None
    first, last = window_months(*named.groups())
    for start, end in ((first - 1, last), (first, last + 1)):
        with pytest.raises(InputError):
            window_months(month_name(start), month_name(end))


def test_equal_arms_are_told() -> None:
    for policy, baseline in (("baseline", "baseline"), ("enacted", "enacted")):
        (line,) = setup(policy, baseline, persons=PERSONS).notices
        assert line.startswith(f"both arms are equal: {policy} on top of {baseline} changes no parameter")
    assert not setup("enacted", persons=PERSONS).notices
    held = setup("enacted", persons=PERSONS, settings=["sud.naloxone.kit_life=20"])
    assert not held.notices


def test_the_identity_names_what_decides_a_run(population_file: Path) -> None:
    common: dict[str, Any] = {"population": population_file, "states": ["VT", "WY"], **WINDOW}
    others: list[dict[str, Any]] = [
        {"policy": "work-requirements"}, {"baseline": "supply-crackdown"}, {"seed": 1}, {"end": "2028-07"},
        {"states": ["VT"]}, {"settings": ["sud.naloxone.kit_life=20"]},
        {"population": None, "persons": PERSONS},
    ]  # fmt: skip
    runs = [setup(**{**common, **other}).run for other in ({}, *others)]
    assert len(set(runs)) == len(runs)
    assert setup(**{**common, "states": ["wy", "VT", "VT"], "threads": 1}).run == runs[0]


def test_no_policy_gives_exactly_zero_everywhere() -> None:
    result = microsim.run("baseline", persons=PERSONS, **WINDOW)
    document = result.document
    for values in (document["measures"], *document["by_year"].values(), *document["by_state"].values()):
        assert set(entries(values, "difference")) == {0}
        assert entries(values, "baseline") == entries(values, "policy")
    assert (result.difference["difference"] == 0).all() and len(result.difference) > 1000
    for table in (result.monthly, result.annual):
        arms = [table[table["arm"] == arm].drop(columns="arm").reset_index(drop=True)
                for arm in ("baseline", "policy")]  # fmt: skip
        pd.testing.assert_frame_equal(*arms, check_exact=True)


def test_a_policy_of_one_state_leaves_the_others_untouched(tmp_path: Path) -> None:
    file = tmp_path / "ohio.yaml"
    file.write_text(OHIO)
    document = microsim.run(file, persons=PERSONS, **WINDOW).document
    for state, values in document["by_state"].items():
        differences = entries(values, "difference")
        if state == "OH":
            assert values["medicaid_losses"]["difference"] > 0
        else:
            assert set(differences) == {0}, state
            assert entries(values, "baseline") == entries(values, "policy")


def test_years_and_states_add_up_to_the_window(package: Result) -> None:
    document = package.document
    assert list(document["by_year"]) == ["2026", "2027", "2028"]
    assert document["measures"]["medicaid_losses"]["difference"] > 0
    for arm in ("baseline", "policy"):
        for name in document["measures"]:
            whole = document["measures"][name][arm]
            by_state = sum(values[name][arm] for values in document["by_state"].values())
            assert by_state == pytest.approx(whole, rel=1e-12), name
            years = [values[name][arm] for values in document["by_year"].values()]
            over_years = years[-1] if name in STOCKS else sum(years)
            assert over_years == pytest.approx(whole, rel=1e-12), name


def test_a_window_of_one_year_is_that_year_of_a_longer_one(package: Result) -> None:
    result = microsim.run("budget2025", persons=PERSONS, start="2027-01", end="2027-12")
    year = result.document
    assert list(year["by_year"]) == ["2027"]
    assert year["by_year"]["2027"] == year["measures"]
    for name, entry in package.document["by_year"]["2027"].items():
        for arm in ("baseline", "policy"):
            # Crowding is measured over the months that are lived, so only the last quarter can differ.
            assert year["measures"][name][arm] == pytest.approx(entry[arm], rel=1e-3, abs=1e-6), name
    by_people = result.by("age_band", "sex", "race")
    deaths = by_people.loc[(slice(None), slice(None), slice(None), "opioid_overdose_deaths"), "policy"].sum()
    assert deaths == pytest.approx(year["measures"]["opioid_overdose_deaths"]["policy"], rel=1e-3)
    by_year = result.by("year")
    assert by_year.loc[("2027", "medicaid_losses"), "difference"] == pytest.approx(
        year["measures"]["medicaid_losses"]["difference"]
    )


def test_tables_agree_with_the_summary(package: Result) -> None:
    measures = package.document["measures"]
    deaths = ["opioid_overdose_deaths", "nonopioid_overdose_deaths"]
    by_month = package.by("month")
    by_class = package.by("sud_class", "cover")
    for arm in ("baseline", "policy", "difference"):
        for frame in (by_month, by_class):
            total = frame[arm].groupby("measure", observed=True).sum()[deaths].sum()
            assert total == pytest.approx(measures["overdose_deaths"][arm], rel=1e-9, abs=1e-6)
        end = by_month[arm]["2028-06"]
        covered = package.by("month", "cover")[arm]["2028-06"]
        assert covered["uninsured"]["persons"] == pytest.approx(measures["uninsured_end"][arm], rel=1e-12)
        assert covered["adult_group"]["persons"] == pytest.approx(
            measures["expansion_enrollees_end"][arm], rel=1e-12
        )
        everyone = covered.xs("persons", level="measure").sum()
        assert end["persons"] == pytest.approx(everyone, rel=1e-12, abs=1e-3)
    ohio = package.document["by_state"]["OH"]["overdose_deaths"]
    assert package.by("state").loc[("OH", "overdose_deaths"), "policy"] == ohio["policy"]
    with pytest.raises(InputError, match="by"):
        package.by("month", "age_band")


def test_some_states_alone_live_as_among_all(package: Result) -> None:
    some = microsim.run("budget2025", persons=PERSONS, states=["WV", "OH"], **WINDOW)
    document = some.document
    assert list(document["by_state"]) == ["OH", "WV"]
    assert document["by_state"] == {state: package.document["by_state"][state] for state in ("OH", "WV")}
    monthly = package.monthly
    among_all = monthly[monthly["state"].isin(["OH", "WV"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(
        some.monthly.astype({"value": float}), among_all, check_exact=True, check_categorical=False
    )


def _population(result: Result) -> float:
    """Persons of the policy in an average month of the window."""
    persons = result.monthly.query("measure == 'persons' and arm == 'policy'")
    return float(persons["value"].sum() / persons["month"].nunique())


def test_people_of_a_window_from_july_to_june_are_of_whole_years_and_it_is_said(package: Result) -> None:
    """The annual table holds 2026 to 2028, and the window only 24 months of them."""
    assert readings.annual_window(package) == ("2026-01", "2028-12") and not readings.of_whole_years(package)
    annual = package.annual.groupby("arm", observed=True)
    months, uninsured = annual["person_months"].sum()["policy"], annual["uninsured_months"].sum()["policy"]
    groups = readings.by_people(package, "sex")
    # Everybody, in any month: an average over 24 months would be half as much again.
    assert 0.99 < months / 36 / _population(package) < 1.01
    assert sum(one["uninsured"].policy for one in groups.values()) == pytest.approx(uninsured / 36)
    people = package.by("sex")
    assert people.loc[("female", "losses"), "policy"] == pytest.approx(groups["female"]["losses"].policy)
    found = other_deaths(package)
    assert found.window == ("2026-01", "2028-12") and "2026-01 to 2028-12" in found.sentence()
    other = annual["deaths_other"].sum()
    assert found.by_treatment == pytest.approx(other["policy"] - other["baseline"], abs=1e-6)
    more = annual["uninsured_months"].sum()
    assert found.uninsured_years == pytest.approx((more["policy"] - more["baseline"]) / 12, rel=0.02)
    words = " ".join(re.sub(r"<[^>]+>", " ", write_brief(package).decode()).split())
    assert "policy less baseline over the calendar years 2026 to 2028" in words
    assert "an average month of the calendar years 2026 to 2028" in words
    assert "do not add up to the numbers of the period" in words
    assert "Groups by substance use are of the period, July 2026 to June 2028." in words
