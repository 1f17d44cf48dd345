"""Model beside publication, row by row: ratio, overlap, and whether it is a hit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from microsim.experiments.targets.model import Target
from microsim.experiments.targets.worlds import Found

SHARP = 3.0
"""A hit needs a model interval whose high is below this many times its low."""


class Row(NamedTuple):
    """A target and the model's answer to it."""

    target: Target
    found: Found

    @property
    def ratio(self) -> float | None:
        """Model over published; None where the published figure is zero."""
        return self.found.answer.value / self.target.value if self.target.value else None

    @property
    def overlap(self) -> bool:
        """Whether the model's interval, or its number without one, meets the published interval."""
        low, high = self.target.bounds
        value = self.found.answer.value
        least = value if self.found.low is None else self.found.low
        most = value if self.found.high is None else self.found.high
        return least <= high and most >= low

    @property
    def central(self) -> bool:
        """Whether the model's number itself lies in the published interval."""
        low, high = self.target.bounds
        return low <= self.found.answer.value <= high

    @property
    def sharp(self) -> bool | None:
        """Whether the model's interval is narrow enough to say something; None without an interval."""
        low, high = self.found.low, self.found.high
        if low is None or high is None:
            return None
        if self.target.sharpness == "width":
            published = self.target.bounds
            return high - low <= published[1] - published[0]
        least, most = sorted((abs(low), abs(high)))
        return low * high > 0 and most < SHARP * least

    @property
    def verdict(self) -> str:
        """`hit`, `miss`, `vague` (overlap, wide interval), or `inside` (overlap, no interval)."""
        if not self.overlap:
            return "miss"
        if self.sharp is None:
            return "inside"
        return "hit" if self.sharp else "vague"

    def document(self) -> dict[str, Any]:
        """What `validate --json` prints of a row."""
        target = self.target
        return {
            "id": target.id,
            "group": target.group,
            "label": target.label,
            "unit": target.unit,
            "model": self.found.answer.value,
            "model_low": self.found.low,
            "model_high": self.found.high,
            "published": target.value,
            "published_low": target.bounds[0],
            "published_high": target.bounds[1],
            "published_interval": "published" if target.interval else f"tolerance {target.tolerance:.0%}",
            "ratio": self.ratio,
            "overlap": self.overlap,
            "sharp": self.sharp,
            "verdict": self.verdict,
            "central": self.central,
            "independent": target.independent,
            "conditions": target.conditions.model_dump(mode="json", by_alias=True),
            "date": target.date,
            "source": list(target.source),
            "verified": target.verified,
            "parts": dict(self.found.answer.parts),
            "beside": {one.label: one.value for one in target.beside},
            "why": target.why,
        }


def rows_of(targets: tuple[Target, ...], found: Mapping[str, Found]) -> tuple[Row, ...]:
    """A row for every target, in order; none is left out."""
    return tuple(Row(target, found[target.id]) for target in targets)


def sentences(rows: tuple[Row, ...]) -> list[str]:
    """Rows counted by verdict, those without a star apart, and how many hits hold by their interval alone."""
    apart = tuple(row for row in rows if row.target.independent)
    outside = sum(not row.central for row in rows if row.verdict == "hit")
    out = [f"{len(rows)} rows: {_counted(rows)}.", f"Without a star: {len(apart)} rows, {_counted(apart)}."]
    if outside:
        out.append(f"Of the hits {outside} have their central number outside the published range.")
    return out


def _counted(rows: tuple[Row, ...]) -> str:
    return ", ".join(f"{count} {name}" for name, count in tally(rows).items() if count) or "none"


def tally(rows: tuple[Row, ...]) -> dict[str, int]:
    """Rows by verdict."""
    out = {"hit": 0, "miss": 0, "vague": 0, "inside": 0}
    for row in rows:
        out[row.verdict] += 1
    return out
