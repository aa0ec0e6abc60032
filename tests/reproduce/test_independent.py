"""The numbers that detente computed itself, computed in another way."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.linalg import expm, null_space
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from detente.lenses import landscape
from detente.reproduce import contest
from detente.reproduce.cases import cases
from detente.reproduce.tables import column, rows, signed_network
from detente.reproduce.values import numbers

PUBLISHED = {case.id: case.published for case in cases()}
WINDOWS = {
    "relations_1946": "1946_1949",
    "relations_1960": "1960_1963",
    "relations_1976": "1976_1979",
}


def published(name):
    """Return the numbers of a case; a single one as a number."""
    found = numbers(PUBLISHED[name])
    return found[0] if len(found) == 1 else found


def close(expected):
    """Return the expected value within nine digits."""
    return pytest.approx(expected, rel=1e-9, abs=1e-9)


# --- contest -----------------------------------------------------------------------------------


def _payoffs(allies, enemies, effort, i, tried, beta, gamma, cost=1.0):
    """Return i's payoff for each effort tried; performances below zero count as zero in the sum."""
    system = np.eye(len(effort)) + beta * allies - gamma * enemies
    performance = (system @ effort)[:, None] + np.outer(system[:, i], tried - effort[i])
    win = performance[i] / np.maximum(performance, 0).sum(axis=0)
    return np.where(performance[i] >= 0, win - cost * tried, -np.inf)


def test_nobody_gains_by_deviating_from_the_bare_congo_equilibrium():
    """No effort of any group, on a grid around its own, pays it more than 1.11 in all leaves it."""
    congo = contest.congo()
    found = congo.solve(endowment=None)

    gains = []
    for i in range(80):
        tried = found.effort[i] + np.linspace(-0.2, 0.5, 2001)
        tries = _payoffs(
            congo.allies, congo.enemies, found.effort, i, tried, contest.BETA, contest.GAMMA
        )
        gains.append(tries.max() - found.payoff[i])

    assert max(gains) < 1e-15
    assert close(published("contest.benchmark.bare_dissipation")) == found.effort.sum()


INSIDE = [(0, 1), (0, 2), (1, 2), (3, 4), (3, 5), (4, 5)]
ACROSS = [(i, j) for i in range(3) for j in range(3, 6)]
GAMES = {
    "alone": ([], [], 0.3, 0.2, np.ones(4)),
    "two_blocs": (INSIDE, ACROSS, 0.1, 0.08, np.ones(6)),
    "triad": ([(0, 1)], [(1, 2)], 0.2, 0.1, np.ones(3)),
    "triad_with_costs": ([(0, 1)], [(1, 2)], 0.2, 0.1, np.array([1, 1.3, 1])),
    "besieged": ([], [(0, j) for j in range(1, 5)], 0.1, 0.1, np.ones(5)),
    "hub": ([(0, j) for j in range(1, 5)], [], 0.25, 0.1, np.ones(5)),
    "corners": ([(0, 1), (3, 4)], [(0, 2), (1, 3)], 0.12, 0.08, np.array([0.6, 1, 0.8, 1.5, 2.5])),
}


@pytest.mark.parametrize("name", GAMES)
def test_nobody_gains_by_deviating_from_the_published_efforts(name):
    """The efforts in the table, not ours, are best answers to one another, to their ten digits."""
    allies, enemies, beta, gamma, cost = GAMES[name]
    effort = np.array(published(f"contest.{name}.effort"))
    payoff = published(f"contest.{name}.payoff")
    a, e = (_graph(len(cost), pairs) for pairs in (allies, enemies))

    for i in range(len(cost)):
        tried = effort[i] + np.linspace(-0.3, 0.6, 4001)
        best = _payoffs(a, e, effort, i, tried, beta, gamma, cost[i]).max()
        assert best <= payoff[i] + 1e-9


def _graph(n, pairs):
    out = np.zeros((n, n))
    for i, j in pairs:
        out[i, j] = out[j, i] = 1.0
    return out


