"""The documentation site, from the repository alone and offline: `sphinx-build -W docs build/site`."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

import site_pages  # noqa: E402

project = "microsim"
author = copyright = "The microsim contributors"
extensions = ["myst_nb", "sphinx.ext.autodoc", "site_pages"]
html_theme = "furo"
html_title = "microsim"
html_show_sphinx = False
html_copy_source = False
exclude_patterns = ["**.ipynb_checkpoints"]
nb_execution_mode = "off"
"""The tests execute the notebooks; the site shows what they left."""
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
suppress_warnings = [
    "myst.header",
    "myst.xref_missing",
    "mystnb.unknown_mime_type",
    "misc.highlighting_failure",
    "toc.empty_glob",
    "toc.not_included",
]
html_math_renderer = "mathml"
autodoc_typehints = "signature"
autodoc_member_order = "bysource"

site_pages.write(HERE / "generated")
