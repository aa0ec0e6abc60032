"""Compiled updates of the contest: many changes of ties, each around one state.

With psi = Gamma on the active states and 0 elsewhere, performance is psi (S - c S**2) and
payoff psi (1 - c S) - c x (prize 1). A change around state c, with steps d_j of the pairs (c, j),
moves psi at c, at those j and at the states that enter or leave the active set, and moves the
inverse M by rank two (Woodbury). So every delta is::

    (S - S') c (psi + M psi) + (S'**2 - S**2) c M c psi - sum_j coef_j c M_j  (+ extra_j at j)

with few j. The plain twins are `Lens.deltas` and `reduce_deltas`.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Signs = NDArray[np.int8]

# Sums may be reordered and contracted; NaN and infinity keep their meaning.
MATHS = {"reassoc", "contract", "arcp", "nsz"}
FINE, UNDEFINED, AGAIN = 0, 1, 2
CANCELLED = 1e-6  # share of its terms below which the capacitance determinant is not trusted


@njit(cache=True, nogil=True)
def _centre(k: int, ptr: Ints, first: Ints, second: Ints) -> int:
    """Return the state that all edits of change k share, or -1."""
    start, stop = ptr[k], ptr[k + 1]
    for candidate in (first[start], second[start]):
        shared = True
        for e in range(start, stop):
            # Exactly one end of the pair: a state has no tie to itself.
            shared = shared and ((first[e] == candidate) != (second[e] == candidate))
        if shared:
            return candidate
    return -1


@njit(cache=True, nogil=True)
def _effect(
    k: int,
    ptr: Ints,
    first: Ints,
    second: Ints,
    ally: Floats,
    rival: Floats,
    allies: Floats,
    rivals: Floats,
    beta: float,
    gamma: float,
    even: bool,
    total: float,
    square: float,
    active: int,
    inverse: Floats,
    weight: Floats,
    vulnerability: Floats,
    cost: Floats,
    psi: Floats,
    reach: Floats,
    spent: Floats,
    order: Ints,
    rank: Ints,
    sums: Floats,
    cost_sums: Floats,
    place: Ints,
    node: Ints,
    step: Floats,
    moved: Floats,
    coef: Floats,
    extra: Floats,
) -> tuple[int, float, float, int]:
    """Write the nodes of change k with their coefficients; return status, two factors, nodes.

    `place` holds -1 everywhere before and after: the position of a state among the nodes.
    """
    start, stop = ptr[k], ptr[k + 1]
    if start == stop:
        return FINE, 0.0, 0.0, 0
    centre = _centre(k, ptr, first, second)
    if centre < 0:
        return AGAIN, 0.0, 0.0, 0

    # The edited pairs; the last edit of a pair counts.
    nodes = 1
    node[0], step[0], place[centre] = centre, 0.0, 0
    for e in range(start, stop):
        j = second[e] if first[e] == centre else first[e]
        if place[j] < 0:
            place[j] = nodes
            node[nodes] = j
            nodes += 1
        step[place[j]] = beta * (ally[e] - allies[centre, j]) - gamma * (
            rival[e] - rivals[centre, j]
        )

    # The new vulnerabilities.
    width = 0.0
    for a in range(1, nodes):
        width += step[a]
    positive = True
    for a in range(nodes):
        i = node[a]
        after = weight[i] + (width if a == 0 else step[a])
        positive = positive and after > 0.0
        moved[a] = 1.0 / after - vulnerability[i] if after > 0.0 else 0.0

    # The new active set: the `border` cheapest states.
    border = active
    if not even:
        n = len(cost)
        while (
            border < n
            and _exceeded(border, nodes, node, moved, cost, order, rank, sums, cost_sums) < 1.0
        ):
            border += 1
        while (
            border > 1
            and _exceeded(border - 1, nodes, node, moved, cost, order, rank, sums, cost_sums) >= 1.0
        ):
            border -= 1
    gammas, priced = sums[border], cost_sums[border]
    for a in range(nodes):
        if rank[node[a]] < border:
            gammas += moved[a]
            priced += moved[a] * cost[node[a]]
    if not positive or gammas <= 1.0:
        for a in range(nodes):
            place[node[a]] = -1
        return UNDEFINED, 0.0, 0.0, 0
    new_total = (gammas - 1.0) / priced
    new_square = new_total * new_total

    # How much psi moves at each node; the states that cross the border become nodes.
    edited = nodes
    for a in range(edited):
        i = node[a]
        moved[a] = (vulnerability[i] + moved[a] if rank[i] < border else 0.0) - psi[i]
    for r in range(min(active, border), max(active, border)):
        i = order[r]
        if place[i] < 0:
            place[i] = nodes
            node[nodes], step[nodes] = i, 0.0
            moved[nodes] = vulnerability[i] if border > active else -vulnerability[i]
            nodes += 1
    for a in range(nodes):
        i = node[a]
        place[i] = -1
        coef[a] = moved[a] * (new_total - new_square * cost[i])
        extra[a] = moved[a] * (1.0 - cost[i] * new_total)

    # Woodbury: the effort of the centre and of its steps, before and after.
    corner = inverse[centre, centre]
    link, inner = 1.0, 0.0
    at_centre = new_total * reach[centre] - new_square * spent[centre]
    at_steps = 0.0
    for b in range(nodes):
        at_centre += coef[b] * inverse[centre, node[b]]
    for a in range(1, edited):
        i = node[a]
        link += step[a] * inverse[centre, i]
        here = new_total * reach[i] - new_square * spent[i]
        along = 0.0
        for b in range(nodes):
            here += coef[b] * inverse[i, node[b]]
        for b in range(1, edited):
            along += step[b] * inverse[i, node[b]]
        at_steps += step[a] * here
        inner += step[a] * along
    determinant = corner * inner - link * link
    if abs(determinant) < CANCELLED * (link * link + abs(corner * inner)):
        return AGAIN, 0.0, 0.0, 0
    for_steps = (corner * at_steps - link * at_centre) / determinant
    coef[0] -= (inner * at_centre - link * at_steps) / determinant
    for a in range(1, edited):
        coef[a] -= for_steps * step[a]
    return FINE, total - new_total, new_square - square, nodes


@njit(cache=True, nogil=True)
def _exceeded(
    r: int,
    nodes: int,
    node: Ints,
    moved: Floats,
    cost: Floats,
    order: Ints,
    rank: Ints,
    sums: Floats,
    cost_sums: Floats,
) -> float:
    """Return the sum that is below 1 exactly when the state of rank r is active."""
    at = cost[order[r]]
    out = sums[r] - cost_sums[r] / at
    for a in range(nodes):
        if rank[node[a]] < r:
            out += moved[a] * (1.0 - cost[node[a]] / at)
    return out


@njit(cache=True, nogil=True, fastmath=MATHS)
def _row(
    by_total: float,
    by_square: float,
    nodes: int,
    node: Ints,
    coef: Floats,
    extra: Floats,
    priced: Floats,
    total_row: Floats,
    square_row: Floats,
    row: Floats,
) -> None:
    """Write the deltas of one change."""
    n = len(row)
    if nodes == 0:
        row[:] = 0.0
        return
    p, q = coef[0], coef[1]
    of_p, of_q = priced[node[0]], priced[node[1]]
    for s in range(n):
        row[s] = by_total * total_row[s] + by_square * square_row[s] - (p * of_p[s] + q * of_q[s])
    for a in range(2, nodes):
        p, of_p = coef[a], priced[node[a]]
        for s in range(n):
            row[s] -= p * of_p[s]
    for a in range(nodes):
        row[node[a]] += extra[a]


@njit(cache=True, nogil=True, fastmath=MATHS)
def _sums(row: Floats, tolerance: float) -> tuple[float, float, float]:
    """Return the gains, the losses and the number of states that lose more than the tolerance."""
    gain, loss, harmed = 0.0, 0.0, 0.0
    for s in range(len(row)):
        value = row[s]
        gain += max(value, 0.0)
        loss += max(-value, 0.0)
        harmed += 1.0 if value < -tolerance else 0.0
    return gain, loss, harmed


@njit(cache=True, nogil=True)
def deltas(
    ptr: Ints,
    first: Ints,
    second: Ints,
    ally: Floats,
    rival: Floats,
    allies: Floats,
    rivals: Floats,
    beta: float,
    gamma: float,
    even: bool,
    total: float,
    square: float,
    active: int,
    inverse: Floats,
    priced: Floats,
    weight: Floats,
    vulnerability: Floats,
    cost: Floats,
    psi: Floats,
    reach: Floats,
    spent: Floats,
    total_row: Floats,
    square_row: Floats,
    order: Ints,
    rank: Ints,
    sums: Floats,
    cost_sums: Floats,
    out: Floats,
) -> Ints:
    """Write the deltas of every change; return the changes that have to be solved anew."""
    n, m = len(weight), len(ptr) - 1
    place, node = np.full(n, -1), np.empty(n, np.int64)
    step, moved, coef, extra = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    again, left = np.empty(m, np.int64), 0
    for k in range(m):
        status, by_total, by_square, nodes = _effect(
            k, ptr, first, second, ally, rival, allies, rivals, beta, gamma, even, total, square,
            active, inverse, weight, vulnerability, cost, psi, reach, spent, order, rank, sums,
            cost_sums, place, node, step, moved, coef, extra,
        )  # fmt: skip
        if status == FINE:
            _row(
                by_total, by_square, nodes, node, coef, extra, priced, total_row, square_row, out[k]
            )
        else:
            out[k, :] = np.nan
        if status == AGAIN:
            again[left] = k
            left += 1
    return again[:left].copy()


@njit(cache=True, nogil=True)
def screen(
    begin: int,
    end: int,
    ptr: Ints,
    first: Ints,
    second: Ints,
    ally: Floats,
    rival: Floats,
    actor_ptr: Ints,
    actor: Ints,
    allies: Floats,
    rivals: Floats,
    beta: float,
    gamma: float,
    even: bool,
    total: float,
    square: float,
    active: int,
    inverse: Floats,
    priced: Floats,
    weight: Floats,
    vulnerability: Floats,
    cost: Floats,
    psi: Floats,
    reach: Floats,
    spent: Floats,
    total_row: Floats,
    square_row: Floats,
    order: Ints,
    rank: Ints,
    sums: Floats,
    cost_sums: Floats,
    tolerance: float,
    least: Floats,
    desire: Floats,
    gain: Floats,
    loss: Floats,
    harmed: Ints,
    sign: Signs,
    pays: Floats,
) -> Ints:
    """Reduce the changes begin..end to verdicts; return those that have to be solved anew.

    `pays` has the payer in its columns here, so that a change adds to whole rows. `sign` has no
    rows where signs are not wanted.
    """
    n = len(weight)
    place, node = np.full(n, -1), np.empty(n, np.int64)
    step, moved, coef, extra = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    row = np.empty(n)
    again, left = np.empty(end - begin, np.int64), 0
    for k in range(begin, end):
        status, by_total, by_square, nodes = _effect(
            k, ptr, first, second, ally, rival, allies, rivals, beta, gamma, even, total, square,
            active, inverse, weight, vulnerability, cost, psi, reach, spent, order, rank, sums,
            cost_sums, place, node, step, moved, coef, extra,
        )  # fmt: skip
        if status != FINE:
            least[k] = desire[k] = gain[k] = loss[k] = np.nan
            if status == AGAIN:
                again[left] = k
                left += 1
            continue
        _row(by_total, by_square, nodes, node, coef, extra, priced, total_row, square_row, row)
        up, down, number = _sums(row, tolerance)
        gain[k], loss[k], harmed[k] = up, down, int(number)
        smallest, together = np.inf, 0.0
        for a in range(actor_ptr[k], actor_ptr[k + 1]):
            value = row[actor[a]]
            smallest = min(smallest, value)
            together += value
        least[k], desire[k] = smallest, together
        initiators = actor_ptr[k + 1] - actor_ptr[k]
        if initiators > 0 and smallest > tolerance and number > 0.0:
            portion = 1.0 / initiators
            for a in range(actor_ptr[k], actor_ptr[k + 1]):
                of = pays[actor[a]]
                for s in range(n):
                    of[s] += portion * (-row[s] if row[s] < -tolerance else 0.0)
        if len(sign) > 0:
            for s in range(n):
                sign[k, s] = (row[s] > tolerance) - (row[s] < -tolerance)
    return again[:left].copy()
