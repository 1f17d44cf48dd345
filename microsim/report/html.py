"""A brief as one self-contained page: no request, complete without scripts and on paper."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import Any

import jinja2
from markupsafe import Markup, escape

from microsim.report.blocks import Brief, Cell, Table
from microsim.report.formats import Number, Text, plain
from microsim.report.pictures import page_svg
from microsim.report.style import DARK, LIGHT

_CODE = re.compile("`([^`]+)`")


def html_page(brief: Brief) -> bytes:
    """The page in UTF-8."""
    return _environment().get_template("brief.html.j2").render(brief=brief).encode()


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("microsim.report"), autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )  # fmt: skip
    environment.filters |= {
        "text": _text,
        "kind": lambda block: type(block).__name__,
        "numeric": _numeric,
        "words": plain,
    }
    environment.globals |= {
        "svg": lambda figure, wide: Markup(page_svg(figure, wide, f"{figure.name}-{'w' if wide else 'n'}-")),
        "file": _file,
        "light": LIGHT,
        "dark": DARK,
    }
    return environment


def _file(name: str) -> Markup:
    """A file of the templates as it stands: ours, with nothing to escape."""
    return Markup((resources.files("microsim.report") / "templates" / name).read_text(encoding="utf-8"))


def _text(text: Cell) -> Markup:
    """A sentence with each number marked by the value it shows."""
    pieces: Text = (text,) if isinstance(text, str | Number) else text
    return Markup("").join(_number(piece) if isinstance(piece, Number) else _plain(piece) for piece in pieces)


def _number(number: Number) -> Markup:
    return Markup('<data value="{}">{}</data>').format(repr(float(number.value)), number.shown)


def _plain(piece: str) -> Markup:
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(piece))))


def _numeric(table: Table, position: int) -> Any:
    return position > 0 and position not in table.words
