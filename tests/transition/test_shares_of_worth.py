"""Shapley, Owen and interaction: published games, axioms, and all orders one by one."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from small_games import (
    airport,
    by_orders,
    council,
    glove,
    links,
    orders_of_groups,
    pair_interaction,
)

from detente.errors import UsageError
from detente.lenses.contest.game import equilibrium
from detente.lenses.war_stability import margin
from detente.transition import interaction, owen, sampled, shapley

TIGHT = {"rel": 1e-9, "abs": 1e-9}


def games(players):
    """Return games of so many players, as arrays of 2**n."""
    worths = st.floats(-100, 100, allow_subnormal=False)
    return arrays(np.float64, 2**players, elements=worths)


def called(table):
    """Return a game given as an array as a callable."""
    return lambda mask: float(table[sum(1 << i for i in np.flatnonzero(mask).tolist())])


# --- published games -----------------------------------------------------------------------------


def test_the_holder_of_the_only_left_glove_gets_most():
    """One left glove and two right ones: 2/3, 1/6, 1/6; the right ones stand in for one another."""
    assert pytest.approx([2 / 3, 1 / 6, 1 / 6], **TIGHT) == shapley(glove, 3)

    pairs = interaction(glove, 3)
    assert pytest.approx([1 / 2, 1 / 2, -1 / 2], **TIGHT) == [pairs[0, 1], pairs[0, 2], pairs[1, 2]]
    assert np.isnan(np.diag(pairs)).all()


@pytest.mark.parametrize(
    ("groups", "expected"),
    [([[0, 1], [2]], [3 / 4, 1 / 4, 0]), ([[0], [1, 2]], [1 / 2, 1 / 4, 1 / 4])],
)
def test_groups_fixed_beforehand_share_the_gloves_otherwise(groups, expected):
    """A left and a right glove that stay together leave nothing to the third player."""
    assert pytest.approx(expected, **TIGHT) == owen(glove, groups)


@pytest.mark.parametrize(
    ("costs", "expected"),
    [
        ((8, 11, 13, 18), (2, 3, 4, 9)),
        ((40, 50, 60, 70, 80, 90), (20 / 3, 26 / 3, 67 / 6, 29 / 2, 39 / 2, 59 / 2)),
    ],
)
def test_planes_share_a_runway_as_published(costs, expected):
    """Each stretch of runway is paid in equal parts by those who need it (Littlechild & Owen)."""
    assert pytest.approx(expected, **TIGHT) == shapley(airport(costs), len(costs))


def test_a_permanent_member_has_a_hundred_times_the_power():
    """The Security Council of 15: 421/2145 for each of the five, 4/2145 for each of the ten."""
    assert pytest.approx([421 / 2145] * 5 + [4 / 2145] * 10, **TIGHT) == shapley(council, 15)


def test_an_array_is_read_with_the_first_player_as_the_lowest_bit():
    """v(1, 2, 3, 12, 13, 23, 123) = 0, 0, 0, 1, 2, 3, 7.5 gives 2, 2.5, 3."""
    in_bits = np.array([0, 0, 0, 1, 0, 2, 3, 7.5])

    assert pytest.approx([2, 2.5, 3], **TIGHT) == shapley(in_bits, 3)


def test_a_link_of_two_others_can_cost_a_state_as_much_as_its_own_brings():
    """Two triangles with a bridge, reading `star`: the links' part in the margin of state 2."""
    ties = [(0, 1), (0, 2), (1, 2), (3, 4), (3, 5), (4, 5), (2, 3)]
    strength = [3, 2, 2, 4, 1, 1]

    def worth(mask):
        there = [tie for tie, on in zip(ties, mask, strict=True) if on]
        return margin(links(6, there), strength, 1.2, "star")[2]

    assert pytest.approx(-0.1230769231, **TIGHT) == worth(np.zeros(7))
    assert pytest.approx(0.1692307692, **TIGHT) == worth(np.ones(7))
    expected = [-0.0762637363, 0.1750183150, 0.1432234432, -0.0403663004]
    expected += [-0.0403663004, -0.0157509158, 0.1468131868]
    assert pytest.approx(expected, **TIGHT) == shapley(worth, 7)


def test_in_a_contest_an_alliance_of_two_costs_even_the_ally_who_has_an_enemy():
    """The triad 0-1 allied, 1-2 hostile: parts of alliance and enmity in all three payoffs."""

    def worth(mask):
        allies, enemies = links(3, [(0, 1)] * mask[0]), links(3, [(1, 2)] * mask[1])
        return equilibrium(allies, enemies, beta=0.2, gamma=0.1).payoff

    assert pytest.approx([1 / 9] * 3, **TIGHT) == worth(np.zeros(2, dtype=int))
    expected = [
        [0.0427799188, 0.0360511554, 0.0324628223],
        [-0.0106457525, -0.0330965399, -0.0275702897],
    ]
    assert pytest.approx(np.array(expected), **TIGHT) == shapley(lambda m: worth(m.astype(int)), 2)


# --- axioms, and the definitions -----------------------------------------------------------------


@given(table=games(5))
def test_the_values_are_means_over_all_orders(table):
    """A player's value is what he adds on arrival, averaged over all 120 orders."""
    assert pytest.approx(by_orders(called(table), 5), abs=1e-9) == shapley(table, 5)


