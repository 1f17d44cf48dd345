"""At one check: better data, better answers and accepted papers never turn a pass into a failure."""

from __future__ import annotations

import numpy as np
import pytest
from twin_cases import lawful_tables, people_at_the_lines

from microsim.ground.compiled import compiled
from microsim.ground.draws import ONE
from microsim.ground.philox import key_words
from microsim.ground.schema import POPULATION_MONTH
from microsim.life.check_month import NO_HARDSHIP, check, options_of, situation
from microsim.life.origin import first_life, person_of
from microsim.life.state import NEVER, Work

PEOPLE = 300
BETTER = ("clear", "response", "document", "applicant_response")


@compiled
def one_check(record, poor, key, rates, place, applying, history):
    """Truth and outcome of one check of a person: met, excluded, cleared, proved, leak."""
    month = POPULATION_MONTH + 12
    person = person_of(record, key, poor)
    life = first_life(record)
    age = month - person.birth_month
    kind = life.cover.kind
    own = life.work
    work = Work(own.work_class, own.working, own.spouse_works, history, own.incomes)
    truth = situation(
        month, age, person, work, life.home, life.use, life.opioid, kind, key, rates, NO_HARDSHIP
    )
    options = options_of(place)
    found = check(
        month, applying, NEVER if applying else life.cover.checked_at, 1, person, work, life.use, life.opioid,
        life.cover, truth, key, rates, place, options,
    )  # fmt: skip
    return found.met, found.excluded, found.cleared, found.proved, found.leak


@pytest.mark.parametrize("applying", [0, 1])
def test_more_to_show_never_turns_a_pass_into_a_failure(applying: int) -> None:
    people = people_at_the_lines(PEOPLE, 5)
    tables = lawful_tables(1, 24, 5)
    rng = np.random.default_rng(5)
    key0, key1 = key_words(1, 0)
    rates = tables.rates[0]
    reached = set()
    for row in range(PEOPLE):
        record, poor = people.records[row], int(people.poor[row])
        number = int(record["person_id"])
        key = (number & 0xFFFFFFFF, number >> 32, key0, key1)
        place = tables.places[0, int(record["state"]), 12].copy()
        history = int(rng.integers(0, 1 << 13)) * int(rng.integers(0, 2))
        met, excluded, cleared, proved, leak = one_check(record, poor, key, rates, place, applying, history)
        passed = bool(cleared or proved)
        assert not passed or met
        assert not passed or leak == 0
        reached.add((bool(met), passed))
        for name in BETTER:
            better = place.copy()
            better[name] = np.maximum(better[name], ONE - 1 - (ONE - better[name]) // 4)
            after = one_check(record, poor, key, rates, better, applying, history)
            assert (after[0], after[1]) == (met, excluded), "evidence does not change what is true"
            assert bool(after[2] or after[3]) >= passed, name
        full = one_check(record, poor, key, rates, place, applying, (1 << 13) - 1)
        assert full[0] and bool(full[2] or full[3]) >= passed, "more months that count"
    assert reached == {(False, False), (True, False), (True, True)}
