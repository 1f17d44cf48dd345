"""The reduced model in vivarium: a component with columns of the state table and streams of randomness."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

import numpy as np
import pandas as pd
import shared
from vivarium import Component, InteractiveContext

STEP_DAYS = 30
"""Only names the step: rates are a month's."""
COLUMNS = ["alive", "oud", "working", "cover", "treated", "first_check", "death", "dose"]
CHANGING = ["alive", "working", "cover", "treated"]


class Life(Component):
    """Fate, treatment, work and cover of a month, so that each sees what it sees in reduced.py."""

    def __init__(self, model, people):
        super().__init__()
        self.model, self.start = model, people
        self.month, self.counts = 0, Counter(dict.fromkeys(model.events, 0))

    def setup(self, builder):
        stream = builder.randomness.get_stream
        self.fate, self.naloxone, self.fatal = stream("fate"), stream("naloxone"), stream("fatal")
        self.treatment, self.work, self.cover = stream("treatment"), stream("work"), stream("cover")
        builder.population.register_initializer(self.begin, COLUMNS, required_resources=[])
        builder.population.register_tracked_query("alive == True")

    def begin(self, pop_data):
        table = pd.DataFrame({name: self.start[name] for name in COLUMNS[1:]}, index=pop_data.index)
        table = table.astype({"oud": bool, "working": bool, "treated": bool})
        self.population_view.initialize(table.assign(alive=True)[COLUMNS])

    def on_time_step(self, event):
        people = self.population_view.get(event.index, COLUMNS)
        people = self.overdose_and_death(people)
        self.move_treatment(people)
        self.move_work(people)
        self.move_cover(people)
        self.population_view.update(CHANGING, lambda table: people[CHANGING])
        self.month += 1

    def overdose_and_death(self, people):
        """Both are of one draw, as in reduced.py. The dead are written at once; who is left."""
        rates, counts = self.model.monthly, self.counts
        draw = self.fate.get_draw(people.index)
        dies = people.index[draw < people["death"]]
        chance = np.where(people["treated"], rates.overdose_treated, rates.overdose) * people["oud"]
        over = people[draw > 1 - chance]
        counts["other_deaths"] += len(dies)
        counts["overdoses"] += len(over)
        counts["overdoses_treated"] += over["treated"].sum()
        counts["overdoses_uninsured"] += (over["cover"] == self.model.covers.nobody).sum()
        saved = self.naloxone.filter_for_probability(over, over["dose"])
        counts["reversed"] += len(saved)
        chance = np.where(over.index.isin(saved.index), rates.fatal_reversed, rates.fatal)
        fatal = self.fatal.filter_for_probability(over.index, chance)
        counts["overdose_deaths"] += len(fatal)
        gone = dies.union(fatal)
        self.population_view.update("alive", lambda _: pd.Series(False, index=gone, name="alive"))
        return people.drop(gone)

    def move_treatment(self, people):
        rates, counts = self.model.monthly, self.counts
        ill = people[people["oud"]]
        uninsured = ill["cover"] == self.model.covers.nobody
        stop = np.where(uninsured, rates.stop_uninsured, rates.stop)
        moved = self.treatment.filter_for_probability(ill, np.where(ill["treated"], stop, rates.start))
        was = moved["treated"]
        counts["started"] += (~was).sum()
        counts["stopped"] += was.sum()
        counts["stopped_uninsured"] += (was & uninsured[moved.index]).sum()
        people.loc[moved.index, "treated"] = ~was

    def move_work(self, people):
        rates = self.model.monthly
        chance = np.where(people["working"], rates.lose, rates.gain)
        moved = self.work.filter_for_probability(people.index, chance)
        was = people.loc[moved, "working"]
        self.counts["laid_off"] += was.sum()
        self.counts["hired"] += (~was).sum()
        people.loc[moved, "working"] = ~was

    def move_cover(self, people):
        """A check takes cover from people out of work; others enrol, or leave for cover of an employer."""
        rates, kinds, counts = self.model.monthly, self.model.covers, self.counts
        draw, cover = self.cover.get_draw(people.index), people["cover"]
        since = self.month - people["first_check"]
        due = (since >= 0) & (since % self.model.check_every == 0) & (cover == kinds.public)
        lost = due & ~people["working"] & (draw < rates.fail)
        enrols = (cover == kinds.nobody) & (draw < rates.enrol)
        leaves = (cover == kinds.public) & ~lost & (draw < rates.leave)
        counts["checked"] += due.sum()
        counts["lost"] += lost.sum()
        counts["lost_oud"] += (lost & people["oud"]).sum()
        counts["enrolled"] += enrols.sum()
        people.loc[lost, "cover"] = kinds.nobody
        people.loc[enrols, "cover"] = kinds.public
        people.loc[leaves, "cover"] = kinds.job


def build(model: SimpleNamespace, people: dict[str, np.ndarray], seed: int) -> shared.Built:
    """The loop, and what reads the counts after it."""
    life = Life(model, people)
    sim = InteractiveContext(
        components=[life],
        configuration={
            "population": {"population_size": len(people["cover"])},
            "time": {"step_size": STEP_DAYS},
            "randomness": {"random_seed": seed},
        },
        logging_verbosity=0,
    )  # fmt: skip

    def counts() -> dict[str, int]:
        table = life.population_view.get(pd.RangeIndex(len(people["cover"])), CHANGING)
        return {
            **life.counts,
            "people": len(table),
            "working": table["working"].sum(),
            "medicaid": (table["cover"] == model.covers.public).sum(),
            "uninsured": (table["cover"] == model.covers.nobody).sum(),
            "treated": table["treated"].sum(),
        }

    return lambda: sim.take_steps(model.months, with_logging=False), counts


shared.main(build)
