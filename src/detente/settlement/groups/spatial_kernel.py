"""One turn of the spatial model, compiled; the plain twin is `spatial_plain`.

Loops over (i, j, third party) instead of arrays of that size, and an option's utilities from what
it changes: two of n positions.
"""

from __future__ import annotations

import numpy as np

from detente.architecture.system import Floats
from detente.kernels import njit
from detente.settlement.groups.condorcet_model import TINY
from detente.settlement.groups.spatial_plain import BARGAIN_TINY, CONTEST_TINY, LEAST_GAIN, TIE


def play_turn(
    where: Floats,
    cares: Floats,
    weight: Floats,
    risk: Floats,
    own: float,
    other: float,
    loyal: int,
) -> tuple[Floats, Floats]:
    """Return the positions after a turn, and its bargains as rows; see the plain twin."""
    bargains = _bargains(where, cares, weight, risk, own, other, loyal)
    return _choices(where, cares, weight, risk, bargains), bargains


@njit(cache=True, nogil=True)
def _utility(a: Floats, b: Floats, care: Floats, risk: float) -> float:
    apart = whole = 0.0
    for k in range(a.shape[0]):
        apart += (care[k] * (a[k] - b[k])) ** 2
        whole += care[k] ** 2
    d = np.sqrt(apart / whole)
    return (1.0 - d) * (1.0 + risk * min(d, 1.0))  # type: ignore[no-any-return]


@njit(cache=True, nogil=True)
def _prevails(seen: Floats, strength: Floats, i: int, j: int, loyal: int) -> float:
    base_i = base_j = CONTEST_TINY
    vote = strength[i] * (seen[i, i] - seen[i, j])
    base_i, base_j = base_i + max(vote, 0.0), base_j + max(-vote, 0.0)
    vote = strength[j] * (seen[j, i] - seen[j, j])
    base_i, base_j = base_i + max(vote, 0.0), base_j + max(-vote, 0.0)
    side_i, side_j = base_i, base_j
    for n in range(seen.shape[0]):
        if n in (i, j):
            continue
        for_i, for_j, itself = seen[n, i], seen[n, j], seen[n, n]
        plain = strength[n] * (for_i - for_j)
        with_i, with_j = base_i + max(plain, 0.0), base_j + max(-plain, 0.0)
        p = with_i / (with_i + with_j)
        kept_i = for_j if loyal > 0 else itself
        kept_j = for_i if loyal > 0 else itself
        won_i = for_i if loyal == 2 else itself
        won_j = for_j if loyal == 2 else itself
        join_i = p * (2 * for_i + won_i) + (1 - p) * (2 * for_j + kept_i)
        join_j = p * (2 * for_i + kept_j) + (1 - p) * (2 * for_j + won_j)
        vote = strength[n] * (join_i - join_j)
        side_i, side_j = side_i + max(vote, 0.0), side_j + max(-vote, 0.0)
    return side_i / (side_i + side_j)  # type: ignore[no-any-return]


@njit(cache=True, nogil=True)
def _bargains(
    where: Floats,
    cares: Floats,
    weight: Floats,
    risk: Floats,
    own: float,
    other: float,
    loyal: int,
) -> Floats:
    n, depth = where.shape
    total = np.zeros(n)
    apart = np.empty((n, n))
    for i in range(n):
        total[i] = cares[i].sum()
        for j in range(n):
            apart[i, j] = 1.0 - _utility(where[i], where[j], cares[i], 0.0)
    strength = weight * total
    seen = np.empty((n, n))
    challenges = np.empty((n, 4 + 2 * depth))
    count = 0
    for i in range(n):
        for h in range(n):
            attitude = other * risk[h] + own * risk[i]
            for j in range(n):
                d = apart[h, j]
                seen[h, j] = (1.0 - d) * (1.0 + attitude * min(d, 1.0))
        best, chance, gain = -1, 0.0, 0.0
        for j in range(n):
            if j == i:
                continue
            p = _prevails(seen, strength, i, j, loyal)
            won, lost = 2 * seen[i, i], 2 * seen[i, j]
            value = (
                (1 - total[j]) * won + total[j] * (p * won + (1 - p) * lost) - 0.5 * (won + lost)
            )
            if value > LEAST_GAIN and value > gain + TIE:
                best, chance, gain = j, p, value
        if best < 0:
            continue
        row = challenges[count]
        row[0], row[1], row[2], row[3] = i, best, chance, gain
        for k in range(depth):
            g_i, g_j = (cares[i, k] * chance) ** 2, (cares[best, k] * (1 - chance)) ** 2
            whole = g_i + BARGAIN_TINY + g_j
            a, b = where[i, k], where[best, k]
            to_i = ((g_i + BARGAIN_TINY) * a + g_j * b) / whole
            to_j = (g_i * a + (g_j + BARGAIN_TINY) * b) / whole
            row[4 + k] = np.floor(to_i * 1e4 + 0.5) / 1e4
            row[4 + depth + k] = np.floor(to_j * 1e4 + 0.5) / 1e4
        count += 1
    return challenges[:count].copy()


@njit(cache=True, nogil=True)
def _choices(
    where: Floats, cares: Floats, weight: Floats, risk: Floats, bargains: Floats
) -> Floats:
    n, depth = where.shape
    stay = np.zeros((n, n))
    for h in range(n):
        for j in range(n):
            stay[h, j] = _utility(where[h], where[j], cares[h], risk[h])
    moved = where.copy()
    count = bargains.shape[0]
    part = np.empty(count + 1, np.int64)
    utility = np.empty((count + 1, n))
    score = np.empty(count + 1)
    for k in range(n):
        m = 1
        utility[0] = 0.0
        for b in range(count):
            i, j = int(bargains[b, 0]), int(bargains[b, 1])
            if k not in (i, j):
                continue
            for h in range(n):
                change_i = _utility(where[h], bargains[b, 4 : 4 + depth], cares[h], risk[h])
                change_j = _utility(where[h], bargains[b, 4 + depth :], cares[h], risk[h])
                utility[m, h] = (change_i - stay[h, i] + change_j - stay[h, j]) / n
            part[m] = b
            m += 1
        if m == 1:
            continue
        score[:m] = 0.0
        for a in range(m):
            for b in range(a):
                for_a = for_b = TINY
                for h in range(n):
                    vote = weight[h] * (utility[a, h] - utility[b, h])
                    for_a, for_b = for_a + max(vote, 0.0), for_b + max(-vote, 0.0)
                score[a] += np.log(for_a / (for_a + for_b))
                score[b] += np.log(for_b / (for_a + for_b))
        top = score[:m].max()
        chances = np.exp(score[:m] - top)
        chances /= chances.sum()
        best = 0
        while chances[best] <= chances.max() - TIE:
            best += 1
        if best > 0:
            row = bargains[part[best]]
            first = 4 if int(row[0]) == k else 4 + depth
            moved[k] = row[first : first + depth]
    return moved
