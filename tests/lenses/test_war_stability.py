"""The lens `war_stability`: its interface, its refusals, distance, and stability with trade."""

from __future__ import annotations

import itertools
import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from detente.architecture.system import Moves, System
from detente.errors import Undefined, UnknownName, UsageError
from detente.lenses import find
from detente.lenses.protocol import Lens
from detente.lenses.war_stability import (
    Attack,
    Stability,
    WarStability,
    critical_advantage,
    margin,
    vulnerable,
    war_stable,
    war_stable_with_trade,
    worst_attack,
)
from detente.lenses.war_stability.coalitions import MANY_CLIQUES, maximal_cliques

VALUES = {"advantage": 1.0}


def pairs_to_matrix(n, pairs, value=1.0):
    """Return a symmetric matrix with `value` at the pairs."""
    out = np.zeros((n, n))
    for i, j in pairs:
        out[i, j] = out[j, i] = value
    return out


def small_system(**changes):
    """Return three states: A and B allied, C a rival of A, 3,000 km from both."""
    fields = {
        "codes": ("A", "B", "C"),
        "allies": pairs_to_matrix(3, [(0, 1)]),
        "rivals": pairs_to_matrix(3, [(0, 2)]),
        "capability": np.array([1.0, 2.0, 5.0]),
        "distance": pairs_to_matrix(3, [(0, 2), (1, 2)], 3000.0),
    }
    return System(**(fields | changes))


PETERSEN = pairs_to_matrix(
    10,
    [(i, (i + 1) % 5) for i in range(5)]
    + [(i, i + 5) for i in range(5)]
    + [(5 + i, 5 + (i + 2) % 5) for i in range(5)],
)


# The lens


def test_the_lens_is_found_with_its_readings():
    """Plain it is the article's, and the colon chooses another reading."""
    assert find("war_stability").reading == "star"
    assert find("war_stability:clique").reading == "clique"


def test_an_unknown_reading_is_refused():
    """The error says which ones there are, or what was probably meant."""
    with pytest.raises(UnknownName, match="Known: clique, star"):
        WarStability("clicks")
    with pytest.raises(UnknownName, match="Did you mean 'star'"):
        critical_advantage(np.zeros((2, 2)), np.ones(2), reading="stars")


def test_half_an_alliance_is_a_whole_one_in_the_clique_reading():
    """A weight of at least 0.5 counts as an alliance, any other as none."""
    strength = np.array([1.0, 2.0, 5.0])
    whole, half, less = (pairs_to_matrix(3, [(0, 1)], weight) for weight in (1.0, 0.5, 0.49))

    expected = margin(whole, strength, 1.0, "clique").tolist()
    assert expected == margin(half, strength, 1.0, "clique").tolist()
    alone = margin(np.zeros((3, 3)), strength, 1.0, "clique").tolist()
    assert alone == margin(less, strength, 1.0, "clique").tolist()


def test_the_reading_that_left_says_where_it_went():
    """The lens and every function name the lens and the function that took its place."""
    nobody = np.zeros((2, 2))
    for ask in (
        lambda: find("war_stability:rival"),
        lambda: WarStability("rival"),
        lambda: margin(nobody, np.ones(2), 1.0, "rival"),
    ):
        with pytest.raises(UsageError, match=r"coalition.*rival_margin"):
            ask()


@pytest.mark.parametrize("reading", ["star", "clique"])
def test_nobody_has_any_strength(reading):
    """A share of a total of zero is undefined, on every path."""
    system, lens = small_system(capability=np.zeros(3)), WarStability(reading)
    moves = Moves.build([[(0, 1, 0.0, 0.0)]], [[0]])

    with pytest.raises(Undefined, match="strength"):
        lens.security(system, VALUES)
    with pytest.raises(Undefined, match="strength"):
        lens.deltas(system, moves, VALUES)
    with pytest.raises(Undefined, match="strength"):
        lens.screen(system, moves, VALUES, 1e-9)


@pytest.mark.parametrize("reading", ["star", "clique"])
def test_arming_goes_the_plain_way(reading):
    """A change of strength is judged by starting again, next to changes of ties."""
    lens, system = WarStability(reading), small_system()
    moves = Moves.build([[(0, 1, 0.0, 0.0)], []], [[0], [1]], armed=[(), ((1, 4.0),)])
    expected = Lens.deltas(lens, system, moves, VALUES)

    assert expected.tolist() == lens.deltas(system, moves, VALUES).tolist()
    screen = lens.screen(system, moves, VALUES, 1e-9)
    assert expected[1, 1] == screen.least[1]
    assert expected[1].any()


