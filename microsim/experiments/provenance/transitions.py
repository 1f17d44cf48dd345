"""The transition table, number by number: the evidence behind it and the parameter that holds it."""

from __future__ import annotations

import csv
from functools import cache
from typing import NamedTuple

from microsim.ground.parameters import data_root

_FOLDER = "sud"


class Evidence(NamedTuple):
    """A row of the evidence as it was read; numbers stay in the words of their source."""

    row: str
    quantity: str
    value: str
    low: str
    high: str
    unit: str
    year: str
    place: str
    organisation: str
    source: str
    verified: str
    verdict: str
    """Of the later review of the evidence, where it does not confirm the row; else empty"""
    review: str
    review_row: str

    def name(self) -> str:
        """The row's name, with the review's verdict where the number no longer stands as it was read."""
        return f"{self.row} ({self.verdict})" if self.verdict else self.row

    def facts(self) -> list[tuple[str, str]]:
        """(heading, text) of the row and, under it, of what the review put in its place."""
        found = [("evidence row", self.sentence())]
        if self.verdict:
            found.append(("review", f"{self.verdict}: {self.review} (row {self.review_row})"))
        return found

    def sentence(self) -> str:
        """The row as one line."""
        span = f" ({self.low} to {self.high})" if self.low else ""
        about = ", ".join(part for part in (self.place, self.year) if part)
        whence = "; ".join(part for part in (about, self.organisation, self.verified) if part)
        return f"{self.row}: {self.quantity}: {self.value}{span} {self.unit}".rstrip() + f"; {whence}"


class Transition(NamedTuple):
    """A number of the transition table."""

    number: int
    words: str
    parameter: str
    evidence: tuple[Evidence, ...]
    """Empty where the number is a judgement."""


@cache
def transitions() -> tuple[Transition, ...]:
    """Every number of the transition table, in its order."""
    evidence = {row["row"]: Evidence(**row) for row in _rows("evidence_rows.csv")}
    return tuple(
        Transition(
            int(row["number"]), row["transition"], row["parameter"],
            tuple(evidence[name] for name in row["evidence"].split()),
        )
        for row in _rows("transitions.csv")
    )  # fmt: skip


def _rows(name: str) -> list[dict[str, str]]:
    with (data_root() / _FOLDER / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
