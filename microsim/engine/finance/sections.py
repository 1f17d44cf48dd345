"""Sections of Public Law 119-21 that act on money alone: nobody's cover changes here."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from microsim.engine.finance.bases import Bases
from microsim.engine.finance.ledger import Ledger
from microsim.ground.calendar import MONTHS_A_YEAR
from microsim.ground.parameters import Parameters

Floats = NDArray[np.float64]

FINANCING = (
    "provider_taxes", "directed_payments", "uniformity_waivers", "emergency_match", "alien_eligibility",
)  # fmt: skip
"""Sections entered with their published size, because what they change is not lived."""
_SHARING = "finance.cost_sharing."
_FINANCING = "finance.financing."
_USD_A_MUSD = 1e6


def cost_sharing(p: Parameters, bases: Bases, spent: Floats, match: Floats, ledger: Ledger) -> None:
    """Section 71120: what adults above poverty pay themselves, and the care they go without.

    `spent` and `match` are benefits of the adult group in USD and their federal share, (51, Q). What is
    paid moves from the programme to patients; care avoided is paid by nobody. Treatment of substance
    use, mental health and primary care carry no charge, so the share subject leaves them out.
    """
    force = _SHARING + "in_force"
    active = np.stack([p.array(force, "state", month=int(month)) for month in bases.quarters], axis=1)
    share = p.number(_SHARING + "share_above_poverty") * p.number(_SHARING + "share_subject")
    subject = spent * active * share
    charged = p.number(_SHARING + "charge_share")
    avoided = np.minimum(charged * p.number(_SHARING + "care_avoided"), 1.0)
    paid = subject * (1.0 - avoided) * charged
    ledger.shared("cost_sharing", -(subject * avoided + paid), match)
    ledger.others("cost_sharing", paid)


def financing(p: Parameters, bases: Bases, ledger: Ledger) -> None:
    """Published federal savings of sections on financing, spread over states by their Medicaid spending.

    Of the federal money withdrawn states put a part in its place; the rest falls on providers and
    patients.
    """
    spending = p.array("finance.check.medicaid_net_2024", "state")
    spread = (spending / spending.sum())[:, None]
    for name in FINANCING:
        yearly = np.array([p.number(_FINANCING + name, int(month)) for month in bases.quarters])
        withdrawn = spread * yearly * bases.lengths / MONTHS_A_YEAR * _USD_A_MUSD
        replaced = withdrawn * p.number(f"{_FINANCING}{name}_state_share")
        ledger.shared("financing_sections", -withdrawn, 1.0)
        ledger.shared("financing_sections", replaced, 0.0)
        ledger.others("financing_sections", withdrawn - replaced)
