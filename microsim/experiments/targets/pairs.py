"""A pair of lived arms as queries see it: from a saved result, or from a run made for the targets."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from microsim.engine.measures import series
from microsim.engine.results import TALLIES, Result
from microsim.engine.saved_tallies import unpack
from microsim.engine.tallies import COUNT, EXPECTED_UNIT, THOUSANDTHS, Tallies
from microsim.experiments.budget.cases import Case, case_of
from microsim.experiments.targets.cohort import Cohort, cohort_of
from microsim.experiments.uncertainty.sample import Sample
from microsim.ground.calendar import first_month_of, month_index
from microsim.ground.errors import InputError
from microsim.ground.parameters import Parameters
from microsim.ground.schema import POPULATION_MONTH, STATES

Floats = NDArray[np.float64]
ARMS = ("baseline", "policy")


class Pair:
    """Tallies and parameters of two arms lived from January 2024."""

    def __init__(
        self,
        arms: tuple[Tallies, Tallies],
        trees: tuple[Parameters, Parameters],
        sample: Sample | None = None,
        seed: int = 0,
    ) -> None:
        self.arms = arms
        self.trees = trees
        self._people = (sample, seed)
        self.months = arms[0].monthly.shape[1]

    @classmethod
    def of_result(cls, result: Result) -> Pair:
        """From a saved run. Raises InputError when it was saved without its tallies."""
        if TALLIES not in result.extra_files:
            raise InputError("--result", None, result.run, f"a result with {TALLIES}; run the policy again")
        first, second = unpack(result.extra_files[TALLIES], TALLIES)[:2]
        held = result.manifest["parameters"]
        trees = [Parameters.from_document(held[name], f"manifest: {name}") for name in ARMS]
        return cls((first, second), (trees[0], trees[1]))

    def position(self, month: str) -> int:
        """Position of a month among those lived."""
        return month_index(month) - POPULATION_MONTH

    def year(self, year: int) -> slice:
        """Positions of a calendar year."""
        start = first_month_of(year) - POPULATION_MONTH
        return slice(start, start + 12)

    @cached_property
    def _series(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return series(self.arms[0]), series(self.arms[1])

    def measure(self, name: str, arm: int) -> NDArray[np.int64]:
        """A measure of the summary as integers, (51, months)."""
        return np.asarray(self._series[arm][name])

    def cell(self, arm: int, column: int, covers: list[int] | None, classes: list[int] | None) -> Floats:
        """Persons, or expected events, by state and month, (51, months), in persons or events."""
        unit = THOUSANDTHS if column == 0 else EXPECTED_UNIT
        values = self.arms[arm].monthly["cell"]
        if covers is not None:
            values = values[:, :, covers]
        if classes is not None:
            values = values[:, :, :, classes]
        return np.asarray(values[..., column].sum(axis=(2, 3)) / unit)

    def count(self, arm: int, name: str, classes: list[int] | None = None) -> Floats:
        """A count by state and month, (51, months), persons."""
        values = self.arms[arm].monthly["count"][..., COUNT[name]]
        if classes is not None:
            values = values[:, :, classes]
        return np.asarray(values.sum(axis=2) / THOUSANDTHS)

    def yearly(self, arm: int, year: int) -> Floats:
        """Person-months and events of a year by age, sex and race, (7, 2, 7, columns), events expected."""
        tables = self.arms[arm].yearly["people"]
        at = year - 2024
        if at >= tables.shape[1]:
            raise InputError("--result", None, year, "a run that kept its tables by age, sex and race")
        return np.asarray(tables[:, at].sum(axis=0) / THOUSANDTHS)

    @cached_property
    def cohort(self) -> Cohort:
        """People of the baseline followed one by one. InputError for a saved run, which has no people."""
        sample, seed = self._people
        if sample is None:
            raise InputError("--result", None, "a saved run", "a run with its people, for rows by drug")
        return cohort_of(sample, self.trees[0], self.months, seed)

    @cached_property
    def case(self) -> Case:
        """Both arms priced."""
        last = POPULATION_MONTH + self.months - 1
        return case_of(*self.arms, *self.trees, POPULATION_MONTH + 12, last)


def places(states: list[str] | None) -> list[int]:
    """Positions of states; all without a list."""
    return list(range(len(STATES))) if states is None else [STATES.index(state) for state in states]


Answer = Callable[..., float]
