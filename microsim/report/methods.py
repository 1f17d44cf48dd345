"""How the numbers came about, generated from the run: changes of law, assumptions, sources, identity."""

from __future__ import annotations

import shlex
from collections import Counter
from typing import Any

from microsim.ground.parameters.checking import STATUSES
from microsim.ground.policies.differences import differences
from microsim.report.blocks import Code, Folded, Link, Listing, Paragraph, References, Section, Table
from microsim.report.context import Context
from microsim.report.evidence_page import SUBJECTS
from microsim.report.formats import exact, say
from microsim.report.records import citation, interval_text, unit_text, value_text
from microsim.report.texts import text

MEANING = {
    "measured": "read or counted in a source",
    "derived": "computed from sources",
    "assumed": "a judgement",
    "calibrated": "set so that the model meets a published total",
}


def methods(context: Context) -> Section:
    before, after = context.trees
    changed = differences(before, after)
    changes = Table(
        ("Parameters that differ between the two arms",),
        ("What", "When", "Where", "Baseline", "Policy"),
        [
            (one.label, one.when, one.where, _unit(one.before, one.unit), _unit(one.after, one.unit))
            for one in changed
        ],
        words=(1, 2, 3, 4),
    )
    return Section(
        "methods",
        "How this was computed",
        [
            Paragraph(
                (
                    (
                        "Every resident of the place is represented by weighted synthetic people who are"
                        " followed month by month: age and life events, work, the drug supply, substance use,"
                        " treatment, overdose, death from other causes, and cover. The law is applied to each"
                        " person each month, and what the state can see is kept apart from what is true."
                        " Baseline and policy are lived by the same people with the same random numbers, so a"
                        " person whom the policy does not touch lives the same life twice and every"
                        " difference is caused by the policy."
                    ),
                )
            ),
            Paragraph(
                (
                    (
                        "Overdoses and deaths are expected values: the sum of each person's risk, not the"
                        " count of simulated events. Losses of cover and of treatment are simulated events."
                    ),
                )
            ),
            Folded(
                "What the policy changes",
                [changes if changed else Paragraph(("The arms have the same parameters.",))],
            ),
            *assumptions(context),
        ],
    )


def _unit(value: str, unit: str) -> str:
    return f"{value} {unit_text(unit, value)}".rstrip()


def assumptions(context: Context) -> list[Any]:
    """Counts by status, and every assumed parameter by subject."""
    tree = context.trees[1]
    every = [tree.record(id_) for id_ in tree.ids()]
    counted = Counter(record.status for record in every)
    parts: dict[str, Any] = {status: exact(counted[status]) for status in STATUSES}
    parts["all"] = exact(len(every))
    named = ", ".join(
        f"{{{status}}} are {status} ({MEANING[status]})" for status in STATUSES if counted[status]
    )
    blocks: list[Any] = [Paragraph(say("The run rests on {all} parameters: " + named + ".", **parts))]
    groups: dict[str, list[Any]] = {heading: [] for heading, _ in SUBJECTS}
    for record in every:
        if record.status == "assumed":
            heading = next(name for name, prefixes in SUBJECTS if record.id.startswith(prefixes))
            groups[heading].append(record)
    tables = [
        Table(
            (heading,),
            ("Assumption", "Value", "Unit", "Interval"),
            [
                (
                    record.label,
                    value_text(record),
                    unit_text(record.unit),
                    interval_text(record),
                )
                for record in records
            ],
            words=(1, 2, 3),
        )
        for heading, records in groups.items()
        if records
    ]
    return [*blocks, Folded("Every assumption of this run", tables)]


def limitations() -> Section:
    return Section(
        "limits",
        "Limitations",
        [
            Listing([(sentence,) for sentence in text("limits")]),
        ],
    )


def law(context: Context) -> Section:
    told = text("law")
    tree = context.trees[1]
    events = [
        (f"{event['date']}: {event['text']} ({'; '.join(_short(tree, key) for key in event['source'])})",)
        for event in told["events"]
    ]
    return Section(
        "law",
        "Date of the data, and what changed in law",
        [
            Paragraph(
                (
                    (
                        f"The population is dated {told['population']}; overdose deaths are those of"
                        f" {told['deaths']}. Law, rules and evidence were read up to {told['read_until']}."
                    ),
                )
            ),
            Listing(events),
            Paragraph((told["open"],)),
        ],
    )


def _short(tree: Any, key: str) -> str:
    return str(tree.sources[key].organisation) if key in tree.sources else key


def place_and_time(context: Context) -> list[str]:
    """Options of a command for the window and the states of a run."""
    manifest, (start, end) = context.result.manifest, context.document["window"]
    states = ["--states", ",".join(manifest["states"])] if manifest["states"] else []
    return ["--start", start, "--end", end, *states]


def _again(context: Context) -> tuple[str, list[str]]:
    """The command that makes the run from the start, and the files that it needs besides."""
    manifest, document = context.result.manifest, context.document
    command = ["microsim", "run"]
    for policy in manifest["policies"]:
        command += ["--policy", policy]
    command += ["--baseline", document["baseline"]]
    names = (*manifest["policies"], document["baseline"])
    needs = [f"the policy file {name}" for name in names if name.endswith((".yaml", ".yml")) or "/" in name]
    kind, _, rest = str(manifest["population"]).partition("-")
    if kind == "file":
        command += ["--population", "FILE"]
        needs.append(f"for FILE, the population whose digest is {rest}")
    else:
        command += ["--persons", rest.split("-")[0]]
    command += [*place_and_time(context), "--draws", str(document["draws"])]
    command += ["--full-draws"] if manifest.get("full_draws") else []
    command += ["--seed", str(manifest["seed"])]
    for setting in manifest["settings"]:
        command += ["--set", setting]
    return shlex.join(command), needs


def identity(context: Context) -> Section:
    manifest = context.result.manifest
    command, needs = _again(context)
    population = str(manifest["population"])
    facts = [
        ("Run", manifest["run"]),
        ("Version", manifest["version"]),
        ("Code", manifest["code"]),
        ("Population", population),
        ("Seed", str(manifest["seed"])),
    ]
    blocks: list[Any] = [
        Table(("Identity of the run",), ("What", "Value"), facts, words=(1,)),
        Paragraph(("Repeat it from its manifest, or from the start:",)),
        Code(["microsim reproduce manifest.json", command]),
    ]
    if needs:
        blocks.append(Paragraph((f"From the start it needs, as in the run: {'; '.join(needs)}.",)))
    if manifest["idle"]:
        blocks += [
            Paragraph(("Parts of the policy without effect in this period and place:",)),
            Listing([(one,) for one in manifest["idle"]]),
        ]
    return Section("run", "The run, and how to repeat it", blocks)


def references(context: Context) -> Section:
    """Sources cited by the parameters of the run; those of unused entries are left out."""
    tree = context.trees[1]
    cited = {key for id_ in tree.ids() for key in tree.record(id_).source}
    cited |= {key for event in text("law")["events"] for key in event["source"] if key in tree.sources}
    items = sorted(
        (Link(citation(tree, key), tree.sources[key].link) for key in cited), key=lambda link: link.text
    )
    return Section(
        "references",
        "Sources",
        [
            Paragraph(
                say(
                    "The parameters of this run cite {n} sources. Some were read in a secondary copy, as they"
                    " say.",
                    n=exact(len(items)),
                )
            ),
            Folded("All sources", [References(items)]),
        ],
    )
