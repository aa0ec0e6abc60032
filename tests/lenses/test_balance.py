"""The balance lens and its measures on systems small enough to work out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.sparse import csr_array

from detente.architecture.system import Moves, System
from detente.errors import UsageError
from detente.lenses import balance, find
from detente.lenses.balance import Balance
from detente.lenses.balance.frustration import program, search

STRAINED = np.array([[0, 1, -1], [1, 0, 1], [-1, 1, 0]])  # two rivals with one friend


def _system(n: int, allies: dict[tuple[int, int], float], rivals: list[tuple[int, int]]) -> System:
    ally, rival = np.zeros((n, n)), np.zeros((n, n))
    for (i, j), weight in allies.items():
        ally[i, j] = ally[j, i] = weight
    for i, j in rivals:
        rival[i, j] = rival[j, i] = 1.0
    codes = tuple("ABCDEFGHIJ"[:n])
    return System(codes, ally, rival, np.ones(n), np.full((n, n), np.nan))


def _security(system: System) -> list[float]:
    lens = Balance()
    return lens.security(system, lens.values()).tolist()


def _random(n: int, positive: int, negative: int, seed: int) -> np.ndarray:
    """Draw a graph of three blocs: nine friendships of ten inside, nine rivalries of ten across."""
    rng = np.random.default_rng(seed)
    bloc = rng.integers(3, size=n)
    signed = np.zeros((n, n), dtype=np.int64)
    for sign, count in ((1, positive), (-1, negative)):
        while count:
            i, j = rng.integers(n, size=2)
            usual = (bloc[i] == bloc[j]) == (sign > 0)
            if i != j and not signed[i, j] and usual == (rng.random() < 0.9):
                signed[i, j] = signed[j, i] = sign
                count -= 1
    return signed


def test_lens_is_found_by_its_key():
    """No printed number of the lens itself is reproduced, so it is checked, not verified."""
    lens = find("balance")

    assert isinstance(lens, Balance)
    assert lens.status == "checked"


def test_friend_of_two_rivals_strains_all_three():
    """A triangle with one rivalry is unbalanced and counts once at each of its states."""
    assert _security(_system(4, {(0, 1): 1, (1, 2): 1}, [(0, 2)])) == [-1, -1, -1, 0]


def test_three_rivals_strain_one_another():
    """A triangle of three rivalries is unbalanced as well."""
    assert _security(_system(3, {}, [(0, 1), (1, 2), (0, 2)])) == [-1, -1, -1]


def test_two_allies_against_one_are_at_ease():
    """A triangle with two rivalries is balanced."""
    assert _security(_system(3, {(0, 1): 1}, [(0, 2), (1, 2)])) == [0, 0, 0]


@pytest.mark.parametrize(("weight", "expected"), [(0.49, 0), (0.5, -1), (1.0, -1)])
def test_weak_alliances_are_no_friendly_ties(weight, expected):
    """An alliance counts from half its weight on."""
    assert _security(_system(3, {(0, 1): weight, (1, 2): 1}, [(0, 2)])) == [expected] * 3


def test_deltas_of_a_change_of_two_ties():
    """Reconciling two rivals and estranging two allies at once is seen as one change."""
    system = _system(4, {(0, 1): 1, (1, 2): 1, (2, 3): 1, (0, 3): 1}, [(0, 2)])
    moves = Moves.build(
        [[(0, 2, 1.0, 0.0)], [(0, 2, 1.0, 0.0), (0, 1, 0.0, 1.0)], []], [[0, 2], [0], [1]]
    )
    lens = Balance()

    deltas = lens.deltas(system, moves, lens.values())

    assert deltas.tolist() == [[2, 1, 2, 1], [1, 0, 1, 1], [0, 0, 0, 0]]


def test_balance_of_small_graphs():
    """Two camps are balanced, a friend of two rivals is not, no ties are."""
    assert balance.balanced(-np.array([[0, 1], [1, 0]]))
    assert not balance.balanced(STRAINED)
    assert balance.balanced(np.zeros((3, 3)))
    assert balance.balanced(np.zeros((0, 0)))


def test_measures_without_what_they_count():
    """Without triangles T is not a number; without vertices K is 1 and the conflict 0."""
    assert math.isnan(balance.triangle_index(np.zeros((2, 2))))
    assert math.isnan(balance.frustration_index(np.zeros((2, 2))).normalized)
    assert balance.walk_balance(np.zeros((0, 0))) == 1.0
    assert balance.algebraic_conflict(np.zeros((0, 0))) == 0.0


def test_measures_of_one_strained_triangle():
    """K = (2 e^1 + e^-2) / (e^2 + 2 e^-1), and the Laplacian's least eigenvalue is 1."""
    e = math.e

    assert balance.triangle_index(STRAINED) == 0.0
    assert balance.walk_balance(STRAINED) == pytest.approx((2 * e + e**-2) / (e**2 + 2 / e))
    assert balance.algebraic_conflict(STRAINED) == pytest.approx(1.0)


def test_index_of_the_empty_graph():
    """A graph without vertices has nothing to frustrate."""
    found = balance.frustration_index(np.zeros((0, 0)))

    assert (found.index, found.partition.tolist(), found.edges) == (0, [], 0)


def test_sparse_and_dense_are_the_same():
    """A sparse matrix gives what the dense one gives, stored zeros or not."""
    signed = _random(30, 60, 40, 3)
    sparse = csr_array(signed)
    sparse.data[:0] = 0

    assert balance.frustration_index(sparse).index == balance.frustration_index(signed).index
    assert balance.triangle_index(sparse) == balance.triangle_index(signed)


