"""The plain twin of the kernel: the same replica in readable Python, a thousand times slower.

A test holds the two equal draw by draw: same addresses, same numbers, same log.
"""

from __future__ import annotations

import heapq
import itertools
import math
from dataclasses import dataclass

import numpy as np
from chance_plain import address, high, low, pick, poisson, wait

from detente.crisis.model import model_arrays as r
from detente.crisis.model.model_arrays import Log, Rules, Start, Watch
from detente.crisis.model.model_records import children_table


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


def written(entries: list[tuple[float, int, int]]) -> Log:
    """Return entries of time, dyad and code as the log that a kernel writes."""
    return Log(
        np.array([entry[0] for entry in entries], dtype=np.float64),
        np.array([entry[1] for entry in entries], dtype=np.int32),
        np.array([entry[2] for entry in entries], dtype=np.int8),
    )


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
    rows = [children_table(m, d) for d in range(len(dyads))]
    log: list[tuple[float, int, int]] = []
    # (time, order of making, dyad, spell or None for an incident of its own, whether it is a
    # fall, identifier)
    pending: list[tuple[float, int, int, int | None, bool, int]] = []

    order = itertools.count()

    def watched(d: int) -> bool:
        return bool(watch.dyads[d])

    def calm() -> bool:
        return watch.calm >= 0 and not any(
            watched(d) and dyad.rung > watch.calm for d, dyad in enumerate(dyads)
        )

    def plan(t: float, d: int, spell: int | None, falls: bool, name: int) -> None:
        if t < days:
            heapq.heappush(pending, (t, next(order), d, spell, falls, address(name, r.ACT)))

    def plan_spell(t: float, d: int, name: int) -> None:
        k = dyads[d].rung
        extra = m.background[d] * (m.heat[k] - 1.0)
        rate = extra + m.fall[k]
        if rate > 0.0:
            plan(t + wait(name) / rate, d, dyads[d].spell, low(name) * rate >= extra, name)

    def spell_name(d: int) -> int:
        return address(own_key, r.SPELL, d * r.STEP, dyads[d].spell * r.AGAIN)

    def done(how: int, t: float) -> tuple[Log, int, float]:
        return written(log), how, t

    if calm():
        return done(r.CALM_CAME, 0.0)
    for d, dyad in enumerate(dyads):
        if dyad.rung > 0:
            plan_spell(0.0, d, spell_name(d))
        mean = float(start.excitation[d])
        if mean > 0.0:
            word = address(own_key, r.PAST, d * r.STEP)
            for j in range(poisson(high(word), mean, math.exp(-mean), r.MOST_CHILDREN)):
                name = address(word, r.CHILD, j * r.STEP)
                plan(wait(name) * m.memory, d, None, False, name)

    arrival = 1
    name = address(own_key, r.STEP)
    coming = wait(name) / m.total if m.total > 0.0 else days
    while coming < days:
        d = pick(m.column, m.alias, address(name, r.PLACE) >> 32)
        if m.keep[d] == 1.0 or high(address(name, r.KEEP)) < m.keep[d]:
            plan(coming, d, None, False, name)
        arrival += 1
        name = address(own_key, arrival * r.STEP)
        coming += wait(name) / m.total

    while pending:
        t, _, d, spell, falls, word = heapq.heappop(pending)
        dyad = dyads[d]
        if spell is not None:
            if spell != dyad.spell:
                continue  # the dyad has changed its rung since this was planned
            if falls:
                if low(word) * (1.0 + dyad.mood_at(t, m.mood_memory)) < 1.0:
                    dyad.rung -= 1
                    dyad.spell += 1
                    log.append((t, d, r.FALL * 8 + dyad.rung))
                    if watched(d) and dyad.rung == watch.calm and calm():
                        return done(r.CALM_CAME, t)
                    if dyad.rung > 0:
                        plan_spell(t, d, spell_name(d))
                else:
                    plan_spell(t, d, address(word, r.AGAIN))
                continue

        # An incident: does it raise the rung, what does it cause, whom does it draw in?
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
        row, (chance, other) = m.target[m.ptr[d] : m.ptr[d + 1]], rows[d]
        for j in range(poisson(low(word), m.offspring[d], m.none[d], r.MOST_CHILDREN)):
            name = address(word, r.CHILD, j * r.STEP)
            x = int(row[pick(chance, other, name & 0xFFFFFFFF)])
            plan(t + wait(name) * m.memory, x, None, False, name)
        if raised:
            plan_spell(t, d, spell_name(d))
        elif spell is not None:
            plan_spell(t, d, address(word, r.AGAIN))
        if raised and dyad.rung == r.TOP:
            chances = m.entry_first if high(address(word, r.SIDE)) < 0.5 else m.entry_second
            for j, q in enumerate(range(m.entry_ptr[d], m.entry_ptr[d + 1])):
                x = int(m.entry[q])
                if dyads[x].rung >= m.entry_rung:
                    continue
                if high(address(word, r.ENTRY, j * r.STEP)) >= chances[q]:
                    continue
                dyads[x].rung = m.entry_rung
                dyads[x].spell += 1
                log.append((t, q, r.JOINED * 8 + m.entry_rung))
                if watched(x) and m.entry_rung >= watch.war:
                    return done(r.WAR_CAME, t)
                plan_spell(t, x, spell_name(x))
    return done(r.UNDECIDED, days)
