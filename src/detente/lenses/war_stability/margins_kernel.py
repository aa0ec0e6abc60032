"""Compiled kernels of the lens `war_stability`: what many changes of ties do to every margin.

Each kernel walks through the changes one at a time: it applies the edits to tables of its own,
recomputes the margins that the edits can touch, reduces the differences to verdicts, and puts
back the saved entries themselves, so that nothing drifts from one change to the next. The plain
twins are `Lens.deltas` and `reduce_deltas`, which start again from the formulas for each change.

All buffers belong to the call and the kernels release the interpreter's lock: any number of
threads may run them at once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from detente.architecture.system import Floats, Ints
from detente.kernels import njit
from detente.lenses.kernel_arrays import (
    DESIRE,
    GAIN,
    LEAST,
    LOSS,
    MOST,
    Deciders,
    TieEdits,
    VerdictArrays,
)
from detente.lenses.war_stability.cliques_kernel import NO_LIMIT, CliqueValues, Words, search
from detente.lenses.war_stability.coalitions import ALLIED

LISTED = 2_000
"""Most maximal cliques that are kept in a list; with more, every change starts a new search."""


class MarginBounds(NamedTuple):
    """The defender's advantage, and the delta below which nobody is harmed."""

    advantage: float
    tolerance: float


class Listed(NamedTuple):
    """The first `number` maximal cliques, as sets of states, and the strength of each."""

    cliques: Words
    power: Floats
    number: int


class Shifts(NamedTuple):
    """What one change gives: `delta` (n,) is zero outside ``touched[:count]``."""

    delta: Floats
    touched: Ints


@njit(cache=True, nogil=True)
def _reduce(
    k: int,
    who: Deciders,
    shifts: Shifts,
    count: int,
    tolerance: float,
    table: Floats,
    verdicts: VerdictArrays,
) -> None:
    """Reduce what change `k` gives to its verdicts, and to its row of a table that has rows."""
    figures, harmed, sign, pays = verdicts
    delta, touched = shifts
    actor, begin, end = who.state, who.ptr[k], who.ptr[k + 1]
    if table.shape[0]:
        for t in range(count):
            table[k, touched[t]] = delta[touched[t]]
    lowest, highest, wish = np.inf, -np.inf, 0.0
    for a in range(begin, end):
        lowest, highest = min(lowest, delta[actor[a]]), max(highest, delta[actor[a]])
        wish += delta[actor[a]]
    figures[LEAST, k], figures[MOST, k], figures[DESIRE, k] = lowest, highest, wish
    won, lost, losers = 0.0, 0.0, 0
    for t in range(count):
        d = delta[touched[t]]
        if d > 0:
            won += d
        else:
            lost -= d
        if d < -tolerance:
            losers += 1
    figures[GAIN, k], figures[LOSS, k], harmed[k] = won, lost, losers
    if sign.shape[0]:
        for t in range(count):
            s = touched[t]
            if delta[s] < -tolerance:
                sign[k, s] = -1
            elif delta[s] > tolerance:
                sign[k, s] = 1
    if losers and lowest >= -tolerance and highest > tolerance:
        for t in range(count):
            s = touched[t]
            if delta[s] < -tolerance:
                for a in range(begin, end):
                    pays[s, actor[a]] = max(pays[s, actor[a]], -delta[s])


