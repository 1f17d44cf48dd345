"""What the peers' scripts share: the reduced model as the parent wrote it, a clock, and what they print."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np

FEW = 1_000

Built = tuple[Callable[[], object], Callable[[], dict[str, int]]]
"""The loop that is timed, and what reads the counts after it."""


def read(path: str) -> tuple[SimpleNamespace, dict[str, np.ndarray]]:
    """The reduced model and its people at the start.

    Columns are added for a person's month of the first check, probability of death and of a dose.
    """
    model = json.loads(Path(path).read_text(), object_hook=lambda found: SimpleNamespace(**found))
    with np.load(model.start) as columns:
        people = {name: columns[name].astype(int) for name in columns.files}
    people["first_check"] = model.law + people["phase"]
    people["death"] = np.array(model.deaths)[people["group"]]
    people["dose"] = np.array(model.naloxone)[people["state"]]
    return model, people


def main(build: Callable[[SimpleNamespace, dict[str, np.ndarray], int], Built]) -> None:
    """`SCRIPT MODEL SEED`: live a few people once, then all, timed; print what happened as JSON.

    `build` takes the model, people and a seed.
    """
    model, people = read(sys.argv[1])
    few, _ = build(model, {name: column[:FEW] for name, column in people.items()}, int(sys.argv[2]))
    few()  # so that code compiled at first use is not in the time
    loop, counts = build(model, people, int(sys.argv[2]))
    start = time.process_time()
    loop()
    seconds = time.process_time() - start
    found = {name: int(value) for name, value in counts().items()}
    size = {"people": len(people["state"]), "months": model.months}
    print(json.dumps({"seconds": seconds, **size, "counts": found}))
