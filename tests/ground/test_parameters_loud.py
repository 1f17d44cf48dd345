"""Broken parameter files: every problem named with line and fix, never a traceback, never silence."""

from __future__ import annotations

import string
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from microsim.ground.errors import InputError, Problems
from microsim.ground.parameters import Parameters, load_parameters
from microsim.ground.parameters.yaml_source import parse_yaml

Plant = Callable[..., Path]

GOOD = {
    "label": "A share",
    "unit": "share",
    "value": 0.5,
    "interval": [0.4, 0.6],
    "distribution": "beta",
    "status": "measured",
    "source": ["cdc"],
    "verified": "read",
}


def broken(**changes: Any) -> str:
    """A file with one record that differs from a good one; None removes a key."""
    record = {key: value for key, value in {**GOOD, **changes}.items() if value is not None}
    return yaml.safe_dump({"demo.share": record}, sort_keys=False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (broken(label=None), "the key `label`"),
        (broken(unit=None), "the key `unit`"),
        (broken(status=None), "the key `status`"),
        (broken(verified=None), "the key `verified`"),
        (broken(value=None), "`value`, `values` or a derivation"),
        (broken(distribution=None), "a distribution"),
        (broken(interval=None), "`interval` or `interval_factor`"),
        (broken(source=None), "a source for a measured value"),
        (broken(status="derived"), "the derivation of a derived value"),
        (broken(verified="none"), "read or recalled"),
        (broken(unit="probabilty"), "nearest is 'probability'"),
        (broken(units="share"), "nearest is 'unit'"),
        (broken(status="guessed"), "'measured', 'derived', 'assumed' or 'calibrated'"),
        (broken(source=["cdcc"]), "nearest is 'cdc'"),
        (broken(value=0.7), "an interval that contains the value 0.7"),
        (broken(value=1.5), "between 0 and 1"),
        (broken(value="0.5"), "without quotes"),
        (broken(value=True), "between 0 and 1"),
        (broken(interval=[0.6, 0.4]), "[low, high]"),
        (broken(interval=[0.4, 1.6]), "bounds that are a number between 0 and 1"),
        (broken(interval=None, interval_factor=[1.1, 1.2]), "around 1"),
        (broken(interval_factor=[0.9, 1.1]), "either `interval` or `interval_factor`"),
        (broken(by=["drugs"]), "nearest is 'drug'"),
        (broken(by=["drug", "drug"]), "each dimension once"),
        (broken(by=["drug"]), "a mapping by drug"),
        (broken(channel="supplies"), "nearest is 'supply'"),
        (broken(choices=["a"]), "drop `choices`"),
        (broken(unit="choice"), "list every allowed value"),
        (broken(values={"2024-01": 0.5}), "either `value` or `values`"),
        (broken(value=None, values={"2024-1": 0.5}), "write '2024-01'"),
        (broken(value=None, values={"2024-02": 0.5, "2024-01": 0.5}), "ascending"),
        (broken(interpolate="linear"), "only with dated"),
        (broken(derivation="= demo.rat / 2", status="derived", value=None), "nearest is 'demo.rate'"),
        (broken(derivation="= demo.share + 1", status="derived", value=None), "without a circle"),
        (broken(derivation="= demo.kits(", status="derived", value=None), "arithmetic"),
        (broken(derivation="= __import__('os')", status="derived", value=None), "a known function"),
        (broken(derivation="= demo.kits", status="derived", value=None, interval=None), "between 0 and 1"),
        (broken(derivation="= demo.kits / 4000", status="derived"), "the computed value 0.25"),
        (broken(derivation="= demo.rate", status="derived", value=None, interval=None), "id[class]"),
        ("demo.share: 3", "a parameter record"),
        ("share: {}", "an id of dotted lower-case words"),
        ("Demo.Share: {}", "an id of dotted lower-case words"),
        ("- a", "a mapping of keys to values"),
        ("a: [", "YAML"),
        ("a: b: c", "YAML"),
        ("--- {}\n--- {}", "one document"),
        ("demo.share: !!python/object/apply:os.system [ls]", "no tags"),
        ("demo.share: {<<: {a: 1}}", "merge keys are not supported"),
        ("demo.share: {[a]: 1}", "a plain text as key"),
        ("demo.share: *nothing", "an alias of an anchor that stands before it"),
        ("demo.share: &a [*a]", "an alias of an anchor that stands before it"),
        ("demo.share: " + "[" * 200, "levels of nesting"),
        ("\x00", "YAML"),
        (b"label: \xff\xfe", "UTF-8"),
        ("demo.rate: {}", "it stands already"),
    ],
)
def test_each_mistake_is_named(plant: Plant, text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        load_parameters(plant({"demo/more.yaml": text}))
    assert said in str(caught.value)
    assert any(problem.file == "parameters/demo/more.yaml" for problem in caught.value.problems)


def test_problems_of_all_files_come_together_with_lines(plant: Plant) -> None:
    text = broken(unit="probabilty") + "demo.share:\n  label: again\n"
    root = plant(
        {"demo/more.yaml": text, "demo/other.yaml": broken(value=7).replace("demo.share", "demo.other")}
    )
    with pytest.raises(InputError) as caught:
        load_parameters(root)
    found = {(problem.file, problem.line) for problem in caught.value.problems}
    assert found == {
        ("parameters/demo/more.yaml", 3),
        ("parameters/demo/more.yaml", 13),
        ("parameters/demo/other.yaml", 4),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("state,rates\nOH,1\n", "nearest is 'rates'"),
        ("stat,rate\nOH,1\n", "nearest is 'stat'"),
        ("state,rate\nOH,1\n", "a row for every class"),
        ("state,rate\nOH,1\nOH,2\n", "each row once"),
        ("state,rate\nOI,1\n", "a class of state in rates.csv line 2"),
        ("state,rate\nOH,one\n", "at least 0 (hazard_per_year) in rates.csv line 2"),
        ("state,rate\nOH,\n", "at least 0 (hazard_per_year) in rates.csv line 2"),
        ("state,rate\nOH\n", "2 cells"),
        ("state,state\nOH,1\n", "each column once"),
        ("", "a CSV table with a header"),
        (b"state,rate\n\xff,1\n", "UTF-8"),
    ],
)
def test_broken_tables_are_refused(plant: Plant, records: str, table: str, said: str) -> None:
    record = records.replace("value: {default: 0.1}", "value: {table: rates.csv, column: rate}")
    with pytest.raises(InputError) as caught:
        load_parameters(plant({"demo/demo.yaml": record, "demo/rates.csv": table}))
    assert said in str(caught.value)


