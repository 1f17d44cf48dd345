"""Charts as pictures: SVG for the page, recoloured by role; SVG and PNG at publication size."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import altair as alt
import vl_convert

from microsim.report.blocks import Drawing, Figure
from microsim.report.formats import plain
from microsim.report.style import LIGHT, WIDE

_SVG = "http://www.w3.org/2000/svg"
PRINT_WIDTH = 6.5
"""Width of the text of a printed page in inches."""
_DOTS = 300
"""Dots an inch that journals ask for."""


def page_svg(figure: Figure, wide: bool, prefix: str) -> str:
    """An `<svg>` element for a page: colours as custom properties, marks with `data-tip`, one role.

    `prefix` keeps the ids of several pictures on one page apart.
    """
    ElementTree.register_namespace("", _SVG)
    root = ElementTree.fromstring(_svg(figure.draw(wide)))
    for element in root.iter():
        role = element.attrib.pop("aria-roledescription", None)
        label = element.attrib.pop("aria-label", None)
        element.attrib.pop("role", None)
        element.attrib.pop("aria-hidden", None)
        if label and role and role not in ("axis", "title", "legend", "group mark container"):
            element.set("data-tip", label)
        for name, value in list(element.attrib.items()):
            if name == "id":
                element.set(name, prefix + value)
            elif "url(#" in value:
                element.set(name, value.replace("url(#", f"url(#{prefix}"))
            else:
                element.set(name, _roles(value))
    root.attrib.pop("class", None)
    root.set("class", "wide" if wide else "narrow")
    root.set("role", "img")
    root.set("aria-label", plain(figure.alt))
    root.set("style", f"max-width:{root.get('width')}px")
    for name in ("width", "height"):
        root.attrib.pop(name, None)
    return ElementTree.tostring(root, encoding="unicode")


def _roles(value: str) -> str:
    for role, colour in LIGHT.items():
        if colour in value:
            value = value.replace(colour, f"var(--{role})")
    return value


def file_svg(figure: Figure) -> bytes:
    """A standing picture with its title, as SVG."""
    root = ElementTree.fromstring(_svg(_titled(figure)))
    described = ElementTree.Element(f"{{{_SVG}}}title")
    described.text = plain(figure.alt)
    root.insert(0, described)
    return ElementTree.tostring(root)


def file_png(figure: Figure, *, titled: bool = True) -> bytes:
    """The same as PNG, wide enough for print."""
    chart = _titled(figure) if titled else figure.draw(True)
    return vl_convert.vegalite_to_png(_spec(chart), scale=PRINT_WIDTH * _DOTS / WIDE, ppi=72)


def _titled(figure: Figure) -> Drawing:
    words = plain(figure.title).split()
    lines = [""]
    for word in words:
        if len(lines[-1]) + len(word) > 74:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    chart = figure.draw(True)
    return chart.properties(title=alt.TitleParams(lines), background=LIGHT["paper"], padding=16)


def _svg(chart: Drawing) -> str:
    return vl_convert.vegalite_to_svg(_spec(chart))


def _spec(chart: Drawing) -> str:
    return json.dumps(chart.to_dict(validate=False))
