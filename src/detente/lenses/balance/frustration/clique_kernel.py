"""Compiled search for five vertices that stand to one another as five enemies do.

Arrays in, arrays out. The tests hold its plain twin.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from detente.architecture.system import Floats, Ints
from detente.kernels import njit
from detente.lenses.balance.frustration.search_kernel import Heap, NeighbourRows, _rise, _sink


class FiveBounds(NamedTuple):
    """How long fives are looked for.

    Attributes
    ----------
    draws, patience : int
        Most draws, and after how many without success in a row to stop.
    clear, limit, penalty : float
        Distance of vertices drawn, length looked for, growth of used edges.
    seed, room : int
        Decides the draws; most entries of the result.
    """

    draws: int
    patience: int
    clear: float
    limit: float
    penalty: float
    seed: int
    room: int


class WalkTree(NamedTuple):
    """Shortest walks from one vertex to both sheets, (2 n,): length, vertex before, edge to it."""

    dist: Floats
    before: Ints
    through: Ints


@njit(cache=True, nogil=True)
def _walks(rows: NeighbourRows, cost: Floats, source: int, tree: WalkTree, heap: Heap) -> None:
    """Find the shortest walks, below 1, from a vertex to both sheets of the double cover."""
    start, near, edge, negative = rows
    dist, before, through = tree
    keys, items = heap
    n = len(start) - 1
    for u in range(2 * n):
        dist[u] = np.inf
    dist[source], before[source] = 0.0, -1
    keys[0], items[0], size = 0.0, source, 1
    while size > 0:
        vertex, u = keys[0], items[0]
        size -= 1
        _sink(keys, items, size)
        if vertex > dist[u]:
            continue
        place, lifted = (u, False) if u < n else (u - n, True)
        for q in range(start[place], start[place + 1]):
            there = vertex + cost[edge[q]]
            target = near[q] + n if lifted != negative[edge[q]] else near[q]
            if there < dist[target] and there < 1.0:
                dist[target], before[target], through[target] = there, u, edge[q]
                _rise(keys, items, size, there, target)
                size += 1


@njit(cache=True, nogil=True)
def odd_fives(
    rows: NeighbourRows, length: Floats, fives: Ints, bounds: FiveBounds
) -> tuple[Ints, Ints, Ints]:
    """Find fives of vertices with ten walks between them that are shorter together than a limit.

    Whether a walk changes the sheet of the double cover has to be so that every triangle of
    the five is unbalanced: it does exactly between vertices on the same side of some division
    of the five, and all sixteen divisions are tried.

    Vertices are drawn one after the other, each at least ``bounds.clear`` away, on both sheets,
    from those before it: the others are as good as tied to one of them. The best five among those
    drawn is taken, and the edges of its walks become longer by ``bounds.penalty`` a walk, so that
    the next draw finds another one.

    Parameters
    ----------
    rows : NeighbourRows
        The block.
    length : float array (m,)
        Lengths, positive; walks of length 1 or more are not looked at.
    fives : int array (c, 5)
        Which five of the vertices drawn to try, each row ascending.
    bounds : FiveBounds
        What is looked for, and for how long.

    Returns
    -------
    int arrays
        Where each five starts, the edges of its walks, and how many walks use each.
    """
    draws, patience, clear, limit, penalty, seed, room = bounds
    near = rows.near
    n = len(rows.start) - 1
    k = fives.max() + 1
    cost = np.empty(len(length))
    for e in range(len(length)):
        cost[e] = length[e]
    dist = np.empty((k, 2 * n))
    before = np.empty((k, 2 * n), dtype=np.int64)
    through = np.empty((k, 2 * n), dtype=np.int64)
    heap = Heap(np.empty(4 * len(near) + 2), np.empty(4 * len(near) + 2, dtype=np.int64))
    free = np.empty(n, dtype=np.int64)
    drawn = np.empty(k, dtype=np.int64)
    times = np.zeros(len(length), dtype=np.int64)
    heads = np.zeros(draws + 1, dtype=np.int64)
    cycles = np.empty(room, dtype=np.int64)
    count = np.empty(room, dtype=np.int64)
    listed = used = idle = 0
    word = np.uint64(seed)
    for _ in range(draws):
        for v in range(n):
            free[v] = v
        left, many = n, 0
        while left and many < k:
            word = word * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
            v = free[np.int64((word >> np.uint64(33)) % np.uint64(left))]
            a = many
            drawn[a] = v
            many += 1
            _walks(rows, cost, v, WalkTree(dist[a], before[a], through[a]), heap)
            rest = 0
            for i in range(left):
                u = free[i]
                if dist[a, u] > clear and dist[a, u + n] > clear:
                    free[rest] = u
                    rest += 1
            left = rest
        best, chosen, way = limit, -1, 0
        for c in range(len(fives)):
            if fives[c, 4] < many:
                for signs in range(16):
                    total = 0.0
                    for i in range(1, 5):
                        for j in range(i):
                            w = drawn[fives[c, j]]
                            odd = ((signs >> i) ^ (signs >> j)) & 1 == 0
                            total += dist[fives[c, i], w + n if odd else w]
                    if total < best:
                        best, chosen, way = total, c, signs
        if chosen < 0:
            idle += 1
            if idle == patience:
                break
            continue
        idle, head = 0, used
        for i in range(1, 5):
            for j in range(i):
                a, w = fives[chosen, i], drawn[fives[chosen, j]]
                q = w + n if ((way >> i) ^ (way >> j)) & 1 == 0 else w
                while before[a, q] >= 0:
                    e = through[a, q]
                    if times[e] == 0 and used < room:
                        cycles[used] = e
                        used += 1
                    times[e] += 1
                    cost[e] += penalty
                    q = before[a, q]
        if used == room:
            used = head
            break
        for q in range(head, used):
            count[q] = times[cycles[q]]
            times[cycles[q]] = 0
        listed += 1
        heads[listed] = used
    return heads[: listed + 1], cycles[:used], count[:used]
