"""The least weight of ties to give up so that a given number of camps remains, or any number.

Two camps are what balance asks for (`search.py`). Davis (1967) lets a graph have any number of
them: ties within are friendly, ties between hostile, which is so exactly if no cycle has just
one hostile tie. So the ties to give up are a lightest set that meets every such cycle. The
programme starts with none of these cycles and adds those that its solution leaves whole, until
there are none; each of its bounds is a lower bound of the index. Of a fixed number of camps
every vertex is given one by an integer programme.
"""

from __future__ import annotations

import math
import time
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats, Ints
from detente.lenses.balance.frustration.reduction import Block


@dataclass(frozen=True, eq=False)
class Camps:
    """A partition, the weight that it frustrates, and a lower bound of the least."""

    partition: Ints
    lower: int
    upper: int


def any_number(block: Block, deadline: float = math.inf) -> Camps:
    """Return the best partition into any number of camps.

    Parameters
    ----------
    block : Block
        The graph, with whole weights, as one block.
    deadline : float
        When to stop, by `time.monotonic`.

    References
    ----------
    Davis, J. A. (1967), Clustering and Structural Balance in Graphs, Human Relations 20(2),
    181-187.
    """
    weight = np.abs(block.weight).astype(float)
    cycles: list[list[int]] = []
    lower = 0
    given_up = np.zeros(len(weight), dtype=bool)
    best = np.zeros(block.size, dtype=np.int64)
    upper = _cost(block, best)
    alone = np.arange(block.size)
    if _cost(block, alone) < upper:
        best, upper = alone, _cost(block, alone)
    while lower < upper:
        partition = _components(block, (block.weight > 0) & ~given_up)
        cost = _cost(block, partition)
        if cost < upper:
            best, upper = partition, cost
        broken = _whole_cycles(block, given_up)
        if not broken:
            break
        cycles += broken
        seconds = deadline - time.monotonic()
        if seconds <= 0:
            break
        solved = _lightest(weight, cycles, seconds)
        if solved is None:
            break
        given_up, bound = solved
        lower = max(lower, math.ceil(bound - 1e-6))
    return Camps(_named(best), min(lower, upper), upper)


def fixed_number(block: Block, camps: int, deadline: float = math.inf) -> Camps:
    """Return the best partition into at most so many camps; parameters as of `any_number`."""
    free = any_number(block, deadline)
    if free.partition.max(initial=0) < camps:
        return free
    partition = _improved(block, np.minimum(free.partition, camps - 1), camps)
    upper, lower = _cost(block, partition), free.lower
    seconds = deadline - time.monotonic()
    if lower < upper and seconds > 0:
        solved = _assigned(block, camps, seconds)
        if solved is not None:
            lower = max(lower, math.ceil(solved.lower - 1e-6))
            if solved.upper < upper:
                partition, upper = solved.partition, solved.upper
    return Camps(_named(partition), min(lower, upper), upper)


def _cost(block: Block, partition: Ints) -> int:
    together = partition[block.first] == partition[block.second]
    broken = together != (block.weight > 0)
    return int(np.abs(block.weight)[broken].sum())


def _named(partition: Ints) -> Ints:
    """Return the same camps, numbered from 0 in the order of their first vertices."""
    _, first, place = np.unique(partition, return_index=True, return_inverse=True)
    ranks: Ints = np.argsort(np.argsort(first))[place].astype(np.int64)
    return ranks


def _components(block: Block, kept: NDArray[np.bool_]) -> Ints:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    ends = (block.first[kept], block.second[kept])
    graph = csr_array((np.ones(int(kept.sum())), ends), shape=(block.size, block.size))
    _, component = connected_components(graph, directed=False)
    return np.asarray(component, dtype=np.int64)


def _whole_cycles(block: Block, given_up: NDArray[np.bool_]) -> list[list[int]]:
    """Return cycles with one hostile tie of which no tie was given up: a shortest for each."""
    near: list[list[tuple[int, int]]] = [[] for _ in range(block.size)]
    for edge in np.flatnonzero((block.weight > 0) & ~given_up).tolist():
        a, b = int(block.first[edge]), int(block.second[edge])
        near[a].append((b, edge))
        near[b].append((a, edge))
    cycles = []
    for edge in np.flatnonzero((block.weight < 0) & ~given_up).tolist():
        start, end = int(block.first[edge]), int(block.second[edge])
        came: dict[int, tuple[int, int]] = {start: (-1, -1)}
        waiting = deque([start])
        while waiting and end not in came:
            vertex = waiting.popleft()
            for other, tie in near[vertex]:
                if other not in came:
                    came[other] = (vertex, tie)
                    waiting.append(other)
        if end in came:
            cycle, vertex = [edge], end
            while vertex != start:
                vertex, tie = came[vertex]
                cycle.append(tie)
            cycles.append(cycle)
    return cycles


