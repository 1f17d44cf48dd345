"""Tables on a terminal: they fit the width, and 80 columns when there is none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.text import Text


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


def show(renderable: object) -> None:
    """Print a rich object or text on standard output."""
    from rich.console import Console

    Console(soft_wrap=False, highlight=False, markup=False).print(renderable)


def _plain(text: str) -> Text:
    from rich.text import Text

    return Text(text)
