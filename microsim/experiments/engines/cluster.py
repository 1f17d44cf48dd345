"""Work on a Dask cluster: one of this machine's processes, or any that a scheduler's address reaches.

Workers may die and join at any time: Dask does the lost items again, and an item counts when its result
has come back, so none counts twice. Every worker must run the same code on the same libraries.
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import logging
import pickle
import platform
import socket
import uuid
import zlib
from collections.abc import Callable, Generator, Sequence
from typing import Any, TypeVar

import numba
import numpy as np

from microsim.engine.identity import code_digest, version
from microsim.experiments.engines import sending
from microsim.ground.compiled import source_digest
from microsim.ground.errors import InputError, MicrosimError
from microsim.ground.parameters import load_parameters

Item = TypeVar("Item")
Done = TypeVar("Done")
__all__ = ["Cluster", "ClusterError", "fingerprint", "sending"]

CONNECT_SECONDS = 10
"""How long a scheduler may take to answer."""
JOIN_SECONDS = 120
"""How long to wait for a scheduler's first worker."""
AHEAD = 2
"""Items given out for each thread of the cluster, so that no worker waits for this process."""
_OPTION = "--scheduler"
_SOCKETS = ("tcp", "tls", "ws", "wss")
_AGAIN = "the same command goes on where this one stopped"


class ClusterError(MicrosimError):
    """The cluster was lost, not the input."""


def fingerprint() -> dict[str, str]:
    """What must be the same on every worker, for the same values."""
    from synthetic_pop.inputs import inputs_digest

    return {
        "microsim": version(),
        "parameters": load_parameters().digest(),
        "code": code_digest(),
        "kernels": source_digest(),
        "population": inputs_digest(),
        "python": ".".join(platform.python_version_tuple()[:2]),
        "numba": numba.__version__,
        "numpy": np.__version__,
    }


def check(address: str | None) -> None:
    """Raise InputError where Dask is not installed, or nobody listens at the `address` of a scheduler.

    Asked before Dask does: its client goes on trying, and where the address is none it keeps the process.
    """
    try:
        addressing: Any = importlib.import_module("distributed.comm.addressing")
    except ImportError:
        fix = "pip install 'microsim-us[cluster]'"
        raise InputError("--engine", None, "dask", "an installation with Dask", fix=fix) from None
    if address is None:
        return
    scheme, separator, place = address.partition("://")
    if separator and scheme not in _SOCKETS:
        return  # no socket that can be tried here
    try:
        host, port = addressing.parse_host_port(place if separator else address)
        with socket.create_connection((host, port), timeout=CONNECT_SECONDS):
            pass
        asyncio.run(_greeted(address))
    except ValueError:
        raise _unreached(address, "as in tcp://HOST:PORT") from None
    except TimeoutError:
        raise _unreached(address, f"no answer in {CONNECT_SECONDS} seconds") from None
    except OSError as error:
        raise _unreached(address, error.strerror or str(error) or "no answer") from None


async def _greeted(address: str) -> None:
    """Exchange greetings with a scheduler, so that another kind of server is not waited for."""
    distributed: Any = importlib.import_module("distributed")
    comm: Any = importlib.import_module("distributed.comm")
    options = distributed.Security().get_connection_args("client")
    async with asyncio.timeout(CONNECT_SECONDS):
        held = await comm.connect(address, timeout=CONNECT_SECONDS, **options)
        held.abort()


def _unreached(address: str | None, said: str) -> InputError:
    return InputError(_OPTION, None, address, f"the address of a scheduler with workers ({said})")


