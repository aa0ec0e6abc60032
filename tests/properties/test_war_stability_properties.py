"""Properties of the lens `war_stability`, and its fast paths against slow plain twins."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detente.architecture.system import Moves, System
from detente.lenses.protocol import Lens, reduce_deltas
from detente.lenses.war_stability import (
    READINGS,
    WarStability,
    coalitions,
    critical_advantage,
    margin,
    rival_margin,
    vulnerable,
    worst_attack,
)

VALUES = {"advantage": 1.3}
seeds = st.integers(0, 2**32 - 1)
readings = st.sampled_from(READINGS)
advantages = st.floats(0.3, 4.0)


def symmetric(values):
    """Return the upper triangle of `values`, mirrored, with a zero diagonal."""
    upper = np.triu(values, 1)
    return upper + upper.T


@st.composite
def systems(draw, most=8, weights=True):
    """Draw a system: graded or 0/1 alliances, rivalries, strengths that may be equal or zero."""
    n, seed = draw(st.integers(1, most)), draw(seeds)
    rng = np.random.default_rng(seed)
    there = rng.random((n, n)) < draw(st.sampled_from([0.1, 0.4, 0.8]))
    grades = rng.choice([0.2, 0.5, 0.7, 1.0], (n, n)) if weights else 1.0
    allies = symmetric(there * grades)
    rivals = symmetric(rng.random((n, n)) < draw(st.sampled_from([0.1, 0.5]))) * (allies == 0)
    strength = draw(
        st.sampled_from([np.ones(n), rng.lognormal(0, 1, n), rng.integers(0, 4, n) * 1.0])
    )
    if not strength.any():
        strength = np.ones(n)
    distance = symmetric(rng.uniform(50, 9000, (n, n)))
    codes = tuple(f"S{i}" for i in range(n))
    return System(codes, allies, rivals.astype(float), strength, distance)


def random_moves(system, seed, m=12):
    """Return changes of one to several pairs: alliances, rivalries, both ways, some for nothing."""
    rng, n = np.random.default_rng(seed), system.size
    pairs = list(itertools.combinations(range(n), 2))
    edits, actors = [], []
    for _ in range(m):
        chosen = rng.integers(0, len(pairs), rng.integers(0, 6)) if pairs else []
        change = []
        for i, j in (pairs[p] for p in chosen):
            ally, rival = [
                (float(rng.choice([0.0, 0.3, 0.5, 1.0])), 0.0),
                (0.0, 1.0),
                (0.0, 0.0),
                (system.allies[i, j], system.rivals[i, j]),
            ][rng.integers(0, 4)]
            change.append((i, j, ally, rival) if rng.random() < 0.5 else (j, i, ally, rival))
        edits.append(change)
        actors.append(rng.choice(n, rng.integers(0, n + 1), replace=False).tolist())
    return Moves.build(edits, actors)


def brute_force(system, reading, advantage):
    """Return critical advantages and margins over all subsets, straight from the definitions."""
    n, m = system.size, system.capability
    circle = [set(np.flatnonzero(system.allies[i]).tolist()) for i in range(n)]
    critical, gap = np.zeros(n), np.zeros(n)
    for i in range(n):
        gap[i] = advantage * (m[i] + sum(m[k] for k in circle[i]))
        others = [k for k in range(n) if k != i]
        for size in range(1, n):
            for members in map(set, itertools.combinations(others, size)):
                if reading == "star":
                    able = any(members <= circle[j] | {j} for j in members)
                else:
                    able = all(members - {j} <= circle[j] for j in members)
                if not able:
                    continue
                attack = sum(m[k] for k in members)
                defence = m[i] + sum(m[k] for k in circle[i] - members)
                gap[i] = min(gap[i], advantage * defence - attack)
                if attack > 0:
                    critical[i] = max(critical[i], attack / defence if defence else np.inf)
    return critical, gap / m.sum()


def slow_margin(system, advantage):
    """Return the margins for graded alliances, term by term as the formulas are written."""
    n, m, w = system.size, system.capability, system.allies
    b = w + np.eye(n)
    margins = np.zeros(n)
    for i in range(n):
        gaps = [advantage * (m[i] + sum(w[i, k] * m[k] for k in range(n)))]
        for j in range(n):
            if j == i:
                continue
            shared = sum(b[i, k] * m[k] * b[k, j] for k in range(n))
            attack = b[j] @ m - m[i] * b[i, j]
            defence = b[i] @ m - shared + m[i] * b[i, j]
            gaps.append(advantage * defence - attack)
        margins[i] = min(gaps) / m.sum()
    return margins


@settings(deadline=None, max_examples=150)
@given(system=systems(most=6, weights=False), reading=readings, advantage=advantages)
def test_the_few_coalitions_looked_at_are_as_dangerous_as_all(system, reading, advantage):
    """Critical advantage, margin and vulnerability equal those over every subset of states."""
    given_ = {"reading": reading}
    critical, margins = brute_force(system, reading, advantage)
    data = system.allies, system.capability

    assert critical_advantage(*data, **given_) == pytest.approx(critical, rel=1e-9, abs=1e-9)
    assert margin(*data, advantage, **given_) == pytest.approx(margins, rel=1e-9, abs=1e-9)
    expected = critical > advantage * (1 + 1e-12)
    assert expected.tolist() == vulnerable(*data, advantage, **given_).tolist()


@settings(deadline=None)
@given(system=systems(), advantage=advantages)
def test_graded_alliances_follow_the_written_formulas(system, advantage):
    """The matrix form equals the sums over states."""
    expected = slow_margin(system, advantage)

    actual = WarStability("star").security(system, {"advantage": advantage})
    assert actual == pytest.approx(expected, abs=1e-12)


@settings(deadline=None, max_examples=200)
@given(system=systems(), reading=readings, seed=seeds)
def test_the_fast_deltas_are_the_plain_ones(system, reading, seed):
    """Updating the tables gives the same as starting again, for any list of edits."""
    lens, moves = WarStability(reading), random_moves(system, seed)

    expected = Lens.deltas(lens, system, moves, VALUES)
    assert np.abs(lens.deltas(system, moves, VALUES) - expected).max() < 1e-12


@settings(deadline=None, max_examples=200)
@given(system=systems(), reading=readings, seed=seeds, signs=st.booleans())
def test_the_fused_verdicts_are_the_reduced_deltas(system, reading, seed, signs):
    """The kernel's verdicts equal the plain reduction of the plain deltas, field by field."""
    lens, moves, tolerance = WarStability(reading), random_moves(system, seed), 1e-7
    expected = reduce_deltas(
        Lens.deltas(lens, system, moves, VALUES), moves, tolerance, signs=signs
    )
    actual = lens.screen(system, moves, VALUES, tolerance, signs=signs)

    for field in ("least", "most", "desire", "gain", "loss", "pays"):
        np.testing.assert_allclose(getattr(actual, field), getattr(expected, field), atol=1e-12)
    assert expected.harmed.tolist() == actual.harmed.tolist()
    assert (expected.sign is None) == (actual.sign is None)
    if signs:
        assert expected.sign.tolist() == actual.sign.tolist()


