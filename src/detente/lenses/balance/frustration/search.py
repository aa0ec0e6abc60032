"""The least frustrated weight of one block: bounds from both sides until they meet.

From above: tabu search, and roundings of the linear programme. From below: the linear
programme over unbalanced cycles, to which those that its solution violates are added, and
once cycles say little more, fives of vertices that stand to one another as five enemies do
(the pentagonal inequalities of the cut polytope, Barahona and Mahjoub 1986, on walks in place
of edges). If a gap is left, small blocks are enumerated and large ones branched on how two
groups of vertices stand to one another.
"""

from __future__ import annotations

import heapq
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats, Ints
from detente.lenses.balance.frustration.program import Ceiling, ConstraintRows, Programme, Relaxed
from detente.lenses.balance.frustration.reduction import Block

SMALL = 16  # vertices up to which trying every partition is faster than anything else
ENUMERATED = 24  # vertices up to which it is tried before branching (0.1 s)
SLACK = 0.15  # a row this far from binding is dropped now and then
VIOLATION = 1e-4  # a cycle shorter than 1 by less than this is not worth a row
PENALTY = 0.05  # how much longer an edge becomes with each cycle through it
PASSES = 6  # most cycles a vertex and round
GROUPS = 12  # a solution is rounded by trying all ways in which so many groups can stand
DRAWS = 240  # most fives a round
PATIENCE = 20  # draws without a five after which no more are made
WIDE = 8  # vertices a draw, among which five are chosen
CLEAR = 0.1  # vertices as near as this are taken to stand as the solution says
FIVE = 4.0  # five enemies frustrate at least four of their ten edges
SHORT = 0.02  # fives that miss this by less are not worth a row
TAIL = 0.1  # a branch goes on cutting while a round closes this share of its gap
ROUND = 1e-6  # what a bound may miss of an integer and still be rounded up to it


