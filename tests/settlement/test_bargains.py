"""Bargaining solutions, alternating offers and war as the alternative: what must hold of any."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from detente.errors import Undefined, UsageError
from detente.settlement import (
    alternating,
    bargaining_range,
    egalitarian,
    kalai_smorodinsky,
    nash,
    screening,
    shifting_power,
    utility,
)
from detente.settlement.bargains.frontier import polygon

SOLUTIONS = (nash, kalai_smorodinsky, egalitarian)
SEEDS = st.integers(0, 10_000)


def pair(seed: int, issues: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Return random gains and losses that sum to 1."""
    rng = np.random.default_rng(seed)
    gains, losses = rng.random(issues), rng.random(issues)
    return gains / gains.sum(), losses / losses.sum()


def parties(seed: int, n: int, power: int, issues: int = 4):
    """Return random utilities of so many parties."""
    rng = np.random.default_rng(seed)
    return utility(rng.random((n, issues)), rng.random((n, issues)) + 0.05, power)


@pytest.mark.parametrize("solve", SOLUTIONS)
@given(seed=SEEDS)
@settings(max_examples=30, deadline=None)
def test_a_solution_lies_on_the_frontier_and_above_disagreement(solve, seed):
    """Nobody gets less than without agreement, and nobody could get more for nothing."""
    gains = pair(seed)
    d = np.random.default_rng(seed).uniform(0, 0.3, 2)

    solution = solve(gains, d)
    best = polygon(gains).at_a(solution.u[0])[0]

    assert (solution.u >= d - 1e-12).all()
    assert best[1] == pytest.approx(solution.u[1], abs=1e-9)
    assert solution.u == pytest.approx(
        [gains[0] @ solution.x, gains[1] @ (1 - solution.x)], abs=1e-12
    )


@given(seed=SEEDS)
@settings(max_examples=30, deadline=None)
def test_nash_does_not_see_units(seed):
    """Another scale and another zero for a party's utility move nothing (w and d together)."""
    (gains, losses), d = pair(seed), np.array([0.1, 0.2])

    plain = nash((gains, losses), d)
    scaled = nash((3 * gains, losses), (3 * d[0], d[1]))

    assert plain.x == pytest.approx(scaled.x, abs=1e-9)


@pytest.mark.parametrize("solve", SOLUTIONS)
def test_a_symmetric_problem_is_split_alike(solve):
    """Two parties that differ in nothing but name get the same."""
    solution = solve(((0.5, 0.3, 0.2), (0.2, 0.3, 0.5)), (0.1, 0.1))

    assert solution.u[0] == pytest.approx(solution.u[1], abs=1e-12)


@pytest.mark.parametrize("solve", SOLUTIONS)
@given(seed=SEEDS)
@settings(max_examples=20, deadline=None)
def test_relabelling_relabels(solve, seed):
    """Names of parties and the order of issues mean nothing."""
    (gains, losses), d = pair(seed), np.array([0.2, 0.05])
    order = np.random.default_rng(seed).permutation(len(gains))

    straight = solve((gains, losses), d)
    turned = solve((losses[order], gains[order]), d[::-1])

    assert straight.u == pytest.approx(turned.u[::-1], abs=1e-9)
    assert straight.x[order] == pytest.approx(1 - turned.x, abs=1e-9)


@given(seed=SEEDS, more=st.floats(0.0, 0.1))
@settings(max_examples=30, deadline=None)
def test_a_better_alternative_never_hurts(seed, more):
    """Raising a party's disagreement point never lowers what Nash or Kalai-Smorodinsky give it."""
    gains, d = pair(seed), np.array([0.1, 0.1])

    for solve in (nash, kalai_smorodinsky):
        before, after = solve(gains, d).u[0], solve(gains, d + np.array([more, 0])).u[0]

        assert after >= before - 1e-9