@given(table=games(5))
def test_the_values_share_out_all_there_is(table):
    """Efficiency: they add up to the worth of all less that of nobody."""
    assert pytest.approx(table[-1] - table[0], abs=1e-9) == shapley(table, 5).sum()


@given(table=games(4), other=games(4))
def test_the_values_of_two_games_add_up(table, other):
    """Additivity."""
    assert pytest.approx(shapley(table, 4) + shapley(other, 4), abs=1e-9) == shapley(
        table + other, 4
    )


@given(table=games(4))
def test_a_dummy_gets_nothing_and_interacts_with_nobody(table):
    """A player who never adds anything has no value, and the others keep theirs."""
    with_dummy = np.concatenate([table, table])

    values, pairs = shapley(with_dummy, 5), interaction(with_dummy, 5)

    assert pytest.approx(0.0, abs=1e-9) == values[4]
    assert pytest.approx(shapley(table, 4), abs=1e-9) == values[:4]
    assert pytest.approx(np.zeros(4), abs=1e-9) == pairs[4, :4]


@given(table=games(4), order=st.permutations(range(4)))
def test_relabelling_permutes_the_values(table, order):
    """Symmetry: no player counts for what he is called."""

    def relabelled(mask):  # player order[i] there is player i here
        return called(table)(mask[order])

    values = shapley(relabelled, 4)

    assert pytest.approx(shapley(table, 4), abs=1e-9) == values[order]


@given(table=games(5))
def test_interactions_follow_their_definition(table):
    """The quick sums over sets are the formula, set by set."""
    pairs = interaction(table, 5)

    for i, j in itertools.combinations(range(5), 2):
        assert pytest.approx(pair_interaction(called(table), 5, i, j), abs=1e-8) == pairs[i, j]
        assert pairs[i, j] == pairs[j, i]


@given(
    table=games(5),
    groups=st.sampled_from([[[0, 3], [1], [4, 2]], [[0, 1, 2, 3, 4]], [[4], [0, 1, 2, 3]]]),
)
@settings(max_examples=30)
def test_group_values_are_means_over_the_orders_that_keep_groups_together(table, groups):
    """Owen's value by its definition; a group gets its Shapley value in the game of groups."""
    values = owen(table, groups)

    assert pytest.approx(by_orders(called(table), 5, orders_of_groups(groups)), abs=1e-9) == values

    def among(mask):
        players = np.zeros(5, dtype=bool)
        for group, there in zip(groups, mask, strict=True):
            players[group] = there
        return called(table)(players)

    assert pytest.approx(shapley(among, len(groups)), abs=1e-9) == [
        values[group].sum() for group in groups
    ]


@given(table=games(4))
def test_groups_of_one_are_no_groups(table):
    """Owen's value without real groups is Shapley's."""
    assert pytest.approx(shapley(table, 4), abs=1e-9) == owen(table, [[2], [0], [1], [3]])


@given(table=games(4), other=games(4))
def test_several_worths_at_once_are_each_its_own_game(table, other):
    """A worth of two numbers gives the values of both games."""
    both = np.stack([table, other], axis=1)

    assert pytest.approx(shapley(table, 4), abs=1e-9) == shapley(both, 4)[:, 0]
    assert (
        pytest.approx(owen(other, [[0, 1], [2, 3]]), abs=1e-9) == owen(both, [[0, 1], [2, 3]])[:, 1]
    )


def test_sampled_values_hold_the_exact_ones_within_their_error():
    """Orders at random, each beside its reverse: near the exact values, by the error they state."""
    estimate = sampled(council, 15, orders=4000, seed=3)

    exact = shapley(council, 15)
    assert pytest.approx(1.0) == estimate.values.sum()
    assert (np.abs(estimate.values - exact) <= 4 * estimate.error + 1e-12).all()
    assert pytest.approx(estimate.values, abs=0) == sampled(council, 15, orders=4000, seed=3).values


# --- what is refused -----------------------------------------------------------------------------


def test_a_worth_of_the_wrong_size_is_refused():
    """The number of entries is said, and how many there should be."""
    with pytest.raises(UsageError, match="2\\*\\*3 = 8 entries"):
        shapley(np.zeros(7), 3)


def test_a_worth_that_is_not_a_number_names_the_players():
    """Which set has it is said."""
    with pytest.raises(UsageError, match=r"players \[0, 1\]"):
        shapley([0, 1, 2, float("nan")], 2)


@pytest.mark.parametrize("groups", [[[0], [0, 1]], [[0, 2]], [[1]]])
def test_groups_that_are_no_partition_are_refused(groups):
    """Every player belongs to one group."""
    with pytest.raises(UsageError, match="exactly once"):
        owen(lambda _: 0.0, groups)


def test_too_many_players_are_sent_to_the_sample():
    """2**25 sets are not looked at."""
    with pytest.raises(UsageError, match="sampled"):
        shapley(council, 25)
    with pytest.raises(UsageError, match="even number"):
        sampled(council, 15, orders=5)


def test_nobody_and_one_alone():
    """A game of nobody has no values; one player gets all."""
    assert (0,) == shapley([5.0], 0).shape
    assert [3.0] == shapley([2.0, 5.0], 1).tolist()
    assert (1, 1) == interaction([2.0, 5.0], 1).shape
