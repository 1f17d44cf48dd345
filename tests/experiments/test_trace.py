"""Traced lives are the lives that were counted, found as asked, and told without gaps."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import environment

from microsim.engine.people import People
from microsim.engine.simulate import simulate
from microsim.engine.tables import Tables, build_tables
from microsim.engine.tallies import COUNTS, LEAK_FIRST, LOSS_FIRST, MONTHLY, of_arm
from microsim.experiments.tracing.find import REASONS, find, wanted
from microsim.experiments.tracing.saved import Saved, saved_run
from microsim.experiments.tracing.watch import Watch
from microsim.experiments.tracing.words import Use, Word, event_name
from microsim.ground import draws
from microsim.ground.calendar import month_index
from microsim.ground.errors import InputError, MicrosimError
from microsim.ground.schema import COVERS, LOSS_REASONS, OPIOIDS, POPULATION_MONTH, STATES, SUD_CLASSES
from microsim.life.state import HEARING_ASKED, HEARING_WON

ARMS = ("baseline", "policy")
WEIGHT = 1000

_TRACED = """
import json, sys
from microsim.experiments.trace import case_from, trace_people
traced = trace_people(case_from(sys.argv[1]), json.loads(sys.argv[2]))
json.dump(traced.document(every_month=False, draws=True), sys.stdout)
"""


@pytest.fixture(scope="module")
def saved(finished: Path) -> Saved:
    return saved_run(finished, None, 2, lambda *_: None)


@pytest.fixture(scope="module")
def tables(saved: Saved) -> Tables:
    return build_tables(saved.ready.arms, saved.ready.months, saved.crowding)


@pytest.fixture(scope="module")
def rows(saved: Saved, tables: Tables) -> list[int]:
    """People of every kind: reached by the policy, in treatment, turning 19, old, and any others."""
    records, people = saved.ready.people.records, saved.ready.people
    adult_group = records["cover"] == COVERS.index("adult_group")
    medication = records["opioid"] == OPIOIDS.index("buprenorphine")
    turning_19 = (records["birth_month"] > POPULATION_MONTH - 18 * 12) & (
        records["birth_month"] < POPULATION_MONTH - 15 * 12
    )
    kinds = [adult_group & medication, medication, adult_group, turning_19, records["birth_month"] < -700]
    chosen = [int(row) for kind in kinds for row in np.flatnonzero(kind)[[0, -1]]]
    reached = [
        row
        for reason in ("noncompliant", "denied_at_application", "functional_gate")
        for row in find(people, tables, saved.ready.seed, wanted(reason, None, 1, people)).rows
    ]
    assert len(reached) == 3
    return list(dict.fromkeys([*chosen, *reached, *random.Random(3).sample(range(len(people)), 4)]))


@pytest.fixture(scope="module")
def lives(finished: Path, saved: Saved, rows: list[int]) -> list[dict[str, Any]]:
    """The same people traced in a process without compilation."""
    ids = saved.ready.people.records["person_id"][rows].tolist()
    line = [sys.executable, "-c", _TRACED, str(finished), json.dumps(ids)]
    variables = {**environment(), "NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run(line, env=variables, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert [person["person"] for person in document["people"]] == ids
    return list(document["people"])


def months(lives: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [month for person in lives for arm in ARMS for month in person["arms"][arm]]


def counted(months: list[dict[str, Any]], length: int) -> np.ndarray:
    """The monthly tallies that traced months amount to."""
    tally = np.zeros(length, MONTHLY)
    for month in months:
        row = tally[month_index(month["month"]) - POPULATION_MONTH]
        sud, cover, events = (
            SUD_CLASSES.index(month["sud_class"]),
            COVERS.index(month["cover"]),
            month["events"],
        )
        row["cell"][cover, sud, 0] += WEIGHT
        if not events:
            continue
        expected = ("overdose", "opioid_death", "nonopioid_death", "other_death")
        for measure, name in enumerate(expected, start=1):
            row["cell"][cover, sud, measure] += WEIGHT * events[f"expected_{name}"] >> 16
        for name in _event_counts(events):
            row["count"][sud, COUNTS.index(name)] += WEIGHT
        if events["loss"]:
            row["count"][sud, LOSS_FIRST + events["loss"]] += WEIGHT
        if events["leak"]:
            row["count"][sud, LEAK_FIRST + events["leak"]] += WEIGHT
    return tally


def _event_counts(events: dict[str, int]) -> list[str]:
    checked, applied = bool(events["checked"]), bool(events["applied"])
    happened = {
        "ever_lost": events["first_loss"],
        "entered": events["entered"],
        "renewals": events["renewed"],
        "renewed_ex_parte": events["renewed"] and events["ex_parte"],
        "checks": checked,
        "cleared_from_data": checked and events["cleared"],
        "notices": checked and events["noticed"],
        "application_checks": checked and applied,
        "application_cleared": checked and applied and events["cleared"],
        "applications": applied,
        "failed_checks": events["failed"],
        "reconsiderations": events["reconsidered"],
        "hearings": events["hearing"] == HEARING_ASKED,
        "hearings_reversed": events["hearing"] == HEARING_WON,
        "treatment_starts": events["treatment_start"],
        "treatment_exits": events["treatment_exit"],
        "treatment_exits_coverage": events["treatment_exit"] == 2,
        "births": events["birth"],
        "realised_overdoses": events["overdose"],
        "overdoses_treated": events["overdose_treated"],
        "realised_opioid_deaths": events["died_opioid"],
        "realised_nonopioid_deaths": events["died_nonopioid"],
        "realised_deaths_other": events["died_other"],
    }
    return [name for name, true in happened.items() if true]


def test_a_traced_life_is_the_one_that_the_compiled_kernel_counts(
    saved: Saved, tables: Tables, rows: list[int], lives: list[dict[str, Any]]
) -> None:
    people = saved.ready.people
    for row, person in zip(rows, lives, strict=True):
        one = People(people.records[row : row + 1], people.poor[row : row + 1])
        total = simulate(one, tables, saved.ready.seed, weights=np.array([WEIGHT]), threads=1)
        for arm, name in enumerate(ARMS):
            ours = of_arm(total, arm).monthly[int(people.records["state"][row])]
            traced = counted(person["arms"][name], len(ours))
            for field in ("cell", "count"):
                np.testing.assert_array_equal(
                    traced[field], ours[field], f"{person['person']} {name} {field}"
                )
    for arm in ARMS:
        assert any(month["events"].get("renewed") for person in lives for month in person["arms"][arm])
    assert any(person["arms"]["baseline"] != person["arms"]["policy"] for person in lives)


def test_every_event_is_told(lives: list[dict[str, Any]]) -> None:
    words = {
        "overdose": "overdose", "died_opioid": "Dies", "died_other": "Dies", "died_nonopioid": "Dies",
        "renewed": "enewal", "birth": "born", "treatment_start": "Starts",
    }  # fmt: skip
    told_of = set()
    for month in months(lives):
        text = " ".join(month["told"])
        for event, word in words.items():
            if month["events"].get(event):
                assert word in text, (month["month"], event)
                told_of.add(event)
        reason = LOSS_REASONS[month["events"].get("loss", 0)]
        if reason in ("noncompliant", "excluded_unverified", "compliant_unverified", "renewal_procedural"):
            assert "Medicaid ends" in text
        elif reason == "denied_at_application":
            assert "Turned away" in text
        if not month["events"]:
            assert not text
    assert {"renewed", "treatment_start"} <= told_of


def test_checks_say_what_decided(lives: list[dict[str, Any]]) -> None:
    seen = 0
    for month in months(lives):
        assert len(month["checks"]) == month["events"].get("checked", 0)
        for check in month["checks"]:
            seen += 1
            assert check["proved"] == bool(check["met"] and check["answered"] and check["accepted"])
            assert (check["answered"] is None) == (not check["met"])
            assert check["excluded"] == (check["family"] == "excluded")
            assert not check["cleared"] or check["met"]
            if not check["excluded"]:
                assert check["met"] == (check["months_counted"] >= check["months_required"])
            assert ("Work rule" in " ".join(month["told"])) == (
                LOSS_REASONS[month["events"]["loss"]] not in ("renewal_procedural", "renewal_ineligible")
            )
    assert seen > 0


def test_draws_are_the_same_in_both_arms_and_are_what_the_generator_gives(
    lives: list[dict[str, Any]],
) -> None:
    for person in lives:
        numbers: dict[tuple[str, str], float] = {}
        for arm in ARMS:
            for month in person["arms"][arm]:
                for draw in month["draws"]:
                    if draw["event"].startswith("TRAIT_"):
                        trait = person["traits"][draw["event"].removeprefix("TRAIT_").lower()]
                        assert draw["number"] == trait
                        continue
                    number = 1 - 2**-32 - draw["number"] if draw["from_top"] else draw["number"]
                    key = (month["month"], draw["event"])
                    assert numbers.setdefault(key, number) == pytest.approx(number, abs=1e-12)
                    if draw["against"] is not None:
                        assert draw["below"] == (draw["number"] < draw["against"])
        # A tolerance is a sum of hazards.
        assert all(0 <= number < 1 for (_, event), number in numbers.items() if event != "TOLERANCE")


def test_the_story_says_where_the_arms_part(lives: list[dict[str, Any]]) -> None:
    for person in lives:
        parting = month_index(person["arms_may_differ_from"])
        for line in person["story"]:
            assert line["arm"] in ("both", *ARMS)
            if month_index(line["month"]) < parting:
                assert line["arm"] == "both"
        assert person["who"][0].startswith("A ") and "Cover: " in person["who"][-1]


def test_people_found_have_the_reason_only_under_the_policy(saved: Saved, tables: Tables) -> None:
    people, seed = saved.ready.people, saved.ready.seed
    whom = wanted("noncompliant", "oh", 3, people)
    found = find(people, tables, seed, whom)
    assert found == find(people, tables, seed, whom)
    assert len(found.rows) == 3 and found.looked_at >= 3 and not found.everybody
    assert (people.records["state"][found.rows] == STATES.index("OH")).all()
    for row in found.rows:
        one = People(people.records[row : row + 1], people.poor[row : row + 1])
        total = simulate(one, tables, seed, weights=np.array([WEIGHT]), threads=1)
        lost = [int(of_arm(total, arm).monthly["count"][..., whom.column].sum()) for arm in (0, 1)]
        assert lost[0] == 0 < lost[1]
    fewer = find(people, tables, seed, wanted("noncompliant", "OH", 1, people))
    assert fewer.rows == found.rows[:1]
    spread = find(people, tables, seed, wanted("noncompliant", None, 3, people))
    assert len(set(people.records["state"][spread.rows])) == 3


def test_nobody_is_found_without_a_difference(saved: Saved, tables: Tables) -> None:
    people = saved.ready.people
    none = tables._replace(fork=np.full_like(tables.fork, tables.places.shape[2]))
    found = find(people, none, saved.ready.seed, wanted("noncompliant", "WY", 1, people))
    here = int((people.records["state"] == STATES.index("WY")).sum())
    assert found.rows == [] and found.everybody and found.looked_at == here


def test_unknown_reasons_name_the_nearest(saved: Saved) -> None:
    with pytest.raises(InputError, match="nearest is 'functional_gate'"):
        wanted("functional_gat", None, 1, saved.ready.people)
    with pytest.raises(InputError, match="reason"):
        wanted("none", None, 1, saved.ready.people)
    with pytest.raises(InputError, match="--state"):
        wanted(REASONS[0], "ZZ", 1, saved.ready.people)


def test_a_run_whose_manifest_or_tables_are_damaged_is_refused(finished: Path, tmp_path: Path) -> None:
    import shutil

    copy = shutil.copytree(finished, tmp_path / "copy")
    manifest = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").write_text(json.dumps({**manifest, "population": "file-0123456789abcdef"}))
    with pytest.raises(InputError, match="--population"):
        saved_run(copy, None, 1, lambda *_: None)
    (copy / "manifest.json").write_text(json.dumps(manifest))
    (copy / "tables.npz").write_bytes(b"not an archive")
    with pytest.raises(InputError, match="undamaged tables"):
        saved_run(copy, None, 1, lambda *_: None)
    del manifest["seed"]
    (copy / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(InputError, match="manifest"):
        saved_run(copy, None, 1, lambda *_: None)


def test_compiled_code_is_not_watched() -> None:
    with pytest.raises(MicrosimError, match="NUMBA_DISABLE_JIT"):
        Watch().live(None, 0, None, None, 0, 0, 0)


def test_a_word_is_an_int_that_notes_its_comparisons() -> None:
    noted: list[Use] = []
    word = Word.made(1 << 30, "OPIOID", noted.append)
    assert word < 1 << 31 and not word < 1 << 29
    assert word >= np.int64(5) and word == 1 << 30
    top = draws.ONE - 1 - word
    assert not top < 1 << 30
    rest = word - (1 << 28)
    assert rest < 1 << 30 and word >> 28 == 4
    assert [(use.number, use.against, use.below, use.from_top) for use in noted] == [
        (0.25, 0.5, True, False), (0.25, 0.125, False, False), (0.25, 5 / 2**32, False, False),
        (0.75 - 2**-32, 0.25, False, True), (0.25, 0.3125, True, False), (0.25, None, None, False),
    ]  # fmt: skip
    assert {use.where for use in noted} == {"test_a_word_is_an_int_that_notes_its_comparisons"}


def test_events_have_their_names() -> None:
    assert event_name(0, draws.RESPONSE) == "RESPONSE"
    assert event_name(0, draws.DEATH) == "DEATH"
    assert event_name(draws.LASTING, draws.TRAIT_PROGRAMME) == "TRAIT_PROGRAMME"
