"""The documentation: every command in it works, the notebooks run, and the site is built offline."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from support import PERSONS

from microsim.cli.main import main
from microsim.experiments.sampling import sampled_records
from microsim.ground.parameters import load_parameters

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = [
    ROOT / "README.md",
    *(path for path in sorted(DOCS.rglob("*.md")) if path.parent.name != "generated"),
]
WHOLE = {"policy", "parameter", "doctor", "completion", "template"}
"""Commands that are called as they stand."""
SMALL = {"run", "compare", "population", "brief", "budget"}
"""Commands that are called on few people and on a saved result; the others are only read, and called by
tests of their own."""
LONG = {"--draws", "--whole", "all", "dask", "--folder"}
"""What takes too long here, or has a test of its own: such a line is read too."""
_PLACEHOLDER = re.compile(r"\b[A-Z]{2,}\b(?![,=])|\.\.\.|<|\[")
_OWN = """\
label: Naloxone bought for 50 million dollars a year
patches:
  - {parameter: programs.naloxone_purchase.funding, from: "2027-01", value: 50}
"""


def commands() -> list[str]:
    """Lines of shell blocks and commands in running text, without comments."""
    found: set[str] = set()
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        blocks = re.findall(r"```(?:sh|bash|)\n(.*?)```", text, re.DOTALL)
        lines = [line for block in blocks for line in block.splitlines()]
        running = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
        inline = [
            line for line in re.findall(r"`(microsim [^`\n]+)`", running) if not _PLACEHOLDER.search(line)
        ]
        typed = [line.split(" #")[0].split("&& .venv/bin/")[-1].strip() for line in [*lines, *inline]]
        found |= {line for line in typed if line.startswith("microsim ")}
    # The name of a command alone, in running text, is not an example of it.
    # The tests of the commands call every --help.
    found = {line for line in found if "--help" not in line}
    found -= {line for line in found if len(line.split()) == 3 and _needs_more(*line.split()[1:])}
    return sorted(line for line in found if len(line.split()) > 2 or line.split()[1] == "doctor")


def _needs_more(group: str, name: str) -> bool:
    """Whether two words name a command of a group that asks for more words."""
    outer = main.get_command(click.Context(main), group)
    inner = outer.get_command(click.Context(outer), name) if isinstance(outer, click.Group) else None
    return inner is not None and any(one.required for one in inner.params)


@pytest.fixture
def place(finished: Path, population_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that the examples name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("mine.yaml", "mine/policy.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(_OWN.replace("label", "id: mine\nlabel"), encoding="utf-8")
    for name in ("people.parquet", "mine/population.parquet"):
        shutil.copy(population_file, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("line", commands())
def test_every_command_works(line: str, place: Path, finished: Path) -> None:
    words = shlex.split(line)[1:]
    name = words[0]
    if words[:1] == ["template"]:
        shutil.rmtree(place / "mine")
    words = [str(finished) if word.startswith("results/") else word for word in words]
    called = name in WHOLE or (name in SMALL and not any(f" {one} " in f"{line} " for one in LONG))
    # A run of what ships is what the fixture is; those that name a file of the reader's are lived here.
    called = called and (name != "run" or "mine" in line)
    if not called:
        command = main.get_command(click.Context(main), name)
        assert command is not None, line
        command.make_context(name, words[1:])
        return
    if "build" in words:
        (place / "mine" / "population.parquet").unlink()
    if name == "run":
        words = [word for i, word in enumerate(words) if "--persons" not in (word, words[i - 1])]
        few = [] if "--folder" in words else ["--persons", str(PERSONS)]
        words += [*few, "--states", "WY", "--draws", "1", "--end", "2025-12", "--out", "out", "--quiet"]
    if name == "brief" and "--out" not in words:
        words += ["--out", "brief.html"]
    if words[:2] == ["population", "build"]:
        words[words.index("--persons") + 1] = "2000"
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, f"{line}\n{done.output}"


@pytest.mark.parametrize("name", ["README.md", "docs/model.md", "docs/uncertainty.md"])
def test_pages_say_how_many_parameters_a_draw_moves(name: str) -> None:
    """Rounded to ten."""
    moved = len(sampled_records(load_parameters()))
    text = " ".join((ROOT / name).read_text(encoding="utf-8").split())
    assert re.findall(r"about (\d+) parameters", text, re.IGNORECASE) == [str(round(moved, -1))]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
@pytest.mark.parametrize("path", sorted((DOCS / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_notebooks_run(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.syspath_prepend(str(DOCS))
    from make_notebooks import executed

    notebook = executed(path)
    kinds = {
        kind for cell in notebook.cells for one in cell.get("outputs", ()) for kind in one.get("data", ())
    }
    assert "image/svg+xml" in kinds and "text/plain" in kinds


@pytest.mark.filterwarnings("ignore")
def test_the_site_is_built_without_warnings_and_asks_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sphinx.cmd.build import build_main

    monkeypatch.setattr(sys, "path", [*sys.path])
    assert (
        build_main(
            ["-q", "-W", "--keep-going", "-d", str(tmp_path / "tree"), str(DOCS), str(tmp_path / "site")]
        )
        == 0
    )
    pages = list((tmp_path / "site").rglob("*.html"))
    assert {"index.html", "equations.html", "evidence.html"} <= {page.name for page in pages}
    loads = re.compile(
        r'<(?:script|img|iframe)[^>]+src="(?:https?:)?//'
        r'|<link rel="(?:stylesheet|preload)"[^>]+href="(?:https?:)?//'
    )
    assert [page.name for page in pages if loads.search(page.read_text(encoding="utf-8"))] == []
    assert "<math" in (tmp_path / "site" / "equations.html").read_text(encoding="utf-8")
    assert "microsim budget" in (tmp_path / "site" / "generated" / "commands.html").read_text(
        encoding="utf-8"
    )


def test_pictures_write_shares_as_shares() -> None:
    """An SI letter would make 200m of a share of 0.2, which reads as millions."""
    pictures = sorted((ROOT / "docs" / "images").glob("validation-*.svg"))
    assert pictures
    for picture in pictures:
        assert not re.search(r">[-\u2212]?[\d.]+m<", picture.read_text(encoding="utf-8")), picture.name
