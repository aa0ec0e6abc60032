"""Security with every set of some items: against the formula after each set, and by threads."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import detente as dt
from detente import lenses
from detente.architecture.fact_tables import FactTables
from detente.architecture.kinds import FACTS_EDITED, KINDS
from detente.architecture.system import Moves
from detente.errors import UsageError
from detente.lenses.coalition import Coalition
from detente.lenses.coalition.subsets import EverySet
from detente.testing import systems

EDITED = (*KINDS, "rivalry", "stations", "supplies", "neutral")


@st.composite
def tables(draw, n, most=7):
    """Facts that hang on some of a few items, anyhow."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    items, found = draw(st.integers(0, most)), {}
    for _ in range(draw(st.integers(0, 14))):
        what = str(random.choice(EDITED))
        i, j = sorted(int(x) for x in random.permutation(n)[:2])
        if what != "rivalry" and random.random() < 0.5:
            i, j = j, i
        own = np.flatnonzero(random.random(items) < 0.4).tolist()
        values = random.random(1 << len(own)) * (random.random(1 << len(own)) < 0.7)
        if what == "rivalry":
            values = np.floor(6 * values)
        found[FACTS_EDITED.index(what), i, i if what == "neutral" else j] = (own, values)
    return FactTables.build(items, found)


def one_by_one(lens, system, facts, values):
    """Security with every set, each as a change of the system, by the formula."""
    sets = range(1 << facts.items)
    moves = Moves.build([[]] * len(sets), [[]] * len(sets), None, [facts.edits(on) for on in sets])
    return np.stack([lens.security(system.moved(moves, on), values) for on in sets])


@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_every_set_has_the_security_of_the_formula(data):
    """Any facts hanging on any items, any parameters: 1e-12 from evaluating anew."""
    system, lens = data.draw(systems()), Coalition()
    facts = data.draw(tables(system.size))
    uniform = np.array([[data.draw(st.floats(0, 0.999)) for _ in lens.parameters]])
    values = lens.draws(uniform)[0]
    expected = one_by_one(lens, system, facts, values)
    before = expected[0]

    quick = lens.over_subsets(system, facts, values)

    np.testing.assert_allclose(quick.of(), expected, rtol=0, atol=1e-12)
    worst = (expected - before).min(axis=1)
    np.testing.assert_allclose(quick.least(before), worst, rtol=0, atol=1e-12)


def scattered(items, n, seed=0):
    """Deliveries, forces and promises of one big state that hang on an item each."""
    random = np.random.default_rng(seed)
    kinds = ("stations", "supplies", "defense", "guarantee")
    found = {}
    for item in range(items):
        what = FACTS_EDITED.index(kinds[item % len(kinds)])
        other = 1 + item % (n - 1)
        found[what, 0, other] = ([item], np.array([0.02, 0.02 * random.random()]))
        both = sorted({item, int(random.integers(items))})
        found[what, other, 0] = (both, 0.2 * random.random(1 << len(both)))
    return FactTables.build(items, found)


@pytest.fixture(scope="module")
def g():
    """The bundled scenario of Eurasia."""
    return dt.load("eurasia-2024")


def test_sets_beyond_one_strip_are_those_of_the_formula(g):
    """Fourteen items, with the sums gone through in strips: sets at random as evaluated anew."""
    lens, facts = lenses.find("coalition"), scattered(14, g.system.size)
    values = lens.values()
    before = lens.security(g.system, values)
    chosen = np.random.default_rng(1).integers(0, 1 << 14, 25)
    moves = Moves.build([[]] * 25, [[]] * 25, None, [facts.edits(int(on)) for on in chosen])
    expected = np.stack([lens.security(g.system.moved(moves, k), values) for k in range(25)])

    quick = lens.over_subsets(g.system, facts, values)

    np.testing.assert_allclose(quick.of()[chosen], expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose(
        quick.least(before)[chosen], (expected - before).min(axis=1), rtol=0, atol=1e-12
    )


def test_any_number_of_threads_gives_the_same_bits(g):
    """One, two or five threads: not a bit differs."""
    lens, facts = lenses.find("coalition"), scattered(13, g.system.size)
    values = lens.values()
    before = lens.security(g.system, values)
    quick = lens.over_subsets(g.system, facts, values)

    alone = quick.least(before, threads=1)

    for threads in (2, 5):
        np.testing.assert_array_equal(quick.least(before, threads=threads), alone)
    np.testing.assert_array_equal(quick.of([3], threads=1), quick.of([3, 0], threads=2)[:, :1])


def test_too_many_items_are_refused(g):
    """More than 24 items have more sets than are looked at: said so, and the lens has no way."""
    lens, facts = lenses.find("coalition"), FactTables.build(25, {})

    with pytest.raises(UsageError, match="at most 24 items"):
        EverySet(g.system, facts, lens.values()).of()

    assert lens.over_subsets(g.system, facts, lens.values()) is None


def test_a_lens_without_a_quick_way_says_so(g):
    """The others have none: whoever asks evaluates set by set."""
    lens = lenses.find("contest")

    assert lens.over_subsets(g.system, FactTables.build(2, {}), lens.values()) is None
