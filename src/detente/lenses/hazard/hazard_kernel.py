"""Compiled loops of the hazard lens: many changes, by the pairs that they touch.

A tie of i and j enters only the hazards of pairs with i or j in them. What such a pair brings
does not depend on the coefficients, so it is counted once for all draws (`change_terms`); a
draw then costs a few exponentials a pair (`deltas`). The plain twin is `security` of the lens.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from detente.architecture.system import Floats, Ints
from detente.lenses.kernel_arrays import TieEdits

SMALL = 1e-6


class PairTies(NamedTuple):
    """The system before any change: weights of ties (n, n), and shares of capability (n,)."""

    allies: Floats
    rivals: Floats
    share: Floats


class Touched(NamedTuple):
    """The pairs that changes touch: those of change k stand from ``start[k]`` on.

    `pair` (p, 2) are their states, `terms` (p, 8) what each brings after the change.
    """

    start: Ints
    pair: NDArray[np.int32]
    terms: Floats


class DrawnFit(NamedTuple):
    """One draw: what no tie moves in the log odds (n, n), the coefficients of `MOVED`, and m."""

    fixed: Floats
    beta: Floats
    decisive: float


TERMS = 8
"""What a pair brings to its two hazards, whatever the coefficients: the weight of its alliance,
its rivalry, log common allies, log allies of rivals, log common rivals, the log of either's
other rivals, and the balance of the two sides."""

MOVED = (
    "coalition_balance", "allied", "rivals", "common_allies_within", "common_allies_without",
    "ally_of_rival", "common_rivals", "other_rivals", "target_other_rivals",
)  # fmt: skip
"""Covariates that ties move, in the order of the coefficients `beta` of a draw."""


SUMS = 5
"""What the terms of a pair are made of: sums over third states of common allies, of allies of
rivals, of common rivals, and of the capability of either side."""


@njit(cache=True, nogil=True, error_model="numpy")
def _part(i: int, j: int, k: int, ties: PairTies, sign: float, sums: Floats) -> None:
    """Add what state k brings to the sums of the pair i, j, or take it away."""
    allies, rivals, share = ties
    a, b, r, q = allies[i, k], allies[j, k], rivals[i, k], rivals[j, k]
    sums[0] += sign * a * b
    sums[1] += sign * (a * q + r * b)
    sums[2] += sign * r * q
    if k != i and k != j:
        sums[3] += sign * a * (1 - b) * share[k]
        sums[4] += sign * b * (1 - a) * share[k]


@njit(cache=True, nogil=True, error_model="numpy")
def _terms(tie: float, rival: float, one: float, other: float, sums: Floats, row: Floats) -> None:
    """Write the terms of a pair into `row` (8,); `one` and `other` are its sides' rivals."""
    row[0], row[1] = tie, rival
    # Sums that were added to and taken from may lie a rounding below what they cannot be.
    for t in range(3):
        row[2 + t] = math.log1p(max(sums[t], 0.0))
    row[5], row[6] = math.log1p(max(one - rival, 0.0)), math.log1p(max(other - rival, 0.0))
    row[7] = math.log(max(sums[3], SMALL)) - math.log(max(sums[4], SMALL))


@njit(cache=True, nogil=True, error_model="numpy")
def _losses(i: int, j: int, terms: Floats, share: Floats, fit: DrawnFit) -> tuple[float, float]:
    """Return what j loses by i, and what i loses by j."""
    fixed, beta, decisive = fit
    tie, balance = terms[0], terms[7]
    joint = beta[1] * tie + beta[2] * terms[1]
    joint += (beta[3] * tie + beta[4] * (1 - tie)) * terms[2]
    joint += beta[5] * terms[3] + beta[6] * terms[4]
    own = fixed[i, j] + joint + beta[0] * balance + beta[7] * terms[5] + beta[8] * terms[6]
    theirs = fixed[j, i] + joint - beta[0] * balance + beta[7] * terms[6] + beta[8] * terms[5]
    odds = math.exp(-decisive * balance)
    to_j = 1 / ((1 + math.exp(-own)) * (1 + odds)) if share[i] > 0 else 0.0
    to_i = odds / ((1 + math.exp(-theirs)) * (1 + odds)) if share[j] > 0 else 0.0
    return to_j, to_i


@njit(cache=True, nogil=True, error_model="numpy")
def _counts(rivals: Floats) -> Floats:
    n = rivals.shape[0]
    count = np.zeros(n)
    for i in range(n):
        for j in range(n):
            count[i] += rivals[i, j]
    return count


