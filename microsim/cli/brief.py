"""`microsim brief`: a result as a document for readers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from microsim.cli.cores import cores
from microsim.cli.errors import told_plainly
from microsim.cli.examples import examples
from microsim.cli.options import THREADS, refuse

if TYPE_CHECKING:
    from microsim.experiments.compare import Report

_ENDINGS = {"html": ".html", "docx": ".docx", "md": ".md"}


@click.command(epilog=examples(
    "microsim brief results/budget2025-3f0c",
    "microsim brief results/budget2025-3f0c --whole",
    "microsim brief results/budget2025-3f0c --state OH --out ohio.docx",
))  # fmt: skip
@click.argument("folder", metavar="DIR")
@click.option("--state", metavar="OH", help="Write the brief of one state.")
@click.option(
    "--format", "form", type=click.Choice(list(_ENDINGS)), help="Left out: by the ending of --out, or html."
)
@click.option("--out", metavar="FILE", help="Where to write; left out: brief in DIR.")
@click.option("--whole", is_flag=True,
              help="First make what takes runs of its own: why deaths fell, the parts of the policy, the offset. "
                   "Some minutes.")  # fmt: skip
@click.option("--population", metavar="FILE", help="With --whole: the file of a run that was given one.")
@click.option("--threads", type=THREADS, default=None, help="Threads of --whole. [default: all cores]")
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
def brief(
    folder: str, state: str | None, form: str | None, out: str | None, whole: bool, population: str | None,
    threads: int | None, quiet: bool,
) -> None:  # fmt: skip
    """Write the result in DIR as a brief: one page of HTML, a Word document, or Markdown with charts.

    Markdown puts its charts as SVG and PNG into a folder beside the file. What validate, offset,
    attribute, attribute --fall, sensitivity and budget print with --json is taken up when it lies in
    DIR as validation.json, offset.json, attribution.json, fall.json, sensitivity.json and budget.json.
    With --whole what is missing of offset, attribution and fall is made first and left in DIR.
    """
    with told_plainly():
        from microsim.engine.results import load_result

        if not whole:
            refuse(("population", "threads"), "--whole beside it")
        kind = form or _by_ending(out)
        _check_ending(kind, out)
        place = f"-{state.strip().lower()}" if state else ""
        path = Path(out) if out else Path(folder) / f"brief{place}{_ENDINGS[kind]}"
        result = load_result(folder)
        _check(path)
        from microsim.report.beside import with_parts
        from microsim.report.brief import write_brief, write_markdown, write_word

        # Before the minutes that --whole takes, so that a wrong file is told at once.
        held = with_parts(result, folder)
        if whole:
            _complete(Path(folder), population, threads or cores(), quiet)
            held = with_parts(result, folder)
        result = held
        if kind == "html":
            _write({path: write_brief(result, state)})
        elif kind == "docx":
            _write({path: write_word(result, state)})
        else:
            charts = path.with_name(f"{path.stem}-charts")
            page, files = write_markdown(result, charts.name, state)
            _check(charts / "any")
            _write({**{charts / name: body for name, body in files.items()}, path: page})
        click.echo(str(path))


def _complete(folder: Path, population: str | None, threads: int, quiet: bool) -> None:
    """Make what is not yet beside the result, each file as soon as it is known."""
    import json

    from microsim.cli.working import work
    from microsim.experiments.companions import DRAWS, companion

    for name in DRAWS:
        path = folder / f"{name}.json"
        if path.exists():
            continue
        _check(path)

        def one(report: Report, name: str = name) -> dict[str, Any]:
            return companion(name, folder, population, threads=threads, report=report)

        _write({path: json.dumps(work(one, quiet), indent=1).encode()})


def _by_ending(out: str | None) -> str:
    from microsim.ground.errors import InputError

    if out is None:
        return "html"
    for kind, ending in _ENDINGS.items():
        if out.lower().endswith(ending):
            return kind
    raise InputError(
        "--out", None, out, f"a file ending in {', '.join(_ENDINGS.values())}", fix="or give --format"
    )


def _check_ending(kind: str, out: str | None) -> None:
    """Refuse a file whose ending says that it holds another format."""
    from microsim.ground.errors import InputError

    ending = Path(out or "").suffix.lower()
    if ending in _ENDINGS.values() and ending != _ENDINGS[kind]:
        raise InputError("--out", None, out, f"a file ending in {_ENDINGS[kind]} with --format {kind}")


def _check(path: Path) -> None:
    from microsim.ground.errors import InputError

    if path.is_dir():
        raise InputError("--out", None, str(path), "a file, not a folder")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError("--out", None, str(path), f"a file that can be written ({error.strerror})") from None


def _write(files: dict[Path, bytes]) -> None:
    """Write each file beside its place and rename it, so that none is seen half written."""
    import os
    import tempfile

    from microsim.ground.errors import InputError

    for path, body in files.items():
        beside = None
        try:
            with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".brief-", delete=False) as file:
                beside = Path(file.name)
                file.write(body)
            beside.chmod(0o644)
            os.replace(beside, path)
        except OSError as error:
            raise InputError(
                "--out", None, str(path), f"a file that can be written ({error.strerror})"
            ) from None
        finally:
            if beside is not None:
                beside.unlink(missing_ok=True)
