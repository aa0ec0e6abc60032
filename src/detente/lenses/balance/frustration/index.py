"""The frustration index of a signed graph, exact, with the partition that attains it."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from detente.architecture.system import Ints
from detente.errors import UsageError
from detente.lenses.balance.frustration.reduction import reduce
from detente.lenses.balance.frustration.search import BlockSearch


@dataclass(frozen=True, eq=False)
class FrustrationIndex:
    """The least number of edges without which a signed graph is balanced.

    Attributes
    ----------
    index : int or None
        The frustration index; None where the time limit left it open.
    partition : int array (n,)
        0 or 1 for each vertex, vertex 0 in 0: frustrates `upper` edges.
    proven : bool
        Whether `lower` and `upper` meet.
    lower, upper : int
        Bounds between which the index lies.
    edges : int
        Number of edges of the graph.
    """

    index: int | None
    partition: Ints
    proven: bool
    lower: int
    upper: int
    edges: int

    @property
    def normalized(self) -> float:
        """1 - 2 L / m, from 0 to 1 (balanced); NaN without edges or where L is open."""
        return (
            1 - 2 * self.index / self.edges if self.index is not None and self.edges else math.nan
        )


def frustration_index(signed: Any, *, time_limit: float | None = None) -> FrustrationIndex:
    """Return the frustration index (line index of balance) of a signed graph, exactly.

    Parameters
    ----------
    signed : array (n, n)
        Symmetric, entries -1, 0 and 1, zero diagonal; dense or SciPy sparse.
    time_limit : float, optional
        Seconds after which the search gives up and returns bounds.

    Returns
    -------
    FrustrationIndex
        With `proven` false and `index` None if time was out.

    Raises
    ------
    UsageError
        If `signed` is not a symmetric matrix of -1, 0 and 1 with a zero diagonal.

    References
    ----------
    Harary, F. (1959), Behavioral Science 4 (line index); Barahona, F. & Mahjoub, A. R. (1986),
    Mathematical Programming 36 (odd cycles of the cut polytope); Aref, S., Mason, A. J. &
    Wilson, M. C. (2020), Networks 75(1) (the index by integer programming).

    Examples
    --------
    >>> from detente.lenses.balance.lens import frustration_index
    >>> found = frustration_index([[0, 1, -1], [1, 0, 1], [-1, 1, 0]])
    >>> found.index, found.proven
    (1, True)
    """
    deadline = math.inf if time_limit is None else time.monotonic() + time_limit
    size, first, second, weight = signed_edges(signed)
    reduced = reduce(size, first, second, weight)
    searches = [BlockSearch(block) for block in reduced.blocks]
    for search in sorted(searches, key=lambda s: s.block.size):
        search.solve(deadline)
    side = reduced.restore([search.side for search in searches])
    lower = reduced.paid + sum(search.lower for search in searches)
    upper = int((weight * side[first] * side[second] < 0).sum())
    return FrustrationIndex(
        index=upper if lower == upper else None,
        partition=np.where(side == (side[0] if size else 1), 0, 1),
        proven=lower == upper,
        lower=lower,
        upper=upper,
        edges=len(weight),
    )


def signed_edges(signed: Any) -> tuple[int, Ints, Ints, Ints]:
    """Check a signed matrix; return its size and its edges (first < second) with their signs."""
    from scipy.sparse import coo_array, issparse

    matrix = coo_array(signed if issparse(signed) else _square(signed))
    if matrix.shape[0] != matrix.shape[1]:
        raise UsageError(f"a signed graph is a square matrix, not one of shape {matrix.shape}")
    matrix.sum_duplicates()
    row, column, value = matrix.row, matrix.col, matrix.data
    if not np.isin(value, (-1, 0, 1)).all():
        wrong = value[~np.isin(value, (-1, 0, 1))][0]
        raise UsageError(f"the entries of a signed graph are -1, 0 and 1, not {wrong}")
    kept = value != 0
    row, column, value = row[kept], column[kept], value[kept].astype(np.int64)
    if (row == column).any():
        raise UsageError(f"vertex {row[row == column][0]} has an edge to itself")
    size = int(matrix.shape[0])
    upper, lower = row < column, row > column
    sign_of = {(i, j): s for i, j, s in zip(row[upper], column[upper], value[upper], strict=True)}
    two = {(j, i): s for i, j, s in zip(row[lower], column[lower], value[lower], strict=True)}
    if sign_of != two:
        i, j = min(
            pair for pair in sign_of.keys() | two.keys() if sign_of.get(pair) != two.get(pair)
        )
        raise UsageError(f"a signed graph is symmetric; entries ({i}, {j}) and ({j}, {i}) differ")
    order = np.lexsort((column[upper], row[upper]))
    return (
        size,
        row[upper][order].astype(np.int64),
        column[upper][order].astype(np.int64),
        value[upper][order],
    )


def _square(signed: ArrayLike) -> NDArray[np.float64]:
    dense = np.asarray(signed, dtype=float)
    if dense.ndim != 2:
        raise UsageError(f"a signed graph is a square matrix, not an array of shape {dense.shape}")
    return dense
