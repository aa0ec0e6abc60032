"""Subsets of edits and of sources as changes: the arrays that a ledger gives, evaluated anew."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import detente as dt
from detente import lenses
from detente.architecture.changes import Change, moves_of
from detente.architecture.system import Moves
from detente.architecture.system_arrays import system_of
from detente.transition.games.route_search import search
from detente.transition.subsets.branches import Branches
from detente.transition.subsets.ceilings import Ceilings, Crowd
from detente.transition.subsets.composites import Composites
from detente.transition.subsets.falls import Falls, all_subsets, mask_of
from detente.transition.subsets.harmless import all_sets, largest_harmless
from detente.transition.subsets.menu_tables import tables_of_menu, tables_of_sources
from detente.transition.subsets.sights import sight
from detente.transition.subsets.tie_sources import TieSets, every_source, gifts
from detente.transition.subsets.ways import _of_all_sets, with_idle

SENTENCES = (
    "UKR joins NATO",
    "GEO joins NATO",
    "RUS and UKR reconcile",
    "USA leaves NATO",
    "CHN and RUS commit to mutual defense",
    "UKR joins EU",
    "MDA joins EU",
    "RUS withdraws its forces from MDA",
    "UKR becomes neutral",
)


@pytest.fixture(scope="module")
def g():
    """The bundled scenario of Eurasia."""
    return dt.load("eurasia-2024")


@pytest.fixture(scope="module")
def composites(g):
    """Nine edits of which some touch the same ties, and some make one only together."""
    return Composites(g, [dt.parse(sentence).bound(g) for sentence in SENTENCES])


def arrays(system):
    """Return all arrays of a system that a change may edit."""
    return {
        "allies": system.allies,
        "rivals": system.rivals,
        "rivalry": system.rivalry,
        "stations": system.stations,
        "supplies": system.supplies,
        "neutral": system.neutral,
        **system.promises,
    }


@settings(max_examples=25, deadline=None)
@given(done=st.sets(st.integers(0, len(SENTENCES) - 1)))
def test_a_subset_put_together_is_the_subset_read_from_the_ledger(g, composites, done):
    """Whatever is chosen: the same system as by applying the edits one after the other."""
    chosen = Change(tuple(e for k in sorted(done) for e in composites.items[k].edits), ())
    plain = g.system.moved(moves_of(g, [chosen]), 0)

    quick = g.system.moved(composites.moves(mask_of(len(composites), done)), 0)

    for name, array in arrays(plain).items():
        np.testing.assert_allclose(arrays(quick)[name], array, atol=1e-12, err_msg=name)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 1000))
def test_many_changes_hang_together_as_the_ledger_says(g, seed):
    """Of dozens of changes drawn at random every subset is what the ledger says of it."""
    rng = np.random.default_rng(seed)
    listed = dt.feasible(g)
    accessions = [k for k, change in enumerate(listed) if change.kind in ("join", "leave")]
    chosen = np.union1d(rng.choice(len(listed), 30), rng.choice(accessions, 12))
    menu = Composites(g, [listed[k].bound(g) for k in chosen])
    masks = rng.random((6, len(menu))) < rng.random((6, 1))
    read = moves_of(g, [menu.change(mask) for mask in masks])
    put = menu.moves(masks)
    for k in range(len(masks)):
        expected, actual = arrays(g.system.moved(read, k)), arrays(g.system.moved(put, k))
        assert expected.keys() == actual.keys()
        assert all(np.array_equal(expected[name], actual[name]) for name in expected)


@pytest.mark.parametrize("name", ["coalition", "contest", "war_stability:star"])
def test_a_lens_gives_subsets_what_evaluating_anew_gives(g, composites, name):
    """Security of a subset, updated by the lens's kernel or evaluated anew: the same."""
    lens = lenses.find(name)
    values = lens.values()
    rng = np.random.default_rng(1)
    masks = rng.random((12, len(composites))) < 0.5
    moves = composites.moves(masks)

    quick = lens.deltas(g.system, moves, values)

    before = lens.security(g.system, values)
    for k in range(len(masks)):
        anew = lens.security(g.system.moved(moves, k), values) - before
        np.testing.assert_allclose(quick[k], anew, atol=1e-10)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_a_system_without_some_sources_is_that_of_a_ledger_without_them(g, seed):
    """Sources taken away by what each gives, or from the tables: the same arrays."""
    listed = every_source(g.ledger)
    place = {source.name: k for k, source in enumerate(listed)}
    sets = TieSets(
        g.system, g.mapping, gifts(g.ledger), lambda gift: place[gift.source], len(listed)
    )
    on = np.random.default_rng(seed).random(len(listed)) < 0.6
    gone = {source.name for source, there in zip(listed, on, strict=True) if not there}

    quick = g.system.moved(sets.moves(on[None]), 0)

    ledger = g.ledger.overlay()
    for name in gone:
        ledger.articles.pop(name, None)
    for table in (
        ledger.treaties,
        ledger.neutral,
        ledger.hostile,
        ledger.stations,
        ledger.supplies,
    ):
        for key, held in list(table.items()):
            table[key] = {name: value for name, value in held.items() if name not in gone}
    without = dt.load("eurasia-2024")
    without.__dict__["ledger"] = ledger
    plain = system_of(without)
    for name, array in arrays(plain).items():
        np.testing.assert_allclose(arrays(quick)[name], array, atol=1e-12, err_msg=name)


