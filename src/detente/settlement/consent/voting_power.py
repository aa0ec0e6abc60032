"""Whose consent is pivotal: the power indices of simple games, exactly.

References
----------
Shapley, L. S. & Shubik, M. (1954), A Method for Evaluating the Distribution of Power in a
Committee System, American Political Science Review 48(3), 787-792.
Banzhaf, J. F. (1965), Weighted Voting Doesn't Work, Rutgers Law Review 19, 317-343.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from math import comb, lcm
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from detente.architecture.system import Floats, Ints
from detente.errors import Undefined, UsageError
from detente.settlement.arguments import choice, vector

INDICES = ("shapley", "banzhaf", "banzhaf_absolute")

MOST_LISTED = 20
"""Greatest number of players of a game given by its winning coalitions."""

MOST_WEIGHT = 200_000
"""Greatest quota, in the least common unit of the weights, that is counted exactly."""

Winning = Callable[[frozenset[int]], bool] | Iterable[Iterable[int]]


def power(
    weights: ArrayLike | None = None,
    quota: float | None = None,
    *,
    winning: Winning | None = None,
    n: int | None = None,
    index: str = "shapley",
) -> Floats:
    """Return the power of each player of a simple game.

    Parameters
    ----------
    weights : array_like (n,), optional
        Weight of each player's consent, at least 0.
    quota : float, optional
        Weight with which a coalition wins: it wins with the quota itself too (>=, not >).
    winning : callable or iterable of iterables of int, optional
        Instead of weights: whether a set of players wins, or the coalitions that win; whatever
        contains a winning coalition wins.
    n : int, optional
        Number of players, with `winning`; at most 20.
    index : str
        ``"shapley"``: share of orders in which a player turns a losing coalition into a winning
        one. ``"banzhaf"``: share of all swings. ``"banzhaf_absolute"``: swings / 2^(n-1).

    Returns
    -------
    array (n,)
        Counted in integers, divided once.

    Raises
    ------
    Undefined
        If no coalition wins, or the empty one does: nobody is ever pivotal.
    """
    choice("index", index, INDICES)
    swings = swings_by_size(weights, quota, winning=winning, n=n)
    players = len(swings)
    if index == "shapley":
        # s others come before in s! (n - s - 1)! / n! = 1 / (n C(n-1, s)) of all orders.
        values = [
            sum(
                (Fraction(c, players * comb(players - 1, s)) for s, c in enumerate(row)),
                Fraction(0),
            )
            for row in swings
        ]
    else:
        counts = [sum(row) for row in swings]
        whole = sum(counts) if index == "banzhaf" else 2 ** (players - 1)
        values = [Fraction(c, whole) for c in counts]
    return np.array([float(v) for v in values])


def swings_by_size(
    weights: ArrayLike | None = None,
    quota: float | None = None,
    *,
    winning: Winning | None = None,
    n: int | None = None,
) -> list[list[int]]:
    """Return for each player, by the number of the others, how often it turns a coalition.

    The sum of a row is the number of swings; arguments as for `power`.
    """
    if (weights is None) == (winning is None):
        raise UsageError("give either weights and a quota, or winning and n")
    if winning is not None:
        if quota is not None:
            raise UsageError("a quota goes with weights, not with winning")
        if n is None or isinstance(n, bool) or not isinstance(n, int) or n < 1:
            raise UsageError("winning needs n, the number of players, at least 1")
        if n > MOST_LISTED:
            raise UsageError(f"a game by its coalitions has at most {MOST_LISTED} players, not {n}")
        swings = _listed(_wins(winning, n), n)
    else:
        if quota is None or n is not None:
            raise UsageError("weights need a quota, and no n")
        heavy = np.asarray(weights)
        if heavy.ndim != 1 or not len(heavy):
            raise UsageError("weights must be a list of numbers")
        vector("weights", heavy, len(heavy), low=0)
        swings = _weighted(*_whole(list(np.asarray(weights).tolist()), quota))
    if not any(map(sum, swings)):
        raise Undefined("no player ever turns a coalition: none wins, or the empty one does")
    return swings


def _whole(weights: list[Any], quota: float) -> tuple[list[int], int]:
    """Return weights and quota as whole numbers in their least common unit."""
    exact = [Fraction(str(w)) for w in (*weights, quota)]
    unit = lcm(*(w.denominator for w in exact))
    whole = [int(w * unit) for w in exact]
    if whole[-1] > MOST_WEIGHT:
        raise UsageError(
            f"weights have no common unit that is coarse enough: the quota is {whole[-1]:,} of it, "
            f"at most {MOST_WEIGHT:,} can be counted; round the weights"
        )
    return whole[:-1], whole[-1]


def _weighted(weights: list[int], quota: int) -> list[list[int]]:
    """Count by generating function: rows by weight, each a number that packs counts by size."""
    players = len(weights)
    if quota <= 0:
        return [[0] * players for _ in weights]
    slot = players + 1  # bits of a count: at most 2^n coalitions
    rows = [0] * quota  # coalitions that fall short of the quota
    rows[0] = 1
    for w in weights:
        for total in range(quota - 1, w - 1, -1):
            if rows[total - w]:
                rows[total] += rows[total - w] << slot
    cache: dict[int, list[int]] = {}
    for w in set(weights):
        others = rows.copy()
        for total in range(w, quota):
            if w == 0:
                others[total] = _halved(others[total], slot, players)
            elif others[total - w]:
                others[total] -= others[total - w] << slot
        packed = sum(others[max(0, quota - w) :]) if w else 0
        cache[w] = [(packed >> (slot * s)) & ((1 << slot) - 1) for s in range(players)]
    return [cache[w] for w in weights]


def _halved(row: int, slot: int, players: int) -> int:
    """Take a player without weight out of a row; it never turns anything."""
    counts, before = 0, 0
    for s in range(players):
        before = ((row >> (slot * s)) & ((1 << slot) - 1)) - before
        counts |= before << (slot * s)
    return counts


def _wins(winning: Winning, n: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return for each set of players, as a bit mask, whether it wins."""
    if callable(winning):
        wins = np.zeros(1 << n, np.bool_)
        for mask in range(1 << n):
            wins[mask] = bool(winning(frozenset(k for k in range(n) if mask >> k & 1)))
        for k in range(n):
            pairs = wins.reshape(-1, 2, 1 << k)
            if (pairs[:, 0] & ~pairs[:, 1]).any():
                raise UsageError(f"winning is not monotone: a coalition loses once {k} joins it")
        return wins
    masks: Ints = np.arange(1 << n)
    wins = np.zeros(1 << n, np.bool_)
    for coalition in winning:
        members = sorted(set(coalition))
        wrong = [k for k in members if not 0 <= k < n]
        if wrong:
            raise UsageError(f"winning names player {wrong[0]}; players count from 0 to {n - 1}")
        mask = sum(1 << k for k in members)
        wins |= (masks & mask) == mask
    return wins


def _listed(wins: np.ndarray[Any, np.dtype[np.bool_]], n: int) -> list[list[int]]:
    masks: Ints = np.arange(1 << n)
    sizes = np.zeros(1 << n, np.int64)
    for k in range(n):
        sizes += masks >> k & 1
    swings = []
    for k in range(n):
        turned = wins.reshape(-1, 2, 1 << k)
        swing = (turned[:, 1] & ~turned[:, 0]).ravel()
        others = sizes.reshape(-1, 2, 1 << k)[:, 0].ravel()
        counts = np.bincount(others[swing], minlength=n)
        swings.append([int(c) for c in counts[:n]])
    return swings
