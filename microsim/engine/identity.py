"""Who a run is: a digest of code, parameters, policy, population and seed."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import microsim

DISTRIBUTION = "microsim-us"
LENGTH = 16
_PACKAGE = Path(microsim.__file__).parent
_FLOORS = ("ground", "rules", "life", "engine", "experiments")


@cache
def code_digest() -> str:
    """Digest of the sources that decide a result: all floors below report and command line."""
    digest = hashlib.sha256()
    for floor in _FLOORS:
        for path in sorted((_PACKAGE / floor).rglob("*.py")):
            digest.update(path.relative_to(_PACKAGE).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:LENGTH]


def version() -> str:
    """Version of the installed distribution, or `source` when run from a checkout."""
    try:
        return metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return "source"


def identity(**parts: Any) -> str:
    """Digest of the named parts, in hexadecimal."""
    body = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(body.encode()).hexdigest()[:LENGTH]
