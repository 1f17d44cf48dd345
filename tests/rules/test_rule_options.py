"""Options by state and month, and the records they are read from."""

from __future__ import annotations

import ast
import inspect
import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from rule_cases import options

import microsim
from microsim.ground.calendar import month_index
from microsim.ground.errors import InputError
from microsim.ground.parameters import load_parameters
from microsim.ground.policies import apply_policies
from microsim.ground.schema import PATHWAYS, STATES
from microsim.life.check_month import options_of
from microsim.rules.options import Options
from microsim.rules.options_table import READINGS, in_force, options_array, state_options
from microsim.rules.options_table import tested_at_renewal as renewals_tested
from microsim.rules.pathway import Visibility

RULE = "medicaid.community_engagement."
FIRST, LAST = month_index("2024-01"), month_index("2034-12")
P = load_parameters()
LAW = P.replaced({RULE + "in_force": True})


def at(array, state, month):
    return array[month_index(month) - FIRST, STATES.index(state)]


def test_every_field_has_a_reading_or_is_computed():
    assert set(READINGS) | {"in_force"} == set(Options._fields)
    assert {reading.id for reading in READINGS.values()} <= set(P.ids())


def test_every_field_is_read_by_a_rule_or_a_life():
    """A field that no code reads is an option that does nothing."""
    package = Path(microsim.__file__).parent
    read = set()
    for path in (path for floor in ("rules", "life", "engine") for path in (package / floor).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                read.add(node.attr)
    assert set(Options._fields) - read == set()


def test_the_kernel_reads_every_field_in_order():
    place = SimpleNamespace(options=np.arange(len(Options._fields)))
    assert tuple(options_of.py_func(place)) == tuple(range(len(Options._fields)))


def test_array_holds_what_one_state_reads():
    table = options_array(LAW, FIRST, LAST)
    assert table.shape == (len(STATES), LAST - FIRST + 1, len(Options._fields)) and table.dtype == np.int64
    for state, month in (("NC", "2027-03"), ("NE", "2026-05"), ("GA", "2025-01"), ("WY", "2034-12")):
        row = table[STATES.index(state), month_index(month) - FIRST]
        assert tuple(row) == state_options(LAW, state, month_index(month))


def test_baseline_has_georgia_to_its_expiry_and_nothing_else():
    live = in_force(P, FIRST, LAST)
    assert set(np.flatnonzero(live.any(axis=0))) == {STATES.index("GA")}
    assert at(live, "GA", "2024-01") and at(live, "GA", "2026-12") and not at(live, "GA", "2027-01")


def test_law_starts_by_state():
    live = in_force(LAW, FIRST, LAST)
    for state, start, before in (
        ("OH", "2027-01", "2026-12"), ("NE", "2026-05", "2026-04"), ("MT", "2026-07", "2026-06"),
        ("IA", "2026-12", "2026-11"), ("AR", "2027-01", "2026-12"),
    ):  # fmt: skip
        assert at(live, state, start) and not at(live, state, before)
    others = np.delete(live, STATES.index("GA"), axis=1).astype(int)
    assert live[-1].all() and (np.diff(others, axis=0) >= 0).all()


def test_the_policy_of_the_name_is_the_law():
    live = in_force(apply_policies(P, ["work-requirements"]), FIRST, LAST)
    assert np.array_equal(live, in_force(LAW, FIRST, LAST))


def test_good_faith_delays_the_rule_of_that_state_only_and_no_renewals():
    delayed = LAW.replaced({"medicaid.state_options.good_faith_months": {"default": 0, "CT": 24}})
    before, after = in_force(LAW, FIRST, LAST), in_force(delayed, FIRST, LAST)
    changed = np.flatnonzero((before != after).any(axis=0))
    assert list(changed) == [STATES.index("CT")]
    assert not at(after, "CT", "2028-12") and at(after, "CT", "2029-01")
    field = Options._fields.index("six_month_in_force")
    both = [options_array(p, FIRST, LAST)[:, :, field] for p in (LAW, delayed)]
    assert np.array_equal(*both)


def test_first_renewals_are_tested_after_the_lag_and_never_before_the_law():
    tested = renewals_tested(LAW, FIRST, LAST)
    lag = int(P.number(RULE + "first_check_lag_months"))
    start = month_index("2027-01") - FIRST
    column = tested[:, STATES.index("OH")]
    assert not column[: start + lag].any() and column[start + lag :].all()
    at_once = renewals_tested(LAW.replaced({RULE + "first_check_lag_months": 0}), FIRST, LAST)
    assert np.array_equal(at_once, in_force(LAW, FIRST, LAST))


def test_known_state_choices():
    assert options("state=NC").lookback_months == 3 and options("state=NC").renewal_months_required == 3
    assert options("state=OH").lookback_months == 1 and options("state=IN").check_interval_months == 3


def test_edges_come_from_the_parameters():
    chosen = options()
    assert (chosen.hours_required, chosen.income_required, chosen.income_hourly_cents) == (80, 580, 725)
    higher = P.replaced({RULE + "minimum_wage": 10.0, RULE + "hours_required": 100})
    changed = state_options(higher, "OH", 150)
    assert (changed.hours_required, changed.income_required, changed.income_hourly_cents) == (100, 1000, 1000)
    scopes = [
        state_options(P.replaced({RULE + "programme_scope": scope}), "OH", 150).programme_counts
        for scope in ("none", "recognised", "all_treatment")
    ]
    assert scopes == [0, 1, 2]


def test_unknown_state_is_refused():
    with pytest.raises(InputError, match="OH"):
        state_options(P, "OHH", 150)


def test_records_stand_in_the_order_of_the_schema():
    assert Visibility._fields == PATHWAYS


def test_renewal_shares_of_a_state_leave_room_for_forms():
    parts = ("ex_parte", "procedural", "ineligible", "pending")
    shares = [P.array(f"medicaid.renewal.{part}_share", "state") for part in parts]
    by_form = 1 - np.sum(shares, axis=0)
    assert (by_form > 0).all() and (by_form < 0.7).all()
    assert shares[0][STATES.index("CT")] == pytest.approx(0.836, abs=0.001)
    assert shares[1][STATES.index("IN")] == pytest.approx(0.452, abs=0.001)


def logit(p: float) -> float:
    return math.log(p / (1 - p))


def test_state_means_follow_the_stated_formulas():
    for observed, centre, slope, out in (
        ("medicaid.renewal.ex_parte_share", "clear_probability", "clear_slope", "clear_probability_mean"),
        ("medicaid.verification.response_observed", "response_mean", "response_slope", "response"),
    ):
        centre, slope = (P.number(f"medicaid.verification.{name}") for name in (centre, slope))
        means = P.array(f"medicaid.verification.{out}", "state")
        for seen, mean in zip(P.array(observed, "state"), means, strict=True):
            assert logit(mean) == pytest.approx(logit(centre) + slope * (logit(seen) - logit(centre)))


def test_documents_harden_in_2028_and_earlier_on_frailty_in_eight_states():
    id_ = "medicaid.verification.document_acceptance"
    assert P.number(id_, month_index("2028-01")) < P.number(id_, month_index("2027-12"))
    frailty = "medicaid.verification.frailty_document_acceptance"
    early, late = (P.array(frailty, "state", month=month_index(m)) for m in ("2027-06", "2028-06"))
    strict = {STATES[i] for i in np.flatnonzero(early < early.max())}
    assert strict == {"AR", "ID", "IN", "IA", "NC", "ND", "OH", "UT"}
    assert (late == early.min()).all()


def test_planning_assumptions_give_the_federal_failure():
    clear = P.number("medicaid.verification.planning_clear_probability")
    answered = P.number("medicaid.verification.planning_response")
    must_act = 1 - clear
    truly_good = 1 - 0.09 / must_act
    assert must_act * (1 - truly_good * answered) == pytest.approx(0.15, abs=0.005)


def test_rules_take_numbers_and_tuples_of_numbers_only():
    from microsim.rules import applicable, compliance, exceptions, exclusions, hardship, look_back, renewal

    for module in (applicable, compliance, exceptions, exclusions, hardship, look_back, renewal):
        source = inspect.getsource(module)
        assert "numpy" not in source and "draws" not in source and "dict" not in source
