"""Tables on a terminal: they fit the width, and 80 columns when there is none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.text import Text

COLUMNS = 80
"""What a table fits."""
GAP = 2
"""Blanks between two columns."""


def print_table(
    columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[str]], title: str | None = None
) -> None:
    """Print rows under columns given as (heading, `left` or `right` or `wide`); `wide` takes what is left."""
    from rich import box
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, expand=False)
    for heading, side in columns:
        table.add_column(
            heading,
            justify="right" if side == "right" else "left",
            ratio=1 if side == "wide" else None,
            overflow="fold",
            no_wrap=False,
        )
    for row in rows:
        table.add_row(*(_plain(cell) for cell in row))
    show(table)


def width() -> int:
    """Columns of the terminal, as rich counts them; COLUMNS where there is no terminal."""
    from rich.console import Console

    return Console().width


def show(renderable: object) -> None:
    """Print a rich object or text on standard output. Raises BrokenPipeError when its reader has gone."""
    from rich.console import Console

    class Piped(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    Piped(soft_wrap=False, highlight=False, markup=False).print(renderable)


def _plain(text: str) -> Text:
    from rich.text import Text

    return Text(text)
