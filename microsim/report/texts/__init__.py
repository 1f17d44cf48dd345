"""Texts of a brief that are not computed: what changed in law, and what the model leaves out."""

from __future__ import annotations

from importlib import resources
from typing import Any

import yaml


def text(name: str) -> Any:
    """The content of a text file of this folder, by its name without ending."""
    return yaml.safe_load((resources.files(__name__) / f"{name}.yaml").read_text(encoding="utf-8"))
