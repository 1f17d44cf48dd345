"""README.md and what surrounds it say the truth: commands, policy file, versions, dependencies."""

from __future__ import annotations

import ast
import json
import re
import shlex
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import click
import pytest
import yaml
from click.testing import CliRunner

from microsim.cli.main import main
from microsim.engine.tallies import CELL, YEAR

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
QUICK = ("policy", "parameter", "doctor", "completion")
RUNNER = CliRunner()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands() -> list[str]:
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    inline = re.findall(r"`(microsim [^`]+)`", README)
    typed = [line.split("#")[0].split("&& .venv/bin/")[-1].strip() for line in [*lines, *inline]]
    found = {line for line in typed if line.startswith("microsim ")}
    # The name of a command alone, in running text, is not an example of it.
    return sorted(line for line in found if len(line.split()) > 2 or line.split()[1] in QUICK)


@pytest.mark.parametrize("line", commands())
def test_every_command_is_one(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text(blocks("yaml")[0])
    words = shlex.split(line)[1:]
    if words[0] in QUICK:
        result = RUNNER.invoke(main, words)
        assert result.exit_code == 0, result.output
        return
    command = main.get_command(click.Context(main), words[0])
    assert command is not None
    command.make_context(words[0], words[1:])


def test_the_policy_of_the_readme_is_right() -> None:
    assert "programs.naloxone_purchase.funding" in blocks("yaml")[0]


def test_ci_runs_the_test_command_of_the_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    assert "<!-- test -->" in script and "eval" in script
    marked = README.split("<!-- test -->")[1].split("<!-- /test -->")[0]
    found = [line for line in marked.splitlines() if line.startswith("python3 ")]
    assert len(found) == 1
    assert "pip install '.[test]'" in found[0]
    assert "pytest --durations=10" in found[0]


def test_one_version_everywhere() -> None:
    version = PROJECT["project"]["version"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == version
    assert citation["license"] == PROJECT["project"]["license"]
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text()
    assert "Apache License" in (ROOT / "LICENSE").read_text()


def imported(*folders: str) -> set[str]:
    names: set[str] = set()
    for folder in folders:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    names |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    names.add(node.module.split(".")[0])
    return names - set(sys.stdlib_module_names) - {"microsim", "synthetic_pop"}


def declared(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=!~;\[ ]", one, maxsplit=1)[0].lower().replace("_", "-") for one in requirements}


def distributions(modules: set[str]) -> set[str]:
    # An extra that is not installed here cannot say what it provides.
    providers = {"sklearn": ["scikit-learn"], **metadata.packages_distributions()}
    return {provider.lower().replace("_", "-") for module in modules for provider in providers.get(module, [module])}


def test_dependencies_are_what_is_imported() -> None:
    needed = distributions(imported("microsim", "synthetic_pop"))
    base = declared(PROJECT["project"]["dependencies"])
    groups = PROJECT["project"]["optional-dependencies"].values()
    extras = {name for group in groups for name in declared(group)}
    assert base <= needed, "declared and never imported"
    assert needed <= base | extras, "imported and not declared"


def test_the_readme_table_comes_from_a_result(finished: Path) -> None:
    sys.path.insert(0, str(ROOT / "docs"))
    try:
        import make_readme
    finally:
        sys.path.pop(0)
    document = json.loads((finished / "summary.json").read_text())
    text = make_readme.section(document, "1 July 2026", "microsim run --policy budget2025")
    assert document["run"] in text
    assert text.count("| one draw |") == sum(len(names) for _, names in make_readme.GROUPS)
    assert make_readme.picture(document).startswith("<svg")
    assert make_readme.START in README and make_readme.END in README


def test_every_file_of_a_run_is_in_the_table(finished: Path) -> None:
    table = set(re.findall(r"^\| `([a-z.]+)` \|", README, re.MULTILINE))
    assert {file.name for file in finished.iterdir()} <= table


def test_every_column_of_the_tables_is_described(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("latex2mathml", reason="the documentation is built with it")
    monkeypatch.syspath_prepend(ROOT / "docs")
    import site_pages

    page = site_pages.measures()
    assert "**Not** the `medicaid_losses` of the summary" in page
    for name in (*YEAR, *CELL):
        assert f"| `{name}` |" in page
