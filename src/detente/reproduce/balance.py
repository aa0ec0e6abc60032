"""Values of the lens `balance`: Highland tribes, relations among states, provable families."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from detente.architecture.system import Floats
from detente.lenses import balance as lens
from detente.reproduce.tables import signed_network
from detente.reproduce.values import Value, Values


def highland() -> Values:
    """All measures of the Highland tribes."""
    names, signed = signed_network("highland_tribes")
    index = lens.frustration_index(signed)
    side = np.where(index.partition == 1, -1.0, 1.0)
    camps = [[n for n, s in zip(names, index.partition, strict=True) if s == c] for c in (0, 1)]
    hit = np.argwhere(np.triu(signed * np.outer(side, side)) < 0)
    return {
        **_size(signed),
        "index": _index(index),
        "normalized": index.normalized,
        "sides": " against ".join(", ".join(camp) for camp in sorted(camps, key=len)),
        "frustrated": ", ".join(f"{names[i]}–{names[j]}" for i, j in hit),
        "triangles": _triangles(signed),
        "triangle_index": lens.triangle_index(signed),
        "walk_balance": lens.walk_balance(signed),
        "algebraic_conflict": lens.algebraic_conflict(signed),
    }


def relations(window: str) -> Values:
    """Size, frustration index and triangle index of the states' relations in a window."""
    _, signed = signed_network(f"cow_signed_{window}")
    return {
        **_size(signed),
        "index": _index(lens.frustration_index(signed)),
        "triangle_index": lens.triangle_index(signed),
    }


def families() -> Values:
    """Frustration indices that can be proven by hand."""
    return {
        "all_enemies": _indices(*(np.eye(n) - 1 for n in (3, 4, 5, 6, 7))),
        "odd_cycles": _indices(*(_cycle(n, negative) for n in (3, 4, 17) for negative in (1, 3))),
        "even_cycles": _indices(*(_cycle(n, negative) for n in (3, 4, 17) for negative in (0, 2))),
        "bipartite": _indices(*(_enemy_camps(a, b) for a, b in ((1, 1), (2, 3), (10, 12)))),
    }


def _index(found: lens.FrustrationIndex) -> float:
    if found.index is None:
        raise ValueError("the frustration index was not proven")
    return found.index


def _indices(*graphs: Floats) -> tuple[float, ...]:
    return tuple(_index(lens.frustration_index(graph)) for graph in graphs)


def _size(signed: Floats) -> dict[str, Value]:
    upper = np.triu(signed)
    return {"size": (len(signed), float((upper != 0).sum()), float((upper < 0).sum()))}


def _triangles(signed: Floats) -> tuple[float, ...]:
    """Return the number of triangles with three, two, one and no positive edges."""
    positive, negative = (signed > 0).astype(float), (signed < 0).astype(float)
    pp, nn = positive @ positive, negative @ negative
    return (
        float((pp * positive).sum() / 6),
        float((pp * negative).sum() / 2),
        float((nn * positive).sum() / 2),
        float((nn * negative).sum() / 6),
    )


def _cycle(n: int, negative: int) -> Floats:
    signed = np.zeros((n, n))
    for k in range(n):
        signed[k, (k + 1) % n] = signed[(k + 1) % n, k] = -1.0 if k < negative else 1.0
    return signed


def _enemy_camps(a: int, b: int) -> Floats:
    signed = np.zeros((a + b, a + b))
    signed[:a, a:] = signed[a:, :a] = -1.0
    return signed


GROUPS: dict[str, Callable[[], Values]] = {
    "highland": highland,
    "relations_1946": partial(relations, "1946_1949"),
    "relations_1960": partial(relations, "1960_1963"),
    "relations_1976": partial(relations, "1976_1979"),
    "families": families,
}
"""What computes the cases ``balance.GROUP.NAME``."""