def _fighting(gone=(), enmities=True, dear=()):
    """Return efforts by group, from the formulas of the article and the inverse written out."""
    groups = [row["group"] for row in rows("contest_congo_groups")]
    shifter = column("contest_congo_groups", "observed_shifter") + column(
        "contest_congo_groups", "unobserved_shifter"
    )
    kept = [group for group in groups if group not in gone]
    weight, system = dict.fromkeys(kept, 1.0), np.eye(len(kept))
    for tie in rows("contest_congo_ties"):
        i, j = tie["first"], tie["second"]
        if i in gone or j in gone or (tie["tie"] == "enemy" and not enmities):
            continue
        effect = contest.BETA if tie["tie"] == "ally" else -contest.GAMMA
        weight[i] += effect
        weight[j] += effect
        system[kept.index(i), kept.index(j)] = system[kept.index(j), kept.index(i)] = effect
    gamma = np.array([1 / weight[group] for group in kept])
    cost = np.array([10.0 if group in dear else 1.0 for group in kept])
    total = (gamma.sum() - 1) / (cost * gamma).sum()
    performance = gamma * total * (1 - cost * total)
    own = performance - shifter[[groups.index(group) for group in kept]]
    return dict(zip(kept, np.linalg.inv(system) @ own, strict=True)), weight


KEY_PLAYERS = {
    "rcd_g": ["RCD-G"],
    "rcd_k": ["RCD-K"],
    "rwa": ["RWA-I", "RWA-II"],
    "lra": ["LRA"],
    "fdlr": ["FDLR"],
    "mayi": ["MAYI"],
    "uga": ["UGA"],
}


@pytest.mark.parametrize("name", KEY_PLAYERS)
def test_key_players_from_the_formulas_written_out(name):
    """Share, change and ratio, without the lens."""
    before, _ = _fighting()
    after, _ = _fighting(gone=KEY_PLAYERS[name])
    share = sum(before[group] for group in KEY_PLAYERS[name]) / sum(before.values())
    change = sum(after.values()) / sum(before.values()) - 1

    expected = published(f"contest.key_players.{name}")
    assert pytest.approx(expected[:2], abs=5.1e-7) == (share, change)
    assert pytest.approx(expected[2], abs=5.1e-5) == abs(change) / share


def test_reconciliation_of_all_from_the_formulas_written_out():
    """Without enmities two thirds of the fighting end."""
    before, _ = _fighting()
    after, _ = _fighting(enmities=False)

    actual = sum(after.values()) / sum(before.values()) - 1
    assert pytest.approx(published("contest.peace.change"), abs=5e-5) == actual


def test_vulnerabilities_counted_tie_by_tie():
    """Sum, extremes, DRC, and the benchmark's total, from the rows of the table of ties."""
    efforts, weight = _fighting()
    gamma = {group: 1 / w for group, w in weight.items()}

    assert close(published("contest.vulnerability.sum")) == sum(gamma.values())
    assert close(published("contest.vulnerability.efficiency")) == 1 - 1 / sum(gamma.values())
    assert close(published("contest.vulnerability.least")) == gamma["FARDC"] == min(gamma.values())
    assert close(published("contest.vulnerability.most")) == gamma["RCD-G"] == max(gamma.values())
    assert close(published("contest.vulnerability.drc")) == gamma["DRC"]
    expected = pytest.approx(published("contest.benchmark.dissipation"), abs=5e-7)
    assert expected == sum(efforts.values())


def test_an_embargo_from_the_formulas_written_out():
    """The first of the ranking, with the interior formula at a corner, as the authors have it."""
    before, _ = _fighting()
    after, _ = _fighting(dear=["RCD-G"])

    actual = 100 * (1 - sum(after.values()) / sum(before.values()))
    assert pytest.approx(published("contest.embargo.rcd_g"), abs=5e-7) == actual


# --- war stability -----------------------------------------------------------------------------


