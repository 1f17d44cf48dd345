"""One place that turns errors into a clear line and an exit code."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

BAD_INPUT = 2
OUR_FAULT = 1
INTERRUPTED = 130
DEBUG = "MICROSIM_DEBUG"
"""Environment variable that shows tracebacks, as the option --debug does."""
_FULL = {errno.ENOSPC, errno.EFBIG, errno.EDQUOT}
"""What the system says where nothing more can be written, be it a result or a cache."""


@contextmanager
def told_plainly() -> Iterator[None]:
    """Report what goes wrong inside on standard error and exit.

    Bad input exits with 2, an interruption with 130, anything unexpected with 1 and a hint at
    --debug, which shows the traceback. Click's own exceptions pass.
    """
    import click

    from microsim.ground.errors import InputError, MicrosimError

    debug = bool(os.environ.get(DEBUG)) or "--debug" in sys.argv
    try:
        yield
    except (click.ClickException, click.exceptions.Exit):
        raise
    except InputError as error:
        if debug:
            raise
        for problem in error.problems:
            click.echo(f"error: {problem}", err=True)
        if len(error.problems) > 1:
            click.echo(f"{len(error.problems)} problems; nothing was done", err=True)
        sys.exit(BAD_INPUT)
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader of a pipe, such as `head`, has seen enough. Python would complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except MicrosimError as error:
        if debug:
            raise
        click.echo(f"error: {error}", err=True)
        sys.exit(OUR_FAULT)
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _FULL and not debug:
            place = error.filename or "a file"
            click.echo(f"error: {place}: {error.strerror}: expected room to write", err=True)
            sys.exit(BAD_INPUT)
        if debug:
            raise
        said = " ".join(str(error).split())[:200]
        click.echo(
            f"error: unexpected {type(error).__name__}: {said} (run again with --debug for details)", err=True
        )
        sys.exit(OUR_FAULT)
