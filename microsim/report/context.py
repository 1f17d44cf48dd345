"""What every part of a brief needs to know about its result, looked up once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from microsim.engine.documents import LABELS, RECORDS_BY_STATE
from microsim.engine.results import Result
from microsim.experiments import readings
from microsim.ground.errors import InputError, nearest_name
from microsim.ground.parameters import Parameters
from microsim.ground.policies import load_policy
from microsim.ground.schema import STATES
from microsim.report.formats import month
from microsim.report.tile_grid import NAMES


@dataclass(frozen=True)
class Context:
    """A result, the place a brief is about, and the words for both."""

    result: Result
    state: str | None

    @property
    def document(self) -> dict[str, Any]:
        return self.result.document

    @cached_property
    def measures(self) -> Mapping[str, Mapping[str, Any]]:
        """Entries over the window, of the place."""
        return self.document["measures"] if self.state is None else self.document["by_state"][self.state]

    @cached_property
    def years(self) -> dict[str, dict[str, dict[str, Any]]]:
        return readings.by_year(self.result, self.state)

    @property
    def whole_years(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Years without those of which the window holds only a part: their counts compare with no other's."""
        first, last = self.document["window"]
        parts = {first[:4]} if first[5:] != "01" else set()
        parts |= {last[:4]} if last[5:] != "12" else set()
        return {year: values for year, values in self.years.items() if year not in parts}

    @property
    def by_state(self) -> Mapping[str, Mapping[str, Any]]:
        return self.document["by_state"]

    @property
    def place(self) -> str:
        if self.state is not None:
            return NAMES[self.state]
        if len(self.by_state) == len(STATES):
            return "the United States"
        return " and ".join(", ".join(NAMES[code] for code in self.by_state).rsplit(", ", 1))

    @property
    def window(self) -> str:
        first, last = map(month, self.document["window"])
        return first if first == last else f"{first} to {last}"

    @property
    def span(self) -> str:
        """The window as a sentence begins with it."""
        first, last = self.document["window"]
        return f"{'In' if first == last else 'From'} {self.window}"

    def named(self, year: str) -> str:
        """A year, with the months that the window holds of it where it is not whole."""
        first, last = self.document["window"]
        begins, ends = year == first[:4] and first[5:] != "01", year == last[:4] and last[5:] != "12"
        from_, to = (month(one).split()[0] for one in (first, last))
        if begins and ends:
            return f"{year}, {from_} to {to}" if from_ != to else f"{year}, {to}"
        return f"{year}, from {from_}" if begins else f"{year}, to {to}" if ends else year

    @property
    def end(self) -> str:
        return month(self.document["window"][1])

    @property
    def has_intervals(self) -> bool:
        return any(entry["low"] is not None for entry in self.measures.values())

    @cached_property
    def policy_label(self) -> str:
        return self._label("policy")

    @cached_property
    def baseline_label(self) -> str:
        return self._label("baseline")

    def _label(self, arm: str) -> str:
        """What an arm was called when the run was made; older manifests do not say, and a name is looked up."""
        name = str(self.document[arm])
        held = self.result.manifest.get(LABELS)
        return str(held[arm]) if held is not None else _label(name)

    @property
    def records(self) -> int | None:
        """Records of the place; None where the result does not say."""
        if self.state is None:
            return int(self.document["records"])
        held = self.result.manifest.get(RECORDS_BY_STATE)
        return None if held is None else int(held.get(self.state, 0))

    @cached_property
    def trees(self) -> tuple[Parameters, Parameters]:
        """The parameters of both arms, as lived."""
        held = self.result.manifest["parameters"]
        return (
            Parameters.from_document(held["baseline"], "manifest.json"),
            Parameters.from_document(held["policy"], "manifest.json"),
        )

    def optional(self, key: str) -> Any:
        """A part that a result may carry beside its measures; None when it does not."""
        return self.document.get(key)


def context_of(result: Result, state: str | None) -> Context:
    """Raises InputError for a state that the result does not hold."""
    if state is None:
        return Context(result, None)
    code = state.strip().upper()
    held = list(result.document["by_state"])
    if code not in held:
        expected = "a postal code of the run's states" if code in STATES else "a postal code of a state or DC"
        raise InputError("--state", None, state, expected, nearest=nearest_name(code, held))
    return Context(result, code)


def _label(name: str) -> str:
    try:
        return load_policy(name).label
    except InputError:
        return name
