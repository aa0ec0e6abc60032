"""The plain twin of the kernel: the same replica in readable Python, a thousand times slower.

A test holds the two equal draw by draw: same addresses, same numbers, same log.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass

import numpy as np

from detente.crisis import rules as r
from detente.crisis.rules import Log, Rules, Start, Watch

MASK = (1 << 64) - 1
MOST_CHILDREN = 64


def mix(x: int) -> int:
    """Hash a 64-bit word: the finalizer of SplitMix64."""
    z = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def address(*parts: int) -> int:
    """Return the hash of a sum of words."""
    return mix(sum(parts) & MASK)


def wait(word: int) -> float:
    """Return an exponential number of mean one."""
    return -math.log(((word >> 11) + 1) * 2.0**-53)


def high(word: int) -> float:
    """Return a uniform number from the upper half of a word."""
    return (word >> 32) * 2.0**-32


def low(word: int) -> float:
    """Return a uniform number from the lower half of a word."""
    return (word & 0xFFFFFFFF) * 2.0**-32


def poisson(u: float, mean: float, none: float) -> int:
    """Return the Poisson number at the quantile u; `none` is exp(-mean)."""
    count, p, c = 0, none, none
    while u >= c and count < MOST_CHILDREN:
        count += 1
        p *= mean / count
        c += p
    return count


@dataclass
class Dyad:
    """The state of one dyad."""

    rung: int
    mood: float
    mood_time: float = 0.0
    spell: int = 0

    def mood_at(self, t: float, memory: float) -> float:
        """Return the mood at a time: what is left of it."""
        return self.mood * math.exp((self.mood_time - t) / memory)


def replica(
    key: int, number: int, days: float, m: Rules, start: Start, watch: Watch
) -> tuple[Log, int, float]:
    """Run one replica.

    Parameters
    ----------
    key, number : int
        Address of the replica.
    days : float
        Horizon.
    m, start, watch : Rules, Start, Watch
        The model, where it begins, when it stops.

    Returns
    -------
    (log, how it ended, when)
    """
    own_key = address(key, (number + 1) * r.STEP)
    dyads = [Dyad(int(k), float(mood)) for k, mood in zip(start.rung, start.mood, strict=True)]
    log: list[tuple[float, int, int]] = []
    # (time, order of making, dyad, spell or None for an incident of its own, identifier)
    pending: list[tuple[float, int, int, int | None, int]] = []

    def watched(d: int) -> bool:
        return bool(watch.dyads[d])

    def calm() -> bool:
        return watch.calm >= 0 and not any(
            watched(d) and dyad.rung > watch.calm for d, dyad in enumerate(dyads)
        )

    def plan(t: float, d: int, spell: int | None, name: int) -> None:
        if t < days:
            heapq.heappush(pending, (t, len(pending), d, spell, name))

    def plan_spell(t: float, d: int, name: int) -> None:
        k = dyads[d].rung
        rate = m.background[d] * (m.heat[k] - 1.0) + m.fall[k]
        if rate > 0.0:
            plan(t + wait(name) / rate, d, dyads[d].spell, name)

    def spell_name(d: int) -> int:
        return address(own_key, r.SPELL, d * r.STEP, dyads[d].spell * r.AGAIN)

    def done(how: int, t: float) -> tuple[Log, int, float]:
        return (
            Log(
                np.array([entry[0] for entry in log], dtype=np.float64),
                np.array([entry[1] for entry in log], dtype=np.int32),
                np.array([entry[2] for entry in log], dtype=np.int8),
            ),
            how,
            t,
        )

    if calm():
        return done(r.CALM_CAME, 0.0)
    for d, dyad in enumerate(dyads):
        first = 0
        if dyad.rung > 0:
            plan_spell(0.0, d, spell_name(d))
            first = 1
        if start.excitation[d] > 0.0:
            word = address(own_key, r.PAST, d * r.STEP)
            count = poisson(high(word), start.excitation[d], math.exp(-start.excitation[d]))
            for j in range(first, first + count):
                child = address(word, r.CHILD, j * r.STEP)
                plan(wait(child) * m.memory, d, None, child)

    arrival = 1
    name = address(own_key, r.STEP)
    next_time = wait(name) / m.total if m.total > 0.0 else days
    next_name = name
    while True:
        if pending and pending[0][0] <= next_time:
            t, _, d, spell, name = heapq.heappop(pending)
        elif next_time < days:
            t, name, spell = next_time, next_name, None
            word = address(name, r.PLACE)
            d = ((word >> 32) * len(dyads)) >> 32
            if low(word) >= m.column[d]:
                d = int(m.alias[d])
            arrival += 1
            next_name = address(own_key, arrival * r.STEP)
            next_time = t + wait(next_name) / m.total
            if m.keep[d] < 1.0 and high(address(name, r.KEEP)) >= m.keep[d]:
                continue
        else:
            return done(r.UNDECIDED, days)

        dyad = dyads[d]
        if spell is not None:
            if spell != dyad.spell:
                continue  # the dyad has changed its rung since this was planned
            word = address(name, r.PLACE)
            extra = m.background[d] * (m.heat[dyad.rung] - 1.0)
            if high(word) * (extra + m.fall[dyad.rung]) >= extra:
                if low(word) * (1.0 + dyad.mood_at(t, m.mood_memory)) < 1.0:
                    dyad.rung -= 1
                    dyad.spell += 1
                    log.append((t, d, r.FALL * 8 + dyad.rung))
                    if watched(d) and dyad.rung == watch.calm and calm():
                        return done(r.CALM_CAME, t)
                    if dyad.rung > 0:
                        plan_spell(t, d, spell_name(d))
                else:
                    plan_spell(t, d, address(name, r.AGAIN))
                continue

        # An incident: does it raise the rung, what does it cause, whom does it draw in?
        word = address(name, r.ACT)
        if m.gain > 0.0 and dyad.rung >= r.FORCE:
            dyad.mood = dyad.mood_at(t, m.mood_memory) + m.gain
            dyad.mood_time = t
        raised = high(word) < m.rise[dyad.rung] * m.misread[d]
        if raised:
            dyad.rung += 1
            dyad.spell += 1
        log.append((t, d, (r.RISE if raised else r.INCIDENT) * 8 + dyad.rung))
        if raised and watched(d) and dyad.rung == watch.war:
            return done(r.WAR_CAME, t)
        for j in range(poisson(low(word), m.offspring[d], m.none[d])):
            child = address(name, r.CHILD, j * r.STEP)
            s = high(address(child, r.PLACE))
            row = range(m.ptr[d], m.ptr[d + 1])
            q = next((q for q in row if s < m.share[q]), row.stop - 1)
            plan(t + wait(child) * m.memory, int(m.target[q]), None, child)
        if raised:
            plan_spell(t, d, spell_name(d))
        elif spell is not None:
            plan_spell(t, d, address(name, r.AGAIN))
        if raised and dyad.rung == r.TOP:
            for j, q in enumerate(range(m.entry_ptr[d], m.entry_ptr[d + 1])):
                x = int(m.entry[q])
                if dyads[x].rung >= m.entry_rung:
                    continue
                if high(address(name, r.ENTRY, j * r.STEP)) >= m.reliability[q]:
                    continue
                dyads[x].rung = m.entry_rung
                dyads[x].spell += 1
                log.append((t, q, r.JOINED * 8 + m.entry_rung))
                if watched(x) and m.entry_rung >= watch.war:
                    return done(r.WAR_CAME, t)
                plan_spell(t, x, spell_name(x))