class Cluster:
    """An engine on Dask: `lanes` processes of this machine, or the cluster of the scheduler at `address`.

    Raises InputError when Dask is not installed, the scheduler cannot be reached, no worker joins, or a
    worker runs other code.
    """

    def __init__(self, lanes: int, address: str | None = None) -> None:
        check(address)
        distributed: Any = importlib.import_module("distributed")
        self._local: Any = None
        self._client: Any = None
        try:
            if address is None:
                self._local = distributed.LocalCluster(
                    n_workers=max(1, lanes), threads_per_worker=1, dashboard_address=None, memory_limit=0,
                    silence_logs=logging.CRITICAL,
                )  # fmt: skip
            self._client = distributed.Client(
                self._local or address, set_as_default=False,
                timeout=JOIN_SECONDS if address is None else CONNECT_SECONDS,
            )
            self._client.wait_for_workers(1, timeout=JOIN_SECONDS)
        except (OSError, TimeoutError, ValueError) as error:
            self.close()
            said = str(error).splitlines()[0] if str(error) else "no answer"
            raise _unreached(address, said) from None
        try:
            self._check()
        except BaseException:
            self.close()
            raise
        self.lanes = max(1, sum(self._client.nthreads().values()))

    def each(
        self, work: Callable[[Item], Done], items: Sequence[Item]
    ) -> Generator[tuple[int, Done], None, None]:
        """See `Engine`. Raises ClusterError when the scheduler is lost, or workers die again and again."""
        distributed: Any = importlib.import_module("distributed")
        cloudpickle: Any = importlib.import_module("cloudpickle")
        comm: Any = importlib.import_module("distributed.comm")
        body = zlib.compress(cloudpickle.dumps(work), 1)
        # Work travels once as a task of its own, which Dask makes again where a worker is lost with it.
        name = f"microsim-{hashlib.sha256(body).hexdigest()[:12]}-{uuid.uuid4().hex[:8]}"
        client = self._client
        opened = client.submit(_opened, body, fingerprint(), key=f"{name}-work")
        waiting = iter(enumerate(items))
        running: dict[Any, int] = {}

        def more() -> list[Any]:
            begun = []
            wanted = AHEAD * max(1, sum(client.nthreads().values()))
            while len(running) < wanted and (following := next(waiting, None)) is not None:
                position, item = following
                future = client.submit(_done, opened, item, key=f"{name}-{position}", pure=False)
                running[future] = position
                begun.append(future)
            return begun

        try:
            finished = distributed.as_completed(more(), loop=client.loop)
            for future in finished:
                # A future that is held while the next is waited for keeps its result on the cluster.
                value, position = future.result(), running.pop(future)
                del future
                finished.update(more())
                yield position, value
        except distributed.KilledWorker as error:
            raise ClusterError(f"workers died again and again on one piece ({error}); {_AGAIN}") from None
        except (distributed.CancelledError, comm.CommClosedError, TimeoutError) as error:
            raise ClusterError(f"the scheduler was lost ({type(error).__name__}); {_AGAIN}") from None
        finally:
            for future in running:
                future.cancel()
            opened.release()

    def close(self) -> None:
        """Leave the cluster, and end it when it is this process's own."""
        for held in (self._client, self._local):
            if held is not None:
                held.close()

    def _check(self) -> None:
        mine = fingerprint()
        try:
            theirs = self._client.run(fingerprint)
        except ImportError as error:
            expected = "workers on which microsim is installed"
            raise InputError(_OPTION, "workers", str(error), expected) from None
        for worker, held in sorted(theirs.items()):
            if held != mine:
                raise InputError(_OPTION, worker, _differences(held, mine), "workers that run the same code")


def _differences(held: dict[str, str], mine: dict[str, str]) -> str:
    named = [f"{key} {held.get(key)}, here {value}" for key, value in mine.items() if held.get(key) != value]
    return "; ".join(named)


def _opened(body: bytes, expected: dict[str, str]) -> Any:
    """The work, on a worker. A worker that joined later is checked here."""
    held = fingerprint()
    if held != expected:
        raise InputError(_OPTION, "a worker", _differences(held, expected), "workers that run the same code")
    return pickle.loads(zlib.decompress(body))


def _done(work: Callable[[Any], Any], item: Any) -> Any:
    return work(item)
