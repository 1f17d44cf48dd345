"""Lethality of the opioid supply by state and month: baseline paths, shocks, substitution.

The index D is 1 in July 2023. D**a acts on how often overdoses happen. The rest, D**(1 - a), is the
change of deaths per overdose; what the reference path of naloxone explains of it is taken out, and
what is left is the lethality factor, so that expected deaths follow D when naloxone follows its own
path. A change in naloxone after that changes deaths; it is not credited a second time. The flat
path takes back D**a and the share of the fatality part credited to potency, and nothing else.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from microsim.engine.environment.programmes import Array
from microsim.ground.calendar import MONTHS_A_YEAR
from microsim.ground.parameters import Parameters
from microsim.ground.schema import STATES

FLAT = "flat"
TO_DATE = "to_date"
TO_2024 = "to_2024"
NO_SUBSTITUTION = "none"


class Supply(NamedTuple):
    """Factors of shape (51, T)."""

    incidence: Array
    lethality: Array
    reversal: Array


def national_index(parameters: Parameters, first: int, last: int) -> Array:
    """Lethality index of the nation by month, shape (T,), before any shock.

    Fitted months are read; later ones close in on the plateau by a factor of e each `approach`.
    The flat path starts from the path to date.
    """
    fitted = _fitted(parameters)
    id_ = f"sud.supply.{fitted}.index"
    index = parameters.monthly(id_, first, last)
    end = parameters.record(id_).months[-1]
    after = np.maximum(np.arange(first, last + 1) - end, 0)
    plateau = parameters.number(f"sud.supply.{fitted}.plateau")
    left = np.exp(-after / parameters.number(f"sud.supply.{fitted}.approach"))
    return np.asarray(np.where(after > 0, plateau * (index / plateau) ** left, index))


def state_index(parameters: Parameters, first: int, last: int) -> Array:
    """Lethality index by state and month, shape (51, T); its mean weighted by deaths is the nation's.

    A state's fall relative to the nation's in 2024 and 2025 is shrunk by its count of deaths and
    laid on straight lines through July of 2023, 2024 and 2025; held after, 1 before.
    """
    nation = national_index(parameters, first, last)
    deaths = parameters.array("sud.supply.synthetic_deaths_2023", "state")
    shrink = deaths / (deaths + parameters.number("sud.supply.state_half_weight"))
    years = ["2024"] if _fitted(parameters) == TO_2024 else ["2024", "2025"]
    logs = [np.zeros(len(STATES))]
    logs += [shrink * np.log(parameters.array(f"sud.supply.fall_ratio_{year}", "state")) for year in years]
    knots = _base(parameters) + MONTHS_A_YEAR * np.arange(len(logs))
    months = np.arange(first, last + 1)
    offset = np.exp(
        [np.interp(months, knots, [step[state] for step in logs]) for state in range(len(STATES))]
    )
    # A sum over rows, not a matrix product: the same to the last bit for any window of months.
    mean = (deaths[:, None] * offset).sum(axis=0) / deaths.sum()
    return np.asarray(nation * offset / mean)


def relative_fatality(parameters: Parameters, naloxone: Array, lethality: Array) -> Array:
    """Mean fatality of an overdose relative to one without any help at index 1, shape (51, T)."""
    alone, aided = _branches(parameters, naloxone)
    return np.asarray(lethality * alone + aided)


def naloxone_credit(parameters: Parameters, index: Array, naloxone: Array, at_base: Array) -> Array:
    """Lethality factor that makes deaths follow the index while naloxone moves, shape (51, T)."""
    rest = index ** (1.0 - parameters.number("sud.supply.incidence_share"))
    target = rest * relative_fatality(parameters, at_base, np.ones_like(at_base))
    alone, aided = _branches(parameters, naloxone)
    return np.asarray(np.maximum(target - aided, 0.0) / alone)


def shock(parameters: Parameters, first: int, last: int) -> Array:
    """Change of the log of the index by an enforcement shock, shape (T,)."""
    since = np.arange(first, last + 1) - parameters.number("sud.supply.shock_start")
    lag = parameters.number("sud.supply.shock_lag_months")
    building = np.where(since < 0, 0.0, 1.0) if lag == 0 else np.clip(since / lag, 0.0, 1.0)
    undone = parameters.number("sud.supply.rebound")
    half_life = parameters.number("sud.supply.shock_half_life_months")
    left = 1.0 - undone + undone * 0.5 ** (np.maximum(since - lag, 0.0) / half_life)
    return np.asarray(_log_depth(parameters) * building * left)


def tolerance(parameters: Parameters, first: int, last: int) -> Array:
    """Factor on incidence while the supply recovers: people have lost tolerance, shape (T,)."""
    depth = max(-_log_depth(parameters), 0.0)
    half_back = sum(
        parameters.number(f"sud.supply.shock_{name}") for name in ("start", "lag_months", "half_life_months")
    )
    since = np.arange(first, last + 1) - half_back
    on = (since >= 0) & (since < parameters.number("sud.supply.tolerance_months"))
    return np.where(on, 1.0 + parameters.number("sud.supply.tolerance_loss") * depth, 1.0)


def nitazene_share(parameters: Parameters, first: int, last: int) -> Array:
    """Share of opioid exposures with a nitazene, shape (T,)."""
    start = parameters.number("sud.supply.nitazene_start_share")
    months = np.arange(first, last + 1)
    scenario = parameters.choice("sud.supply.nitazene_scenario")
    depth = max(-_log_depth(parameters), 0.0)
    if scenario == NO_SUBSTITUTION or depth == 0:
        return np.full(len(months), start)
    final = parameters.number(f"sud.supply.nitazene_share.{scenario}")
    odds = final / start - 1.0
    if odds <= 1:
        return np.full(len(months), start)
    since = np.maximum(months - parameters.number("sud.supply.shock_start"), 0.0)
    rate = np.log(odds) / parameters.number("sud.supply.nitazene_half_time")
    grown = final / (1.0 + odds * np.exp(-rate * since))
    pressure = min(depth / parameters.number("sud.supply.nitazene_full_depth"), 1.0)
    return np.asarray(start + pressure * (grown - start))


def build_supply(parameters: Parameters, first: int, last: int, reference: Array) -> Supply:
    """All factors of the supply; `reference` is naloxone under reference funding from month 0."""
    share = parameters.number("sud.supply.incidence_share")
    base = _base(parameters)
    index = state_index(parameters, first, last)
    lethality = naloxone_credit(
        parameters, index, reference[:, first : last + 1], reference[:, base : base + 1]
    )
    incidence = index**share
    if parameters.choice("sud.supply.path") == FLAT:
        after = np.arange(first, last + 1) > base
        credit = (1.0 - share) * parameters.number("sud.supply.potency_credit")
        lethality = np.where(after, lethality / index**credit, lethality)
        incidence = np.where(after, 1.0, incidence)
    depth = shock(parameters, first, last)
    nitazene = nitazene_share(parameters, first, last)
    start = parameters.number("sud.supply.nitazene_start_share")
    harm = parameters.number("sud.supply.nitazene_severity") - 1.0
    strips = parameters.number("sud.supply.strip_protection")
    blind = (1.0 - strips * (1.0 - nitazene)) / (1.0 - strips * (1.0 - start))
    severity = (1.0 + harm * nitazene) / (1.0 + harm * start)
    return Supply(
        incidence=incidence * np.exp(share * depth) * tolerance(parameters, first, last) * blind,
        lethality=lethality * np.exp((1.0 - share) * depth) * severity,
        reversal=np.repeat(_reversal(parameters, nitazene, start)[None, :], len(STATES), axis=0),
    )


def _reversal(parameters: Parameters, nitazene: Array, start: float) -> Array:
    aided = _aided_fatality(parameters)
    protection = parameters.number("sud.supply.nitazene_naloxone") * (1.0 - aided)
    worse = (1.0 - protection) / aided - 1.0
    return np.asarray((1.0 + worse * nitazene) / (1.0 + worse * start))


def _branches(parameters: Parameters, naloxone: Array) -> tuple[Array, Array]:
    """Weights of the tree's branches: fatality without naloxone, and the part with it."""
    witnessed = parameters.array("sud.overdose.witnessed", "state")[:, None]
    ambulance = parameters.array("sud.overdose.ems_unaided", "state")[:, None]
    helped = 1.0 - ambulance * (1.0 - parameters.array("sud.overdose.ems_factor", "state")[:, None])
    alone = (1.0 - witnessed) + witnessed * (1.0 - naloxone) * helped
    return alone, witnessed * naloxone * _aided_fatality(parameters)


def _aided_fatality(parameters: Parameters) -> float:
    """Fatality with naloxone over that without any help, at index 1."""
    unaided = parameters.number("sud.overdose.fatality_unaided") * parameters.number(
        "sud.overdose.fatality_multiplier"
    )
    return parameters.number("sud.overdose.fatality_naloxone") / unaided


def _log_depth(parameters: Parameters) -> float:
    return parameters.number("sud.supply.shock_log_depth") * parameters.number(
        "sud.supply.shock_depth_factor"
    )


def _fitted(parameters: Parameters) -> str:
    path = str(parameters.choice("sud.supply.path"))
    return TO_DATE if path == FLAT else path


def _base(parameters: Parameters) -> int:
    return int(parameters.number("sud.supply.base_month"))
