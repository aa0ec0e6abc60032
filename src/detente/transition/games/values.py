"""Shares of a joint worth: Shapley values, interactions of pairs, values within fixed groups.

A game is a worth v(S) for every set S of n players. It comes as a callable that takes a boolean
array (n,), or as an array of 2**n in which player i is bit i, the least significant first::

    shapley      phi_i = sum over S without i of |S|! (n-|S|-1)! / n! * (v(S+i) - v(S))
    interaction  I_ij  = sum over S without i, j of |S|! (n-|S|-2)! / (n-1)!
                         * (v(S+i+j) - v(S+i) - v(S+j) + v(S))
    owen         as shapley, over the orders in which every group stays together

A worth may be several numbers at once (one a state): trailing dimensions are kept.

References: Shapley, L. S. (1953), A value for n-person games, Annals of Mathematics Studies 28,
307-317; Owen, G. (1977), Values of games with a priori unions, Lecture Notes in Economics and
Mathematical Systems 141, 76-88; Grabisch, M. & Roubens, M. (1999), International Journal of
Game Theory 28, 547-565.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from detente.errors import UsageError

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Worth = Callable[[Bools], Any] | ArrayLike

MOST_EXACT = 24
"""Most players whose 2**n sets are all looked at; beyond, `sampled` takes orders at random."""


class Sampled(NamedTuple):
    """Shapley values from a sample of orders.

    Attributes
    ----------
    values : array (n,) or (n, ...)
        The mean marginal worth of each player.
    error : array of the same shape
        Its standard error, over pairs of an order and its reverse.
    orders : int
        How many orders were taken.
    """

    values: Floats
    error: Floats
    orders: int


def shapley(worth: Worth, n: int) -> Floats:
    """Return the Shapley value of each of n players, exactly.

    Parameters
    ----------
    worth : callable or array
        v(S) of a boolean array (n,), or an array of 2**n, player i being bit i (least
        significant first); in any unit.
    n : int
        Number of players, at most 24.

    Returns
    -------
    array (n,)
        In the unit of the worth; they add up to v(all) - v(nobody).

    Raises
    ------
    UsageError
        If the array has not 2**n entries, a worth is not a finite number, or there are more
        than 24 players.
    """
    table = tabulated(worth, n)
    if n == 0:
        return np.zeros((0, *table.shape[1:]))
    size = _sizes(n)
    # Every set counts plainly for its members and negatively for those who are not in it.
    before = _weights(n)  # by |S|, for S without the player
    outside = np.append(before, 0.0)[size]
    inside = np.insert(before, 0, 0.0)[size]
    above_nothing = table - table[0]
    return _sums_with(above_nothing, inside + outside) - _total(above_nothing, outside)


def interaction(worth: Worth, n: int) -> Floats:
    """Return how much each pair of players is worth beyond the two apart (Grabisch & Roubens).

    Parameters are those of `shapley`.

    Returns
    -------
    array (n, n)
        Positive where two add to one another, negative where one stands in for the other, NaN
        on the diagonal; symmetric, in the unit of the worth.
    """
    table = tabulated(worth, n)
    pairs = np.full((n, n, *table.shape[1:]), np.nan)
    if n < 2:
        return pairs
    size = _sizes(n)
    weight = _weights(n - 1)  # |S|! (n-|S|-2)! / (n-1)!, by |S|, for S without both
    none, one, both = (np.zeros(n + 1) for _ in range(3))
    none[: n - 1], one[1:n], both[2:] = weight, weight, weight
    above_nothing = table - table[0]
    singles = _sums_with(above_nothing, (one + none)[size])
    rest = _total(above_nothing, none[size])
    joint = (both + 2 * one + none)[size]
    weighted = above_nothing * joint.reshape(-1, *[1] * (table.ndim - 1))
    for j in range(n - 1, 0, -1):
        half = 1 << j
        # What is left are the sets of the players up to j, the others summed over.
        for i, value in enumerate(_folded(weighted[half:], j)):
            pairs[i, j] = pairs[j, i] = value - singles[i] - singles[j] + rest
        weighted = weighted[:half] + weighted[half:]
    return pairs


def owen(worth: Worth, groups: Sequence[Sequence[int]]) -> Floats:
    """Return the value of each player where groups, fixed beforehand, stay together (Owen 1977).

    Parameters
    ----------
    worth : callable or array
        As in `shapley`.
    groups : list of lists of int
        Every player 0..n-1 in exactly one group.

    Returns
    -------
    array (n,)
        The values of a group add up to its Shapley value in the game among the groups, which is
        not the sum of its members' Shapley values without groups.
    """
    members = [list(group) for group in groups if len(group)]
    n = sum(len(group) for group in members)
    if sorted(player for group in members for player in group) != list(range(n)):
        raise UsageError(
            f"groups must hold each player from 0 to {max(n - 1, 0)} exactly once, "
            f"not {[list(group) for group in groups]}"
        )
    wholes = [sum(1 << player for player in group) for group in members]
    known = _Known(worth, n, 2 ** max(len(members) - 1, 0) * sum(2 ** len(g) for g in members))
    values: Floats = np.zeros((n, *known(0).shape))
    for k, group in enumerate(members):
        around = _unions([whole for g, whole in enumerate(wholes) if g != k])
        within = _unions([1 << player for player in group])
        weight = _weights(len(members))[_sizes(len(members) - 1)]
        game: Floats = sum(
            (w * known.of(outer | within)) for w, outer in zip(weight, around, strict=True)
        )
        values[group] = shapley(game, len(group))
    return values


def sampled(worth: Callable[[Bools], Any], n: int, *, orders: int = 1000, seed: int = 0) -> Sampled:
    """Return Shapley values from orders at random, each beside its reverse.

    Parameters
    ----------
    worth : callable
        v(S) of a boolean array (n,).
    n : int
        Number of players, any.
    orders : int
        How many orders, even, at least 4.
    seed : int
        Of the orders; the same seed gives the same values.
    """
    if orders < 4 or orders % 2:
        raise UsageError(f"orders come in pairs: an even number from 4 on, not {orders}")
    rng = np.random.default_rng(seed)
    pair_means = []
    for _ in range(orders // 2):
        order = rng.permutation(n)
        forth, back = (_marginals(worth, path) for path in (order, order[::-1]))
        pair_means.append((forth + back) / 2)
    stack = np.stack(pair_means)
    error: Floats = stack.std(axis=0, ddof=1) / math.sqrt(len(stack))
    return Sampled(stack.mean(axis=0), error, orders)


def tabulated(worth: Worth, n: int) -> Floats:
    """Return the worth of all 2**n sets, player i being bit i; checks the array if it is one."""
    if n < 0 or n > MOST_EXACT:
        raise UsageError(
            f"the exact values look at 2**n sets, for 0 to {MOST_EXACT} players, not {n}; "
            "detente.transition.sampled takes any number"
        )
    if callable(worth):
        rows = [np.asarray(worth(mask), dtype=np.float64) for mask in _masks(n)]
        table: Floats = np.stack(rows)
    else:
        table = np.asarray(worth, dtype=np.float64)
        if not table.ndim or len(table) != 2**n:
            raise UsageError(
                f"the worth of {n} players has 2**{n} = {2**n} entries, not {table.shape}"
            )
    unknown = np.flatnonzero(~np.isfinite(table.reshape(len(table), -1)).all(axis=1))
    if len(unknown):
        players = [i for i in range(n) if int(unknown[0]) >> i & 1]
        raise UsageError(f"the worth of the players {players} is not a finite number")
    return table


class _Known:
    """The worth of single sets, as bits, computed when it is first asked for."""

    def __init__(self, worth: Worth, n: int, needed: int) -> None:
        if needed > 2**MOST_EXACT:
            raise UsageError(f"these groups need the worth of more than 2**{MOST_EXACT} sets")
        self._n = n
        self._table = None if callable(worth) else tabulated(worth, n)
        self._call = worth if callable(worth) else None
        self._kept: dict[int, Floats] = {}

    def of(self, sets: NDArray[np.int64]) -> Floats:
        """Return the worth of several sets, one below the other."""
        if self._table is not None:
            return self._table[sets]
        return np.stack([self(int(bits)) for bits in sets])

    def __call__(self, bits: int) -> Floats:
        if self._table is not None:
            return np.asarray(self._table[bits])
        if bits not in self._kept:
            assert self._call is not None
            mask = np.array([bits >> i & 1 for i in range(self._n)], dtype=np.bool_)
            self._kept[bits] = np.asarray(self._call(mask), dtype=np.float64)
        return self._kept[bits]


def _marginals(worth: Callable[[Bools], Any], order: NDArray[np.int64]) -> Floats:
    mask = np.zeros(len(order), dtype=np.bool_)
    before = np.asarray(worth(mask.copy()), dtype=np.float64)
    gains = np.empty((len(order), *before.shape))
    for player in order:
        mask[player] = True
        after = np.asarray(worth(mask.copy()), dtype=np.float64)
        gains[player] = after - before
        before = after
    return gains


def _masks(n: int) -> Any:
    for bits in range(2**n):
        yield np.array([bits >> i & 1 for i in range(n)], dtype=np.bool_)


def _sizes(n: int) -> NDArray[np.int64]:
    """Return the number of players in each of the 2**n sets."""
    size = np.zeros(1, dtype=np.int64)
    for _ in range(n):
        size = np.concatenate([size, size + 1])
    return size


def _weights(n: int) -> Floats:
    """Return |S|! (n-|S|-1)! / n! for |S| from 0 to n - 1."""
    return np.array([1.0 / (n * math.comb(n - 1, s)) for s in range(n)])


def _unions(parts: Sequence[int]) -> NDArray[np.int64]:
    """Return the union of every choice of `parts`, which are bits; part i is bit i of the place."""
    unions = np.zeros(1, dtype=np.int64)
    for part in parts:
        unions = np.concatenate([unions, unions | part])
    return unions


def _sums_with(table: Floats, weight: Floats) -> Floats:
    """Return, for each player, the weighted sum over the sets that he is in."""
    n = len(weight).bit_length() - 1
    return _folded(table * weight.reshape(-1, *[1] * (table.ndim - 1)), n)


def _folded(weighted: Floats, n: int) -> Floats:
    """Return the sum over the sets with each player, in 2 * 2**n additions instead of n * 2**n."""
    sums = np.empty((n, *weighted.shape[1:]))
    for i in range(n - 1, -1, -1):
        half = 1 << i
        sums[i] = weighted[half:].sum(axis=0)
        weighted = weighted[:half] + weighted[half:]
    return sums


def _total(table: Floats, weight: Floats) -> Floats:
    return np.asarray(np.tensordot(weight, table, axes=1))
