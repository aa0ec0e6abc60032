"""What holds of every landscape: exact search, compiled loops and present sides."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detente.architecture.system import Moves, System
from detente.lenses import landscape
from detente.lenses.landscape import Landscape
from detente.lenses.protocol import Lens
from detente.testing import build

KINDS = [(0.0, 0.0), (1.0, 0.0), (0.5, 0.0), (0.0, 1.0)]


@st.composite
def _landscapes(draw, most=7, signs=False):
    n = draw(st.integers(1, most))
    values = st.integers(-1, 1) if signs else st.integers(-3, 3)
    propensity = np.zeros((n, n))
    for i in range(n):
        for j in range(i):
            propensity[i, j] = propensity[j, i] = draw(values)
    sizes = [1.0] * n if signs else draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
    return np.array(sizes, dtype=float), propensity


@st.composite
def _systems(draw, least=2, most=8):
    n = draw(st.integers(least, most))
    ally, rival = np.zeros((n, n)), np.zeros((n, n))
    for i in range(n):
        for j in range(i):
            a, r = draw(st.sampled_from(KINDS))
            ally[i, j] = ally[j, i] = a
            rival[i, j] = rival[j, i] = r
    weights = draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
    weights[0] = max(weights[0], 1)
    codes = tuple(f"S{i}" for i in range(n))
    return System(codes, ally, rival, np.array(weights, float), np.full((n, n), np.nan))


@st.composite
def _changes(draw, n):
    pairs = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda p: p[0] != p[1])
    edit = st.builds(lambda p, t: (*p, *t), pairs, st.sampled_from(KINDS))
    edits = draw(st.lists(st.lists(edit, max_size=4), max_size=4))
    return Moves.build(edits, [[0]] * len(edits))


def _all_sides(n: int) -> list[np.ndarray]:
    return [np.array([0, *rest]) for rest in product((0, 1), repeat=n - 1)]


def _weights(size: np.ndarray, propensity: np.ndarray) -> np.ndarray:
    return size[:, None] * size[None, :] * propensity


@given(case=_landscapes())
@settings(deadline=None)
def test_exact_search_equals_descent_from_every_configuration(case):
    """Minima, energies and basins of the compiled search are those of the plain twin."""
    size, propensity = case
    expected: dict[tuple[int, ...], int] = {}
    for side in _all_sides(len(size)):
        end = tuple(landscape.descend(_weights(size, propensity), side).tolist())
        expected[end] = expected.get(end, 0) + 1

    found = landscape.minima(size, propensity)

    assert expected == {tuple(m.side.tolist()): m.basin for m in found}
    for m in found:
        assert m.energy == landscape.energy(size, propensity, m.side)
    assert [m.energy for m in found] == sorted(m.energy for m in found)


@given(case=_landscapes(), data=st.data())
@settings(deadline=None)
def test_switching_changes_energy_by_twice_size_times_change_of_frustration(case, data):
    """E(X) - E(Y) = 2 s_k (F_k(X) - F_k(Y)) for configurations that differ in state k."""
    size, propensity = case
    side = np.array(data.draw(st.lists(st.integers(0, 1), min_size=len(size), max_size=len(size))))
    k = data.draw(st.integers(0, len(size) - 1))
    other = side.copy()
    other[k] = 1 - other[k]

    here, there = (landscape.frustration(size, propensity, x)[k] for x in (side, other))

    change = landscape.energy(size, propensity, side) - landscape.energy(size, propensity, other)
    assert change == 2.0 * size[k] * (here - there)


@given(case=_landscapes(signs=True))
@settings(deadline=None)
def test_lowest_energy_is_twice_frustration_index_less_negative_ties(case):
    """With unit sizes and signs, E(X) = 2 (f(X) - m-) with f the frustrated edges under X."""
    size, sign = case
    n = len(size)
    edges = [(i, j) for i in range(n) for j in range(i) if sign[i, j]]
    negative = sum(sign[i, j] < 0 for i, j in edges)

    def frustrated(side):
        return sum((sign[i, j] < 0) == (side[i] == side[j]) for i, j in edges)

    for side in _all_sides(n):
        assert landscape.energy(size, sign, side) == 2 * (frustrated(side) - negative)
    index = min(frustrated(side) for side in _all_sides(n))
    assert landscape.minima(size, sign)[0].energy == 2 * (index - negative)


@given(case=_landscapes(most=6))
@settings(deadline=None)
def test_lowest_pass_equals_the_best_of_all_ways(case):
    """The flood finds the least highest energy on the way to a configuration of another basin."""
    size, propensity = case
    n, weights = len(size), _weights(size, propensity)
    heights = {tuple(x.tolist()): landscape.energy(size, propensity, x) for x in _all_sides(n)}
    ends = {x: tuple(landscape.descend(weights, np.array(x)).tolist()) for x in heights}

    def neighbors(x):
        for k in range(n):
            y = list(x)
            y[k] = 1 - y[k]
            yield tuple(v ^ y[0] for v in y)

    for m in landscape.minima(size, propensity):
        start = tuple(m.side.tolist())
        levels = dict.fromkeys(heights, np.inf) | {start: heights[start]}
        for _ in heights:  # Bellman-Ford on the highest energy of a way
            for x in heights:
                for y in neighbors(x):
                    levels[y] = min(levels[y], max(levels[x], heights[y]))
        ways = [levels[x] for x in heights if ends[x] != start]
        expected = min(ways, default=np.inf) - heights[start]

        assert expected == landscape.lowest_pass(size, propensity, m.side)


@given(system=_systems(), rivalry=st.sampled_from([0.5, 1.0, 1.3]))
@settings(deadline=None)
def test_compiled_security_equals_the_plain_alignments(system, rivalry):
    """Security is minus the mean burden over the alignments of a state's component."""
    lens = Landscape()
    share = system.capability / system.capability.sum()
    propensity = system.allies - rivalry * system.rivals
    weights = _weights(share, propensity)
    views: list[list[float]] = [[] for _ in share]
    for found in landscape.alignments(share, propensity):
        apart = (1.0 - found.side[:, None] * found.side[None, :]) / 2.0
        burden = (weights[np.ix_(found.members, found.members)] * apart).sum(axis=1)
        for i, b in zip(found.members, burden, strict=True):
            views[i].append(b)
    expected = [-np.mean(v) if v else 0.0 for v in views]

    actual = lens.security(system, lens.values({"rivalry": rivalry}))

    assert expected == pytest.approx(actual.tolist(), abs=1e-14)


