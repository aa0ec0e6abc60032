"""Pairwise stability and improving paths of the connections and the co-author model."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse.csgraph import shortest_path

from detente.errors import UsageError
from detente.transition import (
    coauthors,
    connections,
    cycles_of,
    improving_moves,
    pairwise_stable,
    stability,
)
from detente.transition.games.networks import adjacency, links_of

CONNECTIONS = [  # players, delta, cost, stable shapes (links, how many), links of the best, total
    (4, 0.5, 0.2, {6: 1}, 6, 3.6),
    (4, 0.5, 0.3, {3: 4, 4: 3}, 3, 2.7),
    (4, 0.5, 0.6, {0: 1}, 3, 0.9),
    (4, 0.5, 0.8, {0: 1}, 0, 0.0),
    (5, 0.5, 0.2, {10: 1}, 10, 6.0),
    (5, 0.5, 0.3, {4: 5, 5: 12, 6: 10}, 4, 4.6),
    (5, 0.5, 0.7, {0: 1}, 4, 1.4),
    (5, 0.8, 0.9, {0: 1}, 4, 6.88),
]


@pytest.mark.parametrize(("n", "delta", "cost", "shapes", "best", "total"), CONNECTIONS)
def test_the_connections_model_rests_where_it_was_published_to(n, delta, cost, shapes, best, total):
    """Complete, star, ring, K23 or empty; and what would be best for all is often another one."""
    found = stability(lambda links: connections(links, delta=delta, cost=cost), n)

    counts = {size: len(list(g)) for size, g in itertools.groupby(sorted(map(len, found.stable)))}
    assert shapes == counts
    assert {best} == set(map(len, found.efficient))
    assert pytest.approx(total) == found.total
    assert () == found.cycles
    assert {4: 192, 5: 5120}[n] == found.moves


@pytest.mark.parametrize(
    ("n", "best", "total"), [(3, [1, 1, 2], 8), (4, [1, 1, 1, 1], 12), (5, [1, 1, 1, 1, 2], 14)]
)
def test_authors_write_with_too_many_others(n, best, total):
    """The complete network is the stable one; pairs (and a path) would be best for all."""
    found = stability(coauthors, n)

    assert (tuple(itertools.combinations(range(n), 2)),) == found.stable
    assert all(best == sorted(adjacency(g, n).sum(axis=1).tolist()) for g in found.efficient)
    assert pytest.approx(total) == found.total


@given(
    network=st.integers(0, 2**10 - 1),
    delta=st.sampled_from([0.3, 0.5, 0.8]),
    cost=st.sampled_from([0.1, 0.4, 0.9]),
)
def test_utilities_follow_the_formula_over_shortest_paths(network, delta, cost):
    """Utility: delta to the power of each distance, less the cost of the links; paths by SciPy."""
    links = adjacency(links_of(network, 5), 5)
    distance = shortest_path(links, unweighted=True)
    worth = np.where(np.isfinite(distance) & (distance > 0), delta**distance, 0.0)
    expected = worth.sum(axis=1) - cost * links.sum(axis=1)

    assert pytest.approx(expected) == connections(links, delta=delta, cost=cost)


@given(network=st.integers(0, 2**6 - 1), cost=st.sampled_from([0.2, 0.3, 0.6]))
def test_a_network_is_stable_exactly_if_no_move_improves(network, cost):
    """The list of all stable networks and the test of a single one agree."""

    def utility(links):
        return connections(links, delta=0.5, cost=cost)

    links = links_of(network, 4)

    assert (links in stability(utility, 4).stable) == pairwise_stable(adjacency(links, 4), utility)


def test_moves_away_from_a_network_name_the_link():
    """From a single costly link one move leads: to drop it."""
    moves = improving_moves(adjacency(((0, 1),), 3), lambda g: connections(g, delta=0.5, cost=0.6))

    assert [(0, 1, False)] == moves


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=20))
def test_closed_cycles_are_the_sets_that_reach_one_another_and_nothing_else(moves):
    """Two or more nodes, each reachable from each, and nothing reachable from them beside."""
    reach = np.eye(8, dtype=bool)
    for _ in range(8):
        for a, b in moves:
            reach[:, b] |= reach[:, a]
    expected = {tuple(np.flatnonzero(reach[k]).tolist()) for k in range(8)}
    expected = [
        group for group in expected if len(group) > 1 and all(reach[np.ix_(group, group)].flat)
    ]
    source, target = np.array(moves, dtype=int).reshape(-1, 2).T

    assert sorted(expected) == sorted(map(tuple, cycles_of(source, target)))


def test_a_game_of_tag_never_rests():
    """Player 0 wants two links alike, player 2 wants them unlike: two cycles of four networks."""

    def utility(links):
        alike = float(links[0, 1] == links[1, 2])
        return [alike, 0.0, 1.0 - alike]

    found = stability(utility, 3)

    assert () == found.stable
    assert [4, 4] == [len(cycle) for cycle in found.cycles]


def test_too_many_players_are_refused():
    """All networks of seven players are too many."""
    with pytest.raises(UsageError, match="1 to 6 players"):
        stability(coauthors, 7)