def test_with_all_sources_in_force_nothing_changes(g):
    """All players in: no edit at all."""
    listed = every_source(g.ledger)
    place = {source.name: k for k, source in enumerate(listed)}
    sets = TieSets(
        g.system, g.mapping, gifts(g.ledger), lambda gift: place[gift.source], len(listed)
    )

    moves = sets.moves(np.ones((1, len(listed)), dtype=bool))

    assert (0, 0) == (len(moves.first), len(moves.facts.value))


def test_the_largest_harmless_part_is_that_of_all_subsets(g, composites):
    """Under the coalition lens: no subset that harms nobody has more edits; bounds hold too."""
    view = sight(g.system, lenses.find("coalition"))
    falls = Falls(composites, [view])
    items = list(range(len(composites)))

    part = largest_harmless(falls, items)

    masks = all_subsets(len(items), items)
    best = masks[falls.harmless(masks)].sum(axis=1).max()
    assert (best, best, True) == (len(part.items), part.upper, part.exact)
    assert falls.harmless(mask_of(len(items), part.items))[0]


def test_bounds_enclose_the_exact_answer(g, composites, monkeypatch):
    """With the exact search switched off: a part that was found, and a bound not below the best."""
    view = sight(g.system, lenses.find("coalition"))
    falls = Falls(composites, [view])
    items = list(range(len(composites)))
    exact = largest_harmless(falls, items)

    monkeypatch.setattr("detente.transition.subsets.harmless.EXACT", 2)
    monkeypatch.setattr("detente.transition.subsets.harmless.MOST_AT_ONCE", 2)
    monkeypatch.setattr("detente.lenses.coalition.lens.Coalition.ceiling", lambda *_: None)
    between = largest_harmless(falls, items)

    assert len(between.items) <= len(exact.items) <= between.upper
    assert falls.harmless(mask_of(len(items), between.items))[0]
    assert not between.exact


def test_tables_of_a_menu_hold_what_the_ledger_says(g, composites):
    """Any set of edits: each fact has in its table the value that the ledger gives it."""
    tables = tables_of_menu(composites)
    rng = np.random.default_rng(3)

    for _ in range(20):
        on = int(rng.integers(0, 1 << len(composites)))
        mask = np.array([on >> k & 1 for k in range(len(composites))], dtype=bool)
        moved = g.system.moved(composites.moves(mask), 0)
        tabled = g.system.moved(Moves.build([[]], [[]], None, [tables.edits(on)]), 0)
        for name, array in arrays(moved).items():
            if name not in ("allies", "rivals"):
                np.testing.assert_allclose(arrays(tabled)[name], array, atol=1e-12, err_msg=name)


