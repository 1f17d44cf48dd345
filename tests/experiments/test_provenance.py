"""From evidence to a simulated month: fields that parameters move, who reads them, and what a life then meets."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
from money_cases import crowd

import microsim
import synthetic_pop
from microsim.engine.environment.programmes import line_names
from microsim.engine.tables import build_tables
from microsim.experiments.budget import case_of, check_2024, check_medicaid_2024, score_table
from microsim.experiments.budget.scores import SCORES
from microsim.experiments.provenance import transitions, use_of
from microsim.experiments.provenance.naming import cited_by, computed_from
from microsim.experiments.provenance.reading import readers_of
from microsim.experiments.sampling import sampled_records
from microsim.experiments.targets.loading import load_targets, targets_root
from microsim.ground.draws import ONE
from microsim.ground.errors import InputError
from microsim.ground.parameters import Parameters, load_parameters
from microsim.ground.parameters.expressions import Expression
from microsim.ground.policies import apply_policies, load_policy
from microsim.ground.policies.library import shipped_library
from microsim.ground.schema import POPULATION_MONTH
from microsim.life.readings import tenure_class

BY_NUMBER = {row.number: row for row in transitions()}
MONTHS = 132
SCENARIO = "sud.supply.nitazene_scenario"
SET_FROM = (
    "sud.opioid.remission_stock", "sud.opioid.stock_target", "sud.other.remission_stock", "sud.other.stock_target",
    "sud.overdose.other_drug_deaths", "sud.overdose.outside_oud_share", "sud.overdose.stimulant_only_deaths",
)  # fmt: skip
"""Figures that only others were set from, in words."""
REST_OF_A_WHOLE = ("population.state.poverty_200_up",)
"""The last of shares that add up to one."""
LINES = line_names(load_parameters())
FACTS_OF_LINES = tuple(f"programs.{line}.{kind}_2026" for line in LINES for kind in ("request", "enacted"))
"""The request and the appropriation of every budget line, for policies to take up; the shipped ones use some."""


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


def read_while_working(monkeypatch) -> set[str]:
    """Ids that are read while policies are applied, tables and prices made, and people built."""
    seen: set[str] = set()

    def noting(kind, name, ids):
        own = getattr(kind, name)

        def noted(self, *args, **more):
            seen.update(ids(self, *args))
            return own(self, *args, **more)

        monkeypatch.setattr(kind, name, noted)

    # A tree and people of its own: what another test left in a cache would not be read again.
    tree = Parameters(load_parameters().records, load_parameters().sources)
    builders = [module for name, module in list(sys.modules.items()) if name.startswith("synthetic_pop")]
    for cached in (one for module in builders for one in vars(module).values() if hasattr(one, "cache_clear")):
        cached.cache_clear()
    for name in ("number", "choice", "array", "monthly"):
        noting(Parameters, name, lambda _, id_, *__: {id_})
    noting(Expression, "evaluate", lambda self, *_: set(self.inputs))
    library = shipped_library()
    names = (*library.provision_names(), *library.policy_names())
    under = {name: apply_policies(tree, [name]) for name in names}
    shifts = [under["nitazene-substitution"].replaced({SCENARIO: size}) for size in ("low", "middle", "high")]
    for arm in (tree, tree.replaced({"sud.supply.path": "to_2024"}), under["budget2025"], *shifts):
        build_tables([arm], MONTHS)
    last = POPULATION_MONTH + MONTHS - 1
    case = case_of(crowd(MONTHS), crowd(MONTHS, share=0.7), tree, under["budget2025"], POPULATION_MONTH, last)
    check_2024(case)
    check_medicaid_2024(case)
    score_table(dict.fromkeys(SCORES, case))
    synthetic_pop.build(2000, 11)
    return seen


def written_whole(ids: set[str]) -> set[str]:
    """Ids that stand as they are in the source; a formatted string would stand for too many."""
    found = set()
    for package in (microsim, synthetic_pop):
        for path in Path(package.__file__).parent.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.add(node.value)
    return found & ids


def test_no_parameter_is_without_use(monkeypatch):
    tree = load_parameters()
    used = read_while_working(monkeypatch) | written_whole(set(tree.ids()))
    for id_ in tree.ids():
        if id_ not in used and used.intersection(computed_from(id_)):
            used.add(id_)
    assert set(tree.ids()) - used - set(FACTS_OF_LINES) == {*SET_FROM, *REST_OF_A_WHOLE}
    assert [id_ for id_ in SET_FROM if not cited_by(id_)] == []
    # What moves nothing is not drawn.
    assert [one.id for one in sampled_records(tree) if one.id in SET_FROM] == []


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


def test_evidence_that_the_review_overruled_says_so():
    rows = [one for row in transitions() for one in row.evidence]
    assert all(bool(one.verdict) == bool(one.review) == bool(one.review_row) for one in rows)
    (ratio,) = {one for one in rows if one.row == "disc_hr_meth_vs_bup"}
    assert ratio.name() == "disc_hr_meth_vs_bup (corrected)"
    (_, said), (heading, review) = ratio.facts()
    assert "0.615" in said and heading == "review" and review.startswith("corrected: 0.633 (0.613 to 0.654)")
