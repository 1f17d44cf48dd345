"""Sums and shares that readers ask of a result, taken from its tables in exact integers.

The summary has years for the nation and states for the window; these functions give a state by year,
people by age, sex, race or substance class, and how large a difference is beside its baseline.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from microsim.engine.measures import EXCLUDED_LEAKS, LOSSES, MEDICAID
from microsim.engine.results import ANNUAL_KEYS, Result
from microsim.engine.tallies import EXPECTED_UNIT, THOUSANDTHS
from microsim.ground.schema import COVERS

_EXPECTED = ("overdoses", "opioid_overdose_deaths", "nonopioid_overdose_deaths", "deaths_other")
_MEDICAID = tuple(COVERS[position] for position in MEDICAID)
_OUD = ("oud_untreated", "oud_nonmedication", "oud_medication")
_ANY_SUD = ("other_sud", *_OUD)
SUBSTANCE_GROUPS = {"oud": _OUD, "other_sud": ("other_sud",), "remission": ("remission",), "none": ("none",)}
"""Substance classes of the monthly table, joined."""
_MONTHS_A_YEAR = 12


class Reading(NamedTuple):
    """A quantity under both arms, and policy less baseline."""

    baseline: float
    policy: float
    difference: float


def share_of_baseline(entry: Mapping[str, Any]) -> float | None:
    """Difference of a summary entry as a share of its baseline; None without a baseline."""
    return entry["difference"] / entry["baseline"] if entry["baseline"] else None


def largest_part(parts: Mapping[str, float], total: float) -> str | None:
    """The part that goes furthest the way of the total; None where the total is zero or no part goes its way."""
    if not parts or not total:
        return None
    name = max(parts, key=lambda name: parts[name] if total > 0 else -parts[name])
    return name if parts[name] * total > 0 else None


def window_years(result: Result) -> float:
    """Length of the window in years."""
    (y0, m0), (y1, m1) = (map(int, month.split("-")) for month in result.document["window"])
    return (y1 * _MONTHS_A_YEAR + m1 - y0 * _MONTHS_A_YEAR - m0 + 1) / _MONTHS_A_YEAR


def annual_window(result: Result) -> tuple[str, str]:
    """First and last month of what the annual table holds: whole calendar years that the window touches."""
    first, last = result.document["window"]
    return f"{first[:4]}-01", f"{last[:4]}-12"


def of_whole_years(result: Result) -> bool:
    """Whether the window starts in a January and ends in a December, so that the annual table is of it."""
    return list(annual_window(result)) == list(result.document["window"])


def lost_in_the_noise(by_year: Mapping[str, Mapping[str, Any]], measure: str) -> bool:
    """Whether no year's difference exceeds the largest change of the baseline between two whole years."""
    base = [values[measure]["baseline"] for values in by_year.values()]
    most = max(abs(values[measure]["difference"]) for values in by_year.values())
    return len(base) > 1 and most < max(abs(b - a) for a, b in itertools.pairwise(base))


def by_year(result: Result, state: str | None = None) -> dict[str, dict[str, dict[str, Any]]]:
    """Measures of the monthly table by calendar year, as in the summary, for the nation or one state.

    For the nation it is the summary's own; for a state the measures that the brief draws, with low and
    high None, because intervals by state and year are not kept.
    """
    if state is None:
        return dict(result.document["by_year"])
    table = result.monthly_arrow
    table = table.filter(pc.equal(table["state"].cast(pa.string()), state))
    cells = _summed(table, ("month", "cover", "sud_class"))
    months = sorted({key[0] for key in cells})
    out: dict[str, dict[str, dict[str, Any]]] = {}
    for year in sorted({month[:4] for month in months}):
        last = max(month for month in months if month.startswith(year))
        out[year] = _year_of(cells, year, last)
    return out


Cells = dict[tuple[str, ...], dict[str, list[int]]]


def _summed(table: pa.Table, dimensions: Sequence[str]) -> Cells:
    """`{key: {measure: [baseline, policy]}}` in the integers of the tallies."""
    unit = pc.if_else(
        pc.is_in(table["measure"].cast(pa.string()), value_set=pa.array(_EXPECTED)),
        EXPECTED_UNIT,
        THOUSANDTHS,
    )
    whole = np.rint(table["value"].to_numpy() * unit.to_numpy()).astype(np.int64)
    plain = pa.table(
        {name: table[name].cast(pa.string()) for name in (*dimensions, "measure", "arm")} | {"whole": whole}
    )
    sums = plain.group_by([*dimensions, "measure", "arm"]).aggregate([("whole", "sum")]).to_pydict()
    cells: Cells = {}
    for position, value in enumerate(sums["whole_sum"]):
        key = tuple(sums[name][position] for name in dimensions)
        pair = cells.setdefault(key, {}).setdefault(sums["measure"][position], [0, 0])
        pair[sums["arm"][position] == "policy"] += value
    return cells


