"""What `microsim offset` finds, in one sentence that may be quoted."""

from __future__ import annotations

from microsim.experiments.offset import FALL, QUANTILES, Against, Offset


def sentence(found: Offset) -> str:
    """One sentence for a newspaper: who is compared with what, when, how sure, and that it is a model."""
    row = found.first
    years = f"from {found.window[0][:4]} to {found.window[1][:4]}"
    package, control = (found.titles.get(name, name) for name in (found.policy, row.name))
    if row.harm <= 0:
        return (
            f"In this model the package ({package}) does not add opioid overdose deaths {years}, so there is "
            f"nothing that the supply control ({control}) would have to make up for."
        )
    adds = (
        f"In this model the package ({package}) adds about {_about(row.harm)} opioid overdose deaths {years}"
    )
    if row.ratio is None:
        return f"{adds}, and the supply control ({control}) avoids none that they could be set against."
    said = (
        f"{adds} and the supply control ({control}) avoids about {_about(row.gain)}, or {row.ratio:.1f} added "
        f"for each one avoided"
    )
    return f"{said}{_sure(row)}{_beside_fall(found)}."


def _sure(row: Against) -> str:
    """How sure the ratio is."""
    if row.probability is None:
        return "; this is one set of assumptions, without a margin of error"
    quantiles = row.quantiles()
    low, high = quantiles[f"{QUANTILES[0]:g}"], quantiles[f"{QUANTILES[-1]:g}"]
    if low is None:
        margin = ""
    elif high is None:
        margin = f" (95% interval {low:.1f} or more, without an upper end because the control can fail to avoid any)"
    else:
        margin = f" (95% interval {low:.1f} to {high:.1f})"
    return (
        f"{margin}; the package adds more than the control avoids in {round(100 * row.probability)} of every 100 "
        f"combinations of uncertain assumptions"
    )


def _beside_fall(found: Offset) -> str:
    """The other reading: the harm beside what the observed fall of the supply's lethality avoids."""
    falls = [row for row in found.rows if row.name == FALL and row.ratio is not None]
    if not falls:
        return ""
    fall = falls[0]
    return (
        f"; beside the less lethal supply since mid-2023, which avoids about {_about(fall.gain)} deaths in the "
        f"same years, that is {fall.harm / fall.gain:.1%}"
    )


def _about(deaths: float) -> str:
    """Two digits are as many as a newspaper should print."""
    digits = max(len(str(int(abs(deaths)))) - 2, 0)
    return f"{round(deaths, -digits):,.0f}"
