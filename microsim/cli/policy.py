"""`microsim policy`: what the policies are, what they change, and whether a file is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from microsim.cli.errors import told_plainly
from microsim.cli.examples import examples

if TYPE_CHECKING:
    from microsim.ground.policies import Policy


@click.group(epilog=examples("microsim policy list", "microsim policy diff baseline budget2025"))
def policy() -> None:
    """List, show, compare and check policies."""


@policy.command("list", epilog=examples("microsim policy list", "microsim policy list --provisions"))
@click.option("--provisions", is_flag=True, help="List the provisions that policies are made of.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_command(provisions: bool, as_json: bool) -> None:
    """All policies, with what each contains."""
    with told_plainly():
        from microsim.cli.tables import print_table
        from microsim.ground.policies import load_policy, shipped_library

        library = shipped_library()
        names = library.provision_names() if provisions else library.policy_names()
        policies = [load_policy(name) for name in names]
        if as_json:
            _print_json([_document(one) for one in policies])
        elif provisions:
            rows = [(one.id, one.label, one.provisions[0].section or "") for one in policies]
            print_table((("provision", "left"), ("what it does", "wide"), ("section", "left")), rows)
        else:
            rows = [(one.id, one.label, str(len(one.provisions))) for one in policies]
            print_table((("policy", "left"), ("what it is", "wide"), ("provisions", "right")), rows)


@policy.command("show", epilog=examples("microsim policy show budget2025"))
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show_command(name: str, as_json: bool) -> None:
    """The provisions of a policy, their sections, and every change they make."""
    with told_plainly():
        from microsim.cli.tables import print_table
        from microsim.ground.parameters import load_parameters
        from microsim.ground.policies import load_policy
        from microsim.ground.policies.applying import apply_traced

        one = load_policy(name, option="NAME")
        if as_json:
            _print_json(_document(one))
            return
        click.echo(click.wrap_text(f"{one.id}: {one.label}", 78))
        if one.note:
            click.echo(click.wrap_text(one.note, 78, preserve_paragraphs=True))
        parameters = load_parameters()
        apply_traced(parameters, one)
        for provision in one.provisions:
            sources = "; ".join(_cited(parameters, key) for key in provision.source)
            title = f"{provision.id}: {provision.label}"
            click.echo()
            click.echo(click.wrap_text(title, 78))
            for text in (provision.section, sources, provision.note):
                if text:
                    click.echo(click.wrap_text(text, 78, "  ", "  "))
            rows = [
                (
                    patch.parameter,
                    patch.dates,
                    _states(patch.states),
                    f"{_OPERATIONS[patch.operation]}{_short(patch.form)}",
                )
                for patch in provision.patches
            ]
            print_table(
                (("parameter", "wide"), ("when", "left"), ("where", "left"), ("change", "left")), rows
            )
        if not one.provisions:
            click.echo("It changes nothing: every parameter has its baseline value.")


@policy.command("diff", epilog=examples("microsim policy diff baseline budget2025"))
@click.argument("first")
@click.argument("second")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def diff_command(first: str, second: str, as_json: bool) -> None:
    """What changes from policy FIRST to SECOND: when, where, from what to what, under which section."""
    with told_plainly():
        from pathlib import Path

        from microsim.cli.tables import print_table
        from microsim.ground.parameters import load_parameters
        from microsim.ground.policies import check_names, load_policy
        from microsim.ground.policies.applying import apply_traced
        from microsim.ground.policies.differences import differences

        check_names({"FIRST": [first], "SECOND": [second]})
        parameters = load_parameters()
        before, effects_before = apply_traced(parameters, load_policy(first))
        after, effects_after = apply_traced(parameters, load_policy(second))
        found = differences(before, after, (*effects_before, *effects_after))
        if as_json:
            _print_json([
                {"parameter": one.parameter, "label": one.label, "unit": one.unit, "when": one.when,
                 "where": one.where, "before": one.before, "after": one.after,
                 "under": [{"id": p.id, "section": p.section} for p in one.provisions]}
                for one in found
            ])  # fmt: skip
            return
        if not found:
            click.echo(f"{first} and {second} have the same parameters")
            return
        before_name, after_name = (Path(name).name for name in (first, second))
        groups: dict[str, list[tuple[str, ...]]] = {}
        for one in found:
            under = "; ".join(f"{p.id} ({p.section})" if p.section else p.id for p in one.provisions)
            where = f"{one.when}\n{one.where}"
            row = (
                f"{one.label}\n{one.parameter}",
                where,
                one.before,
                f"{one.after}\n{_unit(one.unit)}".rstrip(),
            )
            groups.setdefault(under or _COMPUTED, []).append(row)
        columns = (
            ("what", "wide"),
            ("when and where", "left"),
            (before_name, "right"),
            (after_name, "right"),
        )
        for under, rows in sorted(groups.items(), key=lambda group: group[0] == _COMPUTED):
            click.echo()
            click.echo(click.wrap_text(under, 78))
            print_table(columns, rows)


@policy.command("check", epilog=examples("microsim policy check mine.yaml"))
@click.argument("files", nargs=-1, required=True)
def check_command(files: tuple[str, ...]) -> None:
    """Check policy FILES together, as `run --policy` would apply them."""
    with told_plainly():
        from microsim.ground.parameters import load_parameters
        from microsim.ground.policies import namesakes
        from microsim.ground.policies.applying import compose_and_apply

        one, _, effects = compose_and_apply(load_parameters(), files)
        for line in namesakes(files):
            click.echo(f"warning: {line}", err=True)
        changed = len({effect.patch.parameter for effect in effects})
        click.echo(
            f"{one.id}: right; {_count(len(one.provisions), 'provision')}, "
            f"{_count(len(effects), 'patch', 'patches')} of {_count(changed, 'parameter')}"
        )


def _unit(unit: str) -> str:
    return "" if unit in ("boolean", "choice", "month") else unit


_COMPUTED = "computed from the parameters above"
_OPERATIONS = {"value": "", "scale": "times ", "add": "plus "}


def _document(one: Policy) -> dict[str, object]:
    return {
        "id": one.id,
        "label": one.label,
        "note": one.note,
        "parts": list(one.parts),
        "provisions": [
            {
                "id": provision.id,
                "label": provision.label,
                "section": provision.section,
                "source": list(provision.source),
                "replaces": list(provision.replaces),
                "patches": [
                    {"parameter": patch.parameter, "when": patch.dates, "states": patch.states or "all",
                     patch.operation: patch.form}
                    for patch in provision.patches
                ],
            }
            for provision in one.provisions
        ],
    }  # fmt: skip


def _cited(parameters: object, key: str) -> str:
    from microsim.ground.parameters import Parameters

    assert isinstance(parameters, Parameters)
    source = parameters.sources[key]
    year = f" ({source.year})" if source.year else ""
    return f"{source.organisation}, {source.title}{year}"


def _states(states: tuple[str, ...] | None) -> str:
    if states is None:
        return "all"
    return ", ".join(states) if len(states) <= 4 else f"{len(states)} states"


def _short(form: object) -> str:
    if isinstance(form, bool):
        return "true" if form else "false"
    if isinstance(form, dict):
        inside = ", ".join(f"{key}: {_short(value)}" for key, value in form.items())
        return inside if len(inside) <= 40 else f"by {len(form)} classes"
    return str(form)


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _print_json(value: object) -> None:
    import json

    click.echo(json.dumps(value, indent=2, ensure_ascii=False))
