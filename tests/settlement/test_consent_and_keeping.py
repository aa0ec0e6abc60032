"""Counter-moves, pivotal consent, veto players, and what keeps a settlement."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detente.errors import Undefined, UnknownName, UsageError
from detente.settlement import (
    absorbed,
    break_even_guarantee,
    durability,
    holding,
    in_core,
    power,
    stability,
    threshold,
    weibull,
    winset,
)
from detente.settlement.keeping.conditions import keeps
from detente.settlement.keeping.holding_ranges import thresholds
from detente.settlement.keeping.lasting import effects, fit, records

SEEDS = st.integers(0, 10_000)


def game(seed: int, parties: int = 3, states: int = 5):
    """Return random moves and strict preferences."""
    rng = np.random.default_rng(seed)
    moves = [
        {(a, b) for a in range(states) for b in range(states) if a != b and rng.random() < 0.3}
        for _ in range(parties)
    ]
    return moves, [list(map(int, rng.permutation(states))) for _ in range(parties)]


@given(seed=SEEDS)
@settings(max_examples=40, deadline=None)
def test_concepts_contain_one_another(seed):
    """R within SEQ within GMR, and R within SMR within GMR."""
    stable = stability(*game(seed))

    for inner, outer in (("R", "SEQ"), ("SEQ", "GMR"), ("R", "SMR"), ("SMR", "GMR")):
        assert not (stable[inner] & ~stable[outer]).any()


@given(seed=SEEDS)
@settings(max_examples=30, deadline=None)
def test_between_two_parties_a_sequence_is_a_single_move(seed):
    """One opponent cannot move twice in succession."""
    moves, order = game(seed, parties=2)

    sequence = stability(moves, order)
    single = stability(moves, order, sanction="single_move")

    for concept, table in sequence.items():
        assert table.tolist() == single[concept].tolist()


@given(seed=SEEDS)
@settings(max_examples=30, deadline=None)
def test_another_partys_new_move_does_not_unsettle(seed):
    """What a party can do by itself does not depend on what others can do."""
    moves, order = game(seed)
    more = [moves[0], moves[1] | {(0, 1), (1, 2), (2, 0)}, moves[2]]

    before, after = stability(moves, order)["R"], stability(more, order)["R"]

    assert before[0].tolist() == after[0].tolist()
    assert before[2].tolist() == after[2].tolist()


def test_ties_are_lists_and_one_concept_comes_alone():
    """A party that is indifferent between two states improves on neither."""
    moves = [{(0, 1), (1, 0)}, set()]

    stable = stability(moves, [[[0, 1]], [0, 1]], concept="R")

    assert list(stable) == ["R"]
    assert stable["R"].tolist() == [[True, True], [True, True]]
    assert stable.equilibria("R") == [0, 1]


def test_a_preference_that_leaves_a_state_out_is_refused():
    """The message names the party and the states."""
    with pytest.raises(UsageError, match=r"party 1 .*missing: \[1\].*more than once: \[0\]"):
        stability([{(0, 1)}, set()], [[0, 1], [0, 0]])
    with pytest.raises(UsageError, match=r"move \(0, 7\) of party 0"):
        stability([{(0, 7)}, set()], [[0, 1], [0, 1]])
    with pytest.raises(UnknownName, match="concept 'SEG'"):
        stability([set()], [[0]], concept="SEG")


@given(st.lists(st.integers(0, 9), min_size=2, max_size=6), st.floats(0.1, 1.0))
@settings(max_examples=60, deadline=None)
def test_weights_and_coalitions_give_one_index(weights, part):
    """Counting by weight is counting all orders; dummies get 0, and the sum is 1."""
    total = sum(weights)
    if total == 0:
        return
    quota = max(1, round(part * total))
    n = len(weights)
    pivots = np.zeros(n)
    for order in permutations(range(n)):
        weight = 0
        for player in order:
            weight += weights[player]
            if weight >= quota:
                pivots[player] += 1
                break

    shapley = power(weights, quota)
    banzhaf = power(weights, quota, index="banzhaf")
    listed = power(winning=lambda s: sum(weights[k] for k in s) >= quota, n=n)

    assert shapley == pytest.approx(pivots / pivots.sum(), abs=1e-12)
    assert shapley == pytest.approx(listed, abs=1e-12)
    assert banzhaf.sum() == pytest.approx(1)
    assert (banzhaf[np.array(weights) == 0] == 0).all()
    ranked = np.argsort(weights, kind="stable")
    for index in (shapley, banzhaf):
        assert (np.diff(index[ranked]) >= -1e-12).all()


def test_winning_coalitions_may_be_listed():
    """The least winning coalitions say all; a veto player has the most power."""
    index = power(winning=[(0, 1, 2), (0, 1, 3), (0, 1, 4)], n=5)

    assert index == pytest.approx([9 / 20, 9 / 20, 1 / 30, 1 / 30, 1 / 30], abs=1e-12)
    assert index.max() == index[0]


def test_games_nobody_decides_are_refused():
    """A quota beyond all weights, a coalition that loses by growing, and too many players."""
    with pytest.raises(Undefined, match="ever turns"):
        power([1, 2], 4)
    with pytest.raises(UsageError, match="not monotone"):
        power(winning=lambda s: len(s) == 1, n=3)
    with pytest.raises(UsageError, match="at most 20"):
        power(winning=[(0,)], n=21)
    with pytest.raises(UsageError, match="need a quota"):
        power([1, 2])
    assert power([0.1, 0.2], 0.3).tolist() == [0.5, 0.5]


def test_an_absorbed_player_changes_nothing():
    """Within the others' hull a veto player neither adds to the core nor empties the winset."""
    players = [(0, 0), (1, 0), (0.5, 0)]

    assert absorbed(players).tolist() == [False, False, True]
    assert in_core((0.25, 0), players)
    assert not in_core((0.5, 0.1), players)
    assert winset(players, (0.2, 0)).empty


