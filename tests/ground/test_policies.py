"""Policies: dates, classes, states, order, conflicts, idleness, and settings above them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from microsim.ground.calendar import month_index
from microsim.ground.errors import InputError
from microsim.ground.parameters import Parameters, load_parameters
from microsim.ground.policies import (
    Library,
    apply_policies,
    apply_settings,
    compose,
    idle_patches,
    load_policy,
)
from microsim.ground.schema import STATES

Plant = Callable[..., Path]
OHIO = STATES.index("OH")


@pytest.fixture
def tree(plant: Plant) -> Parameters:
    return load_parameters(plant())


@pytest.fixture
def library(plant: Plant) -> Library:
    return Library(plant() / "policies")


@pytest.fixture
def patched(plant: Plant, tree: Parameters, library: Library, tmp_path: Path) -> Callable[[str], Parameters]:
    """Applies a user's policy with the given patches, one a line."""

    def apply(lines: str, *before: str) -> Parameters:
        file = tmp_path / "mine.yaml"
        file.write_text("patches:\n" + "\n".join(f"  - {line}" for line in lines.strip().splitlines()))
        return apply_policies(tree, [*before, file], library)

    return apply


def test_a_patch_acts_from_its_date_on(tree: Parameters, library: Library) -> None:
    after = apply_policies(tree, ["package"], library)
    december, january = month_index("2026-12"), month_index("2027-01")
    assert after.array("demo.in_force", "state", month=december).sum() == 1
    assert after.array("demo.in_force", "state", month=january).all()
    assert after.choice("demo.months_between_renewals", december) == 12
    assert after.choice("demo.months_between_renewals", january) == 6
    assert after.choice("demo.months_between_renewals", 10_000) == 6


def test_until_is_the_last_month_in_force(patched: Callable[[str], Parameters]) -> None:
    after = patched('{parameter: demo.kits, from: "2025-03", until: "2025-05", add: 7}')
    assert after.monthly("demo.kits", 121, 125).tolist() == [1000, 1007, 1007, 1007, 1000]


def test_a_patch_before_all_dates_of_a_parameter(patched: Callable[[str], Parameters]) -> None:
    after = patched('{parameter: demo.deaths, from: "2020-01", until: "2020-12", value: 60000}')
    assert after.monthly("demo.deaths", 59, 72).tolist() == [80000, *[60000] * 12, 80000]
    assert after.number("demo.deaths", 114) == 68000


def test_dated_values_follow_each_other(patched: Callable[[str], Parameters]) -> None:
    after = patched('{parameter: demo.kits, values: {"2025-01": 10, "2026-01": 20}, until: "2026-06"}')
    assert [after.number("demo.kits", month) for month in (119, 120, 131, 132, 137, 138)] == [
        1000, 10, 10, 20, 20, 1000,
    ]  # fmt: skip


def test_a_patch_of_some_classes_leaves_the_others(
    tree: Parameters, patched: Callable[[str], Parameters]
) -> None:
    after = patched("{parameter: demo.stop, scale: {methadone: 2, buprenorphine: {m1_2: 0.5}}}")
    before, changed = (one.array("demo.stop", "drug", "tenure") for one in (tree, after))
    assert changed[0].tolist() == [0.1, *before[0, 1:]]
    assert changed[1].tolist() == (2 * before[1]).tolist()
    assert changed[2].tolist() == before[2].tolist()


def test_classes_of_a_later_dimension_need_no_earlier_one(patched: Callable[[str], Parameters]) -> None:
    after = patched("{parameter: demo.stop, value: {m25_up: 0.5}}")
    assert after.array("demo.stop", "drug", "tenure")[:, 3].tolist() == [0.5, 0.5, 0.5]


def test_a_patch_of_one_state_leaves_every_other_state(
    tree: Parameters, patched: Callable[[str], Parameters]
) -> None:
    after = patched(
        "{parameter: demo.rate, states: [OH], value: 0.9}\n{parameter: demo.kits, states: OH, value: 5}"
    )
    others = np.arange(len(STATES)) != OHIO
    for name, value in (("demo.rate", 0.9), ("demo.kits", 5)):
        now, then = after.array(name, "state"), tree.array(name, "state")
        assert now[OHIO] == value
        assert (now[others] == then[others]).all()


def test_the_tree_given_is_untouched_and_order_of_independent_parts_does_not_matter(
    tree: Parameters, library: Library
) -> None:
    before = tree.digest()
    one = apply_policies(tree, ["package", "fewer-kits"], library)
    other = apply_policies(tree, ["fewer-kits", "package"], library)
    assert one.digest() == other.digest() == apply_policies(tree, ["package-and-cuts"], library).digest()
    assert tree.digest() == before
    assert apply_policies(tree, ["baseline"], library).digest() == before


