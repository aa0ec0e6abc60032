"""Compiled loops of the boosted trees: grow one tree, and drop rows through it.

Arrays in, arrays out. ``boosting_plain`` holds the same functions written plainly.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Index = NDArray[np.int64]
Bins = NDArray[np.uint8]


@njit(cache=True, nogil=True)
def grow(
    bins: Bins,
    columns: Index,
    slope: Floats,
    curvature: Floats,
    shrinkage: float,
    least: float,
    column: Index,
    cut: Index,
    leaf: Floats,
) -> None:
    """Grow one tree in which all nodes of a level ask the same question.

    Parameters
    ----------
    bins : array (rows, covariates)
        Bin of each value.
    columns : array
        Covariates that the tree may ask about.
    slope, curvature : array (rows,)
        First derivative of the log likelihood by the log odds, and minus the second.
    shrinkage : float
        Added to the curvature of a leaf, in the gain of a question and in its value.
    least : float
        Smallest curvature on either side of a question in a node; a node that it would leave
        with less gains nothing.
    column, cut : array (levels,)
        Filled: a row goes right if its bin of `column` is above `cut`; -1 if no question gains.
    leaf : array (2 ** levels,)
        Filled: the step of the log odds in each leaf.
    """
    rows, levels = bins.shape[0], column.size
    width = np.int64(bins.max()) + 1 if rows else 1
    node = np.zeros(rows, np.int64)
    for level in range(levels):
        nodes = 1 << level
        total = np.zeros((nodes, columns.size, width, 2))
        for r in range(rows):
            a, s, h = node[r], slope[r], curvature[r]
            for c in range(columns.size):
                cell = total[a, c, bins[r, columns[c]]]
                cell[0] += s
                cell[1] += h
        best, column[level], cut[level] = 0.0, -1, 0
        for c in range(columns.size):
            gain = np.zeros(width)
            for a in range(nodes):
                all_s, all_h = 0.0, 0.0
                for b in range(width):
                    all_s += total[a, c, b, 0]
                    all_h += total[a, c, b, 1]
                s, h = 0.0, 0.0
                for b in range(width - 1):
                    s += total[a, c, b, 0]
                    h += total[a, c, b, 1]
                    if h >= least and all_h - h >= least:
                        gain[b] += (
                            s * s / (h + shrinkage)
                            + (all_s - s) ** 2 / (all_h - h + shrinkage)
                            - all_s * all_s / (all_h + shrinkage)
                        )
            for b in range(width - 1):
                if gain[b] > best:
                    best, column[level], cut[level] = gain[b], columns[c], b
        for r in range(rows):
            right = column[level] >= 0 and bins[r, column[level]] > cut[level]
            node[r] = 2 * node[r] + (1 if right else 0)
    sum_s, sum_h = np.zeros(leaf.size), np.zeros(leaf.size)
    for r in range(rows):
        sum_s[node[r]] += slope[r]
        sum_h[node[r]] += curvature[r]
    for k in range(leaf.size):
        leaf[k] = sum_s[k] / (sum_h[k] + shrinkage)


@njit(cache=True, nogil=True)
def drop(bins: Bins, column: Index, cut: Index, leaf: Floats, rate: float, out: Floats) -> None:
    """Add `rate` times the leaf that each row reaches to `out`, array (rows,)."""
    for r in range(bins.shape[0]):
        node = 0
        for level in range(column.size):
            right = column[level] >= 0 and bins[r, column[level]] > cut[level]
            node = 2 * node + (1 if right else 0)
        out[r] += rate * leaf[node]
