"""Shards on many machines: a Dask cluster runs them, this process keeps and adds them.

What a worker needs is sent with each shard, so that the loss of a worker loses only the shards
at which it was; the scheduler gives those to another one. A worker's result counts only if its
detente is the same version and its sums are of the right shape.
"""

from __future__ import annotations

import contextlib
import importlib
import re
import sys
import time
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import Any

from detente.crisis.kernel.sums import Tally
from detente.crisis.run.ensemble import Ensemble
from detente.crisis.run.shards import Piece, fits
from detente.errors import DetenteError, ResultError, UsageError

ANSWER = 10.0
"""Seconds to wait for the scheduler to answer."""
PATIENCE = 30.0
"""Seconds to wait for its first worker."""
LONELY = 5.0
"""Seconds between two looks at whether any worker is left."""
TURN = 0.02
"""Seconds between two looks at whether a shard is done."""
AHEAD = 3
"""Shards handed out for each thread of the workers: enough that none waits, few in memory."""

ADDRESS = "an address reads tcp://HOST:PORT, and 'dask scheduler' prints its own."
AGAIN = "What was finished is kept where a folder was named: run the same command again."


def work(
    ensemble: Ensemble, pieces: Sequence[Piece], address: str
) -> Iterator[tuple[Piece, Tally]]:
    """Run pieces on a cluster and yield each as it is done, in no particular order.

    Parameters
    ----------
    ensemble : Ensemble
        What is run.
    pieces : sequence of Piece
        Which replicas.
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
    if not waiting:
        return
    dask = _dask()
    with _client(dask, address) as client:
        finished = dask.as_completed(loop=client.loop)
        out: dict[str, Piece] = {}

        def hand_out() -> None:
            hands = max(1, sum(client.nthreads().values()))
            while waiting and len(out) < AHEAD * hands:
                piece = waiting.pop()
                future = client.submit(
                    shard, ensemble, piece.first, piece.last, pure=False, priority=-piece.number
                )
                out[future.key] = piece
                finished.add(future)

        try:
            hand_out()
            lookout = Lookout(client, address)
            for future in lookout.each(finished):
                piece = out.pop(future.key)
                theirs, found = lookout.result(future)
                future.release()
                yield piece, _checked(theirs, Tally(**found), ensemble, piece)
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
            # After an error or an interrupt nobody waits for what is still out.
            with contextlib.suppress(Exception):
                client.cancel(finished.futures, force=True)


class Lookout:
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

    def each(self, finished: Any) -> Iterator[Any]:
        """Yield futures as they are finished."""
        since = time.monotonic()
        while not finished.is_empty():
            if finished.has_ready():
                yield next(finished)
                since = time.monotonic()
            elif time.monotonic() - since > LONELY:
                self.look()
                since = time.monotonic()
            else:
                time.sleep(TURN)

    def result(self, future: Any) -> Any:
        """Return what a finished future holds; what its worker took along is done once more."""
        while True:
            try:
                return future.result(timeout=LONELY)
            except TimeoutError:
                if future.status == "error":  # the shard's own
                    raise
                self.look()


def tell(text: str) -> None:
    """Say something to whoever waits."""
    print(text, file=sys.stderr, flush=True)


def shard(ensemble: Ensemble, first: int, last: int) -> tuple[str, dict[str, Any]]:
    """Run the replicas of one shard on a worker; return its version of detente and the sums."""
    return version("detente"), ensemble.run(first, last, threads=1)._asdict()


def _checked(theirs: str, tally: Tally, ensemble: Ensemble, piece: Piece) -> Tally:
    """Return the sums of a shard from a worker, or say what is wrong with the worker."""
    mine = version("detente")
    if theirs != mine:
        raise ResultError(
            f"a worker of the cluster has detente {theirs} and this is {mine}: install the same "
            f"on both. {AGAIN}"
        )
    if not fits(tally, ensemble, piece):
        raise ResultError(f"a worker of the cluster returned sums of another shape. {AGAIN}")
    return tally


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
