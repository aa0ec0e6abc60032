"""What is kept of replicas: sums of whole numbers, which do not depend on the order of adding.

Memory does not grow with the number of replicas, and any number of threads, blocks, shards or
machines comes to the same sums to the last bit.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detente.crisis.model.model_arrays import RUNGS, TOP

Counts = NDArray[np.int64]
Small = NDArray[np.int32]

TICK = 1.0 / 1024
"""Days: the grain in which times are added."""
COARSE = 1.0 / 16
"""Days: the grain in which squares of times are added, so that they fit into 64 bits."""
STEPS = 52
"""Steps of the fan of rungs over time."""
MOST_BINS = 128
"""Bins of first-passage times, at most: few enough to stay in the cache of a core."""


class Tally(NamedTuple):
    """Sums over replicas, for M dyads, S states, B bins of time.

    Attributes
    ----------
    replicas : int array (1,)
        How many.
    incidents, incidents_square : int arrays (1,)
        Incidents in all, and the sum of the squares of their number in a replica.
    first : int32 array (M, 6, B)
        Replicas in which a rung above the starting one was first reached, by bin.
    touched : int array (M,)
        Replicas in which the dyad changed its rung at all.
    ticks : int array (M, 6)
        Times, in ticks, at which it left each rung, less those at which it came to it.
    between_square : int array (M,)
        Sum of the squares of the time in betweenness of the replicas in which it was touched,
        in coarse ticks.
    change : int32 array (M, 53, 6)
        How many more replicas are on each rung than at the step before.
    joined : int array (entries,)
        Replicas in which an ally entered, by the entry.
    wars : int array (M + 1,)
        Replicas by the number of dyads that newly reached war.
    first_war : int32 array (B,)
        Replicas by the bin of the first new war.
    at_war, drawn_in : int arrays (S,)
        Replicas in which the state was newly at war, or was drawn in by an entry.
    """

    replicas: Counts
    incidents: Counts
    incidents_square: Counts
    first: Small
    touched: Counts
    ticks: Counts
    between_square: Counts
    change: Small
    joined: Counts
    wars: Counts
    first_war: Small
    at_war: Counts
    drawn_in: Counts


def bins(days: float) -> int:
    """Return the number of bins of first-passage times for a horizon."""
    return min(MOST_BINS, max(1, int(np.ceil(days))))


def empty(dyads: int, states: int, entries: int, days: float) -> Tally:
    """Return the tally of no replicas."""
    b = bins(days)

    def zeros(*shape: int) -> Counts:
        return np.zeros(shape, dtype=np.int64)

    return Tally(
        replicas=zeros(1),
        incidents=zeros(1),
        incidents_square=zeros(1),
        first=np.zeros((dyads, RUNGS, b), dtype=np.int32),
        touched=zeros(dyads),
        ticks=zeros(dyads, RUNGS),
        between_square=zeros(dyads),
        change=np.zeros((dyads, STEPS + 1, RUNGS), dtype=np.int32),
        joined=zeros(entries),
        wars=zeros(dyads + 1),
        first_war=np.zeros(b, dtype=np.int32),
        at_war=zeros(states),
        drawn_in=zeros(states),
    )


def add(total: Tally, other: Tally) -> None:
    """Add another tally to the first."""
    for k in range(len(total)):
        total[k][...] += other[k]


def reached(tally: Tally, start: NDArray[np.int8]) -> Counts:
    """Return the replicas in which each dyad reached each rung, array (M, 6).

    Rungs up to the starting one count as reached.
    """
    passages: Counts = tally.first.sum(axis=2, dtype=np.int64)
    below = np.arange(TOP + 1)[None, :] <= start[:, None]
    passages[below] = tally.replicas[0]
    return passages


def fan(tally: Tally, start: NDArray[np.int8]) -> Counts:
    """Return the replicas on each rung at each step, array (M, 53, 6)."""
    fans: Counts = np.cumsum(tally.change, axis=1, dtype=np.int64)
    fans[np.arange(len(start)), :, start] += tally.replicas[0]
    return fans


def occupied(tally: Tally, start: NDArray[np.int8], days: float) -> Counts:
    """Return the ticks on each rung over all replicas, array (M, 6)."""
    last: Counts = tally.change.sum(axis=1, dtype=np.int64)
    last[np.arange(len(start)), start] += tally.replicas[0]
    ticks: Counts = tally.ticks + last * int(days / TICK)
    return ticks
