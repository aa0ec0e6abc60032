"""What holds of every contest: the equilibrium itself, its identities, and the fast path."""

from __future__ import annotations

from unittest import mock

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from detente.architecture.system import Moves, System
from detente.errors import NoEquilibrium
from detente.lenses import contest
from detente.lenses.contest import Contest, equilibrium, new_alliances
from detente.lenses.protocol import Lens, reduce_deltas

SEEDS = st.integers(0, 2**32 - 1)
FIELDS = ("least", "most", "desire", "gain", "loss", "harmed", "pays", "sign")
VERDICTS = FIELDS[:5]


def signed(random, n, *, weighted=False, density=0.3):
    """Return random alliances and enmities of n states."""
    draw = np.triu(random.random((n, n)), 1)
    allies = ((draw > 0) & (draw < density)).astype(float)
    enemies = ((draw > density) & (draw < 2 * density)).astype(float)
    if weighted:
        allies *= random.random((n, n))
    return allies + allies.T, enemies + enemies.T


def system_of(random, n, **kind):
    """Return a random system; capabilities differ by orders of magnitude."""
    allies, enemies = signed(random, n, **kind)
    codes = tuple(f"S{i}" for i in range(n))
    return System(codes, allies, enemies, random.lognormal(0, 1.5, n), np.full((n, n), np.nan))


