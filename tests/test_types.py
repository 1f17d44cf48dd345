"""The annotations agree with each other and with the libraries called, as mypy reads them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def test_annotations_agree() -> None:
    pytest.importorskip("mypy")
    # Its settings, which name the packages, and its cache, which spares it unchanged files, are in the root.
    done = subprocess.run([sys.executable, "-m", "mypy"], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
