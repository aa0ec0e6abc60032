"""Which networks rest: pairwise stability and improving paths of published network models.

A network of n players is pairwise stable if nobody gains by dropping a link of his own, and no
missing link would make one of the two better off and the other no worse (Jackson & Wolinsky
1996). An improving path is a sequence of such single moves; a closed cycle is a set of two or
more networks, each reachable from each by improving moves, with no way out. From every network
an improving path leads to a stable one or into a closed cycle (Jackson & Watts 2002). The best
replies of `detente.dependence` are improving paths of states.

A network is an adjacency array (n, n) of 0 and 1, or an integer whose bits are the links 01, 02,
.., 12, ..; all networks of at most six players are looked at.

References: Jackson, M. O. & Wolinsky, A. (1996), A strategic model of social and economic
networks, Journal of Economic Theory 71, 44-74; Jackson, M. O. & Watts, A. (2002), The evolution
of social and economic networks, Journal of Economic Theory 106, 265-295.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from detente.errors import UsageError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Utility = Callable[[Floats], ArrayLike]
Network = tuple[tuple[int, int], ...]

MOST_PLAYERS = 6
EQUAL = 1e-12
"""Difference of two utilities, relative to the larger, below which a player is indifferent."""


class NetworkStability(NamedTuple):
    """Which networks of a model rest, and which are best for all together.

    Attributes
    ----------
    stable : tuple of networks
        The pairwise stable networks, each a tuple of links.
    cycles : tuple of tuples of networks
        The closed cycles.
    efficient : tuple of networks
        The networks with the largest sum of utilities.
    total : float
        That sum.
    moves : int
        How many improving moves there are between all networks.
    """

    stable: tuple[Network, ...]
    cycles: tuple[tuple[Network, ...], ...]
    efficient: tuple[Network, ...]
    total: float
    moves: int


def connections(links: ArrayLike, *, delta: float, cost: float) -> Floats:
    """Return the utilities of the connections model: u_i = sum_j delta**d_ij - cost * degree_i.

    Parameters
    ----------
    links : array (n, n)
        1 where two players have a link, else 0; symmetric, zero diagonal.
    delta : float
        What a connection is worth a step, between 0 and 1.
    cost : float
        Cost of a link to each of its two players.

    Returns
    -------
    array (n,)
        In the unit of the cost; Jackson & Wolinsky (1996), section 3.1, symmetric case.
    """
    network = np.asarray(links, dtype=np.float64)
    n = len(network)
    worth = np.zeros(n)
    seen = np.eye(n, dtype=np.bool_)
    for distance in range(1, n):
        reached = ((seen @ network) > 0) & ~seen
        worth += delta**distance * reached.sum(axis=1)
        seen |= reached
    utilities: Floats = worth - cost * network.sum(axis=1)
    return utilities


def coauthors(links: ArrayLike) -> Floats:
    """Return the utilities of the co-author model: u_i = sum_j (1/n_i + 1/n_j + 1/(n_i n_j)).

    Parameters
    ----------
    links : array (n, n)
        1 where two players write together, else 0; n_i is the number of i's links.

    Returns
    -------
    array (n,)
        0 for who has no link; Jackson & Wolinsky (1996), section 3.2.
    """
    network = np.asarray(links, dtype=np.float64)
    degree = network.sum(axis=1)
    share = np.divide(1.0, degree, out=np.zeros_like(degree), where=degree > 0)
    terms = share[:, None] + share[None, :] + share[:, None] * share[None, :]
    utilities: Floats = (network * terms).sum(axis=1)
    return utilities


def stability(utility: Utility, n: int) -> NetworkStability:
    """Return the stable networks, closed cycles and efficient networks of a model.

    Parameters
    ----------
    utility : callable
        Takes an adjacency array (n, n) and returns utilities (n,).
    n : int
        Number of players, 1 to 6.
    """
    table = _utilities(utility, n)
    source, target = _moves(table, n)
    stable = np.setdiff1d(np.arange(len(table)), source)
    totals = table.sum(axis=1)
    best = np.flatnonzero(totals >= totals.max() - EQUAL * max(1.0, abs(totals.max())))
    return NetworkStability(
        tuple(links_of(int(g), n) for g in stable),
        tuple(tuple(links_of(g, n) for g in cycle) for cycle in cycles_of(source, target)),
        tuple(links_of(int(g), n) for g in best),
        float(totals.max()),
        len(source),
    )


def pairwise_stable(links: ArrayLike, utility: Utility) -> bool:
    """Say whether a network is pairwise stable: no improving move leads away from it."""
    return not improving_moves(links, utility)


def improving_moves(links: ArrayLike, utility: Utility) -> list[tuple[int, int, bool]]:
    """Return the improving moves from a network: (i, j, whether the link is added).

    A link goes if one of its two gains by that; it comes if one of the two gains and the other
    does not lose.
    """
    network = np.asarray(links, dtype=np.float64)
    before = np.asarray(utility(network.copy()), dtype=np.float64)
    moves = []
    for i, j in itertools.combinations(range(len(network)), 2):
        other = network.copy()
        other[i, j] = other[j, i] = 1.0 - network[i, j]
        after = np.asarray(utility(other), dtype=np.float64)
        adds = not network[i, j]
        if _improves(before[[i, j]], after[[i, j]], adds):
            moves.append((i, j, adds))
    return moves


def cycles_of(source: ArrayLike, target: ArrayLike) -> list[list[int]]:
    """Return the closed cycles of a graph of moves: strong components of two or more, no way out.

    Parameters
    ----------
    source, target : int array (m,)
        Where each move starts and where it leads; any numbers from 0 on.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    first, second = np.asarray(source, dtype=np.int64), np.asarray(target, dtype=np.int64)
    if not len(first):
        return []
    size = int(max(first.max(), second.max())) + 1
    graph = coo_array((np.ones(len(first)), (first, second)), shape=(size, size))
    _, label = connected_components(graph, directed=True, connection="strong")
    open_ones = set(label[first[label[first] != label[second]]].tolist())
    numbers, counts = np.unique(label, return_counts=True)
    return [
        np.flatnonzero(label == number).tolist()
        for number, count in zip(numbers.tolist(), counts.tolist(), strict=True)
        if count > 1 and number not in open_ones
    ]


