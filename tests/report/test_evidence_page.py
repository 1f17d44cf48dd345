"""The generated pages on evidence and assumptions."""

from __future__ import annotations

from pathlib import Path

from microsim.ground.parameters import load_parameters
from microsim.report.evidence_page import assumptions_page, evidence_page, write_pages


def test_every_parameter_and_every_source_stands_on_the_page_once() -> None:
    tree = load_parameters()
    page = evidence_page(tree)
    for id_ in tree.ids():
        assert page.count(f"`{id_}`:") == 1, id_
    for key in tree.sources:
        assert page.count(f'<a id="{key}">') == 1, key
        assert "(#" + key + ")" in page or not any(key in r.source for r in tree.records.values()), key


def test_assumptions_are_confessed_and_nothing_else_is() -> None:
    tree = load_parameters()
    table = [line for line in assumptions_page(tree).splitlines() if line.startswith("| ") and "`" in line]
    assumed = [id_ for id_ in tree.ids() if tree.record(id_).status == "assumed"]
    assert len(table) == len(assumed)
    assert all(any(f"`{id_}` |" in line for line in table) for id_ in assumed)


def test_pages_are_written(tmp_path: Path) -> None:
    paths = write_pages(tmp_path)
    assert [path.name for path in paths] == ["evidence.md", "assumptions.md"]
    assert all(path.read_text(encoding="utf-8").startswith("# ") for path in paths)
