"""What the rule, its regulation and the state decide for a month."""

from __future__ import annotations

from typing import NamedTuple


class Options(NamedTuple):
    """Thresholds and switches of one state in one month. Plain integers; a switch is 0 or 1.

    Built from the parameters by `microsim.rules.options_table`; ages and spans are in months.
    """

    in_force: int
    """The requirement applies in this state and month, 42 CFR 435.559-561."""
    exclusions_apply: int
    """The specified exclusions exist (not under Georgia's own rule before 2027)."""
    age_low_months: int
    age_high_months: int
    """First age outside the band: 65 years."""
    child_age_limit_months: int
    """First age of the youngest child that no longer excludes: 14 years, a child aged 13 or under."""
    foster_age_limit_months: int
    """First age at which former foster care no longer excludes: 26 years."""
    functional_gate: int
    """Frailty also requires an impaired ability to comply, 42 CFR 435.554(c)(5)."""
    sud_automatic: int
    """A substance use disorder needs no impairment, whatever the gate."""
    recovery_line_months: int
    """Recovery of this length or more is stable and outside frailty."""
    programme_counts: int
    """Treatment that excludes: 0 none, 1 recognised programmes, 2 all treatment."""
    release_months: int
    hours_required: int
    """Hours a month."""
    income_required: int
    """USD a month."""
    income_hours_credit: int
    """The state turns income below the line into hours, 42 CFR 435.552(e)(2)."""
    income_hourly_cents: int
    """Income worth one hour, in cents."""
    study_hundredths_per_credit: int
    """Hundredths of an hour a month that one credit hour is worth."""
    hardship_inpatient: int
    hardship_disaster: int
    hardship_unemployment: int
    hardship_travel: int
    waiver_adults_subject: int
    """Section 1115 adults with minimum essential coverage are reached."""
    lookback_months: int
    """Months before an application that must all count."""
    renewal_months_required: int
    """Months of the period that must count at renewal."""
    check_interval_months: int
    """Months between checks inside a renewal period; 0 when the renewal is the only check."""
    renewal_period_months: int
    """Ordinary interval of renewals."""
    short_renewal_months: int
    """Interval of renewals of the adult group under section 71107."""
    six_month_in_force: int
    frailty_recheck_months: int
    """Longest time for which verified frailty stands, 42 CFR 435.557(f)."""
    veteran_recheck_months: int
    """Longest time for which a verified total rating stands that is not permanent."""
    notice_day: int
    """Day of the check month on which a notice of non-compliance is sent."""
    deemed_days: int
    """Days after which a notice counts as received."""
    cure_days: int
    advance_notice_days: int
    """Days of notice before cover ends."""
    disenrolment_lag_months: int
    """Months from the end of the cure window's month to the last month of cover."""
    credit_bar: int
    """People who only fail the requirement get no premium tax credit."""
    noncompliance_months: int
    """Months of non-compliance in a calendar year that end cover; 1 under the federal rule."""
    lockout: int
    """After losing cover to the requirement nobody comes back before January (Arkansas Works, not federal law)."""
    reconsideration_months: int
    """Months after cover ended in which missing papers are decided without a new application, 42 CFR 435.916."""
    reconsideration_look_back: int
    """Reconsidered papers must meet the look-back of an application, not the months of the review."""
    hearing_months: int
    """Months from the end of cover to the decision of a hearing asked for before it, 42 CFR 431.244; 0 without."""
