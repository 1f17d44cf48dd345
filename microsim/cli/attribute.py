"""`microsim attribute`: what each block of a package, channel, or cause contributes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from microsim.cli.errors import told_plainly
from microsim.cli.examples import examples
from microsim.cli.options import refuse, study_options

if TYPE_CHECKING:
    from microsim.experiments.attribution import Attribution
    from microsim.experiments.fall import Fall

_EPILOG = examples(
    "microsim attribute --policy budget2025",
    "microsim attribute --by channels --draws 1",
    "microsim attribute --fall 2024",
)


@click.command(epilog=_EPILOG)
@click.option("--policy", default="budget2025", show_default=True, help="The package: a policy name or file.")
@click.option("--by", type=click.Choice(["blocks", "channels"]), default="blocks", show_default=True,
              help="Blocks of law and money, or channels of effect.")  # fmt: skip
@click.option("--fall", "year", type=int, metavar="YEAR",
              help="Instead: what made deaths fall until YEAR, with supply, naloxone and treatment held at "
                   "mid-2023.")  # fmt: skip
@click.option(
    "--full", is_flag=True, help="Central values from all records instead of a sample; many times slower."
)
@study_options(draws=16)
def attribute(as_json: bool, quiet: bool, year: int | None, **given: Any) -> None:
    """Divide a package's change among its parts (Shapley values: the parts add up exactly)."""
    with told_plainly():
        from microsim.cli.working import asked, work

        options = asked(given)
        if year is not None:
            other = ("policy", "by", "full", "start", "end")
            refuse(other, "no such option with --fall, which has its own causes and months")
            from microsim.experiments.fall import fall

            for name in other:
                options.pop(name)
            cause = work(lambda report: fall(year, report=report, **options), quiet)
            click.echo(json.dumps(cause.document(), indent=1)) if as_json else _show_fall(cause)
            return
        from microsim.experiments.attribution import attribute as compute

        found = work(lambda report: compute(report=report, **options), quiet)
        click.echo(json.dumps(found.document(), indent=1)) if as_json else _show(found)


_LABELS = {
    "opioid_overdose_deaths": "opioid deaths", "treatment_end": "in OUD treatment",
    "medicaid_enrollees_end": "on Medicaid", "uninsured_end": "uninsured", "naloxone_kits": "naloxone kits",
    "federal_outlays_usd": "federal USD", "overdose_deaths": "drug deaths",
}  # fmt: skip
_ACROSS = 3
_ROUNDING = 1e-6


def _show(found: Attribution) -> None:
    from microsim.cli.tables import print_table

    measures = found.document()["measures"]
    names = [name for name in measures if name != "overdose_deaths"]
    for first in range(0, len(names), _ACROSS):
        some = names[first : first + _ACROSS]
        heads = [(found.title, "wide"), *((_LABELS[name], "right") for name in some)]
        rows = [(part, *(_cell(measures[name]["parts"][part]) for name in some)) for part in found.names]
        rows.append(("together", *(_cell(measures[name]["whole"]) for name in some)))
        rows.append(("of which interaction", *(_signed(measures[name]["interaction"]) for name in some)))
        print_table(heads, rows)
    for block, shares in found.provisions.items():
        if len(shares) > 1:
            click.echo(f"{block}: " + ", ".join(f"{id_} {share:.0%}" for id_, share in shares.items()))
    if found.provisions:
        click.echo("Within a block, pro rata to the opioid overdose deaths each provision changes alone.")
    worst = max(abs(float(error)) for error in found.error[:, 0])
    click.echo(
        f"Opioid overdose deaths and drug counts over {found.window[0]} to {found.window[1]}, people in its last "
        f"month; {found.records:,} records,\n{found.draws} draws. The parts add up exactly. Luck of the sample moves "
        f"a part by about {_signed(worst).lstrip('+')} deaths."
    )


def _cell(entry: dict[str, Any]) -> str:
    if entry["low"] is None:
        return _signed(entry["value"])
    return f"{_signed(entry['value'])}\n{_signed(entry['low'])} to {_signed(entry['high'])}"


def _signed(value: float) -> str:
    """As the headline writes it; what only rounding leaves is zero."""
    from microsim.cli.headline import signed

    return signed(value if abs(value) > _ROUNDING else 0.0)


def _show_fall(found: Fall) -> None:
    from microsim.cli.tables import print_table

    document = found.document()
    rows = [("at the pace of mid-2023", f"{found.pace:,.0f}", "", "")]
    for name, part in document["parts"].items():
        span = "one draw" if part["low"] is None else f"{-part['high']:+,.0f} to {-part['low']:+,.0f}"
        share = "" if part["share_of_fall"] is None else f"{part['share_of_fall']:.0%}"
        rows.append((f"  {name}", f"{-part['deaths_avoided']:+,.0f}", share, span))
    rest = "" if not document["fall"] else f"{found.rest / document['fall']:.0%}"
    rows.append(("  not explained by the three", f"{-found.rest:+,.0f}", rest, ""))
    rows.append((f"deaths of {found.year}", f"{found.deaths:,.0f}", "", ""))
    columns = (
        ("opioid overdose deaths", "wide"),
        ("a year", "right"),
        ("of the fall", "right"),
        ("95% interval", "right"),
    )
    print_table(columns, rows)
    click.echo(
        "Supply and naloxone are held at July 2023, where the supply's index is 1. Treatment: the number of\npeople on "
        "medication is held where it stood in January 2024, when lives begin; what treatment\nchanged before that is "
        "in the part not explained. How potency and naloxone share the fall in deaths\nper overdose is assumed "
        "(sud.supply.potency_credit)."
    )
