"""Compiled updates of the contest: many changes of ties, each around one state.

With psi = Gamma on the active states and 0 elsewhere, performance is psi (S - c S**2) and
payoff psi (1 - c S) - c x (prize 1). A change around state c, with steps d_j of the pairs (c, j),
moves psi at c, at those j and at the states that enter or leave the active set (the *nodes* of
the change), and moves the inverse M by rank two (Woodbury). So the deltas of a change are::

    (S - S') c (psi + M psi) + (S'**2 - S**2) c M c psi - sum_j coef_j c M_j,  + extra_j at j

with few j. `effects` finds the numbers, `sweep` goes over the states, `screen` does both in
batches that stay in the cache. It takes changes of every kind; `panel_kernel` is quicker
with the most frequent one, single pairs that decide for themselves. The plain twins are
`Lens.deltas` and `reduce_deltas`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from detente.architecture.system import Floats, Ints
from detente.lenses.contest.game import LEAST_WEIGHT
from detente.lenses.kernel_arrays import Deciders, TieEdits, VerdictArrays

Signs = NDArray[np.int8]
Place = np.uintp  # of a state; unsigned, so that indexing need not test for places below zero

# Long sums may be reordered; NaN and infinity keep their meaning. All else is strict: where a loop
# writes, the compiler vectorises it or not by where the arrays happen to lie, and with contracted
# or reordered operations the last bit would depend on it.
MATHS = {"reassoc", "contract", "arcp", "nsz"}
FINE, UNDEFINED, AGAIN, BORDER, JUDGED = range(5)
LATER = -1  # in the place of the number of those harmed: the change is still to be judged
CANCELLED = 1e-6  # share of its terms below which the capacitance determinant is not trusted
BATCH = 256  # changes at a time
# Columns of the figures by state. The last two say how the sums that decide whether the dearest
# active and the cheapest idle state contest the prize move with Gamma of the state.
WEIGHT, GAMMA, COST, ACTIVE, REACH, SPENT, FOR_LAST, FOR_NEXT = range(8)
# Columns of the sums over the cheapest states, in the order of costs.
SUM_GAMMA, SUM_PRICED, NEXT_COST = range(3)


class Network(NamedTuple):
    """Weights of ties (n, n) and the spill-overs of an effort."""

    allies: Floats
    rivals: Floats
    beta: float
    gamma: float


class Standing(NamedTuple):
    """What holds before any change.

    Attributes
    ----------
    total : float
        S, with the prize 1.
    active : int
        Number of states that contest the prize: the cheapest.
    inverse, priced : array (n, n)
        M, and M with its columns times the costs.
    figures : array (n, 8)
        The columns named above.
    base : array (2, n)
        c (psi + M psi) and c M c psi, with psi the Gamma of the active and 0 elsewhere.
    order, rank : int array (n,)
        The states by cost, and the place of each in that order.
    sums : array (n + 1, 3)
        Sums of Gamma and of c Gamma over the cheapest 0..n states, and the cost of the next.
    """

    total: float
    active: int
    inverse: Floats
    priced: Floats
    figures: Floats
    base: Floats
    order: Ints
    rank: Ints
    sums: Floats


class Given(NamedTuple):
    """The changes, who decides them, and the game before any of them."""

    edits: TieEdits
    who: Deciders
    network: Network
    standing: Standing


class Border(NamedTuple):
    """Of the active states: sums of Gamma and of c Gamma, and the sums that say whether the
    dearest active and the cheapest idle state contest the prize.
    """

    gammas: float
    priced: float
    over_last: float
    over_next: float


class Effects(NamedTuple):
    """Numbers of a batch of changes, with room for more nodes than it needs.

    Change begin + b has its status and its factors of the two base rows at b, and its nodes, with
    a coefficient and an extra each, at node_ptr[b]:node_ptr[b + 1]. `moved` and `step` are of the
    nodes as well; `place` holds -1 everywhere before and after: the position of a state among the
    nodes of one change.
    """

    place: Ints
    moved: Floats
    step: Floats
    status: Ints
    factor: Floats
    node_ptr: Ints
    node: Ints
    coef: Floats
    extra: Floats


@njit(cache=True, nogil=True, error_model="numpy")
def _pair(
    i: Place, j: Place, step: float, inverse: Floats, figures: Floats, border: Border
) -> tuple[int, float, float, float, float, float]:
    """Return status, new S, coefficients and extras of a change of one pair.

    The status is BORDER where the set of active states moves.
    """
    gammas, priced, over_last, over_next = border
    weight_i, weight_j = figures[i, WEIGHT] + step, figures[j, WEIGHT] + step
    if weight_i <= LEAST_WEIGHT or weight_j <= LEAST_WEIGHT:
        return UNDEFINED, 0.0, 0.0, 0.0, 0.0, 0.0
    gain_i = 1.0 / weight_i - figures[i, GAMMA]
    gain_j = 1.0 / weight_j - figures[j, GAMMA]
    last = over_last + gain_i * figures[i, FOR_LAST] + gain_j * figures[j, FOR_LAST]
    next_ = over_next + gain_i * figures[i, FOR_NEXT] + gain_j * figures[j, FOR_NEXT]
    if last >= 1.0 or next_ < 1.0:
        return BORDER, 0.0, 0.0, 0.0, 0.0, 0.0
    moved_i, moved_j = gain_i * figures[i, ACTIVE], gain_j * figures[j, ACTIVE]
    cost_i, cost_j = figures[i, COST], figures[j, COST]
    gammas += moved_i + moved_j
    if gammas <= 1.0:
        return UNDEFINED, 0.0, 0.0, 0.0, 0.0, 0.0
    total = (gammas - 1.0) / (priced + moved_i * cost_i + moved_j * cost_j)
    square = total * total
    coef_i, coef_j = moved_i * (total - square * cost_i), moved_j * (total - square * cost_j)
    m_ii, m_ij, m_jj = inverse[i, i], inverse[i, j], inverse[j, j]
    x_i = total * figures[i, REACH] - square * figures[i, SPENT] + coef_i * m_ii + coef_j * m_ij
    x_j = total * figures[j, REACH] - square * figures[j, SPENT] + coef_i * m_ij + coef_j * m_jj
    link = 1.0 + step * m_ij
    both = step * step * m_ii * m_jj
    determinant = both - link * link
    if abs(determinant) < CANCELLED * (link * link + abs(both)):
        return AGAIN, 0.0, 0.0, 0.0, 0.0, 0.0
    scale = step / determinant
    coef_i -= scale * (step * m_jj * x_i - link * x_j)
    coef_j -= scale * (step * m_ii * x_j - link * x_i)
    extra_i, extra_j = moved_i * (1.0 - total * cost_i), moved_j * (1.0 - total * cost_j)
    return FINE, total, coef_i, coef_j, extra_i, extra_j


@njit(cache=True, nogil=True, error_model="numpy")
def effects(begin: int, end: int, given: Given, harmed: Ints, batch: Effects) -> int:
    """Write the numbers of the changes begin..end; return where the room was full.

    A change is passed over unless `harmed` says that it is still to be judged.
    """
    ptr, first, second, ally, rival = given.edits
    allies, rivals, beta, gamma = given.network
    total, active, inverse, _, figures, _, order, rank, sums = given.standing
    place, moved, step, status, factor, node_ptr, node, coef, extra = batch
    n = len(place)
    node_ptr[0] = 0
    over_last, over_next = 0.0, 2.0
    if active > 1:
        over_last = sums[active - 1, SUM_GAMMA] - (
            sums[active - 1, SUM_PRICED] / sums[active - 1, NEXT_COST]
        )
    if active < n:
        over_next = sums[active, SUM_GAMMA] - sums[active, SUM_PRICED] / sums[active, NEXT_COST]
    at_border = Border(sums[active, SUM_GAMMA], sums[active, SUM_PRICED], over_last, over_next)
    for k in range(begin, end):
        b = k - begin
        z = node_ptr[b]  # its first node, the centre
        if z + n > len(node):
            return k
        start, stop = ptr[k], ptr[k + 1]
        node_ptr[b + 1] = z
        status[b] = FINE if harmed[k] == LATER else JUDGED
        factor[b, 0] = factor[b, 1] = 0.0
        if start == stop or status[b] == JUDGED:
            continue

        if stop == start + 1 and first[start] != second[start]:
            i, j = first[start], second[start]
            d = beta * (ally[start] - allies[i, j]) - gamma * (rival[start] - rivals[i, j])
            status[b], after_total, coef[z], coef[z + 1], extra[z], extra[z + 1] = _pair(
                Place(i), Place(j), d, inverse, figures, at_border
            )
            if status[b] == FINE:
                node[z], node[z + 1] = i, j
                factor[b, 0] = total - after_total
                factor[b, 1] = after_total * after_total - total * total
                node_ptr[b + 1] = z + 2
            if status[b] != BORDER:
                continue
            status[b] = FINE

        # The centre: the state that all pairs share.
        centre = first[start]
        shared = first[start] != second[start]
        for e in range(start + 1, stop):
            shared = shared and ((first[e] == centre) != (second[e] == centre))
        if not shared:
            centre = second[start]
            shared = first[start] != second[start]
            for e in range(start + 1, stop):
                shared = shared and ((first[e] == centre) != (second[e] == centre))
        if not shared:
            status[b] = AGAIN
            continue

        # The edited pairs; the last edit of a pair counts.
        top = z + 1
        node[z], step[z], place[centre] = centre, 0.0, z
        for e in range(start, stop):
            j = first[e] + second[e] - centre
            if place[j] < 0:
                place[j], node[top] = top, j
                top += 1
            step[place[j]] = beta * (ally[e] - allies[centre, j]) - gamma * (
                rival[e] - rivals[centre, j]
            )
        edited = top

        # The new vulnerabilities.
        width = 0.0
        for a in range(z + 1, edited):
            width += step[a]
        positive = True
        for a in range(z, edited):
            i = node[a]
            after = figures[i, WEIGHT] + (width if a == z else step[a])
            positive = positive and after > LEAST_WEIGHT
            moved[a] = 1.0 / after - figures[i, GAMMA] if after > LEAST_WEIGHT else 0.0

        # The new active set: the `border` cheapest states.
        border = active
        while border < n and _over(border, node[z:edited], moved[z:edited], given.standing) < 1.0:
            border += 1
        while (
            border > 1 and _over(border - 1, node[z:edited], moved[z:edited], given.standing) >= 1.0
        ):
            border -= 1

        # How much psi moves at each edited state, and the new S.
        gammas, priced = sums[border, SUM_GAMMA], sums[border, SUM_PRICED]
        for a in range(z, edited):
            i = node[a]
            place[i] = -1
            inside = 1.0 if rank[i] < border else 0.0
            gammas += inside * moved[a]
            priced += inside * moved[a] * figures[i, COST]
            moved[a] = inside * moved[a] + (inside - figures[i, ACTIVE]) * figures[i, GAMMA]
        if not positive or gammas <= 1.0:
            status[b] = UNDEFINED
            continue
        after_total = (gammas - 1.0) / priced
        after_square = after_total * after_total

        # The states that enter or leave the active set without an edit are nodes too.
        low, high = (active, border) if border > active else (border, active)
        for r in range(low, high):
            i = order[r]
            listed = False
            for a in range(z, edited):
                listed = listed or node[a] == i
            if not listed:
                node[top], step[top] = i, 0.0
                moved[top] = figures[i, GAMMA] if border > active else -figures[i, GAMMA]
                top += 1
        for a in range(z, top):
            cost = figures[node[a], COST]
            coef[a] = moved[a] * (after_total - after_square * cost)
            extra[a] = moved[a] * (1.0 - after_total * cost)

        # Woodbury: what the change of the inverse does to the efforts.
        link, inner, at_steps = 1.0, 0.0, 0.0
        at_centre = after_total * figures[centre, REACH] - after_square * figures[centre, SPENT]
        for c in range(z, top):
            at_centre += coef[c] * inverse[centre, node[c]]
        for a in range(z + 1, edited):
            i = node[a]
            link += step[a] * inverse[centre, i]
            value = after_total * figures[i, REACH] - after_square * figures[i, SPENT]
            along = 0.0
            for c in range(z, top):
                value += coef[c] * inverse[i, node[c]]
                along += step[c] * inverse[i, node[c]]
            at_steps += step[a] * value
            inner += step[a] * along
        corner = inverse[centre, centre]
        determinant = corner * inner - link * link
        if abs(determinant) < CANCELLED * (link * link + abs(corner * inner)):
            status[b] = AGAIN
            continue
        of_steps = (corner * at_steps - link * at_centre) / determinant
        coef[z] -= (inner * at_centre - link * at_steps) / determinant
        for a in range(z + 1, edited):
            coef[a] -= of_steps * step[a]
        factor[b, 0] = total - after_total
        factor[b, 1] = after_square - total * total
        node_ptr[b + 1] = top
    return end


@njit(cache=True, nogil=True, error_model="numpy")
def _over(r: int, node: Ints, moved: Floats, standing: Standing) -> float:
    """Return the sum that is below 1 exactly when the state of rank r is active."""
    figures, rank, sums = standing.figures, standing.rank, standing.sums
    at = sums[r, NEXT_COST]
    price: float = sums[r, SUM_GAMMA] - sums[r, SUM_PRICED] / at
    for a in range(len(node)):
        if rank[node[a]] < r:
            price += moved[a] * (1.0 - figures[node[a], COST] / at)
    return price


@njit(cache=True, nogil=True, error_model="numpy")
def _row(factor: Floats, base: Floats, v: float, of_i: Floats, w: float, of_j: Floats,
         row: Floats) -> None:  # fmt: skip
    p, q, by_total, by_square = factor[0], factor[1], base[0], base[1]
    for s in range(len(row)):
        row[s] = p * by_total[s] + q * by_square[s] - (v * of_i[s] + w * of_j[s])


@njit(cache=True, nogil=True, error_model="numpy")
def _minus(v: float, of_i: Floats, row: Floats) -> None:
    for s in range(len(row)):
        row[s] -= v * of_i[s]


@njit(cache=True, nogil=True, error_model="numpy", fastmath=MATHS)
def _sums(row: Floats, tolerance: float) -> tuple[float, float, float]:
    """Return the sum, the sum of magnitudes and the number of those harmed."""
    together, apart, number = 0.0, 0.0, 0.0
    for s in range(len(row)):
        together += row[s]
        apart += abs(row[s])
        number += 1.0 if row[s] < -tolerance else 0.0
    return together, apart, number


@njit(cache=True, nogil=True, error_model="numpy")
def _pay(tolerance: float, row: Floats, to_i: Floats) -> None:
    for s in range(len(row)):
        harm = -row[s] if row[s] < -tolerance else 0.0
        to_i[s] = harm if harm > to_i[s] else to_i[s]


@njit(cache=True, nogil=True, error_model="numpy")
def _pay_two(tolerance: float, row: Floats, to_i: Floats, to_j: Floats) -> None:
    for s in range(len(row)):
        harm = -row[s] if row[s] < -tolerance else 0.0
        to_i[s] = harm if harm > to_i[s] else to_i[s]
        to_j[s] = harm if harm > to_j[s] else to_j[s]


@njit(cache=True, nogil=True, error_model="numpy")
def sweep(
    begin: int, end: int, given: Given, batch: Effects, tolerance: float, row: Floats,
    table: Floats, verdicts: VerdictArrays,
) -> None:  # fmt: skip
    """Go over the states for the changes begin..end, whose numbers `effects` has written.

    `row` is room for one number a state.
    """
    n = len(row)
    verdict, harmed, sign, pays = verdicts
    actor_ptr, actor = given.who
    priced, base = given.standing.priced, given.standing.base
    _, _, _, status, factor, node_ptr, node, coef, extra = batch
    for k in range(begin, end):
        b = k - begin
        if status[b] == JUDGED:
            continue
        harmed[k] = 0
        if status[b] != FINE:
            for a in range(5):
                verdict[a, k] = np.nan
            if len(table) > 0:
                for s in range(n):
                    table[k, s] = np.nan
            continue
        start, stop = node_ptr[b], node_ptr[b + 1]
        if start == stop:
            for s in range(n):
                row[s] = 0.0
        else:
            _row(
                factor[b], base, coef[start], priced[node[start]],
                coef[start + 1], priced[node[start + 1]], row,
            )  # fmt: skip
            for a in range(start + 2, stop):
                _minus(coef[a], priced[node[a]], row)
            for a in range(start, stop):
                row[node[a]] += extra[a]
        together, apart, number = _sums(row, tolerance)
        least, most, desire = np.inf, -np.inf, 0.0
        for a in range(actor_ptr[k], actor_ptr[k + 1]):
            least = row[actor[a]] if row[actor[a]] < least else least
            most = row[actor[a]] if row[actor[a]] > most else most
            desire += row[actor[a]]
        verdict[0, k], verdict[1, k], verdict[4, k] = least, desire, most
        verdict[2, k], verdict[3, k] = 0.5 * (apart + together), 0.5 * (apart - together)
        harmed[k] = int(number)
        if len(table) > 0:
            for s in range(n):
                table[k, s] = row[s]
        if len(sign) > 0:
            for s in range(n):
                sign[k, s] = (row[s] > tolerance) - (row[s] < -tolerance)
        initiators = actor_ptr[k + 1] - actor_ptr[k]
        wanted = least >= -tolerance and most > tolerance
        if len(pays) > 0 and wanted and number > 0.0:
            i, j = actor[actor_ptr[k]], actor[actor_ptr[k + 1] - 1]
            if initiators == 2 and i != j:
                _pay_two(tolerance, row, pays[i], pays[j])
            else:
                for a in range(actor_ptr[k], actor_ptr[k + 1]):
                    _pay(tolerance, row, pays[actor[a]])


@njit(cache=True, nogil=True, error_model="numpy")
def screen(
    begin: int, end: int, given: Given, tolerance: float, table: Floats, verdicts: VerdictArrays,
    again: Ints,
) -> int:  # fmt: skip
    """Reduce the changes begin..end to verdicts, those that `harmed` says are still to be judged.

    Those that have to be solved anew are listed in `again`; returns their number.

    The `pays` of the verdicts have the payer in their columns, so that a change goes over whole
    rows. `table`, which takes the deltas themselves, has no rows where they are not wanted.
    """
    n = len(given.standing.figures)
    room = 4 * BATCH + 2 * n  # a change has at most n nodes; most have two
    batch = Effects(
        place=np.full(n, -1),
        moved=np.empty(room),
        step=np.empty(room),
        status=np.empty(BATCH, np.int64),
        factor=np.empty((BATCH, 2)),
        node_ptr=np.empty(BATCH + 1, np.int64),
        node=np.empty(room, np.int64),
        coef=np.empty(room),
        extra=np.empty(room),
    )
    row = np.empty(n)
    left = 0
    while begin < end:
        stop = end if end < begin + BATCH else begin + BATCH
        stop = effects(begin, stop, given, verdicts.harmed, batch)
        sweep(begin, stop, given, batch, tolerance, row, table, verdicts)
        for k in range(begin, stop):
            if batch.status[k - begin] == AGAIN:
                again[left] = k
                left += 1
        begin = stop
    return left
