"""How the kernel counts: changes of stocks and expected events by class, years gathered, events one by one.

People and expected deaths from other causes, which stay the same through most months, are kept as changes and
summed when a state is finished; yearly tallies are gathered and written when their row ends.
"""

from __future__ import annotations

import numpy as np

from microsim.engine.tallies import (
    C_APPLICATION_CHECKS,
    C_APPLICATION_CLEARED,
    C_APPLICATIONS,
    C_BIRTHS,
    C_CHECKS,
    C_CLEARED,
    C_ENTERED,
    C_EVER_LOST,
    C_EX_PARTE,
    C_EXITS,
    C_EXITS_COVERAGE,
    C_FAILED,
    C_HEARINGS,
    C_NONOPIOID_DEATHS,
    C_NOTICES,
    C_OPIOID_DEATHS,
    C_OTHER_DEATHS,
    C_OVERDOSES,
    C_RECONSIDERED,
    C_RENEWALS,
    C_REVERSED,
    C_STARTS,
    C_TREATED,
    CELL_NONOPIOID,
    CELL_OPIOID,
    CELL_OTHER,
    CELL_OVERDOSES,
    CELL_PERSONS,
    COST_AGES,
    COST_SUD,
    LEAK_FIRST,
    LOSS_FIRST,
    Y_ADULT_GROUP,
    Y_EXITS,
    Y_LOSSES,
    Y_MEDICAID,
    Y_MOUD,
    Y_NONOPIOID,
    Y_OPIOID,
    Y_OTHER,
    Y_OUD,
    Y_OVERDOSES,
    Y_PERSON,
    Y_UNINSURED,
    YEAR,
)
from microsim.ground.compiled import compiled, int64
from microsim.ground.schema import COVERS, SUD_CLASSES
from microsim.life import coverage
from microsim.life.readings import SUD_OUD_MEDICATION
from microsim.life.state import ADULT_GROUP, HEARING_ASKED, HEARING_WON, UNINSURED

YEAR_MONTHS = 12
QUARTER_MONTHS = 3
_KINDS, _SUDS, _AGES = len(COVERS), len(SUD_CLASSES), len(COST_AGES)
STOCKS = _KINDS * _SUDS * 2 * _AGES
"""Classes of a person between which stocks move: cover, substance class, disability, age."""
CHANGE = np.dtype([(name, np.int64) for name in ("persons", "other")])
"""Of a stock and month: changes of persons and of expected deaths from other causes."""
CHANCE = np.dtype([(name, np.int64) for name in ("overdoses", "opioid", "nonopioid")])
"""Of a stock and month: expected overdoses and drug deaths. Apart, as most months touch these alone."""
MARK = np.dtype(
    [
        ("stock", np.int64), ("natural", np.int64),  # where the person is counted; -1 nowhere
        ("alive", np.int64),
        ("deaths", np.int64),  # by which its opioid deaths of the year differ from the first arm's
        ("year", np.int64, (len(YEAR),)),
    ]
)  # fmt: skip
"""What is kept of the present person by slot of the tallies.

Records, unlike arrays, cost the compiled month no counting of references.
"""


@compiled(_nrt=False)
def stock_of(kind, sud, disabled, age_months):
    """Position of a person among STOCKS."""
    years = age_months // YEAR_MONTHS
    age = 0 if years < 19 else (1 if years < 45 else (2 if years < 65 else 3))
    return ((kind * _SUDS + sud) * 2 + disabled) * _AGES + age


@compiled(_nrt=False)
def stand(mark, stock, natural, slot, t, weight, stocks):
    """Count a person in a stock, with an expected number of other deaths a month, from month `t` on."""
    if mark.stock == stock and mark.natural == natural:
        return
    if mark.stock >= 0:
        leave(mark, stocks[slot, mark.stock, t], weight)
    change = stocks[slot, stock, t]
    change.persons += weight
    change.other += natural
    stocks[slot, stock, -1].persons = 1
    mark.stock, mark.natural = stock, natural


@compiled(_nrt=False)
def leave(mark, change, weight):
    """Take a person out of the marked stock from the month of `change` on."""
    change.persons -= weight
    change.other -= mark.natural
    mark.stock = -1


