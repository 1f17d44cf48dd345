"""What a state is in a month: the law in force, its administration, its supply and its entry to cover."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from microsim.engine.environment import Environment
from microsim.engine.tables.thresholds import Floats, factor, probability, shift_odds, threshold
from microsim.ground.draws import ONE
from microsim.ground.parameters import Parameters
from microsim.ground.schema import EDUCATIONS, PATHWAYS, PAYERS, POPULATION_MONTH, STATES
from microsim.life.tables import ATTACHMENTS, MAX_HOUSEHOLD, PLACE
from microsim.rules.options import Options
from microsim.rules.options_table import in_force, options_array, tested_at_renewal

MONTHS_A_YEAR = 12
NEVER_QUITE = 1e-6
"""Log-odds need probabilities inside (0, 1)."""


class Crowding(NamedTuple):
    """How far demand leaves access to grant-funded treatment, relative to the baseline."""

    access: Floats
    """(51, T)"""


def build_places(
    p: Parameters, environment: Environment, months: int, crowding: Crowding | None
) -> np.ndarray:
    """PLACE records (51, months) from January 2024 on, for one arm."""
    places = np.zeros((len(STATES), months), PLACE)
    first, last = POPULATION_MONTH, POPULATION_MONTH + months - 1
    _fill_law(places, p, first, last)
    _fill_answers(places, p, first, last)
    _fill_supply(places, p, environment)
    fill_treatment(places, p, environment, crowding)
    _fill_entry(places, p, first, last)
    return places


def _by_state(p: Parameters, id_: str, first: int, last: int) -> Floats:
    """Values of a parameter by state and month, shape (51, T)."""
    return p.monthly(id_, first, last, "state").T


def _real(p: Parameters, first: int, last: int, id_: str) -> Floats:
    """Index of a yearly growth over the months, 1.0 in January 2024."""
    years = (np.arange(first, last + 1) - POPULATION_MONTH) / MONTHS_A_YEAR
    return (1.0 + p.number(id_)) ** years


def _fill_law(places: np.ndarray, p: Parameters, first: int, last: int) -> None:
    options = options_array(p, first, last)
    wages = _real(p, first, last, "work.wage_growth")
    for name in ("income_required", "income_hourly_cents"):
        # Incomes are in wages of 2024 while the statute's dollars are not indexed.
        position = Options._fields.index(name)
        options[:, :, position] = np.rint(options[:, :, position] / wages)
    places["options"] = options
    places["disaster_county"] = threshold(_by_state(p, "medicaid.hardship.disaster_county", first, last))
    months = np.arange(first, last + 1)
    places["disaster_declared"] = months - months % max(int(p.number("medicaid.hardship.disaster_months")), 1)
    places["high_unemployment"] = threshold(
        _by_state(p, "medicaid.hardship.high_unemployment_county", first, last)
    )
    live = in_force(p, first, last + MONTHS_A_YEAR).T
    ahead = np.zeros((len(STATES), last - first + 1), bool)
    for step in range(MONTHS_A_YEAR + 1):
        ahead |= live[:, step : step + last - first + 1]
    # Memory has no gaps: once a month is remembered, all later ones are.
    places["law_live"] = np.maximum.accumulate(ahead, axis=1)
    places["tested_at_renewal"] = tested_at_renewal(p, first, last).T


def _answer_odds(p: Parameters) -> tuple[Floats, Floats]:
    """Odds of answering relative to the average and shares of people, each (classes, 2 by active disorder)."""
    education = p.array("medicaid.verification.response_education", "education")
    offline = np.array([1.0, p.number("medicaid.verification.response_no_internet")])
    english = np.array([1.0, p.number("medicaid.verification.response_limited_english")])
    sud = np.array([1.0, p.number("medicaid.verification.response_sud")])
    odds = education[:, None, None, None] * offline[:, None, None] * english[:, None] * sud

    def split(id_: str) -> Floats:
        share = p.number(id_)
        return np.array([1.0 - share, share])

    shares = (
        p.array("medicaid.answering.education", "education")[:, None, None, None]
        * split("medicaid.answering.no_internet")[:, None, None]
        * split("medicaid.answering.limited_english")[:, None]
        * split("medicaid.answering.active_sud")
    )
    classes = len(EDUCATIONS) * 4
    return odds.reshape(classes, 2), (shares / shares.sum()).reshape(classes, 2)


def _spread(mean: Floats, odds: Floats, shares: Floats) -> Floats:
    """Probabilities by class, shape (*mean.shape, classes, 2), whose mean over `shares` is `mean`."""
    if mean.ndim > 1:
        # Values change in few months; classes are spread once for each stretch.
        turns = np.flatnonzero(np.append(True, (np.diff(mean, axis=1) != 0).any(axis=0)))
        lengths = np.diff(np.append(turns, mean.shape[1]))
        spread = np.stack([_spread(mean[:, turn], odds, shares) for turn in turns], axis=1)
        return np.repeat(spread, lengths, axis=1)
    shape = (*mean.shape, *odds.shape)
    base = np.clip(mean, 1e-9, 1 - 1e-9)[..., None, None]
    shift = np.zeros_like(base)
    for _ in range(30):
        guess = shift_odds(np.broadcast_to(base, shape), np.log(odds) + shift)
        mean_now = (guess * shares).sum(axis=(-1, -2), keepdims=True)
        slope = (guess * (1 - guess) * shares).sum(axis=(-1, -2), keepdims=True)
        shift = shift + (base - mean_now) / np.maximum(slope, 1e-12)
    return shift_odds(np.broadcast_to(base, shape), np.log(odds) + shift)


def _fill_answers(places: np.ndarray, p: Parameters, first: int, last: int) -> None:
    odds, shares = _answer_odds(p)
    half_year = p.number("medicaid.renewal.six_month_loss_factor")
    adults = p.number("medicaid.renewal.adult_loss_factor")
    seen, pending, procedural, ineligible = (
        _by_state(p, f"medicaid.renewal.{name}_share", first, last)
        for name in ("ex_parte", "pending", "procedural", "ineligible")
    )
    ended = np.maximum(procedural + ineligible, 1e-9)
    late = pending * (1.0 - p.number("medicaid.renewal.pending_renewed_share"))
    no_answer = np.clip((procedural + late * procedural / ended) * adults, 0, 1 - seen)
    ineligible = np.clip((ineligible + late * ineligible / ended) * adults, 0, 1 - seen - no_answer)
    within = 1.0 - p.array("medicaid.renewal.above_limit_share", "state")[:, None]
    # Published counts are of those who stay enrolled, who are seen and answer more often than the others.
    data_odds = np.log(p.number("medicaid.renewal.selection_data"))
    answer_odds = np.log(p.number("medicaid.renewal.selection_answer"))
    above = p.number("medicaid.renewal.ex_parte_above_limit")
    from_data = _by_income(shift_odds(seen, data_odds), within, 1.0, above)
    places["ex_parte"] = threshold(from_data)
    for row, share in enumerate((1.0, half_year)):
        answer = shift_odds(1.0 - share * no_answer / np.maximum(1.0 - seen, 1e-9), answer_odds)
        places["renewal_response"][:, :, row] = threshold(_spread(answer, odds, shares))
        returned = np.maximum(1.0 - seen - share * no_answer, 1e-9)
        asked = np.stack([1.0 - within, within], axis=-1) * (1.0 - from_data)
        asked /= np.maximum(asked.sum(axis=-1, keepdims=True), 1e-9)
        below = p.number("medicaid.renewal.ineligible_within_limit")
        found = _by_income(share * ineligible / returned, asked[..., 1], below, 1.0)
        places["renewal_ineligible"][:, :, row] = threshold(found)
    planning = p.choice("medicaid.verification.response_setting") == "federal_planning"
    answers = _by_state(p, "medicaid.verification.response", first, last)
    documents = _by_state(p, "medicaid.verification.document_acceptance", first, last) * np.ones(
        (len(STATES), 1)
    )
    frailty = _by_state(p, "medicaid.verification.frailty_document_acceptance", first, last)
    if planning:
        answers = np.full_like(answers, p.number("medicaid.verification.planning_response"))
        documents, frailty = np.ones_like(documents), np.ones_like(frailty)
    applicants = p.number("medicaid.verification.applicant_response")
    places["applicant_response"] = threshold(max(applicants, answers.max()) if planning else applicants)
    places["response"] = threshold(_spread(answers, odds, shares))
    places["document"][:, :, 0] = threshold(documents)
    places["document"][:, :, 1] = threshold(frailty)
    places["deterred"] = threshold(_by_state(p, "medicaid.community_engagement.deterred_share", first, last))
    places["hearing_requested"] = threshold(p.number("medicaid.hearing.requested"))
    places["hearing_reversed"] = threshold(p.number("medicaid.hearing.reversed"))
    places["clear"] = threshold(_visibility(p, planning, first, last))


def _by_income(mean: Floats, within: Floats, low: float, high: float) -> Floats:
    """Probabilities above and within the income limit, (*mean.shape, 2), in the ratio of `high` to `low`.

    Their mean over the share `within` is `mean`; what one side cannot hold falls to the other.
    """
    base = mean / np.maximum(within * low + (1.0 - within) * high, 1e-9)
    above = np.clip(base * high, 0.0, 1.0)
    below = np.clip((mean - (1.0 - within) * above) / np.maximum(within, 1e-9), 0.0, 1.0)
    above = np.clip((mean - within * below) / np.maximum(1.0 - within, 1e-9), 0.0, 1.0)
    return np.stack([above, below], axis=-1)


def _visibility(p: Parameters, planning: bool, first: int, last: int) -> Floats:
    """Probability that a true status shows in data, shape (51, T, pathways)."""
    mean = np.clip(p.number("medicaid.verification.clear_probability"), NEVER_QUITE, 1 - NEVER_QUITE)
    state = _by_state(p, "medicaid.verification.clear_probability_mean", first, last)
    if planning:
        state = np.full_like(state, p.number("medicaid.verification.planning_clear_probability"))
    live = in_force(p, first, last)
    since = np.cumsum(live, axis=0).T
    grown = np.clip(since / p.number("medicaid.verification.data_growth_months"), 0, 1)
    later = np.clip(
        state + grown * p.number("medicaid.verification.data_growth"), NEVER_QUITE, 1 - NEVER_QUITE
    )
    shift = np.log(later / (1 - later)) - np.log(mean / (1 - mean))
    visible = p.monthly("medicaid.verification.pathway_visibility", first, last, "state", "pathway")
    all_paths = p.number("medicaid.verification.visibility_shift")
    out = shift_odds(visible.transpose(1, 0, 2), shift[:, :, None] + all_paths)
    moud = _by_state(p, "medicaid.verification.moud_cleared", first, last)
    out[:, :, PATHWAYS.index("moud")] = shift_odds(moud, shift)
    return out


def _fill_supply(places: np.ndarray, p: Parameters, environment: Environment) -> None:
    places["incidence"] = factor(environment.incidence * p.array("sud.intercept.opioid", "state")[:, None])
    places["nonopioid"] = factor(p.array("sud.intercept.nonopioid", "state"))[:, None]
    prevalence = p.array("sud.naloxone.people_at_risk", "state") / p.array("sud.naloxone.population", "state")
    people = p.array("sud.naloxone.population", "state")
    pattern = prevalence / np.average(prevalence, weights=people)
    places["onset"] = factor(environment.onset * pattern[:, None])
    places["witnessed"] = threshold(p.number("sud.overdose.witnessed"))
    places["naloxone"] = threshold(environment.naloxone)
    places["ambulance"] = threshold(p.number("sud.overdose.ems_unaided"))
    unaided = p.number("sud.overdose.fatality_unaided") * p.number("sud.overdose.fatality_multiplier")
    alone = unaided * environment.lethality
    places["fatal_alone"] = threshold(alone)
    # Help never makes death likelier, whatever is drawn, so that more of it cannot cost a life.
    helped = np.minimum(alone * p.number("sud.overdose.ems_factor"), alone)
    reversed_ = np.minimum(p.number("sud.overdose.fatality_naloxone") * environment.reversal, helped)
    places["fatal_ambulance"] = threshold(helped)
    places["fatal_naloxone"] = threshold(reversed_)
    places["treated_overdose"] = threshold(p.number("sud.overdose.treated_share"))
    places["fatality"] = _fatality(places)


def _fatality(places: np.ndarray) -> np.ndarray:
    """Probability of death in one overdose as overdose.fatality has it, on whole tables."""
    seen, given, called = places["witnessed"], places["naloxone"], places["ambulance"]
    alone = (called * (places["fatal_ambulance"] >> 2) >> 30) + (
        (ONE - called) * (places["fatal_alone"] >> 2) >> 30
    )
    watched = (given * (places["fatal_naloxone"] >> 2) >> 30) + ((ONE - given) * (alone >> 2) >> 30)
    return (seen * (watched >> 2) >> 30) + ((ONE - seen) * (places["fatal_alone"] >> 2) >> 30)


def fill_treatment(
    places: np.ndarray, p: Parameters, environment: Environment, crowding: Crowding | None
) -> None:
    """Fill what starts and stops treatment: all that crowding changes."""
    access = environment.access if crowding is None else environment.access * crowding.access
    # What grants pay falls with the places there are for each who asks; the rest stays.
    granted = 1.0 - p.number("sud.treatment.grant_funded_share_uninsured") * (1.0 - access)
    hazard = p.array("sud.treatment.start_hazard", "payer")
    nobody = PAYERS.index("uninsured")
    starts = np.broadcast_to(hazard, (*places.shape, len(PAYERS))).copy()
    starts[..., nobody] *= granted
    places["start"] = threshold(probability(starts))
    linked = 1.0 + (p.number("sud.treatment.overdose_start_factor") - 1.0) * environment.linkage
    places["start_after_overdose"] = threshold(probability(starts * linked[..., None]))
    usual = min(p.number("sud.treatment.coverage_stop_probability"), 1 - NEVER_QUITE)
    stop = 1.0 - (1.0 - usual) * np.clip(granted, 0.0, 1.0 / (1.0 - usual))
    schedule = p.array("sud.treatment.coverage_stop_schedule", "exit_month")
    before = np.concatenate([[0.0], np.cumsum(schedule)[:-1]])
    share = stop[..., None] * schedule / (1.0 - stop[..., None] * before)
    places["coverage_stop"] = threshold(share)


def _fill_entry(places: np.ndarray, p: Parameters, first: int, last: int) -> None:
    path = _by_state(p, "flows.adult_group_path", first, last)
    places["adult_group_open"] = path > 0
    closed = ~(path > 0).any(axis=1)
    has_waiver = p.array("population.state.waiver_adults", "state") > 0
    places["waiver_open"] = (_by_state(p, "flows.waiver_open", first, last) > 0) & has_waiver[:, None]
    period = p.monthly("flows.entry_period", first, last)
    intercept = p.array("flows.entry_intercept", "state")
    base = p.number("flows.medicaid_entry_base")
    places["entry"] = threshold(probability(base * intercept[:, None] * period[None, :]))
    places["disabled_share"] = threshold(p.number("flows.disabled_basis_share"))
    places["release_entry"] = threshold(p.number("flows.release_entry_share"))
    places["attachment"] = factor(np.array([p.number(f"flows.{name}_attachment") for name in ATTACHMENTS]))
    parents = p.array("flows.other_adult_intercept", "state")
    # Where only parents can enter, their own intercept says how far the state's lower limit lets them.
    direct = p.number("flows.direct_entry_share") * np.where(closed & ~has_waiver, parents, intercept)
    places["direct_entry"] = threshold(np.minimum(direct, 1.0))[:, None]
    places["other_entry"] = threshold(probability(p.number("flows.other_adult_entry") * parents))[:, None]
    share = p.number("flows.other_adult_share_of_entries") * parents
    places["other_adult_share"] = threshold(np.minimum(share, 1.0))[:, None]
    places["disabled_entry"] = threshold(probability(p.number("flows.disabled_entry")))
    exits = p.number("flows.other_exit_adult_group") * p.array("flows.other_exit_factor", "state")
    places["adult_exit"] = threshold(probability(exits))[:, None]
    ordinary = p.array("flows.reentry_hazard_procedural", "reentry_band")
    rule = p.array("flows.reentry_hazard_work_rule", "reentry_band") / p.number("flows.reentry_pass_share")
    places["reentry"][:, :, 1] = threshold(probability(ordinary))
    places["reentry"][:, :, 2] = threshold(probability(rule))
    gain = np.array([p.number("flows.employer_gain_not_working"), p.number("flows.employer_gain_working")])
    state = p.array("flows.employer_gain_factor", "state")
    low = np.where(
        (path > 0).any(axis=1),
        p.number("flows.employer_gain_low_income_factor_open"),
        p.number("flows.employer_gain_low_income_factor"),
    )
    income = np.stack([np.ones_like(low), low], axis=-1)
    hazard = state[:, None, None] * gain[None, :, None] * income[:, None, :]
    places["employer_gain"] = threshold(probability(hazard))[:, None]
    market = p.number("flows.marketplace_gain") * p.array("flows.marketplace_gain_factor", "state")
    income = np.array([1.0, p.number("flows.marketplace_gain_low_income_factor")])
    places["marketplace_gain"] = threshold(probability(market[:, None] * income))[:, None]
    limit = income_limits(p)
    limit[closed & has_waiver] *= p.number("flows.waiver_income_limit_fpl") / p.number(
        "flows.income_limit_fpl"
    )
    drift = _real(p, first, last, "flows.price_growth") / _real(p, first, last, "work.wage_growth")
    places["income_limit"] = np.rint(limit[:, None, :] * drift[None, :, None])


def income_limits(p: Parameters) -> Floats:
    """Monthly income limit of the adult group in January 2024, USD, shape (51, household size + 1)."""
    first = p.array("flows.poverty_guideline_first", "state")[:, None]
    further = p.array("flows.poverty_guideline_further", "state")[:, None]
    sizes = np.arange(MAX_HOUSEHOLD + 1)[None, :]
    yearly = first + further * np.maximum(sizes - 1, 0)
    return yearly * p.number("flows.income_limit_fpl") / MONTHS_A_YEAR
