"""Tables as CSV files and as one Excel workbook with named sheets and notes."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from microsim.experiments.budget.sheets import Cell, Table
from microsim.ground.errors import InputError

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

SHEET_NAME_LIMIT = 31
WIDEST = 48
SAMPLE = 200
"""Rows looked at to set the width of a column."""


def write_csv(folder: str | Path, tables: Sequence[Table]) -> list[Path]:
    """Write NAME.csv for each table and return the paths; every file appears whole."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for table in tables:
        path = folder / f"{table.name}.csv"
        _whole(path, partial(_csv, table=table))
        paths.append(path)
    return paths


def write_workbook(path: str | Path, tables: Sequence[Table], title: str, notes: Sequence[str] = ()) -> Path:
    """Write an Excel workbook: a sheet `notes` first, then one sheet a table. It appears whole.

    Raises `InputError` when two tables would share a sheet.
    """
    from openpyxl import Workbook

    path = Path(path)
    names = [table.name[:SHEET_NAME_LIMIT] for table in tables]
    if len({name.casefold() for name in ("notes", *names)}) != len(names) + 1:
        raise InputError(
            str(path), "sheets", ", ".join(names), "a different name for each table, none called notes"
        )
    book = Workbook()
    front = book.active
    assert front is not None
    front.title = "notes"
    _front(front, tables, title, notes)
    for name, table in zip(names, tables, strict=True):
        _sheet(book.create_sheet(name), table)
    path.parent.mkdir(parents=True, exist_ok=True)
    _whole(path, lambda temporary: book.save(temporary))
    return path


def _csv(path: Path, table: Table) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(table.columns)
        writer.writerows(table.rows)


class _Writer:
    """Rows appended to a sheet; counts them itself, because asking the sheet walks every cell."""

    def __init__(self, sheet: Worksheet) -> None:
        self.sheet = sheet
        self.row = 0

    def append(self, values: Sequence[Cell], formats: Sequence[str | None] = (), bold: bool = False) -> None:
        """Append a row; text stays text even when it starts like a formula."""
        from openpyxl.styles import Font

        self.row += 1
        for position, value in enumerate(values, start=1):
            if value is None:
                continue
            cell = self.sheet.cell(self.row, position, value)
            if isinstance(value, str):
                cell.data_type = "s"
            elif formats and formats[position - 1]:
                cell.number_format = str(formats[position - 1])
            if bold:
                cell.font = Font(bold=True)


def _front(sheet: Worksheet, tables: Sequence[Table], title: str, notes: Sequence[str]) -> None:
    writer = _Writer(sheet)
    writer.append([title], bold=True)
    for note in notes:
        writer.append([note])
    for table in tables:
        writer.append([])
        writer.append([table.name, table.title], bold=True)
        for note in table.notes:
            writer.append([None, note])
    sheet.column_dimensions["A"].width = 24
    sheet.column_dimensions["B"].width = 120


def _sheet(sheet: Worksheet, table: Table) -> None:
    from openpyxl.utils import get_column_letter

    writer = _Writer(sheet)
    writer.append([table.title], bold=True)
    writer.append([" ".join(table.notes)])
    writer.append(table.columns, bold=True)
    formats = [_format(column) for column in table.columns]
    for row in table.rows:
        writer.append(row, formats)
    for position, column in enumerate(table.columns, start=1):
        values = [str(row[position - 1]) for row in table.rows[:SAMPLE]]
        width = max([len(column), *(len(value) for value in values)]) + 2
        sheet.column_dimensions[get_column_letter(position)].width = min(width, WIDEST)
    sheet.freeze_panes = f"B{writer.row - len(table.rows) + 1}"


def _format(column: str) -> str | None:
    if "musd" in column:
        return "#,##0.0"
    if (
        "usd" in column
        or "quantity" in column
        or "person" in column
        or "people" in column
        or "uninsured" in column
    ):
        return "#,##0"
    return "0.0%" if column == "miss" else None


def _whole(path: Path, write: Callable[[Path], None]) -> None:
    """Write to a sibling and rename, so that nothing half-written carries the name."""
    temporary = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        write(temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
