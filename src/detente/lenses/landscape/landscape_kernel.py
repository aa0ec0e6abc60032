"""Compiled loops of the landscape lens: every configuration, the lowest pass, the present sides.

Plain twins stand in `landscape.configurations` (`descend`, `alignments`); tests hold them equal.
Configuration c of n states puts state i > 0 on side 1 where bit i - 1 of c is set; state 0 is
always on side 0, so that switching state 0 is switching all others.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats, Ints
from detente.kernels import njit

BLOCK = 4096  # configurations between two exact computations of the pulls: keeps rounding small
SLACK = 1e-12  # share of a state's ties below which a difference of pulls is rounding


@njit(cache=True, nogil=True)
def steepest(
    weights: Floats, tolerance: float, flip: NDArray[np.int8], energy: Floats
) -> tuple[int, int]:
    """Find the first step of steepest descent from each of the 2^(n-1) configurations.

    ``flip[c]`` becomes the state that it switches, -1 at a local minimum; ``energy[c]`` the
    energy, unless that array is empty. Returns the numbers of minima and of configurations.
    """
    n = weights.shape[0]
    y = np.ones(n, np.float64)
    pull = np.zeros(n, np.float64)
    total = weights.sum()
    count = 0
    for g in range(1 << (n - 1)):
        config = g ^ (g >> 1)  # Gray code: one state differs from the configuration before
        row, step = 0, 0.0
        if g % BLOCK == 0:
            for i in range(1, n):
                y[i] = 1.0 - 2.0 * ((config >> (i - 1)) & 1)
            for i in range(n):
                pull[i] = 0.0
                for j in range(n):
                    pull[i] += weights[i, j] * y[j]
        else:
            row = 1
            while not (g >> (row - 1)) & 1:
                row += 1
            y[row] = -y[row]
            step = 2.0 * y[row]
        best, which, agreement = -tolerance, -1, 0.0
        for i in range(n):
            pull[i] += step * weights[row, i]
            change = 2.0 * y[i] * pull[i]
            agreement += change
            if change < best:  # a later state must be lower by more than the tolerance
                best, which = change - tolerance, i
        flip[config] = which
        if which < 0:
            count += 1
        if energy.size:
            energy[config] = (total - agreement / 2.0) / 2.0
    return count, 1 << (n - 1)


@njit(cache=True, nogil=True)
def gather(flip: NDArray[np.int8], label: NDArray[np.int32], minima: Ints, basin: Ints) -> None:
    """Send every configuration down to its minimum.

    ``label[c]`` becomes the number of the minimum in which descent from c ends, ``minima`` the
    configurations of the minima in ascending order and ``basin`` the sizes of their basins.
    """
    everyone = len(flip) - 1
    count = 0
    for config in range(len(flip)):
        label[config] = -1
        if flip[config] < 0:
            label[config] = count
            minima[count] = config
            count += 1
    for config in range(len(flip)):
        end = config
        while label[end] < 0:
            end ^= everyone if flip[end] == 0 else 1 << (flip[end] - 1)
        goal = label[end]
        basin[goal] += 1
        lower = config
        while label[lower] < 0:  # the whole way gets the label: later descents stop sooner
            label[lower] = goal
            lower ^= everyone if flip[lower] == 0 else 1 << (flip[lower] - 1)


@njit(cache=True, nogil=True)
def flood(order: Ints, label: NDArray[np.int32], start: int, states: int) -> int:
    """Raise the water until the pool of `start` touches another basin.

    ``order`` lists the configurations by rising energy. Returns the configuration at which the
    pool first holds one of another basin than the start's, -1 if there is no other basin.
    """
    everyone = len(order) - 1
    parent = np.full(len(order), -1, np.int64)
    foreign = np.zeros(len(order), np.bool_)
    for place in range(len(order)):
        config: int = order[place]
        parent[config] = config
        foreign[config] = label[config] != label[start]
        top = config
        for i in range(states):
            other = config ^ (everyone if i == 0 else 1 << (i - 1))
            if parent[other] < 0 or other == config:
                continue
            root = _root(parent, other)
            if root != top:
                parent[root] = top
                foreign[top] |= foreign[root]
        if parent[start] >= 0 and foreign[_root(parent, start)]:
            return config
    return -1


@njit(cache=True, nogil=True)
def _root(parent: Ints, at: int) -> int:
    while parent[at] != at:
        parent[at] = parent[parent[at]]
        at = parent[at]
    return at


@njit(cache=True, nogil=True)
def burdens(
    weights: Floats, ptr: Ints, first: Ints, second: Ints, weight: Floats, out: Floats
) -> None:
    """Write each state's size times frustration at the present sides, after each of m changes.

    Change k sets ``weights`` of the pairs ``ptr[k]:ptr[k+1]`` to `weight`; afterwards they are
    as before. ``out`` is (m, n).
    """
    n = weights.shape[0]
    work = np.zeros((6, n), np.float64)  # side, pull, step, slack, burden, gain
    tags = np.zeros((5, n), np.int64)  # component, members, number of ties, frozen, movers
    tied = np.empty((n, n), np.int64)  # whom each may be tied to: a tie of weight 0 is none
    old = np.empty(len(first), np.float64)
    before = np.empty((2, len(first)), np.int64)
    ties = tags[2]
    for i in range(n):
        for j in range(n):
            if weights[i, j] != 0.0:
                tied[i, ties[i]] = j
                ties[i] += 1
    for k in range(len(ptr) - 1):
        for e in range(ptr[k], ptr[k + 1]):
            i, j = first[e], second[e]
            before[0, e], before[1, e] = ties[i], ties[j]
            old[e] = weights[i, j]
            if weight[e] != 0.0 and not _among(tied[i, : ties[i]], j):
                tied[i, ties[i]] = j
                ties[i] += 1
                tied[j, ties[j]] = i
                ties[j] += 1
            weights[i, j] = weights[j, i] = weight[e]
        _burden(weights, work, tags, tied, out[k])
        for e in range(ptr[k + 1] - 1, ptr[k] - 1, -1):
            i, j = first[e], second[e]
            weights[i, j] = weights[j, i] = old[e]
            ties[i], ties[j] = before[0, e], before[1, e]


@njit(cache=True, nogil=True)
def _among(states: Ints, one: int) -> bool:
    for state in states:  # noqa: SIM110 - any() over a generator does not compile
        if state == one:
            return True
    return False


@njit(cache=True, nogil=True)
def _burden(weights: Floats, work: Floats, tags: Ints, tied: Ints, out: Floats) -> None:
    n = weights.shape[0]
    component, queue, ties, frozen = tags[0], tags[1], tags[2], tags[3]
    slack, burden = work[3], work[4]
    component[:] = -1
    frozen[:] = 1
    out[:] = 0.0
    for seed in range(n):
        if component[seed] >= 0:
            continue
        component[seed] = seed
        queue[0] = seed
        head, tail = 0, 1
        lowest = 0.0
        while head < tail:
            i = queue[head]
            head += 1
            slack[i] = 0.0
            for e in range(ties[i]):
                j = tied[i, e]
                w = weights[i, j]
                if w != 0.0:
                    slack[i] += SLACK * abs(w)
                    lowest = min(lowest, w)
                    if component[j] < 0:
                        component[j] = seed
                        queue[tail] = j
                        tail += 1
        if lowest == 0.0:
            continue  # nobody here has a rival: all on one side, no frustration
        members = queue[:tail]
        burden[:] = 0.0
        anchors = 0
        for a in members:
            for e in range(ties[a]):
                b = tied[a, e]
                if a < b and weights[a, b] <= lowest * (1.0 - SLACK):
                    anchors += 1
                    _align(weights, members, a, b, work, tags, tied)
        for i in members:
            out[i] = burden[i] / anchors


@njit(cache=True, nogil=True)
def _align(
    weights: Floats, members: Ints, a: int, b: int, work: Floats, tags: Ints, tied: Ints
) -> None:
    side, pull, step, slack, burden, gain = work[0], work[1], work[2], work[3], work[4], work[5]
    ties, frozen, movers = tags[2], tags[3], tags[4]
    gain[:] = 0.0  # what the energy falls by if this state moves; 0 where it may not or would not
    for i in members:
        side[i] = step[i] = 0.0
        frozen[i] = 0
        pull[i] = weights[i, a] - weights[i, b]
    side[a], side[b] = 1.0, -1.0
    widest = 0.0
    for i in members:
        gain[i] = _gain(side[i], pull[i], slack[i])
        widest = max(widest, slack[i])
    while True:
        best = _largest(gain)
        if best <= 0.0:
            break
        moving, top = _close(gain, best - 4.0 * widest)
        if moving == 1:  # nearly always
            movers[0] = top
            step[top] = (1.0 if pull[top] > 0.0 else -1.0) - side[top]
        else:
            top, moving = 0, 0
            while gain[top] < best:
                top += 1
            near = best - 4.0 * slack[top]
            for i in members:
                if gain[i] > 0.0 and (gain[i] >= near or gain[i] >= best - 4.0 * slack[i]):
                    step[i] = (1.0 if pull[i] > 0.0 else -1.0) - side[i]
                    movers[moving] = i
                    moving += 1
            for i in movers[:moving]:
                for e in range(ties[i]):
                    j = tied[i, e]
                    if step[i] * step[j] * weights[i, j] < 0.0:
                        frozen[i] = 1
        for i in movers[:moving]:
            move = -side[i] if frozen[i] else step[i]
            step[i] = 0.0
            side[i] += move
            for e in range(ties[i]):
                j = tied[i, e]
                pull[j] += weights[i, j] * move
                gain[j] = 0.0 if frozen[j] else _gain(side[j], pull[j], slack[j])
            gain[i] = 0.0 if frozen[i] else _gain(side[i], pull[i], slack[i])
    for i in members:
        frozen[i] = 1
        for e in range(ties[i]):
            j = tied[i, e]
            burden[i] += weights[i, j] * (1.0 - side[i] * side[j]) / 2.0


@njit(cache=True, nogil=True)
def _gain(side: float, pull: float, slack: float) -> float:
    if side * pull <= 0.0 and abs(pull) > slack:
        return abs(pull) - side * pull
    return 0.0


@njit(cache=True, nogil=True, fastmath={"nnan", "nsz"})  # what a vectorised maximum needs
def _largest(gain: Floats) -> float:
    best = 0.0
    for i in range(len(gain)):
        best = max(best, gain[i])
    return best


@njit(cache=True, nogil=True)
def _close(gain: Floats, bound: float) -> tuple[int, int]:
    """Count the gains of at least `bound`; the second number is the place if there is one."""
    count, place = 0, 0
    for i in range(len(gain)):
        if gain[i] >= bound:
            count += 1
            place += i
    return count, place
