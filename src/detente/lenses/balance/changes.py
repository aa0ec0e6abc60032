"""Many changes of signs at once: only the triangles over edited ties differ."""

from __future__ import annotations

import numpy as np

from detente.architecture.system import Floats, Moves


def many_deltas(matrix: Floats, moves: Moves, threshold: float) -> Floats:
    """Return what each change gives to each state, array (m, n).

    Parameters
    ----------
    matrix : array (n, n)
        The signed graph before any change; it is edited, and is in the end as it was.
    moves : Moves
        The changes.
    threshold : float
        Weight from which an alliance counts as a friendly tie.
    """
    sign = np.where(moves.ally >= threshold, 1.0, np.where(moves.rival > 0, -1.0, 0.0))
    differences = np.zeros((len(moves), len(matrix)))
    for k in range(len(moves)):
        edits = range(moves.ptr[k], moves.ptr[k + 1])
        old = []
        for e in edits:
            i, j = moves.first[e], moves.second[e]
            old.append(matrix[i, j])
            third = matrix[i] * matrix[j]
            less = ((matrix[i, j] * third < 0) * 1.0) - (sign[e] * third < 0)
            differences[k] += less
            together = less.sum()
            differences[k, i] += together
            differences[k, j] += together
            matrix[i, j] = matrix[j, i] = sign[e]
        for e, before in zip(reversed(edits), reversed(old), strict=True):
            i, j = moves.first[e], moves.second[e]
            matrix[i, j] = matrix[j, i] = before
    return differences
