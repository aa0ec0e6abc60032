"""A simulation as a job: its pieces are shards, sums over a stretch of replicas.

Since the sums are of whole numbers, the result is the same to the last bit however often a run
was interrupted, in whatever order the shards were finished, and wherever.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from detente.crisis.kernel import sums
from detente.crisis.kernel.sums import Tally
from detente.crisis.run.ensemble import Ensemble
from detente.runs import Arrays, Job, Piece, carry_out, pieces_of

SHARD = 16_384
"""Replicas a shard."""
Progress = Callable[[int, int], None]


def run(
    ensemble: Ensemble,
    replicas: int,
    folder: str | os.PathLike[str] | None,
    settings: dict[str, Any],
    *,
    threads: int | None = None,
    cluster: str | None = None,
    progress: Progress | None = None,
) -> Tally:
    """Run replicas shard by shard and return the sums.

    Parameters
    ----------
    ensemble : Ensemble
        The model and where it begins.
    replicas : int
        How many in all.
    folder : path or None
        Where each shard is kept. Made if it is not there; may hold the same run, unfinished or
        not.
    settings : dict
        What makes it this run, as plain data.
    threads, cluster, progress
        As in `simulate`.

    Raises
    ------
    ResultError
        If the folder holds another run or shards of an unknown one, is in use, or cannot be
        written; what was written stays.
    """
    # On a cluster each worker has its own cores to share; here a shard takes all of them.
    compute = Stretch(ensemble, 1 if cluster is not None else threads)
    job = Job({"shard": SHARD, **settings}, shards_of(replicas), compute, Fits(ensemble))
    total = ensemble.empty()
    for _, arrays in carry_out(job, folder, cluster=cluster, progress=progress):
        sums.add(total, Tally(**arrays))
    return total


def shards_of(replicas: int) -> Sequence[Piece]:
    """Return the shards of replicas 0 to `replicas` - 1; the address is [first, last + 1]."""
    stretches = [[first, min(first + SHARD, replicas)] for first in range(0, replicas, SHARD)]
    return pieces_of(stretches, [last - first for first, last in stretches])


@dataclass(frozen=True)
class Stretch:
    """Runs a stretch of replicas: what a worker computes."""

    ensemble: Ensemble
    threads: int | None

    def __call__(self, address: Sequence[int]) -> Arrays:
        """Return the sums over replicas first to last, by name."""
        first, last = address
        return self.ensemble.run(first, last, threads=self.threads)._asdict()


@dataclass(frozen=True)
class Fits:
    """Says whether sums are of an ensemble and of as many replicas as a shard has."""

    ensemble: Ensemble

    def __call__(self, arrays: Arrays, piece: Piece) -> bool:
        """Compare names, shapes, types and the number of replicas."""
        wanted = self.ensemble.empty()._asdict()
        if set(arrays) != set(wanted):
            return False
        shapes = [{k: (np.shape(v), np.asarray(v).dtype) for k, v in x.items()}
                  for x in (arrays, wanted)]  # fmt: skip
        return shapes[0] == shapes[1] and int(arrays["replicas"][0]) == piece.size