@pytest.mark.parametrize("reading", ["star", "clique"])
def test_threads_do_not_disturb_one_another(reading):
    """Many draws at once give what each gives alone."""
    rng, n = np.random.default_rng(4), 30
    upper = np.triu(rng.random((n, n)) < 0.2, 1) * 1.0
    allies = upper + upper.T
    rivals = (1 - allies) * pairs_to_matrix(n, [(i, (i + 7) % n) for i in range(n)])
    distance = pairs_to_matrix(n, list(itertools.combinations(range(n), 2)), 1000.0)
    codes = tuple(f"S{i}" for i in range(n))
    system = System(codes, allies, rivals, rng.lognormal(0, 1, n), distance)
    pairs = list(itertools.combinations(range(n), 2))
    moves = Moves.build(
        [[(i, j, 1 - allies[i, j], 0.0)] for i, j in pairs], [list(pair) for pair in pairs]
    )
    lens = WarStability(reading)
    draws = [{"advantage": a} for a in (0.5, 0.8, 1.0, 1.7, 2.2, 3.0)] * 4
    expected = [lens.deltas(system, moves, values).tolist() for values in draws]
    with ThreadPoolExecutor(4) as pool:
        actual = pool.map(lambda values: lens.deltas(system, moves, values).tolist(), draws)

    assert expected == list(actual)


# Who attacks


def test_the_worst_attack_names_leader_and_members():
    """On a path of four, 2 leads 1 and 3 against 0, whose only ally is among the attackers."""
    path = pairs_to_matrix(4, [(0, 1), (1, 2), (2, 3)])
    expected = Attack(target=0, leader=2, members=(1, 2, 3), attack=3.0, defence=1.0, beats=True)

    assert expected == worst_attack(path, np.ones(4), 1.0)[0]


def test_a_clique_has_no_leader():
    """Of a triangle, the two others attack the third together as equals."""
    triangle = pairs_to_matrix(3, [(0, 1), (1, 2), (0, 2)])
    attacks = worst_attack(triangle, np.ones(3), 1.0, "clique")
    expected = Attack(target=0, leader=None, members=(1, 2), attack=2.0, defence=1.0, beats=True)

    assert expected == attacks[0]


def test_nobody_attacks_a_state_that_is_alone_in_the_world():
    """One state: no attack, critical advantage zero, margin its own strength."""
    for reading in ("star", "clique"):
        world = np.zeros((1, 1))
        assert critical_advantage(world, [3.0], reading=reading).tolist() == [0.0]
        assert margin(world, [3.0], 2.0, reading).tolist() == [2.0]
    assert worst_attack(world, [3.0], 2.0) == (None,)


def test_a_state_without_any_defence_has_no_critical_advantage():
    """Infinity where there is an attack and no defence; zero where there is neither."""
    nobody = np.zeros((3, 3))

    assert critical_advantage(nobody, [0.0, 0.0, 1.0]).tolist() == [math.inf, math.inf, 0.0]
    assert vulnerable(nobody, [0.0, 0.0, 1.0], 1e9).tolist() == [True, True, False]


def test_many_cliques_are_decided_alike():
    """On a dense graph with more cliques than are listed, both ways name the same victims."""
    rng = np.random.default_rng(8)
    upper = np.triu(rng.random((90, 90)) < 0.5, 1) * 1.0
    allies, strength = upper + upper.T, rng.lognormal(0, 1.8, 90)
    critical = critical_advantage(allies, strength, reading="clique")

    assert len(maximal_cliques(allies)) > MANY_CLIQUES
    for advantage in (0.5, 1.0, 2.0):
        expected = (critical > advantage).tolist()
        assert expected == vulnerable(allies, strength, advantage, "clique").tolist()
        assert 0 < sum(expected) < 90 or advantage != 1.0


def test_changes_are_judged_alike_where_there_are_many_cliques():
    """With more cliques than the kernel lists it searches anew, also for a new alliance."""
    from detente.lenses.war_stability.margins_kernel import LISTED

    rng = np.random.default_rng(9)
    upper = np.triu(rng.random((80, 80)) < 0.5, 1) * 1.0
    allies = upper + upper.T
    codes, nobody = tuple(f"S{i}" for i in range(80)), np.zeros((80, 80))
    system = System(codes, allies, nobody, rng.lognormal(0, 1.8, 80), nobody)
    pairs = list(itertools.combinations(range(80), 2))[:40]
    moves = Moves.build(
        [[(i, j, 1 - allies[i, j], 0.0)] for i, j in pairs], [list(p) for p in pairs]
    )
    lens = WarStability("clique")

    assert len(maximal_cliques(allies)) > LISTED
    expected = Lens.deltas(lens, system, moves, VALUES)
    assert lens.deltas(system, moves, VALUES) == pytest.approx(expected, abs=1e-12)


