"""A table: named columns, rows, and notes that travel with it."""

from __future__ import annotations

from typing import NamedTuple

Cell = str | int | float | None


class Table(NamedTuple):
    """Rows under named columns. US dollars are whole numbers, so that what is printed adds up."""

    name: str
    """Short and without spaces: the name of the sheet and of the CSV file"""
    title: str
    columns: tuple[str, ...]
    rows: list[tuple[Cell, ...]]
    notes: tuple[str, ...] = ()

    def column(self, name: str) -> list[Cell]:
        """Values of one column."""
        position = self.columns.index(name)
        return [row[position] for row in self.rows]


def ratio(above: float, below: float) -> float | None:
    """A quotient; None where the divisor is zero."""
    return above / below if below else None
