"""Cascades of exits: the worked example, the same end in every order, and a linear programme."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from small_games import club_security, club_worth

from detente.errors import UsageError
from detente.transition import clearing, curve, ends, membership
from detente.transition.games.membership_cascade import cascades, steps, turns_of

EVERYBODY = np.ones(5, dtype=bool)


@st.composite
def clubs(draw, least=-3):
    """Return clubs of six in which others are worth whole numbers, added up, to each member."""
    worth = draw(st.lists(st.integers(least, 6), min_size=36, max_size=36))
    alone = draw(st.lists(st.integers(-5, 5), min_size=6, max_size=6))
    cost = draw(st.integers(-3, 12))
    matrix = np.array(worth, dtype=float).reshape(6, 6)
    np.fill_diagonal(matrix, 0.0)
    return matrix, np.array(alone, dtype=float), float(cost)


# --- the worked example --------------------------------------------------------------------------


def test_the_strongest_has_the_least_reason_to_stay():
    """Five allies of 10, 4, 3, 2, 1 and a foe of 9: membership is worth what the others bring."""
    assert pytest.approx([20, 11, 11, 11, 11, -11]) == club_security(EVERYBODY)
    assert pytest.approx([10, 16, 17, 18, 19]) == club_worth(EVERYBODY)
    assert pytest.approx([0, 6, 7, 8, 9]) == club_worth(np.array([False, True, True, True, True]))


@pytest.mark.parametrize(
    ("cost", "first", "members", "order"),
    [
        (11, (), [], (0, 1, 2, 3, 4)),
        (10, (), [0, 1, 2, 3, 4], ()),
        (6, (0,), [1, 2, 3, 4], (0,)),
        (6.01, (0,), [], (0, 1, 2, 3, 4)),
    ],
)
def test_a_club_holds_or_falls_whole(cost, first, members, order):
    """At a cost of 10 all stay, at 11 none; when 0 goes for its own reasons, 6 is the border."""
    end = membership(club_worth, cost, first=first)

    assert members == np.flatnonzero(end.members).tolist()
    assert order == end.order
    assert 1 == len(ends(club_worth, cost, first=first))


def test_members_left_fall_from_all_to_none():
    """The curve of members left against the cost has one jump."""
    assert [5, 5, 0, 0] == curve(club_worth, [0, 10, 10.5, 20], 5).tolist()
    assert [4, 0] == curve(club_worth, [6, 7], 5, first=[0]).tolist()
    assert [(10.0, 5)] == steps(club_worth, 5)
    assert [(6.0, 4)] == steps(club_worth, 5, first=0)


def test_a_higher_cost_may_leave_somebody_where_a_lower_one_leaves_nobody():
    """0 holds 1 back, and is gone above 2: then 1 stays up to 5. At 1.5 both go, 1 before 0."""

    def worth(mask):
        return np.array([2.0 - 1.5 * (not mask[1]), 5.0 - 4.0 * mask[0]])

    assert [2, 0, 1, 0] == curve(worth, [1, 1.5, 3, 6], 2).tolist()
    assert [(1.0, 2), (2.0, 0), (5.0, 1)] == steps(worth, 2)


@given(club=clubs(), first=st.sets(st.integers(0, 5), max_size=2))
@example(
    club=(
        np.array([[0, 0, 0, 0, 0, -1], [0, 0, 0, 0, 0, 2], *[[0, 0, 0, 0, 0, -1]] * 3,
                  [0, -2, 0, 0, 0, 0]], dtype=float),
        np.array([0.0, -2, 0, 0, 0, 1]),
        0.0,
    ),
    first=set(),
)  # fmt: skip
def test_the_curve_is_its_steps(club, first):
    """At any cost, monotone worth or not, the steps say how many are left."""
    matrix, alone, _ = club
    gone = sorted(first)

    def worth(mask):
        return alone + matrix @ mask

    listed = steps(worth, 6, first=gone)
    costs = [0.0, 0.5, *(c for cost, _ in listed for c in (cost, cost + 0.25, cost + 1))]
    expected = curve(worth, costs, 6, first=gone)

    for cost, left in zip(costs, expected, strict=True):
        assert left == next((many for border, many in listed if cost <= border), 0)


@given(club=clubs(), seed=st.integers(0, 99))
def test_cascades_side_by_side_end_as_one_by_one(club, seed):
    """Several costs, starts and orders at once: each ends where it would alone."""
    matrix, alone, _ = club

    def worth(mask):
        return alone + matrix @ mask

    random = np.random.default_rng(seed)
    costs, turns = random.integers(-2, 9, 6).astype(float), turns_of(6, 6, seed)
    starts = random.random((6, 6)) < 0.8

    together = cascades(lambda sets: np.stack([worth(s) for s in sets]), costs, starts, turns)

    for cost, start, turn, end in zip(costs, starts, turns, together, strict=True):
        gone = np.flatnonzero(~start).tolist()
        single = membership(worth, np.full(6, cost), first=gone, order=turn.tolist())
        assert single.members.tolist() == end.tolist()


def test_another_order_lets_others_go_first():
    """Who is asked first may be said; those in `first` leave before all."""
    assert (4, 3, 2, 1, 0) != membership(club_worth, 11, order=[4, 3, 2, 1, 0]).order
    assert (0, 4, 3, 2, 1) == membership(club_worth, 11, first=[0], order=[4, 3, 2, 1, 0]).order
    assert (0, 2) == membership(club_worth, 11, order=[2]).order[:2]  # 2 wants to stay until 0 goes


# --- what holds of every club --------------------------------------------------------------------


@given(club=clubs(least=0))
def test_where_members_only_help_every_order_ends_alike(club):
    """Monotone worth: one end, the greatest stable set, whoever moves first (Tarski)."""
    matrix, alone, cost = club

    assert 1 == len(ends(lambda mask: alone + matrix @ mask, np.full(6, cost), orders=12))


@given(club=clubs(least=0))
def test_the_end_is_the_largest_stable_set_of_an_integer_programme(club):
    """Maximise members such that each member's worth is at least the cost: the same set."""
    matrix, alone, cost = club
    slack = 100.0  # frees those who have left
    stays = LinearConstraint(matrix - slack * np.eye(6), cost - alone - slack, np.inf)

    best = milp(-np.ones(6), constraints=stays, integrality=np.ones(6), bounds=Bounds(0, 1))

    assert 0 == best.status
    end = membership(lambda mask: alone + matrix @ mask, np.full(6, cost))
    assert np.flatnonzero(best.x > 0.5).tolist() == np.flatnonzero(end.members).tolist()