def _year_of(cells: Cells, year: str, last: str) -> dict[str, dict[str, Any]]:
    def events(unit: str, names: Sequence[str], classes: Sequence[str] | None = None) -> dict[str, Any]:
        pair = [0, 0]
        for (month, _, sud), values in cells.items():
            if month.startswith(year) and (classes is None or sud in classes):
                for name in names:
                    for arm, value in enumerate(values.get(name, (0, 0))):
                        pair[arm] += value
        return _entry(unit, pair, EXPECTED_UNIT if names[0] in _EXPECTED else THOUSANDTHS)

    def stock(covers: Sequence[str] | None, classes: Sequence[str] | None = None) -> dict[str, Any]:
        pair = [0, 0]
        for (month, cover, sud), values in cells.items():
            inside = (covers is None or cover in covers) and (classes is None or sud in classes)
            if month == last and inside:
                for arm, value in enumerate(values.get("persons", (0, 0))):
                    pair[arm] += value
        return _entry("persons", pair, THOUSANDTHS)

    reasons = {reason: [f"loss_{reason}"] for reason in LOSSES}
    reasons["denied_at_application"].append("loss_deterred")
    every = [name for names in reasons.values() for name in names]
    return {
        "medicaid_enrollees_end": stock(_MEDICAID),
        "uninsured_end": stock(("uninsured",)),
        "moud_end": stock(None, ("oud_medication",)),
        "medicaid_losses": events("events", every),
        **{f"medicaid_losses_{reason}": events("events", names) for reason, names in reasons.items()},
        "sud_medicaid_losses": events("events", every, _ANY_SUD),
        "oud_medicaid_losses": events("events", every, _OUD),
        **{f"sud_excluded_losses_{leak}": events("events", [f"leak_{leak}"]) for leak in EXCLUDED_LEAKS},
        "treatment_exits_coverage": events("events", ["treatment_exits_coverage"]),
        "opioid_overdose_deaths": events("events, expected", ["opioid_overdose_deaths"]),
        "overdose_deaths": events(
            "events, expected", ["opioid_overdose_deaths", "nonopioid_overdose_deaths"]
        ),
    }


def _entry(unit: str, pair: Sequence[int], divisor: int) -> dict[str, Any]:
    ours, theirs = pair
    return {
        "unit": unit, "baseline": ours / divisor, "policy": theirs / divisor,
        "difference": (theirs - ours) / divisor, "low": None, "high": None,
    }  # fmt: skip


def by_people(result: Result, dimension: str, state: str | None = None) -> dict[str, dict[str, Reading]]:
    """`{class: {measure: Reading}}` by age_band, sex or race, over the calendar years of the annual table.

    Those are the window only where `of_whole_years`. Beside the table's measures: `uninsured`, people without
    insurance in an average month.
    """
    table = result.annual_arrow
    if state is not None:
        table = table.filter(pc.equal(table["state"].cast(pa.string()), state))
    groups, arms = (np.asarray(table[name].cast(pa.string())) for name in (dimension, "arm"))
    measures = [name for name in table.column_names if name not in ANNUAL_KEYS and name != "arm"]
    # The table is written in thousandths, so whole thousandths add up without rounding.
    whole = {name: np.rint(table[name].to_numpy() * THOUSANDTHS).astype(np.int64) for name in measures}
    first, last = annual_window(result)
    months = (int(last[:4]) - int(first[:4]) + 1) * _MONTHS_A_YEAR
    out: dict[str, dict[str, Reading]] = {}
    for group in sorted(set(groups)):
        masks = [(groups == group) & (arms == arm) for arm in ("baseline", "policy")]
        pairs = {name: [int(values[mask].sum()) for mask in masks] for name, values in whole.items()}
        out[group] = {name: _reading(pair, THOUSANDTHS) for name, pair in pairs.items()}
        out[group]["uninsured"] = _reading(pairs["uninsured_months"], THOUSANDTHS * months)
    return out


def by_substance_class(result: Result, state: str | None = None) -> dict[str, dict[str, Reading]]:
    """`{group: {losses, uninsured, opioid_overdose_deaths}}` over the window; groups as in SUBSTANCE_GROUPS.

    `uninsured` is people without insurance in an average month. A group is where a person stands in the
    month, so the three states of opioid use disorder, between which a policy moves people, are one.
    """
    table = result.monthly_arrow
    if state is not None:
        table = table.filter(pc.equal(table["state"].cast(pa.string()), state))
    months = round(window_years(result) * _MONTHS_A_YEAR)
    every = [f"loss_{reason}" for reason in (*LOSSES, "deterred")]
    out: dict[str, dict[str, Reading]] = {}
    cells = _summed(table, ("cover", "sud_class"))
    for group, classes in SUBSTANCE_GROUPS.items():
        totals = {name: [0, 0] for name in ("losses", "uninsured", "opioid_overdose_deaths")}
        for (cover, sud), values in cells.items():
            if sud not in classes:
                continue
            for name, pair in values.items():
                kind = "losses" if name in every else name
                if name == "persons" and cover == "uninsured":
                    kind = "uninsured"
                if kind in totals:
                    totals[kind] = [a + b for a, b in zip(totals[kind], pair, strict=True)]
        divisors = {"uninsured": THOUSANDTHS * months, "opioid_overdose_deaths": EXPECTED_UNIT}
        out[group] = {name: _reading(pair, divisors.get(name, THOUSANDTHS)) for name, pair in totals.items()}
    return out


def _reading(pair: Sequence[int], divisor: int) -> Reading:
    ours, theirs = pair
    return Reading(ours / divisor, theirs / divisor, (theirs - ours) / divisor)