def test_a_provision_shared_by_two_policies_applies_once(tree: Parameters, library: Library) -> None:
    twice = apply_policies(tree, ["package-and-cuts", "package", "fewer-kits"], library)
    assert twice.number("demo.kits", 200) == 500


def test_replacing_must_be_said(tree: Parameters, library: Library, tmp_path: Path) -> None:
    after = apply_policies(tree, ["package", "early-work-rule"], library)
    assert after.array("demo.in_force", "state", month=month_index("2026-12")).all()
    with pytest.raises(InputError, match="list early-work-rule after work-rule"):
        apply_policies(tree, ["early-work-rule", "package"], library)
    file = tmp_path / "other.yaml"
    file.write_text('patches: [{parameter: demo.in_force, from: "2028-01", value: false, states: OH}]')
    with pytest.raises(InputError, match="replaces: work-rule") as caught:
        apply_policies(tree, ["package", file], library)
    assert "work-rule.yaml:6" in str(caught.value)


def test_scaling_after_setting_is_as_written_and_setting_after_scaling_is_refused(
    patched: Callable[..., Parameters],
) -> None:
    after = patched("{parameter: demo.kits, value: 100}\n{parameter: demo.kits, scale: 3}")
    assert after.number("demo.kits") == 300
    with pytest.raises(InputError, match="one provision to set the same value"):
        patched("{parameter: demo.kits, value: 100}", "fewer-kits")


def test_disjoint_months_or_states_do_not_conflict(patched: Callable[..., Parameters]) -> None:
    after = patched(
        '{parameter: demo.in_force, from: "2026-01", until: "2026-12", states: [OH, WV], value: true}',
        "package",
    )
    assert after.array("demo.in_force", "state", month=month_index("2026-06")).sum() == 3


def test_a_value_may_be_computed_from_other_parameters(
    tree: Parameters, patched: Callable[..., Parameters]
) -> None:
    after = patched('{parameter: demo.kits, from: "2025-10", value: "= demo.deaths / 8"}', "renewals")
    assert [after.number("demo.kits", month) for month in (128, 129, 300)] == [1000, 7000, 7000]
    scaled = patched('{parameter: demo.stop, value: "= demo.stop * demo.kits / 2000"}')
    assert scaled.array("demo.stop", "drug", "tenure")[0, 0] == pytest.approx(0.1)
    early = patched('{parameter: demo.kits, value: "= demo.deaths / 8"}')
    assert (
        early.monthly("demo.kits", 108, 121).tolist() == (tree.monthly("demo.deaths", 108, 121) / 8).tolist()
    )


