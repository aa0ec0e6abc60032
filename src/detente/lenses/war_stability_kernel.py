"""Compiled kernels of the lens `war_stability`: what many changes of ties do to every margin.

Each kernel walks through the changes one at a time: it applies the edits to tables of its own,
recomputes the margins that the edits can touch, reduces the differences to verdicts, and puts
back the saved entries themselves, so that nothing drifts from one change to the next. The plain
twins are `Lens.deltas` and `reduce_deltas`, which start again from the formulas for each change.

All buffers belong to the call and the kernels release the interpreter's lock: any number of
threads may run them at once.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from detente.architecture.system import Floats, Ints

Changes = tuple[Ints, Ints, Ints, Floats, Floats, Ints, Ints]
"""The arrays of `Moves`: ptr, first, second, ally, rival, actor_ptr, actor."""

Verdicts = tuple[Floats, Floats, Floats, Floats, Floats, Ints, Floats, NDArray[np.int8]]
"""Outputs, filled with zeros by the caller: table (m, n) or (0, n) if the deltas are not asked
for, least, desire, gain, loss (m,), harmed (m,), pays (n, n), sign (m, n) or (0, n)."""


@njit(cache=True, nogil=True)
def _reduce(
    k: int,
    who: Ints,
    touched: Ints,
    delta: Floats,
    tolerance: float,
    verdicts: Verdicts,
) -> None:
    """Reduce the deltas of change `k` to its verdicts; `delta` is zero outside `touched`."""
    table, least, desire, gain, loss, harmed, pays, sign = verdicts
    if table.shape[0]:
        for s in touched:
            table[k, s] = delta[s]
    lowest, wish = np.inf, 0.0
    for i in who:
        lowest = min(lowest, delta[i])
        wish += delta[i]
    least[k], desire[k] = lowest, wish
    won, lost, losers = 0.0, 0.0, 0
    for s in touched:
        d = delta[s]
        if d > 0:
            won += d
        else:
            lost -= d
        if d < -tolerance:
            losers += 1
    gain[k], loss[k], harmed[k] = won, lost, losers
    if sign.shape[0]:
        for s in touched:
            if delta[s] < -tolerance:
                sign[k, s] = -1
            elif delta[s] > tolerance:
                sign[k, s] = 1
    if losers and who.size and lowest > tolerance:
        for s in touched:
            if delta[s] < -tolerance:
                for i in who:
                    pays[s, i] -= delta[s] / who.size


# The terms may be added in any order: eight at a time instead of one after the other.
@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _rival_attack(i: int, j: int, w: Floats, reach: Floats) -> float:
    """Return the strength that j and those of its allies who are not i's bring against i."""
    total: float = reach[i, j]
    for k in range(w.shape[0]):
        total += w[j, k] * (1.0 - w[i, k]) * reach[i, k]
    return total


