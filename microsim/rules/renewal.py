"""Renewals, notice and what follows a loss."""

from __future__ import annotations

from microsim.ground.calendar import MONTHS_A_YEAR
from microsim.ground.compiled import compiled
from microsim.ground.schema import COVERS, EPOCH_YEAR, LOSS_REASONS
from microsim.rules.options import Options

_ADULT_GROUP = COVERS.index("adult_group")
_NONCOMPLIANT = LOSS_REASONS.index("noncompliant")
_COMPLIANT_UNVERIFIED = LOSS_REASONS.index("compliant_unverified")
_EXCLUDED_UNVERIFIED = LOSS_REASONS.index("excluded_unverified")
_DENIED = LOSS_REASONS.index("denied_at_application")

_FEBRUARY = 1
_APRIL, _JUNE, _SEPTEMBER, _NOVEMBER = 3, 5, 8, 10


@compiled
def renewal_interval(cover: int, aian: int, options: Options) -> int:
    """Months between renewals: six for the adult group while section 71107 is in force, else ordinary.

    SSA 1902(e)(14)(L). Only American Indians and Alaska Natives are exempt; people excluded from the
    work rule are not. Partial section 1115 groups keep the ordinary interval.
    """
    if options.six_month_in_force != 0 and cover == _ADULT_GROUP and aian == 0:
        return options.short_renewal_months
    return options.renewal_period_months


@compiled
def premium_tax_credit_barred(loss_reason: int, otherwise_eligible: int, options: Options) -> int:
    """1 when a person gets no premium tax credit because only the requirement keeps Medicaid away.

    SSA 1902(xx)(7)(B): somebody Medicaid-eligible but for failing the requirement is treated as
    eligible for minimum essential coverage. `otherwise_eligible` is 1 while income and group would
    still give Medicaid.
    """
    if options.credit_bar == 0 or otherwise_eligible == 0:
        return 0
    if loss_reason in (_NONCOMPLIANT, _COMPLIANT_UNVERIFIED):
        return 1
    return 1 if loss_reason in (_EXCLUDED_UNVERIFIED, _DENIED) else 0


@compiled
def days_in_month(month: int) -> int:
    """Days of a month counted from January of the epoch year."""
    year = EPOCH_YEAR + month // 12
    part = month % 12
    if part == _FEBRUARY:
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        return 29 if leap else 28
    if part in (_APRIL, _JUNE, _SEPTEMBER, _NOVEMBER):
        return 30
    return 31


@compiled
def day_after(month: int, day: int, days: int) -> tuple[int, int]:
    """(month, day) that lies `days` days after a day of a month."""
    day += days
    length = days_in_month(month)
    while day > length:
        day -= length
        month += 1
        length = days_in_month(month)
    return month, day


@compiled
def cure_window_end(check_month: int, options: Options) -> tuple[int, int]:
    """(month, day) on which the time to answer a notice of the check month ends.

    42 CFR 435.558: a notice counts as received after five days, and the window is thirty days.
    """
    day = min(options.notice_day, days_in_month(check_month))
    return day_after(check_month, day, options.deemed_days + options.cure_days)


@compiled
def disenrolment_month(check_month: int, options: Options) -> int:
    """Last month of cover after a check failed in `check_month` and nothing was shown.

    SSA 1902(xx)(6); 42 CFR 435.558: no later than the end of the month after the one in which the
    window ends, with ten days' notice. A state that ends cover in the month of the window itself
    waits a month when fewer than ten days of it are left.
    """
    month, day = cure_window_end(check_month, options)
    lag = options.disenrolment_lag_months
    if lag == 0 and days_in_month(month) - day < options.advance_notice_days:
        lag = 1
    return month + lag


@compiled
def months_of_noncompliance(month: int, earlier: int, latest: int) -> int:
    """Months of non-compliance in the calendar year, with the one that a check in `month` finds.

    A check judges the month before it. `earlier` months had been counted up to the check in `latest`; Arkansas
    Works counted afresh each January.
    """
    same_year = (latest - 1) // MONTHS_A_YEAR == (month - 1) // MONTHS_A_YEAR
    return 1 + (earlier if same_year else 0)


@compiled
def locked_out(month: int, lost_at: int, options: Options) -> int:
    """1 when cover lost to the requirement at the end of `lost_at` bars an application in `month`, else 0.

    To the end of the calendar year under Arkansas Works; SSA 1902(xx) has no such bar.
    """
    same_year = month // MONTHS_A_YEAR == lost_at // MONTHS_A_YEAR
    return 1 if options.lockout != 0 and same_year else 0


@compiled
def reconsidered(months_since_end: int, options: Options) -> int:
    """1 when missing papers that come now are decided without a new application, else 0.

    42 CFR 435.916: within 90 days of the end of cover, or longer where the state elects it.
    """
    return 1 if months_since_end <= options.reconsideration_months else 0
