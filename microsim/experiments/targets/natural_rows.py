"""Rows that natural experiments answer: other people, times and rules than the runs of the other rows."""

from __future__ import annotations

from collections.abc import Sequence

from microsim.experiments.compare import Report, silent
from microsim.experiments.natural import natural_experiment
from microsim.experiments.targets.model import Target
from microsim.experiments.targets.queries import NATURAL, Answer
from microsim.experiments.targets.worlds import Found
from microsim.ground.errors import unknown_name


def natural_answers(
    targets: Sequence[Target], persons: int, seed: int, threads: int, report: Report = silent
) -> dict[str, Found]:
    """Answers of the rows whose query is `natural`, each experiment lived once. No intervals.

    Raises InputError for an outcome that its experiment does not have.
    """
    asked = [target for target in targets if target.query.name == NATURAL]
    names = list(dict.fromkeys(target.query.arguments["experiment"] for target in asked))
    found = {}
    for number, name in enumerate(names):
        report("natural experiments", number, len(names))
        table = natural_experiment(name, persons, seed, threads=threads).set_index("outcome")["model"]
        for target in asked:
            given = target.query.arguments
            if given["experiment"] != name:
                continue
            if given["outcome"] not in table.index:
                raise unknown_name(
                    target.id, "query.outcome", given["outcome"], list(table.index), "an outcome"
                )
            found[target.id] = Found(Answer(float(table[given["outcome"]])))
    return found
