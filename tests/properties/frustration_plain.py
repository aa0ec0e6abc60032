"""Slow plain twins of the compiled searches, to hold them to.

They follow the definitions and nothing else, or the same steps without compilation.
"""

from __future__ import annotations

import math
from itertools import combinations, product

import numpy as np

from detente.architecture.system import Floats, Ints

_WORD = (1 << 64) - 1


def exhaust(weights: Ints) -> tuple[int, int, Ints, Ints]:
    """Return the least frustrated weight, how many partitions attain it, and each vertex's range.

    Parameters
    ----------
    weights : int array (n, n)
        Signed weights, symmetric, zero diagonal; n at most about 14.

    Returns
    -------
    best, count : int
        Partitions that differ only by the names of the sides count once.
    least, most : int array (n,)
        Frustrated weight at each vertex over the best partitions.
    """
    n = len(weights)
    sides = np.array([[*rest, 1] for rest in product((1, -1), repeat=n - 1)])
    frustrated = weights[None] * sides[:, :, None] * sides[:, None, :] < 0
    table = (np.abs(weights)[None] * frustrated).sum(axis=2)
    totals = table.sum(axis=1) // 2
    optimal = table[totals == totals.min()]
    return int(totals.min()), len(optimal), optimal.min(axis=0), optimal.max(axis=0)


def shortest_unbalanced(
    size: int, first: Ints, second: Ints, negative: Ints, length: Floats
) -> float:
    """Return the length of the shortest unbalanced cycle, infinite if there is none.

    By relaxing every edge of the double cover until nothing changes (Bellman 1958, Ford 1956).
    """
    return min(
        (float(_sheets(size, first, second, negative, length, v)[v, 1]) for v in range(size)),
        default=math.inf,
    )


def shortest_five(size: int, first: Ints, second: Ints, negative: Ints, length: Floats) -> float:
    """Return the least sum of ten walks, each shorter than 1, that join five as enemies.

    Infinite if there are no such walks. The walk between two of the five has an odd number of
    negative edges if they are on the same side of a division of the five, else an even one.
    """
    dist = np.stack([_sheets(size, first, second, negative, length, v) for v in range(size)])
    dist[dist >= 1] = math.inf
    best = math.inf
    for five in combinations(range(size), 5):
        for side in product((0, 1), repeat=5):
            pairs = combinations(range(5), 2)
            total = sum(dist[five[i], five[j], int(side[i] == side[j])] for i, j in pairs)
            best = min(best, float(total))
    return best


def _sheets(
    size: int, first: Ints, second: Ints, negative: Ints, length: Floats, source: int
) -> Floats:
    """Return the distances (n, 2) of a vertex from all others, by even and by odd walks."""
    dist = np.full((size, 2), math.inf)
    dist[source, 0] = 0.0
    while True:
        before = dist.copy()
        for i, j, odd, w in zip(first, second, negative, length, strict=True):
            for sheet in (0, 1):
                other = sheet ^ int(odd)
                dist[j, other] = min(dist[j, other], dist[i, sheet] + w)
                dist[i, other] = min(dist[i, other], dist[j, sheet] + w)
        if (dist == before).all():
            return dist


def tabu(start: Ints, near: Ints, weight: Ints, side: Ints, steps: int, seed: int) -> int:
    """Do what the compiled tabu search does, step by step; see there."""
    n = len(side)
    x = [int(s) for s in side]
    rows = [
        list(
            zip(
                near[start[i] : start[i + 1]].tolist(),
                weight[start[i] : start[i + 1]].tolist(),
                strict=True,
            )
        )
        for i in range(n)
    ]
    gain = [sum(w * x[i] * x[j] for j, w in rows[i]) for i in range(n)]
    cost = sum(-w * x[i] * x[j] for i in range(n) for j, w in rows[i] if w * x[i] * x[j] < 0) // 2
    best, free, word = cost, [0] * n, seed

    def draw(most: int) -> int:
        nonlocal word
        word = (word * 6364136223846793005 + 1442695040888963407) & _WORD
        return (word >> 33) % most

    for step in range(1, steps + 1):
        allowed = [i for i in range(n) if free[i] < step or cost + gain[i] < best]
        if not allowed:
            continue
        chosen, ties = allowed[0], 1
        for i in allowed[1:]:
            if gain[i] < gain[chosen]:
                chosen, ties = i, 1
            elif gain[i] == gain[chosen]:
                ties += 1
                if draw(ties) == 0:
                    chosen = i
        free[chosen] = step + 10 + draw(n // 20 + 5)
        cost += gain[chosen]
        x[chosen] = -x[chosen]
        gain[chosen] = -gain[chosen]
        for j, w in rows[chosen]:
            gain[j] += 2 * w * x[chosen] * x[j]
        if cost < best:
            best = cost
            side[:] = x
    return int(best)
