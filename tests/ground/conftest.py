"""A small tree of parameters and policies on disk, to change and to break."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

SOURCES = """
cdc: {organisation: CDC, title: WONDER, year: 2024, link: "https://example.org"}
law: {organisation: Congress, title: "Public Law 119-21", year: "2025", link: null}
"""

RECORDS = """
demo.stop:
  label: Monthly probability of stopping medication
  unit: probability_per_month
  by: [drug, tenure]
  value:
    buprenorphine: {m1_2: 0.20, m3_6: 0.10, m7_24: 0.05, m25_up: 0.03}
    methadone: {m1_2: 0.15, default: 0.05}
    xr_naltrexone: {default: 0.25}
  interval_factor: [0.7, 1.4]
  distribution: lognormal
  status: measured
  source: [cdc]
  year: 2021
  place: US
  verified: read
demo.deaths:
  label: Deaths in a year
  unit: deaths_per_year
  values: {"2024-01": 80000, "2025-01": 56000}
  interpolate: linear
  interval: [50000, 90000]
  distribution: normal
  status: measured
  source: [cdc]
  verified: recalled
demo.kits:
  label: Kits handed out in a year
  unit: kits_per_year
  value: 1000.0
  interval: [500, 2000]
  distribution: lognormal
  status: assumed
  verified: none
  channel: naloxone
demo.deaths_per_kit:
  label: Deaths for each kit handed out
  unit: ratio
  derivation: = demo.deaths / demo.kits
  status: derived
  verified: read
demo.in_force:
  label: Whether the work rule is in force
  unit: boolean
  by: [state]
  value: {default: false, GA: true}
  status: measured
  source: [law]
  verified: read
demo.months_between_renewals:
  label: Months between renewals
  unit: choice
  choices: [6, 12]
  value: 12
  status: measured
  source: [law]
  verified: read
demo.path:
  label: Path of supply
  unit: choice
  choices: [flat, to-date]
  value: to-date
  status: assumed
  verified: none
demo.rate:
  label: A rate by state
  unit: hazard_per_year
  by: [state]
  value: {default: 0.1}
  interval_factor: [0.5, 2]
  distribution: gamma
  status: assumed
  verified: none
  channel: coverage
"""

PROVISIONS = {
    "work-rule": """
label: The work rule
section: s.71119
source: [law]
patches:
  - {parameter: demo.in_force, from: "2027-01", value: true}
""",
    "renewals": """
label: Renewals every six months
section: s.71107
source: [law]
patches:
  - {parameter: demo.months_between_renewals, from: "2027-01", value: 6}
""",
    "early-work-rule": """
label: The work rule of the House
section: H.R. 1
replaces: work-rule
patches:
  - {parameter: demo.in_force, from: "2026-12", value: true}
""",
    "fewer-kits": """
label: Fewer kits
section: budget line
patches:
  - {parameter: demo.kits, from: "2025-10", scale: 0.5}
""",
}
POLICIES = {
    "baseline": "label: Baseline\nprovisions: []\n",
    "package": "label: Package\nprovisions: [work-rule, renewals]\n",
    "package-and-cuts": "label: Both\npolicies: [package]\nprovisions: [fewer-kits]\n",
}

Plant = Callable[..., Path]


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    """Writes the small tree, with `files` (path: text or bytes) added or replaced; gives its root."""

    def build(files: dict[str, str | bytes] | None = None) -> Path:
        root = tmp_path / "parameters"
        texts: dict[str, str | bytes] = {"demo/sources.yaml": SOURCES, "demo/demo.yaml": RECORDS}
        texts |= {f"policies/provisions/{name}.yaml": text for name, text in PROVISIONS.items()}
        texts |= {f"policies/{name}.yaml": text for name, text in POLICIES.items()}
        for path, text in {**texts, **(files or {})}.items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return root

    return build


@pytest.fixture
def records() -> str:
    """The records of the small tree as text, to be changed and planted again."""
    return RECORDS