@settings(deadline=None)
@given(system=systems(), reading=readings, seed=seeds)
def test_a_change_leaves_no_trace_in_the_next_one(system, reading, seed):
    """A change has bit for bit the same deltas alone and after all the others."""
    lens, moves = WarStability(reading), random_moves(system, seed)
    together = lens.deltas(system, moves, VALUES)

    for k in range(len(moves)):
        alone = lens.deltas(system, moves.take(np.array([k])), VALUES)
        assert together[k].tolist() == alone[0].tolist()


@settings(deadline=None)
@given(system=systems(), reading=readings, seed=seeds)
def test_names_do_not_matter(system, reading, seed):
    """Relabelling the states relabels the margins."""
    order = np.random.default_rng(seed).permutation(system.size)
    square = np.ix_(order, order)
    renamed = System(
        tuple(system.codes[i] for i in order),
        system.allies[square],
        system.rivals[square],
        system.capability[order],
        system.distance[square],
    )
    lens = WarStability(reading)

    expected = lens.security(system, VALUES)[order]
    assert lens.security(renamed, VALUES) == pytest.approx(expected, abs=1e-12)


@settings(deadline=None)
@given(system=systems(), reading=readings, scale=st.floats(1e-3, 1e3))
def test_the_unit_of_strength_does_not_matter(system, reading, scale):
    """Multiplying every strength by a constant leaves margins and critical advantages alone."""
    given_ = {"reading": reading}
    w, m = system.allies, system.capability

    expected = margin(w, m, 1.3, **given_)
    assert margin(w, m * scale, 1.3, **given_) == pytest.approx(expected, abs=1e-12)
    critical = critical_advantage(w, m, **given_)
    assert critical_advantage(w, m * scale, **given_) == pytest.approx(critical, rel=1e-9)


@settings(deadline=None)
@given(system=systems(), reading=readings, low=advantages, high=advantages)
def test_a_greater_advantage_of_defence_makes_nobody_vulnerable(system, reading, low, high):
    """Who is safe at one advantage is safe at every greater one, and its margin is no smaller."""
    low, high = sorted((low, high))
    given_ = {"reading": reading}
    data = system.allies, system.capability

    assert (vulnerable(*data, high, **given_) <= vulnerable(*data, low, **given_)).all()
    assert (margin(*data, high, **given_) >= margin(*data, low, **given_) - 1e-12).all()


@settings(deadline=None)
@given(system=systems(weights=False), advantage=advantages)
def test_whom_a_clique_beats_a_star_beats(system, advantage):
    """Every clique is a star coalition, so its victims are among those of the stars."""
    data = system.allies, system.capability, advantage

    assert (vulnerable(*data, "clique") <= vulnerable(*data, "star")).all()
    assert (margin(*data, "clique") >= margin(*data, "star") - 1e-12).all()


