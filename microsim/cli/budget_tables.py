"""Budget tables on a terminal: the columns a reader asks for first, in million USD."""

from __future__ import annotations

from collections.abc import Sequence

import click

from microsim.cli.tables import print_table
from microsim.experiments.budget.sheets import Cell, Table, ratio

MILLION = 1e6
_PAYERS = ("federal_usd", "state_usd", "total_usd")
VIEWS: dict[str, tuple[str, ...]] = {
    "summary": ("amounts", "arm", *_PAYERS, "others_usd"),
    "by_year": ("year", *_PAYERS, "total_usd_discounted"),
    "by_fiscal_year": ("fiscal_year", *_PAYERS, "total_usd_discounted"),
    "by_provision": ("provision", *_PAYERS, "others_usd"),
    "by_component": ("component", *(f"difference_{name}" for name in (*_PAYERS, "others_usd"))),
    "by_state": ("state", *_PAYERS, "persons_ever_lost"),
    "check_medicaid_2024": ("state", "published_musd", "model_musd", "ratio"),
    "health_values": ("measure", "value", "unit"),
    "state_line": ("component", "federal_difference_usd", "state_difference_usd", "difference_usd",
                   "others_difference_usd"),
}  # fmt: skip
"""Columns of a table on a terminal; files hold all."""
_EXACT = ("state_line", "state_benefits", "state_prices")
_WHOLE = 1000
"""From here on numbers are shown without decimals."""
_NAMES = {
    "federal_usd": "federal", "state_usd": "state", "total_usd": "total", "others_usd": "others",
    "total_usd_discounted": "total, discounted", "persons_ever_lost": "people who lost cover",
    "published_musd": "published", "model_musd": "model",
}  # fmt: skip
_SHORT = ("summary", "by_year", "by_fiscal_year", "by_provision", "by_component", "by_state")


def print_budget(tables: Sequence[Table], names: Sequence[str] = ()) -> None:
    """Print the tables a reader asks for first, or those of `names` with all their columns.

    Raises InputError for a name that no table has.
    """
    by_name = {table.name: table for table in tables}
    if names:
        from microsim.ground.errors import Problems, unknown_name

        problems = Problems()
        for name in names:
            if name not in by_name:
                problems.add(unknown_name("--table", None, name, by_name, "a table"))
        problems.finish()
        for name in names:
            _print(by_name[name], by_name[name].columns)
        return
    if "state_line" in by_name:
        _print_state(by_name)
        return
    for name in _SHORT:
        if name in by_name:
            _print(by_name[name], VIEWS[name])
    _print_ratios(by_name["ratios"])
    if "scores" in by_name:
        _print_scores(by_name["scores"])
    else:
        click.echo("No published score stands beside it: it needs every state, all months of fiscal years "
                   "2025 to 2034, and a section with a score.\n")  # fmt: skip
    _print_check(by_name["check_fy2024"])
    medicaid = by_name["check_medicaid_2024"]
    _print(medicaid._replace(rows=medicaid.rows[-1:]), VIEWS[medicaid.name])
    if "health_values" in by_name:
        _print(by_name["health_values"], VIEWS["health_values"])


def _print(table: Table, columns: Sequence[str]) -> None:
    """A table with some of its columns; dollars in millions unless a reader multiplies them."""
    exact = table.name in _EXACT
    places = [table.columns.index(column) for column in columns]
    headings = [(_heading(column), "left" if _is_text(table, column) else "right") for column in columns]
    if table.name == "state_line":
        headings[0] = (headings[0][0], "wide")
    rows = [
        [_text(table.columns[place], row[place], exact) for place in places] for row in table.rows
    ]
    unit = "" if exact or not any("usd" in column for column in columns) else ", million USD"
    print_table(headings, rows, table.title + unit)
    for note in table.notes:
        click.echo(f"  {note}")
    click.echo()


def _heading(column: str) -> str:
    if column == "difference_usd":
        return "all payers"
    plain = column.removeprefix("difference_").replace("_difference_usd", "_usd")
    return _NAMES.get(plain, column.replace("_musd", "").replace("_usd", "").replace("_", " "))


def _is_text(table: Table, column: str) -> bool:
    return any(isinstance(cell, str) for cell in table.column(column)[:1])


def _text(column: str, cell: Cell, exact: bool = False) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell.replace("_", " ") if column in ("component", "quantity") else cell
    if column in ("year", "fiscal_year", "months"):
        return str(cell)
    each = any(word in column for word in ("each", "per_person", "average", "taken_out"))
    if "usd" in column and "musd" not in column and not exact and not each:
        return f"{cell / MILLION:,.0f}"
    if column in ("miss", "ratio", "federal_share", "mix", "growth_index"):
        return f"{cell:.4f}"
    if isinstance(cell, int) or abs(cell) >= _WHOLE:
        return f"{cell:,.0f}"
    return f"{cell:,.2f}" if abs(cell) >= 1 or cell == 0 else f"{cell:.4g}"


