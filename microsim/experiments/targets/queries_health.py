"""Queries on substance use, treatment, overdose and death; see `queries` for the rules."""

from __future__ import annotations

import csv
from functools import cache

import numpy as np

from microsim.engine.environment import build_environment
from microsim.engine.measures import MOUD, OUD, RULE_LOSSES
from microsim.engine.tallies import (
    CELL_NONOPIOID,
    CELL_OPIOID,
    CELL_OTHER,
    CELL_OVERDOSES,
    CELL_PERSONS,
)
from microsim.experiments.targets.loading import targets_root
from microsim.experiments.targets.model import Query
from microsim.experiments.targets.pairs import Floats, Pair, places
from microsim.experiments.targets.queries import BASELINE, POLICY, Answer, query, stock
from microsim.ground.errors import InputError
from microsim.ground.parameters import Parameters
from microsim.ground.schema import (
    COVERS,
    EXIT_MONTHS,
    POPULATION_MONTH,
    SUD_CLASSES,
    TENURE_STARTS,
)

UNTREATED = [SUD_CLASSES.index("oud_untreated")]
MEDICATION = [MOUD]
MONTHS_A_YEAR = 12


@cache
def counts(table: str) -> dict[str, float]:
    """A published monthly series, `{"2024-01": count}`, from a CSV of the targets folder."""
    with (targets_root() / table).open(newline="", encoding="utf-8") as file:
        return {row["month"]: float(row["deaths"]) for row in csv.DictReader(file)}


def opioid_deaths(pair: Pair, arm: int, states: list[str] | None = None) -> Floats:
    """Expected opioid overdose deaths by month lived."""
    return np.asarray(pair.cell(arm, CELL_OPIOID, None, None)[places(states)].sum(axis=0))


def drug_deaths(pair: Pair, arm: int, covers: list[int] | None = None) -> Floats:
    """Expected drug overdose deaths by month lived."""
    both = pair.cell(arm, CELL_OPIOID, covers, None) + pair.cell(arm, CELL_NONOPIOID, covers, None)
    return np.asarray(both.sum(axis=0))


def _scaled(pair: Pair, table: str) -> tuple[Floats, dict[str, float]]:
    """Opioid deaths by month on the scale of a published series, whose 2024 total is met by definition."""
    published = counts(table)
    total = sum(value for month, value in published.items() if month.startswith("2024"))
    values = opioid_deaths(pair, BASELINE)
    return values * (total / values[pair.year(2024)].sum()), published


@query
def tracking_error(pair: Pair, table: str, year: int) -> float:
    """Root mean square of the relative error by month in a year, per cent; the total of 2024 is matched."""
    values, published = _scaled(pair, table)
    months = [month for month in published if month.startswith(str(year))]
    errors = [values[pair.position(month)] / published[month] - 1 for month in months]
    return 100 * float(np.sqrt(np.mean(np.square(errors))))


@query
def held_out_deaths(pair: Pair, table: str, first: str, last: str) -> Answer:
    """Deaths from `first` to `last` on the scale of a published series, and the error beside no change."""
    values, published = _scaled(pair, table)
    months = [month for month in published if first <= month <= last]
    total = float(sum(values[pair.position(month)] for month in months))
    truth = sum(published[month] for month in months)
    before = {month[5:]: value for month, value in published.items() if month.startswith("2024")}
    same = sum(before[month[5:]] for month in months)
    return Answer(
        total,
        {
            "error, per cent": 100 * (total / truth - 1),
            "error of no change, per cent": 100 * (same / truth - 1),
        },
    )


@query
def opioid_deaths_of(pair: Pair, year: int) -> float:
    """Opioid overdose deaths of a year in the baseline."""
    return float(opioid_deaths(pair, BASELINE)[pair.year(year)].sum())


@query
def overdose_deaths(pair: Pair, year: int) -> float:
    """Drug overdose deaths of a year in the baseline."""
    return float(drug_deaths(pair, BASELINE)[pair.year(year)].sum())


@query
def medication_stock(pair: Pair, month: str) -> float:
    """People on medication for opioid use disorder in a month of the baseline."""
    at = pair.position(month)
    return stock(pair, BASELINE, None, MEDICATION, slice(at, at + 1))


