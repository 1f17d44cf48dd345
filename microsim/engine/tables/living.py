"""Rates of work, life events and cover outside the law: the arm's own tables."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from microsim.engine.tables.thresholds import by_income, cumulative, factor, probability, threshold
from microsim.ground.parameters import Parameters
from microsim.ground.schema import AGE_BAND_STARTS, AGE_BANDS, COVERS, SEXES, WORK_CLASSES
from microsim.life.home import HomeRates
from microsim.life.tables import EARNINGS_STEPS, MAX_AGE

MONTHS_A_YEAR = 12
DECEMBER = 12

_HOME_BY_AGE = {
    "disability_onset": "life.disability_onset",
    "study_start": "life.student_start",
    "smi_onset": "life.smi_onset",
    "complex_onset": "life.complex_onset",
}
_HOME_SINGLE = {
    "disability_recovery": "life.disability_recovery",
    "care_start": "life.caregiver_start",
    "care_stop": "life.caregiver_stop",
    "study_stop": "life.student_stop",
    "snap_start": "life.snap_start",
    "snap_stop": "life.snap_stop",
    "tanf_start": "life.tanf_start",
    "tanf_stop": "life.tanf_stop",
    "release": "life.release_hazard",
    "smi_recovery": "life.smi_recovery",
    "complex_recovery": "life.complex_recovery",
}
_HOME_BY_INCOME = {
    "disability_onset": "life.disability_onset",
    "care_start": "life.caregiver_start",
    "smi_onset": "life.smi_onset",
}


def fill_living(rates: np.void, p: Parameters) -> None:
    """Fill the fields of work, life events and cover of one RATES record."""
    _fill_work(rates, p)
    _fill_home(rates, p)
    _fill_ageing(rates, p)
    _fill_hardship(rates, p)
    _fill_cover(rates, p)


def _season(p: Parameters, what: str) -> np.ndarray:
    """Factor by calendar month, shape (12,)."""
    first = int(p.number(f"work.season_{what}_first_month"))
    length = int(p.number(f"work.season_{what}_months"))
    out = np.ones(DECEMBER)
    for step in range(length):
        out[(first - 1 + step) % DECEMBER] = p.number(f"work.season_{what}_factor")
    return out


def _fill_work(rates: np.void, p: Parameters) -> None:
    sud = np.array([1.0, p.number("work.factor_sud")])[:, None, None]
    disabled = np.array([1.0, p.number("work.factor_disability")])[None, :, None]
    low = np.array([1.0, p.number("work.factor_low_education")])[None, None, :]
    burden = sud * disabled * low
    loss = p.array("work.loss_probability", "work_class")[None, :, None, None, None]
    gain = p.array("work.gain_probability", "work_class")[None, :, None, None, None]
    rates["lose_work"] = threshold(loss * burden * _season(p, "loss")[:, None, None, None, None])
    rates["gain_work"] = threshold(gain / burden * _season(p, "gain")[:, None, None, None, None])
    change = probability(p.array("work.class_change_hazard", "work_class", "age_band").T)
    onward = p.array("work.class_change_next_share", "work_class", "age_band").T
    rates["class_change"][..., 0] = threshold(change * onward)
    rates["class_change"][..., 1] = threshold(change * (1 - onward))
    rates["class_change"][:, len(WORK_CLASSES) - 1, 0] = 0
    rates["class_change"][:, 0, 1] = 0
    rates["rule_response"] = threshold(p.number("work.response_to_rule"))
    rates["spouse_lose"] = threshold(p.number("work.spouse_loss_probability"))
    rates["spouse_gain"] = threshold(p.number("work.spouse_gain_probability"))
    rates["full_hours"] = int(p.number("work.hours_full"))
    rates["volunteer_hours"] = int(p.number("work.volunteer_hours"))
    rates["earnings"] = factor(_lognormal_steps(p.number("work.earnings_sd")))
    rates["working_age"] = (
        np.array([p.number("life.adult_from"), p.number("life.working_age_to")]) * MONTHS_A_YEAR
    )
    rates["child_cover_to"] = p.number("flows.child_cover_age") * MONTHS_A_YEAR


def _fill_home(rates: np.void, p: Parameters) -> None:
    position = {name: index for index, name in enumerate(HomeRates._fields)}
    home = np.zeros((2, len(AGE_BANDS), 2, len(position)), np.int64)
    for sex, id_ in (("female", "life.birth_hazard"), ("male", "life.father_hazard")):
        hazard = p.array(id_, "age_band")
        home[SEXES.index(sex), :, :, position["conception"]] = threshold(probability(hazard))[:, None]
    for name, id_ in _HOME_BY_AGE.items():
        home[..., position[name]] = threshold(probability(p.array(id_, "age_band")))[:, None]
    for name, id_ in _HOME_SINGLE.items():
        home[..., position[name]] = threshold(probability(p.number(id_)))
    for name, id_ in _HOME_BY_INCOME.items():
        hazard = p.array(id_, "age_band") if name in _HOME_BY_AGE else np.full(len(AGE_BANDS), p.number(id_))
        home[..., position[name]] = threshold(probability(by_income(p, hazard, f"{id_}_low_income")))
    rates["birth_parent"] = factor(p.number("life.birth_factor_parent"))
    custody = p.array("life.incarceration_hazard", "sex", "age_band")
    home[..., position["custody"]] = threshold(probability(custody))[..., None]
    rates["home"] = home
    rates["pregnancy_months"] = int(p.number("life.pregnancy_months"))
    rates["postpartum_months"] = int(p.number("life.postpartum_months"))
    rates["impairs"] = threshold(
        np.array(
            [
                p.number("life.impairment_given_disability"),
                p.number("life.impairment_given_smi"),
                p.number("life.impairment_given_complex"),
                p.number("population.impaired_oud"),
                p.number("population.impaired_other"),
            ]
        )
    )
    subject = [p.number("life.snap_subject_share"), p.number("life.snap_subject_share_parent")]
    rates["snap_subject"] = threshold(np.array(subject))
    rates["trait_correlation"] = threshold(p.number("medicaid.verification.trait_correlation"))


def _by_year_of_age(bands: np.ndarray, first: int) -> np.ndarray:
    """Values by single year of age (..., 121) on a line between the middles of age bands (..., 7).

    The first band stands for age `first`; outside the middles the nearest value holds.
    """
    edges = np.array([*AGE_BAND_STARTS, AGE_BAND_STARTS[-1]])
    middle = (edges[:-1] + edges[1:]) / 2
    middle[0] = first
    years = np.arange(MAX_AGE + 1)
    flat = bands.reshape(-1, bands.shape[-1])
    return np.stack([np.interp(years, middle, row) for row in flat]).reshape(*bands.shape[:-1], -1)


def _fill_ageing(rates: np.void, p: Parameters) -> None:
    first = int(p.number("life.adult_from"))
    for name, id_, dims in (
        ("married", "life.married_share", ("age_band",)),
        ("degree", "life.degree_share", ("age_band",)),
        ("rated", "life.total_rating_share", ("sex", "age_band")),
    ):
        rates[name] = factor(np.maximum.accumulate(_by_year_of_age(p.array(id_, *dims), first), axis=-1))
    rates["pay"] = np.rint(_by_year_of_age(p.array("life.pay_by_age", "education", "age_band"), first))
    mean = p.array("life.later_spouse_pay", "education")
    steps = _lognormal_steps(p.number("life.later_spouse_pay_sd"))
    rates["spouse_pay"] = np.rint(mean[:, None] * steps[None, :])


def _lognormal_steps(sd: float) -> np.ndarray:
    """Middles of equal parts of a lognormal distribution with mean 1, shape (EARNINGS_STEPS,)."""
    normal = NormalDist()
    middle = [normal.inv_cdf((step + 0.5) / EARNINGS_STEPS) for step in range(EARNINGS_STEPS)]
    variation = np.exp(sd * np.array(middle))
    return variation / variation.mean()


def _fill_hardship(rates: np.void, p: Parameters) -> None:
    for field, name in (("inpatient", "inpatient"), ("medical_travel", "travel")):
        healthy = p.number(f"medicaid.hardship.{name}_healthy")
        ill = p.number(f"medicaid.hardship.{name}_condition")
        rates[field] = threshold(np.array([healthy, ill]))


def _fill_cover(rates: np.void, p: Parameters) -> None:
    rates["dependent_months"] = round(p.number("flows.dependent_child_age") * MONTHS_A_YEAR)
    rates["keeps_full_price"] = threshold(p.number("flows.full_price_after_credit_bar"))
    for row, income in enumerate(("", "_low_income")):
        for column, work in enumerate(("not_working", "working")):
            hazard = p.number(f"flows.employer_loss_{work}{income}")
            rates["employer_loss"][row, column] = threshold(probability(hazard))
    rates["parent_plan_to"] = p.number("flows.parent_plan_age") * MONTHS_A_YEAR
    ends = np.array([p.number("flows.marketplace_loss"), p.number("flows.marketplace_loss_low_income")])
    rates["marketplace_loss"] = threshold(probability(ends))
    exits = np.zeros(len(COVERS))
    exits[COVERS.index("other_adult")] = p.number("flows.other_adult_exit")
    exits[COVERS.index("disabled")] = p.number("flows.disabled_exit")
    rates["medicaid_exit"] = threshold(probability(exits))
    rates["exit_destination"][0] = cumulative(p.array("flows.exit_destination_not_working", "cover"))
    rates["exit_destination"][1] = cumulative(p.array("flows.exit_destination_working", "cover"))
    rates["rule_destination"] = cumulative(_rule_destination(p))
    rates["employer_loss_destination"] = cumulative(p.array("flows.employer_loss_destination", "cover"))
    for row, place in enumerate(("closed", "open")):
        for column, income in enumerate(("not_poor", "poor")):
            rates["age19_destination"][row, column] = cumulative(
                p.array(f"flows.age19_{place}_{income}", "cover")
            )
    rates["age65_dual"] = threshold(p.array("flows.age65_dual_share", "cover"))


def _rule_destination(p: Parameters) -> np.ndarray:
    """Cover after losing Medicaid to the work rule, the uninsured share being a parameter of its own."""
    shares = p.array("flows.work_rule_destination", "cover").copy()
    nobody = COVERS.index("uninsured")
    uninsured = p.number("flows.uninsured_after_work_rule")
    others = shares.sum() - shares[nobody]
    shares *= (1 - uninsured) / others
    shares[nobody] = uninsured
    return shares