# Refusals


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"allies": np.zeros((2, 3))}, "shape"),
        ({"allies": np.array([[0, 1.0], [0, 0]])}, "symmetric"),
        ({"allies": np.eye(2)}, "diagonal"),
        ({"allies": np.array([[0, 2.0], [2, 0]])}, "from 0 to 1"),
        ({"allies": np.array([[0, np.nan], [np.nan, 0]])}, "finite"),
        ({"strength": np.array([1.0, -1.0])}, "non-negative"),
        ({"strength": np.array([1.0, np.inf])}, "finite"),
        ({"strength": np.array([])}, "strength"),
    ],
)
def test_wrong_arrays_are_refused(changed, message):
    """The error says which argument is wrong and how."""
    arguments = {
        "allies": np.zeros((2, 2)),
        "strength": np.ones(2),
    } | changed
    with pytest.raises(UsageError, match=message):
        critical_advantage(**arguments)


@pytest.mark.parametrize("advantage", [0.0, -1.0, math.inf, math.nan])
def test_the_advantage_is_positive_and_finite(advantage):
    """No other factor makes sense of the comparison."""
    for function in (vulnerable, margin, worst_attack):
        with pytest.raises(UsageError, match="advantage"):
            function(np.zeros((2, 2)), np.ones(2), advantage)


# Stability


def test_each_condition_can_be_the_first_violated():
    """S1 names a victim, S2 the alliance that would make one, S3 the one who would drop one."""
    empty = np.zeros((3, 3))

    assert Stability(False, "S1", None, 1) == war_stable(empty, [3, 1, 2], 1.0)
    assert Stability(False, "S2", (0, 2), 1) == war_stable(empty, [1, 1, 2], 2.0)
    assert Stability(False, "S3", (0, 1), 0) == war_stable(PETERSEN, np.ones(10), 2.6)
    stable = war_stable(empty, [1, 1, 2], 3.0)
    assert Stability(True) == stable
    assert stable
    assert not war_stable(empty, [3, 1, 2], 1.0)


def test_stability_is_about_alliances_that_are_there_or_not():
    """Graded alliances, the rival reading and wrong strengths are refused."""
    with pytest.raises(UsageError, match="0 and 1"):
        war_stable(pairs_to_matrix(2, [(0, 1)], 0.5), np.ones(2), 1.0)
    with pytest.raises(UsageError, match="rival"):
        war_stable(np.zeros((2, 2)), np.ones(2), 1.0, "rival")
    with pytest.raises(UsageError, match="strength"):
        war_stable(np.zeros((2, 2)), [1.0, np.nan], 1.0)


def test_trade_makes_a_regular_network_stable():
    """Where trade pays for its alliances the Petersen graph is stable from 2.5 on, not below."""
    terms = {"spoils": 100.0, "war_cost": 0.0, "alliance_cost": 0.5}
    strength = np.ones(10)

    assert war_stable_with_trade(PETERSEN, strength, 2.5, PETERSEN, **terms)
    below = war_stable_with_trade(PETERSEN, strength, 2.4, PETERSEN, **terms)
    assert below.stable is False
    assert below.condition == "S2"
    dear = war_stable_with_trade(PETERSEN, strength, 2.5, PETERSEN, **terms | {"alliance_cost": 2})
    assert Stability(False, "S3", (0, 1), 0) == dear


def test_trade_keeps_allies_from_attacking():
    """With spoils too small to give up trade for, the Petersen graph is stable at 2.4 already."""
    terms = {"spoils": 0.1, "war_cost": 0.0, "alliance_cost": 0.5}

    assert war_stable_with_trade(PETERSEN, np.ones(10), 2.4, PETERSEN, **terms)


def test_two_who_would_both_earn_from_an_alliance_are_not_at_rest():
    """S2 is violated without any victim if the pair gain from adding their alliance."""
    trade = pairs_to_matrix(3, [(0, 1)], 2.0)
    terms = {"spoils": 1.0, "war_cost": 0.0}
    found = war_stable_with_trade(
        np.zeros((3, 3)), np.ones(3), 3.0, trade, alliance_cost=1, **terms
    )
    expected = Stability(False, "S2", (0, 1), None)
    assert expected == found

    one_sided = np.array([[1, 2.0, 1], [3, 1, 1], [1, 1, 1]])
    assert war_stable_with_trade(
        np.zeros((3, 3)), np.ones(3), 3.0, trade, alliance_cost=one_sided, **terms
    )


