"""The rules of a model as a kernel reads them: what belongs to a dyad lies together in memory.

An incident on a dyad needs eight numbers of it. In eight arrays they are eight places in memory,
in one record they are one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats
from detente.crisis.model.model_arrays import Int32, Rules, Start, Watch, alias_table

Records = NDArray[np.void]

DYAD = np.dtype(
    [
        ("background", "f8"), ("misread", "f8"), ("offspring", "f8"), ("none", "f8"),
        ("keep", "f8"), ("cell", "u4"), ("cells", "u4"), ("entry", "u4"), ("entries", "u4"),
        ("unused", "u8"),
    ]
)  # fmt: skip
"""A dyad: its numbers in the rules, and where its cells and its entries begin and how many."""
CELL = np.dtype([("chance", "f8"), ("own", "u4"), ("other", "u4")])
"""A cell of an alias table: dyad `own` with that chance, else dyad `other`."""
ENTRY = np.dtype([("first", "f8"), ("second", "f8"), ("dyad", "u4"), ("unused", "u4")])
"""A dyad that an entry may open, with its chance by which side began the war."""


class Packed(NamedTuple):
    """A model of M dyads, packed.

    Attributes
    ----------
    dyad : DYAD array (M,)
        What belongs to each dyad.
    child : CELL array
        Where what an incident causes happens: an alias table for every dyad.
    mean : float32 array
        How many incidents one causes on the dyad `own` of each of these cells.
    arrival : CELL array (M,)
        Where candidates of the background happen: one alias table.
    entry : ENTRY array
        Dyads that a war may open.
    heat, rise, fall : arrays (6,)
        By rung, as in the rules.
    memory, entry_rung, gain, mood_memory, total : numbers
        As in the rules.
    thinned : bool
        Whether any candidate is not kept.
    """

    dyad: Records
    child: Records
    mean: NDArray[np.float32]
    arrival: Records
    entry: Records
    heat: Floats
    rise: Floats
    fall: Floats
    memory: float
    entry_rung: int
    gain: float
    mood_memory: float
    total: float
    thinned: bool


class PackedStart(NamedTuple):
    """Where a replica begins, packed.

    Attributes
    ----------
    rung : int32 array (M,)
        Rung of every dyad.
    excitation, mood : arrays (M,)
        As in the start.
    busy : uint32 array
        Dyads that are raised or still feel incidents of the past.
    moody : bool
        Whether there is any mood, then or later.
    """

    rung: Int32
    excitation: Floats
    mood: Floats
    busy: NDArray[np.uint32]
    moody: bool


class Course(NamedTuple):
    """By which model replicas run, from where, and when they stop.

    Attributes
    ----------
    days : float
        Horizon.
    model : Packed
        The model.
    start : PackedStart
        Where it begins.
    watch : Watch
        What stops a replica before the horizon.
    """

    days: float
    model: Packed
    start: PackedStart
    watch: Watch


def pack_start(start: Start, m: Rules) -> PackedStart:
    """Return a start as a kernel reads it."""
    busy = np.flatnonzero((start.rung > 0) | (start.excitation > 0.0))
    return PackedStart(
        start.rung.astype(np.int32),
        start.excitation,
        start.mood,
        busy.astype(np.uint32),
        bool(m.gain > 0.0 or start.mood.any()),
    )


def children_table(m: Rules, d: int) -> tuple[Floats, NDArray[np.int32]]:
    """Return the alias table of the dyads on which an incident on dyad d causes others."""
    return alias_table(np.diff(m.share[m.ptr[d] : m.ptr[d + 1]], prepend=0.0))


def pack(m: Rules) -> Packed:
    """Return rules as a kernel reads them."""
    n = len(m.background)
    dyad = np.zeros(n, DYAD)
    for name in ("background", "misread", "offspring", "none", "keep"):
        dyad[name] = getattr(m, name)
    dyad["cell"], dyad["cells"] = m.ptr[:-1], np.diff(m.ptr)
    dyad["entry"], dyad["entries"] = m.entry_ptr[:-1], np.diff(m.entry_ptr)
    child = np.zeros(len(m.target), CELL)
    child["chance"], child["own"], child["other"] = 1.0, m.target, m.target
    for d in np.flatnonzero(dyad["cells"] > 1).tolist():
        row = slice(m.ptr[d], m.ptr[d + 1])
        child["chance"][row], alias = children_table(m, d)
        child["other"][row] = m.target[row][alias]
    share = np.diff(m.share, prepend=0.0)
    share[m.ptr[:-1][np.diff(m.ptr) > 0]] = m.share[m.ptr[:-1][np.diff(m.ptr) > 0]]
    mean = share * np.repeat(m.offspring, np.diff(m.ptr))
    arrival = np.zeros(n, CELL)
    arrival["chance"], arrival["own"], arrival["other"] = m.column, np.arange(n), m.alias
    entry = np.zeros(len(m.entry), ENTRY)
    entry["first"], entry["second"], entry["dyad"] = m.entry_first, m.entry_second, m.entry
    return Packed(
        dyad, child, mean.astype(np.float32), arrival, entry,
        m.heat, m.rise, m.fall, m.memory, m.entry_rung, m.gain, m.mood_memory, m.total,
        bool((m.keep < 1.0).any()),
    )  # fmt: skip
