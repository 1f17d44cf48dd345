"""Work on threads of this process."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

Item = TypeVar("Item")
Done = TypeVar("Done")


class Threads:
    """An engine of `lanes` threads; no more items are begun than there are threads."""

    def __init__(self, lanes: int) -> None:
        self.lanes = max(1, lanes)

    def each(
        self, work: Callable[[Item], Done], items: Sequence[Item]
    ) -> Generator[tuple[int, Done], None, None]:
        """See `Engine`. What raises in `work` is raised here."""
        pool = ThreadPoolExecutor(self.lanes)
        running: dict[Future[Done], int] = {}
        waiting = iter(enumerate(items))
        try:
            while True:
                while len(running) < self.lanes and (following := next(waiting, None)) is not None:
                    running[pool.submit(work, following[1])] = following[0]
                if not running:
                    return
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    yield running.pop(future), future.result()
        finally:
            pool.shutdown(cancel_futures=True)

    def close(self) -> None:
        """Nothing is held between calls."""