@pytest.mark.parametrize(
    ("patch", "said"),
    [
        ("{parameter: demo.kit, value: 1}", "nearest is 'demo.kits'"),
        ("{parameter: demo.kits, value: 1000}", "the value is the same already"),
        ("{parameter: demo.kits, scale: 1}", "the value is the same already"),
        ("{parameter: demo.in_force, states: GA, value: true}", "the value is the same already"),
        ("{parameter: demo.kits, value: true}", "a number of at least 0"),
        ("{parameter: demo.kits, value: -1}", "a number of at least 0"),
        ("{parameter: demo.kits, add: -2000}", "a number of at least 0"),
        ("{parameter: demo.stop, scale: 6}", "between 0 and 1"),
        ("{parameter: demo.kits, value: 1_000}", "a number of at least 0"),
        ("{parameter: demo.kits, value: .nan}", "a number of at least 0"),
        ("{parameter: demo.kits, value: 1e999}", "a number of at least 0"),
        ("{parameter: demo.kits, value: [1]}", "a number of at least 0"),
        ("{parameter: demo.kits, value: null}", "a number of at least 0"),
        ("{parameter: demo.kits, value: {a: 1}}", "it has no classes"),
        ("{parameter: demo.in_force, value: no}", "write false"),
        ("{parameter: demo.in_force, scale: 2}", "`value` for the unit boolean"),
        ("{parameter: demo.path, value: flt}", "nearest is 'flat'"),
        ("{parameter: demo.stop, value: {buprenorfine: 0.1}}", "nearest is 'buprenorphine'"),
        ("{parameter: demo.stop, value: {}}", "at least one class"),
        ("{parameter: demo.rate, states: [OI], value: 1}", "postal code"),
        ("{parameter: demo.rate, states: [], value: 1}", "at least one"),
        ("{parameter: demo.kits, unit: usd, value: 1}", "the unit of the parameter, kits_per_year"),
        ("{parameter: demo.kits, from: 2027, value: 1}", "write '2027-01'"),
        ("{parameter: demo.kits, from: 2027-01-15, value: 1}", "write '2027-01'"),
        ("{parameter: demo.kits, from: 2027-13, value: 1}", "YYYY-MM"),
        ("{parameter: demo.kits, from: 2027-02, until: 2027-01, value: 1}", "not before `from`"),
        ("{parameter: demo.kits, form: 2027-02, value: 1}", "nearest is 'from'"),
        ("{parameter: demo.kits}", "one of value, values, scale or add"),
        ("{parameter: demo.kits, value: 1, scale: 2}", "one of value, values, scale or add"),
        ("{value: 1}", "`parameter`"),
        ("demo.kits", "a patch with parameter"),
        ("{parameter: demo.kits, values: {2026-02: 1, 2026-01: 2}}", "ascending"),
        ("{parameter: demo.kits, from: 2025-01, values: {2026-02: 1}}", "and no `from`"),
        ('{parameter: demo.kits, value: "= demo.kit + 1"}', "nearest is 'demo.kits'"),
        ('{parameter: demo.kits, value: "= sum(demo.rate, drug)"}', "a known function"),
        ('{parameter: demo.kits, value: "= demo.rate"}', "a result by nothing"),
        ('{parameter: demo.kits, value: "= demo.kits / 0"}', "a finite result"),
        ('{parameter: demo.path, value: "= demo.kits"}', "no arithmetic"),
        ("{parameter: demo.rate, value: {table: nowhere.csv, column: x}}", "a readable CSV table"),
    ],
)
def test_wrong_patches_are_refused_with_line_and_fix(
    patched: Callable[[str], Parameters], patch: str, said: str
) -> None:
    with pytest.raises(InputError, match=r"mine\.yaml:[23]") as caught:
        patched(patch)
    assert said in str(caught.value)
    assert len(caught.value.problems) == 1


def test_all_problems_come_in_one_pass(patched: Callable[[str], Parameters]) -> None:
    with pytest.raises(InputError) as caught:
        patched(
            "{parameter: demo.kit, value: 1}\n{parameter: demo.stop, value: 2}\n"
            "{parameter: demo.kits, value: 1000}"
        )
    assert [problem.line for problem in caught.value.problems] == [2, 3, 4]
    assert len(str(caught.value).splitlines()) == 3


def test_what_is_wrong_in_form_and_what_is_wrong_in_sense_come_together(
    patched: Callable[[str], Parameters],
) -> None:
    with pytest.raises(InputError) as caught:
        patched(
            "{parameter: demo.kit, value: 1}\n{parameter: demo.kits, from: '2027-13', value: 2}\n"
            "{parameter: demo.kits, states: [OI], value: 2}\n{parameter: demo.kits, value: 2, unit: days}\n"
            "{parameter: demo.kits, valeu: 2}"
        )
    problems = caught.value.problems
    assert [problem.line for problem in problems] == [2, 3, 4, 5, 6]
    assert [problem.nearest for problem in problems] == ["demo.kits", None, "OH", None, "value"]


