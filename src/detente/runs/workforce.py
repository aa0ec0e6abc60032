"""Who does long work, and where what is done is kept: one value for every question that asks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.runs.job import Arrays, Job, Piece, Progress, carry_out


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
