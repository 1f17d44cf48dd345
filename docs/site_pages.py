"""Pages of the site that come from the code: commands, measures, limitations; and equations as MathML."""

from __future__ import annotations

import inspect
import tomllib
from pathlib import Path
from typing import Any

import click
from latex2mathml.converter import convert

ROOT = Path(__file__).resolve().parents[1]


def commands() -> str:
    """What `--help` of every command says."""
    from microsim.cli.main import main

    lines = ["# Commands", "", "What `microsim COMMAND --help` prints.", ""]
    context = click.Context(main, info_name="microsim", max_content_width=80)
    for name in main.list_commands(context):
        lines += [f"## {name}", ""]
        command = main.get_command(context, name)
        assert command is not None
        lines += _help(command, context, name)
        if isinstance(command, click.Group):
            inside = click.Context(command, info_name=name, parent=context)
            for inner in command.list_commands(inside):
                one = command.get_command(inside, inner)
                assert one is not None
                lines += [f"### {name} {inner}", "", *_help(one, inside, inner)]
    return "\n".join(lines)


def _help(command: click.Command, parent: click.Context, name: str) -> list[str]:
    context = click.Context(command, info_name=name, parent=parent, max_content_width=80)
    return ["```text", inspect.cleandoc(command.get_help(context)), "```", ""]


def measures() -> str:
    """Every measure of `summary.json`."""
    from microsim.engine.measures import BY_NAME
    from microsim.report.labels import label_of

    lines = ["# Measures", "", "The names in `summary.json` and in `Result.summary()`.", ""]
    lines += ["| name | what it is | unit |", "|---|---|---|"]
    lines += [f"| `{name}` | {one.label} | {one.unit} |" for name, one in BY_NAME.items()]
    others = (("naloxone_kits", "kits"), ("federal_outlays_usd", "usd"), ("state_outlays_usd", "usd"))
    lines += [f"| `{name}` | {label_of(name)} | {unit} |" for name, unit in others]
    return "\n".join(lines) + "\n"


def limitations() -> str:
    """What a brief says the model leaves out."""
    from microsim.report.texts import text

    lines = [
        "# Limitations",
        "",
        "Every brief says these.",
        "",
        *(f"- {sentence}" for sentence in text("limits")),
    ]
    law = text("law")
    lines += ["", "## What changed in law", "", f"Law and evidence were read up to {law['read_until']}.", ""]
    lines += [f"- {event['date']}: {event['text']}" for event in law["events"]]
    return "\n".join([*lines, "", law["open"], ""])


def write(folder: Path) -> None:
    """Write the generated pages; one that is already right keeps its date and is not built again."""
    folder.mkdir(exist_ok=True)
    for name, body in (("commands", commands()), ("measures", measures()), ("limitations", limitations())):
        path = folder / f"{name}.md"
        if not path.is_file() or path.read_text(encoding="utf-8") != body:
            path.write_text(body, encoding="utf-8")


def _inline(writer: Any, node: Any) -> None:
    _equation(writer, node.astext(), "inline")


def _block(writer: Any, node: Any) -> None:
    _equation(writer, node.astext(), "block")


def _equation(writer: Any, tex: str, display: str) -> None:
    from docutils.nodes import SkipNode

    writer.body.append(convert(tex, display=display))
    raise SkipNode


def setup(app: Any) -> dict[str, Any]:
    """Equations need no script and no font from elsewhere."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    return {"version": version, "parallel_read_safe": True, "parallel_write_safe": True}
