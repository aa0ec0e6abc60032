"""What membership is worth, set by set: the kernel against the formula after each set."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import detente as dt
from detente.architecture.fact_tables import FactTables
from detente.architecture.kinds import FACTS_EDITED, KINDS
from detente.architecture.system import Moves
from detente.errors import UsageError
from detente.lenses.coalition import Coalition
from detente.lenses.coalition.membership.memberships import Memberships
from detente.testing import systems
from detente.transition.clubs import club_of
from detente.transition.membership_worth import worth_of
from detente.transition.subsets.sights import sights

EDITED = (*KINDS, "rivalry", "stations", "supplies", "neutral")


def worth_anew(lens, system, facts, values, places, sets):
    """What each member of each set would lose by leaving alone, by the formula."""
    worths = np.zeros((len(sets), len(places)))
    for x, on in enumerate(sets):
        for m, place in enumerate(places):
            if on >> m & 1:
                both = [facts.edits(on), facts.edits(on & ~(1 << m))]
                moves = Moves.build([[]] * 2, [[]] * 2, None, both)
                there, alone = (lens.security(system.moved(moves, k), values) for k in (0, 1))
                worths[x, m] = there[place] - alone[place]
    return worths


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_worth_is_that_of_the_formula(data):
    """Any facts hanging on any members, any parameters: 1e-12 from evaluating anew."""
    system, lens = data.draw(systems()), Coalition()
    random = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    members = int(random.integers(1, system.size + 1))
    places = [int(k) for k in random.permutation(system.size)[:members]]
    tables = {}
    for _ in range(int(random.integers(0, 14))):
        what = str(random.choice(EDITED))
        i, j = sorted(int(x) for x in random.permutation(system.size)[:2])
        own = np.flatnonzero(random.random(members) < 0.4).tolist()
        values = random.random(1 << len(own)) * (random.random(1 << len(own)) < 0.7)
        if what == "rivalry":
            values = np.floor(6 * values)
        tables[FACTS_EDITED.index(what), i, i if what == "neutral" else j] = (own, values)
    facts = FactTables.build(members, tables)
    uniform = np.array([[data.draw(st.floats(0, 0.999)) for _ in lens.parameters]])
    values = lens.draws(uniform)[0]
    sets = [*range(1, min(1 << members, 12)), (1 << members) - 1]

    quick = lens.over_members(system, facts, values, places)

    expected = worth_anew(lens, system, facts, values, places, sets)
    np.testing.assert_allclose(quick.worths(np.array(sets)), expected, rtol=0, atol=1e-12)


@pytest.fixture(scope="module")
def g():
    """The bundled scenario of Eurasia."""
    return dt.load("eurasia-2024")


@pytest.mark.parametrize("name", ["NATO", "CSTO", "FRA", "USA", "RUS"])
def test_an_organisation_is_worth_what_leaving_it_would_cost(g, name):
    """Sets of members at random, in three draws: as counted and as evaluated one by one.

    What ties others to the USA or to Russia has more members than an integer has bits.
    """
    view, club = sights(g, "coalition", draws=3, seed=1)[0], club_of(g, name)
    first = worth_of(g, club, view)
    random = np.random.default_rng(2)
    sets = random.random((3, first.many)) < 0.7

    for values in (view.values, *view.drawn):
        quick, plain = first.drawn(values), first.drawn(values)
        plain.quick = None
        assert quick.quick is not None
        np.testing.assert_allclose(quick.of(sets), plain.of(sets), rtol=0, atol=1e-12)


def test_more_members_than_an_integer_holds_are_refused():
    """A set of members is an integer, so there are at most sixty of them."""
    system = dt.load("eurasia-2024").system
    with pytest.raises(UsageError, match="at most 60 items, not of 61"):
        Memberships(system, FactTables.build(61, {}), Coalition().values(), range(61))