def _by_every_coalition(pairs, strength, clique=False):
    """Return the critical advantage of each state, over every set of other states."""
    n = len(strength)
    near = [0] * n
    for i, j in pairs:
        near[i] |= 1 << j
        near[j] |= 1 << i
    codes = np.arange(2**n)
    holds = [(codes >> i & 1).astype(bool) for i in range(n)]
    power = sum(held * m for held, m in zip(holds, strength, strict=True))
    within = [(codes & ~(near[j] | 1 << j)) == 0 for j in range(n)]
    if clique:
        can = np.all([inside | ~held for inside, held in zip(within, holds, strict=True)], axis=0)
    else:
        can = np.any([inside & held for inside, held in zip(within, holds, strict=True)], axis=0)
    can &= codes > 0
    return [
        max(power[can & ~holds[i]] / power[(near[i] & ~codes | 1 << i)[can & ~holds[i]]])
        for i in range(n)
    ]


def _ring(n):
    return [(i, (i + 1) % n) for i in range(n)]


GRAPHS = {
    "petersen": (10, [*_ring(5), *((i, i + 5) for i in range(5)),
                      *((5 + i, 5 + (i + 2) % 5) for i in range(5))]),
    "heawood": (14, [*_ring(14), *((i, (i + 5) % 14) for i in range(0, 14, 2))]),
    "k4": (4, list(itertools.combinations(range(4), 2))),
    "c6": (6, _ring(6)),
}  # fmt: skip


@pytest.mark.parametrize("name", GRAPHS)
def test_least_advantages_over_every_coalition(name):
    """The regular graphs as they stand, and with each alliance that could be added."""
    n, pairs = GRAPHS[name]
    there = {frozenset(pair) for pair in pairs}
    alone = max(_by_every_coalition(pairs, [1] * n))
    joined = [alone] + [
        max(_by_every_coalition([*pairs, pair], [1] * n))
        for pair in itertools.combinations(range(n), 2)
        if frozenset(pair) not in there
    ]

    assert close(published(f"war_stability.least_advantage.{name}_alone")) == alone
    assert close(published(f"war_stability.least_advantage.{name}_joined")) == max(joined)


