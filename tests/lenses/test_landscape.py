"""The landscape lens on systems small enough to work out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.architecture.system import Moves, System
from detente.errors import Undefined, UsageError
from detente.lenses import find, landscape
from detente.lenses.landscape import Landscape
from detente.lenses.landscape.some_burdens import SomeBurdens


def _system(
    capability: list[float],
    allies: list[tuple[int, int]] = (),
    rivals: list[tuple[int, int]] = (),
) -> System:
    n = len(capability)
    ally, rival = np.zeros((n, n)), np.zeros((n, n))
    for i, j in allies:
        ally[i, j] = ally[j, i] = 1.0
    for i, j in rivals:
        rival[i, j] = rival[j, i] = 1.0
    codes = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"[:n])
    return System(codes, ally, rival, np.array(capability), np.full((n, n), np.nan))


def _security(system: System, **given: float) -> list[float]:
    lens = Landscape()
    return lens.security(system, lens.values(given)).tolist()


def test_lens_is_found_by_its_key():
    """The lens reproduces a printed number, and its key leads to it."""
    lens = find("landscape")

    assert isinstance(lens, Landscape)
    assert lens.status == "verified"


def test_ally_follows_against_the_rival():
    """A and B oppose each other, C stands with A: rivals across please, allies within cost 0."""
    actual = _security(_system([5, 3, 2], allies=[(0, 2)], rivals=[(0, 1)]))

    assert actual == pytest.approx([0.15, 0.15, 0.0], abs=1e-15)


def test_ally_of_both_rivals_joins_the_stronger_and_hurts_the_weaker():
    """C, allied with both, goes with A; its alliance with B is frustrated, for both of them."""
    actual = _security(_system([5, 3, 2], allies=[(0, 2), (1, 2)], rivals=[(0, 1)]))

    assert actual == pytest.approx([0.15, 0.15 - 0.06, -0.06], abs=1e-15)


def test_weight_of_rivalry_scales_what_rivals_give():
    """With twice the weight a rival on the other side counts twice."""
    system = _system([1, 1], rivals=[(0, 1)])

    assert _security(system, rivalry=2.0) == pytest.approx([0.5, 0.5])
    assert _security(system, rivalry=1.0) == pytest.approx([0.25, 0.25])


def test_friends_alone_are_on_one_side():
    """Without any rivalry nobody is frustrated."""
    assert _security(_system([5, 3, 2], allies=[(0, 1), (1, 2)])) == [0.0, 0.0, 0.0]


def test_three_equal_rivals_are_treated_alike():
    """Each rivalry is the greatest; each view leaves the third without a side: 4/3 on average."""
    system = _system([1, 1, 1], rivals=[(0, 1), (0, 2), (1, 2)])

    found = landscape.alignments(system.capability, -system.rivals)

    assert [a.anchors for a in found] == [(0, 1), (0, 2), (1, 2)]
    assert found[0].side.tolist() == [1.0, -1.0, 0.0]
    assert _security(system) == pytest.approx([4 / 27, 4 / 27, 4 / 27])


def test_states_with_equal_right_move_together_if_that_helps_both():
    """C and D are pulled alike and allied: both join A, although either alone would come first."""
    system = _system([9, 8, 1, 1], allies=[(0, 2), (0, 3), (2, 3)], rivals=[(0, 1)])

    (found,) = landscape.alignments(system.capability, system.allies - system.rivals)

    assert found.side.tolist() == [1.0, -1.0, 1.0, 1.0]


def test_states_with_equal_right_stay_out_if_their_moves_undo_each_other():
    """C and D both want to join A but are rivals of each other: neither goes first."""
    ties = {"allies": [(0, 2), (0, 3)], "rivals": [(0, 1), (2, 3)]}
    system = _system([9, 8, 1, 1], **ties)
    lens = Landscape()

    (found,) = landscape.alignments(system.capability, system.allies - system.rivals)

    assert found.side.tolist() == [1.0, -1.0, 0.0, 0.0]
    with pytest.raises(Undefined, match="side of C") as caught:
        lens.height(system, lens.values())
    assert caught.value.state == "C"


def test_anchor_may_change_sides():
    """B, set against A as its rival, goes over when heavier friends of B stand with A."""
    ties = {"allies": [(0, 2), (0, 3), (1, 2), (1, 3)], "rivals": [(0, 1)]}
    system = _system([10, 4, 9, 9], **ties)

    (found,) = landscape.alignments(system.capability, system.allies - system.rivals)

    assert found.anchors == (0, 1)
    assert found.side.tolist() == [1.0, 1.0, 1.0, 1.0]


def test_no_capability_at_all_is_refused():
    """Sizes are shares of all capability, which must not be zero."""
    with pytest.raises(Undefined, match="capability"):
        _security(_system([0, 0], rivals=[(0, 1)]))


def test_deltas_of_ties_and_of_arms():
    """A changed tie and a changed capability both give security after minus security before."""
    lens = Landscape()
    system = _system([5, 3, 2], allies=[(0, 2)], rivals=[(0, 1)])
    moves = Moves.build(
        [[(1, 2, 1.0, 0.0)], [], [(0, 1, 0.0, 0.0)]], [[1, 2], [0], [0, 1]], [(), ((0, 15.0),), ()]
    )

    actual = lens.deltas(system, moves, lens.values())

    expected = [[0.0, -0.06, -0.06], [45 / 400 - 0.15, 45 / 400 - 0.15, 0.0], [-0.15, -0.15, 0.0]]
    assert np.array(expected) == pytest.approx(actual, abs=1e-15)
    ties = moves.take(np.array([0, 2]))
    assert np.array([expected[0], expected[2]]) == pytest.approx(
        lens.deltas(system, ties, lens.values()), abs=1e-15
    )


@given(data=st.data())
def test_arrays_over_several_draws_give_the_bits_of_the_compiled_loop(data):
    """Equal sizes and ties of few weights make many states move at once; every bit is the same."""
    n = data.draw(st.integers(1, 7), label="states")
    tie = st.sampled_from([(0.0, 0.0)] * 3 + [(1.0, 0.0), (0.5, 0.0), (0.0, 1.0), (1.0, 1.0)])
    ally, rival = np.zeros((n, n)), np.zeros((n, n))
    for i in range(n):
        for j in range(i):
            ally[i, j], rival[i, j] = data.draw(tie)
    sizes = data.draw(st.lists(st.sampled_from([0.0, 1.0, 1.0, 3.0]), min_size=n, max_size=n))
    system = System(
        tuple("ABCDEFG"[:n]),
        ally + ally.T,
        rival + rival.T,
        np.array([1.0 + sizes[0], *sizes[1:]]),
        np.full((n, n), np.nan),
    )
    pair = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda p: p[0] != p[1])
    edit = st.tuples(pair, tie).map(lambda edit: (*edit[0], *edit[1]))
    one = st.lists(edit, max_size=3, unique_by=lambda e: frozenset(e[:2])) if n > 1 else st.just([])
    changes = data.draw(st.lists(one, max_size=4), label="changes")
    moves = Moves.build(changes, [[] for _ in changes])
    weights = data.draw(st.lists(st.floats(0.5, 2.0) | st.just(1.0), min_size=1, max_size=3))
    lens, nothing = Landscape(), Moves.build([[]], [[]])

    some = SomeBurdens(system, moves)
    some.evaluate(system, system.capability / system.capability.sum(), weights)
    actual = [0.0 - some.known[weight] for weight in weights]

    for weight, rows in zip(weights, actual, strict=True):
        values = {"rivalry": weight}
        expected = lens._compiled(system, moves, values)
        assert expected.tolist() == rows[some.edits.number].tolist()
        assert lens._compiled(system, nothing, values).tolist() == rows[-1:].tolist()


def test_height_of_the_only_valley_is_infinite():
    """Two rivals and an ally have one minimum, so there is no pass out of it."""
    lens = Landscape()
    system = _system([5, 3, 2], allies=[(0, 2)], rivals=[(0, 1)])

    assert lens.height(system, lens.values()) == np.inf


def test_height_between_two_ways_to_pair():
    """Of four equal rivals two stand against two, E = -8; the way to another pairing needs 3:1."""
    size, propensity = np.ones(4), -np.ones((4, 4))

    assert landscape.lowest_pass(size, propensity, [0, 0, 1, 1]) == 2.0
    assert landscape.lowest_pass(size, propensity, [1, 0, 1, 0]) == 2.0


def test_height_of_an_architecture_is_that_of_its_present_sides():
    """The lens asks for the pass out of the sides that the greatest rivalry suggests."""
    lens = Landscape()
    rivals = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    system = _system([4, 3, 2, 1.5], rivals=rivals)
    share = system.capability / system.capability.sum()

    (found,) = landscape.alignments(share, -system.rivals)

    expected = landscape.lowest_pass(share, -system.rivals, (found.side < 0).astype(int))
    assert 0.0 < expected < np.inf
    assert expected == lens.height(system, lens.values())


def test_pass_is_refused_where_it_cannot_be_found():
    """More than 20 states are too many, and a slope is no minimum."""
    with pytest.raises(UsageError, match="20 states, not 21"):
        landscape.lowest_pass(np.ones(21), -np.ones((21, 21)), np.zeros(21))
    with pytest.raises(UsageError, match="not a local minimum"):
        landscape.lowest_pass(np.ones(4), -np.ones((4, 4)), [0, 0, 0, 0])


def test_one_state_has_one_configuration():
    """A state alone is at a minimum of energy zero."""
    (only,) = landscape.minima([2.0], [[0.0]])

    assert (only.energy, only.basin, only.side.tolist()) == (0.0, 1, [0])


def test_propensity_towards_oneself_does_not_count():
    """The diagonal is ignored, in frustration and in the search."""
    plain, dotted = -np.ones((4, 4)) + np.eye(4), -np.ones((4, 4))

    assert (
        landscape.frustration(np.ones(4), plain, [0, 1, 1, 1]).tolist()
        == landscape.frustration(np.ones(4), dotted, [0, 1, 1, 1]).tolist()
        == [-3.0, -1.0, -1.0, -1.0]
    )
    assert [m.energy for m in landscape.minima(np.ones(4), dotted)] == [-8.0, -8.0, -8.0]


def test_beyond_26_states_the_search_says_that_it_proves_nothing():
    """Two blocs of 15: the random starts find the split, give no basin, and warn."""
    bloc = np.arange(30) % 2
    propensity = np.where(bloc[:, None] == bloc[None, :], 1.0, -1.0)

    with pytest.warns(UserWarning, match="proves nothing"):
        found = landscape.minima(np.ones(30), propensity, starts=20, seed=3)

    assert found[0].side.tolist() == bloc.tolist()
    assert found[0].basin is None
    assert found[0].energy == -2.0 * 15 * 15


def test_flat_landscape_is_refused():
    """Without propensities every configuration is a minimum: too many to list."""
    with pytest.raises(UsageError, match="131072 local minima"):
        landscape.minima(np.ones(18), np.zeros((18, 18)))


@pytest.mark.parametrize(
    ("size", "propensity", "complaint"),
    [
        ([], np.zeros((0, 0)), "do not fit"),
        ([1, 1], np.zeros((3, 3)), "do not fit"),
        ([1, -1], np.zeros((2, 2)), "not negative"),
        ([1, 1], [[0, np.nan], [np.nan, 0]], "finite"),
        ([1, 1], [[0, 1], [2, 0]], "symmetric"),
    ],
)
def test_arrays_that_make_no_landscape_are_refused(size, propensity, complaint):
    """Sizes and propensities must fit, be finite and symmetric, and sizes not negative."""
    with pytest.raises(UsageError, match=complaint):
        landscape.minima(size, propensity)


@pytest.mark.parametrize("side", [[0, 1], [0, 1, 2], [0.5, 0, 1]])
def test_sides_that_are_none_are_refused(side):
    """A side is 0 or 1, one for each state."""
    with pytest.raises(UsageError, match="each 0 or 1"):
        landscape.energy(np.ones(3), np.zeros((3, 3)), side)
