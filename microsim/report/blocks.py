"""What a brief is made of, whatever it is written to: sections of paragraphs, notes, figures and tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from microsim.report.formats import Number, Text

Cell = str | Number | Text
Drawing: TypeAlias = Any
"""A chart of Altair, single, layered or joined: they share no typed base."""


@dataclass(frozen=True)
class Paragraph:
    text: Text


@dataclass(frozen=True)
class Note:
    """A caution that must not be missed."""

    text: Text


@dataclass(frozen=True)
class Listing:
    items: Sequence[Text]


@dataclass(frozen=True)
class Link:
    """An address with words before it."""

    text: str
    address: str | None


@dataclass(frozen=True)
class References:
    items: Sequence[Link]


@dataclass(frozen=True)
class Code:
    lines: Sequence[str]


@dataclass(frozen=True)
class Table:
    """`columns` are headings; the first column is text, the others numbers unless in `words`."""

    caption: Text
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    sortable: bool = False
    keys: Sequence[str] = ()
    """A name for each row, such as a postal code"""
    words: Sequence[int] = ()
    """Positions of further columns that hold words"""


@dataclass(frozen=True)
class Figure:
    """A chart: `draw(wide)` gives it for a wide or a narrow page; `title` says the finding."""

    name: str
    title: Text
    alt: Text
    draw: Callable[[bool], Drawing]
    caption: Text = ()
    data: Table | None = None


@dataclass(frozen=True)
class Folded:
    """Detail shown on demand, and always in print."""

    heading: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class StateChoice:
    """Where the reader chooses a state of the table that follows."""

    keys: Sequence[tuple[str, str]]
    chosen: str | None


Block = Paragraph | Note | Listing | References | Code | Table | Figure | Folded | StateChoice


@dataclass(frozen=True)
class Section:
    id: str
    heading: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Brief:
    """Title, the answer in three sentences, facts on the run for the head, and sections."""

    title: str
    question: Text
    answer: Sequence[Text]
    caution: Sequence[Text]
    facts: Sequence[tuple[str, Text]]
    sections: Sequence[Section] = field(default_factory=tuple)
