"""Budget tables: sums to the dollar, provisions to the package, scores, checks and exports."""

from __future__ import annotations

import csv
from itertools import combinations
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from money_cases import crowd

from microsim.engine.finance import Money, price
from microsim.engine.saved_tallies import pack, unpack
from microsim.experiments.budget import (
    Case,
    Table,
    attribute,
    attribute_over,
    budget_tables,
    case_of,
    check_2024,
    check_medicaid_2024,
    health_values,
    score_table,
    write_csv,
    write_workbook,
)
from microsim.experiments.budget.scores import decompose
from microsim.ground.calendar import month_index
from microsim.ground.errors import InputError
from microsim.ground.parameters import load_parameters
from microsim.ground.policies import apply_policies
from microsim.ground.schema import POPULATION_MONTH, STATES

MONTHS = 132
FIRST, LAST = month_index("2025-01"), month_index("2034-12")
PAYERS = ("federal_usd", "state_usd", "total_usd", "others_usd")


@pytest.fixture(scope="module")
def case() -> Case:
    tree = load_parameters()
    law = apply_policies(tree, ["budget2025"])
    return case_of(crowd(MONTHS), crowd(MONTHS, share=0.7), tree, law, FIRST, LAST)


@pytest.fixture(scope="module")
def tables(case: Case) -> dict[str, Table]:
    return {table.name: table for table in budget_tables(case)}


@pytest.mark.parametrize("name", ["by_year", "by_fiscal_year", "by_state", "by_component"])
def test_rows_add_up_to_the_last_row(tables: dict[str, Table], name: str) -> None:
    table = tables[name]
    for column in table.columns:
        if "usd" in column and "per_person" not in column:
            values = table.column(column)
            assert sum(values[:-1]) == values[-1], column  # type: ignore[arg-type]


def test_federal_plus_state_is_total(tables: dict[str, Table]) -> None:
    for name in ("by_year", "by_fiscal_year", "by_state", "summary", "price_bases"):
        federal, state, total, _ = (tables[name].column(column) for column in PAYERS)
        assert [a + b for a, b in zip(federal, state, strict=True)] == total  # type: ignore[operator]


def test_tables_agree_with_each_other(case: Case, tables: dict[str, Table]) -> None:
    change = int(case.change.total.sum())
    assert tables["by_year"].column("total_usd")[-1] == change
    assert tables["by_state"].column("total_usd")[-1] == change
    assert tables["by_component"].column("difference_total_usd")[-1] == change
    assert tables["summary"].column("total_usd")[2] == change
    for year, state in (("by_year", "by_state"),):
        assert (
            tables[year].column("total_usd_discounted")[-1]
            == tables[state].column("total_usd_discounted")[-1]
        )
    assert tables["summary"].column("total_usd")[5] == tables["by_state"].column("total_usd_discounted")[-1]


def test_pieces_add_up_to_every_state_line(case: Case, tables: dict[str, Table]) -> None:
    pieces = tables["pieces"]
    by_state = dict(zip(tables["by_state"].column("state"), tables["by_state"].rows, strict=True))
    position = {name: pieces.columns.index(name) for name in pieces.columns}
    for state in ("OH", "TX"):
        rows = [row for row in pieces.rows if row[0] == state]
        assert sum(row[position["federal_difference_usd"]] for row in rows) == by_state[state][1]  # type: ignore[misc]
        assert sum(row[position["state_difference_usd"]] for row in rows) == by_state[state][2]  # type: ignore[misc]
    for row in pieces.rows[:500]:
        quantity, each, usd = (row[position[n]] for n in ("policy_quantity", "policy_usd_each", "policy_usd"))
        if each is not None:
            assert quantity * each == pytest.approx(usd, abs=1)  # type: ignore[operator]


def test_fiscal_years_are_whole(tables: dict[str, Table]) -> None:
    assert tables["by_fiscal_year"].column("fiscal_year") == [*range(2025, 2035), "all"]


