"""Naloxone in the community: kits by source, their stock, and the chance that one is given.

Kits come from federal programmes, from settlements and states, from pharmacies and from the
counter. The last two reach fewer people at risk. A stock of effective kits loses one part in the
life of a kit each month; the probability that naloxone is given in a witnessed overdose rises with
kits a person at risk, N = highest * (1 - exp(-c K / people)). c is solved so that the nation's mean
over the anchor year, under reference funding, is `sud.naloxone.anchor`. A state's own deviation is
kept in part only.
"""

from __future__ import annotations

import numpy as np

from microsim.engine.environment.programmes import KITS, Array, Bought, bought
from microsim.ground.calendar import MONTHS_A_YEAR
from microsim.ground.errors import InputError
from microsim.ground.parameters import Parameters

_HALVINGS = 200


def kits(parameters: Parameters, first: int, last: int) -> tuple[Bought, Bought]:
    """Kits distributed by state and month, shape (51, T): all of them, and effective ones."""
    people = parameters.array("sud.naloxone.population", "state")
    by_people = (people / people.sum())[:, None]
    formula = parameters.array("programs.allocation.formula", "state")
    by_need = (formula / formula.sum())[:, None]

    def monthly(id_: str) -> Array:
        return parameters.monthly(id_, first, last, "state").T / MONTHS_A_YEAR

    local = monthly("sud.naloxone.local_kits") * by_need
    per_person = 1e-5  # the rate is stated for 100,000 people
    retail = monthly("sud.naloxone.retail_rate") * per_person * people[:, None]
    counter = monthly("sud.naloxone.counter_kits") * by_people
    federal = bought(parameters, KITS, first, last)
    rest = local + retail + counter
    reach = (
        local
        + parameters.number("sud.naloxone.reach_retail") * retail
        + parameters.number("sud.naloxone.reach_counter") * counter
    )
    every = Bought(federal.policy + rest, federal.reference + rest)
    effective = Bought(federal.policy + reach, federal.reference + reach)
    return every, effective


def stock(flow: Array, life: float) -> Array:
    """Kits in hand at the end of each month, shape (51, T), from a steady state in the first."""
    held = np.empty_like(flow)
    now = flow[:, 0] * life
    keep = 1.0 - 1.0 / life
    for month in range(flow.shape[1]):
        now = now * keep + flow[:, month]
        held[:, month] = now
    return held


def probability(parameters: Parameters, last: int) -> Bought:
    """Probability that naloxone is given | witnessed, months 0 to at least `last`, shape (51, T).

    `reference` is what the funding of the baseline gives along the path of distribution; the
    supply module credits it. Raises `InputError` when the anchor is out of reach.
    """
    start = int(parameters.number("sud.naloxone.anchor_start"))
    base = int(parameters.number("sud.supply.base_month"))
    horizon = max(last, start + MONTHS_A_YEAR - 1, base)
    life = parameters.number("sud.naloxone.kit_life")
    if life < 1:
        raise InputError(None, "sud.naloxone.kit_life", life, "at least one month")
    _, effective = kits(parameters, 0, horizon)
    reference = stock(effective.reference, life)
    people = parameters.array("sud.naloxone.people_at_risk", "state")[:, None]
    nation = reference.sum(axis=0) / people.sum()
    own = parameters.number("sud.naloxone.state_weight")
    dose = nation ** (1.0 - own) * (reference / people) ** own
    weights = parameters.array("sud.supply.synthetic_deaths_2023", "state")
    highest = parameters.number("sud.naloxone.highest")
    c = _anchored(parameters, dose[:, start : start + MONTHS_A_YEAR], weights, highest)
    given = highest * -np.expm1(-c * dose)
    # Relative to the reference, so that money for one state leaves all others as they were.
    changed = stock(effective.policy, life) / reference
    policy = highest * -np.expm1(-c * dose * changed)
    if parameters.choice("sud.naloxone.path") == "held":
        policy[:, base + 1 :] = policy[:, base : base + 1]
    return Bought(policy, given)


def _anchored(parameters: Parameters, dose: Array, weights: Array, highest: float) -> float:
    anchor = parameters.number("sud.naloxone.anchor")
    if not 0 < anchor < highest:
        raise InputError(
            None, "sud.naloxone.anchor", anchor, f"between 0 and sud.naloxone.highest ({highest:g})"
        )

    def mean(c: float) -> float:
        given = (highest * -np.expm1(-c * dose)).mean(axis=1)
        return float((weights * given).sum() / weights.sum())

    low, high = 0.0, 1.0
    while mean(high) < anchor:
        high *= 2.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        low, high = (middle, high) if mean(middle) < anchor else (low, middle)
    return high
