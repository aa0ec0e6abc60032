"""Structural balance: the networks of the literature, and families whose index can be proven.

The data are as published. The indices of these networks that the literature reports were not
at hand in print when this was written; the numbers below were computed twice, exhaustively
(highland tribes) or by an integer programme of another form. So they hold the lens as checked.
"""

from __future__ import annotations

import numpy as np
import pytest

from detente.lenses import balance
from detente.lenses.balance.frustration.search_kernel import exhaust
from detente.lenses.landscape import energy
from detente.reproduce.tables import signed_network


def _network(name: str) -> tuple[list[str], np.ndarray]:
    names, signed = signed_network(name)
    return names, signed.astype(np.int64)


def _counts(signed: np.ndarray) -> tuple[int, int, int]:
    upper = np.triu(signed)
    return len(signed), int((upper != 0).sum()), int((upper < 0).sum())


def test_highland_tribes_are_sixteen_with_as_many_friendships_as_enmities():
    """The network has 16 tribes, 58 ties and 29 enmities, as Read (1954) is coded."""
    assert _counts(_network("highland_tribes")[1]) == (16, 58, 29)


def test_highland_tribes_need_seven_edges():
    """Seven edges must go: Aref & Wilson (2018), and every one of the 2^15 partitions."""
    found = balance.frustration_index(_network("highland_tribes")[1])

    assert (found.index, found.lower, found.upper, found.proven) == (7, 7, 7, True)
    assert found.normalized == pytest.approx(0.7586206897, rel=1e-9, abs=1e-9)


def test_highland_tribes_have_one_best_partition():
    """Four tribes stand against twelve, and no other partition does as well."""
    names, signed = _network("highland_tribes")
    side, least, most = (np.zeros(16, dtype=np.int64) for _ in range(3))

    best, count = exhaust(signed, side, least, most)

    partition = balance.frustration_index(signed).partition
    camps = {frozenset(n for n, s in zip(names, partition, strict=True) if s == c) for c in (0, 1)}
    assert (best, count) == (7, 1)
    assert frozenset({"Gavev", "Kotun", "Nagad", "Gama"}) in camps


def test_highland_tribes_frustrate_seven_enmities_among_the_twelve():
    """The seven frustrated edges are the enmities inside the larger camp."""
    names, signed = _network("highland_tribes")
    side = 1 - 2 * balance.frustration_index(signed).partition

    frustrated = {
        frozenset((names[i], names[j]))
        for i, j in np.argwhere(np.triu(signed * np.outer(side, side)) < 0)
    }

    expected = "Gahuk-Notoh Gahuk-Uheto Ukudz-Seuve Notoh-Geham Kohik-Geham Geham-Uheto Asaro-Seuve"
    assert frustrated == {frozenset(pair.split("-")) for pair in expected.split()}


def test_highland_tribes_measures():
    """Triangle index 59/68 (0.87 in print), walk balance and algebraic conflict to ten digits."""
    signed = _network("highland_tribes")[1]

    assert balance.triangle_index(signed) == pytest.approx(59 / 68, rel=1e-9, abs=1e-9)
    assert balance.walk_balance(signed) == pytest.approx(0.3575761057, rel=1e-9, abs=1e-9)
    assert balance.algebraic_conflict(signed) == pytest.approx(1.0402890812, rel=1e-9, abs=1e-9)


def test_highland_tribes_triangles_by_state_add_up():
    """Nine of the 68 triangles are unbalanced, and each is counted at three tribes."""
    signed = _network("highland_tribes")[1]

    assert balance.unbalanced_triangles(signed).sum() == 3 * 9


def test_least_energy_of_the_highland_landscape_follows_from_the_index():
    """Landscape theory's least energy is 2 (L - negative edges) = 2 (7 - 29) = -44."""
    signed = _network("highland_tribes")[1]
    found = balance.frustration_index(signed)

    assert energy(np.ones(16), signed, found.partition) == 2 * (found.index - 29) == -44


@pytest.mark.parametrize(
    ("window", "counts", "index", "triangles"),
    [
        ("1946_1949", (64, 362, 42), 17, 0.953502),
        ("1960_1963", (105, 650, 114), 39, 0.879265),
        ("1976_1979", (132, 968, 116), 50, 0.922611),
    ],
)
def test_correlates_of_war_networks(window, counts, index, triangles):
    """Doreian & Mrvar's networks have 17, 39 and 50 frustrated edges, proven."""
    signed = _network(f"cow_signed_{window}")[1]
    found = balance.frustration_index(signed)

    assert _counts(signed) == counts
    assert (found.index, found.proven) == (index, True)
    assert balance.triangle_index(signed) == pytest.approx(triangles, abs=5e-7)


@pytest.mark.parametrize("window", ["1946_1949", "1960_1963", "1976_1979"])
def test_ranges_of_the_correlates_of_war_networks_contain_the_partition_found(window):
    """Every state's frustrated edges in the partition found lie in its range over all optima."""
    signed = _network(f"cow_signed_{window}")[1]
    side = 1 - 2 * balance.frustration_index(signed).partition
    here = (signed * np.outer(side, side) < 0).sum(axis=1)

    found = balance.state_range(signed)

    assert found.proven.all()
    assert (found.least <= here).all()
    assert (here <= found.most).all()


@pytest.mark.parametrize("n", [3, 4, 5, 6, 7, 20, 21])
def test_all_enemies(n):
    """Among n states that are all enemies, floor((n - 1)^2 / 4) edges are frustrated."""
    signed = np.eye(n, dtype=np.int64) - 1

    assert balance.frustration_index(signed).index == (n - 1) ** 2 // 4


@pytest.mark.parametrize("n", [3, 4, 17, 40])
@pytest.mark.parametrize("negative", [0, 1, 2, 3])
def test_a_cycle_needs_one_edge_if_its_enmities_are_odd(n, negative):
    """A cycle has index 1 if its number of negative edges is odd, else 0."""
    signed = np.zeros((n, n), dtype=np.int64)
    for k in range(n):
        sign = -1 if k < negative else 1
        signed[k, (k + 1) % n] = signed[(k + 1) % n, k] = sign

    assert balance.frustration_index(signed).index == negative % 2
    assert balance.balanced(signed) is (negative % 2 == 0)


@pytest.mark.parametrize(("a", "b"), [(1, 1), (2, 3), (10, 12)])
def test_two_camps_of_enemies_are_balanced(a, b):
    """All-negative bipartite graphs have index 0."""
    signed = np.zeros((a + b, a + b), dtype=np.int64)
    signed[:a, a:] = signed[a:, :a] = -1

    assert balance.frustration_index(signed).index == 0
    assert balance.balanced(signed)
