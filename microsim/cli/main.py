"""The command `microsim`: its commands are loaded only when one is called."""

from __future__ import annotations

import gc
import importlib
import importlib.util
import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from microsim.cli.errors import BAD_INPUT, DEBUG, told_plainly

COMMANDS: dict[str, str] = {
    "run": "Run a policy beside a baseline: who loses cover, treatment, lives.",
    "compare": "Put any number of results side by side.",
    "offset": "Set the deaths of one policy against those another prevents.",
    "attribute": "What each provision, channel or cause contributes.",
    "budget": "What a policy saves and costs, and who pays.",
    "rank": "Order protective policies by what they keep and cost.",
    "brief": "Write a result as a brief to read, print or paste from.",
    "trace": "Follow single lives month by month, with reasons and draws.",
    "template": "Write a folder for a policy and parameters of your own.",
    "policy": "List, show, compare and check policies.",
    "parameter": "List, show and check the parameters.",
    "population": "Build a population, describe a file, or import survey records.",
    "calibrate": "Fit the calibrated parameters to their targets.",
    "validate": "Set the model beside published results it was not fitted to.",
    "sizes": "Exits, fall of enrollment and extra uninsured, each beside its kind.",
    "alternatives": "Structural choices side by side.",
    "forecast": "Dated forecasts, and their score when counts arrive.",
    "sensitivity": "Which parameters move the answer.",
    "reproduce": "Repeat a run from its manifest and compare.",
    "doctor": "Check this installation: versions, caches, data, threads.",
    "completion": "Print the script that completes commands in a shell.",
}
"""Command: what it does. Each lives in microsim/cli/<command>.py as a click command of that name."""

_DEBUG_OPTION = "--debug"
YOUNG = 50_000
"""Objects made before Python looks for those that refer to each other and to nothing else."""

_EPILOG = """\b
Examples:
  microsim run --policy budget2025
  microsim policy list
  microsim parameter show sud.naloxone.kit_life
"""


class LazyCommands(click.Group):
    """Commands of `COMMANDS`, imported on demand; one whose module is absent is hidden."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in COMMANDS if importlib.util.find_spec(_module(name)) is not None]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command = getattr(importlib.import_module(_module(cmd_name)), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # Click would import every command for its first line of help.
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name]) for name in self.list_commands(ctx)])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            from microsim.ground.errors import unknown_name

            raise unknown_name(None, None, args[0], self.list_commands(ctx), "a command",
                               fix="see `microsim --help`")  # fmt: skip
        return super().resolve_command(ctx, args)

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, *other: Any,
             **options: Any) -> Any:  # fmt: skip
        """As click's, but what is wrong is said in one line, and --debug may stand anywhere."""
        given, debug = _without_debug(sys.argv[1:] if args is None else args)
        if debug:
            os.environ[DEBUG] = "1"
        standalone = options.pop("standalone_mode", True)
        options["standalone_mode"] = False
        command: Any = super()
        if not standalone:
            return command.main(given, prog_name, *other, **options)
        # Nearly all that a command makes is kept to its end: looking often for what is not takes time.
        gc.set_threshold(YOUNG)
        with told_plainly():
            try:
                code = command.main(given, prog_name or "microsim", *other, **options)
            except click.exceptions.NoArgsIsHelpError as error:
                click.echo(error.format_message(), err=True)
                sys.exit(BAD_INPUT)
            except click.UsageError as error:
                click.echo(f"error: {_one_line(error)}", err=True)
                sys.exit(BAD_INPUT)
        sys.exit(code if isinstance(code, int) else 0)


def _module(command: str) -> str:
    return f"microsim.cli.{command}"


def _without_debug(args: Sequence[str]) -> tuple[list[str], bool]:
    given = list(args)
    end = given.index("--") if "--" in given else len(given)
    kept = [arg for arg in given[:end] if arg != _DEBUG_OPTION]
    return kept + given[end:], len(kept) < end


def _one_line(error: click.UsageError) -> str:
    where = f" (see `{error.ctx.command_path} --help`)" if error.ctx else ""
    return " ".join(error.format_message().split()).rstrip(".") + where


def _show_version(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from microsim.engine.identity import version

        click.echo(f"microsim {version()}")
        ctx.exit()


@click.command(cls=LazyCommands, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", is_flag=True, expose_value=False, is_eager=True, callback=_show_version,
              help="Show the version.")  # fmt: skip
@click.option("--debug", is_flag=True, expose_value=False, help="Show the traceback of an error.")
def main() -> None:
    """Who loses Medicaid, who loses treatment, and how many overdoses follow.

    A simulation of every resident of the United States, month by month, under a policy and under a
    baseline, on the same luck.
    """