@njit(cache=True, nogil=True)
def star_changes(
    allies: Floats,
    shared: Floats,
    strength: Floats,
    bounds: MarginBounds,
    edits: TieEdits,
    who: Deciders,
    table: Floats,
    verdicts: VerdictArrays,
) -> None:
    """Judge every change under the star reading.

    With B = `allies` with ones on the diagonal and s = B M, the gap of target i against leader
    j is advantage * (s_i - K_ij + M_i B_ij) - (s_j - M_i B_ij). A change of the tie ab alters
    s and K in the rows and columns a and b only.

    Parameters
    ----------
    allies : array (n, n)
        Weights of the alliances, symmetric, zero diagonal.
    shared : array (n, n)
        K = B diag(M) B: the strength that the circles of two states have in common.
    strength : array (n,)
        Strength at home; its sum is positive.
    bounds, edits, who : named tuples
        See `MarginBounds`, `TieEdits` and `Deciders`.
    table : array (m, n) or (0, n)
        Takes the deltas where it has rows; zeros.
    verdicts : VerdictArrays
        Zeros, to be filled; `pays` has its rows.
    """
    ptr, first, second, ally, _ = edits
    advantage, tolerance = bounds
    n = strength.size
    total = 0.0
    b, common = np.zeros((n, n)), np.zeros((n, n))
    circle0, circle, gap0 = np.zeros(n), np.zeros(n), np.zeros((n, n))
    # The three leaders most dangerous to i: one of them is left when a tie of two changes.
    worst = np.zeros((n, 3), np.int64)
    touched = np.zeros(n, np.int64)
    for i in range(n):
        total += strength[i]
        circle0[i] = strength[i]
        touched[i] = i
        for j in range(n):
            circle0[i] += allies[i, j] * strength[j]
            b[i, j], common[i, j] = allies[i, j], shared[i, j]
        b[i, i], circle[i] = 1.0, circle0[i]
        worst[i, 0] = worst[i, 1] = worst[i, 2] = -1
    before, delta = np.zeros(n), np.zeros(n)
    shifts = Shifts(delta, touched)
    for i in range(n):
        lowest = advantage * circle[i]
        for j in range(n):
            own = strength[i] * b[i, j]
            gap0[i, j] = advantage * (circle[i] - common[i, j] + own) - (circle[j] - own)
            if j == i:
                continue
            lowest = min(lowest, gap0[i, j])
            new = j
            for rank in range(3):
                old = worst[i, rank]
                if old < 0 or gap0[i, new] < gap0[i, old]:
                    worst[i, rank], new = new, old
                    if old < 0:
                        break
        before[i] = lowest / total
    edited, is_edited = np.zeros(n, np.int64), np.zeros(n, np.bool_)
    for k in range(ptr.size - 1):
        ends = 0
        for e in range(ptr[k], ptr[k + 1]):
            if ally[e] != b[first[e], second[e]]:
                for x in (first[e], second[e]):
                    if not is_edited[x]:
                        is_edited[x] = True
                        edited[ends] = x
                        ends += 1
        if ends == 0:
            _reduce(k, who, shifts, 0, tolerance, table, verdicts)
            continue
        for e in range(ptr[k], ptr[k + 1]):
            step = ally[e] - b[first[e], second[e]]
            if step == 0.0:
                continue
            for side in range(2):
                x = first[e] if side == 0 else second[e]
                y = second[e] if side == 0 else first[e]
                add = step * strength[y]
                circle[x] += add
                # Only rows of edited states are read, so only they are kept right.
                for j in range(n):
                    common[x, j] += add * b[y, j]
                for t in range(ends):
                    common[edited[t], x] += add * b[y, edited[t]]
                common[x, x] += step * add
            b[first[e], second[e]] = b[second[e], first[e]] = ally[e]
        for i in range(n):
            lowest = advantage * circle[i]
            if is_edited[i]:
                for j in range(n):
                    if j != i:
                        own = strength[i] * b[i, j]
                        held = circle[i] - common[i, j] + own
                        lowest = min(lowest, advantage * held - (circle[j] - own))
            else:
                for t in range(ends):
                    j = edited[t]
                    own = strength[i] * b[i, j]
                    held = circle[i] - common[j, i] + own
                    lowest = min(lowest, advantage * held - (circle[j] - own))
                rank = 0
                while rank < 3 and worst[i, rank] >= 0 and is_edited[worst[i, rank]]:
                    rank += 1
                if rank < 3:
                    if worst[i, rank] >= 0:
                        lowest = min(lowest, gap0[i, worst[i, rank]])
                else:
                    for j in range(n):
                        if j != i and not is_edited[j]:
                            lowest = min(lowest, gap0[i, j])
            delta[i] = lowest / total - before[i]
        _reduce(k, who, shifts, n, tolerance, table, verdicts)
        for i in range(n):
            delta[i] = 0.0
        for e in range(ptr[k], ptr[k + 1]):
            i, j = first[e], second[e]
            b[i, j] = b[j, i] = allies[i, j]
        for t in range(ends):
            x = edited[t]
            is_edited[x] = False
            circle[x] = circle0[x]
            for j in range(n):
                common[x, j] = shared[x, j]


@njit(cache=True, nogil=True)
def _turn(i: int, j: int, near: Floats, sets: Words) -> None:
    """Make allies of two states that are none, or the reverse."""
    near[i, j] = near[j, i] = 1.0 - near[i, j]
    sets[i, j >> 6] ^= np.uint64(1) << np.uint64(j & 63)
    sets[j, i >> 6] ^= np.uint64(1) << np.uint64(i & 63)


@njit(cache=True, nogil=True)
def _settle(
    i: int, near: Floats, start: Floats, add: Floats, strength: Floats, advantage: float
) -> None:
    """Write what state i is worth in a coalition, and its defence, from its alliances."""
    held = strength[i]
    for j in range(strength.size):
        held += near[i, j] * strength[j]
        add[i, j] = strength[i] * (1.0 + advantage * near[i, j])
    add[i, i] = 0.0
    start[i] = -advantage * held


@njit(cache=True, nogil=True)
def _weight(members: Words, within: Words, strength: Floats) -> float:
    """Return the strength of those members who are in the other set too."""
    weight = 0.0
    for t in range(members.size):
        rest, v = members[t] & within[t], 64 * t
        while rest:
            if rest & np.uint64(1):
                weight += strength[v]
            rest >>= np.uint64(1)
            v += 1
    return weight


