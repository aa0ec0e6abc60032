"""What a kernel needs to know: plain arrays over the dyads, and the address of chance.

Every draw is a function of its address. An incident has an identifier, a 64-bit word made from
the identifier of what caused it (another incident, the background of the replica, or a spell of
its dyad at a rung); everything that is drawn about it is a hash of that word and of the purpose.
So a replica does not depend on which thread or machine computes it or on what was computed
before, and two runs that differ in one intervention share every incident that the intervention
does not touch. The hash is the finalizer of SplitMix64 (Steele, Lea & Flood 2014, OOPSLA), in
Stafford's thirteenth variant; two replicas that share an incident by accident have odds of about
(number of incidents)^2 / 2^65.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats

Int32 = NDArray[np.int32]

TOP = 5
"""Highest rung: war."""
FORCE = 4
"""Rung of the use of force: from here on incidents cost lives."""
RUNGS = TOP + 1
MOST_CHILDREN = 64
"""Incidents that one causes directly, at most; a mean below one reaches ten once in 10^8."""

# Odd constants that tell the purposes of draws apart.
STEP = 0x9E3779B97F4A7C15
ACT = 0xD1342543DE82EF95
PLACE = 0xA0761D6478BD642F
CHILD = 0xE7037ED1A0B428DB
SPELL = 0x8EBC6AF09C88C6E3
AGAIN = 0x589965CC75374CC3
ENTRY = 0x1D8E4E27C47D124F
PAST = 0xEB44ACCAB455D165
KEEP = 0xAEF17502108EF2D9
DAY = 0x9FB21C651E98DF25
SIDE = 0xC2B2AE3D27D4EB4F
# The hash of the day kernel: odd constants found by search for little bias.
SPREAD = 0x9E3779B9
HASH = (0x7FEB352D, 0x846CA68B)
FAINT = 2.0**-20
"""What is left of excitation when the day kernel writes it anew, lest it overflow."""

INCIDENT, RISE, FALL, JOINED = 0, 1, 2, 3
"""Kinds of entries in a log: an incident without and with a rise, a fall, an entry by an ally."""


class Rules(NamedTuple):
    """The arrays of a model of M dyads; times in days, rates a day.

    Attributes
    ----------
    background : array (M,)
        Rate of incidents without excitation on the lowest rung.
    heat : array (6,)
        How many times that rate by rung; 1 on the lowest, never less.
    rise : array (6,)
        Chance that an incident raises the rung; 0 on the highest.
    misread : array (M,)
        Factor of that chance, 0..1: open channels and restraint lower it.
    fall : array (6,)
        Rate of falling by one rung; 0 on the lowest.
    offspring : array (M,)
        Mean number of incidents that one incident causes directly.
    none : array (M,)
        exp(-offspring): chance that it causes none.
    ptr, target, share : arrays
        Where they happen: dyads ``target[ptr[d]:ptr[d+1]]`` with cumulative shares.
    memory : float
        Mean days between an incident and one that it causes.
    entry_ptr, entry, entry_first, entry_second : arrays
        Dyads that a war on dyad d may open, with the chance of each if the first side of d began
        the war, and if the second did; each begins half of the wars.
    entry_rung : int
        Rung at which they are opened.
    gain, mood_memory : float
        What an incident at the use of force adds to the mood, and the days in which the mood
        falls to 1/e; a fall then happens with chance 1 / (1 + mood) only.
    column, alias, keep : arrays (M,)
        Alias table of the background, and the chance that a candidate is kept.
    total : float
        Rate of candidates.
    """

    background: Floats
    heat: Floats
    rise: Floats
    misread: Floats
    fall: Floats
    offspring: Floats
    none: Floats
    ptr: Int32
    target: Int32
    share: Floats
    memory: float
    entry_ptr: Int32
    entry: Int32
    entry_first: Floats
    entry_second: Floats
    entry_rung: int
    gain: float
    mood_memory: float
    column: Floats
    alias: Int32
    keep: Floats
    total: float


class Start(NamedTuple):
    """Where a replica begins.

    Attributes
    ----------
    rung : int8 array (M,)
        Rung of every dyad.
    excitation : array (M,)
        Mean number of incidents still to come from incidents of the past.
    mood : array (M,)
        Public mood.
    """

    rung: NDArray[np.int8]
    excitation: Floats
    mood: Floats


class Log(NamedTuple):
    """What happened in one replica, in order.

    Attributes
    ----------
    time : array
        Days since the start.
    dyad : int32 array
        The dyad; for an entry by an ally the position in ``Rules.entry``.
    code : int8 array
        Kind times 8, plus the rung afterwards.
    """

    time: Floats
    dyad: Int32
    code: NDArray[np.int8]


class Watch(NamedTuple):
    """When a replica stops early.

    Attributes
    ----------
    dyads : int8 array (M,)
        1 for dyads that are watched.
    war : int
        It stops when a watched dyad reaches this rung; 9: never.
    calm : int
        It stops when no watched dyad is above this rung; -1: never.
    """

    dyads: NDArray[np.int8]
    war: int
    calm: int


UNDECIDED, WAR_CAME, CALM_CAME = 0, 1, 2


def base_key(seed: int, digest: str) -> int:
    """Return the 64-bit key of a run: a function of its seed and the scenario's digest."""
    word = hashlib.sha256(f"{seed}:{digest}".encode()).digest()[:8]
    return int.from_bytes(word, "little")


def alias_table(weights: Floats) -> tuple[Floats, Int32]:
    """Return Walker's alias table of non-negative weights (Vose 1991)."""
    n = len(weights)
    alias = np.arange(n, dtype=np.int32)
    column = np.ones(n)
    if weights.sum() <= 0:
        return column, alias
    scaled = weights * n / weights.sum()
    small = [k for k in range(n) if scaled[k] < 1]
    large = [k for k in range(n) if scaled[k] >= 1]
    while small and large:
        low, high = small.pop(), large[-1]
        column[low], alias[low] = scaled[low], high
        scaled[high] -= 1 - scaled[low]
        if scaled[high] < 1:
            small.append(large.pop())
    return column, alias
