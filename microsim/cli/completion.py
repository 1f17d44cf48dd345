"""`microsim completion`: the script that completes commands, options and policy names in a shell."""

from __future__ import annotations

import click

from microsim.cli.errors import told_plainly

_EPILOG = """\b
Examples:
  microsim completion bash >> ~/.bashrc
  microsim completion zsh >> ~/.zshrc
  microsim completion fish > ~/.config/fish/completions/microsim.fish
"""


@click.command(epilog=_EPILOG)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script for SHELL, to be kept in its start-up file."""
    with told_plainly():
        from click.shell_completion import get_completion_class

        from microsim.cli.main import main

        kind = get_completion_class(shell)
        assert kind is not None
        click.echo(kind(main, {}, "microsim", "_MICROSIM_COMPLETE").source())


def policy_names(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Names of shipped policies that start with `incomplete`, from the names of their files."""
    from microsim.ground.parameters import data_root

    names = sorted(path.stem for path in (data_root() / "policies").glob("*.yaml") if path.stem != "sources")
    return [name for name in names if name.startswith(incomplete)]