def _lightest(
    weight: Floats, cycles: list[list[int]], seconds: float
) -> tuple[NDArray[np.bool_], float] | None:
    """Return the lightest set of ties that meets every cycle, and a lower bound of its weight."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    heads = np.concatenate([[0], np.cumsum([len(cycle) for cycle in cycles])])
    edges = np.concatenate([np.array(cycle) for cycle in cycles])
    rows = csr_array((np.ones(len(edges)), edges, heads), shape=(len(cycles), len(weight)))
    solved = milp(
        weight,
        constraints=LinearConstraint(rows, lb=1.0),
        integrality=np.ones(len(weight)),
        bounds=Bounds(0, 1),
        options={"time_limit": min(seconds, 1e9), "mip_rel_gap": 0.0},
    )
    if solved.x is None or solved.status not in (0, 1):
        return None
    bound = solved.mip_dual_bound if solved.status else solved.fun
    return solved.x > 0.5, float(bound if bound is not None else 0.0)


def _improved(block: Block, partition: Ints, camps: int) -> Ints:
    """Move vertices, one at a time, to the camp that suits their ties best."""
    partition = partition.copy()
    moved = True
    while moved:
        moved = False
        for vertex in range(block.size):
            own = (block.first == vertex) | (block.second == vertex)
            others = np.where(block.first[own] == vertex, block.second[own], block.first[own])
            pull = np.bincount(partition[others], block.weight[own], camps)
            better = int(np.argmax(pull))
            if pull[better] > pull[partition[vertex]]:
                partition[vertex] = better
                moved = True
    return partition


def _assigned(block: Block, camps: int, seconds: float) -> Camps | None:
    """Return the best assignment of vertices to camps, by integer programming."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import lil_array

    n, m = block.size, len(block.weight)
    width = n * camps + m
    rows = lil_array((n + m * camps * 2, width))
    low = np.full(rows.shape[0], -np.inf)
    high = np.full(rows.shape[0], np.inf)
    for vertex in range(n):
        rows[vertex, vertex * camps : (vertex + 1) * camps] = 1
        low[vertex] = high[vertex] = 1
    row = n
    for edge in range(m):
        a, b = int(block.first[edge]) * camps, int(block.second[edge]) * camps
        for camp in range(camps):
            if block.weight[edge] > 0:  # f is at least the difference of the two
                for one, other in ((a, b), (b, a)):
                    rows[row, one + camp], rows[row, other + camp] = 1, -1
                    rows[row, n * camps + edge] = -1
                    high[row] = 0
                    row += 1
            else:  # f is 1 where both are in the camp
                rows[row, a + camp] = rows[row, b + camp] = 1
                rows[row, n * camps + edge] = -1
                high[row] = 1
                row += 1
    upper = np.ones(width)
    for vertex in range(min(n, camps)):  # camps have no names: vertex k is in one of the first k
        upper[vertex * camps + vertex + 1 : (vertex + 1) * camps] = 0
    solved = milp(
        np.concatenate([np.zeros(n * camps), np.abs(block.weight).astype(float)]),
        constraints=LinearConstraint(rows.tocsr()[:row], low[:row], high[:row]),
        integrality=np.concatenate([np.ones(n * camps), np.zeros(m)]),
        bounds=Bounds(0, upper),
        options={"time_limit": min(seconds, 1e9), "mip_rel_gap": 0.0},
    )
    if solved.x is None or solved.status not in (0, 1):
        return None
    partition = np.argmax(solved.x[: n * camps].reshape(n, camps), axis=1).astype(np.int64)
    cost = _cost(block, partition)
    bound = solved.mip_dual_bound if solved.status else solved.fun
    return Camps(partition, math.floor(float(bound if bound is not None else 0.0) + 1e-6), cost)
