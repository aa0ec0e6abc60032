"""Paths: where a replica was at a time, so that it can be taken up again from there.

The state of the model is the rung of every dyad, what incidents of the past still cause, and the
mood. Nothing else is remembered: what is pending is memoryless.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats
from detente.crisis import rules as r
from detente.crisis.rules import Log, Rules, Start


def state_after(log: Log, entries: int, m: Rules, start: Start) -> tuple[Start, float]:
    """Return the state right after the first `entries` entries of a log, and the time.

    Parameters
    ----------
    log : Log
        What happened from `start` on.
    entries : int
        How many entries of it have happened; 0 is the start itself.
    m, start : Rules, Start
        The model and where it began.
    """
    now = float(log.time[entries - 1]) if entries else 0.0
    rung = start.rung.copy()
    mood, mood_time = start.mood.copy(), np.zeros(len(rung))
    for t, d, code in zip(log.time[:entries], log.dyad[:entries], log.code[:entries], strict=True):
        kind, k = int(code) >> 3, int(code) & 7
        x = int(m.entry[d]) if kind == r.JOINED else int(d)
        if kind in (r.INCIDENT, r.RISE) and m.gain > 0 and rung[x] >= r.FORCE:
            mood[x] = mood[x] * math.exp((mood_time[x] - t) / m.mood_memory) + m.gain
            mood_time[x] = t
        rung[x] = k
    mood = mood * np.exp((mood_time - now) / m.mood_memory)
    return Start(rung, excitation_after(log, entries, m, start, now), mood), now


def excitation_after(log: Log, entries: int, m: Rules, start: Start, now: float) -> Floats:
    """Return the mean number of incidents on each dyad that the past still causes after `now`."""
    out: Floats = start.excitation * math.exp(-now / m.memory)
    kinds = log.code[:entries] >> 3
    for i in np.flatnonzero(kinds <= r.RISE):
        d = log.dyad[i]
        row = slice(m.ptr[d], m.ptr[d + 1])
        share = np.diff(m.share[row], prepend=0.0)
        left = m.offspring[d] * math.exp((log.time[i] - now) / m.memory)
        np.add.at(out, m.target[row], share * left)
    return out


def joined(first: Log, entries: int, second: Log, now: float) -> Log:
    """Return a path that follows one log for some entries and then another that began at `now`."""
    return Log(
        np.concatenate([first.time[:entries], second.time + now]),
        np.concatenate([first.dyad[:entries], second.dyad]),
        np.concatenate([first.code[:entries], second.code]),
    )


def highest_so_far(log: Log, m: Rules, start: Start, which: NDArray[np.int8]) -> NDArray[np.int8]:
    """Return the highest rung on some dyads after each entry of a log, from the start on."""
    kind = log.code >> 3
    dyad = log.dyad.copy()
    entered = kind == r.JOINED
    dyad[entered] = m.entry[log.dyad[entered]]
    rung = np.where(which[dyad] > 0, log.code & 7, 0).astype(np.int8)
    first = start.rung[which > 0].max(initial=0)
    out: NDArray[np.int8] = np.maximum.accumulate(np.concatenate([[first], rung]).astype(np.int8))
    return out