@compiled(forceinline=False, _nrt=False)
def settle(stocks, chances, monthly, quarterly, place):
    """Sum the changes of one state into its tallies, by slot, and clear them."""
    months = monthly.shape[2]
    for slot in range(stocks.shape[0]):
        for stock in range(STOCKS):
            if not stocks[slot, stock, -1].persons:
                continue
            kind, rest = stock // (_SUDS * 2 * _AGES), stock % (_SUDS * 2 * _AGES)
            sud, cost = rest // (2 * _AGES), cost_class(rest % (2 * _AGES), rest // (2 * _AGES))
            persons, natural = int64(0), int64(0)
            for t in range(months):
                change, chance = stocks[slot, stock, t], chances[slot, stock, t]
                persons += change.persons
                natural += change.other
                cell = monthly[slot, place, t].cell[kind, sud]
                cell[CELL_OPIOID] += chance.opioid
                if persons:
                    cell[CELL_PERSONS] += persons
                    cell[CELL_OTHER] += natural
                    cell[CELL_OVERDOSES] += chance.overdoses
                    cell[CELL_NONOPIOID] += chance.nonopioid
                    quarterly[slot, place, t // QUARTER_MONTHS].money[kind, cost] += persons
                chance.overdoses = chance.opioid = chance.nonopioid = 0
            for t in range(months + 2):
                stocks[slot, stock, t].persons = stocks[slot, stock, t].other = 0


@compiled(_nrt=False)
def cost_class(cost, sud):
    """Position in tallies.COST_CLASSES of a disability and age, as in STOCKS, and a substance class."""
    disabled, age = cost // _AGES, cost % _AGES
    use = 2 if 2 <= sud <= 4 else (1 if sud == 1 else 0)
    return (age * 2 + disabled) * len(COST_SUD) + use


@compiled(_nrt=False)
def tally_child(kind, weight, mark):
    """Count months of a child, who has no dynamics before 18; `weight` is that of all of them."""
    row = mark.year
    row[Y_PERSON] += weight
    if coverage.is_medicaid(kind):
        row[Y_MEDICAID] += weight
    elif kind == UNINSURED:
        row[Y_UNINSURED] += weight


@compiled(_nrt=False)
def tally_quiet(kind, sud, months, weight, overdoses, opioid, nonopioid, natural, mark):
    """Add months without events to one row of a yearly tally; expected events are those of all of them."""
    row = mark.year
    row[Y_PERSON] += weight * months
    if coverage.is_medicaid(kind):
        row[Y_MEDICAID] += weight * months
        if kind == ADULT_GROUP:
            row[Y_ADULT_GROUP] += weight * months
    elif kind == UNINSURED:
        row[Y_UNINSURED] += weight * months
    if 2 <= sud <= 4:
        row[Y_OUD] += weight * months
        if sud == SUD_OUD_MEDICATION:
            row[Y_MOUD] += weight * months
    row[Y_OVERDOSES] += overdoses
    row[Y_OPIOID] += opioid
    row[Y_NONOPIOID] += nonopioid
    row[Y_OTHER] += natural * months


@compiled(forceinline=False, _nrt=False)
def write_year(marks, band, sex, race, stratum, group, slot, yearly, place, year):
    """Add what was gathered of a year to its rows, in the slot and in the arms living along, and clear it."""
    mark = marks[slot]
    if mark.year[Y_PERSON]:
        row, error = yearly[slot, place, year].people, yearly[slot, place, year].error
        for at in range(len(YEAR)):
            row[band, sex, race, at] += mark.year[at]
            error[stratum, group, at] += mark.year[at]
            mark.year[at] = 0
    for arm in range(len(marks) - 1):
        more = marks[arm].deaths
        if more:
            yearly[arm, place, year].people[band, sex, race, Y_OPIOID] += more
            yearly[arm, place, year].error[stratum, group, Y_OPIOID] += more
            marks[arm].deaths = 0


@compiled(_nrt=False)
def tally_year(kind, sud, events, weight, overdoses, opioid, nonopioid, other, mark):
    """Add a month to one row of a yearly tally."""
    tally_quiet(kind, sud, 1, weight, overdoses, opioid, nonopioid, other, mark)
    row = mark.year
    if coverage.is_counted(events.loss):
        row[Y_LOSSES] += weight
    if events.treatment_exit == 2:
        row[Y_EXITS] += weight


@compiled(_nrt=False)
def tally_events(events, weight, count):
    """Add realised events of a month to a row of counts."""
    if events.loss:
        count[LOSS_FIRST + events.loss] += weight
        if events.leak:
            count[LEAK_FIRST + events.leak] += weight
        if events.first_loss:
            count[C_EVER_LOST] += weight
    if events.entered:
        count[C_ENTERED] += weight
    if events.renewed:
        count[C_RENEWALS] += weight
        if events.ex_parte:
            count[C_EX_PARTE] += weight
    if events.checked:
        count[C_CHECKS] += weight
        if events.cleared:
            count[C_CLEARED] += weight
        if events.noticed:
            count[C_NOTICES] += weight
        if events.applied:
            count[C_APPLICATION_CHECKS] += weight
            if events.cleared:
                count[C_APPLICATION_CLEARED] += weight
        if events.failed:
            count[C_FAILED] += weight
    if events.applied:
        count[C_APPLICATIONS] += weight
        if events.reconsidered:
            count[C_RECONSIDERED] += weight
    if events.hearing == HEARING_ASKED:
        count[C_HEARINGS] += weight
    elif events.hearing == HEARING_WON:
        count[C_REVERSED] += weight
    if events.treatment_start:
        count[C_STARTS] += weight
    if events.treatment_exit:
        count[C_EXITS] += weight
        if events.treatment_exit == 2:
            count[C_EXITS_COVERAGE] += weight
    if events.birth:
        count[C_BIRTHS] += weight
    if events.overdose:
        count[C_OVERDOSES] += weight
        if events.overdose_treated:
            count[C_TREATED] += weight
    if events.died_opioid:
        count[C_OPIOID_DEATHS] += weight
    elif events.died_nonopioid:
        count[C_NONOPIOID_DEATHS] += weight
    elif events.died_other:
        count[C_OTHER_DEATHS] += weight