@njit(cache=True, nogil=True)
def rival_changes(
    allies: Floats,
    rivals: Floats,
    reaching: Floats,
    strength: Floats,
    advantage: float,
    tolerance: float,
    changes: Changes,
    verdicts: Verdicts,
) -> None:
    """Judge every change under the rival reading.

    Parameters
    ----------
    allies, rivals : array (n, n)
        Weights of the alliances, and 1.0 for rivals; symmetric, zero diagonal.
    reaching : array (n, n)
        E[i, k]: what k can bring to bear at the place of i; zero diagonal.
    strength : array (n,)
        Strength at home; its sum is positive.
    advantage, tolerance : float
        The defender's advantage; the delta below which nobody is harmed.
    changes, verdicts : tuples of arrays
        See `Changes` and `Verdicts`.
    """
    ptr, first, second, ally, rival, actor_ptr, actor = changes
    n = strength.size
    total = strength.sum()
    w = allies.copy()
    # The enemies of i are enemy[i, :enemies[i]], in any order.
    enemy0, enemies0 = np.zeros((n, n), np.int64), np.zeros(n, np.int64)
    defence0, attack0 = strength.copy(), np.zeros((n, n))
    for i in range(n):
        for k in range(n):
            defence0[i] += w[i, k] * reaching[i, k]
            if rivals[i, k] > 0:
                enemy0[i, enemies0[i]] = k
                enemies0[i] += 1
                attack0[i, k] = _rival_attack(i, k, w, reaching)
    enemy, enemies = enemy0.copy(), enemies0.copy()
    defence, attack, hostile = defence0.copy(), attack0.copy(), rivals.copy()

    before, delta = np.zeros(n), np.zeros(n)
    touched, is_touched = np.empty(n, np.int64), np.zeros(n, np.bool_)
    edited, is_edited = np.empty(n, np.int64), np.zeros(n, np.bool_)
    pair = np.empty(2, np.int64)
    for k in range(-1, ptr.size - 1):
        count = ends = 0
        flipped = False
        if k < 0:  # no change: the margins as they are, by the same code
            for i in range(n):
                touched[i] = i
            count = n
        else:
            for e in range(ptr[k], ptr[k + 1]):
                pair[0], pair[1] = first[e], second[e]
                step = ally[e] - w[pair[0], pair[1]]
                flip = (rival[e] > 0) != (hostile[pair[0], pair[1]] > 0)
                if step == 0.0 and not flip:
                    continue
                for side in range(2):
                    x, y = pair[side], pair[1 - side]
                    if not is_edited[x]:
                        is_edited[x] = True
                        edited[ends] = x
                        ends += 1
                    if not is_touched[x]:
                        is_touched[x] = True
                        touched[count] = x
                        count += 1
                    if step == 0.0:
                        continue
                    defence[x] += step * reaching[x, y]
                    for slot in range(enemies[x]):
                        z = enemy[x, slot]
                        # y stays out of z's attack on x as far as it is x's ally ...
                        attack[x, z] -= w[y, z] * step * reaching[x, y]
                        # ... and joins x's attack on z as far as it is not z's ally.
                        attack[z, x] += step * (1.0 - w[y, z]) * reaching[z, y]
                        if not is_touched[z]:
                            is_touched[z] = True
                            touched[count] = z
                            count += 1
                w[pair[0], pair[1]] = w[pair[1], pair[0]] = ally[e]
                if flip:
                    flipped = True
                    hostile[pair[0], pair[1]] = hostile[pair[1], pair[0]] = rival[e]
                    for side in range(2):
                        x, y = pair[side], pair[1 - side]
                        if rival[e] > 0:
                            enemy[x, enemies[x]] = y
                            enemies[x] += 1
                            attack[x, y] = _rival_attack(x, y, w, reaching)
                        else:
                            slot = 0
                            while enemy[x, slot] != y:
                                slot += 1
                            enemies[x] -= 1
                            enemy[x, slot] = enemy[x, enemies[x]]

        for t in range(count):
            i = touched[t]
            lowest = advantage * defence[i]
            for slot in range(enemies[i]):
                j = enemy[i, slot]
                held = defence[i] - w[i, j] * reaching[i, j]
                lowest = min(lowest, advantage * held - attack[i, j])
            delta[i] = lowest / total - before[i]

        if k < 0:
            before[:] = delta
        else:
            who = actor[actor_ptr[k] : actor_ptr[k + 1]]
            _reduce(k, who, touched[:count], delta, tolerance, verdicts)
        for t in range(count):
            delta[touched[t]] = 0.0
            is_touched[touched[t]] = False
        if ends == 0:
            continue
        for e in range(ptr[k], ptr[k + 1]):
            a, b = first[e], second[e]
            w[a, b] = w[b, a] = allies[a, b]
            if flipped:
                hostile[a, b] = hostile[b, a] = rivals[a, b]
        for t in range(ends):
            x = edited[t]
            is_edited[x] = False
            defence[x] = defence0[x]
            if flipped:
                enemies[x] = enemies0[x]
                for slot in range(enemies0[x]):
                    enemy[x, slot] = enemy0[x, slot]
            for slot in range(enemies0[x]):
                z = enemy0[x, slot]
                attack[x, z], attack[z, x] = attack0[x, z], attack0[z, x]
