"""Where a parameter comes from and goes, in the words of `microsim parameter`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from microsim.experiments.provenance import Reader, Transition, Use


def use_document(name: str) -> dict[str, Any]:
    """Evidence and use of a parameter for JSON."""
    from microsim.experiments.provenance import transitions_of, use_of

    rows = [evidence._asdict() for row in transitions_of(name) for evidence in row.evidence]
    return {"evidence": rows, "use": use_of(name).document()}


def use_facts(name: str) -> list[tuple[str, str]]:
    """(heading, text) of the evidence behind a parameter, the fields it moves, and who reads them."""
    from microsim.experiments.provenance import transitions_of, use_of

    facts = []
    for row in transitions_of(name):
        facts.append(("transition", f"{row.number}: {row.words}"))
        facts += [fact for evidence in row.evidence for fact in evidence.facts()]
    return facts + _goes(use_of(name))


def _goes(use: Use) -> list[tuple[str, str]]:
    from microsim.experiments.provenance import BASELINE

    together: dict[str, list[str]] = {}
    for field, readers in use.moves.items():
        together.setdefault(_where(readers), []).append(field)
    facts = [("moves", f"{', '.join(fields)}, read in {where}") for where, fields in together.items()]
    if use.moves and use.under != BASELINE:
        facts.append(("under", use.under))
    for heading, names in (("computes", use.computes), ("behind", use.cited_by)):
        if names:
            facts.append((heading, ", ".join(names)))
    if not use.moves:
        facts.append(("moves", "no field of the hazard tables"))
    if use.named_in:
        facts.append(("named in", ", ".join(use.named_in)))
    return facts


def _where(readers: Sequence[Reader]) -> str:
    """`step 5, opioid use and treatment: changes (life/opioid.py)`, a step at a time."""
    steps: dict[str, list[str]] = {}
    for reader in readers:
        steps.setdefault(reader.step, []).append(f"{reader.function} ({reader.file})")
    return "; ".join(f"{step}: {', '.join(names)}" for step, names in steps.items()) or "no function by name"


def print_transitions(number: int | None, as_json: bool) -> None:
    """Print the transition table, or one of its transitions. Raises InputError for an unknown number."""
    from microsim.experiments.provenance import transitions
    from microsim.ground.errors import InputError

    chosen = [row for row in transitions() if number in (None, row.number)]
    if not chosen:
        last = transitions()[-1].number
        raise InputError(None, "transition", number, f"a number from 1 to {last}")
    if as_json:
        click.echo(json.dumps([_transition(row) for row in chosen], indent=1, ensure_ascii=False))
    elif number is None:
        _print_table(chosen)
    else:
        for row in chosen:
            _print_chain(row)


def _transition(row: Transition) -> dict[str, Any]:
    from microsim.experiments.provenance import use_of
    from microsim.ground.parameters import load_parameters

    record = load_parameters().record(row.parameter)
    return {
        "number": row.number, "transition": row.words, "evidence": [one._asdict() for one in row.evidence],
        "parameter": row.parameter, "value": record.readable(), "unit": record.unit,
        "use": use_of(row.parameter).document(),
    }  # fmt: skip


def _print_table(rows: Sequence[Transition]) -> None:
    from microsim.cli.parameter import value_text
    from microsim.experiments.provenance import use_of
    from microsim.ground.parameters import load_parameters

    tree = load_parameters()
    for row in rows:
        moves = use_of(row.parameter).moves
        steps = dict.fromkeys(reader.step for readers in moves.values() for reader in readers)
        evidence = ", ".join(one.name() for one in row.evidence) or "a judgement"
        value = f"{row.parameter} ({value_text(tree.record(row.parameter))})"
        click.echo(f"{row.number:>2} {row.words}")
        chain = " > ".join((evidence, value, ", ".join(moves) or "no table", "; ".join(steps)))
        click.echo(click.wrap_text(chain, 78, "   ", "   "))
    click.echo(f"{len(rows)} numbers: evidence > parameter > hazard table > step of the month. "
               "With a number, one from end to end.\n"
               "A verdict in brackets is of the later review of the evidence, told with the number.")  # fmt: skip


def _print_chain(row: Transition) -> None:
    from microsim.cli.parameter import value_text
    from microsim.experiments.provenance import use_of
    from microsim.ground.parameters import load_parameters

    record = load_parameters().record(row.parameter)
    facts = [fact for one in row.evidence for fact in one.facts()]
    facts = facts or [("evidence row", "none, a judgement")]
    facts.append(("parameter", f"{row.parameter}: {value_text(record)} {record.unit}, {record.status}"))
    if record.derivation:
        facts.append(("derivation", " ".join(record.derivation.split())))
    facts += _goes(use_of(row.parameter))
    click.echo(f"{row.number} {row.words}")
    for heading, text in facts:
        click.echo(click.wrap_text(text, 78, f"  {heading:<13}", " " * 15))