@given(seed=SEEDS)
@settings(max_examples=30, deadline=None)
def test_what_is_not_chosen_does_not_matter_to_nash(seed):
    """Without corners of the frontier away from the point, the point stays (IIA)."""
    gains, d = pair(seed), np.array([0.1, 0.1])
    point = nash(gains, d)
    cut = [k for k in range(5) if point.x[k] in (0.0, 1.0)]
    assume(cut)
    k = cut[0]
    # Issue k is fixed where it stands: a smaller set that still has the point.
    given_away = np.array([gains[0][k], 0]) if point.x[k] else np.array([0, gains[1][k]])
    rest = tuple(np.delete(side, k) for side in gains)

    smaller = nash(rest, d - given_away)

    assert point.u == pytest.approx(smaller.u + given_away, abs=1e-9)


@given(seed=SEEDS, extra=st.floats(0.01, 0.5))
@settings(max_examples=30, deadline=None)
def test_a_set_enlarged_in_a_partys_favour_does_not_hurt_it(seed, extra):
    """Kalai-Smorodinsky and the egalitarian point are monotone in what the party can gain."""
    (gains, losses), d = pair(seed), np.array([0.1, 0.1])
    more = (np.append(gains, extra), np.append(losses, 0.0))

    for solve in (kalai_smorodinsky, egalitarian):
        assert solve(more, d).u[0] >= solve((gains, losses), d).u[0] - 1e-9
    assert (egalitarian(more, d).u >= egalitarian((gains, losses), d).u - 1e-9).all()


@pytest.mark.parametrize("solve", SOLUTIONS)
@given(seed=SEEDS)
@settings(max_examples=15, deadline=None)
def test_sorting_and_the_concave_programme_agree(solve, seed):
    """Two parties with distances: the exact way and the general one give the same utilities."""
    two = parties(seed, 2, 1)
    d = two.ideal.mean(axis=1) * 0
    exact = solve(two, d).u
    # A third party that wants just what the first wants, with no weight of its own in the ideal.
    shadow = utility(
        np.vstack([two.ideal, two.ideal[:1]]), np.vstack([two.salience, two.salience[:1]])
    )

    if solve is nash:
        general = nash(shadow, (*d, 0), weights=(0.25, 0.5, 0.25)).u[:2]
    else:
        general = solve(shadow, (*d, 0)).u[:2]

    assert exact == pytest.approx(general, abs=1e-6)


@pytest.mark.parametrize("power", [1, 2])
@given(seed=SEEDS)
@settings(max_examples=15, deadline=None)
def test_many_parties_cannot_all_do_better(power, seed):
    """Around the Nash point no small step raises the product of gains."""
    worth = parties(seed, 4, power)
    d = np.full(4, 0.2)
    point = nash(worth, d)
    steps = np.random.default_rng(seed).normal(0, 0.02, (300, 4))

    near = worth(np.clip(point.x + steps, 0, 1)) - d
    product = np.where((near > 0).all(axis=1), np.prod(np.maximum(near, 0), axis=1), 0)

    assert product.max() <= np.prod(point.u - d) * (1 + 1e-9)


def test_squares_have_one_answer_and_distances_may_not():
    """The result says whether its positions are the only ones."""
    assert nash(parties(1, 3, 2), (0, 0, 0)).unique
    assert not nash(parties(1, 3, 1), (0, 0, 0)).unique


def test_disagreement_beyond_what_can_be_agreed_is_refused():
    """The refusal names the party, or says that it takes both."""
    gains = ((0.5, 0.5), (0.5, 0.5))

    with pytest.raises(Undefined, match=r"party 1 \(1\.2 of at most 1\)"):
        nash(gains, (0.1, 1.2))
    with pytest.raises(Undefined, match="outside the feasible set"):
        kalai_smorodinsky(gains, (0.7, 0.7))
    with pytest.raises(Undefined, match="party 0"):
        utility((0.2, 0.4), (0, 1))
    with pytest.raises(UsageError, match="w and v"):
        nash(((0.5, 0.5), (1,)), (0, 0))


