"""Properties of the lens coalition, and its formula against the plain twin."""

from __future__ import annotations

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from security_plain import security_plain

from detente.lenses.coalition import Coalition, attacks, security
from detente.lenses.coalition.facts import PROMISES, SHARES, checked
from detente.lenses.coalition.parameter_table import parameters

seeds = st.integers(0, 2**32 - 1)
ROUNDING = 1e-12


def symmetric(values):
    """The larger of the two directions, zero diagonal."""
    table = np.maximum(values, values.T)
    np.fill_diagonal(table, 0.0)
    return table


@st.composite
def cases(draw, most=7):
    """Draw all facts of a system of at least two states; some have no strength at all."""
    n = draw(st.integers(2, most))
    random = np.random.default_rng(draw(seeds))

    def some(share):
        table = random.random((n, n)) * (random.random((n, n)) < share)
        np.fill_diagonal(table, 0.0)
        return table

    strength = random.random(n) * (random.random(n) < 0.9)
    strength[0] += 0.001
    return {
        "strength": strength,
        "defense": some(0.3),
        "offense": some(0.1),
        "nonaggression": some(0.2),
        "guarantee": some(0.2),
        "neutral": random.random(n) * (random.random(n) < 0.2),
        "stations": some(0.2) * 0.3,
        "supplies": some(0.2) * 0.1,
        "rivalry": symmetric(random.integers(0, 6, (n, n)) * (random.random((n, n)) < 0.5)) * 1.0,
        "distance": symmetric(random.random((n, n)) * 9000),
        "land": symmetric((random.random((n, n)) < 0.2) * 1.0),
        "nuclear": random.random(n) < 0.3,
    }


@st.composite
def values(draw, **fixed):
    """Draw parameters from their ranges."""
    random = np.random.default_rng(draw(seeds))
    drawn = {p.name: float(p.quantile(random.random(1))[0]) for p in parameters()}
    return {**drawn, "quarrel": float(random.integers(2, 5)), **fixed}


def without(case, *states):
    """The same system with nothing on the table between some states and the others."""
    keep = [k for k in range(len(case["strength"])) if k not in states]
    return {
        name: table[np.ix_(keep, keep)] if np.ndim(table) == 2 else table[keep]
        for name, table in case.items()
    }


@settings(max_examples=150)
@given(case=cases(), chosen=values(), latent=st.sampled_from([0.0, 0.01, 1.0]))
def test_the_formula_is_the_text_state_by_state(case, chosen, latent):
    """Whole arrays and one attack after another give the same to rounding."""
    rest = {k: v for k, v in case.items() if k not in (*PROMISES, *SHARES, "strength")}
    facts = checked(
        case["strength"],
        reach=chosen["reach"],
        pairs={name: case[name] for name in (*PROMISES, *SHARES)},
        **rest,
    )

    expected = security_plain(facts, {**Coalition().values(chosen), "latent": latent})
    formula = security(**case, **chosen, latent=latent)

    np.testing.assert_allclose(expected, formula, rtol=1e-12, atol=1e-15)


@settings(max_examples=60)
@given(case=cases(), chosen=values(burden=0.0), seed=seeds)
def test_a_promise_to_a_state_never_makes_it_less_secure(case, chosen, seed):
    """A pledge not to attack i, or to defend it, never lowers the security of i."""
    random = np.random.default_rng(seed)
    n = len(case["strength"])
    i = int(random.integers(n))
    for kind in ("nonaggression", "defense"):
        more = case[kind].copy()
        k = (i + 1 + int(random.integers(n - 1))) % n
        more[k, i] = max(more[k, i], random.random())

        before, after = (security(**{**case, kind: t}, **chosen) for t in (case[kind], more))

        assert after[i] >= before[i] - ROUNDING