@settings(deadline=None)
@given(system=systems(most=7, weights=False), seed=seeds)
def test_an_alliance_leaves_the_defence_of_third_states_alone(system, seed):
    """A third state's margin never rises by others' alliance, and its backing stays the same."""
    n = system.size
    pairs = [p for p in itertools.combinations(range(n), 2) if not system.allies[p]]
    if not pairs:
        return
    j, k = pairs[seed % len(pairs)]
    allied = system.allies.copy()
    allied[j, k] = allied[k, j] = 1.0
    third = [i for i in range(n) if i not in (j, k)]
    nobody = np.zeros((n, n))

    for reading in READINGS:
        before = margin(system.allies, system.capability, 1.3, reading)
        after = margin(allied, system.capability, 1.3, reading)
        assert (after[third] <= before[third] + 1e-12).all()
    backing = rival_margin(system.allies, system.capability, nobody)
    now = rival_margin(allied, system.capability, nobody)
    assert now[third].tolist() == backing[third].tolist()


@settings(deadline=None)
@given(system=systems(most=7), reading=readings)
def test_a_state_without_strength_or_ties_changes_nothing(system, reading):
    """Adding an isolated state, at an unknown place, leaves every other margin as it was."""
    n = system.size
    larger = System(
        (*system.codes, "NEW"),
        np.pad(system.allies, (0, 1)),
        np.pad(system.rivals, (0, 1)),
        np.append(system.capability, 0.0),
        np.pad(system.distance, (0, 1), constant_values=np.nan),
    )
    lens = WarStability(reading)

    expected = lens.security(system, VALUES)
    assert lens.security(larger, VALUES)[:n] == pytest.approx(expected, abs=1e-12)
    assert lens.ignores_isolates


@settings(deadline=None)
@given(system=systems(most=7), strong=st.floats(0.0, 20.0), advantage=advantages)
def test_a_loner_threatens_only_whom_it_beats_alone(system, strong, advantage):
    """A new state without allies makes vulnerable exactly those whom it beats by itself."""
    n = system.size
    allies, strength = np.pad(system.allies, (0, 1)), np.append(system.capability, strong)
    backing = system.capability + system.allies @ system.capability
    expected = vulnerable(system.allies, system.capability, advantage) | (
        strong > advantage * backing * (1 + 1e-12)
    )

    assert expected.tolist() == vulnerable(allies, strength, advantage)[:n].tolist()


@settings(deadline=None)
@given(system=systems(), reading=readings, advantage=advantages)
def test_the_worst_attack_is_the_margin(system, reading, advantage):
    """The named coalition has the strength, and leaves the margin, that it is reported for."""
    data = system.allies, system.capability, advantage, reading
    margins, beaten = margin(*data), vulnerable(*data)
    total = system.capability.sum()

    for i, attack in enumerate(worst_attack(*data)):
        if attack is None:
            assert not beaten[i]
            continue
        gap = (advantage * attack.defence - attack.attack) / total
        assert gap == pytest.approx(margins[i], abs=1e-12)
        assert i == attack.target
        assert i not in attack.members
        assert attack.leader is None or attack.leader in attack.members
        assert not attack.beats or beaten[i]


@settings(deadline=None)
@given(system=systems(most=12, weights=False), advantage=advantages)
def test_the_search_that_cuts_hopeless_branches_finds_the_same_victims(system, advantage):
    """Above the number of cliques that are listed, the pruned search decides alike."""
    # Strengths in general position: equal ones are compared with another rounding there.
    data = system.allies, system.capability * np.linspace(1.0, 1.07, system.size)
    expected = vulnerable(*data, advantage, "clique")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coalitions, "MANY_CLIQUES", 1)
        actual = vulnerable(*data, advantage, "clique")

    assert expected.tolist() == actual.tolist()


def _maximal_cliques_plain(adjacency):
    """Return all maximal cliques, sorted: the plain twin of the search, without a pivot."""
    around = [set(np.flatnonzero(row).tolist()) for row in adjacency]
    cliques: list[tuple[int, ...]] = []

    def grow(members: list[int], candidates: set[int], seen: set[int]) -> None:
        if not candidates and not seen:
            cliques.append(tuple(sorted(members)))
        for v in sorted(candidates):
            grow([*members, v], candidates & around[v], seen & around[v])
            candidates = candidates - {v}
            seen = seen | {v}

    if len(around):
        grow([], set(range(len(around))), set())
    return sorted(cliques)


@settings(deadline=None)
@given(system=systems(most=10, weights=False), room=st.integers(1, 4))
def test_the_compiled_search_lists_the_maximal_cliques(system, room):
    """The kernel finds the cliques of its plain twin, also if it first has too little room."""
    expected = _maximal_cliques_plain(system.allies > 0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coalitions, "MANY_CLIQUES", room)
        found = coalitions.maximal_cliques(system.allies)

    assert expected == sorted(tuple(np.flatnonzero(row).tolist()) for row in found)
