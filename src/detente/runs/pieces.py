"""Pieces of a job, how each is computed, and how they are handed to a pool of workers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import Any, NamedTuple

from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]
Progress = Callable[[int, int], None]

AHEAD = 2
"""Pieces handed out for each worker: enough that none waits, few in memory."""


class Piece(NamedTuple):
    """One piece of a job.

    ``number`` orders it, ``address`` (plain data, as JSON has it) says what it is, and ``size``
    is its share of the work, in whatever unit the job counts its progress.
    """

    number: int
    address: Any
    size: int = 1


@dataclass(frozen=True)
class Job:
    """Pieces, and how each is computed.

    Attributes
    ----------
    settings : mapping
        What makes it this job, as plain data; a folder of another one is refused.
    pieces : sequence of Piece
        In the order in which they are begun.
    compute : callable
        From the address of a piece to its arrays. For processes and clusters it must be
        picklable: a function of a module, or an instance of a class of one.
    fits : callable, optional
        Whether arrays can be those of a piece: asked of what a folder holds and a worker sends.
    """

    settings: Mapping[str, Any]
    pieces: Sequence[Piece]
    compute: Callable[[Any], Arrays]
    fits: Callable[[Arrays, Piece], bool] = lambda arrays, piece: True


def pieces_of(addresses: Iterable[Any], sizes: Iterable[int] | None = None) -> list[Piece]:
    """Number addresses as pieces; each of size 1 if no sizes are given."""
    every = list(addresses)
    counts = [1] * len(every) if sizes is None else list(sizes)
    return [Piece(k, a, size) for k, (a, size) in enumerate(zip(every, counts, strict=True))]


def handed_out(
    pieces: Sequence[Piece], workers: int, submit: Callable[[Piece], Future[Arrays]]
) -> Iterator[tuple[Piece, Arrays]]:
    """Hand pieces to a pool, a few ahead of its workers, and yield each as it is done."""
    waiting = list(reversed(pieces))
    pending: dict[Future[Arrays], Piece] = {}
    try:
        while waiting or pending:
            while waiting and len(pending) < AHEAD * workers:
                piece = waiting.pop()
                pending[submit(piece)] = piece
            finished, _ = wait(pending, return_when=FIRST_COMPLETED)
            for future in finished:
                yield pending.pop(future), future.result()
    finally:
        for future in pending:
            future.cancel()
