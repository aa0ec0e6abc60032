"""The compiled day kernel: one replica of a crisis in steps of a day, all dyads of a day at once.

Where incidents are many, following each of them costs more than looking at every dyad on every
day. Approximate in time only: the rate of a dyad is held through a step, so that what an incident
causes or changes begins with the next step. One uniform number decides how many incidents a dyad
has in a step, at its low end, and whether one without an incident falls, at its high end.

The sweep over the dyads only picks out candidates, by bounds that need no exponential:
1 - exp(-y) lies between y - y^2/2 and y. Candidates are few, and are decided one by one. Chance
is a hash of replica, day and dyad. The tests hold its plain twin, `days_plain`, and
hold the two equal, draw by draw.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats
from detente.crisis.kernel.chance_kernel import COMPILED, S32, U64, high, low, mix
from detente.crisis.model import model_arrays as r
from detente.crisis.model.model_arrays import Int32, Log
from detente.crisis.model.model_records import Course
from detente.kernels import njit

I64, U32, F32 = np.int64, np.uint32, np.float32
Float32 = NDArray[np.float32]
STEP, ACT, AGAIN = U64(r.STEP), U64(r.ACT), U64(r.AGAIN)
ENTRY, DAY, SIDE = U64(r.ENTRY), U64(r.DAY), U64(r.SIDE)
MOST_CHILDREN = r.MOST_CHILDREN
SPREAD, SPREAD64 = U32(r.SPREAD), U64(r.SPREAD)
H1, H2 = U32(r.HASH[0]), U32(r.HASH[1])
S1, S15, S16 = U32(1), U32(15), U32(16)
HALF, UNIT31 = F32(0.5), F32(2.0**-31)
FAINT = F32(r.FAINT)
ONE32 = F32(1.0)
TOP, FORCE = r.TOP, r.FORCE
WORD = 8
GROUP = 64
"""Dyads whose marks, eight words of eight bytes, are looked at together."""


class DayRoom(NamedTuple):
    """Room for one replica at work, day by day.

    Attributes
    ----------
    quiet, excitation, still : float32 arrays (M,)
        Expected incidents of a step from the background at the present rung, and from earlier
        incidents (to be multiplied by what is left of them); the bound above which a uniform
        number may be a fall.
    mark : uint8 array (M rounded up to 64,)
        1 for candidates of a step.
    fall : array (6,)
        Chance of a fall in a step, by rung.
    rung : int32 array (M,)
        The rung of every dyad.
    mood, mood_time : arrays (M,)
        The mood of every dyad, and when it was that.
    happened, times, began : int32 arrays (M,)
        Dyads with incidents in a step, how many, and dyads with a new war in it.
    """

    quiet: Float32
    excitation: Float32
    still: Float32
    mark: NDArray[np.uint8]
    fall: Floats
    rung: Int32
    mood: Floats
    mood_time: Floats
    happened: Int32
    times: Int32
    began: Int32


def make_day_room(dyads: int) -> DayRoom:
    """Return room for `dyads`."""
    return DayRoom(
        np.empty(dyads, np.float32),
        np.empty(dyads, np.float32),
        np.empty(dyads, np.float32),
        np.zeros(-(-dyads // GROUP) * GROUP, np.uint8),
        np.empty(r.RUNGS),
        np.empty(dyads, np.int32),
        np.empty(dyads),
        np.empty(dyads),
        np.empty(dyads, np.int32),
        np.empty(dyads, np.int32),
        np.empty(dyads, np.int32),
    )


@njit(forceinline=True, **COMPILED)
def uniform(x, second):  # type: ignore[no-untyped-def]  # numba infers unsigned words
    """Return a uniform number to 2^-31, near zero; from the address of a dyad on a day."""
    # Every step is made 32 bits wide again: numba would go on in 64, which no processor does
    # sixteen at a time.
    x = U32(U32(x ^ U32(x >> S16)) * H1)
    x = U32(U32(x ^ U32(x >> S15)) ^ second)
    x = U32(x * H2)
    x = U32(x ^ U32(x >> S16))
    return F32(F32(np.int32(x >> S1)) + HALF) * UNIT31


@njit(**COMPILED)
def sweep(q, left, first, second):  # type: ignore[no-untyped-def]
    """Mark the dyads that may have an incident or a fall in a step."""
    address = first
    quiet, excitation, still, mark = q.quiet, q.excitation, q.still, q.mark
    for d in range(quiet.size):
        u = uniform(address, second)
        mark[d] = np.uint8(u < F32(quiet[d] + F32(excitation[d] * left))) | np.uint8(u > still[d])
        address = U32(address + SPREAD)


@njit(forceinline=True, **COMPILED)
def gather(words, group):  # type: ignore[no-untyped-def]
    """Return the marks of a group in one word: bit i of byte j for dyad 8 i + j of the group."""
    word = U64(0)
    for i in range(WORD):
        word |= words[U64(group * WORD + i)] << U64(i)
    return word


@njit(forceinline=True, **COMPILED)
def lowest(word):  # type: ignore[no-untyped-def]
    """Return the position of the lowest bit of a word that is not zero."""
    # The exponent of a float is the position of its highest bit.
    bit = np.float64(I64(word & (~word + U64(1)))).view(np.uint64)
    return ((bit >> U64(52)) & U64(2047)) - U64(1023)


@njit(forceinline=True, **COMPILED)
def incidents_of(u, y):  # type: ignore[no-untyped-def]
    """Return how many incidents a uniform number means where y are expected."""
    if u >= y:
        return 0
    if u >= 0.5 * y * y and u < y - 0.5 * y * y:
        return 1
    left, alone, count = -math.expm1(-y), math.exp(-y), 0
    while u < left and count < MOST_CHILDREN:
        count += 1
        alone *= y / count
        left -= alone
    return count


@njit(forceinline=True, **COMPILED)
def falls(u, y, fall):  # type: ignore[no-untyped-def]
    """Say whether a uniform number that means no incident means a fall."""
    if u > 1.0 - (1.0 - y) * fall:
        return True
    return u > 1.0 - math.exp(-y) * fall


@njit(forceinline=True, **COMPILED)
def stand(q, m, step, d, k):  # type: ignore[no-untyped-def]
    """Put a dyad on a rung."""
    q.rung[d] = k
    q.quiet[d] = F32(m.dyad[d].background * m.heat[U64(k)] * step)
    q.still[d] = F32(1.0 - q.fall[U64(k)])


@njit(forceinline=True, **COMPILED)
def held_up(q, m, start, name, d, t):  # type: ignore[no-untyped-def]
    """Say whether the mood keeps a dyad on its rung that would else fall."""
    held = q.mood[d] if start.moody else 0.0
    if held <= 0.0:
        return False
    held *= math.exp((q.mood_time[d] - t) / m.mood_memory)
    return high(mix(name + AGAIN + d * STEP)) * (1.0 + held) >= 1.0


@njit(forceinline=True, **COMPILED)
def note(log, written, t, d, code):  # type: ignore[no-untyped-def]
    """Write an entry of the log, if there is paper; return the entries written."""
    if written < log.time.size:
        line = U64(written)
        log.time[line], log.dyad[line], log.code[line] = t, d, code
    return written + 1


@njit(**COMPILED)
def replica(  # type: ignore[no-untyped-def]
    key, number, course: Course, q: DayRoom, log: Log, every: bool
):
    """Run one replica and write its log; what happens in a step has the time of its middle.

    Parameters and what is returned are those of `events_kernel.replica`; no pending
    events are used.
    """
    days, m, start, watch = course
    dyads = m.dyad.size
    written, incidents, above = 0, 0, 0
    d: Any  # positions and rungs: 64-bit numbers here, whatever they are read from
    k: Any
    steps = I64(math.ceil(days))
    step = days / steps
    decay = math.exp(-step / m.memory)
    left, fade, share = ONE32, F32(decay), F32(1.0 - decay)
    own = mix(key + U64(number + 1) * STEP)
    for k in range(r.RUNGS):
        q.fall[k] = -math.expm1(-m.fall[k] * step)
    for i in range(dyads):
        q.rung[i] = start.rung[i]
        q.quiet[i] = F32(m.dyad[i].background * step)
        q.excitation[i] = F32(start.excitation[i]) * share
    for i in range(dyads):
        q.still[i] = ONE32
    if start.moody:
        for i in range(dyads):
            q.mood[i] = start.mood[i]
        for i in range(dyads):
            q.mood_time[i] = 0.0
    for i in range(start.busy.size):
        stand(q, m, step, U64(start.busy[i]), start.rung[U64(start.busy[i])])
    if watch.calm >= 0:
        for i in range(dyads):
            if watch.dyads[i] and q.rung[i] > watch.calm:
                above += 1
        if above == 0:
            return written, 0, r.CALM_CAME, 0.0, incidents

    words = q.mark.view(np.uint64)
    for day in range(steps):
        t = (day + 0.5) * step
        name = mix(own + DAY + U64(day) * STEP)
        first, second = U32(name >> S32), U32(name)
        sweep(q, left, first, second)
        happened, began, stopped = 0, 0, False
        for group in range(words.size // WORD):
            word = gather(words, group)
            while word:
                bit = lowest(word)
                word &= word - U64(1)
                d = U64(group * GROUP) + (bit & U64(7)) * U64(WORD) + (bit >> U64(3))
                u = np.float64(uniform(U32(U32(d * SPREAD64) + first), second))
                y = np.float64(F32(q.quiet[d] + F32(q.excitation[d] * left)))
                k = I64(q.rung[d])
                count = incidents_of(u, y)
                fall = q.fall[U64(k)]
                if count == 0:
                    down = falls(u, y, fall) and not held_up(q, m, start, name, d, t)
                else:
                    # A fall on a day with incidents comes before or after them, as likely.
                    chance = low(mix(name + ACT + d * STEP))
                    down = chance < fall and not held_up(q, m, start, name, d, t)
                    if down and chance < 0.5 * fall:
                        down = False
                        k -= 1
                        stand(q, m, step, d, k)
                        written = note(log, written, t, d, r.FALL * 8 + k)
                        if k == watch.calm and watch.dyads[d]:
                            above -= 1
                    incidents += count
                    q.happened[happened], q.times[happened] = d, count
                    happened += 1
                    stood = k
                    for i in range(count):
                        if m.gain > 0.0 and k >= FORCE:
                            held = q.mood[d] * math.exp((q.mood_time[d] - t) / m.mood_memory)
                            q.mood[d] = held + m.gain
                            q.mood_time[d] = t
                        act = mix(name + ACT + d * STEP + U64(i) * AGAIN)
                        if high(act) < m.rise[U64(k)] * m.dyad[d].misread:
                            k += 1
                            stand(q, m, step, d, k)
                            written = note(log, written, t, d, r.RISE * 8 + k)
                            if k == watch.calm + 1 and watch.calm >= 0 and watch.dyads[d]:
                                above += 1
                            if k == TOP:
                                q.began[began] = d
                                began += 1
                            stopped |= k == watch.war and watch.dyads[d] > 0
                        elif every:
                            written = note(log, written, t, d, r.INCIDENT * 8 + k)
                    down = down and k == stood
                if not down:
                    continue
                k -= 1
                stand(q, m, step, d, k)
                written = note(log, written, t, d, r.FALL * 8 + k)
                if k == watch.calm and watch.dyads[d]:
                    above -= 1
        left = F32(left * fade)
        if left < FAINT:
            for i in range(dyads):
                q.excitation[i] = F32(q.excitation[i] * left)
            left = ONE32
        part = F32(share / left)
        for i in range(happened):
            jump = F32(F32(q.times[i]) * part)
            dyad = m.dyad[U64(q.happened[i])]
            for j in range(dyad.cells):
                cell = U64(dyad.cell) + U64(j)
                x = U64(m.child[cell].own)
                q.excitation[x] = F32(q.excitation[x] + F32(m.mean[cell] * jump))
        for i in range(began):
            d = U64(q.began[i])
            dyad = m.dyad[d]
            by_first = high(mix(name + SIDE + d * STEP)) < 0.5
            for j in range(dyad.entries):
                place = U64(dyad.entry) + U64(j)
                x = U64(m.entry[place].dyad)
                k = I64(q.rung[x])
                if k >= m.entry_rung:
                    continue
                entry = m.entry[place]
                share_entering = entry.first if by_first else entry.second
                if high(mix(name + ENTRY + place * STEP)) >= share_entering:
                    continue
                if watch.dyads[x] and k <= watch.calm < m.entry_rung:
                    above += 1
                stand(q, m, step, x, m.entry_rung)
                written = note(log, written, t, place, r.JOINED * 8 + m.entry_rung)
                stopped |= m.entry_rung >= watch.war and watch.dyads[x] > 0
        if stopped or (watch.calm >= 0 and above == 0):
            if written > log.time.size:
                return written, 0, -1, 0.0, incidents
            return written, 0, r.WAR_CAME if stopped else r.CALM_CAME, t, incidents
    if written > log.time.size:
        return written, 0, -1, 0.0, incidents
    return written, 0, r.UNDECIDED, days, incidents
