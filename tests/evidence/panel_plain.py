"""The loops of ``panel_kernel``, written plainly, to hold them against."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detente.evidence.panel.panel_kernel import Far, Index, Place, Small


def fill_spells(
    first: Place, second: Place, value: Small, start: Place, end: Place, out: Small
) -> None:
    """Write spells into out[year, first, second]; the smallest value stays."""
    for y in range(out.shape[0]):
        alive = (start <= y) & (y <= end)
        for i, j, v in zip(first[alive], second[alive], value[alive], strict=True):
            out[y, i, j] = min(out[y, i, j] or v, v)


def fill_distances(
    first: Place, second: Place, value: Far, start: Place, end: Place, out: Far
) -> None:
    """Write the values of spells into out[year, first, second]; of overlapping ones the last."""
    for i, j, v, begin, stop in zip(first, second, value, start, end, strict=True):
        out[max(begin, 0) : max(stop + 1, 0), i, j] = v


def fill_cells(year: Place, first: Place, second: Place, value: Small, out: Small) -> None:
    """Write values into out[year, first, second], joining the bits of repeated cells."""
    np.bitwise_or.at(out, (year, first, second), value)


def list_dyads(member: Small, dropped: Index, directed: bool) -> tuple[Index, Index, Index, Index]:
    """Return cell, first and second state-year of every pair, and the first row of each year."""
    states = member.shape[1]
    pairs = (member[:, :, None] & member[:, None, :]).astype(bool)
    pairs &= ~np.eye(states, dtype=bool)
    if not directed:
        pairs &= np.triu(np.ones((states, states), dtype=bool))
    pairs.reshape(-1)[dropped] = False
    flat = np.flatnonzero(pairs)
    year, rest = np.divmod(flat, states * states)
    i, j = np.divmod(rest, states)
    start = np.concatenate([[0], np.cumsum(pairs.sum(axis=(1, 2)))])
    return flat, year * states + i, year * states + j, start


def count_peace(onset: Small, member: Small, out: NDArray[np.int16]) -> None:
    """Count for each pair the years both were members since the last onset, or since entry."""
    years, states = member.shape
    for i in range(states):
        for j in range(states):
            together = [y for y in range(years) if i != j and member[y, i] and member[y, j]]
            for place, y in enumerate(together):
                before = [k for k in range(place) if onset[together[k], i, j]]
                out[y, i, j] = place - (before[-1] + 1 if before else 0)