@njit(cache=True, nogil=True, error_model="numpy")
def count_pairs(changes: TieEdits, n: int) -> Ints:
    """Return where the pairs of each change begin, (m + 1,): those with a touched state in them."""
    ptr, first, second = changes.ptr, changes.first, changes.second
    start = np.zeros(ptr.size, np.int64)
    mark = np.full(n, -1, np.int64)
    for k in range(ptr.size - 1):
        number = 0
        for e in range(ptr[k], ptr[k + 1]):
            for s in (first[e], second[e]):
                if mark[s] != k:
                    mark[s] = k
                    number += 1
        start[k + 1] = start[k] + number * (n - 1) - number * (number - 1) // 2
    return start


@njit(cache=True, nogil=True, error_model="numpy")
def base_terms(ties: PairTies, sums: Floats, terms: Floats) -> None:
    """Write sums (n, n, 5) and terms (n, n, 8) of every pair i < j, before any change."""
    allies, rivals, share = ties
    count = _counts(rivals)
    n = share.size
    for i in range(n):
        for j in range(i + 1, n):
            pair = sums[i, j]
            pair[:] = 0.0
            pair[3], pair[4] = share[i], share[j]
            for k in range(n):
                _part(i, j, k, ties, 1.0, pair)
            _terms(allies[i, j], rivals[i, j], count[i], count[j], pair, terms[i, j])


@njit(cache=True, nogil=True, error_model="numpy")
def change_terms(changes: TieEdits, ties: PairTies, sums: Floats, pairs: Touched) -> None:
    """Write, for each change, the pairs that it touches and their terms after it.

    Only what the changed ties bring to a pair's `sums` is taken away and added anew.
    """
    ptr, first, second, ally, rival = changes
    allies, rivals, share = ties
    start, pair, terms = pairs
    n = share.size
    new_allies, new_rivals = allies.copy(), rivals.copy()
    after = PairTies(new_allies, new_rivals, share)
    touched, mark = np.empty(n, np.int64), np.full(n, -1, np.int64)
    # Ties that a change moves, by state: a list of the other sides, without repetition.
    others, length = np.empty((n, n), np.int32), np.zeros(n, np.int64)
    count, own = _counts(rivals), np.empty(SUMS)
    for k in range(ptr.size - 1):
        number = 0
        for e in range(ptr[k], ptr[k + 1]):
            for s in (first[e], second[e]):
                if mark[s] < 0:
                    mark[s] = number
                    touched[number] = s
                    number += 1
        for e in range(ptr[k], ptr[k + 1]):
            i, j = first[e], second[e]
            again = False
            for t in range(length[i]):
                again |= others[i, t] == j
            if not again:
                others[i, length[i]], others[j, length[j]] = j, i
                length[i] += 1
                length[j] += 1
            count[i] += rival[e] - new_rivals[i, j]
            count[j] += rival[e] - new_rivals[i, j]
            new_allies[i, j] = new_allies[j, i] = ally[e]
            new_rivals[i, j] = new_rivals[j, i] = rival[e]
        p = start[k]
        for t in range(number):
            for s in range(n):
                if s == touched[t] or 0 <= mark[s] < t:
                    continue
                i, j = min(touched[t], s), max(touched[t], s)
                own[:] = sums[i, j]
                for side in (i, j):
                    for x in range(length[side]):
                        m = others[side, x]
                        if side == j and _listed(m, others[i], length[i]):
                            continue  # it was there for the other side
                        _part(i, j, m, ties, -1.0, own)
                        _part(i, j, m, after, 1.0, own)
                pair[p, 0], pair[p, 1] = i, j
                _terms(new_allies[i, j], new_rivals[i, j], count[i], count[j], own, terms[p])
                p += 1
        for t in range(number):
            i = touched[t]
            for x in range(length[i]):
                j = others[i, x]
                count[i] += rivals[i, j] - new_rivals[i, j]
                new_allies[i, j], new_rivals[i, j] = allies[i, j], rivals[i, j]
            length[i] = 0
            mark[i] = -1


@njit(cache=True, nogil=True, error_model="numpy")
def _listed(m: int, row: NDArray[np.int32], length: int) -> bool:
    x = 0
    while x < length and row[x] != m:
        x += 1
    return x < length


@njit(cache=True, nogil=True, error_model="numpy")
def deltas(base: Floats, share: Floats, pairs: Touched, fit: DrawnFit, gain: Floats) -> None:
    """Write what each change gives to each state into `gain` (m, n), which holds zeros.

    `base` (n, n, 8) are the terms of every pair before any change.
    """
    start, pair, terms = pairs
    n = share.size
    before = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1, n):
            before[i, j], before[j, i] = _losses(i, j, base[i, j], share, fit)
    for k in range(start.size - 1):
        for p in range(start[k], start[k + 1]):
            i, j = pair[p, 0], pair[p, 1]
            to_j, to_i = _losses(i, j, terms[p], share, fit)
            gain[k, j] -= to_j - before[i, j]
            gain[k, i] -= to_i - before[j, i]
