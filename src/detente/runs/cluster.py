"""Pieces on many machines: a Dask cluster computes them, this process keeps them.

What a worker needs is sent with each piece, so that the loss of a worker loses only the pieces
at which it was; the scheduler gives those to another one. A worker's arrays count only if it
runs the same code and they fit the piece.
"""

from __future__ import annotations

import contextlib
import importlib
import re
import sys
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from detente.errors import DetenteError, ResultError, UsageError
from detente.results.provenance import code_digest

if TYPE_CHECKING:
    from collections.abc import Callable

    from detente.runs.pieces import Arrays, Job, Piece

ANSWER = 10.0
"""Seconds to wait for the scheduler to answer."""
PATIENCE = 30.0
"""Seconds to wait for its first worker."""
LOOK = 5.0
"""Seconds between two looks at whether any worker is left."""
POLL = 0.02
"""Seconds between two looks at whether a piece is done."""
AHEAD = 3
"""Pieces handed out for each thread of the workers: enough that none waits, few in memory."""

ADDRESS = "an address reads tcp://HOST:PORT, and 'dask scheduler' prints its own."
AGAIN = "What was finished is kept where a folder was named: run the same command again."


def computed_on(job: Job, pieces: Sequence[Piece], address: str) -> Iterator[tuple[Piece, Arrays]]:
    """Compute pieces on a cluster and yield each as it is done, in no particular order.

    Parameters
    ----------
    job : Job
        What is computed.
    pieces : sequence of Piece
        Which of its pieces.
    address : str
        Of the scheduler, such as ``tcp://10.0.0.5:8786``.

    Raises
    ------
    UsageError
        If Dask is not installed, or no scheduler answers at the address.
    ResultError
        If the cluster fails, also before it has a worker; what was finished has been yielded.
    """
    waiting = list(reversed(pieces))
    dask = _dask()
    with _client(dask, address) as client:
        finished = dask.as_completed(loop=client.loop)
        pending: dict[str, Piece] = {}

        def hand_out() -> None:
            hands = max(1, sum(client.nthreads().values()))
            while waiting and len(pending) < AHEAD * hands:
                piece = waiting.pop()
                future = client.submit(
                    on_worker, job.compute, piece.address, pure=False, priority=-piece.number
                )
                pending[future.key] = piece
                finished.add(future)

        try:
            hand_out()
            monitor = WorkerMonitor(client, address)
            for future in monitor.futures(finished):
                piece = pending.pop(future.key)
                code, arrays = monitor.result(future)
                future.release()
                yield piece, _checked(code, arrays, job, piece)
                hand_out()
        except DetenteError:
            raise
        except Exception as error:
            # Whatever is raised over there, or by the lines in between, has no type to rely on.
            text = (str(error).splitlines() or [""])[0]
            raise ResultError(
                f"the cluster at {address} failed ({type(error).__name__}: {text}). {AGAIN}"
            ) from error
        finally:
            # After an error or an interrupt nobody waits for what is still pending.
            with contextlib.suppress(Exception):
                client.cancel(finished.futures, force=True)


class WorkerMonitor:
    """Says so where nobody is left to do the work, and when somebody is there again."""

    def __init__(self, client: Any, address: str) -> None:
        self.client, self.address = client, address
        self.alone = False

    def look(self) -> None:
        """Look whether any worker is connected."""
        if self.alone == (not self.client.nthreads()):
            return
        self.alone = not self.alone
        tell(
            f"no worker is connected to {self.address} any more: waiting for one. Start some: "
            f"dask worker {self.address}. Or interrupt. {AGAIN}"
            if self.alone
            else f"a worker is connected to {self.address} again: going on."
        )

    def futures(self, finished: Any) -> Iterator[Any]:
        """Yield futures as they are finished."""
        since = time.monotonic()
        while not finished.is_empty():
            if finished.has_ready():
                yield next(finished)
                since = time.monotonic()
            elif time.monotonic() - since > LOOK:
                self.look()
                since = time.monotonic()
            else:
                time.sleep(POLL)

    def result(self, future: Any) -> Any:
        """Return what a finished future holds; what its worker took along is done once more."""
        while True:
            try:
                return future.result(timeout=LOOK)
            except TimeoutError:
                if future.status == "error":  # the piece's own
                    raise
                self.look()


def tell(text: str) -> None:
    """Say something to whoever waits."""
    print(text, file=sys.stderr, flush=True)


def on_worker(compute: Callable[[Any], Arrays], address: Any) -> tuple[str, dict[str, Any]]:
    """Compute one piece on a worker; return the digest of its code and the arrays."""
    return code_digest(), dict(compute(address))


def _checked(code: str, arrays: Arrays, job: Job, piece: Piece) -> Arrays:
    """Return the arrays of a piece from a worker, or say what is wrong with the worker."""
    if code != code_digest():
        raise ResultError(
            f"a worker of the cluster runs other code of detente ({code}) than this process "
            f"({code_digest()}): install the same on both. {AGAIN}"
        )
    if not job.fits(arrays, piece):
        raise ResultError(f"a worker of the cluster returned arrays of another shape. {AGAIN}")
    return arrays


def _dask() -> Any:
    """Return Dask's module of clusters; its calls have no types."""
    try:
        return importlib.import_module("distributed")
    except ImportError:
        raise UsageError(
            "a cluster needs Dask, which is not installed: pip install 'detente[cluster]'"
        ) from None


@contextlib.contextmanager
def _client(dask: Any, address: str) -> Iterator[Any]:
    if not re.fullmatch(r"\w+://[^\s/]+:\d+", address):
        raise UsageError(f"'{address}' is no address of a Dask scheduler: {ADDRESS}")
    try:
        client = dask.Client(address, timeout=ANSWER, set_as_default=False)
    except (OSError, ValueError, TypeError, TimeoutError) as error:
        raise UsageError(f"no Dask scheduler answers at '{address}' ({error}): {ADDRESS}") from None
    try:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise UsageError(
                f"the scheduler at {address} has no worker. Start some: dask worker {address}"
            ) from None
        except Exception as error:
            # When the scheduler goes, what is raised has no type to rely on.
            raise ResultError(
                f"the scheduler at {address} stopped answering before it had a worker "
                f"({type(error).__name__}: {error}). Start it again, and workers: dask scheduler; "
                f"dask worker {address}. {AGAIN}"
            ) from error
        yield client
    finally:
        client.close()
