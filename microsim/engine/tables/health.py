"""Rates of substance use, treatment, overdose and death: the arm's own tables."""

from __future__ import annotations

import numpy as np

from microsim.engine.tables.thresholds import by_income, factor, probability, threshold
from microsim.ground.parameters import Parameters
from microsim.ground.schema import DRUGS, SUD_CLASSES
from microsim.life.overdose import RISKS
from microsim.life.tables import MAX_AGE

MONTHS_A_YEAR = 12


def fill_health(rates: np.void, p: Parameters) -> None:
    """Fill the health fields of one RATES record from the parameters (values at the population's date)."""
    _fill_opioid(rates, p)
    _fill_other_substances(rates, p)
    _fill_overdose(rates, p)
    _fill_drug_deaths(rates, p)
    _fill_death(rates, p)


def _fill_opioid(rates: np.void, p: Parameters) -> None:
    by_age = by_income(p, p.array("sud.opioid.onset_hazard", "age_band"), "sud.opioid.onset_low_income")
    by_sex = p.array("sud.opioid.onset_factor_sex", "sex")
    # The record holds the larger hazard, of low usual income; the factor lowers it for the others.
    rates["onset"] = threshold(by_sex[:, None] * by_age[None, :, 1])
    rates["onset_above_limit"] = factor(1.0 / p.number("sud.opioid.onset_low_income"))
    rates["start_reentry"] = factor(p.number("sud.treatment.reentry_factor"))
    rates["nonmedication_start"] = threshold(
        probability(p.array("sud.opioid.nonmedication_start_hazard", "payer"))
    )
    rates["remission"] = threshold(probability(p.number("sud.opioid.remission_hazard")))
    stop = probability(p.number("sud.opioid.nonmedication_stop_hazard"))
    remission = p.number("sud.opioid.nonmedication_remission_share")
    rates["nonmedication_stop"] = threshold(stop * (1 - remission))
    rates["nonmedication_remission"] = threshold(stop * remission)
    rates["opioid_relapse"] = threshold(probability(p.array("sud.opioid.relapse_hazard", "recovery_band")))
    rates["stop"] = threshold(p.array("sud.treatment.stop_probability", "drug", "tenure"))
    rates["window_months"] = int(p.number("sud.treatment.exit_window_months"))
    rates["exit_remission"] = threshold(p.number("sud.treatment.exit_destination_remission"))
    mix = p.array("sud.treatment.entry_mix", "drug")
    mix = mix / mix.sum()
    rates["mix_buprenorphine"] = threshold(mix[DRUGS.index("buprenorphine")])
    rates["mix_methadone"] = threshold(mix[DRUGS.index("methadone")])
    rates["cessation"] = threshold(p.number("sud.opioid.cessation_after_overdose"))
    rates["overdose_memory"] = int(p.number("sud.overdose.prior_months"))
    rates["overdose_start_months"] = int(p.number("sud.treatment.overdose_start_months"))
    recognised = p.array("sud.treatment.recognised_programme_share", "drug")
    other = p.number("sud.treatment.recognised_programme_share_other")
    rates["recognised"] = threshold(np.append(recognised, other))


def _fill_other_substances(rates: np.void, p: Parameters) -> None:
    remission = p.array("sud.other.remission_hazard", "other_substance")
    rates["sub_onset"] = threshold(
        probability(p.array("sud.other.onset_hazard", "other_substance", "age_band"))
    )
    rates["sub_onset_oud"] = threshold(probability(p.array("sud.other.onset_hazard_oud", "other_substance")))
    rates["sub_remission"] = threshold(probability(remission))
    rates["sub_start"] = threshold(
        probability(p.array("sud.other.treatment_start_hazard", "other_substance", "payer"))
    )
    rates["sub_stop"] = threshold(probability(p.array("sud.other.treatment_stop_hazard", "other_substance")))
    treated = remission * p.number("sud.other.treated_remission_factor")
    rates["sub_treated_remission"] = threshold(probability(treated))
    rates["sub_relapse"] = threshold(
        probability(p.array("sud.other.relapse_hazard", "other_substance", "recovery_band"))
    )
    shares = p.array("sud.diagnosed_share", "substance")
    rates["diagnosed"] = threshold(np.append(shares[1:], shares[0]))