@given(seed=SEEDS)
@settings(max_examples=20, deadline=None)
def test_an_outside_option_that_does_not_bind_changes_nothing(seed):
    """Bit for bit the same, although it is there."""
    gains = pair(seed)
    bare = alternating(gains, (0.9, 0.95))
    idle = 0.5 * np.minimum(bare.u, bare.reply_u)

    with_it = alternating(gains, (0.9, 0.95), outside=idle)

    assert bare.u.tolist() == with_it.u.tolist()
    assert bare.x.tolist() == with_it.x.tolist()
    assert with_it.binding == (False, False)


@given(seed=SEEDS)
@settings(max_examples=20, deadline=None)
def test_stationary_offers_leave_the_other_indifferent(seed):
    """What is proposed is worth just what the answer, a round later, would be worth."""
    gains = pair(seed)

    game = alternating(gains, (0.9, 0.95))

    assert game.u[1] == pytest.approx(0.95 * game.reply_u[1], abs=1e-9)
    assert game.reply_u[0] == pytest.approx(0.9 * game.u[0], abs=1e-9)
    assert alternating(gains, 0.9).u.tolist() == alternating(gains, (0.9, 0.9)).u.tolist()
    assert alternating(gains, (0.9, 0.95), rounds=501).u == pytest.approx(game.u, abs=1e-9)


def test_a_curved_frontier_takes_alternating_offers_too():
    """With squares the patient limit is the Nash point of disagreement 0."""
    two = parties(3, 2, 2)
    patient = alternating(two, (1 - 1e-6, 1 - 1e-6)).u

    assert patient == pytest.approx(nash(two, (0, 0)).u, abs=1e-4)


@given(
    p=st.floats(0.1, 0.9), a=st.floats(0.0, 0.3), b=st.floats(0.0, 0.3), more=st.floats(0.0, 0.3)
)
def test_a_costlier_war_never_shrinks_the_range(p, a, b, more):
    """Costs of war are what there is to share."""
    before, after = bargaining_range(p, a, b), bargaining_range(p, a + more, b)

    assert after.width >= before.width - 1e-12
    assert after.low <= before.low


def test_a_range_can_be_empty():
    """Optimism on both sides, or an issue that cannot be divided, leaves nothing."""
    assert bargaining_range(0.7, 0.05, 0.05, p_b=0.5).empty
    assert bargaining_range(0.6, 0.15, 0.10, divisions=(0, 1)).empty
    assert tuple(bargaining_range(0.6, 0.15, 0.10, divisions=(0, 0.5, 1))) == (0.5, 0.5)
    assert bargaining_range(0.5, 0.0, 0.0, u_a=lambda x: x**2, u_b=lambda x: x**2).empty
    assert bargaining_range(0.6, 0.15, 0.10, u_a=lambda x: x, u_b=lambda x: x) == pytest.approx(
        (0.45, 0.70), abs=1e-12
    )


def test_the_best_demand_is_the_best():
    """No other demand on an adversary of unknown cost pays more."""
    p, cost, most = 0.5, 0.1, 0.4
    best = screening(p, cost, most)
    demands = np.linspace(p, 1, 1001)
    war = np.clip((demands - p) / most, 0, 1)

    assert best.payoff >= ((1 - war) * demands + war * (p - cost)).max() - 1e-12


def test_a_guarantee_that_just_suffices_just_suffices():
    """What the rising side can lock in tomorrow, cut by the guarantee, makes the sum 1."""
    shift = shifting_power(0.7, 0.4, 0.1, 0.95)

    assert shift.left_side - 0.95 * shift.guarantee == pytest.approx(1)
    assert shift.price == pytest.approx(0.143)
    assert shifting_power(0.7, shift.bearable, 0.1, 0.95).left_side == pytest.approx(1)