def test_the_exact_winset_is_the_estimated_one():
    """In three dimensions, where the area is estimated, a lens of balls has a formula."""
    r = np.sqrt(0.5)
    volume = np.pi * (4 * r + 1) * (2 * r - 1) ** 2 / 12

    estimate = winset([(0, 0, 0), (1, 0, 0)], (0.5, 0.5, 0))

    assert abs(estimate.area - volume) < 5 * estimate.error
    assert 0 < estimate.error < 1e-3
    issues = winset([(0, 0), (1, 1)], (0.5, 0.5), distance="issues")
    assert issues.empty
    assert winset([(0,), (0.2,)], (0.5,)).area == pytest.approx(0.6)


@given(
    temptation=st.floats(0.1, 3),
    peace=st.floats(0.1, 3),
    seen=st.floats(0.05, 1),
    lag=st.integers(1, 6),
)
@settings(max_examples=60, deadline=None)
def test_faster_and_surer_answers_need_no_more_patience(temptation, peace, seen, lag):
    """More detection and less lag never raise the threshold, and at it keeping is worth nothing."""
    pays = (1 + temptation, 1.0, 1 - peace)
    least = threshold(*pays, lag=lag, detection=seen)

    assert least <= threshold(*pays, lag=lag + 1, detection=seen) + 1e-12
    assert least <= threshold(*pays, lag=lag, detection=seen / 2) + 1e-12
    if least < 1 - 1e-9:
        assert keeps(*pays, least, lag=lag, detection=seen) == pytest.approx(0, abs=1e-9)