def changes_of(random, n, count):
    """Return random changes: one pair, many pairs of one state, of several, repeated, none."""
    edits, actors = [], []
    for _ in range(count):
        centre = int(random.integers(n))
        others = [i for i in range(n) if i != centre]
        size = random.choice([1, 1, 1, 0, int(random.integers(1, n))])
        change = [(centre, int(j)) for j in random.choice(others, size, replace=False)]
        if random.random() < 0.2:
            change.append(tuple(int(i) for i in random.choice(n, 2, replace=False)))
        if random.random() < 0.2:
            change += [(j, i) for i, j in change[:1]]
        edits.append(
            [
                (*(pair if random.random() < 0.5 else pair[::-1]), a, r)
                for pair in change
                for a, r in [[(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (0.4, 0.0)][random.integers(4)]]
            ]
        )
        actors.append([int(i) for i in random.choice(n, random.integers(0, 3), replace=False)])
    return Moves.build(edits, actors)


def solve(allies, enemies, **given):
    """Solve a game, or skip the example if it has no equilibrium."""
    try:
        return equilibrium(allies, enemies, **given)
    except NoEquilibrium:
        assume(False)
        raise


def payoff_of(i, effort, x, system, cost, prize):
    """Return i's payoff, with performances clipped at zero in the sum, for many efforts of i."""
    xs = np.repeat(x[:, None], len(effort), axis=1)
    xs[i] = effort
    phi = system @ xs
    sums = np.maximum(phi, 0).sum(axis=0)
    won = np.where(phi[i] >= 0, prize * phi[i] / np.where(sums > 0, sums, 1.0), -1e3)
    return won - cost[i] * effort


# A tiny beta may be all that is left of 1 + beta d+ - gamma d-: then rounding of the efforts is
# larger than the gains that are looked for (5e-8 at beta = 1e-14).
@given(
    seed=SEEDS,
    n=st.integers(3, 7),
    corners=st.booleans(),
    beta=st.just(0.0) | st.floats(1e-6, 0.5),
)
def test_nobody_gains_by_another_effort(seed, n, corners, beta):
    """It is a Nash equilibrium of the clipped game: no effort on a fine grid pays more."""
    random = np.random.default_rng(seed)
    allies, enemies = signed(random, n)
    gamma = 0.25
    cost = random.lognormal(0, 0.8, n) if corners else np.ones(n)
    game = solve(allies, enemies, beta=beta, gamma=gamma, cost=cost, interior="corners")
    system = np.eye(n) + beta * allies - gamma * enemies

    for i in range(n):
        wide = np.linspace(-2, 2, 801)
        near = game.effort[i] + np.linspace(-0.01, 0.01, 201)
        other = payoff_of(i, np.concatenate([wide, near]), game.effort, system, cost, 1.0)
        assert other.max() <= game.payoff[i] + 1e-9


@given(
    seed=SEEDS,
    n=st.integers(2, 9),
    beta=st.floats(0, 0.4, allow_subnormal=False),
    gamma=st.floats(0, 0.2, allow_subnormal=False),
    prize=st.floats(0.1, 10),
    kappa=st.sampled_from([0.0, 0.3]),
)
def test_the_identities_of_the_equilibrium(seed, n, beta, gamma, prize, kappa):
    """Shares sum to one, performances to S, the definition of phi holds, and V scales all."""
    random = np.random.default_rng(seed)
    allies, enemies = signed(random, n, weighted=True)
    cost = random.lognormal(0, 1, n) ** kappa
    endowment = random.normal(size=n)
    given_ = {"beta": beta, "gamma": gamma, "cost": cost, "interior": "corners"}
    game = solve(allies, enemies, prize=prize, endowment=prize * endowment, **given_)
    unit = solve(allies, enemies, endowment=endowment, **given_)

    assert game.share.sum() == pytest.approx(1)
    assert game.performance.sum() == pytest.approx(game.total)
    phi = game.effort + beta * allies @ game.effort - gamma * enemies @ game.effort
    np.testing.assert_allclose(game.performance, phi + prize * endowment, atol=1e-8)
    for name in ("effort", "performance", "payoff"):
        np.testing.assert_allclose(
            prize * getattr(unit, name), getattr(game, name), rtol=1e-7, atol=1e-9
        )
    if kappa == 0:
        assert game.efficiency == pytest.approx(1 - 1 / game.vulnerability.sum())
        assert game.welfare == pytest.approx(prize - game.dissipation)


@given(n=st.integers(2, 12), prize=st.floats(0.1, 10), seed=SEEDS)
def test_without_spillovers_all_spend_the_same(n, prize, seed):
    """With beta = gamma = 0 the ties do not matter: x = V (n-1) / n**2."""
    allies, enemies = signed(np.random.default_rng(seed), n)

    game = equilibrium(allies, enemies, beta=0, gamma=0, prize=prize)

    np.testing.assert_allclose(game.effort, prize * (n - 1) / n**2)


@given(seed=SEEDS, n=st.integers(3, 8), tie=st.sampled_from(["ally", "enemy"]))
def test_enmities_raise_and_alliances_lower_both_vulnerabilities(seed, n, tie):
    """A new tie moves the two states' vulnerabilities only: up for enemies, down for allies."""
    random = np.random.default_rng(seed)
    allies, enemies = signed(random, n)
    free = np.argwhere(np.triu((allies == 0) & (enemies == 0), 1))
    assume(len(free))
    i, j = free[random.integers(len(free))]
    before = solve(allies, enemies, beta=0.2, gamma=0.08).vulnerability
    matrix = allies if tie == "ally" else enemies
    matrix[i, j] = matrix[j, i] = 1.0
    after = solve(allies, enemies, beta=0.2, gamma=0.08).vulnerability

    moved = np.sign(after - before)
    expected = np.zeros(n)
    expected[[i, j]] = -1 if tie == "ally" else 1
    np.testing.assert_array_equal(expected, moved)


@given(seed=SEEDS, n=st.integers(2, 8), kappa=st.sampled_from([0.0, 0.4]))
def test_relabelling_the_states_relabels_the_game(seed, n, kappa):
    """No state is treated differently because of its place."""
    random = np.random.default_rng(seed)
    allies, enemies = signed(random, n, weighted=True)
    cost, order = random.lognormal(0, 1, n) ** kappa, random.permutation(n)
    given_ = {"beta": 0.15, "gamma": 0.1, "interior": "corners"}

    plain = solve(allies, enemies, cost=cost, **given_)
    turned = solve(
        allies[np.ix_(order, order)], enemies[np.ix_(order, order)], cost=cost[order], **given_
    )

    np.testing.assert_allclose(plain.payoff[order], turned.payoff, rtol=1e-9, atol=1e-11)
    np.testing.assert_array_equal(plain.active[order], turned.active)


@given(
    seed=SEEDS,
    n=st.integers(2, 11),
    beta=st.floats(0, 0.6, allow_subnormal=False),
    gamma=st.floats(0, 0.3, allow_subnormal=False),
    kappa=st.sampled_from([0.0, 0.1, 0.5, 1.0]),
    weighted=st.booleans(),
)
def test_the_fast_path_equals_solving_each_change(seed, n, beta, gamma, kappa, weighted):
    """Deltas and verdicts of changes of every kind, also of those after which nothing holds."""
    random = np.random.default_rng(seed)
    system = system_of(random, n, weighted=weighted, density=random.uniform(0, 0.4))
    changes = changes_of(random, n, 20)
    lens, values = Contest(), {"beta": beta, "gamma": gamma, "cost_exponent": kappa}
    try:
        slow = Lens.deltas(lens, system, changes, values)
    except NoEquilibrium:
        with pytest.raises(NoEquilibrium):
            lens.deltas(system, changes, values)
        return

    fast = lens.deltas(system, changes, values)
    screen = lens.screen(system, changes, values, 1e-7)

    scale = 1 + np.nan_to_num(np.abs(slow)).max(axis=1, keepdims=True)
    np.testing.assert_allclose(fast / scale, slow / scale, rtol=0, atol=1e-9)
    # Judged by the fast deltas, so that no rounding puts a delta on the other side of a threshold.
    plain = reduce_deltas(fast, changes, 1e-7)
    for name in FIELDS:
        np.testing.assert_allclose(
            getattr(screen, name), getattr(plain, name), rtol=1e-9, atol=1e-9, err_msg=name
        )


@given(seed=SEEDS, threads=st.integers(2, 5))
def test_the_screen_does_not_depend_on_the_number_of_threads(seed, threads):
    """Bit for bit the same, for a list that is long enough to be split."""
    random = np.random.default_rng(seed)
    n = 6
    system = system_of(random, n)
    changes = changes_of(random, n, 600)
    lens, values = Contest(), {"beta": 0.1, "gamma": 0.06, "cost_exponent": 0.2}

    one = lens.screen(system, changes, values, 1e-9)
    many = lens.screen(system, changes, values, 1e-9, threads=threads)

    for name in FIELDS:
        np.testing.assert_array_equal(getattr(one, name), getattr(many, name), err_msg=name)


@given(
    seed=SEEDS,
    n=st.integers(2, 21),
    beta=st.floats(0, 0.6, allow_subnormal=False),
    gamma=st.floats(0, 0.3, allow_subnormal=False),
    kappa=st.sampled_from([0.0, 0.0, 0.1, 0.5, 1.0]),
    weighted=st.booleans(),
    single=st.booleans(),
    tolerance=st.sampled_from([1e-7, 1e-4, 1e-2]),
)
def test_verdicts_alone_equal_those_with_tables(
    seed, n, beta, gamma, kappa, weighted, single, tolerance
):
    """Who asks for no tables gets the same verdicts: corners, weights, no answer included."""
    random = np.random.default_rng(seed)
    system = system_of(random, n, weighted=weighted, density=random.uniform(0, 0.4))
    changes = new_alliances(system) if single else changes_of(random, n, 41)
    assume(len(changes))
    lens, values = Contest(), {"beta": beta, "gamma": gamma, "cost_exponent": kappa}
    try:
        deltas = lens.deltas(system, changes, values)
    except NoEquilibrium:
        with pytest.raises(NoEquilibrium):
            lens.screen(system, changes, values, tolerance, signs=False, pays=False)
        return

    alone = lens.screen(system, changes, values, tolerance, signs=False, pays=False)
    fused = lens.screen(system, changes, values, tolerance)
    plain = reduce_deltas(deltas, changes, tolerance, signs=False, pays=False)

    assert (None, None) == (alone.pays, alone.sign)
    assert (None, None) == (plain.pays, plain.sign)
    for name in VERDICTS:
        for other in (fused, plain):
            np.testing.assert_allclose(
                getattr(alone, name), getattr(other, name), rtol=1e-10, atol=1e-10, err_msg=name
            )
    assert not (alone.gain < 0).any()
    assert not (alone.loss < 0).any()


@given(seed=SEEDS, kappa=st.sampled_from([0.0, 0.3]), rest=st.integers(0, 7))
def test_verdicts_alone_do_not_depend_on_the_number_of_threads(seed, kappa, rest):
    """Bit for bit the same on one, two and three threads, whatever the length of the list."""
    random = np.random.default_rng(seed)
    system = system_of(random, 11)
    changes = changes_of(random, 11, 80 + rest)
    lens, values = Contest(), {"beta": 0.1, "gamma": 0.06, "cost_exponent": kappa}

    def screen(threads):
        return lens.screen(system, changes, values, 1e-9, signs=False, pays=False, threads=threads)

    with mock.patch.object(
        contest.judging, "SHORT", 16
    ):  # so that a list that one can wait for is split
        one, *others = (screen(threads) for threads in (1, 2, 3))

    for other in others:
        for name in VERDICTS:
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


@given(seed=SEEDS, n=st.integers(2, 9))
def test_new_alliances_are_all_pairs_that_are_not_fully_allied(seed, n):
    """Each such pair once, its rivalry gone, both as initiators."""
    system = system_of(np.random.default_rng(seed), n, weighted=True)

    changes = new_alliances(system)

    pairs = {(i, j) for i in range(n) for j in range(i + 1, n) if system.allies[i, j] < 1}
    assert [(i, j, 1.0, 0.0) for i, j in sorted(pairs)] == [
        edit for k in range(len(changes)) for edit in changes.edits(k)
    ]
    assert [list(pair) for pair in sorted(pairs)] == [
        changes.initiators(k).tolist() for k in range(len(changes))
    ]