def test_without_trade_and_costs_the_conditions_are_the_plain_ones():
    """Every coalition gains then, so the verdict on every graph of four is that of star."""
    pairs = list(itertools.combinations(range(4), 2))
    rng = np.random.default_rng(11)
    for bits in itertools.product((0, 1), repeat=6):
        allies = pairs_to_matrix(4, [p for p, there in zip(pairs, bits, strict=True) if there])
        strength, advantage = rng.uniform(1, 4, 4), float(rng.uniform(0.5, 5))
        expected = war_stable(allies, strength, advantage)

        assert expected == war_stable_with_trade(
            allies,
            strength,
            advantage,
            np.zeros((4, 4)),
            spoils=1.0,
            war_cost=0.0,
            alliance_cost=1e-9,
        )


def willing_conqueror_exists(i, allies, m, advantage, trade, spoils, war_cost):
    """Return, by trying every subset, whether a willing coalition beats i."""
    n = len(m)
    circle = [set(np.flatnonzero(row).tolist()) for row in allies]
    others = [k for k in range(n) if k != i]
    for size in range(1, n):
        for members in map(set, itertools.combinations(others, size)):
            if not any(members <= circle[j] | {j} for j in members):
                continue
            power = sum(m[k] for k in members)
            if power <= advantage * (m[i] + sum(m[k] for k in circle[i] - members)):
                continue
            gains = [
                spoils * m[i] * m[k] / power - war_cost - trade[i, k] * allies[i, k]
                for k in members
            ]
            if min(gains) >= 0 and max(gains) > 0:
                return True
    return False


def test_with_trade_every_willing_coalition_is_found():
    """S1 names the first state that some willing coalition beats, tried over all subsets."""
    rng = np.random.default_rng(3)
    outcomes = set()
    for _ in range(200):
        n = int(rng.integers(2, 7))
        upper = np.triu(rng.random((n, n)) < 0.5, 1)
        allies = (upper + upper.T) * 1.0
        trade = np.triu(rng.uniform(0, 0.6, (n, n)), 1)
        trade = trade + trade.T
        m, advantage = rng.uniform(0.5, 3, n), float(rng.uniform(0.4, 2.5))
        spoils, war_cost = float(rng.uniform(0.2, 1)), float(rng.uniform(0, 0.5))
        victims = [
            i
            for i in range(n)
            if willing_conqueror_exists(i, allies, m, advantage, trade, spoils, war_cost)
        ]
        found = war_stable_with_trade(
            allies, m, advantage, trade, spoils=spoils, war_cost=war_cost, alliance_cost=0.1
        )
        first = found.state if found.condition == "S1" else None
        outcomes.add(first is None)

        assert (victims[0] if victims else None) == first

    assert outcomes == {True, False}


def test_too_large_a_circle_is_undecided_and_not_guessed():
    """Of 22 around a hub only a few at once are willing: no answer, unless another is violated."""
    n = 23
    hub = pairs_to_matrix(n, [(1, k) for k in range(2, n)])
    strength = np.ones(n)
    strength[0] = 10.0
    terms = {"spoils": 1.0, "alliance_cost": 0.1}
    everywhere = np.ones((n, n)) - np.eye(n)
    unknown = war_stable_with_trade(hub, strength, 0.5, hub, war_cost=1.2, **terms)

    assert Stability(None, "S1", None, 0) == unknown
    assert not unknown
    sure = war_stable_with_trade(hub, strength, 0.5, everywhere, war_cost=1.2, **terms)
    assert Stability(False, "S2", (0, 1), None) == sure
    willing = war_stable_with_trade(hub, strength, 0.5, hub, war_cost=0.2, **terms)
    assert Stability(False, "S1", None, 0) == willing


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"trade": -np.ones((2, 2)) + np.eye(2)}, "trade"),
        ({"spoils": -1.0}, "spoils"),
        ({"war_cost": math.nan}, "war_cost"),
        ({"alliance_cost": 0.0}, "alliance_cost"),
        ({"alliance_cost": np.ones(2)}, "alliance_cost"),
        ({"advantage": 0.0}, "advantage"),
    ],
)
def test_wrong_terms_of_trade_are_refused(changed, message):
    """The error names the argument."""
    arguments = {
        "advantage": 1.0,
        "trade": np.zeros((2, 2)),
        "spoils": 1.0,
        "war_cost": 0.0,
        "alliance_cost": 1.0,
    } | changed
    with pytest.raises(UsageError, match=message):
        war_stable_with_trade(np.zeros((2, 2)), np.ones(2), **arguments)