@given(delta=st.floats(0.05, 0.95), seen=st.floats(0.05, 1), lag=st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_a_guarantee_is_needed_just_below_the_threshold(delta, seen, lag):
    """It is 0 exactly from the threshold on, and with it keeping pays exactly."""
    pays = (1.5, 1.0, 0.4)
    least = threshold(*pays, lag=lag, detection=seen)
    guarantee = break_even_guarantee(*pays, delta=delta, detection=seen, lag=lag)

    assert (guarantee == 0) == (delta >= least) or abs(delta - least) < 1e-9
    if guarantee:
        worth = keeps(*pays, delta, lag=lag, detection=seen, guarantee=guarantee)
        assert worth == pytest.approx(0, abs=1e-9)


def test_a_settlement_that_does_not_tempt_is_no_game():
    """T > R > P or a refusal; a breach that nobody sees calls no guarantee."""
    with pytest.raises(UsageError, match="T > R > P"):
        threshold(1, 2, 0)
    with pytest.raises(Undefined, match="nobody sees"):
        break_even_guarantee(3, 2, 1, delta=0.5, detection=0)
    assert np.isnan(threshold(5, 3, 2.5, punishment=2))


@given(
    kind=st.sampled_from(("ceasefire", "freeze", "final")),
    terms=st.sets(st.sampled_from([effect.name for effect in effects()]), max_size=3),
)
@settings(max_examples=20, deadline=None)
def test_survival_falls_with_time_and_lies_in_its_range(kind, terms):
    """Whatever is assumed of the terms, fewer settlements hold after more years."""
    curve = durability(kind, covariates=dict.fromkeys(terms, 1.0), draws=500)

    for values in (curve.survival, curve.low, curve.high):
        assert (np.diff(values) <= 1e-12).all()
    assert (curve.low <= curve.survival).all()
    assert (curve.survival <= curve.high).all()
    assert curve.records
    assert "no estimate" in curve.caution


def test_records_are_met_by_their_fits():
    """The curve through a record comes within four hundredths of each of its points."""
    off = []
    for record in records():
        shape, rate, error = fit(record)
        points = np.exp(-(np.array(record.years) ** shape) * np.exp(rate))
        off += list(np.abs(points - record.holding))
        assert 0 < shape < 1.05
        assert error > 0

    assert max(off) < 0.04


def test_one_seed_gives_one_curve():
    """The same call gives the same numbers; another seed hardly others."""
    first, again = durability("freeze", seed=3), durability("freeze", seed=3)

    assert first.low.tolist() == again.low.tolist()
    assert durability("freeze", seed=4).survival == pytest.approx(first.survival, abs=0.02)


def test_unknown_kinds_and_terms_are_refused():
    """With what was probably meant."""
    with pytest.raises(UnknownName, match="'freeze'"):
        durability("freese")
    with pytest.raises(UnknownName, match="peacekeeping"):
        durability("final", covariates={"peacekeepers": 1})
    with pytest.raises(UsageError, match="covariate guarantee"):
        durability("final", covariates={"guarantee": 2})
    assert weibull(1, 0, (1,)).median == pytest.approx(np.log(2))


def test_thresholds_of_draws_are_those_of_single_games():
    """The bisection over arrays meets the closed forms and the root for one game."""
    pays = (np.array([5.0, 1.2, 1.5]), np.array([3.0, 1.0, 0.9]), np.array([1.0, 0.4, 0.5]))
    lag, seen = np.array([2, 1, 3]), np.array([1.0, 0.2, 0.5])

    expected = [
        threshold(*(float(p[k]) for p in pays), lag=int(lag[k]), detection=float(seen[k]))
        for k in range(3)
    ]

    assert expected == pytest.approx(thresholds(*pays, lag, seen), abs=1e-9)


def test_the_more_is_settled_the_less_patience_it_takes():
    """By the ranges as read: final below freeze below ceasefire, and guarantees likewise."""
    kinds = [holding(kind) for kind in ("final", "freeze", "ceasefire")]

    assert (np.diff([k.threshold[1] for k in kinds]) > 0).all()
    assert (np.diff([k.holds for k in kinds]) < 0).all()
    assert (np.diff([k.guarantee[2] for k in kinds]) > 0).all()
    assert {k.source for k in kinds} == {"assumed"}
    with pytest.raises(UnknownName, match="freeze"):
        holding("freeze_line")
    with pytest.raises(UsageError, match="patience"):
        holding("final", patience=(0.5, 1.0))
