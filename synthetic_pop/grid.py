"""The grid of person types: features observed jointly in the survey and kept jointly.

A type is one cell of education (4) x disability (2) x spouse (none, not working, working) x
youngest own child (none, 0-5, 6-13, 14-17) x work in a year (none, under 80 hours a month, part
of the year, all year) x income of the MAGI unit to poverty (6 bands). Ages are held in fine
bands inside the schema's age bands.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

EDUCATION, DISABILITY, SPOUSE, KIDS, WORK, INCOME = 4, 2, 3, 4, 4, 6
SHAPE = (EDUCATION, DISABILITY, SPOUSE, KIDS, WORK, INCOME)
TYPES = int(np.prod(SHAPE))
FEATURES = ("educ", "dis", "spouse", "kids", "work", "income")
INCOME_EDGES = (0.50, 1.00, 1.38, 2.50, 4.00)
"""Edges of unit income over the poverty guideline."""
INCOME3 = np.array([0, 0, 0, 1, 1, 2])
"""Income bands pooled: to 138%, to 400%, above."""

FINE_STARTS = (0, 18, 19, 22, 26, 30, 35, 40, 45, 50, 55, 60, 65, 75, 85)
FINE_BAND = np.array([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 6])
"""Schema age band of each fine band."""
FIRST_ADULT_FINE = 2
AGE3 = np.array([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2])
"""Fine bands pooled: under 35, 35-54, 55 and over."""
FINE = len(FINE_STARTS)
PAY_AGE = np.array([0, 0, 0, 0, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2])
"""Fine bands pooled for pay: under 26, 26-34, 35 and over."""

PAY_EDGES = (1500, 3000, 5000, 8000)
"""Monthly pay bands that pay of a spouse and other income depend on; band 0 is no pay."""

CLASSES = ("uninsured", "private", "medicaid", "other_public", "institution")
"""Cover classes the survey can tell apart."""
QUANTILES = (np.arange(20) + 0.5) / 20


def type_code(
    educ: ArrayLike, dis: ArrayLike, spouse: ArrayLike, kids: ArrayLike, work: ArrayLike, income: ArrayLike
) -> np.ndarray:
    """Code of the type of each person from six integer arrays."""
    parts = (np.asarray(a, np.int64) for a in (educ, dis, spouse, kids, work, income))
    return np.ravel_multi_index(tuple(parts), SHAPE)


def type_parts(code: np.ndarray) -> tuple[np.ndarray, ...]:
    """The six features of each type code, in the order of FEATURES."""
    return np.unravel_index(np.asarray(code, np.int64), SHAPE)


def race_from_census(rac1p: np.ndarray, hisp: np.ndarray) -> np.ndarray:
    """Schema race codes from Census RAC1P (1-9) and HISP (1 = not Hispanic)."""
    table = np.array([6, 0, 1, 4, 4, 4, 3, 5, 6, 6])
    return np.where(hisp > 1, 2, table[rac1p])


def education_from_census(schl: np.ndarray) -> np.ndarray:
    """Schema education codes from Census SCHL (0 missing, 1-24)."""
    return np.searchsorted((16, 18, 21), schl.astype(np.int64), side="right")


def pay_band(pay: np.ndarray, works: np.ndarray) -> np.ndarray:
    """Band of monthly pay: 0 without work, else 1 to 5."""
    return np.where(works, 1 + np.searchsorted(PAY_EDGES, pay, side="right"), 0)


def spouse_band(spouse: np.ndarray, spouse_pay: np.ndarray) -> np.ndarray:
    """0 no spouse, 1 spouse not working, 2-4 spouse working with pay under 3000, under 5000, or above."""
    return np.where(spouse < 2, spouse, 2 + np.searchsorted(PAY_EDGES[1:3], spouse_pay, side="right"))
