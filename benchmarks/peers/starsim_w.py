"""The reduced model in starsim: one module whose states are arrays and whose draws are its distributions."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import shared
import starsim as ss


class Life(ss.Module):
    """Fate, treatment, work and cover of a month, so that each sees what it sees in reduced.py."""

    def __init__(self, model, people):
        super().__init__(name="life")
        self.model, self.start = model, people
        self.define_states(
            ss.IntArr("cover"), ss.IntArr("first_check"), ss.FloatArr("death"), ss.FloatArr("dose"),
            ss.BoolArr("oud"), ss.BoolArr("working"), ss.BoolArr("treated"),
        )  # fmt: skip
        self.fate = ss.random()
        rates = model.monthly
        self.reverses = ss.bernoulli(p=lambda self, sim, uids: self.dose[uids])
        self.kills = ss.bernoulli(p=0.5)
        self.moves_treatment = ss.bernoulli(p=lambda self, sim, uids: np.where(
            self.treated[uids],
            np.where(self.cover[uids] == model.covers.nobody, rates.stop_uninsured, rates.stop), rates.start,
        ))  # fmt: skip
        self.moves_work = ss.bernoulli(
            p=lambda self, sim, uids: np.where(self.working[uids], rates.lose, rates.gain)
        )
        self.cover_draw = ss.random()

    def init_post(self):
        super().init_post()
        for name in ("cover", "first_check", "death", "dose"):
            self[name][:] = self.start[name]
        for name in ("oud", "working", "treated"):
            self[name][:] = self.start[name].astype(bool)

    def init_results(self):
        super().init_results()
        self.define_results(*(ss.Result(name, dtype=int, scale=False) for name in self.model.events))

    def count(self, name, uids):
        self.results[name][self.ti] = len(uids)

    def step(self):
        uids = self.overdose_and_death(self.sim.people.auids)
        self.move_treatment(uids)
        self.move_work(uids)
        self.move_cover(uids)

    def overdose_and_death(self, uids):
        """Both are of one draw, as in reduced.py; who is left."""
        rates, draw = self.model.monthly, self.fate.rvs(uids)
        dies = draw < self.death[uids]
        chance = np.where(self.treated[uids], rates.overdose_treated, rates.overdose) * self.oud[uids]
        over = uids[draw > 1 - chance]
        self.count("other_deaths", uids[dies])
        self.count("overdoses", over)
        self.count("overdoses_treated", over[self.treated[over]])
        self.count("overdoses_uninsured", over[self.cover[over] == self.model.covers.nobody])
        saved, alone = self.reverses.split(over)
        self.count("reversed", saved)
        self.kills.set(p=rates.fatal_reversed)
        fatal_saved = self.kills.filter(saved)
        self.kills.set(p=rates.fatal)
        fatal = ss.uids.cat(fatal_saved, self.kills.filter(alone))
        self.count("overdose_deaths", fatal)
        gone = ss.uids.cat(uids[dies], fatal)
        self.sim.people.request_death(gone)
        # Not `uids.remove(gone)`, which sorts everybody and took most of the time.
        return uids[~(self.sim.people.ti_dead[uids] <= self.ti)]

    def move_treatment(self, uids):
        moved = self.moves_treatment.filter(uids[self.oud[uids]])
        was = self.treated[moved]
        self.count("started", moved[~was])
        self.count("stopped", moved[was])
        self.count("stopped_uninsured", moved[was & (self.cover[moved] == self.model.covers.nobody)])
        self.treated[moved] = ~was

    def move_work(self, uids):
        moved = self.moves_work.filter(uids)
        was = self.working[moved]
        self.count("laid_off", moved[was])
        self.count("hired", moved[~was])
        self.working[moved] = ~was

    def move_cover(self, uids):
        """A check takes cover from people out of work; others enrol, or leave for cover of an employer."""
        rates, kinds = self.model.monthly, self.model.covers
        draw, cover = self.cover_draw.rvs(uids), self.cover[uids]
        since = self.ti - self.first_check[uids]
        due = (since >= 0) & (since % self.model.check_every == 0) & (cover == kinds.public)
        lost = due & ~self.working[uids] & (draw < rates.fail)
        enrols = (cover == kinds.nobody) & (draw < rates.enrol)
        leaves = (cover == kinds.public) & ~lost & (draw < rates.leave)
        self.count("checked", uids[due])
        self.count("lost", uids[lost])
        self.count("lost_oud", uids[lost & self.oud[uids]])
        self.count("enrolled", uids[enrols])
        self.cover[uids[lost]] = kinds.nobody
        self.cover[uids[enrols]] = kinds.public
        self.cover[uids[leaves]] = kinds.job


def build(model: SimpleNamespace, people: dict[str, np.ndarray], seed: int) -> shared.Built:
    """The loop, and what reads the counts after it."""
    life = Life(model, people)
    # Automatic results of people and ageing are left out: the reduced model has neither.
    sim = ss.Sim(
        n_agents=len(people["cover"]), modules=life, start=ss.date("2024-01-01"), dt=ss.month,
        dur=ss.months(model.months - 1), rand_seed=seed, use_aging=False, people_results=False, verbose=0,
        copy_inputs=False,
    )  # fmt: skip
    sim.init()
    assert sim.t.npts == model.months

    def counts() -> dict[str, int]:
        found = {name: life.results[name].values.sum() for name in model.events}
        left = sim.people.auids
        found["people"] = len(left)
        found["working"] = life.working[left].sum()
        found["medicaid"] = (life.cover[left] == model.covers.public).sum()
        found["uninsured"] = (life.cover[left] == model.covers.nobody).sum()
        found["treated"] = life.treated[left].sum()
        return found

    return sim.run, counts


shared.main(build)
