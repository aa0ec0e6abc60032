"""Paths: where a replica was at a time, so that it can be taken up again from there.

The state of the model is the rung of every dyad, what incidents of the past still cause, and the
mood. Nothing else is remembered: what is pending is memoryless.
"""

from __future__ import annotations

import math

import numpy as np

from detente.architecture.system import Floats
from detente.crisis.model import model_arrays as r
from detente.crisis.model.model_arrays import Log, Rules, Start


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
    time, code = log.time[:entries], log.code[:entries].astype(np.int64)
    dyad, kind, after = log.dyad[:entries].copy(), code >> 3, code & 7
    entered = kind == r.JOINED
    dyad[entered] = m.entry[dyad[entered]]
    rung = start.rung.copy()
    rung[dyad] = after  # of several entries of a dyad the last one stands
    mood = start.mood * math.exp(-now / m.mood_memory)
    if m.gain > 0:
        adds = (kind <= r.RISE) & (after - (kind == r.RISE) >= r.FORCE)
        left = m.gain * np.exp((time[adds] - now) / m.mood_memory)
        mood = mood + np.bincount(dyad[adds], left, len(mood))
    return Start(rung, excitation_after(log, entries, m, start, now), mood), now


def excitation_after(log: Log, entries: int, m: Rules, start: Start, now: float) -> Floats:
    """Return the mean number of incidents on each dyad that the past still causes after `now`."""
    caused = (log.code[:entries] >> 3) <= r.RISE
    dyad, size = log.dyad[:entries][caused], len(m.background)
    left = np.bincount(dyad, np.exp((log.time[:entries][caused] - now) / m.memory), size)
    expected = np.repeat(left * m.offspring, np.diff(m.ptr)) * _shares(m)
    excitation: Floats = start.excitation * math.exp(-now / m.memory)
    return excitation + np.bincount(m.target, expected, size)


def _shares(m: Rules) -> Floats:
    """Return the share of each target in the offspring of its row, from the cumulative ones."""
    shares: Floats = np.diff(m.share, prepend=0.0)
    first = m.ptr[:-1][np.diff(m.ptr) > 0]
    shares[first] = m.share[first]
    return shares


def joined(first: Log, entries: int, second: Log, now: float) -> Log:
    """Return a path that follows one log for some entries and then another that began at `now`."""
    return Log(
        np.concatenate([first.time[:entries], second.time + now]),
        np.concatenate([first.dyad[:entries], second.dyad]),
        np.concatenate([first.code[:entries], second.code]),
    )
