"""Natural experiments: the rule of a time and place on the people it reached, beside what happened."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from microsim.experiments.natural import EXPERIMENTS, natural_experiment
from microsim.experiments.natural.people import raked, reached_people
from microsim.experiments.natural.rows import CALIBRATED, COLUMNS, COMPARED, events, lived
from microsim.experiments.natural.shifted import shifted
from microsim.ground.calendar import EARLIEST_MONTH, month_index, month_name
from microsim.ground.errors import InputError
from microsim.ground.parameters import load_parameters
from microsim.ground.policies import apply_policies, load_policy
from microsim.ground.schema import POPULATION_MONTH

PERSONS = 60_000


def found(name: str) -> pd.DataFrame:
    table = natural_experiment(name, PERSONS)
    assert tuple(table.columns) == COLUMNS
    assert set(table["use"]) <= {CALIBRATED, COMPARED}
    assert np.isfinite(table["model"]).all()
    impossible = table[table["published"] == 0]
    assert (impossible["model"] == 0).all(), impossible
    return table.set_index("outcome")


def test_arkansas_loses_many_and_nobody_before_the_third_strike() -> None:
    table = found("arkansas-2018")
    lost = table.loc["lost cover to the rule by December, of people subject"]
    assert lost["use"] == COMPARED
    assert 0.1 < lost["model"] < 0.6
    assert table.loc["first closures, months after the start", "model"] == 3


def test_nobody_comes_back_to_arkansas_works_before_january() -> None:
    p = load_parameters()
    start = month_index("2025-06") - POPULATION_MONTH
    people = reached_people(p, PERSONS, "AR", ages=(30, 50), months=start + 10)
    rule = apply_policies(p, [shifted("arkansas-2018", 7)])
    free = rule.replaced({"medicaid.community_engagement.lockout": False})
    free_lives, locked = lived(people, (free, rule), start + 10, 1, 2)
    entered = events(locked, "entered") - events(free_lives, "entered")
    december = month_index("2025-12") - POPULATION_MONTH
    assert entered[: start + 4].sum() == 0
    assert entered[start + 4 : december + 1].sum() < 0


def test_new_hampshire_would_have_ended_cover_for_most_who_had_to_act() -> None:
    table = found("new-hampshire-2019")
    facing = table.loc["facing suspension, of people who had to act in two months"]
    assert facing["model"] == pytest.approx(facing["published"], abs=0.15)


def test_georgia_stays_small_and_grows_without_its_rule() -> None:
    table = found("georgia-pathways")
    assert table.loc["enrolled, June 2024", "model"] < 15_000
    assert table.loc["enrolled without the rule over enrolled with it, end of 2026", "model"] > 1.0


def test_the_unwinding_ends_medication_for_a_few_per_cent() -> None:
    table = found("unwinding-2023")
    share = table.loc["procedural share of losses"]
    assert share["model"] == pytest.approx(share["published"], abs=0.05)
    assert -0.08 < table.loc["people on medication eight months after the start", "model"] < 0.0


def test_an_unknown_experiment_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(InputError, match="arkansas-2018"):
        natural_experiment("arkansas-2019")
    assert len(EXPERIMENTS) == 4


def test_a_shifted_policy_keeps_its_length_and_seasons() -> None:
    for name in ("arkansas-2018", "new-hampshire-2019", "unwinding-2023"):
        for before, after in zip(load_policy(name).provisions, shifted(name, 3).provisions, strict=True):
            for old, new in zip(before.patches, after.patches, strict=True):
                if old.first == EARLIEST_MONTH:
                    assert new == old, "what stands for always stays"
                    continue
                assert new.first - old.first == new.last - old.last == 36
                assert month_name(old.first)[5:] == month_name(new.first)[5:]


def test_people_are_raked_to_the_size_and_the_employed_share() -> None:
    people = reached_people(
        load_parameters(), PERSONS, "AR", ages=(30, 50), months=27, size=64_743, employed=0.424
    )
    records = people.records
    weights = records["weight"].astype(float)
    assert weights.sum() == pytest.approx(64_743_000, rel=1e-3)
    assert len(np.unique(records["person_id"])) == len(records)
    assert (raked(records, weights, None) == weights).all()
    again = raked(records, weights, 0.6)
    assert np.bincount(records["sex"], again) == pytest.approx(np.bincount(records["sex"], weights), rel=1e-6)
