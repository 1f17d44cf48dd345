"""Queries on who the dead and the treated are: by cover, age, sex and race; see `queries` for the rules."""

from __future__ import annotations

import numpy as np

from microsim.engine.measures import MEDICAID, MOUD, OUD
from microsim.engine.tallies import CELL_NONOPIOID, CELL_OPIOID, Y_OPIOID
from microsim.experiments.targets.pairs import Pair
from microsim.experiments.targets.queries import BASELINE, Answer, query, stock
from microsim.ground.schema import AGE_BANDS, COVERS, RACES, SEXES, SUD_CLASSES

COVERED = [COVERS[code] for code in MEDICAID]
BELOW_MEDICARE = [cover for cover in COVERS if cover != "medicare"]


@query
def medicaid_share_of_deaths(pair: Pair, year: int) -> Answer:
    """Drug overdose deaths of people on Medicaid in the month of death over all, per cent, and by kind."""
    at = pair.year(year)
    opioid, others = (CELL_OPIOID,), (CELL_NONOPIOID,)
    outside = [code for code in range(len(SUD_CLASSES)) if code not in OUD]

    def share(columns: tuple[int, ...], classes: list[int] | None) -> float:
        ours, every = (
            sum(pair.cell(BASELINE, column, covers, classes)[:, at].sum() for column in columns)
            for covers in (MEDICAID, None)
        )
        return 100 * float(ours / every)

    return Answer(
        share(opioid + others, None),
        {
            "of opioid deaths with the disorder": share(opioid, OUD),
            "of opioid deaths without it": share(opioid, outside),
            "of deaths without an opioid": share(others, None),
        },
    )


@query
def medicaid_share_of_disorder(pair: Pair, year: int) -> float:
    """People with opioid use disorder who have Medicaid over all below Medicare, per cent."""
    at = pair.year(year)
    return 100 * stock(pair, BASELINE, COVERED, OUD, at) / stock(pair, BASELINE, BELOW_MEDICARE, OUD, at)


@query
def death_share(
    pair: Pair,
    year: int,
    ages: list[str] | None = None,
    sexes: list[str] | None = None,
    races: list[str] | None = None,
) -> float:
    """Opioid overdose deaths of a group over all, per cent."""
    table = pair.yearly(BASELINE, year)[..., Y_OPIOID]
    pick = np.ix_(
        [AGE_BANDS.index(one) for one in ages or AGE_BANDS],
        [SEXES.index(one) for one in sexes or SEXES],
        [RACES.index(one) for one in races or RACES],
    )
    return 100 * float(table[pick].sum() / table.sum())


@query
def medicaid_share_of_medication(pair: Pair, year: int) -> float:
    """People on medication who have Medicaid over all on medication below Medicare, per cent."""
    at = pair.year(year)
    return (
        100 * stock(pair, BASELINE, COVERED, [MOUD], at) / stock(pair, BASELINE, BELOW_MEDICARE, [MOUD], at)
    )
