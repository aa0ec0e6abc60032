"""The least frustrated weight of one block: bounds from both sides until they meet.

From above: tabu search, and roundings of the linear programme. From below: the linear
programme over unbalanced cycles, to which those that its solution violates are added. If a
gap is left, small blocks are enumerated and large ones branched on an edge: frustrated or not.
"""

from __future__ import annotations

import heapq
import math
import time
from collections.abc import Callable

import numpy as np

from detente.architecture.system import Floats, Ints
from detente.lenses.frustration.program import Ceiling, Relaxed, Rows, relax
from detente.lenses.frustration.reduction import Block

SMALL = 16  # vertices up to which trying every partition is faster than anything else
ENUMERATED = 24  # vertices up to which it is tried before branching (0.2 s)
SLACK = 0.15  # a row this far from binding is dropped now and then
VIOLATION = 1e-4  # a cycle shorter than 1 by less than this is not worth a row
PENALTY = 0.05  # how much longer an edge becomes with each cycle through it
PASSES = 6  # most cycles a vertex and round
ROUND = 1e-6  # what a bound may miss of an integer and still be rounded up to it


class BlockSearch:
    """The search on one block; `best`, `side` and `lower` are true at any time.

    Attributes
    ----------
    block : Block
        What is searched.
    best : int
        Least frustrated weight found; `side` (-1 or 1 a vertex) attains it.
    lower : int
        Proven lower bound.
    rows : Rows
        Cycles found so far: valid for every objective over the same block.
    """

    def __init__(self, block: Block) -> None:
        self.block = block
        n, m = block.size, len(block.weight)
        ends = np.concatenate([block.first, block.second])
        order = np.argsort(ends, kind="stable")
        self.start = np.concatenate([[0], np.cumsum(np.bincount(ends, minlength=n))])
        self.near = np.concatenate([block.second, block.first])[order]
        self.edge = np.tile(np.arange(m), 2)[order]
        self.weight = np.abs(block.weight).astype(float)
        self.degree = np.bincount(ends, np.tile(self.weight, 2), n).astype(np.int64)
        self.rows = Rows.none()
        self.side: Ints = np.ones(n, dtype=np.int64)
        self.best = block.cost(self.side)
        self.lower = 0
        # Flipping a vertex changes the cost by its weighted degree, less an even number.
        self.step = 2 if not (self.degree % 2).any() else 1
        self._order = np.random.default_rng(0)  # a fixed order, part of the method
        self._key = np.random.default_rng(1).integers(1, 1 << 62, m)

    @property
    def proven(self) -> bool:
        """Whether `best` is the least weight."""
        return self.lower >= self.best

    def solve(self, deadline: float = math.inf) -> None:
        """Raise `lower` and cut `best` until they meet or `time.monotonic` passes `deadline`."""
        if self.block.size <= SMALL:
            self.enumerate()
            return
        self._try(self.rounded(np.zeros(len(self.weight))))
        if self.best:
            for restart in range(2):
                self._try(self.improved(self._order.choice([-1, 1], self.block.size), 30, restart))
        everything = np.zeros(len(self.weight)), np.ones(len(self.weight))
        self.lower = self.minimise(
            self.weight,
            everything,
            self._from_solution,
            lambda: self.best,
            deadline,
            enumerate_small=True,
        )

    def minimise(
        self,
        cost: Floats,
        box: tuple[Floats, Floats],
        attempt: Callable[[Floats], None],
        best: Callable[[], int],
        deadline: float,
        *,
        ceiling: Ceiling | None = None,
        enumerate_small: bool = False,
    ) -> int:
        """Return a lower bound of an integer objective; `best()` if it is proven.

        Parameters
        ----------
        cost : array (m,)
            Integer cost of each frustrated edge.
        box : two arrays (m,)
            Bounds of f from which to start.
        attempt, best
            Called with every solution of a programme, and for the least value known.
        ceiling : Ceiling, optional
            Limits the weight of the frustrated edges.
        """
        step = self.step if ceiling is None else 1
        # Before any programme is solved: what the sum is if every edge takes its cheaper end.
        start = float(np.minimum(cost * box[0], cost * box[1]).sum())
        heap: list[tuple[float, int, Floats, Floats]] = [(start, 0, *box)]
        count = 0
        while heap:
            bound, _, low, high = heapq.heappop(heap)
            if bound > best() - step + ROUND:
                return best()
            solved, finished = self._cut(
                cost, low, high, bound, attempt, best, step, deadline, ceiling
            )
            bound = max(bound, solved.bound)
            if not finished:
                rest = min([bound, *(node[0] for node in heap)])
                return min(best(), math.ceil(rest - ROUND))
            if bound > best() - step + ROUND:
                continue
            if enumerate_small and self.block.size <= ENUMERATED:
                self.enumerate()
                return self.best
            choice = _branch(solved.f, low, high)
            if choice is None:
                continue
            for value in (0.0, 1.0):
                lower, upper = low.copy(), high.copy()
                lower[choice] = upper[choice] = value
                count += 1
                heapq.heappush(heap, (bound, -count, lower, upper))
        return best()

    def _cut(
        self,
        cost: Floats,
        low: Floats,
        high: Floats,
        bound: float,
        attempt: Callable[[Floats], None],
        best: Callable[[], int],
        step: int,
        deadline: float,
        ceiling: Ceiling | None,
    ) -> tuple[Relaxed, bool]:
        """Solve the programme, adding violated cycles; also say whether time sufficed."""
        last = Relaxed((low + high) / 2, bound, np.zeros(len(cost)))
        rounds = 0
        while True:
            solved = relax(cost, self.rows, low, high, deadline - time.monotonic(), ceiling)
            if solved is None:
                return last, False
            if solved.bound == math.inf:
                return solved, True
            rounds += 1
            last = (
                solved if solved.bound > last.bound else Relaxed(solved.f, last.bound, last.reduced)
            )
            attempt(solved.f)
            if last.bound > best() - step + ROUND:
                return last, True
            if rounds % 5 == 0:
                loose = self.rows.left_side(solved.f) > self.rows.bound + SLACK
                self.rows = self.rows.take(~loose)
            cycles = self._violated(solved.f, low)
            if not len(cycles):
                return last, True
            self.rows = self.rows + cycles

    def _violated(self, f: Floats, low: Floats) -> Rows:
        """Return rows of unbalanced cycles whose sum of f is below 1.

        An edge that is held frustrated counts with its sign turned round and length 0.
        """
        from detente.lenses.frustration.search_kernel import short_cycles

        block, held = self.block, low > 0.5
        # Switching by the best sides leaves few negative edges; every unbalanced cycle has one.
        negative = (block.frustrated(self.side) > 0) != held
        sources = self._order.permutation(_cover(block.first[negative], block.second[negative]))
        if not len(sources):
            return Rows.none()
        heads, edge = short_cycles(
            self.start,
            self.near,
            self.edge,
            negative,
            np.where(held, 0.0, f) + 1e-6,
            sources,
            1.0 - VIOLATION,
            PENALTY,
            PASSES,
            200 * len(sources) + 4 * block.size,
        )
        if len(heads) == 1:
            return Rows.none()
        # The same cycle is found from several of its vertices: equal sums of keys tell.
        turned = np.add.reduceat(held[edge].astype(float), heads[:-1])
        found = Rows(heads, edge, np.where(held[edge], -1.0, 1.0), 1.0 - turned)
        names = self._names(found)
        single = np.zeros(len(found), dtype=np.bool_)
        single[np.unique(names, return_index=True)[1]] = True
        return found.take(single & ~np.isin(names, self._names(self.rows)))

    def _names(self, rows: Rows) -> Ints:
        """Return a number for each row that tells it from others."""
        if not len(rows):
            return np.empty(0, np.int64)
        out: Ints = np.add.reduceat(
            self._key[rows.edge] * rows.value.astype(np.int64), rows.heads[:-1]
        )
        return out

    def _from_solution(self, f: Floats) -> None:
        side = self.rounded(f)
        self._try(side)
        if self.lower < self.best:
            self._try(self.improved(side, 20, len(self.rows)))

    def _try(self, side: Ints) -> None:
        cost = self.block.cost(side)
        if cost < self.best:
            self.best, self.side = cost, side.copy()

    def rounded(self, f: Floats) -> Ints:
        """Return the sides that agree with f along a spanning tree of its clearest edges."""
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree

        block, n = self.block, self.block.size
        doubt = csr_array((np.minimum(f, 1 - f) + 1e-3, (block.first, block.second)), shape=(n, n))
        order, before = breadth_first_order(minimum_spanning_tree(doubt), 0, directed=False)
        sign = np.where((block.weight > 0) == (f < 0.5), 1, -1)
        signs = csr_array(
            (
                np.tile(sign, 2),
                (
                    np.concatenate([block.first, block.second]),
                    np.concatenate([block.second, block.first]),
                ),
            ),
            shape=(n, n),
        )
        turn = np.asarray(signs[order[1:], before[order[1:]]]).ravel().tolist()
        side = [1] * n
        for v, parent, way in zip(
            order[1:].tolist(), before[order[1:]].tolist(), turn, strict=True
        ):
            side[v] = side[parent] * int(way)
        return np.array(side, dtype=np.int64)

    def improved(self, side: Ints, effort: int, seed: int, weight: Ints | None = None) -> Ints:
        """Return the sides that tabu search of `effort` flips a vertex makes of `side`."""
        from detente.lenses.frustration.search_kernel import tabu

        chosen = self.block.weight if weight is None else weight
        out = side.copy()
        tabu(self.start, self.near, chosen[self.edge], out, effort * len(side), seed)
        return out

    def enumerate(self) -> tuple[Ints, Ints]:
        """Try all partitions; return each vertex's least and most frustrated weight at the best."""
        from detente.lenses.frustration.search_kernel import exhaust

        n = self.block.size
        matrix = np.zeros((n, n), dtype=np.int64)
        matrix[self.block.first, self.block.second] = self.block.weight
        side, least, most = (np.zeros(n, dtype=np.int64) for _ in range(3))
        self.best, _ = exhaust(matrix + matrix.T, side, least, most)
        self.side, self.lower = side, self.best
        return least, most


def _branch(f: Floats, low: Floats, high: Floats) -> int | None:
    """Return the open edge whose value is least clear, None if there is none."""
    unclear = np.where(low < high, np.minimum(f, 1 - f), -1.0)
    choice = int(np.argmax(unclear))
    return choice if unclear[choice] >= 0 else None


def _cover(first: Ints, second: Ints) -> Ints:
    """Return vertices of which every one of the edges has at least one, few of them."""
    count = np.bincount(np.concatenate([first, second]))
    chosen: set[int] = set()
    order = np.argsort(-np.maximum(count[first], count[second]), kind="stable")
    for i, j in zip(first[order].tolist(), second[order].tolist(), strict=True):
        if i not in chosen and j not in chosen:
            chosen.add(i if count[i] >= count[j] else j)
    return np.array(sorted(chosen), dtype=np.int64)