@pytest.mark.parametrize(
    ("signed", "words"),
    [
        ([[0, 1], [-1, 0]], "symmetric"),
        ([[0, 1], [0, 0]], "symmetric"),
        ([[0, math.nan], [math.nan, 0]], "not nan"),
        ([[1, 0], [0, 0]], "itself"),
        ([[0, 1, 0], [1, 0, 0]], "square"),
        ([0, 1], "square"),
    ],
)
def test_what_is_no_signed_graph_is_refused(signed, words):
    """Faults of the matrix are named."""
    with pytest.raises(UsageError, match=words):
        balance.frustration_index(signed)


@pytest.mark.parametrize("sign", [-1, 1])
def test_groups_joined_by_a_bridge_keep_their_optima(sign):
    """Two groups of five enemies with one tie between them need four edges each."""
    signed = np.zeros((10, 10), dtype=np.int64)
    signed[:5, :5] = signed[5:, 5:] = np.eye(5) - 1
    signed[0, 5] = signed[5, 0] = sign
    found = balance.frustration_index(signed)
    side = 1 - 2 * found.partition

    assert (found.index, found.proven) == (8, True)
    assert side[0] * side[5] == sign
    assert balance.state_range(signed).least.tolist() == [1] * 10


def test_time_limit_returns_bounds():
    """Without time the partition is only as good as a heuristic, and says so."""
    signed = _random(60, 250, 250, 5)
    found = balance.frustration_index(signed, time_limit=0)
    side = 1 - 2 * found.partition

    assert found.index is None
    assert not found.proven
    assert 0 <= found.lower < found.upper
    assert found.upper == int((signed * np.outer(side, side) < 0).sum()) // 2
    assert math.isnan(found.normalized)


def test_ranges_without_time_are_bounds():
    """Without time a range is what no optimal partition can leave, and says so."""
    signed = _random(60, 250, 250, 5)
    found = balance.state_range(signed, time_limit=0)

    assert not found.proven.any()
    assert found.least.tolist() == [0] * 60
    assert found.most.tolist() == (np.abs(signed).sum(axis=1) // 2).tolist()


@pytest.mark.parametrize("seed", range(3))
def test_both_ways_to_the_solver_agree(monkeypatch, seed):
    """The index and the ranges are the same with highspy and through SciPy."""
    signed = _random(40, 110, 50, seed)
    monkeypatch.setattr(program, "has_highspy", lambda: False)
    through_scipy = balance.frustration_index(signed)
    ranges = balance.state_range(signed)
    monkeypatch.undo()

    assert balance.frustration_index(signed).index == through_scipy.index
    assert through_scipy.proven
    assert balance.state_range(signed).least.tolist() == ranges.least.tolist()
    assert balance.state_range(signed).most.tolist() == ranges.most.tolist()


@pytest.mark.parametrize("highspy", [True, False])
@pytest.mark.parametrize("n", [7, 9, 10])
def test_branching_closes_what_cycles_leave_open(monkeypatch, n, highspy):
    """Among n enemies the cycles prove only a third of the edges; branching proves the rest."""
    monkeypatch.setattr(search, "SMALL", 2)
    monkeypatch.setattr(search, "ENUMERATED", 2)
    if not highspy:
        monkeypatch.setattr(program, "has_highspy", lambda: False)
    found = balance.frustration_index(np.eye(n, dtype=np.int64) - 1)

    assert (found.index, found.proven) == ((n - 1) ** 2 // 4, True)


@pytest.mark.parametrize("n", [6, 7, 8, 9])
def test_fives_close_what_cycles_leave_open(monkeypatch, n):
    """Among n enemies fives prove two fifths of the edges, which needs no branching up to nine."""
    monkeypatch.setattr(search, "SMALL", 2)
    monkeypatch.setattr(search, "ENUMERATED", 2)
    monkeypatch.setattr(search.BlockSearch, "_branches", lambda *_: pytest.fail("it branched"))
    found = balance.frustration_index(np.eye(n, dtype=np.int64) - 1)

    assert (found.index, found.proven) == ((n - 1) ** 2 // 4, True)


def test_largest_programmes_are_solved_by_a_first_order_method(monkeypatch):
    """The index is the same, whatever solves the programmes with fives."""
    used = []
    solve = program._by_first_order

    def watch(*arguments):
        used.append(solve(*arguments))
        return used[-1]

    monkeypatch.setattr(program, "LARGE", 0)
    monkeypatch.setattr(program, "LARGEST", 0)
    monkeypatch.setattr(program, "_by_first_order", watch)
    found = balance.frustration_index(np.eye(18, dtype=np.int64) - 1)

    assert (found.index, found.proven) == (72, True)
    assert any(solved is not None for solved in used)


def test_interior_point_and_simplex_agree(monkeypatch):
    """The index does not depend on the method by which the programmes are solved."""
    signed = _random(60, 240, 120, 1)
    expected = balance.frustration_index(signed)
    monkeypatch.setattr(program, "LARGE", 0)

    assert balance.frustration_index(signed).index == expected.index
    assert expected.proven


def test_simplex_steps_in_where_the_interior_point_fails(monkeypatch):
    """A programme that the interior point gives no answer to is solved by the simplex."""
    signed = _random(40, 110, 50, 1)
    expected = balance.frustration_index(signed)
    monkeypatch.setattr(program, "LARGE", 0)
    monkeypatch.setattr(program, "_by_interior_point", lambda *_: None)

    assert balance.frustration_index(signed).index == expected.index
    assert expected.proven


def test_without_an_answer_from_the_solver_nothing_is_claimed(monkeypatch):
    """If no programme is solved, the result is a pair of bounds, not an index."""
    monkeypatch.setattr(program.Programme, "_solve", lambda *_: None)
    found = balance.frustration_index(_random(40, 110, 50, 1))

    assert (found.index, found.proven, found.lower) == (None, False, 0)
