"""A result as a brief, in the forms that people read and paste from."""

from __future__ import annotations

from collections.abc import Mapping

from microsim.engine.results import Result
from microsim.report.content import brief_of
from microsim.report.html import html_page


def write_brief(result: Result, state: str | None = None) -> bytes:
    """One self-contained HTML page, UTF-8: the whole run, or the brief of one state by postal code.

    Raises InputError for a state that the result does not hold.
    """
    return html_page(brief_of(result, state))


def write_word(result: Result, state: str | None = None) -> bytes:
    """The same as a Word document (.docx) with pictures at print size. Raises as `write_brief`."""
    from microsim.report.word import word_document

    return word_document(brief_of(result, state))


def write_markdown(
    result: Result, charts: str, state: str | None = None
) -> tuple[bytes, Mapping[str, bytes]]:
    """The same as Markdown, and its charts as SVG and PNG by file name.

    `charts` is the folder that links to charts name, relative to the file. Raises as `write_brief`.
    """
    from microsim.report.markdown import markdown_page

    return markdown_page(brief_of(result, state), charts)