def _print_ratios(table: Table) -> None:
    rows = []
    for row in table.rows:
        cell = dict(zip(table.columns, row, strict=True))
        names = ("number", "federal_saved_usd", "state_saved_usd", "total_saved_usd")
        rows.append((str(cell["label"]), *(_text("each", cell[name]) for name in names)))
    headings = [("per", "wide"), *((name, "right") for name in ("number", "federal", "state", "total"))]
    print_table(headings, rows, f"{table.title}, USD saved")
    for note in table.notes:
        click.echo(f"  {note}")
    click.echo()


_SCORED = (
    ("federal Medicaid saving, million USD", "model_federal_medicaid_saving_musd", "score_saving_musd"),
    ("people off Medicaid in 2034", "model_people_off_medicaid_2034", "score_people_off_medicaid_2034"),
    ("months each", "model_months_each", "score_months_each"),
    ("federal USD a month", "model_federal_usd_a_month", "score_federal_usd_a_month"),
    ("more uninsured in 2034", "model_more_uninsured_2034", "score_more_uninsured_2034"),
)
_BOTH = "community_engagement and six_month_renewals together"
_GAP = ("gap_musd", "gap_from_people_musd", "gap_from_months_musd", "gap_from_cost_musd")


def _print_scores(table: Table) -> None:
    """Model beside score, with the gap taken apart; one block a section."""
    for row in table.rows:
        cell = dict(zip(table.columns, row, strict=True))
        rows = []
        for label, model, score in _SCORED:
            one, other = cell[model], cell[score]
            quotient = ratio(one, other) if isinstance(one, int | float) and isinstance(other, int | float) else None
            rows.append((label, _text("", one), _text("", other), _text("ratio", quotient)))
        headings = (("", "wide"), ("model", "right"), ("score", "right"), ("ratio", "right"))
        name = _BOTH if cell["provision"] == "both" else str(cell["provision"])
        name = name.replace("_", " ").replace("+", ", ")
        print_table(headings, rows, f"{table.title}: {name}")
        gap = [cell[one] for one in _GAP]
        if all(one is not None for one in gap):
            whole, people, months, cost = (_text("", one) for one in gap)
            click.echo(f"  gap {whole} million USD = people {people} + months {months} + cost a month {cost}")
        else:
            whole = _text("", cell["gap_musd"])
            click.echo(f"  gap {whole} million USD, not divided: nobody leaves Medicaid by this alone")
        click.echo()
    for note in table.notes:
        click.echo(f"  {note}")
    click.echo()


def _print_check(table: Table) -> None:
    """The nation and the states that miss by more than the tolerance."""
    shown = [row for row in table.rows if row[-1]]
    columns = ("state", "usd_per_person_year_fy2024", "usd_per_person_year_model", "miss", "why")
    places = [table.columns.index(column) for column in columns]
    rows = []
    for row in shown:
        state, published, model, miss, why = (row[place] for place in places)
        percent = f"{miss:+.1%}" if isinstance(miss, float) else ""
        rows.append((str(state), _text("each", published), _text("each", model), percent, str(why)))
    headings = (
        ("state", "left"), ("published", "right"), ("model", "right"), ("miss", "right"), ("why", "wide"),
    )  # fmt: skip
    print_table(headings, rows, f"{table.title}, USD a person-year")
    for note in (*table.notes, f"{len(table.rows) - len(shown)} further states are within the tolerance; "
                 "all with --table check_fy2024."):  # fmt: skip
        click.echo(f"  {note}")
    click.echo()


def _print_state(tables: dict[str, Table]) -> None:
    line = tables["state_line"]
    _print(line, VIEWS["state_line"])
    rows = []
    for row in line.rows:
        cell = dict(zip(line.columns, row, strict=True))
        if cell["quantity"]:
            numbers = ("baseline_quantity", "policy_quantity", "baseline_usd_each", "policy_usd_each")
            shown = (_text("each" if "each" in one else one, cell[one]) for one in numbers)
            names = (_text(name, cell[name]) for name in ("component", "quantity"))
            rows.append((*names, *shown))
    headings = (("component", "wide"), ("quantity", "wide"), ("baseline", "right"), ("policy", "right"),
                ("USD each", "right"), ("policy", "right"))  # fmt: skip
    print_table(headings, rows, "Quantities and USD each")
    table = tables["state_benefits"]
    click.echo(table.title)
    for row in table.rows:
        cell = dict(zip(table.columns, row, strict=True))
        click.echo(
            f"  {cell['arm']} {cell['group']} from {cell['quarter_from']}: {cell['months']:,.3f} months x "
            f"{cell['mix']:.6f} x ({cell['average_usd_a_month']:.4f} x {cell['growth_index']:.6f} - "
            f"{cell['overdose_care_taken_out_usd']:.4f})\n"
            f"    = {cell['product_usd']:,.0f}; budget {cell['budget_usd']:,} = federal "
            f"{cell['federal_usd']:,} ({cell['federal_share']:.4f}) + state {cell['state_usd']:,}"
        )
    for note in table.notes:
        click.echo(f"  {note}")
    click.echo("  Every price with its source: --table state_prices.")