def test_one_patch_tells_all_that_is_wrong_with_it(patched: Callable[[str], Parameters]) -> None:
    with pytest.raises(InputError) as caught:
        patched(
            "{parameter: demo.kit, from: '2027-13', states: [OI], scale: two}\n"
            "{parameter: demo.kits, from: '2027-13', states: [OI], scale: two}\n"
            "{parameter: demo.kit, note: 3, values: 3}"
        )
    assert [problem.line for problem in caught.value.problems] == [2, 2, 2, 2, 3, 3, 3, 4, 4, 4]
    told = str(caught.value)
    assert told.count("demo.kits'") == 2 and told.count("scale: 'two'") == 2 and told.count("nearest is 'OH'") == 2


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"policies/a.yaml": "policies: [a]\n"}, "do not contain themselves"),
        (
            {"policies/a.yaml": "policies: [b]\n", "policies/b.yaml": "policies: [a]\n"},
            "do not contain themselves",
        ),
        ({"policies/a.yaml": "provisions: [work-rul]\n"}, "nearest is 'work-rule'"),
        ({"policies/a.yaml": "provisions: [package]\n"}, "list it under `policies`"),
        ({"policies/a.yaml": "id: b\nprovisions: []\n"}, "the name of the file"),
        ({"policies/a.yaml": "provisons: [work-rule]\n"}, "nearest is 'provisions'"),
        ({"policies/package/a.yaml": "section: s\nlabel: x\n"}, "a provision with"),
        ({"policies/a.yaml": ""}, "a policy or a provision"),
        ({"policies/a.yaml": "replaces: work-rule\n"}, "beside `patches`"),
        ({"policies/a.yaml": "- a\n"}, "a mapping"),
        ({"policies/a.yaml": b"label: caf\xe9\n"}, "UTF-8"),
    ],
)
def test_wrong_libraries_are_refused(plant: Plant, files: dict[str, str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        Library(plant(files) / "policies")


def test_unknown_policies_name_the_nearest(library: Library) -> None:
    with pytest.raises(InputError, match="nearest is 'package'"):
        load_policy("pakage", library)
    with pytest.raises(InputError, match="a file that exists"):
        load_policy("nowhere.yaml", library)


def test_what_is_idle_only_because_of_the_run_is_named(tree: Parameters, library: Library) -> None:
    policy = compose(["package-and-cuts"], library)
    first, last = month_index("2025-01"), month_index("2026-12")
    idle = idle_patches(policy, tree, first, last)
    assert {one.parameter for one in idle} == {"demo.in_force", "demo.months_between_renewals"}
    assert "starts after the run ends in 2026-12" in str(idle[0])
    later = month_index("2034-12")
    assert idle_patches(policy, tree, first, later) == ()
    georgia = idle_patches(policy, tree, first, later, ["GA"])
    assert [one.parameter for one in georgia] == ["demo.in_force"]


def test_settings_win_over_every_policy(tree: Parameters, library: Library) -> None:
    after = apply_policies(tree, ["package-and-cuts"], library)
    final = apply_settings(
        after, ["demo.kits=7", "demo.stop[methadone,m1_2]=0.9", "demo.rate[all]=0.3", "demo.rate[OH]=1e-1",
                "demo.in_force[OH]=false", "demo.path=flat", "demo.months_between_renewals=12"],
    )  # fmt: skip
    assert final.number("demo.kits") == 7
    assert final.array("demo.stop", "drug", "tenure")[1].tolist() == [0.9, 0.05, 0.05, 0.05]
    assert final.array("demo.rate", "state")[OHIO - 1 : OHIO + 1].tolist() == [0.3, 0.1]
    assert final.array("demo.in_force", "state", month=200).sum() == len(STATES) - 1
    assert final.choice("demo.path") == "flat"
    assert final.choice("demo.months_between_renewals") == 12


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("demo.kits", "ID=VALUE"),
        ("demo.kit=1", "nearest is 'demo.kits'"),
        ("demo.kits=many", "a number of at least 0"),
        ("demo.kits=", "a number of at least 0"),
        ("demo.stop=0.1", "classes in brackets"),
        ("demo.stop[methadon]=0.1", "nearest is 'methadone'"),
        ("demo.stop[methadone,m1_2,m3_6]=0.1", "it has no classes"),
        ("demo.in_force[OH]=yes", "write true"),
        ("demo.stop[all]=1.1", "between 0 and 1"),
        ("[OH]=1", "ID=VALUE"),
    ],
)
def test_wrong_settings_are_refused(tree: Parameters, setting: str, said: str) -> None:
    with pytest.raises(InputError, match="--set") as caught:
        apply_settings(tree, [setting])
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "change",
    ["value: -5", "add: -5000", 'value: "= programs.sor.request_2026 - 5000"', "states: [OH], value: -1"],
)
def test_nobody_appropriates_less_than_nothing(change: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(f"patches:\n  - {{parameter: programs.sor.funding, from: 2026-10, {change}}}\n")
    with pytest.raises(InputError, match=r"mine.yaml:2: programs.*: -[0-9.]+: expected a number of at least 0"):
        apply_policies(load_parameters(), [file])


def test_settings_and_overrides_of_money_keep_to_its_bounds() -> None:
    shipped = load_parameters()
    for id_ in ("funding", "reference", "request_2026", "enacted_2026"):
        with pytest.raises(InputError, match=f"--set: programs.sor.{id_}: -5.0: expected a number of at least 0"):
            apply_settings(shipped, [f"programs.sor.{id_}=-5"])
    assert apply_settings(shipped, ["programs.sor.funding=0"]).number("programs.sor.funding") == 0
    # A score is a change of the deficit, which may fall.
    assert apply_settings(shipped, ["finance.score.both_musd=-5"]).number("finance.score.both_musd") == -5
