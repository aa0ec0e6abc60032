"""The compiled loops over replicas of which only the end, or the number of wars, is wanted.

The tests hold their plain twins: of the first `events_plain.replica`, one call a replica, of the
second `sums_plain.spread`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats
from detente.crisis.kernel.chance_kernel import BARE, COMPILED, U64
from detente.crisis.kernel.events_kernel import Room, replica
from detente.crisis.model.model_arrays import JOINED, TOP, Int32, Log
from detente.crisis.model.model_records import Course
from detente.kernels import njit


class Ends(NamedTuple):
    """How and when replicas ended, by their numbers: written by a kernel."""

    how: NDArray[np.int8]
    when: Floats


class NewWars(NamedTuple):
    """What is counted of wars that begin.

    Attributes
    ----------
    watched, free : int8 arrays (M,), (S,)
        1 for the dyads and the states that count.
    sides : int32 array (M, 2)
        The two states of every dyad.
    seen, mark : int64 arrays (M,), (S,)
        Replica in which a dyad and a state were last counted; -1 at first.
    wars, drawn : int32 arrays
        How many dyads and states, by replica.
    """

    watched: NDArray[np.int8]
    free: NDArray[np.int8]
    sides: Int32
    seen: NDArray[np.int64]
    mark: NDArray[np.int64]
    wars: Int32
    drawn: Int32


@njit(**COMPILED)
def block(  # type: ignore[no-untyped-def]
    key, first, last, course: Course, q: Room, log: Log, ends: Ends
):
    """Run the replicas first..last-1 and write how and when each of them ended.

    Returns
    -------
    (replica, room)
        The one that had too little room and what it had needed, or (last, 0).
    """
    for number in range(first, last):
        written, used, ended, t, _ = replica(key, number, course, q, log, BARE)
        if ended < 0:
            return number, max(written, used)
        ends.how[number], ends.when[number] = ended, t
    return last, 0


@njit(**COMPILED)
def spread(  # type: ignore[no-untyped-def]
    key, first, last, course: Course, q: Room, log: Log, tally: NewWars
):
    """Run the replicas first..last-1 to the horizon and count new wars, and states in them.

    Parameters
    ----------
    key, first, last, q, log
        As above.
    course : Course
        Its watch stops at nothing.
    tally : NewWars
        Its wars and states drawn in are written.

    Returns
    -------
    (replica, room)
        As above.
    """
    entry = course.model.entry
    watched, free, sides, seen, mark, wars, drawn = tally
    for number in range(first, last):
        written, used, ended, _, _ = replica(key, number, course, q, log, BARE)
        if ended < 0:
            return number, max(written, used)
        wars[number], drawn[number] = 0, 0
        for i in range(written):
            line = U64(i)
            code = np.int64(log.code[line])
            if code & 7 != TOP:
                continue
            d = U64(log.dyad[line])
            if code >> 3 == JOINED:
                d = U64(entry[d].dyad)
            if watched[d] == 0 or seen[d] == number:
                continue
            seen[d] = number
            wars[number] += 1
            for k in range(2):
                state = sides[d, k]
                if free[state] and mark[state] != number:
                    mark[state] = number
                    drawn[number] += 1
    return last, 0
