"""The compiled kernel: one replica of a crisis, event by event, in continuous time.

Exact, and its cost follows the incidents rather than dyads times days. The rate of incidents of
a dyad is a sum, so that its parts can be drawn apart as independent Poisson processes:

- the background of all dyads at the lowest rung is one process, whose dyad is drawn from an
  alias table;
- an incident leaves a Poisson number of later incidents, on its own dyad or another, each after
  an exponential lag (the cluster form of Hawkes's process): no excitation is stored or decayed;
- a raised dyad has one pending event: the extra background of its rung, or a fall.

Pending events wait in a calendar: buckets of equal width, each a list in the order of time. The
plain twin stands in `detente.crisis.twin`; a test holds the two equal, draw by draw.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from detente.architecture.system import Floats
from detente.crisis import rules as r
from detente.crisis.rules import Int32, Log, Rules, Start, Watch

U64 = np.uint64
OWN = np.int64(-1)
"""Spell of an incident that comes whatever the rung."""
STEP, ACT, PLACE = U64(r.STEP), U64(r.ACT), U64(r.PLACE)
CHILD, SPELL, AGAIN = U64(r.CHILD), U64(r.SPELL), U64(r.AGAIN)
ENTRY, PAST, KEEP = U64(r.ENTRY), U64(r.PAST), U64(r.KEEP)
M1, M2 = U64(0xBF58476D1CE4E5B9), U64(0x94D049BB133111EB)
S11, S27, S30, S31, S32 = U64(11), U64(27), U64(30), U64(31), U64(32)
LOW = U64(0xFFFFFFFF)
ONE = U64(1)
TOP, FORCE = r.TOP, r.FORCE
UNIT53, UNIT32 = 2.0**-53, 2.0**-32
MOST_CHILDREN = 64

COMPILED: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": False}
"""How kernels are compiled. They make no arrays and keep none, so Numba need not count references
to them (``_nrt``), which would be half of their time."""


class Room(NamedTuple):
    """Room for one replica at work: pending events and the state of every dyad.

    Attributes
    ----------
    head : int32 array (buckets,)
        First pending event of each bucket, -1 if there is none.
    after : int32 array
        The next one in the bucket.
    when, where, spell_of, name : arrays
        Time, dyad, spell (-1: an incident that comes whatever the rung) and identifier.
    rung, spell, mood, mood_time : arrays (M,)
        The state of every dyad.
    """

    head: Int32
    after: Int32
    when: Floats
    where: Int32
    spell_of: Int32
    name: NDArray[np.uint64]
    rung: NDArray[np.int8]
    spell: Int32
    mood: Floats
    mood_time: Floats


def make_room(dyads: int, buckets: int, pending: int) -> Room:
    """Return room for `dyads`, with a number of buckets and of pending events."""
    return Room(
        np.empty(buckets, np.int32),
        np.empty(pending, np.int32),
        np.empty(pending),
        np.empty(pending, np.int32),
        np.empty(pending, np.int32),
        np.empty(pending, np.uint64),
        np.empty(dyads, np.int8),
        np.empty(dyads, np.int32),
        np.empty(dyads),
        np.empty(dyads),
    )


@njit(forceinline=True, **COMPILED)
def mix(x):  # type: ignore[no-untyped-def]  # numba infers unsigned words
    """Hash a 64-bit word: the finalizer of SplitMix64."""
    z = (x ^ (x >> S30)) * M1
    z = (z ^ (z >> S27)) * M2
    return z ^ (z >> S31)


@njit(forceinline=True, **COMPILED)
def wait(word):  # type: ignore[no-untyped-def]
    """Return an exponential number of mean one."""
    return -math.log(np.float64((word >> S11) + ONE) * UNIT53)


@njit(forceinline=True, **COMPILED)
def high(word):  # type: ignore[no-untyped-def]
    """Return a uniform number from the upper half of a word."""
    return np.float64(word >> S32) * UNIT32


@njit(forceinline=True, **COMPILED)
def low(word):  # type: ignore[no-untyped-def]
    """Return a uniform number from the lower half of a word."""
    return np.float64(word & LOW) * UNIT32


@njit(forceinline=True, **COMPILED)
def children_of(u, mean, none):  # type: ignore[no-untyped-def]
    """Return the Poisson number at the quantile u; `none` is exp(-mean)."""
    count = 0
    p = none
    c = p
    while u >= c and count < MOST_CHILDREN:
        count += 1
        p *= mean / count
        c += p
    return count


@njit(forceinline=True, **COMPILED)
def push(q, used, per_day, at, d, spell, name):  # type: ignore[no-untyped-def]
    """Put an event into its bucket, in the order of time; return the events used."""
    if used < q.when.size:
        q.when[used], q.where[used], q.spell_of[used], q.name[used] = at, d, spell, name
        b = min(int(at * per_day), q.head.size - 1)
        e = q.head[b]
        if e < 0 or q.when[e] >= at:
            q.after[used] = e
            q.head[b] = used
        else:
            while q.after[e] >= 0 and q.when[q.after[e]] < at:
                e = q.after[e]
            q.after[used] = q.after[e]
            q.after[e] = used
    return used + 1


@njit(forceinline=True, **COMPILED)
def push_spell(q, used, per_day, days, m, t, d, name):  # type: ignore[no-untyped-def]
    """Plan the next event of a raised dyad; return the events used."""
    k = q.rung[d]
    rate = m.background[d] * (m.heat[k] - 1.0) + m.fall[k]
    if rate <= 0.0:
        return used
    at = t + wait(name) / rate
    if at >= days:
        return used
    return push(q, used, per_day, at, d, np.int64(q.spell[d]), name)


@njit(forceinline=True, **COMPILED)
def put(log, written, t, d, code):  # type: ignore[no-untyped-def]
    """Write an entry of the log, if there is paper; return the entries written."""
    if written < log.time.size:
        log.time[written], log.dyad[written], log.code[written] = t, d, code
    return written + 1


@njit(**COMPILED)  # type: ignore[untyped-decorator]  # numba has no types for _nrt
def replica(  # type: ignore[no-untyped-def]
    key, number, days: float, m: Rules, start: Start, watch: Watch, q: Room, log: Log
):
    """Run one replica and write its log.

    Parameters
    ----------
    key, number : word, int
        Address of the replica.
    days : float
        Horizon.
    m, start, watch : Rules, Start, Watch
        The model, where it begins, when it stops.
    q, log : Room, Log
        Written.

    Returns
    -------
    (entries of the log, pending events used, how it ended, when)
        It ended in -1 if there was too little room: the numbers say how much it had needed by
        then, and the caller runs the same address again with more.
    """
    dyads = m.background.size
    per_day = q.head.size / days
    used, written, above = 0, 0, 0
    d: Any  # a position: a 64-bit number here, whatever it is read from
    k: Any
    x: Any
    q.head[:] = -1
    rkey = mix(key + U64(number + 1) * STEP)
    # One array at a time: such loops become single copies.
    for d in range(dyads):
        q.rung[d] = start.rung[d]
    for d in range(dyads):
        q.spell[d] = 0
    for d in range(dyads):
        q.mood[d] = start.mood[d]
    for d in range(dyads):
        q.mood_time[d] = 0.0
    if watch.calm >= 0:
        for d in range(dyads):
            if watch.dyads[d] and q.rung[d] > watch.calm:
                above += 1
    if watch.calm >= 0 and above == 0:
        return 0, 0, r.CALM_CAME, 0.0

    # What is pending at the start: spells at raised rungs, and the past's offspring.
    for d in range(dyads):
        first = 0
        if q.rung[d] > 0:
            name = mix(rkey + SPELL + U64(d) * STEP)
            used = push_spell(q, used, per_day, days, m, 0.0, d, name)
            first = 1
        mean = start.excitation[d]
        if mean > 0.0:
            word = mix(rkey + PAST + U64(d) * STEP)
            for j in range(first, first + children_of(high(word), mean, math.exp(-mean))):
                name = mix(word + CHILD + U64(j) * STEP)
                t = wait(name) * m.memory
                if t < days:
                    used = push(q, used, per_day, t, d, OWN, name)

    arrival = 1
    next_name = mix(rkey + STEP)
    next_time = wait(next_name) / m.total if m.total > 0.0 else days
    bucket = 0
    while True:
        if used > q.when.size or written > log.time.size:
            return written, used, -1, 0.0
        last = q.head.size - 1
        if next_time < days:
            last = min(int(next_time * per_day), last)
        while bucket < last and q.head[bucket] < 0:
            bucket += 1
        e = q.head[bucket]
        if e >= 0 and q.when[e] <= next_time:
            q.head[bucket] = q.after[e]
            # All positions and rungs are 64-bit here, so that helpers are compiled once.
            t, name = q.when[e], q.name[e]
            d, of = np.int64(q.where[e]), np.int64(q.spell_of[e])
        elif next_time < days:
            t, name, of = next_time, next_name, OWN
            word = mix(name + PLACE)
            d = np.int64(((word >> S32) * U64(dyads)) >> S32)
            if low(word) >= m.column[d]:
                d = np.int64(m.alias[d])
            arrival += 1
            next_name = mix(rkey + U64(arrival) * STEP)
            next_time = t + wait(next_name) / m.total
            if m.keep[d] < 1.0 and high(mix(name + KEEP)) >= m.keep[d]:
                continue
        else:
            return written, used, r.UNDECIDED, days

        k = np.int64(q.rung[d])
        if of >= 0:
            if of != q.spell[d]:
                continue  # the dyad has changed its rung since this was planned
            word = mix(name + PLACE)
            extra = m.background[d] * (m.heat[k] - 1.0)
            if high(word) * (extra + m.fall[k]) >= extra:
                held = q.mood[d]
                if held > 0.0:
                    held *= math.exp((q.mood_time[d] - t) / m.mood_memory)
                if low(word) * (1.0 + held) < 1.0:
                    k -= 1
                    q.rung[d] = k
                    q.spell[d] += 1
                    written = put(log, written, t, d, r.FALL * 8 + k)
                    if watch.dyads[d] and k == watch.calm:
                        above -= 1
                        if above == 0:
                            return written, used, r.CALM_CAME, t
                    if k == 0:
                        continue
                    name = mix(rkey + SPELL + U64(d) * STEP + U64(q.spell[d]) * AGAIN)
                else:
                    name = mix(name + AGAIN)
                used = push_spell(q, used, per_day, days, m, t, d, name)
                continue

        # An incident: does it raise the rung, what does it cause, whom does it draw in?
        word = mix(name + ACT)
        if m.gain > 0.0 and k >= FORCE:
            held = q.mood[d] * math.exp((q.mood_time[d] - t) / m.mood_memory)
            q.mood[d] = held + m.gain
            q.mood_time[d] = t
        raised = high(word) < m.rise[k] * m.misread[d]
        if raised:
            k += 1
            q.rung[d] = k
            q.spell[d] += 1
            if watch.dyads[d] and k == watch.calm + 1:
                above += 1
            written = put(log, written, t, d, r.RISE * 8 + k)
            if watch.dyads[d] and k == watch.war:
                return written, used, r.WAR_CAME, t
        else:
            written = put(log, written, t, d, r.INCIDENT * 8 + k)
        u = low(word)
        if u >= m.none[d]:
            for j in range(children_of(u, m.offspring[d], m.none[d])):
                child = mix(name + CHILD + U64(j) * STEP)
                at = t + wait(child) * m.memory
                if at < days:
                    s = high(mix(child + PLACE))
                    x = m.ptr[d]
                    while x < m.ptr[d + 1] - 1 and s >= m.share[x]:
                        x += 1
                    used = push(q, used, per_day, at, np.int64(m.target[x]), OWN, child)
        if raised:
            own = mix(rkey + SPELL + U64(d) * STEP + U64(q.spell[d]) * AGAIN)
            used = push_spell(q, used, per_day, days, m, t, d, own)
        elif of >= 0:
            used = push_spell(q, used, per_day, days, m, t, d, mix(name + AGAIN))
        if raised and k == TOP:
            for j in range(m.entry_ptr[d + 1] - m.entry_ptr[d]):
                at_entry = m.entry_ptr[d] + j
                x = np.int64(m.entry[at_entry])
                if q.rung[x] >= m.entry_rung:
                    continue
                if high(mix(name + ENTRY + U64(j) * STEP)) >= m.reliability[at_entry]:
                    continue
                if watch.dyads[x] and q.rung[x] <= watch.calm < m.entry_rung:
                    above += 1
                q.rung[x] = m.entry_rung
                q.spell[x] += 1
                written = put(log, written, t, at_entry, r.JOINED * 8 + m.entry_rung)
                if watch.dyads[x] and m.entry_rung >= watch.war:
                    return written, used, r.WAR_CAME, t
                own = mix(rkey + SPELL + U64(x) * STEP + U64(q.spell[x]) * AGAIN)
                used = push_spell(q, used, per_day, days, m, t, x, own)
