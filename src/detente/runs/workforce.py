"""Who does long work, and where what is done is kept: one value for every question that asks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields, is_dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.runs.job import carry_out, in_order
from detente.runs.pieces import Arrays, Job, Piece, Progress, pieces_of


@dataclass(frozen=True)
class Workforce:
    """Who does the pieces of a job.

    Attributes
    ----------
    threads : int
        Pieces computed at a time in this process.
    processes : int, optional
        Compute in as many processes instead, which die with this one.
    cluster : str, optional
        Address of a Dask scheduler, such as ``tcp://10.0.0.5:8786``, whose workers compute.
    folder : path, optional
        Where pieces are kept as they are done: the same work goes on from there.
    progress : callable, optional
        Called with (size done, size in all) of the job at hand.
    """

    threads: int = 1
    processes: int | None = None
    cluster: str | None = None
    folder: Path | None = None
    progress: Progress | None = None

    def under(self, name: str) -> Workforce:
        """Return the same with a folder of this name within its own, where it has one."""
        return replace(self, folder=None if self.folder is None else self.folder / name)

    def near(self) -> Workforce:
        """Return as many threads of this process as there are workers here, keeping nothing."""
        return Workforce(threads=self.processes or self.threads)

    def carry_out(self, job: Job, name: str) -> Iterator[tuple[Piece, Arrays]]:
        """Compute a job and yield its pieces as they are done.

        They are kept under the name and a digest of the settings: another job of the name, begun
        with other settings, neither stands in the way nor is mistaken for this one. Errors are
        those of `detente.runs.carry_out`.
        """
        plain = json.dumps(job.settings, sort_keys=True)
        digest = hashlib.blake2b(plain.encode(), digest_size=4).hexdigest()
        return carry_out(
            job,
            self.under(f"{name}-{digest}").folder,
            threads=self.threads,
            processes=self.processes,
            cluster=self.cluster,
            progress=self.progress,
        )

    def over_draws(
        self,
        compute: Callable[[Sequence[int]], Arrays],
        draws: int,
        block: int,
        *,
        name: str,
        settings: Mapping[str, Any],
    ) -> Iterator[tuple[slice, Arrays]]:
        """Compute blocks of draws and yield each, in their order, with the draws that it holds.

        Parameters
        ----------
        compute : callable
            From the first draw of a block and the one behind its last to arrays; picklable.
        draws, block : int
            How many draws there are, and how many make a block.
        name : str
            What the blocks are kept under, if they are kept.
        settings : mapping
            What makes it this work, as plain data.

        Raises
        ------
        ResultError, UsageError
            As `detente.runs.carry_out` does.
        """
        addresses = blocks(draws, block)
        sizes = [last - first for first, last in addresses]
        job = Job(
            {**settings, "draws": draws, "block": block},
            pieces_of(addresses, sizes),
            SingleThread(compute),
        )
        # One core a block: a sum over more threads is another one in its last bits. Here as well
        # as in each block, since threads that limit and release by turns undo one another's limit.
        with one_thread():
            for piece, arrays in in_order(self.carry_out(job, name)):
                yield slice(*piece.address), arrays


@dataclass(frozen=True)
class SingleThread:
    """Computes a piece with one thread of linear algebra."""

    compute: Callable[[Sequence[int]], Arrays]

    def __call__(self, address: Sequence[int]) -> Arrays:
        """Return the arrays of the piece at an address."""
        with one_thread():
            return self.compute(address)


def one_thread() -> AbstractContextManager[Any]:
    """Hold linear algebra to one thread for as long as the context lasts."""
    # SciPy brings linear algebra of its own, which can only be limited once it is loaded.
    import_module("scipy.linalg")
    from threadpoolctl import threadpool_limits

    limited: AbstractContextManager[Any] = threadpool_limits(1, user_api="blas")
    return limited


def blocks(number: int, size: int) -> list[tuple[int, int]]:
    """Return the addresses, first and behind the last, of `number` draws in blocks of a size."""
    return [(first, min(first + size, number)) for first in range(0, number, size)]


def content_digest(arrays: Iterable[NDArray[Any]]) -> str:
    """Return a digest of arrays, which tells one job from another that has other input."""
    digest = hashlib.blake2b(digest_size=16)
    for array in arrays:
        digest.update(f"{array.dtype.str} {array.shape} ".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def input_digest(*values: Any) -> str:
    """Return a digest of whatever a job is computed from, by content.

    Arrays and plain data, mappings and sequences of them, and objects that hold such things.
    """
    digest = hashlib.blake2b(digest_size=16)
    for value in values:
        digest.update(_content(value).encode())
    return digest.hexdigest()


def _content(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return content_digest([value])
    if value is None or isinstance(value, str | bytes | int | float | np.generic):
        return f"{type(value).__name__} {value!r} "
    if isinstance(value, Mapping):
        return f"{{{input_digest(*(part for key in sorted(value) for part in (key, value[key])))}}}"
    if isinstance(value, set | frozenset):
        return f"{{{input_digest(*sorted(value))}}}"
    if isinstance(value, Iterable):
        return f"[{input_digest(*value)}]"
    held = (
        {f.name: getattr(value, f.name) for f in fields(value)}
        if is_dataclass(value)
        else vars(value)
    )
    return f"{type(value).__qualname__}{_content(held)}"
