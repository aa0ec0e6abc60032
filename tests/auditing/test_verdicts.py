"""The verdicts: definitions of wanted, harm, witness, index, zero-sumness, on numbers by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from detente.architecture.system import Moves
from detente.auditing.verdicts import (
    Threshold,
    close_calls,
    indivisibility,
    judge,
    tolerance,
    zero_sumness,
)
from detente.lenses import find
from detente.lenses.protocol import reduce_deltas

FLOATS = st.floats(-10, 10, allow_nan=False)


def moves_by(*actors):
    """Changes without edits, of these initiators."""
    return Moves.build([[] for _ in actors], actors)


def test_wanted_harm_and_witness_by_hand():
    """Four changes of three states: a gift, a robbery, an unwanted one, and one undefined."""
    deltas = np.array([[1, 2, 0.0], [3, 1, -2.0], [1, -1, 0.5], [np.nan, np.nan, np.nan]])
    moves = moves_by([0, 1], [0, 1], [0, 1], [0])

    says = judge(reduce_deltas(deltas, moves, 0.1), 0.1)

    assert [True, True, True, False] == says.defined.tolist()
    assert [True, True, False, False] == says.wanted.tolist()
    assert [False, True, False, False] == says.witness.tolist()
    assert 0.5 == says.share
    assert np.isnan([says.index, says.index_weighted, says.index_strong]).all()
    assert (2, 1) == (says.wanted_count, says.witness_count)
    np.testing.assert_allclose([0, 2 * 2 / 6, 2 * 1 / 2.5, np.nan], says.zero_sumness)


def test_the_three_readings_by_hand():
    """Veto admits the gift only, freedom all that is wanted, balance what gains outweigh."""
    deltas = np.array([[1, 2, 0.0], [3, 1, -2.0], [1, 1, -5.0]])
    says = judge(reduce_deltas(deltas, moves_by([0, 1], [0, 1], [0, 1]), 0.1), 0.1)

    assert [[True, False, False], [True, True, True], [True, True, False]] == says.admitted.tolist()


def test_who_pays_is_told_by_the_largest_harm():
    """Of several wanted changes of one state the worst counts, and each who decides it owes it."""
    deltas = np.array([[3, 1, -2.0], [5, -1, 0.0], [1, 2, -3.0], [-1, 2, -9.0]])
    screen = reduce_deltas(deltas, moves_by([0, 1], [0], [1], [0, 1]), 0.1)

    assert [[0, 0, 0], [1, 0, 0], [2, 3, 0]] == screen.pays.tolist()


def test_consent_is_weak_or_strong():
    """Weak: nobody who decides loses and somebody gains; strong: all gain. Beyond the tolerance."""
    deltas = np.array([[1.0, 1.0], [1.0, -0.1], [1.0, -0.2], [0.1, 0.05], [0.0, 0.3]])
    says = judge(reduce_deltas(deltas, moves_by(*[[0, 1]] * 5), 0.1), 0.1)

    assert [True, True, False, False, True] == says.wanted.tolist()
    assert [True, False, False, False, False] == says.strong.tolist()


def test_twins_count_once_and_the_index_needs_thirty():
    """Changes that come to the same are one; below thirty wanted there are counts and no index."""
    deltas = np.concatenate([np.tile([1.0, 0.0], (31, 1)), np.tile([1.0, -1.0], (9, 1))])
    screen = reduce_deltas(deltas, moves_by(*[[0]] * 40), 0.1)

    alone = judge(screen, 0.1)
    assert (40, 9, 1 - 9 / 40) == (alone.wanted_count, alone.witness_count, alone.index)
    assert alone.index == alone.index_strong
    assert 1 - 9 / 40 == pytest.approx(alone.index_weighted)
    twins = judge(screen, 0.1, np.array([*range(32), *[31] * 8]))
    assert (32, 1, 1 - 1 / 32) == (twins.wanted_count, twins.witness_count, twins.index)
    few = judge(screen, 0.1, np.array([*range(29), *[28] * 11]))
    assert (29, 1) == (few.wanted_count, few.witness_count)
    assert np.isnan([few.index, few.index_weighted, few.index_strong]).all()
    assert 1 - 1 / 29 == few.share


def test_a_verdict_is_close_within_a_factor_of_two_of_the_tolerance():
    """The gain that decides, the loss that would forbid it, or the worst harm."""
    deltas = np.array([[5.0, -5.0], [0.15, 0.0], [5.0, -0.06], [0.21, 0.0], [-0.09, 0.04]])
    screen = reduce_deltas(deltas, moves_by(*[[0]] * 5), 0.1)

    assert [False, True, True, False, True] == close_calls(screen, deltas, 0.1).tolist()


def test_the_tolerance_of_a_lens_is_its_own_or_a_share_of_the_spread():
    """A lens that declares one has it drawn unless it is fixed; another one has none to draw."""
    security = np.array([0.0, 1, 2, 3, 4])
    own, share = find("coalition"), find("contest")

    assert 0.0005 == Threshold(0.01).point(own, security)
    assert 0.02 == pytest.approx(Threshold(0.01).point(share, security))
    assert 0.003 == Threshold(0.01, 0.003).draw(own, security, 0.2)
    assert 0.0001 == pytest.approx(Threshold(0.01).draw(own, security, 0.0))
    assert 0.02 == pytest.approx(Threshold(0.01).draw(share, security, 0.0))


def test_what_lies_within_the_tolerance_is_neither_want_nor_harm():
    """A delta equal to the tolerance does not count, one beyond it does."""
    deltas = np.array([[0.1, -0.1], [0.11, -0.11]])
    says = judge(reduce_deltas(deltas, moves_by([0], [0]), 0.1), 0.1)

    assert [False, True] == says.wanted.tolist()
    assert [False, True] == says.harmful.tolist()


def test_a_change_that_nobody_in_the_system_decides_is_not_wanted():
    """Where no initiator has a capability there is nobody whose want could be seen."""
    says = judge(reduce_deltas(np.array([[1.0, 1.0]]), moves_by([]), 0.1), 0.1)

    assert [False] == says.wanted.tolist()


def test_an_architecture_in_which_nothing_is_wanted_is_indivisible_by_convention():
    """The index is one where there is nothing to test."""
    none = np.zeros(3, dtype=bool)

    assert 1.0 == indivisibility(none, none, np.ones(3))


def test_the_tolerance_is_a_share_of_the_interquartile_range():
    """One per cent of the distance between the quartiles, and never below rounding."""
    assert 0.01 * 2.0 == pytest.approx(tolerance(np.array([0.0, 1, 2, 3, 4]), 0.01))
    assert 7e-12 == pytest.approx(tolerance(np.full(4, 7.0), 0.01))


@given(
    gain=arrays(float, 5, elements=st.floats(0, 1e6)),
    loss=arrays(float, 5, elements=st.floats(0, 1e6)),
)
def test_zero_sumness_lies_between_zero_and_one(gain, loss):
    """It is a share, 0 where one side is empty and 1 where both are equal."""
    z = zero_sumness(gain, loss)

    assert ((0 <= z) & (z <= 1)).all()
    assert (z[(gain == 0) | (loss == 0)] == 0).all()
    np.testing.assert_allclose(1.0, zero_sumness(gain, gain)[gain > 0])


@given(
    deltas=arrays(float, (6, 4), elements=FLOATS),
    scale=st.floats(0.01, 100),
    who=st.lists(
        st.lists(st.integers(0, 3), min_size=1, max_size=3, unique=True), min_size=6, max_size=6
    ),
)
def test_verdicts_do_not_depend_on_the_unit(deltas, scale, who):
    """Multiplying a lens's security by a positive constant changes no verdict and no index."""
    deltas = np.round(deltas, 3)
    moves = moves_by(*who)
    one = judge(reduce_deltas(deltas, moves, 0.1005), 0.1005)
    other = judge(reduce_deltas(deltas * scale, moves, 0.1005 * scale), 0.1005 * scale)

    assert one.wanted.tolist() == other.wanted.tolist()
    assert one.witness.tolist() == other.witness.tolist()
    assert one.share == other.share
    np.testing.assert_allclose(one.zero_sumness, other.zero_sumness, atol=1e-12)


@given(
    deltas=arrays(float, (6, 4), elements=FLOATS),
    who=st.lists(
        st.lists(st.integers(0, 3), min_size=1, max_size=4, unique=True), min_size=6, max_size=6
    ),
)
def test_veto_admits_a_subset_of_balance_and_balance_of_freedom(deltas, who):
    """The readings are nested, and whoever decides a wanted change is not harmed by it."""
    moves = moves_by(*who)
    veto, freedom, balance = judge(reduce_deltas(deltas, moves, 0.1), 0.1).admitted

    assert not (veto & ~balance).any()
    assert not (balance & ~freedom).any()
    everybody = moves_by(*[[0, 1, 2, 3]] * 6)
    assert not judge(reduce_deltas(deltas, everybody, 0.1), 0.1).witness.any()
