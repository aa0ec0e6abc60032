"""The compiled loop over replicas: run one, add up what happened, forget it.

The plain twin of the adding up is `detente.crisis.tally_plain`; a test holds the two equal.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from detente.crisis import rules as r
from detente.crisis.kernel import COMPILED, Room, replica
from detente.crisis.rules import Int32, Log, Rules, Start, Watch
from detente.crisis.tally import COARSE, STEPS, TICK, Tally

PER_TICK, PER_COARSE = 1.0 / TICK, 1.0 / COARSE
BETWEEN_LOW, BETWEEN_HIGH = 2, 4
TOP = r.TOP


class Scratch(NamedTuple):
    """Room for adding up one replica.

    Attributes
    ----------
    rung, highest : int8 arrays (M,)
        The present rung and the highest so far; restored after each replica.
    since : array (M,)
        Since when it is there.
    between : array (M,)
        Time in betweenness.
    seen : int32 array (M,)
        Dyads that changed their rung, in the order in which they did.
    mark : int64 array (2, S)
        Replica in which a state was last counted as at war, or as drawn in.
    sides : int32 array (M, 2)
        The two states of every dyad.
    joiner : int32 array (entries,)
        The state that enters.
    """

    rung: NDArray[np.int8]
    highest: NDArray[np.int8]
    since: NDArray[np.float64]
    between: NDArray[np.float64]
    seen: Int32
    mark: NDArray[np.int64]
    sides: Int32
    joiner: Int32


def make_scratch(rung: NDArray[np.int8], sides: Int32, joiner: Int32, states: int) -> Scratch:
    """Return room for adding up."""
    m = len(rung)
    return Scratch(
        rung.copy(),
        rung.copy(),
        np.full(m, -1.0),
        np.zeros(m),
        np.empty(m, np.int32),
        np.full((2, states), -1, np.int64),
        sides,
        joiner,
    )


@njit(**COMPILED)  # type: ignore[untyped-decorator]  # numba has no types for _nrt
def count(  # type: ignore[no-untyped-def]
    log: Log, written: int, number, days: float, entry: Int32, start: Start, s: Scratch, a: Tally
) -> None:
    """Add one replica's log to the tally."""
    per_step = STEPS / days
    bins = a.first_war.size
    per_bin = bins / days
    seen, incidents, wars = 0, 0, 0
    first_war = -1.0
    for i in range(written):
        code = log.code[i]
        kind = code >> 3
        if kind <= r.RISE:
            incidents += 1
            if kind == r.INCIDENT:
                continue
        t, now, d = log.time[i], code & 7, log.dyad[i]
        if kind == r.JOINED:
            a.joined[d] += 1
            state = s.joiner[d]
            if s.mark[1, state] != number:
                s.mark[1, state] = number
                a.drawn_in[state] += 1
            d = entry[d]
        before, since = s.rung[d], s.since[d]
        if since < 0.0:
            s.seen[seen] = d
            seen += 1
            since = 0.0
        a.ticks[d, before] += np.int64(t * PER_TICK) - np.int64(since * PER_TICK)
        if BETWEEN_LOW <= before <= BETWEEN_HIGH:
            s.between[d] += t - since
        # At step k the time is k / per_step; it is on the rung before at the steps in [since, t).
        a.change[d, np.int64(np.ceil(since * per_step)), before] += 1
        a.change[d, np.int64(np.ceil(t * per_step)), before] -= 1
        s.rung[d], s.since[d] = now, t
        if now > s.highest[d]:
            b = int(t * per_bin)
            if b >= bins:
                b = bins - 1
            for k in range(s.highest[d] + 1, now + 1):
                a.first[d, k, b] += 1
            s.highest[d] = now
            if now == TOP:
                wars += 1
                if first_war < 0.0:
                    first_war = t
                    a.first_war[b] += 1
                for side in range(2):
                    state = s.sides[d, side]
                    if s.mark[0, state] != number:
                        s.mark[0, state] = number
                        a.at_war[state] += 1
    ends = np.int64(days * PER_TICK)
    for i in range(seen):
        d = s.seen[i]
        now, since = s.rung[d], s.since[d]
        a.touched[d] += 1
        a.ticks[d, now] += ends - np.int64(since * PER_TICK)
        if BETWEEN_LOW <= now <= BETWEEN_HIGH:
            s.between[d] += days - since
        step = np.int64(np.ceil(since * per_step))
        if step <= STEPS:
            a.change[d, step, now] += 1
        coarse = np.int64(s.between[d] * PER_COARSE)
        a.between_square[d] += coarse * coarse
        s.rung[d] = s.highest[d] = start.rung[d]
        s.since[d] = -1.0
        s.between[d] = 0.0
    a.replicas[0] += 1
    a.incidents[0] += incidents
    a.incidents_square[0] += incidents * incidents
    a.wars[min(wars, a.wars.size - 1)] += 1


@njit(**COMPILED)  # type: ignore[untyped-decorator]  # numba has no types for _nrt
def block(  # type: ignore[no-untyped-def]
    key, first, last, days: float, m: Rules, start: Start, watch: Watch,
    q: Room, log: Log, s: Scratch, a: Tally,
):  # fmt: skip
    """Run the replicas first..last-1 and add them up.

    Returns
    -------
    (replica, room)
        The one that had too little room and what it had needed, or (last, 0).
    """
    for number in range(first, last):
        written, used, how, _ = replica(key, number, days, m, start, watch, q, log)
        if how < 0:
            return number, max(written, used)
        count(log, written, number, days, m.entry, start, s, a)
    return last, 0
