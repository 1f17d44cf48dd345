"""Monthly work, household income and the memory of both.

Two states a month, at least 80 hours or fewer, in three hidden classes of persistence
(steady, moving, not working), after `evidence` on months of work among Medicaid adults.
"""

from __future__ import annotations

from microsim.ground.compiled import compiled

HISTORY_MONTHS = 13
"""A yearly check looks at twelve finished months, and the present one is remembered before it."""
HISTORY_BITS = (1 << HISTORY_MONTHS) - 1
AUTOMATIC_SHIFT = 16
INCOME_MONTHS = 6
INCOME_BITS = 10
INCOME_MASK = (1 << INCOME_BITS) - 1
INCOMES_MASK = (1 << (INCOME_MONTHS * INCOME_BITS)) - 1


@compiled
def next_working(working, word, lose, gain):
    """1 or 0: whether the month reaches 80 hours, given thresholds to lose and to gain that state."""
    if working:
        return 0 if word < lose else 1
    return 1 if word < gain else 0


@compiled
def next_spouse(spouse_works, word, lose, gain):
    """Whether the spouse works this month."""
    if spouse_works:
        return 0 if word < lose else 1
    return 1 if word < gain else 0


@compiled
def hours_worked(working, inmate, short_hours, full_hours):
    """Hours of the month; none in custody."""
    if inmate:
        return 0
    return full_hours if working else short_hours


@compiled
def household_income(hours, full_hours, wage, earnings_factor, spouse_works, spouse_wage, other_income):
    """MAGI household income of the month in USD of 2024.

    `earnings_factor` is 1.0 = 65536 times the variation of own earnings around their mean.
    """
    own = wage * hours // full_hours
    own = own * earnings_factor >> 16
    if spouse_works:
        own += spouse_wage
    return own + other_income


@compiled
def remember_income(incomes, income):
    """Six latest months of income in tens of dollars, ten bits each, this month lowest."""
    tens = income // 10
    if tens > INCOME_MASK:
        tens = INCOME_MASK
    return ((incomes << INCOME_BITS) | tens) & INCOMES_MASK


@compiled
def average_income(incomes):
    """Mean of the six remembered months in USD."""
    total = 0
    for _ in range(INCOME_MONTHS):
        total += incomes & INCOME_MASK
        incomes >>= INCOME_BITS
    return total * 10 // INCOME_MONTHS


@compiled
def remember_month(history, met, automatic):
    """Thirteen months of whether the work rule was met, this month lowest.

    From bit AUTOMATIC_SHIFT up stand the months that the state applies without anything to prove.
    """
    both = (history << 1) | met | (automatic << AUTOMATIC_SHIFT)
    return both & (HISTORY_BITS | (HISTORY_BITS << AUTOMATIC_SHIFT))
