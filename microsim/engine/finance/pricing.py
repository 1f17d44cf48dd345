"""Integer tallies to money: each component in turn, nothing counted twice."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from microsim.engine.environment import programmes
from microsim.engine.finance import administration, sections
from microsim.engine.finance.bases import GROUPS, UNINSURED, Bases, bases_of, months_of, reference_of
from microsim.engine.finance.ledger import Ledger, whole
from microsim.engine.finance.money import FEDERAL, PAYERS, STATE, Money
from microsim.engine.finance.spending import (
    base_of,
    group_spending,
    growth,
    visit_cost,
    visits,
    yearly_averages,
)
from microsim.engine.tallies import THOUSANDTHS, Tallies
from microsim.ground.calendar import MONTHS_A_YEAR, year_of
from microsim.ground.errors import InputError
from microsim.ground.parameters import Parameters
from microsim.ground.schema import COVERS, STATES

Floats = NDArray[np.float64]

_BENEFITS = "finance.benefits."
_MEDICAID = ("adult_group", "waiver_adult", "other_adult", "disabled", "child")
_INSURED = ("employer", "marketplace", "marketplace_full_price")
_MEDICARE = ("medicare", "dual")
_COUNTED = (
    "checks", "cleared_from_data", "notices", "renewals", "renewed_ex_parte", "applications", "entered",
    "overdoses_treated",
)  # fmt: skip


def price(
    tallies: Tallies,
    p: Parameters,
    environment_outlays: Floats,
    first: int,
    last: int,
    reference: Tallies | None = None,
) -> Money:
    """Money of one arm over the months `first` to `last` (since January 2015), both included.

    `environment_outlays`: federal outlays of public-health lines in USD, shape (51, months), of the
    same months. Averages of spending belong to the mix of people in the first quarter of `reference`
    (default: of `tallies`). Raises `InputError` when months or shapes do not fit.
    """
    expected = (len(STATES), last - first + 1)
    if environment_outlays.shape != expected:
        found = environment_outlays.shape
        raise InputError(None, "environment_outlays", found, f"an array of shape {expected}")
    bases = bases_of(tallies, first, last)
    mix = reference_of(tallies if reference is None else reference)
    ledger = Ledger(len(STATES), len(bases.quarters))
    match = _match(p, bases)
    spent = _benefits(p, bases, mix, match, ledger)
    _retroactive(p, bases, spent, match, ledger)
    sections.cost_sharing(p, bases, spent["adult_group"], match["adult_group"], ledger)
    sections.financing(p, bases, ledger)
    administration.enter(p, bases, ledger)
    _uncompensated(p, bases, mix, ledger)
    seen = _overdoses(p, bases, match, ledger)
    _public_health(p, bases, environment_outlays, first, last, ledger)
    _credits(p, bases, ledger)
    contained = _treatment(p, bases, match)
    return Money(ledger.amounts, contained, _quantities(bases) | seen, bases.quarters, bases.lengths)


def _by_state(p: Parameters, id_: str, bases: Bases) -> Floats:
    """A dated parameter by state at the start of each quarter, (51, Q)."""
    return _in_months(p, id_, tuple(bases.quarters.tolist()))


@lru_cache(maxsize=32)
def _in_months(p: Parameters, id_: str, months: tuple[int, ...]) -> Floats:
    """Kept, as parts of a sample are priced one after another by one tree; (51, months), not to be written."""
    values = np.stack([p.array(id_, "state", month=month) for month in months], 1)
    values.flags.writeable = False
    return values


def _match(p: Parameters, bases: Bases) -> dict[str, Floats]:
    """Federal share of benefits by group, (51, Q). Rates change in October, so within no quarter."""
    regular = _by_state(p, "finance.match.regular", bases)
    shares = {group.name: regular for group in GROUPS}
    shares["adult_group"] = np.full(regular.shape, p.number("finance.match.adult_group"))
    return shares


def _benefits(
    p: Parameters, bases: Bases, mix: Bases, match: dict[str, Floats], ledger: Ledger
) -> dict[str, Floats]:
    """Enter benefits by group; returns USD by group, (51, Q)."""
    yearly = yearly_averages(p)
    lag = round(p.number(_BENEFITS + "managed_care_lag"))
    spent = {}
    for group in GROUPS:
        usd = group_spending(
            p, bases, mix, group, yearly[group.name], rate=_BENEFITS + "growth",
            base=base_of(group.name), holds_overdoses=group.name in _MEDICAID, lag=lag,
        )  # fmt: skip
        ledger.shared("benefits_" + group.name, usd, match[group.name])
        spent[group.name] = usd
    return spent


def _retroactive(
    p: Parameters, bases: Bases, spent: dict[str, Floats], match: dict[str, Floats], ledger: Ledger
) -> None:
    """Months paid before an entry, as a difference from those that the averages of spending contain."""
    entries = bases.events("entered") / THOUSANDTHS * p.number(_BENEFITS + "retroactive_share")
    usual = p.number(_BENEFITS + "retroactive_reference")
    groups = {group.name: months_of(bases, group) / THOUSANDTHS for group in GROUPS}
    adults = groups["adult_group"] + groups["waiver_adult"] + groups["other_adult"]
    for name, id_ in (("adult_group", "adult_group"), ("other_adult", "other")):
        rule = "medicaid.renewal.retroactive_months_" + id_
        change = _by_state(p, rule, bases) - usual
        zero = np.zeros(entries.shape)
        part = np.divide(groups[name], adults, out=zero.copy(), where=adults > 0)
        mean = np.divide(spent[name], groups[name], out=zero.copy(), where=groups[name] > 0)
        ledger.shared("retroactive_cover", entries * part * change * mean, match[name])


def _uncompensated(p: Parameters, bases: Bases, mix: Bases, ledger: Ledger) -> None:
    yearly = np.full(len(STATES), p.number("finance.uncompensated.per_person_year"))
    usd = group_spending(
        p, bases, mix, UNINSURED, yearly, rate="finance.health_growth",
        base="finance.uncompensated.base_month", holds_overdoses=True,
    )  # fmt: skip
    ledger.three_ways("uncompensated_care", usd, *_unpaid(p, bases))


def _unpaid(p: Parameters, bases: Bases) -> tuple[Floats, float]:
    """Share of care without insurance that governments bear, (Q,), and the federal part of it."""
    id_ = "finance.uncompensated.government_share"
    share = np.array([p.number(id_, int(month)) for month in bases.quarters])
    return share, p.number("finance.uncompensated.federal_part")


def _overdoses(
    p: Parameters, bases: Bases, match: dict[str, Floats], ledger: Ledger
) -> dict[str, NDArray[np.int64]]:
    """Enter acute care of nonfatal overdoses by who pays; returns visits by payer, (51, Q) thousandths."""
    seen = visits(p, bases)
    cost = visit_cost(p, bases)

    def of(cover: str) -> Floats:
        return np.asarray(seen[:, :, COVERS.index(cover)] * cost)

    for cover in _MEDICAID:
        ledger.shared("overdose_medicaid", of(cover), match[cover])
    for cover in _MEDICARE:
        ledger.shared("overdose_medicare", of(cover), 1.0)
    ledger.three_ways("overdose_uninsured", of("uninsured"), *_unpaid(p, bases))
    for cover in _INSURED:
        ledger.three_ways("overdose_insured", of(cover), 0.0, 1.0)
    public = p.number("finance.acute.other_federal_share")
    ledger.three_ways("overdose_insured", of("other_cover"), public, 1.0)
    groups = {"medicaid": _MEDICAID, "medicare": _MEDICARE, "uninsured": ("uninsured",),
              "insured": (*_INSURED, "other_cover")}  # fmt: skip
    return {
        f"visits_{payer}": whole(seen[:, :, [COVERS.index(c) for c in covers]].sum(axis=2) * THOUSANDTHS)
        for payer, covers in groups.items()
    }


def _public_health(
    p: Parameters, bases: Bases, outlays: Floats, first: int, last: int, ledger: Ledger
) -> None:
    """Federal outlays of programme lines, and what states put in place of cuts."""
    cut = np.zeros(outlays.shape)
    for line in programmes.line_names(p):
        usual = programmes.line_outlays(p, line, first, last, programmes.REFERENCE)
        cut += np.maximum(usual - programmes.line_outlays(p, line, first, last), 0.0)
    replaced = p.number("programs.backfill") * p.number("finance.public_health.state_backfill")
    opening = bases.quarters - first

    def by_quarter(values: Floats) -> Floats:
        return np.asarray(np.add.reduceat(values, opening, axis=1))

    ledger.shared("public_health", by_quarter(outlays), 1.0)
    ledger.shared("public_health", by_quarter(cut) * programmes.USD_A_MUSD * replaced, 0.0)


def _credits(p: Parameters, bases: Bases, ledger: Ledger) -> None:
    """Premium tax credits of people in the marketplace who get one; premiums change once a year."""
    table_end = year_of(int(p.number("finance.credit.last_month")))
    later = np.array([max(year_of(int(month)) - table_end, 0) for month in bases.quarters])
    credit = (
        _by_state(p, "finance.credit.per_month", bases) * (1.0 + p.number("finance.health_growth")) ** later
    )
    months = bases.months[:, :, COVERS.index("marketplace")].sum(axis=2) / THOUSANDTHS
    ledger.shared("premium_tax_credits", months * credit, 1.0)


def _treatment(p: Parameters, bases: Bases, match: dict[str, Floats]) -> np.ndarray:
    """Medication for opioid use disorder inside Medicaid benefits, (payers, 51, Q)."""
    yearly = float(p.array("finance.treatment.price", "drug") @ p.array("finance.treatment.stock", "drug"))
    index = growth(p, "finance.health_growth", "finance.treatment.base_month", bases)
    monthly = yearly / MONTHS_A_YEAR * index
    out = np.zeros((len(PAYERS), len(STATES), len(bases.quarters)), np.int64)
    for cover in _MEDICAID:
        total = whole(bases.medication[:, :, COVERS.index(cover)] / THOUSANDTHS * monthly)
        federal = whole(total * match[cover])
        out[FEDERAL] += federal
        out[STATE] += total - federal
    return out


def _quantities(bases: Bases) -> dict[str, np.ndarray]:
    """What a reader needs to check a line by hand, (51, Q) in thousandths."""
    medication = sum(bases.medication[:, :, COVERS.index(cover)] for cover in _MEDICAID)
    out = {f"months_{group.name}": months_of(bases, group) for group in GROUPS}
    out |= {f"months_{cover}": bases.months[:, :, COVERS.index(cover)].sum(axis=2)
            for cover in ("uninsured", "marketplace", "marketplace_full_price")}  # fmt: skip
    out["months_medication_medicaid"] = np.asarray(medication)
    return out | {name: bases.events(name) for name in _COUNTED}
