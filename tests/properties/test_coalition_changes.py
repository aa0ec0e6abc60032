"""The kernel of the lens coalition against the formula before and after every change."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from security_plain import security_plain

from detente.architecture.kinds import KINDS
from detente.architecture.system import Moves, System
from detente.lenses.coalition import Coalition
from detente.lenses.coalition.changes import many_deltas, many_verdicts
from detente.lenses.coalition.sparse_sums import AttackTerms, securities
from detente.lenses.coalition.system_facts import facts_of
from detente.lenses.coalition.touched_terms import PROMISED, deltas_of, touched_by
from detente.lenses.kernel_arrays import deciders, screen_of, verdict_room
from detente.lenses.protocol import Lens, reduce_deltas, reduced
from detente.lenses.reduce_kernel import reduce_table
from detente.testing import systems

PAIRS = (*KINDS, "rivalry", "stations", "supplies")


@st.composite
def changes(draw, system: System) -> Moves:
    """Draw changes that edit any facts, one or many at once, the same one twice now and then."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = system.size
    facts, actors = [], []
    for _ in range(12):
        change = []
        for _ in range(int(random.integers(0, 12))):
            a, b = (int(x) for x in random.permutation(n)[:2])
            what = str(random.choice((*PAIRS, "neutral", "rivalry", "defense")))
            value = float(random.choice([0.0, round(random.random(), 2), 1.0]))
            if what == "rivalry":
                value = float(random.integers(0, 6))
            elif what in ("stations", "supplies"):
                value *= 0.4
            change.append((what, a, a if what == "neutral" else b, value))
        facts.append(change)
        actors.append(sorted({int(x) for x in random.integers(0, n, 2)}))
    return Moves.build([[]] * 12, actors, None, facts)


def exchanged(system, moves, values):
    """The deltas of the kernel that exchanges terms."""
    return many_deltas(system, facts_of(system, values, moves), moves, values)


def parameters(data, lens):
    """Parameters somewhere in their ranges, with no burden in one case of three."""
    u = np.array([[data.draw(st.floats(0, 0.999)) for _ in lens.parameters]])
    return lens.draws(u)[0] | ({"burden": 0.0} if data.draw(st.integers(0, 2)) == 0 else {})


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_updating_the_sums_gives_what_the_formula_gives(data):
    """Any edits of any facts: the deltas are those of evaluating anew."""
    system, lens = data.draw(systems()), Coalition()
    moves, values = data.draw(changes(system)), parameters(data, lens)

    expected = Lens.deltas(lens, system, moves, values)

    np.testing.assert_allclose(expected, exchanged(system, moves, values), rtol=1e-9, atol=1e-13)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_some_changes_of_any_kind_give_what_the_formula_gives(data):
    """With nothing compiled: listed places where they serve, else the formula anew."""
    system, lens = data.draw(systems()), Coalition()
    moves, values = data.draw(changes(system)), parameters(data, lens)
    lens.foresee(system, moves, [values])

    expected = Lens.deltas(lens, system, moves, values)

    np.testing.assert_allclose(expected, lens.deltas(system, moves, values), rtol=1e-9, atol=1e-13)


@st.composite
def promises(draw, system: System) -> Moves:
    """Draw changes of promises, and of the rivalries that stand: now and then one to nothing."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, facts = system.size, []
    for _ in range(12):
        change = []
        for _ in range(int(random.integers(0, 8))):
            a, b = (int(x) for x in random.permutation(n)[:2])
            what = str(random.choice((*PROMISED, "consultation")))
            value = float(random.choice([0.0, round(random.random(), 2), 1.0]))
            if what == "rivalry":
                value = float(random.integers(0, 6)) if system.rivalry[a, b] > 0 else 0.0
            change.append((what, a, b, value))
        facts.append(change)
    return Moves.build([[]] * 12, [[0]] * 12, None, facts)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_the_terms_that_changes_move_give_what_the_formula_gives(data):
    """Promises and standing rivalries: without a kernel, the deltas of evaluating anew."""
    system, lens = data.draw(systems()), Coalition()
    if system.size < 2 or np.isnan(system.distance).any():
        return
    moves, values = data.draw(promises(system)), parameters(data, lens)
    expected = Lens.deltas(lens, system, moves, values)

    places = touched_by(system, moves, values)

    assert places is not None
    np.testing.assert_allclose(expected, deltas_of(places, values), rtol=1e-9, atol=1e-13)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_one_draw_is_the_same_with_others_or_alone(data):
    """Security in a draw: bit for bit the same, whichever draws it is evaluated with."""
    system, lens = data.draw(systems()), Coalition()
    first, second = parameters(data, lens), parameters(data, lens)
    terms = AttackTerms.of(facts_of(system, first))

    together = securities(terms, [first, second, first])

    np.testing.assert_array_equal(together[0], securities(terms, [first])[0])
    np.testing.assert_array_equal(together[2], together[0])
    np.testing.assert_allclose(
        together[1], security_plain(facts_of(system, second), second), rtol=0, atol=1e-12
    )


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_the_verdicts_are_those_of_the_deltas(data):
    """Least, most, sums, harm, signs and who pays: as the plain reduction has them."""
    system, lens = data.draw(systems()), Coalition()
    moves, values = data.draw(changes(system)), parameters(data, lens)
    tolerance = 1e-6

    plain = reduce_deltas(Lens.deltas(lens, system, moves, values), moves, tolerance)
    facts = facts_of(system, values, moves)
    fast = many_verdicts(system, facts, moves, values, tolerance, signs=True, pays=True)

    for name in ("least", "most", "desire", "gain", "loss", "pays"):
        np.testing.assert_allclose(
            getattr(plain, name), getattr(fast, name), rtol=1e-8, atol=1e-12, err_msg=name
        )
    np.testing.assert_array_equal(plain.harmed, fast.harmed)
    np.testing.assert_array_equal(plain.sign, fast.sign)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_change_leaves_no_trace_in_the_next_one(data):
    """A change has bit for bit the same deltas first and after all the others."""
    system, lens = data.draw(systems()), Coalition()
    moves, values = data.draw(changes(system)), parameters(data, lens)
    together = exchanged(system, moves, values)

    order = np.arange(len(moves))[::-1]
    backwards = exchanged(system, moves.take(order), values)[::-1]

    np.testing.assert_array_equal(together, backwards)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_small_table_is_reduced_to_the_bits_of_the_kernel(data):
    """Array operations and the compiled loop: one verdict, unknown answers too."""
    system, lens = data.draw(systems()), Coalition()
    moves, values = data.draw(changes(system)), parameters(data, lens)
    deltas = Lens.deltas(lens, system, moves, values)
    deltas[data.draw(st.integers(0, len(moves) - 1))] = np.nan
    verdicts = verdict_room(*deltas.shape, signs=True, pays=True)

    reduce_table(deltas, deciders(moves), 1e-6, verdicts)
    expected, small = screen_of(verdicts, signs=True, pays=True), reduced(deltas, moves, 1e-6)

    for name in ("least", "most", "desire", "gain", "loss", "pays", "harmed", "sign"):
        np.testing.assert_array_equal(getattr(expected, name), getattr(small, name), err_msg=name)
