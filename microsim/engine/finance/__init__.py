"""Money: what the integer tallies of a run cost, and who pays.

Host-side and deterministic: re-pricing never runs people again.
"""

from microsim.engine.finance.money import COMPONENTS, MEDICAID_BENEFITS, PAYERS, Money
from microsim.engine.finance.pricing import price

__all__ = ["COMPONENTS", "MEDICAID_BENEFITS", "PAYERS", "Money", "price"]
