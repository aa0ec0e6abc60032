"""What holds of every signed graph: exactness, switching, reductions, compiled loops."""

from __future__ import annotations

import math
from itertools import combinations, pairwise

import frustration_plain as plain
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detente.architecture.system import Moves, System
from detente.lenses import balance
from detente.lenses.balance import Balance
from detente.lenses.balance.frustration import program, ranges, search
from detente.lenses.balance.frustration.clique_kernel import FiveBounds, odd_fives
from detente.lenses.balance.frustration.index import signed_edges
from detente.lenses.balance.frustration.reduction import Block, reduce
from detente.lenses.balance.frustration.search import BlockSearch
from detente.lenses.balance.frustration.search_kernel import (
    CycleBounds,
    NeighbourRows,
    exhaust,
    short_cycles,
    tabu,
)
from detente.lenses.landscape import energy
from detente.lenses.protocol import Lens


@st.composite
def _signed(draw, least=1, most=8, weights=(-1, 0, 1)):
    n = draw(st.integers(least, most))
    out = np.zeros((n, n), dtype=np.int64)
    for i in range(n):
        for j in range(i):
            out[i, j] = out[j, i] = draw(st.sampled_from(weights))
    return out


@st.composite
def _large(draw, most=12):
    """Draw larger graphs from a seed: up to 12 vertices, sparse or dense."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    n, share = draw(st.integers(9, most)), draw(st.sampled_from([0.25, 0.5, 1.0]))
    upper = np.triu(rng.choice([-1, 1], (n, n)) * (rng.random((n, n)) < share), 1)
    return upper + upper.T


def _rows(block: Block):
    made = BlockSearch(block)
    return made.start, made.near, made.edge


def _whole(signed) -> Block:
    size, first, second, weight = signed_edges(np.sign(signed))
    return Block(np.arange(size), first, second, np.asarray(signed)[first, second] + 0 * weight)


@pytest.fixture
def _no_shortcuts(monkeypatch):
    """Send every block to the linear programme and to branching, however small it is."""
    monkeypatch.setattr(search, "SMALL", 1)
    monkeypatch.setattr(search, "ENUMERATED", 1)
    monkeypatch.setattr(ranges, "SMALL", 1)


@given(signed=_signed() | _large())
def test_index_is_what_brute_force_finds(signed):
    """The index equals the least over all partitions, and the partition attains it."""
    found = balance.frustration_index(signed)
    side = 1 - 2 * found.partition

    assert found.proven
    assert found.index == plain.exhaust(signed)[0]
    assert found.index == (signed * np.outer(side, side) < 0).sum() // 2


@pytest.mark.usefixtures("_no_shortcuts")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(signed=_signed() | _large(), highspy=st.booleans(), inner=st.booleans())
def test_index_by_cycles_and_branching_is_what_brute_force_finds(
    monkeypatch, signed, highspy, inner
):
    """The programme over cycles and the branching give the same, by every way to the solver."""
    monkeypatch.setattr(program, "has_highspy", lambda: highspy)
    monkeypatch.setattr(program, "LARGE", 0 if inner else 1000)

    found = balance.frustration_index(signed)

    assert (found.index, found.proven) == (plain.exhaust(signed)[0], True)


@given(signed=_signed() | _large())
def test_ranges_are_what_brute_force_finds(signed):
    """Least and most frustrated edges at each vertex are those over all best partitions."""
    found = balance.state_range(signed)
    _, _, least, most = plain.exhaust(signed)

    assert found.proven.all()
    assert (found.least.tolist(), found.most.tolist()) == (least.tolist(), most.tolist())


@pytest.mark.usefixtures("_no_shortcuts")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(signed=_signed() | _large(most=10), highspy=st.booleans())
def test_ranges_by_constrained_programmes_are_what_brute_force_finds(monkeypatch, signed, highspy):
    """The constrained programmes and their branching give the same ranges."""
    monkeypatch.setattr(program, "has_highspy", lambda: highspy)

    found = balance.state_range(signed)

    _, _, least, most = plain.exhaust(signed)
    assert found.proven.all()
    assert (found.least.tolist(), found.most.tolist()) == (least.tolist(), most.tolist())


@given(left=_large(most=10), right=_large(most=10), sign=st.sampled_from([-1, 1]))
def test_graphs_joined_by_one_edge_add_up(left, right, sign):
    """A bridge frustrates nothing: the index of the whole is the sum, and it is attained."""
    n = len(left)
    joined = np.zeros((n + len(right),) * 2, dtype=np.int64)
    joined[:n, :n], joined[n:, n:] = left, right
    joined[0, n] = joined[n, 0] = sign
    found = balance.frustration_index(joined)

    parts = [balance.frustration_index(part).index for part in (left, right)]
    assert (found.index, found.proven) == (sum(parts), True)


@given(signed=_signed(), data=st.data())
def test_switching_changes_no_measure(signed, data):
    """Flipping all signs at some vertices leaves L, T, K and both spectra as they are."""
    flip = np.array(data.draw(st.lists(st.sampled_from([-1, 1]), min_size=8, max_size=8)))
    switched = signed * np.outer(flip, flip)[: len(signed), : len(signed)]

    assert balance.frustration_index(switched).index == balance.frustration_index(signed).index
    assert balance.balanced(switched) is balance.balanced(signed)
    assert balance.unbalanced_triangles(switched).tolist() == (
        balance.unbalanced_triangles(signed).tolist()
    )
    for measure in (balance.triangle_index, balance.walk_balance, balance.algebraic_conflict):
        assert measure(switched) == pytest.approx(measure(signed), abs=1e-9, nan_ok=True)


@given(signed=_signed())
def test_balanced_graphs_have_every_measure_at_its_best(signed):
    """L = 0 if and only if balanced, and then T and K are 1 and some eigenvalue is 0."""
    found = balance.frustration_index(signed)

    assert balance.balanced(signed) is (found.index == 0)
    if found.index == 0:
        assert balance.walk_balance(signed) == pytest.approx(1.0)
        assert balance.algebraic_conflict(signed) == pytest.approx(0.0, abs=1e-9)
        triangles = balance.triangle_index(signed)
        assert math.isnan(triangles) or triangles == 1.0
        assert found.edges == 0 or found.normalized == 1.0


@given(signed=_large())
def test_connected_graphs_keep_the_known_upper_bound(signed):
    """L is at most m / 2 - (n - 1) / 4 in a connected graph (Aref & Wilson 2018)."""
    ring = np.roll(np.eye(len(signed), dtype=np.int64), 1, axis=1)
    connected = np.where((signed == 0) & (ring + ring.T > 0), 1, signed)
    found = balance.frustration_index(connected)

    assert found.index <= found.edges / 2 - (len(signed) - 1) / 4


@given(signed=_signed(), data=st.data())
def test_isolated_vertices_change_nothing(signed, data):
    """A vertex without edges, wherever it stands, leaves L, T and every range as they are."""
    at = data.draw(st.integers(0, len(signed)))
    wider = np.insert(np.insert(signed, at, 0, axis=0), at, 0, axis=1)

    assert balance.frustration_index(wider).index == balance.frustration_index(signed).index
    assert balance.triangle_index(wider) == pytest.approx(
        balance.triangle_index(signed), nan_ok=True
    )
    assert np.delete(balance.state_range(wider).least, at).tolist() == (
        balance.state_range(signed).least.tolist()
    )


@given(signed=_signed(most=7), data=st.data())
def test_landscape_energy_is_frustration(signed, data):
    """With unit sizes, E(X) = 2 (frustrated edges under X - negative edges)."""
    n = len(signed)
    sides = np.array(data.draw(st.lists(st.integers(0, 1), min_size=n, max_size=n)))
    y = 1 - 2 * sides
    frustrated = (signed * np.outer(y, y) < 0).sum() // 2

    assert energy(np.ones(n), signed, sides) == 2 * (frustrated - (signed < 0).sum() // 2)


@given(weights=_signed(least=2, most=9, weights=(-3, -2, -1, 0, 1, 2, 3)))
def test_reductions_keep_the_least_weight(weights):
    """What is paid and what the blocks need add up; the sides restored attain the sum."""
    size, first, second, _ = signed_edges(np.sign(weights))
    weight = weights[first, second]
    reduced = reduce(size, first, second, weight)

    total, sides = reduced.paid, []
    for block in reduced.blocks:
        made = BlockSearch(block)
        made.enumerate()
        total += made.best
        sides.append(made.side)
    side = reduced.restore(sides)

    assert total == plain.exhaust(weights)[0]
    assert total == np.abs(weight[weight * side[first] * side[second] < 0]).sum()


@given(weights=_signed(least=2, most=9, weights=(-2, -1, 0, 1, 2)))
def test_compiled_enumeration_is_the_plain_one(weights):
    """Least weight, number of best partitions and ranges agree with the definition."""
    side, least, most = (np.zeros(len(weights), dtype=np.int64) for _ in range(3))
    best, count = exhaust(weights, side, least, most)

    expected = plain.exhaust(weights)

    assert (best, count, least.tolist(), most.tolist()) == (
        *expected[:2],
        expected[2].tolist(),
        expected[3].tolist(),
    )
    assert best == np.abs(weights[np.triu(weights * np.outer(side, side)) < 0]).sum()


@given(weights=_signed(least=2, most=12, weights=(-2, -1, 0, 1, 2)), seed=st.integers(0, 99))
def test_compiled_tabu_search_is_the_plain_one(weights, seed):
    """Flip by flip the same, and the weight returned is that of the sides returned."""
    block = _whole(weights)
    start, near, edge = _rows(block)
    fast, slow = np.ones(len(weights), dtype=np.int64), np.ones(len(weights), dtype=np.int64)

    cost = tabu(start, near, block.weight[edge], fast, 50, seed)

    assert cost == plain.tabu(start, near, block.weight[edge], slow, 50, seed)
    assert fast.tolist() == slow.tolist()
    assert cost == block.cost(fast)


@given(signed=_signed(least=3, most=8), seed=st.integers(0, 99))
def test_compiled_cycle_search_finds_a_shortest_unbalanced_cycle(signed, seed):
    """The shortest cycle found is as short as the plain search says; all found are unbalanced."""
    block = _whole(signed)
    start, near, edge = _rows(block)
    negative = block.weight < 0
    length = np.random.default_rng(seed).choice([0.05, 0.2, 0.3], len(block.weight))

    heads, edges = short_cycles(
        NeighbourRows(start, near, edge, negative),
        length,
        np.arange(block.size),
        CycleBounds(1.0, 0.0, 1, 10_000),
    )

    found = [edges[a:b] for a, b in pairwise(heads)]
    expected = plain.shortest_unbalanced(
        block.size, block.first, block.second, negative.astype(np.int64), length
    )
    shortest = min((length[cycle].sum() for cycle in found), default=math.inf)
    assert shortest == pytest.approx(expected if expected < 1 - 1e-12 else math.inf)
    for cycle in found:
        ends = np.bincount(np.concatenate([block.first[cycle], block.second[cycle]]))
        assert negative[cycle].sum() % 2 == 1
        assert (ends % 2 == 0).all()


@given(signed=_signed(least=5, most=7, weights=(-1, -1, 0, 1)), seed=st.integers(0, 99))
def test_compiled_search_for_fives_finds_the_shortest(signed, seed):
    """The ten walks of the five found are as short together as the plain search says."""
    block = _whole(signed)
    start, near, edge = _rows(block)
    n, negative = block.size, block.weight < 0
    length = np.random.default_rng(seed).choice([0.1, 0.3, 0.4], len(block.weight))
    fives = np.array(list(combinations(range(n), 5)))

    heads, edges, times = odd_fives(
        NeighbourRows(start, near, edge, negative),
        length,
        fives,
        FiveBounds(1, 1, 0.0, 3.95, 0.0, seed, 1000),
    )

    expected = plain.shortest_five(n, block.first, block.second, negative.astype(np.int64), length)
    shortest = times @ length[edges] if len(heads) > 1 else math.inf
    assert (expected if expected < 3.95 else math.inf) == pytest.approx(shortest)


@given(signed=_large() | _signed(least=5, weights=(-1, 1)), seed=st.integers(0, 99))
def test_every_five_holds_for_every_partition(signed, seed):
    """However the vertices stand, the walks of a five have at least four frustrated edges."""
    block = _whole(signed)
    start, near, edge = _rows(block)
    negative, n = block.weight < 0, block.size
    length = np.random.default_rng(seed).choice([0.05, 0.2, 0.3], len(block.weight))
    fives = np.array(list(combinations(range(8), 5)))

    heads, edges, times = odd_fives(
        NeighbourRows(start, near, edge, negative),
        length,
        fives,
        FiveBounds(20, 20, 0.01, 4.0, 0.05, seed, 1000),
    )

    sides = np.random.default_rng(seed).choice([-1, 1], (200, n))
    frustrated = block.weight * sides[:, block.first] * sides[:, block.second] < 0
    counts = [
        (frustrated[:, edges[a:b]] * times[a:b]).sum(axis=1).min() for a, b in pairwise(heads)
    ]
    assert all(count >= 4 for count in counts)


@given(signed=_signed(least=2, most=6), data=st.data())
def test_fast_deltas_are_the_plain_ones(signed, data):
    """Counting only the triangles over edited ties gives what starting again gives."""
    n = len(signed)
    nan = np.full((n, n), np.nan)
    system = System(
        tuple("ABCDEF"[:n]), np.maximum(signed, 0.0), np.maximum(-signed, 0.0), np.ones(n), nan
    )
    tie = st.sampled_from([(1.0, 0.0), (0.6, 0.0), (0.4, 0.0), (0.0, 0.0), (0.0, 1.0)])
    pair = st.lists(st.integers(0, n - 1), min_size=2, max_size=2, unique=True)
    edit = st.tuples(pair, tie).map(lambda e: (*e[0], *e[1]))
    changes = data.draw(st.lists(st.lists(edit, max_size=4), min_size=1, max_size=4))
    moves = Moves.build(changes, [[0]] * len(changes))
    lens = Balance()

    fast = lens.deltas(system, moves, lens.values())

    assert fast.tolist() == Lens.deltas(lens, system, moves, lens.values()).tolist()


@given(signed=_signed())
def test_security_is_minus_the_unbalanced_triangles(signed):
    """Counting triples one by one gives the lens's security."""
    n = len(signed)
    count = np.zeros(n)
    for i in range(n):
        for j in range(i):
            for k in range(j):
                if signed[i, j] * signed[j, k] * signed[i, k] < 0:
                    count[[i, j, k]] += 1
    nan = np.full((n, n), np.nan)
    codes = tuple("ABCDEFGH"[:n])
    system = System(codes, np.maximum(signed, 0.0), np.maximum(-signed, 0.0), np.ones(n), nan)
    lens = Balance()

    assert lens.security(system, lens.values()).tolist() == (-count).tolist()