@query
def disorder_stock(pair: Pair, month: str) -> float:
    """Adults with an opioid use disorder in a month of the baseline."""
    at = pair.position(month)
    return stock(pair, BASELINE, None, OUD, slice(at, at + 1))


@query
def medication_receipt(pair: Pair, year: int, covers: list[str] | None = None) -> float:
    """People on medication over people with opioid use disorder, average of a year, per cent."""
    at = pair.year(year)
    return 100 * stock(pair, BASELINE, covers, MEDICATION, at) / stock(pair, BASELINE, covers, OUD, at)


@query
def receipt_odds(pair: Pair, year: int, covers: list[str], against: list[str]) -> float:
    """Odds of being on medication with `covers` over those with `against`."""
    one = medication_receipt(pair, year, covers) / 100
    other = medication_receipt(pair, year, against) / 100
    return one / (1 - one) / (other / (1 - other))


@query
def treatment_starts(pair: Pair, year: int) -> float:
    """Starts of medication a month, average of a year."""
    return float(pair.count(BASELINE, "treatment_starts")[:, pair.year(year)].sum()) / MONTHS_A_YEAR


@query
def retention(pair: Pair, drug: str, months: int) -> float:
    """People still on a medication after `months` while cover is kept, per cent, from the hazard table."""
    stop = pair.trees[BASELINE].array("sud.treatment.stop_probability", "drug", "tenure")
    drugs = ["buprenorphine", "methadone", "xr_naltrexone"]
    return 100 * float(
        np.prod([1 - stop[drugs.index(drug), _tenure(month)] for month in range(1, months + 1)])
    )


def _tenure(month: int) -> int:
    return max(row for row, start in enumerate(TENURE_STARTS) if start <= month)


def death_rate(pair: Pair, classes: list[int], at: slice, columns: tuple[int, ...]) -> float:
    """Expected deaths a person-year of substance classes in the baseline."""
    deaths = sum(pair.cell(BASELINE, column, None, classes)[:, at].sum() for column in columns)
    return float(deaths / (pair.cell(BASELINE, CELL_PERSONS, None, classes)[:, at].sum() / MONTHS_A_YEAR))


@query
def overdose_mortality(pair: Pair, year: int, on_medication: bool) -> float:
    """Opioid overdose deaths for 1,000 person-years, on medication or with an untreated disorder."""
    return 1000 * death_rate(
        pair, MEDICATION if on_medication else UNTREATED, pair.year(year), (CELL_OPIOID,)
    )


@query
def mortality_ratio(pair: Pair, year: int, all_causes: bool) -> float:
    """Deaths a person-year on medication over those with an untreated disorder."""
    columns = (CELL_OPIOID, CELL_NONOPIOID, CELL_OTHER) if all_causes else (CELL_OPIOID,)
    at = pair.year(year)
    return death_rate(pair, MEDICATION, at, columns) / death_rate(pair, UNTREATED, at, columns)


@query
def exit_ratio(pair: Pair, drug: str) -> float:
    """Overdose rate in the first month after leaving a medication over that while on it."""
    p = pair.trees[BASELINE]
    return float(_exit(p)[0] / p.array("sud.overdose.medication_factor", "drug")[_drug(drug)])


@query
def induction_ratio(pair: Pair) -> float:
    """Overdose rate in the first month on methadone over later months on it."""
    return pair.trees[BASELINE].number("sud.overdose.methadone_induction_factor")


def _drug(drug: str) -> int:
    return ("buprenorphine", "methadone", "xr_naltrexone").index(drug)


def _exit(p: Parameters) -> Floats:
    return p.array("sud.overdose.exit_factor", "exit_month")


@query
def visits_for_each_death(pair: Pair, year: int) -> float:
    """Nonfatal opioid overdoses seen in an emergency department for each drug overdose death."""
    at = pair.year(year)
    seen = pair.count(BASELINE, "overdoses_treated")[:, at].sum()
    # Those that only an ambulance saw are in the count and not in the published visits.
    share = pair.trees[BASELINE].number("finance.acute.visit_share")
    return float(share * seen / drug_deaths(pair, BASELINE)[at].sum())


