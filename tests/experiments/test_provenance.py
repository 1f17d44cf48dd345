"""From evidence to a simulated month: fields that parameters move, who reads them, and what a life then meets."""

from __future__ import annotations

import pytest

from microsim.engine.tables import build_tables
from microsim.experiments.provenance import transitions, use_of
from microsim.experiments.provenance.naming import cited_by, computed_from, named_in
from microsim.experiments.provenance.reading import readers_of
from microsim.experiments.targets.loading import load_targets, targets_root
from microsim.ground.draws import ONE
from microsim.ground.errors import InputError
from microsim.ground.parameters import load_parameters
from microsim.ground.policies import load_policy
from microsim.ground.policies.library import shipped_library
from microsim.life.readings import tenure_class

BY_NUMBER = {row.number: row for row in transitions()}


@pytest.mark.parametrize(
    ("id_", "fields", "function"),
    [
        ("sud.treatment.stop_probability", ("RATES.stop",), "opioid_rates"),
        ("sud.treatment.coverage_stop_probability", ("PLACE.coverage_stop",), "coverage_stop"),
        ("sud.opioid.relapse_hazard", ("RATES.opioid_relapse",), "opioid_rates"),
        ("sud.overdose.exit_factor", ("RATES.overdose",), "overdose_risk"),
        ("sud.overdose.fatality_naloxone",
         ("PLACE.fatal_naloxone", "PLACE.fatal_ambulance", "PLACE.fatal_alone", "PLACE.fatality"), "overdose_tree"),
        ("sud.diagnosed_share", ("RATES.diagnosed",), "diagnosed"),
    ],
)  # fmt: skip
def test_a_parameter_is_followed_to_the_function_that_reads_it(id_, fields, function):
    use = use_of(id_)
    assert tuple(use.moves) == fields
    assert any(reader.function == function for reader in use.moves[fields[0]])


def test_steps_are_those_of_the_month():
    (reader,) = readers_of("RATES.stop")
    assert reader == ("step 5, opioid use and treatment", "opioid_rates", "life/readings.py")
    assert {reader.step for reader in readers_of("PLACE.fatality")} == {"step 6, overdose"}


@pytest.mark.parametrize("row", BY_NUMBER.values(), ids=lambda row: row.parameter)
def test_every_transition_moves_a_field_that_a_month_reads(row):
    use = use_of(row.parameter)
    assert use.moves
    assert all(use.moves.values())


def test_a_sleeping_parameter_is_found_under_the_policy_that_wakes_it():
    use = use_of("sud.supply.nitazene_half_time")
    assert use.under == "nitazene-substitution"
    assert "PLACE.fatal_naloxone" in use.moves


def test_the_number_of_the_file_is_the_one_a_life_meets():
    tree = load_parameters()
    rates = build_tables([tree], 1).rates[0]
    written = tree.record("sud.treatment.stop_probability").readable()["buprenorphine"]
    lived = [rates["stop"][0, tenure_class.py_func(month)] / ONE for month in (1, 2, 3, 7, 25)]
    expected = [written[name] for name in ("m1_2", "m1_2", "m3_6", "m7_24", "m25_up")]
    assert lived == pytest.approx(expected, abs=1e-9)


def test_no_parameter_of_substance_use_is_without_use():
    ids = load_parameters().ids("sud.")
    assert [id_ for id_ in ids if not (named_in(id_) or computed_from(id_) or cited_by(id_))] == []


def test_every_source_is_cited_by_a_record_a_target_or_a_policy():
    tree, library = load_parameters(), shipped_library()
    policies = (*library.policy_names(), *library.provision_names(), *(targets_root() / "policies").glob("*.yaml"))
    citing = [
        *tree.records.values(),
        *load_targets("calibrate"),
        *load_targets("validate"),
        *(provision for name in policies for provision in load_policy(name).provisions),
    ]
    assert sorted(tree.sources.keys() - {key for one in citing for key in one.source}) == []


def test_an_unknown_id_is_refused():
    with pytest.raises(InputError, match=r"sud\.treatment\.stop_probability"):
        use_of("sud.treatment.stop_probabilty")
