"""The plain twin of the day kernel: the same steps in readable Python, a thousand times slower.

A test holds the two equal draw by draw. Single precision stands where the kernel has it.
"""

from __future__ import annotations

import math

import numpy as np
from chance_plain import address, high, low
from events_plain import written

from detente.crisis.model import model_arrays as r
from detente.crisis.model.model_arrays import Log, Rules, Start, Watch
from detente.crisis.model.model_records import pack

MASK = 0xFFFFFFFF
Single = np.float32


def uniform(d: int, first: int, second: int) -> np.float32:
    """Return the uniform number of a dyad on a day, to 2^-31 near zero.

    The hash is that of Wellons's prospector, lowbias32, with the second half of the day's key
    put in between.
    """
    x = (d * r.SPREAD + first) & MASK
    x = ((x ^ (x >> 16)) * r.HASH[0]) & MASK
    x = (((x ^ (x >> 15)) ^ second) * r.HASH[1]) & MASK
    x ^= x >> 16
    return (Single(x >> 1) + Single(0.5)) * Single(2.0**-31)


def incidents_of(u: float, y: float) -> int:
    """Return how many incidents a uniform number means where y are expected."""
    left, alone, count = -math.expm1(-y), math.exp(-y), 0
    while u < left and count < r.MOST_CHILDREN:
        count += 1
        alone *= y / count
        left -= alone
    return count


def replica(
    key: int, number: int, days: float, m: Rules, start: Start, watch: Watch
) -> tuple[Log, int, float]:
    """Run one replica day by day.

    Parameters and what is returned are those of `detente.crisis.kernel.events_plain.replica`.
    """
    n = len(m.background)
    mean = pack(m).mean
    own = address(key, (number + 1) * r.STEP)
    steps = math.ceil(days)
    step = days / steps
    decay = math.exp(-step / m.memory)
    left, fade, share = Single(1.0), Single(decay), Single(1.0 - decay)
    excitation = start.excitation.astype(Single) * share
    rung = [int(k) for k in start.rung]
    mood = [float(x) for x in start.mood]
    mood_time = [0.0] * n
    log: list[tuple[float, int, int]] = []
    # In the order in which the kernel finds them: by eights within 64.
    order = sorted(range(n), key=lambda d: (d // 64, d % 8, d))
    watched = [d for d in range(n) if watch.dyads[d]]

    def calm() -> bool:
        return watch.calm >= 0 and all(rung[d] <= watch.calm for d in watched)

    def mood_at(d: int, t: float) -> float:
        return mood[d] * math.exp((mood_time[d] - t) / m.mood_memory)

    def done(how: int, t: float) -> tuple[Log, int, float]:
        return written(log), how, t

    if calm():
        return done(r.CALM_CAME, 0.0)
    for day in range(steps):
        t = (day + 0.5) * step
        name = address(own, r.DAY, day * r.STEP)
        happened, began, war = [], [], False
        for d in order:
            single, k = uniform(d, name >> 32, name & MASK), rung[d]
            u = float(single)
            y = float(Single(m.background[d] * m.heat[k] * step) + excitation[d] * left)
            count = incidents_of(u, y)
            fall = -math.expm1(-m.fall[k] * step)
            down = single > Single(1.0 - fall) and u > 1.0 - math.exp(-y) * fall
            chance = low(address(name, r.ACT, d * r.STEP))
            if count:
                happened.append((d, count))
                down = chance < fall
            if down and mood_at(d, t) > 0.0:
                again = high(address(name, r.AGAIN, d * r.STEP))
                down = again * (1.0 + mood_at(d, t)) < 1.0
            # A fall on a day with incidents comes before or after them, as likely.
            if down and count and chance < 0.5 * fall:
                rung[d] -= 1
                log.append((t, d, r.FALL * 8 + rung[d]))
                down = False
            k = rung[d]
            for i in range(count):
                if m.gain > 0.0 and rung[d] >= r.FORCE:
                    mood[d], mood_time[d] = mood_at(d, t) + m.gain, t
                word = address(name, r.ACT, d * r.STEP, i * r.AGAIN)
                raised = high(word) < m.rise[rung[d]] * m.misread[d]
                rung[d] += int(raised)
                log.append((t, d, (r.RISE if raised else r.INCIDENT) * 8 + rung[d]))
                if raised and rung[d] == r.TOP:
                    began.append(d)
                war |= raised and rung[d] == watch.war and d in watched
            if down and rung[d] == k:
                rung[d] -= 1
                log.append((t, d, r.FALL * 8 + rung[d]))
        left = left * fade
        if left < Single(r.FAINT):
            excitation, left = excitation * left, Single(1.0)
        for d, count in happened:
            row = slice(m.ptr[d], m.ptr[d + 1])
            for x, caused in zip(m.target[row], mean[row], strict=True):
                excitation[x] += caused * (Single(count) * (share / left))
        for d in began:
            first = high(address(name, r.SIDE, d * r.STEP)) < 0.5
            chances = m.entry_first if first else m.entry_second
            for q in range(m.entry_ptr[d], m.entry_ptr[d + 1]):
                x = int(m.entry[q])
                chance = high(address(name, r.ENTRY, q * r.STEP))
                if rung[x] >= m.entry_rung or chance >= chances[q]:
                    continue
                rung[x] = m.entry_rung
                log.append((t, q, r.JOINED * 8 + m.entry_rung))
                war |= m.entry_rung >= watch.war and x in watched
        if war:
            return done(r.WAR_CAME, t)
        if calm():
            return done(r.CALM_CAME, t)
    return done(r.UNDECIDED, days)
