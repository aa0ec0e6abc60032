"""Compiled searches on a block: exhaustive, tabu, and shortest unbalanced cycles.

Arrays in, arrays out. The tests hold their plain twins.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats, Ints
from detente.kernels import njit


class NeighbourRows(NamedTuple):
    """A block as rows of neighbours.

    Attributes
    ----------
    start : int array (n + 1,)
        Those of vertex v stand at ``start[v]:start[v + 1]``.
    near, edge : int arrays
        The neighbour, and the number of the edge.
    negative : bool array (m,)
        Whether an edge changes the sheet of the double cover.
    """

    start: Ints
    near: Ints
    edge: Ints
    negative: NDArray[np.bool_]


class CycleBounds(NamedTuple):
    """How long cycles are looked for: below `limit`, used edges growing by `penalty`.

    The search goes `passes` times through its sources at most, and returns `room` entries at most.
    """

    limit: float
    penalty: float
    passes: int
    room: int


class Heap(NamedTuple):
    """Items by rising keys, the least first."""

    keys: Floats
    items: Ints


@njit(cache=True, nogil=True)
def exhaust(weights: Ints, side: Ints, least: Ints, most: Ints) -> tuple[int, int]:
    """Try every partition in Gray-code order; return the least cost and how many attain it.

    Parameters
    ----------
    weights : int array (n, n)
        Signed weights, symmetric, zero diagonal; n at most about 30.
    side : int array (n,)
        Out: a best partition, -1 or 1 a vertex, vertex n - 1 on side 1.
    least, most : int array (n,)
        Out: smallest and largest frustrated weight at each vertex over all best partitions.
    """
    n = len(weights)
    x = np.ones(n, dtype=np.int64)
    degree = np.zeros(n, dtype=np.int64)
    gain = np.zeros(n, dtype=np.int64)
    cost = np.int64(0)
    for i in range(n):
        for j in range(n):
            degree[i] += abs(weights[i, j])
            gain[i] += weights[i, j]
            if weights[i, j] < 0:
                cost -= weights[i, j]
    cost //= 2
    best = cost
    count = np.int64(1)
    for i in range(n):
        side[i] = 1
        least[i] = most[i] = (degree[i] - gain[i]) // 2
    for step in range(1, 1 << (n - 1)):
        v = 0
        while not (step >> v) & 1:
            v += 1
        cost += gain[v]
        x[v] = -x[v]
        gain[v] = -gain[v]
        for j in range(n):
            gain[j] += 2 * weights[v, j] * x[v] * x[j]
        if cost < best:
            best, count = cost, np.int64(0)
            for i in range(n):
                side[i] = x[i]
                least[i] = most[i] = (degree[i] - gain[i]) // 2
        if cost == best:
            count += 1
            for i in range(n):
                frustrated = (degree[i] - gain[i]) // 2
                least[i] = min(least[i], frustrated)
                most[i] = max(most[i], frustrated)
    return int(best), int(count)


@njit(cache=True, nogil=True)
def tabu(start: Ints, near: Ints, weight: Ints, side: Ints, steps: int, seed: int) -> int:
    """Improve a partition by tabu search (Glover 1989); return the weight it frustrates.

    Parameters
    ----------
    start, near : int array
        Rows of neighbours.
    weight : int array
        Signed weight of each entry of `near`.
    side : int array (n,)
        In: where to begin, -1 or 1 a vertex; out: the best partition seen.
    steps : int
        Number of flips.
    seed : int
        Decides ties and how long a flip stays forbidden.
    """
    n = len(side)
    x = np.empty(n, dtype=np.int64)
    for i in range(n):
        x[i] = side[i]
    gain = np.zeros(n, dtype=np.int64)
    free = np.zeros(n, dtype=np.int64)
    cost = np.int64(0)
    for i in range(n):
        for k in range(start[i], start[i + 1]):
            z = weight[k] * x[i] * x[near[k]]
            gain[i] += z
            if z < 0:
                cost -= z
    cost //= 2
    best = cost
    word = np.uint64(seed)
    for step in range(1, steps + 1):
        chosen, low, ties = -1, np.int64(1) << 60, np.uint64(0)
        for i in range(n):
            if gain[i] <= low and (free[i] < step or cost + gain[i] < best):
                if gain[i] < low:
                    chosen, low, ties = i, gain[i], np.uint64(1)
                else:
                    ties += np.uint64(1)
                    word = word * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
                    if (word >> np.uint64(33)) % ties == np.uint64(0):
                        chosen = i
        if chosen < 0:
            continue
        word = word * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
        free[chosen] = step + 10 + np.int64((word >> np.uint64(33)) % np.uint64(n // 20 + 5))
        cost += gain[chosen]
        x[chosen] = -x[chosen]
        gain[chosen] = -gain[chosen]
        for k in range(start[chosen], start[chosen + 1]):
            gain[near[k]] += 2 * weight[k] * x[chosen] * x[near[k]]
        if cost < best:
            best = cost
            for i in range(n):
                side[i] = x[i]
    return int(best)


@njit(cache=True, nogil=True)
def _rise(keys: Floats, items: Ints, at: int, key: float, item: int) -> None:
    """Put an item into a heap from position `at` upwards."""
    while at > 0:
        above = (at - 1) >> 1
        if keys[above] <= key:
            break
        keys[at], items[at] = keys[above], items[above]
        at = above
    keys[at], items[at] = key, item


@njit(cache=True, nogil=True)
def _sink(keys: Floats, items: Ints, size: int) -> None:
    """Remove the first item of a heap of `size` + 1 items."""
    key, item, at = keys[size], items[size], 0
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        if below + 1 < size and keys[below + 1] < keys[below]:
            below += 1
        if keys[below] >= key:
            break
        keys[at], items[at] = keys[below], items[below]
        at = below
    keys[at], items[at] = key, item


@njit(cache=True, nogil=True)
def short_cycles(
    rows: NeighbourRows, length: Floats, sources: Ints, bounds: CycleBounds
) -> tuple[Ints, Ints]:
    """Find unbalanced cycles shorter than `limit`, one a source and pass.

    An unbalanced closed walk through v is a walk from v to its mirror in the double cover of
    the graph, where a negative edge changes the sheet. Both halves of the shortest one lie
    within half its length of v, so that one search of that radius suffices, with the mirrored
    labels as the other half.

    Every edge of a cycle found becomes longer by `penalty`, so that the next source finds
    another one; a source that finds none is not tried again, for lengths never fall. If
    nothing at all is returned, no such cycle runs through a source.

    Parameters
    ----------
    rows : NeighbourRows
        The block.
    length : float array (m,)
        Lengths, positive.
    sources : int array
        Where the cycles shall pass.
    bounds : CycleBounds
        What is looked for, and for how long.

    Returns
    -------
    int arrays
        Where each cycle starts, and the edges of all cycles.
    """
    start, near, edge, negative = rows
    limit, penalty, passes, room = bounds
    n = len(start) - 1
    cost = np.empty(len(length))
    for e in range(len(length)):
        cost[e] = length[e]
    dist = np.full(2 * n, np.inf)
    before = np.empty(2 * n, dtype=np.int64)
    through = np.empty(2 * n, dtype=np.int64)
    touched = np.empty(2 * n, dtype=np.int64)
    walk = np.empty(4 * n + 2, dtype=np.int64)
    odd = np.zeros(len(length), dtype=np.int64)
    keys = np.empty(2 * len(near) + 2)
    items = np.empty(2 * len(near) + 2, dtype=np.int64)
    heads = np.zeros(passes * len(sources) + 1, dtype=np.int64)
    cycles = np.empty(room, dtype=np.int64)
    alive = np.ones(len(sources), dtype=np.bool_)
    count = used = 0
    for turn in range(passes * len(sources)):
        if not alive[turn % len(sources)]:
            continue
        v = sources[turn % len(sources)]
        dist[v], before[v], touched[0], marks = 0.0, -1, v, 1
        keys[0], items[0], size = 0.0, v, 1
        best, left, link, right = limit, -1, -1, -1
        while size > 0:
            vertex, u = keys[0], items[0]
            size -= 1
            _sink(keys, items, size)
            if vertex > dist[u]:
                continue
            if 2 * vertex >= best:
                break
            place, lifted = (u, False) if u < n else (u - n, True)
            for k in range(start[place], start[place + 1]):
                e = edge[k]
                there = vertex + cost[e]
                if there >= best:
                    continue
                upper = lifted != negative[e]
                target = near[k] + n if upper else near[k]
                mirror = near[k] if upper else near[k] + n
                if there + dist[mirror] < best:
                    best, left, link, right = there + dist[mirror], u, e, mirror
                if there < dist[target] and 2 * there < best:
                    if dist[target] == np.inf:
                        touched[marks] = target
                        marks += 1
                    dist[target], before[target], through[target] = there, u, e
                    _rise(keys, items, size, there, target)
                    size += 1
        if left < 0:
            alive[turn % len(sources)] = False
        else:
            steps = 1
            walk[0] = link
            odd[link] += 1
            for end in (left, right):
                q = end
                while before[q] >= 0:
                    walk[steps] = through[q]
                    odd[through[q]] += 1
                    steps += 1
                    q = before[q]
            # Edges walked twice (a stem from the source) cancel: what is left is unbalanced.
            if used + steps <= room:
                for k in range(steps):
                    if odd[walk[k]] & 1:
                        cycles[used] = walk[k]
                        used += 1
                        cost[walk[k]] += penalty
                    odd[walk[k]] = 0
                count += 1
                heads[count] = used
            else:
                for k in range(steps):
                    odd[walk[k]] = 0
        for k in range(marks):
            dist[touched[k]] = np.inf
    return heads[: count + 1], cycles[:used]
