"""Measures of balance on a signed matrix: camps, triangles, walks, the least eigenvalue."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from detente.architecture.system import Floats, Ints
from detente.lenses.balance.frustration.index import signed_edges


def balanced(signed: Any) -> bool:
    """Return whether every cycle has an even number of negative edges, in linear time.

    Parameters
    ----------
    signed : array (n, n)
        Symmetric, entries -1, 0 and 1, zero diagonal; dense or SciPy sparse.

    Raises
    ------
    UsageError
        If `signed` is not such a matrix.

    References
    ----------
    Cartwright, D. & Harary, F. (1956), Psychological Review 63(5), 277-293, theorem 1.
    """
    size, first, second, sign = signed_edges(signed)
    near: list[list[tuple[int, int]]] = [[] for _ in range(size)]
    for i, j, s in zip(first.tolist(), second.tolist(), sign.tolist(), strict=True):
        near[i].append((j, s))
        near[j].append((i, s))
    side = [0] * size
    for root in range(size):
        todo = [] if side[root] else [root]
        side[root] = side[root] or 1
        while todo:
            i = todo.pop()
            for j, s in near[i]:
                if not side[j]:
                    side[j] = s * side[i]
                    todo.append(j)
                elif side[j] != s * side[i]:
                    return False
    return True


def triangle_index(signed: Any) -> float:
    """Return the share of triangles that are balanced, 0..1; NaN if there are no triangles.

    Parameters
    ----------
    signed : array (n, n)
        Symmetric, entries -1, 0 and 1, zero diagonal; dense or SciPy sparse.

    Raises
    ------
    UsageError
        If `signed` is not such a matrix.

    References
    ----------
    Cartwright, D. & Harary, F. (1956), Psychological Review 63(5), 277-293; in this form Aref,
    S. & Wilson, M. C. (2018), Journal of Complex Networks 6(4), 566-595.
    """
    matrix = dense(signed)
    walks = np.abs(matrix) @ np.abs(matrix)
    every = float((walks * np.abs(matrix)).sum())
    balance = float(((matrix @ matrix) * matrix).sum())
    return (every + balance) / (2 * every) if every else math.nan


def walk_balance(signed: Any) -> float:
    """Return the walk-based measure of balance K, above 0 up to 1 (balanced).

    Parameters
    ----------
    signed : array (n, n)
        Symmetric, entries -1, 0 and 1, zero diagonal; dense or SciPy sparse.

    Raises
    ------
    UsageError
        If `signed` is not such a matrix.

    References
    ----------
    Estrada, E. (2019), Discrete Applied Mathematics 268, 70-90.
    """
    matrix = dense(signed)
    if not len(matrix):
        return 1.0
    signs, sizes = np.linalg.eigvalsh(matrix), np.linalg.eigvalsh(np.abs(matrix))
    top = sizes[-1]  # taken out of both sums, so that none overflows
    return min(1.0, float(np.exp(signs - top).sum() / np.exp(sizes - top).sum()))


def algebraic_conflict(signed: Any) -> float:
    """Return the least eigenvalue of the signed Laplacian D - A, in edges a vertex.

    It is zero if and only if a component is balanced (a vertex without edges is one).

    Parameters
    ----------
    signed : array (n, n)
        Symmetric, entries -1, 0 and 1, zero diagonal; dense or SciPy sparse.

    Raises
    ------
    UsageError
        If `signed` is not such a matrix.

    References
    ----------
    Aref, S. & Wilson, M. C. (2018), Journal of Complex Networks 6(4), 566-595.
    """
    matrix = dense(signed)
    if not len(matrix):
        return 0.0
    laplacian = np.diag(np.abs(matrix).sum(axis=1)) - matrix
    return max(0.0, float(np.linalg.eigvalsh(laplacian)[0]))


def unbalanced_triangles(signed: Any) -> Ints:
    """Return in how many unbalanced triangles each vertex is, array (n,).

    Parameters
    ----------
    signed : array (n, n)
        Symmetric, entries -1, 0 and 1, zero diagonal; dense or SciPy sparse.

    Raises
    ------
    UsageError
        If `signed` is not such a matrix.
    """
    return closed_triangles(dense(signed))


def closed_triangles(matrix: Floats) -> Ints:
    """Return how many unbalanced triangles each state of a signed matrix is in."""
    size = np.abs(matrix)
    closed = ((size @ size) * size).sum(axis=1) - ((matrix @ matrix) * matrix).sum(axis=1)
    triangles: Ints = np.rint(closed / 4).astype(np.int64)
    return triangles


def dense(signed: Any) -> Floats:
    """Return a signed graph, however it is given, as a symmetric matrix of signs."""
    size, first, second, sign = signed_edges(signed)
    matrix = np.zeros((size, size))
    matrix[first, second] = sign
    return matrix + matrix.T
