"""The compiled kernel: one replica of a crisis, event by event, in continuous time.

Exact, and its cost follows the incidents rather than dyads times days. The rate of incidents of
a dyad is a sum, so that its parts can be drawn apart as independent Poisson processes:

- the background of all dyads at the lowest rung is one process, whose dyad is drawn from an
  alias table;
- an incident leaves a Poisson number of later incidents, on its own dyad or another, each after
  an exponential lag (the cluster form of Hawkes's process): no excitation is stored or decayed;
- a raised dyad has one pending event: an incident of the extra background of its rung, or a fall.

Pending events wait in a calendar: buckets of equal width, each a list in no order, of which the
earliest is taken. Most buckets hold one event or none. What an event decides is drawn when it is
planned, so that nothing waits for a draw when it comes. The tests hold its
plain twin, `events_plain`, and hold the two equal, draw by draw.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from detente.architecture.system import Floats
from detente.crisis.kernel.chance_kernel import COMPILED, LOW, S32, U64, high, low, mix, pick, wait
from detente.crisis.model import model_arrays as r
from detente.crisis.model.model_arrays import Int32, Log
from detente.crisis.model.model_records import Course, Records
from detente.kernels import njit

I64 = np.int64
STEP, ACT, PLACE = U64(r.STEP), U64(r.ACT), U64(r.PLACE)
CHILD, SPELL, AGAIN = U64(r.CHILD), U64(r.SPELL), U64(r.AGAIN)
ENTRY, PAST, KEEP = U64(r.ENTRY), U64(r.PAST), U64(r.KEEP)
SIDE = U64(r.SIDE)
ZERO, ONE = U64(0), U64(1)
TOP, FORCE = r.TOP, r.FORCE
MOST_CHILDREN = r.MOST_CHILDREN
ROUND = 64
"""Buckets for which the background is drawn at once."""

EVENT = np.dtype(
    [
        ("when", "f8"), ("word", "u8"), ("after", "i4"), ("dyad", "u4"), ("plan", "i4"),
        ("unused", "u4"),
    ]
)  # fmt: skip
"""A pending event: its time, its identifier, the next in its bucket (-1: none), its dyad, and its
plan: OWN, or the standing for which it was planned,
with the bit FALLS if it is a fall."""
FALLS = 1 << 30
OWN = I64(-1)
"""Plan of an incident that comes whatever the rung; typed, since numba would compile anew for a
plain number."""
NEXT = 8
"""A standing is eight times the number of a spell, plus the rung: one number tells whether a dyad
has changed its rung since an event was planned."""


class Room(NamedTuple):
    """Room for one replica at work: pending events and the state of every dyad.

    Attributes
    ----------
    head : int32 array (buckets,)
        A pending event of each bucket, -1 if there is none.
    pool : EVENT array
        Pending events, and those that were.
    standing : int32 array (M,)
        Spell and rung of every dyad.
    mood, mood_time : arrays (M,)
        The mood of every dyad, and when it was that.
    """

    head: Int32
    pool: Records
    standing: Int32
    mood: Floats
    mood_time: Floats


def make_room(dyads: int, buckets: int, pending: int) -> Room:
    """Return room for `dyads`, with a number of buckets (rounded up) and of pending events."""
    rounds = -(-buckets // ROUND)
    return Room(
        np.empty(rounds * ROUND, np.int32),
        np.empty(pending, EVENT),
        np.empty(dyads, np.int32),
        np.empty(dyads),
        np.empty(dyads),
    )


@njit(forceinline=True, **COMPILED)
def bucket_of(at, per_day, buckets):  # type: ignore[no-untyped-def]  # numba infers the types
    """Return the bucket of a time."""
    return min(I64(at * per_day), buckets - 1)


@njit(forceinline=True, **COMPILED)
def push(q, used, per_day, at, d, plan, word):  # type: ignore[no-untyped-def]
    """Put an event into its bucket; return the events used."""
    if used < q.pool.size:
        b = U64(bucket_of(at, per_day, q.head.size))
        event = q.pool[U64(used)]
        event.when, event.word, event.dyad, event.plan = at, word, d, plan
        event.after = q.head[b]
        q.head[b] = used
    return used + 1


@njit(forceinline=True, **COMPILED)
def push_spell(q, used, per_day, days, m, t, d, standing, name):  # type: ignore[no-untyped-def]
    """Plan the next event of a raised dyad; return the events used."""
    k = U64(standing & 7)
    extra = m.dyad[d].background * (m.heat[k] - 1.0)
    rate = extra + m.fall[k]
    if rate <= 0.0:
        return used
    at = t + wait(name) / rate
    if at >= days:
        return used
    plan = standing | FALLS if low(name) * rate >= extra else standing
    return push(q, used, per_day, at, d, plan, mix(name + ACT))


@njit(forceinline=True, **COMPILED)
def spell_name(own, d, standing):  # type: ignore[no-untyped-def]
    """Return the word before mixing that names a spell of a dyad."""
    return own + SPELL + d * STEP + U64(standing >> 3) * AGAIN


@njit(forceinline=True, **COMPILED)
def put(log, written, t, d, code):  # type: ignore[no-untyped-def]
    """Write an entry of the log, if there is paper; return the entries written."""
    if written < log.time.size:
        line = U64(written)
        log.time[line], log.dyad[line], log.code[line] = t, d, code
    return written + 1


@njit(forceinline=True, **COMPILED)
def take(q, bucket):  # type: ignore[no-untyped-def]
    """Take the earliest event out of a bucket that is not empty; return its place."""
    best = I64(q.head[bucket])
    after = I64(q.pool[U64(best)].after)
    if after < 0:
        q.head[bucket] = -1
        return U64(best)
    before, last, at = I64(-1), best, after
    first = q.pool[U64(best)].when
    while at >= 0:
        if q.pool[U64(at)].when < first:
            first, best, before = q.pool[U64(at)].when, at, last
        last = at
        at = I64(q.pool[U64(at)].after)
    if before < 0:
        q.head[bucket] = after
    else:
        q.pool[U64(before)].after = q.pool[U64(best)].after
    return U64(best)


@njit(forceinline=True, **COMPILED)
def ended(how, q, used, log, written):  # type: ignore[no-untyped-def]
    """Return how a replica ended: in -1 if there was too little room."""
    return I64(-1) if used > q.pool.size or written > log.time.size else I64(how)


@njit(**COMPILED)
def replica(  # type: ignore[no-untyped-def]
    key, number, course: Course, q: Room, log: Log, every: bool
):
    """Run one replica and write its log.

    Parameters
    ----------
    key, number : word, int
        Address of the replica.
    course : Course
        Horizon, model, where it begins, when it stops.
    q, log : Room, Log
        Written.
    every : bool
        Whether incidents that change nothing are written as well.

    Returns
    -------
    (entries of the log, pending events used, how it ended, when, incidents)
        It ended in -1 if there was too little room: the numbers say how much it had needed by
        then, and the caller runs the same address again with more.
    """
    days, m, start, watch = course
    dyads, buckets = m.dyad.size, q.head.size
    per_day = buckets / days
    used, written, incidents, above = 0, 0, 0, 0
    own = mix(key + U64(number + 1) * STEP)
    # One array at a time: such loops become single copies.
    for i in range(buckets):
        q.head[i] = -1
    for i in range(dyads):
        q.standing[i] = start.rung[i]
    if start.moody:
        for i in range(dyads):
            q.mood[i] = start.mood[i]
        for i in range(dyads):
            q.mood_time[i] = 0.0
    if watch.calm >= 0:
        for i in range(dyads):
            if watch.dyads[i] and q.standing[i] > watch.calm:
                above += 1
        if above == 0:
            return written, used, ended(r.CALM_CAME, q, used, log, written), 0.0, incidents

    # What is pending at the start: spells at raised rungs, and the past's offspring.
    for i in range(start.busy.size):
        d = U64(start.busy[i])
        standing = I64(q.standing[d])
        if standing > 0:
            name = mix(spell_name(own, d, standing))
            used = push_spell(q, used, per_day, days, m, 0.0, d, standing, name)
        mean = start.excitation[d]
        if mean > 0.0:
            word = mix(own + PAST + d * STEP)
            u = high(word)
            p = math.exp(-mean)
            c = p
            j = 0
            while u >= c and j < MOST_CHILDREN:
                name = mix(word + CHILD + U64(j) * STEP)
                j += 1
                p *= mean / j
                c += p
                t = wait(name) * m.memory
                if t < days:
                    used = push(q, used, per_day, t, d, OWN, mix(name + ACT))

    arrival = ONE
    next_name = mix(own + STEP)
    coming = wait(next_name) / m.total
    for begin in range(0, buckets, ROUND):
        end = begin + ROUND
        while coming < days and bucket_of(coming, per_day, buckets) < end:
            d = pick(m.arrival, ZERO, U64(dyads), mix(next_name + PLACE) >> S32)
            if not m.thinned or high(mix(next_name + KEEP)) < m.dyad[d].keep:
                used = push(q, used, per_day, coming, d, OWN, mix(next_name + ACT))
            arrival += ONE
            next_name = mix(own + arrival * STEP)
            coming += wait(next_name) / m.total
        bucket = begin
        while bucket < end:
            if q.head[bucket] < 0:
                bucket += 1
                continue
            event = q.pool[take(q, bucket)]
            t, word, d, plan = event.when, event.word, U64(event.dyad), I64(event.plan)
            standing = I64(q.standing[d])
            k = standing & 7
            if plan >= 0 and plan & ~FALLS != standing:
                continue  # the dyad has changed its rung since this was planned
            dyad = m.dyad[d]
            raised = False
            if plan >= 0 and plan & FALLS:
                held = q.mood[d] if start.moody else 0.0
                if held > 0.0:
                    held *= math.exp((q.mood_time[d] - t) / m.mood_memory)
                name = word + AGAIN
                if low(word) * (1.0 + held) < 1.0:
                    k -= 1
                    standing += NEXT - 1
                    q.standing[d] = standing
                    written = put(log, written, t, d, r.FALL * 8 + k)
                    if k == watch.calm and watch.dyads[d]:
                        above -= 1
                        if above == 0:
                            how = ended(r.CALM_CAME, q, used, log, written)
                            return written, used, how, t, incidents
                    if k == 0:
                        continue
                    name = spell_name(own, d, standing)
            else:
                # An incident: does it raise the rung, what does it cause?
                incidents += 1
                if m.gain > 0.0 and k >= FORCE:
                    held = q.mood[d] * math.exp((q.mood_time[d] - t) / m.mood_memory)
                    q.mood[d] = held + m.gain
                    q.mood_time[d] = t
                raised = high(word) < m.rise[U64(k)] * dyad.misread
                if raised:
                    k += 1
                    standing += NEXT + 1
                    q.standing[d] = standing
                    written = put(log, written, t, d, r.RISE * 8 + k)
                    if watch.war <= TOP or watch.calm >= 0:
                        if k == watch.calm + 1 and watch.dyads[d]:
                            above += 1
                        if k == watch.war and watch.dyads[d]:
                            how = ended(r.WAR_CAME, q, used, log, written)
                            return written, used, how, t, incidents
                elif every:
                    written = put(log, written, t, d, r.INCIDENT * 8 + k)
                u, c, p, j = low(word), dyad.none, dyad.none, 0
                while u >= c and j < MOST_CHILDREN:
                    name = mix(word + CHILD + U64(j) * STEP)
                    j += 1
                    p *= dyad.offspring / j
                    c += p
                    at = t + wait(name) * m.memory
                    if at < days:
                        x = pick(m.child, U64(dyad.cell), U64(dyad.cells), name & LOW)
                        used = push(q, used, per_day, at, x, OWN, mix(name + ACT))
                if not raised and plan < 0:
                    continue
                name = spell_name(own, d, standing) if raised else word + AGAIN
            used = push_spell(q, used, per_day, days, m, t, d, standing, mix(name))
            # A war draws others in; who does depends on which side began it.
            if raised and k == TOP:
                first = high(mix(word + SIDE)) < 0.5
                for j in range(dyad.entries):
                    place = U64(dyad.entry) + U64(j)
                    x = U64(m.entry[place].dyad)
                    standing = I64(q.standing[x])
                    k = standing & 7
                    if k >= m.entry_rung:
                        continue
                    entry = m.entry[place]
                    chance = entry.first if first else entry.second
                    if high(mix(word + ENTRY + U64(j) * STEP)) >= chance:
                        continue
                    if watch.dyads[x] and k <= watch.calm < m.entry_rung:
                        above += 1
                    standing += NEXT + m.entry_rung - k
                    q.standing[x] = standing
                    written = put(log, written, t, place, r.JOINED * 8 + m.entry_rung)
                    if watch.dyads[x] and m.entry_rung >= watch.war:
                        how = ended(r.WAR_CAME, q, used, log, written)
                        return written, used, how, t, incidents
                    name = mix(spell_name(own, x, standing))
                    used = push_spell(q, used, per_day, days, m, t, x, standing, name)
    how = ended(r.UNDECIDED, q, used, log, written)
    return written, used, how, days, incidents