@settings(max_examples=60)
@given(case=cases(), chosen=values(), seed=seeds)
def test_a_sharper_rivalry_of_its_own_never_makes_a_state_more_secure(case, chosen, seed):
    """Security of i never rises with the intensity of a rivalry of i."""
    random = np.random.default_rng(seed)
    n = len(case["strength"])
    i, shift = int(random.integers(n)), int(random.integers(1, n))
    j = (i + shift) % n
    sharper = case["rivalry"].copy()
    sharper[i, j] = sharper[j, i] = random.integers(int(case["rivalry"][i, j]), 6)

    before, after = (
        security(**{**case, "rivalry": table}, **chosen) for table in (case["rivalry"], sharper)
    )

    assert after[i] <= before[i] + ROUNDING


@settings(max_examples=60)
@given(case=cases(), chosen=values(burden=0.0), seed=seeds)
def test_arms_to_a_state_never_make_its_target_more_secure(case, chosen, seed):
    """Whoever supplies j, the states that j may attack do not gain by it."""
    random = np.random.default_rng(seed)
    n = len(case["strength"])
    j, k = (int(x) for x in random.permutation(n)[:2])
    armed = case["supplies"].copy()
    armed[k, j] += random.random() * 0.2
    armed = np.minimum(armed, 1.0)

    before, after = (
        security(**{**case, "supplies": table}, **chosen) for table in (case["supplies"], armed)
    )

    for target in np.flatnonzero(case["rivalry"][j]):
        assert after[target] <= before[target] + ROUNDING


@settings(max_examples=60)
@given(case=cases(), chosen=values(burden=0.0, turnout=0.0), seed=seeds)
def test_where_nobody_turns_out_a_new_pact_harms_nobody(case, chosen, seed):
    """With turnout 0 and no offence pledges a defence pact can only hold back and deter."""
    random = np.random.default_rng(seed)
    n = len(case["strength"])
    a, b = (int(x) for x in random.permutation(n)[:2])
    allied = case["defense"].copy()
    allied[a, b] = allied[b, a] = 1.0
    case = {**case, "offense": np.zeros((n, n))}

    before, after = (
        security(**{**case, "defense": table}, **chosen) for table in (case["defense"], allied)
    )

    assert (after >= before - ROUNDING).all()


@settings(max_examples=40)
@given(case=cases(), chosen=values())
def test_a_state_that_reaches_nobody_leads_no_attack(case, chosen):
    """Without strength nothing arrives: the attack is led by nobody, its rate is 0."""
    case = {**case, "strength": case["strength"].copy()}
    case["strength"][-1] = 0.0
    assume(case["strength"].sum() > 0)
    last = len(case["strength"]) - 1

    led = attacks(**case, **chosen).pairs.filter(attacker=last)

    assert [0.0] * led.height == led["rate"].to_list()


@settings(max_examples=40)
@given(case=cases(), chosen=values())
def test_a_state_without_rivals_promises_and_strength_changes_nothing(case, chosen):
    """Others have the same security with and without it, and it is exposed to nothing."""
    last = len(case["strength"]) - 1
    empty = {}
    for name, table in case.items():
        empty[name] = table.copy()
        empty[name][last] = 0
        if np.ndim(table) == 2:
            empty[name][:, last] = 0
    assume(empty["strength"].sum() > 0)

    whole = security(**empty, **chosen)

    np.testing.assert_allclose(security(**without(empty, last), **chosen), whole[:-1], atol=1e-15)
    assert whole[last] == 0.0


@settings(max_examples=40)
@given(case=cases(), chosen=values(), seed=seeds)
def test_relabelling_the_states_relabels_their_security(case, chosen, seed):
    """No state is treated otherwise because of its place in the list."""
    order = np.random.default_rng(seed).permutation(len(case["strength"]))
    mixed = {
        name: table[np.ix_(order, order)] if np.ndim(table) == 2 else table[order]
        for name, table in case.items()
    }

    np.testing.assert_allclose(
        security(**case, **chosen)[order], security(**mixed, **chosen), rtol=1e-10, atol=1e-15
    )
