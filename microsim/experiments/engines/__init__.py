"""Where work is done: threads of this process, or a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Protocol, TypeVar

from microsim.ground.errors import InputError, unknown_name

Item = TypeVar("Item")
Done = TypeVar("Done")

ENGINES = ("threads", "dask")


class Engine(Protocol):
    """Does one piece of work for every item, in any order, each as often as it takes to finish once."""

    lanes: int
    """Items that are worked on at the same time"""

    def each(
        self, work: Callable[[Item], Done], items: Sequence[Item]
    ) -> Generator[tuple[int, Done], None, None]:
        """Position of an item and what `work` made of it, as items finish; every position once.

        `work` depends on the item alone and can be pickled.
        """
        ...

    def close(self) -> None:
        """Give back what the engine holds."""
        ...


def engine_of(name: str, lanes: int, scheduler: str | None = None) -> Engine:
    """The engine of a name with `lanes` threads or local workers, or the cluster at `scheduler`.

    Raises InputError for an unknown name, an engine that is not installed, or a cluster that cannot be used.
    """
    if name not in ENGINES:
        raise unknown_name("--engine", None, name, ENGINES, "an engine")
    if name == "threads":
        if scheduler is not None:
            raise InputError("--scheduler", None, scheduler, "no address without --engine dask")
        from microsim.experiments.engines.threads import Threads

        return Threads(lanes)
    from microsim.experiments.engines.cluster import Cluster

    return Cluster(lanes, scheduler)


def check_engine(name: str, scheduler: str | None) -> None:
    """Raise InputError, before any work, where `engine_of` would for want of Dask or of a scheduler."""
    if name == "dask":
        from microsim.experiments.engines.cluster import check

        check(scheduler)
