"""Compiled loops of the panel: spells and cells into dense arrays, dense arrays into rows.

Arrays in, arrays out. The tests have the same functions written plainly.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detente.kernels import njit

Small = NDArray[np.uint8]
Index = NDArray[np.int64]
Place = NDArray[np.int32]
Far = NDArray[np.float32]


@njit(cache=True, nogil=True)
def fill_spells(
    first: Place, second: Place, value: Small, start: Place, end: Place, out: Small
) -> None:
    """Write spells into out[year, first, second]; where spells overlap the smallest value stays.

    Years are positions in `out`; a spell may begin before the first and end after the last.
    A value of 0 means nothing and is not to be passed.
    """
    last = out.shape[0] - 1
    for k in range(first.size):
        i, j, v = first[k], second[k], value[k]
        for y in range(max(start[k], 0), min(end[k], last) + 1):
            old = out[y, i, j]
            if old == 0 or v < old:
                out[y, i, j] = v


@njit(cache=True, nogil=True)
def fill_distances(
    first: Place, second: Place, value: Far, start: Place, end: Place, out: Far
) -> None:
    """Write the values of spells into out[year, first, second]; of overlapping ones the last."""
    last = out.shape[0] - 1
    for k in range(first.size):
        for y in range(max(start[k], 0), min(end[k], last) + 1):
            out[y, first[k], second[k]] = value[k]


@njit(cache=True, nogil=True)
def fill_cells(year: Place, first: Place, second: Place, value: Small, out: Small) -> None:
    """Write values into out[year, first, second], joining the bits of repeated cells."""
    for k in range(year.size):
        out[year[k], first[k], second[k]] |= value[k]


@njit(cache=True, nogil=True)
def list_dyads(
    member: Small,
    dropped: Index,
    directed: bool,
    flat: Index,
    first: Index,
    second: Index,
    start: Index,
) -> int:
    """List the pairs of members of every year, and return their number.

    Parameters
    ----------
    member : array (years, states)
        1 where a state is a member in a year.
    dropped : array
        Sorted cells (year * states + first) * states + second that are not to be listed.
    directed : bool
        Both orders of a pair, or only first < second.
    flat, first, second : arrays to be filled
        Cell of the pair, and year * states + state of either side.
    start : array (years + 1) to be filled
        First row of each year.
    """
    years, states = member.shape
    row, drop = 0, 0
    present = np.empty(states, np.int64)
    for y in range(years):
        start[y] = row
        n = 0
        for i in range(states):
            if member[y, i]:
                present[n] = i
                n += 1
        for a in range(n):
            i = present[a]
            base = (y * states + i) * states
            for b in range(0 if directed else a + 1, n):
                j = present[b]
                if i == j:
                    continue
                cell = base + j
                while drop < dropped.size and dropped[drop] < cell:
                    drop += 1
                if drop < dropped.size and dropped[drop] == cell:
                    continue
                flat[row], first[row], second[row] = cell, y * states + i, y * states + j
                row += 1
    start[years] = row
    return row


@njit(cache=True, nogil=True)
def count_peace(onset: Small, member: Small, out: NDArray[np.int16]) -> None:
    """Count, for each pair, the years both were members since the last onset, or since entry.

    The year after an onset counts 0, the first year of a pair counts 0. Pairs of which one is
    no member keep -1.
    """
    years, states = member.shape
    count = np.zeros((states, states), np.int16)
    for y in range(years):
        for i in range(states):
            if member[y, i]:
                for j in range(states):
                    if member[y, j] and i != j:
                        out[y, i, j] = count[i, j]
                        count[i, j] = 0 if onset[y, i, j] else count[i, j] + 1
