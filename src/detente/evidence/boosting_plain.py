"""The loops of ``boosting_kernel`` written plainly: slow, and easy to check."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats, Ints

Bins = NDArray[np.uint8]


def grow(
    bins: Bins, columns: Ints, slope: Floats, curvature: Floats, shrinkage: float, least: float,
    levels: int,
) -> tuple[Ints, Ints, Floats]:  # fmt: skip
    """Return the questions (covariate and cut of each level) and the leaves of one tree."""

    def worth(rows: NDArray[np.bool_]) -> float:
        return float(slope[rows].sum() ** 2 / (curvature[rows].sum() + shrinkage))

    node = np.zeros(len(bins), np.int64)
    column, cut = np.full(levels, -1), np.zeros(levels, np.int64)
    for level in range(levels):
        best = 0.0
        for c in columns:
            for b in range(int(bins.max())):
                gain, right = 0.0, bins[:, c] > b
                for a in range(2**level):
                    here = node == a
                    sides = here & ~right, here & right
                    if min(curvature[side].sum() for side in sides) >= least:
                        gain += worth(sides[0]) + worth(sides[1]) - worth(here)
                if gain > best:
                    best, column[level], cut[level] = gain, c, b
        asked = column[level] >= 0
        node = 2 * node + (asked & (bins[:, column[level]] > cut[level]))
    leaf = np.array(
        [
            slope[node == k].sum() / (curvature[node == k].sum() + shrinkage)
            for k in range(2**levels)
        ]
    )
    return column, cut, leaf


def drop(bins: Bins, column: Ints, cut: Ints, leaf: Floats) -> Floats:
    """Return the leaf that each row reaches, array (rows,)."""
    node = np.zeros(len(bins), np.int64)
    for c, b in zip(column, cut, strict=True):
        node = 2 * node + ((c >= 0) & (bins[:, c] > b))
    return leaf[node]
