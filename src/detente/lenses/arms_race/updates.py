"""Changes of rivalries, grouped so that each group is one small update of the inverse."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats, Ints, Moves
from detente.lenses.protocol import Values


def many_deltas(
    rivals: Floats, moves: Moves, values: Values, root: Floats, inverse: Floats
) -> Floats:
    """Return what each change gives to each state, array (m, n).

    Parameters
    ----------
    rivals : array (n, n)
        Weights of the rivalries before any change.
    moves : Moves
        The changes.
    values : mapping
        Values of the parameters.
    root : array (n,)
        Square roots of the shares of capability.
    inverse : array (n, n)
        That of fatigue - k S, with S = sqrt(s_i s_j) rival_ij.
    """
    k = values["reaction"]
    effort = inverse @ (values["fatigue"] * root)
    differences = np.zeros((len(moves), len(rivals)))
    for which, states, edit in grouped(rivals, moves):
        # rows: changes; u: positions of the edited states; c: k times the edit of S
        u, c = states, k * edit * root[states][:, :, None] * root[states][:, None, :]
        core = inverse[u[:, :, None], u[:, None, :]]
        stable = below_one(core, c)
        eye = np.eye(u.shape[1])
        safe = np.where(stable[:, None, None], c, 0.0)
        push = np.linalg.solve(eye - safe @ core, safe @ effort[u][:, :, None])
        shift = np.einsum("mqn,mq->mn", inverse[u], push[:, :, 0])
        threat = (root * shift) @ rivals
        after = (root * (effort + shift))[np.arange(len(u))[:, None], u]
        rows = np.arange(len(u))[:, None]
        threat[rows, u] += (edit @ after[:, :, None])[:, :, 0]
        threat[~stable] = np.nan
        differences[which] = 0.0 - k * threat
    return differences


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
