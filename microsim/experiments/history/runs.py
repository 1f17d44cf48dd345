"""The simulator that is matched: targets of role `calibrate` at a point, each run kept on disk."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from microsim.engine.identity import code_digest, identity
from microsim.engine.people import people_of
from microsim.experiments.compare import SEED, Report, load_people, silent
from microsim.experiments.history.space import Space
from microsim.experiments.targets import queries_health  # noqa: F401  (registers its queries)
from microsim.experiments.targets.worlds import Bench, answers
from microsim.experiments.uncertainty.sample import everybody, subsample
from microsim.ground.parameters import Parameters
from microsim.ground.policies import apply_policies

Floats = NDArray[np.float64]


class Runs:
    """Targets at points of a space. Calls with a point made before read it from `file`."""

    def __init__(
        self,
        p: Parameters,
        space: Space,
        *,
        persons: int | None = None,
        seed: int = SEED,
        threads: int = 2,
        file: Path | None = None,
        anchored: bool = True,
        report: Report = silent,
    ) -> None:
        self.p, self.space, self.file = p, space, file
        columns, name = load_people(None, persons, threads, report)
        people = people_of(columns, apply_policies(p, ["baseline"]))
        self.key = identity(
            code=code_digest(),
            parameters=p.digest(),
            people=name,
            seed=seed,
            anchored=anchored,
            targets=[target.id for target in space.targets],
            axes=[axis.id for axis in space.axes],
        )
        self._bench = Bench(subsample(people), seed, threads)
        self._kept = self._read()
        self._shift = np.ones(len(space.targets))
        if anchored:
            # The subsample is off by luck; what all people say at the centre puts it right.
            self._shift = self._full(Bench(everybody(people), seed, threads)) / self._lived(
                np.full(space.size, 0.5)
            )

    def __call__(self, point: Floats) -> Floats:
        """Outputs of a point, (targets,)."""
        return self._lived(point) * self._shift

    def _full(self, bench: Bench) -> Floats:
        return self._once("all", lambda: self._asked(bench, self.p))

    def _lived(self, point: Floats) -> Floats:
        place = ",".join(f"{one:.12g}" for one in point)
        return self._once(place, lambda: self._asked(self._bench, self.space.at(self.p, point)))

    def _asked(self, bench: Bench, tree: Parameters) -> Floats:
        found = answers(bench, tree, self.space.targets, False, {})
        return np.array([found[target.id].value for target in self.space.targets])

    def _once(self, place: str, make: Callable[[], Floats]) -> Floats:
        if place not in self._kept:
            self._kept[place] = make().tolist()
            if self.file is not None:
                self.file.parent.mkdir(parents=True, exist_ok=True)
                with self.file.open("a", encoding="utf-8") as file:
                    file.write(
                        json.dumps({"key": self.key, "point": place, "outputs": self._kept[place]}) + "\n"
                    )
        return np.array(self._kept[place])

    def _read(self) -> dict[str, list[float]]:
        if self.file is None or not self.file.is_file():
            return {}
        kept = {}
        for line in self.file.read_text(encoding="utf-8").splitlines():
            try:
                row = json.loads(line)
            except ValueError:  # a line cut off by an interruption
                continue
            if row.get("key") == self.key:
                kept[row["point"]] = row["outputs"]
        return kept
