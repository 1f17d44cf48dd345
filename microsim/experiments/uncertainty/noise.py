"""Simulation noise of the full run: from its own random groups, or from groups of the subsample."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from microsim.engine import tallies
from microsim.engine.summary import years_of
from microsim.engine.tallies import EXPECTED_UNIT, THOUSANDTHS, Tallies
from microsim.experiments.uncertainty.outcomes import ROW, TALLIED, Block, priced, slot_change
from microsim.experiments.uncertainty.sample import Arm, Sample, lived, tables_of
from microsim.experiments.uncertainty.spread import Bench
from microsim.ground.schema import RANDOM_GROUPS, STATES

KEPT = {
    "opioid_overdose_deaths": ({tallies.Y_OPIOID: 1}, EXPECTED_UNIT),
    "overdose_deaths": ({tallies.Y_OPIOID: 1, tallies.Y_NONOPIOID: 1}, EXPECTED_UNIT),
    "overdoses_nonfatal": ({tallies.Y_OVERDOSES: 1, tallies.Y_OPIOID: -1}, EXPECTED_UNIT),
    "deaths_other": ({tallies.Y_OTHER: 1}, EXPECTED_UNIT),
    "treatment_exits_coverage": ({tallies.Y_EXITS: 1}, THOUSANDTHS),
    "uninsured_person_months": ({tallies.Y_UNINSURED: 1}, THOUSANDTHS),
}
"""Measures that the full run keeps by random group and calendar year: signs of columns, and unit."""


def standard_errors(
    bench: Bench,
    arms: Sequence[Arm],
    full: Sequence[Tallies],
    threads: int = 2,
    records: np.ndarray | None = None,
) -> Block:
    """Standard error of each number of a block from the luck of lives and of who is in the records.

    `full` holds the tallies of both arms of the full run. Numbers it does not keep by group are lived
    once more on the subsample, in as many groups, with weights that carry the variance of the full run:
    that of `records` (51,), its records by state, or none where the subsample was taken from its people.
    """
    out = _from_sample(bench, arms, full, threads, records)
    whole_years = [number for number, (a, b) in enumerate(bench.window.spans) if a % 12 == 0 and b % 12 == 11]
    own = _from_run(bench, full)
    for name in KEPT:
        out[ROW[name]][:, whole_years] = own[name][:, whole_years]
    return out


def _from_run(bench: Bench, full: Sequence[Tallies]) -> dict[str, np.ndarray]:
    """(51, 1 + years) by measure of `KEPT`."""
    ours, theirs = (arm.yearly["error"] for arm in full)
    years = [first // 12 for _, first, _ in years_of(bench.window.first, bench.window.last)]
    change = (theirs - ours)[:, years]
    out = {}
    for name, (columns, unit) in KEPT.items():
        values = sum(sign * change[..., column] for column, sign in columns.items()) / unit
        out[name] = group_error(np.concatenate([values.sum(axis=1, keepdims=True), values], axis=1))
    return out


def group_error(values: np.ndarray) -> np.ndarray:
    """Standard error of sums over strata and groups, the last two axes.

    Groups are drawn person by person, so strata are independent: their variances add up to that of the
    whole, and are less uncertain than one variance between twenty totals.
    """
    return np.asarray(np.sqrt(values.shape[-1] * values.var(axis=-1, ddof=1).sum(axis=-1)))


def carrying(sample: Sample, records: np.ndarray | None) -> np.ndarray:
    """Weights, int64 (n,), under which the sample's variance is that of a run of so many records by state.

    A record of weight w stands for w / own records of the run, of weight `own` and each with its own luck, so
    their variance is w * own times that of one life.
    """
    if records is None:
        own = sample.weights / sample.steps
    else:
        state = sample.people.records["state"]
        whole = np.bincount(state, sample.weights, len(STATES))
        own = np.divide(whole, records, out=np.zeros(len(STATES)), where=records > 0)[state]
    return np.rint(np.sqrt(sample.weights * own)).astype(np.int64)


def _from_sample(
    bench: Bench, arms: Sequence[Arm], full: Sequence[Tallies], threads: int, records: np.ndarray | None
) -> Block:
    tables = tables_of(arms, bench.window.months)
    sample = bench.sample
    group = np.arange(len(sample.weights)) % RANDOM_GROUPS
    alike = sample._replace(weights=carrying(sample, records))

    def one(number: int) -> Block:
        total = lived(alike.part(group == number), tables, bench.seed)
        rows = slot_change(total, 1, bench.window)
        if not bench.money:
            return rows
        money = [
            priced(arm.tree, tallies.of_arm(total, row), bench.window, full[row])
            for row, arm in enumerate(arms)
        ]
        return np.concatenate([rows, money[1] - money[0]])

    with ThreadPoolExecutor(max(1, threads)) as pool:
        groups = np.stack(list(pool.map(one, range(RANDOM_GROUPS))))
    errors = np.sqrt(RANDOM_GROUPS * groups.var(axis=0, ddof=1))
    if len(errors) == len(TALLIED):
        empty = np.zeros((len(ROW) - len(errors), *errors.shape[1:]))
        errors = np.concatenate([errors, empty])
    return errors