@given(system=_systems())
@settings(deadline=None)
def test_present_sides_are_a_local_minimum(system):
    """Nobody who has a side would lower the energy by switching, once everybody has one."""
    propensity = system.allies - system.rivals
    for found in landscape.alignments(system.capability, propensity):
        if found.side.all():
            size = system.capability[found.members]
            inner = propensity[np.ix_(found.members, found.members)]
            side = (found.side != found.side[0]).astype(int)

            assert side.tolist() == landscape.descend(_weights(size, inner), side).tolist()


@given(system=_systems(), data=st.data())
@settings(deadline=None)
def test_order_of_the_states_does_not_matter(system, data):
    """Permuting the states permutes their security, also where many are equal."""
    order = np.array(data.draw(st.permutations(range(system.size))))
    lens = Landscape()
    mixed = System(
        tuple(system.codes[i] for i in order),
        system.allies[np.ix_(order, order)],
        system.rivals[np.ix_(order, order)],
        system.capability[order],
        system.distance[np.ix_(order, order)],
    )

    expected = lens.security(system, lens.values())[order]

    assert expected == pytest.approx(lens.security(mixed, lens.values()), abs=1e-14)


@given(system=_systems())
@settings(deadline=None)
def test_isolated_state_changes_nothing(system):
    """A new state without ties or capability leaves everybody as secure as before."""
    lens = Landscape()
    wider = System(
        (*system.codes, "X"),
        np.pad(system.allies, (0, 1)),
        np.pad(system.rivals, (0, 1)),
        np.append(system.capability, 0.0),
        np.pad(system.distance, (0, 1), constant_values=np.nan),
    )

    actual = lens.security(wider, lens.values())

    assert [*lens.security(system, lens.values()), 0.0] == pytest.approx(actual, abs=1e-14)


@given(data=st.data())
@settings(deadline=None)
def test_fast_deltas_equal_one_change_at_a_time(data):
    """The compiled loop over the changes gives what the plain way gives."""
    system = data.draw(_systems())
    moves = data.draw(_changes(system.size))
    lens = Landscape()

    expected = Lens.deltas(lens, system, moves, lens.values())

    assert expected == pytest.approx(lens.deltas(system, moves, lens.values()), abs=1e-14)


def test_a_pair_edited_more_than_once_by_a_change_is_tied_once():
    """Allied, parted and allied again by one change, two states count each other once."""
    system = build({"AA": 1, "BB": 1, "CC": 1}, rivals=[("AA", "BB", 4)]).system
    again = [(0, 2, 1.0, 0.0), (1, 2, 1.0, 0.0), (1, 2, 0.0, 0.0), (1, 2, 1.0, 0.0)]
    moves = Moves.build([again, again[:2]], [[0], [0]])
    lens = Landscape()

    repeated, once = lens.deltas(system, moves, lens.values())

    assert once.tolist() == repeated.tolist()
    assert Lens.deltas(lens, system, moves, lens.values())[0] == pytest.approx(repeated, abs=1e-14)
