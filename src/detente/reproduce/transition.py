"""Values of the room `transition`: games, networks that rest, cascades, and planning cases."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente import transition as room
from detente.architecture.system import Floats
from detente.lenses.contest.game import equilibrium
from detente.lenses.war_stability import margin, rival_margin
from detente.reproduce.values import Value, Values

Bools = NDArray[np.bool_]
Pairs = Iterable[tuple[int, int]]

CASES: dict[str, tuple[tuple[int, ...], Pairs, Pairs, list[tuple[str, int, int]]]] = {
    "n": (
        (7, 7, 1, 5, 9),
        [(0, 2), (3, 4)],
        [(0, 1), (1, 3), (2, 4)],
        [("end", 2, 4), ("ally", 2, 3), ("part", 3, 4), ("ally", 1, 4), ("ally", 0, 4)],
    ),
    "h": (
        (8, 9, 8, 8, 9),
        [(0, 2), (0, 4)],
        [(0, 1), (1, 3), (2, 3)],
        [("ally", 1, 4), ("ally", 1, 2), ("end", 1, 3), ("end", 0, 1), ("ally", 0, 3)],
    ),
    "b": (
        (2, 3, 7, 6, 4),
        [(0, 4), (1, 2)],
        [(1, 4), (2, 4)],
        [("ally", 0, 1), ("end", 2, 4), ("part", 2, 1), ("ally", 1, 3)],
    ),
    "c": (
        (3, 4, 5, 8, 9),
        [(1, 4)],
        [(0, 1), (0, 2), (3, 4)],
        [("ally", 1, 3), ("ally", 2, 4), ("ally", 1, 2), ("ally", 0, 4)],
    ),
}
"""Strengths, alliances, rivalries and menus of the planning cases; ``end`` ends a rivalry."""


def games() -> Values:
    """Known games: gloves, runways, the Security Council, and one given set by set."""
    pairs = room.interaction(_glove, 3)
    security_council = room.shapley(
        lambda mask: float(mask[:5].all() and mask.sum() >= 9),  # five must, nine in all
        15,
    )
    return {
        "glove": _tuple(room.shapley(_glove, 3)),
        "glove_pairs": (float(pairs[0, 1]), float(pairs[0, 2]), float(pairs[1, 2])),
        "glove_01_2": _tuple(room.owen(_glove, [[0, 1], [2]])),
        "glove_0_12": _tuple(room.owen(_glove, [[0], [1, 2]])),
        "runway_four": _tuple(room.shapley(_runway((8, 11, 13, 18)), 4)),
        "runway_six": _tuple(room.shapley(_runway((40, 50, 60, 70, 80, 90)), 6)),
        "council": (float(security_council[0]), float(security_council[-1])),
        "three": _tuple(room.shapley(np.array([0, 0, 0, 1, 0, 2, 3, 7.5]), 3)),
    }


def lenses() -> Values:
    """Parts of ties in the security that two lenses see."""
    links = [(0, 1), (0, 2), (1, 2), (3, 4), (3, 5), (4, 5), (2, 3)]
    strength = [3, 2, 2, 4, 1, 1]

    def margin_of_2(mask: Bools) -> float:
        allies = _graph(6, itertools.compress(links, mask))
        return float(margin(allies, strength, 1.2, "star")[2])

    def payoffs(mask: Bools) -> Floats:
        allies = _graph(3, itertools.compress([(0, 1)], mask[:1]))
        enemies = _graph(3, itertools.compress([(1, 2)], mask[1:]))
        return equilibrium(allies, enemies, beta=0.2, gamma=0.1).payoff

    triad = room.shapley(payoffs, 2)
    return {
        "margin": (margin_of_2(np.zeros(7, bool)), margin_of_2(np.ones(7, bool))),
        "links": _tuple(room.shapley(margin_of_2, 7)),
        "alliance": _tuple(triad[0]),
        "enmity": _tuple(triad[1]),
    }


def networks() -> Values:
    """Stable and efficient networks of the connections and the co-author model."""
    settings = [(4, 0.5, c) for c in (0.2, 0.3, 0.6, 0.8)]
    settings += [(5, 0.5, c) for c in (0.2, 0.3, 0.7)] + [(5, 0.8, 0.9)]
    values: dict[str, Value] = {}
    cycles, moves = 0, set[tuple[int, int]]()
    for n, delta, cost in settings:
        resting = room.stability(_connected(delta, cost), n)
        name = f"connections_{n}_{round(delta * 10)}_{round(cost * 10)}"
        values[name] = (float(len(resting.stable)), resting.total)
        cycles += len(resting.cycles)
        moves.add((n, resting.moves))
    for n in (3, 4, 5):
        resting = room.stability(room.coauthors, n)
        complete = {len(network) for network in resting.stable} == {n * (n - 1) // 2}
        values[f"coauthors_{n}"] = (float(len(resting.stable) * complete), resting.total)
    values["cycles"] = cycles
    values["moves"] = tuple(float(count) for _, count in sorted(moves))
    return values


def cascades() -> Values:
    """A club of five against a foe, and debtors who clear."""
    everybody = np.ones(5, dtype=bool)
    without = np.array([False, True, True, True, True])
    chain = np.zeros((4, 4))
    chain[0, 1], chain[1, 2], chain[2, 3] = 10, 8, 6
    ring = [[0, 6, 3, 0], [2, 0, 4, 1], [1, 3, 0, 4], [2, 0, 1, 0]]
    along = room.clearing(chain, [4, 1, 1, 0])
    around = room.clearing(ring, [1, 0.5, 2, 1.5])
    return {
        "security": _tuple(_club_security(everybody)),
        "worth": _tuple(_club_worth(everybody)),
        "worth_without": _tuple(_club_worth(without)[1:]),
        "order": _tuple(room.membership(_club_worth, 11).order),
        "left": tuple(
            float(room.membership(_club_worth, cost, first=first).members.sum())
            for cost, first in ((10, ()), (11, ()), (6, (0,)), (7, (0,)))
        ),
        "chain": _tuple(along.payments),
        "chain_defaults": _tuple(itertools.chain(*along.rounds)),
        "ring": _tuple(around.payments),
        "ring_defaults": _tuple(itertools.chain(*around.rounds)),
    }


def planning() -> Values:
    """The planning cases: securities, who loses, the smallest bargain, and the steps."""
    values: dict[str, Value] = {}
    for name, (_, _, _, menu) in CASES.items():
        security = _planned(name)
        values[f"{name}_start"] = _tuple(security(frozenset()))
        values[f"{name}_target"] = _tuple(security(frozenset(range(len(menu)))))
        route = room.search(menu, security)
        if route.losers:
            values[f"{name}_losers"] = _tuple(route.losers)
        else:
            values[f"{name}_bargain"] = route.bargain_size or 0
            values[f"{name}_steps"] = _tuple(itertools.chain(*route.steps))
    start = _planned("h")(frozenset())
    values["h_orders"] = sum(
        all(
            (_planned("h")(frozenset(order[: k + 1])) >= start - 1e-9).all()
            for k in range(len(order))
        )
        for order in itertools.permutations(range(5))
    )
    return values


def _glove(mask: Bools) -> float:
    return float(min(int(mask[0]), int(mask[1:].sum())))


def _runway(costs: tuple[int, ...]) -> Callable[[Bools], float]:
    return lambda mask: float(max(itertools.compress(costs, mask), default=0))


def _connected(delta: float, cost: float) -> Callable[[Floats], Floats]:
    return lambda links: room.connections(links, delta=delta, cost=cost)


def _club_security(mask: Bools) -> Floats:
    """Margin times strength of a club of 10, 4, 3, 2, 1 and of 9, the rival of the last four."""
    strength = np.array([10.0, 4, 3, 2, 1, 9])
    allies = _graph(6, itertools.combinations(np.flatnonzero(mask).tolist(), 2))
    rivals = _graph(6, [(5, i) for i in (1, 2, 3, 4)])
    security: Floats = rival_margin(allies, strength, rivals) * strength.sum()
    return security


def _club_worth(mask: Bools) -> Floats:
    """What membership is worth: security with it less security without it."""
    worth, together = np.zeros(5), _club_security(mask)
    for i in np.flatnonzero(mask).tolist():
        alone = mask.copy()
        alone[i] = False
        worth[i] = together[i] - _club_security(alone)[i]
    return worth


def _planned(name: str) -> Callable[[frozenset[int]], Floats]:
    strength, allied, hostile, menu = CASES[name]
    n, m = len(strength), np.array(strength, dtype=np.float64)

    def security(done: frozenset[int]) -> Floats:
        allies, rivals = _graph(n, allied), _graph(n, hostile)
        for act, i, j in (menu[item] for item in done):
            table = rivals if act == "end" else allies
            table[i, j] = table[j, i] = float(act == "ally")
        value: Floats = rival_margin(allies, m, rivals) * m.sum()
        return value

    return security


def _graph(n: int, pairs: Pairs) -> Floats:
    network = np.zeros((n, n))
    for i, j in pairs:
        network[i, j] = network[j, i] = 1.0
    return network


def _tuple(numbers: Any) -> tuple[float, ...]:
    return tuple(float(x) for x in numbers)


GROUPS = {
    "games": games,
    "lenses": lenses,
    "networks": networks,
    "cascades": cascades,
    "planning": planning,
}
"""What computes the cases ``transition.GROUP.NAME``."""
