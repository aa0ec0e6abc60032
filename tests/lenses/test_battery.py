"""One battery for every lens, in every reading: what must hold whatever the model says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import detente as dt
from detente.architecture.package.tables import write
from detente.errors import Undefined
from detente.lenses import names
from detente.lenses.protocol import ASSUMPTIONS, Lens, Parameter, reduce_deltas, reduced
from detente.testing import (
    all_lenses,
    architectures,
    forgotten,
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

    assume(before is not None)
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
    assume(secure(lens, system, values) is not None)

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
    assume(before is not None)
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
def test_a_lens_declares_what_the_house_shows_of_it(lens):
    """Citation, unit, limits, assumptions, parameters with sources: what is forgotten is named."""
    assert [] == forgotten(lens)
    assert lens.key in names()
    assert set(ASSUMPTIONS) == set(lens.assumptions)


@every_lens
def test_a_lens_has_published_numbers_or_says_why_not(lens):
    """The table of published numbers has one of it, or the lens says why there is none."""
    from detente.reproduce.cases import cases

    numbered = {case.lens for case in cases()}
    assert lens.key in numbered or lens.no_numbers, (
        f"{lens.name} has no row in reproduce/cases.csv: add a published number with its module, "
        "or say in `no_numbers` why there is none"
    )
    assert not (lens.key in numbered and lens.no_numbers)


@every_lens
def test_a_lens_has_a_portrait_of_a_system(lens):
    """A sentence, a number a state and links between states of the system."""
    g = dt.load("two-blocs")

    portrait = lens.portrait(g.system, lens.values())

    assert portrait.finding
    assert portrait.subject
    assert (g.system.size,) == portrait.value.shape
    assert {code for a, b, _ in portrait.links for code in (a, b)} <= set(g.system.codes)


@every_lens
@settings(max_examples=25)
@given(data=st.data())
def test_the_terms_of_a_lens_add_up_to_its_security(lens, data):
    """Where a lens gives the terms of its sum, they are the security of the state."""
    system = data.draw(systems())
    values = values_of(lens, data)
    security = secure(lens, system, values)
    assume(security is not None)
    state = data.draw(st.integers(0, system.size - 1))

    terms = lens.terms(system, values, state)

    if terms:
        np.testing.assert_allclose(
            security[state], sum(term.value for term in terms), rtol=1e-9, atol=1e-12
        )


def test_what_a_lens_forgets_is_said_in_sentences():
    """Each sentence names the lens, what is missing and what to write."""

    class Bare(Lens):
        key, status, limits, sees = "bare", "good", (), ("moods",)
        parameters = (Parameter("x", 3.0, 1.0, 2.0, "", "a thing", "assumed", scale="cubic"),)

        def security(self, system, values):
            return system.capability

    said = "\n".join(forgotten(Bare()))

    for part in (
        "bare has no citation: say in a sentence where the model was published.",
        "bare has no limits",
        "the status 'good': write 'verified'",
        "does not say where it stands on 'an ally': set assumptions['an ally'] to one of 'defends'",
        "bare sees 'moods', which nothing edits",
        "parameter x of bare has no unit",
        "the scale be one of linear, log, whole",
        "the default 3 of parameter x",
    ):
        assert part in said


@every_lens
@settings(max_examples=15)
@given(data=st.data())
def test_the_answer_is_one_finite_number_a_state(lens, data):
    """Security is finite for every state, or the lens says that it has no answer."""
    system = data.draw(systems())
    security = secure(lens, system, values_of(lens, data))

    assume(security is not None)
    assert (system.size,) == security.shape
    assert np.isfinite(security).all()


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