def links_of(network: int, n: int) -> Network:
    """Return the links of a network that is an integer."""
    pairs = itertools.combinations(range(n), 2)
    return tuple(pair for bit, pair in enumerate(pairs) if network >> bit & 1)


def adjacency(links: Network, n: int) -> Floats:
    """Return the adjacency array (n, n) of a network that is a tuple of links."""
    network = np.zeros((n, n))
    for i, j in links:
        network[i, j] = network[j, i] = 1.0
    return network


def _utilities(utility: Utility, n: int) -> Floats:
    """Return the utilities in every network, array (2**(n(n-1)/2), n)."""
    if not 1 <= n <= MOST_PLAYERS:
        raise UsageError(
            f"all networks of 1 to {MOST_PLAYERS} players are looked at, not of {n}; "
            "improving_moves looks at one network of any size"
        )
    count = 1 << (n * (n - 1) // 2)
    rows = [np.asarray(utility(adjacency(links_of(g, n), n)), np.float64) for g in range(count)]
    return np.stack(rows)


def _moves(table: Floats, n: int) -> tuple[Ints, Ints]:
    """Return where every improving move between all networks starts and where it leads."""
    networks = np.arange(len(table))
    source, target = [], []
    for bit, (i, j) in enumerate(itertools.combinations(range(n), 2)):
        without = networks[(networks >> bit & 1) == 0]
        added = without | 1 << bit
        low, high = table[without][:, [i, j]], table[added][:, [i, j]]
        comes, goes = _improves(low, high, True), _improves(high, low, False)
        source += [without[comes], added[goes]]
        target += [added[comes], without[goes]]
    return np.concatenate([np.zeros(0, np.int64), *source]), np.concatenate(
        [np.zeros(0, np.int64), *target]
    )


def _improves(before: Floats, after: Floats, adds: bool) -> NDArray[np.bool_]:
    """Whether a move improves, for the two players in the last dimension."""
    slack = EQUAL * np.maximum(1.0, np.maximum(np.abs(before), np.abs(after)))
    gains, loses = after > before + slack, after < before - slack
    if adds:
        return np.asarray(gains.any(axis=-1) & ~loses.any(axis=-1))
    return np.asarray(gains.any(axis=-1))