@njit(cache=True, nogil=True)
def _best_of(
    listed: Listed,
    i: int,
    sets: Words,
    start: Floats,
    strength: Floats,
    advantage: float,
) -> float:
    """Return the greatest value for i of the listed cliques without it."""
    best: float = start[i]
    for c in range(listed.number):
        clique = listed.cliques[c]
        value = start[i] + listed.power[c] + advantage * _weight(clique, sets[i], strength)
        if (clique[i >> 6] >> np.uint64(i & 63)) & np.uint64(1):
            value -= strength[i]
        best = max(best, value)
    return best


@njit(cache=True, nogil=True)
def clique_changes(
    allied: Floats,
    strength: Floats,
    bounds: MarginBounds,
    edits: TieEdits,
    who: Deciders,
    table: Floats,
    verdicts: VerdictArrays,
) -> None:
    """Judge every change under the clique reading: a new search where an alliance comes or goes.

    Parameters
    ----------
    allied : array (n, n)
        1.0 for allies, else 0.0; symmetric, zero diagonal.
    strength, bounds, edits, who, table, verdicts
        As in `star_changes`. A weight of at least 0.5 is an alliance.
    """
    ptr, first, second, ally, _ = edits
    advantage, tolerance = bounds
    n = strength.size
    total = 0.0
    near = np.zeros((n, n))
    words = max(1, (n + 63) // 64)
    sets = np.zeros((n, words), np.uint64)
    start, start0, add = np.zeros(n), np.zeros(n), np.zeros((n, n))
    best, before, delta = np.zeros(n), np.zeros(n), np.zeros(n)
    everyone, common = np.zeros(words, np.uint64), np.zeros(words, np.uint64)
    unused, open_ = np.zeros((0, words), np.uint64), np.zeros(n)
    listed, power = np.zeros((LISTED, words), np.uint64), np.zeros(LISTED)
    count = LISTED + 1
    touched = np.zeros(n, np.int64)
    shifts = Shifts(delta, touched)
    for i in range(n):
        total += strength[i]
        touched[i] = i
        everyone[i >> 6] |= np.uint64(1) << np.uint64(i & 63)
        for k in range(n):
            near[i, k] = allied[i, k]
        _settle(i, near, start, add, strength, advantage)
        for k in range(n):
            if near[i, k] > 0:
                sets[i, k >> 6] |= np.uint64(1) << np.uint64(k & 63)
    for k in range(-1, ptr.size - 1):
        come, gone, a, b = 0, 0, 0, 0
        if k >= 0:
            for e in range(ptr[k], ptr[k + 1]):
                i, j = first[e], second[e]
                if (ally[e] >= ALLIED) != (near[i, j] > 0):
                    come, gone = come + (ally[e] >= ALLIED), gone + (ally[e] < ALLIED)
                    a, b = i, j
                    _turn(i, j, near, sets)
                    _settle(i, near, start, add, strength, advantage)
                    _settle(j, near, start, add, strength, advantage)
            if come + gone == 0:
                _reduce(k, who, shifts, 0, tolerance, table, verdicts)
                continue
        if come == 1 and gone == 0 and count <= LISTED:
            # Third states meet new coalitions only with both a and b in them. They themselves
            # meet the old ones, but with other defenders.
            for i in range(n):
                start[i] += add[a, i] + add[b, i]
                best[i] = max(before[i], start[i])
            more = np.uint64(0)
            for t in range(words):
                common[t] = sets[a, t] & sets[b, t]
                more |= common[t]
            if more:
                search(
                    sets, common, CliqueValues(start, add, best, open_),
                    np.bool_(False), unused, np.int64(NO_LIMIT),
                )  # fmt: skip
            for i in range(n):
                start[i] = start0[i]
            for side in range(2):
                i = a if side == 0 else b
                _settle(i, near, start, add, strength, advantage)
                old = Listed(listed, power, count)
                best[i] = _best_of(old, i, sets, start, strength, advantage)
        else:
            for i in range(n):
                best[i] = start[i]
            # Typed, so that it is the search compiled for a call from Python, not another one.
            visited = search(
                sets, everyone, CliqueValues(start, add, best, open_),
                np.bool_(False), listed if k < 0 else unused, np.int64(NO_LIMIT),
            )  # fmt: skip
        if k < 0:
            count = visited
            for c in range(min(count, LISTED)):
                power[c] = _weight(listed[c], everyone, strength)
            for i in range(n):
                before[i], start0[i] = best[i], start[i]
            continue
        for i in range(n):
            delta[i] = (before[i] - best[i]) / total
        _reduce(k, who, shifts, n, tolerance, table, verdicts)
        for i in range(n):
            delta[i] = 0.0
        for e in range(ptr[k], ptr[k + 1]):
            i, j = first[e], second[e]
            if near[i, j] != allied[i, j]:
                _turn(i, j, near, sets)
                _settle(i, near, start, add, strength, advantage)
                _settle(j, near, start, add, strength, advantage)