@query
def nonfatal_for_each_death(pair: Pair, year: int) -> float:
    """Nonfatal opioid overdoses for each fatal one."""
    at = pair.year(year)
    every = pair.cell(BASELINE, CELL_OVERDOSES, None, None)[:, at].sum()
    return float(every / opioid_deaths(pair, BASELINE)[at].sum() - 1)


@query
def medication_change(pair: Pair, month: str) -> Answer:
    """People on medication under the policy less the baseline, over the baseline, in a month, per cent.

    The parts, of the same people: how many lost Medicaid at a renewal up to the month, and what stops for
    lost cover, starts and other stops did; the last three add up to the change.
    """
    at = slice(pair.position(month), pair.position(month) + 1)
    until = slice(0, pair.position(month) + 1)
    base = stock(pair, BASELINE, None, MEDICATION, at)
    change = 100 * (stock(pair, POLICY, None, MEDICATION, at) - base) / base

    def more(names: tuple[str, ...], classes: list[int] | None) -> float:
        ours, theirs = (
            sum(pair.count(arm, name, classes)[:, until].sum() for name in names)
            for arm in (BASELINE, POLICY)
        )
        return 100 * float(theirs - ours) / base

    lost = more(("loss_renewal_procedural", "loss_renewal_ineligible"), MEDICATION)
    stops, starts = more(("treatment_exits_coverage",), None), more(("treatment_starts",), None)
    return Answer(
        change,
        {
            "lost Medicaid at a renewal": lost,
            "fewer by stops for lost cover": -stops,
            "by starts": starts,
            "by fewer other stops": change + stops - starts,
        },
    )


@query
def starts_change(pair: Pair, year: int, reverse: bool = False) -> float:
    """Starts of medication, policy over baseline less one, per cent; `reverse` turns them round."""
    at = pair.year(year)
    ours, theirs = (pair.count(arm, "treatment_starts")[:, at].sum() for arm in (BASELINE, POLICY))
    return 100 * float(ours / theirs - 1 if reverse else theirs / ours - 1)


@query
def death_ratio(
    pair: Pair, first: str, last: str, states: list[str] | None = None, reverse: bool = False
) -> Answer:
    """Opioid deaths under the policy over the baseline in some months and states, and the ratio of kits."""
    at = slice(pair.position(first), pair.position(last) + 1)
    ours, theirs = (opioid_deaths(pair, arm, states)[at].sum() for arm in (BASELINE, POLICY))
    kits = [_kits(pair, arm)[places(states)][:, at].sum() for arm in (BASELINE, POLICY)]
    ratio = float(ours / theirs if reverse else theirs / ours)
    return Answer(ratio, {"kits, policy over baseline": float(kits[1] / kits[0])})


@query
def death_rate_change(pair: Pair, year: int, reverse: bool = False) -> float:
    """Drug overdose deaths for 100,000 people under the policy less the baseline in a year."""
    at = pair.year(year)
    ours, theirs = (drug_deaths(pair, arm)[at].sum() for arm in (BASELINE, POLICY))
    people = pair.cell(BASELINE, CELL_PERSONS, None, None)[:, at].sum() / MONTHS_A_YEAR
    return float((ours - theirs if reverse else theirs - ours) / people * 1e5)


def _kits(pair: Pair, arm: int) -> Floats:
    return build_environment(pair.trees[arm], POPULATION_MONTH, POPULATION_MONTH + pair.months - 1).kits


@query
def kits_for_each_death(pair: Pair, first: str, last: str) -> float:
    """Kits that the policy adds for each opioid death it avoids."""
    at = slice(pair.position(first), pair.position(last) + 1)
    kits = (_kits(pair, POLICY) - _kits(pair, BASELINE))[:, at].sum()
    deaths = (opioid_deaths(pair, BASELINE) - opioid_deaths(pair, POLICY))[at].sum()
    return float(kits / deaths)


@query
def shock_fall(pair: Pair) -> float:
    """Largest fall of monthly opioid deaths under the policy, per cent of the baseline."""
    return 100 * float(1 - _shock(pair).min())


@query
def shock_left(pair: Pair, months: int) -> float:
    """Distance of monthly opioid deaths from the baseline so many months after the trough, per cent.

    The trough is among the months that have so many after them: in some draws deaths are lowest at the end.
    """
    ratio = _shock(pair)
    return 100 * float(abs(1 - ratio[int(ratio[: len(ratio) - months].argmin()) + months]))


