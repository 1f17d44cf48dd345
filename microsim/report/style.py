"""The one style of all charts: colours by role, type and the shape of axes."""

from __future__ import annotations

from typing import Any

LIGHT = {
    "ink": "#1b2330",
    "muted": "#566072",
    "rule": "#d9dee6",
    "zero": "#8a94a6",
    "accent": "#b3400e",
    "band": "#f0c9b4",
    "calm": "#1f5f9e",
    "calmband": "#b9d2ea",
    "tile0": "#eef1f5",
    "tile1": "#fbe3d6",
    "tile2": "#f2b896",
    "tile3": "#d9763f",
    "tile4": "#a33a0b",
    "tilemore": "#a9c8e6",
    "on0": "#1b2331",
    "on1": "#1b2332",
    "on2": "#1b2333",
    "on3": "#1b2334",
    "on4": "#fffffe",
    "onmore": "#1b2335",
    "paper": "#fffffd",
}
"""Colours of a light page by role; no two are alike, so a picture can be recoloured role by role.

Orange against blue is told apart with every common kind of colour vision, and by position and label too.
"""
DARK = {
    "ink": "#e8ecf2",
    "muted": "#a9b3c3",
    "rule": "#323a47",
    "zero": "#6d788a",
    "accent": "#ff9a63",
    "band": "#6b3a22",
    "calm": "#7fb6ee",
    "calmband": "#27476a",
    "tile0": "#262d38",
    "tile1": "#4a2c1c",
    "tile2": "#7d4322",
    "tile3": "#c9703c",
    "tile4": "#ffb58a",
    "tilemore": "#2f5480",
    "on0": "#e8ecf3",
    "on1": "#f7ece6",
    "on2": "#fff4ee",
    "on3": "#14171d",
    "on4": "#14171e",
    "onmore": "#e8ecf4",
    "paper": "#14181f",
}
"""The same roles on a dark page."""
FONT = "Helvetica Neue, Helvetica, Arial, Liberation Sans, sans-serif"
WIDE, NARROW = 700, 330
"""Width of a picture on a wide page and on a phone, in pixels."""
TEXT, SMALL = 13, 12
STEPS = ("tile0", "tile1", "tile2", "tile3", "tile4")
"""Tiles from no change to the largest."""


def config() -> dict[str, Any]:
    """Vega-Lite configuration of every chart."""
    label = {"labelColor": LIGHT["muted"], "labelFontSize": SMALL, "labelFont": FONT}
    title = {
        "titleColor": LIGHT["muted"],
        "titleFontSize": SMALL,
        "titleFont": FONT,
        "titleFontWeight": "normal",
    }
    return {
        "background": "transparent",
        "font": FONT,
        "padding": 2,
        "view": {"stroke": None},
        # Only marks that carry a sentence of their own say something when pointed at.
        **{mark: {"aria": False} for mark in ("line", "area", "rule")},
        "axis": {
            **label,
            **title,
            "domain": False,
            "ticks": False,
            "gridColor": LIGHT["rule"],
            "labelPadding": 6,
        },
        "axisX": {"grid": False, "labelAngle": 0},
        "header": {
            "labelColor": LIGHT["ink"],
            "labelFontSize": TEXT,
            "labelFont": FONT,
            "labelFontWeight": "bold",
            "labelAnchor": "start",
            "title": None,
            "labelLimit": 320,
        },
        "title": {
            "color": LIGHT["ink"],
            "font": FONT,
            "fontSize": 17,
            "anchor": "start",
            "offset": 14,
            "subtitleColor": LIGHT["muted"],
            "subtitleFont": FONT,
            "subtitleFontSize": SMALL,
        },
        "text": {"aria": False, "font": FONT, "fontSize": TEXT, "color": LIGHT["ink"]},
    }
