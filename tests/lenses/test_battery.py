"""One battery for every lens, in every reading: what must hold whatever the model says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import detente as dt
from detente.architecture.package.tables import write
from detente.errors import Undefined
from detente.lenses import names
from detente.lenses.protocol import Lens, reduce_deltas, reduced
from detente.testing import (
    all_lenses,
    architectures,
    moves,
    permuted,
    systems,
    with_isolate,
)

LENSES = all_lenses()
every_lens = pytest.mark.parametrize("lens", LENSES, ids=lambda lens: lens.name)


def values_of(lens, data):
    """Parameter values somewhere in the ranges the lens declares."""
    u = np.array([[data.draw(st.floats(0, 0.999)) for _ in lens.parameters] or [0.0]])
    return lens.draws(u)[0]


def secure(lens, system, values):
    """Security, or None where the lens has no answer."""
    try:
        return lens.security(system, values)
    except Undefined:
        return None


@every_lens
@settings(max_examples=40)
@given(data=st.data())
def test_relabelling_the_states_relabels_the_result(lens, data):
    """No lens treats a state differently because of its name or its place in the list."""
    system = data.draw(systems())
    order = data.draw(st.permutations(range(system.size)))
    values = values_of(lens, data)

    plain, relabelled = (secure(lens, s, values) for s in (system, permuted(system, order)))

    if plain is None:
        assert relabelled is None
    else:
        np.testing.assert_allclose(plain[list(order)], relabelled, rtol=1e-8, atol=1e-10)


@every_lens
@settings(max_examples=40)
@given(data=st.data())
def test_a_state_without_ties_or_capability_changes_nothing(lens, data):
    """An isolate leaves all others as they are, unless the lens says that it does not."""
    system = data.draw(systems())
    values = values_of(lens, data)
    before, after = (secure(lens, s, values) for s in (system, with_isolate(system)))

    if before is None:
        return
    if lens.ignores_isolates:
        np.testing.assert_allclose(before, after[:-1], rtol=1e-8, atol=1e-10)


def test_lenses_that_heed_isolates_are_those_that_say_so():
    """A lens that declares that isolates matter has a case in which one does."""
    random = np.random.default_rng(1)
    for lens in LENSES:
        if lens.ignores_isolates:
            continue
        n = 4
        from detente.architecture.system import System

        system = System(
            ("AAA", "BBB", "CCC", "DDD"),
            np.zeros((n, n)),
            np.zeros((n, n)),
            random.uniform(1, 2, n),
            np.zeros((n, n)),
        )
        before = lens.security(system, lens.values())
        after = lens.security(with_isolate(system), lens.values())[:n]
        assert not np.allclose(before, after), lens.name


@every_lens
@settings(max_examples=40)
@given(data=st.data())
def test_the_fast_way_equals_the_plain_way(lens, data):
    """Deltas of the lens are those of computing the security again after every change."""
    system = data.draw(systems())
    changes = data.draw(moves(system))
    values = values_of(lens, data)
    if secure(lens, system, values) is None:
        return

    np.testing.assert_allclose(
        Lens.deltas(lens, system, changes, values),
        lens.deltas(system, changes, values),
        rtol=1e-7,
        atol=1e-9,
    )


@every_lens
@settings(max_examples=40)
@given(data=st.data(), share=st.sampled_from([0.003, 0.07]))
def test_the_fused_screen_equals_its_plain_twin(lens, data, share):
    """Verdict quantities are those of reducing the table of deltas."""
    system = data.draw(systems())
    changes = data.draw(moves(system))
    values = values_of(lens, data)
    before = secure(lens, system, values)
    if before is None:
        return
    tol = share * (np.ptp(before) + 1e-3)

    plain = reduce_deltas(Lens.deltas(lens, system, changes, values), changes, tol)
    fused = lens.screen(system, changes, values, tol)

    for name in ("least", "most", "desire", "gain", "loss", "pays"):
        np.testing.assert_allclose(
            getattr(plain, name), getattr(fused, name), rtol=1e-6, atol=1e-9, err_msg=name
        )
    np.testing.assert_array_equal(plain.harmed, fused.harmed)
    np.testing.assert_array_equal(plain.sign, fused.sign)
    assert lens.screen(system, changes, values, tol, signs=False).sign is None


@settings(max_examples=60)
@given(data=st.data(), gaps=st.booleans(), signs=st.booleans(), pays=st.booleans())
def test_the_compiled_reduction_equals_its_plain_twin(data, gaps, signs, pays):
    """Whatever the deltas, the compiled way to verdicts is the plain one."""
    system = data.draw(systems())
    changes = data.draw(moves(system))
    random = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    deltas = np.round(random.normal(size=(len(changes), system.size)), 1)
    if gaps:
        deltas[random.integers(len(changes))] = np.nan

    plain = reduce_deltas(deltas, changes, 0.25, signs=signs, pays=pays)
    fast = reduced(deltas, changes, 0.25, signs=signs, pays=pays)

    for name in ("least", "desire", "gain", "loss", "harmed"):
        np.testing.assert_allclose(getattr(plain, name), getattr(fast, name), atol=1e-12)
    for name, wanted in (("pays", pays), ("sign", signs)):
        if wanted:
            np.testing.assert_allclose(getattr(plain, name), getattr(fast, name), atol=1e-12)
        else:
            assert getattr(plain, name) is getattr(fast, name) is None


@every_lens
@settings(max_examples=10)
@given(data=st.data())
def test_order_of_rows_and_saving_change_nothing(lens, data, tmp_path_factory):
    """Tables in another order, or written and read again, give the same security."""
    g = data.draw(architectures())
    backwards = g.with_tables("", **{name: frame.reverse() for name, frame in g.tables.items()})
    stored = tmp_path_factory.mktemp("case") / "case.zip"
    again = dt.load(write(g.package(), stored))
    values = lens.values()

    first, *others = (secure(lens, x.system, values) for x in (g, backwards, again))

    for other in others:
        if first is None:
            assert other is None
        else:
            np.testing.assert_array_equal(first, other)


@every_lens
def test_metadata_tells_the_truth(lens):
    """Every lens has citation, unit and limits; defaults lie in their ranges, with sources."""
    said = lens.describe()

    assert lens.key in names()
    assert lens.status in {"verified", "checked"}
    assert all(said[key] for key in ("title", "citation", "unit", "meaning", "limits"))
    for p in lens.parameters:
        assert p.minimum <= p.low <= p.high <= p.maximum
        assert not p.uncertain or p.low <= p.default <= p.high
        assert p.source
        assert p.meaning
        assert p.unit
        assert p.scale in {"linear", "log", "whole"}


@every_lens
@settings(max_examples=15)
@given(data=st.data())
def test_the_answer_is_one_finite_number_a_state(lens, data):
    """Security is finite for every state, or the lens says that it has no answer."""
    system = data.draw(systems())
    out = secure(lens, system, values_of(lens, data))

    if out is not None:
        assert (system.size,) == out.shape
        assert np.isfinite(out).all()


def test_a_refusal_names_the_state():
    """Where a state has too many enemies for an equilibrium the contest names it."""
    from detente.architecture.system import System

    n = 20
    rivals = np.zeros((n, n))
    rivals[0, 1:] = rivals[1:, 0] = 1.0
    names_ = tuple(f"S{k:02d}" for k in range(n))
    system = System(names_, np.zeros((n, n)), rivals, np.ones(n), np.zeros((n, n)))

    with pytest.raises(Undefined, match="S00") as caught:
        dt.lenses.find("contest").security(system, dt.lenses.find("contest").values())
    assert "S00" == caught.value.state
