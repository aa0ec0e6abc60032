"""Compiled search of maximal cliques, with a value for every state carried along.

Bron and Kerbosch (1973) with the pivot of Tomita, Tanaka and Takahashi (2006), on sets held as
64-bit words. For a state i and a clique C the value

    f_i(C) = start_i + sum of add[k, i] over the members k of C

is modular, so the row of values is carried down the search, one row added a member, and one
search serves all states at once. The tests hold its plain twin.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats
from detente.kernels import njit

Words = NDArray[np.uint64]

NO_LIMIT = 2**62
"""A number of cliques that no search reaches."""

_ONE = np.uint64(1)


class CliqueValues(NamedTuple):
    """What coalitions are worth to every state.

    Attributes
    ----------
    start : array (n,)
        Value of the empty coalition.
    add : array (n, n)
        ``add[k, i]``: what k's joining adds to the value of i, non-negative.
    best : array (n,)
        In: values already attained. Out: the greatest values.
    open : array (n,)
        For a search that prunes: 0.0 for states to decide, -inf for others; changed in place.
    """

    start: Floats
    add: Floats
    best: Floats
    open: Floats


def pack(members: NDArray[np.bool_]) -> Words:
    """Return the rows of a table of members (c, n) as sets of bits, (c, words of 64)."""
    c, n = members.shape
    words = max(1, -(-n // 64))
    padded = np.zeros((c, words * 64), dtype=np.bool_)
    padded[:, :n] = members
    packed: Words = np.packbits(padded, axis=1, bitorder="little").view(np.uint64)
    return packed


def everyone(n: int) -> Words:
    """Return the set of all n vertices, (words,)."""
    full: Words = pack(np.ones((1, n), dtype=np.bool_))[0]
    return full


def unpack(sets: Words, n: int) -> NDArray[np.bool_]:
    """Return sets of bits (c, words) as a table of members (c, n)."""
    flat = np.ascontiguousarray(sets).view(np.uint8).reshape(len(sets), -1)
    return np.unpackbits(flat, axis=1, bitorder="little")[:, :n].astype(np.bool_)


@njit(cache=True, nogil=True)
def _ones(word: np.uint64) -> int:
    """Return the number of bits set."""
    word = word - ((word >> _ONE) & np.uint64(0x5555555555555555))
    low = np.uint64(0x3333333333333333)
    word = (word & low) + ((word >> np.uint64(2)) & low)
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return int((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@njit(cache=True, nogil=True)
def _branches(adjacency: Words, p: Words, x: Words, q: Words, d: int) -> None:
    """Write into q[d] the candidates p[d] that are not neighbours of the best pivot.

    The pivot is the vertex of x[d] or p[d] with the most neighbours in p[d]. One of x with all
    of them leaves no branch, one of p with all but itself leaves one: no better is possible.
    """
    words = p.shape[1]
    size = 0
    for t in range(words):
        size += _ones(p[d, t])
    most, pivot = -1, -1
    for part in range(2):
        enough = size if part == 0 else size - 1
        for t in range(words):
            rest = x[d, t] if part == 0 else p[d, t]
            while rest and most < enough:
                v = 64 * t + _ones((rest & (~rest + _ONE)) - _ONE)
                rest &= rest - _ONE
                shared = 0
                for u in range(words):
                    shared += _ones(p[d, u] & adjacency[v, u])
                if shared > most:
                    most, pivot = shared, v
    for t in range(words):
        q[d, t] = p[d, t] & ~adjacency[pivot, t] if size else p[d, t]


@njit(cache=True, nogil=True)
def _hopeless(p: Words, d: int, values: CliqueValues, carried: Floats, bound: Floats) -> bool:
    """Whether no undecided state can come above zero, even if all of p[d] joined."""
    add, open_ = values.add, values.open
    n = bound.size
    for i in range(n):
        bound[i] = carried[d, i] + open_[i]
    for t in range(p.shape[1]):
        rest = p[d, t]
        while rest:
            v = 64 * t + _ones((rest & (~rest + _ONE)) - _ONE)
            rest &= rest - _ONE
            for i in range(n):
                bound[i] += add[v, i]
    highest = -np.inf
    for i in range(n):
        if bound[i] > highest:
            highest = bound[i]
    return highest <= 0.0


@njit(cache=True, nogil=True)
def search(
    adjacency: Words,
    among: Words,
    values: CliqueValues,
    prune: bool | np.bool_,
    found: Words,
    limit: int | np.int64,
) -> int:
    """Visit the maximal cliques and keep the greatest value of every state.

    Parameters
    ----------
    adjacency : uint64 array (n, words)
        Neighbours of each vertex, from `pack`; symmetric, no loops.
    among : uint64 array (words,)
        The vertices of the subgraph that is searched; see `everyone`.
    values : CliqueValues
        What a coalition is worth to each state; the greatest values are written. With `prune`
        only their sign is right.
    prune : bool
        Leave out branches that cannot bring an undecided state above zero.
    found : uint64 array (room, words)
        Filled with the first cliques; no room: none are kept, and no values without it.
    limit : int
        Stop after so many cliques.

    Returns
    -------
    int
        Number of maximal cliques visited; above `limit` if the search was stopped.
    """
    start, add, best, open_ = values
    n, words = adjacency.shape
    room = found.shape[0]
    # Level d holds the members r, the candidates p, the seen x and the branches q of d members.
    levels = 1
    for v in range(n):
        if (among[v >> 6] >> np.uint64(v & 63)) & _ONE:
            degree = 0
            for t in range(words):
                degree += _ones(adjacency[v, t] & among[t])
            levels = max(levels, degree + 2)
    p, x = np.zeros((levels, words), np.uint64), np.zeros((levels, words), np.uint64)
    q, r = np.zeros((levels, words), np.uint64), np.zeros((levels, words), np.uint64)
    carried, bound = np.zeros((levels, n)), np.zeros(n)
    for v in range(n):
        carried[0, v] = start[v]
    for t in range(words):
        p[0, t] = among[t]
    count, d, fresh = 0, 0, True
    while d >= 0:
        if fresh:
            _branches(adjacency, p, x, q, d)
            fresh = False
        v = -1
        for t in range(words):
            if q[d, t]:
                low = q[d, t] & (~q[d, t] + _ONE)
                v = 64 * t + _ones(low - _ONE)
                q[d, t] ^= low
                break
        if v < 0:
            d -= 1
            continue
        bit = _ONE << np.uint64(v & 63)
        more, maximal = np.uint64(0), np.uint64(0)
        for t in range(words):
            p[d + 1, t] = p[d, t] & adjacency[v, t]
            x[d + 1, t] = x[d, t] & adjacency[v, t]
            more |= p[d + 1, t]
            maximal |= x[d + 1, t]
        p[d, v >> 6] ^= bit
        x[d, v >> 6] |= bit
        if more == 0:
            if maximal != 0:
                continue
            if count < room:
                for t in range(words):
                    found[count, t] = r[d, t]
                found[count, v >> 6] |= bit
            count += 1
            if count > limit:
                return count
            for i in range(n):
                value = carried[d, i] + add[v, i]
                if value > best[i]:
                    best[i] = value
            if prune:
                for i in range(n):
                    if best[i] > 0.0:
                        open_[i] = -np.inf
            continue
        for t in range(words):
            r[d + 1, t] = r[d, t]
        r[d + 1, v >> 6] |= bit
        for i in range(n):
            carried[d + 1, i] = carried[d, i] + add[v, i]
        if prune and _hopeless(p, d + 1, values, carried, bound):
            continue
        d += 1
        fresh = True
    return count
