"""Signed graphs as data have them: matrices, edge lists, networkx graphs; signs or weights."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats, Ints
from detente.errors import UsageError

MOST = 2**40
"""Largest sum of the weights, as whole numbers, for which the search stays exact."""
ROUNDED = 1_000_000
"""Sum to which weights are scaled that have too many digits to be whole numbers of it."""
ATTRIBUTES = ("sign", "weight")
"""Attributes of the edges of a networkx graph that are read, the first that is there."""
REMEDY = (
    "Give a symmetric matrix, a list of ties such as ('POL', 'DEU', 1), or a networkx graph with "
    "the attribute 'sign' or 'weight' (its matrix: networkx.to_numpy_array(graph, weight='sign'))."
)


@dataclass(frozen=True, eq=False)
class SignedGraph:
    """A signed graph as a list of its edges.

    Attributes
    ----------
    names : tuple
        Of its vertices; numbers from 0 where it was given as a matrix.
    first, second : int array (m,)
        Ends of each edge, first < second; a pair may have several.
    weight : float array (m,)
        Positive for friendly ties, negative for hostile ones; never zero.
    """

    names: tuple[Any, ...]
    first: Ints
    second: Ints
    weight: Floats

    @property
    def size(self) -> int:
        """Number of vertices."""
        return len(self.names)

    def whole(self) -> tuple[Ints, float]:
        """Return the weights as whole numbers, and how much one of them stands for.

        Decimals such as 0.25 become exact multiples of their common part. Where weights have so
        many digits that there is no such part, they are rounded to a millionth of their sum.
        """
        if not len(self.weight):
            return np.zeros(0, np.int64), 1.0
        if (self.weight == np.rint(self.weight)).all() and np.abs(self.weight).sum() <= MOST:
            return self.weight.astype(np.int64), 1.0
        parts = [Fraction(repr(value)) for value in self.weight.tolist()]
        common = math.lcm(*(part.denominator for part in parts))
        if common * float(np.abs(self.weight).sum()) <= MOST:
            return np.array([int(part * common) for part in parts], np.int64), 1 / common
        unit = float(np.abs(self.weight).sum()) / ROUNDED
        rounded = np.rint(self.weight / unit)
        # A tie never vanishes, however light it is.
        return np.where(rounded == 0, np.sign(self.weight), rounded).astype(np.int64), unit


def read_graph(signed: Any) -> SignedGraph:
    """Return a signed graph from any of the forms in which data have it.

    Parameters
    ----------
    signed : matrix, edges or graph
        A symmetric matrix, dense or SciPy sparse; a list of ties (one, other, sign or weight)
        whose vertices are named by texts; a mapping of pairs to weights; a table with three such
        columns; a networkx graph whose edges have the attribute ``sign`` or ``weight``.

    Raises
    ------
    UsageError
        If it is none of these; says how to make one.
    """
    from scipy.sparse import issparse

    if issparse(signed):
        return _of_matrix(signed)
    if hasattr(signed, "edges") and hasattr(signed, "nodes"):
        return _of_networkx(signed)
    if isinstance(signed, Mapping):
        return _of_edges([(*_two(pair), weight) for pair, weight in signed.items()])
    if hasattr(signed, "iter_rows") or hasattr(signed, "itertuples"):
        rows = list(
            signed.iter_rows()
            if hasattr(signed, "iter_rows")
            else signed.itertuples(index=False, name=None)
        )
        if rows and isinstance(rows[0][0], str):
            return _of_edges(rows)
        signed = rows
    if _is_edges(signed):
        return _of_edges(list(signed))
    return _of_matrix(_square(signed))


def _is_edges(signed: Any) -> bool:
    """Tell a list of ties from a matrix: its vertices are named."""
    if isinstance(signed, np.ndarray):
        return signed.ndim == 2 and signed.shape[1] == 3 and signed.dtype.kind in "OUS"
    if not isinstance(signed, Sequence) or isinstance(signed, str) or not len(signed):
        return False
    return isinstance(signed[0], Sequence | np.ndarray) and any(
        isinstance(item, str) for item in signed[0]
    )


def _two(pair: Any) -> tuple[Any, Any]:
    if not isinstance(pair, tuple) or len(pair) != 2:
        raise UsageError(f"a tie is between two, not {pair!r}. {REMEDY}")
    return pair


def _number(value: Any, tie: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise UsageError(f"the tie {tie} has the weight {value!r}, which is no number") from None
    if not math.isfinite(number):
        raise UsageError(f"the tie {tie} has the weight {number}, which is no number")
    return number


def _of_edges(rows: Iterable[Any], names: Iterable[Any] = ()) -> SignedGraph:
    place = {name: k for k, name in enumerate(names)}
    first, second, weights = [], [], []
    for row in rows:
        try:
            one, other, value = row
        except (TypeError, ValueError):
            raise UsageError(f"a tie has two ends and a sign, not {row!r}. {REMEDY}") from None
        weight = _number(value, f"{one}-{other}")
        if one == other:
            raise UsageError(f"vertex {one} has an edge to itself")
        ends = sorted(place.setdefault(name, len(place)) for name in (one, other))
        if weight:
            first.append(ends[0])
            second.append(ends[1])
            weights.append(weight)
    return SignedGraph(
        tuple(place),
        np.array(first, np.int64),
        np.array(second, np.int64),
        np.array(weights, float),
    )


def _of_networkx(graph: Any) -> SignedGraph:
    edges = list(graph.edges(data=True))
    attribute = next((a for a in ATTRIBUTES if edges and all(a in data for *_, data in edges)), "")
    if edges and not attribute:
        raise UsageError(f"the edges of the graph have no attribute 'sign' or 'weight'. {REMEDY}")
    if getattr(graph, "is_directed", lambda: False)():
        raise UsageError(
            "a signed graph has ties without a direction: give graph.to_undirected(), once you "
            "have chosen what a tie is that only one of the two has"
        )
    return _of_edges(((a, b, data[attribute]) for a, b, data in edges), graph.nodes)


def _of_matrix(signed: Any) -> SignedGraph:
    from scipy.sparse import coo_array

    matrix = coo_array(signed)
    if matrix.shape[0] != matrix.shape[1]:
        raise UsageError(f"a signed graph is a square matrix, not one of shape {matrix.shape}")
    matrix.sum_duplicates()
    row, column, value = matrix.row, matrix.col, matrix.data.astype(float)
    if not np.isfinite(value).all():
        raise UsageError(
            f"the entries of a signed graph are numbers, not {value[~np.isfinite(value)][0]}"
        )
    kept = value != 0
    row, column, value = row[kept], column[kept], value[kept]
    if (row == column).any():
        raise UsageError(f"vertex {row[row == column][0]} has an edge to itself")
    upper, lower = row < column, row > column
    sign_of = {(i, j): s for i, j, s in zip(row[upper], column[upper], value[upper], strict=True)}
    mirror = {(j, i): s for i, j, s in zip(row[lower], column[lower], value[lower], strict=True)}
    if sign_of != mirror:
        i, j = min(
            pair for pair in sign_of.keys() | mirror.keys() if sign_of.get(pair) != mirror.get(pair)
        )
        raise UsageError(f"a signed graph is symmetric; entries ({i}, {j}) and ({j}, {i}) differ")
    order = np.lexsort((column[upper], row[upper]))
    return SignedGraph(
        tuple(range(int(matrix.shape[0]))),
        row[upper][order].astype(np.int64),
        column[upper][order].astype(np.int64),
        value[upper][order],
    )


def _square(signed: Any) -> NDArray[np.float64]:
    try:
        dense = np.asarray(signed, dtype=float)
    except (TypeError, ValueError):
        raise UsageError(f"this is no signed graph. {REMEDY}") from None
    if dense.ndim != 2 or (dense.shape[0] != dense.shape[1] and dense.shape[1] == 3):
        raise UsageError(
            f"a signed graph is a square matrix, not an array of shape {dense.shape}. {REMEDY}"
        )
    return dense
