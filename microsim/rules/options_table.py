"""Options by state and month, read from the parameters. Host side: nothing here is compiled."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from microsim.ground.calendar import MONTHS_A_YEAR
from microsim.ground.errors import InputError, nearest_name
from microsim.ground.parameters import Parameters
from microsim.ground.schema import STATES
from microsim.rules.options import Options

_CENTS = 100
_RULE = "medicaid.community_engagement."
_CHOICE = "medicaid.state_options."
_RENEWAL = "medicaid.renewal."


class _Reading(NamedTuple):
    """Where a field stands and what turns its unit into the field's."""

    id: str
    factor: int = 1


READINGS: dict[str, _Reading] = {
    "exclusions_apply": _Reading(_RULE + "exclusions_apply"),
    "age_low_months": _Reading(_RULE + "age_low", MONTHS_A_YEAR),
    "age_high_months": _Reading(_RULE + "age_high", MONTHS_A_YEAR),
    "child_age_limit_months": _Reading(_RULE + "child_age_limit", MONTHS_A_YEAR),
    "foster_age_limit_months": _Reading(_RULE + "foster_age_limit", MONTHS_A_YEAR),
    "functional_gate": _Reading(_RULE + "functional_gate"),
    "sud_automatic": _Reading(_RULE + "sud_automatic"),
    "recovery_line_months": _Reading(_RULE + "recovery_line", MONTHS_A_YEAR),
    "programme_counts": _Reading(_RULE + "programme_scope"),
    "release_months": _Reading(_RULE + "release_months"),
    "hours_required": _Reading(_RULE + "hours_required"),
    "income_required": _Reading(_RULE + "income_required"),
    "income_hours_credit": _Reading(_CHOICE + "income_hours_credit"),
    "income_hourly_cents": _Reading(_RULE + "minimum_wage", _CENTS),
    "study_hundredths_per_credit": _Reading(_RULE + "study_hours_per_credit", _CENTS),
    "hardship_inpatient": _Reading(_CHOICE + "hardship_inpatient"),
    "hardship_disaster": _Reading(_CHOICE + "hardship_disaster"),
    "hardship_unemployment": _Reading(_CHOICE + "hardship_unemployment"),
    "hardship_travel": _Reading(_CHOICE + "hardship_travel"),
    "waiver_adults_subject": _Reading(_RULE + "waiver_adults_subject"),
    "lookback_months": _Reading(_CHOICE + "lookback_months"),
    "renewal_months_required": _Reading(_CHOICE + "renewal_months_required"),
    "check_interval_months": _Reading(_CHOICE + "check_interval_months"),
    "renewal_period_months": _Reading(_RENEWAL + "period_months"),
    "short_renewal_months": _Reading(_RENEWAL + "short_period_months"),
    "six_month_in_force": _Reading(_RENEWAL + "six_month_in_force"),
    "frailty_recheck_months": _Reading(_RULE + "frailty_recheck_months"),
    "veteran_recheck_months": _Reading(_RULE + "veteran_recheck_months"),
    "notice_day": _Reading(_RULE + "notice_day"),
    "deemed_days": _Reading(_RULE + "deemed_received_days"),
    "cure_days": _Reading(_RULE + "cure_days"),
    "advance_notice_days": _Reading(_RULE + "advance_notice_days"),
    "disenrolment_lag_months": _Reading(_CHOICE + "disenrolment_lag_months"),
    "credit_bar": _Reading(_RULE + "credit_bar"),
    "noncompliance_months": _Reading(_RULE + "noncompliance_months"),
    "lockout": _Reading(_RULE + "lockout"),
    "reconsideration_months": _Reading("medicaid.reconsideration.months"),
    "reconsideration_look_back": _Reading("medicaid.reconsideration.look_back"),
    "hearing_months": _Reading("medicaid.hearing.decision_months"),
}
"""Parameter behind every field of `Options` but `in_force`."""


def started(parameters: Parameters, first: int, last: int) -> npt.NDArray[np.bool_]:
    """Whether a month lies at or after the state's start and good-faith delay, shape (months, states)."""
    months = np.arange(first, last + 1)[:, None]
    start = parameters.monthly(_RULE + "start_month", first, last, "state")
    delay = parameters.monthly(_CHOICE + "good_faith_months", first, last, "state")
    return np.asarray(months >= start + delay)


def in_force(parameters: Parameters, first: int, last: int) -> npt.NDArray[np.bool_]:
    """Whether a requirement is in force, shape (months, states).

    The federal rule from the state's own start, or a rule of the state's own, 42 CFR 435.559-561.
    """
    federal = parameters.monthly(_RULE + "in_force", first, last, "state") > 0
    own = parameters.monthly(_RULE + "own_rule_in_force", first, last, "state") > 0
    return np.asarray(own | (federal & started(parameters, first, last)))


def tested_at_renewal(parameters: Parameters, first: int, last: int) -> npt.NDArray[np.bool_]:
    """Whether renewals that fall due in a month are tested, shape (months, states).

    A renewal is decided under the rule in force when it began, 42 CFR 435.560.
    """
    lag = _whole(parameters, _RULE + "first_check_lag_months", first, last)
    out = np.zeros((last - first + 1, len(STATES)), dtype=bool)
    for row, back in enumerate(lag):
        month = first + row
        out[row] = in_force(parameters, month - int(back), month - int(back))[0]
    return out & in_force(parameters, first, last)


def options_array(
    parameters: Parameters, first: int, last: int, enacted: bool = False
) -> npt.NDArray[np.int64]:
    """Options of all states and months `first` to `last`, int64 (states, months, fields).

    Fields are in the order of `Options`; values are rounded to whole numbers. With `enacted` the
    federal rule is in force from each state's start whatever the policy says, as the law alone has it.
    """
    out = np.empty((len(STATES), last - first + 1, len(Options._fields)), dtype=np.int64)
    for position, name in enumerate(Options._fields):
        if name == "in_force":
            live = in_force(parameters, first, last)
            out[:, :, position] = (live | started(parameters, first, last) if enacted else live).T
            continue
        reading = READINGS[name]
        values = parameters.monthly(reading.id, first, last, "state") * reading.factor
        out[:, :, position] = np.rint(values).T
    return out


def state_options(parameters: Parameters, state: str, month: int, enacted: bool = False) -> Options:
    """Options of one state in one month; `InputError` for an unknown state."""
    if state not in STATES:
        nearest = nearest_name(state, STATES)
        raise InputError(None, "state", state, "the postal code of a state or DC", nearest=nearest)
    row = options_array(parameters, month, month, enacted)[STATES.index(state), 0]
    return Options(*(int(value) for value in row))


def _whole(parameters: Parameters, id_: str, first: int, last: int) -> npt.NDArray[np.int64]:
    return np.rint(parameters.monthly(id_, first, last)).astype(np.int64)
