"""Under the table of a run: what makes the answer wide, and which numbers are coarse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

ANSWER = "opioid_overdose_deaths"


def print_doubts(document: Mapping[str, Any]) -> None:
    """Say which parameters moved the deaths in the draws, and name measures above the Monte Carlo limit."""
    found = document.get("uncertainty")
    if not found or "moved_by" not in found:
        return
    from microsim.cli.headline import LABELS, signed

    moved = found["moved_by"][ANSWER]
    if moved:
        ids = ", ".join(f"{row['id']}{' *' if row['assumed'] else ''}" for row in moved)
        click.echo(f"What moves opioid overdose deaths in the draws: {ids} (* an assumption); together "
                   f"{moved[-1]['share']:.0%} of the variance.")  # fmt: skip
    click.echo(
        f"Median of the draws for opioid overdose deaths: {signed(found['sources'][ANSWER]['median'])}."
    )
    coarse = found["monte_carlo_error_above"]
    if coarse["measures"]:
        # The table says "of which opioid", under the line of all drugs.
        labels = {**LABELS, ANSWER: "Opioid overdose deaths"}
        names = "; ".join(labels[name].strip() for name in coarse["measures"] if name in labels)
        click.echo(f"Monte Carlo error above {coarse['limit']:.0%} of the difference: {names}.")
