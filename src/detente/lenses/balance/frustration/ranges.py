"""How many frustrated edges a state can have: its least and most over all optimal partitions.

An optimal partition is in general not the only one, so that the frustrated edges at a state
are not a property of the graph. Their range over all optima is.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats, Ints
from detente.lenses.balance.frustration.index import signed_edges
from detente.lenses.balance.frustration.program import Ceiling
from detente.lenses.balance.frustration.reduction import reduce
from detente.lenses.balance.frustration.search import ROUND, SMALL, Aim, BlockSearch


@dataclass(frozen=True, eq=False)
class StateRange:
    """Frustrated edges at each vertex over all optimal partitions.

    Attributes
    ----------
    least, most : int array (n,)
        Smallest and largest number of frustrated edges at the vertex in an optimal partition:
        exact where `proven`, else bounds (the truth lies between them or on them).
    proven : bool array (n,)
        Whether both ends are exact.
    """

    least: Ints
    most: Ints
    proven: NDArray[np.bool_]


def state_range(signed: Any, *, time_limit: float | None = None) -> StateRange:
    """Return how many frustrated edges each vertex has at least and at most over all optima.

    Parameters
    ----------
    signed : array (n, n)
        Symmetric, entries -1, 0 and 1, zero diagonal; dense or SciPy sparse.
    time_limit : float, optional
        Seconds after which vertices that are not decided keep their bounds.

    Raises
    ------
    UsageError
        If `signed` is not a symmetric matrix of -1, 0 and 1 with a zero diagonal.

    Notes
    -----
    The blocks of the graph are optimised one by one, so that the ranges of a vertex in the
    blocks that meet at it add up. In a block, the least (most) is an integer programme: least
    (most) f at the vertex subject to a total weight of L.
    """
    deadline = math.inf if time_limit is None else time.monotonic() + time_limit
    size, first, second, weight = signed_edges(signed)
    least, most = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    proven = np.ones(size, dtype=np.bool_)
    blocks = reduce(size, first, second, weight, follow=False).blocks
    for block in sorted(blocks, key=lambda b: b.size):
        low, high, sure = _BlockRange(BlockSearch(block), deadline).find()
        least[block.vertices] += low
        most[block.vertices] += high
        proven[block.vertices] &= sure
    return StateRange(least=least, most=most, proven=proven)


class _BlockRange:
    """The ranges of the vertices of one block."""

    def __init__(self, search: BlockSearch, deadline: float) -> None:
        self.search, self.block, self.deadline = search, search.block, deadline
        # At an optimum a vertex has at most half its weight frustrated, or flipping it would pay.
        self.half = search.degree // 2
        self.least, self.most = self.half.copy(), np.zeros_like(self.half)

    def find(self) -> tuple[Ints, Ints, NDArray[np.bool_]]:
        """Return bounds of the range of each vertex, and where they are exact."""
        search, n = self.search, self.block.size
        if n <= SMALL:
            least, most = search.enumerate()
            return least, most, np.ones(n, dtype=np.bool_)
        search.solve(self.deadline)
        if not search.proven:
            return np.zeros_like(self.half), self.half, self.half == 0
        self._record(search.side)
        self.ceiling = Ceiling(search.weight, float(search.best))
        box = self._box()
        low, high = np.zeros_like(self.half), self.half.copy()
        for v in range(n):
            at = np.where((self.block.first == v) | (self.block.second == v), search.weight, 0.0)
            low[v] = max(low[v], self._end(v, at, box))
            high[v] = min(high[v], -self._end(v, -at, box))
        # Later programmes may have shown what an earlier one could not: take what is attained.
        return low, high, (low == self.least) & (high == self.most)

    def _box(self) -> tuple[Floats, Floats]:
        """Return bounds of f in every optimum, from the reduced costs at the root."""
        search = self.search
        low, high = np.zeros(len(search.weight)), np.ones(len(search.weight))
        root = search.programme.relax(search.weight, low, high, self.deadline - time.monotonic())
        if root is not None:
            slack = search.best - root.bound + ROUND
            high[root.reduced > slack] = 0.0
            low[root.reduced < -slack] = 1.0
        return low, high

    def _end(self, v: int, cost: Floats, box: tuple[Floats, Floats]) -> int:
        """Return a lower bound of the cost over all optima, exact if time suffices."""
        sign = 1 if cost.sum() > 0 else -1
        tilted = self.block.weight * (int(2 * self.half[v]) + 2) + np.sign(
            self.block.weight
        ) * cost.astype(np.int64)

        def best() -> int:
            return int(self.least[v] if sign > 0 else -self.most[v])

        def attempt(f: Floats) -> None:
            side = self.search.rounded(f)
            self._record(side)
            self._record(self.search.improved(side, 5, v, tilted))

        floor = 0 if sign > 0 else -int(self.half[v])
        if best() == floor:
            return floor
        optimum = self.search.minimise(
            Aim(cost, attempt, best, ceiling=self.ceiling), box, self.deadline
        )
        return max(floor, optimum)

    def _record(self, side: Ints) -> None:
        """Widen the ranges by a partition, if it is optimal."""
        block = self.block
        hit = block.frustrated(side) * np.abs(block.weight)
        if hit.sum() == self.search.best:
            strain = np.bincount(block.first, hit, block.size) + np.bincount(
                block.second, hit, block.size
            )
            np.minimum(self.least, strain.astype(np.int64), out=self.least)
            np.maximum(self.most, strain.astype(np.int64), out=self.most)