def test_losing_cover_saves_medicaid_and_costs_others(tables: dict[str, Table]) -> None:
    lines = {row[0]: row for row in tables["by_component"].rows}
    column = tables["by_component"].columns.index
    assert lines["benefits_adult_group"][column("difference_federal_usd")] < 0  # type: ignore[operator]
    assert lines["uncompensated_care"][column("difference_others_usd")] > 0  # type: ignore[operator]
    assert lines["public_health"][column("difference_federal_usd")] < 0  # type: ignore[operator]


def arms_of(names: tuple[str, ...]) -> dict[frozenset[str], Money]:
    """Every subset lowers the adult group, with interaction."""
    tree = load_parameters()
    outlays = np.zeros((len(STATES), 6))
    last = POPULATION_MONTH + 5
    base = crowd(6)
    arms = {}
    for size in range(len(names) + 1):
        for subset in combinations(names, size):
            share = 0.9**size if "b" in subset else 0.97**size
            arms[frozenset(subset)] = price(
                crowd(6, share=share), tree, outlays, POPULATION_MONTH, last, base
            )
    return arms


def test_parts_add_up_to_the_package_in_every_cell() -> None:
    names = ("a", "b", "c")
    arms = arms_of(names)
    parts = attribute(arms)
    change = arms[frozenset(names)].minus(arms[frozenset()])
    assert np.array_equal(sum(part.amounts for part in parts.values()), change.amounts)
    assert np.array_equal(sum(part.contained for part in parts.values()), change.contained)
    assert parts["b"].total.sum() < parts["a"].total.sum() < 0
    assert parts["a"].total.sum() == pytest.approx(parts["c"].total.sum(), abs=1e5)


def test_parts_over_some_orders_add_up_and_are_the_shapley_value_of_two() -> None:
    arms = arms_of(("a", "b"))
    parts = attribute_over([["a", "b"], ["b", "a"]], arms)
    assert all(np.array_equal(parts[name].amounts, part.amounts) for name, part in attribute(arms).items())
    names = ("a", "b", "c")
    arms = arms_of(names)
    parts = attribute_over([names, names[::-1]], arms)
    change = arms[frozenset(names)].minus(arms[frozenset()])
    assert np.array_equal(sum(part.amounts for part in parts.values()), change.amounts)


def test_saved_tallies_are_the_same_to_the_last_unit() -> None:
    arms = [crowd(6), crowd(6, share=0.7)]
    for kept, arm in zip(unpack(pack(arms), "tallies"), arms, strict=True):
        assert np.array_equal(kept.monthly, arm.monthly)
        assert np.array_equal(kept.quarterly, arm.quarterly)


def test_a_missing_subset_is_named() -> None:
    arms = arms_of(("a", "b"))
    del arms[frozenset("b")]
    with pytest.raises(InputError, match="b"):
        attribute(arms)