def _fill_overdose(rates: np.void, p: Parameters) -> None:
    base = p.number("sud.overdose.base_rate")
    drugs = p.array("sud.overdose.medication_factor", "drug")
    leaving = p.array("sud.overdose.exit_factor", "exit_month")
    later = leaving[1:].mean()
    by_risk = {
        "active": 1.0,
        "nonmedication": p.number("sud.overdose.nonmedication_factor"),
        "buprenorphine": drugs[DRUGS.index("buprenorphine")],
        "methadone_first_month": drugs[DRUGS.index("methadone")]
        * p.number("sud.overdose.methadone_induction_factor"),
        "methadone": drugs[DRUGS.index("methadone")],
        "xr_naltrexone": drugs[DRUGS.index("xr_naltrexone")],
        "left_first_month": leaving[0],
        "left_first_month_coverage": p.number("sud.overdose.exit_factor_coverage"),
        "left_later": later,
        "remission": p.number("sud.overdose.remission_factor"),
    }
    person = (
        p.array("sud.overdose.age_factor", "age_band")[:, None, None]
        * p.array("sud.overdose.sex_factor", "sex")[None, :, None]
        * p.array("sud.overdose.race_factor", "race")[None, None, :]
    )
    injects = np.array([1.0, p.number("sud.overdose.injection_factor")])[:, None, None]
    stimulant = np.array([1.0, p.number("sud.overdose.stimulant_factor")])[None, :, None]
    recent = np.array([1.0, p.number("sud.overdose.prior_factor")])[None, None, :]
    person = person[..., None, None, None] * (injects * stimulant * recent)
    outside = p.array("sud.overdose.outside_rate", "age_band")[:, None, None] * (
        p.array("sud.overdose.sex_factor", "sex")[None, :, None]
        * p.array("sud.overdose.race_factor", "race")[None, None, :]
    )
    outside = outside[..., None, None, None] * recent
    for row, name in enumerate(RISKS):
        if name == "none":
            hazard = outside
        elif name == "other_sud":
            hazard = outside * p.number("sud.overdose.outside_sud_factor")
        else:
            hazard = base * by_risk[name] * person
        rates["overdose"][row] = threshold(probability(hazard / MONTHS_A_YEAR))
    rates["overdose_education"] = factor(p.array("sud.overdose.education_factor", "education"))
    rates["outside_disabled"] = factor(np.array([1.0, p.number("sud.overdose.outside_disability_factor")]))


def _fill_drug_deaths(rates: np.void, p: Parameters) -> None:
    age = p.array("sud.overdose.stimulant_age_factor", "age_band")[:, None, None]
    person = (
        age
        * p.array("sud.overdose.sex_factor", "sex")[None, :, None]
        * p.array("sud.overdose.race_factor", "race")[None, None, :]
    )
    stimulant = p.number("sud.overdose.stimulant_only_rate") * person
    other = p.array("sud.overdose.other_drug_rate", "sud_class")[:, None, None, None] * person[None]
    rates["stimulant_death"] = threshold(probability(stimulant / MONTHS_A_YEAR))
    rates["other_drug_death"] = threshold(probability(other / MONTHS_A_YEAR))


def _fill_death(rates: np.void, p: Parameters) -> None:
    yearly = life_table(p)
    monthly = -np.log1p(-np.minimum(yearly, 0.999999)) / MONTHS_A_YEAR
    monthly = monthly * (1.0 - p.array("life.overdose_share_removed", "age_band")[_bands()][None, :])
    off = p.number("life.oud_excess_off") / MONTHS_A_YEAR
    on = p.number("life.oud_excess_on") / MONTHS_A_YEAR
    other = p.number("life.other_sud_excess") / MONTHS_A_YEAR
    excess = {"other_sud": other, "oud_untreated": off, "oud_nonmedication": off, "oud_medication": on}
    for row, name in enumerate(SUD_CLASSES):
        rates["death"][:, :, row] = threshold(probability(monthly + excess.get(name, 0.0)))


def _bands() -> np.ndarray:
    """Age band of each age in years."""
    from microsim.ground.schema import AGE_BAND_STARTS

    return np.searchsorted(AGE_BAND_STARTS, np.arange(MAX_AGE + 1), side="right") - 1


def fill_bands(rates: np.void) -> None:
    """Age bands by single year."""
    rates["band"] = _bands()


def life_table(p: Parameters) -> np.ndarray:
    """Yearly probabilities of death, shape (2, 121): female, male by single age; the last age repeats."""
    table = p.array("life.death_probability", "sex", "age")
    return table[:, np.minimum(np.arange(MAX_AGE + 1), table.shape[1] - 1)]
