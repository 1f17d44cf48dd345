"""The law on a table: agreement with the scalar functions, and errors that name the column."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from rule_cases import DEFAULT, options

from microsim.ground.errors import InputError
from microsim.ground.schema import COVERS
from microsim.rules import community_engagement
from microsim.rules.columns import COLUMNS
from microsim.rules.month_status import month_status
from microsim.rules.options import Options
from microsim.rules.situation import Situation
from microsim.rules.statuses import STATUSES

MONTH = "2027-06"


def people(n: int = 3, **columns: object) -> pd.DataFrame:
    return pd.DataFrame({name: [value] * n for name, value in (DEFAULT | columns).items()})


def random_people(n: int, seed: int = 5) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = {}
    for column in COLUMNS:
        if column.kind in ("flag", "code"):
            frame[column.name] = (rng.random(n) < 0.06) * rng.integers(0, column.high + 1, n)
        elif column.kind == "months":
            low, high = (200, 800) if column.name == "age_months" else (0, 400)
            frame[column.name] = rng.integers(low, high, n)
        else:
            frame[column.name] = rng.integers(0, 120 if column.kind == "hours" else 900, n)
    frame["cover"] = rng.choice([COVERS.index("adult_group")] * 5 + list(range(len(COVERS))), n)
    return pd.DataFrame(frame)


def test_table_agrees_with_the_scalar_functions():
    frame = random_people(400)
    for state in ("OH", "NE", "TN"):
        chosen = options(f"state={state}")
        found = community_engagement(frame, MONTH, state)
        for row, status, reason in zip(
            frame.itertuples(index=False), found["status"], found["reason"], strict=True
        ):
            who = Situation(*(int(getattr(row, name)) for name in Situation._fields))
            assert STATUSES[month_status(who, chosen)] == (status, reason)


def test_compiled_and_plain_functions_agree():
    chosen = options()
    plain = getattr(month_status, "py_func", month_status)
    for row in random_people(200, seed=9).itertuples(index=False):
        who = Situation(*(int(value) for value in row))
        assert plain(who, chosen) == month_status(who, chosen)


def test_index_order_and_extra_columns_are_kept():
    frame = people().assign(hours=[0, 80, 0], name=["a", "b", "c"])
    frame.index = [10, 20, 30]
    frame = frame[frame.columns[::-1]]
    before = frame.copy()
    found = community_engagement(frame, MONTH, "OH")
    assert list(found.index) == [10, 20, 30] and list(found.columns) == ["status", "reason"]
    assert list(found["status"]) == ["noncompliant", "complies", "noncompliant"]
    pd.testing.assert_frame_equal(frame, before)


def test_no_people_is_no_error():
    assert len(community_engagement(people(0), MONTH, "OH")) == 0


def test_month_numbers_and_cover_codes_are_accepted():
    frame = people(cover=COVERS.index("adult_group"))
    assert list(community_engagement(frame, 149, "OH")["status"]) == ["noncompliant"] * 3
    assert list(community_engagement(frame, 143, "OH")["status"]) == ["not_in_force"] * 3


def test_options_as_tuple_mapping_and_state_agree():
    frame = random_people(100)
    one = community_engagement(frame, MONTH, "OH")
    pd.testing.assert_frame_equal(one, community_engagement(frame, MONTH, options()))
    pd.testing.assert_frame_equal(one, community_engagement(frame, MONTH, {"state": "OH"}))
    pd.testing.assert_frame_equal(one, community_engagement(frame, MONTH, options()._asdict()))
    strict = community_engagement(frame, MONTH, {"state": "OH", "hours_required": 0})
    assert "noncompliant" not in set(strict["status"])


def test_every_missing_column_is_named_at_once():
    frame = people().drop(columns=["sud", "hours", "medicare"])
    with pytest.raises(InputError) as caught:
        community_engagement(frame, MONTH, "OH")
    assert [problem.key for problem in caught.value.problems] == ["sud", "hours", "medicare"]
    assert all("expected a column" in line for line in str(caught.value).splitlines())


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("hours", -1), ("hours", 745), ("hours", np.nan), ("hours", "many"), ("pregnant", 2),
        ("pregnant", 0.5), ("age_months", -1), ("age_months", 2000), ("sud", 3),
        ("cover", 12), ("cover", "medicaid"),
        ("household_income", np.inf), ("seasonal_average", None), ("months_since_release", 1.5),
    ],
)  # fmt: skip
def test_impossible_values_name_column_and_range(column, value):
    frame = people().astype({column: object})
    frame.loc[1, column] = value
    with pytest.raises(InputError) as caught:
        community_engagement(frame, MONTH, "OH")
    assert caught.value.key.startswith(column) and len(caught.value.problems) == 1
    assert "\n" not in str(caught.value)


def test_telling_columns_may_not_be_constant_in_a_whole_file():
    frame = people(10_000)
    with pytest.raises(InputError) as caught:
        community_engagement(frame, MONTH, "OH")
    assert [problem.key for problem in caught.value.problems] == ["age_months", "hours", "household_income"]
    community_engagement(frame.iloc[:9_999], MONTH, "OH")


def test_repeated_columns_and_other_tables_are_refused():
    with pytest.raises(InputError, match="one column of this name"):
        community_engagement(pd.concat([people(), people()[["sud"]]], axis=1), MONTH, "OH")
    with pytest.raises(InputError, match="DataFrame"):
        community_engagement([1, 2], MONTH, "OH")


@pytest.mark.parametrize(
    "given", ["ZZ", "ohio", 3, {"state": "ZZ"}, {"hours_required": 80}, {"state": "OH", "hors_required": 1},
              {"state": "OH", "hours_required": -1}, {"state": "OH", "hours_required": "80"}],
)  # fmt: skip
def test_wrong_options_are_refused(given):
    with pytest.raises(InputError):
        community_engagement(people(), MONTH, given)


def test_wrong_month_is_refused():
    with pytest.raises(InputError, match="YYYY-MM"):
        community_engagement(people(), "2027-6", "OH")


def test_columns_are_those_of_a_situation():
    assert tuple(column.name for column in COLUMNS) == Situation._fields
    assert all(column.meaning for column in COLUMNS)
    assert "in_force" in Options._fields