def test_provision_table_adds_up(case: Case) -> None:
    half = case.change._replace(amounts=case.change.amounts // 2)
    rest = case.change.minus(half)
    table = next(t for t in budget_tables(case, {"one": half, "two": rest}) if t.name == "by_provision")
    for column in PAYERS:
        values = table.column(column)
        assert values[0] + values[1] == values[2]  # type: ignore[operator]


positive = st.floats(1e-3, 1e6)


@given(model=st.tuples(positive, positive, positive), score=st.tuples(positive, positive, positive))
def test_the_gap_is_the_sum_of_its_parts(
    model: tuple[float, float, float], score: tuple[float, float, float]
) -> None:
    gap = decompose(model, score)
    assert gap is not None
    parts = gap.by_people + gap.by_months + gap.by_cost
    assert parts == pytest.approx(model[2] - score[2], rel=1e-6, abs=1e-6 * max(model[2], score[2]))


def test_gap_of_people_alone() -> None:
    gap = decompose((6.0, 80.0, 6.0), (3.0, 80.0, 3.0))
    assert gap is not None and gap.by_people == pytest.approx(3.0)
    assert gap.by_months == pytest.approx(0.0) and gap.by_cost == pytest.approx(0.0)
    assert decompose((0.0, 80.0, 0.0), (3.0, 80.0, 3.0)) is None


def test_scores_stand_beside_the_model(case: Case) -> None:
    table = score_table({"community_engagement": case})
    row = dict(zip(table.columns, table.rows[0], strict=True))
    assert row["score_saving_musd"] == 325_600
    assert row["ratio"] == pytest.approx(row["model_federal_medicaid_saving_musd"] / 325_600)  # type: ignore[operator]
    people, months = row["model_people_off_medicaid_2034"], row["model_months_each"]
    product = people * months * row["model_federal_usd_a_month"] / 1e6  # type: ignore[operator]
    assert product == pytest.approx(row["model_federal_medicaid_saving_musd"])
    assert row["score_federal_usd_a_month"] == pytest.approx(715, abs=5)


def test_the_check_of_2024_says_that_it_is_not_held_out(case: Case) -> None:
    table = check_2024(case)
    row = {line[0]: dict(zip(table.columns, line, strict=True)) for line in table.rows}
    assert row["OH"]["usd_per_person_year_fy2023"] == pytest.approx(9158, abs=1)
    assert row["OH"]["usd_per_person_year_fy2024"] == pytest.approx(9662, abs=1)
    assert row["US"]["usd_per_person_year_fy2024"] == pytest.approx(8788, abs=1)
    assert "*" in table.title and "Not held out" in table.notes[0]
    assert abs(row["NC"]["miss"]) < 0.1  # type: ignore[arg-type]
    assert "adjustments" in row["UT"]["why"]  # type: ignore[operator]
    assert "TX" not in row


def test_all_of_medicaid_stands_beside_the_form(case: Case) -> None:
    table = check_medicaid_2024(case)
    published, model = table.column("published_musd"), table.column("model_musd")
    assert published[-1] == pytest.approx(903_665, abs=1)
    assert sum(model[:-1]) == pytest.approx(model[-1])  # type: ignore[arg-type]
    benefits = case.lived_baseline.amounts[:8, :, :, :3].sum() * 12 / 9 / 1e6
    assert 1.0 < model[-1] / benefits < 1.1  # type: ignore[operator]


def test_values_of_health_are_not_in_the_budget(case: Case, tables: dict[str, Table]) -> None:
    assert "health_values" not in tables
    names = health_values(case).column("measure")
    assert "value_of_lives" in names and "value_of_quality_years" in names


def test_csv_and_workbook_hold_the_same(tmp_path: Path, tables: dict[str, Table]) -> None:
    chosen = [tables[name] for name in ("by_year", "by_state", "by_component")]
    paths = write_csv(tmp_path / "csv", chosen)
    book_path = write_workbook(tmp_path / "budget.xlsx", chosen, "Budget", ["Whole US dollars."])
    book = openpyxl.load_workbook(book_path)
    assert book.sheetnames == ["notes", "by_year", "by_state", "by_component"]
    assert book["notes"]["A2"].value == "Whole US dollars."
    for path, table in zip(paths, chosen, strict=True):
        with path.open(encoding="utf-8") as file:
            lines = list(csv.reader(file))
        assert lines[0] == list(table.columns) and len(lines) == len(table.rows) + 1
        sheet = book[table.name]
        assert [cell.value for cell in sheet[3]] == list(table.columns)
        assert [cell.value for cell in sheet[4]] == list(table.rows[0])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["budget.xlsx", "csv"]


def test_text_like_a_formula_stays_text(tmp_path: Path) -> None:
    table = Table("odd", "Odd", ("text", "number"), [("=1+1", 2)])
    book = openpyxl.load_workbook(write_workbook(tmp_path / "odd.xlsx", [table], "=title"))
    assert book["odd"]["A4"].data_type == "s" and book["odd"]["A4"].value == "=1+1"


def test_two_sheets_of_one_name_are_refused(tmp_path: Path) -> None:
    table = Table("same", "Same", ("a",), [(1,)])
    with pytest.raises(InputError, match="sheets"):
        write_workbook(tmp_path / "x.xlsx", [table, table], "t")
    assert not (tmp_path / "x.xlsx").exists()