def test_tables_of_sources_hold_what_sets_of_sources_give(g):
    """Any set of sources: the facts are those of the same set as a change."""
    listed = every_source(g.ledger)[:9]
    place = {source.name: k for k, source in enumerate(listed)}
    sets = TieSets(
        g.system, g.mapping, gifts(g.ledger), lambda gift: place.get(gift.source), len(listed)
    )
    tables = tables_of_sources(sets)
    masks = np.random.default_rng(4).random((12, len(listed))) < 0.5

    for k, mask in enumerate(masks):
        moved = g.system.moved(sets.moves(masks), k)
        edits = tables.edits(sum(1 << item for item in np.flatnonzero(mask).tolist()))
        tabled = g.system.moved(Moves.build([[]], [[]], None, [edits]), 0)
        for name, array in arrays(moved).items():
            if name not in ("allies", "rivals"):
                np.testing.assert_allclose(arrays(tabled)[name], array, atol=1e-12, err_msg=name)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_no_completion_gives_more_than_the_ceiling(g, composites, seed):
    """Some edits in, some out, the rest any way: nobody is more secure than the bound."""
    view = sight(g.system, lenses.find("coalition"))
    items = list(range(len(composites)))
    ceilings = Ceilings(composites, view, items)
    rng = np.random.default_rng(seed)
    done = {k for k in items if rng.random() < 0.5}
    decided = {k for k in items if rng.random() < 0.6}

    most = ceilings.most(done & decided, decided - done)

    gives = Falls(composites, [view]).deltas(mask_of(len(items), done))[0, 0]
    assert (gives <= most + 1e-12).all()


