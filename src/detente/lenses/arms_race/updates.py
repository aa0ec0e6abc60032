"""Changes of rivalries, grouped so that each group is one small update of the inverse."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats, Ints, Moves


def grouped(rivals: Floats, moves: Moves) -> list[tuple[Ints, Ints, Floats]]:
    """Sort the changes that edit rivalries by how many states they touch.

    Each group: the changes (m,), the states they touch (m, q), and by how much the rivalries
    among those change (m, q, q).
    """
    groups: dict[int, list[tuple[int, list[int], Floats]]] = defaultdict(list)
    for k in range(len(moves)):
        after = {(min(i, j), max(i, j)): rival for i, j, _, rival in moves.edits(k)}
        edits = {pair: r - rivals[pair] for pair, r in after.items() if r != rivals[pair]}
        if not edits:
            continue
        states = sorted({i for pair in edits for i in pair})
        place = {state: q for q, state in enumerate(states)}
        edit = np.zeros((len(states), len(states)))
        for (i, j), difference in edits.items():
            edit[place[i], place[j]] = edit[place[j], place[i]] = difference
        groups[len(states)].append((k, states, edit))
    return [
        (
            np.array([g[0] for g in group]),
            np.array([g[1] for g in group]),
            np.array([g[2] for g in group]),
        )
        for group in groups.values()
    ]


def below_one(core: Floats, c: Floats) -> NDArray[np.bool_]:
    """Whether all eigenvalues of ``c @ core`` lie below 1: whether the race stays stable.

    `core` is positive definite, so they are those of L'cL with its Cholesky factor L.
    """
    factor = np.linalg.cholesky(core)
    largest = np.linalg.eigvalsh(np.swapaxes(factor, 1, 2) @ c @ factor)[:, -1]
    contracts: NDArray[np.bool_] = largest < 1.0
    return contracts
