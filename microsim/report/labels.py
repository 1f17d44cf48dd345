"""The name of each measure of a summary, for readers."""

from __future__ import annotations

from microsim.engine.measures import BY_NAME

_OTHERS = {
    "naloxone_kits": "Naloxone kits",
    "federal_outlays_usd": "Federal spending",
    "state_outlays_usd": "State spending",
}
"""Measures that are not counted from people."""


def label_of(measure: str) -> str:
    """The label of a measure; its own name when it has none."""
    if measure in BY_NAME:
        return BY_NAME[measure].label
    return _OTHERS.get(measure, measure)
