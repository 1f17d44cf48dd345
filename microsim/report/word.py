"""A brief as a Word document: headings, real tables, pictures at print size with their descriptions."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Inches, Pt, RGBColor

from microsim.report.blocks import (
    Block,
    Brief,
    Code,
    Figure,
    Folded,
    Listing,
    Note,
    Paragraph,
    References,
    Table,
)  # fmt: skip
from microsim.report.formats import plain
from microsim.report.pictures import PRINT_WIDTH, file_png
from microsim.report.style import LIGHT

_BODY, _SMALL = Pt(10.5), Pt(8)


def word_document(brief: Brief) -> bytes:
    """The bytes of a .docx file."""
    document: Any = docx.Document()
    document.core_properties.title = brief.title
    document.core_properties.language = "en-US"
    document.core_properties.author = "microsim"
    document.core_properties.comments = ""
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Arial", _BODY
    for name in ("Title", "Heading 1", "Heading 2"):
        style = document.styles[name]
        style.font.color.rgb = RGBColor.from_string(LIGHT["ink"][1:].upper())
        style.font.name = "Arial"
        style.element.rPr.rFonts.set(qn("w:asciiTheme"), "")
    for section in document.sections:
        section.left_margin = section.right_margin = Inches(1)
    document.add_heading(brief.title, 0)
    document.add_paragraph(plain(brief.question))
    _facts(document, brief)
    document.add_heading("The answer", 1)
    for sentence in brief.answer:
        document.add_paragraph(plain(sentence), style="List Number")
    document.add_heading("Before you quote this", 2)
    for sentence in brief.caution:
        document.add_paragraph(plain(sentence), style="List Bullet")
    for part in brief.sections:
        document.add_heading(part.heading, 1)
        _blocks(document, part.blocks)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _facts(document: Any, brief: Brief) -> None:
    _table(document, Table(("About this run",), ("What", "Value"), brief.facts, words=(1,)))


def _blocks(document: Any, blocks: Sequence[Block]) -> None:
    for block in blocks:
        if isinstance(block, Paragraph | Note):
            paragraph = document.add_paragraph()
            paragraph.add_run(plain(block.text).replace("`", "")).italic = isinstance(block, Note)
        elif isinstance(block, Listing):
            for item in block.items:
                document.add_paragraph(plain(item).replace("`", ""), style="List Bullet")
        elif isinstance(block, References):
            for link in block.items:
                text = " ".join(filter(None, (link.text, link.address)))
                document.add_paragraph(style="List Number 2").add_run(text).font.size = _SMALL
        elif isinstance(block, Code):
            run = document.add_paragraph().add_run("\n".join(block.lines))
            run.font.name, run.font.size = "Courier New", _SMALL
        elif isinstance(block, Table):
            _table(document, block)
        elif isinstance(block, Figure):
            _figure(document, block)
        elif isinstance(block, Folded):
            document.add_heading(block.heading, 2)
            _blocks(document, block.blocks)


def _figure(document: Any, figure: Figure) -> None:
    document.add_heading(plain(figure.title), 2)
    shape = document.add_picture(io.BytesIO(file_png(figure, titled=False)), width=Inches(PRINT_WIDTH))
    shape._inline.docPr.set("descr", plain(figure.alt))
    document.add_paragraph(plain(figure.caption), style="Caption")
    if figure.data is not None:
        _table(document, figure.data)


def _table(document: Any, table: Table) -> None:
    caption = document.add_paragraph(plain(table.caption), style="Caption")
    caption.paragraph_format.keep_with_next = True
    made = document.add_table(rows=1, cols=len(table.columns), style="Light List")
    _repeat(made.rows[0])
    _fill(made.rows[0], table.columns, table)
    for row in table.rows:
        _fill(made.add_row(), [plain(cell) for cell in row], table)


def _fill(row: Any, words: Sequence[str], table: Table) -> None:
    # One look-up of the cells of a row: python-docx counts them anew at each.
    for position, (cell, text) in enumerate(zip(row.cells, words, strict=True)):
        paragraph = cell.paragraphs[0]
        paragraph.add_run(text).font.size = _SMALL
        if position > 0 and position not in table.words:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _repeat(row: Any) -> None:
    """Repeat a row as the heading of a table on each page."""
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)
