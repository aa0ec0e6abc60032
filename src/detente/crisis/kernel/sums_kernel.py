"""The compiled loop over replicas: run one, add up what happened, forget it.

The plain twin of the adding up, `sums_plain`, is among the tests, which hold the two equal.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from detente.crisis.kernel.chance_kernel import BARE, COMPILED, U64
from detente.crisis.kernel.events_kernel import Room, replica
from detente.crisis.kernel.sums import COARSE, STEPS, TICK, Tally
from detente.crisis.model import model_arrays as r
from detente.crisis.model.model_arrays import Int32, Log
from detente.crisis.model.model_records import Course, Records
from detente.kernels import njit

I64 = np.int64
PER_TICK, PER_COARSE = 1.0 / TICK, 1.0 / COARSE
BETWEEN_LOW, BETWEEN_WIDTH = 2, 2
TOP = r.TOP

SEEN = np.dtype([("replica", "i8"), ("between", "i8"), ("rung", "i4"), ("highest", "i4")])
"""What is known of a dyad: the replica that last touched it, and in that replica the time in
betweenness if its rung stays what it is, in coarse ticks, its rung and its highest rung. A dyad
that another replica touched last stands where it began, so that nothing need be restored."""


FLUSH = 127
"""Replicas after which the small sums are added to the tally. Each replica changes the number on
a rung at a step by one at most, and reaches a rung first once at most: so bytes hold these sums,
a quarter of the memory, which a core has at hand."""
TOUCHED, SQUARE = r.RUNGS, r.RUNGS + 1


class Scratch(NamedTuple):
    """Room for adding up replicas.

    Attributes
    ----------
    seen : SEEN array (M,)
        What is known of every dyad.
    sums : int64 array (M, 8)
        Small sums: ticks by rung, replicas in which it was touched, squares of betweenness.
    change : int8 array (M, 53, 6)
    first : uint8 array (M, 6, B)
        Small sums, as in the tally.
    mark : int64 array (2, S)
        Replica in which a state was last counted as at war, or as drawn in.
    sides : int32 array (M, 2)
        The two states of every dyad.
    joiner : int32 array (entries,)
        The state that enters.
    """

    seen: Records
    sums: NDArray[np.int64]
    change: NDArray[np.int8]
    first: NDArray[np.uint8]
    mark: NDArray[np.int64]
    sides: Int32
    joiner: Int32


def make_scratch(dyads: int, sides: Int32, joiner: Int32, states: int, bins: int) -> Scratch:
    """Return room for adding up."""
    seen = np.zeros(dyads, SEEN)
    seen["replica"] = -1
    return Scratch(
        seen,
        np.zeros((dyads, r.RUNGS + 2), np.int64),
        np.zeros((dyads, STEPS + 1, r.RUNGS), np.int8),
        np.zeros((dyads, r.RUNGS, bins), np.uint8),
        np.full((2, states), -1, np.int64),
        sides,
        joiner,
    )


@njit(forceinline=True, **COMPILED)
def is_between(rung):  # type: ignore[no-untyped-def]  # numba infers the types
    """Return 1 for a rung between peace and war, else 0."""
    return I64(U64(rung - BETWEEN_LOW) <= U64(BETWEEN_WIDTH))


@njit(**COMPILED)
def count(  # type: ignore[no-untyped-def]
    log: Log, written: int, incidents: int, number, course: Course, s: Scratch, a: Tally
) -> None:
    """Add one replica to the small sums and the tally, from its log of changes."""
    days, m, start, _ = course
    per_step = STEPS / days
    bins = a.first_war.size
    per_bin = bins / days
    whole = I64(days * PER_COARSE)
    highest: Any  # 64-bit numbers here, whatever they are read from
    bin_: Any
    wars = 0
    first_war = -1.0
    for i in range(written):
        line = U64(i)
        code = I64(log.code[line])
        t, now, d = log.time[line], code & 7, U64(log.dyad[line])
        if code >> 3 == r.JOINED:
            a.joined[d] += 1
            state = s.joiner[d]
            if s.mark[1, state] != number:
                s.mark[1, state] = number
                a.drawn_in[state] += 1
            d = U64(m.entry[d].dyad)
        # Without branches, since whether a dyad is met anew in a replica cannot be foreseen.
        seen = s.seen[d]
        first = I64(start.rung[d])
        anew = seen.replica != number
        before = first if anew else I64(seen.rung)
        highest = first if anew else I64(seen.highest)
        quiet = whole * is_between(first)
        between = quiet if anew else I64(seen.between)
        left = whole - I64(t * PER_COARSE)
        after = between + left * (is_between(now) - is_between(before))
        s.sums[d, TOUCHED] += I64(anew)
        s.sums[d, SQUARE] += after * after - (0 if anew else between * between)
        tick = I64(t * PER_TICK)
        s.sums[d, U64(before)] += tick
        s.sums[d, U64(now)] -= tick
        # At step k the time is k / per_step; the dyad is on its new rung from the next step on.
        # In between a byte may overflow: what comes back to within its range is right again.
        step = U64(np.ceil(t * per_step))
        s.change[d, step, U64(before)] -= 1
        s.change[d, step, U64(now)] += 1
        seen.replica, seen.between = number, after
        seen.rung, seen.highest = now, max(now, highest)
        bin_ = min(I64(t * per_bin), bins - 1)
        for k in range(highest + 1, now + 1):
            s.first[d, U64(k), U64(bin_)] += 1
        if now == TOP and now > highest:
            wars += 1
            if first_war < 0.0:
                first_war = t
                a.first_war[bin_] += 1
            for side in range(2):
                state = s.sides[d, side]
                if s.mark[0, state] != number:
                    s.mark[0, state] = number
                    a.at_war[state] += 1
    a.replicas[0] += 1
    a.incidents[0] += incidents
    a.incidents_square[0] += incidents * incidents
    a.wars[min(wars, a.wars.size - 1)] += 1


@njit(**COMPILED)
def flush(s: Scratch, a: Tally) -> None:
    """Add the small sums to the tally and begin them anew."""
    for d in range(a.touched.size):
        a.touched[d] += s.sums[d, TOUCHED]
        a.between_square[d] += s.sums[d, SQUARE]
        for k in range(r.RUNGS):
            a.ticks[d, k] += s.sums[d, k]
        for k in range(SQUARE + 1):
            s.sums[d, k] = 0
    # Flat, so that each loop is one that adds many numbers at a time.
    first, small = a.first.reshape(-1), s.first.reshape(-1)
    for i in range(first.size):
        first[i] += small[i]
        small[i] = 0
    change, little = a.change.reshape(-1), s.change.reshape(-1)
    for i in range(change.size):
        change[i] += little[i]
        little[i] = 0


@njit(**COMPILED)
def block(  # type: ignore[no-untyped-def]
    key, first, last, course: Course, q: Room, log: Log, s: Scratch, a: Tally
):
    """Run the replicas first..last-1 and add them up.

    Returns
    -------
    (replica, room)
        The one that had too little room and what it had needed, or (last, 0).
    """
    kept = 0
    for number in range(first, last):
        written, used, how, _, incidents = replica(key, number, course, q, log, BARE)
        if how < 0:
            flush(s, a)
            return number, max(written, used)
        count(log, written, incidents, number, course, s, a)
        kept += 1
        if kept == FLUSH:
            flush(s, a)
            kept = 0
    flush(s, a)
    return last, 0
