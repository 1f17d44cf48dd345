"""The reduced model in mesa: an agent a person, whose `step` is a month."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

import mesa
import numpy as np
import shared


class Person(mesa.Agent):
    """One person."""

    def __init__(self, model, oud, working, cover, treated, first_check, death, dose):
        super().__init__(model)
        self.oud, self.working, self.cover, self.treated = oud, working, cover, treated
        self.next_check, self.death, self.dose = first_check, death, dose

    def step(self):
        """Fate, treatment, work and cover, so that each sees what it sees in reduced.py."""
        model, draw = self.model, self.random.random
        rates, kinds, counts = model.rates, model.kinds, model.counts
        fate = draw()
        if fate < self.death:
            counts["other_deaths"] += 1
            self.remove()
            return
        if self.oud:
            # One draw for both, as in reduced.py.
            if fate > 1 - (rates.overdose_treated if self.treated else rates.overdose) and self.overdose():
                self.remove()
                return
            self.move_treatment()
        if draw() < (rates.lose if self.working else rates.gain):
            counts["laid_off" if self.working else "hired"] += 1
            self.working = not self.working
        self.move_cover(draw() if self.cover != kinds.job else 1.0)

    def overdose(self):
        """True when it is fatal."""
        model, draw = self.model, self.random.random
        rates, counts = model.rates, model.counts
        counts["overdoses"] += 1
        counts["overdoses_treated"] += self.treated
        counts["overdoses_uninsured"] += self.cover == model.kinds.nobody
        saved = draw() < self.dose
        counts["reversed"] += saved
        if draw() < (rates.fatal_reversed if saved else rates.fatal):
            counts["overdose_deaths"] += 1
            return True
        return False

    def move_treatment(self):
        model = self.model
        rates, counts = model.rates, model.counts
        uninsured = self.cover == model.kinds.nobody
        if not self.treated:
            if self.random.random() < rates.start:
                counts["started"] += 1
                self.treated = True
        elif self.random.random() < (rates.stop_uninsured if uninsured else rates.stop):
            counts["stopped"] += 1
            counts["stopped_uninsured"] += uninsured
            self.treated = False

    def move_cover(self, draw):
        """A check takes cover from people out of work; others enrol, or leave for cover of an employer."""
        model = self.model
        rates, kinds, counts = model.rates, model.kinds, model.counts
        due = model.month == self.next_check
        if due:
            self.next_check += model.check_every
        if self.cover == kinds.nobody:
            if draw < rates.enrol:
                counts["enrolled"] += 1
                self.cover = kinds.public
        elif self.cover == kinds.public:
            if due:
                counts["checked"] += 1
                if not self.working and draw < rates.fail:
                    counts["lost"] += 1
                    counts["lost_oud"] += self.oud
                    self.cover = kinds.nobody
                    return
            if draw < rates.leave:
                self.cover = kinds.job


class World(mesa.Model):
    """All people; a step is a month."""

    def __init__(self, model, people, seed):
        super().__init__(seed=seed)
        self.rates, self.kinds, self.check_every = model.monthly, model.covers, model.check_every
        self.month, self.counts = 0, Counter(dict.fromkeys(model.events, 0))
        names = ("oud", "working", "cover", "treated", "first_check", "death", "dose")
        Person.create_agents(self, len(people["cover"]), *(people[name].tolist() for name in names))

    def step(self):
        # People do not meet, so that the order does not matter and nothing need be shuffled.
        self.agents.do("step")
        self.month += 1


def build(model: SimpleNamespace, people: dict[str, np.ndarray], seed: int) -> shared.Built:
    """The loop, and what reads the counts after it."""
    world = World(model, people, seed)

    def loop() -> None:
        for _ in range(model.months):
            world.step()

    def counts() -> dict[str, int]:
        left, kinds = list(world.agents), model.covers
        return {
            **world.counts,
            "people": len(left),
            "working": sum(person.working for person in left),
            "medicaid": sum(person.cover == kinds.public for person in left),
            "uninsured": sum(person.cover == kinds.nobody for person in left),
            "treated": sum(person.treated for person in left),
        }

    return loop, counts


shared.main(build)
