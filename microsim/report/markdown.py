"""A brief as Markdown, with its charts as files beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from microsim.report.blocks import (
    Block,
    Brief,
    Cell,
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
from microsim.report.pictures import file_png, file_svg


def markdown_page(brief: Brief, charts: str) -> tuple[bytes, Mapping[str, bytes]]:
    """The page, and SVG and PNG of each chart by file name; links go to the folder `charts`."""
    files: dict[str, bytes] = {}
    lines = [f"# {brief.title}", "", plain(brief.question), ""]
    lines += [f"- **{name}:** {plain(value)}" for name, value in brief.facts]
    lines += ["", "## The answer", ""]
    lines += [f"{number}. {plain(sentence)}" for number, sentence in enumerate(brief.answer, 1)]
    lines += ["", "### Before you quote this", ""]
    lines += [f"- {plain(sentence)}" for sentence in brief.caution]
    for section in brief.sections:
        lines += ["", f"## {section.heading}", ""]
        lines += _blocks(section.blocks, charts, files)
    return ("\n".join(lines).rstrip() + "\n").encode(), files


def _blocks(blocks: Sequence[Block], charts: str, files: dict[str, bytes]) -> list[str]:
    lines: list[str] = []
    for block in blocks:
        if isinstance(block, Paragraph):
            lines += [plain(block.text), ""]
        elif isinstance(block, Note):
            lines += [f"> {plain(block.text)}", ""]
        elif isinstance(block, Listing):
            lines += [*(f"- {plain(item)}" for item in block.items), ""]
        elif isinstance(block, References):
            lines += [
                f"{number}. {link.text}{f' <{link.address}>' if link.address else ''}"
                for number, link in enumerate(block.items, 1)
            ]
            lines.append("")
        elif isinstance(block, Code):
            lines += ["```", *block.lines, "```", ""]
        elif isinstance(block, Table):
            lines += _table(block)
        elif isinstance(block, Figure):
            lines += _figure(block, charts, files)
        elif isinstance(block, Folded):
            lines += [f"### {block.heading}", "", *_blocks(block.blocks, charts, files)]
    return lines


def _figure(figure: Figure, charts: str, files: dict[str, bytes]) -> list[str]:
    files[f"{figure.name}.svg"] = file_svg(figure)
    files[f"{figure.name}.png"] = file_png(figure)
    alt = plain(figure.alt).replace("[", "(").replace("]", ")")
    lines = [
        f"### {plain(figure.title)}",
        "",
        f"![{alt}]({charts}/{figure.name}.svg)",
        "",
        plain(figure.caption),
        "",
    ]
    return lines + (_table(figure.data) if figure.data is not None else [])


def _table(table: Table) -> list[str]:
    rule = ["---" if i == 0 or i in table.words else "---:" for i in range(len(table.columns))]
    rows = [[_cell(cell) for cell in row] for row in table.rows]
    return [
        f"*{plain(table.caption)}*", "",
        *(f"| {' | '.join(row)} |" for row in ([_cell(name) for name in table.columns], rule, *rows)), "",
    ]  # fmt: skip


def _cell(cell: Cell) -> str:
    return " ".join(plain(cell).split()).replace("|", "\\|")
