"""The rules and the naive law agree on random situations that stand at the lines of the statute."""

from __future__ import annotations

from typing import Any

import naive_law
import numpy as np
import pytest

from microsim.ground import schema
from microsim.rules.applicable import applicable_group
from microsim.rules.compliance import compliance_path
from microsim.rules.exclusions import proof_leak, specified_exclusion
from microsim.rules.month_status import month_standing
from microsim.rules.options import Options
from microsim.rules.pathway import Visibility, pathway
from microsim.rules.renewal import disenrolment_month, renewal_interval
from microsim.rules.situation import NEVER_MONTHS, Situation
from microsim.rules.statuses import COMPLIANCES, EXCLUSIONS, month_counts

SUD = ("none", "active", "past")
PROGRAMMES = ("none", "recognised", "other")
NEAR = (-1, 0, 1)
HARDSHIPS = {
    "inpatient": "hospital", "disaster_county": "emergency", "high_unemployment_county": "no_jobs",
    "medical_travel": "travel",
}  # fmt: skip
"""Hardships of a situation and the words of the twin for them."""


def random_options(rng: np.random.Generator) -> Options:
    values = dict.fromkeys(Options._fields, 0) | {
        "in_force": 1, "age_low_months": 228, "age_high_months": 780, "child_age_limit_months": 168,
        "foster_age_limit_months": 312, "recovery_line_months": 60, "release_months": 3, "hours_required": 80,
        "income_required": 580, "income_hourly_cents": 725, "renewal_period_months": 12,
        "short_renewal_months": 6, "deemed_days": 5, "cure_days": 30, "advance_notice_days": 10,
    }  # fmt: skip
    for switch in ("exclusions_apply", "functional_gate", "sud_automatic", "income_hours_credit",
                   "waiver_adults_subject", "six_month_in_force", "disenrolment_lag_months", "hardship_inpatient",
                   "hardship_disaster", "hardship_unemployment", "hardship_travel"):  # fmt: skip
        values[switch] = int(rng.integers(0, 2))
    values["programme_counts"] = int(rng.integers(0, 3))
    values["income_hourly_cents"] = int(rng.choice([725, 720]))
    values["notice_day"] = int(rng.integers(1, 32))
    return Options(**values)


def random_pair(rng: np.random.Generator) -> tuple[Situation, dict[str, Any]]:
    """One person-month as the rules and as the twin read it; few attributes at once, so that each decides."""
    rare = float(rng.choice([0.03, 0.1, 0.3]))
    flags = ("pregnant", "caregiver", "aian", "foster_youth", "veteran_total", "disabled", "smi",
             "complex_condition", "snap_subject", "tanf", "inmate", "half_time_student")  # fmt: skip
    some = {name: int(rng.random() < rare) for name in flags}
    some |= {"impaired": int(rng.integers(0, 2)), "seasonal": int(rng.random() < 0.2)}
    sud = int(rng.choice([0, 0, 1, 2]))
    facts = {
        "age_months": int(rng.choice([228, 312, 400, 780]) + rng.choice(NEAR)),
        "cover": schema.COVERS.index(str(rng.choice(["adult_group", "waiver_adult", "other_adult"]))),
        "child_age_months": int(rng.choice([NEVER_MONTHS, NEVER_MONTHS, 168 + rng.choice(NEAR)])),
        "months_since_release": int(rng.choice([NEVER_MONTHS, NEVER_MONTHS, 3 + rng.choice(NEAR)])),
        "sud": sud,
        "recovery_months": int(60 + rng.choice(NEAR)) if sud == 2 else 0,
        "programme": int(rng.integers(0, 3)) if sud else 0,
        "hours": int(rng.choice([0, 79, 80, 81])),
        "household_income": int(rng.choice([0, 579, 580, 581])),
        "volunteer_hours": int(rng.choice([0, 0, 0, 1, 80])),
        "seasonal_average": int(rng.choice([579, 580])),
    }
    situation = Situation(**(dict.fromkeys(Situation._fields, 0) | some | facts))
    hardships = {twin for name, twin in HARDSHIPS.items() if rng.random() < 0.1}
    situation = situation._replace(**{name: 1 for name, twin in HARDSHIPS.items() if twin in hardships})
    released = facts["months_since_release"]
    twin = {name: bool(value) for name, value in some.items()} | {
        "age": facts["age_months"],
        "cover": schema.COVERS[facts["cover"]],
        "foster": bool(some["foster_youth"]),
        "complex": bool(some["complex_condition"]),
        "student": bool(some["half_time_student"]),
        "child_age": None if facts["child_age_months"] == NEVER_MONTHS else facts["child_age_months"],
        "since_release": None if released == NEVER_MONTHS else released,
        "sud": SUD[sud],
        "recovery_months": facts["recovery_months"],
        "programme": PROGRAMMES[facts["programme"]],
        "hours": facts["hours"],
        "income": facts["household_income"],
        "volunteer_hours": facts["volunteer_hours"],
        "hardships": hardships,
        "six_month_income": facts["seasonal_average"],
        "job": str(rng.choice(schema.JOBS)),
        "work_class": str(rng.choice(schema.WORK_CLASSES)),
    }
    return situation, twin


@pytest.mark.parametrize("seed", range(4))
def test_rules_equal_the_naive_law(seed: int) -> None:
    rng = np.random.default_rng(seed)
    seen: set[str] = set()
    for _ in range(4_000):
        situation, facts = random_pair(rng)
        options = random_options(rng)
        law = options._asdict()
        on, known = int(rng.integers(0, 2)), int(rng.integers(0, 2))
        excluded, how = specified_exclusion(situation, options), compliance_path(situation, options)
        assert EXCLUSIONS[excluded] == (naive_law.exclusion(facts, law) or "none")
        assert COMPLIANCES[how] == (naive_law.compliance(facts, law) or "none")
        assert bool(month_counts(month_standing(situation, options))) == naive_law.month_counts(facts, law)
        assert bool(applicable_group(situation, options)) == naive_law.in_the_group(facts, law)
        assert schema.LEAKS[proof_leak(situation, options, known)] == naive_law.leak(facts, law, bool(known))
        if excluded or how:
            job, work_class = schema.JOBS.index(facts["job"]), schema.WORK_CLASSES.index(facts["work_class"])
            visible = Visibility(*rng.integers(1, 4, len(schema.PATHWAYS)).tolist())
            code = pathway(situation, options, excluded, how, on, job, work_class, known, visible)
            shown = naive_law.pathway(facts, law, True, bool(on), bool(known), visible)
            assert schema.PATHWAYS[code] == shown
            seen.add(shown)
        seen.update((EXCLUSIONS[excluded], COMPLIANCES[how]))
    lived = {
        "work",
        "community_service",
        "combination",
        "education",
        "income",
        "seasonal_income",
        "income_as_hours",
    }
    assert set(EXCLUSIONS) | lived | set(schema.PATHWAYS) - {"none"} <= seen


def test_end_of_cover_equals_the_calendar() -> None:
    rng = np.random.default_rng(5)
    for month in range(108, 300):
        for _ in range(20):
            options = random_options(rng)
            law = options._asdict()
            last = naive_law.last_covered_month(month, law, schema.EPOCH_YEAR)
            assert disenrolment_month(month, options) == last
            for kind in ("adult_group", "waiver_adult", "other_adult"):
                for aian in (0, 1):
                    mine = renewal_interval(schema.COVERS.index(kind), aian, options)
                    assert mine == naive_law.renewal_interval(kind, bool(aian), law)
