"""The lens `war_stability` against the theorem of Jackson and Nei and computed examples.

Printed: that no non-empty network is war-stable (2015, abstract). The critical advantages of
the worked examples and of the regular graphs were computed by enumeration of all coalitions;
the bound for regular graphs is remembered from the paper, so only "not above it" is tested.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from detente.lenses.war_stability import critical_advantage, vulnerable, war_stable


def graph(n: int, pairs: list[tuple[int, int]]) -> np.ndarray:
    """Return the adjacency matrix of an undirected graph."""
    out = np.zeros((n, n))
    for i, j in pairs:
        out[i, j] = out[j, i] = 1.0
    return out


def cycle(n: int) -> list[tuple[int, int]]:
    """Return the pairs of a ring."""
    return [(i, (i + 1) % n) for i in range(n)]


PETERSEN = graph(
    10,
    cycle(5) + [(i, i + 5) for i in range(5)] + [(5 + i, 5 + (i + 2) % 5) for i in range(5)],
)
HEAWOOD = graph(14, cycle(14) + [(i, (i + 5) % 14) for i in range(0, 14, 2)])
K4 = graph(4, list(itertools.combinations(range(4), 2)))
C6 = graph(6, cycle(6))


def all_graphs(n: int) -> list[np.ndarray]:
    """Return every labelled graph on n vertices."""
    pairs = list(itertools.combinations(range(n), 2))
    return [
        graph(n, [pair for pair, there in zip(pairs, bits, strict=True) if there])
        for bits in itertools.product((0, 1), repeat=len(pairs))
    ]


def with_pair(allies: np.ndarray, j: int, k: int) -> np.ndarray:
    """Return the graph with one more alliance."""
    out = allies.copy()
    out[j, k] = out[k, j] = 1.0
    return out


def test_the_path_of_four_is_weak_at_its_ends():
    """J1: the ends need three times the strength of their attackers, the middle none more."""
    path = graph(4, [(0, 1), (1, 2), (2, 3)])

    assert critical_advantage(path, np.ones(4)) == pytest.approx([3, 1, 1, 3], rel=1e-9)
    ends = {0, 3}
    assert ends == set(np.flatnonzero(vulnerable(path, np.ones(4), 1.0)).tolist())


def test_two_triangles_and_a_bridge():
    """J2: the critical advantages with unequal strengths, and who is vulnerable at 1.2."""
    allies = graph(6, [(0, 1), (0, 2), (1, 2), (3, 4), (3, 5), (4, 5), (2, 3)])
    strength = np.array([3.0, 2, 2, 4, 1, 1])

    expected = [2.6666666667, 4.5, 0.8571428571, 1.1666666667, 7, 7]
    assert critical_advantage(allies, strength) == pytest.approx(expected, rel=1e-9)
    weak = {0, 1, 4, 5}
    assert weak == set(np.flatnonzero(vulnerable(allies, strength, 1.2)).tolist())


def test_a_hub_leads_its_leaves_against_one_of_them():
    """J3: every leaf of a star can be beaten by the hub with the others, the hub by nobody."""
    allies = graph(5, [(0, i) for i in range(1, 5)])
    strength = np.array([5.0, 2, 2, 1, 1])

    expected = [0.2222222222, 4.5, 4.5, 10, 10]
    assert critical_advantage(allies, strength) == pytest.approx(expected, rel=1e-9)
    leaves = {1, 2, 3, 4}
    assert leaves == set(np.flatnonzero(vulnerable(allies, strength, 1.5)).tolist())
    assert not vulnerable(allies, strength, 0.23)[0]
    assert vulnerable(allies, strength, 0.22)[0]


def test_petersen_is_vulnerable_to_stars_and_not_to_cliques():
    """J4: at 1.3 all ten states are vulnerable under star and none under clique."""
    assert vulnerable(PETERSEN, np.ones(10), 1.3, "star").all()
    assert not vulnerable(PETERSEN, np.ones(10), 1.3, "clique").any()


@pytest.mark.parametrize("reading", ["star", "clique"])
def test_equality_is_not_a_victory(reading):
    """J4: at exactly 4/3 nobody in the Petersen graph is vulnerable under either reading."""
    assert not vulnerable(PETERSEN, np.ones(10), 4 / 3, reading).any()


@pytest.mark.parametrize(
    ("allies", "degree", "common", "alone", "with_one_more"),
    [
        (PETERSEN, 3, 1, 1.3333333333, 2.5),
        (HEAWOOD, 3, 1, 1.3333333333, 2.5),
        (K4, 3, 2, 3.0, 3.0),
        (C6, 2, 1, 1.5, 4.0),
    ],
    ids=["Petersen", "Heawood", "K4", "C6"],
)
def test_least_advantage_on_regular_graphs(allies, degree, common, alone, with_one_more):
    """Equal strengths: the least advantage at which nobody is vulnerable, also after one link."""
    n = len(allies)
    strength = np.ones(n)
    least = critical_advantage(allies, strength).max()
    after = max(
        [least]
        + [
            critical_advantage(with_pair(allies, j, k), strength).max()
            for j, k in itertools.combinations(range(n), 2)
            if not allies[j, k]
        ]
    )
    shared = (allies @ allies)[~np.eye(n, dtype=bool)]

    assert allies.sum(axis=1).tolist() == [degree] * n
    assert shared.max() == common
    assert least == pytest.approx(alone, rel=1e-9)
    assert after == pytest.approx(with_one_more, rel=1e-9)
    if common < degree - 1:
        assert after <= (degree + 1) / (degree - common - 1)


def test_the_other_print_of_the_bound_is_refuted():
    """(d-1)/(d-k-1) would be 2 for the Petersen graph, and 2 is not enough: 2.5 is needed."""
    joined = with_pair(PETERSEN, 0, 2)

    assert vulnerable(joined, np.ones(10), 2.0).any()
    assert not vulnerable(joined, np.ones(10), 2.5).any()


@pytest.mark.parametrize("reading", ["star", "clique"])
@pytest.mark.parametrize("n", [3, 4])
def test_no_network_with_an_alliance_is_war_stable(reading, n):
    """The printed theorem, for every graph on 3 and 4 states and a grid of strengths."""
    strengths = [[1, 1, 1, 1], [1, 2, 3, 4], [5, 1, 1, 1], [1, 1, 3, 3], [8, 4, 2, 1]]
    checked = 0
    for allies in all_graphs(n):
        if not allies.any():
            continue
        for strength in strengths:
            for advantage in (0.5, 0.8, 1.0, 1.5, 2.5, 4.0):
                assert not war_stable(allies, strength[:n], advantage, reading)
                checked += 1

    assert checked == (2 ** (n * (n - 1) // 2) - 1) * 30


def test_no_network_with_an_alliance_is_war_stable_among_five():
    """The printed theorem, for a sample of graphs and strengths of five states."""
    rng = np.random.default_rng(20150504)
    pairs = list(itertools.combinations(range(5), 2))
    for _ in range(300):
        allies = graph(5, [pair for pair in pairs if rng.random() < 0.5] or [(0, 1)])
        strength, advantage = rng.lognormal(0, 1, 5), float(np.exp(rng.uniform(-0.7, 1.4)))

        assert not war_stable(allies, strength, advantage)


@pytest.mark.parametrize("n", [2, 3, 4, 6])
def test_the_empty_network_is_stable_if_the_two_strongest_cannot_beat_the_weakest(n):
    """M(1) + M(2) <= advantage * M(n), and M(1) <= advantage * M(2) for two states."""
    rng = np.random.default_rng(n)
    stable = 0
    for _ in range(125):
        strength, advantage = rng.uniform(0.3, 1.0, n), float(rng.uniform(0.8, 6.0))
        ordered = np.sort(strength)[::-1]
        attack = ordered[0] + (ordered[1] if n > 2 else 0.0)
        expected = bool(attack <= advantage * ordered[-1])
        stable += expected

        assert expected == bool(war_stable(np.zeros((n, n)), strength, advantage))

    assert 0 < stable < 125