def test_with_everything_decided_the_ceiling_is_the_security(g, composites):
    """Nothing open: the bound is what the lens says of the whole."""
    view = sight(g.system, lenses.find("coalition"))
    items = list(range(len(composites)))

    most = Ceilings(composites, view, items).most(set(items), set())

    gives = Falls(composites, [view]).deltas(mask_of(len(items), items))[0, 0]
    np.testing.assert_allclose(most, gives, atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_many_withdrawals_give_no_more_than_the_ceiling_of_so_many(g, seed):
    """Forces leave some of twelve places: with at least as many gone nobody is better off."""
    hosts = ("DEU", "ITA", "GBR", "TUR", "JPN", "KOR", "KWT", "QAT", "POL", "ROU", "BHR", "ESP")
    menu = Composites(g, [dt.withdraw_forces("USA", host) for host in hosts])
    view = sight(g.system, lenses.find("coalition"))
    items = list(range(len(menu)))
    ceilings = Ceilings(menu, view, items)
    rng = np.random.default_rng(seed)
    done = {k for k in items if rng.random() < 0.7}
    inside = {k for k in done if rng.random() < 0.3}
    outside = {k for k in items if k not in done and rng.random() < 0.3}
    rest = [k for k in items if k not in inside | outside]
    many = Crowd(tuple(rest), len(done - inside) - 1)

    plain, most = (ceilings.most(inside, outside, None, crowd) for crowd in (None, many))

    gives = Falls(menu, [view]).deltas(mask_of(len(items), done))[0, 0]
    assert (gives <= most + 1e-12).all()
    assert (most <= plain + 1e-12).all()


def test_where_all_are_gone_the_ceiling_is_the_security(g):
    """As many gone as there are: it is the security to within a thousandth of the tolerance."""
    menu = Composites(g, [dt.withdraw_forces("USA", host) for host in ("DEU", "TUR", "JPN")])
    view = sight(g.system, lenses.find("coalition"))
    most = Ceilings(menu, view, [0, 1, 2]).most((), (), None, Crowd((0, 1, 2), 2))
    helped = g.system.codes.index("TUR")

    gives = Falls(menu, [view]).deltas(mask_of(3, [0, 1, 2]))[0, 0]
    plain = Ceilings(menu, view, [0, 1, 2]).most((), (), None)
    assert pytest.approx(gives[helped], abs=view.tolerance / 1000) == most[helped]
    assert most[helped] < -view.tolerance < 0 < plain[helped]


def test_branches_and_all_subsets_find_the_same_part(g, composites, monkeypatch):
    """Proof by branch and bound, with the look at all subsets switched off: the same size."""
    view = sight(g.system, lenses.find("coalition"))
    falls = Falls(composites, [view])
    items = list(range(len(composites)))
    exact = largest_harmless(falls, items)

    monkeypatch.setattr("detente.transition.subsets.harmless.EXACT", 2)
    monkeypatch.setattr("detente.transition.subsets.harmless.MOST_AT_ONCE", 2)
    branched = largest_harmless(falls, items)
    monkeypatch.setattr("detente.transition.subsets.branches.QUESTIONS", 1)
    stopped = largest_harmless(falls, items)

    assert (len(exact.items), True, True) == (len(branched.items), branched.exact, branched.proven)
    assert falls.harmless(mask_of(len(items), branched.items))[0]
    assert len(stopped.items) <= len(exact.items) <= stopped.upper
    assert stopped.proven


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_branches_find_the_largest_part_of_random_menus(g, composites, seed):
    """Some of the edits: no subset of them that harms nobody is larger than what is proven."""
    view = sight(g.system, lenses.find("coalition"))
    falls = Falls(composites, [view])
    rng = np.random.default_rng(seed)
    items = [k for k in range(len(composites)) if rng.random() < 0.6]
    masks = all_subsets(len(composites), items)
    best = int(masks[falls.harmless(masks)].sum(axis=1).max())
    assume(0 < best < len(items))
    branches = Branches(falls, items, [Ceilings(composites, view, items)])

    part = branches.at_least(best)

    assert best <= len(part)
    assert falls.harmless(mask_of(len(composites), part))[0]
    assert branches.at_least(best + 1) is False


@pytest.mark.parametrize(("name", "size"), [("eurasian_2024:text", 33), ("eurasian_2024:wide", 45)])
def test_the_long_proposals_have_a_proven_part(g, name, size):
    """Forty-four and fifty-one stated edits: the largest harmless part is proven, not guessed."""
    part = dt.plan(g, name, menu="none", draws=0).targets().row(0, named=True)

    assert part["part_exact"]
    assert size == part["part_size"] == part["part_upper"] < part["moving"]


def test_items_that_move_nothing_leave_a_way_as_fine_as_it_was(g):
    """What the CSTO holds anyway may be given up at any step: the bargain is that of the rest."""
    idle = ("BLR leaves UNION_STATE", "ARM withdraws its defense commitment with RUS")
    moving = (
        "UKR becomes neutral",
        "RUS guarantees UKR",
        "USA guarantees UKR",
        "GEO becomes neutral",
    )
    sentences = (idle[0], *moving, idle[1])
    menu = Composites(g, [dt.parse(sentence).bound(g) for sentence in sentences])
    falls = Falls(menu, [sight(g.system, lenses.find("coalition"))])
    every = all_sets(falls, range(len(menu)))

    way = _of_all_sets(falls, range(len(menu)), None)
    plain = search(
        sentences,
        lambda done: falls.deltas(mask_of(len(menu), done))[0, 0] / falls.scale[0],
        tol=1.0,
    )

    assert every.items == (1, 2, 3, 4)
    assert falls.harmless(mask_of(len(menu), range(len(menu))))[0]
    assert (way.status, way.bargain_size) == (plain.status, plain.bargain_size)
    assert sorted(item for step in way.steps for item in step) == list(range(len(menu)))
    done = np.cumsum([mask_of(len(menu), step) for step in way.steps], axis=0) > 0
    assert falls.harmless(done).all()


@given(
    steps=st.lists(st.integers(1, 3), max_size=4), idle=st.integers(0, 5), size=st.integers(3, 5)
)
def test_idle_items_fill_packages_before_they_take_steps(steps, idle, size):
    """Every item is done once, no package is too large, and no step could have been spared."""
    ends = np.cumsum([0, *steps]).tolist()
    way = [tuple(range(a, b)) for a, b in pairwise(ends)]
    room = sum(size - len(step) for step in way)

    filled = with_idle(way, range(100, 100 + idle), size)

    done = sorted(item for step in filled for item in step)
    assert done == [*range(ends[-1]), *range(100, 100 + idle)]
    assert max(map(len, filled), default=0) <= size
    assert len(filled) == len(way) + -(-max(idle - room, 0) // size)