def _shock(pair: Pair) -> Floats:
    return opioid_deaths(pair, POLICY) / opioid_deaths(pair, BASELINE)


@query
def coverage_stops(pair: Pair, year: int) -> Answer:
    """People who stop medication because cover was lost, more than in the baseline, in a year."""

    def more(names: tuple[str, ...], classes: list[int] | None) -> float:
        both = [np.sum([pair.count(arm, name, classes) for name in names], axis=0) for arm in (BASELINE, POLICY)]
        return float((both[POLICY] - both[BASELINE])[:, pair.year(year)].sum())

    stops = more(("treatment_exits_coverage",), None)
    lost = more(tuple(f"loss_{reason}" for reason in RULE_LOSSES), MEDICATION)
    parts = {"losses to the work rule on medication": lost}
    return Answer(stops, {**parts, "stops for 100 of them": 100 * stops / lost} if lost else parts)


@query
def memo_deaths(pair: Pair, people: int, risk_on: float, ratio: float, year: int, later: int) -> Answer:
    """Deaths in a year when so many people on medication in the adult group all stop and nobody returns.

    Rates are simulated, at the lethality of `year`. Parts lead from the study's figure, `risk_on` deaths a
    person-year on medication times `ratio` off it, to the model with ordinary stopping in `later`.
    """
    p = pair.trees[BASELINE]
    spike = _spike(p)
    on, off = _group_rates(pair, year)
    on_later, off_later = _group_rates(pair, later)
    study = people * risk_on * (ratio - 1)
    everyone = people * (off * spike - on)
    today = people * (off_later * spike - on_later)
    kept = float(
        np.prod(
            [1 - p.array("sud.treatment.stop_probability", "drug", "tenure")[0, 2]] * (MONTHS_A_YEAR // 2)
        )
    )
    share = p.number("sud.treatment.coverage_stop_probability")
    return Answer(
        everyone,
        {
            "the study's own arithmetic": study,
            "from the level of risk on medication": people * (on - risk_on) * (ratio - 1),
            "from the ratio off to on medication": people * on * (off / on - ratio),
            "from the months after leaving": people * off * (spike - 1),
            f"at the lethality of {later}": today,
            "... where some would have stopped anyway": today * kept,
            "... and only those stop who lose treatment with cover": today * kept * share,
        },
    )


def _spike(p: Parameters) -> float:
    """Mean overdose rate of the year after stopping for lost cover, relative to an untreated disorder."""
    months = _exit(p).copy()
    months[0] = p.number("sud.overdose.exit_factor_coverage")
    return float((months.sum() + MONTHS_A_YEAR - len(EXIT_MONTHS)) / MONTHS_A_YEAR)


def _group_rates(pair: Pair, year: int) -> tuple[float, float]:
    """Opioid deaths a person-year of the adult group on medication, and with an untreated disorder."""
    covers, at = [COVERS.index("adult_group")], pair.year(year)
    rates = []
    for classes in (MEDICATION, UNTREATED):
        deaths = pair.cell(BASELINE, CELL_OPIOID, covers, classes)[:, at].sum()
        months = pair.cell(BASELINE, CELL_PERSONS, covers, classes)[:, at].sum()
        if not months:
            raise InputError(None, "adult group", 0, "people on medication and off it")
        rates.append(float(deaths / (months / MONTHS_A_YEAR)))
    return rates[0], rates[1]


@query
def deaths_added(pair: Pair, first: str, last: str) -> float:
    """Opioid overdose deaths under the policy less the baseline."""
    at = slice(pair.position(first), pair.position(last) + 1)
    return float((opioid_deaths(pair, POLICY) - opioid_deaths(pair, BASELINE))[at].sum())


DIFFERENCES = {
    "adult_group_fall_2028": Query.of("group_fall", year=2028),
    "more_uninsured_2034": Query.of("more_uninsured", year=2034),
    "federal_saving_busd": Query.of("federal_saving", first=2025, last=2034),
    "stops_for_cover_2028": Query.of("coverage_stops", year=2028),
    "opioid_deaths_added": Query.of("deaths_added", first="2025-01", last="2034-12"),
}
"""Headline differences of a policy over 2025 to 2034."""
