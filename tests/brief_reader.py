"""Reads the page of a brief, and says which numbers a result lets it show."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

import numpy as np
import pandas as pd

from microsim.engine.results import Result

RESULTS = (
    "answer",
    "deaths",
    "cover",
    "exclusion",
    "treatment",
    "offset",
    "states",
    "people",
    "money",
    "measures",
)
"""Sections whose numbers must stand in the result."""


class Reader(HTMLParser):
    """Numbers of a page by section, the text around them, and what its pictures say."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers: list[tuple[str, float, str]] = []
        self.around: dict[str, list[str]] = {}
        self.tips: list[str] = []
        self.pictures: list[str | None] = []
        self._section, self._value, self._skip = "", None, 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "section":
            self._section = given["id"] or ""
        if tag == "data":
            self._value = float(given["value"] or "nan")
        if tag == "svg":
            self.pictures.append(given.get("aria-label"))
        if tag in ("style", "script", "svg"):
            self._skip += 1
        if given.get("data-tip"):
            self.tips.append(given["data-tip"] or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "data":
            self._value = None
        if tag in ("style", "script", "svg"):
            self._skip -= 1
        if tag == "section":
            self._section = ""

    def handle_data(self, data: str) -> None:
        if self._skip:
            return
        if self._value is not None:
            self.numbers.append((self._section, self._value, data))
        elif data.strip():
            self.around.setdefault(self._section, []).append(data.strip())


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    return reader


def known(result: Result) -> np.ndarray:
    """Every number of the result that a brief may show, computed from its files alone."""
    document = result.document
    found: list[float] = [document["records"], document["draws"]]
    for block in (document["measures"], *document["by_year"].values(), *document["by_state"].values()):
        for entry in block.values():
            found += [
                entry[key]
                for key in ("baseline", "policy", "difference", "low", "high")
                if entry[key] is not None
            ]
            if entry["baseline"]:
                found += [
                    entry["difference"] / entry["baseline"],
                    abs(entry["difference"] / entry["baseline"]),
                ]
    for by in ("age_band", "sex", "race"):
        found += list(_sums(result.annual, by))
    found += list(_by_substance(result.monthly))
    return np.array(sorted(found))


def _sums(frame: pd.DataFrame, by: str) -> Iterator[float]:
    measures = ["losses", "uninsured_months", "opioid_overdose_deaths"]
    sums = frame.groupby([by, "arm"], observed=True)[measures].sum().unstack("arm")
    for measure in measures:
        change = sums[measure]["policy"] - sums[measure]["baseline"]
        yield from change / (120 if measure == "uninsured_months" else 1)


def _by_substance(frame: pd.DataFrame) -> Iterator[float]:
    frame = frame.assign(
        group=frame["sud_class"].astype(str).str.replace(r"oud_.*", "oud", regex=True),
        kind=np.where(frame["measure"].astype(str).isin(LOSSES), "losses", frame["measure"].astype(str)),
    )
    frame = frame[(frame["kind"] != "persons") | (frame["cover"].astype(str) == "uninsured")]
    sums = frame.groupby(["group", "kind", "arm"], observed=True)["value"].sum().unstack("arm").fillna(0)
    for (_, kind), value in (sums["policy"] - sums["baseline"]).to_dict().items():
        yield value / 120 if kind == "persons" else value


LOSSES = {
    f"loss_{reason}"
    for reason in (
        "noncompliant",
        "compliant_unverified",
        "excluded_unverified",
        "renewal_procedural",
        "denied_at_application",
        "deterred",
    )
}


def nearest(values: np.ndarray, value: float) -> float:
    return float(values[np.abs(values - value).argmin()])


def numbers_in(held: object) -> Iterator[float]:
    """Every number of a JSON document."""
    if isinstance(held, dict | list):
        for one in held.values() if isinstance(held, dict) else held:
            yield from numbers_in(one)
    elif isinstance(held, int | float) and not isinstance(held, bool):
        yield float(held)