@dataclass(frozen=True, eq=False)
class Aim:
    """An integer objective over the frustrated sets of a block, to be made small.

    Attributes
    ----------
    cost : array (m,)
        Integer cost of each frustrated edge.
    attempt : callable
        Is given the solution of every programme, to make partitions of it.
    best : callable
        Returns the least value known.
    step : int
        Values differ by multiples of it.
    ceiling : Ceiling or None
        Limits the weight of the frustrated edges.
    """

    cost: Floats
    attempt: Callable[[Floats], None]
    best: Callable[[], int]
    step: int = 1
    ceiling: Ceiling | None = None

    def met(self, bound: float) -> bool:
        """Return whether nothing below the best value is left above a lower bound."""
        return bound > self.best() - self.step + ROUND


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
    programme : Programme
        Its rows are the cycles found so far, valid for every objective over the block.
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
        self.programme = Programme()
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
        self._try(self.rounded(np.zeros(len(self.weight)), GROUPS))
        if self.best:
            for restart in range(2):
                self._try(self.improved(self._order.choice([-1, 1], self.block.size), 30, restart))
        everything = np.zeros(len(self.weight)), np.ones(len(self.weight))
        aim = Aim(self.weight, self._from_solution, lambda: self.best, step=self.step)
        self.lower = self.minimise(aim, everything, deadline, enumerate_small=True)

    def minimise(
        self,
        aim: Aim,
        box: tuple[Floats, Floats],
        deadline: float,
        *,
        enumerate_small: bool = False,
    ) -> int:
        """Return a lower bound of an integer objective; its least value if time suffices.

        Parameters
        ----------
        aim : Aim
            What is to be as small as possible.
        box : two arrays (m,)
            Bounds of f from which to start.
        deadline : float
            When to stop, by `time.monotonic`.
        enumerate_small : bool
            Whether a small block may be enumerated instead of branched.
        """
        # Before any programme is solved: what the sum is if every edge takes its cheaper end.
        start = float(np.minimum(aim.cost * box[0], aim.cost * box[1]).sum())
        heap: list[tuple[float, int, Floats, Floats]] = [(start, 0, *box)]
        count = 0
        while heap:
            bound, _, low, high = heapq.heappop(heap)
            if aim.met(bound):
                return aim.best()
            solved, finished = self._cut(aim, low, high, bound, deadline, branched=count > 0)
            if not finished:
                rest = min([solved.bound, *(node[0] for node in heap)])
                return min(aim.best(), math.ceil(rest - ROUND))
            if aim.met(solved.bound):
                continue
            if enumerate_small and self.block.size <= ENUMERATED:
                self.enumerate()
                return self.best
            for child in self._branches(solved.f, low, high):
                count += 1
                heapq.heappush(heap, (solved.bound, -count, *child))
        return aim.best()

    def _cut(
        self, aim: Aim, low: Floats, high: Floats, bound: float, deadline: float, *, branched: bool
    ) -> tuple[Relaxed, bool]:
        """Solve the programme, adding violated cycles; also say whether time sufficed."""
        last = Relaxed((low + high) / 2, bound, np.zeros(len(aim.cost)))
        rounds, flat = 0, False
        while (seconds := deadline - time.monotonic()) > 0:
            solved = self.programme.relax(aim.cost, low, high, seconds, aim.ceiling)
            if solved is None:
                break
            if solved.bound == math.inf:
                return solved, True
            rounds += 1
            gain = solved.bound - last.bound
            last = Relaxed(solved.f, max(solved.bound, last.bound), solved.reduced)
            aim.attempt(solved.f)
            if aim.met(last.bound):
                return last, True
            if branched and gain < TAIL * (aim.best() - last.bound):
                return last, True
            if rounds % 5 == 0:
                rows = self.programme.rows
                self.programme.keep(rows.left_side(solved.f) <= rows.bound + SLACK)
            rows = self._cycles(solved.f, low)
            # Branches have to be quick: fives are found for them all, before the first.
            flat = flat or gain < TAIL * (aim.best() - last.bound)
            if not branched and (flat or not len(rows)):
                rows = rows + self._fives(solved.f, low)
            if not len(rows):
                return last, True
            self.programme.add(rows)
        return last, False

    def _branches(self, f: Floats, low: Floats, high: Floats) -> list[tuple[Floats, Floats]]:
        """Return the two boxes that decide how two groups of vertices stand to one another.

        Vertices are grouped by the edges that the box holds; what stands between the two groups
        whose edges are least clear is then held as well, all of it at once.
        """
        block = self.block
        held = low == high
        group, way = self._groups(held, low)
        # Whether an edge would be frustrated if the two groups stood as they are numbered.
        turned = block.weight * way[block.first] * way[block.second] < 0
        lower_group = np.minimum(group[block.first], group[block.second])
        two = np.maximum(group[block.first], group[block.second])
        pair = lower_group * block.size + two
        doubt = np.where(held, 0.0, self.weight * np.minimum(f, 1 - f))
        names, place = np.unique(pair, return_inverse=True)
        inside = names // block.size == names % block.size
        if inside.all():
            return []
        total = np.where(inside, -1.0, np.bincount(place, doubt))
        chosen = place == np.argmax(total)
        within = ~held & (lower_group == two)
        low, high = np.where(within, turned, low), np.where(within, turned, high)
        branches = []
        for same in (True, False):
            value = (turned == same).astype(float)
            branches.append((np.where(chosen, value, low), np.where(chosen, value, high)))
        return branches

    def _groups(self, held: NDArray[np.bool_], value: Floats) -> tuple[Ints, Ints]:
        """Return each vertex's group by the held edges, and its side within the group."""
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import breadth_first_order, connected_components

        block, n = self.block, self.block.size
        first, second = block.first[held], block.second[held]
        graph = csr_array((np.ones(len(first)), (first, second)), shape=(n, n))
        _, group = connected_components(graph, directed=False)
        sign = np.where((block.weight[held] > 0) == (value[held] < 0.5), 1, -1).tolist()
        ways = {}
        for i, j, s in zip(first.tolist(), second.tolist(), sign, strict=True):
            ways[i, j] = ways[j, i] = s
        way = np.ones(n, dtype=np.int64)
        for root in np.unique(group[np.concatenate([first, second])], return_index=False):
            start = int(np.flatnonzero(group == root)[0])
            order, before = breadth_first_order(graph, start, directed=False)
            for v in order[1:].tolist():
                way[v] = way[before[v]] * ways[v, int(before[v])]
        return group.astype(np.int64), way

    def _cycles(self, f: Floats, low: Floats) -> ConstraintRows:
        """Return rows of unbalanced cycles whose sum of f is below 1.

        An edge that is held frustrated counts with its sign turned round and length 0.
        """
        from detente.lenses.balance.frustration.search_kernel import (
            CycleBounds,
            NeighbourRows,
            short_cycles,
        )

        block, held = self.block, low > 0.5
        # Switching by the best sides leaves few negative edges; every unbalanced cycle has one.
        negative = (block.frustrated(self.side) > 0) != held
        sources = self._order.permutation(_cover(block.first[negative], block.second[negative]))
        if not len(sources):
            return ConstraintRows.none()
        heads, edge = short_cycles(
            NeighbourRows(self.start, self.near, self.edge, negative),
            np.where(held, 0.0, f) + 1e-6,
            sources,
            CycleBounds(1.0 - VIOLATION, PENALTY, PASSES, 200 * len(sources) + 4 * block.size),
        )
        if len(heads) == 1:
            return ConstraintRows.none()
        turned = np.add.reduceat(held[edge].astype(float), heads[:-1])
        return self._new(ConstraintRows(heads, edge, np.where(held[edge], -1.0, 1.0), 1.0 - turned))

    def _fives(self, f: Floats, low: Floats) -> ConstraintRows:
        """Return rows of fives of vertices with walks between them whose sum of f is below 4.

        Two of the five are at odds if a walk between them has a frustrated edge, so that the
        walks count at least as much as the edges of five enemies would: 4. An edge counts once
        for each walk that uses it.
        """
        from detente.lenses.balance.frustration.clique_kernel import FiveBounds, odd_fives
        from detente.lenses.balance.frustration.search_kernel import NeighbourRows

        block, held = self.block, low > 0.5
        negative = (block.frustrated(self.side) > 0) != held
        seed = int(self._order.integers(1 << 30))
        heads, edge, times = odd_fives(
            NeighbourRows(self.start, self.near, self.edge, negative),
            np.where(held, 0.0, f) + 1e-6,
            np.array(list(combinations(range(WIDE), 5))),
            FiveBounds(DRAWS, PATIENCE, CLEAR, FIVE - SHORT, PENALTY, seed, 200 * DRAWS),
        )
        if len(heads) == 1:
            return ConstraintRows.none()
        turned = np.add.reduceat(np.where(held[edge], times, 0).astype(float), heads[:-1])
        return self._new(
            ConstraintRows(heads, edge, np.where(held[edge], -1.0, 1.0) * times, FIVE - turned)
        )

    def _new(self, found: ConstraintRows) -> ConstraintRows:
        """Return the rows that are not among the programme's, each once."""
        # The same cycle is found from several of its vertices: equal sums of keys tell.
        names = self._names(found)
        single = np.zeros(len(found), dtype=np.bool_)
        single[np.unique(names, return_index=True)[1]] = True
        return found.take(single & ~np.isin(names, self._names(self.programme.rows)))

    def _names(self, rows: ConstraintRows) -> Ints:
        """Return a number for each row that tells it from others."""
        if not len(rows):
            return np.empty(0, np.int64)
        names: Ints = np.add.reduceat(
            self._key[rows.edge] * rows.value.astype(np.int64), rows.heads[:-1]
        )
        return names

    def _from_solution(self, f: Floats) -> None:
        side = self.rounded(f, GROUPS)
        self._try(side)
        if self.lower < self.best:
            self._try(self.improved(side, 20, len(self.programme.rows)))

    def _try(self, side: Ints) -> None:
        cost = self.block.cost(side)
        if cost < self.best:
            self.best, self.side = cost, side.copy()

    def rounded(self, f: Floats, groups: int = 1) -> Ints:
        """Return sides that agree with f where it is clearest, and are best where it is not.

        A spanning tree of the clearest edges, without its least clear ones, leaves `groups`
        groups of vertices; all ways in which they can stand to one another are tried. One
        group gives back the sides of a solution that is a partition already.
        """
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import minimum_spanning_tree

        from detente.lenses.balance.frustration.search_kernel import exhaust

        block, n = self.block, self.block.size
        doubt = csr_array((np.minimum(f, 1 - f) + 1e-3, (block.first, block.second)), shape=(n, n))
        tree = minimum_spanning_tree(doubt).tocoo()
        kept = np.argsort(tree.data, kind="stable")[: max(n - groups, 0)]
        first, two = tree.row[kept].astype(np.int64), tree.col[kept].astype(np.int64)
        held = np.isin(block.first * n + block.second, first * n + two)
        group, way = self._groups(held, f)
        count = int(group.max()) + 1
        matrix = np.zeros((count, count), dtype=np.int64)
        signed = block.weight * way[block.first] * way[block.second]
        np.add.at(matrix, (group[block.first], group[block.second]), signed)
        np.fill_diagonal(matrix, 0)
        side, least, most = (np.zeros(count, dtype=np.int64) for _ in range(3))
        exhaust(matrix + matrix.T, side, least, most)
        assigned: Ints = way * side[group]
        return assigned

    def improved(self, side: Ints, effort: int, seed: int, weight: Ints | None = None) -> Ints:
        """Return the sides that tabu search of `effort` flips a vertex makes of `side`."""
        from detente.lenses.balance.frustration.search_kernel import tabu

        chosen = self.block.weight if weight is None else weight
        better = side.copy()
        tabu(self.start, self.near, chosen[self.edge], better, effort * len(side), seed)
        return better

    def enumerate(self) -> tuple[Ints, Ints]:
        """Try all partitions; return each vertex's least and most frustrated weight at the best."""
        from detente.lenses.balance.frustration.search_kernel import exhaust

        n = self.block.size
        matrix = np.zeros((n, n), dtype=np.int64)
        matrix[self.block.first, self.block.second] = self.block.weight
        side, least, most = (np.zeros(n, dtype=np.int64) for _ in range(3))
        self.best, _ = exhaust(matrix + matrix.T, side, least, most)
        self.side, self.lower = side, self.best
        return least, most


def _cover(first: Ints, second: Ints) -> Ints:
    """Return vertices of which every one of the edges has at least one, few of them."""
    count = np.bincount(np.concatenate([first, second]))
    chosen: set[int] = set()
    order = np.argsort(-np.maximum(count[first], count[second]), kind="stable")
    for i, j in zip(first[order].tolist(), second[order].tolist(), strict=True):
        if i not in chosen and j not in chosen:
            chosen.add(i if count[i] >= count[j] else j)
    return np.array(sorted(chosen), dtype=np.int64)