EXAMPLES = {
    "path": ([(0, 1), (1, 2), (2, 3)], [1, 1, 1, 1], 1.0),
    "two_triangles": ([*INSIDE, (2, 3)], [3, 2, 2, 4, 1, 1], 1.2),
    "star": ([(0, i) for i in range(1, 5)], [5, 2, 2, 1, 1], 1.5),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_worked_examples_over_every_coalition(name):
    """Critical advantages, and who is vulnerable."""
    pairs, strength, advantage = EXAMPLES[name]

    found = _by_every_coalition(pairs, strength)

    assert close(published(f"war_stability.{name}.critical")) == found
    weak = tuple(float(i) for i, ratio in enumerate(found) if ratio > advantage)
    assert published(f"war_stability.{name}.vulnerable") == weak


@pytest.mark.parametrize("reading", ["star", "clique"])
def test_petersen_over_every_coalition(reading):
    """How many of ten can be beaten at 1.3, and how many at 4/3."""
    found = np.array(_by_every_coalition(GRAPHS["petersen"][1], [1] * 10, reading == "clique"))

    assert published(f"war_stability.petersen.{reading}_below") == (found > 1.3).sum()
    assert published(f"war_stability.petersen.{reading}_equal") == (found > 4 / 3 + 1e-12).sum()


# --- landscape ---------------------------------------------------------------------------------


def _descended(size, propensity):
    """Return the size of every basin, by plain steepest descent from every configuration."""
    n = len(size)
    weights = np.outer(size, size) * propensity
    np.fill_diagonal(weights, 0.0)
    codes = np.arange(2 ** (n - 1))
    y = np.hstack(
        [np.ones((len(codes), 1)), 1.0 - 2.0 * ((codes[:, None] >> np.arange(n - 1)) & 1)]
    )
    change = 2.0 * y * (y @ weights)
    tolerance = 1e-12 * np.abs(weights).sum()
    steepest = np.argmax(change <= change.min(axis=1, keepdims=True) + tolerance, axis=1)
    after = np.where(steepest == 0, codes ^ (len(codes) - 1), codes ^ (1 << (steepest - 1)))
    after = np.where(change.min(axis=1) < -tolerance, after, codes)
    while (after[after] != after).any():
        after = after[after]
    strict = (change > tolerance).all(axis=1)
    places, basins = np.unique(after, return_counts=True)
    return basins, int(strict.sum()), places


def test_plain_descent_finds_the_minima_of_all_against_all():
    """195 strict minima and 226 in all, over the 65,536 configurations of the 17 sizes."""
    size = column("landscape_europe_1936_states", "size_1936_percent_world")

    basins, strict, _ = _descended(size, -np.ones((17, 17)))

    expected = (published("landscape.realist.strict"), published("landscape.realist.with_ties"))
    assert expected == (strict, len(basins))


def test_plain_descent_finds_the_basins_of_the_standards():
    """Two basins of 128 firms' configurations each."""
    kind = np.array([row["type"] for row in rows("landscape_unix_1988")])
    same = -(kind[:, None] == kind[None, :]).astype(float)

    basins, _, _ = _descended(column("landscape_unix_1988", "size"), same)

    assert list(published("landscape.unix.basins")) == basins.tolist()


def test_plain_descent_finds_the_basins_of_the_reconstruction():
    """54,864 and 10,672 are what the reconstruction gives, whoever computes it."""
    states = [row["code"] for row in rows("landscape_europe_1936_states")]
    propensity = np.zeros((17, 17))
    for pair in rows("landscape_europe_1936_pairs_reconstructed"):
        i, j = states.index(pair["a"]), states.index(pair["b"])
        propensity[i, j] = propensity[j, i] = float(pair["propensity"])

    basins, _, _ = _descended(
        column("landscape_europe_1936_states", "size_1936_percent_world"), propensity
    )

    ours = landscape.minima(
        column("landscape_europe_1936_states", "size_1936_percent_world"), propensity
    )
    assert sorted(m.basin for m in ours) == sorted(basins.tolist()) == [10_672, 54_864]


# --- balance -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tribes():
    """The signed matrix of the Highland tribes."""
    return signed_network("highland_tribes")[1]


def test_every_partition_of_the_tribes_frustrates_seven_edges_or_more(tribes):
    """Over all 32,768 partitions the least is 7, and one partition attains it."""
    codes = np.arange(2**15)
    y = np.hstack([np.ones((2**15, 1)), 1.0 - 2.0 * ((codes[:, None] >> np.arange(15)) & 1)])
    frustrated = (58 - ((y @ tribes) * y).sum(axis=1) / 2) / 2

    assert published("balance.highland.index") == frustrated.min()
    assert published("landscape.highland.optima") == (frustrated == 7).sum()


def _triangles(signed):
    """Return the number of triangles by their number of positive edges: 3, 2, 1, 0."""
    count = [0, 0, 0, 0]
    near = [set(np.flatnonzero(row).tolist()) for row in signed]
    for i, j in itertools.combinations(range(len(signed)), 2):
        if j in near[i]:
            for k in near[i] & near[j]:
                if k > j:
                    signs = (signed[i, j], signed[j, k], signed[i, k])
                    count[3 - sum(sign > 0 for sign in signs)] += 1
    return count


def test_triangles_of_the_tribes_one_by_one(tribes):
    """19, 2, 40 and 7 triangles; those with three or one positive edges are balanced."""
    count = _triangles(tribes)

    assert list(published("balance.highland.triangles")) == count
    assert close(published("balance.highland.triangle_index")) == (count[0] + count[2]) / sum(count)


def test_walk_balance_of_the_tribes_by_the_matrix_exponential(tribes):
    """The trace of the exponential, without eigenvalues."""
    actual = np.trace(expm(tribes)) / np.trace(expm(np.abs(tribes)))

    assert close(published("balance.highland.walk_balance")) == actual


def test_algebraic_conflict_of_the_tribes_by_its_null_space(tribes):
    """At the published value the signed Laplacian is singular, and below it positive definite."""
    laplacian = np.diag(np.abs(tribes).sum(axis=1)) - tribes
    value = published("balance.highland.algebraic_conflict")

    assert 1 == null_space(laplacian - value * np.eye(16), rcond=1e-10).shape[1]
    assert np.linalg.cholesky(laplacian - (value - 1e-9) * np.eye(16)).shape == (16, 16)


@pytest.mark.parametrize("name", WINDOWS)
def test_relations_by_an_integer_program(name):
    """The frustration index by a general solver, from the textbook form with x and f."""
    signed = signed_network(f"cow_signed_{WINDOWS[name]}")[1]
    i, j = np.nonzero(np.triu(signed))
    n, m = len(signed), len(i)
    edge, positive = np.arange(m), signed[i, j] > 0
    # positive: f >= +-(x_i - x_j); negative: f >= x_i + x_j - 1 and f >= 1 - x_i - x_j
    first = (np.ones(m), np.where(positive, -1.0, 1.0), np.where(positive, 0.0, 1.0))
    matrix = coo_array(
        (
            np.concatenate([-first[0], -first[1], np.ones(m), first[0], first[1], np.ones(m)]),
            (
                np.concatenate([edge] * 3 + [edge + m] * 3),
                np.concatenate([i, j, n + edge] * 2),
            ),
        ),
        shape=(2 * m, n + m),
    ).tocsr()
    least = np.concatenate([-first[2], first[2]])
    integral = np.concatenate([np.ones(n), np.zeros(m)])
    upper = np.ones(n + m)
    lower = np.zeros(n + m)
    lower[np.argmax(np.abs(signed).sum(axis=1))] = 1.0

    solved = milp(
        np.concatenate([np.zeros(n), np.ones(m)]),
        constraints=LinearConstraint(matrix, least, np.inf),
        integrality=integral,
        bounds=Bounds(lower, upper),
    )

    assert solved.status == 0
    assert published(f"balance.{name}.index") == round(solved.fun)


@pytest.mark.parametrize("name", WINDOWS)
def test_triangle_index_of_the_relations_one_by_one(name):
    """The triangle index by listing every triangle."""
    count = _triangles(signed_network(f"cow_signed_{WINDOWS[name]}")[1])

    actual = (count[0] + count[2]) / sum(count)
    assert pytest.approx(published(f"balance.{name}.triangle_index"), abs=5e-7) == actual


# --- arms race ---------------------------------------------------------------------------------


def test_richardsons_line_by_another_least_squares():
    """Slope, zero and share of variance by a polynomial fit and a correlation."""
    total = column("richardson_1909_1913", "total")
    middle, increase = (total[1:] + total[:-1]) / 2, np.diff(total)

    slope, offset = np.polyfit(middle, increase, 1)

    assert close(published("arms_race.race_of_1909.slope")) == slope
    assert close(published("arms_race.race_of_1909.zero")) == -offset / slope
    correlation = np.corrcoef(middle, increase)[0, 1]
    assert close(published("arms_race.race_of_1909.r_squared")) == correlation**2


def test_three_nations_by_cramers_rule_and_the_characteristic_polynomial():
    """The armaments stand still, and the eigenvalues are roots of the polynomial."""
    a = np.array([[-0.9, 0.3, 0.1], [0.2, -0.8, 0.25], [0.15, 0.1, -0.7]])
    armament = []
    for k in range(3):
        replaced = a.copy()
        replaced[:, k] = [-5, -4, -6]
        armament.append(np.linalg.det(replaced) / np.linalg.det(a))
    minors = sum(np.linalg.det(np.delete(np.delete(a, k, 0), k, 1)) for k in range(3))

    roots = np.roots([1, -np.trace(a), minors, -np.linalg.det(a)])

    assert pytest.approx(published("arms_race.three_nations.armament"), abs=5e-9) == armament
    assert pytest.approx(published("arms_race.three_nations.eigenvalues"), abs=5e-9) == sorted(
        roots.real, reverse=True
    )
