"""`microsim trace`: single lives month by month, with reasons and draws."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from microsim.cli.completion import policy_names
from microsim.cli.errors import told_plainly

if TYPE_CHECKING:
    from microsim.cli.progress import Told
    from microsim.experiments.trace import Trace

MOST_LIVES = 1_000
"""Lives told at once; each takes a moment to find and pages to read."""
_EPILOG = """\b
Examples:
  microsim trace --policy budget2025 --reason excluded_unverified --state OH
  microsim trace --policy budget2025 --reason functional_gate
  microsim trace --run results/budget2025-3f0c --reason deterred --n 3 --draws
\b
The case file of a person begins with the id that --person takes.
\b
Reasons: noncompliant, compliant_unverified, excluded_unverified,
renewal_procedural, denied_at_application, deterred, renewal_ineligible,
income_or_other_cover, aged_out. How the exclusion of people with a substance
use disorder failed: undiagnosed, functional_gate, recovery, programme,
unreturned. With --reason, people are found whose life has it under the policy
and not under the baseline.
"""


@click.command(epilog=_EPILOG)
@click.option("--policy", multiple=True, metavar="NAME|FILE", shell_complete=policy_names,
              help="A policy by name or file; repeat it to apply several in order.")  # fmt: skip
@click.option("--run", "folder", metavar="DIR", help="Take everything from a finished run.")
@click.option("--person", multiple=True, metavar="ID", help="The person with this id; repeatable.")
@click.option("--reason", metavar="R", help="People who meet this reason of loss only under the policy.")
@click.option("--state", metavar="OH", help="Look for them in this state.")
@click.option("--n", "count", metavar="N", help="How many to find. [default: 1]")
@click.option("--draws", is_flag=True, help="Show each draw: event, number in [0, 1), what decided.")
@click.option("--all-months", is_flag=True, help="Show quiet months too.")
@click.option("--baseline", metavar="NAME|FILE", shell_complete=policy_names,
              help="What the policy is set against. [default: baseline]")  # fmt: skip
@click.option("--set", "settings", multiple=True, metavar="ID=VALUE",
              help="Set a parameter in both arms; repeatable.")  # fmt: skip
@click.option("--population", metavar="FILE", help="A population file in place of the built-in one.")
@click.option("--persons", metavar="N", help="Records of the built-in population. [default: 1000000]")
@click.option("--start", metavar="YYYY-MM", help="First month told. [default: 2024-01]")
@click.option("--end", metavar="YYYY-MM", help="Last month told. [default: 2034-12, or the end of the run]")
@click.option("--seed", metavar="S", help="Seed of all random draws. [default: 20240101]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: every month, event and check.")
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
def trace(**given: Any) -> None:
    """Follow single lives month by month, in both arms, with reasons and draws.

    The same functions as in `run` live them, in plain Python, from the same tables and on the same draws:
    what you read is what was counted. All people are synthetic.
    """
    with told_plainly():
        numbers = _checked(given)
        # Compiled code cannot be watched, and numba asks once, when it is imported.
        os.environ["NUMBA_DISABLE_JIT"] = "1"
        from microsim.cli.background import Stop
        from microsim.cli.progress import Told

        with Told(Stop(), quiet=given["quiet"], cold=False) as told:
            traced = _traced(given, numbers, told)
        if given["as_json"]:
            import json

            document = traced.document(every_month=given["all_months"], draws=given["draws"])
            click.echo(json.dumps(document, indent=1))
        else:
            from microsim.cli.case_file import print_case_files

            print_case_files(traced, every_month=given["all_months"], draws=given["draws"])


class Numbers(NamedTuple):
    """The numbers among the options; None for one that was not given."""

    ids: list[int]
    number: int | None
    persons: int | None
    seed: int | None


def _checked(given: dict[str, Any]) -> Numbers:
    """The numbers among the options; all problems with the options in one pass."""
    from microsim.cli.options import whole_number
    from microsim.ground.calendar import month_index
    from microsim.ground.counts import MOST_SEED
    from microsim.ground.errors import InputError, Problems

    problems = Problems()

    def whole(option: str, text: str | None, least: int, most: int | None = None) -> int | None:
        if text is None:
            return None
        try:
            return whole_number(option, text, least, most)
        except InputError as error:
            problems.add(error)
            return None

    ids = [whole("--person", text, 0) for text in given["person"]]
    count, persons = whole("--n", given["count"], 1, MOST_LIVES), whole("--persons", given["persons"], 1)
    seed = whole("--seed", given["seed"], 0, MOST_SEED)
    for name in ("start", "end"):
        if given[name] is not None:
            try:
                month_index(given[name])
            except InputError as error:
                problems.add(InputError(f"--{name}", None, given[name], error.expected, fix=error.fix))
    if bool(given["person"]) == (given["reason"] is not None):
        found = "both" if given["person"] else "neither"
        problems.add(InputError("--person or --reason", None, found, "one of the two"))
    if given["reason"] is None:
        for name, option in (("state", "state"), ("count", "n")):
            if given[name] is not None:
                problems.add(InputError(f"--{option}", None, given[name], "only together with --reason"))
    if given["folder"] is None and not given["policy"]:
        problems.add(InputError("--policy", None, None, "a policy, or a finished run with --run"))
    if given["folder"] is not None:
        for name in ("policy", "baseline", "persons", "seed"):
            if given[name]:
                expected = "no such option together with --run, which has its own"
                problems.add(InputError(f"--{name}", None, given[name], expected))
        if given["settings"]:
            problems.add(InputError("--set", None, given["settings"], "no such option together with --run"))
    problems.finish()
    return Numbers([one for one in ids if one is not None], count, persons, seed)


def _traced(given: dict[str, Any], numbers: Numbers, told: Told) -> Trace:
    from microsim.cli.cores import cores
    from microsim.experiments.trace import case_from, case_of, trace_people, trace_reason

    if given["folder"] is not None:
        case = case_from(given["folder"], given["population"], threads=cores(), report=told)
    else:
        options = {name: given[name] for name in ("start", "end") if given[name] is not None}
        if numbers.seed is not None:
            options["seed"] = numbers.seed
        case = case_of(
            given["policy"], given["baseline"] or "baseline", population=given["population"],
            persons=numbers.persons, settings=given["settings"], threads=cores(), report=told, **options,
        )  # fmt: skip
    first, last = _window(case.ready.last, given)
    for line in case.warnings:
        told.say(line)
    if numbers.ids:
        traced = trace_people(case, numbers.ids, threads=cores(), report=told)
    else:
        wanted = given["reason"], given["state"], numbers.number or 1
        traced = trace_reason(case, *wanted, threads=cores(), report=told)
    return traced._replace(first=first, last=last)


def _window(end: int, given: dict[str, Any]) -> tuple[int, int]:
    """The months to tell, inside those lived."""
    from microsim.ground.calendar import month_index, month_name
    from microsim.ground.errors import InputError
    from microsim.ground.schema import POPULATION_MONTH

    first = POPULATION_MONTH if given["start"] is None else month_index(given["start"])
    last = end if given["end"] is None else month_index(given["end"])
    if not POPULATION_MONTH <= first <= end:
        expected = f"a month from {month_name(POPULATION_MONTH)} to {month_name(end)}"
        raise InputError("--start", None, given["start"], expected)
    if not first <= last <= end:
        raise InputError(
            "--end", None, given["end"], f"a month from {month_name(first)} to {month_name(end)}"
        )
    return first, last
