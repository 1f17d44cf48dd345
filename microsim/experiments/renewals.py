"""Renewals of the model beside the published counts of each state, with the work requirement off.

The published shares are those of renewals due from December 2025 to April 2026. They are calibrated facts:
what is tested is that answers that differ among people still average to each state's share among the people
it has.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from microsim.engine.people import People, people_of
from microsim.engine.tables import build_tables
from microsim.ground.calendar import month_index
from microsim.ground.draws import ONE
from microsim.ground.parameters import Parameters, load_parameters
from microsim.ground.schema import COVERS, FLAG, OPIOIDS, OTHER_SUBSTANCES, POPULATION_MONTH, STATES, USES
from microsim.life.coverage import renews
from microsim.life.tables import ANSWER_CLASSES

FIRST, LAST = "2025-12", "2026-04"
OUTCOMES = ("ex_parte", "procedural", "ineligible", "pending")
_YEARLY = 0
"""Row of renewals that come once a year."""


def renewal_shares(persons: int = 1_000_000, *, parameters: Parameters | None = None) -> pd.DataFrame:
    """Outcomes of renewals due, published and expected in the model, one row a state.

    Columns are `renewals_due` and, for each of OUTCOMES, `<outcome>_published`, `<outcome>_model` and
    `<outcome>_points` (their difference in percentage points). The model is read with a loss of adults equal
    to that of all enrollees, because published counts cover all ages, and before those who are seen and answer
    come to be more among the enrolled (`medicaid.renewal.selection_*`, to which the lives themselves are held).
    Shares by income are those of the default million records; fewer hold small states less well. A renewal
    undecided at the end of its month is pending; what becomes of it later is taken out of the model's outcomes
    again, so that both count the same moment.
    """
    from synthetic_pop import default_population

    p = load_parameters() if parameters is None else parameters
    alike = ("adult_loss_factor", "selection_data", "selection_answer")
    same = p.replaced({f"medicaid.renewal.{name}": 1.0 for name in alike})
    people = people_of(default_population(persons), same)
    seen, unanswered, ineligible = expected_outcomes(same, people)
    published = {name: p.array(f"medicaid.renewal.{name}_share", "state") for name in OUTCOMES}
    # Undecided renewals are a part of those that data do not settle.
    waiting = np.minimum(published["pending"], 1.0 - seen)
    late = waiting * (1.0 - p.number("medicaid.renewal.pending_renewed_share"))
    ended = np.maximum(unanswered + ineligible, 1e-9)
    model = {
        "ex_parte": seen,
        "procedural": unanswered * (1.0 - late / ended),
        "ineligible": ineligible * (1.0 - late / ended),
        "pending": waiting,
    }
    table = pd.DataFrame({"state": STATES, "renewals_due": p.array("medicaid.renewal.renewals_due", "state")})
    for name in OUTCOMES:
        table[f"{name}_published"] = published[name]
        table[f"{name}_model"] = model[name]
        table[f"{name}_points"] = 100.0 * (model[name] - published[name])
    return table


def expected_outcomes(p: Parameters, people: People) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Expected shares of renewals settled from data, unanswered and found ineligible, each (51,).

    Averages the probabilities that a simulated life meets over the adults of each state whose cover renews;
    a state without such adults has the shares of the average adult.
    """
    months = month_index(LAST) - POPULATION_MONTH + 1
    places = build_tables([p], months).places[0, :, month_index(FIRST) - POPULATION_MONTH :]
    weights = class_weights(people)
    shares = weights / weights.sum(axis=(1, 2, 3), keepdims=True)
    answers = places["renewal_response"][:, :, _YEARLY].mean(axis=1)[:, None] / ONE
    settled = places["ex_parte"].mean(axis=1)[:, :, None, None] / ONE
    found = places["renewal_ineligible"][:, :, _YEARLY].mean(axis=1)[:, :, None, None] / ONE
    asked = shares * (1.0 - settled)

    def total(part: np.ndarray) -> np.ndarray:
        return part.sum(axis=(1, 2, 3))

    return total(shares * settled), total(asked * (1.0 - answers)), total(asked * answers * found)


def class_weights(people: People) -> np.ndarray:
    """People whose Medicaid renews, by state, usual income above or within the limit, class of answering and
    active disorder, (51, 2, ANSWER_CLASSES, 2).
    """
    records = people.records
    held = np.isin(records["cover"], [code for code in range(len(COVERS)) if renews(code)])
    chosen = records[held]
    offline = (chosen["flags"] & FLAG["internet"]) == 0
    english = (chosen["flags"] & FLAG["limited_english"]) > 0
    row = 4 * chosen["education"].astype(int) + 2 * offline + english
    active = ~np.isin(chosen["opioid"], [OPIOIDS.index("none"), OPIOIDS.index("remission")])
    for name in OTHER_SUBSTANCES:
        active |= np.isin(chosen[name], [USES.index("active"), USES.index("treated")])
    out = np.zeros((len(STATES), 2, ANSWER_CLASSES, 2))
    np.add.at(out, (chosen["state"], people.poor[held], row, active.astype(int)), chosen["weight"])
    empty = out.sum(axis=(1, 2, 3)) == 0
    out[empty] = out.sum(axis=0)
    return out
