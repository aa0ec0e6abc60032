"""Single pairs judged in panels of four rows: verdicts, signs and payments of the plain way."""

from __future__ import annotations

from unittest import mock

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from detente.architecture.system import Moves, System
from detente.errors import NoEquilibrium
from detente.lenses import contest
from detente.lenses.contest import Contest, new_alliances
from detente.lenses.protocol import Lens, reduce_deltas

SEEDS = st.integers(0, 2**32 - 1)
VALUES = {"beta": 0.1, "gamma": 0.05, "cost_exponent": 0.0}
FIELDS = ("least", "most", "desire", "gain", "loss", "harmed", "pays", "sign")


def system_of(random, n, density=0.2, *, weighted=False):
    """Return random ties of n states; capabilities differ by orders of magnitude."""
    draw = np.triu(random.random((n, n)), 1)
    allies = ((draw > 0) & (draw < density)).astype(float)
    rivals = ((draw > density) & (draw < 2 * density)).astype(float)
    if weighted:
        allies *= random.random((n, n))
    codes = tuple(f"S{i}" for i in range(n))
    capability = random.lognormal(0, 1.5, n)
    unknown = np.full((n, n), np.nan)
    return System(codes, allies + allies.T, rivals + rivals.T, capability, unknown)


def rows_of(random, n, *, mixed):
    """Return pairs in rows of one first state; if mixed, ties of all kinds and odd changes too."""
    kinds = [(1.0, 0.0), (0.0, 0.0), (0.0, 1.0), (0.4, 0.0)] if mixed else [(1.0, 0.0)]
    edits, actors = [], []
    for i in random.choice(n, int(random.integers(1, n + 1)), replace=False).tolist():
        for j in range(n):
            if j == i or random.random() < 0.1:
                continue
            kind = kinds[random.integers(len(kinds))]
            change, who = [(i, j, *kind)], [i, j][:: random.choice([1, -1])]
            if mixed and random.random() < 0.1:
                who = [[i], [j, j], [], [i, (j + 1) % n]][random.integers(4)]
            if mixed and random.random() < 0.05:
                change = [[], change * 2, [(j, i, *kind)]][random.integers(3)]
            for _ in range(1 + (mixed and random.random() < 0.1)):  # some pairs twice
                edits.append(change)
                actors.append(who)
    return Moves.build(edits, actors)


@given(
    seed=SEEDS,
    n=st.integers(2, 19),
    kappa=st.sampled_from([0.0, 0.0, 0.1, 0.5, 1.0]),
    mixed=st.booleans(),
    weighted=st.booleans(),
    tolerance=st.sampled_from([1e-9, 1e-5, 1e-3]),
)
def test_rows_of_pairs_are_judged_as_one_by_one(seed, n, kappa, mixed, weighted, tolerance):
    """Verdicts, signs and payments of rows of pairs are those of reducing the deltas."""
    random = np.random.default_rng(seed)
    system = system_of(random, n, random.uniform(0, 0.4), weighted=weighted)
    changes = rows_of(random, n, mixed=mixed)
    lens, values = Contest(), {**VALUES, "cost_exponent": kappa}
    try:
        deltas = lens.deltas(system, changes, values)
    except NoEquilibrium:
        assume(False)

    found = lens.screen(system, changes, values, tolerance)

    plain = reduce_deltas(deltas, changes, tolerance)
    for name in FIELDS:
        np.testing.assert_allclose(
            getattr(plain, name), getattr(found, name), rtol=1e-10, atol=1e-12, err_msg=name
        )
    # A state that nobody's change harms is owed exactly nothing: no rounding is left of it.
    np.testing.assert_array_equal(plain.pays == 0, found.pays == 0)


@given(seed=SEEDS, kappa=st.sampled_from([0.0, 0.3]), mixed=st.booleans())
def test_who_pays_does_not_depend_on_the_number_of_threads(seed, kappa, mixed):
    """Bit for bit the same on one, two and three threads, and with signs or without."""
    random = np.random.default_rng(seed)
    system = system_of(random, 11)
    changes = rows_of(random, 11, mixed=mixed)
    lens, values = Contest(), {**VALUES, "cost_exponent": kappa}

    with mock.patch.object(contest.judging, "LONG", 8):  # so that a short list has several parts
        one, *others = (
            lens.screen(system, changes, values, 1e-9, signs=threads != 2, threads=threads)
            for threads in (1, 2, 3)
        )

    for other in others:
        for name in FIELDS[:6]:
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    np.testing.assert_array_equal(one.sign, others[-1].sign)


@pytest.mark.parametrize("kappa", [0.0, 0.3])
def test_many_states_are_gone_over_in_stretches(kappa):
    """More states than one stretch holds, and no multiple of eight, give the same sums."""
    random = np.random.default_rng(5)
    n = 275
    system = system_of(random, n, 0.02)
    rows = [(i, j) for i in (0, 3, 258, 259, 274) for j in range(n) if j != i]
    changes = Moves.build([[(i, j, 1.0, 0.0)] for i, j in rows], [[i, j] for i, j in rows])
    lens, values = Contest(), {**VALUES, "cost_exponent": kappa}

    found = lens.screen(system, changes, values, 1e-9)

    plain = reduce_deltas(lens.deltas(system, changes, values), changes, 1e-9)
    for name in FIELDS:
        np.testing.assert_allclose(
            getattr(plain, name), getattr(found, name), rtol=1e-9, atol=1e-12, err_msg=name
        )


def test_a_list_of_changes_may_be_asked_of_several_systems():
    """What is known of a list in one system is not used in another."""
    random = np.random.default_rng(6)
    one, other = system_of(random, 9), system_of(random, 9)
    changes = rows_of(random, 9, mixed=False)
    lens = Contest()

    for system in (one, other, one):
        found = lens.screen(system, changes, VALUES, 1e-9)
        plain = reduce_deltas(Lens.deltas(lens, system, changes, VALUES), changes, 1e-9)
        for name in FIELDS:
            np.testing.assert_allclose(
                getattr(plain, name), getattr(found, name), rtol=0, atol=1e-11, err_msg=name
            )


def test_no_changes_have_no_verdicts():
    """An empty list gives empty verdicts, and nobody pays."""
    system = system_of(np.random.default_rng(7), 5)

    found = Contest().screen(system, Moves.build([], []), VALUES, 1e-9, threads=2)

    assert [len(getattr(found, name)) for name in FIELDS[:5]] == [0] * 5
    np.testing.assert_array_equal(np.zeros((5, 5)), found.pays)


def test_new_alliances_go_by_panels():
    """Nearly all new alliances fit into panels; those left over are judged one by one."""
    from detente.lenses.contest.panel_kernel import ROWS

    system = system_of(np.random.default_rng(8), 30)
    changes = new_alliances(system)
    base = contest.judging.Base.of(system, VALUES)

    row_ptr, _, partner, nearer, further, *_ = contest.judging._layout(base, changes)

    fits = partner >= 0
    assert fits.mean() > 0.95
    assert len(changes) == row_ptr[-1]
    assert 0 == (len(row_ptr) - 1) % ROWS
    np.testing.assert_array_equal(changes.second[fits], partner[fits])
    i, j = changes.first[fits], changes.second[fits]
    np.testing.assert_array_equal(1 - system.allies[i, j], nearer[fits])
    np.testing.assert_array_equal(-system.rivals[i, j], further[fits])
