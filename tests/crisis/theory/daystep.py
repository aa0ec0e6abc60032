"""The day-stepped reference: the same model in steps of fixed length, vectorised over replicas.

Approximate: within a step a dyad has one incident at most, and what it causes begins with the
next step. As the step goes to zero it comes to the same distribution as the kernel; a test and
the benchmark hold them together. It carries no mood, since retreat is a matter of events there.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats
from detente.crisis.model.model_arrays import RUNGS, TOP, Rules, Start
from detente.errors import UsageError


def run(
    m: Rules, start: Start, *, days: float, step: float, replicas: int, random: np.random.Generator
) -> tuple[NDArray[np.int8], Floats, NDArray[np.int64]]:
    """Run replicas in steps.

    Parameters
    ----------
    m, start : Rules, Start
        The model; its mood must be off.
    days, step : float
        Horizon and length of a step, in days.
    replicas : int
        How many.
    random : numpy.random.Generator
        Source of chance.

    Returns
    -------
    highest : array (replicas, M)
        Highest rung of every dyad.
    first_war : array (replicas,)
        Day of the first new war, NaN if there is none.
    incidents : array (replicas,)
        Number of incidents.
    """
    from scipy.sparse import csr_array

    if m.gain > 0 or start.mood.any():
        raise UsageError("the day-stepped reference knows no mood: set mood.gain and mood.start 0")
    n = len(m.background)
    weight = np.diff(np.concatenate([[0.0], m.share]))
    weight[m.ptr[:-1][np.diff(m.ptr) > 0]] = m.share[m.ptr[:-1][np.diff(m.ptr) > 0]]
    rows = np.repeat(np.arange(n), np.diff(m.ptr))
    jump = (weight * m.offspring[rows] / m.memory).astype(np.float32)
    spread = csr_array((jump, (rows, m.target)), shape=(n, n))
    rung = np.repeat(start.rung[None, :], replicas, axis=0).astype(np.int8)
    # Single precision, as one would choose for speed: a chance of 1e-3 is still known to 1e-10.
    background, heat, rise = (x.astype(np.float32) for x in (m.background, m.heat, m.rise))
    misread, step_ = m.misread.astype(np.float32), np.float32(step)
    quiet = start.excitation / m.memory
    excitation = np.repeat(quiet[None, :].astype(np.float32), replicas, axis=0)
    highest = rung.copy()
    first_war = np.full(replicas, np.nan)
    incidents = np.zeros(replicas, dtype=np.int64)
    decay = np.float32(np.exp(-step / m.memory))
    fall = (-np.expm1(-m.fall * step)).astype(np.float32)
    for k in range(1, round(days / step) + 1):
        chance = -np.expm1(-(background * heat[rung] + excitation) * step_)
        u = random.random((replicas, n), dtype=np.float32)
        happens = u < chance
        rises = u < chance * rise[rung] * misread
        falls = u > 1 - (1 - chance) * fall[rung]
        rung += rises.astype(np.int8)
        rung -= (falls & ~happens).astype(np.int8)
        new = rises & (rung == TOP)
        fresh = (new & (highest < TOP)).any(axis=1) & np.isnan(first_war)
        first_war[fresh] = k * step
        excitation *= decay
        where, which = np.nonzero(happens)
        incidents += np.bincount(where, minlength=replicas)
        hits = csr_array((np.ones(len(where), np.float32), (where, which)), shape=(replicas, n))
        if len(where):
            caused = (hits @ spread).tocoo()
            # A product of sparse matrices has each cell once, so that none is lost in adding.
            excitation[caused.row, caused.col] += caused.data
        for r, d in zip(*np.nonzero(new), strict=True):
            row = slice(m.entry_ptr[d], m.entry_ptr[d + 1])
            chance = (m.entry_first if random.random() < 0.5 else m.entry_second)[row]
            enters = m.entry[row][random.random(m.entry[row].size) < chance]
            rung[r, enters] = np.maximum(rung[r, enters], m.entry_rung)
        np.maximum(highest, rung, out=highest)
    return highest, first_war, incidents


def shares_reached(highest: NDArray[np.int8]) -> Floats:
    """Return the share of replicas in which each dyad reached each rung, array (M, 6)."""
    return np.stack([(highest >= k).mean(axis=0) for k in range(RUNGS)], axis=1)