def test_exponential_aliases_are_refused(plant: Plant) -> None:
    levels = [f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 9)}]" for i in range(1, 12)]
    bomb = "\n".join(["l0: &l0 [x, x, x]", *levels])
    with pytest.raises(InputError, match="aliases counted in full"):
        load_parameters(plant({"demo/more.yaml": bomb}))


def test_plain_scalars_mean_what_they_look_like() -> None:
    text = (
        "a: no\nb: 1e3\nc: 2027-01\nd: 2027-01-01\ne: 010\nf: 1_000\ng: 12:30\nh: true\ni: ~\nj: .5\nk: NO\n"
        "l: '1'\nm: 0x1F\nn: .inf\nno: 1\n2027: 2\n"
    )
    found = parse_yaml(text, "text", Problems())
    assert dict(found) == {
        "a": "no", "b": 1000.0, "c": "2027-01", "d": "2027-01-01", "e": "010", "f": "1_000", "g": "12:30",
        "h": True, "i": None, "j": 0.5, "k": "NO", "l": "1", "m": "0x1F", "n": ".inf", "no": 1, "2027": 2,
    }  # fmt: skip
    assert found.lines["2027"] == 16


def loads_or_says_why(plant: Plant, data: str | bytes) -> Parameters | None:
    """The tree, or None when an `InputError` with a text was raised. Anything else fails the test."""
    root = plant({"demo/more.yaml": data})
    try:
        return load_parameters(root)
    except InputError as error:
        problems = error.problems
    assert all(str(problem).isprintable() for problem in problems)
    return None


RELAXED = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
TRAPS = st.sampled_from(
    ["no", "yes", "1e3", "1e999", "010", "2027-01-01", "~", "<<", "*a", "&a x", "!!int 3", "=", ".nan"]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | TRAPS
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(string.ascii_lowercase + "_-0123456789", max_size=8) | TRAPS, inner, max_size=3
        )
    ),
    max_leaves=8,
)


@RELAXED
@given(
    key=st.sampled_from([*GOOD, "by", "values", "choices", "derivation", "note", "channel", "x"]),
    value=VALUES,
)
def test_any_value_under_any_key_loads_rightly_or_is_refused(plant: Plant, key: str, value: Any) -> None:
    record = {**GOOD, key: value}
    tree = loads_or_says_why(plant, yaml.safe_dump({"demo.share": record}, allow_unicode=True))
    if tree is not None and key == "value":
        assert isinstance(value, int | float)
        assert tree.number("demo.share") == value


@RELAXED
@given(data=st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_are_read_or_refused(plant: Plant, data: bytes) -> None:
    tree = loads_or_says_why(plant, data)
    # Nothing that random bytes can say is a record; at most they are an empty file or a comment.
    assert tree is None or "demo.share" not in tree


@RELAXED
@given(
    start=st.integers(0, 400),
    end=st.integers(0, 400),
    extra=st.sampled_from(list("{}[]:,&*!|>'\"%@`#-?\t\n ")),
)
def test_any_damage_to_a_good_file_is_refused_or_harmless(
    plant: Plant, start: int, end: int, extra: str
) -> None:
    text = broken()
    start, end = start % len(text), end % len(text)
    damaged = text[: min(start, end)] + extra + text[max(start, end) :]
    tree = loads_or_says_why(plant, damaged)
    if tree is not None and "demo.share" in tree:
        assert 0.4 <= tree.number("demo.share") <= 0.6


@RELAXED
@given(text=st.text("abd.emokitsr0123456789+-*/()[], _xplogmn=", max_size=40))
def test_any_expression_is_arithmetic_or_refused(plant: Plant, text: str) -> None:
    record = {**GOOD, "status": "derived", "derivation": "= " + text}
    del record["value"], record["interval"]
    loads_or_says_why(plant, yaml.safe_dump({"demo.share": record}))
