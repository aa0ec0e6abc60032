"""Values of the lens `war_stability`: the theorem on small networks, and worked examples."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

import numpy as np

from detente.architecture.system import Floats
from detente.lenses import war_stability as lens
from detente.reproduce.values import Value, Values

STRENGTHS = ((1, 1, 1, 1), (1, 2, 3, 4), (5, 1, 1, 1), (1, 1, 3, 3), (8, 4, 2, 1))
ADVANTAGES = (0.5, 0.8, 1.0, 1.5, 2.5, 4.0)


def theorem() -> Values:
    """Count the war-stable networks with an alliance, over all networks of 3 and 4 states."""
    return {
        reading: sum(
            bool(lens.war_stable(allies, strength[:n], advantage, reading))
            for n in (3, 4)
            for allies in _graphs_with_an_alliance(n)
            for strength in STRENGTHS
            for advantage in ADVANTAGES
        )
        for reading in ("star", "clique")
    }


def empty_network() -> Values:
    """Count the random cases in which the criterion for the empty network is wrong."""
    wrong = 0
    for n in (2, 3, 4, 6):
        rng = np.random.default_rng(n)
        for _ in range(125):
            strength, advantage = rng.uniform(0.3, 1.0, n), float(rng.uniform(0.8, 6.0))
            ordered = np.sort(strength)[::-1]
            attack = ordered[0] + (ordered[1] if n > 2 else 0.0)
            criterion = bool(attack <= advantage * ordered[-1])
            wrong += criterion != bool(lens.war_stable(np.zeros((n, n)), strength, advantage))
    return {"mismatches": wrong}


def path() -> Values:
    """J1: a path of four equal states."""
    graph = _graph(4, [(0, 1), (1, 2), (2, 3)])
    return {
        "critical": _critical(graph, np.ones(4)),
        "vulnerable": _vulnerable(graph, np.ones(4), 1.0),
    }


def two_triangles() -> Values:
    """J2: two triangles with a bridge, unequal strengths."""
    graph = _graph(6, [(0, 1), (0, 2), (1, 2), (3, 4), (3, 5), (4, 5), (2, 3)])
    strength = np.array([3.0, 2, 2, 4, 1, 1])
    return {
        "critical": _critical(graph, strength),
        "vulnerable": _vulnerable(graph, strength, 1.2),
    }


def star() -> Values:
    """J3: a hub with four leaves, unequal strengths."""
    graph = _graph(5, [(0, i) for i in range(1, 5)])
    strength = np.array([5.0, 2, 2, 1, 1])
    return {
        "critical": _critical(graph, strength),
        "vulnerable": _vulnerable(graph, strength, 1.5),
    }


def petersen() -> Values:
    """J4: how many of ten equal states are vulnerable in the Petersen graph."""
    graph, strength = _regular()["petersen"], np.ones(10)
    return {
        f"{reading}_{name}": int(lens.vulnerable(graph, strength, advantage, reading).sum())
        for reading in ("star", "clique")
        for name, advantage in (("below", 1.3), ("equal", 4 / 3))
    }


def least_advantage() -> Values:
    """Least advantage at which nobody is vulnerable, as it stands and with any added alliance."""
    advantages: dict[str, Value] = {}
    for name, graph in _regular().items():
        alone, joined = _least(graph)
        advantages |= {f"{name}_alone": alone, f"{name}_joined": joined}
    return advantages


def _least(graph: Floats) -> tuple[float, float]:
    strength = np.ones(len(graph))
    alone = float(lens.critical_advantage(graph, strength).max())
    joined = alone
    for j, k in itertools.combinations(range(len(graph)), 2):
        if not graph[j, k]:
            more = graph.copy()
            more[j, k] = more[k, j] = 1.0
            joined = max(joined, float(lens.critical_advantage(more, strength).max()))
    return alone, joined


def _critical(graph: Floats, strength: Floats) -> tuple[float, ...]:
    return tuple(lens.critical_advantage(graph, strength).tolist())


def _vulnerable(graph: Floats, strength: Floats, advantage: float) -> tuple[float, ...]:
    return tuple(np.flatnonzero(lens.vulnerable(graph, strength, advantage)).tolist())


def _regular() -> dict[str, Floats]:
    petersen = (
        _ring(5) + [(i, i + 5) for i in range(5)] + [(5 + i, 5 + (i + 2) % 5) for i in range(5)]
    )
    return {
        "petersen": _graph(10, petersen),
        "heawood": _graph(14, _ring(14) + [(i, (i + 5) % 14) for i in range(0, 14, 2)]),
        "k4": _graph(4, itertools.combinations(range(4), 2)),
        "c6": _graph(6, _ring(6)),
    }


def _ring(n: int) -> list[tuple[int, int]]:
    return [(i, (i + 1) % n) for i in range(n)]


def _graphs_with_an_alliance(n: int) -> Iterator[Floats]:
    pairs = list(itertools.combinations(range(n), 2))
    for bits in itertools.product((0, 1), repeat=len(pairs)):
        if any(bits):
            yield _graph(n, [pair for pair, there in zip(pairs, bits, strict=True) if there])


def _graph(n: int, pairs: Iterable[tuple[int, int]]) -> Floats:
    graph = np.zeros((n, n))
    for i, j in pairs:
        graph[i, j] = graph[j, i] = 1.0
    return graph


GROUPS = {
    "theorem": theorem,
    "empty_network": empty_network,
    "path": path,
    "two_triangles": two_triangles,
    "star": star,
    "petersen": petersen,
    "least_advantage": least_advantage,
}
"""What computes the cases ``war_stability.GROUP.NAME``."""