@given(club=clubs())
def test_at_the_end_nobody_wants_to_leave_and_each_leaver_wanted_to(club):
    """Whatever the worth: every exit was wanted when it came, and none is left."""
    matrix, alone, cost = club
    end = membership(lambda mask: alone + matrix @ mask, np.full(6, cost))

    here = np.ones(6, dtype=bool)
    for leaver in end.order:
        assert (alone + matrix @ here)[leaver] < cost
        here[leaver] = False
    assert end.members.tolist() == here.tolist()
    assert not (here & (alone + matrix @ here < cost)).any()


def test_where_members_are_in_each_others_way_the_end_depends_on_the_order():
    """Two who crowd each other out: whoever leaves first, the other stays."""

    def worth(mask):
        return np.where(mask.sum() > 1, -1.0, 1.0) * np.ones(2)

    seen = ends(worth, np.zeros(2))

    assert [[False, True], [True, False]] == sorted(end.tolist() for end in seen)


# --- the published cascade -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("owed", "outside", "payments", "rounds"),
    [
        (
            [[0, 10, 0, 0], [0, 0, 8, 0], [0, 0, 0, 6], [0, 0, 0, 0]],
            [4, 1, 1, 0],
            [4, 5, 6, 0],
            ((0,), (1,)),
        ),
        (
            [[0, 6, 3, 0], [2, 0, 4, 1], [1, 3, 0, 4], [2, 0, 1, 0]],
            [1, 0.5, 2, 1.5],
            [6, 7, 8, 3],
            ((0,),),
        ),
    ],
)
def test_debtors_pay_what_the_linear_programme_says(owed, outside, payments, rounds):
    """Eisenberg and Noe: the greatest clearing payments, by rounds and by a linear programme."""
    debts, means = np.array(owed, dtype=float), np.array(outside, dtype=float)
    due = debts.sum(axis=1)
    shares = debts / np.where(due > 0, due, 1)[:, None]

    cleared = clearing(debts, means)

    assert pytest.approx(payments) == cleared.payments
    assert rounds == cleared.rounds
    best = linprog(-np.ones(4), np.eye(4) - shares.T, means, bounds=[(0, d) for d in due])
    assert 0 == best.status
    assert pytest.approx(best.x) == cleared.payments


def test_debts_that_are_no_square_are_refused():
    """Shapes and signs are checked."""
    with pytest.raises(UsageError, match="square of 2 by 2"):
        clearing(np.zeros((3, 3)), np.zeros(2))


# --- how many members there are, and what is refused ---------------------------------------------


def test_the_number_of_members_comes_from_the_worth_or_the_cost():
    """A worth that holds an array of its own says it; one for any number cannot."""
    own = np.array([1.0, 2.0, 3.0])

    assert [False, True, True] == membership(lambda mask: own * mask, 1.5).members.tolist()
    assert 3 == len(membership(lambda mask: [own[i] for i, _ in enumerate(mask)], 0).members)
    assert 3 == len(membership(lambda mask: np.ones(len(mask)), 0, order=[2, 1, 0]).members)
    assert 4 == len(membership(lambda mask: np.ones(len(mask)), np.zeros(4)).members)
    with pytest.raises(UsageError, match="give the cost as an array"):
        membership(lambda mask: np.ones(len(mask)), 0.0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"first": [7]}, "first names members from 0 to 4"),
        ({"order": [1, 1]}, "order names members from 0 to 4"),
        ({"first": [1.5]}, "whole numbers"),
        ({"order": ["a"]}, "whole numbers"),
        ({"cost": [[1.0]]}, "one number a member"),
        ({"cost": "dear"}, "one number a member"),
        ({"worth": lambda _: np.zeros(3)}, "shape"),
        ({"worth": lambda _: np.full(5, np.nan)}, "not a number"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments, message):
    """A member who is not there, a cost that is a table, a worth of the wrong length."""
    asked = {"worth": club_worth, "cost": np.full(5, 1.0)} | arguments

    with pytest.raises(UsageError, match=message):
        membership(**asked)
