"""Sentences of a brief stay true whichever way a policy goes, and where nothing or too little is known."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from microsim.engine.results import Result
from microsim.experiments.readings import largest_part
from microsim.report.answer import facts, question
from microsim.report.blocks import Figure, Folded, Listing, Note, Paragraph, Table
from microsim.report.content import brief_of
from microsim.report.context import context_of
from microsim.report.formats import dollars, interval, more, plain, ratio_interval, small
from microsim.report.methods import _unit
from microsim.report.places import _on_tile

Document = dict[str, Any]
PLACES = (None, "OH", "WY")


def _with(result: Result, document: Document, tables: tuple[pa.Table, pa.Table] | None = None) -> Result:
    monthly, annual = tables or (result.monthly_arrow, result.annual_arrow)
    return Result(document, monthly, annual, result.manifest)


def _entries(document: Document) -> Iterator[Document]:
    for block in (document["measures"], *document["by_year"].values(), *document["by_state"].values()):
        yield from block.values()


def rise(full: Result) -> Result:
    return full


def fall(full: Result) -> Result:
    """The policy that undoes `rise`: the arms change places."""
    document = copy.deepcopy(full.document)
    for entry in _entries(document):
        entry["baseline"], entry["policy"] = entry["policy"], entry["baseline"]
        entry["difference"] = -entry["difference"]
        entry["low"], entry["high"] = -entry["high"], -entry["low"]
    for row in document["attribution"]:
        row["central"], row["low"], row["high"] = -row["central"], -row["high"], -row["low"]
    document["offset"]["ratio"] = {"central": -3.0, "low": -9.0, "high": -0.5}
    other = {"baseline": "policy", "policy": "baseline"}
    tables = []
    for table in (full.monthly_arrow, full.annual_arrow):
        place = table.column_names.index("arm")
        arms = pa.array([other[arm] for arm in table["arm"].cast("string").to_pylist()])
        tables.append(table.set_column(place, "arm", arms))
    return _with(full, document, (tables[0], tables[1]))


def none(full: Result) -> Result:
    """The baseline against itself, with intervals."""
    document = copy.deepcopy(full.document)
    for entry in _entries(document):
        entry["policy"] = entry["baseline"]
        entry["difference"] = entry["low"] = entry["high"] = 0.0
    for row in document["attribution"]:
        row["central"] = row["low"] = row["high"] = 0.0
    document["offset"]["ratio"] = {"central": 0.0, "low": 0.0, "high": 0.0}
    tables = []
    for table in (full.monthly_arrow, full.annual_arrow):
        place = table.column_names.index("arm")
        ours = table.filter(pc.equal(table["arm"].cast("string"), "baseline"))
        both = [ours.set_column(place, "arm", [[arm] * len(ours)]) for arm in ("baseline", "policy")]
        tables.append(pa.concat_tables(both))
    return _with(full, document, (tables[0], tables[1]))


def unsure(full: Result) -> Result:
    """No difference at the centre, and draws on both sides of it."""
    held = none(full)
    for entry in _entries(held.document):
        entry["low"], entry["high"] = -0.04, 250.0
    held.document["offset"]["ratio"] = {"central": 3.0, "low": None, "high": None}
    return held


def bare(full: Result) -> Result:
    """The fall in one draw."""
    held = fall(full)
    for entry in _entries(held.document):
        entry["low"] = entry["high"] = None
    held.document["draws"] = 1
    return held


WAYS = (rise, fall, none, unsure, bare)


def told(result: Result, state: str | None = None, *, drawn: bool = False) -> dict[str, str]:
    """Every sentence of a brief by section; tables give their captions. Charts are drawn on demand."""
    brief = brief_of(result, state)

    def of(blocks: Any) -> Iterator[str]:
        for block in blocks:
            match block:
                case Paragraph() | Note():
                    yield plain(block.text)
                case Listing():
                    yield from map(plain, block.items)
                case Figure():
                    yield from map(plain, (block.title, block.caption, block.alt))
                    assert not drawn or block.draw(True).to_json()
                case Table():
                    yield plain(block.caption)
                case Folded():
                    yield from of(block.blocks)

    found = {section.id: "\n".join((section.heading, *of(section.blocks))) for section in brief.sections}
    return found | {"answer": "\n".join(map(plain, (*brief.answer, *brief.caution)))}


NONSENSE = (
    r"no change in",
    r"[Aa]dditional [^\n]*fewer",
    r"(?:adds|prevents) \N{MINUS SIGN}",
    r"\N{MINUS SIGN}0\.00",
    r"[+$\N{MINUS SIGN}]less than",
    r"\N{EN DASH} of ",
    r"changes? by 0%|from 0% to 0%|is 0% of",
    r"neither more nor fewer times[^;.]*, although",
    r"fewer times[^;.]*, although",
    r"Even so[^.]*(?:fewer|neither)",
    r"None|nan\b",
)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("state", PLACES)
def test_no_sentence_is_nonsense(full: Result, way: Callable[[Result], Result], state: str | None) -> None:
    for section, words in told(way(full), state, drawn=True).items():
        if section in ("methods", "limits", "law", "run", "references"):
            continue
        for form in NONSENSE:
            assert not re.search(form, words), (section, form, re.search(form, words))


def test_a_rise_is_told_as_one(full: Result) -> None:
    said = told(full)
    assert "although the law excludes many of them" in said["answer"]
    assert "Even so, those with an active disorder" in said["exclusion"]
    assert "The widest leak: " in said["exclusion"]
    assert "largest part of the additional losses" in said["cover"]
    assert "largest number of additional people without insurance" in said["people"]
    assert "most of all: supply" in said["offset"]
    assert "The largest part of the change in deaths: Naloxone lines" in said["offset"]
    assert "Saved spending is not a gain to society" in said["money"]


def test_a_fall_is_told_as_one(full: Result) -> None:
    said = told(fall(full))
    assert "although" not in said["answer"] and "fewer times" in said["answer"]
    assert "Against the baseline, those with an active disorder" in said["exclusion"]
    assert "The leak that narrows most: " in said["exclusion"]
    assert "largest part of the avoided losses" in said["cover"] and "work rule first" not in said["cover"]
    assert "largest change in people without insurance" in said["people"]
    assert "Additional people" not in said["people"]
    assert "budget2025 prevents 3.00 more; deaths added over deaths prevented are \N{MINUS SIGN}3.00" in said["offset"]
    assert "The largest part of the change in deaths: Naloxone lines" in said["offset"]
    assert "Saved spending" not in said["money"]


@pytest.mark.parametrize("state", PLACES)
def test_no_change_is_told_as_one(full: Result, state: str | None) -> None:
    said = told(none(full), state)
    assert said["answer"].startswith("The two arms are equal in every measure")
    assert "Opioid overdose deaths do not change over the period." in said["answer"]
    assert "as many as without the policy" in said["cover"]
    assert "No year differs" in said["deaths"] and "The two lines are one" in said["deaths"]
    assert "Medicaid enrollment does not change in any state" in said["states"]
    assert "No age group differs in people without insurance" in said["people"]
    assert "What each part of the policy adds" in said["offset"]
    assert "Saved spending" not in said["money"]


def test_draws_around_no_change_keep_their_signs(full: Result) -> None:
    said = told(unsure(full))
    assert "as many people at central values (95% interval just below 0 to +250)" in said["answer"]
    assert "do not change at central values (95% interval just below 0 to +250) from the" in said["answer"]
    assert "neither" not in said["answer"]


def test_a_state_has_no_band_whatever_the_draws(full: Result, result: Result) -> None:
    assert "One draw" not in told(full, "OH")["deaths"]
    assert "No interval is computed by year and state." in told(full, "OH")["deaths"]
    assert "One draw: no interval." in told(result, "OH")["deaths"]


@pytest.mark.parametrize(
    ("low", "high", "ends"),
    [
        (0.5, 9.0, " (95% interval 0.50 to 9.00)"),
        (0.5, None, " (95% interval 0.50 or more, without an upper end)"),
        (None, None, " (no interval)"),
        (None, 9.0, " (no interval)"),
    ],
)
def test_the_offset_is_told_with_the_ends_that_it_has(
    full: Result, low: float | None, high: float | None, ends: str
) -> None:
    ratio = {"central": 3.0, "low": low, "high": high}
    assert plain(ratio_interval(ratio)) == ends
    document = {**full.document, "offset": {**full.document["offset"], "ratio": ratio}}
    said = told(_with(full, document))
    assert f"budget2025 adds 3.00{ends}; in 80% of the draws it adds more than one." in said["offset"]
    assert (f"the policy adds 3.00{ends}." in said["answer"]) is (low is not None)


def test_a_control_that_avoids_nothing_has_no_ratio(full: Result) -> None:
    ratio = {"central": None, "low": None, "high": None}
    said = told(_with(full, {**full.document, "offset": {**full.document["offset"], "ratio": ratio}}))
    assert "there is no gain to undo" in said["offset"] and "the policy adds" not in said["answer"]


def test_what_made_deaths_fall_is_a_cause_that_did(full: Result) -> None:
    def fallen(parts: dict[str, float], rest: float) -> str:
        held = {name: {"deaths_avoided": size, "low": None, "high": None} for name, size in parts.items()}
        return told(
            _with(full, {**full.document, "fall": {**full.document["fall"], "parts": held, "not_explained": rest}})
        )["offset"]

    assert "most of all: naloxone" in fallen({"supply": -900.0, "naloxone": 40.0}, 2000.0)
    assert "no cause is known" in fallen({"supply": -900.0, "naloxone": -40.0}, 2000.0)
    assert "no cause is known" in fallen({"supply": 900.0}, -2000.0)


def test_losses_that_change_places_are_no_widest_leak(full: Result) -> None:
    document = copy.deepcopy(full.document)
    for leak, change in (("undiagnosed", 500.0), ("functional_gate", -900.0)):
        document["measures"][f"sud_excluded_losses_{leak}"]["difference"] = change
    said = told(_with(full, document))["exclusion"]
    assert "Some leaks widen and others narrow: " in said and "900 fewer losses" in said and "widest" not in said


def test_a_place_without_deaths_has_no_share_of_them(full: Result) -> None:
    document = copy.deepcopy(full.document)
    document["measures"]["opioid_overdose_deaths"] |= {"baseline": 0.0, "policy": 3.0, "difference": 3.0}
    document["by_state"]["OH"]["medicaid_enrollees_end"] |= {"baseline": 0.0}
    said = told(_with(full, document))
    assert "where none are expected without the policy" in said["answer"]
    assert "No opioid overdose deaths are expected without the policy." in said["answer"]


def test_part_of_a_year_is_not_told_as_a_year(full: Result) -> None:
    document = {**full.document, "window": ["2025-07", full.document["window"][1]]}
    told_ = told(_with(full, document))
    assert "deaths a year without the policy in 2026" in told_["deaths"]
    context = context_of(_with(full, {**document, "window": ["2025-07", "2030-06"]}), None)
    named = [context.named(year) for year in ("2025", "2026", "2030")]
    assert named == ["2025, from July", "2026", "2030, to June"] and context.span == "From July 2025 to June 2030"
    for window, names, span in (
        (["2030-06", "2030-06"], "2030, June", "In June 2030"),
        (["2030-03", "2030-06"], "2030, March to June", "From March 2030 to June 2030"),
        (["2030-01", "2030-12"], "2030", "From January 2030 to December 2030"),
    ):
        context = context_of(_with(full, {**document, "window": window}), None)
        assert context.named("2030") == names and context.span == span


def test_tables_by_year_say_which_years_are_parts(full: Result) -> None:
    first, last = full.document["window"]
    brief = brief_of(_with(full, {**full.document, "window": [f"{first[:4]}-07", f"{last[:4]}-06"]}))
    tables = [
        found
        for section in brief.sections
        for block in section.blocks
        for found in ((block.data,) if isinstance(block, Figure) else (block,))
        if isinstance(found, Table) and found.columns[0] == "Year"
    ]
    assert len(tables) >= 5
    for table in tables:
        assert table.rows[0][0] == f"{first[:4]}, from July" and table.rows[-1][0] == f"{last[:4]}, to June"


def test_the_policy_is_called_what_it_was_called_when_it_ran(full: Result) -> None:
    def asked(document: Document, **manifest: Any) -> str:
        held = Result(
            {**full.document, **document},
            full.monthly_arrow,
            full.annual_arrow,
            {key: one for key, one in {**full.manifest, **manifest}.items() if one is not None},
        )
        return plain(question(context_of(held, None)))

    own = {"policy": "My rules", "baseline": "Nothing new"}
    told_ = asked({"policy": "enacted"}, labels=own)
    assert "The policy: My rules." in told_ and "under: Nothing new." in told_
    assert "The policy: mine." in asked({"policy": "mine"}, labels=None)
    assert full.manifest["labels"]["policy"] in asked({})


def test_a_state_is_told_how_few_records_it_rests_on(full: Result) -> None:
    held = full.manifest["records_by_state"]
    assert sum(held.values()) == full.document["records"]
    context = context_of(full, "WY")
    said = plain(dict(facts(context))["People simulated"])
    assert said.startswith(f"{held['WY']:,} weighted records in the state, of {full.document['records']:,} ")
    old = Result(full.document, full.monthly_arrow, full.annual_arrow,
                 {key: one for key, one in full.manifest.items() if key != "records_by_state"})  # fmt: skip
    assert "in the whole run" in plain(dict(facts(context_of(old, "WY")))["People simulated"])
    for way in (full, bare(full)):
        assert "must not be ranked" in told(way, "WY")["states"]


def test_losses_with_denials_are_told_from_those_without(full: Result) -> None:
    section = next(section for section in brief_of(full, None).sections if section.id == "people")
    table = next(block for block in section.blocks if isinstance(block, Table))
    assert "denials" not in table.columns[1]
    for name, *_ in table.rows:
        assert ("with denials" in str(name)) is str(name).startswith("Substance use")
    assert "leave out denials" in told(full)["people"]


def test_a_label_fits_its_tile() -> None:
    shares = (None, 0.0, 1e-6, -1e-6, 0.00995, -0.0994, 0.52, -1.0)
    assert max(len(_on_tile(share)) for share in shares) <= 7
    assert _on_tile(-1e-6) == "<0.01%"


def test_units_are_words() -> None:
    assert _unit("1", "months") == "1 month" and _unit("2", "months") == "2 months"
    assert _unit("50", "musd_per_year") == "50 million US dollars per year" and _unit("1", "musd").endswith("dollars")
    assert _unit("2027-01", "month") == "2027-01" and _unit("true", "boolean") == "true"


def test_numbers_in_words() -> None:
    assert plain(more(0.0, "times")) == "neither more nor fewer times"
    assert small(-0.001).shown == "0.00" and dollars(0.02).shown == "less than $0.1"
    ends = {"difference": 0.0, "low": -100.0, "high": 200.0}
    assert plain(interval(ends)) == " (95% interval \N{MINUS SIGN}100 to +200)"
    assert plain(interval({**ends, "difference": -5.0, "high": 0.0})) == " (95% interval 0 to 100)"


def test_the_largest_part_goes_the_way_of_the_whole() -> None:
    parts = {"a": -30.0, "b": 10.0, "c": 25.0}
    assert largest_part(parts, 5.0) == "c" and largest_part(parts, -5.0) == "a"
    assert largest_part(parts, 0.0) is None and largest_part({"a": -1.0}, 1.0) is None and largest_part({}, 1.0) is None


def test_a_rise_that_is_small_beside_the_largest_change_stays_grey() -> None:
    from microsim.report.places import _step

    assert [_step(share, 0.2) for share in (0.0001, -0.0001, 0.1, -0.1, -0.2, None)] == [0, 0, "more", 2, 4, 0]
