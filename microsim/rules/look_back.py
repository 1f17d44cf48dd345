"""Which months must count: SSA 1902(xx)(1) and (4), 42 CFR 435.556.

A history is a bit mask: bit 0 is the latest finished month, and a bit is 1 when the month counted.
"""

from __future__ import annotations

from microsim.ground.compiled import compiled


@compiled
def months_counted(history: int, months: int) -> int:
    """Number of counting months among the latest `months`."""
    counted = 0
    for back in range(months):
        counted += (history >> back) & 1
    return counted


@compiled
def passes_look_back(history: int, months: int) -> int:
    """1 when each of the latest `months` months counted, else 0.

    Application, 42 CFR 435.556: one, two or three consecutive months before the month of application.
    """
    return 1 if months_counted(history, months) >= months else 0


@compiled
def passes_renewal(history: int, months_available: int, required: int) -> int:
    """1 when `required` of the latest `months_available` months counted, else 0.

    Renewal, 42 CFR 435.556: any months of the period, consecutive or not; for a person who became
    applicable within the period the lesser of the required and the available months.
    """
    needed = min(months_available, required)
    return 1 if months_counted(history, months_available) >= needed else 0


@compiled
def check_due(months_since_check: int, interval: int, renewal_due: int) -> int:
    """1 when compliance is checked this month: at renewal, or every `interval` months if elected.

    42 CFR 435.556; an `interval` of 0 leaves the renewal as the only check.
    """
    if renewal_due != 0:
        return 1
    return 1 if interval > 0 and months_since_check >= interval else 0


@compiled
def required_at_check(renewal_due: int, renewal_months_required: int) -> int:
    """Months that must count at a check: the state's number at renewal, one at a check between."""
    return renewal_months_required if renewal_due != 0 else 1
