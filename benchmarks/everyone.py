"""Whether every resident, lived one by one, gives the answer of a sample: two finished runs side by side.

`python benchmarks/everyone.py ALL SAMPLE` takes the folder of a run with `--persons all` and that of the same
run on the default sample with its 50 draws. It prints, for each measure, both differences between policy and
baseline and the distance in standard errors of the sample, which its summary states.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

WITHIN = 1.96
"""Standard errors in which 95% of differences lie"""


def rows(everyone: dict[str, Any], sample: dict[str, Any]) -> list[tuple[str, float, float, float]]:
    """Measure, difference among all, difference in the sample, and its standard error, where there is one."""
    out = []
    for name, entry in sample["measures"].items():
        error = sample["uncertainty"]["sources"].get(name, {}).get("simulation_sd")
        if error:
            out.append((name, everyone["measures"][name]["difference"], entry["difference"], error))
    return out


def main(everyone: str, sample: str) -> None:
    """Print a table and the count of measures within."""
    found = rows(*(json.loads((Path(place) / "summary.json").read_text()) for place in (everyone, sample)))
    print("| difference, policy less baseline | everyone | sample | standard error | distance |")
    print("|---|---:|---:|---:|---:|")
    for name, all_of, some, error in found:
        print(f"| {name} | {all_of:,.1f} | {some:,.1f} | {error:,.1f} | {(all_of - some) / error:+.2f} |")
    inside = sum(abs(all_of - some) <= WITHIN * error for _, all_of, some, error in found)
    print(f"\n{inside} of {len(found)} within {WITHIN} standard errors")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
