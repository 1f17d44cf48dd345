"""Bounds of what the months of a calendar year and the next read: the most that a threshold can be in any of them.

A month whose draws all lie above these thresholds changes nothing, so it need not be lived
(microsim.engine.quiet). The last row bounds the months of all arms, for arms that are lived as one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from microsim.engine.pairing import ALWAYS
from microsim.engine.tallying import YEAR_MONTHS
from microsim.ground.schema import WORK_CLASSES
from microsim.life.tables import MAX_HOUSEHOLD, PLACE
from microsim.rules.options import Options

LOW = np.dtype(
    [
        ("income_limit", np.int64, (MAX_HOUSEHOLD + 1,)),  # the smallest
        ("check_after", np.int64),  # months to the soonest check between renewals, 0 for none
        ("even", np.int64),  # 1 where months can be quiet: see `bounds_of`
        ("reconsidered", np.int64),  # the most months in which papers are decided on after cover, anywhere
        ("remembered", np.int64),  # 1 where a check may ever look at a month of the place
    ]
)
SEASONS = np.dtype([("work", np.int64, (2, len(WORK_CLASSES), 2, 2, 2))])
_BOUNDED = (
    "incidence", "nonopioid", "start", "start_after_overdose", "coverage_stop", "entry", "other_entry",
    "disabled_entry", "attachment", "reentry", "adult_exit", "employer_gain", "marketplace_gain", "income_limit",
    "adult_group_open", "waiver_open",
)  # fmt: skip
_INTERVAL = Options._fields.index("check_interval_months")
_RECONSIDERATION = Options._fields.index("reconsideration_months")
BOUNDED_YEARS = 2
"""Calendar years from the one of a bound on that it holds for, so that a quiet time need not end with a year."""


class Bounds(NamedTuple):
    """By arm and, last, over all arms; by state and first year."""

    top: np.ndarray
    """PLACE (arms + 1, 51, years): the largest value of each field a quiet month compares draws with"""
    low: np.ndarray
    """LOW (arms + 1, 51, years)"""
    seasons: np.ndarray
    """SEASONS (arms,): the largest thresholds of losing and of gaining work in any season"""


def bounds_of(rates: np.ndarray, places: np.ndarray, differs: np.ndarray) -> Bounds:
    """Bounds of RATES (arms,) and PLACE (arms, 51, months); `differs` is pairing.differences of them.

    Years are even where divisors stay the same through them, and no arm differs in what every month reads.
    """
    arms, states, months = places.shape
    shape = (arms + 1, states, -(-months // YEAR_MONTHS))
    top, low = np.zeros(shape, PLACE), np.zeros(shape, LOW)
    for name in _BOUNDED:
        top[name][:arms] = _through(np.maximum, places[name], 2)
        top[name][arms] = top[name][:arms].max(axis=0)
    low["income_limit"][:arms] = _through(np.minimum, places["income_limit"], 2)
    low["income_limit"][arms] = low["income_limit"][:arms].min(axis=0)
    interval = places["options"][..., _INTERVAL]
    never = np.iinfo(np.int64).max
    checked = np.where((places["tested_at_renewal"] > 0) & (interval > 0), interval, never)
    soonest = low["check_after"]
    soonest[:arms] = _through(np.minimum, checked, 2)
    soonest[arms] = soonest[:arms].min(axis=0)
    soonest[soonest == never] = 0
    attachment = _through(np.minimum, places["attachment"], 2)
    even = low["even"]
    even[:arms] = (attachment == top["attachment"][:arms]).all(axis=-1)
    always = _through(np.logical_or, np.asarray((differs & ALWAYS).any(axis=0)), 1)
    alike = (top["attachment"][:arms] == top["attachment"][arms]).all(axis=(0, -1))
    even[arms] = even[:arms].min(axis=0) & alike & ~always
    low["reconsidered"] = places["options"][..., _RECONSIDERATION].max()
    low["remembered"][:arms] = places["law_live"].any(axis=2, keepdims=True)
    low["remembered"][arms] = low["remembered"][:arms].max(axis=0)
    seasons = np.zeros(arms, SEASONS)
    seasons["work"] = np.stack([rates["lose_work"].max(axis=1), rates["gain_work"].max(axis=1)], axis=1)
    return Bounds(top, low, seasons)


def _through(extreme: np.ufunc, values: np.ndarray, axis: int) -> np.ndarray:
    """The extreme over the months of BOUNDED_YEARS years from each one on."""
    yearly = extreme.reduceat(values, np.arange(0, values.shape[axis], YEAR_MONTHS), axis=axis)
    years = np.arange(yearly.shape[axis])
    ahead = [yearly.take(np.minimum(years + more, years[-1]), axis=axis) for more in range(BOUNDED_YEARS)]
    found: np.ndarray = extreme.reduce(ahead)
    return found
