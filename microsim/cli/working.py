"""Long work of the experiments: options checked at once, progress told, Ctrl-C heard."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from microsim.experiments.compare import Report

T = TypeVar("T")


def asked(given: dict[str, Any]) -> dict[str, Any]:
    """Options of a command as the experiments take them. Raises InputErrors for all that is wrong."""
    from microsim.experiments.compare import SEED
    from microsim.ground.errors import InputError, Problems

    problems = Problems()
    out = dict(given)
    for name in ("persons", "draws", "threads"):
        value = out.get(name)
        if value is not None and value < 1:
            problems.add(InputError(f"--{name}", None, value, "a whole number of 1 or more"))
    problems.finish()
    if out.get("states") is not None:
        out["states"] = out["states"].split(",")
    if "seed" in out and out["seed"] is None:
        out["seed"] = SEED
    return out


def work(task: Callable[[Report], T], quiet: bool) -> T:
    """What `task` makes, in the background with its progress on standard error."""
    from microsim.cli.background import Stop, in_background
    from microsim.cli.progress import Told, kernels_cold

    stop = Stop()
    with Told(stop, quiet=quiet, cold=kernels_cold()) as told:
        return in_background(lambda: task(told), stop, told.close)
