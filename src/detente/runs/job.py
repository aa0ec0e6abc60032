"""A job: what is computed piece by piece, and the one way in which all long work is done.

A piece has an address, which says all that tells it from the others; chance is a function of it.
So a piece may be computed on a thread, in a process or on another machine, now or after a kill,
and its arrays are the same to the last bit.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from detente.errors import UsageError
from detente.results.provenance import code_digest
from detente.runs.folder import RunFolder
from detente.runs.pieces import Arrays, Job, Piece, Progress, handed_out


def carry_out(
    job: Job,
    folder: str | os.PathLike[str] | None = None,
    *,
    threads: int = 1,
    processes: int | None = None,
    cluster: str | None = None,
    progress: Progress | None = None,
) -> Iterator[tuple[Piece, Arrays]]:
    """Compute the pieces of a job and yield each with its arrays as it is done.

    Parameters
    ----------
    job : Job
        What is computed.
    folder : path, optional
        Where every piece is kept as soon as it is done; made if it is not there. The pieces that
        it holds already come first and are not computed again.
    threads : int
        Pieces computed at a time in this process.
    processes : int, optional
        Compute in as many processes instead, which die with this one.
    cluster : str, optional
        Address of a Dask scheduler, such as ``tcp://10.0.0.5:8786``, whose workers compute.
    progress : callable, optional
        Called with (size done, size in all).

    Raises
    ------
    ResultError
        If the folder holds another job, is in use or cannot be written, or the cluster fails.
        What was finished is kept.
    UsageError
        If the cluster cannot be reached.
    """
    if threads < 1 or (processes is not None and processes < 1):
        raise UsageError(f"{threads} threads and {processes} processes: give 1 or more")
    whole, done = sum(piece.size for piece in job.pieces), 0
    with contextlib.ExitStack() as stack:
        kept = None
        if folder is not None:
            settings = {**job.settings, "code": code_digest()}
            kept = stack.enter_context(RunFolder.opened(folder, settings))
        missing: list[Piece] = []
        for piece in job.pieces:
            stored = kept.read(piece.number, _word(piece)) if kept is not None else None
            if stored is None or not job.fits(stored, piece):
                missing.append(piece)
                continue
            done += piece.size
            yield piece, stored
        if progress is not None and done:
            progress(done, whole)
        computed = _computed(job, missing, threads, processes, cluster)
        stack.callback(computed.close)
        for piece, arrays in computed:
            if kept is not None:
                kept.write(piece.number, _word(piece), arrays)
            done += piece.size
            if progress is not None:
                progress(done, whole)
            yield piece, arrays


def in_order(results: Iterable[tuple[Piece, Arrays]]) -> Iterator[tuple[Piece, Arrays]]:
    """Yield pieces by their numbers 0, 1, 2 ..., holding back those that came too early.

    For sums of numbers with fractions, which depend on the order of adding.
    """
    early: dict[int, tuple[Piece, Arrays]] = {}
    following = 0
    for piece, arrays in results:
        early[piece.number] = piece, arrays
        while following in early:
            yield early.pop(following)
            following += 1


def _word(piece: Piece) -> str:
    return json.dumps(piece.address, sort_keys=True)


def _computed(
    job: Job, pieces: Sequence[Piece], threads: int, processes: int | None, cluster: str | None
) -> Generator[tuple[Piece, Arrays], None, None]:
    if not pieces:
        return
    if cluster is not None:
        from detente.runs.cluster import computed_on

        yield from computed_on(job, pieces, cluster)
    elif processes is not None:
        from detente.runs.processes import computed_in

        yield from computed_in(job, pieces, min(processes, len(pieces)))
    elif threads == 1:
        for piece in pieces:
            yield piece, job.compute(piece.address)
    else:
        with ThreadPoolExecutor(min(threads, len(pieces))) as pool:
            yield from handed_out(
                pieces, threads, lambda piece: pool.submit(job.compute, piece.address)
            )
