"""Direct moments: state intercepts that put the baseline on the facts of 2024 and 2025.

Reads the targets with role `calibrate` that are parameters themselves (deaths of 2024, the adult group's
enrollment path, stocks of January 2024) and writes the intercept tables. A run without policy is lived a
few times; each time every intercept is multiplied by target over simulated value.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from microsim.engine.people import People
from microsim.engine.simulate import simulate
from microsim.engine.tables import build_tables
from microsim.engine.tallies import (
    CELL_NONOPIOID,
    CELL_OPIOID,
    CELL_PERSONS,
    COUNT,
    EXPECTED_UNIT,
    THOUSANDTHS,
    of_arm,
)
from microsim.ground.calendar import month_index
from microsim.ground.errors import InputError
from microsim.ground.files import write_whole
from microsim.ground.parameters import Parameters, data_root
from microsim.ground.policies import apply_policies
from microsim.ground.schema import COVERS, POPULATION_MONTH, STATES

Report = Callable[[str], None]

ADULT_GROUP, WAIVER = COVERS.index("adult_group"), COVERS.index("waiver_adult")
OTHER_ADULT, UNINSURED = COVERS.index("other_adult"), COVERS.index("uninsured")
PATH_END = month_index("2025-03") - POPULATION_MONTH
PATH_MIDDLE = month_index("2024-06") - POPULATION_MONTH
HOLD = month_index("2025-12") - POPULATION_MONTH
MONTHS = 24
CHECK_MONTHS = 60
BOUNDS = (0.02, 50.0)
ENTRY_LIMIT = 8.0
"""Entry above this multiple empties the eligible pool; beyond it, slower exits carry the rest."""
EXIT_POWER = 4.0

SUD_FILE = Path("sud/intercepts.csv")
FLOWS_FILE = Path("medicaid/flows_state.csv")


class Intercepts(NamedTuple):
    """State vectors of length 51 and a national number."""

    opioid: np.ndarray
    nonopioid: np.ndarray
    entry: np.ndarray
    other_adult: np.ndarray
    other_exit: np.ndarray
    employer_gain: np.ndarray
    visibility: float


IDS = {
    "opioid": "sud.intercept.opioid",
    "nonopioid": "sud.intercept.nonopioid",
    "entry": "flows.entry_intercept",
    "other_adult": "flows.other_adult_intercept",
    "other_exit": "flows.other_exit_factor",
    "employer_gain": "flows.employer_gain_factor",
}


def current(p: Parameters) -> Intercepts:
    """Intercepts of a tree."""
    states = {name: p.array(id_, "state").copy() for name, id_ in IDS.items()}
    return Intercepts(
        **states,
        visibility=p.number("medicaid.verification.visibility_shift"),
    )


def with_intercepts(p: Parameters, at: Intercepts) -> Parameters:
    """The tree with other intercepts."""
    values: dict[str, object] = {
        id_: dict(zip(STATES, map(float, getattr(at, name)), strict=True)) for name, id_ in IDS.items()
    }
    values["medicaid.verification.visibility_shift"] = float(at.visibility)
    return p.replaced(values)


def _step(at: np.ndarray, target: np.ndarray, value: np.ndarray, power: float = 1.0) -> np.ndarray:
    ratio = np.where((target > 0) & (value > 0), target / np.maximum(value, 1e-9), 1.0)
    return np.clip(at * np.clip(ratio**power, 0.2, 5.0), *BOUNDS)


def calibrate(
    p: Parameters, people: People, seed: int, threads: int, rounds: int, report: Report
) -> tuple[Parameters, list[Mapping[str, float]]]:
    """Tree with fitted intercepts, and the largest and national errors after each round."""
    history: list[Mapping[str, float]] = []
    at = current(p)
    tree = p
    start = people.records
    weights = start["weight"] / THOUSANDTHS

    def stock(cover: int) -> np.ndarray:
        held = start["cover"] == cover
        return np.bincount(start["state"][held], weights[held], len(STATES))

    path = p.array("flows.adult_group_path", "state", month=POPULATION_MONTH + PATH_END)
    waiver, other, uninsured = stock(WAIVER), stock(OTHER_ADULT), stock(UNINSURED)
    all_drugs = p.array("sud.target.deaths_all_2024", "state")
    opioid = p.array("sud.target.deaths_opioid_2024", "state")
    for round_ in range(rounds):
        total = simulate(people, build_tables([tree], MONTHS), seed, threads=threads)
        cell = of_arm(total, 0).monthly["cell"]
        persons = cell[..., CELL_PERSONS].sum(axis=3) / THOUSANDTHS
        deaths = cell[:, :12].sum(axis=(1, 2, 3)) / EXPECTED_UNIT
        group = persons[:, PATH_END, ADULT_GROUP]
        errors = {
            "opioid deaths 2024": deaths[:, CELL_OPIOID].sum() / opioid.sum() - 1,
            "other drug deaths 2024": deaths[:, CELL_NONOPIOID].sum() / (all_drugs - opioid).sum() - 1,
            "adult group 2025-03": group.sum() / path.sum() - 1,
            "adult group 2025-03, worst state": float(np.abs(group[path > 0] / path[path > 0] - 1).max()),
            "adult group 2024-06": persons[:, PATH_MIDDLE, ADULT_GROUP].sum()
            / p.array("flows.adult_group_path", "state", month=POPULATION_MONTH + PATH_MIDDLE).sum()
            - 1,
            "other adults 2025-12": persons[:, HOLD, OTHER_ADULT].sum() / other.sum() - 1,
            "uninsured 2025-12": persons[:, HOLD, UNINSURED].sum() / uninsured.sum() - 1,
        }
        history.append(errors)
        report(f"round {round_ + 1}: " + ", ".join(f"{name} {value:+.2%}" for name, value in errors.items()))
        if round_ == rounds - 1:
            break
        power = 2.0 if round_ < 3 else 1.2
        entry = _step(at.entry, path, group, power)
        entry = np.where(path > 0, entry, _step(at.entry, waiver, persons[:, PATH_END, WAIVER], power))
        short = (entry > ENTRY_LIMIT) & (path > 0)
        slower = np.clip(
            at.other_exit * np.clip(group / np.maximum(path, 1.0), 0.5, 1.0) ** EXIT_POWER, 0.02, 1.0
        )
        entry = np.minimum(entry, ENTRY_LIMIT)
        at = at._replace(
            other_exit=np.where(short, slower, at.other_exit),
            opioid=_step(at.opioid, opioid, deaths[:, CELL_OPIOID]),
            nonopioid=_step(at.nonopioid, all_drugs - opioid, deaths[:, CELL_NONOPIOID]),
            entry=entry,
            other_adult=_step(at.other_adult, other, persons[:, HOLD, OTHER_ADULT], power),
            employer_gain=_step(at.employer_gain, persons[:, HOLD, UNINSURED], uninsured, power),
        )
        tree = with_intercepts(p, at)
    at = at._replace(visibility=_visibility(tree, people, seed, threads, report))
    return with_intercepts(tree, at), history


def _visibility(p: Parameters, people: People, seed: int, threads: int, report: Report) -> float:
    """Shift of pathway visibility at which the first year of renewal checks settles the target share from data."""
    target = p.number("medicaid.verification.clear_probability")
    shift = p.number("medicaid.verification.visibility_shift")
    for _ in range(3):
        tree = apply_policies(
            p.replaced(
                {"medicaid.verification.visibility_shift": shift, "medicaid.verification.data_growth": 0.0}
            ),
            ["work-requirements"],
        )
        total = simulate(people, build_tables([tree], CHECK_MONTHS), seed, threads=threads)
        count = of_arm(total, 0).monthly["count"].sum(axis=(0, 1, 2))
        checks = count[COUNT["checks"]] - count[COUNT["application_checks"]]
        cleared = count[COUNT["cleared_from_data"]] - count[COUNT["application_cleared"]]
        share = float(cleared / checks)
        report(f"settled from data {share:.3f} at shift {shift:+.3f}")
        shift += 1.6 * (np.log(target / (1 - target)) - np.log(share / (1 - share)))
    return float(shift)


def write(p: Parameters, root: Path | None = None) -> None:
    """Write the intercept tables of a tree to the parameters folder, each whole or not at all.

    Raises InputError for one that cannot be written.
    """
    root = root or data_root()
    bodies: dict[Path, bytes] = {}
    for file, columns in (
        (SUD_FILE, {"opioid": IDS["opioid"], "nonopioid": IDS["nonopioid"]}),
        (
            FLOWS_FILE,
            {
                "entry_intercept": IDS["entry"],
                "other_adult_intercept": IDS["other_adult"],
                "other_exit_factor": IDS["other_exit"],
                "employer_gain_factor": IDS["employer_gain"],
            },
        ),
    ):
        with (root / file).open(newline="") as source:
            rows = list(csv.DictReader(source))
        for column, id_ in columns.items():
            values = p.array(id_, "state")
            for row in rows:
                row[column] = f"{values[STATES.index(row['state'])]:.5f}"
        target = io.StringIO()
        writer = csv.DictWriter(target, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        bodies[root / file] = target.getvalue().encode()
    for path, body in bodies.items():
        try:
            write_whole(path, body)
        except OSError as error:
            raise InputError(path, None, error.strerror, "a table that can be written") from None
